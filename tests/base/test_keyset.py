"""Paging by key walks through every row once, over ties, in any direction."""

from operator import itemgetter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.keyset import beyond


def matches(q, row: dict) -> bool:
    """Evaluate a condition on a row, as the database would where nothing is null."""
    ways = {"gt": lambda a, b: a > b, "lt": lambda a, b: a < b, "gte": lambda a, b: a >= b, "lte": lambda a, b: a <= b}
    said = []
    for child in q.children:
        if isinstance(child, tuple):
            name, _, way = child[0].partition("__")
            said.append(ways.get(way, lambda a, b: a == b)(row[name], child[1]))
        else:
            said.append(matches(child, row))
    return (all(said) if q.connector == "AND" else any(said)) is not q.negated


ORDERS = [("a", "b", "c"), ("-a", "b", "-c"), ("-a", "-b", "-c"), ("a", "-b", "c"), ("c",), ("-c",)]
SMALL = st.integers(0, 2)


@pytest.mark.parametrize("order", ORDERS)
@given(rows=st.lists(st.tuples(SMALL, SMALL), max_size=12), seen=st.integers(0, 11))
def test_what_lies_beyond_is_what_comes_after(order, rows, seen):
    table = [{"a": a, "b": b, "c": c} for c, (a, b) in enumerate(rows)]
    for field in reversed(order):
        table.sort(key=itemgetter(field.removeprefix("-")), reverse=field.startswith("-"))
    if seen < len(table):
        last = [table[seen][field.removeprefix("-")] for field in order]
        assert [row for row in table if matches(beyond(order, last), row)] == table[seen + 1 :]
