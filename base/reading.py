"""Reading sheets that people bring: which file is one, where its header is, what its cells say.

A file that cannot be read at all is refused with one sentence (:class:`SheetRefused`); a cell that cannot be
read becomes a :class:`Finding` of its row and refuses that row alone. Nothing here knows a member.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from itertools import zip_longest
from typing import Any

from base.cells import BROKEN, ReadDay, Unreadable, day_of, day_text, is_clean, key_of, squeezed, text_of
from base.delimited import Line
from base.limits import HEADER_WITHIN, MAX_BYTES, MEGABYTE, SheetRefused
from base.unpacking import lines_in


class Level(StrEnum):
    """``repaired``: taken as if it had been right. ``warning``: taken and reported. ``error``: the row is refused."""

    REPAIRED = "repaired"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Finding:
    """What is to be said about one cell: row and heading as in the file, a stable code, a Chinese sentence."""

    row: int
    column: str
    code: str
    level: Level
    message: str

    def as_dict(self) -> dict:
        return asdict(self)

    def __str__(self):
        return f"第 {self.row} 行“{self.column}”：{self.message}"


@dataclass(frozen=True)
class Column:
    """One thing a sheet may say, and the headings under which people write it, the preferred one first."""

    name: str
    headings: tuple[str, ...]
    required: bool = False


@dataclass(slots=True)
class Row:
    """One row of data: its number in the sheet, its cells, where the known columns stand, which cells are formulas."""

    number: int
    cells: list
    places: dict[str, int]
    computed: tuple[int, ...] = ()

    def value(self, name: str) -> Any:
        """What stands under the column ``name``; nothing if the sheet or the row has no such cell."""
        place = self.places.get(name)
        return self.cells[place] if place is not None and place < len(self.cells) else None

    def several(self, names: Iterable[str]) -> list:
        """What stands under these columns, as :meth:`value` gives it."""
        places, cells, end = self.places, self.cells, len(self.cells)
        return [cells[at] if (at := places.get(name, end)) < end else None for name in names]

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cells[place] for name, place in self.places.items() if place < len(self.cells)}

    @property
    def formulas(self) -> frozenset[str]:
        return frozenset(name for name, place in self.places.items() if place in self.computed)


@dataclass
class Sheet:
    """A sheet that was read: headings as the file writes them, the headings nobody asked for, its rows of data.

    ``labels`` names every column that was asked for, also those the file lacks. ``places`` says in which column,
    counted from 0, each heading stands; ``top`` holds the cells of every row down to the last one of the header.
    """

    header_row: int
    headings: dict[str, str]
    labels: dict[str, str]
    ignored: list[str]
    places: dict[str, int]
    top: list[list]
    rows: list[Row] = field(default_factory=list)


@dataclass(slots=True)
class CellReader:
    """Reads the cells of one row and gathers what is to be said about them."""

    row: Row
    headings: dict[str, str]
    findings: list[Finding] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        return bool(self.findings) and any(finding.level == Level.ERROR for finding in self.findings)

    def say(self, name: str, code: str, level: Level, message: str) -> None:
        """Add a finding on the cell under column ``name``."""
        self.findings.append(Finding(self.row.number, self.headings.get(name, name), code, level, message))

    def wrong(self, name: str, code: str, message: str) -> None:
        """Add an error, unless the cell has one: what follows from a wrong cell is not held against it again."""
        column = self.headings.get(name, name)
        if not any(found.column == column and found.level == Level.ERROR for found in self.findings):
            self.say(name, code, Level.ERROR, message)

    def raw(self, name: str) -> Any:
        """The value as the file holds it; a formula without a computed value, or a damaged text, refuses the row."""
        row = self.row
        place = row.places.get(name)
        value = row.cells[place] if place is not None and place < len(row.cells) else None
        if row.computed and value in (None, "") and name in row.formulas:
            self.wrong(name, f"formula_{name}", "单元格里是没有结果的公式，请改成写死的内容。")
            return None
        if isinstance(value, str) and not is_clean(value) and BROKEN.search(value):
            self.wrong(name, "broken_text", "里面有乱码，请清空后重新输入，或从原系统重新导出。")
            return None
        return value

    def text(self, name: str, *, longest: int) -> str:
        """Trimmed text, at most ``longest`` characters."""
        text = text_of(self.raw(name))
        if len(text) > longest:
            self.wrong(name, "too_long", f"内容有 {len(text)} 个字，最多 {longest} 个，请缩短。")
            return ""
        return text

    def day(self, name: str) -> date | None:
        """A civil day. An unusual spelling is reported as repaired; a month or a year is no day, and a warning."""
        read = self._day(name)
        if read.precision == "day":
            return read.day
        self.say(name, read.how, Level.WARNING, f"“{read.text}”没有写到日，没有写入，请补全到日。")
        return None

    def partial_day(self, name: str, *, elsewhere: date | None = None) -> ReadDay:
        """A day as exactly as the cell knows it: a year and month, or a year alone, is taken and reported.

        :param elsewhere: the day as another cell has it, which completes a month or a year that holds it.
        """
        read = self._day(name)
        if read.precision == "day":
            return read
        lacking = "年和月" if read.precision == "month" else "年份"
        if elsewhere and read.day <= elsewhere <= read.last:
            self.say(name, read.how, Level.REPAIRED, f"“{read.text}”只有{lacking}，按 {elsewhere} 读入。")
            return ReadDay(elsewhere)
        known = day_text(read.day, read.precision)
        self.say(name, read.how, Level.WARNING, f"“{read.text}”只有{lacking}，按 {known} 写入；知道日子时请补全。")
        return read

    def _day(self, name: str) -> ReadDay:
        try:
            read = day_of(self.raw(name))
        except Unreadable as refusal:
            self.wrong(name, "bad_date", str(refusal))
            return ReadDay(None)
        if read.how and read.precision == "day":
            self.say(name, read.how, Level.REPAIRED, f"“{read.text}”按 {read.day} 读入。")
        return read


def read_sheet(data: bytes, columns: Sequence[Column]) -> Sheet:
    """Read the first visible sheet of a workbook, or a text file.

    :param data: the bytes of an ``.xlsx`` or ``.csv`` file.
    :param columns: what the sheet may say; the header is the row among the first ten that knows most of it.
    :raises SheetRefused: for a file that is neither, is too large, or lacks required headings.
    """
    if not data:
        raise SheetRefused("文件是空的（0 字节），请重新导出后上传。")
    if len(data) > MAX_BYTES:
        raise SheetRefused(f"文件超过 {MAX_BYTES // MEGABYTE} MB，请分成几份上传。")
    return _with_header(lines_in(data), columns)


def _heading(value: Any) -> str:
    """A heading without spaces, line breaks and full-width forms."""
    return key_of(text_of(value))


def _match(cells: list, columns: Sequence[Column]) -> dict[str, int]:
    """Which column stands where in a row of headings; of several headings for one thing the preferred one."""
    known = {_heading(h): (c.name, rank) for c in columns for rank, h in enumerate(c.headings)}
    found: dict[str, tuple[int, int]] = {}
    for place, value in enumerate(cells):
        heading = _heading(value)
        name, rank = known.get(heading) or known.get(re.sub(r"\([^)]*\)$", "", heading)) or ("", 0)
        if name and (name not in found or rank < found[name][0]):
            found[name] = (rank, place)
    return {name: place for name, (_rank, place) in found.items()}


def _with_header(lines: Iterable[Line], columns: Sequence[Column]) -> Sheet:
    lines = list(lines)
    tops = [line for line in lines if line[0] <= HEADER_WITHIN]
    matches = [_match(cells, columns) for _number, cells, _formulas in tops]
    best = max(matches, key=len, default={})
    wanted = "、".join(column.headings[0] for column in columns if column.required)
    if len(best) < min(2, sum(column.required for column in columns) or 2):
        raise SheetRefused(f"前 {HEADER_WITHIN} 行里没有找到表头。表头里要有：{wanted}。")
    first = last = matches.index(best)
    if last + 1 < len(tops) and _stands_over(best, tops[last + 1][1], matches[last + 1]):
        last += 1
    elif first and _stands_over(matches[first - 1], tops[first][1], best):
        first -= 1
    number, header, best = tops[first][0], tops[first][1], {**matches[last], **matches[first]}
    if last > first:
        header = [lower if text_of(lower) else upper for upper, lower in zip_longest(header, tops[last][1])]
    missing = [column.headings[0] for column in columns if column.required and column.name not in best]
    if missing:
        raise SheetRefused(f"表头（第 {number} 行）缺少这些列：{'、'.join(missing)}。请补上后再上传。")
    _refuse_twins(header, best, number)
    used = set(best.values())
    headings = {name: squeezed(text_of(header[place])) for name, place in best.items()}
    sheet = Sheet(
        header_row=number,
        headings=headings,
        labels={column.name: column.headings[0] for column in columns} | headings,
        ignored=[_heading(value) for place, value in enumerate(header) if place not in used and _heading(value)],
        places=best,
        top=_top(lines[: last + 1]),
        rows=[Row(n, cells, best, tuple(computed)) for n, cells, computed in lines[last + 1 :] if not _is_foot(cells)],
    )
    if not sheet.rows:
        raise SheetRefused(f"表头（第 {number} 行）下面没有数据。")
    return sheet


def _stands_over(upper: dict[str, int], cells: list, lower: dict[str, int]) -> bool:
    """Whether two rows are one header: the lower has further headings, and nothing under those of the upper."""
    further = set(lower) - set(upper)
    under = [place for name, place in upper.items() if place < len(cells) and text_of(cells[place])]
    return bool(upper) and bool(further) and not under


def _top(lines: list[Line]) -> list[list]:
    """The cells of the first rows, blank ones included, so that what is written anew keeps its place."""
    top: list[list] = [[] for _ in range(lines[-1][0])]
    for number, cells, _formulas in lines:
        top[number - 1] = cells
    return top


RUNNING = "序号"
"""A running number says nothing of a row: of two of them it does not matter which is read."""


def _refuse_twins(cells: list, found: dict[str, int], number: int) -> None:
    texts = [_heading(value) for value in cells]
    for place in found.values():
        if texts[place] != RUNNING and texts.count(texts[place]) > 1:
            raise SheetRefused(f"表头（第 {number} 行）里“{texts[place]}”出现了不止一次，请只留一列。")


_FOOT = re.compile(r"(合计|总计|小计|共计|注[:：]|备注[:：]|说明[:：]|填表人|填报人|制表|审核人|审核[:：]|负责人)")


def _is_foot(cells: list) -> bool:
    """Totals and signature lines are no data."""
    first = next((text for text in map(text_of, cells) if text), "")
    return _FOOT.match(squeezed(first)) is not None
