"""Influence of punishments: lengths, last days, overlap, 留党察看, overrides, what is blocked, restoring rights."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.dates import months_later
from care.influence import (
    BLOCKS,
    PROBATION,
    PUNISHMENTS,
    RESTORATION,
    TREATMENTS,
    Block,
    Phase,
    ProbationaryMeasure,
    Punishment,
    PunishmentKind,
    RestorationStep,
    TreatmentKind,
    barred_through,
    blocks_on,
    can_be_punished,
    influences,
    rights_reminders,
    treatment_ends,
)
from members.enums import Standing

WARNING, SERIOUS = PunishmentKind.WARNING, PunishmentKind.SERIOUS_WARNING
INSTEAD, REMOVAL = PunishmentKind.SERIOUS_WARNING_INSTEAD, PunishmentKind.REMOVAL_FROM_POSTS
ONE_YEAR, TWO_YEARS = PunishmentKind.PROBATION_ONE_YEAR, PunishmentKind.PROBATION_TWO_YEARS
EXPULSION = PunishmentKind.EXPULSION


def ends(*punishments: Punishment) -> list[date]:
    return [each.ends for each in influences(punishments)]


@pytest.mark.parametrize(
    ("kind", "effective", "last"),
    [
        (WARNING, date(2024, 3, 10), date(2025, 3, 10)),
        (SERIOUS, date(2024, 3, 10), date(2025, 9, 10)),
        (INSTEAD, date(2024, 3, 10), date(2026, 3, 10)),
        (REMOVAL, date(2024, 3, 10), date(2026, 3, 10)),
        # no corresponding day: the month's last
        (WARNING, date(2024, 2, 29), date(2025, 2, 28)),
        (SERIOUS, date(2024, 8, 29), date(2026, 2, 28)),
        (SERIOUS, date(2024, 8, 30), date(2026, 2, 28)),
        (SERIOUS, date(2024, 8, 31), date(2026, 2, 28)),
        (SERIOUS, date(2026, 8, 31), date(2028, 2, 29)),
        (SERIOUS, date(2024, 5, 31), date(2025, 11, 30)),
        (REMOVAL, date(2024, 2, 29), date(2026, 2, 28)),
        (WARNING, date(2024, 12, 31), date(2025, 12, 31)),
    ],
)
def test_influence_ends_with_the_corresponding_day(kind, effective, last):
    (found,) = influences([Punishment(kind, effective)])
    assert (found.starts, found.counts_from, found.rights_lost_until, found.ends) == (effective, effective, None, last)
    assert not found.is_provisional
    assert found.until == last + timedelta(days=1)
    assert [found.runs_on(effective), found.runs_on(last)] == [True, True]
    assert [found.runs_on(effective - timedelta(days=1)), found.runs_on(found.until)] == [False, False]


@pytest.mark.parametrize(
    ("kind", "is_extended", "effective", "restored", "last"),
    [
        (ONE_YEAR, False, date(2024, 3, 10), date(2025, 3, 10), date(2027, 3, 10)),
        (ONE_YEAR, True, date(2024, 3, 10), date(2026, 3, 10), date(2028, 3, 10)),
        (TWO_YEARS, False, date(2024, 3, 10), date(2026, 3, 10), date(2028, 3, 10)),
        (ONE_YEAR, False, date(2024, 2, 29), date(2025, 2, 28), date(2027, 2, 28)),
        (TWO_YEARS, False, date(2024, 2, 29), date(2026, 2, 28), date(2028, 2, 28)),
        (ONE_YEAR, True, date(2024, 2, 29), date(2026, 2, 28), date(2028, 2, 28)),
    ],
)
def test_probation_has_its_term_and_then_two_years_from_the_restoration_of_rights(
    kind, is_extended, effective, restored, last
):
    (found,) = influences([Punishment(kind, effective, is_extended=is_extended, is_restored=True)])
    assert (found.starts, found.rights_lost_until, found.counts_from) == (effective, restored, restored)
    assert (found.ends, found.is_provisional) == (last, False)


def test_rights_stay_lost_past_the_term_until_their_restoration_is_decided():
    waiting, back = (
        influences([Punishment(ONE_YEAR, date(2024, 3, 10), is_restored=restored)])[0] for restored in (False, True)
    )
    days = [date(2024, 3, 9), date(2024, 3, 10), date(2025, 3, 9), date(2025, 3, 10), date(2027, 3, 11)]
    assert [waiting.lacks_rights_on(day) for day in days] == [False, True, True, True, True]
    assert [back.lacks_rights_on(day) for day in days] == [False, True, True, False, False]
    assert (waiting.is_provisional, waiting.ends) == (True, back.ends)
    assert (waiting.awaits_rights, back.awaits_rights) == (True, False)


@pytest.mark.parametrize(
    ("kind", "given", "sentence"),
    [
        (TWO_YEARS, {"is_extended": True}, "只能延长一年"),
        (WARNING, {"is_extended": True}, "只能延长一年"),
        (REMOVAL, {"is_restored": True}, "恢复党员权利"),
        (EXPULSION, {"ends_on": date(2029, 1, 1)}, "没有影响期"),
        (WARNING, {"ends_on": date(2024, 3, 9)}, "不能早于"),
    ],
)
def test_what_cannot_be_decided_is_refused_with_a_sentence(kind, given, sentence):
    with pytest.raises(ValueError, match=sentence):
        Punishment(kind, date(2024, 3, 10), **given)


OVERLAPS = [
    # second warning on the last day: nothing left; the day after: no overlap at all
    ([(WARNING, date(2024, 3, 10)), (WARNING, date(2025, 3, 10))], [date(2025, 3, 10), date(2026, 3, 10)]),
    ([(WARNING, date(2024, 3, 10)), (WARNING, date(2025, 3, 11))], [date(2025, 3, 10), date(2026, 3, 11)]),
    # half of a year left, a year and a half new: two years
    ([(WARNING, date(2024, 3, 1)), (SERIOUS, date(2024, 9, 1))], [date(2025, 3, 1), date(2026, 9, 1)]),
    # a lighter one later does not hide behind the heavier one
    ([(REMOVAL, date(2024, 3, 1)), (WARNING, date(2024, 9, 1))], [date(2026, 3, 1), date(2027, 3, 1)]),
    # several in a row, without a cap
    (
        [(WARNING, date(2024, 1, 15)), (WARNING, date(2024, 2, 15)), (REMOVAL, date(2024, 3, 15))],
        [date(2025, 1, 15), date(2026, 1, 15), date(2028, 1, 15)],
    ),
    # the third falls into what the second added
    (
        [(WARNING, date(2024, 1, 15)), (WARNING, date(2024, 7, 15)), (WARNING, date(2025, 12, 1))],
        [date(2025, 1, 15), date(2026, 1, 15), date(2027, 1, 15)],
    ),
    # on one day: both
    ([(SERIOUS, date(2024, 1, 15)), (WARNING, date(2024, 1, 15))], [date(2025, 1, 15), date(2026, 7, 15)]),
    # 留党察看 within a warning: 184 days were left, counted after the term expired on 2025-09-01, and then two years
    ([(WARNING, date(2024, 3, 4)), (ONE_YEAR, date(2024, 9, 1))], [date(2025, 3, 4), date(2028, 3, 4)]),
    # a warning within the term: nothing of the two years is executed yet
    ([(ONE_YEAR, date(2024, 3, 1)), (WARNING, date(2024, 9, 1))], [date(2027, 3, 1), date(2028, 3, 1)]),
    # a warning within the two years after it
    ([(ONE_YEAR, date(2024, 3, 1)), (WARNING, date(2026, 3, 1))], [date(2027, 3, 1), date(2028, 3, 1)]),
    # and 留党察看 within that of another, after its rights came back on 2025-03-01: 181 days were left
    (
        [(ONE_YEAR, date(2024, 3, 1)), (ONE_YEAR, date(2026, 9, 1))],
        [date(2027, 3, 1), months_later(date(2027, 9, 1) + timedelta(days=181), 24)],
    ),
]


@pytest.mark.parametrize(("given_punishments", "expected"), OVERLAPS)
def test_overlap_adds_what_was_left_of_the_old_to_the_new(given_punishments, expected):
    punishments = [Punishment(kind, day) for kind, day in given_punishments]
    assert ends(*punishments) == expected
    assert ends(*reversed(punishments)) == expected


def test_the_day_the_discipline_body_gave_takes_the_place_of_the_computed_one():
    ordinary = Punishment(WARNING, date(2024, 3, 10), ends_on=date(2025, 3, 9))
    later = Punishment(WARNING, date(2024, 9, 9))
    assert ends(ordinary, later) == [date(2025, 3, 9), date(2026, 3, 9)]
    (fixed,) = influences([Punishment(ONE_YEAR, date(2024, 3, 10), ends_on=date(2027, 3, 9))])
    assert (fixed.ends, fixed.is_provisional) == (date(2027, 3, 9), False)


def test_a_short_day_given_to_one_does_not_lose_what_is_left_of_another():
    removal, short = (
        Punishment(REMOVAL, date(2024, 3, 1)),
        Punishment(WARNING, date(2024, 4, 1), ends_on=date(2025, 4, 1)),
    )
    assert ends(removal, short, Punishment(WARNING, date(2025, 9, 1)))[-1] == date(2027, 3, 1)


def test_a_given_day_within_the_term_of_probation_leaves_nothing_over():
    given_day = Punishment(ONE_YEAR, date(2024, 3, 10), ends_on=date(2024, 12, 31))
    assert ends(given_day, Punishment(WARNING, date(2024, 6, 1))) == [date(2024, 12, 31), date(2026, 3, 10)]


def test_what_rests_on_an_undecided_restoration_is_provisional_too():
    undecided, warning = Punishment(ONE_YEAR, date(2024, 3, 1)), Punishment(WARNING, date(2024, 9, 1))
    before, later = Punishment(WARNING, date(2020, 1, 1)), Punishment(WARNING, date(2028, 6, 1))
    found = influences([later, warning, undecided, before])
    assert [each.is_provisional for each in found] == [False, True, True, True]  # an extension would reach the last


def test_expulsion_has_no_influence_but_bars_from_joining_for_five_years():
    assert influences([Punishment(EXPULSION, date(2024, 3, 10))]) == []
    assert barred_through(date(2024, 3, 10)) == date(2029, 3, 10)
    assert barred_through(date(2024, 2, 29)) == date(2029, 2, 28)


def test_probationary_members_get_none_of_these():
    assert {standing for standing in Standing if not can_be_punished(standing)} == {Standing.PROBATIONARY}
    assert ProbationaryMeasure.labels == ["批评教育", "延长预备期", "取消预备党员资格"]


def test_every_kind_has_its_number_and_article():
    table = [(kind.label, rule.term_months, rule.influence_months, rule.article) for kind, rule in PUNISHMENTS.items()]
    assert table == [
        ("警告", 0, 12, "条例第十条"),
        ("严重警告", 0, 18, "条例第十条"),
        ("严重警告（代替撤销党内职务）", 0, 24, "条例第十一条"),
        ("撤销党内职务", 0, 24, "条例第十一条"),
        ("留党察看一年", 12, 24, "条例第十二条"),
        ("留党察看两年", 24, 24, "条例第十二条"),
        ("开除党籍", 0, None, "条例第十三条"),
    ]


# Properties

punishment_days = st.dates(date(2016, 1, 1), date(2032, 12, 31))


@st.composite
def decisions(draw) -> Punishment:
    kind = draw(st.sampled_from([kind for kind in PunishmentKind if kind != EXPULSION]))
    return Punishment(
        kind, draw(punishment_days), is_extended=kind == ONE_YEAR and draw(st.booleans()),
        is_restored=kind in PROBATION and draw(st.booleans()),
    )  # fmt: skip


@given(st.lists(decisions(), max_size=6).flatmap(lambda some: st.tuples(st.just(some), st.permutations(some))))
def test_the_order_of_entry_does_not_matter(both):
    some, shuffled = both
    assert influences(some) == influences(shuffled)


@given(decisions(), st.lists(decisions(), max_size=5))
def test_a_punishment_more_never_shortens_what_the_others_have(one, others):
    without, found = influences(others), influences([one, *others])
    assert max(each.ends for each in found) >= max((each.ends for each in without), default=date.min)
    for each in without:
        assert max(other.ends for other in found if other.punishment == each.punishment) >= each.ends


@given(st.lists(decisions(), min_size=1, max_size=6))
def test_each_lasts_at_least_as_long_as_it_would_alone_and_ends_after_those_before_it(some):
    found = influences(some)
    for each in found:
        (alone,) = influences([each.punishment])
        assert each.ends >= alone.ends
    for one, other in pairwise(found):
        assert one.ends < other.ends


@given(decisions(), decisions())
def test_two_that_overlap_together_last_as_long_as_both_to_within_a_week_of_uneven_months(one, other):
    first, second = sorted((one, other), key=lambda each: each.effective_on)
    (alone,) = influences([first])
    if first.effective_on == second.effective_on or second.effective_on > alone.ends:
        return
    (itself,) = influences([second])
    left = alone.ends - max(second.effective_on, alone.counts_from)
    whole = max(itself.counts_from, alone.counts_from) - itself.counts_from + left + (itself.ends - itself.counts_from)
    assert abs(influences([one, other])[1].ends - itself.counts_from - whole) <= timedelta(days=7)


# What is blocked


def blocked(day: date, *punishments: Punishment) -> list[str]:
    return [f"{block.what} {block.article}" for block in blocks_on(influences(punishments), day)]


def test_a_warning_blocks_promotion_and_nothing_once_it_is_over():
    warning = Punishment(WARNING, date(2024, 3, 10))
    assert blocked(date(2024, 3, 9), warning) == []
    expected = [
        "不提拔党内职务，不进一步使用 条例第十条",
        "不推荐到党外担任更高职务 条例第十条",
        "评先评优、晋升须先核对有关规定 中办发〔2019〕11号第八条",
    ]
    assert blocked(date(2024, 3, 10), warning) == blocked(date(2025, 3, 10), warning) == expected
    assert blocked(date(2025, 3, 11), warning) == []


def test_probation_takes_rights_first_and_posts_afterwards():
    probation = Punishment(ONE_YEAR, date(2024, 3, 10), is_restored=True)
    honours = "评先评优、晋升须先核对有关规定 中办发〔2019〕11号第八条"
    term = ["没有表决权、选举权和被选举权 条例第十二条", "党内职务已自然撤销 条例第十二条", honours]
    after = ["不任用、不推荐到与原职务相当或更高的职务 条例第十二条", honours]
    assert blocked(date(2025, 3, 9), probation) == term
    assert blocked(date(2025, 3, 10), probation) == blocked(date(2027, 3, 10), probation) == after
    assert blocked(date(2027, 3, 11), probation) == []
    assert blocked(date(2027, 3, 11), Punishment(ONE_YEAR, date(2024, 3, 10))) == term


def test_two_that_run_together_block_what_either_blocks_once():
    both = [Punishment(WARNING, date(2024, 3, 10)), Punishment(REMOVAL, date(2024, 6, 1))]
    found = blocked(date(2024, 7, 1), *both)
    assert [line.rsplit(" ", 1)[1] for line in found] == [
        "条例第十条", "条例第十条", "条例第十一条", "中办发〔2019〕11号第八条",
    ]  # fmt: skip


def test_every_kind_with_influence_blocks_something_of_its_own_and_honours():
    for kind, rule in PUNISHMENTS.items():
        own: list[Block] = [block for block in BLOCKS if kind in block.kinds]
        assert bool(own) == (rule.influence_months is not None), kind
        if own:
            assert {block.article for block in own} == {rule.article, "中办发〔2019〕11号第八条"}
            assert own[-1].phase is Phase.WHOLE


# Restoring rights


@pytest.mark.parametrize(
    ("through", "days"),
    [
        (date(2025, 1, 8), []),
        (date(2025, 1, 9), [date(2025, 1, 9)]),
        (date(2025, 2, 8), [date(2025, 1, 9), date(2025, 2, 8)]),
        (date(2025, 3, 10), [date(2025, 1, 9), date(2025, 2, 8), date(2025, 3, 10)]),
        (date(2025, 3, 16), [date(2025, 1, 9), date(2025, 2, 8), date(2025, 3, 10)]),
        (
            date(2025, 3, 24),
            [date(2025, 1, 9), date(2025, 2, 8), date(2025, 3, 10), date(2025, 3, 17), date(2025, 3, 24)],
        ),
    ],
)
def test_the_branch_is_reminded_before_the_day_on_it_and_weekly_after(through, days):
    assert rights_reminders(date(2025, 3, 10), through=through) == days


def test_rights_are_restored_in_six_steps_and_reported_in_seven_working_days():
    assert [step.label for step in RESTORATION] == [
        "本人申请", "支部考察、公示", "支部大会表决", "上报", "上一级党委批准", "送达、备案归档",
    ]  # fmt: skip
    terms = {step: rule.within_working_days for step, rule in RESTORATION.items() if rule.within_working_days}
    assert terms == {RestorationStep.REPORT: 7}


# 组织处理


@pytest.mark.parametrize(
    ("kind", "last"),
    [
        (TreatmentKind.REASSIGNMENT, date(2025, 3, 31)),
        (TreatmentKind.ORDERED_RESIGNATION, date(2026, 3, 31)),
        (TreatmentKind.DISMISSAL, date(2026, 3, 31)),
        (TreatmentKind.DEMOTION, date(2026, 3, 31)),
        (TreatmentKind.ADMONITION, date(2024, 9, 30)),
        (TreatmentKind.SUSPENSION_FROM_DUTY, None),
        (TreatmentKind.CORRECTION, None),
        (TreatmentKind.ADVISED_LEAVING, None),
        (TreatmentKind.STRUCK_OFF, None),
    ],
)
def test_a_treatment_bears_on_a_career_as_long_as_its_kind_says(kind, last):
    assert treatment_ends(kind, date(2024, 3, 31)) == last


def test_of_a_treatment_and_a_punishment_for_one_matter_the_longer_holds():
    day = date(2024, 3, 31)
    (warning,), (removal,) = influences([Punishment(WARNING, day)]), influences([Punishment(REMOVAL, date(2024, 6, 1))])
    assert treatment_ends(TreatmentKind.DEMOTION, day, punished=warning) == date(2026, 3, 31)
    assert treatment_ends(TreatmentKind.DEMOTION, day, punished=removal) == date(2026, 6, 1)
    assert treatment_ends(TreatmentKind.STRUCK_OFF, day, punished=warning) == date(2025, 3, 31)


def test_measures_that_last_have_their_longest_term():
    longest = {kind: rule.at_most_months for kind, rule in TREATMENTS.items() if rule.at_most_months}
    assert longest == {TreatmentKind.SUSPENSION_FROM_DUTY: 6, TreatmentKind.CORRECTION: 12}
    barred = {kind for kind, rule in TREATMENTS.items() if rule.no_leading_months == 12}
    assert barred == {TreatmentKind.ORDERED_RESIGNATION, TreatmentKind.DISMISSAL}


@pytest.mark.parametrize("kind", PunishmentKind)
def test_a_kind_may_come_as_the_database_has_it(kind):
    day = date(2024, 3, 10)
    as_text = influences([Punishment(kind.value, day)])
    assert as_text == influences([Punishment(kind, day)])
    assert blocks_on(as_text, day) == blocks_on(influences([Punishment(kind, day)]), day)
