"""The cashier's desk: whom, how much, by which decision; paid in two clicks, listed for the bank, signed, sent back."""

import re
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from base.models import AuditRow
from fund.applying import noticing, paying
from fund.models import Batch, Payment
from members.enums import Role
from tests.duties.acts import die, once_in
from tests.fund.money import NOW, balances, broken
from tests.fund.office import Office, later
from tests.world import account, member, person, post

pytestmark = pytest.mark.django_db
NUMBER = "6217000012345678901"
MASK = "6217 **** **** 8901"
DAY = "2026-11-23"
OLD = later(-10)


@pytest.fixture
def office(cast):
    return Office(cast)


@pytest.fixture
def cashier(office, sign_in):
    return sign_in(office.by(office.cashier))


def body(answer, status=200) -> str:
    assert answer.status_code == status, answer
    return answer.content.decode()


def ready(office, *people, fen=200_000, minutes="云水党纪〔2026〕21号"):
    """Grants of these, decided ten days ago and shown until last Friday."""
    rows = office.decided(*(office.ready(who, fen=fen, now=OLD) for who in people), fen=fen, now=OLD, minutes=minutes)
    notice = office.posted(*rows, now=OLD)
    noticing.finish_notice(by=office.by(office.clerk), notice=notice, result="", now=NOW)
    return [row.grants.get() for row in rows]


# The desk


def test_the_desk_says_whom_how_much_and_by_which_decision_and_never_why(office, cashier):
    (grant,) = ready(office, office.cast.li)
    said = body(cashier.get("/fund/payments/"))
    for words in (
        "李建国",
        "河源第一党支部",
        "2,000.00",
        "党委会（2026 年第 21 次）",
        "云水党纪〔2026〕21号",
        MASK,
        "公示",
    ):
        assert words in said
    for hidden in (NUMBER, "住院", "困难", "hardship", "1,200"):
        assert hidden not in said
    assert re.search(r'href="/fund/payments/"[^>]*aria-current="page">.*?待发放<span class="n">1</span>', said, re.S)
    assert "工作台" not in said, "a cashier has no other pages"
    assert cashier.get("/").headers["location"] == "/fund/payments/"
    one = body(cashier.get(f"/fund/grants/{grant.pk}/pay/"))
    assert "贰仟元整" in one
    for hidden in (NUMBER, "住院", "生活困难"):
        assert hidden not in one


def test_what_may_not_be_paid_yet_says_why_not(office, cashier):
    rows = office.decided(*(office.ready(who) for who in (office.cast.li, office.cast.zhao, office.cast.secretary)))
    assert body(cashier.get("/fund/payments/")).count("集体研究以后还没有公示") == 3
    notice = office.posted(*rows[:2])
    clerk = office.by(office.clerk)
    noticing.object_to(by=clerk, line=notice.lines.get(application=rows[0]), received_on=later(0).date(), who="匿名",
                       contact="", text="有车", now=later(0))  # fmt: skip
    said = body(cashier.get("/fund/payments/"))
    assert "有异议未答复，暂不能发放" in said
    assert "公示 11-30 24:00 才期满，12-01 起可以发放" in said
    assert "现在没有可以发放的" in said
    grant = rows[1].grants.get()
    refused = cashier.post(f"/fund/grants/{grant.pk}/pay/", {"once": "k", "way": "bank", "slip": "H1", "on": DAY})
    assert "不是发放的时候" in body(refused, 422)
    assert balances(office.fund)["reserved"] == 600_000


def test_one_is_paid_with_two_clicks_and_one_field_and_a_second_click_pays_nothing(office, cashier):
    ready(office, office.cast.li)
    desk = body(cashier.get("/fund/payments/"))
    url = re.search(r'href="(/fund/grants/\d+/pay/)"', desk)[1]
    page = cashier.get(url)
    given = dict(re.findall(r'<input type="(?:text|date)" name="(\w+)" value="([^"]*)"', body(page)))
    sent = {"once": once_in(page), "way": "bank", "on": given.get("on", DAY), "slip": "JH20261203"}
    done = cashier.post(url, sent, follow=True)
    assert "李建国 2,000.00 元已发放，等签收" in body(done)
    again = cashier.post(url, sent, follow=True)
    assert "没有再发一次" in body(again)
    assert cashier.post(url, sent | {"once": "other"}).status_code == 422
    payment = Payment.objects.get()
    assert (payment.state, payment.batch.slip, payment.payee["number"]) == ("paid", "JH20261203", NUMBER)
    assert balances(office.fund) == {"available": 4_800_000, "spent": 200_000}
    assert broken() == set()


