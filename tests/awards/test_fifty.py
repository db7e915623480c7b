"""Fifty years as a service: who is eligible on which 1 July, the list, the review, the hand-over, what is refused."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import ValidationError

from awards.fifty.listing import Award, add_member, ask_for_days, draw_list, enter_award
from awards.fifty.reading import alive, forecast, next_year, reaching, to_list, unknown
from awards.fifty.review import Row, Said, leave_out, stage_before, step_back, take_step, withdraw_medal
from awards.fifty.steps import STEPS
from awards.models import Medal, Stage
from base.models import AuditRow
from duties.engine.models import Duty, State
from duties.policy.adoption import adopt
from duties.policy.packs import load_pack
from duties.tasks import tasks_of
from members.appointments import begin_post, end_post
from members.enums import EventKind, Precision, Role, Standing
from members.models import Event
from tests.duties.acts import die, move, sweep_on
from tests.world import account, member, post

TODAY = date(2026, 11, 23)
YEAR = 2027
HANDED = date(2027, 6, 26)
"""A few days before 七一, when medals are handed over."""
pytestmark = pytest.mark.django_db


def old(world, name, joined, full=None, **more):
    return member(name, world.branch, joined=joined, full=full, since=date(1980, 1, 1), born=date(1945, 3, 1), **more)


def listed(world, person=None):
    draw_list(by=None, organisation=world.committee, year=YEAR, today=TODAY)
    return Medal.objects.select_related("person").get(person=person or world.zhao)


def step(code, *medals, on=None, today=None, **said):
    on = on or (HANDED if code == "hand" else TODAY)
    rows = {pk: Row(**given) for pk, given in said.pop("rows", {}).items()}
    given = {"opinion": "一贯表现良好", "words": "无不同意见", "means": "ceremony", **said}
    return take_step(
        by=None, step=STEPS[code], medals=medals, said=Said(on, rows=rows, **given), today=today or max(on, TODAY)
    )


def through(medal, *codes):
    for code in codes or ("verify", "recommend", "ask", "review", "approve"):
        step(code, medal)
    medal.refresh_from_db()
    return medal


def followed(world):
    """The committee follows the product's working rules, so that tasks and questions become duties."""
    adopt(by=None, organisation=world.committee, policy=load_pack("working-rules"), since=date(2026, 1, 1), today=TODAY)
    sweep_on(TODAY)


# Who is eligible


@pytest.mark.parametrize(
    ("joined", "full", "more", "first"),
    [
        pytest.param(date(1976, 7, 1), None, {}, 2026, id="the day itself, no probation then"),
        pytest.param(date(1976, 7, 2), None, {}, 2027, id="a day later"),
        pytest.param(date(1976, 7, 2), date(1976, 7, 2), {}, 2027, id="full the same day"),
        pytest.param(date(1969, 4, 14), None, {}, 2019, id="first day without probation"),
        pytest.param(date(1977, 8, 11), None, {}, 2028, id="last day without probation"),
        pytest.param(date(1969, 4, 5), date(1969, 4, 5), {}, 2019, id="a disputed day, both sources agree"),
        pytest.param(date(1977, 8, 19), date(1978, 8, 19), {}, 2029, id="probation again"),
        pytest.param(date(1966, 4, 2), date(1967, 4, 2), {}, 2017, id="a year of probation"),
        pytest.param(date(1975, 7, 1), date(1975, 7, 1), {"seniority_months": -12}, 2026, id="corrected down to it"),
        pytest.param(date(1975, 7, 1), date(1975, 7, 1), {"seniority_months": -13}, 2027, id="corrected a month more"),
        pytest.param(date(1978, 1, 1), date(1979, 7, 1), {}, 2029, id="extended probation"),
        pytest.param(date(1978, 1, 1), date(1979, 7, 2), {}, 2030, id="extended probation, a day more"),
        pytest.param(date(1976, 2, 29), None, {}, 2026, id="29 February"),
        pytest.param(date(1980, 3, 1), date(1981, 3, 31), {"seniority_months": 1}, 2031, id="over a month's end"),
        pytest.param(date(1976, 7, 1), None, {"joined_precision": Precision.MONTH}, 2027, id="known to the month"),
        pytest.param(date(1976, 1, 1), None, {"joined_precision": Precision.YEAR}, 2027, id="known to the year"),
        pytest.param(date(1969, 4, 5), None, {}, None, id="a disputed day"),
        pytest.param(date(1977, 8, 15), date(1978, 8, 15), {}, None, id="a disputed day at the end"),
        pytest.param(date(1966, 4, 2), None, {}, None, id="no full date"),
        pytest.param(date(1972, 1, 1), date(1973, 1, 1), {}, None, id="full later where there was no probation"),
        pytest.param(date(1972, 1, 2), date(1972, 1, 1), {}, None, id="full before joining"),
        pytest.param(None, None, {}, None, id="neither day"),
    ],
)
def test_the_first_july_with_fifty_years(world, joined, full, more, first):
    someone = old(world, "某", joined, full, **more)
    mine = alive(TODAY).filter(person=someone)
    if first is None:
        assert not reaching(mine, last=2090).exists()
        assert unknown(mine, 2030).exists()
    else:
        assert not reaching(mine, last=first - 1).exists()
        assert reaching(mine, last=first).get().july == first - 50


