"""资金收支台账: what was left after each line, by the days, whom it was paid to by which papers; who is offered it.

Today is 2026-11-23.
"""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from base.money import Source
from care.registers.elderly import RURAL
from duties.engine.models import Record
from fund import services
from fund.applying import paying
from fund.booking import book, unbook
from fund.models import AllowanceRun, Application, Grant, Meeting, NoticeLine, PublicNotice, RecordSpending
from ledgers.fund_books import FUND_BOOKS
from ledgers.ledger import Reader
from members.enums import Role
from members.models import Person
from tests.care.test_elderly import standard
from tests.fund.money import NOW, keep, opened, unguarded
from tests.fund.office import Office, later
from tests.fund.test_books_pages import on
from tests.fund.test_running import decided, entered, prepared
from tests.ledgers.rows import TODAY, printed
from tests.ledgers.taking import account_of, cells_of, exported, visit
from tests.world import member

pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]

DAYS = date(2026, 1, 1), date(2026, 12, 31)


def lines(cast, *days) -> list[tuple]:
    reader = Reader(None, date(2026, 11, 23))
    rows = FUND_BOOKS.rows(reader, cast.committee, *(days or DAYS))
    return [tuple(cells) for _row, cells in FUND_BOOKS.table(rows, reader)]


def test_each_line_says_what_was_left_by_the_days_whatever_was_entered_first(cast):
    fund, below = opened(cast.committee), opened(cast.branch)
    services.receive(fund, on("2025-12-31"), source=Source.DUES, amount=50_000)
    services.receive(fund, on("2026-03-02"), source=Source.DUES, amount=10_000)
    late = services.receive(fund, on("2026-02-01"), source=Source.FISCAL, amount=2_000)
    kept = keep(fund, 30_000)
    services.spend(kept, on("2026-11-23"), amount=20_000)
    services.repay(kept, on("2026-11-23"), amount=500)
    services.pass_down(fund, below, on("2026-11-23"), source=Source.DUES, amount=5_000)
    services.reverse(late, on("2026-11-23"), words="拨错")
    told = [
        (row[1], row[3], row[9] and float(row[9]), row[15] and float(row[15]), float(row[16])) for row in lines(cast)
    ]
    assert told == [
        (date(2026, 2, 1), "2026-2", 20.0, None, 520.0),
        (date(2026, 3, 2), "2026-1", 100.0, None, 620.0),
        (date(2026, 11, 23), "2026-4", None, 200.0, 420.0),
        (date(2026, 11, 23), "2026-5", None, -5.0, 425.0),
        (date(2026, 11, 23), "2026-6", None, 50.0, 375.0),
        (date(2026, 11, 23), "2026-7", -20.0, None, 355.0),
        (date(2026, 11, 23), "2026-1", 50.0, None, 50.0),
    ]
    assert [row[7] for row in lines(cast)][-1] == "云河水文局党委", "who passed it down"
    assert [row[18] for row in lines(cast)][:1] + [row[18] for row in lines(cast)][5:6] == [
        "已由 2026-7 红冲",
        "红冲 2026-2",
    ]
    half = lines(cast, date(2026, 3, 1), date(2026, 6, 30))
    assert [float(row[16]) for row in half] == [620.0]


def test_donors_stand_in_the_workbook_alone(cast, sign_in):
    fund = opened(cast.branch)
    services.receive(fund, on("2026-07-01"), source=Source.MEMBERS, amount=100, donor="捐赠的人", receipt="A1")
    inspector = account_of(cast, Role.INSPECTOR)
    browser = sign_in(inspector)
    page = browser.get("/ledgers/fund-books/").content.decode()
    assert "A1" in page
    assert "捐赠的人" not in page
    sent = {"organisation": cast.committee.pk, "first": "2026-01-01", "last": "2026-11-23"}
    assert browser.post("/ledgers/fund-books/export/", sent).status_code == 200
    cells = [cell for row in cells_of(exported("fund-books", inspector, cast.committee)) for cell in row]
    assert "捐赠的人" in cells


def test_those_who_read_no_books_are_not_offered_it(cast, sign_in):
    opened(cast.branch)
    deputy = sign_in(account_of(cast, Role.DEPUTY_SECRETARY))
    assert "资金收支台账" not in deputy.get("/ledgers/").content.decode()
    assert deputy.get("/ledgers/fund-books/").status_code == 403
    secretary = sign_in(account_of(cast, Role.SECRETARY, name="另一位"))
    assert "资金收支台账" in secretary.get("/ledgers/").content.decode()


