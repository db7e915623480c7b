"""The ledgers, each as a declaration (:mod:`ledgers.ledger`). A new ledger is a new declaration."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

from django.db.models import (
    BooleanField,
    Case,
    Count,
    FloatField,
    Prefetch,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse

from awards.models import Attendance
from base.writing import Format
from duties.board.records import SENSITIVE_ACTIONS
from duties.board.words import CARE, sees_event
from duties.engine.models import Action, Deed, Duty
from duties.permissions import may_read_deed
from ledgers.activities import ACTIVITIES, CONTACT_POINTS
from ledgers.applications import APPLICATIONS
from ledgers.birthdays import BIRTHDAYS, OATHS
from ledgers.campaigns import CAMPAIGNS
from ledgers.difficulty import DIFFICULTY_NATIONAL
from ledgers.encouragement import ALLOWANCES, ASSESSMENTS, CARE_PLANS
from ledgers.entries import DEED_ENTERING, STUDY_ENTERING, TALK_ENTERING, VISIT_ENTERING, sum_meant
from ledgers.fifty import FIFTY
from ledgers.fund_books import FUND_BOOKS
from ledgers.honours import HONOURS, NAMINGS, STORIES
from ledgers.ledger import ENTERED_LATE, Column, Ledger, Part, Reader, register
from ledgers.notices import NOTICES, SELECTION_NOTICES
from ledgers.openness import OPENNESS
from ledgers.organisations import ORGANISATIONS, POSTS
from ledgers.owed import DUTIES, actors_of, called, people_of
from ledgers.payments import PAYMENTS
from ledgers.promised import with_promises
from ledgers.registers import REGISTER_LEDGERS
from ledgers.reliefs import RELIEFS
from ledgers.reports import REPORTS
from ledgers.requests import REQUESTS
from ledgers.rosters import MEMBERS
from ledgers.selections import SELECTIONS
from ledgers.statements import STATEMENTS
from ledgers.study_hours import STUDY_HOURS
from ledgers.supervisions import SUPERVISIONS
from members.bonds import category_words
from members.enums import SANCTIONS
from members.models import Category, Organisation
from members.scope import path_end, sealed_at
from visits.confirming import WITH_CONFIRMATIONS
from visits.lists import SEALED
from visits.models import Talk, Visit

# 谈心谈话台账


def _talks(reader: Reader, organisation: Organisation, first: date, last: date) -> QuerySet:
    """Talks held in the period, without those withdrawn; neither text nor wish leaves the database."""
    talks = Talk.objects.all() if reader.account is None else Talk.objects.visible_to(reader.account)
    closed = Duty.objects.all() if reader.account is None else Duty.objects.visible_to(reader.account)
    closed = closed.select_related("rule").order_by("due_on", "pk")
    return (
        talks.filter(record__path__gte=organisation.path, record__path__lt=path_end(organisation.path))
        .filter(record__on__range=(first, last), record__withdrawn_on__isnull=True)
        .select_related("record__organisation", "record__member", "record__event")
        .prefetch_related(people_of("record__actors"), Prefetch("record__closed_duties", closed), WITH_CONFIRMATIONS)
        .annotate(has_wish=Case(When(wish="", then=Value(False)), default=Value(True), output_field=BooleanField()))
        .defer(*SEALED[Talk], *sealed_at("record__member"), "record__event__note")
        .order_by("-record__on", "-pk")
    )


ON_TALK = ("谈话时间", "谈话日期", "谈心时间", "日期")
ON_STUDY = ("学习时间", "日期")
TALKED_WITH = ("谈心对象", "被谈话人", "姓名", "党员")
ON_VISIT = ("走访日期", "慰问时间", "慰问日期", "时间", "日期")
MONEY = ("慰问金", "慰问金额", "慰问金额(元)")
BRANCH = ("所在支部", "党支部", "所属党支部", "所属组织", "所在党组织")


def _acted(row: Talk | Visit | Deed, reader: Reader) -> str:
    return actors_of(row.record)


def _late(row: Talk | Visit | Attendance | Deed, reader: Reader) -> str:
    return "补录" if row.record.late else ""


def _wished(row: Talk | Visit, reader: Reader) -> str:
    return "有" if row.has_wish else "无"


def _confirmed(talk: Talk, reader: Reader) -> str:
    return "、".join(each.get_says_display() for each in talk.record.said_of_it)


def _occasion(row: Talk | Visit, reader: Reader) -> str:
    event = row.record.event
    if event is None:
        return ""
    if not (reader.account is None or sees_event(reader.account, event, row.record.path)):
        return CARE
    return f"{event.get_kind_display()}（{event.occurred_on}）"


def _closed(row: Talk | Visit, reader: Reader) -> str:
    return "、".join(dict.fromkeys(called(duty, reader) for duty in row.record.closed_duties.all()))


TALKS = Ledger(
    code="talks",
    title="谈心谈话台账",
    period="谈话日期在期间内的谈话，不含谈话内容，不含已撤回的；党支部是记录所在的党组织。",
    rows=_talks,
    columns=(
        Column("时间", "record.on", 12, Format.DATE, leads=True, part=Part.KEY, name="on", also=ON_TALK),
        Column("谈话人", _acted, 14, part=Part.KEY, name="people", also=("谈心人", "谈话人及职务", "访谈人")),
        Column("谈话对象", "record.member.name", 10, part=Part.KEY, name="name", also=TALKED_WITH),
        Column("所在党支部", "record.organisation.label", 24, part=Part.KEY, name="branch", also=BRANCH),
        Column("方式", "get_means_display", 8, part=Part.VALUE, name="means", also=("谈话方式", "谈心方式")),
        Column("类别", "get_subject_display", 14, part=Part.VALUE, name="subject", also=("谈话类别", "谈话类型")),
        Column("事由", _occasion, 24, part=Part.VALUE, name="event"),
        Column("谈到", "theme_words", 14, part=Part.VALUE, name="themes"),
        Column("是否补录", _late, 10, part=Part.COMPUTED),
        Column("是否有诉求", _wished, 12, part=Part.COMPUTED),
        Column("办结情况", "follow_up", 18, part=Part.COMPUTED),
        Column("本人确认", _confirmed, 14, part=Part.COMPUTED),
        Column("办结的应办", _closed, 26, part=Part.COMPUTED),
    ),
    subject="record__member",
    prepare=with_promises,
    entering=TALK_ENTERING,
    picks=ENTERED_LATE,
    tally=(
        ("{} 次", Count("pk")),
        ("谈话对象 {} 人", Count("record__member", distinct=True)),
    ),
    link=lambda talk, _: reverse("talk", args=[talk.pk]),
)


# 走访慰问台账


def _visits(reader: Reader, organisation: Organisation, first: date, last: date) -> QuerySet:
    """Visits, greetings and condolences of the period, without those withdrawn; nothing sealed leaves the database."""
    visits = Visit.objects.all() if reader.account is None else Visit.objects.visible_to(reader.account)
    closed = Duty.objects.all() if reader.account is None else Duty.objects.visible_to(reader.account)
    closed = closed.select_related("rule").order_by("due_on", "pk")
    return (
        visits.filter(record__path__gte=organisation.path, record__path__lt=path_end(organisation.path))
        .filter(record__on__range=(first, last), record__withdrawn_on__isnull=True)
        .select_related("record__organisation", "record__member", "record__event")
        .prefetch_related(people_of("record__actors"), Prefetch("record__closed_duties", closed))
        .annotate(has_wish=Case(When(wish="", then=Value(False)), default=Value(True), output_field=BooleanField()))
        .defer("text", "wish", "promised", *sealed_at("record__member"), "record__event__note")
        .order_by("-record__on", "-pk")
    )


def _of_action(action: Action) -> Count:
    return Count("pk", filter=Q(record__action=action))


def _place(visit: Visit, reader: Reader) -> str:
    """Where or by what means; that it was a hospital is for those who may know."""
    sees = reader.sees(visit.how == Visit.How.HOSPITAL, visit.record.path, visit.record.member_id)
    return visit.get_how_display() if sees else ""


def _money(visit: Visit, reader: Reader) -> Decimal | None:
    return visit.money and Decimal(visit.money) / 100


def _completed(visits: list[Visit], reader: Reader) -> list[Visit]:
    """With the kinds of care each member was in that day, as the reader may know, and what was promised.

    Sanctions, which are forgotten one day, are none of these kinds.
    """
    kinds = defaultdict(list)
    rows = Category.objects.filter(person__in={visit.record.member_id for visit in visits})
    for each in rows.exclude(kind__in=SANCTIONS).order_by("kind", "pk"):
        kinds[each.person_id].append(each)
    for visit in visits:
        record = visit.record
        then = [each for each in kinds[record.member_id] if each.since <= record.on < each.until]
        visit.kinds = "、".join(category_words(then, sensitive=reader.sees(True, record.path, record.member_id)))
    return with_promises(visits, reader)


def _gift_value(visit: Visit, reader: Reader) -> Decimal | None:
    return visit.gift_value and Decimal(visit.gift_value) / 100


VISITS = Ledger(
    code="visits",
    title="走访慰问台账",
    period="日期在期间内的走访、政治生日祝贺和吊唁，不含看到的情况和答应的事，不含已撤回的；党支部是记录所在的党组织。",
    rows=_visits,
    columns=(
        Column("走访时间", "record.on", 12, Format.DATE, leads=True, part=Part.KEY, name="on", also=ON_VISIT),
        Column("种类", "record.get_action_display", 14, part=Part.KEY, name="action"),
        Column("节日", "get_occasion_display", 8, part=Part.VALUE, name="occasion", also=("走访批次",)),
        Column("事由", _occasion, 24, part=Part.VALUE, name="event"),
        Column("走访对象", "record.member.name", 10, part=Part.KEY, name="name", also=("慰问对象", "姓名", "党员")),
        Column("对象类别", "kinds", 16, part=Part.COMPUTED, also=("慰问对象类别",)),
        Column("所在党支部", "record.organisation.label", 24, part=Part.KEY, name="branch", also=BRANCH),
        Column("地点/方式", _place, 10, part=Part.VALUE, name="how", also=("走访地点", "地点", "方式"), hides=True),
        Column("走访人员", _acted, 14, part=Part.KEY, name="people", also=("走访人", "慰问人员", "慰问人")),
        Column("见到谁", "get_met_display", 10, part=Part.VALUE, name="met"),
        Column("慰问金(元)", _money, 12, Format.MONEY, part=Part.VALUE, name="money", also=MONEY, meaning=sum_meant),
        Column("款源", "get_source_display", 14, part=Part.VALUE, name="source", also=("资金来源", "慰问款源")),
        Column("慰问品", "gift", 16, part=Part.VALUE, name="gift", also=("慰问品名称及价值", "慰问物资")),
        Column(
            "慰问品价值(元)",
            _gift_value,
            12,
            Format.MONEY,
            part=Part.VALUE,
            name="gift_value",
            also=("慰问品价值", "慰问品金额"),
            meaning=sum_meant,
        ),
        Column("是否补录", _late, 10, part=Part.COMPUTED),
        Column("是否有诉求", _wished, 12, part=Part.COMPUTED),
        Column("跟进情况", "follow_up", 16, part=Part.COMPUTED, also=("完成情况",)),
        Column("办结情况", _closed, 26, part=Part.COMPUTED),
    ),
    subject="record__member",
    prepare=_completed,
    entering=VISIT_ENTERING,
    picks=ENTERED_LATE,
    tally=(
        ("{} 次", Count("pk")),
        ("对象 {} 人", Count("record__member", distinct=True)),
        ("走访 {} 次", _of_action(Action.VISIT)),
        ("祝贺 {} 次", _of_action(Action.GREETING)),
        ("吊唁 {} 次", _of_action(Action.CONDOLENCE)),
        ("慰问金 {} 元", Coalesce(Sum(Cast("money", FloatField())), 0.0) / 100.0),
    ),
    link=lambda visit, _: reverse("visit", args=[visit.pk]),
)


# 集中学习台账


def _studies(reader: Reader, organisation: Organisation, first: date, last: date) -> QuerySet:
    """The hours of each member at each session of the period, without those withdrawn."""
    hours = Attendance.objects.all() if reader.account is None else Attendance.objects.visible_to(reader.account)
    return (
        hours.filter(record__path__gte=organisation.path, record__path__lt=path_end(organisation.path))
        .filter(record__on__range=(first, last), record__withdrawn_on__isnull=True)
        .select_related("record__organisation", "record__member", "session__organiser")
        .defer(*sealed_at("record__member", "session__organiser"))
        .order_by("-record__on", "-session", "record__member__name", "pk")
    )


STUDY = Ledger(
    code="study",
    title="集中学习台账",
    period="学习日期在期间内的学时，每人每次一行，不含已撤回的；党支部是记录所在的党组织。",
    rows=_studies,
    columns=(
        Column("学习日期", "record.on", 12, Format.DATE, leads=True, part=Part.KEY, name="on", also=ON_STUDY),
        Column("学习主题", "session.title", 26, part=Part.KEY, name="title", also=("学习内容", "主题")),
        Column("党员", "record.member.name", 10, part=Part.KEY, name="name", also=("姓名", "参加人员", "参学人员")),
        Column("所在党支部", "record.organisation.label", 24, part=Part.KEY, name="branch", also=BRANCH),
        Column("学时", "record.quantity", 8, Format.NUMBER, part=Part.VALUE, name="hours"),
        Column("组织人", "session.organiser.name", 10, part=Part.KEY, name="people", also=("组织者", "主持人")),
        Column("是否补录", _late, 10, part=Part.COMPUTED),
    ),
    subject="record__member",
    entering=STUDY_ENTERING,
    picks=ENTERED_LATE,
    tally=(
        ("{} 人次", Count("pk")),
        ("共 {} 学时", Sum(Cast("record__quantity", FloatField()), default=0.0)),
    ),
    link=lambda attendance, _: reverse("study", args=[attendance.session_id]),
)

# 办理记录


def _deeds(reader: Reader, organisation: Organisation, first: date, last: date) -> QuerySet:
    """Deeds of the period, without those withdrawn; what was done is printed for those who may read it."""
    deeds = Deed.objects.all() if reader.account is None else Deed.objects.visible_to(reader.account)
    return (
        deeds.filter(record__path__gte=organisation.path, record__path__lt=path_end(organisation.path))
        .filter(record__on__range=(first, last), record__withdrawn_on__isnull=True)
        .select_related("record__organisation", "record__member")
        .prefetch_related(people_of("record__actors"))
        .defer(*sealed_at("record__member"))
        .order_by("-record__on", "-record__pk")
    )


def _deed_what(deed: Deed, reader: Reader) -> str:
    record = deed.record
    sensitive = record.action in SENSITIVE_ACTIONS and record.member_id is not None
    return record.get_action_display() if reader.sees(sensitive, record.path, record.member_id) else CARE


def _deed_note(deed: Deed, reader: Reader) -> str:
    return deed.note if reader.account is not None and may_read_deed(reader.account, deed.record) else ""


DEEDS = Ledger(
    code="deeds",
    title="办理记录台账",
    period="办理日期在期间内的办理，不含已撤回的；办了什么只给办理人和能在那里登记的人；组织是记录所在的党组织。",
    rows=_deeds,
    columns=(
        Column("组织", "record.organisation.label", 24, part=Part.KEY, name="branch", also=("党组织", *BRANCH)),
        Column("日期", "record.on", 12, Format.DATE, leads=True, part=Part.KEY, name="on", also=("办理日期", "时间")),
        Column("事项", _deed_what, 14, part=Part.KEY, name="action", also=("办理事项", "类别")),
        Column("对象", "record.member.name", 10, part=Part.KEY, name="name", also=("姓名", "党员", "办理对象")),
        Column("办理人", _acted, 14, part=Part.KEY, name="people", also=("经办人", "责任人")),
        Column("办了什么", _deed_note, 40, part=Part.VALUE, name="text", also=("办理情况", "内容"), hides=True),
        Column("文件编号", "paper", 18, part=Part.VALUE, name="paper", also=("文件或材料编号", "材料编号")),
        Column("是否补录", _late, 10, part=Part.COMPUTED),
    ),
    subject="record__member",
    entering=DEED_ENTERING,
    picks=ENTERED_LATE,
    tally=(("{} 件", Count("pk")),),
    link=lambda deed, _: reverse("deed", args=[deed.pk]),
)

LEDGERS = register(
    DUTIES, TALKS, REQUESTS, VISITS, CAMPAIGNS, STUDY, DEEDS, ACTIVITIES, CONTACT_POINTS, APPLICATIONS, PAYMENTS,
    RELIEFS,
    FUND_BOOKS,
    BIRTHDAYS,
    OATHS,
    HONOURS,
    SELECTIONS,
    FIFTY,
    NAMINGS,
    STORIES,
    ASSESSMENTS,
    ALLOWANCES,
    CARE_PLANS,
    OPENNESS,
    SUPERVISIONS,
    REPORTS,
    STUDY_HOURS, NOTICES, SELECTION_NOTICES, STATEMENTS, MEMBERS, ORGANISATIONS, POSTS,
    DIFFICULTY_NATIONAL,
    *REGISTER_LEDGERS,
)  # fmt: skip
"""Every ledger by its code."""
