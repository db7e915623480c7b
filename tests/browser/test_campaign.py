"""A Spring Festival campaign in the browser: the department leads it from the draft to the summary with three branches.

The journey of issue 7; at the width of a desk, and of a telephone, on which names are ticked off.
"""

import re
from datetime import date

import pytest
from playwright.sync_api import expect

from tests.browser.reader import DESK, PHONE
from tests.visits.campaigns import belongs, make_tasks_duties, populate
from visits.models import Campaign

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def town(world):
    """Names in three branches."""
    populate(world)
    belongs(world.general_secretary)
    make_tasks_duties(world)
    return world


def fits(me, words: str) -> None:
    """The page that says so is not wider than its window."""
    me.sees(words)
    me.page.wait_for_load_state()
    assert me.overflow() == 0


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_department_runs_a_campaign_from_the_draft_to_the_summary(town, reader, size):
    clerk = reader(town.clerk, size)
    clerk.open("/campaigns/")
    clerk.click("link", "开始一次节日走访")
    clerk.page.get_by_label("哪个节日").select_option("spring-2027")
    clerk.click("button", "摸底")
    clerk.sees("2027 年春节走访慰问已摸底，按制度提名 5 人")
    fits(clerk, "规则提名的人都列入了")  # the checks come by themselves
    campaign = Campaign.objects.get()
    here = f"/campaigns/{campaign.pk}/"

    clerk.click("link", "标准和预算")
    fits(clerk, "每类给什么")
    clerk.type("留存党费", "6000")
    for group in ("生活困难", "功勋荣誉", "领导直接联系"):
        clerk.type(f"{group}：每人（元）", "800")
        clerk.page.get_by_label(f"{group}：来源").select_option("dues")
    clerk.click("button", "保存")
    clerk.sees("预算和标准已保存")
    clerk.sees("4,000.00")

    clerk.click("link", "请支部确认（5 人）")
    fits(clerk, "重新摸底")
    clerk.page.get_by_label("确认期限").fill("2026-11-28")
    clerk.click("button", "请支部确认（5 人）")
    clerk.sees("已请 3 个支部确认")

    secretary = reader(town.secretary, size)
    secretary.open()
    secretary.click("link", "去确认")
    fits(secretary, "确认名单")
    secretary.page.locator("summary", has_text="不列入张伟").click()
    secretary.page.get_by_label("不列入张伟").check()
    secretary.click("button", "全部确认")
    secretary.sees("不列入张伟，请写为什么")
    secretary.trouble.clear()  # the refusal
    secretary.page.get_by_label("张伟为什么不列入").fill("本人婉谢")
    secretary.click("button", "全部确认")
    secretary.sees("河源第一党支部已确认 2 人，1 人不列入")
    others = [reader(each, size, java_script_enabled=False) for each in (town.sibling_secretary, town.direct_secretary)]
    for other in others:
        other.open()
        other.click("link", "去确认")
        other.click("button", "全部确认")
        assert other.clicks == 2
        other.sees("已确认 1 人")

    clerk.open(here)
    clerk.click("link", "登记集体研究")
    clerk.type("会议纪要编号", "党委会〔2026〕18号")
    clerk.click("button", "登记集体研究")
    clerk.sees("集体研究已登记")
    clerk.click("link", "打印签领表")
    fits(clerk, "叁仟贰佰元整")

    _tick_off(secretary, here)
    for other, name in zip(others, ("孙德福", "周启明"), strict=True):
        other.open(f"{here}hand/")
        other.click("button", "本人签收")
        other.sees(f"{name}：已登记发放，本人")

    clerk.open(here)
    clerk.click("link", "收尾")
    fits(clerk, "按来源")
    clerk.type("小结", "都送到了。")
    clerk.click("button", "收尾")
    clerk.sees("2027 年春节走访慰问已收尾")
    clerk.sees("列入 4 人，发到 4 人，其中代领 1 人；慰问金 3,200.00 元")
    campaign.refresh_from_db()
    assert (campaign.stage, campaign.summary) == (Campaign.Stage.CLOSED, "都送到了。")


def _tick_off(me, here: str) -> None:
    """One press each; one is taken back and done again, one is a substitute's and refused without his name."""
    me.open(f"{here}hand/")
    fits(me, "登记发放")
    li, zhao = (me.page.locator("li.hand", has_text=name) for name in ("李建国", "赵秀兰"))
    me.click("button", "本人签收", within=li)
    expect(li).to_contain_text("已发放 11-23")
    me.click("button", "撤回", within=li)
    me.sees("李建国的发放登记已撤回")
    me.click("button", "本人签收", within=li)
    expect(li).to_contain_text("已发放 11-23")
    zhao.locator("summary").click()
    me.click("button", "代领签收", within=zhao)
    expect(zhao).to_contain_text("请写代领人姓名")
    me.trouble.clear()  # the refusal
    zhao.get_by_label("代领人姓名").fill("赵强")
    zhao.get_by_label("与本人关系").fill("长子")
    me.click("button", "代领签收", within=zhao)
    expect(zhao).to_contain_text("赵强（长子）代领")
    fits(me, "登记发放")


def test_a_list_goes_from_hand_to_hand_on_paper_across(town, reader, tmp_path):
    """The sheet prints on A4 across and nothing of the frame is on it."""
    clerk = reader(town.clerk, DESK)
    clerk.open("/campaigns/new/")
    clerk.page.get_by_label("哪个节日").select_option("spring-2027")
    clerk.click("button", "摸底")
    clerk.sees("已摸底")
    clerk.open(f"/campaigns/{Campaign.objects.get().pk}/sheet/")
    paper = clerk.page.pdf(prefer_css_page_size=True)
    boxes = re.findall(rb"/MediaBox \[([^\]]+)\]", paper)
    assert {tuple(round(float(side)) for side in box.split()) for box in boxes} == {(0, 0, 842, 595)}
    assert date(2027, 2, 5) == Campaign.objects.get().deliver_by
