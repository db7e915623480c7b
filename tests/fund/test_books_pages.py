"""The pages of the books: who sees them, what they add up to, what comes in, goes down and is undone. 2026-11-23."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from base.jobs import run_waiting
from base.models import AuditRow
from base.money import Source
from fund import services
from fund.checking import run
from fund.models import Act, BankCheck, BookCheck, BookYear, Donation, Fund, Use, Voucher
from members.enums import Role
from tests.duties.acts import once_in
from tests.fund.money import DESK, NOW, broken, funded, keep, opened, refusal, unguarded
from tests.world import account, person, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def cashier(cast, sign_in):
    someone = person("吴静")
    post(someone, cast.committee, Role.CASHIER)
    return sign_in(account(someone))


@pytest.fixture
def clerk(cast, sign_in):
    return sign_in(account(cast.clerk))


def on(day: str):
    return replace(DESK, on=date.fromisoformat(day))


def lived(cast) -> Fund:
    """A fund with last year's dues, donations, an earmark, payments, a repayment, a reversal, a sum passed down."""
    fund, lower = opened(cast.committee), opened(cast.branch)
    services.receive(fund, on("2025-12-20"), source=Source.DUES, amount=1_000_000)
    services.receive(fund, on("2026-03-05"), source=Source.DUES, amount=200_000, words="一季度留存")
    services.receive(
        fund, on("2026-06-30"), source=Source.MEMBERS, amount=300_000, receipt="A001", donor="李建国", anonymous=True
    )
    wrong = services.receive(
        fund, on("2026-06-30"), source=Source.MEMBERS, amount=5_000, receipt="A002", donor="赵秀兰"
    )
    services.receive(
        fund, on("2026-07-01"), source=Source.ORGANISATIONS, amount=400_000, receipt="A003", donor="河源局党总支",
        earmark=Use.CHILDREN,
    )  # fmt: skip
    services.reverse(wrong, on("2026-07-02"), words="金额记错")
    kept = services.reserve(
        fund, on("2026-08-10"), source=Source.DUES, use=Use.HARDSHIP, amount=150_000, subject="application:1"
    )
    services.spend(kept, on("2026-08-20"), amount=100_000)
    services.repay(kept, on("2026-09-01"), amount=20_000)
    services.pass_down(fund, lower, on("2026-10-08"), source=Source.DUES, amount=250_000)
    services.set_budget(fund, 2026, 1_000_000)
    assert broken() == set()
    return fund


def text(answer) -> str:
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_nothing_yet_teaches_what_to_do_first(cashier, clerk):
    assert "由党委组织部设立" in text(cashier.get("/fund/"))
    assert "设立专项资金" in text(clerk.get("/fund/"))
    assert cashier.get("/fund/journal/").status_code == 302


def test_a_fund_is_opened_once_with_its_budget_and_uses(cast, clerk, cashier):
    page = clerk.get("/fund/new/")
    sent = {"once": once_in(page), "organisation": cast.committee.pk, "opened_on": "2026-01-01", "amount": "120,000"}
    assert clerk.post("/fund/new/", sent).status_code == 302
    assert "没有再设一次" in text(clerk.post("/fund/new/", sent, follow=True))
    fund = Fund.objects.get()
    assert BookYear.objects.get().budget == 12_000_000
    assert "还没有记过账" in text(clerk.get("/fund/"))
    again = clerk.post("/fund/new/", {**sent, "once": "x"})
    assert (again.status_code, "已经设立专项资金，不用再设" in again.content.decode()) == (422, True)
    late = clerk.post("/fund/new/", {"once": "y", "organisation": cast.branch.pk, "opened_on": "2027-01-01"})
    assert (late.status_code, 'value="2027-01-01"' in late.content.decode()) == (422, True)
    uses = reverse("fund_uses", args=[fund.pk])
    wanted = {"once": once_in(clerk.get(uses)), Source.DUES: [Use.HARDSHIP], Source.FISCAL: list(Use.values)}
    clerk.post(uses, wanted)
    assert list(fund.allowed_uses.filter(source=Source.DUES).values_list("use", flat=True)) == [Use.HARDSHIP]
    assert fund.allowed_uses.filter(source=Source.FISCAL).count() == len(Use)
    assert not fund.allowed_uses.filter(source=Source.MEMBERS).exists()
    budget = reverse("fund_budget", args=[fund.pk])
    clerk.post(budget, {"once": once_in(clerk.get(budget)), "year": "2027", "amount": "30000"})
    assert BookYear.objects.get(year=2027).budget == 3_000_000
    for page in (uses, budget):
        assert cashier.get(page).status_code == 403
        assert cashier.post(page, {}).status_code == 403
    assert cashier.get("/fund/new/").status_code == 403


