"""Which row of a sheet is which known row: by the words a ledger prints, so that what went out is known coming in.

What a reader may not know (关怀事项, an emptied cell) differs from nothing, on either side. Pure: no database here.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from base.cells import Unreadable, day_of, plain, squeezed, text_of
from base.reading import CellReader
from base.writing import Format, clean_text
from duties.board.words import CARE
from ledgers.ledger import Column, Ledger, Part

_BETWEEN_NAMES = re.compile(r"[、，,；;／/]")
_AFTER_NAME = re.compile(r"[（(].*")
_HAN = re.compile(r"[^\x00-\x7f]+")


def name_of(value: Any) -> str:
    """One person's name as the roster keeps it: without white space, or with single spaces where it is in Latin."""
    text = text_of(value)
    return squeezed(text) if _HAN.fullmatch(squeezed(text)) else " ".join(text.split())


def names_in(value: Any) -> list[str]:
    """The names in a cell; a post written behind a name in brackets is left out."""
    names = (name_of(_AFTER_NAME.sub("", part)) for part in _BETWEEN_NAMES.split(text_of(value)))
    return list(dict.fromkeys(name for name in names if name))


@dataclass
class Known:
    """A row that the ledger prints now: its words by column, as they compare and as they print, the member it is about,
    the row of the sheet that it is."""

    words: tuple[str, ...]
    printed: tuple[str, ...]
    person: int | None
    taken_by: "Asked | None" = None


@dataclass
class Asked:
    """A row of the sheet: its words by column, whose identity number it gives, the words that no ledger prints."""

    cells: CellReader
    words: tuple[str, ...]
    person: int | None = None
    content: str = ""
    known: Known | None = None


@dataclass
class Words:
    """Turns cells and printed values of a ledger into words that are equal when they mean the same.

    :param labels: what each organisation is printed as, by whatever it may be called.
    """

    ledger: Ledger
    labels: dict[str, str] = field(default_factory=dict)

    def asked(self, cells: CellReader, **more) -> Asked:
        values = [cells.row.value(column.name or column.heading) for column in self.ledger.columns]
        return Asked(cells, self._words(values), content=squeezed(plain(text_of(cells.row.value("text")))), **more)

    def printed(self, values: Iterable[Any], person: int | None) -> Known:
        texts = ["" if each is None else clean_text(str(each)) for each in values]
        return Known(self._words(texts), tuple(texts), person)

    def _words(self, values: Iterable[Any]) -> tuple[str, ...]:
        return tuple(self._word(column, value) for column, value in zip(self.ledger.columns, values, strict=True))

    def _word(self, column: Column, value: Any) -> str:
        text = squeezed(plain(text_of(value)))
        text = column.meaning(text) if column.meaning else text
        if column.format != Format.TEXT:
            return _number(text) if column.format.numeric else _day(value, text)
        if column.name == "people":
            return "、".join(sorted(plain(name) for name in names_in(value)))
        if column.name == "branch":
            return self.labels.get(text, text)
        words = self.ledger.entering.words if self.ledger.entering else {}
        return str(words.get(column.name, {}).get(text, text))


def _number(text: str) -> str:
    try:
        number = Decimal(text)
        return str(number.normalize()) if number.is_finite() else text
    except InvalidOperation:
        return text


def _day(value: Any, text: str) -> str:
    try:
        return str(day_of(value).day or "")
    except Unreadable:
        return text


class Match:
    """Pairs the rows of a sheet with the known ones, each with at most one; ``known`` of each row says with which.

    Equal rows first, then those of which one side is silent; a row whose key is known with other values is in
    ``differing``, one that says again what another row of the sheet says is in ``repeated``.
    """

    def __init__(self, ledger: Ledger, known: Iterable[Known], asked: list[Asked]):
        self.columns = list(enumerate(ledger.columns))
        self.keys = [place for place, column in self.columns if column.part == Part.KEY]
        self.values = [place for place, column in self.columns if column.part == Part.VALUE]
        self.known = list(known)
        self.remedy = ledger.entering.remedy if ledger.entering else ""
        self.differing: list[Asked] = []
        self.repeated: list[tuple[Asked, Asked]] = []
        self._finders: dict[tuple, dict[tuple, list[Known]]] = {}
        left = self._pair(asked, self._equal)
        left = self._pair(left, self._silent)
        left = self._pair(left, self._of_key, found=self.differing)
        for row in left:
            if taken := next((each.taken_by for each in self._of_key(row) if _again(row, each.taken_by)), None):
                self.repeated.append((row, taken))

    def _pair(self, rows: list[Asked], look: Callable, *, found: list | None = None) -> list[Asked]:
        """Pair the rows for which ``look`` finds a known one that is free; returns the others."""
        left = []
        for row in rows:
            free = (each for each in look(row) if each.taken_by is None)
            row.known = next(free, None)
            if row.known is None:
                left.append(row)
                continue
            row.known.taken_by = row
            if found is not None:
                found.append(row)
        return left

    def _equal(self, row: Asked) -> Iterator[Known]:
        return (each for each in self._find(row, tuple(self.keys + self.values)) if _same_person(row, each))

    def _silent(self, row: Asked) -> Iterator[Known]:
        """Those of the same key that say nothing else: an empty or veiled cell says nothing."""
        return (each for each in self._of_key(row) if not self.differences(row, each))

    def _of_key(self, row: Asked) -> Iterator[Known]:
        """Those of the same key, as far as both sides tell it."""
        told = tuple(place for place in self.keys if CARE not in row.words[place])
        ways = [told, tuple(place for place in told if place not in self._veiled)]
        for places in dict.fromkeys(ways):
            yield from (each for each in self._find(row, places) if self._same_key(row, each))

    def _same_key(self, row: Asked, known: Known) -> bool:
        pairs = [(row.words[place], known.words[place]) for place in self.keys]
        return _same_person(row, known) and all(a == b or CARE in a or CARE in b for a, b in pairs)

    @cached_property
    def _veiled(self) -> set[int]:
        """The columns of the key that are veiled in some known row."""
        return {place for place in self.keys for each in self.known if CARE in each.words[place]}

    def _find(self, row: Asked, places: tuple[int, ...]) -> list[Known]:
        if places not in self._finders:
            finder = self._finders[places] = {}
            for each in self.known:
                finder.setdefault(tuple(each.words[place] for place in places), []).append(each)
        return self._finders[places].get(tuple(row.words[place] for place in places), [])

    def differences(self, row: Asked, known: Known) -> list[tuple[Column, str]]:
        """The facts that the sheet says otherwise, each with what is printed now."""
        return [
            (column, known.printed[place])
            for place, column in self.columns
            if column.part == Part.VALUE and _differ(column, row, known, place)
        ]

    def outdated(self, row: Asked) -> list[tuple[Column, str]]:
        """The computed columns that the sheet says otherwise, each with what is printed now."""
        return [
            (column, row.known.printed[place])
            for place, column in self.columns
            if column.part == Part.COMPUTED and row.known.words[place] and _differ(column, row, row.known, place)
        ]


def _differ(column: Column, row: Asked, known: Known, place: int) -> bool:
    said, printed = row.words[place], known.words[place]
    silent = not said or CARE in said or CARE in printed or (column.hides and not printed)
    return said != printed and not silent


def _same_person(row: Asked, known: Known) -> bool:
    return row.person is None or row.person == known.person


def _again(row: Asked, other: Asked | None) -> bool:
    return other is not None and row.content in ("", other.content)
