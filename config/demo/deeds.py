"""What organisations did since New Year that has no form of its own: plans, reports, training, lectures, reviews."""

from dataclasses import dataclass
from datetime import date, timedelta

from config.demo.people import COMMITTEE, HOME, Cast
from duties.deeds import record_deed
from duties.engine.models import Action
from members.accounts import DEMO_PREFIX
from members.enums import CategoryKind, EventKind, OrganisationKind, Role
from members.models import Account, Category, Membership, Organisation, Post
from members.services import register_organisation_event

K = OrganisationKind


@dataclass(frozen=True)
class Doing:
    """One act of every organisation of a kind, on a day of the year; ``codes`` names the only ones that did it."""

    month: int
    day: int
    action: Action
    kinds: tuple[K, ...]
    note: str
    paper: str = ""
    codes: tuple[str, ...] = ()


YEAR = (
    Doing(1, 14, Action.PLAN, (K.COMMITTEE,), "党委会审议通过年度党内关怀帮扶工作计划，分解到各支部。", "{year}-2"),
    Doing(1, 23, Action.PLAN, (K.BRANCH,), "支委会定下全年谈心、走访和学习安排，在党员大会上说明。"),
    Doing(3, 26, Action.REVIEW, (K.BRANCH,), "核对困难党员和老党员名单，没有增减。", codes=(HOME,)),
    Doing(4, 16, Action.TRAINING, (K.GENERAL_BRANCH,), "集中培训两天，讲谈心谈话和走访慰问怎么做、怎么记。"),
    Doing(6, 25, Action.REVIEW, (K.BRANCH,), "逐户核对，一户收入好转，已写明情况。", codes=(HOME,)),
    Doing(7, 1, Action.LECTURE, (K.COMMITTEE, K.GENERAL_BRANCH), "讲党课：把党员的难处放在心上。"),
    Doing(7, 2, Action.SELECTION, (K.COMMITTEE,), "表彰优秀党员、优秀党务工作者和先进党支部，名单已公示。", "{year}-9"),
    Doing(7, 6, Action.REPORT, (K.BRANCH,), "报送上半年谈心谈话、走访慰问和帮扶情况。", "{code} 半年报"),
    Doing(9, 24, Action.REVIEW, (K.BRANCH,), "复核台账，补登两人的联系电话。", codes=(HOME,)),
    Doing(10, 15, Action.RESEARCH, (K.COMMITTEE,), "到两个测站住站调研，写成报告。", "调研 {year}-1"),
)  # fmt: skip

LEFT_OUT = 5
"""Of the branches every so many-th has not reported: there is something to remind of."""


def enter_deeds(cast: Cast) -> None:
    """Enter them, done by the secretary of the day; who has no account has the clerk enter it. Nothing lies ahead."""
    places = list(Organisation.objects.filter(code__startswith=COMMITTEE).order_by("path"))
    accounts = {each.person_id: each for each in Account.objects.exclude(person=None).select_related("person")}
    clerk = Account.objects.get(username=f"{DEMO_PREFIX}clerk")
    for doing in YEAR:
        on = date(cast.begin.year, doing.month, doing.day)
        if on >= cast.today:
            continue
        heads = Post.objects.on(on).filter(role=Role.SECRETARY, organisation__in=places).select_related("person")
        head = {post.organisation_id: post.person for post in heads.order_by("-since", "-pk")}
        for number, place in enumerate(each for each in places if _takes_part(each, doing)):
            late = doing.action == Action.REPORT and number % LEFT_OUT == LEFT_OUT - 1
            if late or place.pk not in head:
                continue
            person = head[place.pk]
            record_deed(
                by=accounts.get(person.pk, clerk), action=doing.action, organisation=place, on=on, people=[person],
                note=doing.note, paper=doing.paper.format(year=on.year, code=place.code), today=on,
            )  # fmt: skip


FLOOD = (7, 20, EventKind.HARD_TASK, "防汛应急响应通知")
"""What happened to the home branch as a whole, in the summer."""


def enter_organisation_event(cast: Cast) -> None:
    """Enter it by the clerk's account, unless summer is still to come."""
    month, day, kind, source = FLOOD
    on = date(cast.begin.year, month, day)
    if on < cast.today:
        register_organisation_event(
            by=Account.objects.get(username=f"{DEMO_PREFIX}clerk"), organisation=Organisation.objects.get(code=HOME),
            kind=kind, occurred_on=on, source=source, today=on,
        )  # fmt: skip


def enter_files(cast: Cast) -> None:
    """A file of each bereaved family, kept by the branch's secretary."""
    accounts = {each.person_id: each for each in Account.objects.exclude(person=None).select_related("person")}
    clerk = Account.objects.get(username=f"{DEMO_PREFIX}clerk")
    bereaved = Category.objects.filter(kind=CategoryKind.BEREAVED).select_related("person").order_by("pk")
    filed = "逐户建档：家庭成员、收入、就医和上学情况已记入。"
    for each in bereaved:
        person, on = each.person, each.since + timedelta(days=20)
        stood = Membership.objects.on(on).filter(person=person).select_related("organisation").first()
        if stood is None or on >= cast.today:
            continue
        chain = Organisation.objects.filter(descent__organisation=stood.organisation)
        heads = Post.objects.on(on).filter(role=Role.SECRETARY, organisation__in=chain).exclude(person=person)
        head = heads.select_related("person").order_by("-organisation__path", "pk").first().person
        record_deed(
            by=accounts.get(head.pk, clerk), action=Action.REVIEW, member=person, on=on,
            people=[head], note=filed, today=on,
        )  # fmt: skip


def _takes_part(place: Organisation, doing: Doing) -> bool:
    return place.kind in doing.kinds and (not doing.codes or place.code in doing.codes)
