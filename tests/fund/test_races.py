"""Eight connections and too little money on PostgreSQL: the books hold; without the guards they do not."""

import random
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from threading import Barrier, Thread

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, connections, transaction

from base.money import Source
from fund import journal, services
from fund.models import BookAccount, Fund, Reservation, Voucher
from fund.posting import FUNCTION
from tests.fund.money import DESK, broken, funded, keep, opened
from tests.world import Cast

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

THREADS, STEPS = 8, 40
LATE = replace(DESK, on=date(2025, 12, 31))


@pytest.fixture
def funds(transactional_db):
    cast = Cast()
    upper, lower = funded(cast.committee, 20_000), opened(cast.branch)
    services.receive(lower, DESK, source=Source.DUES, amount=20_000)
    return upper, lower


def at_once(work) -> list[BaseException]:
    """``work(dice)`` in eight threads that start together; what they failed with."""
    failures, start = [], Barrier(THREADS)

    def run(seed):
        try:
            start.wait(20)
            work(random.Random(seed))
        except BaseException as failure:
            failures.append(failure)
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(seed,)) for seed in range(THREADS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(120)
    assert not any(each.is_alive() for each in threads)
    return failures


def act(funds, dice):
    """One act at random, of those that compete for the same money in both books and both years."""
    fund, amount = dice.choice(funds), dice.randint(500, 6_000)
    desk = dice.choice((DESK, LATE))
    name = dice.choice(("reserve", "reserve", "spend", "spend", "release", "repay", "pass_down", "reverse"))
    if name == "reserve":
        services.reserve(fund, desk, source=Source.DUES, use="visit", amount=amount, subject="application:1")
    elif name == "pass_down":
        services.pass_down(*funds, desk, source=Source.DUES, amount=amount)
    elif name == "reverse":
        services.reverse(dice.choice(Voucher.objects.order_by("pk")[:200]), DESK, words="记错")
    elif found := list(Reservation.objects.order_by("pk")[:200]):
        getattr(services, name)(dice.choice(found), desk, amount=amount)


def test_eight_at_once_with_too_little_money_break_nothing(funds):
    done, refused = [], []

    def work(dice):
        for _step in range(STEPS):
            try:
                act(funds, dice)
                done.append(1)
            except ValidationError:
                refused.append(1)

    assert at_once(work) == []
    assert len(done) + len(refused) == THREADS * STEPS
    assert len(refused) >= THREADS * STEPS / 5
    assert broken() == set()


def test_one_voucher_is_reversed_once_by_eight_at_once(funds):
    kept = keep(funds[0], 6_000)
    paid = services.spend(kept, DESK, amount=6_000)
    refused = at_once(lambda dice: services.reverse(paid, DESK, words="退票"))
    assert [type(each) for each in refused] == [ValidationError] * (THREADS - 1)
    assert broken() == set()


def test_the_last_of_the_money_is_reserved_once(funds):
    refused = at_once(lambda dice: keep(funds[0], 20_000))
    assert [type(each) for each in refused] == [ValidationError] * (THREADS - 1)
    assert broken() == set()


def test_the_first_voucher_of_a_book_is_one_of_eight(transactional_db):
    fund = opened(Cast().committee)
    assert at_once(lambda dice: services.receive(fund, DESK, source=Source.DUES, amount=100)) == []
    numbers = Voucher.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, THREADS + 1))
    assert broken() == set()


def test_a_posting_waits_for_the_database_once(funds, django_assert_num_queries):
    """Of a form besides to begin and to commit."""
    kept = keep(funds[0], 1_000)
    for act in (
        lambda: services.receive(funds[0], DESK, source=Source.DUES, amount=100),
        lambda: services.spend(kept, DESK, amount=100),
        lambda: services.pass_down(*funds, DESK, source=Source.DUES, amount=100),
    ):
        act()  # opens the accounts
        with django_assert_num_queries(1):
            act()
        with django_assert_num_queries(3), transaction.atomic():
            act()


