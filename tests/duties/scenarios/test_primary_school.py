"""某小学: talks every semester and every year, four occasions to talk, four festivals on which some are visited."""

from datetime import date

import pytest

from duties.policy.adjusting import adjust
from duties.policy.models import Rule
from members.enums import Role, Standing
from tests.duties.scenarios.tables import DAY, by_event, everything_happens, in_categories, listed, rules_of, turns

TODAY = date(2026, 3, 2)
YEAR_END = date(2026, 12, 31)
FOUR = {
    "post_change": [("talk-on-post-change", "2（1）", "talk", 10)],
    "job_change": [("talk-on-post-change", "2（1）", "talk", 10)],
    "trouble": [("talk-on-trouble", "2（1）", "talk", 7)],
    "setback": [("talk-on-trouble", "2（1）", "talk", 7)],
    "conflict": [("talk-on-conflict", "2（1）", "talk", 7)],
    "complaint": [("talk-on-complaint", "2（1）", "talk", 7)],
}
ONCE = {
    "hired": [("talk-on-hired", "2（1）", "talk", 15)],
    "retired": [("talk-on-retired", "2（1）", "talk", 15)],
}
SEMESTER = "semester-talk"


def test_four_occasions_and_entering_or_leaving_work_ask_for_a_talk_and_no_other_event(stage):
    s = stage("primary-school", start=TODAY).on(TODAY)
    assert by_event(s, s.li) == FOUR | ONCE
    assert turns(s, s.li, rules_of(FOUR | ONCE, "talk")) == {("支部书记",)}
    lost = s.member("失联", standing=Standing.LOST)
    everything_happens(s, lost)
    assert s.rules(lost) == set()
    everything_happens(s, s.zhang, on=date(2026, 3, 1))
    assert s.rules(s.zhang) == {SEMESTER}


def test_the_branch_holds_the_four_talks_but_only_its_head_talks_with_who_enters_or_leaves(stage):
    s = stage("primary-school", start=TODAY).on(TODAY)
    s.takes_post(s.zhang, s.branch, Role.COMMISSIONER, since=TODAY)
    four, once = rules_of(FOUR, "talk"), rules_of(ONCE, "talk")
    everything_happens(s, s.li)
    s.does("talk", s.secretary, about=s.li, collective=True)
    s.does("visit", s.secretary, about=s.li)
    s.does("talk", s.general_secretary, s.head, about=s.li)
    s.does("talk", s.secretary, about=s.li, on=date(2026, 3, 1))
    assert s.rules(s.li) == four | once, "the talk of yesterday was the semester's"
    s.does("talk", s.zhang, about=s.li)
    assert s.rules(s.li) == once
    s.does("talk", s.secretary, about=s.li)
    assert s.rules(s.li) == set()


def test_each_leader_talks_once_a_year_with_those_he_is_in_charge_of(stage):
    s = stage("primary-school", start=TODAY).on(TODAY)
    rule = "leaders-talk"
    s.tied(s.secretary, "charge", s.deputy, since=TODAY)
    s.tied(s.li, "charge", s.committee_secretary, since=TODAY)
    s.tied(s.zhang, "contact", s.deputy, since=TODAY)
    s.tied(s.zhang, "charge", s.general_secretary, since=TODAY)
    s.tied(s.zhang, "charge", s.head, since=TODAY)
    found = {(each.who, each.clause, each.action, each.due, each.turn) for each in s.owed(rule=rule)}
    assert found == {
        ("支部书记", "2（1）", "talk", YEAR_END, ("党委副书记",)),
        ("李党员", "2（1）", "talk", YEAR_END, ("党委书记",)),
    }
    s.does("talk", s.committee_secretary, about=s.secretary)
    s.does("talk", s.secretary, about=s.li)
    s.does("talk", s.deputy, about=s.secretary, collective=True)
    assert {each.state for each in s.owed(rule=rule, state=None)} == {"open"}
    s.does("talk", s.deputy, about=s.secretary)
    assert s.one(s.secretary, rule).state == "done"
    assert s.on(date(2027, 1, 1)).one(s.secretary, rule, "open").due == date(2027, 12, 31)


def test_the_secretary_talks_with_each_member_every_semester_across_the_turn_of_the_year(stage):
    s = stage("primary-school").on(date(2026, 1, 1))
    away = s.member("停止党籍", standing=Standing.SUSPENDED)
    assert listed(s, s.li) == {SEMESTER: ("2（1）", "talk", date(2026, 1, 20), "支部书记")}
    assert s.one(s.secretary, SEMESTER).turn == ("总支书记",)
    assert s.rules(away) == set()
    s.on(date(2026, 1, 20)).does("talk", s.secretary, about=s.zhang)
    s.on(date(2026, 1, 21)).does("talk", s.secretary, about=s.li)
    assert s.one(s.li, SEMESTER).state == "open"
    assert s.one(s.zhang, SEMESTER).state == "done"

    s.on(date(2026, 2, 14))
    assert [each.due for each in s.owed(s.zhang)] == [], "holidays"
    s.on(date(2026, 2, 15))
    assert s.one(s.zhang, SEMESTER, "open").due == date(2026, 7, 15)
    s.does("talk", s.secretary, about=s.zhang, collective=True)
    s.does("talk", s.general_secretary, about=s.zhang)
    assert s.rules(s.zhang) == {SEMESTER}
    s.on(date(2026, 7, 15)).does("talk", s.secretary, about=s.zhang)
    assert s.rules(s.zhang) == set()
    s.on(date(2026, 8, 31)).does("talk", s.secretary, about=s.zhang)

    s.on(date(2026, 9, 1))
    assert s.one(s.zhang, SEMESTER, "open").due == date(2027, 1, 20)
    s.on(date(2027, 1, 5)).does("talk", s.secretary, about=s.zhang)
    assert s.rules(s.zhang) == set(), "the new year lies within the semester"
    assert s.on(date(2027, 2, 15)).one(s.zhang, SEMESTER, "open").due == date(2027, 7, 15)


