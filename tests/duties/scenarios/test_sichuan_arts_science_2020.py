"""川文理委[2020]24号 as it reads: three tiers of talks, five musts, visits, and what the grassroots owe each year."""

from collections import Counter
from datetime import date

from members.enums import Role, Standing
from tests.duties.scenarios.happenings import (
    After,
    due,
    each_opens_its_duty_and_nothing_else_does,
    only_the_right_record_closes_it,
)
from tests.duties.scenarios.stage import Owed

PACK = "sichuan-arts-science-2020"
TALKS, VISITS = "三(二)1", "三(二)2"
HAPPENINGS = [
    After("hired", "talk-on-hiring", TALKS, 15, collective=True),
    After("retired", "talk-on-retirement", TALKS, 15, collective=True),
    After("admission", "talk-on-admission", TALKS, 10, collective=True),
    After("transfer_in", "talk-on-transfer", TALKS, 10, collective=True),
    After("transfer_out", "talk-on-transfer", TALKS, 10, collective=True),
    After("post_change", "talk-on-post-change", TALKS, 15, collective=True),
    After("job_change", "talk-on-job-change", TALKS, 15, collective=True),
    After("honour", "talk-on-honour", TALKS, 15, collective=True),
    After("treatment", "talk-on-discipline", TALKS, 7, collective=True),
    After("punishment", "talk-on-discipline", TALKS, 7, collective=True),
    After("tendency", "talk-on-tendency", TALKS, 3, collective=True),
    After("complaint", "talk-on-complaint", TALKS, 7, collective=True),
    After("hospital", "visit-on-hospital", VISITS, 3, "visit"),
    After("family_accident", "visit-on-family-accident", VISITS, 7, "visit"),
    After("need", "visit-on-need", VISITS, 7, "visit"),
    After("mood", "visit-on-mood", VISITS, 7, "visit"),
    After("critical", "last-illness", VISITS, 1, "visit"),
    After("admission", "oath-on-admission", "三(二)4", 90, "oath", anyone=True),
]
END = date(2026, 12, 31)


def besides_the_yearly(stage, whom, *, state="open") -> list[tuple]:
    return [each for each in due(stage, whom, state=state) if each[0] not in ("yearly-talk", "secretaries-talk")]


def test_at_the_start_of_a_year_three_tiers_talk_the_grassroots_plan_and_disclose_and_the_committee_assesses(stage):
    s = stage(PACK).on(date(2026, 1, 1))
    turns = {
        s.li: "支部书记", s.zhang: "支部书记", s.secretary: "总支书记", s.sibling_secretary: "总支书记",
        s.direct_secretary: "党委书记", s.general_secretary: "直属书记", s.committee_secretary: "直属书记",
        s.deputy: "直属书记", s.head: "直属书记",
    }  # fmt: skip
    yearly = [Owed("yearly-talk", TALKS, "talk", END, "open", each.name, (turn,)) for each, turn in turns.items()]
    quarterly = [  # not the secretary of the branch directly below the committee: no general branch is above it
        Owed("secretaries-talk", TALKS, "talk", date(2026, 3, 31), "open", each.name, ("总支书记",))
        for each in (s.secretary, s.sibling_secretary)
    ]
    grassroots = [
        Owed(rule, clause, action, END, "open", each.name, (turn,))
        for each, turn in (
            (s.general, "总支书记"), (s.branch, "支部书记"), (s.sibling, "二支部书记"), (s.direct, "直属书记"),
        )
        for rule, clause, action in (
            ("yearly-plan", "五(一)", "plan"), ("yearly-disclosure", "三(二)4", "disclosure"),
        )
    ]  # fmt: skip
    committee = [
        Owed(rule, clause, "assessment", END, "open", "党委", ("党委书记",))
        for rule, clause in (("secretary-assessment", "三(一)1"), ("yearly-assessment", "五(一)"))
    ]
    assert Counter(s.owed(state=None)) == Counter([*yearly, *quarterly, *grassroots, *committee])

    s.on(date(2027, 1, 4))
    for action in ("plan", "disclosure", "assessment"):
        s.does(action, s.general_secretary, at=s.general, on=date(2026, 12, 31))
    s.does("plan", s.secretary, at=s.branch)  # a year's plan made in the next
    s.does("disclosure", s.secretary, about=s.li, on=date(2026, 12, 31))
    assert {each.rule for each in s.owed(s.general) if each.due == END} == set()
    assert {each.rule for each in s.owed(s.branch) if each.due == END} == {"yearly-plan", "yearly-disclosure"}
    assert {each.rule for each in s.owed(s.branch) if each.due > END} == {"yearly-disclosure"}
    assert len(s.owed(s.committee)) == 4
    s.does("assessment", s.head, at=s.committee, on=date(2026, 12, 31))  # one assessment serves both clauses
    assert [each.due.year for each in s.owed(s.committee)] == [2027, 2027]


