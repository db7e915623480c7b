"""Members hurt on duty: what is kept and sealed, who sees it, what bad input gets, what transfer and death do."""

from datetime import date

import pytest
from django.urls import reverse

from base.dates import FAR
from care.entries import Given, close_entry, open_entry
from care.models import Entry
from care.registers import REGISTERS
from members.enums import EventKind
from members.models import Category
from members.services import receive_member, register_event
from tests.care.test_entries import kinds, refusal
from tests.members.office import once_key
from tests.world import account

TODAY = date(2026, 11, 23)
SINCE = date(2026, 3, 2)
INJURED = REGISTERS["injured"]
NEW = reverse("entry_new")


@pytest.fixture
def secretary(cast, sign_in):
    return sign_in(account(cast.secretary))


def opened(person, since=SINCE, **more) -> Entry:
    facts = {"work": "原岗位", "happened_on": "2026-02-10", "cause": "坠落", "degree": "八级", **more}
    return open_entry(by=None, register=INJURED, person=person, since=since, given=Given(facts), today=TODAY)


def test_an_injury_is_sealed_and_puts_its_member_among_the_injured(cast):
    entry = opened(cast.li)
    assert entry.facts == {"work": "原岗位"}
    assert entry.private["degree"] == "八级"
    assert kinds(cast.li) == {("injured", "", SINCE, FAR)}


def test_a_secretary_enters_the_papers_of_the_finding(cast, secretary):
    form = secretary.get(NEW, {"register": "injured", "member": cast.li.pk})
    said = secretary.post(NEW, {
        "once": once_key(form), "register": "injured", "member": cast.li.pk, "since": "2026-03-02",
        "work": "已调整岗位", "happened_on": "2026-02-10", "cause": "吊装作业砸伤", "found_on": "2026-03-01",
        "papers-rows": "3", "papers-0-kind": "工伤认定书", "papers-0-number": "云工伤〔2026〕7号",
    }, follow=True)  # fmt: skip
    assert Entry.objects.get().private["papers"][0]["number"] == "云工伤〔2026〕7号"
    assert "云工伤〔2026〕7号" in said.text
    assert "缺联系人" in said.text
    printed = secretary.get(reverse("entry_print", args=[Entry.objects.get().pk])).text
    assert "吊装作业砸伤" in printed


def test_those_without_the_right_do_not_even_see_that_there_is_one(cast, sign_in):
    commissioner = sign_in(account(cast.commissioner))
    entry = opened(cast.li)
    assert commissioner.get(reverse("entry", args=[entry.pk])).status_code == 404
    assert commissioner.get(reverse("register", args=["injured"])).status_code == 403
    assert "因公伤残" not in commissioner.get(reverse("member_entries", args=[cast.li.pk])).text


@pytest.mark.parametrize(
    ("facts", "field", "words"),
    [
        ({"happened_on": "2026-03-05"}, "happened_on", "晚于列入的 2026-03-02"),
        ({"found_on": "2026-02-09"}, "found_on", "早于受伤的 2026-02-10"),
        ({"found_on": "2026-12-01"}, "found_on", "晚于今天"),
    ],
)
def test_days_out_of_order_get_a_sentence(cast, facts, field, words):
    assert words in refusal(lambda: opened(cast.li, **facts))[field][0]
    assert not Category.objects.exists()


def test_a_transfer_takes_the_entry_along_to_those_who_care_now(cast, secretary, sign_in):
    entry = opened(cast.li)
    register_event(by=None, person=cast.li, kind=EventKind.TRANSFER_OUT, occurred_on=date(2026, 6, 1), today=TODAY)
    receive_member(by=None, person=cast.li, to=cast.sibling, on=date(2026, 6, 3), today=TODAY)
    there = sign_in(account(cast.sibling_secretary))
    assert "坠落" in there.get(reverse("entry", args=[entry.pk])).text
    assert secretary.get(reverse("entry", args=[entry.pk])).status_code == 404
    assert kinds(cast.li) == {("injured", "", SINCE, FAR)}


def test_a_finding_taken_back_ends_the_care(cast):
    close_entry(by=None, entry=opened(cast.li), last=TODAY, why="认定被撤销", note="", today=TODAY)
    assert kinds(cast.li) == {("injured", "", SINCE, date(2026, 11, 24))}


def test_death_ends_the_care(cast):
    entry = opened(cast.li)
    register_event(by=None, person=cast.li, kind=EventKind.DEATH, occurred_on=date(2026, 11, 20), today=TODAY)
    assert list(Entry.objects.running(date(2026, 11, 19))) == [entry]
    assert list(Entry.objects.running(TODAY)) == []
    assert "去世" in refusal(lambda: opened(cast.li, since=date(2026, 11, 21)))["since"][0]
