"""The ledgers of what organisations held and did, and of leaders' contact points: what they print, what comes in."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db.models import Count, DateField, Prefetch, QuerySet, Sum, Value
from django.urls import reverse

from base.cells import plain, squeezed, text_of
from base.money import SOURCE_WORDS
from base.reading import CellReader
from base.writing import Format
from duties.board.words import names_of
from duties.engine.models import RecordPerson
from duties.permissions import may_read_deed
from ledgers.entries import NUMBER, TELLS_APART, Entering, Entry, labels, sum_alone, sum_meant, word_meant
from ledgers.ledger import ENTERED_LATE, AsOf, Column, Ledger, Part, Reader
from ledgers.matching import names_in
from ledgers.people import Importer, People, Unclear, called
from members.enums import Capability
from members.models import Organisation
from members.scope import path_end, sealed_at
from visits.activities import LONGEST, Held, record_activity
from visits.activities import amiss as amiss_with_activity
from visits.contact_points import amiss as amiss_with_point
from visits.contact_points import begin_contact_point
from visits.contact_year import FACTS, lines_of
from visits.models import Activity, ContactPoint, Participant

PLACE = ("党组织", "所在党支部", "所在支部", "党支部", "主办单位", "所在党组织")

# 活动


def _activities(reader: Reader, organisation: Organisation, first: date, last: date) -> QuerySet:
    """Activities of the period, without those withdrawn; what was done is printed for those who may read it."""
    found = Activity.objects.all() if reader.account is None else Activity.objects.visible_to(reader.account)
    actors = RecordPerson.objects.select_related("person").only("record", "person__name").order_by("pk")
    named = Participant.objects.select_related("person").only("activity", "person__name").order_by("pk")
    return (
        found.filter(record__path__gte=organisation.path, record__path__lt=path_end(organisation.path))
        .filter(record__on__range=(first, last), record__withdrawn_on__isnull=True)
        .select_related("record__organisation")
        .prefetch_related(Prefetch("record__actors", actors), Prefetch("participants", named))
        .order_by("-record__on", "-record__pk")
    )


def _organised(activity: Activity, reader: Reader) -> str:
    return names_of(actor.person for actor in activity.record.actors.all())


def _took_part(activity: Activity, reader: Reader) -> str:
    return names_of(each.person for each in activity.participants.all())


def _money(activity: Activity, reader: Reader) -> Decimal | None:
    return activity.money and Decimal(activity.money) / 100


def _done(activity: Activity, reader: Reader) -> str:
    return activity.text if reader.account is None or may_read_deed(reader.account, activity.record) else ""


def _late(activity: Activity, reader: Reader) -> str:
    return "补录" if activity.record.late else ""


def _names_meant(text: str) -> str:
    return "、".join(sorted(names_in(text)))


def _named_in(entries: list[Entry], importer: Importer, today: date) -> None:
    """Whom each row names as having taken part, as members of where it was held; the rest is said at the cell."""
    names = {name for entry in entries for name in names_in(entry.cells.raw("members"))}
    people = People(names, (), importer)
    for entry in entries:
        entry.given = {"members": {}}
        for name in names_in(entry.cells.raw("members")):
            try:
                person, stay = people.member(name, "", "", entry.on)
            except Unclear as unclear:
                entry.cells.wrong("members", unclear.code, str(unclear))
                continue
            entry.given["members"][person] = stay


def _number(cells: CellReader, name: str) -> int | None:
    text = squeezed(plain(cells.text(name, longest=20))).removesuffix("人").removesuffix("名").removesuffix(".0")
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return int(text)
    cells.wrong(name, f"bad_{name}", "人数请填整数，例如 30。")
    return None


def _judge_activity(entry: Entry, today: date) -> None:
    cells, members = entry.cells, entry.given["members"]
    kind = word_meant(cells, ACTIVITY_ENTERING.words["kind"], "kind")
    if not kind:
        cells.wrong("kind", "missing_kind", f"没有写种类，请写成：{'、'.join(Activity.Kind.labels)}。")
    held = Held(
        kind, cells.text("title", longest=60), cells.text("place", longest=60), present=_number(cells, "present"),
        helped=_number(cells, "helped"), group=cells.text("group", longest=60), money=sum_alone(cells, "money"),
        source=str(word_meant(cells, SOURCE_WORDS, "source")), text=cells.text("text", longest=LONGEST),
    )  # fmt: skip
    stays = {person.pk: stay for person, stay in members.items() if stay}
    refused = amiss_with_activity(entry.place, entry.people, list(members), stays, held, on=entry.on, today=today)
    entry.refuse(refused, {})
    entry.given = {"members": list(members), "held": held}


def _enter_activity(by, entries: list[Entry], today: date) -> None:
    [entry] = entries
    record_activity(by=by, organisation=entry.place, on=entry.on, people=entry.people, today=today, **entry.given)


ACTIVITY_ENTERING = Entering(
    noun="活动",
    only=(),
    words={
        "kind": {
            **labels(Activity.Kind), "文体": Activity.Kind.CULTURE, "体检": Activity.Kind.HEALTH,
            "健康服务": Activity.Kind.HEALTH, "志愿": Activity.Kind.VOLUNTEER, "义工": Activity.Kind.VOLUNTEER,
            "帮扶困难群众": Activity.Kind.COMMUNITY,
        },
        "source": SOURCE_WORDS,
    },
    judge=_judge_activity,
    enter=_enter_activity,
    nobody=True,
    fetch=_named_in,
)  # fmt: skip

ACTIVITIES = Ledger(
    code="activities",
    title="活动台账",
    period="活动日期在期间内的活动，不含已撤回的；做了什么只给组织的人和能在那里登记的人；群众只有人数。",
    rows=_activities,
    columns=(
        Column("日期", "record.on", 12, Format.DATE, leads=True, part=Part.KEY, name="on", also=("活动日期", "时间")),
        Column("组织", "record.organisation.label", 24, part=Part.KEY, name="branch", also=PLACE),
        Column("种类", "get_kind_display", 14, part=Part.KEY, name="kind", also=("活动种类", "类别")),
        Column("活动", "title", 24, part=Part.KEY, name="title", also=("活动名称", "活动主题", "主题")),
        Column("地点", "place", 16, part=Part.VALUE, name="place", also=("活动地点",)),
        Column("组织人", _organised, 14, part=Part.KEY, name="people", also=("负责人", "组织者")),
        Column("参加党员数", "present", 10, Format.NUMBER, part=Part.VALUE, name="present", also=("参加人数",)),
        Column("参加党员", _took_part, 26, part=Part.VALUE, name="members", also=("参加人员",), meaning=_names_meant),
        Column("服务群众数", "helped", 10, Format.NUMBER, part=Part.VALUE, name="helped", also=("受益人数",)),
        Column("哪些群众", "group", 16, part=Part.VALUE, name="group", also=("服务对象", "受益群众")),
        Column("经费(元)", _money, 12, Format.MONEY, part=Part.VALUE, name="money", also=("经费",), meaning=sum_meant),
        Column("款源", "get_source_display", 14, part=Part.VALUE, name="source", also=("资金来源",)),
        Column("做了什么", _done, 40, part=Part.VALUE, name="text", also=("活动内容", "内容"), hides=True),
        Column("是否补录", _late, 10, part=Part.COMPUTED),
    ),
    subject="record__member",
    entering=ACTIVITY_ENTERING,
    tally=(
        ("{} 次", Count("pk")),
        ("党员 {} 人次", Sum("present", default=0)),
        ("群众 {} 人次", Sum("helped", default=0)),
    ),
    picks=ENTERED_LATE,
    link=lambda activity, _: reverse("activity", args=[activity.pk]),
)

# 领导联系点


def _points(reader: Reader, organisation: Organisation, first: date, last: date) -> QuerySet:
    """Contact points that held on some day of the period, each with its two ends."""
    found = ContactPoint.objects.all() if reader.account is None else ContactPoint.objects.visible_to(reader.account)
    found = found.during(first, last).filter(
        organisation__path__gte=organisation.path, organisation__path__lt=path_end(organisation.path)
    )
    begins = first.replace(month=1, day=1) if reader.as_of else first
    ends = {name: Value(day, output_field=DateField()) for name, day in (("begins", begins), ("ends", last))}
    return found.annotate(**ends).select_related("leader", "organisation").defer(*sealed_at("leader")).order_by("pk")


def _with_year(batch: list[ContactPoint], reader: Reader) -> list[ContactPoint]:
    """With the leaders' posts and branches of today, and what they did in the period."""
    lines = lines_of(batch, reader.account, batch[0].begins, batch[0].ends, reader.day)
    for point, line in zip(batch, lines, strict=True):
        point.line = line
    return batch


