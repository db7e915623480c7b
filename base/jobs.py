"""Long work beside the pages: it is asked for, waits, runs, can be stopped, and leaves a result for whoever asked.

The database alone knows what is to be done; a nudge only wakes a worker sooner (:func:`base.clock.nudge`). A job is
claimed for a while, and claimed anew when its worker died. Each claim has a name of its own, and only the run that
still holds the job's claim can end it: two runs of one job leave one result. Kinds of work are declared in the module
``jobs`` of each app (:func:`register`). Base knows no member: an account is a number, and its rights the kind asks.
"""

import json
import logging
import secrets
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from base import audit, job_files
from base.audit import Origin, origin
from base.clock import nudge
from base.job_files import Told
from base.models import Job

State = Job.State
UNFINISHED = (State.WAITING, State.RUNNING)

AT_ONCE = 3_000
"""Rows up to which a page answers by itself; more is a job."""

LEASE = timedelta(minutes=1)
"""So long a job stays with a worker that shows no sign of life."""

ATTEMPTS = 3
KEPT_FOR = timedelta(days=1)
BROKEN_OFF = f"中途断了 {ATTEMPTS} 次，没有做完。请重试；再不行请联系系统管理员。"
UNFINISHED_AT_MOST = 3
"""Jobs of one account that may wait or run; those of one kind run one after the other."""

_EVERY = 500
log = logging.getLogger(__name__)


class JobRefused(Exception):
    """Work that cannot be done; the text is the sentence the reader sees. Nothing of it was written."""


class Cancelled(Exception):
    """Whoever asked has asked to stop."""


class Lost(Exception):
    """Another worker holds the job by now: this run has nothing more to say."""


@dataclass(frozen=True)
class Result:
    """What a run leaves. ``where``: the page that shows it. ``file_name``: that of what it wrote into the work's file.

    ``answer`` is what that page needs, as JSON can hold it; it lies sealed.
    """

    where: str = ""
    file_name: str = ""
    answer: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Work:
    """What a kind's function is given.

    :ivar account: primary key of the account that asked.
    :ivar now: the moment at which this run began.
    :ivar file: an empty file to write a result into.
    """

    job: int
    account: int
    parameters: dict
    now: datetime
    file: object
    progress: "Progress"

    @property
    def today(self) -> date:
        return timezone.localtime(self.now).date()


@dataclass(frozen=True)
class Kind:
    """One kind of long work.

    :ivar check: ``check(account, parameters)`` raises ``PermissionDenied`` for an account that may not have this now;
        asked when the job runs and again when its file is fetched.
    :ivar whole: the work and the job's end are one transaction, so that it takes place once or not at all.
    :ivar offered: the page of jobs offers it to those who may have it, without parameters.
    """

    code: str
    title: str
    run: Callable[[Work], Result]
    check: Callable[[int, dict], None]
    whole: bool = False
    offered: str = ""


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Declare a kind of work, at the top of an app's module ``jobs``."""
    _kinds[kind.code] = kind
    return kind


def offered() -> dict[str, Kind]:
    """The kinds that the page of jobs offers, by their code."""
    return {code: kind for code, kind in _kinds.items() if kind.offered}


def may(kind: Kind, account: int) -> bool:
    """Whether the account may have this work now."""
    try:
        kind.check(account, {})
    except PermissionDenied:
        return False
    return True


def of_account(account: int, *, now: datetime) -> QuerySet[Job]:
    """The account's own jobs, the latest first. What has expired is not there any more."""
    kept = Job.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now), account=account)
    return kept.order_by("-asked_at", "-pk")


def ended(account: int, pk: str, *, now: datetime, **parameters) -> Job | None:
    """The account's own job of that number, if it is done and had these parameters."""
    done = of_account(account, now=now).filter(state=State.DONE)
    job = done.filter(pk=pk).first() if pk.isdecimal() and len(pk) < 10 else None
    return job if job and parameters.items() <= parameters_of(job).items() else None


# Asking, stopping, trying again


@transaction.atomic
def ask(*, account: int, kind: str, title: str, parameters: dict, now: datetime) -> Job:
    """Ask for long work. The caller has checked that the account may have it; the run checks again.

    :param title: what the reader sees; sealed, but no place for names of people.
    :param parameters: primary keys and values of a form, as JSON can hold them; sealed.
    :raises JobRefused: when the account has enough unfinished jobs already.
    """
    check_room(account)
    who = asdict(origin.get())
    job = Job.objects.create(
        kind=_kinds[kind].code, account=account, title=title, asked_at=now,
        parameters=json.dumps({"given": parameters, "origin": who}),
    )  # fmt: skip
    audit.write(audit.Act.WRITE, f"job:{job.pk}", job=kind)
    nudge("jobs")
    return job


def check_room(account: int) -> None:
    """:raises JobRefused: when the account has enough unfinished jobs already."""
    unfinished = Job.objects.filter(account=account, state__in=UNFINISHED).order_by("pk")
    list(unfinished.select_for_update().values_list("pk"))  # two who ask at once take turns
    if unfinished.count() >= UNFINISHED_AT_MOST:
        raise JobRefused(f"你已有 {UNFINISHED_AT_MOST} 个任务没有做完，请等其中一个做完，或取消一个。")


