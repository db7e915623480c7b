"""Attaching the text of a document to its policy, replacing and removing it, and saying to which clause a paragraph
belongs where its beginning does not tell. No rule reads any of it.
"""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from base import audit
from duties.policy.models import Clause, Document, Policy
from duties.policy.texts import Paragraph, beside
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


def paragraphs(document: Document) -> list[Paragraph]:
    """The paragraphs of a text, each with the clause of its policy to which it belongs; one query."""
    clauses = document.policy.clauses.order_by("position", "pk")
    return beside(document.text, [(each.code, each.spec.get("begins", [])) for each in clauses], document.by_hand)


NO_CLAUSE, BY_BEGINNING = "", None
"""What a paragraph is assigned to: no clause at all; whatever its beginning says."""


@transaction.atomic
def assign_paragraph(*, by, document: Document, key: str, code: str | None) -> None:
    """Have a paragraph belong to a clause of the policy, whatever its beginning says; what follows goes on under it.

    What was assigned stays with the words of the paragraph when the text is replaced.

    :param key: which paragraph (:attr:`duties.policy.texts.Paragraph.key`).
    :param code: the clause's code, :data:`NO_CLAUSE`, or :data:`BY_BEGINNING` to take the assignment back.
    :raises ValidationError: if the text is gone or has no such paragraph any more, or the policy no such clause.
    """
    here = Document.objects.select_for_update(of=("self",)).select_related("policy").filter(pk=document.pk).first()
    if here is None or key not in {each.key for each in paragraphs(here)}:
        raise ValidationError("正文刚被更换或移除，这一段已经没有了。请回到正文重新选。")
    if code and not Clause.objects.filter(policy=here.policy, code=code).exists():
        raise ValidationError({"clause": "这项制度没有这一条，请从列表里选。"})
    if here.by_hand.get(key) == code:
        return
    here.by_hand.pop(key, None)
    if code is not BY_BEGINNING:
        here.by_hand[key] = code
    here.save(update_fields=["by_hand"])
    _write(audit.Act.EDIT, here, paragraph=key, clause=code)


def _write(act: audit.Act, document: Document, **more) -> None:
    audit.write(
        act, f"document:{document.pk}", policy=document.policy.code, organisation=document.organisation_id,
        letters=len(document.text), **more,
    )  # fmt: skip