def test_cash_needs_two_others_with_posts_there(office, cashier):
    (grant,) = ready(office, office.cast.li)
    url = f"/fund/grants/{grant.pk}/pay/"
    page = body(cashier.get(url))
    assert "程立新（委员）" in page
    assert "吴静（" not in page, "who pays is no witness"
    assert "王海燕（" not in page, "a branch's secretary has no post there"
    first, second = office.board[1], office.board[2]
    data = {"once": "a", "way": "cash", "on": DAY, "first": first.pk, "second": first.pk}
    refused = body(cashier.post(url, data), 422)
    assert "两人在场" in refused
    assert f'<option value="{first.pk}" selected>' in refused
    assert cashier.post(url, data | {"second": office.cast.secretary.pk}).status_code == 422
    assert "已发放" in body(cashier.post(url, data | {"once": "b", "second": second.pk}, follow=True))
    payment = Payment.objects.get()
    assert (payment.way, set(payment.witnesses.all())) == ("cash", {first, second})
    slip = body(cashier.get(f"/fund/payments/{payment.pk}/slip/"))
    for words in ("领款单", "贰仟元整", "程立新", "许志刚", "现金"):
        assert words in slip


# A batch


def test_ticked_grants_become_a_batch_that_the_bank_pays_in_part(office, cashier):
    grants = ready(office, office.cast.li, office.cast.zhao)
    bad = cashier.post("/fund/batches/new/", {"once": "a", "grant": [grants[0].pk], "on": "2027-01-01"})
    assert "晚于今天" in body(bad, 422)
    assert f'value="{grants[0].pk}" aria-label="勾选 李建国" checked' in body(bad, 422)
    assert "还没有勾选" in body(cashier.post("/fund/batches/new/", {"once": "a", "on": DAY}), 422)
    data = {"once": "b", "grant": [each.pk for each in grants], "on": DAY}
    made = body(cashier.post("/fund/batches/new/", data, follow=True))
    batch = Batch.objects.get()
    assert "2 笔 4,000.00 元 · 待银行处理" in made
    assert made.count(MASK) == 2
    assert NUMBER not in made
    assert "没有再列一次" in body(cashier.post("/fund/batches/new/", data, follow=True))
    assert Payment.objects.count() == 2
    li, zhao = batch.payments.get(grant=grants[0]), batch.payments.get(grant=grants[1])
    url = f"/fund/batches/{batch.pk}/settle/"
    silent = body(cashier.post(url, {"once": "c", "slip": "H1", "on": DAY, f"refused-{li.pk}": "on"}), 422)
    assert "请写银行退回的原因" in silent
    assert re.search(rf'name="refused-{li.pk}"[^>]* checked', silent)
    assert "请写银行回单号" in body(cashier.post(url, {"once": "c", "slip": "", "on": DAY}), 422)
    sent = {"once": "d", "slip": "H1", "on": DAY, f"failed-{li.pk}": "户名不符"}
    assert "1 笔已发放，1 笔没有付成" in body(cashier.post(url, sent, follow=True))
    assert balances(office.fund) == {"available": 4_600_000, "reserved": 200_000, "spent": 200_000}
    desk = body(cashier.get("/fund/payments/"))
    assert "上次没有发成：户名不符" in desk
    arrived = cashier.post(f"/fund/batches/{batch.pk}/arrived/", {"once": "e"}, follow=True)
    assert "1 笔已凭回单 H1 登记签收" in body(arrived)
    zhao.refresh_from_db()
    assert (zhao.state, zhao.slip) == ("received", "H1")
    assert broken() == set()


def test_a_batch_that_did_not_go_out_is_dropped_with_a_reason(office, cashier):
    (grant,) = ready(office, office.cast.li)
    cashier.post("/fund/batches/new/", {"once": "b", "grant": [grant.pk], "on": DAY})
    batch = Batch.objects.get()
    url = f"/fund/batches/{batch.pk}/drop/"
    assert "请写为什么" in body(cashier.post(url, {"once": "c", "reason": " "}), 422)
    assert "已作废" in body(cashier.post(url, {"once": "d", "reason": "账号要核对"}, follow=True))
    assert f"/fund/grants/{grant.pk}/pay/" in body(cashier.get("/fund/payments/"))
    assert "账号要核对" in body(cashier.get(f"/fund/grants/{grant.pk}/"))


def test_the_list_for_the_bank_holds_whole_numbers_as_text_and_leaves_who_took_it_and_why(office, cashier):
    grants = ready(office, office.cast.li, office.cast.zhao)
    cashier.post("/fund/batches/new/", {"once": "b", "grant": [each.pk for each in grants], "on": DAY})
    batch = Batch.objects.get()
    url = f"/fund/batches/{batch.pk}/list/"
    assert NUMBER not in body(cashier.get(url))
    assert cashier.post(url, {"once": "c", "reason": ""}).status_code == 422
    answer = cashier.post(url, {"once": "c", "reason": "交建行代发"})
    assert answer.headers["Cache-Control"] == "no-store"
    sheet = load_workbook(BytesIO(b"".join(answer.streaming_content))).active
    rows = [row for row in sheet.iter_rows() if row[2].value == NUMBER]
    assert len(rows) == 2
    for row in rows:
        assert (row[2].data_type, row[2].number_format, row[4].value) == ("s", "@", 2000)
    row = AuditRow.objects.get(act="export")
    assert (row.subject, row.reason, row.detail) == (f"batch:{batch.pk}", "交建行代发", {"rows": 2})


