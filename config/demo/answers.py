"""What the demo's people answered for otherwise than by doing it: one duty waived, one arranged, one handed on; and the
tasks they gave each other: one late, one soon, one done.
"""

from datetime import date, timedelta

from duties.deeds import record_deed
from duties.engine.answering import arrange, hand_on, waive
from duties.engine.models import Duty
from duties.tasks import assign_task, move_task
from members.models import Account, Person

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


TASKS = (
    ("李建国", "联系社区，把他接入老党员志愿服务队", COMMISSIONER, 12, -2),
    ("赵秀兰", "陪同办理慢性病门诊手续", SECRETARY, 5, 4),
    ("郭凤英", "把电视机顶盒的操作步骤写成大字贴在墙上", COMMISSIONER, 9, 14),
    ("马玉珍", "帮她把党费转账改成支部上门代收", COMMISSIONER, 20, -6),
)
"""For whom, what, who does it, given how many days ago, due in how many; the last one is done."""


def enter_tasks(*, today: date) -> None:
    """Enter the tasks by the secretary's account; one was given more time, the last one was handled in time."""
    by = Account.objects.select_related("person").get(person__name=SECRETARY)
    made = []
    for name, what, to, ago, due in TASKS:
        about, helper = (Person.objects.filter(name=each).order_by("pk").first() for each in (name, to))
        days = {"due_on": today + timedelta(days=due), "today": today - timedelta(days=ago)}
        made.append(assign_task(by=by, member=about, what=what, to=helper, **days))
    later = made[2].due_on + timedelta(days=7)
    move_task(by=by, event=made[2], due_on=later, reason="等她女儿回来一起教", today=today)
    handled = today - timedelta(days=8)
    record_deed(
        by=by, action="handling", on=handled, people=[made[3].addressee], today=handled,
        note="支部每月上门代收，已和她说好。", member=made[3].person, event=made[3],
    )  # fmt: skip


def _open(name: str, action: str) -> list[Duty]:
    found = Duty.objects.open().filter(member__name=name, rule__action=action, actor=None)
    return list(found.with_sources().order_by("due_on", "pk")[:1])
