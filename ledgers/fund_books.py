"""资金收支台账: what came in, went down, was paid and came back, day by day, with what was left after it, and to whom
it went, by which application, minutes and notice.

Out only: money is entered by those who keep the books, once, with a number that is never given again.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import BigIntegerField, Case, Count, F, FloatField, Prefetch, Q, QuerySet, Sum, When
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse

from base.writing import Format
from fund.models import Act, Fund, Grant, NoticeLine, RecordSpending, Voucher
from fund.reading import Entry, entries
from fund.totals import balance
from ledgers.ledger import Column, Ledger, Part, Reader
from members.enums import Capability
from members.models import Organisation
from members.scope import path_end, sealed_at

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


@dataclass(frozen=True)
class Grounds:
    """What the money of a voucher was set aside for: whom, and the numbers of the papers that say so."""

    whom: str = ""
    application: str = ""
    minutes: str = ""
    notice: str = ""


NONE = Grounds()


def _completed(batch: list[Voucher], reader: Reader) -> list[Entry]:
    """The lines, each with what its fund held after it, as the days go, and with its grounds; a few queries for each
    fund of the batch.
    """
    found, left = entries(batch), {}
    known = _grounds({each.reservation_id for each in batch if each.reservation_id})
    for entry in found:
        voucher = entry.voucher
        entry.grounds = known.get(voucher.reservation_id, NONE)
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


def _grounds(reservations: Iterable[int]) -> dict[int, Grounds]:
    """By reservation: what a meeting granted, what a run of allowances did, what a visit gave; three queries.

    A payment, what came back of it and its reversal share one reservation, so they say the same.
    """
    shown = NoticeLine.objects.select_related("notice").order_by("pk")
    grants = Grant.objects.filter(reservation__in=reservations).order_by("pk").select_related(
        "person", "application", "decision__meeting", "allowance__run"
    )  # fmt: skip
    away = ("application__content", "decision__reason", "decision__snapshot", *sealed_at("person"))
    grants = grants.defer(*away).prefetch_related(Prefetch("application__notice_lines", shown))
    found = {grant.reservation_id: _granted(grant) for grant in grants}
    visits = RecordSpending.objects.filter(reservation__in=reservations).order_by("pk")
    for reservation, name, minutes in visits.values_list("reservation", "record__member__name", "minutes"):
        found[reservation] = Grounds(whom=name or "", minutes=minutes)
    return found


def _granted(grant: Grant) -> Grounds:
    if grant.application is None:
        return Grounds(whom=grant.whom, minutes=grant.allowance.run.minutes if hasattr(grant, "allowance") else "")
    decision = grant.decision
    lines = [each for each in grant.application.notice_lines.all() if each.round == decision.round]
    notice = lines[-1].notice.label if lines else ""
    return Grounds(grant.person.name, grant.application.label, decision.meeting.minutes, notice)


def _by(name: str) -> Callable[[Entry, Reader], str]:
    """One of the grounds of a line."""
    return lambda entry, _reader: getattr(entry.grounds, name)


def _yuan(name: str):
    def value(entry: Entry, reader: Reader) -> Decimal | None:
        fen = getattr(entry, name)
        return None if fen is None else Decimal(fen) / 100

    return value


def _giver(entry: Entry, reader: Reader) -> str:
    """Who donated it, or which organisation passed it down."""
    if entry.donation:
        return entry.donation.donor
    return entry.voucher.upper.fund.organisation.label if entry.voucher.upper else ""


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
        Column("捐赠人/拨款单位", _giver, 16, part=Part.COMPUTED, also=("捐赠人", "拨款单位"), sealed=True),
        Column("收据号", _receipt, 14, part=Part.VALUE, name="receipt"),
        Column("收入金额(元)", _yuan("income"), 14, Format.MONEY, part=Part.VALUE, name="income"),
        Column("支出类别", _use, 16, part=Part.VALUE, name="use"),
        Column("帮扶对象", _by("whom"), 10, part=Part.COMPUTED, sealed=True),
        Column("审批单号", _by("application"), 12, part=Part.COMPUTED, also=("申请编号",)),
        Column("会议纪要号", _by("minutes"), 20, part=Part.COMPUTED, also=("纪要号",)),
        Column("公示编号", _by("notice"), 10, part=Part.COMPUTED),
        Column("支出金额(元)", _yuan("out"), 14, Format.MONEY, part=Part.VALUE, name="out"),
        Column("结余(元)", _yuan("left"), 14, Format.MONEY, part=Part.COMPUTED),
        Column("经办人", "by", 10, part=Part.COMPUTED),
        Column("备注", _note, 18, part=Part.COMPUTED),
    ),
    prepare=_completed,
    tally=(("{} 笔", Count("pk")), ("收入 {} 元", _sum(IN)), ("支出和下拨 {} 元", _sum(OUT, (Act.REPAY,)))),
    link=lambda entry, _: reverse("voucher", args=[entry.voucher.pk]),
    needs=Capability.READ_BOOKS,
)
