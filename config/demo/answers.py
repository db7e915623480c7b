"""What the demo's people answered for otherwise than by doing it: one duty waived, one arranged, one handed on."""

from datetime import date, timedelta

from duties.engine.answering import arrange, hand_on, waive
from duties.engine.models import Duty
from members.models import Account

SECRETARY, COMMISSIONER = "王海燕", "张伟"
WAIVED, ARRANGED, HANDED = ("马玉珍", "study"), ("赵秀兰", "visit"), ("郭凤英", "talk")
"""Whose duty, and of which action: in the home branch, after the sweep of the day."""


def enter_answers(*, today: date) -> None:
    """Enter them by the secretary's account, where the duties are there; who is not owed anything is left out."""
    by = Account.objects.select_related("person").get(person__name=SECRETARY)
    commissioner = Account.objects.select_related("person").get(person__name=COMMISSIONER).person
    if found := _open(*WAIVED):
        waive(by=by, duties=found, reason="年事已高，支部同意不作学时要求", today=today)
    if found := _open(*ARRANGED):
        arrange(by=by, duties=found, on=today + timedelta(days=2), person=commissioner, today=today)
    if found := _open(*HANDED):
        hand_on(by=by, duties=found, to=commissioner, reason="张伟与她同一党小组，谈起来方便", today=today)


def _open(name: str, action: str) -> list[Duty]:
    found = Duty.objects.open().filter(member__name=name, rule__action=action, actor=None)
    return list(found.with_sources().order_by("due_on", "pk")[:1])
