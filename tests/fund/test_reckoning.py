"""Sums, bodies, votes, notice days, shares and earlier help at their borders."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.calendar import YearUnknown
from base.workdays import Arrangement
from fund.regulation.files import read_regulation
from fund.regulation.reckoning import (
    NotRegulated,
    barring,
    beyond_caps,
    beyond_standard,
    classes_fitting,
    majority,
    notice_ends,
    share,
    standard_for,
    who_decides,
    within_look_back,
)  # fmt: skip
from fund.regulation.schema import Basis, Cap, LookBack, Notice, Portion, Shares, Standard
from fund.regulation.words import Body, DayCount, Fraction, Ground, Limit
from members.enums import OrganisationKind

HERE = {"basis": [Basis(number="测试", article="一", gist="测试")]}
DEFAULT = read_regulation("default")
GENERAL, COMMITTEE = OrganisationKind.GENERAL_BRANCH, OrganisationKind.COMMITTEE


def notice(days, count=DayCount.WORKING):
    return Notice(days=days, count=count, level=COMMITTEE, set_by={"days": "clause"}, **HERE)


def split(*percents):
    levels = [OrganisationKind.BRANCH, GENERAL, COMMITTEE][-len(percents) :]
    portions = [Portion(level=level, percent=each) for level, each in zip(levels, percents, strict=True)]
    return Shares(portions=portions, set_by={"portions": "clause"}, **HERE)


# Who is helped, standards and bodies


def test_a_class_is_open_to_its_categories_and_sudden_misfortune_to_all():
    def codes(*kinds, of=DEFAULT, **more):
        return [each.code for each in classes_fitting(of, kinds, **more)]

    assert codes() == ["sudden"]
    assert codes("serious_illness", "hardship") == ["hardship", "frail", "sudden"]
    assert codes("disciplined") == ["sudden"]
    county = read_regulation("county-proposals")
    assert codes(of=county) == codes(of=county, party_years=29) == []
    assert codes(of=county, party_years=30) == ["veteran"]


def test_a_ground_bars_until_the_body_says_why_not_and_some_for_good():
    assert barring(DEFAULT, []) == []
    assert barring(DEFAULT, [Ground.ELSEWHERE], {Ground.ELSEWHERE: "情况特殊"}) == [
        "组织关系不在本单位，按办法不予帮扶。"
    ]
    assert barring(DEFAULT, [Ground.SANCTIONED]) == [
        "在处分影响期内，按办法不予帮扶；确需帮扶的，由研究决定的会议写明理由。"
    ]
    assert barring(DEFAULT, [Ground.SANCTIONED], {Ground.SANCTIONED: "  "}) != []
    assert barring(DEFAULT, [Ground.SANCTIONED], {Ground.SANCTIONED: "家中突发火灾"}) == []
    assert barring(DEFAULT, [Ground.UNQUALIFIED]) == []  # this regulation does not name it


def test_a_standard_holds_from_its_first_day_to_the_eve_of_the_next():
    set_by = {"fen": "organisation"}
    old = Standard(of="hardship", since=date(2024, 2, 29), until=date(2026, 1, 1), fen=100_000, set_by=set_by, **HERE)
    new = Standard(of="hardship", since=date(2026, 1, 1), fen=120_001, set_by=set_by, **HERE)
    found = DEFAULT.model_copy(update={"standards": [old, new]})
    assert standard_for(found, "hardship", date(2024, 2, 29)) is old
    assert standard_for(found, "hardship", date(2025, 12, 31)) is old
    assert standard_for(found, "hardship", date(2026, 1, 1)) is new
    with pytest.raises(NotRegulated, match="没有“生活困难党员”在 2024-02-28 的标准"):
        standard_for(found, "hardship", date(2024, 2, 28))
    assert beyond_standard(new, 120_001) == ""
    assert beyond_standard(new, 120_000) == "这一类的标准是 1,200.01 元，填的是 1,200.00 元。"


def test_grades_are_asked_for_by_name():
    found = read_regulation("seven-articles")
    assert standard_for(found, "household", date(2026, 11, 23), grade="二档").fen == 200_000
    with pytest.raises(NotRegulated, match="一档、二档、三档"):
        standard_for(found, "household", date(2026, 11, 23))


@pytest.mark.parametrize(
    ("fen", "fits"), [(99_999, False), (100_000, True), (300_000, True), (300_001, False), (0, False)]
)
def test_a_range_includes_both_ends(fen, fits):
    assert (beyond_standard(standard_for(DEFAULT, "hardship", date(2026, 11, 23)), fen) == "") is fits


def test_where_the_body_sets_the_sum_any_is_within():
    free = standard_for(read_regulation("hospital"), "hardship", date(2026, 11, 23))
    assert beyond_standard(free, 1) == ""
    assert beyond_standard(free, 0) == "金额要大于零。"


@pytest.mark.parametrize(
    ("fen", "body"),
    [(1, Body.DEPARTMENT), (500_000, Body.DEPARTMENT), (500_001, Body.COMMITTEE), (9_999_999_999, Body.COMMITTEE)],
)
def test_a_band_includes_its_upper_end(fen, body):
    assert who_decides(DEFAULT, fen) == body


def test_the_urgent_path_reaches_only_so_far():
    assert who_decides(DEFAULT, 300_000, urgent=True) == Body.DEPARTMENT
    with pytest.raises(NotRegulated, match=r"最多 3,000\.00 元"):
        who_decides(DEFAULT, 300_001, urgent=True)
    with pytest.raises(NotRegulated, match="没有紧急程序"):
        who_decides(read_regulation("hospital"), 1, urgent=True)
    with pytest.raises(ValueError, match="大于零"):
        who_decides(DEFAULT, 0)


# Votes


@pytest.mark.parametrize(
    ("body", "people", "votes", "quorate", "adopted"),
    [
        (Body.COMMITTEE, (7, 4, 0), (4, 0), True, True),
        (Body.COMMITTEE, (7, 4, 0), (3, 1), True, False),  # three of seven entitled are no majority
        (Body.COMMITTEE, (7, 7, 0), (4, 3), True, True),
        (Body.COMMITTEE, (8, 8, 0), (4, 4), True, False),  # a tie
        (Body.COMMITTEE, (8, 4, 0), (4, 0), False, False),  # just half is not more than half
        (Body.COMMITTEE, (7, 5, 1), (4, 0), True, True),
        (Body.COMMITTEE, (7, 5, 2), (3, 0), False, False),  # quorum lost by recusal
        (Body.BRANCH_COMMITTEE, (4, 2, 0), (2, 0), True, False),  # half is enough to meet, not to adopt
        (Body.BRANCH_COMMITTEE, (3, 3, 1), (2, 0), True, True),
        (Body.BRANCH_COMMITTEE, (3, 3, 2), (1, 0), False, False),
        (Body.BRANCH_COMMITTEE, (5, 0, 0), (0, 0), False, False),
    ],
)
def test_quorum_and_majority(body, people, votes, quorate, adopted):
    (entitled, present, recused), (agree, against) = people, votes
    found = majority(
        DEFAULT, body, entitled=range(entitled), present=range(present), recused=range(recused), agree=agree,
        against=against, abstain=present - recused - agree - against,
    )  # fmt: skip
    assert (found.is_quorate, found.is_adopted) == (quorate, adopted)
    assert bool(found.why) is not adopted


def test_two_thirds_where_the_body_asks_for_them():
    school = read_regulation("seven-articles")
    assert majority(school, Body.COMMITTEE, entitled=range(9), present=range(6), agree=5, against=1).is_adopted
    assert not majority(school, Body.COMMITTEE, entitled=range(9), present=range(5), agree=5).is_quorate
    voting = school.votings[-1].model_copy(update={"majority": Fraction.TWO_THIRDS})
    strict = school.model_copy(update={"votings": [voting]})
    assert majority(strict, Body.COMMITTEE, entitled=range(9), present=range(7), agree=6, against=1).is_adopted
    assert not majority(strict, Body.COMMITTEE, entitled=range(9), present=range(7), agree=5, against=2).is_adopted


FIVE = {"entitled": "abcde", "present": "abcd"}


@pytest.mark.parametrize(
    ("votes", "said"),
    [
        ({**FIVE, "agree": 5}, "应为实到且不回避的 4 人"),
        ({**FIVE, "agree": 3}, "应为实到且不回避的 4 人"),
        ({**FIVE, "agree": 4, "recused": "a"}, "应为实到且不回避的 3 人"),
        ({**FIVE, "agree": 5, "against": -1}, "不能小于零"),
        ({"entitled": "abc", "present": "aab", "agree": 3}, "登记了两次"),
        ({"entitled": "abcc", "present": "abc", "agree": 3}, "登记了两次"),
        ({"entitled": "abc", "present": "abz", "agree": 3}, "不在应到名单"),
        ({**FIVE, "agree": 4, "recused": "z"}, "回避名单"),
        ({**FIVE, "agree": 4, "related": "d"}, "要登记为回避"),
    ],
)
def test_attendance_that_cannot_be_is_refused(votes, said):
    with pytest.raises(ValueError, match=said):
        majority(DEFAULT, Body.COMMITTEE, **votes)


def test_related_people_who_stay_away_or_step_aside_are_no_trouble():
    assert majority(DEFAULT, Body.COMMITTEE, **FIVE, agree=4, related="ez").is_adopted
    assert majority(DEFAULT, Body.COMMITTEE, **FIVE, agree=3, related="d", recused="d").is_adopted
    with pytest.raises(NotRegulated, match="党组会怎样表决"):
        majority(DEFAULT, Body.LEADING_GROUP, **FIVE, agree=4)


@given(st.integers(1, 30), st.data())
def test_nothing_is_adopted_by_fewer_than_more_than_half_of_the_body(entitled, data):
    present = data.draw(st.integers(0, entitled))
    recused = data.draw(st.integers(0, present))
    agree = data.draw(st.integers(0, present - recused))
    found = majority(
        DEFAULT, Body.COMMITTEE, entitled=range(entitled), present=range(present), recused=range(recused),
        agree=agree, abstain=present - recused - agree,
    )  # fmt: skip
    assert found.is_adopted == (agree * 2 > entitled)


@pytest.mark.parametrize(("part", "whole", "reached"), [(2, 3, True), (4, 6, True), (3, 5, False), (6, 10, False)])
def test_two_thirds_are_not_rounded(part, whole, reached):
    assert Fraction.TWO_THIRDS.reached(part, whole) is reached


# Notices


@pytest.mark.parametrize(
    ("days", "count", "posted", "last"),
    [
        (5, DayCount.WORKING, date(2026, 11, 23), date(2026, 11, 30)),
        (5, DayCount.CALENDAR, date(2026, 11, 23), date(2026, 11, 28)),
        (5, DayCount.WORKING, date(2026, 2, 10), date(2026, 2, 24)),  # 14th worked, 15th–23rd off
        (1, DayCount.WORKING, date(2026, 2, 27), date(2026, 2, 28)),  # the last day is a Saturday
        (1, DayCount.CALENDAR, date(2024, 2, 28), date(2024, 2, 29)),
        (1, DayCount.CALENDAR, date(2025, 2, 28), date(2025, 3, 1)),
        (7, DayCount.CALENDAR, date(2026, 12, 28), date(2027, 1, 4)),
        (3, DayCount.WORKING, date(2025, 12, 31), date(2026, 1, 6)),
        (5, DayCount.WORKING, date(2026, 11, 21), date(2026, 11, 27)),  # posted on a Saturday
    ],
)
def test_a_notice_ends_at_the_midnight_of_its_last_day(days, count, posted, last):
    assert notice_ends(notice(days, count), posted) == last


def test_a_year_without_arrangement_stops_the_reckoning():
    with pytest.raises(YearUnknown, match="2027"):
        notice_ends(notice(5), date(2026, 12, 28))
    brought = {2027: Arrangement(2027, frozenset({date(2027, 1, 1)}), frozenset())}
    assert notice_ends(notice(5), date(2026, 12, 28), brought) == date(2027, 1, 5)


# Shares


@pytest.mark.parametrize(
    ("percents", "fen", "parts"),
    [
        ((30, 70), 100_000, [30_000, 70_000]),
        ((30, 70), 1, [0, 1]),
        ((30, 70), 2, [1, 1]),  # 0.6 and 1.4
        ((30, 70), 99, [30, 69]),  # 29.7 and 69.3
        ((30, 70), 101, [30, 71]),
        ((50, 50), 1, [0, 1]),  # equal remainders: the higher level
        ((33, 33, 34), 100_001, [33_000, 33_000, 34_001]),
        ((33, 33, 34), 50, [16, 17, 17]),  # 16.5, 16.5, 17
        ((30, 70), 0, [0, 0]),
    ],
)
def test_no_fen_is_lost_between_the_levels(percents, fen, parts):
    assert list(share(split(*percents), fen).values()) == parts


@given(st.integers(0, 10**12), st.integers(1, 98), st.data())
def test_parts_add_up_and_lie_within_a_fen_of_their_share(fen, first, data):
    second = data.draw(st.integers(1, 99 - first))
    percents = (first, second, 100 - first - second)
    parts = list(share(split(*percents), fen).values())
    assert sum(parts) == fen
    assert all(abs(part * 100 - fen * percent) < 100 for part, percent in zip(parts, percents, strict=True))
    assert min(parts) >= 0


def test_a_debt_is_not_shared():
    with pytest.raises(ValueError, match="不能小于零"):
        share(split(30, 70), -1)


# Earlier help and caps


def look_back(months=12, times=1):
    set_by = {"months": "organisation", "times": "organisation"}
    return LookBack(months=months, times=times, exception="with_reason", set_by=set_by, **HERE)


@pytest.mark.parametrize(
    ("helped", "day", "bars"),
    [
        (date(2025, 6, 10), date(2026, 6, 9), True),
        (date(2025, 6, 10), date(2026, 6, 10), False),
        (date(2024, 2, 29), date(2025, 2, 27), True),
        (date(2024, 2, 29), date(2025, 2, 28), False),
        (date(2025, 12, 31), date(2026, 1, 1), True),
        (date(2026, 6, 10), date(2026, 6, 10), True),
        (date(2026, 6, 11), date(2026, 6, 10), False),  # later help does not bar an earlier day
    ],
)
def test_once_a_year_is_counted_from_the_day_of_help(helped, day, bars):
    assert within_look_back(look_back(), day, [helped]) == ([helped] if bars else [])


def test_twice_may_be_allowed_and_no_look_back_bars_nobody():
    days = [date(2026, 9, 1), date(2026, 3, 1)]
    assert within_look_back(look_back(times=2), date(2026, 11, 23), days[:1]) == []
    assert within_look_back(look_back(times=2), date(2026, 11, 23), days) == sorted(days)
    assert within_look_back(None, date(2026, 11, 23), days) == []


def test_caps_count_what_was_decided_before():
    caps = [Cap(per=per, fen=1_000, set_by={"fen": "clause"}, **HERE) for per in (Limit.APPLICATION, Limit.PERSON_YEAR)]
    assert beyond_caps(caps, 1_000, {}) == []
    assert beyond_caps(caps, 400, {Limit.PERSON_YEAR: 600, Limit.APPLICATION: 9_999}) == []
    assert beyond_caps(caps, 401, {Limit.PERSON_YEAR: 600}) == [
        "每人每年最多 10.00 元，还可以帮扶 4.00 元，填的是 4.01 元。"
    ]
    assert len(beyond_caps(caps, 1_001, {})) == 2