# Whom and by which papers

GROUNDS = ("帮扶对象", "审批单号", "会议纪要号", "公示编号")


def grounds(cast, act="支出") -> list[tuple]:
    """Of each line of an act."""
    rows = printed("fund-books", None, cast.committee, first=date(2025, 1, 1), last=date(2027, 12, 31))
    return [tuple(row[heading] for heading in GROUNDS) for row in rows if row["事项"] == act]


def test_a_payment_says_whom_and_by_which_application_minutes_and_notice(cast):
    office = Office(cast)
    row = office.passed(cast.li)
    payment = office.paid(row)
    notice = PublicNotice.objects.get()
    assert grounds(cast, "收入") == [("", "", "", "")], "what came in was for nobody yet"
    assert grounds(cast) == [("李建国", row.label, "云水党纪〔2026〕21号", f"2026-{notice.pk}")]
    # each cell follows its fact
    Person.objects.filter(pk=cast.li.pk).update(name="李国建")
    Application.objects.filter(pk=row.pk).update(number=77)
    with unguarded():
        Meeting.objects.update(minutes="云水党纪〔2026〕99号")
    PublicNotice.objects.update(posted_on=date(2025, 12, 30))
    assert grounds(cast) == [("李国建", f"{row.year}-077", "云水党纪〔2026〕99号", f"2025-{notice.pk}")]
    # what is undone was the same payment
    paying.fail(by=office.by(office.cashier), payment=payment, reason="账号不符", on=later(10).date(), now=later(10))
    assert len(grounds(cast)) == 2
    assert len(set(grounds(cast))) == 1
    # a notice of another round is none of this decision
    with unguarded():
        NoticeLine.objects.update(round=9)
    assert {each[3] for each in grounds(cast)} == {""}


def test_an_allowance_names_the_minutes_of_its_run(cast):
    office = Office(cast)
    standard(cast)
    old = member("田长庚", cast.branch, born=date(1929, 4, 1), joined=date(1948, 5, 4), full=date(1949, 11, 4))
    entered(old, benefits=RURAL)
    services.receive(office.fund, on("2026-01-01"), source=Source.FISCAL, amount=1_000_000)
    run = prepared(office)
    decided(office, run)
    services.spend(Grant.objects.get().reservation, on("2026-11-23"), amount=100)
    assert grounds(cast) == [("田长庚", "", "云水党纪〔2026〕22号", "")]
    AllowanceRun.objects.update(minutes="云水党纪〔2026〕23号")
    assert grounds(cast) == [("田长庚", "", "云水党纪〔2026〕23号", "")]


def test_the_money_of_a_visit_names_whom_it_went_to_and_its_minutes(cast):
    office = Office(cast)
    visit(cast, cast.zhao, on=date(2026, 11, 12), money=50_000, source="dues")
    record = Record.objects.get()
    spending = book(
        by=office.by(office.cashier), record=record, fen=50_000, source="dues", minutes="云水党纪〔2026〕2号", now=NOW
    )  # fmt: skip
    assert grounds(cast) == [("赵秀兰", "", "云水党纪〔2026〕2号", "")]
    RecordSpending.objects.update(minutes="云水党纪〔2026〕3号")
    Record.objects.update(member=cast.li, withdrawn_on=TODAY)
    unbook(by=office.by(office.cashier), spending=spending, now=NOW)
    assert grounds(cast) == [("李建国", "", "云水党纪〔2026〕3号", "")] * 2


def test_whom_it_went_to_stands_in_the_workbook_alone(cast, sign_in):
    office = Office(cast)
    office.paid(office.passed(cast.li))
    inspector = account_of(cast, Role.INSPECTOR)
    page = sign_in(inspector).get("/ledgers/fund-books/?last=2026-12-31").content.decode()
    assert "云水党纪〔2026〕21号" in page
    assert "李建国" not in page
    sheet = cells_of(exported("fund-books", inspector, cast.committee))
    assert "李建国" in [cell for row in sheet for cell in row]


def test_more_payments_ask_no_more(cast):
    office = Office(cast)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert grounds(cast)
        return len(queries)

    office.paid(office.passed(cast.li))
    few = asked()
    rows = office.decided(office.ready(cast.zhao), office.ready(cast.commissioner), minutes="云水党纪〔2026〕22号")
    for row in rows:
        services.spend(row.grants.get().reservation, on("2026-11-23"), amount=100)
    assert len(grounds(cast)) == 3
    assert asked() == few