def test_after_each_of_the_five_musts_and_occasions_to_visit_the_branch_acts_in_its_days(stage):
    s = stage(PACK).on(date(2026, 3, 2))
    each_opens_its_duty_and_nothing_else_does(s, HAPPENINGS, on=s.today, start=date(2026, 1, 1))
    s.does("oath", s.head, about=s.li, on=date(2026, 3, 1))
    assert s.one(s.li, "oath-on-admission").state == "open"
    s.does("oath", s.head, about=s.li, collective=True)
    assert s.one(s.li, "oath-on-admission").state == "done"
    only_the_right_record_closes_it(s, HAPPENINGS, on=date(2026, 3, 2))


def test_a_new_colleague_is_spoken_to_by_the_head_of_the_organisation_others_by_any_of_the_branch_committee(stage):
    s = stage(PACK).on(date(2026, 3, 2))
    s.takes_post(s.zhang, s.branch, Role.COMMISSIONER, since=date(2026, 1, 1))
    for kind in ("hired", "retired", "honour"):
        s.happens(s.li, kind, s.today)
    s.happens(s.direct_secretary, "retired", s.today)
    s.does("talk", s.zhang, about=s.li)
    assert besides_the_yearly(s, s.li) == [
        ("talk-on-hiring", date(2026, 3, 17), "支部书记"), ("talk-on-retirement", date(2026, 3, 17), "支部书记"),
    ]  # fmt: skip
    s.takes_post(s.zhang, s.branch, Role.DEPUTY_SECRETARY, since=date(2026, 1, 1))
    assert besides_the_yearly(s, s.li) == []
    assert s.one(s.li, "yearly-talk").state == "open"  # that one is the secretary's own
    assert s.one(s.direct_secretary, "talk-on-retirement").turn == ("党委书记",)
    s.does("talk", s.secretary, about=s.li, collective=True)  # 可以集体谈话
    assert s.one(s.li, "yearly-talk").state == "done"
    s.leaves_post(s.secretary, s.branch, date(2026, 4, 1))
    s.on(date(2026, 4, 2))
    assert s.one(s.zhang, "yearly-talk").turn == ("总支书记",)
    s.does("talk", s.secretary, about=s.zhang)
    s.moves(s.zhang, s.direct, date(2026, 4, 10))
    s.on(date(2026, 12, 29))
    assert s.one(s.zhang, "yearly-talk").turn == ("直属书记",)
    joiner = s.member("十二月转入", s.direct, since=date(2026, 12, 28))
    for each in (s.zhang, joiner):
        s.does("talk", s.direct_secretary, about=each, collective=True)
    assert s.one(s.zhang, "yearly-talk").state == s.one(joiner, "yearly-talk").state == "done"


def test_each_general_branch_secretary_talks_with_each_branch_secretary_each_quarter(stage):
    s = stage(PACK).on(date(2026, 2, 10))
    rule = "secretaries-talk"
    s.does("talk", s.committee_secretary, s.secretary, about=s.sibling_secretary)
    s.does("talk", s.general_secretary, about=s.sibling_secretary, on=date(2025, 12, 31))
    s.does("talk", s.general_secretary, about=s.li)
    assert s.one(s.sibling_secretary, rule).state == "open"
    s.does("talk", s.general_secretary, about=s.sibling_secretary, collective=True)
    assert (s.one(s.sibling_secretary, rule).state, s.one(s.secretary, rule).state) == ("done", "open")
    s.leaves_post(s.secretary, s.branch, date(2026, 2, 15))
    s.takes_post(s.zhang, s.branch, since=date(2026, 2, 15))
    s.on(date(2026, 2, 20))
    assert s.one(s.secretary, rule).state == "void"
    assert s.one(s.zhang, rule) == Owed(rule, TALKS, "talk", date(2026, 3, 31), "open", "张党员", ("总支书记",))
    # The general branch has a new secretary in the middle of the quarter: he owes his own talks.
    s.leaves_post(s.general_secretary, s.general, date(2026, 3, 1))
    s.takes_post(s.head, s.general, since=date(2026, 3, 1))
    s.on(date(2026, 3, 10))
    both = {(each.state, each.turn) for each in s.owed(s.sibling_secretary, rule=rule, state=None)}
    assert both == {("done", ("总支书记",)), ("open", ("组织部长",))}
    s.does("talk", s.general_secretary, about=s.zhang)
    assert Counter(each.state for each in s.owed(s.zhang, rule=rule, state=None)) == {"void": 1, "open": 1}
    s.on(date(2026, 4, 1))
    s.does("talk", s.head, about=s.zhang)
    assert [each.due for each in s.owed(s.zhang, rule=rule)] == [date(2026, 3, 31)]  # missed; the second quarter is met
    assert [each.due for each in s.owed(s.sibling_secretary, rule=rule)] == [date(2026, 3, 31), date(2026, 6, 30)]


