"""复核、集体研究: who passes the review, and whom a meeting chooses within the number of each title."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from awards.models import Nominee, Selection, SelectionMeeting
from awards.selecting.facts import facts_of
from awards.selecting.locking import NO_REASON, Stage, at_stage, names
from awards.selecting.permits import is_self
from base import audit
from members.enums import SYSTEM_ROLES, Standing
from members.models import Membership, Post
from members.scope import sealed_at

State = Nominee.State
LONGEST = 300


@dataclass(frozen=True)
class Verdict:
    """Whether a nominee passes the review, and why where that needs a word."""

    passes: bool
    why: str = ""


def nominees_of(selection: Selection, *states: State) -> QuerySet[Nominee]:
    """The nominees of a selection in these states, by title and then in the order of the tree."""
    rows = Nominee.objects.filter(title__selection=selection, state__in=states)
    rows = rows.select_related("title", "person", "organisation", "nominator", "endorser")
    return rows.defer(*sealed_at("person")).order_by("title__position", "path", "pk")


@transaction.atomic
def review(*, by, selection: Selection, said: Mapping[int, Verdict], today: date) -> int:
    """Enter the review of nominees; whoever was reviewed before may be reviewed again until the meeting.

    :param said: by the number of the nominee.
    :returns: how many pass.
    :raises ValidationError: keyed ``why_<n>``: without a reason for who fails, or for who is kept in spite of a flag;
        for oneself.
    """
    selection = at_stage(selection, Stage.REVIEW)
    rows = list(nominees_of(selection, State.NOMINATED, State.PASSED, State.FAILED).filter(pk__in=said))
    if not rows:
        raise ValidationError("没有要复核的人选，名单刚才变了，请重新打开这一页。")
    facts, refused = facts_of(rows, today), {}
    for row in rows:
        one, flags = said[row.pk], facts[row.pk].flags
        if is_self(by, row):
            refused[f"why_{row.pk}"] = "你本人由别人复核。"
        elif not one.passes and not one.why.strip():
            refused[f"why_{row.pk}"] = f"{row.whom}不通过，{NO_REASON}"
        elif one.passes and flags and not one.why.strip():
            told = "；".join(flag.text for flag in flags)
            refused[f"why_{row.pk}"] = f"{row.whom}有要留意的情况（{told}），仍然通过的请写理由。"
        elif len(one.why) > LONGEST:
            refused[f"why_{row.pk}"] = f"写了 {len(one.why)} 个字，最多 {LONGEST} 个，请写短一些。"
    if refused:
        raise ValidationError(refused)
    for row in rows:
        one = said[row.pk]
        row.state, row.review = State.PASSED if one.passes else State.FAILED, one.why.strip()
        row.reviewed_on, row.reviewed_by = today, by and by.person
        row.save(update_fields=["state", "review", "reviewed_on", "reviewed_by"])
    passed = sum(said[row.pk].passes for row in rows)
    audit.write(audit.Act.EDIT, f"selection:{selection.pk}", what="reviewed", rows=len(rows), passed=passed)
    return passed


# The meeting


@dataclass(frozen=True)
class Held:
    """What the minutes say of the meeting."""

    body: str
    on: date
    expected: int
    present: int
    minutes: str


@dataclass(frozen=True)
class Choice:
    """What the meeting decided on one nominee. No number of votes: all who were there agreed."""

    chosen: bool
    agreed: int | None = None
    aside: bool = False


def electable(selection: Selection) -> QuerySet[Nominee]:
    """Who can be chosen now: whoever passed; once there is a decision, whoever it left for a place that is free."""
    return nominees_of(selection, State.PASSED, State.LEFT)


def left_of(selection: Selection) -> dict[int, int]:
    """How many may still be chosen, by title."""
    taken = defaultdict(int)
    for row in Nominee.objects.filter(title__selection=selection, state__in=(State.CHOSEN, State.AWARDED)):
        taken[row.title_id] += 1
    return {title.pk: title.quota - taken[title.pk] for title in selection.titles.order_by("position")}


def at_the_table(selection: Selection, nominees: list[Nominee], day: date) -> set[int]:
    """The people among the nominees who hold a party post in the organisation that decides: they step aside."""
    people = [each.person_id for each in nominees if each.person_id]
    posts = Post.objects.on(day).filter(organisation=selection.organisation_id, person__in=people)
    return set(posts.exclude(role__in=SYSTEM_ROLES).order_by("pk").values_list("person", flat=True))


MAY_DECIDE = (Stage.REVIEW, Stage.DECIDED, Stage.NOTICE)


@transaction.atomic
def decide(
    *, by, selection: Selection, held: Held, said: Mapping[int, Choice], today: date
) -> SelectionMeeting:  # fmt: skip
    """Enter what a meeting decided: whom it chose, within the number of each title. A further meeting may fill a
    place that became free; of it only those chosen are written.

    :param said: by the number of the nominee; of the first meeting every nominee has to be named.
    :raises ValidationError: keyed ``body``, ``on``, ``expected``, ``present``, ``minutes``, ``chosen_<n>``,
        ``agreed_<n>``, ``aside_<n>``; beyond a title's number; for nobody.
    """
    selection = at_stage(selection, *MAY_DECIDE)
    rows = list(electable(selection))
    first = selection.stage == Stage.REVIEW
    refused = _check_held(held, rows, today)
    if not refused:
        refused = _check_rows(by=by, selection=selection, rows=rows, held=held, said=said)
    if refused:
        raise ValidationError(refused)
    if unseen := [row for row in rows if row.pk not in said]:
        raise ValidationError(f"名单刚才变了：{names(unseen)}不在这一页上，请重新打开再录。")
    if first and (left := nominees_of(selection, State.NOMINATED)).exists():
        raise ValidationError(f"{names(left)}还没有复核。")
    chosen = [row for row in rows if said[row.pk].chosen]
    if not chosen:
        raise ValidationError("还没有勾选拟表彰的人选。")
    _check_numbers(selection, chosen)
    meeting = SelectionMeeting.objects.create(
        selection=selection, body=held.body.strip(), on=held.on, expected=held.expected, present=held.present,
        minutes=held.minutes.strip(), entered_on=today, entered_by=by and by.person,
    )  # fmt: skip
    for row in rows if first else chosen:
        one = said[row.pk]
        row.state, row.meeting = State.CHOSEN if one.chosen else State.LEFT, meeting
        row.aside, row.chosen_by = one.aside, one.agreed
        if one.chosen and one.agreed is None:
            row.chosen_by = held.present - one.aside
        row.save(update_fields=["state", "meeting", "aside", "chosen_by"])
    selection.stage = Stage.DECIDED
    selection.save(update_fields=["stage"])
    audit.write(audit.Act.EDIT, f"selection:{selection.pk}", what="decided", on=str(held.on), chosen=len(chosen))
    return meeting


def _check_held(held: Held, rows: list[Nominee], today: date) -> dict[str, str]:
    refused = {}
    if not held.body.strip():
        refused["body"] = "请写是什么会，例如：党委会。"
    if not held.minutes.strip():
        refused["minutes"] = "请写会议纪要编号。"
    if held.on > today:
        refused["on"] = f"会议日期 {held.on} 晚于今天，开过会再录入。"
    elif rows and held.on < max(row.met_on for row in rows):
        refused["on"] = f"有人选在 {held.on} 以后才推荐，会议不会早于推荐，请核对。"
    if held.expected < 1:
        refused["expected"] = "应到至少 1 人。"
    elif held.present > held.expected:
        refused["present"] = f"实到 {held.present} 人多于应到 {held.expected} 人，请核对。"
    elif 2 * held.present <= held.expected:
        refused["present"] = f"实到 {held.present} 人没有超过应到 {held.expected} 人的半数，会议不能作决定。"
    return refused


def _check_rows(
    *, by, selection: Selection, rows: list[Nominee], held: Held, said: Mapping[int, Choice]
) -> dict[str, str]:  # fmt: skip
    """What is wrong with single rows: oneself, the dead of that day, who did not step aside, wrong votes."""
    table = at_the_table(selection, rows, held.on)
    people = [row.person_id for row in rows if row.person_id]
    dead = Membership.objects.on(held.on).filter(person__in=people, standing=Standing.DEAD)
    gone = set(dead.order_by("pk").values_list("person", flat=True))
    refused = {}
    for row in rows:
        one = said.get(row.pk)
        if one is None:
            continue
        if one.chosen and is_self(by, row):
            refused[f"chosen_{row.pk}"] = "研究你本人的，由别人登记这次会议。"
        elif one.chosen and row.person_id in gone:
            refused[f"chosen_{row.pk}"] = f"{row.whom}已经去世，不能列为拟表彰；要追授的请到“荣誉表彰”登记。"
        if one.chosen and row.person_id in table and not one.aside:
            here = selection.organisation.label
            refused[f"aside_{row.pk}"] = f"{row.whom}在{here}任职，研究本人时要回避，请勾选已回避。"
        elif wrong := _votes(row, one, held):
            refused[f"agreed_{row.pk}"] = wrong
    return refused


def _votes(row: Nominee, one: Choice, held: Held) -> str:
    there = held.present - one.aside
    agreed = there if one.agreed is None else one.agreed
    if agreed > there:
        return f"{row.whom}同意 {agreed} 票多于表决的 {there} 人，请核对。"
    if one.chosen and 2 * agreed <= held.expected:
        return f"{row.whom}同意 {agreed} 票没有超过应到 {held.expected} 人的半数，不能列为拟表彰。"
    return ""


def _check_numbers(selection: Selection, chosen: list[Nominee]) -> None:
    left, picked = left_of(selection), defaultdict(list)
    for row in chosen:
        picked[row.title].append(row)
    said = [
        f"“{title.name}”还能定 {left[title.pk]} 个，勾了 {len(rows)} 个：{names(rows)}。请去掉 "
        f"{len(rows) - left[title.pk]} 个。"
        for title, rows in picked.items()
        if len(rows) > left[title.pk]
    ]
    if said:
        raise ValidationError(said)
