"""Writing the audit: one row for each act, in the transaction of the act."""

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied

from base.models import AuditRow
from base.sealed import blind_index

Act = AuditRow.Act


@dataclass(frozen=True)
class Origin:
    """Who is acting in this request or command: account number, printed name, network address."""

    account: int | None = None
    actor: str = "命令"
    address: str = ""


origin: ContextVar[Origin] = ContextVar("origin", default=Origin())  # noqa: B039  frozen, so safe to share


class Denied(PermissionDenied):
    """A refusal that knows what it is about; of any other ``PermissionDenied`` the audit names the page alone.

    :param sentence: what the reader sees.
    :param subject, detail: what the audit row of the refusal says, as in :func:`write`.
    """

    def __init__(self, sentence: str, subject: str, **detail):
        super().__init__(sentence)
        self.subject = subject
        self.detail = detail


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


def written_since(moment: datetime, act: Act, subject: str, key: str) -> bool:
    """Whether whoever acts now left such a row since a moment, with ``key`` in its detail."""
    rows = AuditRow.objects.filter(subject=subject, at__gte=moment, act=act, account=origin.get().account)
    return rows.filter(detail__has_key=key).exists()


def search(request, where: str, words: str, *, found: int) -> None:
    """Write that a page looked for ``words``; the words themselves are not kept.

    Nothing looked for, the list's further pages, and a form sent with the words still in it are no search.

    :param where: what was searched, as a subject.
    :param found: how many rows there were, or how many the first page shows.
    """
    if words and request.method == "GET" and "after" not in request.GET:
        write(Act.SEARCH, where, found=found, **unread(words))


def unread(words: str) -> dict:
    """Typed words as a detail may hold them: how many characters, and a keyed digest by which equal words are equal.

    Somebody may type an identity number where a name is asked for.
    """
    return {"letters": len(words), "digest": (blind_index(f"audit:{words}") or "")[:16]}
