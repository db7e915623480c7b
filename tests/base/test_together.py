"""Several statements in one go."""

import pytest
from django.db import IntegrityError, connection, transaction

from base.models import OnceKey
from base.together import together

pytestmark = pytest.mark.django_db

INSERT = "INSERT INTO base_oncekey (key, at, result) VALUES (%s, %s, '') RETURNING key"
AT = "2026-11-23 02:00:00+00:00"


def test_each_statement_answers_with_its_rows_in_order():
    found = together([
        (INSERT, ("100% a", AT)),
        ("UPDATE base_oncekey SET result = %s WHERE key = %s", ("/x/", "100% a")),
        ("SELECT key, result FROM base_oncekey ORDER BY key", ()),
        ("SELECT key FROM base_oncekey WHERE key = %s", ("b; DROP TABLE base_oncekey",)),
    ])  # fmt: skip
    assert found == [[("100% a",)], [], [("100% a", "/x/")], []]


def test_one_that_is_refused_undoes_those_before_it():
    with pytest.raises(IntegrityError), transaction.atomic():
        together([(INSERT, ("a", AT)), (INSERT, ("a", AT))])
    assert not OnceKey.objects.exists()


def test_postgresql_is_asked_once(django_assert_num_queries):
    statements = [("SELECT 1", ()), ("SELECT %s", (2,)), ("SELECT 3", ())]
    with django_assert_num_queries(1 if connection.vendor == "postgresql" else 3):
        assert together(statements) == [[(1,)], [(2,)], [(3,)]]