def test_a_whole_number_is_shown_once_for_a_reason_and_nowhere_else(office, cashier, sign_in):
    (grant,) = ready(office, office.cast.li)
    url = f"/fund/grants/{grant.pk}/account/"
    assert NUMBER not in body(cashier.get(url))
    assert cashier.post(url, {"reason": ""}).status_code == 422
    shown = cashier.post(url, {"reason": "网银转账"})
    assert NUMBER in body(shown)
    assert shown.headers["Cache-Control"] == "no-store"
    row = AuditRow.objects.get(act="reveal")
    assert (row.subject, row.reason, row.detail) == (f"grant:{grant.pk}", "网银转账", {"field": "account"})
    assert NUMBER not in "".join(str(each.__dict__) for each in AuditRow.objects.all())
    clerk = sign_in(office.by(office.clerk))
    assert clerk.post(url, {"reason": "看看"}).status_code == 403
    payment = office.paid(grant.application, now=NOW)
    pages = [
        "payments/", "payments/?show=batches", "payments/?show=unsigned", f"grants/{grant.pk}/", "payments/sheet/",
        f"batches/{payment.batch_id}/", f"batches/{payment.batch_id}/sheet/", f"payments/{payment.pk}/slip/",
        f"payments/{payment.pk}/receive/", f"payments/{payment.pk}/fail/",
    ]  # fmt: skip
    for each in pages:
        assert NUMBER not in body(cashier.get(f"/fund/{each}"))


# Receipts, failures, repayments


def test_a_receipt_is_signed_by_the_member_or_a_substitute_who_says_why(office, cashier):
    first, second = ready(office, office.cast.li, office.cast.zhao)
    for grant in (first, second):
        office.paid(grant.application, now=NOW)
    li, zhao = (each.payments.get() for each in (first, second))
    page = body(cashier.get(f"/fund/payments/{li.pk}/receive/"))
    assert 'value="JH20261203"' in page, "the bank's slip is offered"
    data = {"once": "a", "receiver": "self", "on": DAY, "slip": "JH20261203"}
    assert "李建国的签收已登记" in body(cashier.post(f"/fund/payments/{li.pk}/receive/", data, follow=True))
    other = {"once": "b", "receiver": "substitute", "on": DAY, "substitute": "赵小山"}
    url = f"/fund/payments/{zhao.pk}/receive/"
    assert "代领的请写" in body(cashier.post(url, other), 422)
    assert cashier.post(url, other | {"relation": "长子", "why": "本人住院"}).status_code == 302
    zhao.refresh_from_db()
    assert zhao.substitute == {"name": "赵小山", "relation": "长子", "why": "本人住院"}
    assert "赵小山（长子）代领" in body(cashier.get(f"/fund/grants/{second.pk}/"))
    assert "已签收" in body(cashier.post(url, other | {"once": "c", "relation": "长子", "why": "x"}), 422)
    assert "赵秀兰" in body(cashier.get("/fund/payments/?show=done"))


def test_what_the_bank_sent_back_is_corrected_by_the_department_and_paid_anew(office, cashier, sign_in):
    (grant,) = ready(office, office.cast.li)
    payment = office.paid(grant.application, now=NOW)
    url = f"/fund/payments/{payment.pk}/fail/"
    assert "请写为什么" in body(cashier.post(url, {"once": "a", "on": DAY, "reason": ""}), 422)
    assert "原凭证已红冲" in body(cashier.post(url, {"once": "b", "on": DAY, "reason": "账号有误"}, follow=True))
    payee = f"/fund/grants/{grant.pk}/payee/"
    assert cashier.get(payee).status_code == 403
    clerk = sign_in(office.by(office.clerk))
    assert "更正收款账户" in body(clerk.get(f"/fund/grants/{grant.pk}/"))
    page = clerk.get(payee)
    assert NUMBER not in body(page)
    wrong = {"once": "c", "holder": "李建国", "bank": "建设银行", "number": "62170x", "reason": "抄错"}
    assert "账号只有数字" in body(clerk.post(payee, wrong), 422)
    assert clerk.post(payee, wrong | {"once": once_in(page), "number": "6217 0000 9999 0001"}).status_code == 302
    assert "6217 **** **** 0001" in body(cashier.get("/fund/payments/"))
    again = office.paid(grant.application, now=NOW)
    paying.receive(by=office.by(office.cashier), payment=again, on=NOW.date(), now=NOW)
    back = f"/fund/grants/{grant.pk}/back/"
    assert "请写退回多少元" in body(cashier.post(back, {"once": "d", "amount": "", "on": DAY, "reason": "多发"}), 422)
    assert "一千" in body(cashier.post(back, {"once": "d", "amount": "一千", "on": DAY, "reason": "多发"}), 422)
    sent = {"once": "e", "amount": "500", "on": DAY, "reason": "多发"}
    assert "退回已记账" in body(cashier.post(back, sent, follow=True))
    assert "退回" in body(cashier.post(back, sent | {"once": "f", "amount": "9999"}), 422)
    assert balances(office.fund) == {"available": 4_850_000, "spent": 150_000}
    assert broken() == set()


