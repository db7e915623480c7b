"""Sheets made in a test: workbooks as bytes, identity numbers nobody is issued, rows of a roster."""

import io
from datetime import date
from pathlib import Path

from openpyxl import Workbook

from members.identity import check_digit

DATA = Path(__file__).parent.parent / "data"
HEADINGS = ("姓名", "公民身份证号", "性别", "所在党支部", "人员类别", "加入党组织日期", "转为正式党员日期", "联系电话")


def workbook(rows, *, headings=HEADINGS, above=(), sheet="名册") -> bytes:
    """A workbook with ``headings`` under the lines ``above``, then ``rows``."""
    book = Workbook()
    page = book.active
    page.title = sheet
    for line in (*above, headings, *rows):
        page.append(list(line))
    return saved(book)


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def id_number(serial: int = 1, *, born: date = date(1980, 5, 1)) -> str:
    """A number of no region anybody is issued (410000); an odd ``serial`` is a man's."""
    first = f"410000{born:%Y%m%d}{serial:03d}"
    return first + check_digit(first)


def roster_row(name="王强", serial=1, **given) -> list:
    """A clean row under :data:`HEADINGS`; any cell may be given by its heading."""
    row = {
        "姓名": name, "公民身份证号": id_number(serial), "性别": "男" if serial % 2 else "女",
        "所在党支部": "河源第一党支部", "人员类别": "正式党员", "加入党组织日期": "2005-06-10",
        "转为正式党员日期": "2006-06-10", "联系电话": f"1380000{serial:04d}",
    }  # fmt: skip
    return [given.get(heading, row.get(heading)) for heading in HEADINGS]
