"""Saying when something will be done: it is shown, and changes no duty."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from base.models import AuditRow
from duties.engine.answering import arrange, drop_arrangement
from duties.engine.models import Arrangement, Duty, State
from members.enums import EventKind, Role
from tests.duties.acts import duty, happen, once_in, table
from tests.duties.reading import body, enrol, plain
from tests.world import account, member, post

TODAY = date(2026, 11, 23)
URL = "/duties/arrange/"


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
    form = {"duty": [ref(each) for each in duties], "on": "2026-12-03", "person": "", **more}
    return client.post(URL, form)


def test_several_are_arranged_at_once_and_no_duty_changes(world, secretary, yearly):
    before, other = table(), duty("yearly-talk", world.zhao)
    assert send(secretary, yearly, other, person=world.commissioner.pk).status_code == 302
    assert table() == before
    assert plain(body(secretary.get("/duties/"))).count("安排 12-03 张伟去") == 2
    assert AuditRow.objects.filter(subject__startswith="arrangement").get().detail["n"] == 2


def test_who_goes_where_is_not_for_whom_the_matter_itself_is_hidden_from(world, secretary, sign_in):
    """An inspector reads 关怀事项; day and name would tell more than the row does. A deputy has a hand in it."""
    happen(world.li, EventKind.TENDENCY, date(2026, 11, 20))
    hidden = Duty.objects.get(rule__code="talk-on-tendency", member=world.li)
    arrange(by=account(world.clerk), duties=[hidden], on=date(2026, 12, 3), person=world.secretary, today=TODAY)
    inspector, deputy = member("检查", world.branch), member("何静", world.branch)
    post(inspector, world.committee, Role.INSPECTOR)
    post(deputy, world.branch, Role.DEPUTY_SECRETARY)
    assert "安排 12-03 王海燕去" in plain(body(secretary.get("/duties/")))
    assert "安排 12-03 王海燕去" in plain(body(sign_in(account(deputy)).get("/duties/?tab=here")))
    page = plain(body(sign_in(account(inspector)).get("/duties/?tab=here")))
    assert "关怀事项" in page
    assert "安排" not in page


def test_the_latest_word_stands(secretary, yearly):
    send(secretary, yearly)
    send(secretary, yearly, on="2026-12-05")
    assert Arrangement.objects.get().on == date(2026, 12, 5)


def test_one_gone_by_is_shown_as_such(wang, secretary, yearly):
    Arrangement.objects.create(rule=yearly.rule, key=yearly.key, on=date(2026, 11, 20), given_on=date(2026, 11, 1))
    page = body(secretary.get("/duties/"))
    assert "安排 11-20，已过，还没登记" in plain(page)
    assert "安排 11-20" in plain(body(secretary.get("/duties/why/", {"duty": ref(yearly)})))


def test_taken_back_it_is_forgotten(wang, secretary, yearly):
    arrange(by=wang, duties=[yearly], on=TODAY, person=None, today=TODAY)
    assert "取消安排" in body(secretary.get(URL, {"duty": ref(yearly)}))
    assert "已取消安排" in body(secretary.post("/duties/unarrange/", {"duty": ref(yearly)}, follow=True))
    assert drop_arrangement(by=wang, duties=[yearly], today=TODAY) == 0


@pytest.mark.parametrize("on", [TODAY - timedelta(days=1), TODAY + timedelta(days=367)])
def test_a_day_gone_by_or_too_far_ahead_is_refused(secretary, yearly, on):
    answer = send(secretary, yearly, on=str(on))
    assert answer.status_code == 422
    assert "今天以后、一年以内" in body(answer)
    assert ref(yearly) in body(answer)


def test_who_has_no_post_there_is_not_offered_and_not_taken(world, wang, secretary, yearly):
    page = body(secretary.get(URL, {"duty": ref(yearly)}))
    assert "王海燕（河源第一党支部书记）" in page
    assert "周启明（河源局党总支书记）" in page
    assert "陈晓明" not in page
    assert "林清" not in page
    assert send(secretary, yearly, person=world.sibling_secretary.pk).status_code == 422
    with pytest.raises(ValidationError):
        arrange(by=wang, duties=[yearly], on=TODAY, person=world.sibling_secretary, today=TODAY)
    assert not Arrangement.objects.exists()


def test_nobody_goes_to_himself(world, secretary):
    about = duty("yearly-talk", world.commissioner)
    assert send(secretary, about, person=world.commissioner.pk).status_code == 422


def test_a_double_click_arranges_once(secretary, yearly):
    once = once_in(secretary.get(URL, {"duty": ref(yearly)}))
    assert [send(secretary, yearly, once=once).status_code for _ in range(2)] == [302, 302]
    assert AuditRow.objects.filter(subject__startswith="arrangement").count() == 1


def test_another_branchs_duty_is_not_found(world, secretary):
    assert send(secretary, duty("yearly-talk", world.sun)).status_code == 404
    assert secretary.post("/duties/unarrange/", {"duty": ref(duty("yearly-talk", world.sun))}).status_code == 404


def test_who_may_not_record_is_told_who_may(world, sign_in, yearly):
    reader = member("组长", world.branch)
    post(reader, world.branch, Role.GROUP_LEADER)
    answer = send(sign_in(account(reader)), yearly)
    assert answer.status_code == 403
    assert "安排和转办由" in body(answer)


def test_what_is_about_oneself_is_arranged_by_others(world, secretary):
    assert send(secretary, duty("yearly-talk", world.secretary)).status_code == 403


def test_the_addressee_of_a_request_may_without_any_post_below(world, sign_in):
    happen_request(world)
    asked = Duty.objects.get(rule__code="talk-request")
    assert send(sign_in(account(world.outsider)), asked).status_code == 302


def happen_request(world):
    event = happen(world.li, EventKind.REQUEST, TODAY)
    event.addressee = world.outsider
    event.save()
    Duty.objects.filter(event=event).update(actor=world.outsider)


def test_the_board_has_boxes_and_a_bar_for_those_who_may(world, secretary, sign_in):
    page = body(secretary.get("/duties/"))
    assert page.count('type="checkbox" name="duty"') == page.count('hx-get="/duties/why/')
    assert 'id="answer"' in page
    assert "王海燕（河源第一党支部书记）" in page
    assert 'id="answer"' not in body(secretary.get("/duties/?tab=done"))
    reader = member("组长", world.branch)
    post(reader, world.branch, Role.GROUP_LEADER)
    assert 'type="checkbox" name="duty"' not in body(sign_in(account(reader)).get("/duties/"))


def test_the_board_asks_as_often_with_twenty_arranged_as_with_one(
    world, wang, secretary, yearly, django_assert_max_num_queries
):
    enrol([f"新{number}" for number in range(20)], world.branch)
    arrange(by=wang, duties=[yearly], on=TODAY, person=world.secretary, today=TODAY)
    with django_assert_max_num_queries(60) as one:
        secretary.get("/duties/")
    many = Duty.objects.filter(rule__code="yearly-talk", organisation=world.branch, state=State.OPEN)
    many = list(many.exclude(member=world.secretary).with_sources())
    arrange(by=wang, duties=many, on=TODAY, person=None, today=TODAY)
    with django_assert_max_num_queries(len(one)):
        page = body(secretary.get("/duties/"))
    assert page.count("安排 11-23") > 20
