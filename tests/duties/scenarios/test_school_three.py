"""某学校三部分制度: July selection and oath, three festivals, visits on misfortune, talks in any form."""

from datetime import date

import pytest

from members.enums import Standing
from tests.duties.scenarios.tables import (
    DAY,
    by_event,
    everything_happens,
    listed,
    opened_by,
    rules_of,
    try_festival,
    turns,
)

TODAY = date(2026, 3, 2)
HALF, YEAR_END = date(2026, 6, 30), date(2026, 12, 31)
EVENTS = {
    "family_death": [("visit-on-family-death", "三2", "visit", 3)],
    "disaster": [("visit-on-disaster", "三2", "visit", 3)],
    "family_accident": [("visit-on-disaster", "三2", "visit", 3)],
    "need": [("visit-on-need", "三2", "visit", 7)],
}
VISITS = rules_of(EVENTS, "visit")


def test_every_body_makes_affairs_public_each_half_year(stage):
    s = stage("school-three").on(TODAY)
    for organisation, head in ((s.committee, "党委书记"), (s.general, "总支书记"), (s.branch, "支部书记")):
        assert listed(s, organisation) == {"openness": ("三5", "disclosure", HALF, head)}
    s.does("disclosure", s.secretary, about=s.li)
    s.does("report", s.secretary)
    s.does("disclosure", s.secretary, on=date(2025, 12, 31))
    assert s.rules(s.branch) == {"openness"}
    s.does("disclosure", s.secretary)
    assert s.rules(s.branch) == set()
    assert s.rules(s.general) == s.rules(s.committee) == {"openness"}
    assert s.on(date(2026, 7, 1)).one(s.branch, "openness", "open").due == YEAR_END


def test_around_july_the_committee_selects_and_the_whole_school_takes_the_oath(stage):
    s = stage("school-three").on(date(2026, 5, 31))
    july = {"july-selection", "oath-july"}
    assert not s.rules(s.committee) & july
    s.on(date(2026, 6, 1))
    assert s.rules(s.committee) & july == {"july-selection"}
    s.on(date(2026, 6, 20)).does("oath", s.committee_secretary, at=s.committee, collective=True)
    assert "oath-july" not in s.rules(s.committee)
    s.on(date(2026, 6, 21))
    found = listed(s, s.committee)
    assert found["july-selection"] == ("二", "selection", date(2026, 7, 1), "党委书记")
    assert found["oath-july"] == ("三1", "oath", date(2026, 7, 1), "党委书记")
    assert not (s.rules(s.general) | s.rules(s.branch)) & july
    for action in ("selection", "oath"):
        s.does(action, s.secretary, at=s.branch)
        s.does(action, s.committee_secretary, about=s.deputy, at=s.committee)
    s.does("commend", s.deputy, at=s.committee)
    assert s.rules(s.committee) >= july
    s.does("selection", s.deputy, at=s.committee)
    assert s.rules(s.committee) & july == {"oath-july"}
    s.on(date(2026, 7, 12)).does("oath", s.deputy, at=s.committee)
    assert s.one(s.committee, "oath-july").state == "open"
    s.does("oath", s.deputy, at=s.committee, on=date(2026, 7, 11), collective=True)
    assert s.one(s.committee, "oath-july").state == "done"


@pytest.mark.parametrize(
    ("table", "opens", "due", "closes"),
    [
        (
            {
                "elderly": ("elderly-newyear", "三2"), "hardship": ("hardship-newyear", "三2"),
                "serious_illness": ("serious-illness-newyear", "三2"),
            },
            date(2026, 12, 20), date(2026, 12, 31), date(2027, 1, 1),
        ),
        (
            {
                "elderly": ("elderly-spring", "三2"), "hardship": ("hardship-spring", "三2"),
                "serious_illness": ("serious-illness-spring", "三2"),
            },
            date(2026, 1, 18), date(2026, 2, 16), date(2026, 2, 17),
        ),
        (
            {
                "elderly": ("elderly-july", "三2"), "hardship": ("hardship-july", "三2"),
                "serious_illness": ("serious-illness-july", "三2"),
            },
            date(2026, 6, 10), date(2026, 7, 1), date(2026, 7, 10),
        ),
    ],
)  # fmt: skip
def test_at_new_year_spring_and_july_old_ill_and_poor_members_are_seen(stage, table, opens, due, closes):
    try_festival(stage("school-three", start=opens - DAY), table, opens, due, closes)


def test_a_death_in_the_family_a_disaster_and_special_need_ask_for_a_visit_and_no_other_event(stage):
    s = stage("school-three").on(TODAY)
    assert by_event(s, s.li) == EVENTS
    assert turns(s, s.li, VISITS) == {("支部书记",)}
    lost = s.member("失联", standing=Standing.LOST)
    everything_happens(s, lost)
    assert s.rules(lost) == set()
    everything_happens(s, s.zhang, on=date(2025, 12, 31))
    assert s.rules(s.zhang) == {"members-talk"}


def test_party_organisations_of_every_level_may_go_but_nobody_else(stage):
    s = stage("school-three").on(TODAY)
    everything_happens(s, s.li)
    s.does("visit", s.zhang, s.sibling_secretary, s.head, about=s.li)
    s.does("visit", s.secretary, about=s.li, collective=True)
    s.does("visit", s.secretary, about=s.li, on=date(2026, 3, 1))
    s.does("talk", s.secretary, about=s.zhang)
    s.does("visit", s.secretary, about=s.zhang)
    assert s.rules(s.li) == VISITS | {"members-talk"}
    s.does("visit", s.deputy, about=s.li)
    assert s.rules(s.li) == {"members-talk"}


def test_a_members_death_asks_for_condolence(stage):
    s = stage("school-three").on(TODAY)
    assert opened_by(s, s.zhang, "death") == [], "the roster still has him living"
    s.dies(s.li, TODAY)
    assert listed(s, s.li) == {"condolence": ("三2", "condolence", date(2026, 3, 5), "支部书记")}
    s.does("condolence", s.zhang, about=s.li)
    s.does("visit", s.secretary, about=s.li)
    assert s.rules(s.li) == {"condolence"}
    assert set(by_event(s, s.li)) == {"death"}, "nothing else is owed to the dead"
    s.does("condolence", s.general_secretary, about=s.li)
    assert s.rules(s.li) == set()


def test_cadres_talk_with_members_alone_or_in_a_group(stage):
    s = stage("school-three").on(TODAY)
    rule = "members-talk"
    away = s.member("停止党籍", standing=Standing.SUSPENDED)
    assert listed(s, s.li) == {rule: ("三4", "talk", YEAR_END, "支部书记")}
    assert listed(s, s.secretary) == {rule: ("三4", "talk", YEAR_END, "总支书记")}
    assert s.rules(away) == set()
    s.does("talk", s.zhang, about=s.li, collective=True)
    s.does("talk", s.sibling_secretary, s.head, about=s.li)
    s.does("talk", s.secretary, about=s.li, on=date(2025, 12, 31))
    s.does("visit", s.secretary, about=s.li)
    assert s.one(s.li, rule).state == "open"
    s.does("talk", s.secretary, about=s.li, collective=True)
    assert s.one(s.li, rule).state == "done"
    s.does("talk", s.deputy, about=s.zhang)
    assert s.one(s.zhang, rule).state == "done", "a cadre of any level upward"
