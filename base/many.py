"""Many rows at once: thousands of values in one parameter, thousands of rows in one statement."""

import gc
import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from django.db import connection, models
from django.db.models.expressions import RawSQL

BATCH = 5_000
"""Rows of one statement: what is held twice while it is written stays small, and more would not be faster."""


def among(values: Collection[int] | Collection[str]) -> RawSQL | list:
    """The values as a table of one column, for ``…__in=``: one parameter, however many there are.

    A parameter for each would cost more time in reading the statement than in answering it. Among nothing is no query.
    """
    if not values:
        return []
    if connection.vendor != "postgresql":
        return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(list(values))])
    kind = "text" if isinstance(next(iter(values)), str) else "bigint"
    return RawSQL(f"SELECT unnest(%s::{kind}[])", [list(values)])  # noqa: S611  constant text


def insert_many(model: type[models.Model], rows: Sequence[dict[str, Any]]) -> list[int]:
    """Insert rows, each the values of its columns by name; what is left out has its default. By COPY on PostgreSQL.

    :returns: their primary keys, in the order of ``rows``.
    :raises IntegrityError: as any insert.
    """
    if connection.vendor != "postgresql":
        made = model._base_manager.bulk_create([model(**row) for row in rows], batch_size=BATCH)
        return [each.pk for each in made]
    if not rows:
        return []
    names = ", ".join(connection.ops.quote_name(field.column) for field in model._meta.concrete_fields)
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.wrap_database_errors, connection.cursor() as cursor:
        sequence = "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)"
        cursor.execute(sequence, [table, model._meta.pk.column, len(rows)])
        keys = [key for (key,) in cursor.fetchall()]
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for values in _prepared(model, rows, keys):
                copy.write_row(values)
    forget_plans()
    return keys


def forget_plans() -> None:
    """Have the connection plan anew, for PostgreSQL: after very many rows were written, before their keys are checked.

    A check of a foreign key that was planned while its table was tiny reads the whole table for every row.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("DISCARD PLANS")


def _prepared(model: type[models.Model], rows: Sequence[dict[str, Any]], keys: list[int]) -> Iterator[list]:
    """The rows as columns of the table. Django's own fields keep values as they are; ours are asked for theirs."""
    fields = model._meta.concrete_fields
    defaults = {field.attname: field.get_default() for field in fields}
    ours = [(place, field) for place, field in enumerate(fields) if not type(field).__module__.startswith("django.")]
    for key, row in zip(keys, rows, strict=True):
        whole = {**defaults, **row, model._meta.pk.attname: key}
        values = list(whole.values())
        if ours:
            instance = SimpleNamespace(**whole)
            for place, field in ours:
                values[place] = field.get_prep_value(field.pre_save(instance, True))
        yield values


def update_many(model: type[models.Model], rows: Sequence[models.Model], fields: Collection[str]) -> None:
    """Write these fields of rows that stand in the table, in the order of ``rows``."""
    if rows and fields:
        model._base_manager.bulk_create(
            rows, batch_size=BATCH, update_conflicts=True, unique_fields=["pk"], update_fields=fields
        )


@contextmanager
def no_collection() -> Iterator[None]:
    """No search for unused cycles meanwhile: among a million objects that live on it takes a third of all time.

    What nobody refers to any more is freed at once, as ever.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
