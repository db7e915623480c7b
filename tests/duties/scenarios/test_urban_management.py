"""某区城管局: six occasions to talk, five to visit, birthdays, festivals, and what each leader does himself."""

from datetime import date

import pytest

from members.enums import Role, Standing
from tests.duties.scenarios.tables import DAY, by_event, everything_happens, listed, rules_of, try_festival, turns

TODAY = date(2026, 3, 9)
YEAR_END = date(2026, 12, 31)
EVENTS = {
    "job_change": [("talk-on-job-change", "四、一是", "talk", 10)],
    "commendation": [("talk-on-honour", "四、一是", "talk", 15)],
    "honour": [("talk-on-honour", "四、一是", "talk", 15)],
    "punishment": [("talk-on-punishment", "四、一是", "talk", 7)],
    "trouble": [("talk-on-trouble", "四、一是", "talk", 7), ("visit-on-need", "四、二是", "visit", 7)],
    "setback": [("talk-on-trouble", "四、一是", "talk", 7)],
    "conflict": [("talk-on-conflict", "四、一是", "talk", 7)],
    "complaint": [("talk-on-complaint", "四、一是", "talk", 7)],
    "retired": [("talk-on-retired", "四、一是", "talk", 15)],
    "hospital": [("visit-on-hospital", "四、二是", "visit", 3)],
    "illness": [("visit-on-hospital", "四、二是", "visit", 3)],
    "mood": [("visit-on-mood", "四、二是", "visit", 3)],
    "need": [("visit-on-need", "四、二是", "visit", 7)],
    "dues": [("visit-on-dues-or-absence", "四、二是", "visit", 7)],
    "absence": [("visit-on-dues-or-absence", "四、二是", "visit", 7)],
    "injustice": [("visit-on-injustice", "四、二是", "visit", 3)],
    "disaster": [("visit-on-disaster", "四、二是", "visit", 3)],
}
TALKS, VISITS = rules_of(EVENTS, "talk"), rules_of(EVENTS, "visit")
SPRING = {
    "elderly": ("elderly-spring", "四、二是"), "serious_illness": ("serious-illness-spring", "四、二是"),
    "hardship": ("hardship-spring", "四、二是"),
}  # fmt: skip
JULY = {
    "elderly": ("elderly-july", "四、二是"), "serious_illness": ("serious-illness-july", "四、二是"),
    "hardship": ("hardship-july", "四、二是"),
}  # fmt: skip


def test_six_occasions_ask_for_a_talk_others_for_a_visit_and_no_other_event_for_anything(stage):
    s = stage("urban-management", start=TODAY).on(TODAY)
    assert by_event(s, s.li) == EVENTS
    assert turns(s, s.li, TALKS | VISITS) == {("支部书记",)}
    lost = s.member("失联", standing=Standing.LOST)
    everything_happens(s, lost)
    assert s.rules(lost) == set()
    everything_happens(s, s.zhang, on=TODAY - DAY)
    assert s.rules(s.zhang) == set()


def test_the_branch_talks_one_to_one_and_any_level_visits(stage):
    s = stage("urban-management", start=TODAY).on(TODAY)
    s.takes_post(s.zhang, s.branch, Role.COMMISSIONER, since=TODAY)
    everything_happens(s, s.li)
    s.does("talk", s.secretary, about=s.li, collective=True)
    s.does("talk", s.deputy, s.head, about=s.li)
    s.does("talk", s.secretary, about=s.li, on=TODAY - DAY)
    s.does("visit", s.sibling_secretary, s.head, s.li, about=s.li)
    s.does("visit", s.secretary, about=s.li, collective=True)
    s.does("greeting", s.secretary, about=s.li)
    assert s.rules(s.li) == TALKS | VISITS
    s.does("talk", s.zhang, about=s.li)
    assert s.rules(s.li) == VISITS
    s.does("visit", s.deputy, about=s.li)
    assert s.rules(s.li) == set()


def test_every_body_makes_affairs_public_each_half_year(stage):
    s = stage("urban-management", start=TODAY).on(TODAY)
    for organisation, head in ((s.committee, "党委书记"), (s.general, "总支书记"), (s.branch, "支部书记")):
        assert listed(s, organisation) == {"openness": ("三、一是", "disclosure", date(2026, 6, 30), head)}
    s.does("disclosure", s.secretary, about=s.li)
    s.does("disclosure", s.secretary, on=date(2025, 12, 31))
    s.does("report", s.secretary)
    assert s.rules(s.branch) == {"openness"}
    s.does("disclosure", s.secretary)
    assert s.rules(s.branch) == set()
    assert s.rules(s.general) == s.rules(s.committee) == {"openness"}


