"""What a roster would do to what is known: the plan that the preview shows and the import carries out. Reads only.

Four queries for each batch of rows, whatever the rows say.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from base.cells import day_text, last_of
from base.dates import DAWN, FAR
from base.many import BATCH, among
from base.reading import Finding, Level, Sheet
from base.sealed import blind_index, mask_address, mask_phone
from members.contact import FIELDS as CONTACT
from members.contact import verified
from members.enums import Capability, OrganisationKind, Precision, Standing
from members.imports import ImportReport
from members.models import Membership, Organisation, Person
from members.organisations import organisations_by_any_name
from members.roster.absent import absent_from
from members.roster.columns import LABELS, PRECISIONS
from members.roster.parse import RosterRow, parse_rows

HIDDEN = "原有内容不在你的范围内"
HOLDS_MEMBERS = (OrganisationKind.BRANCH, OrganisationKind.GROUP)


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
    """What one acceptable row would do. ``stays`` are the memberships of somebody known as they would be, by day."""

    row: RosterRow
    outcome: Outcome
    organisation: Organisation
    known: Person | None = None
    key: int | None = None
    """The person's primary key; of a newcomer as soon as it is written."""
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
    def person(self) -> Person:
        """Who is known, or the person as the row would make one."""
        return self.known or Person(**self.newcomer)

    @property
    def newcomer(self) -> dict:
        """The person whom nobody knew, column by column."""
        identity = self.row.identity
        return {"sex": identity.sex, "birth_on": identity.born_on, **self.row.fields, "id_number": identity.number}

    @property
    def days(self) -> str:
        """入党 and 转正 of the person, as exactly as they are known."""
        person = self.person
        said = [(LABELS[name], shown(person, name)) for name in ("joined_on", "full_on")]
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
    known = _Known(today, _reach(by))
    plan = Plan(sheet, as_of)
    named: dict[int, Organisation] = {}
    for start in range(0, len(rows), BATCH):
        known.read(rows[start : start + BATCH], locked=locked)
        for row in rows[start : start + BATCH]:
            organisation = _find_branch(row, branches, by)
            if organisation:
                named[organisation.pk] = organisation
            known.check(row)
            if row.cells.refused or organisation is None:
                plan.refused.append(row)
            else:
                plan.rows.append(known.compared(row, organisation, as_of, all_seen=by is None))
            plan.findings.extend(row.cells.findings)
    plan.absent = absent_from(rows=rows, people=known.present, organisations=named.values(), today=today)
    return plan


class _Known:
    """Whom the rows of one batch name and what is known of them. Of a row that changes nothing, nothing is held."""

    def __init__(self, today: date, reachable: Callable[[str], bool]):
        self.today, self.reachable = today, reachable
        self.present: list[int] = []
        """Everybody recognised so far."""

    def read(self, rows: list[RosterRow], *, locked: bool) -> None:
        indexes = {row.identity.number: blind_index(row.identity.number) for row in rows if row.identity}
        found = _people(indexes.values(), locked=locked)
        self._people = {number: found[index] for number, index in indexes.items() if index in found}
        self._stays = _stays(found.values())
        self._verified = verified(among(sorted(person.pk for person in found.values())))
        self.present += [person.pk for person in found.values()]

    def check(self, row: RosterRow) -> None:
        stays = self._stays_of(self._person(row))
        if stays and stays[-1].until > self.today:
            _check_current(row, stays[-1], self.reachable)

    def compared(self, row: RosterRow, organisation: Organisation, as_of: date, *, all_seen: bool) -> Planned:
        person = self._person(row)
        if person is None:
            return _newcomer(row, organisation)
        stays = self._stays_of(person)
        seen = self.reachable(stays[-1].path) if stays else all_seen
        planned = Planned(row, Outcome.UNCHANGED, organisation, person, person.pk, stays=stays, seen=seen)
        _say_verified(planned, self._verified)
        _compare(planned, as_of, gone=bool(stays) and stays[-1].until <= self.today)
        if planned.outcome == Outcome.UNCHANGED:
            planned.known, planned.stays = None, []
        return planned

    def _person(self, row: RosterRow) -> Person | None:
        return self._people.get(row.identity.number) if row.identity else None

    def _stays_of(self, person: Person | None) -> list[Membership]:
        return self._stays.get(person.pk, []) if person else []