@pytest.mark.parametrize(
    ("joined", "full", "more", "asked"),
    [
        (date(1976, 7, 1), None, {"joined_precision": Precision.YEAR}, True),
        (date(1977, 7, 1), None, {"joined_precision": Precision.MONTH}, True),
        (date(1977, 6, 1), None, {"joined_precision": Precision.MONTH}, False),
        (date(1968, 1, 1), None, {}, True),
        (date(1985, 1, 1), None, {}, False),
        (date(1977, 8, 15), None, {}, False),
        (date(1980, 1, 1), date(1981, 1, 1), {}, False),
    ],
)
def test_of_whom_it_is_not_known_by_next_july(world, joined, full, more, asked):
    if joined == date(1976, 7, 1):
        joined = date(1977, 1, 1)
    someone = old(world, "某", joined, full, **more)
    assert unknown(alive(TODAY).filter(person=someone), YEAR).exists() is asked


def test_the_disputed_day_asks_once_it_could_be_fifty_years(world):
    someone = old(world, "某", date(1977, 8, 15))
    mine = alive(TODAY).filter(person=someone)
    assert [unknown(mine, year).exists() for year in (2027, 2028)] == [False, True]


def test_nobody_too_young_is_asked_about(world):
    someone = member("某", world.branch, joined=None, full=None, born=date(1990, 1, 1))
    assert not unknown(alive(TODAY).filter(person=someone), YEAR).exists()


@pytest.mark.parametrize(
    ("standing", "seen"),
    [
        (Standing.FULL, True), (Standing.SUSPENDED, True), (Standing.LOST, True),
        (Standing.PROBATIONARY, False), (Standing.DEAD, False),
    ],
)  # fmt: skip
def test_who_is_alive_and_past_probation(world, standing, seen):
    someone = old(world, "某", date(1970, 1, 1), standing=standing)
    assert reaching(alive(TODAY).filter(person=someone), last=YEAR).exists() is seen


@pytest.mark.parametrize(
    ("day", "year"), [(date(2026, 7, 1), 2026), (date(2026, 7, 2), 2027), (date(2027, 1, 1), 2027)]
)
def test_the_year_of_the_next_july(day, year):
    assert next_year(day) == year


def test_the_forecast_counts_by_organisation_and_year(cast):
    reader = account(cast.clerk)
    old(cast, "甲", date(1976, 12, 5))
    old(cast, "乙", date(1978, 2, 1), date(1979, 2, 1))
    old(cast, "丙", date(1966, 1, 1))
    made = forecast(reader, None, TODAY)
    assert made.years == list(range(2027, 2037))
    assert (made.total.past, made.total.soon, made.total.unsure) == (1, 1, 1)
    assert {year: n for year, n in made.total.cells if n} == {2027: 1, 2029: 1}
    below = forecast(reader, cast.committee, TODAY)
    assert [line.organisation for line in below.lines] == [cast.general]


