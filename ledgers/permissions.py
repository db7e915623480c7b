"""Who may read a ledger, who may take it out of the house, and who may bring one in."""

from django.core.exceptions import PermissionDenied

from base.audit import Denied
from members.enums import Capability
from members.models import Organisation

KEEPER = "由登记记录的同志导入：党组织书记、副书记、组织委员和组织部。请联系所在支部书记。"


def check_may_read(account, ledger=None) -> None:
    """Ledgers are for those with a post that may view something; a sensitive one for those who may see such bases.

    :raises PermissionDenied: with the sentence the reader sees.
    """
    if not account.scope.may(Capability.VIEW):
        raise PermissionDenied("台账由有查阅职责的同志查看。你自己的情况在“我的”里。")
    if ledger and not is_offered(account, ledger):
        raise PermissionDenied("这本台账由所在党组织书记和组织部查看。你自己的情况在“我的”里。")


def is_offered(account, ledger) -> bool:
    """Whether the list of ledgers offers it to somebody who reads ledgers at all."""
    if ledger.sensitive and not account.scope.may(Capability.SENSITIVE):
        return False
    return account.scope.may(ledger.needs)


def may_export(account, organisation: Organisation) -> bool:
    return account.scope.may(Capability.EXPORT, organisation.path)


def check_may_export(account, organisation: Organisation) -> None:
    """:raises PermissionDenied: with the sentence the reader sees."""
    if not may_export(account, organisation):
        sentence = "你的职务可以查看这本台账，不能导出。需要时请这个党组织的书记导出。"
        raise Denied(sentence, f"organisation:{organisation.pk}")


def check_may_bundle(account) -> None:
    """:raises PermissionDenied: with the sentence the reader sees, for who exports nowhere."""
    if not account.scope.may(Capability.EXPORT):
        raise PermissionDenied("迎检包由党组织书记、组织部和检查组生成。需要时请这个党组织的书记生成。")


def may_unmask(account, organisation: Organisation) -> bool:
    """Whether it may take out what is masked as it is: who exports there and may also see such values one by one."""
    return all(account.scope.may(each, organisation.path) for each in (Capability.EXPORT, Capability.REVEAL))


def check_may_unmask(account, organisation: Organisation, ledger=None) -> None:
    """:param ledger: which one it is about; none: a whole bundle.

    :raises PermissionDenied: with the sentence the reader sees.
    """
    if not may_unmask(account, organisation):
        sentence = "导出完整的身份证号、电话、住址要有书记或组织部的岗位。请导出脱敏的，或请这个党组织的书记导出。"
        about = {"ledger": ledger.code} if ledger else {"bundle": True}
        raise Denied(sentence, f"organisation:{organisation.pk}", **about)


def may_lay_out(account) -> bool:
    """Who fills the ledgers says how a superior wants them."""
    return account.scope.may(Capability.RECORD)


def check_may_lay_out(account) -> None:
    """:raises PermissionDenied: with the sentence the reader sees."""
    if not may_lay_out(account):
        raise PermissionDenied("版式由登记记录的同志编：党组织书记、副书记、组织委员和组织部。你可以选用编好的版式。")


def may_take_in(account, ledger) -> bool:
    """Whoever enters such records one by one may bring a sheet of them. What is derived is not brought in."""
    return ledger.entering is not None and account.scope.may(Capability.RECORD) and is_offered(account, ledger)


def check_may_take_in(account, ledger) -> None:
    """:raises PermissionDenied: with the sentence the reader sees."""
    if not (account.scope.may(Capability.RECORD) and is_offered(account, ledger)):
        raise PermissionDenied(f"台账{KEEPER}")
