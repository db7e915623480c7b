"""What a roster would do to what is known: the plan that the preview shows and the import carries out. Reads only.

The number of queries does not depend on the number of rows.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from base.cells import day_text, last_of
from base.dates import DAWN, FAR
from base.reading import Finding, Level, Sheet
from base.sealed import blind_index, mask_address, mask_phone
from members.enums import Capability, OrganisationKind, Precision, Standing
from members.imports import ImportReport
from members.models import Membership, Organisation, Person
from members.organisations import organisations_by_any_name
from members.roster.absent import absent_from
from members.roster.columns import LABELS, PRECISIONS
from members.roster.parse import RosterRow, parse_rows

HIDDEN = "原有内容不在你的范围内"
HOLDS_MEMBERS = (OrganisationKind.BRANCH, OrganisationKind.GROUP)
_CHUNK = 5_000


class Outcome(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Change:
    """One line of the preview: what changes, from what, to what; numbers and addresses masked."""

    label: str
    old: str
    new: str
    transfer: bool = False
    """Whether this line is the change of branch."""


@dataclass
class Planned:
    """What one acceptable row would do. ``stays`` are the person's memberships as they would be, in order of day."""

    row: RosterRow
    outcome: Outcome
    person: Person
    organisation: Organisation
    fields: list[str] = field(default_factory=list)
    stays: list[Membership] = field(default_factory=list)
    since: date = FAR
    """The first day on which the person's membership looks different; far if it does not."""
    came_from: Organisation | None = None
    moved_on: date | None = None
    """The day of a transfer; empty for a correction of where the person is."""
    changes: list[Change] = field(default_factory=list)
    seen: bool = True
    """Whether the importer may see what was known: not of somebody who left a branch outside their scope."""

    @property
    def days(self) -> str:
        """入党 and 转正 of the person, as exactly as they are known."""
        said = [(LABELS[name], shown(self.person, name)) for name in ("joined_on", "full_on")]
        return "，".join(f"{label} {text}" for label, text in said if text)


@dataclass
class Plan:
    """What importing a sheet as of a day would do."""

    sheet: Sheet
    as_of: date
    rows: list[Planned] = field(default_factory=list)
    refused: list[RosterRow] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    absent: list[Membership] = field(default_factory=list)
    """Members of the organisations it names who stand nowhere in it."""

    def of(self, outcome: Outcome) -> list[Planned]:
        return [planned for planned in self.rows if planned.outcome == outcome]

    @property
    def transfers(self) -> list[Planned]:
        return [planned for planned in self.rows if planned.moved_on]

    def report(self) -> ImportReport:
        return ImportReport(
            created=len(self.of(Outcome.CREATED)), updated=len(self.of(Outcome.UPDATED)),
            unchanged=len(self.of(Outcome.UNCHANGED)), refused=len(self.refused), findings=self.findings,
        )  # fmt: skip


def plan_roster(*, by, sheet: Sheet, as_of: date, today: date, locked: bool = False) -> Plan:
    """Compare a roster with what is known.

    :param by: the account that imports; only branches where it may import count. ``None``: a command, all count.
    :param as_of: the day on which members have changed branches; not after ``today``.
    :param locked: hold the people concerned until the transaction ends, so that what is planned is what is written.
    """
    rows = parse_rows(sheet, today=today)
    branches = organisations_by_any_name(by, today)
    people = _people((row.identity.number for row in rows if row.identity), locked=locked)
    stays = _stays(people.values())
    reachable = _reach(by)
    plan = Plan(sheet, as_of)
    named: dict[int, Organisation] = {}
    for row in rows:
        organisation = _find_branch(row, branches, by)
        if organisation:
            named[organisation.pk] = organisation
        person = people.get(blind_index(row.identity.number)) if row.identity else None
        known = stays.get(person.pk, []) if person else []
        gone = bool(known) and known[-1].until <= today
        if known and not gone:
            _check_current(row, known[-1], reachable)
        if row.cells.refused or organisation is None:
            plan.refused.append(row)
        elif person is None:
            plan.rows.append(_newcomer(row, organisation))
        else:
            seen = reachable(known[-1].path) if known else by is None
            planned = Planned(row, Outcome.UNCHANGED, person, organisation, stays=known, seen=seen)
            _compare(planned, as_of, gone=gone)
            plan.rows.append(planned)
        plan.findings.extend(row.cells.findings)
    present = [person.pk for person in people.values()]
    plan.absent = absent_from(rows=rows, people=present, organisations=named.values(), today=today)
    return plan


