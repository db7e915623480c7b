"""党务公开: what is opened closes what policy asks, is read by those it concerns alone, and stands in its ledger."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from base.models import AuditRow
from duties.engine.models import Duty, State
from ledgers.disclosing import Told, disclose, private_in
from ledgers.models import Disclosure
from members.models import Organisation
from tests.duties.acts import once_in, sweep_on
from tests.duties.rules import a_rule
from tests.world import account, member

pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]
TODAY = date(2026, 11, 23)
TOLD = {
    "topic": "dues", "title": "2026 年党费收缴使用情况", "text": "收 3,200 元，上缴 1,600 元。电话 0371-60001101。",
    "on": date(2026, 11, 20), "until_on": date(2026, 12, 20), "place": "一楼公开栏",
}  # fmt: skip


def opened(cast, organisation: Organisation | None = None, **more) -> Disclosure:
    return disclose(
        by=None, organisation=organisation or cast.branch, people=[cast.secretary], told=Told(**TOLD | more),
        today=TODAY,
    )  # fmt: skip


def page(browser, name: str, *args, status: int = 200, **query) -> str:
    answer = browser.get(reverse(name, args=args), query)
    assert answer.status_code == status
    return answer.content.decode()


def test_a_secretary_opens_what_policy_asks_and_the_duty_is_closed(cast, sign_in):
    rule = a_rule(
        cast.committee, {"kind": "quota", "times": 1, "per": "year", "counted_per": "organisation"},
        action="disclosure", target=[{"condition": "kind", "kinds": ["branch"]}],
    )  # fmt: skip
    sweep_on(TODAY)
    duty = Duty.objects.get(rule=rule, organisation=cast.branch)
    browser = sign_in(account(cast.secretary))
    board = browser.get(reverse("openness"))
    assert rule.title in board.content.decode()
    url = f"{reverse('disclosure_new')}?duty={rule.pk}:{duty.key}"
    assert url.partition("?")[0] in board.content.decode()
    form = browser.get(url)
    given = {**TOLD, "once": once_in(form), "organisation": cast.branch.pk}
    refused = browser.post(reverse("disclosure_new"), given | {"text": "张三 13812345678 缴纳 20 元"})
    assert refused.status_code == 422
    assert "像身份证号、手机号或账号" in refused.content.decode()
    assert "缴纳 20 元" in refused.content.decode(), "nothing typed is lost"
    done = browser.post(reverse("disclosure_new"), given, follow=True).content.decode()
    assert "已公开，办结 1 件应办" in done
    again = browser.post(reverse("disclosure_new"), given, follow=True)
    assert again.status_code == 200
    made = Disclosure.objects.get()
    duty.refresh_from_db()
    assert (duty.state, duty.closed_by) == (State.DONE, made.deed.record)
    assert "还没公开的" not in page(browser, "openness")
    assert AuditRow.objects.filter(subject=f"disclosure:{made.pk}").count() == 1


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"text": " "}, "text", "请写公开的内容"),
        ({"title": "账号 6217 0000 1234 5678 901"}, "title", "像身份证号"),
        ({"text": "410102199001011234"}, "text", "1234"),
        ({"text": "41010219900101123X"}, "text", "123X"),
        ({"text": "电话１３８１２３４５６７８"}, "text", "5678"),
        ({"text": "138.1234.5678"}, "text", "5678"),
        ({"text": "138—1234—5678"}, "text", "5678"),
        ({"text": "1381234\u200b5678"}, "text", "5678"),
        ({"place": "问 138 1234 5678"}, "place", "5678"),
        ({"text": "卡号 6217-0000-1234-5678-901"}, "text", "-901"),
        ({"until_on": date(2026, 11, 1)}, "until_on", "早于公开日期"),
        ({"until_on": date(2028, 1, 1)}, "until_on", "最多公开一年"),
        ({"on": date(2026, 11, 24)}, "on", "公开日期 2026-11-24 晚于今天"),
        ({"on": date(1921, 6, 30), "until_on": date(1921, 7, 30)}, "on", "早于建党"),
    ],
)
def test_what_cannot_be_gets_a_sentence(cast, more, field, words):
    with pytest.raises(ValidationError) as no:
        opened(cast, **more)
    assert words in "".join(no.value.message_dict[field])
    assert not Disclosure.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "1 3 8 0 0 1 3 8 0 0 0",
        "１ ３ ８ ０ ０ １ ３ ８ ０ ０ ０",
        "138\n0013\r\n8000",
        "(138) 0013-8000",
        "138 001 38000",
        "1380 0138 000",
        "1、3、8、0、0、1、3、8、0、0、0",
        "一三八零零一三八零零零",
        "幺三八 〇〇一三 八〇〇〇",
        "①13800138000",
        "410102\n19900101\n1234",
        "41 01 02 1990 01 01 12 34",
        "4 1 0 1 0 2 1 9 9 0 0 1 0 1 1 2 3 X",
        "四一零一零二一九九零零一零一一二三四",
    ],
)
def test_a_private_number_is_found_however_it_is_written(text):
    assert private_in(f"请联系张三 {text}，谢谢")


@pytest.mark.parametrize(
    "text",
    [
        "豫水组〔2020〕55号，河水党〔2026〕138号",
        "二〇二六年十一月一日，一、二、三季度",
        "收 138 元\n4500 元\n5600 元",
        "2026-11-01\n2026-11-02\n2026-12-01",
        "130.00 1200.00 3400.00",
        "1,380,013.80 元，壹佰叁拾捌万零壹拾叁元捌角",
        "0371-60001101",
        "2026-11-01 至 2026-12-01",
        "2023、2024、2025、2026 年",
        "收 43,320.00 元，上缴 2,660.00 元",
        "四个支部收 3200、4500、5600、7800 元",
        "分别为 132，4500，5600 元",
    ],
)
def test_office_telephones_days_and_sums_are_no_secrets(text):
    assert private_in(text) == ""


def test_nothing_is_opened_before_the_organisation_was_founded_nor_twice_a_day(cast):
    cast.branch.founded_on = date(2020, 1, 1)
    cast.branch.save()
    with pytest.raises(ValidationError) as no:
        opened(cast, on=date(2019, 12, 31), until_on=date(2020, 2, 1))
    assert "早于河源第一党支部成立的 2020-01-01" in no.value.message_dict["on"][0]
    opened(cast)
    with pytest.raises(ValidationError) as no:
        opened(cast, text="换了正文")
    assert "2026-11-20 已公开过“2026 年党费收缴使用情况”" in no.value.message_dict["title"][0]
    opened(cast, on=date(2026, 11, 21))


def test_those_who_belong_to_it_or_below_read_it_while_it_is_open_and_nobody_else(cast, sign_in):
    own, above = opened(cast), opened(cast, cast.committee, title="党委换届选举结果")
    someone, beside = sign_in(account(cast.li)), sign_in(account(cast.sun))
    assert (own.title in page(someone, "openness"), above.title in page(someone, "openness")) == (True, True)
    assert (own.title in page(beside, "openness"), above.title in page(beside, "openness")) == (False, True)
    page(someone, "disclosure", own.pk)
    page(beside, "disclosure", own.pk, status=404)
    page(sign_in(account(cast.outsider)), "disclosure", above.pk, status=404)


def test_when_its_days_are_over_members_read_it_no_more_and_the_office_still_does(cast, sign_in):
    over = opened(cast, until_on=date(2026, 11, 22))
    last = opened(cast, title="最后一天", until_on=TODAY)
    someone, secretary = sign_in(account(cast.li)), sign_in(account(cast.secretary))
    assert over.title not in page(someone, "openness", state="all")
    page(someone, "disclosure", over.pk, status=404)
    assert last.title in page(someone, "openness")
    assert over.title not in page(secretary, "openness")
    assert "已到期" in page(secretary, "openness", state="all")
    page(secretary, "disclosure", over.pk)


def test_taken_back_it_is_gone_for_members(cast, sign_in):
    made, browser = opened(cast), sign_in(account(cast.secretary))
    url = reverse("deed_withdraw", args=[made.deed_id])
    browser.post(url, {"once": once_in(browser.get(url)), "reason": "数字错了"})
    made.deed.record.refresh_from_db()
    assert made.deed.record.withdrawn_on == TODAY
    page(sign_in(account(cast.li)), "disclosure", made.pk, status=404)
    assert "已撤回" in page(browser, "openness", state="all")


def test_who_may_not_record_opens_nothing(cast, sign_in):
    page(sign_in(account(cast.li)), "disclosure_new", status=403)
    clerk = sign_in(account(cast.clerk))
    page(clerk, "disclosure_new", organisation=cast.other_branch.pk, status=404)
    assert cast.committee.label in page(clerk, "disclosure_new", organisation=cast.committee.pk)


def test_the_board_costs_the_same_however_much_is_open(cast, sign_in, django_assert_max_num_queries):
    browser = sign_in(account(cast.secretary))
    page(browser, "openness")
    for number in range(12):
        opened(cast, title=f"第 {number} 项")
    with django_assert_max_num_queries(32):
        page(browser, "openness")
    member("新来的", cast.branch)
