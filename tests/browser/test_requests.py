"""A member asks a leader for a talk: one is answered on day five, another on day nine with the reason."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine

from members.enums import EventKind
from members.models import Event
from tests.browser.reader import DESK, PHONE
from visits.models import Talk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def on(day: int, month: int = 11):
    return time_machine.travel(datetime(2026, month, day, 10, tzinfo=ZoneInfo("Asia/Shanghai")), tick=False)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_one_request_in_time_and_one_late(world, reader, size):
    member, leader = reader(world.li, size), reader(world.secretary, size)
    member.open("/me/")
    member.click("link", "约书记谈话")
    member.click("button", "提交")
    member.sees("11-30 前安排")
    leader.open(f"/requests/{Event.objects.get(kind=EventKind.REQUEST).pk}/")
    leader.click("link", "安排")
    leader.type("地点", "支部活动室")
    leader.click("button", "安排")
    leader.sees("支部活动室")
    leader.page.wait_for_load_state()
    assert leader.overflow() == 0
    member.open("/requests/")
    member.sees("定在")
    with on(28):
        leader.sign_in()
        leader.open("/requests/")
        leader.click("link", "李建国")
        leader.click("link", "登记谈话")
        leader.type("谈了什么", "谈了换岗的想法，先在本组试两个月。")
        leader.click("button", "保存")
        leader.sees("与李建国的谈话已登记，办结")
        member.sign_in()
        member.open("/requests/")
        member.sees("已谈")
        member.click("link", "约一次谈话")
        member.click("button", "提交")
        member.sees("12-05 前安排")
    with on(7, month=12):
        leader.sign_in()
        leader.open("/requests/")
        leader.click("link", "李建国")
        leader.click("link", "登记谈话")
        leader.type("谈了什么", "试了一阵，本人愿意留在新的小组。")
        leader.click("button", "保存")
        leader.sees("应在 2026-12-05 前安排")
        leader.trouble.clear()  # the refusal
        leader.type("约谈超期的原因", "在外地检查，回来就谈了")
        leader.click("button", "保存")
        leader.sees("与李建国的谈话已登记，办结")
        member.sign_in()
        member.open("/requests/")
        member.sees("超期：在外地检查，回来就谈了")
        member.page.wait_for_load_state()
        assert member.overflow() == 0
    assert Talk.objects.count() == 2
