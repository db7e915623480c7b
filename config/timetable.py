"""The timetable: what runs by itself, and when. Beat, ``manage.py tick`` and the demo's thread all read this one list.

Times are those of China. Everything here is a function of the database and the day: done twice it changes nothing, done
late it makes up for what was missed. Only what has no worth any more later is not made up for: see ``expires``.
"""

import logging
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from io import StringIO

from django.core.management import call_command

from base import clock, jobs
from base.clock import Daily, Entry, Every, Weekly
from duties.engine.sweep import fold_counts, sweep
from duties.notices import outbox
from duties.notices.models import Kind
from fund.applying.steps import end_of_the_dead, waiting_follows
from fund.relief.filing import end_of_the_left, stop_of_the_dead
from fund.relief.steps import waits_follow
from visits.campaigns.running import every_morning

logger = logging.getLogger(__name__)

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def command(name: str) -> Callable[[datetime, date], None]:
    """The work of a management command. One that has found something wrong is done as well: it has written down what,
    the health page shows it, and the log says that there is something.
    """

    def work(now: datetime, today: date) -> None:
        try:
            call_command(name, stdout=StringIO(), stderr=StringIO())
        except SystemExit as ended:
            logger.error("%s found something wrong and ended with %s", name, ended.code)

    return work


def tidy(now: datetime, today: date) -> None:
    """Remove what has had its time: files, drafts, jobs, notices, runs of the clock."""
    command("tidy")(now, today)
    outbox.tidy(today=today)
    clock.tidy(now)


def applications(now: datetime, today: date) -> None:
    """End what members asked for who died or left, and bring what waits to whose turn it is: money, less dues."""
    end_of_the_dead(now=now)
    stop_of_the_dead(now=now)
    end_of_the_left(now=now)
    waiting_follows(now=now)
    waits_follow(now=now)


_ENTRIES = (
    # A day's sweep covers the days that were missed: duties are a function of facts and the day.
    Entry("sweep", "巡检", lambda now, today: sweep(on=today, today=today), Daily(time(0, 2)), DAY, 10 * MINUTE),
    # After the sweep, so that what it asks for is a duty at once, and before the digest that tells of it.
    Entry(
        "campaigns", "节日走访", lambda now, today: every_morning(today=today), Daily(time(6, 0)), DAY, 10 * MINUTE
    ),
    Entry("applications", "申请：终止和转办", applications, Daily(time(0, 40)), DAY, 10 * MINUTE),
    # A digest of this morning is of use until the evening; one of a day gone by is not sent any more.
    Entry(
        "digest", "每日提醒", lambda now, today: outbox.enqueue(Kind.DIGEST, day=today, now=now),
        Daily(time(7, 30)), 14 * HOUR, 5 * MINUTE,
    ),
    Entry(
        "review", "每周情况", lambda now, today: outbox.enqueue(Kind.REVIEW, day=today, now=now),
        Weekly(1, time(7, 40)), 2 * DAY, 5 * MINUTE,
    ),
    Entry("verify_audit", "核验审计", command("verify_audit"), Daily(time(1, 30)), DAY, 30 * MINUTE),
    Entry("check_books", "核验账簿", command("check_books"), Daily(time(1, 45)), DAY, 30 * MINUTE),
    Entry("tidy", "清理", tidy, Daily(time(2, 30)), DAY, 30 * MINUTE),
    Entry("seal_audit", "封存审计", command("seal_audit"), Every(600), DAY, 2 * MINUTE),
    Entry("seal_books", "封存凭证", command("seal_books"), Every(600), DAY, 2 * MINUTE),
    Entry("fold", "汇总", lambda now, today: fold_counts(), Every(600), DAY, 2 * MINUTE),
    Entry("outbox", "发送消息", lambda now, today: outbox.send_waiting(today=today), Every(20), DAY, 5 * MINUTE),
    Entry("jobs", "长任务", lambda now, today: jobs.run_waiting(), Every(60, together=True), DAY, MINUTE),
)  # fmt: skip
TIMETABLE = {entry.name: entry for entry in _ENTRIES}
