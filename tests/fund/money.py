"""Short words for money in tests. Sums are fen."""

from contextlib import contextmanager
from datetime import date, datetime, time

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from base.money import Source
from fund import services
from fund.checking import check
from fund.guards import guarding, guarding_applications, lifting, lifting_applications
from fund.journal import Desk
from fund.models import BookAccount, Use

DAY = date(2026, 11, 23)
NOW = timezone.make_aware(datetime.combine(DAY, time(10)))
DESK = Desk(on=DAY, now=NOW)


def opened(organisation):
    return services.open_fund(organisation, on=date(2025, 1, 1))


def funded(organisation, amount=500_000, source=Source.DUES):
    fund = opened(organisation)
    services.receive(fund, DESK, source=source, amount=amount)
    return fund


def keep(fund, amount, *, source=Source.DUES, use=Use.HARDSHIP, subject="application:1", **more):
    return services.reserve(fund, DESK, source=source, use=use, amount=amount, subject=subject, **more)


def balances(fund, source=Source.DUES, earmark="") -> dict[str, int]:
    rows = BookAccount.objects.filter(fund=fund, source=source, earmark=earmark, balance__gt=0)
    return dict(rows.values_list("kind", "balance"))


def refusal(act, *args, **more) -> dict[str, list[str]]:
    """What the act was refused with, by field; nothing may be left of it."""
    try:
        with transaction.atomic():
            act(*args, **more)
    except ValidationError as refused:
        return refused.message_dict if hasattr(refused, "error_dict") else {"__all__": refused.messages}
    raise AssertionError("was not refused")


def broken() -> set[str]:
    return {each.code for each in check()}


@contextmanager
def unguarded(*statements: str):
    """Carry out ``statements`` as somebody who owns the database could, past all guards."""
    vendor = connection.vendor
    with connection.cursor() as cursor:
        if vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE fund_bookaccount DROP CONSTRAINT no_balance_below_zero")
            cursor.execute("ALTER TABLE fund_bookyear DROP CONSTRAINT within_the_budget")
            cursor.execute("ALTER TABLE fund_reservation DROP CONSTRAINT no_more_than_was_reserved")
        for statement in (*lifting(vendor), *lifting_applications(vendor)):
            cursor.execute(statement)
        for statement in statements:
            cursor.execute(statement)
        try:
            yield
        finally:
            if vendor == "sqlite":
                cursor.execute("PRAGMA ignore_check_constraints = OFF")
            for statement in (*guarding(vendor), *guarding_applications(vendor)):
                cursor.execute(statement)
