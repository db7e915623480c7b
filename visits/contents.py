"""Whether a talk or a visit, and what was added to it, still say what they said when they were written.

A keyed digest over all that was written is kept beside it, and one over each addendum and the digest before it, so that
a changed, exchanged or removed row shows. The key comes from ``SEAL_KEYS``, which the database does not hold: whoever
has only the database can neither make digests nor guess a short text by them.
"""

import hmac
import json
from collections.abc import Sequence
from enum import StrEnum

from base.sealed import sealing_key
from duties.engine.models import Record
from visits.models import Addendum, Talk, Visit

PURPOSE = "visits.content"
NOT_WRITTEN = ("id", "digest")
"""Columns of a talk or a visit that nobody wrote."""


class Holds(StrEnum):
    """What a page says of the digest."""

    SAME = "与登记时一致"
    CHANGED = "与登记时不一致"
    NONE = "登记时没有留校验值"
    NO_KEY = "留校验值的密钥已停用，无法校验"


def sealed(act: Talk | Visit) -> Talk | Visit:
    """The talk or visit with its digest, to be saved next; its record and who acted are saved already."""
    act.digest = _digest(_of_act(act))
    return act


def sealed_after(addendum: Addendum, before: str) -> Addendum:
    """The addendum with its digest, chained to ``before``, the digest of what stands in front of it."""
    addendum.digest = _digest(_of_addendum(addendum, before))
    return addendum


def holds(act: Talk | Visit, addenda: Sequence[Addendum]) -> Holds:
    """Whether the talk or visit, fetched with its record and who acted, and its addenda in order are as written."""
    found, before = [_held(act.digest, _of_act(act))], act.digest
    for each in addenda:
        found.append(_held(each.digest, _of_addendum(each, before)))
        before = each.digest
    return next((worst for worst in (Holds.CHANGED, Holds.NO_KEY, Holds.NONE) if worst in found), Holds.SAME)


def _of_act(act: Talk | Visit) -> dict:
    """All that was written. What is empty is left out, so that a column added later changes no digest."""
    record: Record = act.record
    actors = sorted([actor.person_id, actor.printed_post] for actor in record.actors.all())
    values = {field.attname: getattr(act, field.attname) for field in act._meta.concrete_fields}
    said = {name: str(value) for name, value in values.items() if value and name not in NOT_WRITTEN}
    about = {name: getattr(record, name) for name in ("organisation_id", "member_id", "event_id", "entered_by_id")}
    days = {name: str(getattr(record, name)) for name in ("on", "entered_on")}
    return {**said, **about, **days, "action": str(record.action), "collective": record.collective, "actors": actors}


def _of_addendum(addendum: Addendum, before: str) -> dict:
    said = {"record": addendum.record_id, "by": addendum.by_id, "on": str(addendum.written_on), "text": addendum.text}
    return {**said, "before": before}


def _digest(content: dict, key_name: str | None = None) -> str:
    """The name of the key and the digest; empty if there is no such key any more."""
    key = sealing_key(PURPOSE, key_name)
    if key is None:
        return ""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return f"{key[0]}${hmac.digest(key[1], text.encode(), 'sha256').hex()}"


def _held(digest: str, content: dict) -> Holds:
    if not digest:
        return Holds.NONE
    again = _digest(content, digest.partition("$")[0])
    if not again:
        return Holds.NO_KEY
    return Holds.SAME if hmac.compare_digest(again, digest) else Holds.CHANGED
