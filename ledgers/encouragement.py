"""The ledgers of assessments, of rewards and allowances, and of yearly plans: what they print, what comes in."""

from datetime import date
from decimal import Decimal

from django.db.models import Count, FloatField, QuerySet, Sum
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse

from awards.giving import Benefit, amiss, doubts, give, known_of
from awards.models import Allowance, AllowanceKind, Assessment, CarePlan, PlanItem
from awards.planning import Progress, progress_of_all
from base.cells import text_of
from base.money import SOURCE_WORDS
from base.reading import CellReader, Level
from base.writing import Format
from duties.tasks import TaskState, tasks_of
from ledgers.entries import NUMBER, TELLS_APART, Entering, Entry, labels, sum_alone, sum_meant, word_meant
from ledgers.ledger import Column, Ledger, Part, Reader
from ledgers.people import Importer
from members.models import Organisation
from members.scope import path_end, sealed_at

PLACE = ("党组织", "所在党支部", "所在支部", "党支部", "所在党组织")

# 书记考核


def _assessments(reader: Reader, organisation: Organisation, first: date, last: date) -> QuerySet:
    """Assessments made in the period of secretaries there, without those withdrawn; remarks stay in the database."""
    found = Assessment.objects.all() if reader.account is None else Assessment.objects.visible_to(reader.account)
    within = {"organisation__path__gte": organisation.path, "organisation__path__lt": path_end(organisation.path)}
    return found.standing().filter(**within, on__range=(first, last)).with_names().order_by("-on", "-pk")


def _with_tasks(batch: list[Assessment], reader: Reader) -> list[Assessment]:
    """Each with ``after``: how the talk and the mending stand. Three queries for a batch."""
    found: dict[str, list[str]] = {}
    for task in tasks_of(*(each.source for each in batch), today=reader.day):
        if task.state != TaskState.WITHDRAWN:
            done = f" {task.done_on}" if task.done_on else ""
            found.setdefault(task.event.source, []).append(f"{task.event.due_on} 前：{task.state.value}{done}")
    for each in batch:
        each.after = "；".join(found.get(each.source, ()))
    return batch


ASSESSMENTS = Ledger(
    code="assessments",
    title="书记考核台账",
    period="考核日期在期间内的考核，不含考核意见，不含已撤回的；只列考核的党组织和上级能看的，本人只见自己的。",
    rows=_assessments,
    columns=(
        Column("考核日期", "on", 12, Format.DATE, leads=True, part=Part.KEY, name="on", also=("日期",)),
        Column("党组织", "organisation.label", 24, part=Part.KEY, name="branch", also=PLACE[1:]),
        Column("书记", "secretary.name", 10, part=Part.KEY, name="name", also=("姓名", "被考核人")),
        Column("年度", "year", 8, Format.NUMBER, part=Part.KEY, name="year", also=("考核年度",)),
        Column("等次", "get_grade_display", 8, part=Part.VALUE, name="grade", also=("考核等次",)),
        Column("考核的党组织", "assessor.label", 24, part=Part.VALUE, name="assessor", also=("考核单位",)),
        Column("考核会议", "meeting", 18, part=Part.VALUE, name="meeting"),
        Column("整改期限", "mend_by", 12, Format.DATE, part=Part.VALUE, name="mend_by"),
        Column("谈话和整改", "after", 26, part=Part.COMPUTED),
    ),
    subject="secretary",
    prepare=_with_tasks,
    tally=(("{} 次", Count("pk")),),
    link=lambda row, _: reverse("assessment", args=[row.pk]),
)

# 奖励补贴


def _allowances(reader: Reader, organisation: Organisation, first: date, last: date) -> QuerySet:
    """What was given in the period, without what was withdrawn."""
    found = Allowance.objects.all() if reader.account is None else Allowance.objects.visible_to(reader.account)
    within = {"path__gte": organisation.path, "path__lt": path_end(organisation.path)}
    rows = found.standing().filter(**within, on__range=(first, last)).select_related("person", "organisation")
    return rows.defer(*sealed_at("person")).order_by("-on", "-pk")


def _fen(row: Allowance, reader: Reader) -> Decimal | None:
    return row.fen and Decimal(row.fen) / 100


def _known(entries: list[Entry], importer: Importer, today: date) -> None:
    """What is known of those named; what the rows above give is known below."""
    known = known_of([entry.member for entry in entries if entry.member])
    for entry in entries:
        entry.given = {"known": known}


def _day(cells: CellReader, name: str) -> date | None:
    return cells.day(name) if text_of(cells.raw(name)) else None


def _judge(entry: Entry, today: date) -> None:
    cells, known = entry.cells, entry.given["known"]
    kind = word_meant(cells, ENTERING.words["kind"], "kind")
    if not kind:
        cells.wrong("kind", "missing_kind", f"没有写种类，请写成：{'、'.join(AllowanceKind.labels)}。")
    benefit = Benefit(
        kind, entry.on, cells.text("approval", longest=100), sum_alone(cells, "money"), cells.text("gift", longest=100),
        str(word_meant(cells, SOURCE_WORDS, "source")), _day(cells, "since"), _day(cells, "last"),
        words=cells.text("words", longest=100), paper=cells.text("paper", longest=60), sure=True,
    )  # fmt: skip
    people = [entry.member] if entry.member else []
    place = entry.place or entry.stay.organisation
    stays = {entry.member.pk: entry.stay} if entry.member else {}
    for name, sentences in amiss(None, benefit, place, people, stays, today=today).items():
        column = {"fen": "money", "names": "name"}.get(name, name)
        cells.wrong(column, f"refused_{name}", " ".join(sentences))
    if kind and entry.member:
        for said in doubts(benefit, people, known):
            cells.say("kind", "doubt", Level.WARNING, said)
        if benefit.since and benefit.last and not cells.refused:
            known.given.setdefault((entry.member.pk, kind), []).append(benefit.stretch)
    entry.given = {"benefit": benefit, "organisation": place, "people": people}


