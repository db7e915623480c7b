"""Rows of a text file: which encoding it is in, what parts its cells. Strict: nothing is replaced or guessed away."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator

from base.limits import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, TOO_LARGE, SheetRefused

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_NOT_A_SHEET = "这不是 Excel 工作簿（.xlsx），也不是 csv 文本。请在 Excel 里打开后另存为 .xlsx 再上传。"
_SEPARATORS = ",\t;"
_LOOKED_AT = 20
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_KEPT_AS_TEXT = re.compile(r'="((?:[^"]|"")*)"')
"""``="410…"``: how exports keep Excel from making a number of a text."""

Line = tuple[int, list, list[int]]
"""A row's number in the file, its cells, the places of cells with formulas."""


def decoded(data: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 (with its mark) or GB18030, which holds GBK and every rare character.

    :raises SheetRefused: for anything else; a character is never replaced.
    """
    marked = [encoding for mark, encoding in _MARKS if data.startswith(mark)]
    for encoding in marked or ("utf-8", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise SheetRefused(_NOT_A_SHEET)


def lines_of(data: bytes) -> Iterator[Line]:
    """The rows that hold something.

    :raises SheetRefused: if it is no text, or is cut or quoted so that its rows cannot be told.
    """
    text = decoded(data)
    head = text[:5].lower()
    separator = text[4:5] if head.startswith("sep=") else _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    cells = 0
    try:
        for number, row in enumerate(reader, 1):
            cells += len(row)
            if number > MAX_ROWS or len(row) > MAX_COLUMNS or cells > MAX_CELLS:
                raise SheetRefused(TOO_LARGE)
            if number == 1 and head.startswith("sep="):
                continue
            if any(cell.strip() for cell in row):
                yield number, *_without_formulas(row)
    except csv.Error as error:
        sentence = f"第 {reader.line_num} 行附近读不下去：引号不成对，或一格里的内容太长。请改正后再上传。"
        raise SheetRefused(sentence) from error


def _separator(text: str) -> str:
    """What stands oftenest between the cells of the first lines, outside quotes."""
    lines = _QUOTED.sub("", text[:20_000]).splitlines()[:_LOOKED_AT]
    found = Counter(character for line in lines for character in line if character in _SEPARATORS)
    return max(_SEPARATORS, key=lambda character: found[character])


def _without_formulas(row: list[str]) -> tuple[list[str], list[int]]:
    """Texts kept by ``="…"`` as texts; any other formula is never computed: an empty cell, and its place."""
    cells, formulas = [], []
    for place, cell in enumerate(row):
        kept = _KEPT_AS_TEXT.fullmatch(cell.strip())
        if kept:
            cells.append(kept[1].replace('""', '"'))
        elif cell.lstrip().startswith("="):
            cells.append("")
            formulas.append(place)
        else:
            cells.append(cell)
    return cells, formulas
