"""Rows as the XML of a worksheet: quick, in flat memory, and such that a text is never a formula.

A batch of rows is turned on its side. In most columns every cell is of one kind and harmless, which a few calls find
out for the whole column; its values then pass as they are. Only where one is not does the column go cell by cell.
Cells carry no address (``r``), which the standard leaves out freely: each stands right of the one before.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, repeat
from math import isfinite
from typing import Any, NamedTuple

from base.cells import SERIAL_ORIGIN

CELL_LIMIT = 32_767
"""Characters one cell holds, counted as Excel counts: in UTF-16 units. Past it files are cut silently; we say so."""
CUT = "…（截断）"
FIRST_EXCEL_DAY = date(1900, 3, 1)
"""Before this day the serial numbers of Excel disagree with the calendar; such dates go out as text."""
WHOLE = 10**15
"""Numbers from here on lose digits in Excel, which keeps fifteen; they go out as text, as do those that are none."""

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_CAREFUL = ("&", "<", ">", "_x", "| ", " |")
_DAY_ZERO = SERIAL_ORIGIN.toordinal()

_TEXT = '<c s="{}" t="inlineStr"><is><t>', "</t></is></c>"
_NUMBER = '<c s="{}"><v>', "</v></c>"
_KEPT = ' xml:space="preserve">'


class Pen(NamedTuple):
    """The numbers of the styles in which a column's texts, days and numbers are written."""

    text: int
    day: int
    number: int


def without_controls(text: str) -> str:
    """``text`` with the line ends of Unix and without the characters no file may hold."""
    return _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def shortened(text: str) -> str:
    """``text``, cut with a mark where it is too long for a cell."""
    if len(text) * 2 <= CELL_LIMIT:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= CELL_LIMIT * 2:
        return text
    return units[: (CELL_LIMIT - len(CUT)) * 2].decode("utf-16-le", errors="ignore") + CUT


def clean_text(text: str) -> str:
    """``text`` as a cell can hold it: without control characters, cut with a mark where it is too long."""
    return shortened(without_controls(text))


def literal(text: str) -> str:
    """``text`` so that Excel, which reads ``_x0041_`` as ``A``, shows what stands there."""
    return _ESCAPE.sub("_x005F_", text) if "_x" in text else text


class Body:
    """Turns rows into XML, one column after the other, and counts the cells that could not go out as they were.

    :param pens: one for each column.
    :param widths: of the columns whose texts wrap, in half-width characters, 0 for the others: their rows are as high
        as their texts need, because not every program that opens or prints the sheet sees to that.
    """

    def __init__(self, pens: Sequence[Pen], widths: Sequence[int] = ()):
        self.pens = pens
        self.known = [_Lines(width) if width else None for width in widths]
        self.cut = 0
        self.cleaned = 0

    @property
    def remark(self) -> str:
        """What became of cells no file can hold; empty if there were none. The reader of sheets knows it for no row."""
        told = []
        if self.cut:
            told.append(f"{self.cut} 个单元格的内容超过 {CELL_LIMIT:,} 个字，只写到这里，末尾有“{CUT}”")
        if self.cleaned:
            told.append(f"{self.cleaned} 个单元格里看不见的控制字符没有写出")
        return f"说明：{'；'.join(told)}。" if told else ""

    def xml(self, number: int, rows: Sequence[Sequence[Any]]) -> bytes:
        """``rows`` as ``row`` elements, the first of which is row ``number`` of the sheet.

        :raises ValueError: for a row that has not as many cells as there are pens.
        """
        given = [*zip(*rows, strict=True)]
        columns = [self._column(*each) for each in zip(given, self.pens, strict=True)]
        numbers: Iterable[str] = map(str, range(number, number + len(rows)))
        if number <= PRINTED and (lines := self._lines(given)):
            numbers = [
                each if n == 1 else f'{each}" ht="{height_of(n)}' for each, n in zip(numbers, lines, strict=True)
            ]
        strips: list[Iterable[str]] = []
        after = '<row r="'
        for before, texts, closing in (("", numbers, '">'), *columns):
            strips += [repeat(after + before), texts]
            after = closing
        return "".join(chain.from_iterable(zip(*strips, repeat(after + "</row>")))).encode()

    def _lines(self, columns: Sequence[Sequence[Any]]) -> list[int] | None:
        """How many lines each row takes, or nothing where one is enough for all."""
        several = [
            lines
            for values, known in zip(columns, self.known, strict=False)
            if known is not None and (lines := known.of(values))
        ]
        return [*map(max, *several)] if len(several) > 1 else several[0] if several else None

    def _column(self, values: Sequence[Any], pen: Pen) -> tuple[str, Sequence[str], str]:
        """What stands before each text, the texts, what stands behind."""
        kinds = {*map(type, values)} - {type(None)} or {str}
        read, style, (opening, closing) = _QUICK.get(kinds.pop(), _SLOW) if len(kinds) == 1 else _SLOW
        texts = read(values)
        if texts is None:
            return "", [self.cell(value, pen) for value in values], ""
        before = opening.format(pen[style])
        if all(texts):
            return before, texts, closing
        return "", [f"{before}{text}{closing}" if text else f'<c s="{pen.text}"/>' for text in texts], ""

    def cell(self, value: Any, pen: Pen) -> str:
        """One cell: numbers and days as they are, everything else as text."""
        if isinstance(value, bool):
            return self.text("是" if value else "否", pen.text)
        if isinstance(value, int | float | Decimal) and _is_whole([value]):
            return f'<c s="{pen.number}"><v>{value}</v></c>'
        if isinstance(value, date) and not isinstance(value, datetime) and value >= FIRST_EXCEL_DAY:
            return f'<c s="{pen.day}"><v>{value.toordinal() - _DAY_ZERO}</v></c>'
        return self.text("" if value is None else str(value), pen.text)

    def text(self, text: str, style: int) -> str:
        """One cell with a text, cleaned and cut to what a cell holds; the counts tell of either."""
        whole = without_controls(text)
        self.cleaned += _UNPRINTABLE.search(text) is not None
        fitting = shortened(whole)
        self.cut += fitting is not whole
        if not fitting:
            return f'<c s="{style}"/>'
        kept = _KEPT if fitting != fitting.strip() or "\n" in fitting else ">"
        told = literal(fitting).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return f'<c s="{style}" t="inlineStr"><is><t{kept}{told}</t></is></c>'


