"""Every page a secretary can come to by clicking: on a telephone, in large type, with the keys alone."""

import re
from collections import deque
from datetime import date
from html import unescape
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from django.urls import Resolver404, resolve
from playwright.sync_api import expect

from base.dates import today
from members.enums import EventKind
from tests.browser.reader import DESK, PHONE
from tests.duties.acts import happen
from tests.visits.campaigns import planned, populate
from tests.world import account
from visits.models import Talk
from visits.services import record_talk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LINK = re.compile(r'<a\b[^>]*\bhref="([^"#]+)')


def pages_from(client) -> dict[str, str]:
    """One address for each page and each set of its questions that links lead to from the workbench."""
    found, waiting = {}, deque(["/"])
    while waiting:
        url = waiting.popleft()
        asked = urlsplit(url)
        try:
            name = " ".join([resolve(asked.path).url_name or "", *sorted(parse_qs(asked.query))])
        except Resolver404:
            continue
        if name in found or asked.netloc:
            continue
        answer = client.get(url)
        if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
            found[name] = url
            body = answer.content.decode()
            waiting.extend(urljoin(url, unescape(link)) for link in LINK.findall(body))
    return found


@pytest.fixture
def busy(world):
    """A branch where things happened: illness, absence, a talk long in words; a campaign before a festival."""
    populate(world)
    planned(world, account(world.clerk))
    happen(world.li, EventKind.ABSENCE, date(2026, 11, 9))
    happen(world.zhao, EventKind.ILLNESS, date(2026, 11, 18))
    record_talk(
        by=None, members=[world.commissioner], on=date(2026, 11, 20), means=Talk.Means.FACE,
        subject=Talk.Subject.YEARLY, text="谈了很久。" * 60, talkers=[world.secretary], today=today(), wish="没有",
    )  # fmt: skip
    return world


def test_every_page_fits_a_telephone_in_either_type(busy, reader, sign_in):
    me = reader(busy.secretary, PHONE)
    pages = pages_from(sign_in(me.account))
    assert len(pages) > 25
    found = {}
    for name, url in pages.items():
        me.open(url)
        trouble = [me.overflow(), *me.hidden()]
        me.page.evaluate("document.documentElement.classList.add('large-type')")
        trouble += [me.overflow(), *me.hidden()]
        if any(trouble):
            found[name] = (url, trouble)
    assert found == {}


def test_large_type_is_chosen_once_and_stays(world, reader):
    me = reader(world.li, PHONE)
    me.open("/me/")
    large = me.page.locator("h1").evaluate("each => getComputedStyle(each).fontSize")
    assert me.overflow() == 0
    me.click("button", "换回普通字")
    me.page.locator("html:not(.large-type)").wait_for()
    me.open("/me/")
    usual = me.page.locator("h1").evaluate("each => getComputedStyle(each).fontSize")
    assert float(large[:-2]) > 1.3 * float(usual[:-2])
    assert me.overflow() == 0


def test_with_the_keys_alone_the_first_stop_is_the_way_to_the_text(world, reader):
    me = reader(world.secretary, DESK)
    me.open()
    me.page.keyboard.press("Tab")
    assert me.focused("href") == "#main"
    skip = me.page.locator(".skip")
    assert skip.bounding_box()["x"] >= 0
    assert skip.evaluate("each => parseFloat(getComputedStyle(each).outlineWidth)") >= 2
    me.page.keyboard.press("Enter")
    me.page.keyboard.press("Tab")
    assert me.page.evaluate("document.getElementById('main').contains(document.activeElement)")


def test_a_refused_form_takes_the_focus_to_what_is_wrong(world, reader):
    me = reader(world.secretary, PHONE)
    me.open(f"/talks/new/?member={world.li.pk}")
    me.click("button", "保存")
    me.sees("没有保存")
    expect(me.page.locator("[data-error-summary]")).to_be_focused()  # once the page's script has run
    me.page.keyboard.press("Tab")
    assert me.focused("href") == "#id_text"
    me.page.keyboard.press("Enter")
    assert me.focused("id") == "id_text"
    described = me.focused("aria-describedby").split()
    assert "请写谈了什么" in me.page.locator(f"#{described[-1]}").inner_text()
    assert me.overflow() == 0
    assert [each.split(":")[0] for each in me.trouble] == ["422", "console"]
    me.trouble.clear()


def test_after_the_session_ended_a_corner_of_the_page_says_so(world, reader):
    me = reader(world.secretary, DESK)
    me.open(f"/talks/new/?member={world.li.pk}")
    me.sees("保存后将办结")
    me.page.context.clear_cookies()
    me.choose("电话")
    me.sees("登录已过期，这里没有更新。请先复制没保存的文字，再重新登录。")
    assert me.page.locator("#closes a").get_attribute("href") == "/sign-in/"
    assert {each.split(":")[0] for each in me.trouble} == {"403", "console"}
    me.trouble.clear()
