"""Everyday tasks, counted in clicks and in fields typed into; the limits are those of the table of tasks."""

from datetime import date

import pytest

from members.enums import EventKind
from members.models import Event
from tests.base.hostile_pictures import with_place
from tests.browser.reader import DESK, PHONE
from tests.duties.acts import happen
from visits.models import Talk, Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIZES = pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])


@SIZES
def test_a_talk_is_recorded_from_its_duty(world, reader, size):
    happen(world.li, EventKind.ABSENCE, date(2026, 11, 9))
    me = reader(world.secretary, size)
    me.open()
    me.click("link", "登记谈话", within=me.page.locator("main li.duty", has_text="李建国"))
    me.type("谈了什么", "思想稳定，家里都好。")
    me.click("button", "保存")
    me.sees("与李建国的谈话已登记，办结")
    assert Talk.objects.get().text == "思想稳定，家里都好。"
    assert (me.clicks, me.typed) == (2, 1)


@SIZES
def test_a_talk_without_a_duty_is_recorded(world, reader, size):
    me = reader(world.secretary, size)
    me.open()
    me.click("link", "登记谈话")
    me.type("谈话对象", "李")
    me.click("link", "李建国")
    me.type("谈了什么", "路上遇见，聊了近况。")
    me.click("button", "保存")
    me.sees("与李建国的谈话已登记")
    assert (me.clicks, me.typed) == (3, 2)


@SIZES
def test_a_visit_with_money_is_recorded_from_its_duty(world, reader, size):
    happen(world.li, EventKind.ILLNESS, date(2026, 11, 20))
    me = reader(world.secretary, size)
    me.open()
    me.click("link", "登记走访", within=me.page.locator("main li.duty", has_text="李建国"))
    me.choose("医院")
    me.type("看到什么、需要什么", "手术顺利，需要人陪护。")
    me.type("慰问金（元）", "500")
    me.page.get_by_label("款源").select_option(label="留存党费")
    me.click("button", "保存")
    me.sees("对李建国的走访已登记，办结")
    assert Visit.objects.get().money_words == "500.00 元，留存党费"
    assert (me.clicks, me.typed) == (3, 2)


def test_a_photo_goes_with_a_visit_and_can_be_looked_at(world, reader, tmp_path, settings):
    settings.PICTURES = tmp_path / "pictures"
    photo = tmp_path / "签领单.jpg"
    photo.write_bytes(with_place(6))
    me = reader(world.secretary, PHONE)
    me.open(f"/visits/new/?member={world.li.pk}")
    me.choose("家中")
    me.page.locator("summary", has_text="照片").click()
    me.page.get_by_label("照片").set_input_files(photo)
    me.choose("家属")  # the panel beside the form is asked for again, and the photo stays chosen
    me.click("button", "保存")
    me.sees("没有保存")
    me.sees("已收到 1 张，不用再选：签领单.jpg")
    me.trouble.clear()  # the refusal
    me.type("看到什么、需要什么", "家里都好。")
    me.click("button", "保存")
    me.sees("对李建国的走访已登记")
    shown = me.page.get_by_alt_text("照片 1")
    shown.scroll_into_view_if_needed()
    me.page.wait_for_function("each => each.complete", arg=shown.element_handle())
    assert shown.evaluate("each => [each.naturalWidth, each.naturalHeight]") == [40, 60]
    me.click("link", "照片 1")
    me.page.wait_for_url("**/pictures/*/")


@SIZES
def test_a_member_in_hospital_is_registered(world, reader, size):
    me = reader(world.secretary, size)
    me.open()
    me.click("link", "登记事由")
    me.type("党员", "李")
    me.click("link", "李建国")
    me.choose(EventKind.ILLNESS.label)
    me.click("button", "登记")
    me.sees("已登记，生成")
    assert Event.objects.get().kind == EventKind.ILLNESS
    assert (me.clicks, me.typed) == (4, 1)


def test_a_talk_is_recorded_without_javascript(world, reader):
    me = reader(world.secretary, PHONE, java_script_enabled=False)
    me.open()
    me.click("link", "登记谈话")
    me.type("谈话对象", "李")
    me.click("button", "找")
    me.click("link", "李建国")
    me.type("谈了什么", "路上遇见，聊了近况。")
    me.click("button", "先看会办结什么")
    me.sees("保存后将办结")
    me.click("button", "保存")
    me.sees("与李建国的谈话已登记")
    assert (me.clicks, me.typed) == (5, 2)
