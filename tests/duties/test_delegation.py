"""Handing on: whose turn it is then, on every page and in every message; who sees it; taking it back."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from base.models import AuditRow
from duties.board.asked import own_rows
from duties.board.desk import counts_for_rail
from duties.board.groups import owes
from duties.board.words import describe, with_words
from duties.engine.answering import arrange, hand_on, take_back_delegation
from duties.engine.models import Delegation, Duty
from duties.engine.responsible import attach_responsible, owed_by
from duties.notices.owing import owing
from duties.policy.models import Rule
from members.enums import EventKind, Role
from members.models import Account, Post
from members.services import register_event
from tests.duties.acts import adopt_pack, duty, happen, once_in, sweep_on
from tests.duties.reading import body, enrol, plain
from tests.world import account, member, post

TODAY = date(2026, 11, 23)
URL = "/duties/hand-on/"


@pytest.fixture
def wang(world):
    return account(world.secretary, "wang")


@pytest.fixture
def secretary(wang, sign_in):
    return sign_in(wang)


@pytest.fixture
def yearly(world):
    return duty("yearly-talk", world.li)


def ref(found: Duty) -> str:
    return f"{found.rule_id}:{found.key}"


def send(client, *duties, **more):
    return client.post(URL, {"duty": [ref(each) for each in duties], "reason": "", **more})


def anew(person) -> Account:
    """The account as the next request finds it."""
    return Account.objects.get(person=person)


def mine(person) -> set[str]:
    return {f"{row.rule}:{Duty.objects.get(pk=row.pk).key}" for row in own_rows(anew(person), TODAY)}


def test_it_is_the_others_turn_everywhere(world, wang, yearly):
    account(world.commissioner)
    before = counts_for_rail(anew(world.secretary), TODAY)
    hand_on(by=wang, duties=[yearly], to=world.commissioner, reason="出差", today=TODAY)
    (row,) = attach_responsible(list(Duty.objects.with_sources().filter(pk=yearly.pk)), TODAY)
    assert row.responsible == [world.commissioner]
    assert ref(yearly) in mine(world.commissioner)
    assert ref(yearly) not in mine(world.secretary)
    assert owes(anew(world.commissioner))
    assert counts_for_rail(anew(world.secretary), TODAY) == before
    assert owing(TODAY)[world.commissioner.pk].by_rule
    (line,) = describe(with_words(Duty.objects.filter(pk=yearly.pk)), anew(world.commissioner), TODAY)
    assert (line.names, line.handed) == ("张伟", "王海燕 11-23 转给张伟")


def test_an_overdue_one_moves_from_rail_to_rail(world, wang):
    happen(world.li, EventKind.ABSENCE, date(2026, 11, 9))
    account(world.commissioner)
    assert counts_for_rail(anew(world.secretary), TODAY)[0] == 1
    found = Duty.objects.get(rule__code="talk-on-absence-or-dues")
    hand_on(by=wang, duties=[found], to=world.commissioner, reason="", today=TODAY)
    assert counts_for_rail(anew(world.secretary), TODAY)[0] == 0
    assert counts_for_rail(anew(world.commissioner), TODAY)[0] == 1


def test_messages_and_lists_count_alike_for_everybody(world, wang, yearly):
    """The three ways of asking whose turn it is agree: of a page, of one person, of everybody at once."""
    hand_on(by=wang, duties=[yearly], to=world.general_secretary, reason="", today=TODAY)
    counted = {person: sum(each.by_rule.values()) for person, each in owing(TODAY).items()}
    for_one = owing(TODAY, [world.general_secretary.pk, world.secretary.pk])
    assert {pk: sum(each.by_rule.values()) for pk, each in for_one.items()} == {pk: counted[pk] for pk in for_one}
    told: dict[int, set] = {}
    running = Duty.objects.open().filter(opens_on__lte=TODAY, closes_on__gte=TODAY)
    for row in attach_responsible(list(running.with_sources().order_by("pk")), TODAY):
        for person in row.responsible:
            told.setdefault(person.pk, set()).add(row.pk)
    assert {person: len(pks) for person, pks in told.items()} == counted
    rules = list(Rule.objects.all())
    for person, pks in told.items():
        found = running.filter(owed_by(Account(person_id=person).scope, rules))
        assert set(found.values_list("pk", flat=True)) == pks


def test_who_has_no_sight_of_the_branch_sees_what_was_handed_on_and_nothing_else(world, wang, yearly, sign_in):
    helper = member("宣传", world.branch)
    post(helper, world.branch, Role.PUBLICITY_COMMISSIONER)
    client = sign_in(account(helper))
    assert client.get("/duties/why/", {"duty": ref(yearly)}).status_code == 404
    hand_on(by=wang, duties=[yearly], to=helper, reason="", today=TODAY)
    assert client.get("/duties/why/", {"duty": ref(yearly)}).status_code == 200
    assert client.get("/duties/why/", {"duty": ref(duty("yearly-talk", world.zhao))}).status_code == 404
    assert "轮到我办的 1 件" in plain(body(client.get("/me/"))).replace("  ", " ")
    take_back_delegation(by=wang, duties=[yearly], today=TODAY)
    assert client.get("/duties/why/", {"duty": ref(yearly)}).status_code == 404


def test_the_page_hands_several_on_and_they_leave_ones_list(world, secretary, yearly):
    other = duty("yearly-talk", world.zhao)
    answer = secretary.post(
        URL, {"duty": [ref(yearly), ref(other)], "to": world.commissioner.pk, "reason": "出差"}, follow=True
    )
    assert "已把 2 件转给张伟办理" in body(answer)
    assert "李建国" not in body(answer).split("</header>")[1].split("<table")[-1]
    assert plain(body(secretary.get("/duties/?tab=here"))).count("王海燕 11-23 转给张伟") == 2
    (row,) = AuditRow.objects.filter(subject__startswith="delegation")
    assert (row.detail["n"], row.reason) == (2, "")


def test_of_what_was_arranged_the_day_stands_and_not_who_goes(world, wang, yearly):
    arrange(by=wang, duties=[yearly], on=TODAY, person=world.secretary, today=TODAY)
    hand_on(by=wang, duties=[yearly], to=world.commissioner, reason="", today=TODAY)
    (line,) = describe(with_words(Duty.objects.filter(pk=yearly.pk)), wang, TODAY)
    assert line.arranged == "安排 11-23"


def test_whoever_is_only_bound_by_name_is_offered_whom_he_may_know(world, sign_in):
    register_event(
        by=account(world.li), person=world.li, kind=EventKind.REQUEST, occurred_on=TODAY,
        addressee=world.general_secretary, today=TODAY,
    )  # fmt: skip
    Post.objects.filter(person=world.general_secretary).update(role=Role.COMMISSIONER)
    asked = Duty.objects.get(rule__code="talk-request")
    page = body(sign_in(account(world.general_secretary)).get(URL, {"duty": ref(asked)}))
    assert "高远" in page
    assert "张伟（" not in page


def test_handed_on_again_it_is_the_latest_ones(world, wang, yearly):
    for to in (world.commissioner, world.general_secretary):
        hand_on(by=wang, duties=[yearly], to=to, reason="", today=TODAY)
    assert Delegation.objects.get().to == world.general_secretary


def test_taken_back_it_is_ones_own_turn(world, secretary, yearly):
    send(secretary, yearly, to=world.commissioner.pk)
    assert "收回，仍由原来的责任人办" in body(secretary.get(URL, {"duty": ref(yearly)}))
    assert "已收回" in body(secretary.post("/duties/take-back/", {"duty": ref(yearly)}, follow=True))
    assert ref(yearly) in mine(world.secretary)
    assert "没有转给别人" in body(secretary.post("/duties/take-back/", {"duty": ref(yearly)}, follow=True))


def test_who_it_was_handed_on_to_may_give_it_back(world, wang, sign_in):
    helper = member("宣传", world.branch)
    post(helper, world.branch, Role.PUBLICITY_COMMISSIONER)
    found = duty("yearly-talk", world.li)
    hand_on(by=wang, duties=[found], to=helper, reason="", today=TODAY)
    assert sign_in(account(helper)).post("/duties/take-back/", {"duty": ref(found)}).status_code == 302
    assert not Delegation.objects.exists()


def test_nobody_is_handed_what_is_about_himself(world, wang, secretary):
    about = duty("yearly-talk", world.commissioner)
    assert "张伟（" not in body(secretary.get(URL, {"duty": ref(about)}))
    assert send(secretary, about, to=world.commissioner.pk).status_code == 422
    with pytest.raises(ValidationError, match="关于张伟本人"), transaction.atomic():
        hand_on(by=wang, duties=[about], to=world.commissioner, reason="", today=TODAY)
    assert not Delegation.objects.exists()


def test_who_holds_no_party_post_there_is_not_taken(world, wang, secretary, yearly):
    page = body(secretary.get(URL, {"duty": ref(yearly)}))
    assert "张伟（河源第一党支部组织委员）" in page
    assert "林清" not in page
    for other in (world.sibling_secretary, world.clerk, world.zhao):
        assert send(secretary, yearly, to=other.pk).status_code == 422
        with pytest.raises(ValidationError), transaction.atomic():
            hand_on(by=wang, duties=[yearly], to=other, reason="", today=TODAY)
    assert not Delegation.objects.exists()


def test_of_two_branches_only_those_above_both_are_offered(world, sign_in, yearly):
    page = body(sign_in(account(world.clerk)).get(URL, {"duty": [ref(yearly), ref(duty("yearly-talk", world.sun))]}))
    assert "周启明" in page
    assert "张伟（" not in page


def test_what_binds_a_leader_by_name_or_asks_for_a_state_is_not_handed_on(cast):
    adopt_pack(cast.committee, whole=True)
    sweep_on(TODAY)
    by = account(cast.committee_secretary)
    bound = Duty.objects.filter(actor__isnull=False).with_sources()
    assert bound
    for found in bound:
        others = [each for each in (cast.general_secretary, cast.committee_secretary) if each.pk != found.actor_id]
        with pytest.raises(ValidationError), transaction.atomic():
            hand_on(by=by, duties=[found], to=others[0], reason="", today=TODAY)


def test_the_addressee_of_a_request_hands_it_on(world, sign_in):
    register_event(
        by=account(world.li), person=world.li, kind=EventKind.REQUEST, occurred_on=TODAY,
        addressee=world.general_secretary, today=TODAY,
    )  # fmt: skip
    asked = Duty.objects.get(rule__code="talk-request")
    assert asked.actor == world.general_secretary
    client = sign_in(account(world.general_secretary))
    assert send(client, asked, to=world.commissioner.pk).status_code == 302
    account(world.commissioner)
    assert ref(asked) in mine(world.commissioner)
    assert ref(asked) not in mine(world.general_secretary)


def test_a_double_click_hands_on_once(world, secretary, yearly):
    once = once_in(secretary.get(URL, {"duty": ref(yearly)}))
    assert [send(secretary, yearly, to=world.commissioner.pk, once=once).status_code for _ in range(2)] == [302, 302]
    assert AuditRow.objects.filter(subject__startswith="delegation").count() == 1


def test_another_branchs_duty_is_not_found(world, secretary):
    far = duty("yearly-talk", world.sun)
    assert secretary.get(URL, {"duty": ref(far)}).status_code == 404
    assert send(secretary, far, to=world.commissioner.pk).status_code == 404
    assert secretary.post("/duties/take-back/", {"duty": ref(far)}).status_code == 404


def test_who_may_not_record_is_told_who_may(world, sign_in, yearly):
    reader = member("组长", world.branch)
    post(reader, world.branch, Role.GROUP_LEADER)
    answer = send(sign_in(account(reader)), yearly, to=world.commissioner.pk)
    assert answer.status_code == 403
    assert "安排和转办由" in body(answer)
    assert not Delegation.objects.exists()


def test_pages_ask_as_often_for_twenty_handed_on_as_for_one(
    world, wang, yearly, sign_in, django_assert_max_num_queries
):
    enrol([f"新{number}" for number in range(20)], world.branch)
    hand_on(by=wang, duties=[yearly], to=world.commissioner, reason="", today=TODAY)
    client = sign_in(account(world.commissioner))
    asked = {}
    for page in ("/duties/", "/", "/duties/?tab=here"):
        with django_assert_max_num_queries(70) as asked[page]:
            client.get(page)
    many = Duty.objects.open().filter(rule__code="yearly-talk", organisation=world.branch)
    many = list(many.exclude(member__in=[world.secretary, world.commissioner]).with_sources())
    assert len(many) > 20
    hand_on(by=wang, duties=many, to=world.commissioner, reason="", today=TODAY)
    for page, few in asked.items():
        with django_assert_max_num_queries(len(few)):
            client.get(page)


def test_without_any_handing_on_the_condition_is_as_lean_as_before(world, wang):
    condition = owed_by(wang.scope, list(Rule.objects.all()))
    assert "delegation" not in str(Duty.objects.filter(condition).query)
