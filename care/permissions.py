"""Who may enter, read and recognise entries. Sensitive registers ask for 看敏感事项的依据 for everything."""

from django.core.exceptions import PermissionDenied

from base.audit import Denied
from care.models import CLOSED, SENSITIVE, Entry, RegisterCode
from members.enums import Capability


def may_open(account, register: RegisterCode) -> bool:
    """Whether the account may look into a register somewhere."""
    return account.scope.may(Capability.SENSITIVE if register in SENSITIVE else Capability.VIEW)


def may_enter(account, register: RegisterCode, path: str | None = None) -> bool:
    """Whether the account may make entries about members at ``path``, or anywhere at all."""
    asked = {Capability.RECORD, *([Capability.SENSITIVE] if register in SENSITIVE else [])}
    return all(account.scope.may(each, path) for each in asked)


def check_may_open(account, register: RegisterCode) -> None:
    """:raises PermissionDenied: for somebody who may look into no such register."""
    if not may_open(account, register):
        raise PermissionDenied("这本台账由所在党组织书记和组织部查看。你自己的情况在“我的”里。")


def check_may_enter(account, register: RegisterCode, path: str | None = None) -> None:
    """:raises PermissionDenied: for somebody who may make no such entries."""
    if not may_enter(account, register, path):
        raise PermissionDenied("这本台账由党组织书记和组织部登记。请联系所在支部书记。")


def cares(account, entry: Entry) -> bool:
    """Whether the account wrote the entry or is one of its carers."""
    me = account.person_id
    return me is not None and (entry.entered_by_id == me or entry.carers.filter(pk=me).exists())


def may_keep(account, entry: Entry, path: str) -> bool:
    """Whether the account may act upon an entry about a member at ``path``: a carer may without the right to enter."""
    if entry.register in CLOSED and account.scope.may(Capability.RECORD, path) and cares(account, entry):
        return True
    return may_enter(account, entry.register, path)


def check_may_keep(account, entry: Entry, path: str) -> None:
    """:raises PermissionDenied: for somebody who may not act upon the entry."""
    if not may_keep(account, entry, path):
        check_may_enter(account, entry.register, path)


def check_may_change(entry: Entry, *, private: bool) -> None:
    """:raises base.audit.Denied: of a closed register, for whoever may not read the content."""
    if entry.register in CLOSED and not private:
        raise Denied("内容只给登记人和关怀人看，由他们修改。", f"entry:{entry.pk}")


def reads_private(account, entry: Entry, path: str) -> bool:
    """Whether the private facts may be shown: to the writer, and to those who may see sensitive bases; never one's own.
    Of a closed register to the writer and the carers, as long as they may enter records there.

    :param path: where the member stands today.
    """
    if entry.person_id == account.person_id:
        return False
    if entry.register in CLOSED:
        return account.scope.may(Capability.RECORD, path) and cares(account, entry)
    wrote = entry.entered_by_id is not None and entry.entered_by_id == account.person_id
    return (wrote and account.scope.may(Capability.RECORD, path)) or account.scope.may(Capability.SENSITIVE, path)


def may_recognise(account, path: str) -> bool:
    """Whether the account records for an organisation above the one at ``path``: nobody recognises his own."""
    above = [own for own in account.scope.paths(Capability.RECORD) if path.startswith(own) and own != path]
    return bool(above)


def check_may_recognise(account, entry: Entry, path: str) -> None:
    """:raises base.audit.Denied: where no post above the member's own organisation is held."""
    if not may_recognise(account, path):
        raise Denied("组织认定由上一级党组织的书记或组织部办理。", f"entry:{entry.pk}")