def _enter(by, entries: list[Entry], today: date) -> None:
    [entry] = entries
    give(by=by, **entry.given, today=today)


ENTERING = Entering(
    noun="奖励补贴", only=((NUMBER, TELLS_APART),),
    words={
        "kind": {
            **labels(AllowanceKind), "工作补贴": AllowanceKind.PART_TIME, "兼职补贴": AllowanceKind.PART_TIME,
            "创新奖": AllowanceKind.INNOVATION, "奖励": AllowanceKind.REWARD, "福利": AllowanceKind.STAFF,
        },
        "source": SOURCE_WORDS,
    },
    judge=_judge, enter=_enter, nobody=True, acted=False, fetch=_known,
)  # fmt: skip

ALLOWANCES = Ledger(
    code="allowances",
    title="奖励补贴台账",
    period="发放日期在期间内的，不含已撤回的；没有姓名的是给党组织集体的；党组织是那天所在的党组织。",
    rows=_allowances,
    columns=(
        Column("发放日期", "on", 12, Format.DATE, leads=True, part=Part.KEY, name="on", also=("日期", "时间")),
        Column("党组织", "organisation.label", 24, part=Part.KEY, name="branch", also=PLACE[1:]),
        Column("姓名", "person.name", 10, part=Part.KEY, name="name", also=("党员", "发给谁")),
        Column("种类", "get_kind_display", 14, part=Part.KEY, name="kind", also=("类别", "项目")),
        Column("事由", "words", 20, part=Part.KEY, name="words", also=("说明",)),
        Column(
            "金额(元)", _fen, 12, Format.MONEY, part=Part.VALUE, name="money", also=("金额",), meaning=sum_meant
        ),
        Column("实物或待遇", "gift", 16, part=Part.VALUE, name="gift", also=("实物",)),
        Column("款源", "get_source_display", 14, part=Part.VALUE, name="source", also=("资金来源",)),
        Column("期间从", "since", 12, Format.DATE, part=Part.VALUE, name="since", also=("起",)),
        Column("期间到", "last", 12, Format.DATE, part=Part.VALUE, name="last", also=("止",)),
        Column("审批依据", "approval", 20, part=Part.VALUE, name="approval", also=("审批文号", "依据")),
        Column("凭证编号", "paper", 14, part=Part.VALUE, name="paper", also=("凭证号",)),
    ),
    subject="person",
    entering=ENTERING,
    tally=(("{} 条", Count("pk")), ("{} 元", Coalesce(Sum(Cast("fen", FloatField())), 0.0) / 100.0)),
    link=lambda row, _: reverse("allowance", args=[row.pk]),
)  # fmt: skip

# 年度关怀计划


def _plans(reader: Reader, organisation: Organisation, first: date, last: date) -> QuerySet:
    """Items of the plans approved in the period."""
    found = PlanItem.objects.all() if reader.account is None else PlanItem.objects.visible_to(reader.account)
    within = {"plan__path__gte": organisation.path, "plan__path__lt": path_end(organisation.path)}
    rows = found.filter(**within, plan__approved_on__range=(first, last)).select_related("plan__organisation")
    return rows.order_by("-plan__approved_on", "plan__path", "plan", "position")


def _with_progress(batch: list[PlanItem], reader: Reader) -> list[PlanItem]:
    """Each with how far it is; three queries for a batch."""
    plans: dict[int, CarePlan] = {item.plan_id: item.plan for item in batch}
    found = progress_of_all(list(plans.values())).values()
    lines: dict[int, Progress] = {line.item.pk: line for each in found for line in each}
    for item in batch:
        item.line = lines[item.pk]
    return batch


def _done(item: PlanItem, reader: Reader) -> int | None:
    return item.line.done


def _owed(item: PlanItem, reader: Reader) -> str:
    line = item.line
    said = [f"还差 {line.left} 次" if line.left else "", f"还有 {line.owed} 件应办" if line.owed else ""]
    return "，".join(filter(None, said))


CARE_PLANS = Ledger(
    code="care-plans",
    title="年度关怀计划台账",
    period="在期间内批准的计划，一项一行，草稿不列；办了几次按那一年登记的记录数。",
    rows=_plans,
    columns=(
        Column("批准日期", "plan.approved_on", 12, Format.DATE, leads=True, part=Part.KEY, name="on"),
        Column("党组织", "plan.organisation.label", 24, part=Part.KEY, name="branch", also=PLACE[1:]),
        Column("年度", "plan.year", 8, Format.NUMBER, part=Part.KEY, name="year"),
        Column("做什么", "what", 30, part=Part.KEY, name="what", also=("事项", "工作内容")),
        Column("对谁", "whom", 14, part=Part.VALUE, name="whom", also=("对象",)),
        Column("几次", "times", 8, Format.NUMBER, part=Part.VALUE, name="times"),
        Column("哪天前", "due_on", 12, Format.DATE, part=Part.VALUE, name="due_on", also=("完成时限",)),
        Column("谁负责", "who", 14, part=Part.VALUE, name="who", also=("责任人",)),
        Column("怎样算办了", "get_action_display", 14, part=Part.VALUE, name="action"),
        Column("今年办了", _done, 10, Format.NUMBER, part=Part.COMPUTED),
        Column("还差", _owed, 20, part=Part.COMPUTED),
    ),
    prepare=_with_progress,
    tally=(("{} 项", Count("pk")), ("计划 {} 份", Count("plan", distinct=True))),
    link=lambda item, _: reverse("care_plan", args=[item.plan_id]),
)