def test_the_first_page_adds_up_each_source_and_leads_to_its_rows(cast, cashier):
    fund = lived(cast)
    page = text(cashier.get("/fund/"))
    flat = page.replace("\n", "")
    for source, figures in (
        ("留存党费", ["10,000.00", "2,000.00", "2,500.00", "800.00", "500.00", "8,200.00"]),
        ("党员捐赠", ["0.00", "3,000.00", "0.00", "0.00", "0.00", "3,000.00"]),
        ("党组织捐赠", ["0.00", "4,000.00", "0.00", "0.00", "0.00", "4,000.00"]),
    ):
        row = flat[flat.index(f">{source}</a>") :]
        cells = [cell.split("<")[0] for cell in row[: row.index("</tr>")].replace("<b>", ">").split(">") if "." in cell]
        assert cells[-6:] == figures, source
    assert "限生活困难补助、重病补助、受灾补助、走访慰问、亡故慰问" in page
    assert "可用里有 4,000.00 指定未成年子女生活补助" in page
    assert "已占用（预留和支出）1,300.00，占 13%" in page
    assert "2026 年收入 9,000.00 元，支出和下拨 3,300.00 元，现在结余 15,700.00 元" in page
    assert "党员捐赠" in text(cashier.get("/fund/journal/", {"source": "members"}))
    rows = text(cashier.get("/fund/journal/", {"fund": fund.pk, "source": "dues", "act": "out", "when": "2026"}))
    assert rows.count("<tr id=") == 2
    last = text(cashier.get("/fund/", {"year": "2025"}))
    assert "2025 年收入 10,000.00 元" in last
    assert "年末结余 10,000.00 元" in last


def test_the_journal_shows_a_reversal_in_red_beside_its_original(cast, cashier):
    lived(cast)
    page = text(cashier.get("/fund/journal/"))
    undone = Voucher.objects.get(reversal__isnull=False)
    assert 'class="r neg"' in page
    assert "-50.00" in page
    assert f'红冲 <a href="{reverse("voucher", args=[undone.pk])}">2026-3</a>：金额记错' in page
    assert page.count(">已红冲</a>") == 1
    assert "-200.00" in page, "what came back counts against what was spent"
    assert "edit" not in page.split("<main")[1]
    august = text(cashier.get("/fund/journal/", {"when": "2026-08"}))
    assert august.count("<tr id=") == 2
    assert text(cashier.get("/fund/journal/", {"number": "3"})).count("<tr id=") == 1
    assert "没有符合条件的凭证" in text(cashier.get("/fund/journal/", {"number": "99"}))


def test_the_journal_goes_on_behind_its_page(cast, cashier, monkeypatch):
    monkeypatch.setattr("fund.reading.PAGE", 4)
    fund = lived(cast)
    seen, url = [], "/fund/journal/"
    while url:
        page = text(cashier.get(url))
        seen += [row.split('"')[0] for row in page.split('<tr id="v')[1:]]
        url = page.split('class="ms-auto" href="')[1].split('"')[0] if "后面的" in page else ""
        url = url and f"/fund/journal/{url.replace('&amp;', '&')}"
    numbers = Voucher.objects.filter(fund=fund).order_by("-year", "-number").values_list("pk", flat=True)
    assert seen == [str(pk) for pk in numbers]


def income(browser, fund, **more):
    page = browser.get(reverse("fund_income", args=[fund.pk]))
    return {"once": once_in(page), "source": "dues", "on": "2026-11-20", "amount": "1,200.50", **more}


