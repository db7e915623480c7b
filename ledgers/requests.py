"""约谈台账: requests for a talk and how they were answered. Why somebody asked never leaves the database."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.urls import reverse

from base.reading import Column as Read
from base.writing import Format
from ledgers.entries import NUMBER, SEALED, TELLS_APART, Entering, Entry
from ledgers.ledger import Column, Ledger, Part, Reader
from members.models import Event, Membership, Organisation
from members.scope import path_end
from members.services import check_stay
from visits.requesting import known_to, late_by, leaders_of, request_talk, requests


def _requests(reader: Reader, organisation: Organisation, first: date, last: date) -> QuerySet:
    """Requests of the period, without those taken back, in the ledger of the branch of that day."""
    rows = requests() if reader.account is None else known_to(reader.account)
    stays = Membership.objects.filter(
        person=OuterRef("person"), since__lte=OuterRef("occurred_on"), until__gt=OuterRef("occurred_on")
    )
    here = stays.filter(path__gte=organisation.path, path__lt=path_end(organisation.path))
    rows = rows.standing().filter(Exists(here), occurred_on__range=(first, last))
    stood = Subquery(stays.order_by("pk").values("organisation")[:1])
    return rows.annotate(stood=stood).order_by("-occurred_on", "-pk")


def _with_branches(batch: list[Event], reader: Reader) -> list[Event]:
    branches = Organisation.objects.in_bulk({each.stood for each in batch})
    for each in batch:
        each.branch = branches[each.stood]
    return batch


def _by(asked: Event, reader: Reader) -> str:
    return asked.handed_to or asked.addressee.name


def _late(asked: Event, reader: Reader) -> str:
    if days := late_by(asked):
        return f"超期 {days} 天：{asked.late_reason or '没有写原因'}"
    if asked.answered_on is None and asked.answer_by and asked.answer_by < reader.day:
        return f"超期 {(reader.day - asked.answer_by).days} 天，还没有谈"
    return "否"


def _outcome(asked: Event, reader: Reader) -> str:
    return "已谈" if asked.answered_on else f"安排在 {asked.arranged_on}" if asked.arranged_on else "等安排"


def _judge(entry: Entry, today: date) -> None:
    try:
        check_stay(entry.member, entry.stay, entry.on, today, field="on", what="约谈")
    except ValidationError as no:
        entry.refuse(no.message_dict, {})
    if len(entry.people) > 1:
        entry.cells.wrong("people", "several_leaders", "一次约谈只约一位领导，约几位请写成几行。")
    elif entry.people and entry.stay and entry.people[0].pk not in _leaders(entry):
        sentence = f"{entry.on} 时{entry.people[0].name}在本支部和上级没有党内任职，请核对约谈领导。"
        entry.cells.wrong("people", "no_leader", sentence)
    entry.given = {"reason": entry.cells.text("text", longest=2_000)}


def _leaders(entry: Entry) -> set[int]:
    return {post.person_id for post in leaders_of(entry.stay, entry.on)}


def _enter(by, entries: list[Entry], today: date) -> None:
    [entry] = entries
    [leader] = entry.people
    request_talk(by=by, person=entry.member, addressee=leader, on=entry.on, today=today, **entry.given)


REQUEST_ENTERING = Entering(
    noun="约谈",
    only=((NUMBER, TELLS_APART), (Read("text", ("约谈事由", "事由", "想谈什么")), SEALED)),
    words={},
    judge=_judge,
    enter=_enter,
    acted=False,
)

REQUESTS = Ledger(
    code="requests",
    title="约谈台账",
    period="申请日期在期间内的约谈，不含为什么约，不含已撤回的；党支部是申请当天所在的支部。",
    rows=_requests,
    columns=(
        Column("申请日期", "occurred_on", 12, Format.DATE, leads=True, part=Part.KEY, name="on", also=("日期",)),
        Column("申请人", "person.name", 10, part=Part.KEY, name="name", also=("姓名", "党员")),
        Column("所在支部", "branch.label", 24, part=Part.KEY, name="branch", also=("所在党支部", "党支部")),
        Column("约谈领导", "addressee.name", 10, part=Part.KEY, name="people", also=("约谈对象", "被约领导")),
        Column("受理人", _by, 10, part=Part.COMPUTED),
        Column("应安排截止日", "answer_by", 12, Format.DATE, part=Part.COMPUTED),
        Column("实际谈话时间", "answered_on", 12, Format.DATE, part=Part.COMPUTED),
        Column("是否超期及原因", _late, 26, part=Part.COMPUTED),
        Column("结果", _outcome, 14, part=Part.COMPUTED),
    ),
    tally=(("{} 件", Count("pk")), ("已谈 {} 件", Count("answered_on"))),
    link=lambda asked, _: reverse("talk_request", args=[asked.pk]),
    subject="person",
    prepare=_with_branches,
    entering=REQUEST_ENTERING,
)  # fmt: skip
