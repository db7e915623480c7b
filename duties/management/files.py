"""Reading the packs that a command is given."""

from collections.abc import Sequence
from pathlib import Path

from django.core.management.base import CommandError

from base.commands import file_trouble
from duties.policy.packs import PackRefused, read_file
from duties.policy.schema import Pack


def read_packs(files: Sequence[Path]) -> tuple[dict[Path, Pack], dict[Path, str]]:
    """The packs that fit, and of those that do not the sentences.

    :raises CommandError: when a file cannot be read, or is given twice.
    """
    packs, refused = {}, {}
    for file in files:
        try:
            packs[file] = read_file(file)
        except PackRefused as error:
            refused[file] = str(error)
        except OSError as error:
            raise CommandError(f"读不到文件 {file}：{file_trouble(error)}。请核对路径和权限。") from error
    codes = [pack.policy.code for pack in packs.values()]
    if twice := sorted({code for code in codes if codes.count(code) > 1}):
        raise CommandError(f"两个文件的编号都是 {'、'.join(twice)}，一次只能给一个。")
    return packs, refused
