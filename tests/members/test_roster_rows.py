"""Rows that say alike: what is judged once for all of them is said of each."""

from datetime import date

from members.roster.apply import read_roster
from members.roster.parse import parse_rows
from tests.members.sheets import HEADINGS, roster_row, workbook

TODAY = date(2026, 11, 23)
MORE = ("党龄校正值(月)", "民族", "是否为流动党员", "外出流向")


def parsed(*rows):
    """Rows of a roster, each a row of :func:`roster_row` and what it says under ``MORE``."""
    lines = [roster_row(serial=2 * n + 1, **given) + list(more) for n, (given, more) in enumerate(rows)]
    return parse_rows(read_roster(workbook(lines, headings=(*HEADINGS, *MORE))), today=TODAY)


def codes(row) -> list[str]:
    return [finding.code for finding in row.cells.findings]


def test_rows_that_say_alike_share_what_they_say_and_nothing_else():
    alike = ("6", "汉族", "是", "深圳")
    first, second = parsed(({"姓名": "王强"}, alike), ({"姓名": "李明"}, alike))
    assert [first.fields["name"], second.fields["name"]] == ["王强", "李明"]
    for row in (first, second):
        said = {name: row.fields[name] for name in ("seniority_months", "ethnicity", "floating", "floating_to")}
        assert said == {"seniority_months": 6, "ethnicity": "汉族", "floating": True, "floating_to": "深圳"}


def test_what_is_wrong_is_said_of_every_row_that_says_it():
    wrong = ({"性别": "男人", "人员类别": "群众"}, ("半年", "汉" * 21, "也许", ""))
    first, second = parsed(wrong, wrong)
    assert codes(first) == codes(second)
    assert set(codes(first)) == {"bad_sex", "bad_category", "bad_months", "too_long", "bad_yes_no"}


def test_values_that_only_count_as_equal_are_told_apart():
    first, second = parsed(({}, (1, "", "", "")), ({}, (True, "", "", "")))
    assert (first.fields["seniority_months"], codes(first)) == (1, [])
    assert codes(second) == ["bad_months"]


def test_a_formula_without_its_value_is_no_empty_cell():
    first, second = parsed(({"性别": ""}, ("", "", "", "")), ({"性别": "=1/0"}, ("", "", "", "")))
    assert (codes(first), codes(second)) == ([], ["formula_sex"])
