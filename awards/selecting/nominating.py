"""推荐: a branch meeting nominates within its places; the general branch between recommends in its own order."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from awards.models import Nominee, Selection, SelectionTitle, TitleQuota
from awards.selecting.locking import NO_REASON, Stage, at_stage, fresh, names
from awards.selecting.opening import close_task, endorse_source, nearest_leaders, nominate_source
from awards.selecting.permits import is_self
from awards.selecting.places import shares
from base import audit
from duties.tasks import assign_task, tasks_of
from members.enums import OrganisationKind, Standing
from members.models import Lineage, Organisation, Person
from members.services import membership_on

LONGEST = 1_500
"""Characters of the deeds, about what a 推荐审批表 has room for."""

State = Nominee.State
MAY_STAND = (Standing.FULL, Standing.PROBATIONARY)


@dataclass(frozen=True)
class Met:
    """What the minutes of the nominating meeting say."""

    on: date
    expected: int
    present: int
    agreed: int
    minutes: str


def amiss_with_votes(met: Met, selection: Selection, today: date) -> dict[str, str]:
    """What is wrong with the meeting, by form field: a majority of those entitled has to be there and to agree."""
    refused = {}
    if met.on > today:
        refused["on"] = f"会议日期 {met.on} 晚于今天，开过会再录入。"
    elif met.on < selection.opened_on:
        refused["on"] = f"评选 {selection.opened_on} 才启动，推荐会议不会早于那天，请核对。"
    if met.expected < 1:
        refused["expected"] = "应到至少 1 人。"
    elif met.present > met.expected:
        refused["present"] = f"实到 {met.present} 人多于应到 {met.expected} 人，请核对。"
    elif 2 * met.present <= met.expected:
        refused["present"] = f"实到 {met.present} 人没有超过应到 {met.expected} 人的半数，会议不能作决定。"
    elif met.agreed > met.present:
        refused["agreed"] = f"同意 {met.agreed} 票多于实到 {met.present} 人，请核对。"
    elif 2 * met.agreed <= met.expected:
        refused["agreed"] = f"同意 {met.agreed} 票没有超过应到 {met.expected} 人的半数，不能推荐。"
    if not met.minutes.strip():
        refused["minutes"] = "请写会议记录编号。"
    return refused


@transaction.atomic
def nominate(
    *, by, title: SelectionTitle, nominator: Organisation, subject: Person | Organisation, met: Met, deeds: str,
    today: date, came_from: Nominee | None = None,
) -> Nominee:  # fmt: skip
    """Nominate a member, or an organisation, for a title, within the places of the organisation.

    :param by: the acting account; who may is the caller's to check.
    :param came_from: the nominee of the selection below, where the committee recommends upward.
    :raises ValidationError: keyed by form field: ``subject`` beyond the places, for somebody who stands elsewhere, is
        dead or may not stand, or is nominated already; for a meeting without a majority; without deeds.
    """
    selection = at_stage(title.selection, Stage.OPEN)
    refused = amiss_with_votes(met, selection, today)
    if not deeds.strip():
        refused["deeds"] = "请写主要事迹，两三句也可以。"
    elif len(deeds) > LONGEST:
        refused["deeds"] = f"写了 {len(deeds)} 个字，最多 {LONGEST} 个，请写短一些。"
    person = subject if isinstance(subject, Person) else None
    if person and by and by.person_id == person.pk:
        refused["subject"] = "推荐你本人的，由支部其他同志录入。"
    place = subject if person is None else _standing_at(person, nominator, today, refused)
    if "subject" not in refused:
        _check_places(title, nominator, subject, refused)
    if refused:
        raise ValidationError(refused)
    nominee = Nominee.objects.create(
        title=title, person=person, organisation=place, path=place.path, nominator=nominator, deeds=deeds.strip(),
        met_on=met.on, expected=met.expected, present=met.present, agreed=met.agreed, minutes=met.minutes.strip(),
        endorser=_between(nominator, selection.organisation, today), came_from=came_from, entered_on=today,
        entered_by=by and by.person,
    )  # fmt: skip
    about = {"person": person.pk} if person else {"organisation": place.pk}
    audit.write(audit.Act.WRITE, f"nominee:{nominee.pk}", title=title.pk, **about)
    if not any(share.left for share in shares(selection, [nominator])):
        close_task(by=by, source=nominate_source(selection), organisation=nominator, today=today)
    if nominee.endorser:
        _ask_endorser(by, selection, nominee.endorser, today)
    return nominee


def _standing_at(person: Person, nominator: Organisation, today: date, refused: dict[str, str]) -> Organisation | None:
    """Where the member stands, below the organisation that nominates."""
    stay = membership_on(person, today)
    if stay is None or not stay.path.startswith(nominator.path):
        refused["subject"] = f"{person.name}不在{nominator.label}，请由所在支部推荐。"
        return None
    if stay.standing == Standing.DEAD:
        refused["subject"] = f"{person.name}已于 {stay.since} 去世，不能推荐；要追授的请到“荣誉表彰”登记。"
    elif stay.standing not in MAY_STAND:
        refused["subject"] = f"{person.name}现在是{stay.get_standing_display()}，不能推荐。"
    return stay.organisation


def _check_places(
    title: SelectionTitle, nominator: Organisation, subject: Person | Organisation, refused: dict[str, str]
) -> None:
    """Under the lock of the selection, so the last place is taken once."""
    about = {"person": subject} if isinstance(subject, Person) else {"person": None, "organisation": subject}
    there = Nominee.objects.standing().filter(title=title).select_related("person", "organisation").order_by("pk")
    if same := there.filter(**about).select_related("nominator").first():
        refused["subject"] = f"{same.whom}已由{same.nominator.label}推荐为“{title.name}”，没有再推荐一次。"
        return
    quota = TitleQuota.objects.filter(title=title, organisation=nominator).first()
    used = list(there.filter(nominator=nominator))
    if quota is None or not quota.number:
        refused["subject"] = f"{nominator.label}没有分到“{title.name}”的推荐名额。"
    elif len(used) >= quota.number:
        refused["subject"] = (
            f"{nominator.label}的“{title.name}”有 {quota.number} 个推荐名额，已推荐 {len(used)} 个：{names(used)}。"
            "要换人，请先撤回一个。"
        )


def _between(nominator: Organisation, top: Organisation, day: date) -> Organisation | None:
    """The general branch nearest above a branch and below the organisation that selects; none is no step."""
    lines = Lineage.objects.filter(organisation=nominator, since__lte=day, until__gt=day, distance__gt=0)
    lines = lines.filter(ancestor__kind=OrganisationKind.GENERAL_BRANCH, ancestor__path__startswith=top.path)
    line = lines.exclude(ancestor=top).select_related("ancestor").order_by("distance").first()
    return line and line.ancestor


def _ask_endorser(by, selection: Selection, place: Organisation, today: date) -> None:
    """Where branches were asked, the general branch has a task of its own as long as somebody waits for it."""
    source = endorse_source(selection)
    there = any(task.running and task.event.organisation_id == place.pk for task in tasks_of(source, today=today))
    leader = nearest_leaders([place.pk], today).get(place.pk)
    if there or leader is None or selection.asked_on is None:
        return
    due_on = max(selection.nominate_by, today + timedelta(days=3))
    assign_task(by=by, what=f"审核{selection.title}的支部推荐", to=leader, due_on=due_on, today=today,
                organisation=place, source=source)  # fmt: skip


@transaction.atomic
def withdraw_nomination(*, by, nominee: Nominee, reason: str, today: date) -> Nominee:
    """Take a nomination back while nominations are open: the place is free again.

    :raises ValidationError: keyed ``reason`` without one; for one that was taken back already; once they are closed.
    """
    at_stage(nominee.title.selection, Stage.OPEN)
    nominee = fresh(nominee)
    if nominee.state != State.NOMINATED:
        raise ValidationError(f"{nominee.whom}现在是“{nominee.said}”，没有可撤回的推荐。")
    if not reason.strip():
        raise ValidationError({"reason": NO_REASON})
    _end(nominee, State.WITHDRAWN, reason, today)
    audit.write(audit.Act.WITHDRAW, f"nominee:{nominee.pk}", what="nomination")
    if endorser := nominee.endorser:
        _close_endorsing(by, nominee.title.selection, endorser, today)
    return nominee


def _end(nominee: Nominee, state: State, reason: str, today: date) -> None:
    nominee.state, nominee.ended_on, nominee.ended_words = state, today, reason.strip()
    nominee.save(update_fields=["state", "ended_on", "ended_words"])


@transaction.atomic
def finish_nominating(*, by, selection: Selection, nominator: Organisation, today: date) -> None:
    """A branch is through, though places are left: its task is done.

    :raises ValidationError: if it has no task running.
    """
    selection = at_stage(selection, Stage.OPEN)
    if not close_task(by=by, source=nominate_source(selection), organisation=nominator, today=today):
        raise ValidationError(f"{nominator.label}没有在办的推荐任务，不用再说推荐完毕。")
    audit.write(audit.Act.EDIT, f"selection:{selection.pk}", what="through", organisation=nominator.pk)


# 总支


@dataclass(frozen=True)
class Endorsed:
    """What the general branch says of one nominee: whether it recommends, in which place of its order, else why not."""

    yes: bool
    rank: int | None = None
    why: str = ""


@transaction.atomic
def endorse(
    *, by, selection: Selection, place: Organisation, on: date, minutes: str, said: Mapping[int, Endorsed], today: date
) -> int:
    """Enter what the general branch decided on those who wait for it; whoever it declines leaves his place free.

    :param said: by the number of the nominee; whoever is not named waits on.
    :returns: how many it recommended.
    :raises ValidationError: keyed ``on``, ``minutes``, ``rank_<n>``, ``why_<n>``; when nobody waits.
    """
    selection = at_stage(selection, Stage.OPEN)
    rows = Nominee.objects.waiting().filter(title__selection=selection, endorser=place, pk__in=said)
    rows = list(rows.select_related("person", "organisation").order_by("title__position", "pk"))
    if not rows:
        raise ValidationError("没有等总支审核的人选，可能刚才已经办过。")
    refused = _amiss_with_meeting(rows, on, minutes, today) or _amiss_with_rows(by, rows, said)
    if refused:
        raise ValidationError(refused)
    for row in rows:
        one = said[row.pk]
        row.endorsed_on, row.endorsed_minutes = on, minutes.strip()
        row.rank = one.rank if one.yes else None
        row.save(update_fields=["endorsed_on", "endorsed_minutes", "rank"])
        if not one.yes:
            _end(row, State.DECLINED, one.why, today)
    yes = sum(said[row.pk].yes for row in rows)
    audit.write(audit.Act.EDIT, f"selection:{selection.pk}", what="endorsed", organisation=place.pk, yes=yes)
    _close_endorsing(by, selection, place, today)
    return yes


def _amiss_with_meeting(rows: list[Nominee], on: date, minutes: str, today: date) -> dict[str, str]:
    refused = {}
    latest = max(rows, key=lambda each: each.met_on)
    if on > today:
        refused["on"] = f"会议日期 {on} 晚于今天，开过会再录入。"
    elif on < latest.met_on:
        refused["on"] = f"{latest.whom} {latest.met_on} 才由支部推荐，总支会议不会早于那天，请核对。"
    if not minutes.strip():
        refused["minutes"] = "请写总支会议记录编号。"
    return refused


def _amiss_with_rows(by, rows: list[Nominee], said: Mapping[int, Endorsed]) -> dict[str, str]:
    refused, ranks = {}, {}
    for row in rows:
        one = said[row.pk]
        if is_self(by, row):
            refused[f"why_{row.pk}"] = "审核你本人的，由总支其他同志录入。"
        elif not one.yes and not one.why.strip():
            refused[f"why_{row.pk}"] = f"不推荐{row.whom}，{NO_REASON}"
        elif one.yes and one.rank is not None and (other := ranks.setdefault((row.title_id, one.rank), row)) is not row:
            refused[f"rank_{row.pk}"] = f"{row.whom}和{other.whom}都排在第 {one.rank}，请分出先后。"
    return refused


def _close_endorsing(by, selection: Selection, place: Organisation, today: date) -> None:
    if not Nominee.objects.waiting().filter(title__selection=selection, endorser=place).exists():
        close_task(by=by, source=endorse_source(selection), organisation=place, today=today)
