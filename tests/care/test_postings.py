"""Members sent away: the sender as a tie to an organisation, the end by itself, and what bad input gets."""

from datetime import date

import pytest
from django.urls import reverse

from base.dates import FAR
from care.entries import Given, amend_entry, close_entry, open_entry, withdraw_entry
from care.models import Entry
from care.registers import REGISTERS
from members.bonds import begin_tie
from members.enums import EventKind, TieKind
from members.models import Tie
from members.services import receive_member, register_event
from tests.care.test_entries import kinds, refusal
from tests.world import account

TODAY = date(2026, 11, 23)
SINCE = date(2026, 3, 2)
POSTING = REGISTERS["posting"]
NEW = reverse("entry_new")


def opened(cast, since=SINCE, **more) -> Entry:
    given = Given({"kind": "对口支援", "place": "昌都市", "family": "父亲年迈", **more})
    return open_entry(
        by=None, register=POSTING, person=cast.li, since=since, given=given, today=TODAY, to=cast.branch
    )  # fmt: skip


@pytest.fixture
def secretary(cast, sign_in):
    return sign_in(account(cast.secretary))


def test_the_sender_is_a_tie_to_an_organisation_and_the_member_is_posted(cast):
    entry = opened(cast)
    assert (entry.tie.kind, entry.tie.to, entry.tie.to_organisation) == (TieKind.SENDER, None, cast.branch)
    assert kinds(cast.li) == {("posted", "", SINCE, FAR)}


def test_a_secretary_enters_a_posting_and_its_sender(cast, secretary):
    sent = {
        "register": "posting", "member": cast.li.pk, "since": "2026-03-02", "kind": "驻村帮扶", "place": "石岭村",
        "to": cast.general.pk, "calls": "每月",
    }  # fmt: skip
    form = secretary.get(NEW, {"register": "posting", "member": cast.li.pk}).text
    assert f'<option value="{cast.branch.pk}" selected>' in form
    assert cast.other.label not in form
    for wrong in (cast.other.pk, "", "很远"):
        assert "请从列表里选派出单位" in secretary.post(NEW, sent | {"to": wrong}).text
    said = secretary.post(NEW, sent, follow=True)
    assert f"派出单位：{cast.general.label}" in said.text
    edit = reverse("entry_edit", args=[Entry.objects.get().pk])
    assert 'name="to"' not in secretary.get(edit).text
    assert (
        "已保存" in secretary.post(edit, sent | {"version": 1, "on": "2026-11-20", "calls": "每周"}, follow=True).text
    )


def test_a_posting_ends_by_itself_on_its_last_day(cast):
    entry = opened(cast, last="2026-06-30")
    until = date(2026, 7, 1)
    assert kinds(cast.li) == {("posted", "", SINCE, until)}
    assert list(Entry.objects.running(TODAY)) == []
    given = Given({"last": "2027-06-30"})
    amend_entry(by=None, entry=entry, given=given, on=date(2026, 6, 30), version=1, today=TODAY)
    assert [each.until for each in Entry.objects.running(TODAY)] == [date(2027, 7, 1)]


def test_coming_back_ends_the_tie_and_a_mistake_takes_it_away(cast):
    close_entry(by=None, entry=opened(cast), last=date(2026, 9, 30), why="提前返回", note="", today=TODAY)
    assert Tie.objects.get().until == date(2026, 10, 1)
    again = opened(cast, since=date(2026, 10, 5))
    withdraw_entry(by=None, entry=again, reason="登错了人", today=TODAY)
    assert [tie.until for tie in Tie.objects.all()] == [date(2026, 10, 1)]


@pytest.mark.parametrize(
    ("call", "field", "words"),
    [
        (lambda cast: opened(cast, last="2026-03-01"), "last", "两个日期可能填反了"),
        (lambda cast: (opened(cast), opened(cast)), "since", "已在艰苦边远和派出党员台账里"),
        (lambda cast: begin_tie(person=cast.li, kind=TieKind.CONTACT, to=cast.branch, since=SINCE, today=TODAY), "to",
         "要选一位同志"),
        (lambda cast: (opened(cast), begin_tie(
            person=cast.li, kind=TieKind.SENDER, to=cast.branch, since=SINCE, today=TODAY)), "to", "不必再登记"),
    ],
)  # fmt: skip
def test_what_cannot_be_gets_a_sentence(cast, call, field, words):
    assert words in refusal(lambda: call(cast))[field][0]


def test_a_transfer_takes_entry_and_sender_along_and_a_death_ends_the_entry(cast):
    entry = opened(cast)
    register_event(by=None, person=cast.li, kind=EventKind.TRANSFER_OUT, occurred_on=date(2026, 6, 1), today=TODAY)
    receive_member(by=None, person=cast.li, to=cast.sibling, on=date(2026, 6, 3), today=TODAY)
    assert list(Entry.objects.running(TODAY)) == [entry]
    assert Tie.objects.get().to_organisation == cast.branch
    register_event(by=None, person=cast.li, kind=EventKind.DEATH, occurred_on=date(2026, 11, 20), today=TODAY)
    assert list(Entry.objects.running(TODAY)) == []


def test_what_burdens_the_family_is_private(cast, sign_in):
    entry = opened(cast)
    said = sign_in(account(cast.commissioner)).get(reverse("entry", args=[entry.pk])).text
    assert "昌都市" in said
    assert "父亲年迈" not in said
