"""The strict test bed: one cast, a frozen today, no network, no undefined template variable, no order by luck.

Warnings are errors too (pyproject.toml). Today is Monday, 23 November 2026, ten in the morning in China; a test
that needs another day travels there with ``time_machine.travel``.
"""

import ipaddress
import os
import random
import socket
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection, transaction
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.models import QuerySet
from django.template.base import FilterExpression
from django.template.defaultfilters import default
from django.test import Client

from base.append_only import guards, lifts
from fund.guards import OF_APPLICATIONS, OF_RELIEF
from members.models import Account
from tests.duties.acts import adopt_pack, sweep_on
from tests.standing import Standing, in_order
from tests.world import Cast

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(autouse=True)
def frozen_today():
    """It is always the same moment."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True, scope="session")
def no_network():
    """Connections leave this machine by no socket of Python's; unix sockets and the loopback stay open."""

    def is_here(address) -> bool:
        if not isinstance(address, tuple):
            return True
        host = address[0]
        try:
            return host == "localhost" or ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False

    def guarded(act):
        def connect(self, address):
            if not is_here(address):
                raise RuntimeError(f"a test reached out to {address}")
            return act(self, address)

        return connect

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
        patch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))
        yield


@pytest.fixture(autouse=True, scope="session")
def defaults_may_be_undefined():
    """``{{ x|default:… }}`` says by itself what an undefined ``x`` shows, so it alone does not fail."""
    resolve = FilterExpression.resolve

    def resolve_default(self, context, ignore_failures=False):
        filters = getattr(self, "filters", ())
        return resolve(self, context, ignore_failures or (bool(filters) and filters[0][0] is default))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FilterExpression, "resolve", resolve_default)
        yield


ONLY_GROW = (
    ("base_auditrow", "id"), ("base_auditseal", "number"),
    ("fund_voucher", "id"), ("fund_donation", "id"), ("fund_journalseal", "id"),
    *((table, "id") for table in (*OF_APPLICATIONS, *OF_RELIEF)),
)  # fmt: skip
"""Tables that are append-only in the database, with their keys."""


@pytest.fixture(autouse=True, scope="session")
def a_used_database_can_be_emptied():
    """Between transactional tests all tables are emptied: here alone the guards are lifted, and put on again at once.

    It is done from outside, in one transaction; the product has no setting and no command that could do it.
    """
    flush = BaseDatabaseOperations.execute_sql_flush

    def flush_lifted(self, sql_list):
        vendor, there = self.connection.vendor, self.connection.introspection.table_names()
        grow = [(table, key) for table, key in ONLY_GROW if table in there]
        with transaction.atomic(using=self.connection.alias), self.connection.cursor() as cursor:
            for statement in [each for table, _key in grow for each in lifts(vendor, table)]:
                cursor.execute(statement)
            flush(self, sql_list)
            for statement in [each for table, key in grow for each in guards(vendor, table, key)]:
                cursor.execute(statement)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", flush_lifted)
        yield


@pytest.fixture(autouse=True)
def no_order_by_luck(request, monkeypatch):
    """Rows that were asked for in no order come in a shuffled one, the same for each run of a test."""
    dice = random.Random(request.node.nodeid)
    fetch_all = QuerySet._fetch_all

    def fetch_shuffled(self):
        fresh = self._result_cache is None
        fetch_all(self)
        if fresh and not self.ordered:
            dice.shuffle(self._result_cache)

    monkeypatch.setattr(QuerySet, "_fetch_all", fetch_shuffled)


def under_policy(cast: Cast) -> Cast:
    """The committee adopted the pack on 1 January, everything is swept to today."""
    adopt_pack(cast.committee)
    sweep_on(NOW.date())
    return cast


STANDING = Standing(NOW, {"standing_cast": lambda _nothing: Cast(), "standing_world": under_policy})


@pytest.fixture(scope="session")
def what_stands(django_db_setup, django_db_blocker):
    yield STANDING
    with django_db_blocker.unblock():
        STANDING.stand(0)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef, request):
    """Before anything opens the database for a test, what the test asks for stands, and nothing more."""
    if fixturedef.argname != "what_stands" and "django_db_blocker" in fixturedef.argnames:
        blocker = request.getfixturevalue("django_db_blocker")
        if fixturedef.argname != "django_db_setup":
            request.getfixturevalue("what_stands")
            with blocker.unblock():
                STANDING.stand(STANDING.wanted(request.node))
    return (yield)


@pytest.fixture
def standing_cast(request, db) -> Cast:
    return STANDING.given(request.node, 1)


@pytest.fixture
def standing_world(request, db) -> Cast:
    return STANDING.given(request.node, 2)


@pytest.fixture
def cast(standing_cast) -> Cast:
    return standing_cast


@pytest.fixture
def world(standing_world) -> Cast:
    """The cast under policy."""
    return standing_world


@pytest.fixture
def sign_in(db) -> Callable[[Account], Client]:
    """``sign_in(account)`` gives a browser in which that account is signed in."""

    def signed_in(account: Account) -> Client:
        client = Client()
        client.force_login(account, backend="members.backends.AccountBackend")
        return client

    return signed_in


DATABASE = {"db", "transactional_db", "django_db_setup"}


def asks_for_a_database(item) -> bool:
    """Whether a test, a fixture of it or a mark opens one."""
    marks = (item.get_closest_marker(mark) for mark in ("django_db", "postgresql", "browser"))
    return any(marks) or bool(DATABASE & {*item.fixturenames})


def pytest_collection_modifyitems(config, items):
    """What only PostgreSQL or a browser can show runs there alone, what asks for no database runs once; ``make test``
    runs the suite on all three.
    """
    postgresql = connection.vendor == "postgresql"
    there = {"postgresql": postgresql, "anywhere": not postgresql, "browser": "CHROMIUM" in os.environ}
    elsewhere = [
        item
        for item in items
        if any(item.get_closest_marker(mark) for mark in there if not there[mark])
        or (postgresql and not asks_for_a_database(item))
    ]
    items[:] = in_order([item for item in items if item not in elsewhere], STANDING)
    config.hook.pytest_deselected(items=elsewhere)
