"""``import_roster FILE [--dry-run] [--as-of DATE] [--json]``: members from a roster."""

from base.commands import Answer, AnsweringCommand, day_argument
from base.dates import today
from members.management.files import read_file, refused_in_a_sentence
from members.roster.apply import check_as_of, import_roster, read_roster
from members.roster.plan import Plan, plan_roster


class Command(AnsweringCommand):
    help = "导入党员名册（.xlsx）"

    def add_arguments(self, parser):
        parser.add_argument("file", metavar="FILE", help="党员名册，.xlsx")
        parser.add_argument("--dry-run", action="store_true", help="只看会怎样，不写入")
        parser.add_argument("--as-of", type=day_argument, metavar="DATE", help="换了支部的党员自哪天起算转接，默认今天")

    def answer(self, *, file, dry_run, as_of, **_options):
        day = today()
        as_of = as_of or day
        with refused_in_a_sentence():
            sheet = read_roster(read_file(file))
            check_as_of(as_of, day)
            act = plan_roster if dry_run else import_roster
            plan = act(by=None, sheet=sheet, as_of=as_of, today=day)
        report = plan.report()
        return Answer(report.as_dict(), _lines(plan, dry_run=dry_run), bool(report.refused))


def _lines(plan: Plan, *, dry_run: bool) -> list[str]:
    counts, *findings = plan.report().lines()
    moved = f"其中转接 {len(plan.transfers)} 人，自 {plan.as_of} 起。" if plan.transfers else ""
    return [("试算，没有写入。" if dry_run else "名册：") + counts + moved, *findings]
