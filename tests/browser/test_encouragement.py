"""A selection from its places to the honour it makes; the clerk at a desk, the branch's secretary by phone."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine

from awards.models import Honour, Selection
from tests.browser.reader import DESK, PHONE
from tests.visits.campaigns import make_tasks_duties

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def on(day: int, month: int):
    return time_machine.travel(datetime(2026, month, day, 10, tzinfo=ZoneInfo("Asia/Shanghai")), tick=False)


def filled(reader, **values: str) -> None:
    """Type into the fields of these names."""
    for name, value in values.items():
        reader.page.locator(f'[name="{name}"]:visible').fill(value)


def ready(reader) -> None:
    reader.page.wait_for_load_state()
    assert reader.overflow() == 0


def test_a_selection_is_begun_nominated_decided_shown_and_becomes_an_honour(world, reader):
    make_tasks_duties(world)
    clerk, secretary = reader(world.clerk, DESK), reader(world.secretary, PHONE)
    clerk.open("/selections/")
    clerk.click("link", "开始一次评选")
    clerk.click("button", "开始评选")
    clerk.sees("已开始，推荐名额按党员人数分好了")
    ready(clerk)
    clerk.click("button", "保存名额")
    clerk.click("link", "请支部推荐")
    clerk.click("button", "请支部推荐")
    clerk.sees("已请 3 个党组织推荐")
    here = f"/selections/{Selection.objects.get().pk}/"

    secretary.open("/")
    secretary.click("link", "以后到期")
    secretary.click("link", "去推荐")
    ready(secretary)
    secretary.click("link", "推荐", within=secretary.page.locator("main"))
    secretary.page.locator('[name="subject"]').select_option(str(world.li.pk))
    filled(secretary, on="2026-11-23", expected="12", present="11", agreed="13", minutes="支部〔2026〕9 号",
           deeds="值守测报一线。")  # fmt: skip
    ready(secretary)
    secretary.click("button", "推荐")
    secretary.sees("同意票")
    secretary.trouble.clear()  # the refusal: more votes than people
    filled(secretary, agreed="10")
    secretary.click("button", "推荐")
    secretary.sees("李建国")

    clerk.open(here)
    clerk.click("link", "总支审核")
    filled(clerk, on="2026-11-23", minutes="总支〔2026〕3 号")
    clerk.click("button", "保存总支意见")
    clerk.open(here)
    clerk.click("link", "截止推荐")
    clerk.click("button", "截止推荐")
    clerk.click("link", "复核")
    clerk.choose("通过")
    clerk.click("button", "保存复核")
    clerk.click("link", "登记集体研究")
    filled(clerk, body="党委会", on="2026-11-23", expected="9", present="8", minutes="党委〔2026〕21 号")
    clerk.page.get_by_label("表彰李建国").check()
    clerk.page.get_by_label("李建国：同意票").fill("8")
    clerk.click("button", "保存决定")
    clerk.click("link", "登记公示")
    filled(clerk, from_on="2026-11-23", place="公告栏", contact="党委组织部，0371-60001101")
    clerk.click("button", "登记公示")
    clerk.sees("公示")
    ready(clerk)
    assert not Honour.objects.exists()
    with on(1, month=12):
        clerk.sign_in()
        clerk.open(here)
        clerk.click("link", "登记表彰")
        filled(clerk, on="2026-12-01", document="云水党〔2026〕30 号")
        clerk.click("button", "登记表彰")
        clerk.sees("已表彰")
        ready(clerk)
        clerk.open("/honours/")
        clerk.sees("李建国")
        ready(clerk)
        secretary.sign_in()
        secretary.open(f"/members/{world.li.pk}/")
        secretary.sees("优秀共产党员")
        ready(secretary)
    assert Honour.objects.get().person == world.li