def test_the_forecast_takes_as_many_queries_for_many(cast, django_assert_num_queries):
    reader = account(cast.clerk)
    for number in range(20):
        old(cast, f"某{number}", date(1976, 1 + number % 12, 3))
    _scope = reader.scope
    with django_assert_num_queries(4):
        forecast(reader, None, TODAY)


# The list


def test_whoever_passed_fifty_years_is_listed_and_twice_nobody_twice(cast):
    assert draw_list(by=None, organisation=cast.committee, year=YEAR, today=TODAY) == 1
    assert draw_list(by=None, organisation=cast.committee, year=YEAR, today=TODAY) == 0
    medal = Medal.objects.get()
    assert (medal.person, medal.stage, medal.since, medal.years, medal.late) == (
        cast.zhao, Stage.LISTED, date(1970, 6, 18), 57, True,
    )  # fmt: skip


def test_another_year_is_not_drawn_up(cast):
    with pytest.raises(ValidationError, match="现在列的是 2027 年"):
        draw_list(by=None, organisation=cast.committee, year=2026, today=TODAY)


def test_an_award_is_once_for_ever(cast):
    enter_award(by=None, person=cast.zhao, award=Award(date(2021, 6, 28), medal_number="A1"), today=TODAY)
    assert draw_list(by=None, organisation=cast.committee, year=YEAR, today=TODAY) == 0
    for act in (
        lambda: add_member(by=None, person=cast.zhao, year=YEAR, since=None, basis="", today=TODAY),
        lambda: enter_award(by=None, person=cast.zhao, award=Award(date(2022, 6, 28)), today=TODAY),
    ):
        with pytest.raises(ValidationError, match="每人只有一次"):
            act()


def test_an_award_taken_back_leaves_the_member_eligible(cast):
    medal = enter_award(by=None, person=cast.zhao, award=Award(date(2021, 6, 28), medal_number="A1"), today=TODAY)
    with pytest.raises(ValidationError, match="为什么撤回"):
        withdraw_medal(by=None, medal=medal, reason=" ", today=TODAY)
    withdraw_medal(by=None, medal=medal, reason="登错了人", today=TODAY)
    assert draw_list(by=None, organisation=cast.committee, year=YEAR, today=TODAY) == 1
    enter = Award(date(2021, 6, 28), medal_number="A1")
    withdraw_medal(by=None, medal=Medal.objects.get(stage=Stage.LISTED), reason="已发过", today=TODAY)
    assert enter_award(by=None, person=cast.zhao, award=enter, today=TODAY).medal_number == "A1"


@pytest.mark.parametrize(
    ("award", "field"),
    [
        (Award(date(2026, 12, 1)), "on"),
        (Award(date(2019, 7, 1)), "on"),
        (Award(date(2021, 7, 1), receiver="赵明"), "relation"),
    ],
)
def test_a_past_award_that_cannot_be_is_refused(cast, award, field):
    with pytest.raises(ValidationError) as no:
        enter_award(by=None, person=cast.zhao, award=award, today=TODAY)
    assert list(no.value.message_dict) == [field]


def test_nobody_had_it_before_fifty_years(cast):
    with pytest.raises(ValidationError, match="不满 50 年"):
        enter_award(by=None, person=cast.li, award=Award(date(2026, 6, 28)), today=TODAY)


def test_the_same_number_twice_is_refused(cast):
    enter_award(by=None, person=cast.zhao, award=Award(date(2021, 6, 28), medal_number="A1"), today=TODAY)
    with pytest.raises(ValidationError, match="A1 已登记"):
        enter_award(by=None, person=cast.li, award=Award(date(2021, 6, 28), medal_number="A1"), today=TODAY)


# A person decides


def test_a_disputed_day_is_listed_by_who_decides_it_with_the_papers(cast):
    someone = old(cast, "段秀芝", date(1969, 4, 5))
    given = {"by": None, "person": someone, "year": YEAR, "today": TODAY}
    with pytest.raises(ValidationError, match="待人工认定"):
        add_member(**given, since=None, basis="")
    with pytest.raises(ValidationError, match="认定的依据"):
        add_member(**given, since=date(1969, 4, 5), basis=" ")
    with pytest.raises(ValidationError, match="2028 年再列入"):
        add_member(**given, since=date(1978, 4, 5), basis="档案")
    with pytest.raises(ValidationError, match="早于入党日期"):
        add_member(**given, since=date(1968, 4, 5), basis="档案")
    medal = add_member(**given, since=date(1969, 4, 5), basis="入党志愿书，九大党章")
    someone.refresh_from_db()
    assert (medal.since, medal.basis, someone.full_on) == (date(1969, 4, 5), "入党志愿书，九大党章", None)
    assert not unknown(alive(TODAY).filter(person=someone), YEAR).exists()


