"""Who may take back study hours and allowances, assess secretaries, and change what is kept of honours and stories."""

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef

from awards.models import Allowance, Assessment, Honour, Naming, StudySession
from awards.models.kept import Kept
from duties.engine.models import Record
from members.enums import Capability, OrganisationKind, Role
from members.models import Organisation, Post
from members.scope import path_end
from members.services import HOLDS_MEMBERS


def may_withdraw(account, session: StudySession, records: list[Record]) -> bool:
    """The writer, or a secretary of the branch or of one above it; hours of one's own never."""
    if account.person_id in {record.member_id for record in records}:
        return False
    if account.person_id is not None and {record.entered_by_id for record in records} == {account.person_id}:
        return True
    return account.scope.may(Capability.WITHDRAW, session.path)


def check_may_withdraw(account, session: StudySession, records: list[Record]) -> None:
    if not may_withdraw(account, session, records):
        raise PermissionDenied("学时由录入人或所在支部书记撤回，本人的由别人撤回。")


def may_withdraw_allowance(account, allowance: Allowance) -> bool:
    """The writer, and who records where it was given; never who was given it."""
    me = account.person_id
    if me is not None and me == allowance.person_id:
        return False
    return (me is not None and me == allowance.entered_by_id) or account.scope.may(Capability.RECORD, allowance.path)


SHOWN = 100
"""Organisations still to be assessed that a page names."""


def may_assess(account) -> bool:
    """Whether the account records for an organisation that has others below it."""
    places = (each.organisation.kind for each in account.scope.holdings if each.allows(Capability.RECORD))
    return any(kind not in HOLDS_MEMBERS for kind in places)


def check_may_assess(account) -> None:
    if not may_assess(account):
        raise PermissionDenied("书记考核由上级党组织的书记、副书记、组织委员和组织部登记。")


def may_withdraw_assessment(account, assessment: Assessment) -> bool:
    """The writer, and who records where it was assessed; never the secretary himself."""
    me = account.person_id
    if me is not None and me == assessment.secretary_id:
        return False
    return (me is not None and me == assessment.entered_by_id) or account.scope.may(Capability.RECORD, assessment.path)


def unassessed(account, year: int, here: Organisation | None) -> list[Organisation]:
    """Organisations with a secretary that were not assessed in the year, below those where the account records."""
    day = account.scope.day
    done = Assessment.objects.standing().filter(organisation=OuterRef("pk"), year=year)
    led = Post.objects.on(day).filter(organisation=OuterRef("pk"), role=Role.SECRETARY)
    led = led.exclude(person=account.person_id)
    places = Organisation.objects.visible_to(account, Capability.RECORD).exclude(kind=OrganisationKind.GROUP)
    places = places.filter(Exists(led), ~Exists(done)).exclude(path__in=account.scope.paths(Capability.RECORD))
    if here:
        places = places.filter(path__gte=here.path, path__lt=path_end(here.path))
    return list(places.order_by("path")[:SHOWN])


def may_change(account, row: Kept) -> bool:
    """Those who may record where the member stands or where it was granted; what is one's own never. What an
    organisation decided is changed by whoever records there, or by who typed it.
    """
    if row.withdrawn_on or (row.person_id is not None and row.person_id == account.person_id):
        return False
    decided_at = _decided_at(row)
    if decided_at and not account.scope.may(Capability.RECORD, decided_at):
        typed_it = account.person_id is not None and row.entered_by_id == account.person_id
        if not typed_it or (isinstance(row, Honour) and hasattr(row, "nominee")):
            return False
    return type(row).objects.visible_to(account, Capability.RECORD).filter(pk=row.pk).exists()


def _decided_at(row: Kept) -> str:
    """The path of the organisation whose decision it is; empty for what was granted or told outside."""
    if isinstance(row, Naming):
        return row.path
    if not isinstance(row, Honour):
        return ""
    if hasattr(row, "nominee"):
        return row.nominee.title.selection.organisation.path
    return row.grantor.path if row.grantor_id else ""


def check_may_change(account, row: Kept) -> None:
    """Rows that were taken back are not changed either, but for that the page of the act has its own sentence."""
    if not row.withdrawn_on and not may_change(account, row):
        raise PermissionDenied("由授予、命名的党组织或录入人改正、撤销和撤回，与你本人有关的由别人办。")
