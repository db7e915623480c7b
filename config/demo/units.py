"""责任分工 of the demo: who leads and who assists under the policy of the committee."""

from datetime import date

from config.demo.people import COMMITTEE
from duties.policy.models import Policy
from duties.policy.units import Units, digest, set_units
from members.accounts import DEMO_PREFIX
from members.models import Account, Organisation

LEAD = "党委组织部"
ASSIST = {
    "2": ("党委办公室", "党委宣传部"), "2-1d": ("离退休处",), "3": ("党委宣传部", "人事处"), "6": ("工会", "人事处"),
    "7": ("离退休处", "工会"), "11": ("人事处", "财务处", "工会"), "10-1": ("工会",),
}  # fmt: skip
"""Who assists the department, by clause."""


def enter_units(*, policy: str, today: date) -> None:
    """Set them as the clerk would."""
    by = Account.objects.select_related("person").get(username=f"{DEMO_PREFIX}clerk")
    found, here = Policy.objects.get(code=policy), Organisation.objects.get(code=COMMITTEE)
    told = {
        pk: Units(LEAD, ASSIST[code]) for pk, code in found.clauses.order_by("position").values_list("pk", "code")
        if code in ASSIST
    }  # fmt: skip
    set_units(by=by, policy=found, organisation=here, told=told, seen=digest({}), today=today)
