"""学校实施方案: staff in difficulty helped from time to time and reported on, lectures, one person for each cadre."""

from datetime import date, timedelta

from members.enums import Role
from tests.duties.scenarios.tables import everything_happens, listed

HALF, YEAR_END = date(2026, 6, 30), date(2026, 12, 31)
COMMITTEE = {"staff-aid", "feedback", "lecture"}


def test_the_committee_helps_staff_reports_upward_and_holds_lectures(stage):
    s = stage("school-plan").on(date(2026, 1, 1))
    assert listed(s, s.committee) == {
        "staff-aid": ("实施措施1", "aid", HALF, "党委书记"),
        "feedback": ("实施措施1", "report", HALF, "党委书记"),
        "lecture": ("实施措施4", "training", YEAR_END, "党委书记"),
    }
    assert s.rules(s.general) == s.rules(s.branch) == set(), "the plan speaks of the committee"
    everything_happens(s, s.li)
    assert s.rules(s.li) == set()


def test_only_what_the_committee_did_itself_in_the_period_closes_them(stage):
    s = stage("school-plan").on(date(2026, 3, 2))
    for action in ("aid", "service", "report", "training", "lecture"):
        s.does(action, s.secretary, at=s.branch)
        s.does(action, s.committee_secretary, about=s.deputy, at=s.committee)
        s.does(action, s.committee_secretary, at=s.committee, on=date(2025, 12, 31))
    s.does("visit", s.committee_secretary, at=s.committee)
    assert s.rules(s.committee) == COMMITTEE
    s.does("service", s.deputy, at=s.committee, collective=True)
    assert s.rules(s.committee) == COMMITTEE, "only lectures are held in a group"
    s.does("service", s.deputy, at=s.committee)
    assert s.rules(s.committee) == {"feedback", "lecture"}
    s.does("report", s.deputy, at=s.committee)
    assert s.rules(s.committee) == {"lecture"}
    s.does("lecture", s.deputy, at=s.committee, collective=True)
    assert s.rules(s.committee) == set()
    s.on(date(2026, 7, 1))
    assert {each.rule: each.due for each in s.owed(s.committee)} == {"staff-aid": YEAR_END, "feedback": YEAR_END}
    s.does("aid", s.deputy, at=s.committee)
    assert s.rules(s.committee) == {"feedback"}


def test_each_cadre_has_one_person_to_look_after_and_gets_another_within_a_month(stage):
    s = stage("school-plan").on(date(2026, 1, 1))
    rule = "one-each"
    assert listed(s, s.secretary) == {rule: ("实施措施5", "visit", date(2026, 1, 31), "支部书记")}
    cadres = {"支部书记", "二支部书记", "直属书记", "总支书记", "党委书记", "党委副书记"}
    assert {each.who for each in s.owed(rule=rule)} == cadres, "neither members without a post nor the department"

    s.tied(s.secretary, "pairing", s.li, since=date(2026, 1, 1))
    s.tied(s.zhang, "contact", s.secretary, since=date(2026, 1, 1))
    assert s.one(s.secretary, rule).state == "open", "the tie leads from the helped to the cadre"
    assert s.rules(s.li) == set()
    s.on(date(2026, 1, 10))
    s.does("visit", s.secretary, about=s.li)
    assert s.one(s.secretary, rule).state == "open", "a visit is no pairing"
    s.tied(s.li, "pairing", s.secretary, since=date(2026, 1, 10), until=date(2026, 5, 1))
    assert s.one(s.secretary, rule).state == "done"
    assert s.one(s.deputy, rule).state == "open"

    s.on(date(2026, 4, 30))
    assert s.one(s.secretary, rule).state == "done"
    s.on(date(2026, 5, 1))
    assert s.one(s.secretary, rule, "open").due == date(2026, 5, 1) + timedelta(days=30)
    s.tied(s.zhang, "pairing", s.secretary, since=date(2026, 5, 1))
    assert s.one(s.secretary, rule).state == "done"


def test_whoever_becomes_a_cadre_has_a_month_and_who_is_none_any_more_owes_nothing(stage):
    s = stage("school-plan").on(date(2026, 3, 2))
    rule = "one-each"
    s.takes_post(s.zhang, s.branch, Role.COMMISSIONER, since=date(2026, 3, 2))
    s.takes_post(s.li, s.branch, Role.GROUP_LEADER, since=date(2026, 3, 2))
    assert s.one(s.zhang, rule).due == date(2026, 4, 1)
    assert s.owed(s.li, rule=rule) == []
    s.leaves_post(s.zhang, s.branch, date(2026, 3, 9), Role.COMMISSIONER)
    assert s.on(date(2026, 3, 9)).one(s.zhang, rule).state == "void"
