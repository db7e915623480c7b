"""某局机关: three tiers of talks once a year, five occasions to talk, somebody sent to the home, July and spring."""

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
    "commendation": [("talk-on-commendation", "二6", "talk", 15)],
    "trouble": [("talk-on-trouble", "二6", "talk", 7)],
    "conflict": [("talk-on-conflict", "二6", "talk", 7)],
    "fault": [("talk-on-fault", "二6", "talk", 7)],
    "problem": [("talk-on-problem", "二6", "talk", 7)],
    "hospital": [("visit-on-hospital", "二3", "visit", 3)],
    "family_death": [("visit-on-family-death", "二3", "visit", 3)],
    "disaster": [("visit-on-disaster", "二3", "visit", 3)],
    "family_accident": [("visit-on-disaster", "二3", "visit", 3)],
    "need": [("visit-on-need", "二3", "visit", 7)],
    "mood": [("visit-on-mood", "二3", "visit", 3)],
}
TALKS, VISITS = rules_of(EVENTS, "talk"), rules_of(EVENTS, "visit")


def test_five_occasions_ask_for_a_talk_five_for_a_visit_at_home_and_no_other(stage):
    s = stage("bureau-offices").on(TODAY)
    assert by_event(s, s.li) == EVENTS
    assert turns(s, s.li, TALKS | VISITS) == {("支部书记",)}
    lost = s.member("失联", standing=Standing.LOST)
    everything_happens(s, lost)
    assert s.rules(lost) == set()
    everything_happens(s, s.zhang, on=date(2025, 12, 31))
    assert s.rules(s.zhang) == {"talk-members"}


def test_whoever_was_sent_closes_a_visit_but_a_talk_only_the_branch(stage):
    s = stage("bureau-offices").on(TODAY)
    everything_happens(s, s.li)
    s.does("visit", s.zhang, about=s.li, on=date(2026, 3, 1))
    s.does("visit", s.secretary, about=s.zhang)
    s.does("condolence", s.secretary, about=s.li)
    s.does("visit", s.zhang, about=s.li, collective=True)
    s.does("greeting", s.secretary, about=s.li)
    s.does("talk", s.zhang, s.deputy, s.head, about=s.li)
    s.does("talk", s.secretary, about=s.li, collective=True)
    assert s.rules(s.li) == TALKS | VISITS | {"talk-members"}
    s.does("visit", s.zhang, about=s.li)
    assert s.rules(s.li) == TALKS | {"talk-members"}
    s.does("talk", s.secretary, about=s.li)
    assert s.rules(s.li) == set()


def test_first_tier_the_committees_secretary_talks_with_each_of_its_leading_group_once_a_year(stage):
    s = stage("bureau-offices").on(date(2026, 1, 1))
    third, below = s.member("党委委员", s.direct), s.member("总支委员", s.direct)
    s.takes_post(third, s.committee, Role.DISCIPLINE_COMMISSIONER, since=date(2026, 1, 1))
    s.takes_post(below, s.general, Role.COMMISSIONER, since=date(2026, 1, 1))
    s.on(TODAY)
    rule = "talk-leading-group"
    assert [(each.who, each.clause, each.due, each.turn) for each in s.owed(s.deputy, rule=rule)] == [
        ("党委副书记", "二6", YEAR_END, ("党委书记",))
    ]
    assert {each.who for each in s.owed(s.committee_secretary, rule=rule)} == {"党委副书记", "党委委员"}
    assert s.owed(below, rule=rule) == s.owed(s.head, rule=rule) == []

    s.does("talk", s.deputy, about=third)
    s.does("talk", s.committee_secretary, about=third, collective=True)
    s.does("visit", s.committee_secretary, about=third)
    s.does("talk", s.committee_secretary, about=third, on=date(2025, 12, 31))
    assert s.one(third, rule).state == "open"
    s.does("talk", s.committee_secretary, about=third)
    assert s.one(third, rule).state == "done"
    assert s.one(s.deputy, rule).state == "open", "each pair is its own"
    assert s.on(date(2027, 1, 1)).one(third, rule, "open").due == date(2027, 12, 31)


def test_second_tier_each_of_the_committee_talks_with_the_commissioners_of_his_contact_branch(stage):
    s = stage("bureau-offices").on(date(2026, 1, 1))
    theirs = s.member("二支部委员", s.sibling)
    for someone, where in ((s.zhang, s.branch), (theirs, s.sibling)):
        s.takes_post(someone, where, Role.COMMISSIONER, since=date(2026, 1, 1))
    for contact in (s.zhang, s.li):  # 李党员 belongs to the contact branch, but is not of its committee
        s.tied(contact, "leader_contact", s.deputy, since=date(2026, 1, 1))
    s.tied(theirs, "contact", s.deputy, since=date(2026, 1, 1))
    s.tied(theirs, "leader_contact", s.general_secretary, since=date(2026, 1, 1))
    s.on(TODAY)
    rule = "talk-contact-branch"
    (only,) = s.owed(rule=rule)
    assert (only.who, only.clause, only.due, only.turn) == ("张党员", "二6", YEAR_END, ("党委副书记",))

    s.does("talk", s.committee_secretary, about=s.zhang)
    s.does("talk", s.secretary, about=s.zhang)
    s.does("talk", s.deputy, about=theirs)
    assert s.one(s.zhang, rule).state == "open"
    s.does("talk", s.deputy, about=s.zhang)
    assert s.one(s.zhang, rule).state == "done"

    s.takes_post(s.li, s.branch, Role.PUBLICITY_COMMISSIONER, since=TODAY)
    assert s.one(s.li, rule).turn == ("党委副书记",)
    s.leaves_post(s.li, s.branch, date(2026, 4, 1), Role.PUBLICITY_COMMISSIONER)
    assert s.on(date(2026, 4, 1)).one(s.li, rule).state == "void"


