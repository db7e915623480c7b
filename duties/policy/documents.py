"""Attaching the text of a document to its policy, replacing and removing it. No rule reads it."""

from datetime import date

from django.db import transaction

from base import audit
from duties.policy.models import Document, Policy
from members.models import Organisation

LONGEST = 60_000
"""Characters of a text."""


@transaction.atomic
def attach_document(
    *, by, policy: Policy, organisation: Organisation, title: str, number: str, text: str, today: date
) -> Document:
    """Attach the text an organisation has of a policy, in place of the one it attached before."""
    document, fresh = Document.objects.select_for_update().update_or_create(
        policy=policy, organisation=organisation,
        defaults={
            "title": title, "number": number, "text": text, "attached_on": today,
            "attached_by": by.person if by else None,
        },
    )  # fmt: skip
    _write(audit.Act.WRITE if fresh else audit.Act.EDIT, document)
    return document


@transaction.atomic
def remove_document(*, by, document: Document) -> None:
    """Remove a text; a second time there is nothing to do."""
    here = Document.objects.select_for_update().select_related("policy").filter(pk=document.pk).first()
    if here is not None:
        _write(audit.Act.WITHDRAW, here)
        here.delete()


def _write(act: audit.Act, document: Document) -> None:
    audit.write(
        act, f"document:{document.pk}", policy=document.policy.code, organisation=document.organisation_id,
        letters=len(document.text),
    )  # fmt: skip