def cancel(job: Job, *, now: datetime) -> bool:
    """Stop a job: one that waits at once, one that runs at its next word. Returns whether there was anything to stop.

    The wish lies on the disk before the database is asked: on SQLite the work itself may hold the only writer.
    """
    if running := job.state == State.RUNNING:
        job_files.wish_stop(job)
    with transaction.atomic():
        same = Job.objects.filter(pk=job.pk)
        gone = {"state": State.CANCELLED, "finished_at": now, "expires_at": now + KEPT_FOR}
        wished = same.filter(state=State.WAITING).update(**gone)
        wished = wished or same.filter(state=State.RUNNING).update(cancelling=True)
        if stopped := wished or (running and same.filter(state=State.CANCELLED).exists()):  # it may have heard already
            audit.write(audit.Act.WITHDRAW, f"job:{job.pk}", job=job.kind)
    job.refresh_from_db()
    if job.state == State.RUNNING:  # it may have begun meanwhile
        job_files.wish_stop(job)
    return bool(stopped)


@transaction.atomic
def retry(job: Job, *, now: datetime) -> bool:
    """Have a job that failed or was cancelled wait again. Returns whether it was one.

    :raises JobRefused: when the account has enough unfinished jobs already.
    """
    check_room(job.account)
    ended = Job.objects.filter(pk=job.pk, state__in=(State.FAILED, State.CANCELLED), claim=job.claim)
    again = ended.update(
        state=State.WAITING, asked_at=now, attempts=0, cancelling=False, error="", finished_at=None, expires_at=None,
        claim="",
    )  # fmt: skip
    if again:
        audit.write(audit.Act.WRITE, f"job:{job.pk}", job=job.kind, again=True)
        nudge("jobs")
    return bool(again)


def parameters_of(job: Job) -> dict:
    return json.loads(job.parameters)["given"]


def answer_of(job: Job) -> dict:
    """What the job's page shows of its result."""
    return json.loads(job.answer) if job.answer else {}


# Running


def run_waiting(limit: int | None = None) -> int:
    """Run what waits, and what a dead worker left, oldest first; returns how many runs there were.

    Called by a worker, by a timer, by the demo's thread: any number of them at once.

    :param limit: run at most so many.
    """
    runs = 0
    while (limit is None or runs < limit) and (job := claim(now=timezone.now())):
        run(job)
        runs += 1
    return runs


def claim(*, now: datetime) -> Job | None:
    """Take the oldest job that may run for :data:`LEASE`, under a new name; of two takers each gets another one."""
    for pk in _candidates(now):
        try:
            with transaction.atomic():
                job = _taken(pk, now)
        except IntegrityError:  # another taker has just begun one of the same account and kind
            continue
        if job is not None:
            return job
    return None


def _candidates(now: datetime) -> list[int]:
    """What may run: a job waits behind another one of its account and kind that is running."""
    same = Job.objects.filter(account=OuterRef("account"), kind=OuterRef("kind"), state=State.RUNNING)
    free = Q(state=State.WAITING) & ~Exists(same)
    found = Job.objects.filter(free | Q(state=State.RUNNING, lease_until__lt=now)).order_by("asked_at", "pk")
    return list(found.values_list("pk", flat=True))


def _taken(pk: int, now: datetime) -> Job | None:
    """Claim one job; ``None`` for one that somebody else has by now, or that is at its end."""
    job = Job.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
    if job is None or not _free(job, now):
        return None
    if job.cancelling:
        _give_up(job, State.CANCELLED)
        return None
    if job.attempts >= ATTEMPTS:
        _give_up(job, State.FAILED, BROKEN_OFF)
        return None
    held = Job.objects.filter(pk=pk, state=job.state, claim=job.claim)
    taken = {
        "state": State.RUNNING, "claim": secrets.token_hex(16), "attempts": job.attempts + 1, "started_at": now,
        "lease_until": now + LEASE,
    }  # fmt: skip
    if not held.update(**taken):
        return None
    for name, value in taken.items():
        setattr(job, name, value)
    return job


def _free(job: Job, now: datetime) -> bool:
    """Whether nobody is at it: it waits, or its lease is over and its worker shows no sign of life."""
    if job.state == State.WAITING:
        return True
    if job.state != State.RUNNING or job.lease_until >= now:
        return False
    return job_files.seen(job) < now - LEASE