@contextmanager
def without_guards(monkeypatch):
    """Neither the lock on accounts nor the database's check of balances; two read before either writes, row by row."""
    check = next(each for each in BookAccount._meta.constraints if each.name == "no_balance_below_zero")

    def read(desk, moves):
        found = locked(desk, moves)
        both.wait(20)
        return found

    both, locked = Barrier(2), journal._locked
    monkeypatch.setattr(journal, "_at_once", lambda *given: [])
    monkeypatch.setattr(journal, "_lock", lambda: "")
    monkeypatch.setattr(journal, "_locked", read)
    with connection.schema_editor() as editor:
        editor.remove_constraint(BookAccount, check)
    try:
        yield
    finally:
        with transaction.atomic():
            BookAccount.objects.filter(balance__lt=0).exclude(kind__in=("income", "passed")).update(balance=0)
        with connection.schema_editor() as editor:
            editor.add_constraint(BookAccount, check)


def two_of_two_years(fund, amount) -> list[BaseException]:
    """Two want as much at the same moment, on days of two years, so that the lock of the year does not part them."""
    failures = []

    def spend(desk):
        try:
            services.reserve(fund, desk, source=Source.DUES, use="visit", amount=amount, subject="application:1")
        except BaseException as failure:
            failures.append(failure)
        finally:
            connections.close_all()

    threads = [Thread(target=spend, args=(desk,)) for desk in (DESK, LATE)]
    with transaction.atomic():
        list(BookAccount.objects.select_for_update().filter(fund=fund))
        for each in threads:
            each.start()
        end = time.monotonic() + 20
        while waiting() < len(threads):
            assert time.monotonic() < end
            time.sleep(0.02)
    for each in threads:
        each.join(30)
    return failures


def waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT PG_STAT_CLEAR_SNAPSHOT()")  # a transaction sees others as it first saw them
        cursor.execute(
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = CURRENT_DATABASE() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0]


def test_two_that_wait_for_the_same_money_in_one_message_spend_it_once(funds):
    keep(funds[0], 1_000)
    services.receive(funds[0], LATE, source=Source.DUES, amount=100)
    [refused] = two_of_two_years(funds[0], 15_000)
    assert refused.message_dict == {"amount": ["留存党费可用 41.00，不够这笔 150.00。请换来源或减少金额。"]}
    assert broken() == set()


BESIDE_THE_LOCK = "SELECT b.balance FROM fund_bookaccount b WHERE b.id = fund_bookaccount.id"


def test_without_the_sum_taken_under_the_lock_both_spend_it_and_the_check_finds_it(funds):
    """The message reads the balance beside the lock it waits for; no check is in its way, since it reads too much."""
    keep(funds[0], 1_000)
    services.receive(funds[0], LATE, source=Source.DUES, amount=100)
    with connection.cursor() as cursor:
        cursor.execute(FUNCTION.replace("SET balance = balance", f"SET balance = ({BESIDE_THE_LOCK})"))
    try:
        assert two_of_two_years(funds[0], 15_000) == []
    finally:
        with connection.cursor() as cursor:
            cursor.execute(FUNCTION)
    assert {"I3", "I4"} <= broken()


def test_without_the_guards_two_spend_the_same_money_and_the_check_finds_it(funds, monkeypatch):
    """Two days of two years, so that the lock of the year does not keep them apart."""
    failures = []

    def spend(desk):
        try:
            services.reserve(funds[0], desk, source=Source.DUES, use="visit", amount=15_000, subject="application:1")
        except BaseException as failure:
            failures.append(failure)
        finally:
            connections.close_all()

    keep(funds[0], 1_000)
    with without_guards(monkeypatch):
        threads = [Thread(target=spend, args=(desk,)) for desk in (DESK, LATE)]
        for each in threads:
            each.start()
        for each in threads:
            each.join(30)
        assert failures == []
        assert {"I3", "I4"} <= broken()


def test_a_balance_read_too_high_is_written_below_zero_by_nobody(funds, monkeypatch):
    def stale(desk, moves):
        found = locked(desk, moves)
        for each in found[1].values():
            each.balance = judged = Judged(each.balance)
            assert judged >= 10**9
        return found

    locked = journal._locked
    monkeypatch.setattr(journal, "_locked", stale)
    with pytest.raises(IntegrityError, match="no_balance_below_zero"):
        keep(funds[0], 20_001)