def test_an_organisation_sets_its_own_semesters(stage):
    s = stage("primary-school", start=date(2026, 2, 15)).on(date(2026, 2, 15))
    rule = Rule.objects.get(policy__code="primary-school", code=SEMESTER)
    own = {"semesters": [["03-01", "07-10"], ["08-25", "01-15"]]}
    adjust(by=None, organisation=s.general, rule=rule, numbers=own, since=date(2026, 8, 1), today=s.today)
    s.on(s.today)
    assert [each.due for each in s.owed(s.li)] == [date(2026, 7, 15)], "the running semester is as it was"
    s.on(date(2026, 8, 24))
    assert [each.due for each in s.owed(s.li)] == [date(2026, 7, 15)]
    s.on(date(2026, 8, 25))
    assert [each.due for each in s.owed(s.li)] == [date(2026, 7, 15), date(2027, 1, 15)]
    assert [each.due for each in s.owed(s.deputy)] == [date(2026, 7, 15)], "it is the general branch's own"
    s.on(date(2026, 9, 1))
    assert [each.due for each in s.owed(s.deputy)] == [date(2026, 7, 15), date(2027, 1, 20)]
    s.does("talk", s.secretary, about=s.li, on=date(2026, 8, 25))
    assert [each.due for each in s.owed(s.li)] == [date(2026, 7, 15)]
    assert [each.due for each in s.on(date(2027, 3, 1)).owed(s.li)] == [date(2026, 7, 15), date(2027, 7, 10)]


@pytest.mark.parametrize(
    ("rules", "opens", "due", "closes"),
    [
        (("elderly-spring", "hardship-spring"), date(2026, 1, 18), date(2026, 2, 16), date(2026, 2, 17)),
        (("elderly-july", "hardship-july"), date(2026, 6, 10), date(2026, 7, 1), date(2026, 7, 10)),
        (("elderly-teachers", "hardship-teachers"), date(2026, 8, 31), date(2026, 9, 10), date(2026, 9, 10)),
        (("elderly-ninth", "hardship-ninth"), date(2026, 10, 8), date(2026, 10, 18), date(2026, 10, 18)),
    ],
)
def test_on_four_festivals_a_branch_visits_some_of_its_old_and_some_of_its_poor_members(
    stage, rules, opens, due, closes
):
    _old_rule, poor_rule = rules
    s = stage("primary-school", start=opens - DAY)
    old, poor = in_categories(s, "党员", ("elderly", "hardship")).values()
    in_categories(s, "另一", ("elderly", "hardship"))
    theirs = s.member("二支部困难", s.sibling)
    s.belongs(theirs, "hardship", since=date(2026, 1, 1))
    lost = s.member("失联", s.direct, standing=Standing.LOST)
    for kind in ("elderly", "hardship"):
        s.belongs(lost, kind, since=date(2026, 1, 1))
    s.on(opens - DAY)
    assert not s.rules() & set(rules)
    s.does("visit", s.secretary, about=old)

    s.on(opens)
    assert listed(s, s.branch) == {rule: ("2（2）", "visit", due, "支部书记") for rule in rules}
    assert listed(s, s.sibling) == {poor_rule: ("2（2）", "visit", due, "二支部书记")}
    assert s.rules(s.direct) == s.rules(s.general) == s.rules(s.committee) == set()
    s.does("visit", s.secretary, about=s.zhang)
    for someone in (old, poor):
        s.does("visit", s.zhang, s.sibling_secretary, s.head, about=someone)
        s.does("talk", s.secretary, about=someone)
    s.does("visit", s.secretary)
    assert s.rules(s.branch) == set(rules)

    s.on(closes).does("visit", s.deputy, about=old)
    assert s.rules(s.branch) == {poor_rule}, "one of the old members is enough, and none of the poor"
    s.does("visit", s.deputy, about=poor)
    assert s.rules(s.branch) == set()
    s.on(closes + DAY).does("visit", s.sibling_secretary, about=theirs)
    assert s.rules(s.sibling) == {poor_rule}


def test_old_and_poor_members_are_seen_in_ordinary_times_too(stage):
    s = stage("primary-school", start=TODAY).on(TODAY)
    lost, ill = s.member("失联", standing=Standing.LOST), s.member("大病")
    for someone, kind in ((s.li, "hardship"), (s.zhang, "elderly"), (lost, "hardship"), (ill, "serious_illness")):
        s.belongs(someone, kind, since=TODAY)
    assert listed(s, s.li)["hardship-yearly"] == ("2（2）", "visit", YEAR_END, "支部书记")
    assert listed(s, s.zhang)["elderly-yearly"] == ("2（2）", "visit", YEAR_END, "支部书记")
    assert s.rules(s.li) == {SEMESTER, "hardship-yearly"}
    assert s.rules(s.zhang) == {SEMESTER, "elderly-yearly"}
    assert s.rules(lost) | s.rules(ill) == {SEMESTER}
    for someone in (s.li, s.zhang):
        s.does("visit", s.sibling_secretary, about=someone)
        s.does("greeting", s.secretary, about=someone)
        s.does("visit", s.secretary, about=someone, on=date(2025, 12, 31))
    assert s.one(s.li, "hardship-yearly").state == s.one(s.zhang, "elderly-yearly").state == "open"
    s.does("visit", s.secretary, about=s.li)
    s.does("visit", s.committee_secretary, about=s.zhang)
    assert s.one(s.li, "hardship-yearly").state == s.one(s.zhang, "elderly-yearly").state == "done"
