"""Paging by key: a page begins behind the last row of the one before, wherever in the list that is."""

from collections.abc import Sequence
from datetime import date
from functools import reduce

from django.db.models import Q, QuerySet


def beyond(order: Sequence[str], last: Sequence) -> Q:
    """The rows that come after ``last`` in ``order``.

    Said as ``a >= x AND NOT (a = x AND b <= y)``, not as ``a > x OR (a = x AND b > y)``: only the former lets an index
    start at ``x``, so that the hundredth page costs what the first one does.

    :param order: fields as for ``order_by``, a minus before those that fall; together unique, none of them null.
    :param last: the values of the last row seen, one for each field.
    """
    (field, *fields), (value, *values) = order, last
    name, way = field.removeprefix("-"), "lt" if field.startswith("-") else "gt"
    if not fields:
        return Q(**{f"{name}__{way}": value})
    return Q(**{f"{name}__{way}e": value}) & ~(Q(**{name: value}) & ~beyond(fields, values))


def newest_first(rows: QuerySet, after: str, *, size: int, day: str, key: str = "pk") -> tuple[list, str]:
    """One page of rows, newest first, after the cursor ``after`` (day~number), and the next cursor, empty on the last.

    :param day: the field by which they are ordered; ``key`` after it, of the same table, so that one index serves both.
    """
    on, _, number = after.partition("~")
    try:
        seen = beyond((f"-{day}", f"-{key}"), (date.fromisoformat(on), int(number)))
    except ValueError:
        seen = Q()
    found = list(rows.filter(seen).order_by(f"-{day}", f"-{key}")[: size + 1])
    more, found = len(found) > size, found[:size]
    return found, "~".join(str(reduce(getattr, name.split("__"), found[-1])) for name in (day, key)) if more else ""
