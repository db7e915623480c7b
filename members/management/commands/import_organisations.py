"""``import_organisations FILE [--json]``: the tree of party organisations from a sheet."""

from base.commands import Answer, AnsweringCommand
from base.dates import today
from members.management.files import read_file, refused_in_a_sentence
from members.organisations import import_organisations, read_organisations


class Command(AnsweringCommand):
    help = "导入党组织（.xlsx）"

    def add_arguments(self, parser):
        parser.add_argument("file", metavar="FILE", help="党组织表，.xlsx")

    def answer(self, *, file, **_options):
        with refused_in_a_sentence():
            report = import_organisations(by=None, sheet=read_organisations(read_file(file)), today=today())
        return Answer(report.as_dict(), ["党组织：" + report.lines()[0], *report.lines()[1:]], bool(report.refused))