def test_income_is_entered_once_however_often_it_is_sent(cast, cashier):
    fund = opened(cast.committee)
    url, sent = reverse("fund_income", args=[fund.pk]), income(cashier, fund, words="三季度留存")
    first = text(cashier.post(url, sent, follow=True))
    assert "已记账，凭证号 2026-1。" in first
    assert "吴静" in first
    assert "已经记过账" in text(cashier.post(url, sent, follow=True))
    made = Voucher.objects.get()
    assert (made.amount, made.on, made.words, made.taken.source) == (120_050, date(2026, 11, 20), "三季度留存", "dues")
    printed = text(cashier.get(reverse("voucher_print", args=[made.pk])))
    assert "壹仟贰佰元伍角整" in printed


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"source": ""}, "请选款源。"),
        ({"source": "own"}, "请选款源。"),
        ({"amount": ""}, "请填金额"),
        ({"amount": "一千"}, "金额请写成 1200 或 1200.50 这样"),
        ({"amount": "0"}, "金额要大于零"),
        ({"amount": "-5"}, "金额请写成"),
        ({"on": "2026-11-24"}, "日期在今天以后"),
        ({"on": "2024-12-31"}, "资金 2025-01-01 设立"),
        ({"on": "昨天"}, "请填日期"),
        ({"donor": "李建国", "receipt": "A1"}, "留存党费不是捐赠"),
        ({"source": "members", "receipt": "A1"}, "请写捐赠人"),
        ({"source": "members", "donor": "李建国"}, "请写收据号"),
        ({"earmark": "party"}, "请从列表里选用途"),
        ({"words": "长" * 121}, "写了 121 个字"),
    ],
)
def test_income_that_cannot_be_is_refused_in_words_and_keeps_what_was_typed(cast, cashier, given, sentence):
    fund = opened(cast.committee)
    kept = {"words": "留着的摘要"} | given
    answer = cashier.post(reverse("fund_income", args=[fund.pk]), income(cashier, fund, **kept))
    said = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in said
    assert f'value="{kept["words"]}"' in said
    assert not Voucher.objects.exists()


def test_a_donation_has_its_receipt_its_certificate_and_its_place_in_the_list(cast, cashier):
    fund = opened(cast.committee)
    url = reverse("fund_income", args=[fund.pk])
    given = {"source": "members", "receipt": "A1", "donor": "李建国", "anonymous": "on", "earmark": "illness"}
    cashier.post(url, income(cashier, fund, **given))
    made = Voucher.objects.get()
    receipt = text(cashier.get(reverse("donation_receipt", args=[made.pk])))
    assert all(words in receipt for words in ("收据号：A1", "李建国", "指定用于重病补助", "壹仟贰佰元伍角整"))
    assert "李建国：" in text(cashier.get(reverse("donation_certificate", args=[made.pk])))
    used = cashier.post(url, income(cashier, fund, **given))
    assert (used.status_code, "收据号 A1 已经用过" in used.content.decode()) == (422, True)
    donors = reverse("fund_donors", args=[fund.pk])
    read = AuditRow.objects.filter(act="read").order_by("pk").values_list("subject", flat=True)
    assert list(read) == [f"voucher:{made.pk}"] * 2, "the receipt and the certificate name the donor"
    assert "李建国（公开时匿名）" in text(cashier.get(donors))
    public = text(cashier.get(donors, {"public": "1"}))
    assert "匿名" in public
    assert "李建国" not in public
    assert list(read.all())[2:] == [f"fund:{fund.pk}"]
    services.receive(fund, DESK, source=Source.DUES, amount=5)
    dues = Voucher.objects.get(taken__source="dues")
    assert cashier.get(reverse("donation_receipt", args=[dues.pk])).status_code == 404
    assert "李建国" not in text(cashier.get("/fund/journal/")), "the list opens nothing sealed"
    services.reverse(made, DESK, words="钱退回去了")
    assert "收据作废" in text(cashier.get(reverse("donation_receipt", args=[made.pk])))
    assert "不再出证书" in text(cashier.get(reverse("donation_certificate", args=[made.pk])))
    assert "还没有收到捐赠" in text(cashier.get(donors))


def test_a_receipt_taken_meanwhile_is_refused_by_the_sentence(cast, monkeypatch):
    """Of another year, so that no lock is shared: the check does not see it, the database does."""
    fund = opened(cast.committee)
    given = {"source": Source.MEMBERS, "amount": 100, "receipt": "A1", "donor": "李建国"}
    services.receive(fund, on("2025-05-05"), **given)
    monkeypatch.setattr("django.db.models.QuerySet.exists", lambda self: False)
    assert refusal(services.receive, fund, DESK, **given) == {"receipt": ["收据号 A1 已经用过。请核对收据。"]}
    assert Voucher.objects.count() == 1


