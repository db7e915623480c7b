"""``verify_bundle FILE [--json]``: whether a bundle is still what was made; exit 1 where it is not, naming each file.

Exit 2: the files agree with the list, but this system has made no such bundle.
"""

from dataclasses import asdict
from pathlib import Path

from django.core.management.base import CommandError

from base.commands import Answer, AnsweringCommand, file_trouble
from ledgers.bundle.archive import MANIFEST
from ledgers.bundle.verifying import SHOWN, NoBundle, Origin, Verdict, verify


class Command(AnsweringCommand):
    help = "核验一个迎检包：每个文件与清单、清单与系统留存的校验值是否一致"

    def add_arguments(self, parser):
        parser.add_argument("file", metavar="FILE", help="迎检包 zip 文件")

    def answer(self, *, file, **_options) -> Answer:
        """:raises CommandError: with the sentence, for what cannot be read or is no bundle."""
        try:
            with Path(file).open("rb") as opened:
                verdict = verify(opened)
        except OSError as error:
            raise CommandError(f"读不了 {file}：{file_trouble(error)}。") from error
        except NoBundle as refused:
            raise CommandError(f"{file}：{refused}") from refused
        document = {"holds": verdict.holds and verdict.origin == Origin.KNOWN, **asdict(verdict)}
        unknown = verdict.holds and verdict.origin == Origin.UNKNOWN
        return Answer(document, _sentences(verdict), refused=unknown, failed=not verdict.holds)


def _sentences(verdict: Verdict) -> list[str]:
    lines = []
    if verdict.origin == Origin.CHANGED:
        lines.append(f"{MANIFEST}：被改过，与系统留存的校验值不符（第 {verdict.number} 号）。")
    for name, said in SHOWN.items():
        lines += [f"{each}：{said}。" for each in getattr(verdict, name)]
    if lines:
        return [f"核验没有通过：{len(lines)} 处对不上。", *lines]
    if verdict.origin == Origin.UNKNOWN:
        return [
            f"{verdict.files} 个文件与清单一致，但这个系统没有生成过第 {verdict.number} 号迎检包，"
            "无法证明清单没有改过。",
            f"清单校验值：{verdict.digest}",
        ]
    return [f"核验通过：{verdict.files} 个文件与清单一致，清单与系统留存的一致。", f"清单校验值：{verdict.digest}"]
