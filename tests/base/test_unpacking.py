"""The wall: a file that would end or fill the process that opens it is refused, and whoever asked goes on."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from base import unpacking
from base.limits import MEGABYTE, MEMORY, SheetRefused
from base.unpacking import BROKEN, SWOLLEN, lines_in
from tests.base.hostile_sheets import GOOD, SHARED, SHEET, noise, packed, sheet, strings


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


def test_the_process_behind_the_wall_has_its_limits():
    code = (
        "import base.unpacking as u, resource as r; u.opened = lambda d: iter([(1, [str(r.getrlimit(r.RLIMIT_AS)[0]), "
        "str(r.getrlimit(r.RLIMIT_CPU)[0]), str(r.getrlimit(r.RLIMIT_CORE)[0])], [])]); u.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], input=b"", capture_output=True, check=True)
    assert json.loads(done.stdout.splitlines()[0])[1] == [str(MEMORY), str(unpacking.SECONDS), "0"]


def test_text_repeated_past_all_measure_is_refused_and_not_held():
    """One shared text of a megabyte in a thousand cells asks for a gigabyte."""
    echo = ("<row>" + '<c t="s"><v>0</v></c>' * 20 + "</row>") * 100
    data = packed({SHARED: strings(f"<si><t>{'x' * MEGABYTE}</t></si>"), SHEET: sheet(echo), **noise(1)})
    assert refusal(data) in (SWOLLEN, unpacking.TOO_LARGE)


def test_a_process_that_fails_is_a_refusal(monkeypatch):
    for code in ("import os; os.abort()", "raise SystemExit(3)", "print('[1, [2], []]')", "import sys; sys.exit()"):
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
    behind(monkeypatch, "import json, os; print(json.dumps([1, sorted(os.environ), []])); print(json.dumps('end'))")
    [(_, names, _)] = lines_in(b"x")
    assert "SECRET_OF_OURS" not in names


def test_a_reference_that_asks_for_a_terabyte_ends_the_process_behind_the_wall_alone():
    row = '<row r="3"><c x=">" r="ZZZZZZZ99999999"><v>1</v></c></row>'
    assert refusal(packed({SHEET: sheet("<row><c><v>1</v></c></row>" + row)})) in (SWOLLEN, BROKEN, unpacking.TOO_LARGE)