@pytest.mark.parametrize(("standing", "words"), [(Standing.PROBATIONARY, "预备党员"), (Standing.DEAD, "健在")])
def test_who_cannot_be_listed(cast, standing, words):
    someone = old(cast, "某", date(1970, 1, 1), standing=standing)
    with pytest.raises(ValidationError, match=words):
        add_member(by=None, person=someone, year=YEAR, since=None, basis="", today=TODAY)


def test_who_left_cannot_be_listed(cast):
    move(cast.zhao, None, TODAY)
    with pytest.raises(ValidationError, match="没有组织关系"):
        add_member(by=None, person=cast.zhao, year=YEAR, since=None, basis="", today=TODAY)


def test_too_few_years_are_told_the_year(cast):
    someone = old(cast, "某", date(1980, 1, 1), date(1981, 7, 2))
    with pytest.raises(ValidationError, match="2032 年再列入"):
        add_member(by=None, person=someone, year=YEAR, since=None, basis="", today=TODAY)


# Missing days


def test_missing_days_become_duties_until_the_end_of_may_once(cast):
    followed(cast)
    someone = old(cast, "某", date(1966, 4, 2))
    assert ask_for_days(by=None, organisation=cast.committee, today=TODAY) == 1
    assert ask_for_days(by=None, organisation=cast.committee, today=TODAY) == 0
    event = Event.objects.get(kind=EventKind.DATA_QUESTION)
    assert (event.person, event.due_on) == (someone, date(2027, 5, 31))
    assert "缺转正日期" in event.note
    assert [(duty.due_on, duty.state) for duty in Duty.objects.filter(event=event)] == [(date(2027, 5, 31), State.OPEN)]


def test_in_june_a_question_is_due_today(world):
    old(world, "某", date(1966, 4, 2))
    ask_for_days(by=None, organisation=world.committee, today=date(2026, 6, 10))
    assert Event.objects.get().due_on == date(2026, 6, 10)


# The review


def test_the_way_to_the_medal(cast):
    medal = through(listed(cast))
    row = {medal.pk: {"medal_number": "豫50-0001", "certificate_number": "Z1"}}
    assert step("hand", medal, rows=row, means="home") == (1, 0)
    medal.refresh_from_db()
    assert (medal.stage, medal.handed_on, medal.means, medal.medal_number, medal.received_by) == (
        Stage.HANDED, HANDED, "home", "豫50-0001", "本人",
    )  # fmt: skip
    assert [each.stage for each in medal.steps.order_by("pk")] == [
        Stage.LISTED, Stage.VERIFIED, Stage.RECOMMENDED, Stage.ASKED, Stage.REVIEWED, Stage.APPROVED, Stage.HANDED,
    ]  # fmt: skip
    assert not reaching(alive(TODAY).filter(person=cast.zhao), last=YEAR).exists()
    assert medal.story() == [(HANDED, "光荣在党50年", "颁发纪念章，上门颁发，编号 豫50-0001")]
    assert AuditRow.objects.filter(subject=f"medal:{medal.pk}").count() == 6


def test_nothing_is_handed_over_before_the_year_of_the_medal(cast):
    medal = through(listed(cast))
    with pytest.raises(ValidationError, match=r"2027 年的纪念章.*最早填 2027-01-01"):
        step("hand", medal, on=TODAY)
    with pytest.raises(ValidationError, match="不在 2026-12-31 颁发"):
        step("hand", medal, on=date(2026, 12, 31), today=HANDED)
    assert step("hand", medal, on=date(2027, 1, 1)) == (1, 0)


