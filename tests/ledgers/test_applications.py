"""资金申请台账: what was asked, decided and paid, and nothing of why."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledgers.applications import APPLICATIONS
from ledgers.ledger import Reader
from tests.fund.money import NOW
from tests.fund.office import Office
from tests.world import member

pytestmark = pytest.mark.django_db


def table(office, account=None):
    reader = Reader(account, NOW.date())
    rows = APPLICATIONS.rows(reader, office.cast.committee, date(2026, 1, 1), date(2026, 12, 31))
    return [tuple(cells)[1:] for _row, cells in APPLICATIONS.table(rows, reader)]


@pytest.fixture
def office(cast):
    return Office(cast)


def test_a_line_tells_the_way_from_the_number_to_the_payment(office):
    office.paid(office.passed(office.cast.li))
    office.drafted(office.cast.zhao)
    (line,) = table(office)
    assert line[0] == "2026-001"
    assert line[2] == "李建国"
    assert "支部审核 通过 11-23；总支审核 通过 11-23；组织部复核 通过 11-23" in line
    assert "党委会（2026 年第 21 次） 云水党纪〔2026〕21号 同意" in line
    assert "银行转账" in line
    assert "待签收" in line
    assert not any("住院" in str(cell) or "6217" in str(cell) for cell in line)


def test_who_reads_it_sees_his_own_scope(office, cast):
    office.submitted(cast.li)
    office.submitted(cast.sun, by=cast.sibling_secretary)
    assert {line[2] for line in table(office, office.by(cast.secretary))} == {"李建国"}
    assert {line[2] for line in table(office, office.by(cast.clerk))} == {"李建国", "孙德福"}


def test_more_lines_cost_no_more_queries(office, cast):
    office.paid(office.passed(cast.li))
    counts = []
    for names in ((), ("何平", "刘洋", "孟静")):
        for name in names:
            office.submitted(member(name, cast.branch))
        with CaptureQueriesContext(connection) as queries:
            table(office)
        counts.append(len(queries))
    assert counts[0] == counts[1]
