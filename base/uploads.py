"""Files between their upload and the act they are for: sealed on the server's disk, for a day, for one account.

A roster holds identity numbers, so what lies on the disk is sealed like a sealed field, under a random name. The
account's number is authenticated with the text: a name learned from somebody else's page opens nothing.
A file is removed when its account keeps the next one, or when it is a day old, whichever comes first.
"""

import base64
import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

from base.sealed import seal, unseal

LARGEST = 220 * 2**20
"""Bytes of what a browser sends at once: twenty photos of the heaviest."""

KEPT_FOR = timedelta(days=1)
_NAME = re.compile(r"([0-9]+)-([0-9a-f]{48})")


class BodyLimit(FileUploadHandler):
    """Refuses what is larger than any form of ours may send, before any of it is read."""

    def handle_raw_input(self, input_data, META, content_length, boundary, encoding=None):
        if content_length > LARGEST:
            raise RequestDataTooBig

    def receive_data_chunk(self, raw_data, start):
        return raw_data

    def file_complete(self, file_size):
        return None


@dataclass(frozen=True)
class Upload:
    """A kept file: the name that finds it again, the name it came under, its bytes, when it came."""

    token: str
    filename: str
    data: bytes
    at: datetime


def keep(*, owner: int, filename: str, data: bytes, now: datetime) -> str:
    """Keep a file for the account ``owner``, instead of the one kept for it before; returns the token."""
    folder = Path(settings.UPLOADS)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _clear(folder, owner, now)
    token = f"{owner}-{secrets.token_hex(24)}"
    body = {"filename": filename[-120:], "at": now.isoformat(), "data": base64.b64encode(data).decode()}
    path = folder / token
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(seal(json.dumps(body), f"upload:{owner}"), encoding="ascii")
    return token


def kept(token: str, *, owner: int, now: datetime) -> Upload | None:
    """The file behind ``token``, if it was kept for this account and less than a day ago."""
    name = _NAME.fullmatch(token)
    if name is None or int(name[1]) != owner:
        return None
    try:
        sealed = (Path(settings.UPLOADS) / token).read_text(encoding="ascii")
        body = json.loads(unseal(sealed, f"upload:{owner}"))
    except (OSError, InvalidTag, KeyError, ValueError):
        return None
    at = datetime.fromisoformat(body["at"])
    if now - at > KEPT_FOR:
        return None
    return Upload(token, body["filename"], base64.b64decode(body["data"]), at)


def _clear(folder: Path, owner: int, now: datetime) -> None:
    """Remove what this account kept before, and whatever of others is too old."""
    oldest = (now - KEPT_FOR).timestamp()
    for path in folder.iterdir():
        name = _NAME.fullmatch(path.name)
        if name and (int(name[1]) == owner or path.stat().st_mtime < oldest):
            path.unlink(missing_ok=True)
