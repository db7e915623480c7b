"""医院: the branch goes to see each member in difficulty and learns what is needed most."""

from datetime import date

import pytest

from members.enums import Role, Standing
from tests.duties.scenarios.tables import everything_happens, listed

RULE = "needs-visit"


def test_a_member_found_to_be_in_difficulty_is_seen_within_a_month(stage):
    s = stage("hospital").on(date(2026, 3, 1))
    s.takes_post(s.zhang, s.branch, Role.COMMISSIONER, since=date(2026, 1, 1))
    s.belongs(s.li, "hardship", since=date(2026, 3, 1))
    assert listed(s, s.li) == {RULE: ("三1、2", "visit", date(2026, 3, 31), "支部书记")}

    s.does("visit", s.sibling_secretary, s.general_secretary, s.deputy, s.head, s.li, about=s.li)
    s.does("visit", s.secretary, about=s.li, collective=True)
    s.does("greeting", s.secretary, about=s.li)
    s.does("visit", s.secretary, about=s.li, on=date(2026, 2, 28))
    s.does("visit", s.secretary, about=s.zhang)
    assert s.one(s.li, RULE).state == "open"
    s.does("visit", s.zhang, about=s.li)
    assert s.one(s.li, RULE).state == "done", "the branch's commissioner acts for the branch"


def test_asking_for_opinions_counts_like_a_visit_and_the_secretary_is_seen_by_the_next_above(stage):
    s = stage("hospital").on(date(2026, 3, 1))
    s.belongs(s.secretary, "hardship", since=date(2026, 3, 1))
    assert s.one(s.secretary, RULE).turn == ("总支书记",)
    s.does("talk", s.general_secretary, about=s.secretary, collective=True)
    assert s.one(s.secretary, RULE).state == "open"
    s.does("talk", s.general_secretary, about=s.secretary)
    assert s.one(s.secretary, RULE).state == "done"


@pytest.mark.parametrize(("last", "state"), [(date(2026, 9, 27), "done"), (date(2026, 9, 28), "open")])
def test_a_late_visit_counts_for_half_a_year(stage, last, state):
    s = stage("hospital").on(date(2026, 3, 1))
    s.belongs(s.li, "hardship", since=date(2026, 3, 1))
    s.on(last).does("visit", s.secretary, about=s.li)
    assert s.one(s.li, RULE).state == state


def test_nothing_is_owed_to_those_not_in_difficulty_not_in_standing_or_known_long_before(stage):
    s = stage("hospital").on(date(2026, 3, 1))
    lost = s.member("失联", standing=Standing.LOST)
    for someone, kind, since in (
        (s.li, "honouree", date(2026, 3, 1)), (lost, "hardship", date(2026, 3, 1)),
        (s.zhang, "hardship", date(2024, 3, 1)), (s.secretary, "hardship", date(2026, 3, 2)),
    ):  # fmt: skip
        s.belongs(someone, kind, since=since)
    everything_happens(s, s.li)
    assert s.owed() == [], "an event alone finds nobody in difficulty"
    assert s.on(date(2026, 3, 2)).rules() == {RULE}
