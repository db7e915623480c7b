"""What is done with the money of a fund. Each refuses with a ``ValidationError`` keyed by the field of its form.

A caller that answers a form does it through :func:`base.once.submitted`, which makes two clicks one. Rights are the
caller's to ask; sums are whole fen; ``desk`` says who enters what happened on which day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from base import audit
from base.fields import MOST_YUAN
from base.money import Source
from fund.journal import Desk, Move, lock_years, post, refuse_day, said
from fund.models import Act, AllowedUse, BankCheck, BookYear, Donation, Fund, Reservation, Use, Voucher
from fund.totals import balance
from members.models import Organisation

INCOME = (Source.DUES, Source.FISCAL, Source.SPECIAL, Source.ABOVE, Source.MEMBERS, Source.ORGANISATIONS)
"""Sources a fund takes money from."""

DONATED = (Source.MEMBERS, Source.ORGANISATIONS)

OF_DUES = (Use.HARDSHIP, Use.ILLNESS, Use.DISASTER, Use.VISIT, Use.CONDOLENCE, Use.CHILDREN)
"""What dues may be spent on in the care of members (中组发〔2008〕3号 第十九条; the children of who died on duty:
豫水组〔2020〕55号第十一条); a fund may say otherwise."""


@transaction.atomic
def open_fund(organisation: Organisation, *, on: date) -> Fund:
    """Open the books of ``organisation``, with the uses each source is allowed unless :func:`restrict` says otherwise.

    :raises ValidationError: on ``organisation``, if it has books already.
    """
    there = ValidationError({"organisation": f"{organisation.label}已经设立专项资金，不用再设。"})
    if Fund.objects.filter(organisation=organisation).exists():
        raise there
    try:
        with transaction.atomic():
            fund = Fund.objects.create(organisation=organisation, opened_on=on)
    except IntegrityError as taken:  # by somebody else, at the same time
        raise there from taken
    AllowedUse.objects.bulk_create(
        AllowedUse(fund=fund, source=source, use=use)
        for source in INCOME
        for use in (OF_DUES if source == Source.DUES else Use)
    )
    audit.write(audit.Act.WRITE, f"fund:{fund.pk}")
    return fund


@transaction.atomic
def restrict(fund: Fund, source: str, uses: Iterable[str]) -> None:
    """Let money of ``source`` be spent on ``uses`` and on nothing else. What is reserved already stays so."""
    _refuse_source(source)
    Fund.objects.select_for_update().get(pk=fund.pk)
    wanted = set(uses)
    fund.allowed_uses.filter(source=source).exclude(use__in=wanted).delete()
    rows = [AllowedUse(fund=fund, source=source, use=use) for use in Use if use in wanted]
    AllowedUse.objects.bulk_create(rows, ignore_conflicts=True)
    audit.write(audit.Act.EDIT, f"fund:{fund.pk}", source=str(source), uses=sorted(map(str, wanted)))


@transaction.atomic
def set_budget(fund: Fund, year: int, amount: int) -> BookYear:
    """Set the budget of a year, or set it anew.

    :raises ValidationError: on ``amount``, if more is bound already.
    """
    if not 0 <= amount <= MOST_YUAN * 100:
        raise ValidationError({"amount": "预算不能小于零，也不能超过一亿元。请核对。"})
    row = lock_years({(fund.pk, year)})[fund.pk, year]
    if row.used > amount:
        raise ValidationError({"amount": f"{year} 年已经占用 {said(row.used)}，预算不能少于它。请改金额。"})
    before, row.budget = row.budget, amount
    row.save(update_fields=["budget"])
    audit.write(audit.Act.EDIT, f"fund:{fund.pk}", year=year, budget=amount, before=before)
    return row


def receive(
    fund: Fund, desk: Desk, *, source: str, amount: int, earmark: str = "", words: str = "", receipt: str = "",
    donor: str = "", anonymous: bool = False,
) -> Voucher:  # fmt: skip
    """Enter income. A donation has a ``receipt`` and a ``donor``; what is earmarked serves that use alone.

    :raises ValidationError: on ``source``, ``receipt``, ``donor``, ``amount``, ``on`` or ``earmark``.
    """
    _refuse_source(source)
    if earmark and earmark not in Use.values:
        raise ValidationError({"earmark": "没有这种用途。请从列表里选。"})
    income = Move(fund, Act.RECEIVE, source, amount, earmark, words=words)
    if source in DONATED:
        return _donated(income, desk, receipt.strip(), donor.strip(), anonymous)
    if receipt or donor or anonymous:
        raise ValidationError({"source": f"{Source(source).label}不是捐赠，不填捐赠人和收据号。请换来源或删去。"})
    return post(desk, [income])[0]


@transaction.atomic
def _donated(income: Move, desk: Desk, receipt: str, donor: str, anonymous: bool) -> Voucher:
    if not donor:
        raise ValidationError({"donor": "请写捐赠人。不愿公开的可以选匿名。"})
    if not receipt:
        raise ValidationError({"receipt": "捐赠要开收据。请写收据号。"})
    [voucher] = post(desk, [income])
    used = {"receipt": f"收据号 {receipt} 已经用过。请核对收据。"}
    # The year's lock is held now: no other donation of the year takes the receipt meanwhile, one of another year may.
    if income.fund.donations.filter(receipt=receipt).exists():
        raise ValidationError(used)
    try:
        with transaction.atomic():
            Donation.objects.create(
                voucher=voucher, fund=income.fund, receipt=receipt, donor=donor, anonymous=anonymous
            )  # fmt: skip
    except IntegrityError as taken:
        raise ValidationError(used) from taken
    return voucher


def pass_down(
    upper: Fund, lower: Fund, desk: Desk, *, source: str, amount: int, earmark: str = "", words: str = ""
) -> list[Voucher]:
    """Pass a sum to a fund below: one voucher in each book. The source stays: dues passed down are dues.

    :param earmark: the use the upper fund's money is earmarked for.
    :raises ValidationError: on ``lower``, ``source``, ``amount`` or ``on``.
    """
    _refuse_source(source)
    above, below = upper.organisation.path, lower.organisation.path
    if above == below or not below.startswith(above):
        raise ValidationError(
            {"lower": f"{lower.organisation.label}不在{upper.organisation.label}下面，不能下拨给它。"}
        )
    down = Move(upper, Act.HAND_DOWN, source, amount, earmark, words=words)
    return post(desk, [down, Move(lower, Act.GET_DOWN, source, amount, earmark, words=words, below=True)])


@dataclass(frozen=True)
class Wish:
    """A decided sum to be kept: out of which fund and source, for what use and subject (``application:8``).

    ``earmark`` takes money earmarked for it, which has to be ``use``; empty takes money that is not.
    """

    fund: Fund
    source: str
    use: str
    amount: int
    subject: str
    earmark: str = ""
    words: str = ""


def reserve(
    fund: Fund, desk: Desk, *, source: str, use: str, amount: int, subject: str, earmark: str = "", words: str = ""
) -> Reservation:  # fmt: skip
    """As :func:`reserve_all`, of one sum.

    :raises ValidationError: on ``use``, ``earmark``, ``source``, ``amount`` or ``on``.
    """
    return reserve_all([Wish(fund, source, use, amount, subject, earmark, words)], desk)[0]


@transaction.atomic
def reserve_all(wishes: Sequence[Wish], desk: Desk) -> list[Reservation]:
    """Keep decided sums, all or none, each against the budget of the day's year.

    :raises ValidationError: on ``use``, ``earmark``, ``source``, ``amount`` or ``on``, as the first that is refused.
    """
    for wish in wishes:
        _refuse_wish(wish)
    rows = [
        Reservation.objects.create(
            fund=wish.fund, source=wish.source, earmark=wish.earmark, use=wish.use, year=desk.on.year,
            subject=wish.subject, amount=wish.amount,
        )
        for wish in wishes
    ]  # fmt: skip
    post(desk, [_of(row, Act.RESERVE, row.amount, wish.words) for row, wish in zip(rows, wishes, strict=True)])
    for row in rows:
        row.refresh_from_db()
    return rows


def _refuse_wish(wish: Wish) -> None:
    _refuse_source(wish.source)
    if wish.use not in Use.values:
        raise ValidationError({"use": "没有这种用途。请从列表里选。"})
    label = Use(wish.use).label
    if wish.earmark not in ("", wish.use):
        raise ValidationError({"earmark": f"这笔钱指定用于{Use(wish.earmark).label}，不能用于{label}。请换来源。"})
    if not wish.fund.allowed_uses.filter(source=wish.source, use=wish.use).exists():
        raise ValidationError({"use": f"{Source(wish.source).label}不能用于{label}。请换来源。"})
    if wish.amount <= 0:
        raise ValidationError({"amount": "金额要大于零。请核对。"})


def release_all(reservations: Sequence[Reservation], desk: Desk, *, words: str = "") -> list[Voucher]:
    """Give back whatever is still kept by these, all or none."""
    moves = [_of(row, Act.RELEASE, row.unpaid, words) for row in reservations]
    return post(desk, moves) if moves else []


def release(reservation: Reservation, desk: Desk, *, amount: int, words: str = "") -> Voucher:
    """Give what was kept back to what is available: objection upheld, refusal, death.

    :raises ValidationError: on ``amount`` or ``on``.
    """
    return post(desk, [_of(reservation, Act.RELEASE, amount, words)])[0]


def spend(reservation: Reservation, desk: Desk, *, amount: int, words: str = "") -> Voucher:
    """As :func:`spend_all`, of one sum.

    :raises ValidationError: on ``amount`` or ``on``.
    """
    return spend_all([(reservation, amount, words)], desk)[0]


def spend_all(sums: Sequence[tuple[Reservation, int, str]], desk: Desk) -> list[Voucher]:
    """Pay out of what was kept, all or none: each a reservation, a sum in fen, and words for the voucher.

    :raises ValidationError: on ``amount`` or ``on``.
    """
    return post(desk, [_of(row, Act.SPEND, amount, words) for row, amount, words in sums])


def repay(reservation: Reservation, desk: Desk, *, amount: int, words: str = "") -> Voucher:
    """Take back what was paid: it is available again, and no more kept for anybody. A payment that failed is reversed.

    :raises ValidationError: on ``amount`` or ``on``.
    """
    return post(desk, [_of(reservation, Act.REPAY, amount, words)])[0]


@transaction.atomic
def reverse(voucher: Voucher, desk: Desk, *, words: str) -> list[Voucher]:
    """Undo a voucher by its exact opposite; of a sum passed down both books together.

    :raises ValidationError: on ``words``, ``voucher``, ``amount`` or ``on``.
    """
    if not words.strip():
        raise ValidationError({"words": "请写为什么冲销。"})
    if voucher.upper_id:
        voucher = voucher.upper
    pair = [voucher, *Voucher.objects.filter(upper=voucher)]
    # Whoever reverses it at the same time waits here.
    kept = {(each.fund_id, each.reservation.year) for each in pair if each.reservation_id}
    lock_years({(each.fund_id, year) for each in pair for year in (each.year, desk.on.year)} | kept)
    if voucher.reverses_id:
        raise ValidationError({"voucher": "这一号本身是冲销，不能再冲销。要恢复请重新记账。"})
    if Voucher.objects.filter(reverses=voucher).exists():
        raise ValidationError({"voucher": f"{voucher.year} 年第 {voucher.number} 号已经冲销过。"})
    if desk.on < voucher.on:
        raise ValidationError({"on": f"原来那一号记在 {voucher.on:%Y-%m-%d}，冲销不能早于它。请改日期。"})
    return post(desk, [_opposite(each, words) for each in pair])


@transaction.atomic
def compare_with_bank(fund: Fund, desk: Desk, *, bank: int, words: str = "") -> BankCheck:
    """Keep what the books held at the end of a day beside what the bank's statement says, in fen.

    :raises ValidationError: on ``on``, or on ``words`` where the two differ and nobody says why.
    """
    refuse_day(fund, desk)
    books = balance(fund, desk.on)
    if bank != books and not words.strip():
        more = "多" if bank > books else "少"
        raise ValidationError(
            {"words": f"账面 {said(books)}，银行{more} {said(abs(bank - books))}。请写差额是怎么来的。"}
        )
    audit.write(audit.Act.WRITE, f"fund:{fund.pk}", bank_check=str(desk.on))
    return BankCheck.objects.create(
        fund=fund, on=desk.on, books=books, bank=bank, words=words.strip(), at=desk.now, account=desk.account
    )


def _opposite(voucher: Voucher, words: str) -> Move:
    pot = voucher.taken
    return Move(
        voucher.fund, Act(voucher.act), pot.source, voucher.amount, pot.earmark, voucher.reservation, voucher, words,
        below=voucher.upper_id is not None,
    )  # fmt: skip


def _of(row: Reservation, act: Act, amount: int, words: str) -> Move:
    return Move(row.fund, act, row.source, amount, row.earmark, row, words=words)


def _refuse_source(source: str) -> None:
    if source not in INCOME:
        raise ValidationError({"source": "这种款源不在专项资金里。请从列表里选。"})
