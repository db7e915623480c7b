"""How the product's commands answer: people's text, or exactly one JSON document.

Exit codes: 0 done, 1 failed (one sentence), 2 done but something was refused.
"""

import argparse
import errno
import json
import re
import sys
from dataclasses import dataclass, field
from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder

MISUSES = [
    (re.compile(pattern, re.DOTALL), words)
    for pattern, words in (
        (r"the following arguments are required: (.+)", r"缺少 \1"),
        (r"unrecognized arguments: (.+)", r"不认识 \1"),
        (r"ambiguous option: (.+) could match (.+)", r"\1 没有写全，可能是 \2"),
        (r"argument (.+?): expected at most one argument", r"\1 后面最多写一个值"),
        (r"argument (.+?): expected .+", r"\1 后面要写一个值"),
        (r"argument (.+?): invalid choice: (.+?) \(choose from (.+)\)", r"\1 不能是 \2，可以是 \3"),
        (r"argument (.+?): ignored explicit argument (.+)", r"\1 后面不用写值，去掉 \2"),
        (r"argument (.+?): invalid \w+ value: (.+)", r"\1 的值 \2 写法不对"),
        (r"argument (.+?): (.+)", r"\1：\2"),
    )
]
"""What argparse says, and how we say it."""

FILE_TROUBLES = {
    errno.ENOENT: "没有这个文件", errno.EACCES: "没有权限", errno.EPERM: "没有权限", errno.EISDIR: "这是文件夹",
    errno.ENOTDIR: "路径里有一段不是文件夹", errno.ENAMETOOLONG: "文件名太长", errno.ENOSPC: "磁盘已满",
    errno.EROFS: "磁盘是只读的",
}  # fmt: skip


def misuse(message: str) -> str:
    """What is wrong with a command line, from argparse's words."""
    for pattern, words in MISUSES:
        if found := pattern.fullmatch(message):
            return found.expand(words)
    return message


def file_trouble(error: OSError) -> str:
    """Why a file could not be read or written."""
    return FILE_TROUBLES.get(error.errno, f"系统报错 {error.errno}")


def day_argument(text: str) -> date:
    """A date argument, ``2026-11-23``."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"日期 {text} 写法不对，请写成 2026-11-23 这样") from error


@dataclass
class Answer:
    """What a command has to say: a document for machines, lines for people, whether something was refused or failed."""

    document: dict | list
    lines: list[str] = field(default_factory=list)
    refused: bool = False
    failed: bool = False


class AnsweringCommand(BaseCommand):
    """A command that implements :meth:`answer` and raises ``CommandError`` with a Chinese sentence when it fails."""

    def create_parser(self, prog_name, subcommand, **kwargs):
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.add_argument("--json", action="store_true", dest="as_json", help="只输出一个 JSON 文档")
        if self._called_from_command_line:
            parser.error = self._misused
        return parser

    def _misused(self, message: str):
        self._fail(f"参数不对：{misuse(message)}。加 --help 看用法。", as_json="--json" in sys.argv)

    def answer(self, **options) -> Answer:
        """Do the work. :raises CommandError: with the sentence the reader sees."""
        raise NotImplementedError

    def handle(self, *args, as_json: bool = False, **options):
        try:
            answer = self.answer(**options)
        except CommandError as error:
            self._fail(str(error), as_json=as_json)
        if as_json:
            self.stdout.write(json.dumps(answer.document, ensure_ascii=False, indent=1, cls=DjangoJSONEncoder))
        else:
            for line in answer.lines:
                self.stdout.write(line)
        if answer.failed or answer.refused:
            raise SystemExit(1 if answer.failed else 2)

    def _fail(self, sentence: str, *, as_json: bool):
        if as_json:
            self.stdout.write(json.dumps({"error": sentence}, ensure_ascii=False))
        else:
            self.stderr.write(sentence)
        raise SystemExit(1)
