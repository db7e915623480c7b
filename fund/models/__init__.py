"""Rows of the special care fund."""

from fund.models.applications import (
    Application,
    Filer,
    FundRegulation,
    Part,
    Taken,
    account_mark_of,
)
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
from fund.models.decisions import (
    Attendee,
    Batch,
    Decision,
    Grant,
    Meeting,
    Payment,
    Way,
)
from fund.models.notices import (
    NoticeLine,
    Objection,
    PublicNotice,
)
from fund.models.runs import AllowanceLine, AllowanceRun, RecordSpending

__all__ = [
    "Act",
    "AllowanceLine",
    "AllowanceRun",
    "AllowedUse",
    "Application",
    "Attendee",
    "Batch",
    "BookAccount",
    "BookCheck",
    "BookYear",
    "Decision",
    "Donation",
    "Filer",
    "Fund",
    "FundRegulation",
    "Grant",
    "JournalSeal",
    "Kind",
    "Meeting",
    "NoticeLine",
    "Objection",
    "Part",
    "Payment",
    "PublicNotice",
    "RecordSpending",
    "Reservation",
    "Taken",
    "Use",
    "Voucher",
    "Way",
    "account_mark_of",
]  # fmt: skip
