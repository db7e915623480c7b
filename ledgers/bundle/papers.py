"""Forms of the fund for a bundle: each application's file, each meeting's decisions, each notice with its result.

They are handed on, so nothing stands in them that only those who handle an application read: no reason, no household,
no opinion; a whole number in a whole bundle alone. A batch at a time: as many queries for one form as for a hundred.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from base.cells import day_text
from base.money import Source
from base.papers import Facts, Paper, Table, Words
from base.writing import Heading
from fund.applying import showing
from fund.applying.paper import boxes_of, with_paper
from fund.applying.showing import posted_papers
from fund.applying.turns import lines_of
from fund.models import Application, Attendee, Decision, Grant, Meeting, NoticeLine, PublicNotice
from fund.regulation.reckoning import yuan
from fund.regulation.steps import OBJECTED
from ledgers.applications import APPLICATIONS
from ledgers.bundle.asked import Asked
from members.enums import Capability
from members.models import Organisation
from members.scope import path_end, sealed_at

AT_ONCE = 100
LEFT_OUT = "申请理由、家庭和收入、审核意见、完整的收款账号不进迎检包，有权限的同志在系统里查阅。"
TRAIL = (
    Heading("序号", 5), Heading("日期", 11), Heading("步骤", 18), Heading("办法", 10), Heading("金额（元）", 12),
    Heading("办理人", 30),
)  # fmt: skip
DECIDED = (
    Heading("编号", 10), Heading("申请人", 9), Heading("所在党组织", 20), Heading("类别", 16),
    Heading("申请（元）", 11), Heading("核定（元）", 11), Heading("来源", 14), Heading("投票", 6),
    Heading("同意", 6), Heading("反对", 6), Heading("弃权", 6), Heading("回避", 12), Heading("结论", 10),
)  # fmt: skip
SEATS = (Heading("姓名", 12), Heading("职务", 36), Heading("到会", 8))
SHOWN = (
    Heading("序号", 6), Heading("姓名", 10), Heading("帮扶类别", 22), Heading("拟帮扶金额（元）", 18),
    Heading("所在党组织", 28), Heading("结果", 16),
)  # fmt: skip


@dataclass(frozen=True)
class Form:
    """One form, under the name of its file, and in a few words what it is."""

    name: str
    said: str
    paper: Paper


@dataclass(frozen=True)
class Section:
    """A folder of forms: what they are made of, in order, and how a batch of it becomes forms."""

    folder: str
    rows: QuerySet
    forms: Callable[[Asked, list], Iterable[Form]]

    def each(self, asked: Asked) -> Iterator[Form]:
        source = iter(self.rows.iterator(chunk_size=AT_ONCE))
        while batch := list(islice(source, AT_ONCE)):
            yield from self.forms(asked, batch)


def sections(asked: Asked) -> list[Section]:
    """The three folders, whether anything lies in them or not."""
    account, here = asked.eyes, asked.organisation.path
    days = (asked.first, asked.last)
    within = {"fund__organisation__path__gte": here, "fund__organisation__path__lt": path_end(here)}
    applications = APPLICATIONS.rows(asked.reader, asked.organisation, asked.first, asked.last)
    applications = Application.objects.filter(pk__in=applications.order_by().values("pk"))
    meetings = Meeting.objects.visible_to(account, Capability.READ_BOOKS).filter(on__range=days, **within)
    notices = PublicNotice.objects.visible_to(account).filter(posted_on__range=days)
    notices = notices.filter(organisation__path__gte=here, organisation__path__lt=path_end(here))
    return [
        Section("04 资金申请", _with_file(applications), _applications),
        Section("05 会议研究", _with_votes(meetings), _meetings),
        Section("06 公示及结果", _with_result(notices), _notices),
    ]


# Applications


def _with_file(rows: QuerySet[Application]) -> QuerySet[Application]:
    rows = with_paper(rows).defer("content", *(name for name in sealed_at("person") if "address" in name))
    return rows.order_by("fund__organisation__path", "fund", "year", "number", "pk")


def _applications(asked: Asked, batch: list[Application]) -> Iterator[Form]:
    day, revealed = asked.reader.day, asked.reader.revealed({row.person_id for row in batch})
    for fund, rows in groupby(batch, key=lambda row: row.fund):
        its = list(rows)
        lines = lines_of({row.organisation_id for row in its}, fund, day)
        for row in its:
            name = f"{row.label} {fund.organisation.label}"
            said = f"{row.class_of.title}，{row.state_words}"
            yield Form(name, said, _file(asked, row, lines[row.organisation_id], open_=row.person_id in revealed))


def _file(asked: Asked, row: Application, line: list[Organisation], *, open_: bool) -> Paper:
    """:param open_: whether the member's numbers stand in it as they are."""
    person = row.person
    seniority = person.seniority(asked.reader.day)
    facts = [
        ("姓名", person.name), ("性别", person.sex), ("民族", person.ethnicity),
        ("出生年月", f"{person.birth_on:%Y.%m}" if person.birth_on else ""),
        ("身份证号", person.id_number if open_ else person.masked_id),
        ("联系电话", person.phone if open_ else person.masked_phone),
        ("入党时间", day_text(person.joined_on, person.joined_precision)),
        ("党龄", "" if seniority.years is None else f"{seniority.years} 年"),
        ("所在支部", row.organisation.name), ("填写人", row.get_filer_display()),
        ("申请类别", row.class_of.title + (f"（{row.grade}）" if row.grade else "")),
        ("申请金额", f"{yuan(row.asked)} 元"),
        ("同意公示", f"{row.agreed_on} 本人同意核查情况并按规定公示" if row.agreed_on else "没有登记"),
    ]  # fmt: skip
    steps = []
    for box in boxes_of(row, line):
        said = "\n".join(box.lines) or "还没有办到这一步"
        signed = "　".join(filter(None, (box.who, f"{box.on}" if box.on else "")))
        steps.append((box.title, f"{said}\n{signed}".strip()))
    trail = [
        [
            each.serial, each.on, each.title + (f"（第 {each.round} 次提交）" if each.round > 1 else ""),
            each.get_move_display(), yuan(each.fen) if each.fen else "",
            (each.person.name if each.person else "系统") + (f"（{each.post}）" if each.post else ""),
        ]
        for each in row.taken.all()
    ]  # fmt: skip
    urgent = "（紧急）" if row.urgent else ""
    caption = (
        f"编号：{row.label}{urgent}　　{row.fund.organisation.name}　　提交：{row.submitted_on}　　{row.state_words}"
    )
    return Paper(
        "党内关怀帮扶专项资金申请审批表", caption,
        [
            Facts(facts, frozenset({"同意公示"})), Facts(steps, frozenset(title for title, _said in steps)),
            Table("办理经过", TRAIL, trail), Words(LEFT_OUT), *([Words(asked.warning)] if open_ else []),
        ],
    )  # fmt: skip


