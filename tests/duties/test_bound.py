"""What binds one person by name: an addressee, an actor, whoever is tied to a member. Seen without any other right."""

from datetime import date

import pytest

from base.dates import today
from duties.engine.models import Duty
from duties.engine.responsible import attach_responsible
from members.enums import EventKind, Role, TieKind
from members.services import register_event
from tests.duties.acts import adopt_pack, sweep_on
from tests.duties.rules import MEMBERS, a_rule
from tests.duties.test_triggers import COMMITTEE, CONTACTS, tie
from tests.world import account, post

NOW = date(2026, 11, 23)


@pytest.fixture
def leader(cast):
    """Somebody with a post that shows him no lists at all."""
    post(cast.zhao, cast.branch, Role.PUBLICITY_COMMISSIONER)
    return account(cast.zhao)


@pytest.fixture
def asked(cast, leader):
    adopt_pack(cast.committee)
    sweep_on(NOW)
    event = register_event(
        by=None, person=cast.li, kind=EventKind.REQUEST, occurred_on=NOW, addressee=cast.zhao, today=today()
    )
    return Duty.objects.get(event=event)


def test_the_addressee_finds_the_request_on_his_own_page(cast, leader, asked, sign_in):
    page = sign_in(leader).get("/me/").content.decode()
    assert "轮到我办的" in page
    assert "答复约谈申请" in page
    assert f"/members/{cast.li.pk}/" not in page, "he has no page of members"
    why = sign_in(leader).get("/duties/why/", {"duty": f"{asked.rule_id}:{asked.key}"})
    assert why.status_code == 200


def test_nobody_else_without_a_right_finds_it(cast, asked, sign_in):
    other = sign_in(account(cast.sun))
    assert "轮到我办的" not in other.get("/me/").content.decode()
    assert other.get("/duties/why/", {"duty": f"{asked.rule_id}:{asked.key}"}).status_code == 404


def test_whoever_is_tied_sees_what_the_rule_asks_of_the_tie_and_nothing_else(cast, leader, sign_in):
    trigger = {"kind": "quota", "times": 1, "per": "year", "counted_per": "member"}
    tied = [MEMBERS, {"condition": "tie", "kind": "contact"}]
    a_rule(cast.committee, trigger, target=tied, responsible={"role": "secretary", "tie": "contact"}, code="tied")
    a_rule(cast.committee, trigger, code="other")
    sweep_on(NOW)
    row = tie(cast.sun, cast.zhao, TieKind.CONTACT)
    assert list(Duty.objects.visible_to(leader).values_list("rule__code", "member")) == [("tied", cast.sun.pk)]
    assert "tied" in sign_in(leader).get("/me/").content.decode()
    row.until = NOW
    row.save()
    assert "轮到我办的" not in sign_in(leader).get("/me/").content.decode(), "the tie ended: gone with the next request"


def test_a_leader_with_a_board_finds_it_among_his_own(cast, sign_in):
    a_rule(cast.committee, CONTACTS, target=[COMMITTEE], code="two-contacts")
    sweep_on(NOW)
    board = sign_in(account(cast.committee_secretary)).get("/duties/?tab=mine").content.decode()
    assert "联系党员应不少于 2 名" in board
    other = sign_in(account(cast.general_secretary)).get("/duties/?tab=here").content.decode()
    assert "two-contacts" not in other


def test_responsible_costs_the_same_for_many(cast, django_assert_num_queries):
    trigger = {"kind": "quota", "times": 1, "per": "year", "counted_per": "member"}
    a_rule(cast.committee, trigger, responsible={"role": "secretary", "tie": "contact"})
    sweep_on(NOW)
    for someone in (cast.li, cast.sun):
        tie(someone, cast.commissioner, TieKind.CONTACT)
    duties = list(Duty.objects.with_sources().order_by("pk"))
    with django_assert_num_queries(4):
        attach_responsible(duties, NOW)
    turns = {duty.member.name: [each.name for each in duty.responsible] for duty in duties}
    assert turns["李建国"] == ["张伟"]
    assert turns["赵秀兰"] == ["王海燕"]
    assert turns["王海燕"] == ["周启明"]
