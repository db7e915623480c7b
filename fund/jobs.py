"""Long work of the fund: proving the books when somebody asks for it."""

from django.core.exceptions import PermissionDenied
from django.urls import reverse

from base.jobs import Kind, Result, Work, register
from fund.checking import run
from members.enums import Capability
from members.jobs import asker


def may_ask(account) -> bool:
    """Those who keep books or manage a fund."""
    return account.scope.may(Capability.KEEP_BOOKS) or account.scope.may(Capability.FUND)


def _check(number: int, parameters: dict) -> None:
    if not may_ask(asker(number)):
        raise PermissionDenied("核验账簿由出纳、会计和组织部发起。")


def _run(work: Work) -> Result:
    work.progress("核验账簿")
    run(now=work.now)
    return Result(reverse("book_checks"))


BOOK_CHECK = register(Kind("check_books", "核验账簿", _run, _check))
