"""The product's own clocks: a request for a talk, a question about data and a task wait for nobody's policy."""

from datetime import date

import pytest

from members.enums import EventKind, Role, Standing
from tests.duties.scenarios.happenings import all_happen
from tests.duties.scenarios.stage import Owed

PACK = "working-rules"
REQUEST = Owed("talk-request", "约谈", "talk", date(2026, 3, 9), "open", "李党员", ("支部书记",))
TASK = Owed("task", "任务", "handling", date(2026, 4, 1), "open", "李党员", ("支部书记",))
QUESTION = Owed("data-question", "资料", "handling", date(2026, 3, 17), "open", "李党员", ("支部书记",))


def test_only_a_request_a_question_about_data_and_a_task_are_asked_after_and_only_from_the_start(stage):
    s = stage(PACK).on(date(2026, 3, 2))
    kinds = ["request", "data_question", "task"]
    own = ["help", "correction"]
    suspended, lost = s.member("停籍党员", standing=Standing.SUSPENDED), s.member("失联党员", standing=Standing.LOST)
    dead, nobody = s.member("已故党员", standing=Standing.DEAD), s.outsider("群众")
    all_happen(s, [s.li], [each for each in EventKind if each not in kinds + own], s.today)
    all_happen(s, [s.li], kinds, date(2025, 12, 31))
    all_happen(s, [dead], kinds[:2], s.today)
    all_happen(s, [nobody], kinds, s.today)
    assert s.owed(state=None) == []
    all_happen(s, [s.li, suspended, lost], kinds, s.today)
    assert s.owed(s.li) == [REQUEST, QUESTION, TASK]
    # who is not on the roll asks for no talk
    assert s.rules(suspended) == s.rules(lost) == {"data-question", "task"}
    all_happen(s, [dead], ["task"], s.today)
    assert s.rules(dead) == {"family-task"}


def test_a_question_about_data_is_handled_by_the_branch_naming_it_and_the_commissioner_may(stage):
    s = stage(PACK).on(date(2026, 3, 2))
    s.takes_post(s.zhang, s.branch, Role.ORGANISATION_COMMISSIONER, since=date(2026, 1, 1))
    first = s.happens(s.li, "data_question", s.today)
    second = s.happens(s.li, "data_question", s.today)
    own = s.happens(s.direct_secretary, "data_question", s.today)
    assert s.owed(s.li) == [QUESTION, QUESTION]
    assert s.one(s.direct_secretary, "data-question").turn == ("党委书记",)
    s.does("handling", s.zhang, about=s.li)
    s.does("talk", s.zhang, about=s.li, answers=first)
    s.does("handling", s.li, s.sibling_secretary, s.general_secretary, about=s.li, answers=first)
    s.does("handling", s.zhang, about=s.li, answers=first, on=date(2026, 3, 1))
    s.does("handling", s.zhang, about=s.li, answers=first, collective=True)
    assert s.owed(s.li) == [QUESTION, QUESTION]
    s.does("handling", s.zhang, about=s.li, answers=first)
    assert s.owed(s.li) == [QUESTION]
    s.on(date(2026, 9, 1))
    s.does("handling", s.secretary, about=s.li, answers=second)  # late, yet answered
    s.does("handling", s.direct_secretary, s.general_secretary, about=s.direct_secretary, answers=own)
    assert (s.owed(s.li), s.rules(s.direct_secretary)) == ([], {"data-question"})
    s.does("handling", s.committee_secretary, about=s.direct_secretary, answers=own)
    assert s.owed() == []


HELP = Owed("help-request", "帮扶", "handling", date(2026, 3, 17), "open", "李党员", ("支部书记",))


@pytest.mark.parametrize(("kind", "rule"), [("help", "help-request"), ("correction", "contact-correction")])
def test_what_a_member_asks_of_his_branch_is_answered_by_whoever_names_it(stage, kind, rule):
    s = stage(PACK).on(date(2026, 3, 2))
    asked = s.happens(s.li, kind, s.today)
    s.happens(s.secretary, kind, s.today)
    (owed,) = s.owed(s.li)
    assert (owed.rule, owed.due, owed.turn) == (rule, date(2026, 3, 17), ("支部书记",))
    assert s.one(s.secretary, rule).turn == ("总支书记",)
    s.does("handling", s.secretary, about=s.li)
    s.does("talk", s.secretary, about=s.li, answers=asked)
    assert s.owed(s.li) == [owed]
    s.on(date(2026, 4, 20))
    s.does("handling", s.general_secretary, about=s.li, answers=asked)
    assert [each.state for each in s.owed(s.li, state=None)] == ["done"]