def test_many_at_once_and_some_left_out_with_a_reason(cast):
    other = old(cast, "陶文瑞", date(1974, 3, 20))
    first = listed(cast)
    second = Medal.objects.get(person=other)
    assert step("verify", first, second, rows={second.pk: {"out": "正在核查有关情况"}}) == (1, 1)
    stages = dict(Medal.objects.values_list("person__name", "stage").order_by("pk"))
    assert stages == {"赵秀兰": Stage.VERIFIED, "陶文瑞": Stage.DEFERRED}
    assert second.steps.order_by("-pk")[0].words == "正在核查有关情况"
    assert to_list(alive(TODAY), YEAR).count() == 0, "not once more this year"
    assert to_list(alive(TODAY), YEAR + 1).filter(person=other).exists(), "but next year"


@pytest.mark.parametrize(
    ("code", "said", "field"),
    [
        ("verify", {"on": date(2026, 11, 24), "today": TODAY}, "on"),
        ("verify", {"on": date(2026, 11, 22)}, "on"),
        ("ask", {"words": " "}, "words"),
        ("review", {"words": ""}, "words"),
        ("hand", {"means": ""}, "means"),
    ],
)
def test_what_a_step_refuses(cast, code, said, field):
    medal = listed(cast)
    before = list(STEPS)[: list(STEPS).index(code)]
    if before:
        through(medal, *before)
    with pytest.raises(ValidationError) as no:
        step(code, medal, **said)
    assert list(no.value.message_dict) == [field]


def test_each_needs_an_opinion(cast):
    medal = listed(cast)
    with pytest.raises(ValidationError) as no:
        step("verify", medal, opinion="")
    assert list(no.value.message_dict) == [f"opinion_{medal.pk}"]


def test_a_step_out_of_turn_is_refused(cast):
    medal = listed(cast)
    with pytest.raises(ValidationError, match="刚才已经办到“待支部核查”"):
        step("approve", medal)
    with pytest.raises(ValidationError, match="还没有勾选人"):
        step("verify")


def test_nobody_reviews_himself(cast):
    medal = listed(cast)
    with pytest.raises(ValidationError, match="是你本人"):
        take_step(
            by=account(cast.zhao), step=STEPS["verify"], medals=[medal], said=Said(TODAY, opinion="好"), today=TODAY
        )


def test_the_last_step_is_taken_back_step_by_step(cast):
    medal = through(listed(cast))
    step("hand", medal, rows={medal.pk: {"medal_number": "A1"}})
    for before in (Stage.APPROVED, Stage.REVIEWED, Stage.ASKED):
        medal = step_back(by=None, medal=medal, reason="办错了", today=TODAY)
        assert medal.stage == before
    assert (medal.handed_on, medal.medal_number) == (None, "")
    for _again in range(3):
        medal = step_back(by=None, medal=medal, reason="办错了", today=TODAY)
    medal = Medal.objects.prefetch_related("steps").get()
    assert (medal.stage, stage_before(medal)) == (Stage.LISTED, None)
    with pytest.raises(ValidationError, match="没有可退回"):
        step_back(by=None, medal=medal, reason="办错了", today=TODAY)


def test_a_refusal_needs_a_reason_and_ends_it(cast):
    medal = listed(cast)
    given = {"by": None, "medal": medal, "stage": Stage.REFUSED, "on": TODAY, "today": TODAY}
    with pytest.raises(ValidationError, match="请写理由"):
        leave_out(**given, reason="")
    leave_out(**given, reason="受到处分")
    with pytest.raises(ValidationError, match="已经不予颁发"):
        leave_out(**given, reason="受到处分")
    assert Medal.objects.get().stage == Stage.REFUSED


# The dead


def test_a_death_is_left_to_the_approver(cast):
    medal = listed(cast)
    through(medal, "verify", "recommend")
    die(cast.zhao, TODAY)
    through(medal, "ask", "review")
    with pytest.raises(ValidationError, match="由亲属领取，还是不再颁发"):
        step("approve", medal)
    step("approve", medal, rows={medal.pk: {"dead": "relative"}})
    with pytest.raises(ValidationError, match="请写代领的亲属"):
        step("hand", medal)
    step("hand", medal, rows={medal.pk: {"receiver": "赵明", "relation": "儿子"}})
    assert Medal.objects.get().received_by == "赵明（儿子）"