def two_donations_of_one_receipt(fund, monkeypatch, receipt="A1") -> list[BaseException]:
    """Of two years and two sources, so that they share no lock and both have looked before either is there."""
    failures, both, post = [], Barrier(2), services.post

    def posted(*args):
        made = post(*args)
        both.wait(20)
        return made

    def give(desk, source):
        try:
            services.receive(fund, desk, source=source, amount=100, receipt=receipt, donor="甲")
        except BaseException as failure:
            failures.append(failure)
        finally:
            connections.close_all()

    with monkeypatch.context() as patch:
        patch.setattr(services, "post", posted)
        given = ((DESK, Source.MEMBERS), (LATE, Source.ORGANISATIONS))
        threads = [Thread(target=give, args=each) for each in given]
        for each in threads:
            each.start()
        for each in threads:
            each.join(30)
    return failures


def test_one_receipt_is_given_once_and_the_other_reads_a_sentence(funds, monkeypatch):
    [refused] = two_donations_of_one_receipt(funds[0], monkeypatch)
    assert refused.message_dict == {"receipt": ["收据号 A1 已经用过。请核对收据。"]}
    assert Voucher.objects.filter(donation__receipt="A1").count() == 1
    assert broken() == set()


def test_without_the_answer_to_the_database_the_other_reads_an_error(funds, monkeypatch):
    class NeverRaised(Exception):
        pass

    monkeypatch.setattr(services, "IntegrityError", NeverRaised)
    # Who looks after the other has committed reads the sentence all the same: it is tried until both have looked.
    refused = [two_donations_of_one_receipt(funds[0], monkeypatch, f"B{n}") for n in range(12)]
    assert IntegrityError in {type(each) for [each] in refused}


def test_books_are_opened_once_by_eight_at_once(transactional_db):
    committee = Cast().committee
    refused = at_once(lambda dice: services.open_fund(committee, on=date(2026, 1, 1)))
    assert [type(each) for each in refused] == [ValidationError] * (THREADS - 1)
    assert Fund.objects.count() == 1


def test_without_the_constraint_the_same_books_are_opened_eight_times(transactional_db, monkeypatch):
    """All have looked and written before any has committed."""
    committee, everybody, write = Cast().committee, Barrier(THREADS), services.audit.write
    one = next(
        name for name, found in constraints_of("fund_fund").items()
        if found["unique"] and found["columns"] == ["organisation_id"]
    )  # fmt: skip

    def written(*given, **more):
        everybody.wait(20)
        write(*given, **more)

    with connection.cursor() as cursor:
        cursor.execute(f'ALTER TABLE fund_fund DROP CONSTRAINT "{one}"')
    try:
        with monkeypatch.context() as patch:
            patch.setattr(services.audit, "write", written)
            assert at_once(lambda dice: services.open_fund(committee, on=date(2026, 1, 1))) == []
        assert Fund.objects.count() == THREADS
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM fund_alloweduse")
            cursor.execute("DELETE FROM fund_fund")
            cursor.execute(f'ALTER TABLE fund_fund ADD CONSTRAINT "{one}" UNIQUE (organisation_id)')


def constraints_of(table: str) -> dict:
    with connection.cursor() as cursor:
        return connection.introspection.get_constraints(cursor, table)


def test_a_budget_is_cut_while_money_is_set_aside_and_paid_and_is_never_passed(funds):
    """A13."""
    kept = [keep(funds[0], 1_000, words=str(n)) for n in range(6)]

    def either(dice):
        for _step in range(10):
            try:
                act = dice.choice((cut, spend, more))
                act(dice)
            except ValidationError:
                continue

    def cut(dice):
        services.set_budget(funds[0], DESK.on.year, dice.randint(5_000, 9_000))

    def spend(dice):
        services.spend(dice.choice(kept), DESK, amount=dice.randint(100, 600))

    def more(dice):
        keep(funds[0], dice.randint(500, 2_000))

    assert at_once(either) == []
    assert broken() == set()


class Judged(int):
    """A balance that is enough for everything, whoever asks."""

    def __lt__(self, other):
        return False

    def __ge__(self, other):
        return True