@pytest.mark.parametrize("action", ["visit", "aid", "service", "referral"])
def test_help_is_given_in_several_ways(stage, action):
    s = stage(PACK).on(date(2026, 3, 2))
    asked = s.happens(s.li, "help", s.today)
    assert s.owed(s.li) == [HELP]
    s.does(action, s.secretary, about=s.li)
    assert s.owed(s.li) == [HELP]
    s.does(action, s.secretary, about=s.li, answers=asked)
    assert s.owed(s.li) == []


@pytest.mark.parametrize("named", [True, False], ids=["one he named", "nobody in particular"])
def test_a_request_is_answered_in_seven_days_by(stage, named):
    s = stage(PACK).on(date(2026, 3, 2))
    asked = s.happens(s.li, "request", s.today, addressee=s.head if named else None)
    right, wrong = (s.head, s.secretary) if named else (s.secretary, s.head)
    (request,) = s.owed(s.li, state=None)
    assert (request.due, request.turn) == (date(2026, 3, 9), (right.name,))
    assert s.owed(s.head) == ([request] if named else [])
    s.does("talk", wrong, s.li, s.sibling_secretary, about=s.li, answers=asked)
    s.does("talk", right, about=s.li)
    s.does("talk", right, about=s.li, answers=asked, on=date(2026, 3, 1))
    s.does("visit", right, about=s.li, answers=asked)
    assert s.owed(s.li) == [request]
    s.on(date(2026, 3, 20))
    s.does("talk", right, about=s.li, answers=asked)
    assert [each.state for each in s.owed(s.li, state=None)] == ["done"]


def test_a_request_is_voided_by_death_and_a_secretarys_own_goes_one_level_up(stage):
    s = stage(PACK).on(date(2026, 3, 2))
    asked = s.happens(s.li, "request", s.today)
    s.happens(s.secretary, "request", s.today)
    assert s.one(s.secretary, "talk-request").turn == ("总支书记",)
    s.on(date(2026, 3, 4))
    s.dies(s.li, s.today)
    s.does("talk", s.secretary, about=s.li, answers=asked)
    assert [each.state for each in s.owed(s.li, state=None)] == ["void"]


def test_a_task_is_due_on_its_own_day_and_done_by_whom_it_names(stage):
    s = stage(PACK).on(date(2026, 3, 2))
    task = s.happens(s.li, "task", s.today, addressee=s.zhang, due_on=date(2026, 3, 6))
    (owed,) = s.owed(s.li)
    assert (owed.rule, owed.due, owed.turn) == ("task", date(2026, 3, 6), (s.zhang.name,))
    s.does("handling", s.secretary, about=s.li, answers=task)
    s.does("handling", s.zhang, about=s.li)
    s.does("visit", s.zhang, about=s.li, answers=task)
    assert s.owed(s.li) == [owed]
    s.on(date(2026, 3, 20))
    s.does("handling", s.zhang, about=s.li, answers=task)  # late, yet done
    assert [each.state for each in s.owed(s.li, state=None)] == ["done"]


def test_what_was_promised_to_the_living_ends_with_a_death_and_the_family_has_tasks_of_its_own(stage):
    s = stage(PACK).on(date(2026, 3, 2))
    s.happens(s.li, "task", s.today, addressee=s.zhang, due_on=date(2026, 3, 6))
    s.on(date(2026, 3, 4))
    s.dies(s.li, s.today)
    s.happens(s.li, "task", s.today, addressee=s.zhang, due_on=date(2026, 3, 30))
    assert sorted((each.rule, each.due, each.state) for each in s.owed(s.li, state=None)) == [
        ("family-task", date(2026, 3, 30), "open"), ("task", date(2026, 3, 6), "void"),
    ]  # fmt: skip


@pytest.mark.parametrize("named", [True, False], ids=["somebody named", "nobody in particular"])
def test_a_task_of_an_organisation_is_the_turn_of_whom_it_names_and_closed_by_its_record(stage, named):
    s = stage(PACK).on(date(2026, 3, 2))
    named = s.zhang if named else None
    task = s.happens(s.branch, "task", s.today, addressee=named, due_on=date(2026, 3, 6))
    (owed,) = s.owed(rule="organisation-task")
    assert (owed.due, owed.turn) == (date(2026, 3, 6), ((named or s.secretary).name,))
    s.does("handling", s.secretary, at=s.branch)
    s.does("handling", s.secretary, at=s.committee, answers=task)
    assert s.owed() == [owed]
    s.does("handling", s.secretary, at=s.branch, answers=task)
    assert [each.state for each in s.owed(state=None)] == ["done"]


