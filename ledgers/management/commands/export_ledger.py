"""``export_ledger NAME --org CODE --from DATE --to DATE --out FILE [--json]``, with ``--as-of DATE`` instead of the
period for a ledger that shows what held on a day, and ``export_ledger --list [--json]``.
"""

from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile

from django.core.management.base import CommandError
from django.utils import timezone

from base.commands import Answer, AnsweringCommand, day_argument, file_trouble
from base.dates import today
from ledgers.declarations import LEDGERS
from ledgers.extract import Extract, export
from ledgers.ledger import AsOf, years
from members.models import Organisation


class Command(AnsweringCommand):
    help = "把一本台账导出为 Excel 文件"

    def add_arguments(self, parser):
        parser.add_argument("name", nargs="?", metavar="NAME", help="台账代号，见 --list")
        parser.add_argument("--list", action="store_true", help="列出全部台账代号")
        parser.add_argument("--org", metavar="CODE", help="党组织编码，连同其下级")
        parser.add_argument("--from", dest="first", type=day_argument, metavar="DATE", help="期间第一天")
        parser.add_argument("--to", dest="last", type=day_argument, metavar="DATE", help="期间最后一天")
        parser.add_argument("--as-of", dest="held_on", type=day_argument, metavar="DATE", help="截至哪一天，代替期间")
        parser.add_argument("--out", metavar="FILE", help="写到哪个 .xlsx 文件")

    def answer(self, *, name, out, **options) -> Answer:
        """:raises CommandError: with the sentence that says which value is wrong."""
        if options["list"]:
            names = [{"name": ledger.code, "title": ledger.title} for ledger in LEDGERS.values()]
            return Answer(names, list(LEDGERS))
        if name not in LEDGERS:
            said = f"没有名为 {name} 的台账" if name else "没有说要哪本台账"
            raise CommandError(f"{said}。可选：{'、'.join(LEDGERS)}。")
        extract = _asked(name, out, **options)
        file = Path(out)
        if not file.parent.is_dir() or file.is_dir():
            raise CommandError(f"写不到 {file}：它的文件夹不存在，或者它本身是文件夹。请换一个位置。")
        with TemporaryFile() as written:
            export(extract, written)
            try:
                with file.open("wb") as kept:
                    copyfileobj(written, kept)
            except OSError as error:
                raise CommandError(f"写不到 {file}：{file_trouble(error)}。请换一个位置。") from error
        place = extract.organisation.label
        sentence = f"{extract.ledger.title}：{place}，{extract.period}，{extract.count} 行，已写到 {file}。"
        return Answer({"rows": extract.count, "file": str(file)}, [sentence])


def _asked(name, out, *, org, first, last, held_on, **_options) -> Extract:
    """What was asked for, or the sentence that says what is missing or wrong."""
    ledger = LEDGERS[name]
    if held_on:
        if ledger.as_of == AsOf.NEVER:
            raise CommandError(f"{ledger.title}记的是办过的事，没有截至哪一天的情况。请用 --from 和 --to。")
        first = last = held_on
    wanted = {"--org": org, "--from": first, "--to": last, "--out": out}
    missing = [option for option, value in wanted.items() if not value]
    if missing:
        raise CommandError(f"还缺 {'、'.join(missing)}。加 --help 看用法。")
    organisation = Organisation.objects.filter(code=org).first()
    if organisation is None:
        raise CommandError(f"没有编码为 {org} 的党组织。请先导入党组织，或核对编码。")
    if last < first:
        raise CommandError(f"--to {last} 早于 --from {first}，两个日期可能填反了。")
    known = years(today())
    for option, day in (("--from", first), ("--to", last)):
        if day.year not in known:
            raise CommandError(f"{option} {day} 不在 {known[0]} 年到 {known[-1]} 年里，请核对年份。")
    return Extract(ledger, None, organisation, first, last, timezone.now(), held_on=held_on)
