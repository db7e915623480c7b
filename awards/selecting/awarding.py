"""表彰: one step makes honours of all who were chosen and closes the organisation's duty of the year; recommending
upward; and taking the last step back.
"""

from collections.abc import Collection
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from awards.honours import Granted, grant_honour, withdraw_honour
from awards.models import Honour, HonourKind, Nominee, Selection
from awards.selecting.locking import NO_REASON, Stage, at_stage, fresh, locked_selection, names
from awards.selecting.nominating import Met, nominate
from awards.selecting.opening import drop_tasks
from base import audit
from base.cells import key_of
from base.dates import FAR
from base.facts import facts_together
from duties.deeds import record_deed
from duties.engine.models import Action
from duties.engine.records import withdraw_record
from members.enums import Standing
from members.models import Membership, Person

State = Nominee.State


def why_not_award(selection: Selection, on: date) -> list[str]:
    """Why nobody can be commended on a day yet, each a sentence; three queries."""
    rows = Nominee.objects.filter(title__selection=selection, state=State.CHOSEN)
    chosen = list(rows.select_related("person", "organisation", "notice").order_by("pk"))
    if not chosen:
        return ["没有拟表彰的人选。"]
    said = []
    if hidden := [row for row in chosen if row.notice is None]:
        said.append(f"{names(hidden)}还没有公示。")
    late = [row for row in chosen if row.notice and on <= row.notice.until_on]
    if late:
        ends = max(row.notice.until_on for row in late)
        said.append(f"公示到 {ends} 才满，表彰日期请填那天以后。")
    open_ = rows.filter(objections__answered_on__isnull=True, objections__isnull=False).distinct()
    if waiting := list(open_.select_related("person", "organisation").order_by("pk")):
        said.append(f"对{names(waiting)}的异议还没有答复。")
    return said


@transaction.atomic
def award(
    *, by, selection: Selection, on: date, document: str, presided: Person, today: date, posthumous: bool = False
) -> Selection:  # fmt: skip
    """Commend all who were chosen: each has an honour from now on, and the duty of the year is done.

    :param presided: who led it, for the organisation; with the account's person they stand in the record.
    :param posthumous: that whoever died before has the honour all the same (追授).
    :raises ValidationError: keyed ``on`` and ``document``; ``posthumous`` where it is not said of the dead; as
        :func:`why_not_award` says; where an honour is refused.
    """
    selection = at_stage(selection, Stage.NOTICE)
    refused = {}
    if on > today:
        refused["on"] = f"表彰日期 {on} 晚于今天，表彰了再登记。"
    if not document.strip():
        refused["document"] = "请写表彰文件的文号。"
    if refused:
        raise ValidationError(refused)
    if said := why_not_award(selection, on):
        raise ValidationError(said)
    rows = Nominee.objects.filter(title__selection=selection, state=State.CHOSEN)
    rows = list(rows.select_related("title", "person", "organisation").order_by("person", "organisation", "pk"))
    dead = {row.pk for row in dead_by(rows, on)}
    if dead and not posthumous:
        raise ValidationError({"posthumous": f"{names([row for row in rows if row.pk in dead])}{DEAD}"})
    with facts_together():
        for row in rows:
            row.honour = _honour(
                by=by, selection=selection, row=row, on=on, document=document, posthumous=row.pk in dead, today=today
            )
            row.state = State.AWARDED
            row.save(update_fields=["honour", "state"])
        did = list(dict.fromkeys([presided, *([by.person] if by and by.person else [])]))
        deed = record_deed(
            by=by, action=Action.SELECTION, organisation=selection.organisation, on=on, people=did, today=today,
            note=f"{selection.title}：表彰 {len(rows)} 个。", paper=document,
        )  # fmt: skip
    selection.stage, selection.awarded_on, selection.document = Stage.AWARDED, on, document.strip()
    selection.record = deed.record
    selection.save(update_fields=["stage", "awarded_on", "document", "record"])
    audit.write(audit.Act.EDIT, f"selection:{selection.pk}", what="awarded", on=str(on), rows=len(rows))
    return selection


DEAD = "已去世。追授的请勾选“追授”；不再表彰的，先在人选的页面取消。"


