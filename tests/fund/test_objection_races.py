"""An objection that comes while the cashier lists the same money, on PostgreSQL: one of both happens, never both."""

from contextlib import contextmanager
from threading import Barrier, Thread

import pytest
from django.core.exceptions import ValidationError
from django.db import connections

from fund.applying import noticing, paying, steps
from fund.models import Application, Grant, NoticeLine, Objection, Payment
from tests.fund.money import broken
from tests.fund.office import Office, later
from tests.world import Cast

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def office(transactional_db):
    return Office(Cast())


def both_at_once(office, row) -> list[type]:
    """The department enters an objection while the cashier lists; what either failed with."""
    line, now, failures, start = NoticeLine.objects.get(application=row), later(11), [], Barrier(2)
    clerk, cashier, grants = office.by(office.clerk), office.by(office.cashier), list(row.grants.all())

    def objects():
        noticing.object_to(
            by=clerk, line=line, received_on=later(4).date(), who="匿名", contact="", text="有车", now=now
        )  # fmt: skip

    def lists():
        paying.list_batch(by=cashier, fund=office.fund, grants=grants, on=now.date(), now=now)

    def run(act):
        try:
            start.wait(20)
            act()
        except BaseException as failure:
            failures.append(type(failure))
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(act,)) for act in (objects, lists)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    return failures


def stopped_and_listed(row) -> tuple[bool, bool]:
    listed = Payment.objects.filter(grant__application=row, state=Payment.State.LISTED).exists()
    return Application.objects.get(pk=row.pk).state == "notice/objected", listed


@pytest.mark.parametrize("time", range(4))
def test_either_it_is_stopped_or_it_is_listed(office, time):
    row = office.passed()
    assert both_at_once(office, row) == [ValidationError]
    assert stopped_and_listed(row) in ((True, False), (False, True))
    assert Objection.objects.count() == stopped_and_listed(row)[0]
    assert broken() == set()


@contextmanager
def unlocked(monkeypatch):
    """Neither takes the lock of the application, and both have looked before either writes."""
    both = Barrier(2)

    def application(given):
        related = ("regulation", "fund__organisation", "organisation", "person")
        return Application.objects.select_related(*related).get(pk=given.pk)

    def grants(given):
        related = ("fund__organisation", "person", "application__regulation", "application__fund", "reservation__fund",
                   "decision")  # fmt: skip
        return list(Grant.objects.filter(pk__in=[each.pk for each in given]).select_related(*related).order_by("pk"))

    def then_wait(act):
        def looked(*args):
            act(*args)
            both.wait(20)

        return looked

    with monkeypatch.context() as patch:
        for module in (noticing, steps):
            patch.setattr(module, "locked", application)
        patch.setattr(paying, "_locked_grants", grants)
        patch.setattr(noticing, "_check_reopens", then_wait(noticing._check_reopens))
        patch.setattr(paying, "_check_paid_on", then_wait(paying._check_paid_on))
        yield


def test_without_the_lock_it_is_listed_though_it_was_stopped(office, monkeypatch):
    row = office.passed()
    with unlocked(monkeypatch):
        assert both_at_once(office, row) == []
    assert stopped_and_listed(row) == (True, True)
