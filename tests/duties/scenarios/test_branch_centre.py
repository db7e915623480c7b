"""某中心党支部: five occasions on which one must talk (alone or in a group), visits by the branch's head, one
selection a year.
"""

from datetime import date

import pytest

from members.enums import Role, Standing
from tests.duties.scenarios.tables import by_event, everything_happens, listed, opened_by, rules_of, turns

TODAY = date(2026, 3, 2)
EVENTS = {
    "trouble": [("talk-on-trouble", "二1", "talk", 7)],
    "conflict": [("talk-on-conflict", "二1", "talk", 7)],
    "fault": [("talk-on-fault", "二1", "talk", 7)],
    "problem": [("talk-on-problem", "二1", "talk", 7)],
    "promotion": [("talk-on-promotion", "二1", "talk", 10)],
    "hospital": [("visit-on-hospital", "二2", "visit", 3)],
    "family_accident": [("visit-on-family-accident", "二2", "visit", 3)],
    "need": [("visit-on-need", "二2", "visit", 7)],
    "mood": [("visit-on-mood", "二2", "visit", 3)],
}
TALKS, VISITS = rules_of(EVENTS, "talk"), rules_of(EVENTS, "visit")


def test_a_branch_selects_once_a_year_makes_its_affairs_public_and_talks_with_each_member(stage):
    s = stage("branch-centre").on(date(2026, 1, 1))
    assert listed(s, s.branch) == {
        "yearly-selection": ("一2", "selection", date(2026, 12, 31), "支部书记"),
        "openness": ("二4", "disclosure", date(2026, 6, 30), "支部书记"),
    }
    assert listed(s, s.li) == {"members-talk": ("二1", "talk", date(2026, 12, 31), "支部书记")}
    assert listed(s, s.secretary) == {"members-talk": ("二1", "talk", date(2026, 12, 31), "总支书记")}
    assert s.rules(s.general) == s.rules(s.committee) == set(), "it is a branch's rule"


def test_the_branchs_own_selection_or_commendation_and_disclosure_close_the_year_and_the_half(stage):
    s = stage("branch-centre", start=TODAY).on(TODAY)
    s.does("selection", s.secretary, about=s.li)
    s.does("selection", s.sibling_secretary, at=s.sibling)
    s.does("selection", s.secretary, on=date(2025, 12, 31))
    s.does("report", s.secretary)
    assert s.rules(s.branch) == {"yearly-selection", "openness"}
    assert s.rules(s.sibling) == {"openness"}
    s.does("commend", s.secretary)
    assert s.rules(s.branch) == {"openness"}
    s.does("disclosure", s.secretary)
    assert s.rules(s.branch) == set()
    assert s.on(date(2026, 7, 1)).one(s.branch, "openness", "open").due == date(2026, 12, 31)


def test_five_occasions_ask_for_a_talk_four_for_a_visit_and_no_other(stage):
    s = stage("branch-centre").on(TODAY)
    assert by_event(s, s.li) == EVENTS
    assert turns(s, s.li, TALKS | VISITS) == {("支部书记",)}
    everything_happens(s, s.secretary)
    assert turns(s, s.secretary, TALKS | VISITS) == {("总支书记",)}


def test_nothing_is_owed_after_an_event_before_the_rules_or_of_somebody_not_in_standing(stage):
    s = stage("branch-centre").on(TODAY)
    lost, candidate = (s.member(each, standing=each) for each in (Standing.LOST, Standing.PROBATIONARY))
    everything_happens(s, s.li, on=date(2025, 12, 31))
    assert s.rules(s.li) == {"members-talk"}
    everything_happens(s, lost)
    assert s.rules(lost) == set()
    assert [each.rule for each in opened_by(s, candidate, "hospital")] == ["visit-on-hospital"]


def test_a_talk_in_a_group_counts_like_one_alone_if_the_branch_held_it(stage):
    s = stage("branch-centre").on(TODAY)
    s.takes_post(s.zhang, s.branch, Role.ORGANISATION_COMMISSIONER, since=date(2026, 1, 1))
    everything_happens(s, s.li)
    other = s.member("同组")
    s.does("talk", s.secretary, about=other, collective=True)
    for by in (s.sibling_secretary, s.general_secretary, s.deputy, s.head, other):
        s.does("talk", by, about=s.li)
    s.does("greeting", s.secretary, about=s.li)
    s.does("talk", s.secretary, about=s.li, on=date(2025, 12, 31))
    s.does("visit", s.general_secretary, about=s.li)
    assert s.rules(s.li) == TALKS | VISITS | {"members-talk"}
    s.does("talk", s.secretary, about=s.li, on=date(2026, 3, 1))
    assert s.rules(s.li) == TALKS | VISITS, "the talk of the day before is none about what happened today"
    s.does("talk", s.zhang, about=s.li, collective=True)
    assert s.rules(s.li) == VISITS
    assert s.rules(other) == set(), "the group talk was the year's talk with him"


