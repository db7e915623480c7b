"""A serious illness answered with a visit whose promise is kept, and a trip to two households; on phone and desk."""

from datetime import date

import pytest

from duties.engine.models import Duty, State
from duties.policy.adoption import adopt
from duties.policy.packs import load_pack
from members.enums import EventKind
from tests.browser.reader import DESK, PHONE
from tests.duties.acts import happen
from visits.models import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIZES = pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
TODAY = date(2026, 11, 23)


@SIZES
def test_a_serious_illness_is_answered_with_a_visit_and_its_promise_kept(world, reader, size):
    adopt(by=None, organisation=world.committee, policy=load_pack("working-rules"), since=date(2026, 1, 1), today=TODAY)
    happen(world.li, EventKind.ILLNESS, date(2026, 11, 20))
    me = reader(world.secretary, size)
    me.open()
    me.click("link", "登记走访", within=me.page.locator("main li.duty", has_text="李建国"))
    me.choose("医院")
    me.type("看到什么、需要什么", "手术顺利，需要人陪护。")
    me.type("慰问金（元）", "500")
    me.page.get_by_label("从哪里出").select_option(label="留存党费")
    me.page.locator("summary", has_text="答应了什么事").click()
    me.page.locator('[name="promises-0-what"]').fill("联系社区食堂送饭")
    me.page.locator('[name="promises-0-to"]').select_option(str(world.secretary.pk))
    me.page.locator('[name="promises-0-due_on"]').fill("2026-11-26")
    assert not me.page.evaluate("document.documentElement.scrollWidth > innerWidth"), "the page scrolls sideways"
    me.click("button", "保存")
    me.sees("对李建国的走访已登记，办结")
    me.sees("联系社区食堂送饭")
    assert Visit.objects.get().money_words == "500.00 元，留存党费"
    promised = Duty.objects.get(event__kind=EventKind.TASK)
    assert (promised.actor, promised.due_on) == (world.secretary, date(2026, 11, 26))
    me.open()
    me.click("link", "登记办理", within=me.page.locator("main li.duty", has_text="联系社区食堂送饭"))
    me.type("办了什么", "食堂从明天起每天中午送到家。")
    me.click("button", "保存")
    me.sees("已登记，办结 1 件应办")
    promised.refresh_from_db()
    assert promised.state == State.DONE
    me.open(f"/visits/{Visit.objects.get().pk}/")
    me.sees("已办结")


@SIZES
def test_two_households_are_entered_after_one_trip(world, reader, size):
    me = reader(world.secretary, size)
    me.open("/visits/several/")
    for name, words in (("李建国", "术后恢复"), ("赵秀兰", "腿脚不便")):
        me.page.locator(".talk-lines").get_by_role("checkbox", name=name).check()
        me.page.get_by_label(f"{name}：看到什么、需要什么").fill(words)
    me.page.get_by_label("赵秀兰：慰问金（元）").fill("300")
    assert not me.page.evaluate("document.documentElement.scrollWidth > innerWidth"), "the page scrolls sideways"
    me.click("button", "保存")
    me.sees("请选这笔钱从哪里来")
    me.trouble.clear()  # the refusal
    me.page.get_by_label("慰问金从哪里出").select_option(label="工会经费")
    me.click("button", "保存")
    me.sees("2 户走访已登记")
    assert sorted(Visit.objects.values_list("money", "source"), key=str) == [(30000, "union"), (None, "")]
