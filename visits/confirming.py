"""本人确认: the member says whether the record of a talk with him is right, or that he signed on paper is noted."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Prefetch

from base import audit
from duties.engine.models import Record
from visits.models import Confirmation

LONGEST = 1_000
Says = Confirmation.Says

WITH_CONFIRMATIONS = Prefetch(
    "record__confirmations", Confirmation.objects.defer("text").order_by("-says", "pk"), to_attr="said_of_it"
)
"""What was said of the record of a talk, the paper first; for lists, which leave the words sealed."""


@transaction.atomic
def confirm(*, by, record: Record, right: bool, text: str, today: date) -> Confirmation:
    """The member says that the record of a talk with him is right, or what is not right; once.

    :param by: the member's own account.
    :raises ValidationError: for a second time, for a talk withdrawn meanwhile, or where it is not said what is wrong.
    """
    record = _standing(record)
    if before := record.confirmations.exclude(says=Says.PAPER).first():
        raise ValidationError(f"你在 {before.on} 已经确认过，不用再确认。")
    if not right and not text.strip():
        raise ValidationError({"text": "请写哪里不对，一句话也可以。"})
    return _write(by, record, Says.AGREES if right else Says.DIFFERS, on=today, text="" if right else text.strip())


@transaction.atomic
def note_paper(*, by, record: Record, on: date, today: date) -> Confirmation:
    """Note that the member signed the printed record, and that the paper is kept.

    :param on: the day he signed.
    :raises ValidationError: for a second time, a day before the talk or after today, or a talk withdrawn meanwhile.
    """
    record = _standing(record)
    if before := record.confirmations.filter(says=Says.PAPER).first():
        raise ValidationError(f"{before.on} 的纸质签字已经记过。")
    if not record.on <= on <= today:
        raise ValidationError({"on": f"签字日期请填 {record.on} 到 {today} 之间的日子。"})
    return _write(by, record, Says.PAPER, on=on)


def _standing(record: Record) -> Record:
    record = Record.objects.select_for_update(no_key=True).get(pk=record.pk)
    if record.withdrawn_on:
        raise ValidationError(f"这次谈话已于 {record.withdrawn_on} 撤回，不用确认。")
    return record


def _write(by, record: Record, says: Says, *, on: date, text: str = "") -> Confirmation:
    made = Confirmation.objects.create(record=record, says=says, on=on, text=text, by=by.person)
    audit.write(audit.Act.WRITE, f"confirmation:{made.pk}", record=record.pk, says=says.value)
    return made
