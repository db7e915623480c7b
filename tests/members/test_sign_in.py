"""Signing in and out: one sentence for every refusal, a lock, an end to every session, and all of it written down."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.urls import reverse

from base.models import AuditRow
from tests.world import PASSWORD, account

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
Act = AuditRow.Act


@pytest.fixture
def wang(cast):
    return account(cast.secretary, "wang")


def enter(client, username="wang", password=PASSWORD, **more):
    return client.post(reverse("sign_in"), {"username": username, "password": password, **more})


def body(response) -> str:
    return response.content.decode()


def test_name_and_password_open_the_workbench(wang, client):
    assert enter(client).url == reverse("desk")
    assert client.get("/").status_code == 200
    row = AuditRow.objects.get(act=Act.SIGN_IN)
    assert (row.subject, row.allowed, row.actor) == (f"account:{wang.pk}", True, "王海燕")


def test_the_session_is_a_new_one_after_signing_in(wang, client):
    client.get(reverse("sign_in"))
    before = client.session.session_key
    enter(client)
    assert before
    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


@pytest.mark.parametrize(("username", "password"), [("wang", "wrong"), ("nobody", PASSWORD), ("", ""), ("wang\0", "x")])
def test_every_refusal_reads_the_same(wang, client, username, password):
    response = enter(client, username, password)
    assert response.status_code == 422
    assert "账号或密码不对。" in body(response)
    assert AuditRow.objects.get(act=Act.SIGN_IN).allowed is False


def test_an_account_that_was_closed_is_refused_in_the_same_words(wang, client):
    wang.is_active = False
    wang.save()
    assert "账号或密码不对。" in body(enter(client))


def test_what_was_typed_as_name_stays_and_the_password_does_not(wang, client):
    response = body(enter(client, "wang", "secret-typed"))
    assert 'value="wang"' in response
    assert "secret-typed" not in response


def test_the_tries_left_are_counted_down_to_a_lock_that_says_until_when(wang, client):
    assert "再错 4 次" in body(enter(client, password="wrong"))
    for _ in range(3):
        last = enter(client, password="wrong")
    assert "再错 1 次" in body(last)
    locked = enter(client, password="wrong")
    assert locked.status_code == 429
    assert "10:15 以后可以再试" in body(locked)
    assert enter(client).status_code == 429
    with time_machine.travel(NOW + timedelta(minutes=16)):
        assert enter(client).status_code == 302


def test_the_lock_is_on_account_and_address_together(wang, cast, client):
    account(cast.li, "li")
    for _ in range(5):
        enter(client, password="wrong")
    assert enter(client, "li").status_code == 302
    elsewhere = client.post(reverse("sign_in"), {"username": "wang", "password": PASSWORD}, REMOTE_ADDR="192.0.2.7")
    assert elsewhere.status_code == 302


@pytest.mark.parametrize(
    ("asked", "goes"), [("/members/", "/members/"), ("https://example.org/", "/"), ("//example.org", "/")]
)
def test_one_comes_back_to_the_page_one_asked_for_and_to_no_other_site(wang, client, asked, goes):
    assert enter(client, next=asked).url == goes


def test_signing_out_is_a_post_and_ends_the_session_on_the_server(wang, client):
    enter(client)
    key = client.session.session_key
    assert client.get(reverse("sign_out")).status_code == 405
    assert client.post(reverse("sign_out")).url == reverse("sign_in")
    assert not Session.objects.filter(session_key=key).exists()
    assert client.get("/").status_code == 302
    assert AuditRow.objects.get(act=Act.SIGN_OUT).actor == "王海燕"


def test_half_an_hour_without_a_page_ends_the_session_and_pages_prolong_it(wang, client):
    enter(client)
    for minutes in (20, 40, 60):
        with time_machine.travel(NOW + timedelta(minutes=minutes)):
            assert client.get("/").status_code == 200
    with time_machine.travel(NOW + timedelta(minutes=60 + 31)):
        assert client.get("/").status_code == 302


def test_eight_hours_end_every_session(wang, client):
    enter(client)
    for minutes in range(20, 8 * 60, 20):
        with time_machine.travel(NOW + timedelta(minutes=minutes)):
            assert client.get("/me/").status_code == 200
    with time_machine.travel(NOW + timedelta(hours=8)):
        assert client.get("/me/").url == reverse("sign_in")
        assert client.get("/me/").status_code == 302


def test_a_busy_session_is_not_written_for_each_page(wang, client, django_assert_num_queries):
    enter(client)
    client.get("/me/")
    before = Session.objects.get().session_data
    client.get("/me/")
    assert Session.objects.get().session_data == before
    with time_machine.travel(NOW + timedelta(seconds=61)):
        client.get("/me/")
    assert Session.objects.get().session_data != before


def test_a_fragment_after_the_end_sends_the_whole_browser_to_sign_in(wang, client):
    response = client.get(reverse("sign_in"), headers={"HX-Request": "true"})
    assert response["HX-Redirect"] == reverse("sign_in")


def test_those_who_are_in_are_not_asked_again(wang, client):
    enter(client)
    assert client.get(reverse("sign_in")).url == reverse("desk")


def test_there_is_no_demo_door_outside_the_demo(cast, client):
    demo = account(cast.secretary, "demo-secretary")
    assert "演示账号" not in body(client.get(reverse("sign_in")))
    assert client.post(reverse("demo_sign_in"), {"account": demo.pk}).status_code == 404


def test_one_click_enters_an_invented_account_and_no_other(cast, client, settings):
    settings.DEMO = True
    demo, real = account(cast.secretary, "demo-secretary"), account(cast.li, "li")
    page = body(client.get(reverse("sign_in")))
    assert "河源第一党支部书记" in page
    assert "李建国" not in page
    assert 'aria-label="登录：王海燕"' in page
    for wrong in (real.pk, 0, "x", ""):
        assert client.post(reverse("demo_sign_in"), {"account": wrong}).status_code == 404
    assert client.get(reverse("demo_sign_in")).status_code == 405
    assert client.post(reverse("demo_sign_in"), {"account": demo.pk}).url == reverse("desk")
    assert AuditRow.objects.get(act=Act.SIGN_IN).subject == f"account:{demo.pk}"
