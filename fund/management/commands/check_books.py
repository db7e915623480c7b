"""``check_books [--json]``: prove the invariants of the books by SQL; exit 1 and the row where one breaks."""

from dataclasses import asdict

from django.utils import timezone

from base.commands import Answer, AnsweringCommand
from fund.checking import CHECKED, Broken, run

SHOWN = 20
"""Breaks named one by one for people; the document names them all, the row of the run the first of them."""


class Command(AnsweringCommand):
    help = "核验账簿：余额、凭证号、冲销、封条；指出对不上的那一号"

    def answer(self, **_options) -> Answer:
        kept, breaks = run(now=timezone.now())
        vouchers = kept.vouchers
        document = {
            "holds": not breaks, "vouchers": vouchers, "breaks": [asdict(each) for each in breaks],
            "checked": [code for code, _words in CHECKED],
        }  # fmt: skip
        if not breaks:
            return Answer(document, [f"核验通过，凭证 {vouchers} 号。"])
        lines = [f"核验没有通过：{len(breaks)} 处对不上，凭证 {vouchers} 号。", *map(sentence, breaks[:SHOWN])]
        return Answer(document, lines, failed=True)


def sentence(broken: Broken) -> str:
    """One break as people read it."""
    place = f"，{broken.year} 年" if broken.year else ""
    place += f"第 {broken.number} 号" if broken.number else ""
    return f"{broken.code} 不成立（{broken.words}）：资金 {broken.fund}{place}，{broken.detail}"
