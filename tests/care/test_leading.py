"""An event leads to the register that keeps whom it befell: from the message, from the time line, typed once."""

from datetime import date

import pytest
from django.conf import settings
from django.urls import reverse

from care.entries import Given, close_entry, open_entry, withdraw_entry
from care.models import Entry
from care.registers import REGISTERS
from members.enums import EventKind
from members.services import register_event
from tests.members.office import once_key
from tests.world import account

TODAY = date(2026, 11, 23)
FELL_ILL = date(2026, 11, 10)
ILLNESS = REGISTERS["illness"]
LINK = "列入重病党员台账"


@pytest.fixture
def secretary(cast, sign_in):
    return sign_in(account(cast.secretary))


def happened(person, kind=EventKind.ILLNESS, on=FELL_ILL):
    return register_event(by=None, person=person, kind=kind, occurred_on=on, today=TODAY)


def story(browser, person) -> str:
    return browser.get(reverse("member", args=[person.pk])).text


def opened(person, since=FELL_ILL) -> Entry:
    given = Given({"state": "住院"})
    return open_entry(by=None, register=ILLNESS, person=person, since=since, given=given, today=TODAY)


def test_every_event_leads_to_a_register_there_is():
    assert {kind for kind, _lead in settings.EVENT_REGISTERS.items()} <= set(EventKind)
    assert {code for code, _label in settings.EVENT_REGISTERS.values()} <= set(REGISTERS)


def test_after_registering_an_illness_the_message_leads_to_the_entry_filled_in(cast, secretary):
    new = reverse("event_new")
    form = secretary.get(new, {"member": cast.li.pk})
    sent = {"once": once_key(form), "member": cast.li.pk, "kind": "illness", "occurred_on": "2026-11-10"}
    said = secretary.post(new, sent, follow=True)
    [event] = cast.li.events.all()
    link = f"{reverse('entry_new')}?register=illness&amp;event={event.pk}"
    assert said.text.count(link) == 2  # in the message and on the time line
    form = secretary.get(reverse("entry_new"), {"register": "illness", "event": event.pk})
    assert "2026-11-10" in form.text
    assert "事由：身患严重疾病" in form.text
    sent = {
        "once": once_key(form), "register": "illness", "member": cast.li.pk, "event": event.pk, "since": "2026-11-10",
        "state": "住院",
    }  # fmt: skip
    secretary.post(reverse("entry_new"), sent)
    assert Entry.objects.get().event == event
    assert link not in story(secretary, cast.li)


def test_who_stands_in_the_register_is_not_offered_again_until_the_entry_is_over(cast, secretary):
    happened(cast.li)
    entry = opened(cast.li)
    assert LINK not in story(secretary, cast.li)
    close_entry(by=None, entry=entry, last=date(2026, 11, 20), why="已经康复", note="", today=TODAY)
    assert LINK not in story(secretary, cast.li)
    happened(cast.li, EventKind.HOSPITAL, date(2026, 11, 22))
    assert story(secretary, cast.li).count(LINK) == 1


def test_an_entry_taken_back_is_offered_again(cast, secretary):
    happened(cast.li)
    withdraw_entry(by=None, entry=opened(cast.li), reason="登错了", today=TODAY)
    assert LINK in story(secretary, cast.li)


def test_whoever_may_not_know_the_event_is_led_nowhere(cast, sign_in):
    commissioner = sign_in(account(cast.commissioner))
    happened(cast.li)
    happened(cast.li, EventKind.NEED)
    said = story(commissioner, cast.li)
    assert LINK not in said
    assert "列入困难党员台账" in said


def test_a_death_leads_to_the_household_and_the_rest_of_the_dead_nowhere(cast, secretary):
    happened(cast.li)
    happened(cast.li, EventKind.DEATH, date(2026, 11, 20))
    said = story(secretary, cast.li)
    assert "因公牺牲的，建家庭档案" in said
    assert LINK not in said
