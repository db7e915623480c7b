"""中办发〔2019〕11号 as its articles read: who is owed what, by when, on whose account."""

from datetime import date

import pytest

from members.enums import Role, Standing
from tests.duties.scenarios.happenings import (
    After,
    due,
    each_opens_its_duty_and_nothing_else_does,
    only_the_right_record_closes_it,
)
from tests.duties.scenarios.stage import Owed

PACK = "central-2019"
TALK_TOO = ("talk",)
HAPPENINGS = [
    After("admission", "talk-on-admission", "第七条第一款", 10),
    After("transfer_in", "talk-on-transfer", "第七条第一款", 10),
    After("transfer_out", "talk-on-transfer", "第七条第一款", 10),
    After("honour", "talk-on-honour", "第七条第一款", 15),
    After("treatment", "talk-on-discipline", "第七条第一款", 7),
    After("punishment", "talk-on-discipline", "第七条第一款", 7),
    After("tendency", "talk-on-tendency", "第七条第一款", 3),
    After("false_report", "clear-name", "第八条", 15, "clearing"),
    After("illness", "care-on-illness", "第十条", 3, "visit", TALK_TOO),
    After("setback", "care-on-setback", "第十条", 7, "visit", TALK_TOO),
    After("family_change", "care-on-family-change", "第十条", 7, "visit", TALK_TOO),
    After("disaster", "care-on-disaster", "第十条", 3, "visit", TALK_TOO),
    After("hard_task", "care-on-hard-task", "第十条", 15, "visit", TALK_TOO),
    After("trauma", "referral-on-trauma", "第十条", 3, "referral"),
    After("critical", "last-illness", "第十一条", 1, "visit"),
    After("task_hardship", "visit-on-task-hardship", "第十四条第二款", 7, "visit"),
    After("family_accident", "visit-on-family-accident", "第十四条第二款", 7, "visit"),
]  # fmt: skip


def test_with_nothing_happening_only_the_committee_owes_its_yearly_assessment(stage):
    s = stage(PACK).on(date(2026, 1, 1))
    this = Owed("yearly-assessment", "第十六条", "assessment", date(2026, 12, 31), "open", "党委", ("党委书记",))
    assert s.owed(state=None) == [this]
    s.on(date(2026, 12, 30))
    s.does("assessment", s.general_secretary, at=s.general)
    s.does("plan", s.committee_secretary, at=s.committee)
    s.does("assessment", s.committee_secretary, about=s.li)
    assert s.owed(s.committee) == [this]
    s.on(date(2027, 1, 4))
    s.does("assessment", s.committee_secretary, at=s.committee)
    missed, done = s.owed(s.committee, rule="yearly-assessment", state=None)
    assert missed == this  # what a year missed, the next cannot make good
    assert (done.due, done.state) == (date(2027, 12, 31), "done")


def test_each_happening_of_articles_7_to_14_is_answered_in_its_days_and_by_the_branch(stage):
    s = stage(PACK).on(date(2026, 3, 2))
    each_opens_its_duty_and_nothing_else_does(s, HAPPENINGS, on=s.today, start=date(2026, 1, 1))
    only_the_right_record_closes_it(s, HAPPENINGS, on=date(2026, 3, 2))


def test_a_secretary_is_spoken_to_from_above_and_a_missing_level_or_vacancy_is_skipped(stage):
    s = stage(PACK).on(date(2026, 3, 2))
    people = (s.li, s.secretary, s.direct_secretary, s.general_secretary)
    for each in people:
        s.happens(each, "honour", s.today)
    turns = {each.name: s.one(each, "talk-on-honour").turn for each in people}
    assert turns == {
        "李党员": ("支部书记",), "支部书记": ("总支书记",), "直属书记": ("党委书记",), "总支书记": ("直属书记",),
    }  # fmt: skip
    s.takes_post(s.zhang, s.branch, Role.DEPUTY_SECRETARY, since=date(2026, 1, 1))
    s.does("talk", s.secretary, s.zhang, about=s.secretary)
    s.does("talk", s.direct_secretary, s.general_secretary, about=s.direct_secretary)
    assert s.one(s.secretary, "talk-on-honour").state == s.one(s.direct_secretary, "talk-on-honour").state == "open"
    s.does("talk", s.general_secretary, about=s.secretary)
    s.does("talk", s.deputy, about=s.direct_secretary)
    assert s.one(s.secretary, "talk-on-honour").state == s.one(s.direct_secretary, "talk-on-honour").state == "done"
    s.leaves_post(s.secretary, s.branch, date(2026, 3, 5))
    s.on(date(2026, 3, 6))
    assert s.one(s.li, "talk-on-honour").turn == ("总支书记",)
    s.does("talk", s.secretary, s.zhang, about=s.li)  # in the vacancy the turn is the general branch's alone
    assert s.one(s.li, "talk-on-honour").state == "open"
    s.does("talk", s.zhang, about=s.li, on=date(2026, 3, 4))  # the deputy, while there was a secretary
    assert s.one(s.li, "talk-on-honour").state == "done"


