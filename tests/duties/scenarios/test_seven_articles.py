"""党内关怀帮扶制度七条: six kinds of visits, a talk by any leading cadre, a political birthday alone and together."""

from datetime import date

import pytest

from members.enums import Role, Standing
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
YEAR_END = date(2026, 12, 31)
EVENTS = {
    "hospital": [("visit-on-hospital", "3", "visit", 3)],
    "illness": [("visit-on-hospital", "3", "visit", 3)],
    "disaster": [("visit-on-disaster", "3", "visit", 3)],
    "family_accident": [("visit-on-disaster", "3", "visit", 3)],
    "family_death": [("visit-on-family-death", "3", "visit", 3)],
    "mood": [("talk-on-mood", "4", "talk", 3)],
}
VISITS = rules_of(EVENTS, "visit")


def test_registers_are_reviewed_by_branches_each_half_year_and_the_funds_books_shown_above_them(stage):
    s = stage("seven-articles").on(date(2026, 1, 1))
    assert listed(s, s.branch) == {"registry-review": ("1", "review", date(2026, 6, 30), "支部书记")}
    assert listed(s, s.general) == {"fund-disclosure": ("2", "disclosure", YEAR_END, "总支书记")}
    assert listed(s, s.committee) == {"fund-disclosure": ("2", "disclosure", YEAR_END, "党委书记")}

    s.on(TODAY)
    s.does("review", s.secretary, about=s.li)
    s.does("review", s.secretary, on=date(2025, 12, 31))
    s.does("disclosure", s.secretary)
    s.does("disclosure", s.general_secretary, at=s.general)
    s.does("report", s.deputy, at=s.committee)
    assert s.rules(s.branch) == {"registry-review"}
    assert s.rules(s.committee) == {"fund-disclosure"}
    assert s.rules(s.general) == set()
    s.does("review", s.secretary)
    s.does("disclosure", s.deputy, at=s.committee)
    assert s.rules(s.branch) == s.rules(s.committee) == set()


def test_illness_disaster_and_a_death_in_the_family_ask_for_a_visit_a_mood_for_a_talk_and_no_other_event(stage):
    s = stage("seven-articles").on(TODAY)
    assert by_event(s, s.li) == EVENTS
    assert turns(s, s.li, VISITS | {"talk-on-mood"}) == {("支部书记",)}
    lost = s.member("失联", standing=Standing.LOST)
    everything_happens(s, lost)
    assert s.rules(lost) == set()
    everything_happens(s, s.zhang, on=date(2025, 12, 31))
    assert s.rules(s.zhang) == {"leader-talk"}


def test_whoever_the_organisation_sent_closes_what_an_event_opened(stage):
    s = stage("seven-articles").on(TODAY)
    everything_happens(s, s.li)
    s.does("visit", s.zhang, about=s.li, on=date(2026, 3, 1))
    s.does("visit", s.zhang, about=s.secretary)
    s.does("talk", s.zhang, about=s.li, collective=True)
    assert s.rules(s.li) == VISITS | {"talk-on-mood", "leader-talk"}
    s.does("visit", s.zhang, about=s.li)
    assert s.rules(s.li) == {"talk-on-mood", "leader-talk"}
    s.does("talk", s.zhang, about=s.li)
    assert s.rules(s.li) == {"leader-talk"}


def test_a_members_death_asks_for_condolence_and_everything_else_ends(stage):
    s = stage("seven-articles").on(TODAY)
    assert opened_by(s, s.zhang, "death") == [], "the roster still has him living"
    s.dies(s.li, TODAY)
    assert listed(s, s.li) == {"condolence": ("3", "condolence", date(2026, 3, 5), "支部书记")}
    s.does("visit", s.secretary, about=s.li)
    assert s.rules(s.li) == {"condolence"}
    assert set(by_event(s, s.li)) == {"death"}, "nothing else is owed to the dead"
    s.does("condolence", s.zhang, about=s.li)
    assert s.rules(s.li) == set()


def test_members_in_difficulty_and_old_ones_are_seen_in_the_course_of_a_year_by_any_level(stage):
    s = stage("seven-articles", start=TODAY).on(TODAY)
    lost, ill = s.member("失联", standing=Standing.LOST), s.member("大病")
    for someone, kind in ((s.li, "hardship"), (s.zhang, "elderly"), (lost, "hardship"), (ill, "serious_illness")):
        s.belongs(someone, kind, since=TODAY)
    assert listed(s, s.li)["hardship-yearly"] == ("3", "visit", YEAR_END, "支部书记")
    assert listed(s, s.zhang)["elderly-yearly"] == ("3", "visit", YEAR_END, "支部书记")
    assert {"hardship-yearly", "elderly-yearly"}.isdisjoint(s.rules(lost) | s.rules(ill))
    assert "elderly-yearly" not in s.rules(s.li)
    assert "hardship-yearly" not in s.rules(s.zhang)
    for someone in (s.li, s.zhang):
        s.does("talk", s.secretary, about=someone)
        s.does("visit", s.sibling_secretary, about=someone)
        s.does("visit", s.head, about=someone)
        s.does("visit", s.secretary, about=someone, on=date(2025, 12, 31))
    assert s.one(s.li, "hardship-yearly").state == s.one(s.zhang, "elderly-yearly").state == "open"
    s.does("visit", s.deputy, about=s.li)
    s.does("visit", s.secretary, about=s.zhang)
    assert s.one(s.li, "hardship-yearly").state == s.one(s.zhang, "elderly-yearly").state == "done"


