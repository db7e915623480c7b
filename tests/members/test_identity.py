"""Identity numbers: the check digit, what they say, what is never refused."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.identity import PROVINCES, IdentityRefused, check_digit, read_identity
from tests.members.sheets import id_number

TODAY = date(2026, 11, 23)


def code_of(text: str) -> str:
    with pytest.raises(IdentityRefused) as refused:
        read_identity(text, today=TODAY)
    assert str(refused.value).endswith("。")
    return refused.value.code


def test_the_example_of_the_standard_holds():
    assert check_digit("11010519491231002") == "X"
    found = read_identity("11010519491231002X", today=TODAY)
    assert (found.born_on, found.sex, found.how) == (date(1949, 12, 31), "女", "")


@pytest.mark.parametrize(
    "written",
    [
        " 11010519491231002X", "11010519491231002x", "'11010519491231002X", "110105 19491231 002X",
        "１１０１０５１９４９１２３１００２Ｘ",
    ],
)  # fmt: skip
def test_how_people_write_it_is_tidied_and_said(written):
    found = read_identity(written, today=TODAY)
    assert (found.number, found.how) == ("11010519491231002X", "lower_x")


def test_fifteen_digits_become_the_same_person_as_eighteen():
    old = read_identity("110105491231002", today=TODAY)
    assert (old.number, old.how, old.sex) == ("11010519491231002X", "id_15", "女")


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "id_missing"),
        ("  ", "id_missing"),
        ("110105194912310021", "bad_check_digit"),
        ("11010519491231002", "bad_id"),
        ("1101051949123100211", "bad_id"),
        ("11010519491231O02X", "bad_id"),
        ("١١٠١٠٥١٩٤٩١٢٣١٠٠٢X", "bad_id"),
        ("4.10102E+17", "id_as_number"),
        ("410102000000000000", "bad_check_digit"),
    ],
)
def test_what_cannot_be_right_is_refused_by_name(written, code):
    assert code_of(written) == code


def with_check(first_17: str) -> str:
    return first_17 + check_digit(first_17)


def test_a_day_that_never_was_is_refused():
    assert code_of(with_check("41000019650230001")) == "bad_id"
    assert code_of(with_check("41000019230229001")) == "bad_id"
    assert read_identity(with_check("41000019240229001"), today=TODAY).born_on == date(1924, 2, 29)


def test_nobody_is_born_tomorrow_or_under_the_emperor():
    assert code_of(id_number(born=date(2026, 11, 24))) == "bad_id"
    assert code_of(with_check("41000018891231001")) == "bad_id"
    assert read_identity(id_number(born=TODAY), today=TODAY).born_on == TODAY


def test_only_the_province_is_looked_at():
    """Abolished counties (here 3729xx) and codes that never were below the province are taken as they are."""
    for region in ("372922", "410000", "512301", "429999"):
        assert read_identity(with_check(f"{region}19350214827"), today=TODAY).number.startswith(region)
    for region in ("009900", "160000", "990000"):
        assert code_of(with_check(f"{region}19350214827")) == "bad_id"


@given(
    province=st.sampled_from(sorted(PROVINCES)),
    county=st.integers(0, 9999),
    born=st.dates(date(1900, 1, 1), TODAY),
    serial=st.integers(0, 999),
)
def test_every_number_with_its_check_digit_is_read_back(province, county, born, serial):
    number = with_check(f"{province}{county:04d}{born:%Y%m%d}{serial:03d}")
    found = read_identity(number.lower(), today=TODAY)
    assert (found.number, found.born_on) == (number, born)
    assert found.sex == ("男" if serial % 2 else "女")


@given(
    born=st.dates(date(1900, 1, 1), TODAY),
    serial=st.integers(0, 999),
    place=st.integers(0, 16),
    digit=st.integers(1, 9),
)
def test_one_wrong_digit_never_passes_as_the_same_check(born, serial, place, digit):
    number = id_number(serial, born=born)
    wrong = f"{number[:place]}{(int(number[place]) + digit) % 10}{number[place + 1 :]}"
    assert code_of(wrong) in {"bad_check_digit", "bad_id"}
