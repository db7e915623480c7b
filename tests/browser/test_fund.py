"""An application for money in the browser, from the member's own pages to the return visit; and a refused meeting.

The journey of issue 8 in a college whose branch stands directly under the committee; at the width of a desk, where the
cashier lists a batch for the bank, and of a telephone, on which nothing is ticked and each grant is paid alone.
"""

import json
from datetime import date, datetime
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import call_command
from playwright.sync_api import expect

from duties.policy.adoption import adopt
from duties.policy.packs import load_pack
from fund.models import Application, Meeting
from tests.browser.reader import DESK, PHONE, Reader
from tests.duties.acts import sweep_on
from tests.fund.office import Office
from tests.world import member

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIZES = pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])


@pytest.fixture
def college(world):
    """A committee with a fund, and a member of the branch that has no general branch above it."""
    office = Office(world)
    office.applicant = member("方志明", world.direct)
    return office


def on(day: int, month: int = 12):
    return time_machine.travel(datetime(2026, month, day, 10, tzinfo=ZoneInfo("Asia/Shanghai")), tick=False)


def fits(me: Reader, words: str) -> None:
    """The page that says so is not wider than its window."""
    me.sees(words)
    me.page.wait_for_load_state()
    assert me.overflow() == 0


@SIZES
def test_an_application_goes_from_the_member_to_the_return_visit(college, reader, size):
    people = college.applicant, college.cast.direct_secretary, college.clerk, college.head, college.cashier
    applicant, secretary, clerk, head, cashier = everybody = [reader(each, size) for each in people]
    _apply(applicant)
    _review_in_the_branch(secretary)
    _review(clerk)
    _decide(head)
    _post(clerk)
    _read_outside(applicant)
    with on(1):
        for each in everybody:
            each.sign_in()
        _finish_notice(clerk)
        if size is DESK:
            _pay_by_batch(cashier)
        else:
            _pay(cashier)
        _receive(cashier)
        _visit(secretary)
        applicant.open("/me/")
        fits(applicant, "我的资金申请")
        applicant.open("/me/applications/")
        fits(applicant, "已经办完")
        applicant.click("link", "2,000.00 元")
        fits(applicant, "已签收")
        applicant.click("link", "打印审批表")
        fits(applicant, "党内关怀帮扶专项资金申请审批表")
        said = StringIO()
        call_command("check_books", "--json", stdout=said)
    document = json.loads(said.getvalue())
    assert (document["holds"], document["vouchers"]) == (True, 3)
    row = Application.objects.get()
    assert (row.state_words, row.granted) == ("已办结", 180_000)


@SIZES
def test_a_review_from_the_workbench_opens_the_next(college, reader, size):
    cast, day = college.cast, date(2026, 1, 1)
    adopt(by=None, organisation=cast.committee, policy=load_pack("working-rules"), since=day, today=day)
    for who in (cast.li, cast.zhao):
        row = college.reviewed(college.submitted(who), cast.secretary)
        college.reviewed(row, cast.general_secretary)
    with on(2):
        sweep_on(date(2026, 12, 2))
        clerk = reader(college.clerk, size)
        clerk.open()
        clerk.click("link", "去办理", within=clerk.page.locator("main li.duty", has_text="2026-001"))
        fits(clerk, "第 1 件")
        clerk.type("意见", "材料齐全。")
        clerk.click("button", "提交组织部复核意见")
        fits(clerk, "组织部复核：通过")
        expect(clerk.page.locator("h1")).to_contain_text("赵秀兰")
        assert (clerk.clicks, clerk.typed) == (2, 1)


@SIZES
def test_a_meeting_with_too_many_votes_is_refused_and_keeps_what_was_typed(college, reader, size):
    """Two of three came and four voted: the cell says so, and nothing has to be typed again."""
    row = college.ready()
    head = reader(college.head, size)
    head.open("/fund/meetings/new/")
    fits(head, "集体研究：1 件申请")
    typed = {
        "会议名称": "部务会（2026 年第 9 次）", "纪要号": "组部〔2026〕9号", "李建国 核定金额": "1500",
        "李建国 同意": "3", "李建国 反对": "1", "李建国 弃权": "0",
    }  # fmt: skip
    for label, text in typed.items():
        head.page.get_by_label(label, exact=True).fill(text)
    head.page.get_by_label("苏文", exact=True).first.uncheck()
    head.click("button", "保存决定")
    fits(head, "没有保存")
    head.trouble.clear()  # the refusal
    assert head.focused("data-error-summary") is not None
    head.click("link", row.label)
    expect(head.page.locator(f"#row-{row.pk}.is-bad .w-votes .field-err")).to_have_text("最多 2 票，现在填了 4 票。")
    expect(head.page.get_by_label("李建国 同意", exact=True)).to_have_attribute("aria-invalid", "true")
    for label, text in typed.items():
        expect(head.page.get_by_label(label, exact=True)).to_have_value(text)
    expect(head.page.get_by_label("苏文", exact=True).first).not_to_be_checked()
    assert not Meeting.objects.exists()
    for label, text in {"李建国 同意": "2", "李建国 反对": "0"}.items():
        head.page.get_by_label(label, exact=True).fill(text)
    head.click("button", "保存决定")
    fits(head, "1 件决定")
    head.sees("2 / 0 / 0")


