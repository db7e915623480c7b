"""The zip of a bundle: files written one after the other in little memory, and the list of their digests at its end."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import BinaryIO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from django.utils import timezone

from base.job_files import plain_file

MANIFEST = "校验清单.json"
FORMAT = 1
CHUNK = 2**20
LONGEST = 60
"""Characters of one name: with its folder well below what Windows takes, also in a folder of the reader's own."""

_FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]+')
_READ_BY_ALL = 0o644 << 16


def safe_name(text: str, longest: int = LONGEST) -> str:
    """``text`` as a name that every system accepts: no slashes, no dot or space at either end, not overlong."""
    return _FORBIDDEN.sub("_", text).strip(" .")[:longest].strip(" .") or "未命名"


@dataclass(frozen=True)
class Packed:
    """One file of the zip as the list names it."""

    name: str
    size: int
    sha256: str


class Archive:
    """A zip that is being written into ``file``, in the order in which files are added; used in a ``with``."""

    def __init__(self, file: BinaryIO, at: datetime):
        self.files: list[Packed] = []
        self._zip, self._at = ZipFile(file, "w"), at
        self._taken: set[str] = {MANIFEST.casefold()}

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *_error) -> None:
        self._zip.close()

    def add(self, folder: str, name: str, ending: str, write: Callable[[BinaryIO], object]) -> str:
        """Add what ``write`` writes; returns its name, which differs from every other one."""
        place = self._free(folder, name, ending)
        with plain_file() as part:
            write(part)
            size = part.seek(0, 2)
            part.seek(0)
            self._put(place, part, size)
        return place

    def _free(self, folder: str, name: str, ending: str) -> str:
        before, number = f"{safe_name(folder)}/" if folder else "", 1
        place = f"{before}{safe_name(name)}{ending}"
        while place.casefold() in self._taken:  # on Windows names that differ in case alone are the same
            number += 1
            place = f"{before}{safe_name(name)}（{number}）{ending}"
        self._taken.add(place.casefold())
        return place

    def _put(self, name: str, part: BinaryIO, size: int) -> str:
        info = ZipInfo(name, timezone.localtime(self._at).timetuple()[:6])
        info.compress_type, info.external_attr, info.file_size = ZIP_STORED, _READ_BY_ALL, size
        digest = sha256()
        with self._zip.open(info, "w") as entry:  # the bit that says UTF-8 is set for names beyond ASCII
            for chunk in chunks_of(part):
                digest.update(chunk)
                entry.write(chunk)
        self.files.append(Packed(name, size, digest.hexdigest()))
        return digest.hexdigest()

    def close(self, **said) -> str:
        """Write the list, with what is said of the bundle, and end the zip; returns the digest of the list."""
        files = [asdict(each) for each in sorted(self.files, key=lambda each: each.name)]
        text = json.dumps({"format": FORMAT, **said, "files": files}, ensure_ascii=False, indent=1)
        with plain_file() as part:
            part.write(text.encode())
            size = part.tell()
            part.seek(0)
            digest = self._put(MANIFEST, part, size)
        self._zip.close()
        return digest


def chunks_of(entry: BinaryIO) -> Iterator[bytes]:
    """What an open file holds, piece by piece."""
    while chunk := entry.read(CHUNK):
        yield chunk
