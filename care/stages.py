"""How far an entry has come, from entering to the end, as the line over its page shows it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from care.models import Change, Entry
from care.register import Register

PAST, NOW = "past", "now"


@dataclass(frozen=True)
class Stage:
    """One stretch of the line; ``state``: past, now, or to come (empty)."""

    title: str
    words: str
    state: str = ""


def stages_of(register: Register, entry: Entry, changes: Sequence[Change], times: int, day: date) -> list[Stage]:
    """The stages of an entry on a day; none in a register that asks for no recognition, or if it was taken back.

    :param changes: what was done to it, the latest first, with who did it.
    :param times: how often something was done for the member since.
    """
    if not register.recognised or entry.withdrawn_on:
        return []
    opened = next((each for each in changes if each.what == Change.What.OPENED), None)
    reviewed = next((each for each in changes if each.what == Change.What.REVIEWED), None)
    writer = opened.by.name if opened and opened.by else ""
    ended, counts = entry.until <= day, bool(entry.recognised_on)
    late = bool(counts and entry.review_on and entry.review_on < day)
    review = f"{reviewed.on} 复核过" if reviewed else f"每 {register.review_days} 天"
    if entry.review_on and not ended:
        review = f"{review}，{entry.review_on} {'已过期' if late else '到期'}"
    asked = f"{entry.recognised_on} {entry.recognised_by}" if counts else "没有认定" if ended else "等上级认定"
    helped = f"帮扶 {times} 次" if times else "还没有记录"
    return [
        Stage("支部登记", f"{entry.since} {writer}".strip(), PAST),
        Stage("组织认定", asked, PAST if counts else "" if ended else NOW),
        Stage("帮扶中", helped if counts else "认定以后", PAST if ended and counts else NOW if counts else ""),
        Stage("复核", review if counts else "认定以后", (PAST if reviewed else "") if ended or not late else NOW),
        Stage("脱困", f"{entry.last} {entry.closed_as}".strip() if ended else "写明日期与原因", PAST if ended else ""),
    ]
