"""Numbers from addresses: whatever is typed, a page opens or is not found; nothing breaks."""

import pytest
from django.urls import reverse

from tests.world import account

WRONG = ["9" * 19, "9" * 30, "9" * 5000, "-1", "0", "1.5", "abc", "²", "٣", "", "1~", "9~" + "9" * 40, "~" * 3]

LISTS = [
    ("/", "organisation"),
    ("/duties/", "organisation"),
    ("/duties/", "rule"),
    ("/duties/", "due"),
    ("/duties/", "after"),
    ("/duties/?tab=done", "after"),
    ("/duties/?tab=closed", "after"),
    ("/duties/why/", "duty"),
    ("/members/", "organisation"),
    ("/members/", "month"),
    ("/members/", "after"),
    ("/talks/", "organisation"),
    ("/talks/", "after"),
    ("/talks/new/", "member"),
    ("/talks/new/", "duty"),
    ("/events/new/", "member"),
    ("/ledgers/duties/", "organisation"),
    ("/organisations/", "after"),
    ("/posts/", "after"),
    ("/posts/?past=1", "after"),
]
CURSORS = ["2026-01-01~{}", "1~2026-01-01~{}", "{}~2026-01-01~1", "0001~{}", "0001.{}", "{}.1"]


@pytest.fixture
def clerk(world, sign_in):
    return sign_in(account(world.clerk))


@pytest.mark.parametrize(("url", "name"), LISTS)
def test_a_page_opens_or_is_not_found_whatever_number_is_asked_for(world, clerk, url, name):
    cursors = [cursor.format("9" * digits) for cursor in CURSORS for digits in (19, 5000)]
    for text in WRONG + cursors * (name == "after"):
        page = clerk.get(f"{url}{'&' if '?' in url else '?'}{name}={text}")
        assert page.status_code in (200, 404), text[:40]


@pytest.mark.parametrize("number", WRONG)
def test_no_event_has_a_number_that_nobody_gave(world, clerk, number):
    url = f"/members/{world.li.pk}/reveal/?field=note-{number}"
    assert clerk.get(url).status_code == 404


@pytest.mark.parametrize("number", ["9" * 19, "9" * 5000])
@pytest.mark.parametrize(
    "url",
    [
        "/members/{}/", "/members/{}/reveal/", "/talks/{}/", "/talks/{}/withdraw/", "/events/{}/withdraw/",
        "/clauses/{}/", "/organisations/{}/", "/organisations/{}/events/", "/duties/tie/?duty={}",
        "/events/organisation/?organisation={}",
    ],
)  # fmt: skip
def test_a_page_of_an_impossible_number_is_not_found(world, clerk, url, number):
    assert clerk.get(url.format(number)).status_code == 404


@pytest.mark.parametrize("number", WRONG)
def test_the_demo_knows_no_account_of_an_impossible_number(world, client, settings, number):
    settings.DEMO = True
    assert client.post(reverse("demo_sign_in"), {"account": number}).status_code == 404