# Meetings


def _with_votes(rows: QuerySet[Meeting]) -> QuerySet[Meeting]:
    seats = Attendee.objects.select_related("person").defer(*sealed_at("person")).order_by("pk")
    grants = Grant.objects.select_related("reservation", "fund__organisation").order_by("pk").defer("payee")
    decisions = Decision.objects.select_related("application__person")
    decisions = decisions.defer(*sealed_at("application__person"), "application__content", "reason")
    decisions = decisions.order_by("application__year", "application__number", "pk")
    decisions = decisions.prefetch_related(Prefetch("grants", grants))
    rows = rows.select_related("fund__organisation", "organisation")
    return rows.prefetch_related(Prefetch("attendees", seats), Prefetch("decisions", decisions)).order_by("on", "pk")


def _meetings(asked: Asked, batch: list[Meeting]) -> Iterator[Form]:
    for meeting in batch:
        decisions, seats = meeting.decisions.all(), meeting.attendees.all()
        names = {each.person_id: each.person.name for each in seats}
        agreed = sum(each.outcome == Decision.Outcome.AGREED for each in decisions)
        came = [each for each in seats if each.present]
        facts = Facts(
            [
                ("会议", meeting.title), ("类型", meeting.get_body_display()), ("日期", f"{meeting.on}"),
                ("纪要号", meeting.minutes), ("应到", f"{len(seats)} 人"), ("实到", f"{len(came)} 人"),
                ("研究", f"{len(decisions)} 件，同意 {agreed} 件"),
                ("核定合计", f"{yuan(sum(each.fen for each in decisions))} 元"),
            ],
        )  # fmt: skip
        paper = Paper(
            "专项资金集体研究决定表",
            f"{meeting.fund.organisation.name}　　{timezone.localtime(meeting.at):%Y-%m-%d} 录入",
            [
                facts,
                Table("研究决定", DECIDED, [_decided(each, names) for each in decisions]),
                Table("应到人员", SEATS, [_seated(each) for each in seats]),
            ],
            foot="主持人：　　　　　　　　记录人：　　　　　　　　（原始纪要按纪要号存档）", wide=True,
        )  # fmt: skip
        said = f"研究 {len(decisions)} 件，同意 {agreed} 件"
        yield Form(f"{meeting.on} {meeting.title} {meeting.minutes}", said, paper)


