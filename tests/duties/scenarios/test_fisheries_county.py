"""县水产局党组: affairs made public from time to time at every level, one selection a year."""

from datetime import date

from tests.duties.scenarios.tables import everything_happens, listed

OPENNESS = ("三1", "disclosure", date(2026, 6, 30))
SELECTION = ("三2", "selection", date(2026, 12, 31))


def test_every_body_makes_affairs_public_and_the_upper_ones_select_once_a_year(stage):
    s = stage("fisheries-county").on(date(2026, 1, 1))
    assert listed(s, s.committee) == {
        "openness": (*OPENNESS, "党委书记"), "yearly-selection": (*SELECTION, "党委书记"),
    }  # fmt: skip
    assert listed(s, s.general) == {
        "openness": (*OPENNESS, "总支书记"), "yearly-selection": (*SELECTION, "总支书记"),
    }  # fmt: skip
    assert listed(s, s.branch) == {"openness": (*OPENNESS, "支部书记")}
    everything_happens(s, s.li)
    assert s.rules(s.li) == set()


def test_only_the_bodys_own_act_in_the_period_closes_it(stage):
    s = stage("fisheries-county").on(date(2026, 5, 6))
    s.does("selection", s.secretary, at=s.branch)
    s.does("selection", s.deputy, about=s.li)
    s.does("selection", s.deputy, at=s.committee, on=date(2025, 12, 31))
    s.does("commend", s.deputy, at=s.committee)
    s.does("disclosure", s.deputy, at=s.general)
    s.does("report", s.deputy, at=s.committee)
    assert s.rules(s.committee) == {"openness", "yearly-selection"}
    assert s.rules(s.general) == {"yearly-selection"}
    s.does("selection", s.deputy, at=s.committee)
    s.does("disclosure", s.deputy, at=s.committee)
    assert s.rules(s.committee) == set()

    s.on(date(2026, 7, 1))
    assert listed(s, s.committee) == {"openness": ("三1", "disclosure", date(2026, 12, 31), "党委书记")}
    s.on(date(2027, 1, 1))
    assert s.one(s.committee, "yearly-selection", "open").due == date(2027, 12, 31)
    s.does("selection", s.general_secretary, at=s.general)
    states = {each.due.year: each.state for each in s.owed(s.general, rule="yearly-selection", state=None)}
    assert states == {2026: "open", 2027: "done"}, "a selection of the new year is none of the old one"
