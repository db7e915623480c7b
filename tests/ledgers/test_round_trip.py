"""What goes out can come in: exporting any ledger and importing it again changes nothing. Today is 2026-11-23."""

from datetime import date

import pytest

from care.registers import REGISTERS
from ledgers.declarations import LEDGERS
from members.enums import Capability, Role
from tests import world
from tests.ledgers.taking import (
    account_of,
    as_csv,
    cells_of,
    everything,
    exported,
    importer,
    lived_in,
    planned,
    said,
    sheet_of,
    taken,
    talk,
)

pytestmark = pytest.mark.anywhere

EVERY = list(LEDGERS)
ALIKE = ("organisations", "posts", "study-hours", "notices", "selection-notices", "statements", "difficulty-national")
MOST = [code for code in LEDGERS if code not in (*REGISTERS, *ALIKE) or code in ("difficulty", "illness")]
"""One function makes the ledgers of all registers: those of two of them, an open one and a sensitive one, are asked
everything, the others the two questions that read every column; so is what is out only and like the roster of members.
"""

every, most = pytest.mark.parametrize("code", EVERY), pytest.mark.parametrize("code", MOST)
shared = pytest.mark.parametrize(
    "code", [code for code in MOST if not LEDGERS[code].sensitive and LEDGERS[code].needs == Capability.VIEW]
)


def nothing_changes(code, data, by, rows):
    """The sheet holds ``rows`` rows, all of them known, and writing it leaves every table as it was."""
    before = everything()
    plan = planned(code, data, by)
    assert plan.report().counts() == {"created": 0, "updated": 0, "unchanged": rows, "refused": 0}, said(plan)
    assert everything() == before
    assert taken(code, data, by).report().counts() == plan.report().counts()
    assert everything() == before
    return plan


def body(data) -> int:
    """How many rows an export has, without title, headings, totals and signatures."""
    return sum(isinstance(row[0], int | float) for row in cells_of(data))


@pytest.fixture
def clerk(cast, code):
    lived_in(cast, code)
    return world.account(cast.clerk)


@every
def test_an_export_imported_again_changes_nothing(cast, clerk, code):
    data = exported(code, clerk, cast.committee)
    assert body(data) >= 2
    assert nothing_changes(code, data, importer(clerk), body(data)).report().findings == []


@pytest.mark.parametrize(("encoding", "day"), [("gbk", "%Y/%m/%d"), ("utf-8-sig", "%Y年%m月%d日")])
@most
def test_an_export_saved_as_text_changes_nothing(cast, clerk, code, encoding, day):
    data = exported(code, clerk, cast.committee)
    nothing_changes(code, as_csv(data, encoding=encoding, day=day), importer(clerk), body(data))


@most
def test_a_command_changes_nothing_either(cast, clerk, code):
    data = exported(code, None, cast.committee)
    nothing_changes(code, data, importer(place=cast.committee), body(data))


@pytest.mark.parametrize(
    ("exporter", "role"), [(Role.SECRETARY, Role.DEPUTY_SECRETARY), (Role.INSPECTOR, Role.DEPARTMENT_CLERK)]
)
@shared
def test_who_exports_and_who_imports_may_see_different_things(cast, clerk, code, exporter, role):
    """What one of them may not know reads 关怀事项 or nothing, and differs from nothing."""
    data = exported(code, account_of(cast, exporter), cast.committee)
    nothing_changes(code, data, importer(account_of(cast, role, name="另一位")), body(data))


@most
def test_columns_in_another_order_without_the_computed_ones_change_nothing(cast, clerk, code):
    data = exported(code, clerk, cast.committee)
    ledger = LEDGERS[code]
    headings, rows = cells_of(data)[2], [row for row in cells_of(data) if isinstance(row[0], int | float)]
    kept = {column.heading for column in ledger.columns} - {column.heading for column in ledger.computed}
    rows = [{h: cell for h, cell in reversed(list(zip(headings, row, strict=True))) if h in kept} for row in rows]
    nothing_changes(code, sheet_of(code, *rows), importer(clerk), body(data))


@most
def test_what_is_done_in_between_is_not_undone(cast, clerk, code):
    """A duty that closed since makes computed columns differ: they are not read, and it is said."""
    data = exported(code, clerk, cast.committee)
    for member in (cast.li, cast.zhao):
        talk(cast, member, on=date(2026, 11, 21), text="又谈了一次")
    before = everything()
    done = taken(code, data, importer(clerk))
    assert everything() == before
    assert done.report().counts()["unchanged"] == body(data)
    assert {finding.code for finding in done.report().findings} <= {"computed"}


@most
def test_a_row_twice_in_the_file_is_one_row(cast, clerk, code):
    data = exported(code, clerk, cast.committee)
    headings, rows = cells_of(data)[2], [row for row in cells_of(data) if isinstance(row[0], int | float)]
    rows = [dict(zip(headings, row, strict=True)) for row in [*rows, rows[-1]]]
    plan = planned(code, sheet_of(code, *rows), importer(clerk))
    assert plan.report().counts() == {"created": 0, "updated": 0, "unchanged": body(data), "refused": 1}
    assert said(plan)[0][0] == body(data) + 2


@every
def test_a_changed_fact_is_refused_and_nothing_is_edited(cast, clerk, code):
    """One cell of each column somebody typed is changed, or all of them at once where few questions are asked: the row
    comes back, the database stays."""
    data = exported(code, clerk, cast.committee)
    headings, rows = cells_of(data)[2], [row for row in cells_of(data) if isinstance(row[0], int | float)]
    ledger, before = LEDGERS[code], everything()
    row = dict(zip(headings, rows[0], strict=True))
    typed = [each for each in ledger.columns if each.part == "value" and not (each.hides and not row[each.heading])]
    for columns in [[column] for column in typed] if code in MOST or not typed else [typed]:
        take = taken if columns[-1] is typed[-1] else planned
        done = take(code, sheet_of(code, row | {column.heading: "8" for column in columns}), importer(clerk))
        assert [(column.heading, "differs") for column in columns] == [each[1:] for each in said(done)]
        assert done.report().counts()["refused"] == 1
    assert everything() == before


@most
def test_another_committee_reads_nothing_of_it(cast, clerk, code):
    """The wrong file: no row of it is known there, none is entered, and no sentence tells what stands here."""
    data = exported(code, clerk, cast.committee)
    stranger = account_of(cast, Role.SECRETARY, cast.other, name="外单位书记")
    before = everything()
    done = taken(code, data, importer(stranger))
    assert done.report().counts() == {"created": 0, "updated": 0, "unchanged": 0, "refused": body(data)}
    assert everything() == before
