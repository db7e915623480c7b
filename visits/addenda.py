"""补记: adding words to a talk or a visit afterwards. What was written stays as it is."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from base import audit
from duties.engine.models import Record
from visits.contents import sealed_after
from visits.models import Addendum, Talk, Visit

LONGEST = 2_000
"""Characters of an addendum."""


def act_of(record: Record) -> Talk | Visit:
    """The talk or the visit that points down to the record."""
    return record.talk if hasattr(record, "talk") else record.visit


@transaction.atomic
def add_words(*, by, record: Record, text: str, today: date) -> Addendum:
    """Add words to a talk or a visit; they stand below it with the day and the name.

    :param by: the acting account; who may is the caller's to check.
    :raises ValidationError: without words, for the same words once more, or when the record was withdrawn meanwhile.
    """
    record = Record.objects.select_for_update(no_key=True).get(pk=record.pk)
    if record.withdrawn_on:
        raise ValidationError(f"这条记录已于 {record.withdrawn_on} 撤回，不再补记。")
    if not text.strip():
        raise ValidationError({"text": "请写要补记什么，一句话也可以。"})
    before = list(record.addenda.order_by("pk"))
    if any(each.text == text.strip() and each.by_id == by.person_id for each in before):
        raise ValidationError({"text": "同样的话你已补记过，没有再记一次。"})
    last = before[-1] if before else act_of(record)
    added = Addendum(record=record, text=text.strip(), written_on=today, by=by.person)
    sealed_after(added, last.digest).save()
    audit.write(audit.Act.WRITE, f"addendum:{added.pk}", record=record.pk)
    return added
