"""``run_jobs [--limit N] [--json]``: run the jobs that wait, and those that a dead worker left."""

from base.commands import Answer, AnsweringCommand
from base.jobs import run_waiting


class Command(AnsweringCommand):
    help = "运行排队的任务（导入、导出、重新核对），直到没有为止；可同时开几个"

    def add_arguments(self, parser):
        parser.add_argument("--limit", type=int, metavar="N", help="最多运行几个，默认不限")

    def answer(self, *, limit, **_options):
        runs = run_waiting(limit)
        return Answer({"runs": runs}, [f"运行了 {runs} 个任务。"])