def test_a_voucher_is_undone_once_with_a_reason(cast, cashier, clerk):
    fund = funded(cast.committee, 80_000)
    made = Voucher.objects.get()
    url = reverse("voucher_reverse", args=[made.pk])
    assert clerk.get(url).status_code == 403
    page = cashier.get(url)
    sent = {"once": once_in(page), "on": "2026-11-23", "words": "金额记错"}
    empty = cashier.post(url, {**sent, "words": " "})
    assert (empty.status_code, "请写为什么红冲" in empty.content.decode()) == (422, True)
    assert "由 2026-2 红冲" in text(cashier.post(url, sent, follow=True))
    assert "已经记过账" in text(cashier.post(url, sent, follow=True))
    assert Voucher.objects.count() == 2
    assert cashier.post(url, {**sent, "once": "z"}).status_code == 403
    undone = reverse("voucher_reverse", args=[Voucher.objects.get(number=2).pk])
    assert cashier.get(undone).status_code == 403
    kept = keep(funded(cast.branch), 100)
    spent = reverse("voucher_reverse", args=[kept.vouchers.get().pk])
    assert "在所属的申请或慰问里更正" in cashier.get(spent).content.decode()
    assert fund.vouchers.count() == 2


def test_a_reversal_that_would_leave_less_than_nothing_is_refused(cast, cashier):
    fund = funded(cast.committee, 80_000)
    keep(fund, 80_000)
    url = reverse("voucher_reverse", args=[Voucher.objects.get(number=1).pk])
    answer = cashier.post(url, {"once": "a", "on": "2026-11-23", "words": "记错"})
    said = answer.content.decode()
    assert (answer.status_code, "留存党费可用 0.00，不够这笔 800.00" in said, 'value="记错"' in said) == (
        422,
        True,
        True,
    )


def test_money_is_passed_down_in_both_books_and_undone_by_the_upper_alone(cast, cashier, sign_in):
    fund, lower = funded(cast.committee, 80_000), opened(cast.branch)
    services.receive(fund, DESK, source=Source.ORGANISATIONS, amount=900, receipt="1", donor="甲", earmark=Use.CHILDREN)
    url = reverse("fund_pass_down", args=[fund.pk])
    page = cashier.get(url)
    pots = page.content.decode()
    assert "留存党费，可用 800.00" in pots
    pot = fund.accounts.get(kind="available", earmark=Use.CHILDREN)
    sent = {"once": once_in(page), "lower": lower.pk, "pot": pot.pk, "on": "2026-11-23", "amount": "5"}
    short = cashier.post(url, {**sent, "amount": "10"})
    assert (short.status_code, "不够这笔 10.00" in short.content.decode()) == (422, True)
    assert "已下拨" in text(cashier.post(url, sent, follow=True))
    got = Voucher.objects.get(act=Act.GET_DOWN)
    assert (got.fund, got.amount, got.taken.earmark) == (lower, 500, Use.CHILDREN)
    someone = person("孙敏")
    post(someone, cast.branch, Role.CASHIER)
    below = sign_in(account(someone))
    refused = below.get(reverse("voucher_reverse", args=[got.pk]))
    assert (refused.status_code, "由云河水文局党委的出纳或会计红冲" in refused.content.decode()) == (403, True)
    assert "在上级的账里" in text(below.get(reverse("voucher", args=[got.pk])))
    undo = reverse("voucher_reverse", args=[got.pk])
    cashier.post(undo, {"once": "u", "on": "2026-11-23", "words": "拨错"})
    assert lower.accounts.get(kind="available").balance == 0
    assert broken() == set()


def test_the_last_of_the_money_is_passed_down_once_by_two_clicks(cast, cashier):
    fund, lower = funded(cast.committee, 80_000), opened(cast.branch)
    url = reverse("fund_pass_down", args=[fund.pk])
    pot = fund.accounts.get(kind="available")
    sent = {"once": once_in(cashier.get(url)), "lower": lower.pk, "pot": pot.pk, "on": "2026-11-23", "amount": "800"}
    cashier.post(url, sent)
    assert "已经记过账" in text(cashier.post(url, sent, follow=True))
    assert lower.accounts.get(kind="available").balance == 80_000
    assert "没有可用的钱" in text(cashier.get(url))


