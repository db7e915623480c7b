"""What pages read of a fund: lines of the journal, the year at a glance, what seals and the last check said."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from django.db.models import F, QuerySet, Sum

from base.dates import civil_day
from base.keyset import beyond
from base.money import Source
from fund.models import Act, AllowedUse, BankCheck, BookCheck, BookYear, Donation, Fund, JournalSeal, Kind, Use, Voucher
from fund.services import INCOME
from fund.totals import Line, Spent, Total, balance, by_month, by_use, held, lines, months, totals
from members.enums import Capability
from members.models import Account

PAGE = 50
"""Vouchers on a page of the journal."""

LATE = timedelta(days=2)
"""Entered later than this after its day, a voucher is shown as 补录."""


@dataclass
class Entry:
    """One line of the journal: what it moved, signed in fen, under the heading it belongs to."""

    voucher: Voucher
    by: str = ""
    left: int = 0
    """What the fund held after it, where that was asked."""

    @property
    def sign(self) -> int:
        return -1 if self.voucher.reverses_id else 1

    def _under(self, plus: tuple[Act, ...], minus: tuple[Act, ...] = ()) -> int | None:
        act, fen = self.voucher.act, self.sign * self.voucher.amount
        return fen if act in plus else -fen if act in minus else None

    @property
    def income(self) -> int | None:
        return self._under((Act.RECEIVE, Act.GET_DOWN))

    @property
    def out(self) -> int | None:
        """What was spent or passed down; what came back counts against it."""
        return self._under((Act.SPEND, Act.HAND_DOWN), (Act.REPAY,))

    @property
    def kept(self) -> int | None:
        """What was reserved; what was released counts against it."""
        return self._under((Act.RESERVE,), (Act.RELEASE,))

    @property
    def available(self) -> int | None:
        """What of this source and earmark was available after it; a payment out of what was kept leaves that alone."""
        for side, left in (
            (self.voucher.taken, self.voucher.taken_balance), (self.voucher.given, self.voucher.given_balance),
        ):  # fmt: skip
            if side.kind == Kind.AVAILABLE:
                return left
        return None

    @property
    def source(self) -> str:
        earmark = self.voucher.taken.get_earmark_display()
        return self.voucher.taken.get_source_display() + (f"（指定{earmark}）" if earmark else "")

    @property
    def said(self) -> str:
        """What was typed, else what the use or the source and the act say."""
        voucher = self.voucher
        if voucher.words:
            return voucher.words
        of = voucher.reservation.get_use_display() if voucher.reservation else voucher.taken.get_source_display()
        return f"{of}{voucher.get_act_display()}"

    @property
    def words(self) -> str:
        """The same with what it undoes."""
        return f"红冲 {self.voucher.reverses.label}：{self.said}" if self.voucher.reverses_id else self.said

    @property
    def reversal(self) -> Voucher | None:
        """The voucher that undid it."""
        return getattr(self.voucher, "reversal", None)

    @property
    def donation(self) -> Donation | None:
        return getattr(self.voucher, "donation", None)

    @property
    def other(self) -> Voucher | None:
        """The other book's side of a sum passed down."""
        return self.voucher.upper or getattr(self.voucher, "lower", None)

    @property
    def entered_on(self) -> date:
        return civil_day(self.voucher.at)

    @property
    def late(self) -> bool:
        return self.entered_on - self.voucher.on > LATE


def entries(vouchers: Iterable[Voucher]) -> list[Entry]:
    """The lines of vouchers fetched ``with_sides``, each with the name of who entered it; one query."""
    vouchers = list(vouchers)
    names = names_of({each.account for each in vouchers})
    return [Entry(each, names.get(each.account, "")) for each in vouchers]


def names_of(accounts: Iterable[int | None]) -> dict[int, str]:
    """The names of the people behind account numbers."""
    wanted = Account.objects.filter(pk__in={each for each in accounts if each})
    return dict(wanted.order_by("pk").values_list("pk", "person__name"))


