"""What was asked for: an organisation, a period, a reader and a moment; and whether the reader may still have it."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from ledgers.bundle.archive import safe_name
from ledgers.declarations import LEDGERS
from ledgers.evidence import PolicyEvidence, RuleEvidence, evidence
from ledgers.extract import Extract
from ledgers.ledger import Ledger, Reader
from ledgers.permissions import check_may_export, check_may_read, check_may_unmask, is_offered
from members.enums import Capability
from members.models import Account, Organisation
from members.scope import seeing_less

LEFT = "这个党组织已不在你的范围内，迎检包不再提供。"
NARROWED = "提出以后你的职务或范围变了，这份迎检包不再提供。需要时请重新生成。"
NAMED_OPEN = "身份证号、联系电话、家庭住址、只给部分同志看的列，以及受处分和伤病的台账、敏感事由"
"""What a whole bundle holds that others do not; each of its sheets names its own columns."""


@dataclass(frozen=True)
class Asked:
    """:param first, last: the period, both days included. :param at: as of when it says what it says.
    :param reason: what the whole bundle is for, in which nothing is masked that its asker may see; else all is masked.
    """

    account: Any
    organisation: Organisation
    first: date
    last: date
    at: datetime
    reason: str = ""

    @property
    def whole(self) -> bool:
        return bool(self.reason)

    @cached_property
    def eyes(self) -> Account:
        """Who reads what lies in it: of a whole one its asker, of one that is handed on somebody who may know less."""
        return self.account if self.whole else seeing_less(self.account, Capability.SENSITIVE)

    @property
    def reader(self) -> Reader:
        return Reader(self.eyes, timezone.localtime(self.at).date(), unmasked=self.whole)

    @property
    def period(self) -> str:
        return f"{self.first} 至 {self.last}"

    @property
    def as_of(self) -> str:
        return f"{timezone.localtime(self.at):%Y-%m-%d %H:%M}"

    @property
    def title(self) -> str:
        return f"{'全量迎检包（未脱敏）' if self.whole else '迎检包'}，{self.organisation.label}，{self.period}"

    @property
    def file_name(self) -> str:
        name = f"迎检包-{safe_name(self.organisation.label)}-{self.first:%Y%m%d}-{self.last:%Y%m%d}"
        return f"{name}-未脱敏.zip" if self.whole else f"{name}.zip"

    @property
    def warning(self) -> str:
        """That it holds what is masked elsewhere, and for what; empty where all is masked."""
        if not self.whole:
            return ""
        return (
            f"说明：本包未脱敏（{NAMED_OPEN}），{self.account.person.name} {self.as_of} 生成，用途：{self.reason}。"
            "只作这一用途，用后按规定保管或销毁。"
        )

    @cached_property
    def policies(self) -> list[PolicyEvidence]:
        """The matrix with all numbers that its asker sees: they name nobody."""
        return evidence(replace(self.reader, account=self.account), self.organisation, self.first, self.last)

    @property
    def told(self) -> list[RuleEvidence]:
        """The rules of whose duties the asker may know."""
        rules = (each for policy in self.policies for clause in policy.clauses for each in clause.rules)
        return [each for each in rules if each.figures]

    @property
    def ledgers(self) -> list[Ledger]:
        """Every ledger that may lie in it, in the order of the registry."""
        return [each for each in LEDGERS.values() if is_offered(self.eyes, each)]

    @property
    def withheld(self) -> list[Ledger]:
        """Those that only a whole one holds, as far as its asker is offered them."""
        offered = (each for each in LEDGERS.values() if is_offered(self.account, each))
        return [each for each in offered if not is_offered(self.eyes, each)]

    def extract(self, ledger: Ledger) -> Extract:
        """A ledger as it lies in the bundle; in a whole one as its asker's own unmasked export."""
        return Extract(
            ledger, self.eyes, self.organisation, self.first, self.last, self.at,
            reason=self.reason, handed_on=not self.whole,
        )  # fmt: skip

    @property
    def parameters(self) -> dict:
        """What the job needs, with what the account may do now: whoever may less later gets none of it."""
        return {
            "organisation": self.organisation.pk, "first": self.first.isoformat(), "last": self.last.isoformat(),
            "rights": {each.value: sorted(self.account.scope.paths(each)) for each in Capability},
            **({"reason": self.reason} if self.whole else {}),
        }  # fmt: skip


def in_turn(asked: Asked) -> dict:
    """The parameters, for use inside a transaction: two who ask for the same account at once take turns."""
    list(Account.objects.select_for_update().filter(pk=asked.account.pk).order_by("pk").values_list("pk"))
    return asked.parameters


def asked_again(account, parameters: dict, now: datetime | None) -> Asked:
    """What a job asks for, as the account may have it now.

    :raises PermissionDenied: when the organisation is out of reach by now, or the account may less than when it asked.
    """
    organisation = Organisation.objects.visible_to(account).filter(pk=parameters["organisation"]).first()
    if organisation is None:
        raise PermissionDenied(LEFT)
    check_may_read(account)
    check_may_export(account, organisation)
    reason = parameters.get("reason", "")
    if reason:
        check_may_unmask(account, organisation)
    scope = account.scope
    if not all(scope.may(Capability(name), path) for name, paths in parameters["rights"].items() for path in paths):
        raise PermissionDenied(NARROWED)
    first, last = (date.fromisoformat(parameters[name]) for name in ("first", "last"))
    return Asked(account, organisation, first, last, now, reason)
