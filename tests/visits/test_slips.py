"""Slips of the hand that fresh eyes found: each gets a sentence, loses nothing, and breaks nothing."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from duties.engine.models import Duty, Record
from members.bonds import begin_category, begin_tie
from members.enums import CategoryKind, EventKind, TieKind
from members.services import register_event
from tests.duties.acts import die, once_in
from tests.visits.filling import fill, fill_several, fill_visit
from tests.world import account

HUGE = "9" * 23
pytestmark = pytest.mark.django_db


@pytest.fixture
def secretary(world, sign_in):
    return sign_in(account(world.secretary))


@pytest.mark.parametrize(("address", "fills"), [("/visits/new/", fill_visit), ("/talks/new/", fill)])
def test_a_number_no_row_can_have_is_refused_like_one_not_offered(world, secretary, address, fills):
    page = secretary.post(address, fills(secretary, world.li) | {"others": [HUGE]})
    assert page.status_code == 422
    assert "请从列表里勾选" in page.content.decode()


def test_nor_does_it_break_the_form_of_study(world, secretary):
    page = secretary.get("/studies/new/", {"organisation": world.branch.pk})
    sent = {"once": once_in(page), "organisation": world.branch.pk, "members": [HUGE]}
    assert secretary.post("/studies/new/", sent).status_code == 422


def test_a_name_beside_the_member_himself_is_asked_about(world, secretary):
    sent = fill_visit(secretary, world.li, met="member", met_name="女儿")
    page = secretary.post("/visits/new/", sent)
    assert page.status_code == 422
    assert "见到谁请选“家属”或“本人和家属”" in page.content.decode()
    assert not Record.objects.exists()


def test_words_in_a_line_that_is_not_ticked_are_not_dropped(world, secretary):
    sent = fill_several(secretary, world.branch, (world.li, "谈了考勤"), **{f"text_{world.zhao.pk}": "忘了打勾"})
    page = secretary.post("/talks/several/", sent)
    assert page.status_code == 422
    assert "写了内容但没有勾选赵秀兰" in page.content.decode()
    assert "忘了打勾" in page.content.decode()
    assert not Record.objects.exists()


def test_a_withdrawn_talk_does_not_say_that_it_closed_nothing(world, secretary):
    page = secretary.post("/talks/new/", fill(secretary, world.li), follow=True)
    address = page.redirect_chain[-1][0]
    secretary.post(f"{address}withdraw/", {"once": once_in(secretary.get(f"{address}withdraw/"))})
    text = secretary.get(address).content.decode()
    assert "已经撤回，不再办结应办。" in text
    assert "照样留档" not in text


def test_for_the_dead_only_earlier_talks_are_entered_and_no_day_is_proposed(world, secretary):
    die(world.li, date(2026, 11, 20))
    page = secretary.get("/talks/new/", {"member": world.li.pk}).content.decode()
    assert "2026-11-20 去世，只能补登去世以前的谈话" in page
    assert 'value="2026-11-23"' not in page


def test_what_is_said_of_a_tie_names_both_ends(world, secretary):
    tie = begin_tie(
        person=world.li, kind=TieKind.CONTACT, to=world.commissioner, since=date(2026, 11, 1), today=date(2026, 11, 23)
    )
    address = f"/members/{world.li.pk}/ties/{tie.pk}/"
    sent = {"once": once_in(secretary.get(address)), "act": "withdraw", "reason": "登记错了"}
    page = secretary.post(address, sent, follow=True).content.decode()
    assert "张伟是李建国的联系人，已撤销" in page


def test_a_household_is_that_of_somebody_dead(world):
    facts = {"kind": CategoryKind.BEREAVED, "since": date(2026, 11, 1), "today": date(2026, 11, 23), "basis": "认定"}
    with pytest.raises(ValidationError, match="没有登记去世"):
        begin_category(person=world.li, **facts)


def test_a_request_is_not_answered_by_a_talk_of_the_same_morning(world, secretary):
    secretary.post("/talks/new/", fill(secretary, world.li), follow=True)
    event = register_event(
        by=None, person=world.li, kind=EventKind.REQUEST, occurred_on=date(2026, 11, 23), addressee=world.secretary,
        today=date(2026, 11, 23),
    )  # fmt: skip
    assert Duty.objects.get(event=event).state == "open"
    answer = fill(secretary, world.li, reason=f"event:{event.pk}", text="谈了他想谈的事。")
    assert secretary.post("/talks/new/", answer).status_code == 302
    assert Duty.objects.get(event=event).state == "done"


@pytest.mark.parametrize("hours", ["1e999", "1e5", "-1e999", "NaN", "Infinity"])
def test_hours_that_are_none_get_a_sentence(world, secretary, hours):
    page = secretary.get("/studies/new/", {"organisation": world.branch.pk})
    sent = {
        "once": once_in(page), "organisation": world.branch.pk, "on": "2026-11-20", "title": "党章", "hours": hours,
        "members": [world.li.pk],
    }  # fmt: skip
    assert secretary.post("/studies/new/", sent).status_code == 422
