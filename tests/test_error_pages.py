"""Refusals, as a page and as a corner of one."""

import pytest
from django.test import Client

from members.middleware import LONGEST, STARTED
from tests.world import account

pytestmark = pytest.mark.django_db
HTMX = {"hx-request": "true"}


@pytest.fixture
def browser(cast):
    """The secretary's browser, which checks where a form came from."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(account(cast.secretary), backend="members.backends.AccountBackend")
    return client


def test_a_corner_of_a_page_says_that_the_page_is_too_old(cast, browser):
    answer = browser.post("/talks/new/", {"member": cast.li.pk, "preview": "1", "text": "没写完"}, headers=HTMX)
    body = answer.content.decode()
    assert answer.status_code == 403
    assert "这一页打开太久了，这里没有更新。请先复制没保存的文字，再重新打开这一页。" in body
    assert "<html" not in body


def test_a_corner_of_a_page_says_that_the_session_has_ended(cast, browser):
    session = browser.session
    session[STARTED] = session.get(STARTED, 0) - LONGEST
    session.save()
    answer = browser.post("/talks/new/", {"member": cast.li.pk, "preview": "1"}, headers=HTMX)
    body = answer.content.decode()
    assert answer.status_code == 403
    assert "登录已过期，这里没有更新。请先复制没保存的文字，再重新登录。" in body
    assert '<a class="small nowrap" href="/sign-in/">去登录</a>' in body


def test_a_whole_page_gives_back_what_was_written(cast, browser):
    answer = browser.post("/talks/new/", {"member": cast.li.pk, "text": "没写完"})
    body = answer.content.decode()
    assert answer.status_code == 403
    assert "没写完</textarea>" in body
    assert "存过的草稿会填回来" in body


def test_what_one_may_not_do_is_said_in_the_corner_too(cast, sign_in):
    client = sign_in(account(cast.li))
    page, corner = client.get("/talks/new/"), client.get("/talks/new/", headers=HTMX)
    assert (page.status_code, corner.status_code) == (403, 403)
    assert "<html" in page.content.decode()
    assert "<html" not in corner.content.decode()
    said = page.content.decode().partition("<h1>不能这样做</h1><p>")[2].partition("</p>")[0]
    assert said
    assert said in corner.content.decode()
