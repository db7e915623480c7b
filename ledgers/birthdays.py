"""The ledgers of political birthdays and of oaths: what they print, and how oaths come in.

Nothing is brought in by 党员政治生日台账: greetings come in with 走访慰问台账, talks and oaths with their own.
"""

from calendar import isleap
from collections.abc import Iterator
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Count, DateField, IntegerField, Prefetch, Q, QuerySet, Value
from django.db.models.functions import ExtractDay, ExtractMonth
from django.urls import reverse

from awards.birthdays import NATURAL, POLITICAL, asking, greetings, how_greeted
from awards.ceremonies import TAKE_PART, Held, doubts, record_ceremony
from awards.ceremonies import amiss as amiss_with_ceremony
from awards.models import Ceremony, CeremonyRecord
from base.cells import day_text, plain, squeezed
from base.dates import anniversary
from base.reading import Level
from base.writing import Format
from duties.board.words import names_of
from duties.engine.models import Action, Duty, Record, RecordPerson
from duties.policy.models import Rule
from ledgers.entries import NUMBER, TELLS_APART, Entering, Entry, labels
from ledgers.ledger import ENTERED_LATE, Column, Ledger, Part, Reader
from members.enums import Precision
from members.models import Membership, Organisation
from members.scope import path_end, sealed_at
from members.services import check_stay

BRANCH = ("所在支部", "党支部", "所属党支部", "所属组织", "所在党组织", "所在党支部")

# 党员政治生日台账


def _birthdays(reader: Reader, organisation: Organisation, first: date, last: date) -> QuerySet:
    """The members of today in good standing whose political birthday lies in the period, with its two ends."""
    stays = Membership.objects.on(reader.day)
    stays = stays if reader.account is None else stays.visible_to(reader.account)
    ends = {name: Value(day, output_field=DateField()) for name, day in (("begins", first), ("ends", last))}
    month, on = ExtractMonth("person__joined_on"), ExtractDay("person__joined_on")
    return (
        stays.filter(path__gte=organisation.path, path__lt=path_end(organisation.path), standing__in=TAKE_PART)
        .exclude(person__joined_precision=Precision.YEAR)
        .annotate(**ends, in_year=month * Value(100, output_field=IntegerField()) + on)
        .filter(_within(first, last))
        .select_related("person", "organisation")
        .defer(*sealed_at("person"))
        .order_by("path", "in_year", "pk")
    )


def _within(first: date, last: date) -> Q:
    """An anniversary lies between the days; that of 29 February on the 28th in common years."""
    found = Q(pk__in=[])
    for start, end in _years(first, last):
        leap_day = (end.month, end.day) == (2, 28) and not isleap(end.year)
        to = 229 if leap_day else end.month * 100 + end.day
        found |= Q(in_year__range=(start.month * 100 + start.day, to), person__joined_on__lte=end)
    return found


def _years(first: date, last: date) -> Iterator[tuple[date, date]]:
    """The period in parts of one calendar year; of a long one its last twelve months tell the days."""
    for year in range(max(first.year, last.year - 1), last.year + 1):
        yield max(first, date(year, 1, 1)), min(last, date(year, 12, 31))


def _on(stay: Membership) -> date:
    """The last birthday of the period."""
    joined = stay.person.joined_on
    days = (anniversary(joined, year) for year in (stay.ends.year, stay.ends.year - 1))
    return next(day for day in days if max(stay.begins, joined) <= day <= stay.ends)


def _with_deeds(batch: list[Membership], reader: Reader) -> list[Membership]:
    """With the birthday, what was done about it, and how its duty stands; as many queries for a thousand as for one."""
    days = {stay.person_id: _on(stay) for stay in batch}
    adopted = Rule.objects.adopted().only("spec").in_bulk()
    rules, natural = asking(adopted, POLITICAL), asking(adopted, NATURAL)
    records = Record.objects.all() if reader.account is None else Record.objects.visible_to(reader.account)
    done = greetings(records, days, but=natural)
    duties = Duty.objects.all() if reader.account is None else Duty.objects.visible_to(reader.account)
    periods = {str(day.year) for day in days.values()}
    owed = duties.filter(rule__in=rules, member__in=list(days), period__in=periods).order_by("due_on", "pk")
    states: dict[int, Duty] = {}
    for duty in owed.select_related("closed_by").prefetch_related("closed_by__actors__person"):
        if duty.due_on.year == days[duty.member_id].year:
            states.setdefault(duty.member_id, duty)
    for stay in batch:
        duty = states.get(stay.person_id)
        stay.on, stay.duty = days[stay.person_id], duty
        stay.record = (duty and duty.closed_by) or done.get(stay.person_id)
        if stay.person_id in done and stay.record and stay.record.pk == done[stay.person_id].pk:
            stay.record = done[stay.person_id]
    return batch


