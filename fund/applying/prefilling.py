"""What an application begins with: facts that were typed already, in the register of difficulties."""

from datetime import date

from base import audit
from care.codes import AidForm, Cause
from care.models import Entry, RegisterCode
from care.permissions import reads_private
from fund.applying.filing import Content
from fund.applying.flags import kinds_on
from members.enums import SENSITIVE_CATEGORIES, Capability
from members.models import Membership


def known_content(account, stay: Membership, day: date) -> Content:
    """Household, income, help received and causes as the running entry has them; empty without one.

    Household and income are private facts of the entry: for those who read these, and for the member, who told them.
    Nothing else of the private facts goes into an application. Reading them is audited.
    """
    entry = _entry_of(stay, day)
    if entry is None:
        return Content()
    content = Content(
        reason=_causes(entry),
        helped="、".join(AidForm(each["kind"]).label for each in entry.facts.get("benefits") or ()),
    )
    if account.person_id == stay.person_id or reads_private(account, entry, stay.path):
        audit.write(audit.Act.READ, f"entry:{entry.pk}", field="family")
        content.own_income = entry.private.get("own_income")
        content.family = entry.private.get("family") or []
    return content


def known_causes(stay: Membership, day: date) -> str:
    """The causes of the running entry in a sentence; empty without one."""
    entry = _entry_of(stay, day)
    return _causes(entry) if entry else ""


def _entry_of(stay: Membership, day: date) -> Entry | None:
    rows = Entry.objects.running(day).filter(person=stay.person_id, register=RegisterCode.DIFFICULTY)
    return rows.order_by("-since", "-pk").first()


def _causes(entry: Entry) -> str:
    named = (each for each in entry.facts.get("causes", ()) if each in Cause.values and each != Cause.OTHER)
    words = "、".join(Cause(each).label for each in named)
    return f"{words}。" if words else ""


def kinds_shown(account, stay: Membership, day: date) -> set[str]:
    """The categories of care by which classes are offered first: the sensitive ones only to those who see their basis,
    and never to oneself.
    """
    kinds = kinds_on(stay.person_id, day)
    own = account.person_id == stay.person_id
    if not own and account.scope.may(Capability.SENSITIVE, stay.path):
        return kinds
    return kinds - {str(each) for each in SENSITIVE_CATEGORIES}
