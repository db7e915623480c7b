"""``import_ledger NAME FILE --org CODE [--dry-run] [--refused OUT.xlsx] [--json]``: a sheet of a ledger taken in."""

from pathlib import Path

from django.core.management.base import CommandError

from base import audit
from base.commands import Answer, AnsweringCommand
from base.dates import today
from ledgers.declarations import LEDGERS
from ledgers.people import Importer
from ledgers.taking import LedgerPlan, import_ledger, plan_ledger, read_ledger
from members.management.files import check_place, read_file, refused_in_a_sentence, write_file
from members.models import Organisation
from members.returned import returned


class Command(AnsweringCommand):
    help = "导入一本台账（.xlsx 或 .csv）：已有的行不变，没有的行登记，写得不一样的行退回"

    def add_arguments(self, parser):
        parser.add_argument("name", metavar="NAME", help="台账代号，见 export_ledger --list")
        parser.add_argument("file", metavar="FILE", help="台账，.xlsx 或 .csv")
        parser.add_argument("--org", metavar="CODE", required=True, help="党组织编码，只写它和它的下级")
        parser.add_argument("--dry-run", action="store_true", help="只看会怎样，不写入")
        parser.add_argument("--refused", type=Path, metavar="OUT.xlsx", help="把没有写入的行另存成一份，改好后再导入")

    def answer(self, *, name, file, org, dry_run, refused, **_options):
        """:raises CommandError: with the sentence that says which value is wrong."""
        if name not in LEDGERS:
            raise CommandError(f"没有名为 {name} 的台账。可选：{'、'.join(LEDGERS)}。")
        place = Organisation.objects.filter(code=org).first()
        if place is None:
            raise CommandError(f"没有编码为 {org} 的党组织。请先导入党组织，或核对编码。")
        if refused:
            check_place(refused)
        ledger, act = LEDGERS[name], plan_ledger if dry_run else import_ledger
        with refused_in_a_sentence():
            sheet = read_ledger(ledger, read_file(file))
            plan = act(importer=Importer(None, place), ledger=ledger, sheet=sheet, today=today())
        counts, *findings = plan.report().lines()
        lines = [("试算，没有写入。" if dry_run else f"{ledger.title}：") + counts, *findings]
        if refused and plan.refused:
            lines.append(_give_back(plan, name, refused))
        return Answer(plan.report().as_dict(), lines, bool(plan.refused))


def _give_back(plan: LedgerPlan, name: str, file: Path) -> str:
    audit.write(audit.Act.EXPORT, "ledger", refused=len(plan.refused), ledger=name)
    write_file(file, returned(plan.sheet, plan.refused).getvalue())
    return f"没有写入的 {len(plan.refused)} 行另存在 {file}，改好标红的格子后再导入。"
