"""``seal_books [--json]``: close the vouchers written since the last seals. Run it every few minutes."""

from django.utils import timezone

from base.commands import Answer, AnsweringCommand
from fund.sealing import seal


class Command(AnsweringCommand):
    help = "把新的记账凭证封存；再次执行不改变任何内容"

    def answer(self, **_options) -> Answer:
        sealed = seal(now=timezone.now())
        return Answer({"sealed": sealed}, [f"封存凭证 {sealed} 号。" if sealed else "没有新的凭证。"])
