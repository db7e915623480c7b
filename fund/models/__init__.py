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

__all__ = [
    "Act",
    "AllowedUse",
    "BookAccount",
    "BookCheck",
    "BookYear",
    "Donation",
    "Fund",
    "JournalSeal",
    "Kind",
    "Reservation",
    "Use",
    "Voucher",
]  # fmt: skip
