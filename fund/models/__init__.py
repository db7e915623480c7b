"""Rows of the special care fund."""

from fund.models.books import (
    Act,
    AllowedUse,
    BookAccount,
    BookCheck,
    BookYear,
    Donation,
    Fund,
    JournalSeal,
    Kind,
    Reservation,
    Use,
    Voucher,
)
from fund.models.totals import BankCheck, MonthTotal

__all__ = [
    "Act",
    "AllowedUse",
    "BankCheck",
    "BookAccount",
    "BookCheck",
    "BookYear",
    "Donation",
    "Fund",
    "JournalSeal",
    "Kind",
    "MonthTotal",
    "Reservation",
    "Use",
    "Voucher",
]  # fmt: skip
