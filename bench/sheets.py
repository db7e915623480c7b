"""A ledger of twenty columns from one cursor of the database: our writer, CSV, xlsxwriter. Each in its own process.

``python -m bench.sheets ROWS ours`` writes one and prints its seconds and the process's peak in MB; ``csv`` likewise;
``python -m bench.other_sheets ROWS`` for xlsxwriter.
"""

import csv
import os
import re
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import django

from base.writing import Format, Heading, Sheet, write_workbook
from bench.measure import Promise, in_turns, median, paired, shown

TEXTS, DATES, NUMBERS = 13, 4, 3
COLUMNS = """
  p.name, p.sex, p.ethnicity, p.education, p.job, o.code, o.name, o.short_name, m.standing, m.path, p.name || '同志',
  '年度谈心谈话', '本年已谈一次，思想稳定，工作积极，生活上没有困难', p.birth_on, p.joined_on, p.full_on, m.since,
  p.id, m.id, p.seniority_months"""
HEADINGS = [
    *(Heading(f"文字{n}") for n in range(TEXTS)), *(Heading(f"日期{n}", format=Format.DATE) for n in range(DATES)),
    *(Heading(f"数{n}", format=Format.NUMBER) for n in range(NUMBERS)),
]  # fmt: skip


def rows(number: int):
    """So many rows of twenty cells, a few thousand in memory at a time."""
    from bench.database import connection
    from ledgers.ledger import AT_ONCE

    connection.ensure_connection()
    source = "members_membership m JOIN members_person p ON p.id = m.person_id JOIN members_organisation o"
    with connection.connection.transaction(), connection.connection.cursor(name="ledger") as cursor:
        cursor.itersize = AT_ONCE
        cursor.execute(f"SELECT {COLUMNS} FROM {source} ON o.id = m.organisation_id,"
                       f" GENERATE_SERIES(1, 1000) AS copies LIMIT {number}")  # fmt: skip
        yield from cursor


def ours(number: int, file) -> None:
    sheet = Sheet("台账", "示范省委", "2026", "2026-11-23", HEADINGS, rows(number))
    if "file" in write_workbook.__annotations__:
        write_workbook(sheet, file)
    else:
        file.write(write_workbook(sheet).getbuffer())


def as_csv(number: int, file) -> None:
    with open(file.name, "w", encoding="utf-8", newline="") as text:
        csv.writer(text).writerows(rows(number))


def memory(which: str) -> float:
    """MB of this process now (``VmRSS``) or at its peak; ``ru_maxrss`` begins with the peak of whoever started it."""
    [found] = re.findall(rf"{which}:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    return int(found) / 1024


KINDS = {"ours": "bench.sheets", "csv": "bench.sheets", "xlsxwriter": "bench.other_sheets"}


def measure(database: str, day: date, *, number: int, rounds: int):
    """Yield the promises of ledgers; the seconds are those of writing, the peak that of the whole process."""
    peaks, added = {}, {}

    def written(kind: str, of: int = number) -> float:
        environment = {**os.environ, "BENCH_DATABASE": database}
        command = [sys.executable, "-m", KINDS[kind], str(of), kind]
        answer = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.split()
        peaks.setdefault((kind, of), []).append(float(answer[1]))
        added.setdefault((kind, of), []).append(float(answer[2]))
        return float(answer[0])

    taken = in_turns({kind: lambda kind=kind: written(kind) for kind in KINDS}, rounds)
    written("ours", 4 * number)
    said = {kind: shown(median(times)) for kind, times in taken.items()}
    yield Promise(f"ledger of {number} × 20 ÷ CSV from the same cursor", paired(taken["ours"], taken["csv"]),
                  at_most=1.5, n=rounds, detail=f"{said['ours']} ÷ {said['csv']}")  # fmt: skip
    yield Promise("xlsxwriter in constant memory ÷ ledger", paired(taken["xlsxwriter"], taken["ours"]), at_least=5,
                  n=rounds, detail=f"{said['xlsxwriter']} ÷ {said['ours']}")  # fmt: skip
    for of in (number, 4 * number):
        told = f"{max(added['ours', of]):.0f} MB of them by writing, CSV {max(added['csv', number]):.0f} MB"
        yield Promise(f"peak of the process that writes {of} rows", max(peaks["ours", of]), at_most=100, unit="MB",
                      n=len(peaks["ours", of]), detail=told)  # fmt: skip


def main(write) -> None:
    """Write what the command line asks for and print the seconds, the peak in MB, and how much of it was added."""
    django.setup()
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "out").open("w+b") as target:
        before, began = memory("VmRSS"), time.perf_counter()
        write(int(sys.argv[1]), target)
        wrote = time.perf_counter() - began
    print(wrote, memory("VmHWM"), memory("VmHWM") - before)


if __name__ == "__main__":
    main({"ours": ours, "csv": as_csv}[sys.argv[2]])