class Progress:
    """How a run says how far it is, and learns that it shall stop."""

    def __init__(self, job: Job):
        self.job = job

    def __call__(self, phase: str, done: int = 0, total: int = 0) -> None:
        """Say how far the work is.

        :param phase: a short word for what is being done; nobody's data.
        :raises Cancelled: when whoever asked has asked to stop.
        """
        job_files.tell(self.job, Told(phase, done, total), now=timezone.now())
        self.check()

    def check(self) -> None:
        """:raises Cancelled: when whoever asked has asked to stop."""
        if job_files.stop_wished(self.job):
            raise Cancelled

    def each(self, rows: Iterable, phase: str, total: int) -> Iterator:
        """The rows themselves, while every few hundred of them it is said how many have passed."""
        for number, row in enumerate(rows):
            if number % _EVERY == 0:
                self(phase, number, total)
            yield row


def run(job: Job) -> None:
    """Run a claimed job to its end, whatever that is.

    A database that fails in mid-work is no end: the job waits again, or its claim runs out.
    """
    given = json.loads(job.parameters)
    with _acting(Origin(**given["origin"])), _alive(job):
        try:
            _carry_out(job, given["given"])
        except Lost:
            job_files.forget(job, result=True)
        except Cancelled:
            _give_up(job, State.CANCELLED)
        except (JobRefused, PermissionDenied) as refused:
            _give_up(job, State.FAILED, str(refused) or "你现在的职务不能做这件事了。")
        except DatabaseError as failed:
            _log(job, failed)
            connection.close_if_unusable_or_obsolete()
            _give_back(job)
        except Exception as failed:
            _log(job, failed)
            _give_up(job, State.FAILED, "程序出了差错，没有做完。请重试；再不行请联系系统管理员。")


def _log(job: Job, failed: Exception) -> None:
    """The words of an exception may hold somebody's data: its type and its lines are enough."""
    where = "".join(traceback.format_tb(failed.__traceback__))
    log.error("job %s (%s) failed with %s\n%s", job.pk, job.kind, type(failed).__name__, where)


@contextmanager
def _alive(job: Job):
    """Show signs of life beside the work, whatever it is doing; they end with the process."""
    over = threading.Event()

    def beat():
        while not over.wait(LEASE.total_seconds() / 4):
            job_files.beat(job, now=timezone.now())

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def _acting(who: Origin):
    """The audit names whoever asked, with the post of that day."""
    token = origin.set(replace(who, address=who.address or "后台任务"))
    try:
        yield
    finally:
        origin.reset(token)


def _carry_out(job: Job, parameters: dict) -> None:
    kind, progress = _kinds[job.kind], Progress(job)
    progress("开始")
    with job_files.plain_file() as file:
        work = Work(job.pk, job.account, parameters, job.started_at, file, progress)
        if kind.whole:
            with transaction.atomic():
                _done(job, kind, work)
        else:
            _done(job, kind, work)
    job_files.forget(job, result=False)


def _done(job: Job, kind: Kind, work: Work) -> None:
    """Do the work and end the job with it. :raises Cancelled, Lost: instead of ending it."""
    kind.check(work.account, work.parameters)
    result = kind.run(work)
    size = job_files.keep(job, work.file) if result.file_name else 0
    work.progress.check()
    now = timezone.now()
    ended = _held(job).filter(cancelling=False).update(
        state=State.DONE, finished_at=now, expires_at=now + KEPT_FOR, where=result.where, file_name=result.file_name,
        size=size, answer=json.dumps(result.answer) if result.answer else "",
    )  # fmt: skip
    if not ended:
        raise Cancelled if _held(job).exists() else Lost


def _held(job: Job) -> QuerySet[Job]:
    """The job, while it is this run's."""
    return Job.objects.filter(pk=job.pk, claim=job.claim, state=State.RUNNING)


def _give_up(job: Job, state: State, error: str = "") -> None:
    """End this run's job without a result."""
    now = timezone.now()
    held = Job.objects.filter(pk=job.pk, claim=job.claim, state=job.state)
    held.update(state=state, error=error[:300], finished_at=now, expires_at=now + KEPT_FOR)
    job_files.forget(job, result=True)


def _give_back(job: Job) -> None:
    """Have the job wait for its next attempt, if it has one."""
    if job.attempts >= ATTEMPTS:
        _give_up(job, State.FAILED, BROKEN_OFF)
    else:
        _held(job).update(state=State.WAITING)
        job_files.forget(job, result=True)


def fetch(job: Job) -> Iterator[bytes]:
    """The file of a finished job, chunk by chunk; the audit row is there before the first.

    :raises FileNotFoundError: when its file is gone.
    :raises PermissionDenied: when the account may not have it any more.
    """
    _kinds[job.kind].check(job.account, parameters_of(job))
    chunks = job_files.opened(job)
    audit.write(audit.Act.EXPORT, f"job:{job.pk}", job=job.kind, bytes=job.size)
    return chunks


def tidy(*, now: datetime) -> int:
    """Remove jobs that have had their day, with their files; returns how many jobs."""
    expired = list(Job.objects.filter(expires_at__lte=now).only("pk", "claim"))
    Job.objects.filter(pk__in=[job.pk for job in expired]).delete()
    for job in expired:
        job_files.forget(job, result=True)
    job_files.tidy({job_files.run_of(job) for job in Job.objects.only("pk", "claim")}, now=now)
    return len(expired)
