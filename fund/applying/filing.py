"""Drafting, submitting and taking back an application: by the member, or the branch or a relative for them."""

from dataclasses import asdict, dataclass, field
from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max

from base import audit
from base.dates import civil_day
from base.facts import facts_will_change
from base.fields import MOST_YUAN
from fund.applying.steps import Doing, check_serial, locked, take_step
from fund.models import Application, Filer, Fund, FundRegulation, Taken, account_mark_of
from fund.regulation.steps import Move
from members.enums import Capability, Standing
from members.models import Membership, Organisation, Person
from members.services import membership_on


@dataclass
class Account:
    """收款账户: where money is to be sent. ``relation``: the holder's to the member, empty for themself."""

    holder: str = ""
    bank: str = ""
    number: str = ""
    relation: str = ""


@dataclass
class Content:
    """What an application says besides class and sum; sealed. ``family``: rows as the difficulty register asks them.

    Sums are fen a month. ``helped``: what else was received; ``filer_name`` and ``filer_relation``: of a relative.
    """

    reason: str = ""
    own_income: int | None = None
    family: list[dict] = field(default_factory=list)
    helped: str = ""
    phone: str = ""
    account: Account = field(default_factory=Account)
    filer_name: str = ""
    filer_relation: str = ""
    filer_why: str = ""


@dataclass
class Asking:
    """What is asked: the class and grade of the regulation, a sum in fen, and the rest as :class:`Content`.

    ``agreed_on``: when the member agreed that it is looked into and made public as the rules say.
    """

    kind: str
    asked: int
    content: Content
    grade: str = ""
    urgent: bool = False
    agreed_on: date | None = None


def regulation_on(fund: Fund, day: date) -> FundRegulation | None:
    """What a fund follows on a day."""
    return fund.regulations.filter(since__lte=day).order_by("-since").first()


def fund_for(organisation: Organisation, day: date) -> Fund | None:
    """The fund a member of ``organisation`` applies to: the nearest upward that follows a regulation."""
    paths = [organisation.path[:end] for end in range(len(organisation.path), 0, -1)]
    rows = Fund.objects.filter(organisation__path__in=paths, regulations__since__lte=day)
    return rows.select_related("organisation").distinct().order_by("-organisation__path").first()


def may_file_for(account, stay: Membership | None) -> bool:
    """Whether an account files for a member: the member, and whoever records where they stand."""
    if stay is None or account.person_id is None:
        return False
    return account.person_id == stay.person_id or account.scope.may(Capability.RECORD, stay.path)


@transaction.atomic
def draft(*, by, person: Person, asking: Asking, filer: str, now: datetime) -> Application:
    """Begin an application of a living member to the nearest fund.

    :param by: the account that files; the member, or whoever records where they stand.
    :raises PermissionDenied: for anybody else.
    :raises ValidationError: keyed by form field; where there is no fund, or one of this class runs already.
    """
    facts_will_change()
    Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    today = civil_day(now)
    stay = membership_on(person, today)
    if not may_file_for(by, stay):
        raise PermissionDenied("申请由本人提出，或由所在党组织代填。")
    if stay.standing == Standing.DEAD:
        raise ValidationError(f"{person.name}已于 {stay.since} 去世，不能再申请。慰问家属请用“登记吊唁”或另行研究。")
    fund = fund_for(stay.organisation, today)
    if fund is None:
        raise ValidationError(
            "上级还没有设立专项资金，或者还没有资金管理办法。请向所在党组织了解，也可以先“申请帮扶”。"
        )
    row = Application(
        fund=fund, person=person, organisation=stay.organisation, path=stay.path,
        regulation=regulation_on(fund, today), filer=filer, filed_by=by.person, drafted_on=today,
    )  # fmt: skip
    _fill(row, asking)
    running = Application.objects.running().filter(fund=fund, person=person, kind=asking.kind).first()
    if running:
        said = (
            f"{person.name}已有一件“{row.class_of.title}”的申请（{running.label}）{running.state_words}，没有另开一件。"
        )
        raise ValidationError({"kind": [said]})
    row.save()
    audit.write(audit.Act.WRITE, f"application:{row.pk}", person=person.pk)
    return row


@transaction.atomic
def amend(*, by, application: Application, asking: Asking, serial: int, filer: str = "") -> Application:
    """Change what is asked, before it is submitted or after it was sent back.

    :param serial: as :func:`fund.applying.steps.take_step`.
    :param filer: who fills it in, where that is somebody else now.
    :raises PermissionDenied: for anybody but the applicant and who filed it.
    :raises ValidationError: as :func:`draft`.
    """
    row = locked(application)
    check_serial(row, serial)
    check_own(by, row)
    if not row.editable:
        raise ValidationError(f"这件申请{row.state_words}，内容不能再改。要改请先撤回，或请办理人退回。")
    _fill(row, asking)
    row.filer = filer or row.filer
    others = Application.objects.running().filter(fund=row.fund, person=row.person, kind=asking.kind).exclude(pk=row.pk)
    if other := others.first():
        raise ValidationError(
            {"kind": [f"这一类已有一件申请（{other.label}）{other.state_words}，请换一类或先撤回那件。"]}
        )
    row.save()
    audit.write(audit.Act.EDIT, f"application:{row.pk}")
    return row