def test_death_ends_what_the_living_were_owed_and_asks_for_condolence_only(stage):
    s = stage(PACK).on(date(2026, 3, 2))
    s.belongs(s.li, "disciplined", since=date(2026, 2, 1))
    s.belongs(s.li, "hardship", since=date(2026, 1, 1))
    s.happens(s.li, "honour", s.today)
    missed = ("hardship-spring", date(2026, 2, 16), "支部书记")
    assert s.rules(s.li) == {"discipline-talks", "hardship-spring", "talk-on-honour"}
    s.on(date(2026, 3, 10))
    s.dies(s.li, s.today)
    s.happens(s.zhang, "death", s.today)  # entered of one whose membership says he lives
    assert s.owed(s.zhang, state=None) == []
    assert due(s, s.li) == [missed, ("condolence", date(2026, 3, 13), "支部书记")]
    assert {each.rule for each in s.owed(s.li, state="void")} == {"discipline-talks", "talk-on-honour"}
    s.does("talk", s.secretary, about=s.li)
    s.does("condolence", s.secretary, about=s.li, on=date(2026, 3, 9))
    s.does("condolence", s.sibling_secretary, about=s.li)
    s.does("visit", s.secretary, about=s.li)
    assert {each.rule for each in s.owed(s.li, state="void")} == {"discipline-talks", "talk-on-honour"}
    assert s.one(s.li, "condolence").clause == "第十一条"
    assert s.one(s.li, "condolence").state == "open"
    s.on(date(2026, 4, 1))
    s.does("condolence", s.secretary, about=s.li)
    assert due(s, s.li) == [missed]


def test_the_family_of_one_who_fell_on_duty_gets_a_file_a_contact_and_visits(stage):
    s = stage(PACK).on(date(2026, 3, 12))
    s.dies(s.li, date(2026, 3, 10))
    s.belongs(s.zhang, "bereaved", since=s.today)  # lives
    assert (s.rules(s.li), s.rules(s.zhang)) == ({"condolence"}, set())
    s.belongs(s.li, "bereaved", since=s.today)
    file, contact, visits = (s.one(s.li, f"household-{each}") for each in ("file", "contact", "visits"))
    assert [each.due for each in (file, contact, visits)] == [date(2026, 4, 11), date(2026, 4, 11), date(2026, 9, 7)]
    assert {(each.clause, each.turn) for each in (file, contact, visits)} == {("第十二条第一款", ("支部书记",))}
    s.on(date(2026, 4, 20))
    s.tied(s.li, "pairing", s.secretary, since=date(2026, 4, 1))
    assert s.one(s.li, "household-contact").state == "open"
    s.tied(s.li, "contact", s.zhang, since=date(2026, 4, 1), until=date(2026, 6, 1))
    assert s.one(s.li, "household-contact").state == "done"
    assert s.one(s.li, "household-visits").turn == ("张党员",)
    s.does("visit", s.secretary, about=s.li)
    s.does("review", s.sibling_secretary, about=s.li)
    s.does("talk", s.zhang, about=s.li)
    assert s.rules(s.li) == {"condolence", "household-file", "household-visits"}
    s.does("visit", s.zhang, about=s.li)
    s.does("review", s.secretary, about=s.li)
    assert s.rules(s.li) == {"condolence"}
    s.on(date(2026, 9, 8))
    assert due(s, s.li)[1:] == [
        ("household-contact", date(2026, 7, 1), "支部书记"), ("household-visits", date(2027, 3, 6), "支部书记"),
    ]  # fmt: skip


