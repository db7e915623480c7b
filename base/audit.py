"""Writing the audit: one row for each act, in the transaction of the act."""

from contextvars import ContextVar
from dataclasses import dataclass

from base.models import AuditRow

Act = AuditRow.Act


@dataclass(frozen=True)
class Origin:
    """Who is acting in this request or command: account number, printed name, network address."""

    account: int | None = None
    actor: str = "命令"
    address: str = ""


origin: ContextVar[Origin] = ContextVar("origin", default=Origin())  # noqa: B039  frozen, so safe to share


def write(act: Act, subject: str, *, reason: str = "", allowed: bool = True, **detail) -> None:
    """Write one audit row.

    :param act: what was done.
    :param subject: ``kind:number`` of what it was done to; no names, no numbers of people's papers.
    :param reason: what the person gave as a reason.
    :param detail: short facts for the reader, never sensitive text.
    """
    who = origin.get()
    AuditRow.objects.create(
        account=who.account, actor=who.actor, address=who.address,
        act=act, subject=subject, reason=reason[:200], allowed=allowed, detail=detail,
    )  # fmt: skip