def test_nothing_goes_to_the_dead_and_what_was_kept_is_given_back(office, cashier):
    (grant,) = ready(office, office.cast.li)
    die(office.cast.li, later(-1).date())
    assert "已于 2026-11-22 去世，不能再发给本人" in body(cashier.get("/fund/payments/"))
    url = f"/fund/grants/{grant.pk}/pay/"
    assert "去世" in body(cashier.post(url, {"once": "a", "way": "bank", "slip": "H", "on": DAY}), 422)
    said = body(cashier.post(f"/fund/grants/{grant.pk}/ended/", {"once": "b"}, follow=True))
    assert "预留的 2,000.00 元回到可用余额" in said
    assert balances(office.fund) == {"available": 5_000_000}
    assert broken() == set()


# Prints, access, cost


def test_the_sheet_to_be_signed_has_a_line_for_each_and_the_total_in_capitals(office, cashier):
    grants = ready(office, office.cast.li, office.cast.zhao)
    sheet = body(cashier.get("/fund/payments/sheet/"))
    for words in (
        "党内关怀帮扶资金发放签领表",
        "李建国",
        "赵秀兰",
        "肆仟元整",
        "4,000.00 元",
        "领取人签名",
        MASK,
        "app-wide",
    ):
        assert words in sheet
    one = body(cashier.get(f"/fund/payments/sheet/?grant={grants[0].pk}&grant=x"))
    assert "贰仟元整" in one
    assert "赵秀兰" not in one


def test_who_keeps_no_books_sees_no_desk_and_another_funds_grants_do_not_exist(office, sign_in):
    (grant,) = ready(office, office.cast.li)
    li = sign_in(office.by(office.cast.li))
    assert li.get("/fund/payments/").status_code == 403
    assert li.get(f"/fund/grants/{grant.pk}/").status_code == 404
    elsewhere = person("何平")
    post(elsewhere, office.cast.general, Role.CASHIER)
    other = sign_in(account(elsewhere))
    assert "李建国" not in body(other.get("/fund/payments/"))
    assert other.get(f"/fund/grants/{grant.pk}/").status_code == 404
    assert other.post(f"/fund/grants/{grant.pk}/pay/", {"way": "bank"}).status_code == 404
    foreign = other.post("/fund/batches/new/", {"once": "a", "grant": [grant.pk], "on": DAY})
    assert foreign.status_code == 422
    bookkeeper = person("钱会")
    post(bookkeeper, office.cast.committee, Role.ACCOUNTANT)
    books = sign_in(account(bookkeeper))
    desk = body(books.get("/fund/payments/"))
    assert "李建国" in desk
    assert f"/fund/grants/{grant.pk}/pay/" not in desk
    assert books.post(f"/fund/grants/{grant.pk}/pay/", {"way": "bank"}).status_code == 403


def test_the_desk_costs_the_same_however_many_lie_on_it(office, cashier):
    people = [member(f"党员{n}", office.cast.branch) for n in range(12)]
    grants = ready(office, *people[:2], fen=100_000)

    def queries(url) -> int:
        with CaptureQueriesContext(connection) as seen:
            body(cashier.get(url))
        return len(seen)

    urls = ["/fund/payments/", "/fund/payments/sheet/"]
    queries(urls[0])  # the session's clock
    few = [queries(url) for url in urls]
    grants += ready(office, *people[2:], fen=100_000, minutes="22")
    assert [queries(url) for url in urls] == few
    by, day = office.by(office.cashier), NOW.date()
    tabs = ["/fund/payments/?show=batches", "/fund/payments/?show=unsigned", "/fund/batches/{}/"]

    def settled(chosen) -> list[int]:
        batch = paying.list_batch(by=by, fund=office.fund, grants=chosen, on=day, now=NOW)
        paying.settle_batch(by=by, batch=batch, slip="H", on=day, now=NOW)
        return [queries(tab.format(batch.pk)) for tab in tabs]

    assert settled(grants[:1]) == settled(grants[1:])