def test_around_the_first_of_july_the_committee_selects(stage):
    s = stage("urban-management", start=date(2026, 5, 31)).on(date(2026, 5, 31))
    rule = "july-selection"
    assert s.owed(rule=rule) == []
    s.does("selection", s.deputy, at=s.committee)
    s.on(date(2026, 6, 1))
    assert listed(s, s.committee)[rule] == ("三、三是", "selection", date(2026, 7, 1), "党委书记")
    assert rule not in s.rules(s.general) | s.rules(s.branch)
    s.does("selection", s.secretary, at=s.branch)
    s.does("commend", s.deputy, at=s.committee)
    s.on(date(2026, 7, 17)).does("selection", s.deputy, at=s.committee)
    assert s.one(s.committee, rule).state == "open"
    s.does("selection", s.deputy, at=s.committee, on=date(2026, 7, 16))
    assert s.one(s.committee, rule).state == "done"


@pytest.mark.parametrize(
    ("table", "opens", "due", "closes"),
    [
        (SPRING, date(2026, 1, 18), date(2026, 2, 17), date(2026, 3, 4)),
        (JULY, date(2026, 6, 10), date(2026, 7, 1), date(2026, 7, 10)),
        ({"honouree": ("honouree-spring", "三、二是")}, date(2026, 1, 18), date(2026, 2, 16), date(2026, 2, 17)),
        ({"honouree": ("honouree-july", "三、二是")}, date(2026, 6, 10), date(2026, 7, 1), date(2026, 7, 1)),
        ({"honouree": ("honouree-ninth", "三、二是")}, date(2026, 10, 8), date(2026, 10, 18), date(2026, 10, 18)),
    ],
)
def test_three_groups_are_seen_in_july_and_before_or_after_spring_and_honoured_members_on_three_festivals(
    stage, table, opens, due, closes
):
    try_festival(stage("urban-management", start=opens - DAY), table, opens, due, closes)


@pytest.mark.parametrize(("action", "state"), [("greeting", "done"), ("aid", "done"), ("talk", "open")])
def test_a_card_or_some_money_does_for_an_honoured_member(stage, action, state):
    s = stage("urban-management", start=date(2026, 10, 8)).on(date(2026, 10, 8))
    s.belongs(s.li, "honouree", since=date(2026, 1, 1))
    assert s.one(s.li, "honouree-ninth").turn == ("支部书记",)
    s.does(action, s.committee_secretary, about=s.li)
    assert s.one(s.li, "honouree-ninth").state == state


def test_laid_off_members_in_difficulty_are_seen_once_a_year(stage):
    s = stage("urban-management", start=TODAY).on(TODAY)
    rule, lost = "laid-off-yearly", s.member("失联", standing=Standing.LOST)
    for someone, kind in ((s.li, "laid_off"), (s.zhang, "hardship"), (lost, "laid_off")):
        s.belongs(someone, kind, since=TODAY)
    assert listed(s, s.li)[rule] == ("四、二是", "visit", YEAR_END, "支部书记")
    assert {each.who for each in s.owed(rule=rule)} == {"李党员"}
    s.does("visit", s.sibling_secretary, about=s.li)
    s.does("talk", s.secretary, about=s.li)
    s.does("visit", s.secretary, about=s.li, on=date(2025, 12, 31))
    assert s.one(s.li, rule).state == "open"
    s.does("visit", s.general_secretary, about=s.li)
    assert s.one(s.li, rule).state == "done"
    assert s.on(date(2027, 1, 1)).one(s.li, rule, "open").due == date(2027, 12, 31)


def test_on_the_birthday_a_card_is_sent_in_time_and_somebody_goes(stage):
    s = stage("urban-management", start=date(2026, 4, 23)).on(date(2026, 4, 23))
    lost = s.member("失联", standing=Standing.LOST)
    winter = s.member("冬天生日", born=date(1980, 11, 1))
    both, day = {"birthday", "visit-birth"}, date(2026, 5, 1)
    assert not s.rules() & both
    s.does("visit", s.secretary, about=s.li)
    s.on(date(2026, 4, 24))
    assert listed(s, s.li) == {
        "birthday": ("四、三是", "greeting", day, "支部书记"), "visit-birth": ("四、二是", "visit", day, "支部书记"),
    }  # fmt: skip
    assert s.rules(lost) == s.rules(winter) == set()
    s.does("greeting", s.deputy, about=s.li)
    s.does("talk", s.secretary, about=s.li)
    assert s.rules(s.li) == both
    s.does("visit", s.deputy, about=s.li)
    assert s.rules(s.li) == {"birthday"}, "any level visits; the card is the branch's"
    s.on(day).does("greeting", s.secretary, about=s.li)
    assert s.rules(s.li) == set()
    s.does("visit", s.secretary, about=s.zhang)
    assert not s.rules(s.zhang) & both, "who comes on the day brings the card"

    third = s.secretary
    s.on(date(2026, 5, 2))
    s.does("greeting", s.general_secretary, about=third)
    s.does("visit", s.general_secretary, about=third)
    assert s.rules(third) == {"birthday"}, "wishes are for the day, a visit may come later"
    s.on(date(2026, 5, 9)).does("visit", s.sibling_secretary, about=s.general_secretary)
    assert s.one(s.general_secretary, "visit-birth").state == "open"


