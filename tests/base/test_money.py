"""Sums as people write them in words: what is read, and that nothing is guessed or lost."""

import pytest
from django.core.exceptions import ValidationError

from base.fields import YuanField
from base.money import Source, money_words, read_money


@pytest.mark.parametrize(
    ("words", "fen", "source", "rest"),
    [
        ("500 元，留存党费", 50_000, Source.DUES, ""),
        ("１，２００．５０元（工会经费）", 120_050, Source.UNION, ""),
        ("慰问金800元，来自党费列支", 80_000, Source.DUES, ""),
        ("¥300.5 个人出资", 30_050, Source.OWN, ""),
        ("500", 50_000, "", ""),
        ("500 元，局工会", 50_000, "", "局工会"),
        ("500 元，另加购物卡 200 元", None, "", "500 元，另加购物卡 200 元"),
        ("5 万元", None, "", "5 万元"),
        ("五百元", None, "", "五百元"),
        ("0 元", None, "", "0 元"),
        ("@SUM(A1)", None, "", "@SUM(A1)"),
        ("1000000000 元", None, "", "1000000000 元"),
        ("", None, "", ""),
    ],
)
def test_what_words_say_is_read_and_the_rest_is_kept(words, fen, source, rest):
    assert read_money(words) == (fen, source, rest)


def test_a_sum_is_said_with_its_source():
    assert money_words(123_450_050, Source.DUES) == "1,234,500.50 元，留存党费"
    assert money_words(50_000, "") == "500.00 元，来源没有写"
    assert money_words(None, "") == ""
    for source in Source:
        assert read_money(money_words(120_050, source)) == (120_050, source, "")


@pytest.mark.parametrize(("typed", "fen"), [("1,000", 100_000), ("1200.5", 120_050), ("１０００元", 100_000)])
def test_a_sum_is_read_as_it_is_written(typed, fen):
    assert YuanField().clean(typed) == fen


@pytest.mark.parametrize("typed", ["10,00", "1,0000", ",100", "١٠", "1e3", "-5"])
def test_what_is_no_sum_is_refused(typed):
    with pytest.raises(ValidationError):
        YuanField().clean(typed)