LINE, AROUND, HIGHEST = 14.25, 3, 409
"""Points of a line of text, around it, and of the highest row there is."""


PRINTED = 20_000
"""Rows of a sheet whose heights are said; nobody prints more."""
REMEMBERED = 5_000
"""Texts of a column whose lines are not counted again."""


def height_of(lines: int) -> float:
    """How high a row of so many lines is."""
    return min(HIGHEST, lines * LINE + AROUND)


def lines_of(text: str, width: int) -> int:
    """How many lines a text takes where so many half-width characters fit; a wide one counts for two."""
    return sum(-(-_twice(each) // (2 * width)) or 1 for each in text.split("\n"))


def _twice(text: str) -> int:
    """Twice its half-width characters: a wide one has three bytes in UTF-8, a narrow one has one."""
    return len(text) + len(text.encode(errors="replace"))


class _Lines(dict):
    """How many lines each text takes in one column; a ledger says the same things again and again."""

    def __init__(self, width: int):
        super().__init__()
        self.width = width

    def __missing__(self, text: str) -> int:
        lines = lines_of(text, self.width)
        if len(self) < REMEMBERED:
            self[text] = lines
        return lines

    def of(self, values: Sequence[Any]) -> list[int] | None:
        """The lines of these values, or nothing where one is enough for all."""
        texts = values if {*map(type, values)} == {str} else [each if type(each) is str else "" for each in values]
        if max(map(len, texts)) * 2 <= self.width and "\n" not in "".join(texts):
            return None
        return [*map(self.__getitem__, texts)]


def _plain_texts(values: Sequence[str | None]) -> Sequence[str] | None:
    """The texts of a column in which none needs care: no mark of XML, no control, no space at an end, none long."""
    texts = [value or "" for value in values]
    joined = f"|{'|'.join(texts)}|"
    short = len(joined) * 2 <= CELL_LIMIT or max(map(len, texts)) * 2 <= CELL_LIMIT
    return texts if short and joined.isprintable() and not any(map(joined.__contains__, _CAREFUL)) else None


def _days(values: Sequence[date | None]) -> Sequence[str] | None:
    known = [value for value in values if value is not None] if None in values else values
    if min(known) < FIRST_EXCEL_DAY:
        return None
    if known is values:
        return [str(day - _DAY_ZERO) for day in map(date.toordinal, values)]
    return ["" if value is None else str(value.toordinal() - _DAY_ZERO) for value in values]


def _numbers(values: Sequence[int | float | Decimal | None]) -> Sequence[str] | None:
    known = values if None not in values else [value for value in values if value is not None]
    if not _is_whole(known):
        return None
    return [*map(str, values)] if known is values else ["" if value is None else str(value) for value in values]


def _is_whole(values: Sequence[int | float | Decimal]) -> bool:
    """Whether Excel can keep all of these numbers."""
    try:
        return min(values) > -WHOLE and max(values) < WHOLE and isfinite(sum(values))
    except ArithmeticError:  # a Decimal that is no number
        return False


_QUICK = {
    str: (_plain_texts, 0, _TEXT),
    date: (_days, 1, _NUMBER),
    int: (_numbers, 2, _NUMBER),
    float: (_numbers, 2, _NUMBER),
    Decimal: (_numbers, 2, _NUMBER),
}
"""For columns of one kind: their texts, or nothing if cells need care; the pen's style; what stands around each."""

_SLOW = (lambda values: None, 0, _TEXT)
