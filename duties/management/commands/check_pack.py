"""``check_pack FILE… [--json]``: whether packs can be used; nothing is written."""

from collections.abc import Iterable
from pathlib import Path

from django.db import DatabaseError

from base.commands import Answer, AnsweringCommand
from duties.management.files import read_packs
from duties.policy.coverage import doubts
from duties.policy.packs import loaded_rules, replacing_faults, rules_of, shipped_packs
from duties.policy.schema import Pack, RuleSpec


class Command(AnsweringCommand):
    help = "检查制度包文件能不能用（只检查，不写入）"

    def add_arguments(self, parser):
        parser.add_argument("files", metavar="FILE", nargs="+", type=Path, help="制度包，.toml")

    def answer(self, *, files, **_options):
        packs, refused = read_packs(files)
        known, lines = _known(packs.values())
        documents = []
        for file in dict.fromkeys(files):
            pack = packs.get(file)
            faults = list(replacing_faults(pack, known)) if pack else [refused[file]]
            warnings = list(doubts(pack)) if pack else []
            documents.append({
                "file": str(file), "pack": pack and pack.policy.code, "usable": not faults,
                "rules": len(pack.rules) if pack else 0, "faults": faults, "warnings": warnings,
            })  # fmt: skip
            lines += _lines(file, pack, faults, warnings)
        return Answer(documents, lines, refused=any(document["faults"] for document in documents))


def _known(packs: Iterable[Pack]) -> tuple[dict[str, RuleSpec], list[str]]:
    """Every rule one of the packs may name: in the database, of the product, or in one given beside it; and what to
    say where there is no database yet, for a pack can be written before the product stands.
    """
    of_files = rules_of(shipped_packs()[0].values()) | rules_of(packs)
    try:
        return loaded_rules() | of_files, []
    except DatabaseError:
        return of_files, ["没有可用的数据库，只与系统自带的制度包比对。"]


def _lines(file: Path, pack: Pack | None, faults: list[str], warnings: list[str]) -> list[str]:
    if faults:
        return [f"{file} 不能用：", *(f"  {fault}" for fault in faults)]
    said = f"{file} 可以用：{pack.policy.title}，{len(pack.clauses)} 条条款，{len(pack.rules)} 条规则。"
    return [said, *(f"  请看一下：{warning}" for warning in warnings)]
