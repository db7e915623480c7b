"""公示: shown to the members for some working days; what is said against a nominee, and what was answered."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from awards.models import Nominee, Selection, SelectionNotice, SelectionObjection
from awards.models.nominees import LEAST_DAYS
from awards.selecting.locking import NO_REASON, Stage, at_stage, fresh
from base import audit
from base.arranging import arrangements
from base.calendar import YearUnknown
from base.workdays import working_days_later

State = Nominee.State
MOST_DAYS = 30
LONGEST = 1_000


@transaction.atomic
def post_notice(
    *, by, selection: Selection, from_on: date, days: int, place: str, contact: str, today: date, sure: bool = False
) -> SelectionNotice:  # fmt: skip
    """Post whom the meeting chose and no notice has shown yet.

    :param days: working days, counted from the day after.
    :param sure: that one which is over already did hang for too few days; it is kept and told so.
    :raises ValidationError: keyed by form field: for a day to come or before the meeting, too few or too many days, an
        unknown year's working days; where to say something, and to whom, is missing.
    """
    selection = at_stage(selection, Stage.DECIDED)
    rows = Nominee.objects.filter(title__selection=selection, state=State.CHOSEN, notice__isnull=True)
    met = max(rows.order_by("pk").values_list("meeting__on", flat=True), default=None)
    refused: dict[str, str] = {}
    if met is None:
        raise ValidationError("没有要公示的人选：拟表彰的都公示过，或者都取消了。请先集体研究，或撤回这一步。")
    if from_on > today:
        refused["from_on"] = f"公示起始 {from_on} 晚于今天，张贴了再登记。"
    elif from_on < met:
        refused["from_on"] = f"会议 {met} 才定，公示不会早于那天，请核对。"
    if not 1 <= days <= MOST_DAYS:
        refused["days"] = f"公示至少 {LEAST_DAYS} 个工作日，最多 {MOST_DAYS} 个，请改。"
    for name, said in (("place", "请写张贴在哪里。"), ("contact", "请写向谁反映、电话多少。")):
        if not {"place": place, "contact": contact}[name].strip():
            refused[name] = said
    if refused:
        raise ValidationError(refused)
    try:
        until_on = working_days_later(from_on, days, arrangements())
    except YearUnknown as unknown:
        raise ValidationError({"days": f"还算不出公示哪天期满：{unknown}"}) from unknown
    if days < LEAST_DAYS:
        _check_short(days, until_on, sure=sure, today=today)
    notice = SelectionNotice.objects.create(
        selection=selection, from_on=from_on, until_on=until_on, days=days, place=place.strip(),
        contact=contact.strip(), entered_on=today, entered_by=by and by.person,
    )  # fmt: skip
    shown = rows.update(notice=notice)
    selection.stage = Stage.NOTICE
    selection.save(update_fields=["stage"])
    audit.write(
        audit.Act.WRITE, f"selection_notice:{notice.pk}", selection=selection.pk, rows=shown, ends=str(until_on)
    )
    return notice


def _check_short(days: int, until_on: date, *, sure: bool, today: date) -> None:
    """Refuse too few days of a notice that can still hang; of one that is over they are what happened, once confirmed.

    :raises ValidationError: keyed ``days`` or ``sure``.
    """
    if until_on >= today:
        said = f"公示至少 {LEAST_DAYS} 个工作日，最多 {MOST_DAYS} 个；这份 {until_on} 才期满，还可以贴够，请改。"
        raise ValidationError({"days": said})
    if not sure:
        said = f"公示到 {until_on} 已经结束，只有 {days} 个工作日，不足 {LEAST_DAYS} 个。填错了请改；"
        raise ValidationError({"sure": f"{said}确实如此，勾选这一项再登记，页面和台账照实标明。"})


@transaction.atomic
def object_to(
    *, by, nominee: Nominee, received_on: date, said_by: str, words: str, today: date
) -> SelectionObjection:  # fmt: skip
    """Enter what somebody said against a nominee under notice.

    :raises ValidationError: keyed by form field; for a nominee who is not under notice any more.
    """
    at_stage(nominee.title.selection, Stage.NOTICE, Stage.DECIDED)
    nominee = fresh(nominee)
    if nominee.state != State.CHOSEN or nominee.notice is None:
        raise ValidationError(f"{nominee.whom}现在是“{nominee.said}”，不在公示。")
    refused = {}
    if not nominee.notice.from_on <= received_on <= today:
        refused["received_on"] = f"收到日期请填 {nominee.notice.from_on}（公示起）到今天之间的日子。"
    if not said_by.strip():
        refused["said_by"] = "请写谁反映的，不愿留名的写“匿名”。"
    if not words.strip():
        refused["words"] = "请写反映了什么。"
    if refused:
        raise ValidationError(refused)
    made = SelectionObjection.objects.create(
        nominee=nominee, received_on=received_on, said_by=said_by.strip(), words=words.strip(),
        entered_by=by and by.person,
    )  # fmt: skip
    audit.write(audit.Act.WRITE, f"selection_objection:{made.pk}", nominee=nominee.pk)
    return made


@transaction.atomic
def answer(*, by, objection: SelectionObjection, upheld: bool, words: str, today: date) -> SelectionObjection:
    """Enter what the check found. Upheld, the nominee is removed, and a further meeting may fill the place.

    :raises ValidationError: keyed ``answer`` without words; for one that was answered already.
    """
    at_stage(objection.nominee.title.selection, Stage.NOTICE, Stage.DECIDED)
    objection = SelectionObjection.objects.select_related("nominee__title").get(pk=objection.pk)
    if objection.answered_on:
        raise ValidationError(f"这条异议已于 {objection.answered_on} 答复，没有再办一次。")
    if not words.strip():
        raise ValidationError({"answer": "请写核查结果和答复。"})
    objection.answer, objection.answered_on, objection.upheld = words.strip(), today, upheld
    objection.save(update_fields=["answer", "answered_on", "upheld"])
    nominee = fresh(objection.nominee)
    if upheld and nominee.state == State.CHOSEN:
        _remove(nominee, "公示期间反映的问题属实", today)
    audit.write(audit.Act.EDIT, f"selection_objection:{objection.pk}", upheld=upheld)
    return objection


@transaction.atomic
def remove(*, by, nominee: Nominee, reason: str, today: date) -> Nominee:
    """Take somebody off who was chosen, before the award: he died, declined, or something came up.

    :raises ValidationError: keyed ``reason`` without one; for who is not chosen.
    """
    at_stage(nominee.title.selection, Stage.DECIDED, Stage.NOTICE)
    nominee = fresh(nominee)
    if nominee.state != State.CHOSEN:
        raise ValidationError(f"{nominee.whom}现在是“{nominee.said}”，没有可取消的。")
    if not reason.strip():
        raise ValidationError({"reason": NO_REASON})
    _remove(nominee, reason, today)
    audit.write(audit.Act.EDIT, f"nominee:{nominee.pk}", what="removed")
    return nominee


def _remove(nominee: Nominee, reason: str, today: date) -> None:
    nominee.state, nominee.ended_on, nominee.ended_words = State.REMOVED, today, reason.strip()
    nominee.save(update_fields=["state", "ended_on", "ended_words"])
