"""Rewards, allowances and welfare: what is refused, several at once, the sheet to sign. Today is 2026-11-23."""

from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from awards.assessing import Judged, record_assessment
from awards.giving import Benefit, give, withdraw_allowance
from awards.models import Allowance
from fund.models import Voucher
from members.enums import Role
from tests.duties.acts import die, once_in
from tests.world import account, member, person, post

TODAY = date(2026, 11, 23)
ON = date(2026, 11, 20)
LIST, NEW, SHEET = "/allowances/", "/allowances/new/", "/allowances/sheet/"
PRIZE = Benefit("innovation", ON, "党委会纪要 8 号", 120_050, source="special", words="党员微课堂")
pytestmark = pytest.mark.django_db


def given(cast, benefit=PRIZE, people=None, organisation=None, by=None, **more):
    people = [cast.li] if people is None else people
    return give(
        by=by, benefit=replace(benefit, **more), organisation=organisation or cast.branch, people=people, today=TODAY
    )


def refusal(call) -> dict:
    with pytest.raises(ValidationError) as no:
        call()
    return no.value.message_dict


def test_members_and_an_organisation_are_given_and_no_book_knows_of_it(cast):
    rows = given(cast, people=[cast.li, cast.sun], organisation=cast.general)
    assert [(row.person, row.organisation, row.what) for row in rows] == [
        (cast.li, cast.branch, "1200.50 元"), (cast.sun, cast.sibling, "1200.50 元"),
    ]  # fmt: skip
    [prize] = given(cast, people=[], kind="reward", gift="奖牌")
    assert (prize.person, prize.whose, prize.what) == (None, "河源第一党支部", "1200.50 元，奖牌")
    assert not Voucher.objects.exists()


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"on": date(2026, 11, 24)}, "on", "晚于今天"),
        ({"fen": None, "source": ""}, "fen", "请填金额"),
        ({"source": ""}, "source", "请选这笔钱从哪里来"),
        ({"source": "dues"}, "source", "党费"),
        ({"source": "fund"}, "source", "党费和关怀帮扶专项资金只用于帮扶"),
        ({"approval": " "}, "approval", "请写审批依据"),
        ({"since": date(2026, 1, 1)}, "last", "一起填"),
        ({"since": date(2026, 2, 1), "last": date(2026, 1, 1)}, "last", "填反了"),
    ],
)
def test_what_cannot_be_gets_a_sentence(cast, more, field, words):
    assert words in refusal(lambda: given(cast, **more))[field][0]
    assert not Allowance.objects.exists()


def test_neither_the_dead_nor_strangers_nor_oneself_nor_twice(cast):
    assert "不在河源第一党支部" in refusal(lambda: given(cast, people=[cast.sun]))["names"][0]
    own = lambda: given(cast, people=[cast.secretary], by=account(cast.secretary))  # noqa: E731
    assert "给你本人的由别人登记" in refusal(own)["names"][0]
    given(cast)
    assert "已登记过李建国" in refusal(lambda: given(cast))["names"][0]
    assert given(cast, words="另一项成果")
    die(cast.zhao, date(2026, 11, 10))
    assert "去世" in refusal(lambda: given(cast, people=[cast.zhao]))["names"][0]


def test_a_part_time_secretary_has_passed_or_somebody_says_so(cast):
    subsidy = {"kind": "part_time", "people": [cast.secretary], "source": "fiscal"}
    assert "考核合格" in refusal(lambda: given(cast, **subsidy))["sure"][0]
    judged = Judged(
        2026, "poor", cast.secretary, date(2026, 6, 1), [cast.committee_secretary], mend_by=date(2026, 7, 1)
    )  # fmt: skip
    made = record_assessment(
        by=None, organisation=cast.branch, assessor=cast.committee, judged=judged, today=TODAY
    )  # fmt: skip
    said = refusal(lambda: given(cast, **subsidy))["sure"][0]
    assert "较差" not in said
    made.grade = "good"
    made.save()
    assert given(cast, **subsidy)
    assert given(cast, **subsidy, sure=True, words="补发 2025 年", since=date(2025, 1, 1), last=date(2025, 12, 31))
    assert "请写发给谁" in refusal(lambda: given(cast, kind="part_time", people=[]))["names"][0]


def test_the_same_kind_for_the_same_time_is_asked_about(cast):
    year = {"since": date(2026, 1, 1), "last": date(2026, 6, 30)}
    given(cast, **year)
    second = {"since": date(2026, 6, 30), "last": date(2026, 12, 31), "words": "下半年"}
    said = refusal(lambda: given(cast, people=[cast.zhao, cast.li], **second))["sure"]
    assert said == [
        "李建国：2026-01-01 至 2026-06-30 的创新成果奖已登记过，两段期间有重叠。已核实的，请勾选“我已核实”。"
    ]  # fmt: skip
    assert given(cast, **second | {"since": date(2026, 7, 1)})
    assert given(cast, kind="reward", **second)
    assert given(cast, people=[cast.zhao, cast.li], sure=True, **second)


