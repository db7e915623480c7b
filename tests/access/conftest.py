"""The town is built once for all access tests of a process, in a transaction that every test and the end undo."""

import logging

import pytest
import time_machine
from django.db import transaction
from django.test import override_settings

from fund.models import Application
from tests.access.town import Town
from tests.conftest import NOW


@pytest.fixture(scope="package")
def built(django_db_setup, django_db_blocker, tmp_path_factory):
    files = {name: tmp_path_factory.mktemp(name.lower()) for name in ("PICTURES", "UPLOADS", "JOBS")}
    with django_db_blocker.unblock(), override_settings(**files), transaction.atomic():
        with time_machine.travel(NOW, tick=False):
            town = Town()
        yield town
        transaction.set_rollback(True)


NONE = Application.objects.none()
RAIL = {
    "counts_for_rail": (0, 0), "broken_books": 0, "to_pay": 0, "awaiting": NONE, "waiting": NONE, "to_reverse": NONE,
}  # fmt: skip
"""What asks for the numbers beside the rail's links, with what it answers in these tests."""


@pytest.fixture(autouse=True)
def without_counts(request, monkeypatch):
    """The rail's numbers cost more than the rest of most pages, and name nobody; ``with_counts`` leaves them on."""
    if "with_counts" not in request.fixturenames:
        for name, answer in RAIL.items():
            monkeypatch.setattr(f"config.navigation.{name}", lambda *_asked, answer=answer: answer)


@pytest.fixture
def with_counts():
    """The rail counts."""


@pytest.fixture
def town(built, db) -> Town:
    logging.disable(logging.WARNING)  # each of thousands of refusals with its traceback
    yield built
    logging.disable(logging.NOTSET)
