"""Photos and scans on records: sealed files named by the digest of what was drawn, and rows that say whose they are.

Base knows no record: ``subject`` names one (``record:8``), and the floor above asks first who may see it. A file is
written before its row and removed by :func:`tidy` alone, so a rollback leaves at most a file without a row.
"""

import os
import re
import tempfile
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet, Sum

from base import audit
from base.images import redraw
from base.models import Picture
from base.sealed import seal_bytes, unseal_bytes

MOST = 20
"""Pictures of one record."""

WAITS = timedelta(days=1)
"""So long a file without a row waits for one: for a form that was refused, for a transaction that has not ended."""

LABEL = 80
"""Characters of a file's own name that are shown."""


@dataclass(frozen=True)
class Kept:
    """A picture whose file lies on the disk and that no record has yet."""

    digest: str
    size: int
    width: int
    height: int
    name: str


def subject_of(row) -> str:
    """How a row is named as the owner of pictures: ``record:8``."""
    return f"{row._meta.model_name}:{row.pk}"


def label_of(name: str) -> str:
    """A file's own name as a label: no folder, nothing invisible that could turn or break the line, not too long."""
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])
    seen = "".join(each for each in name if unicodedata.category(each)[0] != "C").strip()
    return seen if len(seen) <= LABEL else f"{seen[: LABEL // 2]}…{seen[-LABEL // 2 + 1 :]}"


def keep(data: bytes, name: str) -> Kept:
    """Draw a picture anew and keep its file, sealed, until a record has it.

    :param name: the name it came under; only ever shown.
    :raises ImageRefused: as :func:`base.images.redraw`.
    """
    drawn = redraw(data)
    folder = Path(settings.PICTURES)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=folder)  # mode 600
    with os.fdopen(handle, "wb") as file:
        file.write(seal_bytes(drawn.data, f"picture:{drawn.digest}"))
        file.flush()
        os.fsync(handle)
    os.replace(part, folder / drawn.digest)
    return Kept(drawn.digest, len(drawn.data), drawn.width, drawn.height, label_of(name) or "照片")


@transaction.atomic
def attach(*, by, subject: str, organisation: int, pictures: list[Kept], now: datetime) -> int:
    """Give kept pictures to ``subject``; one that it has already is not added again. Returns how many were added.

    :param by: the acting account, ``None`` for a command.
    :param organisation: primary key of the organisation whose quota they count against.
    :raises ValidationError: keyed ``pictures``, when there are too many of them, or a file has gone meanwhile.
    """
    if not pictures:
        return 0
    has = set(pictures_of(subject).values_list("digest", flat=True))
    fresh = {each.digest: each for each in pictures if each.digest not in has}
    if len(has) + len(fresh) > MOST:
        raise _refused(f"一条记录最多 {MOST} 张照片，已有 {len(has)} 张，这次又选了 {len(fresh)} 张。请少选几张。")
    used = Picture.objects.filter(organisation=organisation).aggregate(bytes=Sum("size"))["bytes"] or 0
    if used + sum(each.size for each in fresh.values()) > settings.PICTURE_QUOTA:
        most = settings.PICTURE_QUOTA // 2**20
        raise _refused(f"所在党组织的照片已用满 {most} MB，这次的照片没有存。记录可以先不带照片保存。")
    try:
        for digest in fresh:
            os.utime(Path(settings.PICTURES) / digest)  # the file is not old any more: tidy leaves it alone
    except FileNotFoundError as gone:
        raise _refused("选过的照片已过期，请重新选。") from gone
    Picture.objects.bulk_create(
        Picture(
            subject=subject, organisation=organisation, digest=each.digest, size=each.size, width=each.width,
            height=each.height, name=each.name, account=by and by.pk, at=now,
        )
        for each in fresh.values()
    )  # fmt: skip
    audit.write(audit.Act.WRITE, subject, pictures=len(fresh))
    return len(fresh)


def _refused(sentence: str) -> ValidationError:
    return ValidationError({"pictures": [sentence]})


def pictures_of(*subjects: str) -> QuerySet[Picture]:
    """The pictures of these subjects, in the order in which they came."""
    return Picture.objects.filter(subject__in=subjects).order_by("pk")


def opened(picture: Picture) -> bytes:
    """The JPEG bytes of a picture.

    :raises FileNotFoundError: when its file is missing, which :func:`tidy` reports.
    """
    sealed = (Path(settings.PICTURES) / picture.digest).read_bytes()
    return unseal_bytes(sealed, f"picture:{picture.digest}")


@transaction.atomic
def remove(picture: Picture) -> None:
    """Take a picture off its record; its file goes with the next :func:`tidy`."""
    audit.write(audit.Act.REMOVE, f"picture:{picture.pk}", of=picture.subject)
    picture.delete()


@dataclass(frozen=True)
class Tidied:
    """What :func:`tidy` found: files removed, and pictures whose file is missing."""

    removed: int
    missing: list[Picture]


def tidy(*, now: datetime) -> Tidied:
    """Remove files that no row names, and find rows whose file is missing."""
    folder = Path(settings.PICTURES)
    rows = list(Picture.objects.defer("name").order_by("pk"))
    named = {row.digest for row in rows}
    files = list(folder.iterdir()) if folder.exists() else []
    old = [path for path in files if path.name not in named and path.stat().st_mtime < (now - WAITS).timestamp()]
    for path in old:
        path.unlink(missing_ok=True)
    return Tidied(len(old), [row for row in rows if not (folder / row.digest).exists()])
