"""Households of those who died on duty: people, contact, the children's allowance, and what bad input gets."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from base.dates import FAR
from care.entries import Given, amend_entry, open_entry
from care.models import Entry
from care.registers import REGISTERS
from duties.deeds import record_deed
from duties.engine.models import Action
from members.bonds import begin_tie
from members.enums import EventKind, Standing, TieKind
from members.models import Category, Membership
from members.services import register_event
from tests.care.test_entries import kinds, refusal
from tests.members.office import once_key
from tests.world import account, member

TODAY = date(2026, 11, 23)
DIED = date(2026, 3, 2)
HOUSEHOLD = REGISTERS["household"]
NEW = reverse("entry_new")


def relative(name, relation, born="", **more) -> dict:
    return dict.fromkeys(HOUSEHOLD.form.base_fields["family"].row.base_fields, "") | {
        "name": name, "relation": relation, "born": born, "member": False, **more,
    }  # fmt: skip


FAMILY = [relative("何秀珍", "mother", "1949-03"), relative("小禾", "daughter", "2013-06-02")]


@pytest.fixture
def dead(cast):
    register_event(by=None, person=cast.li, kind=EventKind.DEATH, occurred_on=DIED, today=TODAY)
    return cast.li


@pytest.fixture
def secretary(cast, sign_in):
    return sign_in(account(cast.secretary))


def opened(person, since=DIED, family=FAMILY, **more) -> Entry:
    given = Given({"cause": "因公牺牲", "family": family, **more})
    return open_entry(by=None, register=HOUSEHOLD, person=person, since=since, given=given, today=TODAY)


def page(browser, entry) -> str:
    return browser.get(reverse("entry", args=[entry.pk])).text


def test_a_family_is_kept_with_the_dead_member_and_cared_for_from_then_on(dead):
    entry = opened(dead)
    assert kinds(dead) == {("bereaved", "", DIED, FAR)}
    assert "family" not in entry.facts
    assert entry in Entry.objects.running(TODAY)


def test_of_the_living_there_is_no_household(cast):
    assert "没有登记去世" in refusal(lambda: opened(cast.zhao))["since"][0]
    assert not Category.objects.exists()


def test_a_secretary_enters_a_household_person_by_person(dead, secretary):
    picked = secretary.get(NEW, {"register": "household"})
    assert "李建国" in picked.text
    form = secretary.get(NEW, {"register": "household", "member": dead.pk})
    sent = {
        "once": once_key(form), "register": "household", "member": dead.pk, "since": "2026-03-02", "cause": "抢险牺牲",
        "family-rows": "3", "family-0-name": "何秀珍", "family-0-relation": "mother", "family-0-born": "1949.3",
        "family-1-name": "小禾", "family-1-relation": "daughter", "family-1-born": "2013-06-02",
        "family-1-schooling": "初一", "family-1-needs": "升学照顾",
    }  # fmt: skip
    secretary.post(NEW, sent)
    entry = Entry.objects.get()
    assert [(row["name"], row["born"]) for row in entry.private["family"]] == [
        ("何秀珍", "1949-03"), ("小禾", "2013-06-02"),
    ]  # fmt: skip
    said = page(secretary, entry)
    assert "升学照顾" in said
    assert "2026—2031" in said
    assert "到 2031-06-01 未成年；未满 14 周岁" in said


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"family-0-name": "小禾"}, "第 1 行关系：请从列表里选关系"),
        ({"family-0-relation": "son"}, "第 1 行姓名：请填姓名"),
        ({"family-0-name": "小禾", "family-0-relation": "son", "family-0-born": "昨天"}, "看不出年、月、日"),
        ({"family-0-name": "小禾", "family-0-relation": "son", "family-0-born": "2013-13"}, "请写成 2012-09-14 这样"),
        ({"family-0-name": "小禾", "family-0-relation": "son", "family-0-born": "2031-01"}, "出生年月晚于今天"),
        ({"honour_document": "烈字1号"}, "请选评定的是烈士还是见义勇为"),
    ],
)
def test_wrong_input_gets_a_sentence(dead, secretary, row, words):
    sent = {"register": "household", "member": dead.pk, "since": "2026-03-02", "cause": "抢险", "family-rows": "1"}
    said = secretary.post(NEW, sent | row)
    assert said.status_code == 422
    assert words in said.text
    assert not Entry.objects.exists()


def test_with_the_last_child_of_age_the_allowance_ends_and_the_household_stays(dead, secretary):
    grown = [relative("大禾", "son", "2008-11-23"), relative("老禾", "daughter", "1999")]
    entry = opened(dead, family=grown)
    said = page(secretary, entry)
    assert "年度 </span>2026</td>" in said
    assert "牺牲时已成年" in said
    assert "子女都已成年" in said
    assert entry in Entry.objects.running(TODAY)
    assert kinds(dead) == {("bereaved", "", DIED, FAR)}


def test_on_the_eve_of_eighteen_a_child_is_still_paid(dead, secretary):
    entry = opened(dead, family=[relative("大禾", "son", "2008-11-24"), relative("二禾", "son")])
    said = page(secretary, entry)
    assert "到 2026-11-23 未成年" in said
    assert "缺出生年月，请核实" in said
    assert "子女都已成年" not in said


def test_without_a_contact_the_household_says_so_and_a_contact_who_left_is_none(cast, dead, secretary):
    entry, listed = opened(dead), reverse("register", args=["household"])
    assert "缺联系人" in page(secretary, entry)
    assert "缺联系人" in secretary.get(listed).text
    begin_tie(person=dead, kind=TieKind.CONTACT, to=cast.zhao, since=date(2026, 3, 12), today=TODAY)
    assert "缺联系人" not in page(secretary, entry)
    assert "缺联系人" not in secretary.get(listed).text
    Membership.objects.filter(person=cast.zhao, until=FAR).update(until=date(2026, 11, 1))
    assert "缺联系人" in page(secretary, entry)


def test_a_relative_who_is_a_member_stands_in_the_card_and_in_no_category_by_it(cast, dead):
    entry = opened(dead, family=[relative(cast.zhao.name, "spouse", member=True)])
    assert entry.private["family"][0]["member"]
    assert not Category.objects.filter(person=cast.zhao).exists()


def test_help_with_school_and_doctor_is_a_record_that_the_page_shows(cast, dead, secretary):
    entry = opened(dead)
    record_deed(
        by=None, action=Action.AID, member=dead, on=date(2026, 9, 1), people=[cast.secretary], note="协调入学",
        today=TODAY,
    )  # fmt: skip
    assert Action.AID.label in page(secretary, entry)


def test_who_may_not_read_private_facts_sees_neither_children_nor_allowance(cast, dead, sign_in):
    commissioner = sign_in(account(cast.commissioner))
    entry = opened(dead)
    said = page(commissioner, entry)
    assert "小禾" not in said
    assert "生活补助" not in said
    printed = commissioner.get(reverse("entry_print", args=[entry.pk])).text
    assert "小禾" not in printed


def test_another_birth_is_amended_and_moves_the_years(dead, secretary):
    entry = opened(dead)
    later = [relative("小禾", "daughter", "2014")]
    amend_entry(by=None, entry=entry, given=Given({"family": later}), on=TODAY, version=1, today=TODAY)
    assert "2026—2032" in page(secretary, entry)


def test_a_list_of_households_costs_the_same_for_one_and_fifty(cast, dead, secretary):
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert secretary.get(reverse("register", args=["household"])).status_code == 200
        return len(asked)

    opened(dead)
    cost()
    once = cost()
    people = [member(f"烈属{n}", cast.branch, standing=Standing.DEAD) for n in range(50)]
    Entry.objects.bulk_create(
        Entry(register="household", person=each, since=DIED, entered_on=TODAY) for each in people
    )  # fmt: skip
    assert cost() == once
