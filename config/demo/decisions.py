"""What the committee decided on policy today, by its clerk: a second, small policy; the secretaries are told."""

from datetime import date, datetime

from config.demo.people import COMMITTEE
from duties.notices.decisions import tell
from duties.notices.models import Decision
from duties.policy.deciding import adopt_policy
from duties.policy.packs import load_pack
from members.accounts import DEMO_PREFIX
from members.models import Account, Organisation

SECOND = "fisheries-county"


def enter_decisions(*, today: date, now: datetime) -> None:
    """Enter it; the sweep after it opens the duties, the outbox tells who decides below."""
    by = Account.objects.select_related("person").get(username=f"{DEMO_PREFIX}clerk")
    here = Organisation.objects.get(code=COMMITTEE)
    common = {"by": by, "organisation": here, "policy": load_pack(SECOND), "today": today}
    adopt_policy(**common, since=today)
    tell(Decision.Act.ADOPT, **common, on=today, now=now)
