"""The wall: a file that would end or fill the process that opens it is refused, and whoever asked goes on."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile

import pytest

from base import unpacking
from base.limits import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, MEGABYTE, MEMORY, SheetRefused
from base.unpacking import BROKEN, SWOLLEN, lines_in
from base.writing import Heading, Sheet, write_workbook
from tests.base.hostile_sheets import GOOD, SHARED, SHEET, noise, packed, sheet, strings
from tests.members.sheets import roster_row, workbook


def refusal(data: bytes) -> str:
    with pytest.raises(SheetRefused) as refused:
        list(lines_in(data))
    return str(refused.value)


def behind(monkeypatch, code: str):
    """Let other code stand behind the wall."""
    real = subprocess.Popen

    def started(command, **more):
        return real([*command[:1], "-c", code], **more)

    monkeypatch.setattr(subprocess, "Popen", started)


def test_a_workbook_comes_through_the_wall_as_it_is():
    (first, headings, _), (second, cells, formulas) = lines_in(GOOD)
    assert (first, second, formulas) == (1, 2, [])
    assert (headings[0], cells[0]) == ("姓名", "王强")


def test_every_row_comes_through_the_wall_once_and_in_order():
    rows = 2 * unpacking._AT_ONCE + 1
    data = workbook([roster_row(serial=n) for n in range(1, rows)])
    assert [number for number, _, _ in lines_in(data)] == list(range(1, rows + 1))


def test_the_process_behind_the_wall_has_its_limits():
    code = (
        "import base.unpacking as u, resource as r; u.opened = lambda d: iter([(1, [str(r.getrlimit(r.RLIMIT_AS)[0]), "
        "str(r.getrlimit(r.RLIMIT_CPU)[0]), str(r.getrlimit(r.RLIMIT_CORE)[0])], [])]); u.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], input=b"", capture_output=True, check=True)
    [[_, limits, _]] = json.loads(done.stdout.splitlines()[0])
    assert limits == [str(MEMORY), str(unpacking.SECONDS), "0"]


def test_text_repeated_past_all_measure_is_refused_and_not_held():
    """One shared text of a megabyte in a thousand cells asks for a gigabyte."""
    echo = ("<row>" + '<c t="s"><v>0</v></c>' * 20 + "</row>") * 100
    data = packed({SHARED: strings(f"<si><t>{'x' * MEGABYTE}</t></si>"), SHEET: sheet(echo), **noise(1)})
    assert refusal(data) in (SWOLLEN, unpacking.TOO_LARGE)


def test_a_process_that_fails_is_a_refusal(monkeypatch):
    for code in ("import os; os.abort()", "raise SystemExit(3)", "print('[[1, [2], []]]')", "import sys; sys.exit()"):
        with monkeypatch.context() as patch:
            behind(patch, code)
            assert refusal(b"PK" + b"x" * MEGABYTE) == SWOLLEN


def test_a_process_that_never_ends_is_ended(monkeypatch):
    monkeypatch.setattr(unpacking, "CLOCK_SECONDS", 0.3)
    behind(monkeypatch, "import sys, time; sys.stdin.buffer.read(); time.sleep(60)")
    begun = time.perf_counter()
    assert refusal(GOOD) == SWOLLEN
    assert time.perf_counter() - begun < 20


def test_nothing_is_left_running_when_the_reader_stops_early(monkeypatch):
    started = []
    real = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *a, **k: started.append(real(*a, **k)) or started[-1])
    next(lines_in(GOOD))
    assert started[0].returncode is not None
    with pytest.raises(ProcessLookupError):
        os.kill(started[0].pid, signal.SIGCONT)


def test_secrets_of_the_asking_process_stay_on_its_side(monkeypatch):
    monkeypatch.setenv("SECRET_OF_OURS", "x")
    behind(monkeypatch, "import json, os; print(json.dumps([[1, sorted(os.environ), []]])); print(json.dumps('end'))")
    [(_, names, _)] = lines_in(b"x")
    assert "SECRET_OF_OURS" not in names


def test_a_reference_that_asks_for_a_terabyte_ends_the_process_behind_the_wall_alone():
    row = '<row r="3"><c x=">" r="ZZZZZZZ99999999"><v>1</v></c></row>'
    assert refusal(packed({SHEET: sheet("<row><c><v>1</v></c></row>" + row)})) in (SWOLLEN, BROKEN, unpacking.TOO_LARGE)


def glanced(data: bytes) -> bool:
    return unpacking._plainly_within(unpacking._open(data), SHEET)


def test_an_honest_workbook_is_told_at_a_glance():
    assert glanced(workbook([roster_row(serial=n) for n in range(1, 900)]))


def test_a_workbook_that_we_wrote_is_told_at_a_glance():
    """Its cells do not say where they are, its headings do, and it has page numbers at its foot."""
    paper = Sheet("党员名册", "示范省委", "", "", [Heading("姓名"), Heading("手机号")], [("王强", "138")] * 9)
    data = write_workbook(paper).read()
    assert re.search(rb"<c( s=.\d+.)? t=", zipfile.ZipFile(io.BytesIO(data)).read(SHEET))
    assert glanced(data)


def bare(cells: int) -> str:
    return '<row r="2">' + '<c s="1" t="s"/>' * cells + "</row>"


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c><v>1</v></c></row>',
        f'<row r="1"><c r="CV1"/></row>{bare(100)}<row r="{MAX_CELLS // 100}"/>',
        bare(MAX_COLUMNS),
    ],
)
def test_cells_that_do_not_say_where_they_are_stand_side_by_side(rows):
    assert glanced(packed({SHEET: sheet(rows)}))


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="CV1"/><c/></row>',
        '<row r="1"><c x="1"/></row>',
        '<row r="1"><c s="1"r="ZZ1"/></row>',
        bare(MAX_COLUMNS + 1),
        f'{bare(101)}<row r="{MAX_CELLS // 100}"/>',
        '<row r="1"><c s="1" r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><f>1+1</f></c></row>',
        '<row r="1"><x:c r="A1"><v>1</v></x:c></row>',
        '<row r="1"><c r="A1"><v>1</v></c><c x=">" r="XFD1048576"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c><c\tr="XFD1048576"><v>1</v></c></row>',
        f'<row r="1"><c r="A1"><v>1</v></c></row><row r="{MAX_ROWS + 1}"/>',
        f'<row r="1"><c r="A{MAX_ROWS + 1}"><v>1</v></c></row>',
        '<row r="1"><c r="ZZ1"><v>1</v></c></row>',
        f'<row r="1"><c r="CV1"><v>1</v></c></row><row r="2"><c r="A{MAX_ROWS}"><v>1</v></c></row>',
        '<row><c r="A1"><v>1</v></c></row>',
        "\0",
    ],
)
def test_whatever_is_odd_is_looked_at_closely(rows):
    assert MAX_COLUMNS < 702  # ZZ
    assert not glanced(packed({SHEET: sheet(rows)}))


@pytest.mark.parametrize("size", [250, 333, 1000])
def test_a_glance_cuts_no_tag_in_two(monkeypatch, size):
    """Whatever piece a sheet is read in, every cell is seen once, and the one too far out is seen."""
    monkeypatch.setattr(unpacking, "MEGABYTE", size)
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="B{n}"/></row>' for n in range(1, 200))
    far = '<row r="200"><c r="AAA200"><v>1</v></c></row>'
    assert [glanced(packed({SHEET: sheet(each)})) for each in (rows, rows + far)] == [True, False]
    wide = [bare(MAX_COLUMNS), bare(MAX_COLUMNS + 1)]
    assert [glanced(packed({SHEET: sheet(each)})) for each in wide] == [True, False]