def _people(numbers: Iterable[str], *, locked: bool) -> dict[str, Person]:
    """Known people by the blind index of their identity number. Not scoped: a number is one person, wherever."""
    wanted = sorted({blind_index(number) for number in numbers})
    found = {}
    for start in range(0, len(wanted), _CHUNK):
        rows = Person.objects.filter(id_index__in=wanted[start : start + _CHUNK]).order_by("pk")
        found.update((person.id_index, person) for person in (rows.select_for_update() if locked else rows))
    return found


def _stays(people: Iterable[Person]) -> dict[int, list[Membership]]:
    """Everything each person's membership ever was, in order of day."""
    pks = sorted(person.pk for person in people)
    found: dict[int, list[Membership]] = {}
    for start in range(0, len(pks), _CHUNK):
        rows = Membership.objects.filter(person__in=pks[start : start + _CHUNK]).select_related("organisation")
        for stay in rows.order_by("person", "since", "pk"):
            found.setdefault(stay.person_id, []).append(stay)
    return found


def _reach(by) -> Callable[[str], bool]:
    """Whether a path lies where the importer may import."""
    return (lambda _path: True) if by is None else (lambda path: by.scope.may(Capability.IMPORT, path))


def _find_branch(row: RosterRow, branches: dict[str, list[Organisation]], by) -> Organisation | None:
    if not row.branch:
        return None
    found = branches.get(row.branch, [])
    holding = [each for each in found if each.kind in HOLDS_MEMBERS]
    if len(holding) == 1:
        return holding[0]
    if len(holding) > 1:
        sentence = f"有 {len(holding)} 个党组织都叫“{row.branch}”，请改写党组织编码。"
        row.cells.wrong("branch", "ambiguous_branch", sentence)
    elif found:
        sentence = f"“{row.branch}”是{found[0].get_kind_display()}，党员要写到党支部。"
        row.cells.wrong("branch", "not_a_branch", sentence)
    else:
        where = "不在你的范围内，或者组织树里没有这个名称" if by is not None else "组织树里没有这个名称"
        row.cells.wrong("branch", "unknown_branch", f"“{row.branch}”{where}，请写全称、简称或编码。")
    return None


def _check_current(row: RosterRow, current: Membership, reachable: Callable[[str], bool]) -> None:
    """Refuse what a roster may not do to somebody who is a member now."""
    if not reachable(current.path):
        sentence = "此人组织关系不在你的范围内，请联系上级组织部办理转接。"
        row.cells.wrong("id_number", "out_of_scope", sentence)
    elif current.standing == Standing.DEAD:
        sentence = "此人已登记去世。如登记有误，请先撤回去世事由，再导入这一行。"
        row.cells.wrong("id_number", "dead_person", sentence)


def _newcomer(row: RosterRow, organisation: Organisation) -> Planned:
    """A person nobody knew. The first stay begins with joining: nobody can be in a branch before that day.

    Without 入党日期 it begins at the dawn of time, which is to say that nobody knows since when.
    """
    fields = {"sex": row.identity.sex, "birth_on": row.identity.born_on, **row.fields}
    person = Person(id_number=row.identity.number, **fields)
    since = person.joined_on or DAWN
    return Planned(
        row, Outcome.CREATED, person, organisation, since=since,
        stays=[_stay(person, organisation, row.standing, since, FAR)],
    )  # fmt: skip


def _stay(person: Person, organisation: Organisation, standing: Standing, since: date, until: date) -> Membership:
    return Membership(
        person=person, organisation=organisation, standing=standing, since=since, until=until, path=organisation.path
    )


def _compare(planned: Planned, as_of: date, *, gone: bool) -> None:
    """Compare the row with a person who is known: as a member, as one who has left, or as no member so far."""
    person, organisation = planned.person, planned.organisation
    _plan_fields(planned)
    if not planned.stays:
        planned.since = person.joined_on or DAWN
        planned.stays = [_stay(person, organisation, planned.row.standing, planned.since, FAR)]
        planned.changes.append(Change("所在党支部", "", organisation.label))
    elif gone:
        _plan_return(planned, as_of)
    else:
        _plan_transfer_and_standing(planned, as_of)
    if planned.changes:
        planned.outcome = Outcome.UPDATED


