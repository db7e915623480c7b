"""Eight at the desk at once on PostgreSQL: a grant is paid once, a visit booked once, a run decided once."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from base.money import Source
from care.registers.elderly import RURAL
from duties.engine.models import Record
from fund import services
from fund.applying import noticing, paying
from fund.booking import book
from fund.journal import Desk
from fund.models import AllowanceRun, Grant, Payment, RecordSpending, Voucher
from fund.running import decide_run, prepare
from members.enums import Role
from tests.care.test_elderly import standard
from tests.fund.money import NOW, broken
from tests.fund.office import OPENED, Office, later
from tests.fund.test_races import at_once
from tests.fund.test_running import entered
from tests.world import Cast, member, person, post

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
TODAY, OLD = NOW.date(), later(-10)


@pytest.fixture
def office(transactional_db):
    made = Office(Cast())
    made.second = person("何平")
    post(made.second, made.cast.committee, Role.CASHIER)
    made.cashiers = [made.by(made.cashier), made.by(made.second)]
    return made


def ready(office, *people) -> list[Grant]:
    rows = office.decided(*(office.ready(who, now=OLD) for who in people), now=OLD)
    notice = office.posted(*rows, now=OLD)
    noticing.finish_notice(by=office.by(office.clerk), notice=notice, result="", now=NOW)
    return [row.grants.get() for row in rows]


def refused_by(failures) -> set[type]:
    return {type(each) for each in failures}


def test_eight_clicks_of_two_cashiers_pay_one_grant_once(office):
    (grant,) = ready(office, office.cast.li)

    def pay(dice):
        by = dice.choice(office.cashiers)
        if dice.random() < 0.5:
            paying.pay_by_bank(by=by, grant=grant, slip="H1", on=TODAY, now=NOW)
        else:
            paying.pay_cash(by=by, grant=grant, on=TODAY, witnesses=office.board[1:3], now=NOW)

    failures = at_once(pay)
    assert (len(failures), refused_by(failures)) == (7, {ValidationError})
    assert Payment.objects.filter(state="paid").count() == 1
    assert Voucher.objects.filter(act="spend").count() == 1
    assert broken() == set()


def listed_at_once(office, grant) -> tuple[int, list]:
    """How often eight who list one grant at once got it listed, and what the others failed with."""

    def list_it(dice):
        paying.list_batch(by=office.cashiers[0], fund=office.fund, grants=[grant], on=TODAY, now=NOW)

    failures = at_once(list_it)
    return Payment.objects.filter(grant=grant, state="listed").count(), failures


def test_one_grant_is_listed_for_the_bank_once(office):
    (grant,) = ready(office, office.cast.li)
    times, failures = listed_at_once(office, grant)
    assert (times, len(failures), refused_by(failures)) == (1, 7, {ValidationError})


def test_without_lock_and_constraint_it_is_listed_more_than_once(office, monkeypatch):
    (grant,) = ready(office, office.cast.li)

    def unlocked(grants):
        related = ("fund__organisation", "person", "application__regulation", "reservation__fund", "decision")
        return list(Grant.objects.filter(pk__in=[each.pk for each in grants]).select_related(*related))

    monkeypatch.setattr(paying, "_locked_grants", unlocked)
    where = "WHERE state IN ('listed', 'paid', 'received')"
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX one_payment_of_a_grant")
        try:
            times, _failures = listed_at_once(office, grant)
        finally:
            cursor.execute("DELETE FROM fund_payment")
            cursor.execute(f"CREATE UNIQUE INDEX one_payment_of_a_grant ON fund_payment (grant_id) {where}")
    assert times > 1


def test_what_is_signed_for_and_sent_back_at_once_is_one_of_both(office):
    (grant,) = ready(office, office.cast.li)
    payment = paying.pay_by_bank(by=office.cashiers[0], grant=grant, slip="H1", on=TODAY, now=NOW)

    def either(dice):
        by = dice.choice(office.cashiers)
        if dice.random() < 0.5:
            paying.receive(by=by, payment=payment, on=TODAY, now=NOW)
        else:
            paying.fail(by=by, payment=payment, reason="退票", on=TODAY, now=NOW)

    failures = at_once(either)
    assert (len(failures), refused_by(failures)) == (7, {ValidationError})
    assert Voucher.objects.filter(reverses__isnull=False).count() <= 1
    assert broken() == set()


def test_batches_of_the_same_people_in_any_order_do_not_wait_for_each_other(office):
    people = [member(f"党员{n}", office.cast.branch) for n in range(6)]
    grants = ready(office, *people)

    def pay(dice):
        chosen = dice.sample(grants, 3)
        by = dice.choice(office.cashiers)
        batch = paying.list_batch(by=by, fund=office.fund, grants=chosen, on=TODAY, now=NOW)
        paying.settle_batch(by=by, batch=batch, slip="H", on=TODAY, now=NOW)

    assert refused_by(at_once(pay)) <= {ValidationError}
    assert broken() == set()


def test_a_visit_is_booked_once(office):
    li = office.cast.li
    stay = li.memberships.get()
    record = Record.objects.create(
        organisation=stay.organisation, path=stay.path, member=li, action="visit", on=TODAY, entered_on=TODAY
    )

    def enter(dice):
        book(by=dice.choice(office.cashiers), record=record, fen=50_000, source="dues", minutes="3", now=NOW)

    failures = at_once(enter)
    assert (len(failures), refused_by(failures)) == (7, {ValidationError})
    assert RecordSpending.objects.count() == 1
    assert Voucher.objects.filter(act="spend").count() == 1
    assert broken() == set()


def test_the_last_yuan_goes_to_one_of_two_runs_and_a_run_is_decided_once(office):
    services.receive(office.fund, Desk(OPENED, NOW), source=Source.FISCAL, amount=100_000)
    standard(office.cast)
    old = member("田长庚", office.cast.branch, born=date(1929, 4, 1), joined=date(1948, 5, 4), full=date(1948, 11, 4))
    entered(old, benefits=RURAL)
    clerk = office.by(office.clerk)
    runs = [
        prepare(by=clerk, fund=office.fund, kind="elderly", year=2026, month=month, source="fiscal", now=NOW)
        for month in (10, 11)
    ]

    def decide(dice):
        run = dice.choice(runs)
        decide_run(by=clerk, run=run, body="committee", on=TODAY, minutes="22", votes=(5, 5, 5), total=72_000, now=NOW)

    failures = at_once(decide)
    assert (len(failures), refused_by(failures)) == (7, {ValidationError})
    assert AllowanceRun.objects.filter(state="decided").count() == 1
    assert broken() == set()
