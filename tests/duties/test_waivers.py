"""Waiving: who may, what is written beside it, how it is taken back."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from base.models import AuditRow
from duties.board.refs import ref_of
from duties.engine.answering import take_back_waiver, waive
from duties.engine.models import Duty, State, Waiver
from members.enums import EventKind, Role
from tests.duties.acts import duty, happen, once_in, rebuilt, table, talk
from tests.duties.reading import body, enrol, plain
from tests.world import account, member, post

TODAY = date(2026, 11, 23)
URL = "/duties/waive/"


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
    form = {"duty": [ref(each) for each in duties], "why": "away", "text": "", **more}
    return client.post(URL, form)


def test_a_waived_duty_is_waived_at_once_and_stays_so_in_a_clean_run(yearly, wang):
    waive(by=wang, duties=[yearly], reason="长期在外无法联系", today=TODAY)
    yearly.refresh_from_db()
    assert yearly.state == State.WAIVED
    assert table() == rebuilt(TODAY)


def test_taken_back_it_is_owed_again(yearly, wang):
    waive(by=wang, duties=[yearly], reason="长期在外无法联系", today=TODAY)
    assert take_back_waiver(by=wang, duties=[yearly], today=TODAY) == 1
    yearly.refresh_from_db()
    assert yearly.state == State.OPEN
    assert take_back_waiver(by=wang, duties=[yearly], today=TODAY) == 0


def test_the_first_reason_stands(yearly, wang):
    Waiver.objects.create(rule=yearly.rule, key=yearly.key, reason="先写的", given_on=TODAY)
    waive(by=wang, duties=[yearly], reason="后写的", today=TODAY)
    assert Waiver.objects.get().reason == "先写的"


@pytest.mark.parametrize("reason", ["", "  "])
def test_without_a_reason_nothing_is_waived(yearly, wang, reason):
    with pytest.raises(ValidationError):
        waive(by=wang, duties=[yearly], reason=reason, today=TODAY)
    assert not Waiver.objects.exists()


def test_what_is_done_is_not_waived(world, yearly, wang):
    talk(world.li, world.secretary, on=TODAY)
    with pytest.raises(ValidationError):
        waive(by=wang, duties=[yearly], reason="长期在外无法联系", today=TODAY)
    assert not Waiver.objects.exists()


def test_the_page_waives_several_and_lists_them_with_name_and_reason(world, secretary, yearly):
    other = duty("yearly-talk", world.zhao)
    assert send(secretary, yearly, other, text="外出务工").status_code == 302
    page = plain(body(secretary.get("/duties/?tab=closed")))
    assert page.count("王海燕 11-23 决定免办，理由：长期在外无法联系，外出务工") == 2
    assert "恢复" in page
    (row,) = AuditRow.objects.filter(act="waive")
    assert row.detail["n"] == 2
    assert "外出" not in f"{row.subject}{row.reason}{row.detail}"


def test_other_reasons_are_written_out(secretary, yearly):
    answer = send(secretary, yearly, why="other")
    assert answer.status_code == 422
    assert "请写明理由" in body(answer)
    assert ref(yearly) in body(answer)
    assert send(secretary, yearly, why="other", text="支部大会同意").status_code == 302
    assert Waiver.objects.get().reason == "支部大会同意"


def test_restored_from_the_list_it_is_open(secretary, yearly):
    send(secretary, yearly)
    answer = secretary.post("/duties/restore/", {"duty": ref(yearly)}, follow=True)
    yearly.refresh_from_db()
    assert (yearly.state, Waiver.objects.count()) == (State.OPEN, 0)
    assert "已恢复" in body(answer)
    assert "已经恢复过" in body(secretary.post("/duties/restore/", {"duty": ref(yearly)}, follow=True))


def test_a_double_click_waives_once(secretary, yearly):
    once = once_in(secretary.get(URL, {"duty": ref(yearly)}))
    first, second = (send(secretary, yearly, once=once) for _ in range(2))
    assert (first.status_code, second.status_code, first.url) == (302, 302, second.url)
    assert Waiver.objects.count() == 1
    assert AuditRow.objects.filter(act="waive").count() == 1


def test_the_bar_asks_with_what_was_ticked(world, secretary, yearly):
    answer = secretary.post(URL, {"duty": [ref(yearly)], "ask": "1", "back": "tab=here&q=李&x=1"})
    assert answer.status_code == 200
    assert "没有保存" not in body(answer)
    assert 'href="/duties/?tab=here"' in body(answer)


@pytest.mark.parametrize("url", [URL, "/duties/restore/", "/duties/arrange/", "/duties/hand-on/"])
def test_nothing_ticked_is_said(secretary, url):
    assert "还没有勾选" in body(secretary.post(url, {"ask": "1"}, follow=True))


def test_another_branchs_duty_is_not_found_and_a_mixed_choice_saves_nothing(world, secretary, yearly):
    far = duty("yearly-talk", world.sun)
    assert secretary.get(URL, {"duty": ref(far)}).status_code == 404
    assert send(secretary, far).status_code == 404
    assert send(secretary, yearly, far).status_code == 404
    assert secretary.post("/duties/restore/", {"duty": ref(far)}).status_code == 404
    assert not Waiver.objects.exists()


@pytest.mark.parametrize("text", ["", "x", "1:", "1:m5:2026'--", "9" * 40 + ":m1:2026", "1$2", "0:m0:2026"])
def test_a_garbled_name_is_not_found(secretary, text):
    assert secretary.get(URL, {"duty": text}).status_code == 404


@pytest.mark.parametrize("role", [Role.DEPUTY_SECRETARY, Role.ORGANISATION_COMMISSIONER])
def test_who_does_not_decide_is_told_who_does(world, yearly, sign_in, role):
    other = member("钱进", world.branch)
    post(other, world.branch, role)
    client = sign_in(account(other))
    answer = send(client, yearly)
    assert answer.status_code == 403
    assert "副书记和委员不能免办" in body(answer)
    assert "免办（写明原因）" not in body(client.get("/duties/why/", {"duty": ref(yearly)}))
    assert not Waiver.objects.exists()


def test_nobody_waives_what_is_about_himself(world, secretary):
    own = duty("yearly-talk", world.secretary)
    assert send(secretary, own).status_code == 403
    assert not Waiver.objects.exists()


def test_the_department_waives_below(world, sign_in, yearly):
    assert send(sign_in(account(world.clerk)), yearly).status_code == 302
    assert Waiver.objects.get().given_by == world.clerk


def test_a_hidden_duty_is_waived_by_nobody_who_may_not_know_it(world, sign_in):
    happen(world.li, EventKind.TENDENCY, TODAY)
    hidden = Duty.objects.get(rule__code="talk-on-tendency")
    viewer = account(world.commissioner)
    client = sign_in(viewer)
    assert client.get(URL, {"duty": ref(hidden)}).status_code == 404
    assert client.get(URL, {"duty": ref_of(hidden, viewer, hidden=True)}).status_code == 403


def test_the_form_asks_as_often_for_twenty_as_for_one(world, secretary, yearly, django_assert_max_num_queries):
    with django_assert_max_num_queries(60) as one:
        secretary.get(URL, {"duty": ref(yearly)})
    enrol([f"新{number}" for number in range(20)], world.branch)
    many = Duty.objects.filter(rule__code="yearly-talk", organisation=world.branch, state=State.OPEN)
    many = [ref(each) for each in many.exclude(member=world.secretary).order_by("pk")]
    assert len(many) > 20
    with django_assert_max_num_queries(len(one)):
        assert secretary.get(URL, {"duty": many}).status_code == 200


def test_why_leads_to_the_form(secretary, yearly):
    page = body(secretary.get(reverse("duty_why"), {"duty": ref(yearly)}))
    assert f"/duties/waive/?duty={yearly.rule_id}%3A" in page