def test_each_leader_of_the_school_talks_each_year_with_those_in_his_charge(stage):
    s = stage(PACK).on(date(2026, 3, 2))
    rule = "leaders-talk"
    s.tied(s.general_secretary, "charge", s.deputy, since=date(2026, 1, 10))
    s.tied(s.li, "leader_contact", s.deputy, since=date(2026, 1, 10))
    s.tied(s.zhang, "charge", s.head, since=date(2026, 1, 10))  # who leads a department, not the school
    assert s.owed(state=None, rule=rule) == [
        Owed(rule, TALKS, "talk", END, "open", "总支书记", ("党委副书记",)),
    ]  # fmt: skip
    s.does("talk", s.committee_secretary, s.general_secretary, about=s.general_secretary)
    s.does("talk", s.deputy, about=s.li)
    s.does("visit", s.deputy, about=s.general_secretary)
    assert s.one(s.general_secretary, rule).state == "open"
    s.does("talk", s.deputy, about=s.general_secretary, collective=True)
    assert s.one(s.general_secretary, rule).state == "done"


def test_from_the_80th_birthday_on_a_member_is_called_on_each_half_year(stage):
    s = stage(PACK).on(date(2026, 6, 29))
    rule = "aged-visits"
    eighty = s.member("六月三十日生", born=date(1946, 6, 30))
    younger = s.member("七月一日生", born=date(1946, 7, 1))
    lost = s.member("失联老人", born=date(1930, 1, 1), standing=Standing.LOST)
    s.belongs(younger, "elderly", since=date(2020, 1, 1))
    old = s.member("九十岁", s.direct, born=date(1936, 1, 1))
    assert [s.owed(each, rule=rule, state=None) for each in (eighty, younger, lost)] == [[], [], []]
    s.on(date(2026, 6, 30))  # one is 80, the other 79 years and 364 days old
    first = Owed(rule, VISITS, "visit", date(2026, 6, 30), "open", "六月三十日生", ("支部书记",))
    assert (s.owed(eighty, rule=rule), s.owed(younger, rule=rule)) == ([first], [])
    assert s.one(old, rule).turn == ("直属书记",)
    s.does("visit", s.secretary, s.sibling_secretary, old, about=old)
    s.does("talk", s.direct_secretary, about=old)
    s.does("visit", s.direct_secretary, about=old, on=date(2025, 12, 31))
    assert s.one(old, rule).state == "open"
    s.does("visit", s.direct_secretary, about=old)
    assert s.one(old, rule).state == "done"
    s.on(date(2026, 7, 1))
    assert [(each.due, each.turn) for each in s.owed(younger, rule=rule)] == [(END, ("支部书记",))]
    assert [(each.due, each.turn) for each in s.owed(old, rule=rule)] == [(END, ("直属书记",))]
    s.does("visit", s.secretary, about=eighty)
    assert [(each.due, each.state) for each in s.owed(eighty, rule=rule, state=None)] == [
        (date(2026, 6, 30), "open"), (END, "done"),
    ]  # fmt: skip


def test_at_a_death_the_branch_as_a_rule_mourns_and_what_the_living_was_owed_ends(stage):
    s = stage(PACK).on(date(2026, 3, 2))
    s.happens(s.li, "hospital", s.today)
    s.on(date(2026, 3, 10))
    s.dies(s.li, s.today)
    s.dies(s.direct_secretary, s.today)
    s.happens(s.zhang, "death", s.today)  # lives
    condolence = Owed("condolence", VISITS, "condolence", date(2026, 3, 13), "open", "李党员", ("支部书记",))
    assert s.owed(s.li) == [condolence]
    assert s.rules(s.li, state="void") == {"visit-on-hospital", "yearly-talk"}
    assert besides_the_yearly(s, s.zhang) == []
    assert s.one(s.direct_secretary, "condolence").turn == ("党委书记",)
    s.does("visit", s.secretary, about=s.li)
    s.does("condolence", s.secretary, about=s.li, on=date(2026, 3, 9))
    s.does("condolence", s.sibling_secretary, s.deputy, about=s.li)
    s.does("condolence", s.secretary, about=s.li, collective=True)
    assert s.owed(s.li) == [condolence]
    s.on(date(2026, 3, 30))
    s.does("condolence", s.secretary, about=s.li)
    assert s.owed(s.li) == []


