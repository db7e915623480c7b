"""What the demo's committee did for those who lead and work: training, assessments, rewards, a branch's yearly plan."""

from datetime import date, timedelta
from decimal import Decimal

from awards.assessing import Judged, record_assessment
from awards.giving import Benefit, give
from awards.models import AllowanceKind, Grade
from awards.planning import approve_plan, draw_up, proposed
from awards.study import record_training
from base.money import Source
from config.demo.people import COMMITTEE, HOME, Cast
from duties.deeds import record_deed
from duties.engine.models import Action
from duties.tasks import tasks_of
from members.accounts import DEMO_PREFIX
from members.enums import LIVING, OrganisationKind, Role
from members.models import Account, Membership, Organisation, Person, Post

JUDGED = (
    (Grade.EXCELLENT, "谈心走访都按时，台账清楚，困难党员家里的情况说得上来。"),
    (Grade.GOOD, "组织生活正常，走访还可以再勤一些。"),
    (Grade.FAIR, "半年没有走访困难党员，学时登记不全。"),
)
"""How the secretaries of the home branch and of two others were assessed."""


def enter_encouragement(cast: Cast) -> None:
    """Enter all of it by the clerk's account; nothing lies ahead."""
    clerk = Account.objects.select_related("person").get(username=f"{DEMO_PREFIX}clerk")
    committee, head = Organisation.objects.get(code=COMMITTEE), _head(COMMITTEE, cast.today)
    branches = Organisation.objects.filter(code__startswith=COMMITTEE, kind=OrganisationKind.BRANCH).order_by("path")
    home = branches.get(code=HOME)
    heads = Post.objects.on(cast.today).filter(role=Role.SECRETARY, organisation__in=branches.exclude(pk=home.pk))
    led = [(post.organisation, post.person) for post in heads.order_by("organisation__path", "pk")]
    _train(clerk, committee, head, [person for _place, person in led], cast)
    for (place, person), (grade, said) in zip([(home, _head(HOME, cast.today)), *led[2:4]], JUDGED, strict=False):
        _assess(clerk, committee, head, Judged(cast.today.year, grade, person, cast.today, [head], remarks=said), place)
    _give(clerk, home, cast.today)
    _plan(home, cast)


def _head(code: str, on: date) -> Person:
    held = Post.objects.on(on).filter(organisation__code=code, role=Role.SECRETARY).select_related("person")
    return held.order_by("-since", "-pk").first().person


def _train(by: Account, committee: Organisation, head: Person, people: list[Person], cast: Cast) -> None:
    """The secretaries who were members that spring were trained for three days."""
    on = date(cast.begin.year, 4, 20)
    if on + timedelta(days=3) >= cast.today:
        return
    there = Membership.objects.on(on).filter(person__in=people, path__startswith=committee.path, standing__in=LIVING)
    members = Person.objects.filter(pk__in=there.values("person")).order_by("pk")
    record_training(
        by=by, organisation=committee, on=on, days=3, title="党支部书记集中轮训", hours=Decimal(24), organiser=head,
        members=list(members), today=on + timedelta(days=2),
    )  # fmt: skip


def _assess(by: Account, committee: Organisation, head: Person, judged: Judged, place: Organisation) -> None:
    """An assessment of today; of a bad one the talk was held at once."""
    today = judged.on
    days = {"mend_by": today + timedelta(days=45), "talk_by": today + timedelta(days=7), "talker": head}
    judged = Judged(**{**vars(judged), "meeting": "党委会研究", **(days if judged.bad else {})})
    made = record_assessment(by=by, organisation=place, assessor=committee, judged=judged, today=today)
    for task in tasks_of(made.source, today=today):
        if task.event.addressee_id == head.pk:
            record_deed(
                by=by, action=Action.HANDLING, on=today, people=[head], organisation=committee, event=task.event,
                note="当面反馈考核意见，商定了整改的几件事。", today=today,
            )  # fmt: skip


def _give(by: Account, home: Organisation, today: date) -> None:
    """A prize of the branch, the part-time secretary's allowance, canteen cards for three."""
    year = today.year
    prize = Benefit(
        AllowanceKind.INNOVATION, today, "党委会纪要 11 号", 300_000, source=Source.SPECIAL, words="测站微党课"
    )
    allowance = Benefit(
        AllowanceKind.PART_TIME, today, "党委会纪要 11 号", 120_000, source=Source.FISCAL, words=f"{year} 年度"
    )
    cards = Benefit(AllowanceKind.STAFF, today, "工会第 4 次会议", gift="食堂餐卡", words="汛期值守")
    stays = Membership.objects.on(today).filter(organisation=home, standing__in=LIVING, person__posts=None)
    three = [stay.person for stay in stays.select_related("person").order_by("pk")[:3]]
    for benefit, people in ((prize, []), (allowance, [_head(HOME, today)]), (cards, three)):
        give(by=by, benefit=benefit, organisation=home, people=people, today=today)


def _plan(home: Organisation, cast: Cast) -> None:
    """The home branch's plan, as the policies propose it, approved in January."""
    on, secretary = date(cast.begin.year, 1, 23), _head(HOME, cast.today)
    by = Account.objects.select_related("person").get(person=secretary)
    items = proposed(home, cast.begin.year)
    plan = draw_up(by=by, organisation=home, year=cast.begin.year, items=items, today=min(on, cast.today))
    if on < cast.today and items:
        approve_plan(by=by, plan=plan, on=on, people=[secretary], meeting="支委会", today=on)