def test_the_disciplined_the_posted_and_the_injured_in_need_are_cared_for_interval_by_interval(stage):
    s = stage(PACK).on(date(2026, 3, 2))
    injured, only_injured, only_poor = (s.member(name) for name in ("因公伤残且困难", "因公伤残", "困难"))
    since = date(2026, 2, 20)  # the hardship visits of this spring are past
    s.belongs(s.li, "disciplined", since=date(2026, 2, 1), until=date(2026, 8, 1))
    s.belongs(s.zhang, "posted", since=date(2026, 2, 1))
    for each in (injured, only_injured):
        s.belongs(each, "injured", since=since)
    for each in (injured, only_poor):
        s.belongs(each, "hardship", since=since)
    assert due(s, s.li) == [("discipline-talks", date(2026, 5, 1), "支部书记")]
    assert due(s, s.zhang) == [("posted-care", date(2026, 5, 1), "支部书记")]
    assert due(s, injured) == [("injured-care", date(2026, 8, 18), "支部书记")]
    assert [s.one(*each).clause for each in (
        (s.li, "discipline-talks"), (s.zhang, "posted-care"), (injured, "injured-care"),
    )] == ["第八条", "第十五条", "第十二条第四款"]  # fmt: skip
    assert due(s, only_injured) == due(s, only_poor) == []
    s.does("visit", s.sibling_secretary, s.li, about=s.li)
    s.does("service", s.secretary, about=s.li)
    s.does("talk", s.secretary, about=s.zhang, on=date(2026, 1, 31))
    s.does("talk", s.secretary, about=injured)
    assert [len(s.owed(each)) for each in (s.li, s.zhang, injured)] == [1, 1, 1]
    s.does("service", s.secretary, about=s.zhang)
    s.does("aid", s.secretary, about=injured)
    s.on(date(2026, 5, 2))
    s.does("talk", s.secretary, about=s.li, on=date(2026, 5, 1))
    assert due(s, s.li) == [("discipline-talks", date(2026, 7, 30), "支部书记")]
    assert due(s, s.zhang) == [("posted-care", date(2026, 7, 30), "支部书记")]
    assert due(s, injured) == []
    s.on(date(2026, 8, 10))
    s.does("talk", s.secretary, about=s.li)
    assert due(s, s.li) == [("discipline-talks", date(2026, 7, 30), "支部书记")]  # missed
    assert due(s, s.li, state="void") == [("discipline-talks", date(2026, 10, 28), "支部书记")]


def test_old_members_are_called_on_each_half_year_and_the_founding_generation_is_paid_each_month(stage):
    s = stage(PACK).on(date(2026, 2, 10))
    s.takes_post(s.zhang, s.committee, Role.DEPARTMENT_CLERK, since=date(2026, 1, 1))
    founding = s.member("建国前老党员", born=date(1930, 1, 1), joined=date(1949, 9, 30), full=date(1949, 12, 1))
    later = s.member("建国后老党员", born=date(1930, 1, 1), joined=date(1949, 10, 1), full=date(1950, 10, 1))
    unpaid = s.member("有离休待遇老党员", born=date(1930, 1, 1), joined=date(1949, 9, 1), full=date(1949, 9, 1))
    unlisted = s.member("未登记老党员", born=date(1930, 1, 1), joined=date(1948, 1, 1), full=date(1948, 1, 1))
    for each, grade in ((founding, "享受生活补贴"), (later, "享受生活补贴"), (unpaid, "")):
        s.belongs(each, "elderly", grade=grade, since=date(2020, 1, 1))
    visits = ("elderly-visits", date(2026, 6, 30), "支部书记")
    allowances = [("founding-allowance", date(2026, month, day), "张党员") for month, day in ((1, 31), (2, 28))]
    assert due(s, founding) == [*allowances, visits]
    s.leaves_post(s.zhang, s.committee, date(2026, 2, 1), Role.DEPARTMENT_CLERK)  # no clerk: the head of the department
    assert {each.turn for each in s.owed(founding, rule="founding-allowance")} == {("组织部长",)}
    s.takes_post(s.zhang, s.committee, Role.DEPARTMENT_CLERK, since=date(2026, 2, 2))
    assert due(s, later) == due(s, unpaid) == [visits]
    assert due(s, unlisted) == []
    assert s.one(later, "elderly-visits").clause == "第十三条第二款"
    assert s.owed(founding, rule="founding-allowance")[0].clause == "第十三条第一款"
    s.does("aid", s.secretary, about=founding)
    s.does("visit", s.zhang, about=founding)
    assert due(s, founding) == [*allowances, visits]
    s.does("aid", s.head, about=founding)
    assert due(s, founding) == [allowances[0], visits]  # January stays missed
    s.moves(unpaid, None, date(2026, 2, 1))
    assert (due(s, unpaid), due(s, unpaid, state="void")) == ([], [("elderly-visits", date(2026, 6, 30), "支部书记")])
    s.on(date(2026, 5, 20))
    s.moves(later, s.direct, date(2026, 5, 10))
    assert due(s, later) == [("elderly-visits", date(2026, 6, 30), "直属书记")]
    s.does("visit", s.secretary, about=later)
    assert len(due(s, later)) == 1
    s.does("visit", s.secretary, about=later, on=date(2026, 5, 9))
    assert due(s, later) == []
    s.on(date(2026, 12, 21))
    newcomer = s.member("新转入老党员", since=date(2026, 12, 20))
    s.belongs(newcomer, "elderly", since=date(2020, 1, 1))
    assert due(s, newcomer) == [("elderly-visits", date(2026, 12, 31), "支部书记")]


