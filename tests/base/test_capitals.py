"""Sums in capital characters, as receipts say them."""

import pytest

from base.capitals import in_capitals


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "零元整"),
        (5, "伍分"),
        (50, "伍角整"),
        (100, "壹元整"),
        (1005, "壹拾元零伍分"),
        (168_032, "壹仟陆佰捌拾元叁角贰分"),
        (140_950, "壹仟肆佰零玖元伍角整"),
        (600_714, "陆仟零柒元壹角肆分"),
        (8_240_000, "捌万贰仟肆佰元整"),
        (10_000_000, "壹拾万元整"),
        (10_000_100, "壹拾万零壹元整"),
        (100_050_000, "壹佰万零伍佰元整"),
        (1_000_000_000_000, "壹佰亿元整"),
        (1_000_100_000_000, "壹佰亿零壹佰万元整"),
        (12_345_678_901, "壹亿贰仟叁佰肆拾伍万陆仟柒佰捌拾玖元零壹分"),
    ],
)
def test_a_sum_is_said_as_on_a_receipt(fen, words):
    assert in_capitals(fen) == words


def test_every_sum_is_read_back():
    """No two sums are said alike: what was said names the digits and their places again."""
    sums = [*range(0, 3000), *range(99_990, 100_120), *range(1_000_000, 1_100_000_000, 9_999_991)]
    assert len({in_capitals(fen) for fen in sums}) == len(set(sums))
