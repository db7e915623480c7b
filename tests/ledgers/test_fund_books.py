"""资金收支台账: what was left after each line, by the days; who is offered it. Today is 2026-11-23."""

from datetime import date

import pytest

from base.money import Source
from fund import services
from ledgers.fund_books import FUND_BOOKS
from ledgers.ledger import Reader
from members.enums import Role
from tests.fund.money import keep, opened
from tests.fund.test_books_pages import on
from tests.ledgers.taking import account_of, cells_of, exported

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
        (row[1], row[3], row[9] and float(row[9]), row[11] and float(row[11]), float(row[12])) for row in lines(cast)
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
    assert [row[14] for row in lines(cast)][:1] + [row[14] for row in lines(cast)][5:6] == [
        "已由 2026-7 红冲",
        "红冲 2026-2",
    ]
    half = lines(cast, date(2026, 3, 1), date(2026, 6, 30))
    assert [float(row[12]) for row in half] == [620.0]


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
