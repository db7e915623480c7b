"""The database's own guards, the seals, and each invariant of ``check_books`` found broken where somebody broke it."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DataError, IntegrityError, connection, transaction

from base.money import Source
from fund import services
from fund.checking import INVARIANTS, SEALED
from fund.models import BookCheck, BookYear, Donation, JournalSeal, Reservation, Voucher
from fund.sealing import seal
from tests.fund.money import DESK, NOW, broken, funded, keep, opened, unguarded

pytestmark = pytest.mark.django_db


@pytest.fixture
def books(cast):
    """Two funds with one voucher of every act, one reversal, all sealed but the last."""
    upper, lower = funded(cast.committee), opened(cast.branch)
    services.receive(upper, DESK, source=Source.MEMBERS, amount=70_000, donor="李建国", receipt="A1")
    services.pass_down(upper, lower, DESK, source=Source.DUES, amount=200_000)
    kept = keep(lower, 100_000)
    paid = services.spend(kept, DESK, amount=60_000)
    services.repay(kept, DESK, amount=10_000)
    services.release(kept, DESK, amount=10_000)
    seal(now=NOW)
    services.receive(upper, DESK, source=Source.FISCAL, amount=5_000)
    assert broken() == set()
    connection.check_constraints()  # PostgreSQL empties no table whose foreign keys wait for the end
    return lower, paid


def run(statement: str):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def contents():
    return [list(model.objects.order_by("pk").values_list()) for model in (Voucher, Donation, JournalSeal)]


@pytest.mark.parametrize("table", ["fund_voucher", "fund_donation", "fund_journalseal"])
def test_raw_sql_changes_and_removes_nothing(books, table):
    before = contents()
    statements = [f"UPDATE {table} SET fund_id = fund_id", f"DELETE FROM {table}"]
    if connection.vendor == "postgresql":
        statements += [f"TRUNCATE {table} CASCADE"]
    else:
        statements += [f"REPLACE INTO {table} SELECT * FROM {table}"]
    for statement in statements:
        with pytest.raises(IntegrityError, match=r"only grows|astray"):
            run(statement)
    with pytest.raises(IntegrityError, match="only grows"), transaction.atomic():
        Voucher.objects.first().delete() if table == "fund_voucher" else Donation.objects.get().save()
    assert contents() == before


def copied(voucher: Voucher, **changed) -> Voucher:
    """A new voucher like ``voucher`` but for what is ``changed``, under a free number."""
    values = {f.attname: getattr(voucher, f.attname) for f in Voucher._meta.concrete_fields if f.name != "id"}
    return Voucher.objects.create(**{**values, "number": 50, "upper_id": None, **changed})


def test_a_voucher_cannot_leave_its_source_nor_a_reversal_differ(books):
    lower, _paid = books
    dues = Voucher.objects.get(fund__organisation__code="01", number=1)
    donated = Voucher.objects.get(fund__organisation__code="01", number=2)
    for changed in (
        {"given_id": donated.given_id},
        {"fund_id": lower.pk},
        {"taken_id": dues.given_id, "given_id": dues.taken_id, "reverses_id": dues.pk, "amount": 1},
        {"reverses_id": dues.pk},
    ):
        with pytest.raises(IntegrityError, match="astray"), transaction.atomic():
            copied(dues, **changed)
    for changed in ({"amount": 0}, {"given_id": dues.taken_id}):
        with pytest.raises((IntegrityError, DataError)), transaction.atomic():
            copied(dues, **changed)
    with pytest.raises(IntegrityError), transaction.atomic():
        copied(dues, number=1)


def test_no_balance_goes_below_zero_whoever_writes_it(books):
    for statement in (
        "UPDATE fund_bookaccount SET balance = -1 WHERE kind = 'available'",
        "UPDATE fund_reservation SET unpaid = -1",
        "UPDATE fund_bookyear SET used = -1",
    ):
        with pytest.raises(IntegrityError):
            run(statement)


PAID = "WHERE act = 'spend'"
TAMPERED = [
    (
        "I1",
        f"UPDATE fund_voucher SET given_id = (SELECT MIN(id) FROM fund_bookaccount WHERE kind = 'available') {PAID}",
    ),
    ("I2", "UPDATE fund_bookaccount SET balance = balance + 1 WHERE kind = 'spent'"),
    ("I3", "UPDATE fund_voucher SET amount = 999999999 WHERE act = 'reserve'"),
    ("I3", "UPDATE fund_bookaccount SET balance = -5 WHERE kind = 'reserved'"),
    ("I4", f"UPDATE fund_voucher SET amount = amount - 1 {PAID}"),
    ("I4", f"UPDATE fund_voucher SET taken_balance = taken_balance + 1 {PAID}"),
    ("I4-unpaid", "UPDATE fund_reservation SET unpaid = unpaid + 1"),
    ("I4-spent", "UPDATE fund_reservation SET spent = 0"),
    ("I4-used", "UPDATE fund_bookyear SET used = used + 1"),
    ("I4-month", "UPDATE fund_monthtotal SET amount = amount + 1 WHERE act = 'spend'"),
    ("I4-month", "DELETE FROM fund_monthtotal WHERE act = 'repay'"),
    ("I4-pot", f"UPDATE fund_voucher SET reservation_id = NULL {PAID}"),
    ("I6", f"UPDATE fund_voucher SET reverses_id = (SELECT MIN(id) FROM fund_voucher) {PAID}"),
    ("I6-pair", "UPDATE fund_voucher SET upper_id = NULL WHERE act = 'get_down'"),
    ("I11-gaps", f"UPDATE fund_voucher SET number = 99 {PAID}"),
    ("I11-gaps", "UPDATE fund_bookyear SET last = last + 1"),
    ("I11-seals", "UPDATE fund_voucher SET words = '改过' WHERE act = 'reserve'"),
    ("I11-seals", "UPDATE fund_donation SET anonymous = TRUE"),
    ("I11-seals", "UPDATE fund_donation SET donor = 'x'"),
    ("I11-seals", "DELETE FROM fund_donation"),
    ("I11-seals", f"UPDATE fund_voucher SET account = 5 {PAID}"),
    ("I11-seals", "UPDATE fund_journalseal SET last = last - 1"),
    ("I12", "UPDATE fund_bookaccount SET balance = 999999 WHERE kind = 'spent'"),
    ("I12", "UPDATE fund_bookyear SET budget = 1"),
]


@pytest.mark.parametrize(("code", "statement"), TAMPERED)
def test_what_is_broken_past_the_guards_is_found_and_named(books, code, statement):
    with unguarded(statement):
        pass
    assert code in broken()


def test_every_invariant_has_been_broken_once():
    assert {code for code, _statement in TAMPERED} == {each.code for each in INVARIANTS} | {SEALED[0]}


def test_the_command_answers_and_keeps_what_it_found(books):
    out = StringIO()
    call_command("check_books", "--json", stdout=out)
    found = json.loads(out.getvalue())
    assert (found["holds"], found["breaks"], found["vouchers"]) == (True, [], Voucher.objects.count())
    assert {"I1", "I5", "I7", "I8", "I9", "I10", "I12"} < set(found["checked"])
    with unguarded("UPDATE fund_voucher SET amount = amount + 1 WHERE act = 'repay'"):
        pass
    said = StringIO()
    with pytest.raises(SystemExit) as left:
        call_command("check_books", stdout=said)
    assert left.value.code == 1
    assert "I4 不成立" in said.getvalue()
    assert "2026 年第 4 号" in said.getvalue()
    assert [bool(each.breaks) for each in BookCheck.objects.order_by("pk")] == [False, True]


def test_seals_close_a_run_once_and_go_on_where_the_last_one_ended(books):
    lower, _paid = books
    assert seal(now=NOW) == 1
    assert seal(now=NOW + timedelta(minutes=1)) == 0
    runs = JournalSeal.objects.order_by("fund", "first").values_list("first", "last", "previous")
    assert [run[:2] for run in runs] == [(1, 3), (4, 4), (1, 5)]
    assert [bool(run[2]) for run in runs] == [False, True, False]
    out = StringIO()
    services.receive(lower, DESK, source=Source.FISCAL, amount=1)
    call_command("seal_books", "--json", stdout=out)
    assert json.loads(out.getvalue()) == {"sealed": 1}
    assert broken() == set()
    assert BookYear.objects.get(fund=lower).last == Reservation.objects.count() + 5
