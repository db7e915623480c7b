"""Turning the clock without Celery: everything that is due, one after the other."""

import logging
from collections.abc import Iterable
from datetime import datetime
from threading import Event, Thread

from django.db import close_old_connections
from django.utils import timezone

from base import clock
from config.timetable import TIMETABLE

PAUSE = 20
"""Seconds between two looks of the demo's thread at the timetable."""

logger = logging.getLogger(__name__)


def tick(engine: str, now: datetime, at_once: Iterable[str] = ()) -> list[str]:
    """Do whatever is due; returns the names of what was done.

    :param engine: who turns the clock, for its heartbeat.
    :param at_once: names of entries that somebody has asked for ahead of their time.
    """
    clock.beat(engine, now)
    return [name for name, entry in TIMETABLE.items() if clock.run(entry, timezone.now(), at_once=name in at_once)]


class Ticker(Thread):
    """The clock of the one process of the demo. It ends with the process; nobody waits for it."""

    def __init__(self):
        super().__init__(name="clock", daemon=True)
        self.woken, self.asked = Event(), set()
        clock.on_nudge(self.nudge)

    def nudge(self, name: str) -> None:
        self.asked.add(name)
        self.woken.set()

    def run(self) -> None:
        while True:
            self.once()
            self.woken.wait(PAUSE)
            self.woken.clear()

    def once(self) -> None:
        asked, self.asked = self.asked, set()
        close_old_connections()
        try:
            tick("demo", timezone.now(), asked)
        except Exception as error:  # a database that is not there yet: the next round may find it
            logger.warning("the demo's clock missed a round: %s", type(error).__name__)
        finally:
            close_old_connections()
