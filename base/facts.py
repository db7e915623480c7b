"""The one hook of the house: facts lie below the nucleus and must settle duties at once.

The engine subscribes in its ``AppConfig.ready``; services call :func:`facts_changed` inside the
transaction that writes the fact. There is no other hook of this kind.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Fact(StrEnum):
    """What sort of fact changed; rules say which sorts they read."""

    MEMBERSHIP = "membership"
    PERSON = "person"
    POST = "post"
    CATEGORY = "category"
    TIE = "tie"
    EVENT = "event"
    RECORD = "record"
    WAIVER = "waiver"
    ORGANISATION = "organisation"
    ADOPTION = "adoption"


Listener = Callable[..., None]
_listeners: list[Listener] = []
_before: list[Callable[[bool], None]] = []


def subscribe(listener: Listener, *, before: Callable[[bool], None]) -> None:
    """Have ``listener`` called on each change, as :func:`facts_changed` is, and ``before(alone)`` ahead of it."""
    _listeners.append(listener)
    _before.append(before)


def facts_will_change(*, alone: bool = False) -> None:
    """Call first in the transaction of a fact: takes the engine's lock, so a sweep cannot miss the fact.

    :param alone: for facts whose circle is not known beforehand, or is everybody: posts, the tree, adoptions, rosters.
        Other facts wait until this one is committed; a fact about named people shares the lock with others.
    """
    for before in _before:
        before(alone)


def facts_changed(
    kind: Fact,
    *,
    since: date,
    people: Collection[int] | None = (),
    organisations: Collection[int] | None = (),
    of: str = "",
) -> None:
    """Tell the engine, inside the transaction, what changed.

    :param kind: what sort of fact.
    :param since: the first day on which the world now looks different.
    :param people: primary keys of those concerned; ``None`` means everybody.
    :param organisations: primary keys of organisations concerned; ``None`` means all.
    :param of: which kind of event, record, category or tie it is, so that rules about others need not look; empty
        where it is of several kinds or that says nothing.
    """
    changes = _gathered.get()
    if changes is not None:
        told = changes.get((kind, of), _Change(since, set(), set()))
        changes[kind, of] = told.and_also(since, people, organisations)
        return
    for listener in _listeners:
        listener(kind, since=since, people=people, organisations=organisations, of=of)


@dataclass(frozen=True)
class _Change:
    """What changed of one kind: since when, whom and which organisations it concerns (``None``: all)."""

    since: date
    people: set[int] | None
    organisations: set[int] | None

    def and_also(self, since: date, people: Collection[int] | None, organisations: Collection[int] | None) -> "_Change":
        return _Change(min(self.since, since), _both(self.people, people), _both(self.organisations, organisations))


def _both(some: set[int] | None, others: Collection[int] | None) -> set[int] | None:
    return None if some is None or others is None else some | set(others)


_gathered: ContextVar[dict[tuple[Fact, str], _Change] | None] = ContextVar("gathered", default=None)


@contextmanager
def facts_together() -> Iterator[None]:
    """Tell the engine once, at the end of the block, of all that was changed in it: for sheets of many facts.

    It stands inside the one transaction of all these facts; until its end duties are those of before. Of a block that
    fails nothing is told.
    """
    if _gathered.get() is not None:
        yield
        return
    token = _gathered.set({})
    try:
        yield
        changes = _gathered.get()
    finally:
        _gathered.reset(token)
    for (kind, of), change in changes.items():
        facts_changed(kind, since=change.since, people=change.people, organisations=change.organisations, of=of)
