"""How a member is reached: the three sealed fields, checked as somebody types them, written through one door.

A member asks for a change (:class:`members.models.Correction`); the branch decides. A later roster is told of it.
"""

from collections.abc import Collection
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from base import audit
from base.cells import LANDLINE, MOBILE, plain, squeezed, telephone_of
from base.sealed import mask_address, mask_phone
from members.models import Correction, Person

FIELDS = {"phone": "联系电话", "landline": "固定电话", "address": "家庭住址"}
MASKS = {"phone": mask_phone, "landline": mask_phone, "address": mask_address}
LONGEST = {"phone": 40, "landline": 40, "address": 200}


def given_fields(row: Correction) -> dict[str, str]:
    """What a correction asks for, field by field."""
    return {name: getattr(row, name) for name in FIELDS if getattr(row, name)}


def checked(person: Person, typed: dict[str, str]) -> dict[str, str]:
    """The new values as they are kept; an empty one asks for nothing.

    :raises ValidationError: keyed by field, for what is no number, what stands there already, or nothing at all.
    """
    given = {name: _clean(name, typed.get(name, "")) for name in FIELDS}
    given = {name: value for name, value in given.items() if value}
    refused = {name: words for name, value in given.items() if (words := _amiss(person, name, value))}
    if refused:
        raise ValidationError(refused)
    if not given:
        raise ValidationError("请至少填一项新的：电话、固定电话或住址。")
    return given


def _clean(name: str, typed: str) -> str:
    return " ".join(plain(typed).split()) if name == "address" else telephone_of(typed)[0]


def _amiss(person: Person, name: str, value: str) -> str:
    if len(value) > LONGEST[name]:
        return f"{FIELDS[name]}写了 {len(value)} 个字，最多 {LONGEST[name]} 个，请写短一些。"
    if name == "phone" and not (MOBILE.fullmatch(value) or LANDLINE.fullmatch(value)):
        return "电话写得不对：手机是 11 位数字，座机要带区号，例如 0371-60001122。"
    if name == "landline" and not LANDLINE.fullmatch(value):
        return "固定电话要带区号，例如 0371-60001122。"
    if squeezed(value) == squeezed(getattr(person, name)):
        return f"这和现在登记的{FIELDS[name]}一样，不用改。"
    return ""


@transaction.atomic
def write_contact(*, by, person: Person, values: dict[str, str]) -> None:
    """Write fields of contact that somebody verified. The audit row names the fields, never what is in them."""
    for name, value in values.items():
        if name not in FIELDS:
            raise ValueError(f"{name} is no field of contact")
        setattr(person, name, value)
    person.save(update_fields=list(values))
    audit.write(audit.Act.EDIT, f"person:{person.pk}", what="联系方式", fields=sorted(values))


def verified(people: Collection[int]) -> dict[tuple[int, str], tuple[str, date]]:
    """What the branch confirmed last of each field, and on which day, by person and field; one query."""
    rows = Correction.objects.filter(event__person__in=people, confirmed=True).order_by("decided_on", "pk")
    return {
        (row.event.person_id, name): (value, row.decided_on)
        for row in rows.select_related("event").defer("event__note", "reason")
        for name, value in given_fields(row).items()
    }
