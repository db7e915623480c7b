"""What lies on the disk beside a job: how far it is, the wish to stop it, and its result, sealed.

Progress goes through a small file and not through the database: the work's own transaction would hide it on PostgreSQL,
and on SQLite, which has one writer, a second connection would wait for that very work. The wish to stop goes the same
way, ahead of the database. Every web process and every worker must see the same folder (``settings.JOBS``).

A file is named by its job and by the claim under which it was made: two runs of one job never share a file.
"""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings

from base.models import Job
from base.sealed import seal_bytes, unseal_bytes

CHUNK = 2**20
"""Bytes of a result that are sealed at once: a result of any size takes this much memory."""

LENGTH = 4
"""Bytes before each sealed chunk that say how long it is."""

WAITS = timedelta(days=1)
"""So long a file that no job names is left alone: its job may be about to end."""


@dataclass(frozen=True)
class Told:
    """How far a job is: a word for what it is doing, and how much of it; ``total`` 0 where nobody knows."""

    phase: str = ""
    done: int = 0
    total: int = 0

    @property
    def percent(self) -> int:
        """Whole percent, never 100 before the end."""
        return min(99, self.done * 100 // self.total) if self.total else 0


def folder() -> Path:
    """The folder of all jobs, made if it is not there."""
    here = Path(settings.JOBS)
    here.mkdir(mode=0o700, parents=True, exist_ok=True)
    return here


def _path(job: Job, what: str) -> Path:
    return folder() / f"{job.pk}-{job.claim}.{what}"


def tell(job: Job, told: Told, *, now: datetime) -> None:
    """Say how far the job is: the file is there whole or not at all."""
    path = _path(job, "progress")
    part = path.with_suffix(".part")
    part.write_text(json.dumps(asdict(told)), encoding="utf-8")
    os.replace(part, path)
    beat(job, now=now)


def beat(job: Job, *, now: datetime) -> None:
    """Leave a sign of life: the time of the file, by this machine's clock and not by the disk's."""
    with suppress(FileNotFoundError):
        os.utime(_path(job, "progress"), times=(now.timestamp(), now.timestamp()))


def seen(job: Job) -> datetime:
    """When the job's present run last showed a sign of life."""
    try:
        return datetime.fromtimestamp(_path(job, "progress").stat().st_mtime, tz=UTC)
    except FileNotFoundError:
        return datetime.min.replace(tzinfo=UTC)


def told(job: Job) -> Told:
    """What the job's present run told last; nothing before it has told anything."""
    try:
        return Told(**json.loads(_path(job, "progress").read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Told()


def wish_stop(job: Job) -> None:
    """Have the present run stop at its next word."""
    _path(job, "stop").touch()


def stop_wished(job: Job) -> bool:
    return _path(job, "stop").exists()


def plain_file():
    """A file to write a result into; it has no name, so nothing of it stays when its process ends, however it ends."""
    return tempfile.TemporaryFile(dir=folder())


def keep(job: Job, file) -> int:
    """Seal the result of the job's present run.

    :param file: an open file; it is read from its start.
    :returns: its size in bytes.
    """
    file.seek(0)
    size, number, chunk = 0, 0, file.read(CHUNK)
    with open(_path(job, "result"), "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as sealed:
        while True:
            following = file.read(CHUNK)
            body = seal_bytes(chunk, _context(job, number, last=not following))
            sealed.write(len(body).to_bytes(LENGTH, "big") + body)
            size, number = size + len(chunk), number + 1
            if not following:
                break
            chunk = following
        sealed.flush()
        os.fsync(sealed.fileno())
    return size


def opened(job: Job) -> Iterator[bytes]:
    """The result of a job, chunk by chunk.

    :raises FileNotFoundError: at once, when its file is gone.
    :raises InvalidTag: for a file that was changed, cut or exchanged.
    """
    path = _path(job, "result")
    path.stat()
    return _chunks(job, path)


def _chunks(job: Job, path: Path) -> Iterator[bytes]:
    with path.open("rb") as sealed:
        number, length = 0, sealed.read(LENGTH)
        while True:
            body = sealed.read(int.from_bytes(length, "big"))
            length = sealed.read(LENGTH)
            yield unseal_bytes(body, _context(job, number, last=not length))
            number += 1
            if not length:
                return


def _context(job: Job, number: int, *, last: bool) -> str:
    """Chunks open in their own place of their own result alone, and the last one is known for it."""
    return f"job:{job.pk}:{job.account}:{job.claim}:{number}:{'end' if last else 'more'}"


def forget(job: Job, *, result: bool) -> None:
    """Remove the files of the job's present run.

    :param result: also its result.
    """
    for what in ("progress", "part", "stop", *(["result"] if result else [])):
        _path(job, what).unlink(missing_ok=True)


def tidy(named: set[str], *, now: datetime) -> int:
    """Remove files older than a day that belong to none of the runs ``named``; returns how many."""
    old = [path for path in folder().iterdir() if path.stem not in named]
    old = [path for path in old if path.stat().st_mtime < (now - WAITS).timestamp()]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def run_of(job: Job) -> str:
    """The name under which :func:`tidy` knows the files of the job's present run."""
    return f"{job.pk}-{job.claim}"
