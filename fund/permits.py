"""May this account do this with the books of a fund? ``check_*`` raises with the sentence the reader sees."""

from django.core.exceptions import PermissionDenied

from fund.models import Act, Fund, Voucher
from members.enums import Capability

CORRECTED_HERE = (Act.RECEIVE, Act.HAND_DOWN, Act.GET_DOWN)
"""Acts that belong to nothing but the books. What moved a reservation is corrected where the reservation is kept."""


def check_reads_books(account) -> None:
    """Looking at books at all, somewhere."""
    if not account.scope.may(Capability.READ_BOOKS):
        raise PermissionDenied("资金账由党组织书记、组织部、出纳、会计和检查组查看。公开的收支请看本单位的公示。")


def check_opens_funds(account) -> None:
    """Opening a fund at all, somewhere."""
    if not account.scope.may(Capability.FUND):
        raise PermissionDenied("设立专项资金由党委组织部办理。")


def check_manages(account, fund: Fund) -> None:
    """What money of a source may be spent on, and the yearly budget."""
    if not may_manage(account, fund):
        raise PermissionDenied("款源用途和年度预算由党委组织部核定。")


def may_manage(account, fund: Fund) -> bool:
    return account.scope.may(Capability.FUND, fund.organisation.path)


def check_keeps(account, fund: Fund) -> None:
    """Entering what came in and what went down, reversing it, comparing with the bank."""
    if not may_keep(account, fund):
        raise PermissionDenied("记账、下拨、红冲和对账由出纳和会计办理。")


def may_keep(account, fund: Fund) -> bool:
    return account.scope.may(Capability.KEEP_BOOKS, fund.organisation.path)


def why_not_reversed(account, voucher: Voucher) -> str:
    """Why the account cannot reverse the voucher on its page, as a sentence; empty if it can.

    :param voucher: as :meth:`~fund.models.books.VoucherQuerySet.with_sides` brings it.
    """
    if voucher.reverses_id:
        return "这一号本身是红冲，不能再冲。要恢复请重新记账。"
    if getattr(voucher, "reversal", None):
        return f"已由 {voucher.reversal.label} 红冲，不能再冲一次。"
    if voucher.act not in CORRECTED_HERE:
        return "这一号动用了预留，在所属的申请或慰问里更正。"
    upper = voucher.upper.fund if voucher.upper else voucher.fund
    if not may_keep(account, upper):
        keeper = "" if upper == voucher.fund else f"{upper.organisation.label}的"
        return f"由{keeper}出纳或会计红冲。"
    return ""