@pytest.mark.parametrize(
    "query",
    [
        {"fund": "abc"}, {"fund": "9" * 30}, {"fund": "-1"},
    ],
)  # fmt: skip
def test_a_fund_that_cannot_be_is_not_found(cast, cashier, query):
    funded(cast.committee)
    assert cashier.get("/fund/", query).status_code == 404
    assert cashier.get("/fund/journal/", query).status_code == 404


def test_an_address_that_says_nonsense_shows_the_whole_list(cast, cashier):
    funded(cast.committee)
    for query in (
        {"after": "x~y"}, {"after": "2026~"}, {"after": "99999999~9999999999"}, {"when": "2026-13"}, {"act": "steal"},
        {"source": "own"}, {"number": "-3"}, {"number": "9" * 30}, {"year": "x"}, {"when": "\0"},
    ):  # fmt: skip
        assert 'id="v' in text(cashier.get("/fund/journal/", query)), query
    assert "2026 年收入 5,000.00 元" in text(cashier.get("/fund/", {"year": "abc"}))


def test_the_statement_of_any_period_equals_sums_by_hand(cast, cashier):
    fund = lived(cast)
    url = reverse("fund_statement", args=[fund.pk])
    for asked, figures in (
        (
            {"year": "2026", "part": "year"},
            ["10,000.00", "9,000.00", "0.00", "2,500.00", "800.00", "15,700.00", "500.00"],
        ),
        ({"year": "2026", "part": "h1"}, ["10,000.00", "5,050.00", "0.00", "0.00", "0.00", "15,050.00", "0.00"]),
        ({"year": "2026", "part": "q3"}, ["15,050.00", "3,950.00", "0.00", "0.00", "800.00", "18,200.00", "500.00"]),
        (
            {"first": "2026-07-01", "last": "2026-08-15"},
            ["15,050.00", "3,950.00", "0.00", "0.00", "0.00", "19,000.00", "1,500.00"],
        ),
        (
            {"first": "2026-08-15", "last": "2026-08-31"},
            ["19,000.00", "0.00", "0.00", "0.00", "1,000.00", "18,000.00", "500.00"],
        ),
    ):  # fmt: skip
        page = text(cashier.get(url, asked))
        total = page.split('<tbody class="total"><tr><th>合计</th>')[1].split("</tr>")[0]
        assert [cell.split("<")[0] for cell in total.split("<td>")[1:]] == figures, asked
    assert "河源局党总支" in text(cashier.get(url, {"year": "2026"}))
    assert "李建国" not in text(cashier.get(url, {"year": "2026"}))
    assert "2026 年上半年" in text(cashier.get(url, {"year": "2026", "part": "h1"}))
    turned = cashier.get(url, {"first": "2026-08-15", "last": "2026-08-01"})
    assert (turned.status_code, "可能填反了" in turned.content.decode()) == (422, True)
    assert 'value="2026-08-15"' in turned.content.decode()
    assert cashier.get(url, {"first": "2026-08-15"}).status_code == 422
    assert cashier.get(url, {"year": "1999", "part": "x"}).status_code == 422


def test_the_bank_is_compared_with_the_books_of_a_day(cast, cashier, clerk):
    fund = lived(cast)
    url, listed = reverse("fund_bank_new", args=[fund.pk]), reverse("fund_bank", args=[fund.pk])
    sent = {"once": once_in(cashier.get(url)), "on": "2026-08-31", "bank": "18,000", "words": ""}
    assert "相符" in text(cashier.post(url, sent, follow=True))
    other = cashier.post(url, {**sent, "once": "b", "bank": "17999.50"})
    said = other.content.decode()
    assert (other.status_code, "账面 18,000.00，银行少 0.50。请写差额" in said, 'value="17999.50"' in said) == (
        422, True, True,
    )  # fmt: skip
    cashier.post(url, {**sent, "once": "c", "bank": "17999.50", "words": "手续费，8-31 扣"})
    assert list(BankCheck.objects.order_by("pk").values_list("books", "bank")) == [
        (1_800_000, 1_800_000), (1_800_000, 1_799_950),
    ]  # fmt: skip
    services.receive(fund, on("2026-08-30"), source=Source.DUES, amount=100)
    assert "补记以后是 18,001.00" in text(clerk.get(listed))
    assert clerk.post(url, sent).status_code == 403
    assert cashier.post(url, {**sent, "once": "d", "on": "2026-11-24"}).status_code == 422


