"""Seals: what goes in comes out, and only with the right key, in the right column, unchanged."""

import base64

import pytest
from cryptography.exceptions import InvalidTag
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from base.sealed import blind_index, mask_address, mask_id, mask_phone, seal, unseal
from members.models import Person
from tests.world import person

ID = "11010119490307001X"
COLUMN = "members.person.id_number"


def key(letter):
    return base64.b64encode(letter.encode() * 32).decode()


@given(st.text())
def test_what_is_sealed_opens_again(text):
    assert unseal(seal(text, COLUMN), COLUMN) == text


def test_nothing_of_the_text_shows_and_no_two_seals_are_alike():
    once, again = seal(ID, COLUMN), seal(ID, COLUMN)
    assert once != again
    assert ID not in once
    assert ID.encode() not in base64.b64decode(once.partition("$")[2])


def test_empty_text_stays_empty():
    assert seal("", COLUMN) == ""
    assert unseal("", COLUMN) == ""
    assert blind_index("") is None


def test_the_first_key_seals_and_every_key_opens(settings):
    settings.SEAL_KEYS = [f"2025:{key('a')}"]
    old = seal(ID, COLUMN)
    settings.SEAL_KEYS = [f"2026:{key('b')}", f"2025:{key('a')}"]
    new = seal(ID, COLUMN)
    assert (old[:5], new[:5]) == ("2025$", "2026$")
    assert unseal(old, COLUMN) == unseal(new, COLUMN) == ID


def test_without_its_key_a_seal_does_not_open(settings):
    settings.SEAL_KEYS = [f"2025:{key('a')}"]
    old = seal(ID, COLUMN)
    settings.SEAL_KEYS = [f"2026:{key('b')}"]
    with pytest.raises(KeyError, match="2025"):
        unseal(old, COLUMN)
    settings.SEAL_KEYS = [f"2025:{key('b')}"]
    with pytest.raises(InvalidTag):
        unseal(old, COLUMN)


def test_a_seal_copied_into_another_column_does_not_open():
    with pytest.raises(InvalidTag):
        unseal(seal(ID, COLUMN), "members.person.phone")


@pytest.mark.parametrize("place", [0, 11, 12, -17, -1])
def test_a_changed_seal_does_not_open(place):
    key_id, _, body = seal(ID, COLUMN).partition("$")
    raw = bytearray(base64.b64decode(body))
    raw[place] ^= 1
    with pytest.raises(InvalidTag):
        unseal(f"{key_id}${base64.b64encode(bytes(raw)).decode()}", COLUMN)


def test_the_blind_index_is_equal_for_equal_text_only_and_depends_on_its_key(settings):
    assert blind_index(ID) == blind_index(ID)
    assert blind_index(ID) != blind_index(ID[:-1] + "0")
    before = blind_index(ID)
    settings.SEAL_INDEX_KEY = "another key"
    assert blind_index(ID) != before


def test_the_database_holds_the_seal_and_the_model_the_text(db):
    someone = person("王海燕", id_number=ID, phone="13800002207")
    with connection.cursor() as cursor:
        cursor.execute("select id_number, phone, address from members_person where id = %s", [someone.pk])
        number, phone, address = cursor.fetchone()
    assert (number[:4], phone[:4], address) == ("dev$", "dev$", "")
    assert Person.objects.get(pk=someone.pk).id_number == ID


def test_a_person_is_found_by_number_and_nobody_by_none(db):
    someone = person("王海燕", id_number=ID)
    person("没有号码的人")
    assert list(Person.objects.holding(ID)) == [someone]
    assert list(Person.objects.holding("")) == []


def test_the_index_follows_the_number_on_every_save(db):
    someone = person("王海燕", id_number=ID)
    someone.id_number = "110101194903070036"
    someone.save()
    assert list(Person.objects.holding(ID)) == []
    assert list(Person.objects.holding("110101194903070036")) == [someone]


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        (ID, "110***********001X"),
        ("110101490307001", "110********7001"),
        ("12345678", "123*5678"),
        ("1234567", "*******"),
        ("12", "**"),
        ("", ""),
    ],
)
def test_a_masked_identity_number_shows_three_and_four_characters_and_a_short_one_none(number, masked):
    assert mask_id(number) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("13800002207", "138****2207"),
        ("02161234567", "021****4567"),
        ("61234567", "******67"),
        ("110", "*10"),
        ("", ""),
    ],
)
def test_a_masked_phone_number_shows_its_ends_and_a_short_one_its_last_two_digits(number, masked):
    assert mask_phone(number) == masked


def test_a_masked_address_shows_its_first_six_characters():
    assert mask_address("河南省郑州市金水区纬五路1号") == "河南省郑州市****"
    assert mask_address("") == ""
