"""Celery: beat and workers that nudge the clock. What is due, and that it is done once, the database knows.

A worker and a beat, with ``REDIS_URL`` in their environment:

    celery -A config worker -c 4
    celery -A config beat -s /a/folder/that/is/kept/beat
"""

import logging
import os
import time

from celery import Celery
from kombu.exceptions import OperationalError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

QUIET = 30
"""Seconds for which no nudge is tried after one that found no broker: a page waits for Redis at most once in these."""

app = Celery("guanhuai")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.imports = ("config.tasks",)

logger = logging.getLogger(__name__)


class Nudger:
    """Asks a worker to look at one entry of the timetable at once; gives up quickly where Redis is down."""

    def __init__(self):
        self.quiet_until = 0.0

    def __call__(self, name: str) -> None:
        if time.monotonic() < self.quiet_until:
            return
        try:
            with app.connection_for_write(transport_options={"socket_timeout": 1}) as link:
                app.send_task("clock.run", [name], {"at_once": True}, expires=60, connection=link)
        except (OperationalError, OSError) as error:
            self.quiet_until = time.monotonic() + QUIET
            logger.warning("no broker for %s: %s", name, type(error).__name__)
