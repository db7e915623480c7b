"""Who may see and do what with the fund. ``check_*`` raises with the sentence the reader sees, ``may_*`` asks."""

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError

from fund.applying.filing import may_file_for
from fund.models import Application, Fund
from fund.permits import may_manage
from fund.regulation.words import Ground
from members.enums import Capability
from members.models import Membership


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


def check_may_manage(account, fund: Fund) -> None:
    if not may_manage(account, fund):
        raise PermissionDenied("专项资金由组织部管理。")


def may_read_opinions(account, application: Application) -> bool:
    """What those who handled it wrote beside figures: for those who record there and the fund's department, not for
    whom it is about, who is told why it came back or was refused.
    """
    scope = account.scope
    handles = scope.may(Capability.RECORD, application.path) or may_manage(account, application.fund)
    return handles and account.person_id != application.person_id
