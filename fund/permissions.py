"""Who may see and do what with the fund. ``check_*`` raises with the sentence the reader sees, ``may_*`` asks."""

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError

from fund.applying.filing import may_file_for
from fund.models import Act, Application, DuesRelief, Fund, Voucher
from fund.regulation.words import Ground
from members.enums import Capability
from members.models import Membership

CORRECTED_HERE = (Act.RECEIVE, Act.HAND_DOWN, Act.GET_DOWN)
"""Acts that belong to nothing but the books. What moved a reservation is corrected where the reservation is kept."""


# The books


def check_reads_books(account) -> None:
    """Looking at books at all, somewhere."""
    if not account.scope.may(Capability.READ_BOOKS):
        raise PermissionDenied("资金账由党组织书记、组织部、出纳、会计和检查组查看。公开的收支请看本单位的公示。")


def check_opens_funds(account) -> None:
    """Opening a fund at all, somewhere."""
    if not account.scope.may(Capability.FUND):
        raise PermissionDenied("设立专项资金由党委组织部办理。")


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


def may_manage(account, fund: Fund) -> bool:
    """Uses, budget, regulation, meetings, notices and runs: the organisation department of the fund."""
    return account.scope.may(Capability.FUND, fund.organisation.path)


def check_may_manage(account, fund: Fund) -> None:
    if not may_manage(account, fund):
        raise PermissionDenied("专项资金由组织部管理。")


# Applications


def is_party(account, application: Application) -> bool:
    """Whether it is one's own application, or one filed it."""
    return account.person_id is not None and account.person_id in (application.person_id, application.filed_by_id)


def may_read_content(account, application: Application) -> bool:
    """Reason, household and income: for the applicant, who filed it, who records where the member stands, and the
    organisation department of the fund. Not for who pays, nor for an inspector, who read what was decided.
    """
    scope = account.scope
    return (
        is_party(account, application)
        or scope.may(Capability.RECORD, application.path)
        or scope.may(Capability.FUND, application.fund.organisation.path)
    )


def may_see_sensitive(account, application: Application) -> bool:
    """Whether grounds of the sensitive kind (sanctions) may be told; never about oneself."""
    return account.person_id != application.person_id and account.scope.may(Capability.SENSITIVE, application.path)


def spared(account, application: Application, refused: ValidationError) -> ValidationError:
    """What a service refused, in words that the account may read: sanctions are not told to everybody who reviews."""
    if may_see_sensitive(account, application):
        return refused
    told = refused.message_dict if hasattr(refused, "error_dict") else {NON_FIELD_ERRORS: refused.messages}
    spare = "名册上有须由书记或组织部看的情形，请由他们办理这一步。"
    hidden = Ground.SANCTIONED.label
    return ValidationError({name: [spare if hidden in said else said for said in told[name]] for name in told})


def may_reveal(account, application: Application) -> bool:
    """The account the money goes to and the telephone: who handles the application and may see what is sealed."""
    return may_read_content(account, application) and (
        account.scope.may(Capability.REVEAL, application.path)
        or account.scope.may(Capability.REVEAL, application.fund.organisation.path)
    )


def check_may_file_for(account, stay: Membership | None) -> None:
    if not may_file_for(account, stay):
        raise PermissionDenied("申请由本人提出，或由所在党组织的书记、副书记、组织委员代填。")


def may_read_opinions(account, application: Application) -> bool:
    """What those who handled it wrote beside figures: for those who record there and the fund's department, not for
    whom it is about, who is told why it came back or was refused.
    """
    scope = account.scope
    handles = scope.may(Capability.RECORD, application.path) or may_manage(account, application.fund)
    return handles and account.person_id != application.person_id


# Less dues


def check_may_reveal_reason(account, relief: DuesRelief) -> None:
    """Why less is asked for: those who record where it was filed and so decide on it; the member reads it anyway."""
    if not may_reveal_reason(account, relief):
        raise PermissionDenied("申请减免的理由由办理这件申请的书记、委员和组织部看。")


def may_reveal_reason(account, relief: DuesRelief) -> bool:
    return account.scope.may(Capability.RECORD, relief.path) and account.person_id != relief.person_id
