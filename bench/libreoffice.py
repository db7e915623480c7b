"""Whether LibreOffice reads the cells our writer wrote: ``python -m bench.libreoffice``, by hand.

It takes LibreOffice, hundreds of megabytes, so it is no part of the suite; tests/base/test_row_stream.py asks two other
readers. Texts are compared in the CSV that ``soffice`` makes of our workbook, days and numbers in its workbook: in CSV
they have no kind, and a workbook of its own would write a text like ``_x0041_`` without the escape.
"""

import csv
import subprocess
import sys
import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path

from python_calamine import CalamineWorkbook

from base.rows import CELL_LIMIT
from tests.base.test_row_stream import NASTY, book, meant

ROWS = [
    *((text, number, date(1900, 3, 1 + number % 28), Decimal(number) / 4) for number, text in enumerate(NASTY)),
    ("好" * (CELL_LIMIT + 1), 10**15, date(1800, 1, 1), Decimal("NaN")),
    (None, None, None, None),
    (True, -1, date(9999, 12, 31), 0.1),
]
UTF8_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1"


def converted(workbook: Path, kind: str) -> Path:
    """What LibreOffice makes of ``workbook``."""
    folder = workbook.parent
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", kind,
         "--outdir", folder / "theirs", workbook], check=True, capture_output=True,
    )  # fmt: skip
    return folder / "theirs" / f"ours.{kind.partition(':')[0]}"


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        ours = Path(folder) / "ours.xlsx"
        ours.write_bytes(book(ROWS).getvalue())
        with converted(ours, UTF8_CSV).open(encoding="utf-8", newline="") as file:
            texts = list(csv.reader(file))[3:]
        typed = CalamineWorkbook.from_path(converted(ours, "xlsx")).get_sheet_by_index(0)
        cells = typed.to_python(skip_empty_area=False)[3:]
    differ = 0
    for number, row in enumerate(ROWS):
        for place, wanted in enumerate(map(meant, row)):
            read = (texts if isinstance(wanted, str) else cells)[number][place]
            if read != wanted:
                differ += 1
                print(f"{wanted!r:.60} came back as {read!r:.60}")
    print(f"{len(ROWS) * len(ROWS[0])} cells, {differ} differ")
    return int(differ > 0)


if __name__ == "__main__":
    sys.exit(main())
