"""资金收支公开表: one book in one year, what came in by source, what went out by use, what was there before and after.

Nothing is brought in by it: money is entered voucher by voucher.
"""

from collections import defaultdict
from datetime import date
from decimal import Decimal

from django.db.models import Count, F, FloatField, Q, QuerySet, Sum
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse

from base.writing import Format
from fund.models import Act, BookYear, MonthTotal, Use
from fund.services import INCOME
from fund.totals import Total, by_use, held, lines
from ledgers.ledger import Column, Ledger, Part, Reader
from members.enums import Capability
from members.models import Organisation
from members.scope import path_end

_POT = ("act", "source", "earmark", "use")


def _years(reader: Reader, organisation: Organisation, first: date, last: date) -> QuerySet:
    """The years of the books of the organisation and of those below it that the period touches."""
    rows = BookYear.objects.all()
    if reader.account is not None:
        rows = rows.visible_to(reader.account, Capability.READ_BOOKS)
    path = organisation.path
    return (
        rows.filter(fund__organisation__path__gte=path, fund__organisation__path__lt=path_end(path))
        .filter(year__range=(first.year, last.year))
        .select_related("fund__organisation")
        .order_by("fund__organisation__path", "year")
    )


def _added_up(batch: list[BookYear], reader: Reader) -> list[BookYear]:
    """With what each year and all before it add up to; one query for a batch."""
    rows = MonthTotal.objects.filter(fund__in={row.fund_id for row in batch}, year__lte=max(row.year for row in batch))
    sums = rows.order_by().values_list("fund", "year", *_POT).annotate(fen=Sum("amount"), n=Sum("vouchers"))
    found: dict[int, dict[int, list[Total]]] = defaultdict(lambda: defaultdict(list))
    for fund, year, *pot, fen, n in sums.order_by("fund", "year", *_POT):
        found[fund][year].append(Total(*pot, fen, n))
    for row in batch:
        years = found[row.fund_id]
        before = [each for year, some in years.items() if year < row.year for each in some]
        within = years[row.year]
        sources, row.whole = lines(before, within)
        row.before = held(before)
        row.came = {line.source: line.income for line in sources}
        row.spent = {each.use: each for each in by_use(within)}
    return batch


def _ends(row: BookYear, reader: Reader) -> date:
    return date(row.year, 12, 31)


def _yuan(fen: int) -> Decimal | None:
    """Yuan; an empty cell for nothing, as such tables have it."""
    return Decimal(fen) / 100 if fen else None


def _before(row: BookYear, reader: Reader) -> Decimal:
    return Decimal(row.before) / 100


def _left(row: BookYear, reader: Reader) -> Decimal:
    return Decimal(row.whole.held) / 100


def _income(row: BookYear, reader: Reader) -> Decimal:
    return Decimal(row.whole.income) / 100


def _out(row: BookYear, reader: Reader) -> Decimal:
    return Decimal(row.whole.spent) / 100


def _passed(row: BookYear, reader: Reader) -> Decimal | None:
    return _yuan(row.whole.passed)


def _payments(row: BookYear, reader: Reader) -> int:
    return sum(each.payments for each in row.spent.values())


def _from(source: str):
    def value(row: BookYear, reader: Reader) -> Decimal | None:
        return _yuan(row.came.get(source, 0))

    return value


def _on(use: str):
    def value(row: BookYear, reader: Reader) -> Decimal | None:
        return _yuan(row.spent[use].amount) if use in row.spent else None

    return value


def _money(heading: str, value, width: int = 12) -> Column:
    return Column(heading, value, width, Format.MONEY, part=Part.COMPUTED)


def _sum(act: Act):
    """What the months of the years add up to in fen for one act."""
    of_year = Q(fund__totals__year=F("year"), fund__totals__act=act)
    return Coalesce(Sum(Cast("fund__totals__amount", FloatField()), filter=of_year), 0.0)


STATEMENTS = Ledger(
    code="statements",
    title="资金收支公开表",
    period="期间碰到的每个年度，每本账一行，全年的数，今年的到今天为止；收入按款源分（含上级拨下来的），支出按用途分，退回的已减去；合计的收入不含上级拨下来的。金额单位：元。",
    rows=_years,
    columns=(
        Column("年度截止", _ends, 12, Format.DATE, part=Part.KEY, name="on"),
        Column("党组织", "fund.organisation.label", 24, part=Part.KEY, name="branch", leads=True),
        _money("上年结余", _before, 18),
        *(_money(f"收入：{source.label}", _from(source), 18 if source == INCOME[0] else 12) for source in INCOME),
        _money("本年收入", _income),
        *(_money(f"支出：{use.label}", _on(use)) for use in Use),
        _money("本年支出", _out),
        Column("支出笔数", _payments, 12, Format.NUMBER, part=Part.COMPUTED),
        _money("拨给下级", _passed),
        _money("年末结余", _left),
    ),
    tally=(
        ("{} 行", Count("pk", distinct=True)),
        ("{} 本账", Count("fund", distinct=True)),
        ("收入 {} 元", _sum(Act.RECEIVE) / 100.0),
        ("支出 {} 元", (_sum(Act.SPEND) - _sum(Act.REPAY)) / 100.0),
    ),
    prepare=_added_up,
    link=lambda row, _: f"{reverse('fund_statement', args=[row.fund_id])}?year={row.year}",
    needs=Capability.READ_BOOKS,
)
