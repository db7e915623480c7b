"""Whether a bundle is still what was made: every file against its list, the list against what the audit kept of it.

The list inside the zip alone proves nothing, for whoever changes a file can write the list anew. Its digest lies in the
audit of the system that made the bundle, whose rows only grow and are sealed.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile
from zlib import error as ZlibError

from base import audit
from base.models import AuditRow
from ledgers.bundle.archive import FORMAT, MANIFEST, chunks_of

LARGEST_LIST = 64 * 2**20
SHOWN = {"changed": "内容与清单不符", "missing": "清单里有，包里没有", "extra": "包里有，清单里没有"}
_BROKEN = (BadZipFile, ZlibError, EOFError, NotImplementedError, RuntimeError, OSError)
"""What reading a damaged, locked or strange entry raises."""


class NoBundle(Exception):
    """The file is no bundle; the text is the sentence the reader sees."""


class Origin(StrEnum):
    """What the audit knows of the list."""

    KNOWN = "known"
    CHANGED = "changed"
    UNKNOWN = "unknown"


@dataclass
class Verdict:
    """``changed``, ``missing``, ``extra``: names of files; ``origin``: of the list itself."""

    number: int
    digest: str
    origin: Origin
    files: int = 0
    changed: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing in it contradicts: what the system does not know of is neither proved nor contradicted."""
        return not (self.changed or self.missing or self.extra) and self.origin != Origin.CHANGED


def subject_of(number: int) -> str:
    """What the audit calls a bundle."""
    return f"bundle:{number}"


def verify(file: BinaryIO) -> Verdict:
    """Compare a bundle with its list, and the list with the audit, in little memory.

    :raises NoBundle: for a file that is no zip, or has no list that can be read.
    """
    try:
        archive = ZipFile(file)
    except (BadZipFile, OSError) as broken:
        raise NoBundle("这不是迎检包：不是 zip 文件，或者文件坏了、没有下载完。") from broken
    with archive:
        text, said = _list_of(archive)
        wanted = {each["name"]: each for each in said["files"]}
        there = Counter(info.filename for info in archive.infolist() if not info.is_dir())
        del there[MANIFEST]
        digest = sha256(text).hexdigest()
        verdict = Verdict(said["number"], digest, _origin(said["number"], digest), len(wanted))
        verdict.missing = sorted(set(wanted) - set(there))
        verdict.extra = sorted(name for name, times in there.items() if name not in wanted or times > 1)
        verdict.changed = sorted(name for name in wanted if there[name] == 1 and not _same(archive, name, wanted[name]))
    return verdict


def _list_of(archive: ZipFile) -> tuple[bytes, dict]:
    """The list as it lies there, and what it says."""
    found = [info for info in archive.infolist() if info.filename == MANIFEST]
    if len(found) != 1:
        raise NoBundle(f"包里{'没有' if not found else '不止一份'}“{MANIFEST}”，无法核验。")
    if found[0].file_size > LARGEST_LIST:
        raise NoBundle(f"“{MANIFEST}”太大，不是本系统生成的。")
    try:
        text = archive.read(MANIFEST)
        said = json.loads(text)
        understood = said["format"] == FORMAT and isinstance(said["number"], int)
        understood = understood and all(
            isinstance(each["name"], str) and isinstance(each["size"], int) and isinstance(each["sha256"], str)
            for each in said["files"]
        )
    except (*_BROKEN, ValueError, KeyError, TypeError) as broken:
        raise NoBundle(f"“{MANIFEST}”读不懂，可能被改过。") from broken
    if not understood:
        raise NoBundle(f"“{MANIFEST}”读不懂，可能被改过。")
    return text, said


def _same(archive: ZipFile, name: str, wanted: dict) -> bool:
    """Whether an entry has the size and the digest of the list; no more of it is read than it should hold."""
    digest, size = sha256(), 0
    try:
        with archive.open(name) as entry:
            for chunk in chunks_of(entry):
                digest.update(chunk)
                size += len(chunk)
                if size > wanted["size"]:
                    return False
    except _BROKEN:
        return False
    return size == wanted["size"] and digest.hexdigest() == wanted["sha256"]


def _origin(number: int, digest: str) -> Origin:
    """A bundle that was made twice, because a worker died, was entered twice: either list is genuine."""
    if not 0 < number < 2**63:
        return Origin.UNKNOWN
    rows = AuditRow.objects.filter(subject=subject_of(number), act=audit.Act.EXPORT).order_by("pk")
    kept = [detail.get("manifest") for detail in rows.values_list("detail", flat=True)]
    if not any(kept):
        return Origin.UNKNOWN
    return Origin.KNOWN if digest in kept else Origin.CHANGED
