"""``load_packs [FILE…] [--json]``: bring packs into the database, those of the product or an office's own files."""

from pathlib import Path

from base.commands import Answer, AnsweringCommand
from duties.management.files import read_packs
from duties.policy.packs import Loaded, PackRefused, shipped_packs, write_pack


class Command(AnsweringCommand):
    help = "装入制度包：不写文件名就装系统自带的全部制度包；可重复执行，没有变化的不动"

    def add_arguments(self, parser):
        parser.add_argument("files", metavar="FILE", nargs="*", type=Path, help="本单位的制度包，.toml")

    def answer(self, *, files, **_options):
        packs, refused = read_packs(files) if files else shipped_packs()
        done = []
        for name, pack in packs.items():
            try:
                done.append(write_pack(pack, besides=list(packs.values())))
            except PackRefused as error:
                refused[name] = str(error)
        document = {
            "packs": [_document(each) for each in done],
            "refused": [{"file": str(name), "sentence": sentence} for name, sentence in refused.items()],
        }
        lines = [_line(each) for each in done]
        lines += [f"{name} 没有装入：{sentence}" for name, sentence in refused.items()]
        return Answer(document, lines, refused=bool(refused))


def _document(loaded: Loaded) -> dict:
    return {
        "pack": loaded.policy.code, "title": loaded.policy.title, "fresh": loaded.fresh, "reworded": loaded.reworded,
        "added": loaded.added, "changed": loaded.changed, "left": loaded.left,
    }  # fmt: skip


def _line(loaded: Loaded) -> str:
    policy, parts = loaded.policy, []
    if loaded.fresh:
        parts.append(f"新装入，{len(loaded.added)} 条规则")
    else:
        parts += [f"新增规则 {'、'.join(loaded.added)}"] if loaded.added else []
        parts += [f"规则有变 {'、'.join(loaded.changed)}"] if loaded.changed else []
        parts += ["文字有变"] if loaded.reworded else []
    if loaded.left:
        parts.append(f"文件里已没有规则 {'、'.join(loaded.left)}，库里原样保留，停用制度后才停止")
    return f"{policy.code} {policy.title}：{'；'.join(parts) or '没有变化'}。"
