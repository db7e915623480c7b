"""``sweep [--on DATE] [--ahead] [--json]``: bring all duties to a day."""

from dataclasses import asdict

from django.core.management.base import CommandError

from base.commands import Answer, AnsweringCommand, day_argument
from base.dates import today
from duties.engine.sweep import SweepRefused, sweep


class Command(AnsweringCommand):
    help = "巡检：按制度和事实生成、办结、作废应办事项（可重复执行）"

    def add_arguments(self, parser):
        parser.add_argument("--on", type=day_argument, metavar="DATE", help="巡检日，默认今天")
        parser.add_argument("--ahead", action="store_true", help="允许晚于今天的巡检日（演示和测试）")

    def answer(self, *, on, ahead, **_options):
        day = today()
        try:
            report = sweep(on=on or day, today=day, ahead=ahead)
        except SweepRefused as refused:
            raise CommandError(str(refused)) from refused
        lines = [f"{report.on} 巡检：新增 {report.opened} 件，办结 {report.closed} 件，作废 {report.voided} 件。"]
        lines += [f"  {r.policy} {r.rule}：新增 {r.opened}，办结 {r.closed}，作废 {r.voided}" for r in report.by_rule]
        if report.only_reported:
            lines.append(f"  {len(report.only_reported)} 条规则已巡检到更晚的日期，本次只报告，没有改动。")
        document = {
            "on": report.on, "opened": report.opened, "closed": report.closed, "voided": report.voided,
            "by_rule": [asdict(rule) for rule in report.by_rule], "only_reported": report.only_reported,
        }  # fmt: skip
        return Answer(document, lines)
