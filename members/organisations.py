"""Importing the tree of party organisations from a sheet: the plan that the preview shows, and carrying it out.

Parents may stand below their children in the sheet. A row is refused for an unknown parent, a circle, a repeated
code or an unknown kind; the others are written in one transaction. The same sheet again changes nothing.
"""

from dataclasses import dataclass, field
from datetime import date

from django.db import transaction

from base import audit
from base.cells import plain, squeezed, telephone_of, text_of
from base.dates import DAWN, FAR
from base.facts import Fact, facts_changed, facts_will_change
from base.reading import CellReader, Column, Level, Sheet, read_sheet
from members.enums import LIVING, Capability, OrganisationKind
from members.imports import ImportReport, raced
from members.models import PATH_LENGTH, PATH_SEGMENT, Membership, Organisation, OrganisationParent
from members.services import HOLDS_MEMBERS
from members.sheets import Change, Line, Outcome, SheetPlan
from members.tree import place, rebuild_lineage

COLUMNS = (
    Column("code", ("党组织编码", "党组织代码", "组织编码", "组织代码"), required=True),
    Column("name", ("党组织名称", "党组织全称", "组织名称"), required=True),
    Column("short_name", ("党组织简称", "组织简称", "简称")),
    Column("kind", ("组织类别", "党组织类别", "组织类型"), required=True),
    Column("parent", ("上级党组织编码", "上级党组织代码", "上级组织编码", "上级编码"), required=True),
    Column("unit_name", ("单位名称", "所在单位", "党组织所在单位")),
    Column("founded_on", ("成立日期", "成立时间", "党组织成立日期")),
    Column("term_ends_on", ("届满日期", "届满时间", "换届日期")),
    Column("phone", ("联系电话", "电话", "党组织联系电话")),
)

KIND_WORDS = {
    **{kind.label: kind for kind in OrganisationKind},
    "基层党委": OrganisationKind.COMMITTEE, "机关党委": OrganisationKind.COMMITTEE,
    "总支": OrganisationKind.GENERAL_BRANCH, "总支部": OrganisationKind.GENERAL_BRANCH,
    "党总支部": OrganisationKind.GENERAL_BRANCH,
    "支部": OrganisationKind.BRANCH, "直属党支部": OrganisationKind.BRANCH, "联合党支部": OrganisationKind.BRANCH,
    "小组": OrganisationKind.GROUP,
}  # fmt: skip

FIELDS = ("name", "short_name", "kind", "unit_name", "founded_on", "term_ends_on", "phone")
_LONGEST = {"name": 120, "short_name": 60, "unit_name": 120}


LABELS = {column.name: column.headings[0] for column in COLUMNS}
TOP = "（最上级）"
HOLDS_STILL = "还有党员的组织关系在这里，改了类别以后，请把他们转到党支部。"
LEVELS = PATH_LENGTH // PATH_SEGMENT


@dataclass
class OrganisationRow:
    """One acceptable row: the organisation's code, its parent's code (empty at the top), the fields that were given."""

    cells: CellReader
    code: str
    parent: str
    fields: dict


@dataclass
class OrganisationsPlan(SheetPlan):
    """What a sheet of organisations would do. ``rows`` are the acceptable ones, parents first."""

    rows: list[OrganisationRow] = field(default_factory=list)
    known: dict[str, Organisation] = field(default_factory=dict)
    parents: dict[str, str | None] = field(default_factory=dict)


def read_organisations(data: bytes) -> Sheet:
    """:raises SheetRefused: if the file is no sheet of organisations."""
    return read_sheet(data, COLUMNS)


