"""``seal_audit [--json]``: close the audit rows written since the last seal. Run it every few minutes."""

from django.utils import timezone

from base.audit_seals import Unsettled, anchor_of, last_seal, seal
from base.commands import Answer, AnsweringCommand


class Command(AnsweringCommand):
    help = "把新的审计记录封存；再次执行不改变任何内容"

    def answer(self, **_options) -> Answer:
        try:
            sealed = seal(now=timezone.now())
        except Unsettled:
            sentence = "有一笔登记还没有结束，这次没有封存。请过一会儿再执行。"
            return Answer({"sealed": 0, "waiting": True}, [sentence], refused=True)
        last = last_seal()
        if last is None:
            return Answer({"sealed": 0, "seal": None, "anchor": ""}, ["还没有审计记录，没有可封存的。"])
        said = f"封存 {sealed} 条" if sealed else "没有新的审计记录"
        document = {"sealed": sealed, "seal": last.number, "anchor": anchor_of(last)}
        return Answer(document, [f"{said}，最后一号封条是第 {last.number} 号。", f"核验码：{anchor_of(last)}"])
