"""What is typed and not saved comes back, whatever happened to the page meanwhile."""

import pytest
from playwright.sync_api import expect

from base.models import Draft
from members.models import Event
from tests.browser.reader import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TYPED = "胃部手术，家里没有人陪护。"


@pytest.fixture
def me(world, reader):
    me = reader(world.secretary, PHONE)
    me.open(f"/events/new/?member={world.li.pk}")
    return me


def test_what_was_typed_outlives_a_reload_and_goes_when_it_is_saved(me):
    me.choose("身患严重疾病")
    me.type("说明", TYPED)
    me.sees("已存，只有你自己看得到")
    me.page.reload()
    me.sees("上次没保存的内容")
    expect(me.page.get_by_label("说明")).to_have_value(TYPED)
    expect(me.page.get_by_label("身患严重疾病")).to_be_checked()
    stored = me.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "手术" not in stored
    me.click("button", "登记")
    me.sees("已登记")
    assert Event.objects.get().note == TYPED
    assert not Draft.objects.exists()


def test_whoever_leaves_at_once_loses_nothing(me):
    url = me.page.url.removeprefix(me.home)
    me.type("说明", TYPED)
    me.open("/me/")
    me.open(url)
    expect(me.page.get_by_label("说明")).to_have_value(TYPED)
    me.click("button", "不要了")
    expect(me.page.get_by_label("说明")).to_have_value("")
    assert not Draft.objects.exists()


def test_after_the_session_ended_the_text_comes_back_twice(me, world, reader):
    me.choose("身患严重疾病")
    me.type("说明", TYPED)
    me.sees("已存")
    me.page.context.clear_cookies()
    me.type("说明", "再补一句。")
    me.sees("草稿没有存上：登录已过期")
    me.click("button", "登记")
    me.sees("写好的文字在下面")
    assert me.page.locator("textarea").input_value().endswith("再补一句。")
    me.trouble.clear()
    me.sign_in()
    me.open(f"/events/new/?member={world.li.pk}")
    expect(me.page.get_by_label("说明")).to_have_value(TYPED)