def plan_organisations(*, by, sheet: Sheet, today: date, locked: bool = False) -> OrganisationsPlan:
    """Compare a sheet with the tree.

    An empty cell leaves what is there, except that an empty parent means the top of the tree.

    :param by: the account that imports (only where it may), or ``None`` for a command.
    :param locked: hold the organisations until the transaction ends, so that what is planned is what is written.
    """
    organisations = Organisation.objects.order_by("pk")
    known = {each.code: each for each in (organisations.select_for_update() if locked else organisations)}
    parents = dict(OrganisationParent.objects.filter(until=FAR).values_list("organisation__code", "parent__code"))
    plan = OrganisationsPlan(sheet, [CellReader(row, sheet.headings) for row in sheet.rows])
    plan.known, plan.parents = known, parents
    rows = _standing(_in_scope(by, _read_rows(plan.readers, known), known, parents), known, today)
    plan.rows = _acceptable(rows, known, parents)
    _warn_of_members(plan.rows, known, today)
    in_order = sorted(plan.rows, key=lambda row: row.cells.row.number)
    plan.lines = [_line(row, plan, {each.code: each for each in plan.rows}) for row in in_order]
    return plan


def import_organisations(*, by, sheet: Sheet, today: date) -> ImportReport:
    """Plan anew and write the acceptable rows; a new parent holds from ``today`` on.

    :param by: the account that imports, or ``None`` for a command.
    :param sheet: as :func:`read_organisations` gives it.
    """
    with raced(), transaction.atomic():
        facts_will_change(alone=True)
        plan = plan_organisations(by=by, sheet=sheet, today=today, locked=True)
        rows, known = plan.rows, plan.known
        created = _create(rows, known)
        changed = _change(rows, known)
        moved = _move(rows, {**plan.parents, **{row.code: row.parent or None for row in created}}, today)
        if created or moved:
            rebuild_lineage()
        if created or moved or "kind" in changed:
            facts_changed(
                Fact.ORGANISATION, since=DAWN if created or "kind" in changed else today, people=None,
                organisations=None,
            )  # fmt: skip
        report = plan.report()
        audit.write(audit.Act.IMPORT, "organisations", **report.counts())
    return report


def _line(row: OrganisationRow, plan: OrganisationsPlan, in_file: dict[str, OrganisationRow]) -> Line:
    """What the row would do, as the preview shows it."""

    def called(code: str | None) -> str:
        if not code:
            return TOP
        return plan.known[code].label if code in plan.known else in_file[code].fields["name"]

    old = plan.known.get(row.code)
    name, where = row.fields.get("name") or old.name, called(row.parent)
    if old is None:
        return Line(row.cells, name, Outcome.CREATED, where)
    changes = [
        Change(LABELS[field], _shown(field, getattr(old, field)), _shown(field, value))
        for field, value in row.fields.items()
        if getattr(old, field) != value
    ]
    if plan.parents.get(row.code) != (row.parent or None):
        changes.append(Change("上级党组织", called(plan.parents.get(row.code)), where))
    return Line(row.cells, name, Outcome.UPDATED if changes else Outcome.UNCHANGED, where, changes)


def _shown(field: str, value) -> str:
    if field == "kind":
        return OrganisationKind(value).label
    return str(value or "")


def _read_rows(readers: list[CellReader], known: dict[str, Organisation]) -> list[OrganisationRow]:
    first_at: dict[str, int] = {}
    rows = []
    for cells in readers:
        row = _read_row(cells, known)
        if row.code and row.code in first_at:
            sentence = f"编码 {row.code} 与第 {first_at[row.code]} 行重复，以先出现的一行为准。"
            cells.wrong("code", "duplicate_code", sentence)
        first_at.setdefault(row.code, cells.row.number)
        if not cells.refused:
            rows.append(row)
    return rows


def _read_row(cells: CellReader, known: dict[str, Organisation]) -> OrganisationRow:
    code, parent = _code(cells, "code"), _code(cells, "parent")
    if not code and not cells.refused:
        cells.wrong("code", "missing_code", "没有党组织编码，请补上。")
    given = {name: cells.text(name, longest=_LONGEST[name]) for name in _LONGEST}
    given["founded_on"], given["term_ends_on"] = cells.day("founded_on"), cells.day("term_ends_on")
    given["phone"] = telephone_of(cells.raw("phone"))[0][:40]
    if not given["name"] and code not in known:
        cells.wrong("name", "missing_name", "没有党组织名称，请补上。")
    word = squeezed(plain(text_of(cells.raw("kind"))))
    given["kind"] = KIND_WORDS.get(word, "")
    if (word or code not in known) and not given["kind"]:
        choices = "、".join(OrganisationKind.labels)
        cells.wrong("kind", "unknown_kind", f"组织类别“{word}”不在名单里，请写成：{choices}。")
    return OrganisationRow(cells, code, parent, {name: given[name] for name in FIELDS if given[name]})