def check_own(by, application: Application) -> None:
    """Refuse whoever neither applies nor filed it."""
    if by.person_id is None or by.person_id not in (application.person_id, application.filed_by_id):
        raise PermissionDenied("申请的内容由申请人或代填人修改、提交和撤回。")


def _fill(row: Application, asking: Asking) -> None:
    regulation, urgent = row.regulation.parsed, row.regulation.parsed.urgent
    refused: dict[str, list[str]] = {}
    if asking.kind not in {each.code for each in regulation.classes}:
        refused["kind"] = ["办法里没有这一类，请从列表里选。"]
    if not 0 < asking.asked <= MOST_YUAN * 100:
        refused["asked"] = ["申请金额要大于零，不超过一亿元。请核对。"]
    if asking.urgent and urgent is None:
        refused["urgent"] = ["本单位的办法没有紧急程序，请按一般程序申请。"]
    elif asking.urgent and urgent.up_to and asking.asked > urgent.up_to:
        most = urgent.up_to // 100
        refused["urgent"] = [f"紧急程序最多 {most:,} 元，超出的请按一般程序申请，或者减少金额。"]
    if refused:
        raise ValidationError(refused)
    row.kind, row.grade, row.asked, row.urgent = asking.kind, asking.grade, asking.asked, asking.urgent
    row.agreed_on, row.content = asking.agreed_on, asdict(asking.content)
    row.account_mark = account_mark_of(asking.content.account.number)


def content_of(application: Application) -> Content:
    """What an application says, as it was typed."""
    given = dict(application.content)
    account = Account(**given.pop("account", {}))
    return Content(**given, account=account)


def asking_of(application: Application) -> Asking:
    """What is asked now, to be changed in part (``dataclasses.replace``) and given to :func:`amend`."""
    row = application
    return Asking(
        kind=row.kind, asked=row.asked, content=content_of(row), grade=row.grade, urgent=row.urgent,
        agreed_on=row.agreed_on,
    )  # fmt: skip


@transaction.atomic
def submit(*, by, application: Application, serial: int, now: datetime) -> Taken:
    """Hand an application in, the first time or once more after it was sent back; it gets its number once.

    Where the member stands today and what the fund follows today is what counts from now on.

    :raises ValidationError: keyed by form field, for what is missing; as :func:`fund.applying.steps.take_step`.
    """
    row = locked(application)
    check_serial(row, serial)
    check_own(by, row)
    today = civil_day(now)
    stay = membership_on(row.person, today)
    if stay is None or not stay.path.startswith(row.fund.organisation.path):
        raise ValidationError("申请人的组织关系已经不在本单位，不能提交。请到现在所在的党组织申请。")
    if row.editable:
        if refused := _missing(row):
            raise ValidationError(refused)
        row.organisation, row.path = stay.organisation, stay.path
        row.regulation = regulation_on(row.fund, today)
        row.round += 1
        row.submitted_on = row.submitted_on or today
        if row.number is None:
            row.year, row.number = today.year, _next_number(row.fund, today.year)
        row.save()
    return take_step(
        by=by, application=row, move=Move.SUBMIT, now=now, serial=serial, doing=Doing(fen=row.asked)
    )  # fmt: skip


def _missing(row: Application) -> dict[str, list[str]]:
    content, refused = content_of(row), {}
    regulation = row.regulation.parsed
    if row.kind not in {each.code for each in regulation.classes}:
        refused["kind"] = ["现在的办法里没有这一类，请重新选。"]
    if not content.reason.strip():
        refused["reason"] = ["请写申请的理由，一两句话也可以。"]
    if row.agreed_on is None:
        refused["agreed"] = ["提交前要由本人（或受委托人）同意核查情况并按规定公示。"]
    if row.filer == Filer.RELATIVE and not (content.filer_name.strip() and content.filer_relation.strip()):
        refused["filer_name"] = ["亲属代填的，请写代填人的姓名和与本人的关系。"]
    if row.urgent and regulation.urgent is None:
        refused["urgent"] = ["现在的办法没有紧急程序，请按一般程序申请。"]
    return refused


def _next_number(fund: Fund, year: int) -> int:
    Fund.objects.select_for_update().get(pk=fund.pk)
    last = Application.objects.filter(fund=fund, year=year).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def withdraw(*, by, application: Application, serial: int, reason: str, now: datetime) -> Taken:
    """Take an application back, as long as nothing was paid.

    :raises ValidationError: as :func:`fund.applying.steps.take_step`; without a reason.
    """
    if not reason.strip():
        raise ValidationError({"reason": ["请写为什么撤回，一句话也可以。"]})
    return take_step(
        by=by, application=application, move=Move.WITHDRAW, now=now, serial=serial, doing=Doing(opinion=reason)
    )  # fmt: skip