def _people(indexes: Collection[str], *, locked: bool) -> dict[str, Person]:
    """Known people by the blind index of their identity number. Not scoped: a number is one person, wherever."""
    rows = Person.objects.filter(id_index__in=among(sorted(indexes))).order_by("pk")
    return {person.id_index: person for person in (rows.select_for_update() if locked else rows)}


def _stays(people: Iterable[Person]) -> dict[int, list[Membership]]:
    """Everything each person's membership ever was, in order of day; members of one branch share its object."""
    rows = Membership.objects.filter(person__in=among(sorted(person.pk for person in people)))
    stays = list(rows.order_by("person", "since", "pk"))
    organisations = Organisation.objects.in_bulk({stay.organisation_id for stay in stays})
    found: dict[int, list[Membership]] = {}
    for stay in stays:
        stay.organisation = organisations[stay.organisation_id]
        found.setdefault(stay.person_id, []).append(stay)
    return found


def _reach(by) -> Callable[[str], bool]:
    """Whether a path lies where the importer may import."""
    paths = ("",) if by is None else tuple(by.scope.paths(Capability.IMPORT))
    return lambda path: path.startswith(paths)


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
    return Planned(row, Outcome.CREATED, organisation, since=row.fields.get("joined_on") or DAWN)


def _stay(person: Person, organisation: Organisation, standing: Standing, since: date, until: date) -> Membership:
    return Membership(
        person=person, organisation=organisation, standing=standing, since=since, until=until, path=organisation.path
    )


def _compare(planned: Planned, as_of: date, *, gone: bool) -> None:
    """Compare the row with a person who is known: as a member, as one who has left, or as no member so far."""
    person, organisation = planned.known, planned.organisation
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
    person = planned.known
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


def _say_verified(planned: Planned, known: dict[tuple[int, str], tuple[str, date]]) -> None:
    """Ask about what the branch verified with the member himself and the roster has otherwise; nobody overwrites it
    without having read so.
    """
    person, fields = planned.known, planned.row.fields
    for name in CONTACT:
        value, on = known.get((person.pk, name), ("", None))
        if on and value == getattr(person, name) != fields.get(name, value):
            when = f"{on} 支部向本人核实后改过" if planned.seen else "原党支部向本人核实后改过"
            sentence = f"{when}，名册里不一样，写入后以名册为准；名册是旧的，请把这一格清空或改成新的再导入。"
            planned.row.cells.say(name, "verified_since", Level.WARNING, sentence)


def _more_exact(planned: Planned, name: str) -> bool:
    """Whether the row knows the same day more or less exactly than it is known."""
    precision = PRECISIONS.get(name)
    return precision is not None and getattr(planned.known, precision) != planned.row.fields[precision]


def _vaguer(planned: Planned, name: str) -> bool:
    """Whether the row knows a date only as a month or a year, in which the known day lies."""
    known = getattr(planned.known, name)
    if name not in PRECISIONS or known is None:
        return False
    first, precision = planned.row.fields[name], planned.row.fields[PRECISIONS[name]]
    last = last_of(known, getattr(planned.known, PRECISIONS[name]))
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
        *planned.stays, _stay(planned.known, organisation, planned.row.standing, planned.since, FAR),
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
    full_on = planned.known.full_on
    return full_on if became_full and full_on else as_of


def _step(planned: Planned, day: date, values: dict) -> None:
    current = planned.stays[-1]
    if day > current.since:
        after = _stay(planned.known, current.organisation, current.standing, day, current.until)
        current.until = day
        planned.stays = [*planned.stays, after]
        current = after
    for name, value in values.items():
        setattr(current, name, value)
    planned.since = min(planned.since, current.since)
