"""The inbox: one's own messages and nobody else's, a mark in the bar, read by a click and never by looking."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from duties.notices import outbox
from duties.notices.models import Kind, Message
from members.enums import EventKind, Role
from tests.duties.acts import happen
from tests.world import account, member, post

TODAY = date(2026, 11, 23)


@pytest.fixture
def told(world):
    """Everybody was told this morning."""
    happen(world.li, EventKind.HONOUR, date(2026, 10, 20))
    happen(world.zhao, EventKind.ILLNESS, date(2026, 11, 22))
    for someone in (world.secretary, world.general_secretary, world.clerk):
        account(someone)
    for kind in (Kind.DIGEST, Kind.REVIEW):
        outbox.enqueue(kind, day=TODAY, now=timezone.now())
    outbox.send_waiting(today=TODAY)
    return world


@pytest.fixture
def browser(told, sign_in):
    return sign_in(told.secretary.account)


def test_the_bar_says_how_many_are_unread_and_the_list_shows_them(told, browser, sign_in):
    page = browser.get("/messages/").content.decode()
    assert 'aria-label="消息，1 条未读"' in page
    assert "每日提醒" in page
    assert "逾期 1 件" in page
    assert 'aria-label="消息，2 条未读"' in sign_in(told.general_secretary.account).get("/").content.decode()


def test_looking_reads_nothing_and_a_click_does(told, browser):
    mine = Message.objects.get(recipient=told.secretary)
    page = browser.get(f"/messages/{mine.pk}/").content.decode()
    assert "获得表彰后谈话" in page
    assert "关怀事项" in page
    assert "重病" not in page
    assert not [name for name in ("李建国", "赵秀兰") if name in page]
    assert Message.objects.get(pk=mine.pk).read_at is None
    assert browser.post(f"/messages/{mine.pk}/read/").url == "/messages/"
    first = Message.objects.get(pk=mine.pk).read_at
    assert first
    browser.post(f"/messages/{mine.pk}/read/")
    assert Message.objects.get(pk=mine.pk).read_at == first
    assert "未读" not in browser.get("/messages/").content.decode()


def test_all_at_once(told, sign_in):
    browser = sign_in(told.general_secretary.account)
    assert "已把 2 条消息标为已读" in browser.post("/messages/read/", follow=True).content.decode()
    assert Message.objects.unread().filter(recipient=told.general_secretary).count() == 0
    assert Message.objects.unread().filter(recipient=told.secretary).count() == 1, "of others nothing"


def test_those_of_others_do_not_exist(told, sign_in):
    theirs = Message.objects.get(recipient=told.secretary)
    above = sign_in(told.general_secretary.account)
    assert above.get(f"/messages/{theirs.pk}/").status_code == 404
    assert above.post(f"/messages/{theirs.pk}/read/").status_code == 404
    assert Message.objects.get(pk=theirs.pk).read_at is None


def test_the_weekly_review_is_a_table_of_those_below(told, sign_in):
    review = Message.objects.get(recipient=told.general_secretary, kind=Kind.REVIEW)
    page = sign_in(told.general_secretary.account).get(f"/messages/{review.pk}/").content.decode()
    assert "河源第一党支部" in page
    assert "年度谈话" in page


def test_a_message_of_yesterday_says_that_its_lists_are_of_today(told, browser):
    mine = Message.objects.get(recipient=told.secretary)
    assert "那天早上" not in browser.get(f"/messages/{mine.pk}/").content.decode()
    Message.objects.update(day=date(2026, 11, 22))
    assert "那天早上" in browser.get(f"/messages/{mine.pk}/").content.decode()


def test_many_come_a_page_at_a_time_with_as_many_queries(told, browser, django_assert_max_num_queries):
    with CaptureQueriesContext(connection) as one:
        browser.get("/messages/")
    template = Message.objects.get(recipient=told.secretary)
    for number in range(120):
        template.pk, template.day = None, date.fromordinal(TODAY.toordinal() - 1 - number)
        template.save()
    with django_assert_max_num_queries(len(one)):
        page = browser.get("/messages/").content.decode()
    seen = page.count("2026-")
    cursor = page.partition("after=")[2].partition('"')[0]
    second = browser.get(f"/messages/?after={cursor}").content.decode()
    assert (seen, second.count("2026-")) == (50, 50)
    assert browser.get("/messages/?after=soup").content.decode().count("2026-") == 50


def test_nobody_with_nothing_to_do_has_an_empty_inbox_that_says_why(cast, sign_in):
    page = sign_in(account(cast.li)).get("/messages/").content.decode()
    assert "还没有消息" in page
    assert "条未读" not in page


def test_an_administrator_has_an_inbox_too(cast, sign_in):
    someone = member("系统员", cast.direct)
    post(someone, cast.committee, Role.SYSTEM_ADMINISTRATOR)
    assert sign_in(account(someone)).get("/messages/").status_code == 200
