"""The preview of a large sheet as JSON can hold it: what a job left, for the pages of a small one."""

from dataclasses import asdict
from datetime import datetime

from base.uploads import Upload
from members.sheets import SHOWN, Line, Preview, Remark, SheetPlan


def stored(plan: SheetPlan, upload: Upload) -> dict:
    """What :class:`~members.sheets.Preview` shows, all its lists at once, and which file it is of."""
    preview = Preview(plan)
    return {
        "upload": {"token": upload.token, "filename": upload.filename, "at": upload.at.isoformat()},
        "plan": {"sheet": {"header_row": plan.sheet.header_row}},
        "rows": preview.rows,
        "writable": preview.writable,
        "report": preview.report.counts(),
        "tabs": [asdict(tab) for tab in preview.tabs],
        "tab": preview.tab,
        "lists": {tab.code: _list(Preview(plan, tab.code)) for tab in preview.tabs},
        "limit": SHOWN,
    }


def restored(answer: dict, chosen: str = "") -> tuple[dict, dict]:
    """The file and one list of a stored preview, under the names by which the templates know fresh ones."""
    tab = chosen if chosen in answer["lists"] else answer["tab"]
    upload = {**answer["upload"], "at": datetime.fromisoformat(answer["upload"]["at"])}
    return upload, {**answer, "tab": tab, **answer["lists"][tab]}


def _list(preview: Preview) -> dict:
    return {
        "remarks": [_remark(remark) for remark in preview.remarks],
        "lines": [_line(line) for line in preview.lines],
        "shown_of": preview.shown_of,
    }


def _remark(remark: Remark) -> dict:
    return {"finding": remark.finding.as_dict(), "name": remark.name, "cell": remark.cell}


def _line(line: Line) -> dict:
    """A row of a ledger is new or known, it changes nothing."""
    return {"cells": {"row": {"number": line.cells.row.number}}, "name": line.name, "where": line.where}