def _plan_fields(planned: Planned) -> None:
    """What the row says differently of the person. A new name under the same number is asked about."""
    person = planned.person
    for name, new in planned.row.fields.items():
        old = getattr(person, name)
        if name not in LABELS or (old == new and not _more_exact(planned, name)) or _vaguer(planned, name):
            continue
        if name == "name":
            was = f"原来叫“{old}”" if planned.seen else "原来是另一个姓名"
            sentence = f"同一身份证号{was}，已按名册改为“{new}”；如不是改名，请核对身份证号。"
            planned.row.cells.say("name", "name_differs", Level.WARNING, sentence)
        before = shown(person, name) if planned.seen else HIDDEN
        for each in (name, PRECISIONS.get(name)):
            if each:
                planned.fields.append(each)
                setattr(person, each, planned.row.fields[each])
        planned.changes.append(Change(LABELS[name], before, shown(person, name)))


def _more_exact(planned: Planned, name: str) -> bool:
    """Whether the row knows the same day more or less exactly than it is known."""
    precision = PRECISIONS.get(name)
    return precision is not None and getattr(planned.person, precision) != planned.row.fields[precision]


def _vaguer(planned: Planned, name: str) -> bool:
    """Whether the row knows a date only as a month or a year, in which the known day lies."""
    known = getattr(planned.person, name)
    if name not in PRECISIONS or known is None:
        return False
    first, precision = planned.row.fields[name], planned.row.fields[PRECISIONS[name]]
    last = last_of(known, getattr(planned.person, PRECISIONS[name]))
    return precision != Precision.DAY and first <= known and last <= last_of(first, precision)


def shown(person: Person, name: str) -> str:
    """One field of a person as the preview shows it: masked where it is sealed, a date as exactly as it is known."""
    value = getattr(person, name)
    masks = {"phone": mask_phone, "landline": mask_phone, "address": mask_address}
    if name in PRECISIONS:
        return day_text(value, getattr(person, PRECISIONS[name]))
    if isinstance(value, bool):
        return "是" if value else "否"
    return masks[name](value) if name in masks else str(value if value is not None else "")


def _plan_return(planned: Planned, as_of: date) -> None:
    """Somebody whose last stay has ended comes back: a new stay, and a transfer in."""
    last, organisation = planned.stays[-1], planned.organisation
    planned.since = planned.moved_on = max(as_of, last.until)
    planned.came_from = last.organisation
    planned.stays = [
        *planned.stays, _stay(planned.person, organisation, planned.row.standing, planned.since, FAR),
    ]  # fmt: skip
    left = f"已离开{last.organisation.label}" if planned.seen else HIDDEN
    planned.changes.append(Change("组织关系", left, organisation.label, transfer=True))


def _plan_transfer_and_standing(planned: Planned, as_of: date) -> None:
    """A new branch as of the day asked for; a new standing as of then, 正式 as of 转正日期 where that comes later.

    A stay that began on the day or after it is corrected in place: an interval is never empty.
    """
    current, standing = planned.stays[-1], planned.row.standing
    steps: list[tuple[date, dict]] = []
    if current.organisation_id != planned.organisation.pk:
        steps.append((as_of, {"organisation": planned.organisation, "path": planned.organisation.path}))
        planned.changes.append(
            Change("所在党支部", current.organisation.label, planned.organisation.label, transfer=True)
        )
        planned.came_from = current.organisation
        planned.moved_on = as_of if as_of > current.since else None
    if current.standing != standing:
        steps.append((_standing_since(planned, current, as_of), {"standing": standing}))
        planned.changes.append(Change("人员类别", current.get_standing_display(), standing.label))
    for day, values in sorted(steps, key=lambda step: step[0]):
        _step(planned, day, values)


def _standing_since(planned: Planned, current: Membership, as_of: date) -> date:
    """From when the new standing holds: becoming full, from 转正日期; everything else, from the day asked for."""
    became_full = current.standing == Standing.PROBATIONARY and planned.row.standing == Standing.FULL
    full_on = planned.person.full_on
    return full_on if became_full and full_on else as_of


def _step(planned: Planned, day: date, values: dict) -> None:
    current = planned.stays[-1]
    if day > current.since:
        after = _stay(planned.person, current.organisation, current.standing, day, current.until)
        current.until = day
        planned.stays = [*planned.stays, after]
        current = after
    for name, value in values.items():
        setattr(current, name, value)
    planned.since = min(planned.since, current.since)
