"""困难党员汇总台账: the difficulty register in the columns that the national and the local forms have between them.

Nothing is brought in by it: entries come in with 困难党员台账, of which these are the same rows.
"""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, DateField, Q, QuerySet, Sum, Value
from django.urls import reverse

from base.cells import day_text
from base.writing import Format
from care.codes import CivilClass, Level
from care.figures import AIDING
from care.models import Entry
from care.registers.difficulty import DIFFICULTY, income_of
from duties.engine.models import Record
from fund.models import Payment
from ledgers.ledger import AsOf, Column, Ledger, Part, Reader
from ledgers.registers import PERIOD, born, ended, ended_as, entries_of, in_cell, joined, prepared
from members.enums import TieKind
from members.models import Organisation, Tie
from visits.models import Visit

PAID = (Payment.State.PAID, Payment.State.RECEIVED)


LOW_INCOME = (CivilClass.ALLOWANCE, CivilClass.DESTITUTE)
"""Classes of the civil affairs that mean 低保."""


def _entries(reader: Reader, organisation: Organisation, first: date, last: date) -> QuerySet:
    """The entries of the register, with the days for which this year's help is counted."""
    rows = entries_of(DIFFICULTY, reader, organisation, first, last, opens=("id_number", "phone", "address"))
    days = (("begins", last.replace(month=1, day=1)), ("ends", last))
    return rows.annotate(**{name: Value(day, output_field=DateField()) for name, day in days})


def _with_help(batch: list[Entry], reader: Reader) -> list[Entry]:
    """With who stands by each member on the day, and what was done for him and given to him this year; four queries."""
    people, year = {each.person_id for each in batch}, (batch[0].begins, batch[0].ends)
    helpers = defaultdict(list)
    ties = Tie.objects.on(reader.day).filter(kind=TieKind.PAIRING, to__isnull=False, person__in=people)
    for person, name in ties.order_by("since", "pk").values_list("person", "to__name"):
        helpers[person].append(name)
    done = Record.objects.standing().filter(member__in=people, action__in=AIDING, on__range=year)
    times = dict(done.order_by().values_list("member").annotate(n=Count("pk")))
    given = Visit.objects.filter(
        record__member__in=people, record__on__range=year, record__withdrawn_on__isnull=True, money__gt=0
    )
    paid = Payment.objects.filter(grant__person__in=people, on__range=year, state__in=PAID)
    sums = defaultdict(int, given.order_by().values_list("record__member").annotate(fen=Sum("money")))
    for person, fen in paid.order_by().values_list("grant__person").annotate(fen=Sum("grant__fen")):
        sums[person] += fen
    for entry in prepared(DIFFICULTY, batch, reader):
        entry.helpers = "、".join(dict.fromkeys(helpers[entry.person_id]))
        entry.times = times.get(entry.person_id)
        entry.given = sums.get(entry.person_id)
    return batch


def _fact(name: str, *, private: bool = False):
    """A fact of the form; a private one is empty for whoever may not know it."""
    field = DIFFICULTY.form.facts()[name]

    def value(entry: Entry, reader: Reader) -> Any:
        if private and not entry.opened:
            return None
        return in_cell(field, (entry.private if private else entry.facts).get(name))

    return value


def _low_income(entry: Entry, reader: Reader) -> str:
    return "是" if entry.facts.get("civil") in LOW_INCOME else "否"


def _household(entry: Entry, reader: Reader) -> int | None:
    return income_of(entry.private).people if entry.opened else None


def _income_each(entry: Entry, reader: Reader) -> Decimal | None:
    fen = income_of(entry.private).each if entry.opened else None
    return None if fen is None else Decimal(fen) / 100


def _given(entry: Entry, reader: Reader) -> Decimal | None:
    return entry.given and Decimal(entry.given) / 100


def _full(entry: Entry, reader: Reader) -> str:
    return day_text(entry.person.full_on, entry.person.full_precision)


def _out(entry: Entry, reader: Reader) -> str:
    """2026-10-01 已经脱困."""
    last = ended(entry, reader)
    return f"{last} {ended_as(entry, reader)}".strip() if last else ""


def _sealed(heading: str, value, width: int = 12, format_: Format = Format.TEXT, *, bare: str = "") -> Column:
    return Column(heading, value, width, format_, part=Part.COMPUTED, hides=True, sealed=True, bare=bare)


def _graded(level: Level) -> Count:
    return Count("pk", filter=Q(grade=level.label))


DIFFICULTY_NATIONAL = Ledger(
    code="difficulty-national",
    title="困难党员汇总台账",
    period=PERIOD,
    as_of=AsOf.OFFERED,
    rows=_entries,
    columns=(
        Column("所在党组织", "then.label", 22, part=Part.KEY, name="branch"),
        Column("姓名", "person.name", 10, part=Part.KEY, name="name", leads=True),
        Column("性别", "person.sex", 6, part=Part.COMPUTED),
        Column("民族", "person.ethnicity", 8, part=Part.COMPUTED),
        Column("出生年月", born, 10, part=Part.COMPUTED),
        _sealed("身份证号", "person.masked_id", 20, bare="person.id_number"),
        Column("入党时间", joined, 12, part=Part.COMPUTED),
        Column("转正时间", _full, 12, part=Part.COMPUTED),
        _sealed("联系电话", "person.masked_phone", 14, bare="person.phone"),
        _sealed("家庭住址", "person.masked_address", 20, bare="person.address"),
        _sealed("健康状况", _fact("health", private=True)),
        _sealed("家庭人口", _household, 8, Format.NUMBER),
        _sealed("家庭人均月收入(元)", _income_each, 12, Format.MONEY),
        Column("是否低保", _low_income, 8, part=Part.COMPUTED),
        Column("困难类型", _fact("economy"), 14, part=Part.VALUE, name="economy"),
        Column("困难程度", "grade", 10, part=Part.VALUE, name="grade"),
        Column("致困原因", _fact("causes"), 20, part=Part.COMPUTED),
        _sealed("具体困难情况", _fact("detail", private=True), 26),
        Column("组织认定日期", "recognised_on", 12, Format.DATE, part=Part.COMPUTED),
        Column("帮扶责任人", "helpers", 12, part=Part.COMPUTED),
        Column("帮扶措施", _fact("measures"), 26, part=Part.VALUE, name="measures"),
        Column("本年帮扶次数", "times", 8, Format.NUMBER, part=Part.COMPUTED),
        Column("本年帮扶金额(元)", _given, 12, Format.MONEY, part=Part.COMPUTED),
        Column("列入日期", "since", 12, Format.DATE, part=Part.KEY, name="on"),
        Column("下次复核日期", "review_on", 12, Format.DATE, part=Part.COMPUTED),
        Column("脱困日期及原因", _out, 20, part=Part.COMPUTED),
        _sealed("备注", _fact("remark", private=True), 16),
    ),
    tally=(
        ("{} 条", Count("pk")),
        ("{} 人", Count("person", distinct=True)),
        *((f"{level.label} {{}} 条", _graded(level)) for level in Level),
    ),
    prepare=_with_help,
    subject="person",
    link=lambda entry, _: reverse("entry", args=[entry.pk]),
)