def test_who_led_nothing_then_is_asked_about(cast):
    subsidy = {"kind": "part_time", "source": "fiscal", "people": [cast.li]}
    led = {"since": date(2025, 1, 1), "until": date(2026, 1, 1)}
    post(cast.li, cast.branch, **led)
    said = " ".join(refusal(lambda: given(cast, **subsidy))["sure"])
    assert "李建国：那时没有登记任书记" in said
    then = {"since": date(2025, 7, 1), "last": date(2025, 12, 31)}
    assert "没有登记任书记" not in " ".join(refusal(lambda: given(cast, **subsidy, **then))["sure"])


def test_nothing_is_given_to_an_organisation_before_its_founding(cast):
    cast.branch.founded_on = TODAY
    cast.branch.save()
    assert "早于河源第一党支部成立" in refusal(lambda: given(cast, people=[]))["on"][0]
    assert given(cast)


def test_one_is_taken_back_once_with_a_reason(cast):
    [row] = given(cast)
    assert "请写为什么撤回" in refusal(lambda: withdraw_allowance(by=None, allowance=row, reason=" ", today=TODAY))[
        "reason"
    ][0]  # fmt: skip
    withdraw_allowance(by=None, allowance=row, reason="没有发", today=TODAY)
    with pytest.raises(ValidationError, match="已于 2026-11-23 撤回"):
        withdraw_allowance(by=None, allowance=row, reason="再来", today=TODAY)
    assert given(cast)


def fill(client, here, **more) -> dict:
    page = client.get(NEW, {"organisation": here.pk})
    assert page.status_code == 200
    return {
        "once": once_in(page), "organisation": here.pk, "kind": "staff", "on": "2026-11-20", "fen": "300",
        "source": "union", "approval": "工会第 3 次会议", "words": "中秋", "names": "李建国\n赵秀兰", **more,
    }  # fmt: skip


def test_a_secretary_enters_several_prints_the_sheet_and_takes_one_back(cast, sign_in):
    browser = sign_in(account(cast.secretary))
    assert browser.post(NEW, fill(browser, cast.branch, check="1")).status_code == 200
    assert not Allowance.objects.exists()
    sent = fill(browser, cast.branch)
    assert "已登记 2 条" in browser.post(NEW, sent, follow=True).text
    assert browser.post(NEW, sent).url == LIST
    assert Allowance.objects.count() == 2
    sheet = browser.get(SHEET, {"kind": "staff", "year": "2026"}).text
    assert "陆佰元整" in sheet
    assert "赵秀兰" in sheet
    assert "没有要签领的" in browser.get(SHEET, {"kind": "village"}).text
    row = Allowance.objects.get(person=cast.li)
    page = reverse("allowance", args=[row.pk])
    assert "工会经费" in browser.get(page).text
    address = reverse("allowance_withdraw", args=[row.pk])
    once = once_in(browser.get(address))
    assert browser.post(address, {"once": once, "reason": ""}).status_code == 422
    assert "已撤回" in browser.post(address, {"once": once, "reason": "没有发"}, follow=True).text
    assert "<s>李建国</s>" in browser.get(LIST).text
    assert "叁佰元整" in browser.get(SHEET).text


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"kind": "x"}, "请选种类"),
        ({"fen": "很多"}, "金额请写成"),
        ({"source": "dues"}, "请从列表里选款源"),
        ({"names": "查无此人"}, "有 1 行没有对上"),
        ({"kind": "part_time"}, "考核合格"),
        ({"approval": ""}, "请写审批依据"),
    ],
)
def test_wrong_input_loses_nothing(cast, sign_in, more, words):
    browser = sign_in(account(cast.secretary))
    refused = browser.post(NEW, fill(browser, cast.branch, **more))
    assert refused.status_code == 422
    assert words in refused.text
    assert "中秋" in refused.text
    assert not Allowance.objects.exists()


def test_a_member_sees_his_own_others_out_of_reach_nothing(cast, sign_in):
    own, other = given(cast, people=[cast.li, cast.zhao])
    page, next_door = reverse("allowance", args=[own.pk]), reverse("allowance", args=[other.pk])
    browser = sign_in(account(cast.li))
    assert browser.get(page).status_code == 200
    assert browser.get(next_door).status_code == 404
    assert "赵秀兰" not in browser.get(LIST).text + browser.get(SHEET).text
    assert browser.get(reverse("allowance_withdraw", args=[own.pk])).status_code == 403
    assert browser.get(NEW).status_code == 403
    assert "创新成果奖" in sign_in(account(cast.secretary)).get(f"/members/{cast.li.pk}/").text
    sibling = sign_in(account(cast.sibling_secretary))
    assert sibling.get(page).status_code == 404
    assert sibling.get(NEW, {"organisation": cast.branch.pk}).status_code == 404
    inspector = person("督查员")
    post(inspector, cast.committee, Role.INSPECTOR)
    looks = sign_in(account(inspector))
    assert looks.get(page).status_code == 200
    assert looks.get(NEW).status_code == 403


def test_the_list_costs_the_same_however_many(cast, sign_in):
    browser = sign_in(account(cast.secretary))

    def cost() -> int:
        browser.get(LIST)
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(LIST).status_code == 200
        return len(queries)

    given(cast)
    few = cost()
    given(cast, people=[member(f"同志{n}", cast.branch) for n in range(55)])
    assert cost() == few <= 14
    assert len(browser.get(LIST, {"after": browser.get(LIST).context["after"]}).context["rows"]) == 6
