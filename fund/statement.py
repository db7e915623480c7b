"""The public statement of a period, and who gave: what they hold, ready for a page and its print."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from django.db.models import QuerySet

from fund.models import Donation, Fund
from fund.totals import Line, Spent, Total, by_use, lines, totals

ONE_DAY = timedelta(days=1)
DONORS = 60
"""Donations named on a statement; the list of donors has them all."""


def donations(fund: Fund, first: date, last: date) -> QuerySet[Donation]:
    """The donations entered for the period that stand: no reversal, and not reversed; the earliest first."""
    rows = Donation.objects.filter(fund=fund, voucher__on__range=(first, last), voucher__reversal=None)
    return rows.select_related("voucher__taken").order_by("voucher__on", "pk")


@dataclass
class Statement:
    """What there was, came in, went out and is left over a period, both days included."""

    fund: Fund
    first: date
    last: date

    @cached_property
    def _within(self) -> list[Total]:
        return totals(self.fund, self.last, self.first)

    @cached_property
    def _lines(self) -> tuple[list[Line], Line]:
        return lines(totals(self.fund, self.first - ONE_DAY), self._within)

    @property
    def lines(self) -> list[Line]:
        return self._lines[0]

    @property
    def whole(self) -> Line:
        return self._lines[1]

    @cached_property
    def spent(self) -> list[Spent]:
        return by_use(self._within)

    @property
    def payments(self) -> int:
        return sum(each.payments for each in self.spent)

    @cached_property
    def _donations(self) -> list[Donation]:
        return list(donations(self.fund, self.first, self.last)[: DONORS + 1])

    @property
    def donations(self) -> list[Donation]:
        return self._donations[:DONORS]

    @property
    def more(self) -> bool:
        """Whether there are donations it does not name."""
        return len(self._donations) > DONORS
