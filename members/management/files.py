"""Files named on a command line: read within the limit, written for one's own eyes, refused in a sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management.base import CommandError

from base.commands import file_trouble
from base.reading import MAX_BYTES, SheetRefused


def read_file(name: str) -> bytes:
    """At most one byte more than a sheet may have, so that a huge file is refused without being read.

    :raises CommandError: if there is no such file, or it may not be read.
    """
    try:
        with Path(name).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise CommandError(f"读不到文件 {name}：{file_trouble(error)}。请核对路径和权限。") from error


def check_place(file: Path) -> None:
    """:raises CommandError: if nothing can be written there; found out before anything is done."""
    if not file.parent.is_dir() or file.is_dir():
        raise CommandError(f"写不到 {file}：它的文件夹不存在，或者它本身是文件夹。请换一个位置。")


def write_file(file: Path, data: bytes) -> None:
    """Write a file that only its owner may read, for it holds identity numbers.

    :raises CommandError: if it cannot be written.
    """
    try:
        file.touch(mode=0o600)
        file.write_bytes(data)
    except OSError as error:
        raise CommandError(f"写不到 {file}：{file_trouble(error)}。请换一个位置。") from error


@contextmanager
def refused_in_a_sentence() -> Iterator[None]:
    """A refused sheet becomes the command's failure."""
    try:
        yield
    except SheetRefused as refusal:
        raise CommandError(str(refusal)) from refusal
