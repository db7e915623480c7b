"""``import_roster FILE [--dry-run] [--as-of DATE] [--refused OUT.xlsx] [--json]``: members from a roster."""

from itertools import groupby
from pathlib import Path

from base.commands import Answer, AnsweringCommand, day_argument
from base.dates import today
from members.management.files import check_place, read_file, refused_in_a_sentence, write_file
from members.roster.apply import check_as_of, import_roster, read_roster
from members.roster.plan import Plan, plan_roster
from members.roster.refused import export_refused


class Command(AnsweringCommand):
    help = "导入党员名册（.xlsx 或 .csv）"

    def add_arguments(self, parser):
        parser.add_argument("file", metavar="FILE", help="党员名册，.xlsx 或 .csv")
        parser.add_argument("--dry-run", action="store_true", help="只看会怎样，不写入")
        parser.add_argument("--as-of", type=day_argument, metavar="DATE", help="换了支部的党员自哪天起算转接，默认今天")
        parser.add_argument("--refused", type=Path, metavar="OUT.xlsx", help="把没有写入的行另存成一份，改好后再导入")

    def answer(self, *, file, dry_run, as_of, refused, **_options):
        day = today()
        as_of = as_of or day
        if refused:
            check_place(refused)
        with refused_in_a_sentence():
            sheet = read_roster(read_file(file))
            check_as_of(as_of, day)
            act = plan_roster if dry_run else import_roster
            plan = act(by=None, sheet=sheet, as_of=as_of, today=day)
        lines = _lines(plan, dry_run=dry_run)
        if refused and plan.refused:
            write_file(refused, export_refused(plan).getvalue())
            lines.append(f"没有写入的 {len(plan.refused)} 行另存在 {refused}，改好标红的格子后再导入。")
        absent = [{"name": stay.person.name, "organisation": stay.organisation.label} for stay in plan.absent]
        return Answer({**plan.report().as_dict(), "absent": absent}, lines, bool(plan.refused))


def _lines(plan: Plan, *, dry_run: bool) -> list[str]:
    counts, *findings = plan.report().lines()
    moved = f"其中转接 {len(plan.transfers)} 人，自 {plan.as_of} 起。" if plan.transfers else ""
    return [("试算，没有写入。" if dry_run else "名册：") + counts + moved, *findings, *_absent(plan)]


def _absent(plan: Plan) -> list[str]:
    if not plan.absent:
        return []
    told = f"名册里没有的现有党员 {len(plan.absent)} 人，没有动他们；转出或去世的请逐人登记："
    branches = groupby(plan.absent, key=lambda stay: stay.organisation.label)
    return [told, *(f"  {label}：{'、'.join(stay.person.name for stay in stays)}" for label, stays in branches)]
