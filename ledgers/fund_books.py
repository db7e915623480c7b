"""资金收支台账: what came in, went down, was paid and came back, day by day, with what was left after it.

Out only: money is entered by those who keep the books, once, with a number that is never given again.
"""

from datetime import date, timedelta
from decimal import Decimal

from django.db.models import BigIntegerField, Case, Count, F, FloatField, Q, QuerySet, Sum, When
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse

from base.writing import Format
from fund.models import Act, Fund, Voucher
from fund.reading import Entry, entries
from fund.totals import balance
from ledgers.ledger import Column, Ledger, Part, Reader
from members.enums import Capability
from members.models import Organisation
from members.scope import path_end

IN, OUT = (Act.RECEIVE, Act.GET_DOWN), (Act.SPEND, Act.HAND_DOWN)
MOVED = (*IN, *OUT, Act.REPAY)
"""Acts by which money comes or goes; what is reserved stays in the fund."""


def _vouchers(reader: Reader, organisation: Organisation, first: date, last: date) -> QuerySet:
    """The vouchers of the period in the books of the organisation and of those below it, book by book."""
    rows = Voucher.objects.all()
    if reader.account is not None:
        rows = rows.visible_to(reader.account, Capability.READ_BOOKS)
    return (
        rows.filter(fund__organisation__path__gte=organisation.path)
        .filter(fund__organisation__path__lt=path_end(organisation.path), on__range=(first, last), act__in=MOVED)
        .with_sides()
        .defer(None)
        .order_by("fund__organisation__path", "on", "pk")
    )


def _signed(against: tuple[Act, ...]):
    """A voucher's sum in fen: less than nothing for the acts given, and the other way round in a reversal."""
    turned = Q(act__in=against, reverses=None) | (~Q(act__in=against) & Q(reverses__isnull=False))
    return Case(When(turned, then=-F("amount")), default=F("amount"), output_field=BigIntegerField())


def _change(entry: Entry) -> int:
    return (entry.income or 0) - (entry.out or 0)


def _with_what_was_left(batch: list[Voucher], reader: Reader) -> list[Entry]:
    """The lines, each with what its fund held after it, as the days go; a few queries for each fund of the batch."""
    found, left = entries(batch), {}
    for entry in found:
        voucher = entry.voucher
        if voucher.fund_id not in left:
            left[voucher.fund_id] = _left_before(voucher.fund, voucher)
        left[voucher.fund_id] += _change(entry)
        entry.left = left[voucher.fund_id]
    return found


def _left_before(fund: Fund, voucher: Voucher) -> int:
    """What the fund held before a voucher: at the end of the day before, and by what was entered sooner for its day."""
    sooner = Voucher.objects.filter(fund=fund, on=voucher.on, pk__lt=voucher.pk, act__in=MOVED)
    sums = sooner.aggregate(fen=Sum(_signed(OUT), default=0))
    return balance(fund, voucher.on - timedelta(days=1)) + sums["fen"]


def _yuan(name: str):
    def value(entry: Entry, reader: Reader) -> Decimal | None:
        fen = getattr(entry, name)
        return None if fen is None else Decimal(fen) / 100

    return value


def _donor(entry: Entry, reader: Reader) -> str:
    return entry.donation.donor if entry.donation else ""


def _receipt(entry: Entry, reader: Reader) -> str:
    return entry.donation.receipt if entry.donation else ""


def _use(entry: Entry, reader: Reader) -> str:
    return entry.voucher.reservation.get_use_display() if entry.voucher.reservation else ""


def _note(entry: Entry, reader: Reader) -> str:
    if entry.voucher.reverses_id:
        return f"红冲 {entry.voucher.reverses.label}"
    return f"已由 {entry.reversal.label} 红冲" if entry.reversal else "补录" if entry.late else ""


def _sum(plus: tuple[Act, ...], minus: tuple[Act, ...] = ()):
    """What vouchers of some acts add up to in yuan, less those of others; reversals count against."""
    yuan = Sum(Cast(_signed(minus), FloatField()), filter=Q(act__in=plus + minus))
    return Coalesce(yuan, 0.0) / 100.0


FUND_BOOKS = Ledger(
    code="fund-books",
    title="资金收支台账",
    period="记账日期在期间内的收入、下拨、支出和退回，红冲的两号都列；预留不动钱，不列。结余是那本账当时的全部结余。",
    rows=_vouchers,
    columns=(
        Column("日期", "voucher.on", 12, Format.DATE, part=Part.KEY, name="on"),
        Column("党组织", "voucher.fund.organisation.label", 24, part=Part.KEY, name="branch"),
        Column("凭证号", "voucher.label", 12, part=Part.KEY, name="number", leads=True),
        Column("事项", "voucher.get_act_display", 10, part=Part.VALUE, name="act"),
        Column("摘要", "said", 30, part=Part.VALUE, name="words"),
        Column("收入来源类别", "source", 22, part=Part.VALUE, name="source"),
        Column("捐赠人", _donor, 16, part=Part.COMPUTED, sealed=True),
        Column("收据号", _receipt, 14, part=Part.VALUE, name="receipt"),
        Column("收入金额(元)", _yuan("income"), 14, Format.NUMBER, part=Part.VALUE, name="income"),
        Column("支出类别", _use, 16, part=Part.VALUE, name="use"),
        Column("支出金额(元)", _yuan("out"), 14, Format.NUMBER, part=Part.VALUE, name="out"),
        Column("结余(元)", _yuan("left"), 14, Format.NUMBER, part=Part.COMPUTED),
        Column("经办人", "by", 10, part=Part.COMPUTED),
        Column("备注", _note, 18, part=Part.COMPUTED),
    ),
    prepare=_with_what_was_left,
    tally=(("{} 笔", Count("pk")), ("收入 {} 元", _sum(IN)), ("支出和下拨 {} 元", _sum(OUT, (Act.REPAY,)))),
    link=lambda entry, _: reverse("voucher", args=[entry.voucher.pk]),
    needs=Capability.READ_BOOKS,
)
