"""``verify_audit [--anchor 17:3f9a-02c4-77be-d81e] [--json]``: compute every seal again; exit 1 where one breaks."""

import argparse
from dataclasses import asdict

from base import audit
from base.audit_seals import ANCHOR, Break, What, verify
from base.commands import Answer, AnsweringCommand

KINDS = {"row": "审计记录", "seal": "封条"}
WORDS = {
    What.CHANGED: "被改动",
    What.MISSING: "不见了",
    What.INSERTED: "是后来插入的",
    What.NO_KEY: "用的密钥不在 SEAL_KEYS 里，无法核验",
}
SHOWN = 20
"""Breaks named one by one for people; the document names them all."""


def anchor_argument(text: str) -> str:
    if not ANCHOR.fullmatch(text):
        raise argparse.ArgumentTypeError(f"核验码 {text} 写法不对，应像 17:3f9a-02c4-77be-d81e，由 seal_audit 印出")
    return text


class Command(AnsweringCommand):
    help = "核验全部审计封条，指出第一处对不上的地方"

    def add_arguments(self, parser):
        parser.add_argument("--anchor", type=anchor_argument, help="抄下来的核验码，默认与上次核验所见的比对")

    def answer(self, *, anchor, **_options) -> Answer:
        verdict = verify(anchor or "")
        first = verdict.breaks[0] if verdict.breaks else None
        audit.write(
            audit.Act.VERIFY,
            "audit",
            holds=first is None,
            breaks=len(verdict.breaks),
            place=f"{first.kind}:{first.number}" if first else "",
            rows=verdict.rows,
            anchor=verdict.anchor,
        )
        document = {"holds": first is None, **asdict(verdict)}
        counted = f"封条 {verdict.seals} 号，审计记录 {verdict.rows} 条，另有 {verdict.unsealed} 条还没有封存。"
        if first is None:
            return Answer(document, [f"核验通过。{counted}", f"核验码：{verdict.anchor or '还没有封条'}"])
        lines = [f"核验没有通过：{len(verdict.breaks)} 处对不上。{counted}", *map(sentence, verdict.breaks[:SHOWN])]
        return Answer(document, lines, failed=True)


def sentence(broken: Break) -> str:
    """One break as people read it."""
    return f"{KINDS[broken.kind]}第 {broken.number} 号{WORDS[broken.what]}"
