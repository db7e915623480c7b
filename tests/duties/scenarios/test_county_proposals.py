"""县级建议: proposals, of which none binds anybody who did not pick it."""

from datetime import date

from duties.policy.adjusting import adjust
from duties.policy.models import Rule
from members.enums import Standing
from tests.duties.scenarios.tables import everything_happens, listed

TODAY = date(2026, 3, 2)
HALF, YEAR_END = date(2026, 6, 30), date(2026, 12, 31)
LONG = {"joined": date(1995, 3, 2), "full": date(1996, 3, 2)}


def pick(s, code, organisation):
    rule = Rule.objects.get(policy__code="county-proposals", code=code)
    adjust(by=None, organisation=organisation, rule=rule, numbers={}, since=s.today, today=s.today)
    return s.on(s.today)


def in_need(s, name, where=None, **dates):
    someone = s.member(name, where, **dates)
    s.belongs(someone, "hardship", since=date(2026, 1, 1))
    return someone


def test_adopting_the_proposals_binds_nobody(stage):
    s = stage("county-proposals").on(TODAY)
    in_need(s, "老党员", **LONG)
    everything_happens(s, s.li)
    assert s.on(YEAR_END).owed(state=None) == []


def test_whoever_picked_it_reports_members_in_difficulty_twice_a_year(stage):
    s = stage("county-proposals").on(TODAY)
    pick(s, "report-half", s.general)
    rule = "report-half"
    assert listed(s, s.general) == {rule: ("三3 管理和上报", "report", HALF, "总支书记")}
    assert s.rules() == {rule}
    assert len(s.owed()) == 1, "neither the committee, which did not pick it, nor the branches below"
    s.does("report", s.secretary)
    s.does("report", s.deputy, at=s.committee)
    s.does("report", s.general_secretary, about=s.li, at=s.general)
    s.does("review", s.general_secretary, at=s.general)
    s.does("visit", s.general_secretary, at=s.general)
    s.does("report", s.general_secretary, at=s.general, on=date(2025, 12, 31))
    assert s.one(s.general, rule).state == "open"
    s.does("report", s.general_secretary, at=s.general)
    assert s.one(s.general, rule).state == "done"
    assert s.on(date(2026, 7, 1)).one(s.general, rule, "open").due == YEAR_END

    pick(s, "report-half", s.committee)
    assert listed(s, s.committee) == {rule: ("三3 管理和上报", "report", YEAR_END, "党委书记")}
    assert s.rules(s.branch) == set()


def test_poor_members_full_for_thirty_years_may_be_aided_where_that_was_picked(stage):
    s = stage("county-proposals").on(date(2026, 3, 1))
    rule = "old-member-aid"
    old, elsewhere = in_need(s, "老党员", **LONG), in_need(s, "直属老党员", s.direct, **LONG)
    near = in_need(s, "党龄二十九年", joined=date(1995, 3, 2), full=date(1997, 3, 2))
    lost = in_need(s, "失联", standing=Standing.LOST, **LONG)
    s.member("不困难", **LONG)
    pick(s, rule, s.general)
    assert s.owed() == [], "thirty years are full tomorrow"
    s.on(TODAY)
    assert listed(s, old) == {rule: ("三1", "aid", YEAR_END, "支部书记")}
    assert len(s.owed()) == 1
    assert s.rules(elsewhere) == s.rules(near) == s.rules(lost) == set()

    s.does("visit", s.secretary, about=old)
    s.does("aid", s.zhang, s.head, about=old)
    s.does("aid", s.secretary, about=old, collective=True)
    s.does("aid", s.secretary, about=near)
    assert s.one(old, rule).state == "open"
    s.does("aid", s.deputy, about=old)
    assert s.one(old, rule).state == "done"


def test_a_proposal_may_be_left_undone(stage):
    s = stage("county-proposals").on(TODAY)
    old = in_need(s, "老党员", **LONG)
    pick(s, "old-member-aid", s.committee)
    assert s.on(YEAR_END).one(old, "old-member-aid").state == "open"
    s.on(date(2027, 1, 1))
    states = {each.due.year: each.state for each in s.owed(old, state=None)}
    assert states == {2026: "lapsed", 2027: "open"}