def test_members_in_need_are_called_on_before_new_year_before_the_lunar_new_year_and_around_1_july(stage):
    s = stage(PACK, start=date(2026, 11, 1)).on(date(2026, 12, 19))
    old, lost = s.member("老党员甲"), s.member("失联困难", standing=Standing.LOST)
    for each in (s.li, s.zhang, lost):
        s.belongs(each, "hardship", since=date(2025, 1, 1))
    s.belongs(old, "elderly", since=date(2025, 1, 1))
    assert (due(s, s.li), s.rules(old), s.rules(lost)) == ([], {"elderly-visits"}, set())
    s.on(date(2026, 12, 25))
    joined = s.member("十二月转入", since=date(2026, 12, 22))
    s.belongs(joined, "hardship", since=date(2025, 1, 1), until=date(2027, 1, 20))
    newyear = ("hardship-newyear", date(2026, 12, 31), "支部书记")
    assert due(s, s.li) == due(s, s.zhang) == due(s, joined) == [newyear]
    s.does("visit", s.secretary, about=s.zhang, on=date(2026, 12, 19))
    s.does("talk", s.secretary, about=s.zhang)
    s.does("visit", s.sibling_secretary, s.zhang, about=s.zhang)
    s.does("visit", s.secretary, about=s.li)
    assert (due(s, s.li), due(s, s.zhang)) == ([], [newyear])
    s.on(date(2027, 1, 6))
    assert (due(s, s.li), due(s, s.zhang)) == ([], [newyear])
    s.on(date(2027, 1, 7))
    spring = ("hardship-spring", date(2027, 2, 5), "支部书记")  # 2027-02-06 is the first day of the year
    assert (due(s, s.li), due(s, s.zhang), due(s, joined)) == ([spring], [newyear, spring], [newyear, spring])
    s.on(date(2027, 2, 8))
    s.does("visit", s.secretary, about=s.li, on=date(2027, 2, 5))
    s.does("visit", s.secretary, about=s.zhang, on=date(2027, 2, 7))
    assert (due(s, s.li), due(s, s.zhang)) == ([], [newyear, spring])
    assert due(s, joined, state="void") == [spring]
    s.on(date(2027, 7, 12))
    july = ("hardship-july", date(2027, 7, 1), "支部书记")
    assert (due(s, s.li), due(s, joined)) == ([july], [newyear])
    s.does("visit", s.secretary, about=s.li, on=date(2027, 6, 9))
    s.does("visit", s.secretary, about=s.li, on=date(2027, 7, 11))
    assert due(s, s.li) == [july]
    assert s.one(s.li, "hardship-july").clause == "第十四条第一款"
    s.does("visit", s.secretary, about=s.li, on=date(2027, 7, 10))
    assert due(s, s.li) == []


@pytest.mark.parametrize(("day", "way"), [(date(2027, 2, 28), "greeting"), (date(2028, 2, 29), "talk")])
def test_the_political_birthday_of_a_29_february_is_kept_each_year_if_at_all(stage, day, way):
    year = day.year
    s = stage(PACK, start=date(year, 1, 1)).on(date(year, 2, 28))
    leap = s.member("闰日党员", joined=date(2012, 2, 29), full=date(2013, 2, 28))
    new = s.member("今年入党", joined=date(year, 2, 25), full=None, standing=Standing.PROBATIONARY)
    s.takes_post(s.zhang, s.branch, Role.GROUP_LEADER, since=date(2026, 1, 1))
    rule = "political-birthday"
    greeting = Owed(rule, "第六条第二款", "greeting", day, "open", "闰日党员", ("支部书记",))
    assert (s.owed(leap, state=None), s.owed(new, state=None), s.rules(s.li)) == ([greeting], [], set())
    s.does("greeting", s.li, leap, s.sibling_secretary, about=leap)
    s.does("greeting", s.secretary, about=leap, on=date(year, 2, 20))
    s.does("visit", s.secretary, about=leap)
    assert s.one(leap, rule).state == "open"
    s.on(date(year, 3, 10))
    assert s.one(leap, rule).state == "lapsed"  # 可以
    s.does("greeting", s.secretary, about=leap, on=date(year, 3, 9))
    assert s.one(leap, rule).state == "lapsed"
    s.does(way, s.zhang, about=leap, on=date(year, 3, 5), collective=True)
    assert s.one(leap, rule).state == "done"