def _seated(each: Attendee) -> list[str]:
    return [each.person.name, each.post, "到会" if each.present else "缺席"]


def _decided(each: Decision, names: dict[int, str]) -> list:
    row, asked = each.application, each.snapshot
    aside = "、".join(names[person] for person in each.recused if person in names)
    sources = "、".join(dict.fromkeys(Source(grant.reservation.source).label for grant in each.grants.all()))
    return [
        row.label, row.person.name, asked["organisation"], asked["kind_words"], yuan(asked["asked"]),
        yuan(each.fen) if each.fen else "", sources, each.present, each.agree, each.against, each.abstain, aside,
        each.get_outcome_display(),
    ]  # fmt: skip


# Notices


def _with_result(rows: QuerySet[PublicNotice]) -> QuerySet[PublicNotice]:
    lines = NoticeLine.objects.select_related("application__regulation").defer("application__content")
    lines = lines.prefetch_related(Prefetch("objections", showing.WITHOUT_WORDS)).order_by("number")
    rows = rows.select_related("organisation", "result_by").defer(*sealed_at("result_by"))
    return rows.prefetch_related(Prefetch("lines", lines)).order_by("posted_on", "pk")


def _notices(asked: Asked, batch: list[PublicNotice]) -> Iterator[Form]:
    for notice, paper in zip(batch, posted_papers(batch), strict=True):
        lines = notice.lines.all()
        results = {line.number: _result(line, notice) for line in lines}
        objections = [each for line in lines for each in line.objections.all()]
        answered = sum(each.answered_on is not None for each in objections)
        said = f"收到 {len(objections)} 件，已书面答复 {answered} 件" if objections else "没有收到"
        until = f"{paper.from_on} 至 {paper.last_on}，{paper.days} 个{paper.count}"
        result = f"{notice.result_on} 登记：{notice.result}" if notice.result_on else "还没有登记"
        if notice.taken_down_on:
            result = f"{notice.taken_down_on} 撤下"
        facts = [
            ("张贴", f"{paper.posted_on}"), ("公示期", until), ("张贴地点", paper.place),
            ("受理", f"{paper.office} {paper.phone}"), ("异议", said), ("公示编号", notice.label), ("结果", result),
        ]  # fmt: skip
        rows = [
            [each.number, each.name, each.category, yuan(each.fen), each.branch, results[each.number]]
            for each in paper.rows
        ]
        yield Form(
            f"{paper.posted_on} {paper.title}", f"名单 {len(rows)} 人，{until}",
            Paper(paper.title, paper.issuer, [Words(paper.words), Facts(facts), Table("公示名单", SHOWN, rows)]),
        )  # fmt: skip


def _result(line: NoticeLine, notice: PublicNotice) -> str:
    """What became of a row, as the notice's page says it."""
    row = line.application
    if notice.taken_down_on:
        return "已撤下"
    if row.round != line.round or row.state.removesuffix(OBJECTED) != notice.step:
        return row.state_words if (row.over and row.granted is None) or row.editable else "公示通过"
    return "异议待答复" if row.state.endswith(OBJECTED) else "公示中"