def dead_by(rows: Collection[Nominee], on: date) -> list[Nominee]:
    """Those of the nominees who had died by a day. One query."""
    people = [row.person_id for row in rows if row.person_id]
    dead = Membership.objects.filter(person__in=people, standing=Standing.DEAD, since__lte=on, until=FAR)
    gone = set(dead.values_list("person", flat=True))
    return [row for row in rows if row.person_id in gone]


def dead_of(selection: Selection, on: date) -> list[Nominee]:
    """Those chosen who had died by a day. Two queries."""
    rows = Nominee.objects.filter(title__selection=selection, state=State.CHOSEN)
    return dead_by(list(rows.select_related("person", "organisation").order_by("pk")), on)


def _honour(
    *, by, selection: Selection, row: Nominee, on: date, document: str, posthumous: bool, today: date
) -> Honour:  # fmt: skip
    """The honour of one nominee; one that was entered by hand already is taken, not made again."""
    whose = {"person": row.person} if row.person else {"person": None, "organisation": row.organisation}
    there = Honour.objects.standing().filter(level=row.title.level, granted_on=on, nominee__isnull=True, **whose)
    for honour in there.order_by("pk"):
        if key_of(honour.title) == key_of(row.title.name):
            return honour
    given = Granted(
        kind=HonourKind.PARTY, title=row.title.name, level=row.title.level, granted_on=on, document=document.strip(),
        granted_by=selection.organisation.name[:60], grantor=selection.organisation, evidence=selection.title,
        is_posthumous=posthumous,
    )  # fmt: skip
    about = {"person": row.person} if row.person else {"organisation": row.organisation}
    try:
        return grant_honour(by=by, given=given, today=today, **about)
    except ValidationError as no:
        raise ValidationError(f"{row.whom}：{' '.join(no.messages)}不再表彰的，请先在这个人选的页面取消。") from no


@transaction.atomic
def recommend_upward(
    *, by, nominee: Nominee, upper: Selection | None, to: str, on: date, title: str, today: date
) -> Nominee:  # fmt: skip
    """Recommend somebody who was chosen to the organisation above: he is a nominee of its selection, within its places,
    or the recommendation is written down for the printed form.

    :param upper: the selection above, if it stands in the product; else ``to`` says whereto.
    :param title: the name of the title there; of a selection above it has to be one of its own.
    :raises ValidationError: keyed ``to``, ``on``; as :func:`awards.selecting.nominating.nominate` says.
    """
    selection = locked_selection(nominee.title.selection)
    nominee = fresh(nominee)
    if nominee.state not in (State.CHOSEN, State.AWARDED):
        raise ValidationError(f"{nominee.whom}现在是“{nominee.said}”，本级确定以后才能向上推荐。")
    if nominee.raised_on:
        raise ValidationError(f"{nominee.whom}已于 {nominee.raised_on} 推荐到{nominee.raised_to}，没有再推荐一次。")
    if not nominee.meeting.on <= on <= today:
        raise ValidationError({"on": f"推荐日期请填 {nominee.meeting.on}（集体研究）到今天之间的日子。"})
    if upper is not None:
        there = upper.titles.filter(name=title, of=nominee.title.of).first()
        if there is None:
            raise ValidationError({"to": f"{upper.title}里没有“{title}”，或者评选的不是同一类。"})
        meeting = nominee.meeting
        met = Met(meeting.on, meeting.expected, meeting.present, nominee.chosen_by, meeting.minutes)
        try:
            nominate(
                by=by, title=there, nominator=selection.organisation, deeds=nominee.deeds, met=met, today=today,
                subject=nominee.person or nominee.organisation, came_from=nominee,
            )  # fmt: skip
        except ValidationError as no:
            raise ValidationError({"to": no.messages}) from no
        to = upper.organisation.label
    if not to.strip():
        raise ValidationError({"to": "请写推荐到哪个党组织。"})
    nominee.raised_to, nominee.raised_on = to.strip(), on
    nominee.save(update_fields=["raised_to", "raised_on"])
    audit.write(audit.Act.EDIT, f"nominee:{nominee.pk}", what="upward")
    return nominee


# Back