def _way(stay: Membership, reader: Reader) -> str:
    if stay.record is None:
        return ""
    return how_greeted(stay.record) if stay.record.action == Action.GREETING else stay.record.get_action_display()


def _by(stay: Membership, reader: Reader) -> str:
    return names_of(actor.person for actor in stay.record.actors.all()) if stay.record else ""


def _done_on(stay: Membership, reader: Reader) -> date | None:
    return stay.record and stay.record.on


def _evidence(stay: Membership, reader: Reader) -> str:
    return f"{stay.record.get_action_display()}记录 {stay.record.pk}" if stay.record else ""


def _remark(stay: Membership, reader: Reader) -> str:
    said = []
    if stay.person.joined_precision == Precision.MONTH:
        said.append("只知道月份")
    if stay.on.year == stay.person.joined_on.year:
        said.append("入党当天")
    if stay.duty and stay.record is None:
        said.append(stay.duty.get_state_display())
    return "、".join(said)


def _joined(stay: Membership, reader: Reader) -> str:
    return day_text(stay.person.joined_on, stay.person.joined_precision)


def _full(stay: Membership, reader: Reader) -> str:
    return day_text(stay.person.full_on, stay.person.full_precision)


def _seniority(stay: Membership, reader: Reader) -> int | None:
    return stay.person.seniority(stay.on).years


BIRTHDAYS = Ledger(
    code="political-birthdays",
    title="党员政治生日台账",
    period="今天在册的正式和预备党员，政治生日（入党纪念日）在期间内的；期间超过一年的列最近一次，入党日期不知道月份的不列。",
    rows=_birthdays,
    columns=(
        Column("姓名", "person.name", 10, leads=True, part=Part.KEY, name="name", also=("党员姓名",)),
        Column("所在支部", "organisation.label", 24, part=Part.KEY, name="branch", also=BRANCH[1:]),
        Column("入党日期", _joined, 12, part=Part.COMPUTED),
        Column("转正日期", _full, 12, part=Part.COMPUTED),
        Column("党龄", _seniority, 8, Format.NUMBER, part=Part.COMPUTED),
        Column("本年政治生日", "on", 14, Format.DATE, part=Part.KEY, name="on", also=("政治生日",)),
        Column("纪念方式", _way, 18, part=Part.COMPUTED),
        Column("谈话人", _by, 14, part=Part.COMPUTED),
        Column("完成时间", _done_on, 12, Format.DATE, part=Part.COMPUTED),
        Column("佐证", _evidence, 20, part=Part.COMPUTED),
        Column("备注", _remark, 14, part=Part.COMPUTED),
    ),
    subject="person",
    tally=(("{} 人", Count("pk")),),
    prepare=_with_deeds,
    link=lambda stay, _: reverse("birthday", args=[stay.person_id, stay.on.year]),
)

# 宣誓台账


def _oaths(reader: Reader, organisation: Organisation, first: date, last: date) -> QuerySet:
    """The oath of each member at each ceremony of the period, without those withdrawn."""
    actors = RecordPerson.objects.select_related("person").only("record", "person__name").order_by("pk")
    made = CeremonyRecord.objects.all() if reader.account is None else CeremonyRecord.objects.visible_to(reader.account)
    return (
        made.filter(record__path__gte=organisation.path, record__path__lt=path_end(organisation.path))
        .filter(record__on__range=(first, last), record__withdrawn_on__isnull=True)
        .filter(record__action=Action.OATH, record__member__isnull=False)
        .select_related("ceremony", "record__organisation", "record__member")
        .prefetch_related(Prefetch("record__actors", actors))
        .defer(*sealed_at("record__member"))
        .order_by("-record__on", "-ceremony", "record__member__name", "pk")
    )


