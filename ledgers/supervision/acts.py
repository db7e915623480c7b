"""What is done with a notice: sent, answered, accepted or sent back, taken back. Each act under the notice's lock.

A notice is a task of the organisation (:mod:`duties.tasks`), so it reminds, is overdue and is handed on like any other
duty; the answer is the record that closes it, and sending back withdraws that record.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from base import audit
from base.facts import facts_will_change
from duties.deeds import record_deed
from duties.engine.models import Action, Duty, Record, State
from duties.engine.records import withdraw_record
from duties.tasks import assign_task, move_task, withdraw_task
from ledgers.supervision.models import Answer, NamedDuty, Supervision
from members.enums import Capability, OrganisationKind, Role
from members.models import Organisation, Person, Post

LONGEST = 1_000
"""Characters of a notice, of an answer, of a reason."""

SOURCE = "supervision"
"""What tasks of notices begin their source with."""

WHOSE = (
    Role.SECRETARY, Role.DEPUTY_SECRETARY, Role.ORGANISATION_COMMISSIONER, Role.DEPARTMENT_HEAD, Role.DEPARTMENT_CLERK,
)  # fmt: skip
"""Who leads an organisation, the first who is there; as the rule ``organisation-task`` of ``working-rules`` has it."""

SAME = "今天已经发过一件同样事项、同一期限的督办。要说的是另一件事，请把督办事项写得不一样；是同一件，请看已发的那件。"
ANSWERS = "督办由被督办的党组织答复：书记、副书记、组织委员或者组织部。"
DECIDES = "督办由发出的党组织认可、退回和撤回。"


class Stage(StrEnum):
    """How a notice stands on a day; the value is what a page says."""

    OPEN = "待答复"
    LATE = "逾期未答复"
    ANSWERED = "已答复，待认可"
    SETTLED = "已认可"
    WAIVED = "已免办"
    WITHDRAWN = "已撤回"


TONES = {Stage.LATE: "late", Stage.SETTLED: "done", Stage.ANSWERED: "soon"}


def stage(notice: Supervision, day: date) -> Stage:
    """Of a notice fetched with its names."""
    if notice.event.withdrawn_on:
        return Stage.WITHDRAWN
    if notice.settled_on:
        return Stage.SETTLED
    if notice.standing:
        return Stage.ANSWERED
    if any(duty.state == State.WAIVED for duty in notice.event.duties.all()):
        return Stage.WAIVED
    return Stage.LATE if notice.event.due_on < day else Stage.OPEN


@dataclass(frozen=True)
class Wanted:
    """What a notice says; ``kind``, ``year``, ``figures`` name a figure of the indicators, ``named`` single duties."""

    subject: str
    text: str
    due_on: date
    kind: str = ""
    year: int | None = None
    figures: dict[str, int] | None = None
    named: Collection[Duty] = ()


def sender_of(account, organisation: Organisation) -> Organisation | None:
    """The organisation for which the account may supervise another: its own nearest one above where it may record.
    Nobody for a party group: it is part of its branch, and has no post that could answer.
    """
    if organisation.kind == OrganisationKind.GROUP:
        return None
    above = [
        h.organisation for h in account.scope.holdings
        if h.allows(Capability.RECORD) and organisation.path.startswith(h.organisation.path)
        and h.organisation.pk != organisation.pk
    ]  # fmt: skip
    return max(above, key=lambda each: len(each.path), default=None)


def may_answer(account, notice: Supervision) -> bool:
    """Who records there by a post below the sender: nobody answers his own notice."""
    return any(
        notice.path.startswith(h.organisation.path)
        and len(h.organisation.path) > len(notice.sender.path)
        and h.allows(Capability.RECORD)
        for h in account.scope.holdings
    )


def may_decide(account, notice: Supervision) -> bool:
    return account.scope.may(Capability.RECORD, notice.sender.path)


def may_read(account, notice: Supervision) -> bool:
    """The words of notice and answers: who records there, and who takes ledgers of there out of the house."""
    return any(account.scope.may(each, notice.path) for each in (Capability.RECORD, Capability.EXPORT))


@transaction.atomic
def send(*, by, organisation: Organisation, sender: Organisation, wanted: Wanted, today: date) -> Supervision:
    """Send a notice; it is a duty of the organisation from now on: of whoever leads it on the day, of the next by name
    where who sends it leads both.

    :param sender: stands above it; :func:`sender_of` says for whom the account may.
    :raises ValidationError: keyed by form field; where nobody of the organisation could answer.
    """
    facts_will_change()
    if organisation.pk == sender.pk or not organisation.path.startswith(sender.path):
        raise ValidationError("督办只能发给下级党组织。")
    refused = {}
    for name, text, label in (("subject", wanted.subject, "督办事项"), ("text", wanted.text, "督办内容")):
        most = 60 if name == "subject" else LONGEST
        if not text.strip():
            refused[name] = [f"请写{label}，一句话也可以。"]
        elif len(text) > most:
            refused[name] = [f"写了 {len(text)} 个字，最多 {most} 个，请写短一些。"]
    if refused:
        raise ValidationError(refused)
    anybody, named = whose(organisation, today, but=by and by.person_id)
    if not anybody:
        raise ValidationError(f"{organisation.label}没有登记书记或别的班子成员，没有人能答复。请先登记任职。")
    notice = Supervision.objects.create(
        organisation=organisation, path=organisation.path, sender=sender, subject=wanted.subject.strip(),
        text=wanted.text.strip(), kind=wanted.kind, year=wanted.year, figures=wanted.figures or {}, issued_on=today,
        issued_by=by and by.person,
    )  # fmt: skip
    NamedDuty.objects.bulk_create(
        NamedDuty(supervision=notice, rule_id=rule, key=key)
        for rule, key in dict.fromkeys((each.rule_id, each.key) for each in wanted.named)
    )
    try:
        notice.event = assign_task(
            by=by, what=notice.subject, to=named, due_on=wanted.due_on, today=today, organisation=organisation,
            source=f"{SOURCE}:{notice.pk}:answer",
        )  # fmt: skip
    except ValidationError as no:
        said = getattr(no, "message_dict", {"__all__": no.messages})
        fields = {"due_on": ("due_on", said.get("due_on")), "what": ("subject", [SAME])}
        told = (fields.get(name, ("__all__", texts)) for name, texts in said.items())
        raise ValidationError(dict(told)) from no
    notice.save(update_fields=["event"])
    _audit(audit.Act.WRITE, notice)
    return notice


def in_charge(organisation: Organisation, today: date) -> list[Person]:
    """Who leads an organisation, in the order of :data:`WHOSE`."""
    posts = Post.objects.on(today).filter(organisation=organisation, role__in=WHOSE).select_related("person")
    found = sorted(posts, key=lambda post: (WHOSE.index(Role(post.role)), post.since, post.pk))
    return [post.person for post in found]


def whose(organisation: Organisation, today: date, *, but: int | None) -> tuple[bool, Person | None]:
    """Whether anybody leads there who could do what is asked by ``but``; and whom to name for it: nobody, since it is
    owed by whoever leads on the day, except where ``but`` leads there himself.
    """
    found = in_charge(organisation, today)
    other = next((person for person in found if person.pk != but), None)
    return other is not None, None if other is None or other == found[0] else other


@transaction.atomic
def answer(*, by, person: Person, notice: Supervision, text: str, today: date) -> Answer:
    """Answer a notice: the record closes the duty, late or not.

    :param person: who answers for the organisation.
    :raises ValidationError: without words, or if it was answered, settled or taken back meanwhile.
    """
    facts_will_change()
    notice = _locked(notice)
    if not text.strip():
        raise ValidationError({"text": ["请写答复，一句话也可以。"]})
    if len(text) > LONGEST:
        raise ValidationError({"text": [f"写了 {len(text)} 个字，最多 {LONGEST} 个，请写短一些。"]})
    now = stage(notice, today)
    if now not in (Stage.OPEN, Stage.LATE):
        raise ValidationError(f"这件督办{now}，没有再记。")
    deed = record_deed(
        by=by, action=Action.HANDLING, on=today, people=[person], today=today, event=notice.event,
        organisation=notice.organisation, note=f"答复督办 {notice.pk} 号：{notice.subject}",
    )  # fmt: skip
    made = Answer.objects.create(
        supervision=notice, text=text.strip(), on=today, by=person, due_on=notice.event.due_on, record=deed.record
    )
    _audit(audit.Act.EDIT, notice, step="answer")
    return made


@transaction.atomic
def withdraw_answer(*, made: Answer, today: date) -> None:
    """Have a notice wait for its answer again whose own side has just withdrawn the record.

    :raises ValidationError: if the answer was accepted or sent back meanwhile.
    """
    notice = _locked(made.supervision)
    if _standing(notice, today).pk != made.pk:
        raise ValidationError("这份答复已经不是最新的，没有再改。")
    Answer.objects.filter(pk=made.pk).update(withdrawn_on=today)
    _audit(audit.Act.EDIT, notice, step="withdraw answer")


@transaction.atomic
def settle(*, by, notice: Supervision, today: date) -> None:
    """Accept the answer.

    :raises ValidationError: if none stands any more.
    """
    notice = _locked(notice)
    _standing(notice, today)
    notice.settled_on, notice.settled_by = today, by and by.person
    notice.save(update_fields=["settled_on", "settled_by"])
    _audit(audit.Act.EDIT, notice, step="settle")


@transaction.atomic
def send_back(*, by, notice: Supervision, reason: str, due_on: date, today: date) -> None:
    """Send the answer back with a reason and a day: the duty runs again, the answer stays to be read.

    :raises ValidationError: without a reason, for a day past, or if none stands any more.
    """
    facts_will_change()
    notice = _locked(notice)
    refused = {}
    if not reason.strip():
        refused["reason"] = ["请写为什么退回，一句话也可以。"]
    elif len(reason) > LONGEST:
        refused["reason"] = [f"写了 {len(reason)} 个字，最多 {LONGEST} 个，请写短一些。"]
    if due_on < today:
        refused["due_on"] = [f"期限 {due_on} 已经过去，请填今天或以后的日子。"]
    if refused:
        raise ValidationError(refused)
    back = _standing(notice, today)
    withdraw_record(by=by, record=Record.objects.get(pk=back.record_id), reason="督办答复退回", today=today)
    Answer.objects.filter(pk=back.pk).update(returned_on=today, returned_by=by and by.person)
    back.refresh_from_db()
    back.reason = reason.strip()
    back.save(update_fields=["reason"])
    if due_on != notice.event.due_on:
        move_task(by=by, event=notice.event, due_on=due_on, reason="督办答复退回", today=today)
    _audit(audit.Act.EDIT, notice, step="send back")


@transaction.atomic
def take_back(*, by, notice: Supervision, reason: str, today: date) -> None:
    """Take a notice back that waits for its answer; the duty goes.

    :raises ValidationError: without a reason, or if it was answered or ended meanwhile.
    """
    facts_will_change()
    notice = _locked(notice)
    now = stage(notice, today)
    if now not in (Stage.OPEN, Stage.LATE):
        raise ValidationError(f"这件督办{now}，没有再撤回。")
    withdraw_task(by=by, event=notice.event, reason=reason, today=today)
    _audit(audit.Act.EDIT, notice, step="take back", reason=reason)


def _locked(notice: Supervision) -> Supervision:
    """The notice under its lock, after the engine's, with all that tells its stage."""
    Supervision.objects.select_for_update(no_key=True).get(pk=notice.pk)
    return Supervision.objects.with_names().get(pk=notice.pk)


def _standing(notice: Supervision, today: date) -> Answer:
    now = stage(notice, today)
    if now != Stage.ANSWERED:
        raise ValidationError(f"这件督办{now}，没有再改。")
    return notice.standing


def _audit(act, notice: Supervision, **more: Any) -> None:
    audit.write(act, f"supervision:{notice.pk}", organisation=notice.organisation_id, **more)


def check_may_answer(account, notice: Supervision) -> None:
    if not may_answer(account, notice):
        raise PermissionDenied(ANSWERS)


def check_may_decide(account, notice: Supervision) -> None:
    if not may_decide(account, notice):
        raise PermissionDenied(DECIDES)
