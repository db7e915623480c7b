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
from fund.models.relief import (
    DuesRelief,
    Force,
    ReliefKind,
    ReliefMove,
    ReliefState,
    ReliefStep,
)
from fund.models.runs import (
    AllowanceLine,
    AllowanceRun,
    RecordSpending,
)
from fund.models.totals import (
    BankCheck,
    MonthTotal,
)

__all__ = [
    "Act",
    "AllowanceLine",
    "AllowanceRun",
    "AllowedUse",
    "Application",
    "Attendee",
    "BankCheck",
    "Batch",
    "BookAccount",
    "BookCheck",
    "BookYear",
    "Decision",
    "Donation",
    "DuesRelief",
    "Filer",
    "Force",
    "Fund",
    "FundRegulation",
    "Grant",
    "JournalSeal",
    "Kind",
    "Meeting",
    "MonthTotal",
    "NoticeLine",
    "Objection",
    "Part",
    "Payment",
    "PublicNotice",
    "RecordSpending",
    "ReliefKind",
    "ReliefMove",
    "ReliefState",
    "ReliefStep",
    "Reservation",
    "Taken",
    "Use",
    "Voucher",
    "Way",
    "account_mark_of",
]  # fmt: skip