def journal_page(vouchers: QuerySet, after: str) -> tuple[list[Entry], str]:
    """One page of the journal, the newest number first, behind the cursor ``after`` (year~number), and the next."""
    year, _, number = after.partition("~")
    if year.isdecimal() and number.isdecimal() and len(after) < 20:
        vouchers = vouchers.filter(beyond(("-year", "-number"), (int(year), int(number))))
    found = list(vouchers.with_sides().order_by("-year", "-number")[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    return entries(found), f"{found[-1].year}~{found[-1].number}" if more else ""


@dataclass
class Year:
    """One year of a fund, as its first page tells it."""

    fund: Fund
    year: int
    day: date

    @cached_property
    def _before(self) -> list[Total]:
        return totals(self.fund, date(self.year - 1, 12, 31))

    @cached_property
    def _within(self) -> list[Total]:
        return by_month(self.fund, self.year)

    @cached_property
    def _lines(self) -> tuple[list[Line], Line]:
        found, whole = lines(self._before, self._within)
        for line in found:
            line.restriction = self._restrictions[line.source]
        return found, whole

    @property
    def lines(self) -> list[Line]:
        return self._lines[0]

    @property
    def whole(self) -> Line:
        return self._lines[1]

    @cached_property
    def months(self):
        """Its months so far."""
        last = 12 if self.year < self.day.year else self.day.month
        return months(held(self._before), self._within, last)

    @cached_property
    def spent(self) -> list[Spent]:
        return by_use(self._within)

    @cached_property
    def budget(self) -> BookYear | None:
        return BookYear.objects.filter(fund=self.fund, year=self.year).first()

    @property
    def share(self) -> int:
        """How much of the budget is bound, in hundredths."""
        return round(100 * self.budget.used / self.budget.budget) if self.budget and self.budget.budget else 0

    @cached_property
    def _restrictions(self) -> dict[str, str]:
        allowed: dict[str, set[str]] = {source: set() for source in INCOME}
        for source, use in AllowedUse.objects.filter(fund=self.fund).order_by("pk").values_list("source", "use"):
            allowed[source].add(use)
        return {source: _restriction(uses) for source, uses in allowed.items()}


def _restriction(uses: set[str]) -> str:
    """What money may be spent on, in words; nothing where it may be spent on all there is."""
    if not uses:
        return "没有核定用途，不能支出"
    return "" if len(uses) == len(Use) else f"限{'、'.join(use.label for use in Use if use in uses)}"


def years_of(fund: Fund, day: date) -> list[int]:
    """The years a page of the fund offers: since it was opened, the latest first."""
    return list(range(day.year, fund.opened_on.year - 1, -1))


def sealed_to(fund: Fund) -> tuple[JournalSeal | None, int]:
    """The last seal of the fund, and how many of its vouchers no seal holds yet."""
    seals = JournalSeal.objects.filter(fund=fund)
    sealed = seals.aggregate(n=Sum(F("last") - F("first") + 1, default=0))["n"]
    entered = BookYear.objects.filter(fund=fund).aggregate(n=Sum("last", default=0))["n"]
    return seals.defer("marks").order_by("-at", "-pk").first(), entered - sealed


@dataclass
class CheckSaid:
    """What a run of ``check_books`` said of the funds that somebody reads.

    ``hidden`` counts what it found and the row does not name, of whatever fund.
    """

    check: BookCheck
    breaks: list[dict]

    @property
    def hidden(self) -> int:
        return self.check.found - len(self.check.breaks)

    @property
    def holds(self) -> bool:
        return not self.breaks and not self.hidden


def checks(account, most: int = 1, *, capability: Capability = Capability.READ_BOOKS) -> list[CheckSaid]:
    """What the last runs said of the books that the account reads, the latest first."""
    runs = list(BookCheck.objects.order_by("-at", "-pk")[:most])
    if not any(each.breaks for each in runs):
        return [CheckSaid(each, []) for each in runs]
    named = {broken["fund"] for each in runs for broken in each.breaks}
    funds = Fund.objects.visible_to(account, capability).filter(pk__in=named).select_related("organisation")
    known = {each.pk: each for each in funds.order_by("pk")}
    return [
        CheckSaid(
            each,
            [{**row, "where": known[row["fund"]].organisation.label} for row in each.breaks if row["fund"] in known],
        )
        for each in runs
    ]


def broken_books(account) -> int:
    """How many breaks the last run found in the books that the account keeps or manages."""
    for capability in (Capability.KEEP_BOOKS, Capability.FUND):
        if account.scope.may(capability):
            return sum(len(each.breaks) + each.hidden for each in checks(account, capability=capability))
    return 0


@dataclass
class BankLine:
    """One comparison with the bank, who made it, and what the books say of that day now, where that was asked."""

    row: BankCheck
    by: str
    now: int | None = None

    @property
    def moved(self) -> bool:
        """Whether something was entered since for that day or one before it."""
        return self.now is not None and self.now != self.row.books


def bank_lines(rows: Iterable[BankCheck]) -> list[BankLine]:
    """Comparisons with the bank, the latest first; of that one, what the books say of its day now."""
    rows = list(rows)
    names = names_of({each.account for each in rows})
    found = [BankLine(each, names.get(each.account, "")) for each in rows]
    if found:
        found[0].now = balance(rows[0].fund, rows[0].on)
    return found


def source_labels() -> list[tuple[str, str]]:
    """The sources a fund takes money from, as choices."""
    return [(source, Source(source).label) for source in INCOME]