def test_a_break_is_told_to_those_who_keep_the_books_and_to_nobody_else(cast, cashier, clerk, sign_in):
    lived(cast)
    assert "还没有核验过" in text(cashier.get("/fund/checks/"))
    asked = cashier.post("/fund/checks/new/", {"once": "k"})
    assert asked.status_code == 302
    run_waiting()
    assert BookCheck.objects.get().found == 0
    assert "都对得上" in text(cashier.get("/fund/checks/"))
    with unguarded("UPDATE fund_voucher SET amount = amount + 1 WHERE act = 'spend'"):
        pass
    run(now=NOW)
    page = text(cashier.get("/fund/"))
    assert "账对不上，请先停止记账和支付" in page
    assert '资金总览<span class="n">' in page
    checks = text(cashier.get("/fund/checks/"))
    assert "云河水文局党委，2026 年第 7 号" in checks
    assert "资金总览<span" in text(clerk.get("/"))
    secretary = sign_in(account(cast.secretary))
    assert "都对得上" in text(secretary.get("/fund/checks/"))
    assert "资金总览<span" not in text(secretary.get("/"))
    assert secretary.post("/fund/checks/new/", {"once": "s"}).status_code == 403


def test_nobody_is_told_all_is_well_while_breaks_are_not_named(cast, cashier):
    """A run found more than its row names, all of those it names in books of somebody else."""
    funded(cast.committee)
    far = funded(cast.other)
    named = {"code": "I2", "words": "每个账全部科目合计为零", "fund": far.pk, "year": 0, "number": 0, "detail": "1"}
    BookCheck.objects.create(at=NOW, vouchers=2, found=3, breaks=[named, named])
    page = text(cashier.get("/fund/"))
    assert "有些不符没有列出" in page
    assert '资金总览<span class="n">1</span>' in page
    checks = text(cashier.get("/fund/checks/"))
    assert "另有 1 处没有列出" in checks
    assert "每个账全部科目合计为零，不成立" not in checks, "of the books of others nothing is said"
    assert "都对得上" not in checks


def test_others_branches_books_do_not_exist(cast, cashier, sign_in):
    fund, far = lived(cast), funded(cast.other)
    outside = sign_in(account(cast.outsider))
    sibling = sign_in(account(cast.sibling_secretary))
    plain = sign_in(account(cast.li))
    pages = [reverse(name, args=[fund.pk]) for name in ("fund_statement", "fund_donors", "fund_bank", "fund_income")]
    pages += [
        reverse(name, args=[fund.vouchers.first().pk]) for name in ("voucher", "voucher_print", "voucher_reverse")
    ]
    for url in pages:
        assert sibling.get(url).status_code == 404, url
    assert sibling.get("/fund/", {"fund": fund.pk}).status_code == 404
    assert cashier.get("/fund/", {"fund": far.pk}).status_code == 404
    assert outside.get("/fund/").status_code == 200
    assert plain.get("/fund/").status_code == 403
    assert "资金总览" not in text(plain.get("/me/"))
    below = Fund.objects.get(organisation=cast.branch)
    assert "收到下拨" in text(sign_in(account(cast.secretary)).get("/fund/"))
    assert text(cashier.get("/fund/", {"fund": below.pk})).count("<option") == 2


def test_the_cashier_begins_at_the_payments_and_finds_the_books_in_the_rail(cast, cashier):
    funded(cast.committee)
    page = text(cashier.get("/", follow=True))
    assert "<h1>待发放</h1>" in page
    rail = page.split('class="side"')[1].split("</nav>")[0]
    assert all(word in rail for word in ("资金总览", "流水"))
    assert "党员" not in rail


def asked(browser, url) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(url).status_code == 200
    return len(queries)


def test_pages_ask_as_much_for_many_vouchers_as_for_few(cast, cashier):
    fund = lived(cast)
    pages = ["/fund/", "/fund/journal/"] + [
        reverse(name, args=[fund.pk]) for name in ("fund_statement", "fund_donors", "fund_bank")
    ]
    asked(cashier, "/me/")  # the session's clock moves once
    before = {url: asked(cashier, url) for url in pages}
    assert max(before.values()) <= 24, before
    for n in range(30):
        services.receive(fund, DESK, source=Source.MEMBERS, amount=n + 1, receipt=f"B{n}", donor="甲")
        keep(fund, 10, subject=f"application:{n + 2}")
    assert {url: asked(cashier, url) for url in pages} == before
    assert Donation.objects.count() > 30
