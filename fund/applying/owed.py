"""应发款: what is still to be handed over, and to which account."""

from collections.abc import Collection

from django.db.models import Q

from fund.models import FundRegulation, Grant, Payment
from fund.regulation.words import StepKind

STANDING = (Payment.State.LISTED, Payment.State.PAID, Payment.State.RECEIVED)
PAID = (Payment.State.PAID, Payment.State.RECEIVED)


def unpaid(grants):
    """Of these grants, those whose money is kept, and neither paid nor listed for the bank."""
    return grants.filter(reservation__unpaid__gt=0).exclude(payments__state__in=STANDING)


def payable(grants, codes: Collection[str]):
    """Of these grants, those whose turn it is: their application waits for the payment, or a run decided them.

    :param codes: as of :func:`payment_codes`.
    """
    return unpaid(grants).filter(Q(application__isnull=True) | Q(application__state__in=codes))


def payment_codes(funds) -> set[str]:
    """The codes of the payment steps of all that these funds ever followed."""
    followed = FundRegulation.objects.filter(fund__in=funds)
    return {step.code for each in followed for step in each.parsed.steps if step.kind == StepKind.PAYMENT}


def payee_of(grant: Grant) -> dict:
    """Whom a grant is paid to: the account the meeting saw, or what corrected it; without one the member in person."""
    seen = grant.decision.snapshot.get("content", {}).get("account", {}) if grant.decision else {}
    account = grant.payee or seen
    return {"holder": grant.person.name, "bank": "", "number": "", "relation": ""} | {
        name: text for name, text in account.items() if text
    }
