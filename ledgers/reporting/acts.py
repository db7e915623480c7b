"""What is done with a report: sent, received, answered or sent back, completed, taken back; under the report's lock.

What waits is a task (:mod:`duties.tasks`) of whoever has to do something: the organisation above receives, the one
below completes. Where nobody there could have a task (no post, no policy followed) the report goes all the same and
waits in the list alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from base import audit
from base.facts import facts_will_change
from care.reporting import KINDS, above
from duties.deeds import record_deed
from duties.engine.models import Action
from duties.engine.records import withdraw_record
from duties.notices import outcomes
from duties.tasks import assign_task, stand, tasks, withdraw_task
from ledgers.disclosing import private_in
from ledgers.reporting.models import Report, SentBack
from ledgers.supervision.acts import in_charge, whose
from members.enums import Capability
from members.models import Event, Organisation

Kind = Report.Kind
LONGEST = 5_000
"""Characters of a report."""
LONGEST_ANSWER = 1_000
"""Characters of an answer, of a reason."""
SOURCE = "report"
"""What tasks of reports begin their source with."""
WITHIN = timedelta(days=7)
"""Until when a report is to be received; no clause says more than 及时."""

WRITES = "情况报告由本党组织的书记、副书记、组织委员或者组织部写。"
DECIDES = "情况报告由上级党组织签收、答复和退回，写报告的人自己不行。"
READS = "报告的内容只给报送的党组织和上级看。"


class Stage(StrEnum):
    """How a report stands; the value is what a page says."""

    SENT = "已报送"
    WAITING = "待签收"
    RETURNED = "退回补充"
    RECEIVED = "已签收"
    ANSWERED = "已答复"
    WITHDRAWN = "已撤回"


TONES = {Stage.WAITING: "soon", Stage.RETURNED: "late", Stage.ANSWERED: "done", Stage.RECEIVED: "done"}
TAKEN = (Stage.RECEIVED, Stage.ANSWERED)
"""It has arrived."""


def stage(report: Report) -> Stage:
    """Of a report fetched with its names."""
    if report.withdrawn_on:
        return Stage.WITHDRAWN
    if report.superior_id is None:
        return Stage.SENT
    if report.sent_back:
        return Stage.RETURNED
    if report.received_on is None:
        return Stage.WAITING
    return Stage.ANSWERED if report.answered_on else Stage.RECEIVED


@dataclass(frozen=True)
class Said:
    """What a report says. ``year``, ``figures`` and ``figures_on`` of a summary alone; ``outside`` where nobody above
    uses the product.
    """

    kind: str
    title: str
    text: str
    happened_on: date
    paper: str = ""
    outside: str = ""
    year: int | None = None
    figures: dict[str, Any] = field(default_factory=dict)
    figures_on: date | None = None


def writes_for(account) -> list[Organisation]:
    """For which organisations somebody writes: those in which he himself holds such a post, and which report at all."""
    found = {h.organisation.pk: h.organisation for h in account.scope.holdings if h.allows(Capability.RECORD)}
    return sorted((each for each in found.values() if each.kind in KINDS), key=lambda each: each.path)


def may_write(account, organisation: Organisation) -> bool:
    return any(each.pk == organisation.pk for each in writes_for(account))


def may_decide(account, report: Report) -> bool:
    """Who records for the organisation above; nobody receives what he wrote himself."""
    if report.superior is None or (report.sent_by_id is not None and report.sent_by_id == account.person_id):
        return False
    return account.scope.may(Capability.RECORD, report.superior.path)


def may_read(account, report: Report) -> bool:
    """The words of report and answer: who records there, and who takes ledgers of there out of the house."""
    return any(account.scope.may(each, report.path) for each in (Capability.RECORD, Capability.EXPORT))


def check_may_write(account, organisation: Organisation) -> None:
    if not may_write(account, organisation):
        raise PermissionDenied(WRITES)


def check_may_decide(account, report: Report) -> None:
    if not may_decide(account, report):
        raise PermissionDenied(DECIDES)


def check_may_read(account, report: Report) -> None:
    if not may_read(account, report):
        raise PermissionDenied(READS)


@transaction.atomic
def send(*, by, organisation: Organisation, said: Said, today: date, below: Report | None = None) -> Report:
    """Report something to the organisation above; it waits there to be received.

    A report on visits is entered as what it is, a report, and so closes a duty of the organisation to report.

    :param by: the acting account, ``None`` for a command.
    :param below: a report from below that this one hands on.
    :raises ValidationError: keyed by form field; for one of the same title on that day, a second summary of a year.
    """
    facts_will_change()
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    superior = above(organisation)
    if refused := _amiss(said, superior, today):
        raise ValidationError(refused)
    _check_first(organisation, said, today)
    if below and (below.superior_id != organisation.pk or stage(below) not in TAKEN):
        raise ValidationError("转报的是下级报来、已经签收的报告，这一份不是。")
    person = by and by.person
    report = Report.objects.create(
        organisation=organisation, path=organisation.path, superior=superior,
        outside="" if superior else said.outside.strip(), kind=said.kind, title=said.title.strip(),
        text=said.text.strip(), paper=said.paper.strip(), happened_on=said.happened_on, year=said.year,
        figures=said.figures, figures_on=said.figures_on, sent_on=today, sent_by=person, below=below,
    )  # fmt: skip
    if said.kind == Kind.VISITS and person:
        note = f"报送{Kind.VISITS.label} {report.pk} 号：{report.title}"
        report.record = record_deed(
            by=by, action=Action.REPORT, on=today, people=[person], note=note, paper=report.paper, today=today,
            organisation=organisation,
        ).record  # fmt: skip
    if superior:
        what = f"签收{organisation.label}的{report.get_kind_display()} {report.pk} 号"
        report.event = _asked(report, superior, what, "receive", today + WITHIN, by=by, today=today)
    report.save(update_fields=["event", "record"])
    _audit(audit.Act.WRITE, report, kind=report.kind)
    return report


def _amiss(said: Said, superior: Organisation | None, today: date) -> dict[str, list[str]]:
    """What is wrong with a report by itself, by form field."""
    refused = _wordless((("title", said.title, "标题", 60), ("text", said.text, "内容", LONGEST)))
    if found := private_in(said.title):
        refused["title"] = [f"“…{found[-4:]}”像身份证号、手机号或账号，标题里不能有。请删去再报。"]
    if said.kind not in Kind.values:
        refused["kind"] = ["请从列表里选报告的种类。"]
    if said.happened_on > today:
        refused["happened_on"] = [f"{said.happened_on} 还没到，请填今天或以前的日子。"]
    if superior is None and not said.outside.strip():
        refused["outside"] = ["上级不在本系统里，请写报送给哪个单位。"]
    return refused


def _wordless(texts: Iterable[tuple[str, str, str, int]]) -> dict[str, list[str]]:
    """Texts (field, words, label, most characters) that are empty or too long."""
    refused = {}
    for name, words, label, most in texts:
        if not words.strip():
            refused[name] = [f"请写{label}，一句话也可以。"]
        elif len(words) > most:
            refused[name] = [f"写了 {len(words)} 个字，最多 {most} 个，请写短一些。"]
    return refused


def _check_first(organisation: Organisation, said: Said, today: date) -> None:
    standing = Report.objects.standing().filter(organisation=organisation)
    if said.kind == Kind.SUMMARY and (before := standing.filter(kind=Kind.SUMMARY, year=said.year).first()):
        raise ValidationError(f"{said.year} 年的年度总结 {before.sent_on} 已经报过，要改请先撤回，或者请上级退回补充。")
    if standing.filter(kind=said.kind, title=said.title.strip(), sent_on=today).exists():
        raise ValidationError({"title": ["今天已经报过同一标题的一份，没有再报。是另一件事的请换个标题。"]})


@transaction.atomic
def receive(*, by, report: Report, today: date) -> None:
    """签收: the report has arrived; the task of the organisation above is done.

    :raises ValidationError: if it was received, sent back or taken back meanwhile.
    """
    facts_will_change()
    report = _locked(report)
    _check_stage(report, Stage.WAITING)
    _received(report, by=by, today=today)
    _tell(report, "received", by=by, today=today)
    _audit(audit.Act.EDIT, report, step="receive")


@transaction.atomic
def answer(*, by, report: Report, text: str, today: date) -> None:
    """Answer a report; one that waits is received with that.

    :raises ValidationError: without words, or if it was answered, sent back or taken back meanwhile.
    """
    facts_will_change()
    report = _locked(report)
    if refused := _wordless((("text", text, "答复", LONGEST_ANSWER),)):
        raise ValidationError(refused)
    _check_stage(report, Stage.WAITING, Stage.RECEIVED)
    if report.received_on is None:
        _received(report, by=by, today=today)
    report.answer, report.answered_on = text.strip(), today
    report.save(update_fields=["answer", "answered_on"])
    _tell(report, "answered", by=by, today=today)
    _audit(audit.Act.EDIT, report, step="answer")


@transaction.atomic
def send_back(*, by, report: Report, reason: str, due_on: date, today: date) -> None:
    """退回补充: whoever wrote it completes it by a day; what it said stays to be read.

    :raises ValidationError: without a reason, for a day past, or if it was answered or ended meanwhile.
    """
    facts_will_change()
    report = _locked(report)
    refused = _wordless((("reason", reason, "要补充什么", LONGEST_ANSWER),))
    if due_on < today:
        refused["due_on"] = [f"期限 {due_on} 已经过去，请填今天或以后的日子。"]
    if refused:
        raise ValidationError(refused)
    _check_stage(report, Stage.WAITING, Stage.RECEIVED)
    if report.received_on is None:
        _handled(report, "退回补充", by=by, today=today)
    SentBack.objects.create(
        report=report, text=report.text, reason=reason.strip(), returned_on=today, returned_by=by and by.person,
        due_on=due_on,
    )  # fmt: skip
    report.received_on = report.received_by = None
    what = f"补充报给{report.superior.label}的{report.get_kind_display()} {report.pk} 号{_time(report)}"
    report.event = _asked(report, report.organisation, what, "complete", due_on, by=by, today=today)
    report.save(update_fields=["received_on", "received_by", "event"])
    _tell(report, "returned", by=by, today=today)
    _audit(audit.Act.EDIT, report, step="send back")


@transaction.atomic
def complete(*, by, report: Report, text: str, today: date, figures: dict | None = None) -> None:
    """Report once more what was sent back; it waits again to be received.

    :param figures: those of a summary as they stand now.
    :raises ValidationError: without words, or if it was taken back or sent again meanwhile.
    """
    facts_will_change()
    report = _locked(report)
    if refused := _wordless((("text", text, "内容", LONGEST),)):
        raise ValidationError(refused)
    _check_stage(report, Stage.RETURNED)
    _handled(report, "已补充", by=by, today=today)
    time = _time(report)
    SentBack.objects.filter(report=report, resent_on=None).update(resent_on=today)
    report.text = text.strip()
    if figures is not None:
        report.figures, report.figures_on = figures, today
    what = f"签收{report.organisation.label}的{report.get_kind_display()} {report.pk} 号（补充{time}）"
    report.event = _asked(report, report.superior, what, "receive", today + WITHIN, by=by, today=today)
    report.save(update_fields=["text", "figures", "figures_on", "event"])
    _audit(audit.Act.EDIT, report, step="complete")


@transaction.atomic
def take_back(*, by, report: Report, reason: str, today: date) -> None:
    """Take back a report that nobody has received; what waits for it goes, and so does its record.

    :raises ValidationError: without a reason, or once it was received.
    """
    facts_will_change()
    report = _locked(report)
    if refused := _wordless((("reason", reason, "为什么撤回", 200),)):
        raise ValidationError(refused)
    _check_stage(report, Stage.WAITING, Stage.RETURNED, Stage.SENT)
    if report.event and any(task.running for task in stand(tasks().filter(pk=report.event_id), today)):
        withdraw_task(by=by, event=report.event, reason=reason, today=today)
    if report.record and not report.record.withdrawn_on:
        withdraw_record(by=by, record=report.record, reason=reason.strip(), today=today)
    report.withdrawn_on = today
    report.save(update_fields=["withdrawn_on"])
    _audit(audit.Act.EDIT, report, step="take back", reason=reason)


def _asked(report: Report, place: Organisation, what: str, word: str, due_on: date, *, by, today: date) -> Event | None:
    """The task of an organisation about a report; ``None`` where it can have none: nobody holds a post there, or no
    policy that would make it a duty is followed.
    """
    anybody, named = whose(place, today, but=by and by.person_id)
    if not anybody:
        return None
    try:
        with transaction.atomic():
            return assign_task(
                by=by, what=what, to=named, due_on=due_on, today=today, organisation=place,
                source=f"{SOURCE}:{report.pk}:{word}",
            )  # fmt: skip
    except ValidationError as no:
        if hasattr(no, "error_dict"):
            raise
        return None


def _received(report: Report, *, by, today: date) -> None:
    _handled(report, "已签收", by=by, today=today)
    report.received_on, report.received_by = today, by and by.person
    report.save(update_fields=["received_on", "received_by"])


def _handled(report: Report, what: str, *, by, today: date) -> None:
    """The record that closes the task which waits."""
    if report.event is None or report.event.withdrawn_on:
        return
    people = [by.person] if by else in_charge(report.event.organisation, today)[:1]
    record_deed(
        by=by, action=Action.HANDLING, on=today, people=people, today=today, event=report.event,
        organisation=report.event.organisation, note=f"{what}：情况报告 {report.pk} 号{_time(report)}",
    )  # fmt: skip


def _tell(report: Report, step: str, *, by, today: date) -> None:
    """Have who sent it told what became of it (:mod:`ledgers.reporting.telling`)."""
    about = f"{SOURCE}:{report.pk}:{step}:{_times(report)}"
    outcomes.tell(by=by, person=report.sent_by, about=about, today=today)


def _times(report: Report) -> int:
    """How often it was sent back."""
    return SentBack.objects.filter(report=report).count()


def _time(report: Report) -> str:
    """Which return it is, in words: tasks and records of one day tell themselves apart."""
    return f"，第 {times} 次" if (times := _times(report)) else ""


def _check_stage(report: Report, *allowed: Stage) -> None:
    if (now := stage(report)) not in allowed:
        raise ValidationError(f"这份报告{now}，没有再改。")


def _locked(report: Report) -> Report:
    """The report under its lock, after the engine's, with all that tells its stage."""
    Report.objects.select_for_update(no_key=True).get(pk=report.pk)
    return Report.objects.with_names().select_related("record").defer(None).get(pk=report.pk)


def _audit(act, report: Report, **more: Any) -> None:
    audit.write(act, f"report:{report.pk}", organisation=report.organisation_id, **more)
