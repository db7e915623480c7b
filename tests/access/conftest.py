"""The town is built once for all access tests of a process, in a transaction that every test and the end undo."""

import logging

import pytest
import time_machine
from django.db import transaction
from django.test import override_settings

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


@pytest.fixture
def town(built, db) -> Town:
    logging.disable(logging.WARNING)  # each of thousands of refusals with its traceback
    yield built
    logging.disable(logging.NOTSET)
