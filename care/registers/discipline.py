"""受处分党员帮教: who bears a punishment, until when, what it stands in the way of, the way back to rights (M41–M43).

All days follow from the day of effect by :mod:`care.influence`, over all punishments of the member together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from django import forms

from base.dates import FAR, months_later
from care.influence import (
    EXTENSION_MONTHS,
    PROBATION,
    PUNISHMENTS,
    RESTORATION,
    Influence,
    ProbationaryMeasure,
    Punishment,
    PunishmentKind,
    RestorationStep,
    barred_through,
    blocks_on,
    can_be_punished,
    influences,
)
from care.models import SEVERAL, Entry, RegisterCode
from care.register import (
    Belongs,
    EntryForm,
    Procedure,
    Reckoned,
    Register,
    Section,
    Step,
    Told,
    day,
    taken_steps,
    words,
)
from duties.engine.models import Action
from members.enums import CategoryKind
from members.models import Membership
from members.office_forms import day_field
from members.services import membership_on

OVERTURNED = "撤销处分"
CHANGED = "变更为其他处分"
AFTERWARDS = "影响期"
"""The grade of 留党察看 once its term is over: what is asked in view of a term asks no longer."""

ONE = timedelta(days=1)
ANNOUNCED_WITHIN_MONTHS = 1
"""A decision is to be announced within a month (《处分违纪党员批准权限和程序规定》)."""

_KINDS = {each.label: each for each in PunishmentKind}


class DisciplineForm(EntryForm):
    """What is known of a punishment."""

    since = day_field("生效日期", hint="有权决定的党组织集体决定的那一天，不是文件落款或宣布的日子。")
    grade = forms.ChoiceField(label="处分", error_messages={"invalid_choice": "请从列表里选处分。"})
    decided_on = day("决定日期", required=True)
    announced_on = day("宣布日期", hint="决定后一个月内宣布。")
    decided_by = words("作出决定的党组织", most=60, required=True)
    document = words("文号", most=60)
    reason = words("受处分的原因", most=1000, lines=3, hint="加密保存。")
    extended_on = day("延长一年的决定日期", hint="只有留党察看一年可以延长，只延长一次。")
    ends_on = day("核定的影响期最后一天", hint="纪检机关另有核定的才填，代替算出来的日子。")
    ends_why = words("核定的依据", most=100, hint="哪个机关、哪份文件。")

    sections = (
        Section("处分决定", ("decided_on", "announced_on", "decided_by", "document", "reason")),
        Section("延长和核定", ("extended_on", "ends_on", "ends_why")),
    )
    private = frozenset({"decided_on", "announced_on", "decided_by", "document", "reason", "ends_why"})
    past = frozenset({"decided_on", "announced_on", "extended_on"})


def punishment_of(entry: Entry) -> Punishment:
    """The entry as the regulations see it.

    :raises ValueError: as :class:`care.influence.Punishment`.
    """
    return Punishment(
        _KINDS[entry.grade], entry.since, is_extended=bool(entry.facts.get("extended_on")),
        is_restored=restored_on(entry) is not None, ends_on=_day(entry, "ends_on"),
    )  # fmt: skip


def restored_on(entry: Entry) -> date | None:
    """The day on which it was decided that rights are restored; they count from the day the term expired."""
    found = [each["on"] for each in taken_steps(entry) if each["step"] == RestorationStep.APPROVAL]
    return date.fromisoformat(found[0]) if found else None


def _day(entry: Entry, name: str) -> date | None:
    known = {**entry.facts, **entry.private}.get(name)
    return date.fromisoformat(known) if known else None


def _check(entry: Entry, today: date) -> dict[str, str]:
    return _check_member(entry) or _check_days(entry) or _check_end(entry) or _check_restored(entry)


def _check_days(entry: Entry) -> dict[str, str]:
    decided, announced, extended = (_day(entry, name) for name in ("decided_on", "announced_on", "extended_on"))
    if decided and entry.since < decided:
        return {"decided_on": f"决定日期 {decided} 晚于生效的 {entry.since}：处分从决定那天生效，请核对。"}
    if decided and announced and announced < decided:
        return {"announced_on": f"宣布日期 {announced} 早于决定日期 {decided}，请核对。"}
    if extended and extended < entry.since:
        return {"extended_on": f"延长的决定 {extended} 早于生效的 {entry.since}，请核对。"}
    return {}


def _check_end(entry: Entry) -> dict[str, str]:
    ends = _day(entry, "ends_on")
    if ends and not entry.private.get("ends_why"):
        return {"ends_why": "写了核定的日子，请写核定的依据。"}
    extended = bool(_day(entry, "extended_on"))
    for field, given in (("extended_on", {"is_extended": extended}), ("ends_on", {"ends_on": ends})):
        try:
            Punishment(_KINDS[entry.grade], entry.since, **given)
        except ValueError as no:
            return {field: str(no)}
    return {}


def _check_restored(entry: Entry) -> dict[str, str]:
    """What was decided about rights is not undone by another punishment or a longer term."""
    restored = restored_on(entry)
    if restored and _KINDS[entry.grade] not in PROBATION:
        return {"grade": "已经办了恢复党员权利，处分不能改成别的种类。登错了的，请先退回各步。"}
    if restored and restored < punishment_of(entry).expires_on:
        return {"extended_on": f"已于 {restored} 批准恢复党员权利，不能再延长。登错了的，请先退回各步。"}
    return {}


def _check_member(entry: Entry) -> dict[str, str]:
    stay, name = membership_on(entry.person, entry.since), entry.person.name
    if stay and not can_be_punished(stay.standing):
        instead = "、".join(ProbationaryMeasure.labels)
        return {"since": f"{name}在 {entry.since} 是预备党员，不给这些处分：视情节{instead}（条例第三十六条）。"}
    same = Entry.objects.standing().filter(
        person=entry.person, register=RegisterCode.DISCIPLINE, since=entry.since, grade=entry.grade
    )  # fmt: skip
    if same.exclude(pk=entry.pk).exists():
        return {"since": f"{name} {entry.since} 的{entry.grade}已经登记过，请打开那一条修改。"}
    return {}


# What follows for categories


@dataclass(frozen=True)
class _Span:
    """A stretch in which one punishment puts the member into a category; the greatest ``rank`` of a day is shown."""

    rank: tuple[bool, date]
    entry: Entry
    belongs: Belongs


def _together(entries: Sequence[Entry]) -> list[Reckoned]:
    """Ends and categories of all the member's punishments.

    One that was overturned or changed bears on no other; its own days, as they were thought then, end with it.
    """
    spans, until = [], {}
    for entry, found in _influences(entries):
        until[id(entry)] = entry.until if entry.closed_as else _until(found)
        spans += _spans(entry, found, until[id(entry)] if entry.closed_as else FAR)
    rows = [row for kind in (CategoryKind.DISCIPLINED, CategoryKind.AWAITING_RIGHTS) for row in _painted(spans, kind)]
    return [
        Reckoned(each, until.get(id(each), each.since + ONE), [row for owner, row in rows if owner is each])
        for each in entries
    ]


def _influences(entries: Sequence[Entry]) -> list[tuple[Entry, Influence]]:
    """The influence of each entry that has one, in order of effect."""
    of = {id(punishment): (entry, punishment) for entry in entries for punishment in [punishment_of(entry)]}
    standing = [punishment for entry, punishment in of.values() if not entry.closed_as]
    found = {id(each.punishment): each for each in influences(punishment for _entry, punishment in of.values())}
    found |= {id(each.punishment): each for each in influences(standing)}
    return [(of[key][0], each) for key, each in found.items()]


def _until(found: Influence) -> date:
    """While rights are awaited the end stays open, however long that takes."""
    return FAR if found.awaits_rights else found.until


def _spans(entry: Entry, found: Influence, limit: date) -> list[_Span]:
    spans = []

    def add(kind: CategoryKind, grade: str, since: date, until: date, *, term: bool = False) -> None:
        if since < min(until, limit):
            spans.append(_Span((term, since), entry, Belongs(kind, grade, since, min(until, limit))))

    expires = found.rights_lost_until
    if expires is None:
        add(CategoryKind.DISCIPLINED, entry.grade, found.starts, found.until)
    else:
        add(CategoryKind.DISCIPLINED, entry.grade, found.starts, expires + ONE, term=True)
        add(CategoryKind.DISCIPLINED, AFTERWARDS, expires + ONE, found.until)
        add(CategoryKind.AWAITING_RIGHTS, "", expires + ONE, restored_on(entry) or FAR)
    return spans


def _painted(spans: Sequence[_Span], kind: CategoryKind) -> list[tuple[Entry, Belongs]]:
    """The spans of a kind side by side without overlap: a term before all else, else the latest to begin."""
    mine = sorted((span for span in spans if span.belongs.kind == kind), key=lambda span: span.rank)
    days = sorted({day_ for span in mine for day_ in (span.belongs.since, span.belongs.until)})
    rows: list[tuple[Entry, Belongs]] = []
    for since, until in pairwise(days):
        running = [span for span in mine if span.belongs.since <= since and until <= span.belongs.until]
        if not running:
            continue
        entry, shown = running[-1].entry, running[-1].belongs
        last = rows[-1] if rows else None
        if last and last[0] is entry and last[1].grade == shown.grade and last[1].until == since:
            rows[-1] = (entry, Belongs(kind, shown.grade, last[1].since, until))
        else:
            rows.append((entry, Belongs(kind, shown.grade, since, until)))
    return rows


# The way back to rights


def _applies(entry: Entry) -> bool:
    return _KINDS.get(entry.grade) in PROBATION


def _check_step(entry: Entry, step: Step, on: date) -> str:
    expires = punishment_of(entry).expires_on
    if step.code != RestorationStep.APPLICATION and on < expires:
        return f"留党察看 {expires} 才期满，{step.label}不能早于那一天。"
    return ""


_BY_BRANCH = (
    RestorationStep.APPLICATION, RestorationStep.SCRUTINY, RestorationStep.VOTE, RestorationStep.REPORT,
)  # fmt: skip
RESTORING = Procedure(
    title="恢复党员权利",
    steps=tuple(
        Step(
            code, RestorationStep(code).label, rule.who,
            rule.note + (f"{rule.within_working_days} 个工作日内" if rule.within_working_days else ""),
            Action.REMINDER if code in _BY_BRANCH else "",
        )
        for code, rule in RESTORATION.items()
    ),
    applies=_applies,
    check=_check_step,
)  # fmt: skip
"""What the branch does leaves a record of reminding, which is what the rules about 留党察看 and its end ask for."""


# What the pages say


def _stands(entry: Entry, day: date) -> tuple[str, str]:
    kind = _KINDS[entry.grade]
    if entry.until < FAR:
        return f"影响期到 {entry.last}", ""
    expires = months_later(entry.since, _term_months(entry, kind))
    return (f"留党察看到 {expires}", "") if day <= expires else ("待恢复党员权利", "soon")


def _term_months(entry: Entry, kind: PunishmentKind) -> int:
    return PUNISHMENTS[kind].term_months + EXTENSION_MONTHS * bool(entry.facts.get("extended_on"))


def _follows(entry: Entry, stay: Membership, day: date) -> tuple[str, list[Told]]:
    """The days of the influence with their article, and what stands in the way today."""
    lines = [*_late(entry), *_expelled(entry)]
    if entry.withdrawn_on or entry.closed_as:
        return "影响期", lines
    alike = Entry.objects.standing().filter(person=entry.person_id, register=RegisterCode.DISCIPLINE)
    found = next((each for other, each in _influences(alike.order_by("since", "pk")) if other == entry), None)
    return "影响期", [*lines, *(_reckoned(entry, found, day) if found else [])]


def _late(entry: Entry) -> list[Told]:
    decided, announced = _day(entry, "decided_on"), _day(entry, "announced_on")
    late = decided and announced and announced > months_later(decided, ANNOUNCED_WITHIN_MONTHS)
    return [Told("注意", "宣布晚于决定一个月以上：处分决定要在一个月内宣布，请核对日期。")] if late else []


def _expelled(entry: Entry) -> list[Told]:
    if _KINDS[entry.grade] != PunishmentKind.EXPULSION:
        return []
    through = barred_through(entry.since)
    return [Told("重新入党", f"{through} 以前不得重新入党（条例第十三条）。组织关系请另在“登记事由”里办理。")]


def _reckoned(entry: Entry, found: Influence, day: date) -> list[Told]:
    lines, article = [], PUNISHMENTS[found.punishment.kind].article
    if found.rights_lost_until:
        lines.append(Told("留党察看期满", str(found.rights_lost_until)))
    if restored := restored_on(entry):
        lines.append(Told("恢复党员权利", f"自 {found.rights_lost_until} 起，{restored} 批准"))
    elif found.rights_lost_until and found.rights_lost_until < day:
        lines.append(Told("恢复党员权利", "期满后还没有批准恢复"))
    how = f"{article}，按期满恢复权利算" if found.is_provisional else article
    lines.append(Told("影响期最后一天", f"{found.ends}（{'按核定' if found.punishment.ends_on else how}）"))
    if found.runs_on(day) or found.lacks_rights_on(day):
        blocks = "\n".join(f"{block.what}（{block.article}）" for block in blocks_on([found], day))
        lines.append(Told("现在的限制", blocks))
    else:
        lines.append(Told("现在的限制", "影响期已满，评先评优、晋升按有关规定执行，不受影响。"))
    return lines


DISCIPLINE = Register(
    code=RegisterCode.DISCIPLINE,
    title="受处分党员帮教",
    noun="受处分帮教",
    lead="谁受了处分、影响到哪天，谁来联系回访。到期以后只有党委还能查到。",
    form=DisciplineForm,
    grades=tuple(PunishmentKind.labels),
    closings=(OVERTURNED, CHANGED),
    several=RegisterCode.DISCIPLINE in SEVERAL,
    close_hint="影响期满会自己退出，不用办。处分被撤销、变更的，最后一天写决定日期的前一天。",
    together=_together,
    contact=True,
    procedure=RESTORING,
    stands=_stands,
    follows=_follows,
    check=_check,
)
