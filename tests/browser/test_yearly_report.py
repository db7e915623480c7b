"""述职: the button that copies the words puts on the clipboard what the page says."""

import pytest
from playwright.sync_api import expect

from tests.browser.reader import DESK

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_words_are_copied_as_they_stand(world, reader):
    me = reader(world.secretary, DESK, permissions=["clipboard-read", "clipboard-write"])
    me.open("/yearly/")
    me.click("button", "复制文字")
    expect(me.page.get_by_role("button", name="已复制")).to_be_visible()
    copied = me.page.evaluate("navigator.clipboard.readText()")
    assert copied == me.page.locator("#yearly-text").inner_text()
    assert "一、谈心谈话" in copied