def test_members_in_difficulty_have_a_partner_within_a_month_and_help_at_three_festivals(stage):
    s = stage(PACK, start=date(2026, 12, 1)).on(date(2026, 12, 20))
    rich = s.member("老党员甲")
    s.belongs(rich, "elderly", since=date(2020, 1, 1))
    for each in (s.li, s.zhang):
        s.belongs(each, "hardship", since=date(2026, 1, 1))
    pairing = ("hardship-pairing", date(2026, 12, 31), "支部书记")
    newyear = ("hardship-newyear", date(2026, 12, 31), "支部书记")
    assert besides_the_yearly(s, s.li) == besides_the_yearly(s, s.zhang) == [newyear, pairing]
    assert s.one(s.li, "hardship-pairing").clause == "三(三)2"
    s.tied(s.li, "contact", s.zhang, since=s.today)
    s.tied(s.zhang, "pairing", s.li, since=s.today)
    assert (besides_the_yearly(s, s.li), besides_the_yearly(s, s.zhang)) == ([newyear, pairing], [newyear])
    s.tied(s.li, "pairing", s.zhang, since=s.today)
    for action in ("visit", "aid"):
        s.does(action, s.secretary, about=s.li, on=date(2026, 12, 19))
        s.does(action, s.sibling_secretary, s.li, about=s.li)
    s.does("talk", s.secretary, about=s.li)
    assert besides_the_yearly(s, s.li) == [newyear]
    s.does("aid", s.secretary, about=s.li)
    assert besides_the_yearly(s, s.li) == []
    s.on(date(2027, 2, 8))
    spring = ("hardship-spring", date(2027, 2, 5), "支部书记")
    assert (besides_the_yearly(s, s.li), besides_the_yearly(s, s.zhang)) == ([spring], [newyear, spring])
    s.does("visit", s.secretary, about=s.zhang, on=date(2027, 2, 5))  # the last day of the year
    s.does("visit", s.secretary, about=s.li, on=date(2027, 1, 6))
    s.does("visit", s.secretary, about=s.li, on=date(2027, 2, 7))
    assert (besides_the_yearly(s, s.li), besides_the_yearly(s, s.zhang)) == ([spring], [newyear])
    s.on(date(2027, 7, 12))
    july = ("hardship-july", date(2027, 7, 1), "支部书记")
    s.does("visit", s.secretary, about=s.li, on=date(2027, 6, 9))
    s.does("aid", s.secretary, about=s.zhang, on=date(2027, 7, 11))
    assert (besides_the_yearly(s, s.li), besides_the_yearly(s, s.zhang)) == ([spring, july], [newyear, july])
    assert s.one(s.li, "hardship-july").clause == "三(三)1"
    s.does("visit", s.secretary, about=s.li, on=date(2027, 7, 10))
    s.does("aid", s.secretary, about=s.zhang, on=date(2027, 6, 10))
    assert (besides_the_yearly(s, s.li), besides_the_yearly(s, s.zhang)) == ([spring], [newyear])
    assert besides_the_yearly(s, rich) == []


def test_the_day_of_joining_may_be_kept_by_branch_or_group(stage):
    s = stage(PACK, start=date(2028, 1, 1)).on(date(2028, 2, 22))
    leap = s.member("闰日党员", joined=date(2012, 2, 29), full=date(2013, 2, 28))
    new = s.member("预备党员", joined=date(2028, 2, 20), full=None, standing=Standing.PROBATIONARY)
    s.takes_post(s.zhang, s.branch, Role.GROUP_LEADER, since=date(2026, 1, 1))
    rule = "political-birthday"
    birthday = Owed(rule, "三(二)4", "greeting", date(2028, 2, 29), "open", "闰日党员", ("支部书记",))
    assert s.owed(leap, rule=rule) == [birthday]
    assert besides_the_yearly(s, new, state=None) == besides_the_yearly(s, s.li, state=None) == []
    s.does("greeting", s.secretary, about=leap, on=date(2028, 2, 21))
    s.does("greeting", leap, s.sibling_secretary, about=leap)
    assert s.one(leap, rule).state == "open"
    s.on(date(2028, 3, 1))
    assert s.one(leap, rule).state == "lapsed"
    s.does("greeting", s.zhang, about=leap)
    assert s.one(leap, rule).state == "done"


def test_the_central_measures_adopted_beside_it_ask_too_and_one_visit_answers_both(stage):
    s = stage("central-2019", PACK).on(date(2026, 3, 2))
    s.happens(s.li, "family_accident", s.today)
    s.happens(s.li, "tendency", s.today)
    assert {(each.rule, each.clause) for each in s.owed(s.li) if each.rule != "yearly-talk"} == {
        ("talk-on-tendency", "第七条第一款"), ("talk-on-tendency", TALKS),
        ("visit-on-family-accident", "第十四条第二款"), ("visit-on-family-accident", VISITS),
    }  # fmt: skip
    s.does("talk", s.secretary, about=s.li, collective=True)  # which the central measures do not say counts
    s.does("visit", s.secretary, about=s.li)
    assert [(each.rule, each.clause) for each in s.owed(s.li)] == [("talk-on-tendency", "第七条第一款")]
