"""What stands while tests come and go: the cast, and on it the world under policy, built once for all who ask.

Each is built in a transaction that stays open; a test's own transaction nests in it and is undone as always. Tests
that ask for less come before those that ask for more (``in_order``), so each is built about once in a process. What a
test holds is a copy, so that no test sees what another did to an object.
"""

import copy
from collections.abc import Callable

import time_machine
from django.db import connection, transaction


class Standing:
    """The transactions that stand on one another now, each with what was built in it."""

    def __init__(self, moment, builders: dict[str, Callable]):
        """``builders`` makes each level from the one before it, at ``moment``; the first is given None."""
        self.moment = moment
        self.builders = builders
        self.levels: list[tuple[transaction.Atomic, object]] = []

    def wanted(self, item) -> int:
        """How many levels a test asks for, by the names of its fixtures; what is no test asks for none."""
        names = getattr(item, "fixturenames", ())
        if commits(item):
            return 0
        return max((number for number, name in enumerate(self.builders, start=1) if name in names), default=0)

    def stand(self, height: int) -> None:
        """Undo the levels above that height, build what is missing below it."""
        while len(self.levels) > height:
            level, _built = self.levels.pop()
            transaction.set_rollback(True)
            level.__exit__(None, None, None)
        for build in list(self.builders.values())[len(self.levels) : height]:
            level = transaction.atomic()
            level.__enter__()
            below = self.levels[-1][1] if self.levels else None
            with time_machine.travel(self.moment, tick=False):
                self.levels.append((level, build(copy.deepcopy(below))))
            connection.run_on_commit.clear()

    def given(self, item, number: int):
        """A copy of what was built at that level; to a test that commits, the thing itself, built for it alone."""
        if not commits(item):
            return copy.deepcopy(self.levels[number - 1][1])
        built = None
        for build in list(self.builders.values())[:number]:
            built = build(built)
        return built


def commits(item) -> bool:
    """Whether the test's own transactions are real ones, after which the database is emptied."""
    marker = item.get_closest_marker("django_db") if hasattr(item, "get_closest_marker") else None
    told = marker is not None and (marker.kwargs.get("transaction") or marker.kwargs.get("reset_sequences"))
    return bool(told or {"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ())))


def in_order(items: list, standing: Standing) -> list:
    """Those that commit last, the others by how much they ask for; else as they were."""

    def key(item) -> int:
        return len(standing.builders) + 1 if commits(item) else standing.wanted(item)

    return sorted(items, key=key)
