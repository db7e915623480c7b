"""小营村: the registers of members in difficulty and away from home are brought up to date from time to time."""

from datetime import date

from tests.duties.scenarios.tables import everything_happens, listed

REVIEW = "registry-review"


def test_each_branch_brings_its_registers_up_to_date_every_half_year(stage):
    s = stage("xiaoying-village").on(date(2026, 1, 1))
    assert listed(s, s.branch) == {REVIEW: ("二、一是", "review", date(2026, 6, 30), "支部书记")}
    assert listed(s, s.sibling) == {REVIEW: ("二、一是", "review", date(2026, 6, 30), "二支部书记")}
    assert s.rules(s.general) == s.rules(s.committee) == set()

    s.on(date(2026, 4, 1))
    s.does("report", s.secretary)
    s.does("review", s.secretary, about=s.li)
    s.does("review", s.secretary, on=date(2025, 12, 31))
    s.does("review", s.sibling_secretary, at=s.sibling)
    assert s.one(s.branch, REVIEW).state == "open"
    assert s.one(s.sibling, REVIEW).state == "done"
    s.does("review", s.secretary)
    assert s.one(s.branch, REVIEW).state == "done"

    s.on(date(2026, 7, 1))
    assert s.one(s.branch, REVIEW, "open").due == date(2026, 12, 31)


def test_a_review_made_too_late_leaves_the_half_year_open(stage):
    s = stage("xiaoying-village").on(date(2026, 7, 1))
    s.does("review", s.secretary)
    states = {each.due: each.state for each in s.owed(s.branch, state=None)}
    assert states == {date(2026, 6, 30): "open", date(2026, 12, 31): "done"}


def test_the_village_asks_for_nothing_when_something_happens_to_a_member(stage):
    s = stage("xiaoying-village").on(date(2026, 3, 2))
    s.belongs(s.li, "hardship", since=date(2026, 1, 1))
    everything_happens(s, s.li)
    assert s.rules(s.li) == set()