def _code(cells: CellReader, name: str) -> str:
    """A code as text; one so long that Excel's numbers lose its end is refused when it comes as a number."""
    value = cells.raw(name)
    if isinstance(value, int | float) and abs(value) >= 1e15:
        cells.wrong(name, "code_as_number", "被 Excel 存成了数字，后几位已丢失。把该列设成“文本”后重新粘贴。")
        return ""
    return squeezed(plain(cells.text(name, longest=40)))


def _in_scope(
    by, rows: list[OrganisationRow], known: dict[str, Organisation], parents: dict[str, str | None]
) -> list[OrganisationRow]:
    """Rows about organisations, and under parents, where the importer may import; a command may everywhere."""
    if by is None:
        return rows
    mine = {code for code, each in known.items() if by.scope.may(Capability.IMPORT, each.path)}
    new = {row.code for row in rows if row.code not in known}
    for row in rows:
        stays = row.code in mine and parents.get(row.code) == (row.parent or None)
        if not stays and not (row.code in mine | new and row.parent in mine | new):
            row.cells.wrong("code", "out_of_scope", "这个党组织或它的上级不在你的范围内，请联系上级组织部。")
    return [row for row in rows if not row.cells.refused]


def _standing(rows: list[OrganisationRow], known: dict[str, Organisation], today: date) -> list[OrganisationRow]:
    """Rows about organisations that still exist, under parents that do."""
    for row in rows:
        for column, code in (("code", row.code), ("parent", row.parent)):
            if code in known and known[code].until <= today:
                sentence = f"{known[code].label}已于 {known[code].until} 撤销，不能再用。请改正编码。"
                row.cells.wrong(column, "ended_organisation", sentence)
    return [row for row in rows if not row.cells.refused]


def _warn_of_members(rows: list[OrganisationRow], known: dict[str, Organisation], today: date) -> None:
    """What held members and now holds none is asked about: its members have to go to a branch."""
    turned = [row for row in rows if row.fields.get("kind") not in (None, *HOLDS_MEMBERS) and row.code in known]
    turned = {row.code: row for row in turned if known[row.code].kind in HOLDS_MEMBERS}
    if turned:
        here = Membership.objects.on(today).filter(organisation__code__in=turned, standing__in=LIVING)
        for code in set(here.values_list("organisation__code", flat=True)):
            turned[code].cells.say("kind", "has_members", Level.WARNING, HOLDS_STILL)


def misplaced(kind: str, above: str) -> bool:
    """Whether an organisation of ``kind`` cannot stand under one of the kind ``above``."""
    return above == OrganisationKind.GROUP or (above == OrganisationKind.BRANCH and kind != OrganisationKind.GROUP)


def _acceptable(
    rows: list[OrganisationRow], known: dict[str, Organisation], parents: dict[str, str | None]
) -> list[OrganisationRow]:
    """Rows whose chain of parents is known and ends at the top; the others get a finding. Parents come first."""
    while True:
        in_file = {row.code: row for row in rows}
        merged = {**parents, **{row.code: row.parent or None for row in rows}}
        for row in rows:
            _check_parent(row, in_file, known, merged)
        for code, above in merged.items():
            if above in in_file and code not in in_file and misplaced(known[code].kind, _kind(above, in_file, known)):
                sentence = f"下级{known[code].label}是{known[code].get_kind_display()}，不能在这一类之下，请先划走它。"
                in_file[above].cells.wrong("kind", "bad_kind", sentence)
        left = [row for row in rows if not row.cells.refused]
        if len(left) == len(rows):
            return sorted(rows, key=lambda row: len(_chain(row.code, merged)))
        rows = left


