"""``python -m tests.members.large_roster 20000 OUT.xlsx``: a roster of that many invented people, to measure with.

Its branches are those of ``tests/data/organisations.xlsx``; a fiftieth of its rows has something wrong.
"""

import sys
from datetime import date, timedelta
from pathlib import Path

from base.cells import text_of
from base.unpacking import lines_in
from tests.members.sheets import DATA, HEADINGS, id_number, roster_row, workbook


def main(number: int, out: Path) -> None:
    lines = list(lines_in((DATA / "organisations.xlsx").read_bytes()))
    branches = [text_of(cells[0]) for _number, cells, _formulas in lines if "党支部" in map(text_of, cells)]
    rows = []
    for n in range(number):
        born = date(1950, 1, 1) + timedelta(days=n // 900)
        row = roster_row(
            f"人{n}", n % 900 + 1, 公民身份证号=id_number(n % 900 + 1, born=born),
            所在党支部=branches[n % len(branches)], 联系电话=f"138{n:08d}",
        )  # fmt: skip
        rows.append(row if n % 50 else ["", *row[1:]])
    out.write_bytes(workbook(rows, headings=HEADINGS))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