def test_the_approver_may_end_it_with_the_death(cast):
    medal = through(listed(cast), "verify", "recommend", "ask", "review")
    die(cast.zhao, TODAY)
    assert step("approve", medal, rows={medal.pk: {"dead": "died"}}) == (0, 1)
    assert Medal.objects.get().stage == Stage.DIED


@pytest.mark.parametrize(("said", "stage"), [("relative", Stage.APPROVED), ("died", Stage.DIED)])
def test_an_installation_may_say_what_becomes_of_it(cast, settings, said, stage):
    settings.MEDAL_OF_THE_DEAD = said
    medal = through(listed(cast), "verify", "recommend", "ask", "review")
    die(cast.zhao, TODAY)
    step("approve", medal)
    assert Medal.objects.get().stage == stage


def test_nobody_living_is_recorded_as_dead(cast):
    with pytest.raises(ValidationError, match="没有登记去世"):
        leave_out(by=None, medal=listed(cast), stage=Stage.DIED, on=TODAY, reason="去世", today=TODAY)


# What waits


def waiting():
    open_duties = Duty.objects.open().filter(event__source__startswith="medals:").select_related("event")
    rows = open_duties.order_by("pk")
    return [(each.organisation.label, each.event.source, each.event.addressee.name, each.due_on) for each in rows]


def test_each_step_waits_on_a_desk_until_it_is_taken(cast):
    followed(cast)
    post(cast.general_secretary, cast.committee, Role.DEPARTMENT_HEAD)
    medal = listed(cast)
    assert waiting() == [("河源第一党支部", "medals:2027:verify", "王海燕", date(2027, 3, 31))]
    through(medal, "verify")
    assert waiting() == [("云河水文局党委", "medals:2027:recommend", "林清", date(2027, 4, 20))]
    step_back(by=None, medal=medal, reason="再核一下", today=TODAY)
    assert [row[1] for row in waiting()] == ["medals:2027:verify"]
    through(medal, "verify", "recommend", "ask", "review", "approve")
    assert [row[:3] for row in waiting()] == [("河源第一党支部", "medals:2027:hand", "王海燕")]
    with time_machine.travel(f"{HANDED} 10:00+0800", tick=False):
        sweep_on(HANDED)
        step("hand", medal)
    assert waiting() == []
    done = Duty.objects.filter(event__source__startswith="medals:", state=State.DONE)
    assert done.count() == 6


def test_what_waits_goes_with_the_post(cast):
    followed(cast)
    medal = listed(cast)
    sources = [f"medals:{YEAR}:{code}" for code in STEPS]

    def has():
        return [task.to for task in tasks_of(*sources, today=TODAY) if task.running]

    end_post(by=None, post=cast.secretary.posts.get(), last=date(2026, 11, 22), today=TODAY)
    assert has() == [None], "whoever leads the branch"
    begin_post(by=None, person=cast.li, organisation=cast.branch, role=Role.SECRETARY, since=TODAY, today=TODAY)
    assert has() == [cast.li]
    through(medal, "verify")
    assert has() == [cast.clerk]
    begin_post(by=None, person=cast.sun, organisation=cast.committee, role=Role.DEPARTMENT_CLERK, since=TODAY,
               today=TODAY)  # fmt: skip
    end_post(by=None, post=cast.clerk.posts.get(), last=date(2026, 11, 22), today=TODAY)
    assert has() == [cast.sun]


def test_a_list_taken_back_leaves_nothing_to_do(cast):
    followed(cast)
    withdraw_medal(by=None, medal=listed(cast), reason="登错", today=TODAY)
    assert waiting() == []


def test_who_moves_waits_in_the_branch_where_he_is_now(cast):
    followed(cast)
    medal = listed(cast)
    move(cast.zhao, cast.sibling, date(2026, 11, 20))
    draw_list(by=None, organisation=cast.committee, year=YEAR, today=TODAY)
    assert [row[:3] for row in waiting()] == [("河源第二党支部", "medals:2027:verify", "陈晓明")]
    move(cast.zhao, cast.branch, TODAY)
    step("verify", medal)
    medal.refresh_from_db()
    assert medal.organisation == cast.branch
    assert [row[1] for row in waiting()] == ["medals:2027:recommend"]