def test_the_head_of_the_branch_goes_himself_even_when_it_is_late(stage):
    s = stage("branch-centre").on(TODAY)
    s.takes_post(s.zhang, s.branch, Role.COMMISSIONER, since=date(2026, 1, 1))
    second = s.member("支部副书记")
    s.takes_post(second, s.branch, Role.DEPUTY_SECRETARY, since=date(2026, 1, 1))
    everything_happens(s, s.li)
    everything_happens(s, second)
    s.on(date(2026, 5, 4))
    s.does("visit", s.zhang, about=s.li)
    s.does("visit", s.committee_secretary, about=s.li)
    s.does("visit", s.secretary, about=s.li, collective=True)
    assert s.rules(s.li) >= VISITS
    s.does("visit", second, about=s.li)
    assert not s.rules(s.li) & VISITS
    s.does("visit", s.secretary, about=second)
    assert not s.rules(second) & VISITS


def test_the_secretary_talks_with_each_commissioner_of_his_own_branch_every_half_year(stage):
    s = stage("branch-centre").on(date(2026, 1, 1))
    elsewhere, above = s.member("二支部委员", s.sibling), s.member("党委委员", s.direct)
    for someone, where in ((s.zhang, s.branch), (elsewhere, s.sibling), (above, s.committee)):
        s.takes_post(someone, where, Role.PUBLICITY_COMMISSIONER, since=date(2026, 1, 1))
    s.on(TODAY)
    rule = "commissioners-talk"
    pair = s.one(s.zhang, rule)
    assert (pair.clause, pair.action, pair.due, pair.turn) == ("二1", "talk", date(2026, 6, 30), ("支部书记",))
    assert [each.who for each in s.owed(s.secretary, rule=rule)] == ["张党员"], "李党员 holds no post"
    assert s.one(elsewhere, rule).turn == ("二支部书记",)
    assert s.owed(above, rule=rule) == [], "a branch's rule"

    s.does("talk", s.general_secretary, about=s.zhang)
    s.does("talk", s.zhang, about=s.secretary)
    s.does("talk", s.secretary, about=s.li)
    assert s.one(s.zhang, rule).state == "open"
    s.does("talk", s.secretary, s.li, about=s.zhang, collective=True)
    assert s.one(s.zhang, rule).state == "done"
    assert s.one(elsewhere, rule).state == "open"
    assert s.on(date(2026, 7, 1)).one(s.zhang, rule, "open").due == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("rule", "opens", "due", "closes"),
    [
        ("visits-spring", date(2026, 1, 18), date(2026, 2, 16), date(2026, 2, 17)),
        ("visits-july", date(2026, 6, 10), date(2026, 7, 1), date(2026, 7, 10)),
    ],
)
def test_one_visit_at_a_festival_closes_the_branchs_duty_and_no_others(stage, rule, opens, due, closes):
    s = stage("branch-centre").on(date.fromordinal(opens.toordinal() - 1))
    lost = s.member("失联", standing=Standing.LOST)
    s.takes_post(s.zhang, s.branch, Role.COMMISSIONER, since=date(2026, 1, 1))
    assert s.owed(rule=rule) == []
    s.does("visit", s.secretary, about=s.li)

    s.on(opens)
    assert listed(s, s.branch)[rule] == ("二2", "visit", due, "支部书记")
    assert listed(s, s.direct)[rule] == ("二2", "visit", due, "直属书记")
    assert s.owed(s.general, rule=rule) == s.owed(s.committee, rule=rule) == [], "nobody stands in it directly"
    s.does("visit", s.zhang, s.general_secretary, about=s.li)
    s.does("visit", s.secretary, about=s.li, collective=True)
    s.does("visit", s.secretary, about=lost)
    s.does("visit", s.secretary)
    s.does("talk", s.secretary, about=s.li)
    assert s.one(s.branch, rule).state == "open"

    s.on(closes).does("visit", s.secretary, about=s.zhang)
    assert s.one(s.branch, rule).state == "done"
    s.on(date.fromordinal(closes.toordinal() + 1)).does("visit", s.direct_secretary, about=s.deputy)
    assert s.one(s.direct, rule).state == s.one(s.sibling, rule).state == "open"
