"""The one task of Celery: look whether an entry of the timetable is due, and do it if so. And when beat asks."""

from datetime import UTC, datetime

from django.utils import timezone

from base import clock
from base.clock import Entry
from config.celery import app
from config.timetable import TIMETABLE

LONG = {"soft_time_limit": 1640, "time_limit": 1700}
"""Seconds for work that may take longer than others (an import, an export); below the visibility timeout."""

PACE = 20
"""Seconds between two looks at what is due once a day or a week: what died on the way is soon begun anew."""

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@app.task(name="clock.run")
def run_entry(name: str, *, by_beat: bool = False, at_once: bool = False) -> None:
    """Do the entry if it is due. Its only argument is a name: nothing about anybody passes through Redis."""
    now = timezone.now()
    for engine in ("worker", "beat") if by_beat else ("worker",):
        clock.beat(engine, now)
    clock.run(TIMETABLE[name], now, at_once=at_once)


def rhythm(entry: Entry) -> dict:
    """How beat nudges an entry: at its start, then as often as it comes round. Unheard nudges do not pile up."""
    seconds = getattr(entry.when, "seconds", PACE)
    long = LONG if getattr(entry.when, "together", False) else {}
    return {
        "task": run_entry.name, "schedule": seconds, "args": [entry.name], "kwargs": {"by_beat": True},
        "options": {"expires": seconds, **long}, "last_run_at": LONG_AGO,
    }  # fmt: skip


app.conf.beat_schedule = {entry.name: rhythm(entry) for entry in TIMETABLE.values()}
