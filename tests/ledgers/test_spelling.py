"""What sheets write for the official lists, one or several in a cell: read by one reader, and never guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.codes import ALSO, LISTS, AidForm, Cause, HealthState, Level, Mark, Relation, Schooling
from ledgers.spelling import Spelling


def of(choices) -> Spelling:
    return Spelling.of(choices.choices)


@pytest.mark.parametrize("choices", LISTS, ids=lambda choices: choices.__name__)
def test_every_label_and_every_other_spelling_is_read_as_what_it_belongs_to(choices):
    for member in choices:
        for spelling in (member.label, *ALSO[choices].get(member, "").split()):
            assert of(choices).one(f" {spelling}\n") == member
            assert of(choices).several(spelling) == ([member], [])


def test_forms_of_help_are_read_by_their_numbers_too():
    assert [form.number for form in AidForm] == list(range(1, 11))
    for cell in ("6", "６", "6生活困难党员专项帮扶资金", "6.生活困难党员专项帮扶资金"):
        assert of(AidForm).one(cell) == AidForm.FUND
    assert of(Cause).one("1") is None


@pytest.mark.parametrize(
    ("choices", "cell"),
    [
        (HealthState, "残疾"), (HealthState, "不详"), (Level, "特困"), (Mark, "老弱病残"), (Mark, "鳏寡孤独"),
        (Mark, "孤寡"), (Mark, "丧偶"), (Relation, "媳妇"), (Schooling, "大学"), (AidForm, "11"),
        (AidForm, "low_income"),
    ],
)  # fmt: skip
def test_what_is_unknown_or_may_mean_two_things_is_not_guessed(choices, cell):
    assert of(choices).one(cell) is None


@pytest.mark.parametrize(
    ("choices", "cell", "found", "unknown"),
    [
        (Cause, "失业;本人重病，失业", [Cause.OWN_ILLNESS, Cause.UNEMPLOYED], []),
        (Cause, "失业\n本人重病", [Cause.OWN_ILLNESS, Cause.UNEMPLOYED], []),
        (Cause, "失业、欠债", [Cause.UNEMPLOYED], ["欠债"]),
        (AidForm, "1、4节日慰问、10", [AidForm.ALLOWANCE, AidForm.HOLIDAY, AidForm.OTHER], []),
        (AidForm, "未享受", [], []), (AidForm, "", [], []), (AidForm, "无", [], []),
        (Mark, "老弱病残", [], ["老弱病残"]), (Mark, "残、独居", [Mark.DISABLED, Mark.ALONE], []),
        (Relation, "孙子女、外孙子女", [Relation.GRANDCHILD], []),
    ],
)  # fmt: skip
def test_several_are_read_in_the_order_of_the_list_and_the_rest_given_back(choices, cell, found, unknown):
    assert of(choices).several(cell) == (found, unknown)


@given(st.sets(st.sampled_from(Cause)), st.sampled_from(["、", "，", ",", ";", "；", "/", "|", "\n", " 、 "]))
def test_what_is_joined_is_read_again(causes, between):
    text = between.join(cause.label for cause in causes)
    assert of(Cause).several(text) == ([cause for cause in Cause if cause in causes], [])