def _fact(place: int):
    def days(point: ContactPoint, reader: Reader) -> str:
        return "、".join(str(done.on) for done in point.line.facts[place].done)

    return days


def _named_points(entries: list[Entry], importer: Importer, today: date) -> None:
    """Which organisation each row calls a contact point, among those where the importer may record."""
    found: dict[str, list[Organisation]] = {}
    for place in Organisation.objects.filter(importer.within("path", Capability.RECORD)).order_by("path"):
        for name in called(place):
            found.setdefault(name, []).append(place)
    for entry in entries:
        text = squeezed(plain(text_of(entry.cells.raw("point"))))
        places = found.get(text, [])
        if len(places) == 1:
            [entry.place] = places
        elif places:
            entry.cells.wrong("point", "ambiguous_point", f"有 {len(places)} 个党组织叫“{text}”，请写代码。")
        else:
            entry.cells.wrong("point", "unknown_point", "没有这个党组织，或不在你的范围内，请核对。")


def _judge_point(entry: Entry, today: date) -> None:
    if entry.place is None:
        return
    last = entry.cells.day("last") if text_of(entry.cells.raw("last")) else None
    refused = amiss_with_point(entry.member, entry.place, entry.on, last, today=today)
    columns = {"leader": "name", "since": "on"}
    for name, sentences in refused.items():
        entry.cells.wrong(columns.get(name, name), f"refused_{name}", " ".join(sentences))
    entry.given = {"last": last}