def _check_parent(row: OrganisationRow, in_file: dict, known: dict, merged: dict) -> None:
    if not row.parent:
        return
    if row.parent not in in_file and row.parent not in known:
        row.cells.wrong("parent", "unknown_parent", f"没有编码为 {row.parent} 的上级党组织，请先导入它，或改正编码。")
        return
    chain = _chain(row.code, merged)
    if chain[-1] == row.code:
        row.cells.wrong("parent", "circle", f"上下级绕成了一圈：{' → '.join(chain)}，请改正上级党组织编码。")
        return
    if len(chain) > LEVELS:
        row.cells.wrong("parent", "too_deep", f"党组织最多 {LEVELS} 级，它会在第 {len(chain)} 级，请改正上级编码。")
        return
    above = _kind(row.parent, in_file, known)
    if misplaced(_kind(row.code, in_file, known), above):
        sentence = f"{OrganisationKind(above).label}不能是它的上级党组织，请改正上级编码。"
        row.cells.wrong("parent", "bad_parent", sentence)


def _kind(code: str, in_file: dict, known: dict) -> str:
    given = in_file[code].fields.get("kind") if code in in_file else None
    return given or known[code].kind


def _chain(code: str, merged: dict[str, str | None]) -> list[str]:
    """Codes from an organisation upward; ends at the top, or at the first code that comes again."""
    chain = [code]
    while (above := merged.get(chain[-1])) is not None:
        chain.append(above)
        if above in chain[:-1]:
            break
    return chain


def _create(rows: list[OrganisationRow], known: dict[str, Organisation]) -> list[OrganisationRow]:
    """Create what is new, with free paths counted on under each parent; adds it to ``known``."""
    new = [row for row in rows if row.code not in known]
    last: dict[str, int] = {}
    for each in known.values():
        base = each.path[:-PATH_SEGMENT]
        last[base] = max(last.get(base, 0), int(each.path[-PATH_SEGMENT:]))
    for row in new:
        base = known[row.parent].path if row.parent else ""
        last[base] = last.get(base, 0) + 1
        known[row.code] = Organisation(code=row.code, path=base + str(last[base]).zfill(PATH_SEGMENT), **row.fields)
    Organisation.objects.bulk_create([known[row.code] for row in new], batch_size=500)
    OrganisationParent.objects.bulk_create(
        [
            OrganisationParent(organisation=known[row.code], parent=known[row.parent] if row.parent else None)
            for row in new
        ],
        batch_size=500,
    )
    return new


def _change(rows: list[OrganisationRow], known: dict[str, Organisation]) -> set[str]:
    """Write the fields that differ; returns the names of those fields."""
    changed, names = {}, set()
    for row in rows:
        organisation = known[row.code]
        for name, value in row.fields.items():
            if getattr(organisation, name) != value:
                setattr(organisation, name, value)
                changed[row.code] = organisation
                names.add(name)
    Organisation.objects.bulk_update(changed.values(), FIELDS, batch_size=200)
    return names


def _move(rows: list[OrganisationRow], parents: dict[str, str | None], today: date) -> set[str]:
    """Put organisations under new parents from ``today`` on; top ones first, so that no circle arises on the way."""
    moved = [row for row in rows if parents.get(row.code) != (row.parent or None)]
    for row in moved:
        fresh = {each.code: each for each in Organisation.objects.filter(code__in=[row.code, row.parent])}
        place(fresh[row.code], fresh.get(row.parent), since=today)
    return {row.code for row in moved}


def organisations_by_any_name(by, today: date) -> dict[str, list[Organisation]]:
    """Organisations by code, name and short name, without spaces; of an account only those where it may import.

    A name may be that of several.
    """
    organisations = Organisation.objects.on(today).order_by("pk")
    if by is not None:
        organisations = organisations.visible_to(by, Capability.IMPORT)
    found: dict[str, list[Organisation]] = {}
    for each in organisations:
        for key in {each.code, squeezed(plain(each.name)), squeezed(plain(each.short_name))} - {""}:
            found.setdefault(key, []).append(each)
    return found
