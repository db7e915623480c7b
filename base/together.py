"""Several statements in one round trip, so that what the first one locks is held for no longer than needed."""

from collections.abc import Sequence

from django.db import connection


def together(statements: Sequence[tuple[str, tuple]]) -> list[list[tuple]]:
    """Run the statements in this order, in the transaction of the caller. PostgreSQL is sent all of them at once.

    :param statements: each the SQL and its values.
    :returns: the rows of each; of one that gives none, an empty list.
    """
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            return [_rows(cursor.execute(sql, values)) for sql, values in statements]
        # Values are put in by psycopg on this side (Django's default), so one message may hold many statements.
        cursor.execute(
            "; ".join(sql for sql, _values in statements), [v for _sql, values in statements for v in values]
        )
        found = [_rows(cursor)]
        while cursor.nextset():
            found.append(_rows(cursor))
        return found


def _rows(cursor) -> list[tuple]:
    return cursor.fetchall() if cursor.description else []
