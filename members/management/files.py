"""Files named on a command line: read within the limit, refused in a sentence."""

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


@contextmanager
def refused_in_a_sentence() -> Iterator[None]:
    """A refused sheet becomes the command's failure."""
    try:
        yield
    except SheetRefused as refusal:
        raise CommandError(str(refusal)) from refusal