def _apply(me: Reader) -> None:
    """Five pages in one's own pages."""
    me.open("/me/")
    me.click("link", "申请帮扶资金")
    fits(me, "因为什么申请")
    me.page.locator("label", has_text="生活困难党员").locator("visible=true").first.click()
    me.type("申请多少钱（元）", "2000")
    me.click("button", "下一步")
    fits(me, "为什么申请")
    me.type("申请的理由", "配偶长期住院，自付部分较大。")
    me.click("button", "下一步")
    fits(me, "家里的情况")
    me.type("本人月收入（元）", "1200")
    me.click("button", "下一步")
    fits(me, "钱发到哪里")
    me.type("开户银行", "建设银行河东支行")
    me.type("账号或卡号", "6217 0000 1234 5678 901")
    me.click("button", "下一步")
    fits(me, "授权同意")
    me.page.get_by_label("我同意组织核查").check()
    me.click("button", "提交申请")
    fits(me, "办到哪里了")
    me.sees("马玉珍（书记）办")


def _review_in_the_branch(me: Reader) -> None:
    """With the vote of the branch's committee."""
    me.open("/fund/applications/")
    me.click("link", "2026-")
    fits(me, "你的意见")
    for label, figure in (("应到人数", "5"), ("实到人数", "5"), ("同意票", "5")):
        me.type(label, figure)
    me.type("意见", "情况属实，同意上报。")
    me.click("button", "提交支部审核意见")
    fits(me, "支部审核：通过，现在待组织部复核")


def _review(me: Reader) -> None:
    """The everyday task of the department: two clicks, one field."""
    me.open("/fund/applications/")
    me.clicks = me.typed = 0
    me.click("link", "2026-")
    fits(me, "你的意见")
    me.type("意见", "材料齐全。")
    me.click("button", "提交组织部复核意见")
    fits(me, "组织部复核：")
    assert (me.clicks, me.typed) == (2, 1)


def _decide(me: Reader) -> None:
    """The minutes of the department's meeting, entered by its head; 200 yuan less than was asked."""
    me.open("/fund/meetings/")
    me.click("link", "录入会议决定")
    fits(me, "集体研究：1 件申请")
    me.type("会议名称", "部务会（2026 年第 9 次）")
    me.type("纪要号", "组部〔2026〕9号")
    me.page.get_by_label("方志明 核定金额").fill("1800")
    me.page.keyboard.press("Tab")
    expect(me.page.locator("#save-sum")).to_contain_text("1,800.00")
    me.click("button", "保存决定")
    fits(me, "1 件决定")
    me.sees("3 / 0 / 0")


def _post(me: Reader) -> None:
    me.open("/fund/notices/")
    me.click("link", "张贴")
    fits(me, "张贴公示：1 件")
    if not me.page.get_by_label("监督电话").input_value():
        me.type("监督电话", "0371-60000000")
    me.click("button", "今天张贴，公示到 11-30")
    fits(me, "2026-11-30 24:00 止")


def _read_outside(me: Reader) -> None:
    """Somebody who is not signed in reads the notice."""
    me.page.context.clear_cookies()
    me.open("/notices/")
    fits(me, "关于")
    me.click("link", "关于")
    fits(me, "方*明")
    words = me.page.locator("body").inner_text()
    assert [each for each in ("方志明", "住院", "1,800.00") if each in words] == ["1,800.00"]


def _finish_notice(me: Reader) -> None:
    me.open("/fund/notices/")
    me.click("link", "关于")
    fits(me, "公示期满")
    me.click("button", "登记公示结果")
    fits(me, "公示期满，无异议。")


def _pay_by_batch(me: Reader) -> None:
    """A list for the bank, its slip, the receipt."""
    me.open()
    fits(me, "1,800.00")
    me.page.get_by_label("勾选 方志明").check()
    me.click("button", "列入银行批次")
    fits(me, "没有付成的打勾")
    me.type("银行回单号", "JH20261201")
    me.click("button", "登记回单")
    fits(me, "1 笔已发放，还没有登记签收")


def _pay(me: Reader) -> None:
    """The everyday task of the cashier: two clicks, one field."""
    me.open()
    me.clicks = me.typed = 0
    me.click("link", "发放 方志明")
    fits(me, "发给方志明")
    me.type("银行回单号", "JH20261201")
    me.click("button", "发放")
    fits(me, "方志明 1,800.00 元已发放，等签收")
    assert (me.clicks, me.typed) == (2, 1)


def _receive(me: Reader) -> None:
    me.open("/fund/payments/?show=unsigned")
    me.click("link", "登记 方志明 签收")
    fits(me, "谁签收")
    me.click("button", "登记签收")
    fits(me, "方志明")
    me.sees("签收已登记")


def _visit(me: Reader) -> None:
    me.open("/fund/applications/")
    me.click("link", "2026-")
    fits(me, "登记回访")
    me.type("看到的情况", "钱用在了住院费上，家里平稳。")
    me.click("button", "登记回访，办结")
    fits(me, "现在已办结")