def _organised(row: CeremonyRecord, reader: Reader) -> str:
    return names_of(actor.person for actor in row.record.actors.all())


def _sworn_in(row: CeremonyRecord, reader: Reader) -> str:
    return day_text(row.record.member.joined_on, row.record.member.joined_precision)


def _late(row: CeremonyRecord, reader: Reader) -> str:
    return "补录" if row.record.late else ""


def _judge(entry: Entry, today: date) -> None:
    text = squeezed(plain(entry.cells.text("kind", longest=60)))
    kind = OATH_ENTERING.words["kind"].get(text)
    if kind is None:
        entry.cells.wrong("kind", "bad_kind", f"“{text[:20]}”认不出，请写成：{'、'.join(Ceremony.Kind.labels)}。")
        return
    ways = (Ceremony.Way.OATH,) if kind == Ceremony.Kind.BIRTHDAY else ()
    held = Held(kind, entry.cells.text("place", longest=60), entry.cells.text("leader", longest=60), ways, sure=True)
    try:
        check_stay(entry.member, entry.stay, entry.on, today, field="on", what="宣誓")
        stays = {entry.member.pk: entry.stay}
        place = entry.stay.organisation
        refused = amiss_with_ceremony(place, entry.people, [entry.member], stays, held, on=entry.on, today=today)
    except ValidationError as no:
        refused = no.message_dict
    entry.refuse(refused, {"members": "name"})
    if said := doubts(kind, [entry.member], entry.on):
        entry.cells.say("kind", "doubt", Level.WARNING, said)
    entry.given = {"held": held}


def _enter(by, entries: list[Entry], today: date) -> None:
    first = entries[0]
    record_ceremony(
        by=by, organisation=first.stay.organisation, on=first.on, people=first.people,
        members=[entry.member for entry in entries], today=today, **first.given,
    )  # fmt: skip


def _together(entry: Entry) -> tuple:
    held = entry.given["held"]
    people = tuple(sorted(each.pk for each in entry.people))
    return entry.on, entry.stay.organisation_id, held.kind, held.place, held.leader, people


OATH_ENTERING = Entering(
    noun="宣誓",
    only=((NUMBER, TELLS_APART),),
    words={"kind": {**labels(Ceremony.Kind), "宣誓": Ceremony.Kind.ADMISSION, "重温誓词": Ceremony.Kind.RENEWAL}},
    judge=_judge,
    enter=_enter,
    together=_together,
)

OATHS = Ledger(
    code="oaths",
    title="宣誓台账",
    period="日期在期间内的入党宣誓和重温誓词，每人每次一行，不含已撤回的；党支部是记录所在的党组织。",
    rows=_oaths,
    columns=(
        Column("日期", "record.on", 12, Format.DATE, leads=True, part=Part.KEY, name="on", also=("宣誓日期", "时间")),
        Column("种类", "ceremony.get_kind_display", 16, part=Part.KEY, name="kind", also=("宣誓种类",)),
        Column("党员", "record.member.name", 10, part=Part.KEY, name="name", also=("姓名", "宣誓人")),
        Column("所在党支部", "record.organisation.label", 24, part=Part.KEY, name="branch", also=BRANCH[:-1]),
        Column("入党日期", _sworn_in, 12, part=Part.COMPUTED),
        Column("地点", "ceremony.place", 16, part=Part.VALUE, name="place", also=("宣誓地点",)),
        Column("领誓人", "ceremony.leader", 12, part=Part.VALUE, name="leader"),
        Column("组织人", _organised, 14, part=Part.KEY, name="people", also=("组织者", "主持人")),
        Column("是否补录", _late, 10, part=Part.COMPUTED),
    ),
    subject="record__member",
    entering=OATH_ENTERING,
    tally=(("{} 人次", Count("pk")), ("{} 次", Count("ceremony", distinct=True))),
    picks=ENTERED_LATE,
    link=lambda row, _: reverse("ceremony", args=[row.ceremony_id]),
)