def test_third_tier_the_branch_secretary_talks_with_every_one_of_its_members_himself(stage):
    s = stage("bureau-offices").on(TODAY)
    s.takes_post(s.zhang, s.branch, Role.DEPUTY_SECRETARY, since=date(2026, 1, 1))
    rule, candidate = "talk-members", s.member("预备", standing=Standing.PROBATIONARY)
    away = s.member("停止党籍", standing=Standing.SUSPENDED)
    assert listed(s, s.li) == listed(s, candidate) == {rule: ("二6", "talk", YEAR_END, "支部书记")}
    assert listed(s, s.secretary) == {rule: ("二6", "talk", YEAR_END, "总支书记")}
    assert s.rules(away) == set()
    s.does("talk", s.zhang, s.general_secretary, s.sibling_secretary, s.head, about=s.li)
    s.does("visit", s.secretary, about=s.li)
    s.does("talk", s.secretary, s.zhang, about=s.li, collective=True)
    assert s.one(s.li, rule).state == "open"
    s.does("talk", s.secretary, about=s.li)
    assert s.one(s.li, rule).state == "done"
    assert s.one(candidate, rule).state == "open"

    s.moves(candidate, s.sibling, date(2026, 3, 2))
    assert s.one(candidate, rule).turn == ("二支部书记",)
    s.does("talk", s.sibling_secretary, about=candidate)
    assert s.one(candidate, rule).state == "done"


def test_both_the_branch_and_the_committee_mourn_a_member(stage):
    s = stage("bureau-offices").on(TODAY)
    assert opened_by(s, s.zhang, "death") == [], "the roster still has him living"
    s.dies(s.li, TODAY)
    assert listed(s, s.li) == {
        "condolence-branch": ("二5", "condolence", date(2026, 3, 5), "支部书记"),
        "condolence-committee": ("二5", "condolence", date(2026, 3, 5), "党委书记"),
    }
    s.does("condolence", s.general_secretary, about=s.li)
    s.does("visit", s.secretary, about=s.li)
    assert set(by_event(s, s.li)) == {"death"}, "nothing else is owed to the dead"
    assert s.rules(s.li) == {"condolence-branch", "condolence-committee"}
    s.does("condolence", s.secretary, about=s.li)
    assert s.rules(s.li) == {"condolence-committee"}
    s.on(date(2026, 3, 9)).does("condolence", s.head, about=s.li)
    assert s.rules(s.li) == set(), "the department went for the committee, late but in the end"


def test_the_committee_selects_around_the_first_of_july(stage):
    s = stage("bureau-offices").on(date(2026, 5, 31))
    rule = "july-selection"
    assert s.owed(rule=rule) == []
    s.does("selection", s.deputy, at=s.committee)
    s.on(date(2026, 6, 1))
    assert listed(s, s.committee) == {rule: ("二1", "selection", date(2026, 7, 1), "党委书记")}
    assert s.rules(s.general) == s.rules(s.branch) == set()
    s.does("selection", s.secretary, at=s.branch)
    s.does("commend", s.deputy, at=s.committee)
    assert s.one(s.committee, rule).state == "open"
    s.on(date(2026, 7, 12)).does("selection", s.deputy, at=s.committee)
    assert s.one(s.committee, rule).state == "open", "after the days of July"
    s.does("selection", s.deputy, at=s.committee, on=date(2026, 7, 11))
    assert s.one(s.committee, rule).state == "done"


@pytest.mark.parametrize(
    ("table", "opens", "due", "closes"),
    [
        (
            {"elderly": ("elderly-july", "二4"), "honouree": ("honouree-july", "二4")},
            date(2026, 6, 10), date(2026, 7, 1), date(2026, 7, 10),
        ),
        ({"hardship": ("hardship-spring", "二4")}, date(2026, 1, 18), date(2026, 2, 16), date(2026, 2, 17)),
    ],
)  # fmt: skip
def test_old_and_excellent_members_are_seen_in_july_all_members_in_difficulty_before_spring(
    stage, table, opens, due, closes
):
    try_festival(stage("bureau-offices", start=opens - DAY), table, opens, due, closes)


def test_in_july_only_excellent_members_are_meant_and_either_level_may_go(stage):
    s = stage("bureau-offices").on(date(2026, 6, 10))
    for someone, kind, grade in (
        (s.li, "honouree", "优秀共产党员"), (s.zhang, "honouree", "优秀党务工作者"), (s.deputy, "elderly", ""),
    ):  # fmt: skip
        s.belongs(someone, kind, grade=grade, since=date(2026, 6, 1))
    s.on(date(2026, 6, 11))
    assert "honouree-july" not in s.rules(s.zhang) | s.rules(s.deputy)
    s.does("visit", s.head, about=s.li)
    assert s.one(s.li, "honouree-july").state == "open", "the department is not the committee"
    s.does("visit", s.committee_secretary, about=s.li)
    assert s.one(s.li, "honouree-july").state == "done"
