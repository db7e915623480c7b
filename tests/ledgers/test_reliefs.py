"""党费减免台账: what was asked, said and decided, and nothing of why."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fund.models import ReliefMove
from ledgers.ledger import Reader
from ledgers.reliefs import RELIEFS
from tests.fund.dues import DEC, NONE, Dues, by
from tests.fund.money import NOW
from tests.world import member

pytestmark = pytest.mark.django_db


@pytest.fixture
def dues(cast) -> Dues:
    return Dues(cast)


def table(cast, account=None, year=2026):
    reader = Reader(account, NOW.date())
    rows = RELIEFS.rows(reader, cast.committee, date(year, 1, 1), date(year, 12, 31))
    return [tuple(cells)[1:] for _row, cells in RELIEFS.table(rows, reader)]


def test_a_line_tells_the_way_and_what_was_granted_instead_of_what_was_asked(dues, cast):
    row = dues.at_committee()
    dues.step(row, cast.clerk, ReliefMove.APPROVE, terms=NONE, body="党委会", minutes="22号")
    (line,) = table(cast)
    assert line == (
        "河源第一党支部", "李建国", NOW.date(), "免交", None, DEC, date(2027, 11, 30), NOW.date(),
        "应到 5 实到 4，同意 4，反对 0，弃权 0", "同意 11-23", "云河水文局党委 党委会", NOW.date(), "22号", "尚未开始",
    )  # fmt: skip
    assert table(cast, year=2025) == []


def test_what_waits_leaves_what_is_to_come_empty_and_a_scope_shows_its_own(dues, cast):
    dues.filed()
    ((*_asked, kind, paid, _since, _until, on, vote, opinion, where, decided, minutes, state),) = table(cast)
    assert (kind, float(paid), on, vote, opinion, where, decided, minutes, state) == (
        "少交", 1.0, None, "", "", "", None, "", "待支部讨论",
    )  # fmt: skip
    assert table(cast, by(cast.sibling_secretary)) == []
    assert len(table(cast, by(cast.secretary))) == 1


def test_more_lines_cost_no_more_queries(dues, cast):
    dues.at_committee()
    counts = []
    for names in ((), ("何平", "刘洋", "孟静")):
        for name in names:
            dues.at_committee(member(name, cast.branch))
        with CaptureQueriesContext(connection) as queries:
            table(cast)
        counts.append(len(queries))
    assert counts[0] == counts[1]
