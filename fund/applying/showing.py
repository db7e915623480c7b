"""What of a notice anybody may read, and what waits to be posted. A public page is given nothing but :class:`Paper`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby

from django.db.models import Count, Min, Prefetch, Q

from base.arranging import arrangements
from base.calendar import YearUnknown
from base.workdays import Arrangement, is_working_day
from fund.applying.noticing import line_ends, live_lines, unposted
from fund.applying.turns import awaited_on, lines_of, places_of
from fund.models import Application, Fund, Meeting, NoticeLine, Objection, PublicNotice, Taken
from fund.regulation.reckoning import notice_ends
from fund.regulation.schema import Step
from fund.regulation.steps import Move
from fund.regulation.words import Body, DayCount, StepKind
from members.enums import Capability
from members.models import Organisation
from members.scope import sealed_at

WITHOUT_WORDS = Objection.objects.order_by("pk").defer("by", "contact", "text", "answer")
"""Objections without what was said, by whom, and what was answered."""

# What anybody may read


@dataclass(frozen=True)
class Row:
    """One row on the wall. ``ends_on``: its own last day, where an objection moved it."""

    number: int
    name: str
    branch: str
    category: str
    fen: int
    ends_on: date | None


@dataclass(frozen=True)
class Paper:
    """A notice as it hangs on the wall: all that a public page may know."""

    token: str
    title: str
    words: str
    issuer: str
    posted_on: date
    from_on: date
    ends_on: date
    days: int
    count: str
    phone: str
    office: str
    place: str
    rows: tuple[Row, ...]

    @property
    def last_on(self) -> date:
        """The day after which nothing of it is shown."""
        return max([self.ends_on, *(row.ends_on for row in self.rows if row.ends_on)])


def shown_lines(day: date):
    """Rows that anybody may read on a day: their application is still in its notice, their days are not over."""
    not_over = Q(notice__ends_on__gte=day) | Q(objections__ends_on__gte=day)
    return live_lines().filter(not_over, notice__posted_on__lte=day)


def papers_on(day: date, token: str | None = None) -> list[Paper]:
    """The notices of which anybody may read something on a day, the latest first; or the one of a token."""
    lines = shown_lines(day).select_related("notice__organisation").prefetch_related("objections").distinct()
    lines = lines if token is None else lines.filter(notice__token=token)
    lines, more = lines.order_by("-notice__posted_on", "-notice", "number"), arrangements()
    return [_paper(notice, rows, more) for notice, rows in groupby(lines, key=lambda line: line.notice)]


def posted_paper(notice: PublicNotice) -> Paper:
    """The notice whole, as it was posted: for the wall and for the files."""
    return posted_papers([notice])[0]


def posted_papers(notices: Sequence[PublicNotice]) -> list[Paper]:
    """As :func:`posted_paper`, of several in their order; as many queries for many as for one."""
    lines: dict[int, list[NoticeLine]] = {each.pk: [] for each in notices}
    rows = NoticeLine.objects.filter(notice__in=lines).select_related("notice").order_by("notice", "number")
    for row in rows.prefetch_related(Prefetch("objections", WITHOUT_WORDS)):
        lines[row.notice_id].append(row)
    more = arrangements()
    return [_paper(each, lines[each.pk], more) for each in notices]


def _paper(notice: PublicNotice, lines: Iterable[NoticeLine], more: Mapping[int, Arrangement]) -> Paper:
    rows = tuple(
        Row(each.number, each.name, each.branch, each.category, each.fen,
            ends if (ends := line_ends(each)) > notice.ends_on else None)
        for each in lines
    )  # fmt: skip
    return Paper(
        notice.token, notice.title, notice.words, notice.organisation.name, notice.posted_on, first_day(notice, more),
        notice.ends_on, notice.days, DayCount(notice.count).label, notice.phone, notice.office, notice.place, rows,
    )  # fmt: skip


def inside_lines(notice: PublicNotice, *, opened: bool) -> list[NoticeLine]:
    """All rows as they were posted, with their applications and objections; ``opened``: with what was said."""
    objections = Objection.objects.order_by("pk") if opened else WITHOUT_WORDS
    rows = notice.lines.select_related("notice", "application__person", "application__regulation")
    rows = rows.defer(*sealed_at("application__person"), "application__content")
    return list(rows.prefetch_related(Prefetch("objections", objections)).order_by("number"))


def first_day(notice: PublicNotice, more: Mapping[int, Arrangement]) -> date:
    """The day from which a notice counts: the next one, or the next that is worked."""
    day = notice.posted_on + timedelta(days=1)
    try:
        while notice.count == DayCount.WORKING and day < notice.ends_on and not is_working_day(day, more):
            day += timedelta(days=1)
    except YearUnknown:  # it was posted when the year was known
        return notice.posted_on + timedelta(days=1)
    return day


# What waits to be posted


@dataclass
class Waiting:
    """Applications that wait for one notice: of one fund, step, place and number of days."""

    fund: Fund
    step: Step
    organisation: Organisation
    rows: list[Application] = field(default_factory=list)

    @property
    def code(self) -> str:
        return f"{self.fund.pk}:{self.step.code}:{self.organisation.pk}:{self.step.notice.days}"

    @property
    def fen(self) -> int:
        return sum(row.granted or row.asked for row in self.rows)

    def ends_on(self, day: date) -> date | str:
        """The last day if it is posted on ``day``; a sentence where the working days are not known."""
        try:
            return notice_ends(self.step.notice, day, arrangements())
        except YearUnknown as unknown:
            return str(unknown)

    @property
    def days_words(self) -> str:
        """``5 个工作日``."""
        return f"{self.step.notice.days} 个{self.step.notice.count.label}"


def to_post(applications):
    """Of these, those that wait for a notice and stand on none."""
    rows = unposted(applications)
    return rows.filter(state__in=_notice_codes(rows))


def waiting_for_notice(account, day: date) -> list[Waiting]:
    """What the account may post, by list."""
    rows = to_post(Application.objects.visible_to(account))  # of a branch that left too; who may post is asked below
    rows = rows.select_related("regulation", "fund__organisation", "organisation", "person")
    found: dict[str, Waiting] = {}
    by_fund: dict[Fund, list[Application]] = {}
    for row in rows.defer(*sealed_at("person"), "content").order_by("year", "number", "pk"):
        by_fund.setdefault(row.fund, []).append(row)
    for fund, its in by_fund.items():
        lines = lines_of({row.organisation_id for row in its}, fund, day)
        for row in its:
            places, step = places_of(lines[row.organisation_id]), awaited_on(row, lines[row.organisation_id])
            if (
                step is None
                or step.kind != StepKind.NOTICE
                or not account.scope.may(Capability.RECORD, places[step.at].path)
            ):
                continue
            one = Waiting(fund, step, places[step.at])
            found.setdefault(one.code, one).rows.append(row)
    return list(found.values())


def _notice_codes(rows) -> set[str]:
    """The codes of notices in the regulations that these follow."""
    texts = {each.regulation_id: each.regulation for each in _one_of_each(rows)}
    return {step.code for each in texts.values() for step in each.parsed.steps if step.kind == StepKind.NOTICE}


def _one_of_each(rows):
    """One application of each regulation."""
    firsts = rows.running().order_by("regulation").values("regulation").annotate(first=Min("pk")).values("first")
    return Application.objects.filter(pk__in=firsts).select_related("regulation").defer("content").order_by("pk")


def words_for(waiting: Waiting, day: date) -> dict[str, str]:
    """How a notice is filled in to begin with: by the regulation and by the last one posted there. No names."""
    last = PublicNotice.objects.filter(fund=waiting.fund, organisation=waiting.organisation).order_by("-pk").first()
    regulation = waiting.rows[0].regulation
    before, taken = [], _taken_by_all(waiting.rows)
    for step in regulation.parsed.steps:
        if step.code == waiting.step.code:
            break
        if step.code not in taken:
            continue
        before.append(step.title if step.kind != StepKind.DECISION else _meeting_of(waiting.rows) or step.title)
    words = f"根据《{regulation.title}》，经个人申请、{'、'.join(before)}，拟对下列党员给予帮扶，现予公示。"
    here = waiting.organisation
    return {
        "title": f"关于{day.year}年度党内关怀帮扶资金拟帮扶对象的公示", "words": words[:300],
        "phone": last.phone if last else here.phone, "office": last.office if last else f"{here.label}组织部"[:60],
        "place": last.place if last else "",
    }  # fmt: skip


def _taken_by_all(rows: list[Application]) -> set[str]:
    """The steps that every one of them passed: not each branch has a general branch above it."""
    passed = Taken.objects.filter(application__in=rows, move=Move.PASS).order_by("step")
    rows_by_step = passed.values("step").annotate(count=Count("application", distinct=True))
    return {each["step"] for each in rows_by_step if each["count"] == len(rows)}


def _meeting_of(rows: list[Application]) -> str:
    """The one meeting that decided on all of them, as it is said."""
    found = {(each.body, each.on) for each in Meeting.objects.filter(decisions__application__in=rows)}
    if len(found) != 1:
        return ""
    [(body, on)] = found
    return f"{Body(body).label} {on.year} 年 {on.month} 月 {on.day} 日集体研究"