def why_not_back(selection: Selection) -> str:
    """Why the last step cannot be taken back; empty where it can. At most two queries."""
    if selection.stage == Stage.CALLED_OFF:
        return f"{selection.title}已经撤销，没有可撤回的。"
    rows = Nominee.objects.filter(title__selection=selection).select_related("person", "organisation").order_by("pk")
    if selection.stage == Stage.AWARDED:
        gone = rows.filter(honour__until__lt=FAR, state=State.AWARDED)
        return f"{names(gone)}的荣誉后来撤销了，表彰不能再撤回。" if gone.exists() else ""
    if selection.stage in (Stage.DECIDED, Stage.NOTICE) and (up := rows.filter(raised_on__isnull=False)).exists():
        return f"{names(up)}已经向上推荐，研究和公示不能再撤回。"
    if selection.stage == Stage.NOTICE:
        notice = selection.notices.order_by("-pk").first()
        said = rows.filter(notice=notice, objections__isnull=False).distinct()
        if said.exists():
            return f"公示期间已收到对{names(said)}的异议，公示不能撤回。"
    return ""


@transaction.atomic
def step_back(*, by, selection: Selection, reason: str, today: date, seen: str = "") -> Selection:
    """Take the last step back. Awarded: the honours and the record go. Under notice: the last notice goes. Decided:
    the last meeting goes. Under review: nominations are open again. Nominating: it is called off.

    :param seen: the stage that stood on the page; another one is not taken back unseen.
    :raises ValidationError: keyed ``reason`` without one; as :func:`why_not_back` says; for another stage than seen.
    """
    selection = locked_selection(selection)
    if seen and seen != selection.stage:
        raise ValidationError(
            f"{selection.title}刚才已经到了“{selection.get_stage_display()}”，没有撤回。请重新打开看。"
        )
    if said := why_not_back(selection):
        raise ValidationError(said)
    if not reason.strip():
        raise ValidationError({"reason": NO_REASON})
    was = selection.stage
    selection.stage = _BACK[was](by, selection, reason.strip(), today)
    selection.save(update_fields=["stage", "awarded_on", "document", "record"])
    audit.write(audit.Act.WITHDRAW, f"selection:{selection.pk}", reason=reason.strip(), what="step", stage=was)
    return selection


def _not_awarded(by, selection: Selection, reason: str, today: date) -> Stage:
    rows = Nominee.objects.filter(title__selection=selection, state=State.AWARDED)
    with facts_together():
        for row in rows.select_related("honour").order_by("person", "organisation", "pk"):
            honour, row.honour, row.state = row.honour, None, State.CHOSEN
            row.save(update_fields=["honour", "state"])
            if honour and honour.withdrawn_on is None:
                withdraw_honour(by=by, honour=honour, reason=reason, today=today)
        if selection.record and selection.record.withdrawn_on is None:
            withdraw_record(by=by, record=selection.record, reason=reason, today=today)
    selection.awarded_on, selection.document, selection.record = None, "", None
    return Stage.NOTICE


def _not_posted(by, selection: Selection, reason: str, today: date) -> Stage:
    selection.notices.order_by("-pk").first().delete()
    return Stage.DECIDED


def _not_decided(by, selection: Selection, reason: str, today: date) -> Stage:
    """The last meeting is gone; an earlier one and its notice stand."""
    meeting = selection.meetings.order_by("-pk").first()
    earlier = selection.meetings.exclude(pk=meeting.pk).exists()
    now = State.LEFT if earlier else State.PASSED
    meeting.nominees.update(state=now, chosen_by=None, aside=False, ended_on=None, ended_words="")
    meeting.delete()
    return Stage.NOTICE if earlier else Stage.REVIEW


def _not_closed(by, selection: Selection, reason: str, today: date) -> Stage:
    rows = Nominee.objects.filter(title__selection=selection, state__in=(State.PASSED, State.FAILED))
    rows.update(state=State.NOMINATED, review="", reviewed_on=None, reviewed_by=None)
    return Stage.OPEN


def _called_off(by, selection: Selection, reason: str, today: date) -> Stage:
    drop_tasks(by=by, selection=selection, reason=f"{selection.title}已撤销", today=today)
    return Stage.CALLED_OFF


_BACK = {
    Stage.AWARDED: _not_awarded, Stage.NOTICE: _not_posted, Stage.DECIDED: _not_decided, Stage.REVIEW: _not_closed,
    Stage.OPEN: _called_off,
}  # fmt: skip