def _enter_point(by, entries: Iterable[Entry], today: date) -> None:
    [entry] = entries
    begin_contact_point(
        by=by, leader=entry.member, organisation=entry.place, since=entry.on, today=today, **entry.given
    )


CONTACT_POINTS = Ledger(
    code="contact-points",
    title="领导联系点台账",
    period="期间内有一天是联系点的；参加支部活动、讲党课和调研报告是期间内（填了“截至”的，当年到那天）办的，党课在联系点或它的下级讲的才列。",
    as_of=AsOf.OFFERED,
    rows=_points,
    columns=(
        Column("领导", "leader.name", 10, leads=True, part=Part.KEY, name="name", also=("联系领导", "姓名")),
        Column("领导所在党支部", "line.home", 22, part=Part.COMPUTED),
        Column("职务", "line.posts", 24, part=Part.COMPUTED),
        Column("联系点", "organisation.label", 24, part=Part.KEY, name="point", also=("联系支部", "联系单位")),
        Column("自", "since", 12, Format.DATE, part=Part.KEY, name="on", also=("开始日期", "起始日期")),
        Column("至", "line.last", 12, Format.DATE, part=Part.VALUE, name="last", also=("结束日期",)),
        *(Column(label, _fact(place), 22, part=Part.COMPUTED) for place, label in enumerate(FACTS.values())),
    ),
    subject="leader",
    entering=Entering(
        noun="联系点", only=((NUMBER, TELLS_APART),), words={}, judge=_judge_point, enter=_enter_point, acted=False,
        fetch=_named_points, remedy="联系点不从表里改：请改回，或在“联系点”页上结束或撤销那一条。",
    ),
    tally=(("{} 个", Count("pk")), ("领导 {} 人", Count("leader", distinct=True))),
    prepare=_with_year,
    link=lambda point, _: f"{reverse('contact_points')}?organisation={point.organisation_id}",
)  # fmt: skip