@pytest.mark.parametrize(
    ("table", "opens", "due", "closes"),
    [
        (
            {
                "elderly": ("elderly-newyear", "3"), "serious_illness": ("serious-illness-newyear", "3"),
                "hardship": ("hardship-newyear", "3"),
            },
            date(2026, 12, 20), date(2026, 12, 31), date(2027, 1, 1),
        ),
        (
            {
                "elderly": ("elderly-spring", "3"), "serious_illness": ("serious-illness-spring", "3"),
                "hardship": ("hardship-spring", "3"),
            },
            date(2026, 1, 18), date(2026, 2, 16), date(2026, 2, 17),
        ),
        (
            {
                "elderly": ("elderly-july", "3"), "serious_illness": ("serious-illness-july", "3"),
                "hardship": ("hardship-july", "3"),
            },
            date(2026, 6, 10), date(2026, 7, 1), date(2026, 7, 10),
        ),
    ],
)  # fmt: skip
def test_at_new_year_spring_and_july_everybody_in_the_groups_is_seen(stage, table, opens, due, closes):
    try_festival(stage("seven-articles", start=opens - DAY), table, opens, due, closes)


def test_any_leading_cadre_upward_talks_with_each_member_once_a_year(stage):
    s = stage("seven-articles").on(TODAY)
    rule = "leader-talk"
    assert listed(s, s.li) == {rule: ("4", "talk", YEAR_END, "总支书记")}
    assert listed(s, s.direct_secretary) == {rule: ("4", "talk", YEAR_END, "党委书记")}
    away = s.member("停止党籍", standing=Standing.SUSPENDED)
    assert s.rules(away) == set()
    s.does("talk", s.secretary, about=s.li)
    s.does("talk", s.head, about=s.li)
    s.does("talk", s.general_secretary, about=s.li, collective=True)
    s.does("visit", s.general_secretary, about=s.li)
    s.does("talk", s.general_secretary, about=s.zhang)
    s.does("talk", s.general_secretary, about=s.li, on=date(2025, 12, 31))
    assert s.one(s.li, rule).state == "open"
    s.does("talk", s.deputy, about=s.li)
    assert s.one(s.li, rule).state == "done", "the committee's deputy secretary is a leader too"
    assert s.one(s.zhang, rule).state == "done"
    assert s.on(date(2027, 1, 1)).one(s.li, rule, "open").due == date(2027, 12, 31)


def test_each_member_is_congratulated_on_the_day_of_joining(stage):
    s = stage("seven-articles").on(date(2026, 6, 2))
    rule, day = "birthday", date(2026, 6, 10)
    lost = s.member("失联", standing=Standing.LOST, joined=date(2005, 6, 10))
    fresh = s.member("新党员", standing=Standing.PROBATIONARY, joined=date(2026, 6, 10), full=None)
    autumn = s.member("秋天入党", joined=date(2010, 10, 5), full=date(2011, 10, 5))
    leader = s.member("党小组长")
    s.takes_post(leader, s.branch, Role.GROUP_LEADER, since=date(2026, 1, 1))
    assert s.owed(rule=rule) == []
    s.does("greeting", s.secretary, about=s.li)
    s.on(date(2026, 6, 3))
    assert listed(s, s.li)[rule] == ("5", "greeting", day, "支部书记")
    assert s.owed(lost, rule=rule) == s.owed(autumn, rule=rule) == s.owed(fresh, rule=rule) == []

    s.does("greeting", s.deputy, about=s.li)
    s.does("greeting", s.secretary, about=s.li, collective=True)
    s.does("visit", s.secretary, about=s.li)
    assert s.one(s.li, rule).state == "open"
    s.does("greeting", leader, about=s.li)
    assert s.one(s.li, rule).state == "done"
    s.on(date(2026, 6, 17)).does("talk", s.secretary, about=s.zhang)
    assert s.one(s.zhang, rule).state == "done", "a talk congratulates as well"
    s.on(date(2026, 6, 18)).does("greeting", s.general_secretary, about=s.secretary)
    assert s.one(s.secretary, rule).state == "open"
    assert s.on(date(2026, 10, 5)).one(autumn, rule).due == date(2026, 10, 5)


def test_around_the_first_of_july_the_branch_celebrates_together_and_takes_the_oath(stage):
    s = stage("seven-articles").on(date(2026, 6, 20))
    day = date(2026, 7, 1)
    together = {"birthday-together", "oath-july"}
    assert not s.rules() & together
    s.does("greeting", s.secretary, collective=True)
    s.does("oath", s.secretary, collective=True)
    s.on(date(2026, 6, 21))
    found = listed(s, s.branch)
    assert found["birthday-together"] == ("5", "greeting", day, "支部书记")
    assert found["oath-july"] == ("5", "oath", day, "支部书记")
    assert not (s.rules(s.general) | s.rules(s.committee)) & together
    s.does("greeting", s.secretary, about=s.li)
    s.does("oath", s.secretary, about=s.li)
    s.does("greeting", s.sibling_secretary, at=s.sibling, collective=True)
    assert s.rules(s.branch) >= together
    assert s.rules(s.sibling) & together == {"oath-july"}
    s.on(date(2026, 7, 11))
    s.does("greeting", s.secretary, collective=True)
    assert s.rules(s.branch) & together == {"oath-july"}
    assert s.one(s.li, "birthday").state == "open", "celebrating together is not the day of joining"
    s.does("oath", s.secretary, collective=True)
    assert not s.rules(s.branch) & together
    s.on(date(2026, 7, 12)).does("oath", s.direct_secretary, at=s.direct)
    assert s.one(s.direct, "oath-july").state == "open"