def test_whoever_is_in_hardship_is_reviewed_every_half_year_from_the_day_on_which_it_counts(stage):
    s = stage(PACK).on(date(2026, 3, 2))
    lost = s.member("失联党员", standing=Standing.LOST)
    for each in (s.li, lost):
        s.belongs(each, "hardship", grade="一般困难", since=date(2026, 3, 2))
    assert s.owed(s.li) == [
        Owed("hardship-review", "复核", "review", date(2026, 8, 28), "open", "李党员", ("支部书记",))
    ]
    assert s.rules(lost) == s.rules(s.zhang) == set()
    s.does("visit", s.secretary, about=s.li)
    assert s.rules(s.li) == {"hardship-review"}
    s.does("review", s.secretary, about=s.li)
    assert s.owed(s.li) == []
    s.on(date(2026, 8, 29))
    assert [each.due for each in s.owed(s.li)] == [date(2027, 2, 24)]


@pytest.mark.parametrize(
    ("rule", "kind", "role", "stand_in"),
    [
        ("fund-review", "fund_review", Role.SECRETARY, None),
        ("fund-office", "fund_office", Role.DEPARTMENT_CLERK, Role.DEPARTMENT_HEAD),
        ("fund-payment", "fund_payment", Role.CASHIER, Role.ACCOUNTANT),
        ("dues-relief", "dues_relief", Role.DEPARTMENT_CLERK, Role.DEPARTMENT_HEAD),
    ],
)
def test_a_step_of_the_fund_is_the_turn_of_who_holds_the_office_at_the_organisation_it_waits_for(
    stage, rule, kind, role, stand_in
):
    s = stage(PACK).on(date(2026, 3, 2))
    if stand_in:
        s.takes_post(s.zhang, s.committee, stand_in, since=date(2026, 1, 1))
        holder = s.zhang
    else:
        holder = s.committee_secretary
    step = s.happens(s.committee, kind, s.today)
    (owed,) = s.owed(rule=rule)
    assert owed.due == date(2026, 3, 17)
    assert holder.name in owed.turn
    if stand_in:
        s.takes_post(s.li, s.committee, role, since=date(2026, 1, 1))
        (owed,) = s.owed(rule=rule)
        assert owed.turn == (s.li.name,)
    s.does("handling", s.zhang, at=s.committee)
    assert s.owed(rule=rule) == [owed]
    s.does("handling", s.secretary, at=s.committee, answers=step)  # the step table says who may, not the duty
    assert s.owed(rule=rule) == []


def test_a_step_for_less_dues_is_the_turn_of_the_secretary_of_the_branch_it_waits_for(stage):
    s = stage(PACK).on(date(2026, 3, 2))
    s.happens(s.branch, "dues_relief", s.today)
    (owed,) = s.owed(rule="dues-relief")
    assert (owed.due, owed.turn) == (date(2026, 3, 17), (s.secretary.name,))


ENDS = Owed("dues-relief-ends", "党费", "reminder", date(2026, 6, 30), "open", "李党员", ("支部书记",))


def test_thirty_days_before_less_dues_end_the_member_is_reminded(stage):
    s = stage(PACK).on(date(2026, 3, 2))
    lost = s.member("失联党员", standing=Standing.LOST)
    for each in (s.li, lost):
        s.belongs(each, "dues_relief", grade="免交", since=date(2026, 1, 1), until=date(2026, 7, 1))
    s.belongs(s.zhang, "dues_relief", grade="免交", since=date(2026, 1, 1))
    s.does("reminder", s.secretary, about=s.li)
    s.on(date(2026, 5, 30))
    assert s.owed(rule="dues-relief-ends") == []
    s.on(date(2026, 5, 31))
    assert s.owed(rule="dues-relief-ends") == [ENDS]
    s.does("talk", s.secretary, about=s.li)
    assert s.owed(rule="dues-relief-ends") == [ENDS]
    s.does("reminder", s.zhang, about=s.li)
    assert s.owed(rule="dues-relief-ends") == []
