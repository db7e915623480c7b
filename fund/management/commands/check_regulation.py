"""``check_regulation FILE… [--json]``: whether 资金管理办法 can be used; nothing is written, no database is needed."""

from pathlib import Path

from django.core.management.base import CommandError

from base.commands import Answer, AnsweringCommand, file_trouble
from fund.regulation.files import RegulationRefused, read_file


class Command(AnsweringCommand):
    help = "检查资金管理办法文件能不能用（只检查，不写入）"

    def add_arguments(self, parser):
        parser.add_argument("files", metavar="FILE", nargs="+", type=Path, help="资金管理办法，.toml")

    def answer(self, *, files, **_options):
        documents, lines = [], []
        for file in dict.fromkeys(files):
            try:
                found = read_file(file)
            except RegulationRefused as refused:
                documents.append({"file": str(file), "regulation": None, "usable": False, "faults": [str(refused)]})
                lines += [f"{file} 不能用：", f"  {refused}"]
            except OSError as error:
                raise CommandError(f"读不到文件 {file}：{file_trouble(error)}。请核对路径和权限。") from error
            else:
                documents.append({
                    "file": str(file), "regulation": found.regulation.code, "usable": True, "faults": [],
                })  # fmt: skip
                counts = f"{len(found.classes)} 个类别，{len(found.standards)} 条标准，{len(found.steps)} 个步骤"
                lines.append(f"{file} 可以用：{found.regulation.title}，{counts}。")
        return Answer(documents, lines, refused=any(document["faults"] for document in documents))