def test_on_the_day_of_joining_somebody_goes(stage):
    s = stage("urban-management", start=date(2026, 6, 2)).on(date(2026, 6, 2))
    rule = "visit-joined"
    fresh = s.member(
        "新党员", standing=Standing.PROBATIONARY, joined=date(2026, 6, 1), full=None, since=date(2026, 6, 1)
    )
    lost = s.member("失联", standing=Standing.LOST)
    assert s.owed(rule=rule) == []
    s.on(date(2026, 6, 3))
    assert listed(s, s.li) == {rule: ("四、二是", "visit", date(2026, 6, 10), "支部书记")}
    assert s.rules(lost) == s.rules(fresh) == set()
    s.does("greeting", s.secretary, about=s.li)
    s.does("visit", s.zhang, about=s.li)
    assert s.one(s.li, rule).state == "open"
    s.on(date(2026, 6, 17)).does("visit", s.general_secretary, about=s.li)
    assert s.one(s.li, rule).state == "done"
    s.on(date(2026, 6, 18)).does("visit", s.secretary, about=s.zhang)
    assert s.one(s.zhang, rule).state == "open"


def test_each_of_the_two_upper_leading_groups_talks_with_a_member_every_quarter(stage):
    s = stage("urban-management").on(date(2026, 1, 1))
    rule, leaders = "quarter-talk", {"党委书记", "党委副书记", "总支书记"}
    assert {each.who for each in s.owed(rule=rule)} == leaders, "neither branch secretaries nor the department"
    first = s.one(s.deputy, rule)
    assert (first.clause, first.action, first.due, first.turn) == (
        "四、一是", "talk", date(2026, 3, 31), ("党委副书记",),
    )  # fmt: skip
    s.on(date(2026, 3, 31))
    s.does("talk", s.deputy, about=s.li, collective=True)
    s.does("talk", s.secretary, about=s.deputy)
    s.does("talk", s.deputy, about=s.deputy)
    s.does("visit", s.deputy, about=s.li)
    s.does("talk", s.deputy, about=s.li, on=date(2025, 12, 31))
    assert s.one(s.deputy, rule).state == "open"
    s.does("talk", s.deputy, about=s.li)
    assert s.one(s.deputy, rule).state == "done", "one member is enough"
    assert s.one(s.general_secretary, rule).state == s.one(s.committee_secretary, rule).state == "open"
    s.on(date(2026, 4, 1)).does("talk", s.general_secretary, about=s.zhang)
    states = {each.due: each.state for each in s.owed(s.general_secretary, rule=rule, state=None)}
    assert states == {date(2026, 3, 31): "open", date(2026, 6, 30): "done"}


def test_each_leader_joins_branch_life_lectures_twice_and_writes_a_report_every_year(stage):
    s = stage("urban-management", start=TODAY).on(TODAY)
    own = {"branch-life": "branch_life", "lectures": "lecture", "research": "research"}
    for rule, action in own.items():
        duty = s.one(s.deputy, rule)
        assert (duty.clause, duty.action, duty.due, duty.turn) == ("五、二是", action, YEAR_END, ("党委副书记",))
        assert {each.who for each in s.owed(rule=rule)} == {"党委书记", "党委副书记", "总支书记"}
    for action in own.values():
        s.does(action, s.committee_secretary, at=s.direct)
        s.does(action, s.deputy, at=s.direct, on=date(2025, 12, 31))
    s.does("study", s.deputy, at=s.direct)
    s.does("training", s.deputy, at=s.direct)
    s.does("report", s.deputy, at=s.direct)
    s.does("research", s.deputy, s.head, at=s.direct, collective=True)
    assert s.rules(s.deputy) >= set(own)
    s.does("branch_life", s.deputy, at=s.direct, collective=True)
    s.does("lecture", s.deputy, at=s.general, collective=True)
    assert s.rules(s.deputy) & set(own) == {"lectures", "research"}, "one lecture of two"
    s.does("lecture", s.deputy, at=s.branch, collective=True)
    s.does("research", s.deputy, at=s.committee)
    assert not s.rules(s.deputy) & set(own)
    assert s.rules(s.committee_secretary) & set(own) == {"lectures"}
    assert {each.due for each in s.on(date(2027, 1, 1)).owed(s.deputy, rule="lectures")} == {date(2027, 12, 31)}
