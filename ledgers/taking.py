"""Taking a ledger in: what goes out can come in. The plan compares a sheet with what is printed and writes nothing.

A row that the ledger prints already is unchanged; one whose key is known with other values is refused, for records are
withdrawn and never edited; what is new is entered by the services of the page. Computed columns are never read.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from io import BytesIO
from operator import attrgetter

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from base import audit, reading
from base.cells import plain, squeezed, text_of
from base.facts import facts_together, facts_will_change
from base.many import forget_plans
from base.reading import CellReader, Level, read_sheet
from base.writing import Heading, Sheet, write_workbook
from duties.board.words import names_of
from ledgers.entries import Entry, event_named
from ledgers.ledger import AT_ONCE, AsOf, Ledger, Part, Reader
from ledgers.matching import Asked, Known, Match, Words, name_of, names_in
from ledgers.people import Acting, Importer, People, Unclear
from members.appointments import titled
from members.identity import IdentityRefused, identity_of_cell
from members.imports import raced
from members.models import Event, Person
from members.permissions import knows_event
from members.sheets import Line, Outcome, SheetPlan

NARROWED_TO = 5_000
"""With more names than these, known rows are looked for by their days alone."""

BLANK_ROWS, BLANK_WIDTH = 200, 20
"""Of the workbook to be filled in: its empty rows, whose cells are texts, and how wide its further columns are."""

TOLD_EVERY = 50
"""Acts after which it is said how many rows are entered, a fifth of a second or so."""

DERIVED = "应办由制度和事实算出来，不从表里登记或修改。办过的事请登记谈话、走访、学习或办理，系统自己办结。"
NAME_EVENTS = "请写成“获得功勋荣誉表彰（2026-11-11）”这样；没有登记的先登记事由，或把这一格清空。"
OWN = "与你本人有关的由谈话人、去的同志或上级登记，请删去这一行。"


@dataclass
class LedgerPlan(SheetPlan):
    """What writing a sheet of a ledger would do; ``entries`` are its new rows."""

    entries: list[Entry] = field(default_factory=list)

    def keep(self, cells: CellReader, name: str, outcome: Outcome, where: str) -> None:
        self.lines.append(Line(cells, name, outcome, where))


def read_ledger(ledger: Ledger, data: bytes) -> reading.Sheet:
    """:raises SheetRefused: if the file is no sheet of this ledger."""
    return read_sheet(data, ledger.reads)


def blank(ledger: Ledger, unit: str, at: datetime) -> BytesIO:
    """The ledger without rows, as a workbook to be filled in, with the columns that only an import reads."""
    headings = ledger.headings + [Heading(read.headings[0], BLANK_WIDTH) for read, _use in ledger.only]
    rows = ([""] * len(headings) for _ in range(BLANK_ROWS))
    return write_workbook(Sheet(ledger.title, unit, "导入模板", f"{at:%Y-%m-%d %H:%M}", headings, rows))


def plan_ledger(*, importer: Importer, ledger: Ledger, sheet: reading.Sheet, today: date) -> LedgerPlan:
    """Compare a sheet with what is known, as the importer may see it."""
    plan = LedgerPlan(sheet, [CellReader(row, sheet.labels) for row in sheet.rows])
    numbers = {cells.row.number: _number(cells, today) for cells in plan.readers}
    names = {name_of(cells.row.value("name")) for cells in plan.readers}
    acting = {name for cells in plan.readers for name in names_in(cells.row.value("people"))}
    people = People(names | acting, set(numbers.values()) - {""}, importer)
    words = Words(ledger, people.labels)
    asked = [words.asked(cells, person=people.holder(numbers[cells.row.number])) for cells in plan.readers]
    match = Match(ledger, _known(words, importer, asked, names, today), asked)
    _say_known(plan, match, asked)
    fresh = [row for row in asked if row.known is None and not row.cells.refused]
    if ledger.entering is None:
        for row in fresh:
            row.cells.wrong(ledger.keys[0].name, "derived", DERIVED)
    else:
        _plan_entries(plan, _Sheet(ledger, importer, people, numbers, today), fresh)
    return plan


def import_ledger(
    *,
    importer: Importer,
    ledger: Ledger,
    sheet: reading.Sheet,
    today: date,
    told: Callable[..., None] = lambda *how: None,
) -> LedgerPlan:
    """Plan anew and enter what is new, all of it in one transaction.

    What a service refuses all the same, be it because somebody else has just entered it, becomes a finding of its row.

    :param told: is called with a word for each step, and rows done and in all where they are known; what it raises
        undoes everything.
    :raises SheetRefused: when another import wrote at the same time.
    """
    with raced(), transaction.atomic():
        facts_will_change(alone=True)
        told("逐行比对")
        plan = plan_ledger(importer=importer, ledger=ledger, sheet=sheet, today=today)
        with facts_together():
            _enter(ledger, importer, plan.entries, today, told)
            told("更新应办事项")
        forget_plans()
        plan.lines = [line for line in plan.lines if not line.cells.refused]
        audit.write(audit.Act.IMPORT, "ledger", ledger=ledger.code, **plan.report().counts())
    return plan


def _enter(ledger: Ledger, importer: Importer, entries: list[Entry], today: date, told: Callable[..., None]) -> None:
    """Enter act by act; each is a transaction of its service's own, which leaves nothing of what it refuses."""
    done = 0
    for number, act in enumerate(ledger.entering.acts(entries) if entries else ()):
        if number % TOLD_EVERY == 0:
            told("登记", done, len(entries))
        done += len(act)
        try:
            ledger.entering.enter(importer.account, act, today)
        except ValidationError as no:
            for entry in act:
                entry.cells.wrong(_first(entry.cells), "refused_in_writing", " ".join(no.messages))


def _number(cells: CellReader, today: date) -> str:
    """The identity number of a row; one that cannot be right refuses the row, and none is none."""
    value = cells.row.value("id_number")
    if not text_of(value):
        return ""
    try:
        return identity_of_cell(value, today=today).number
    except IdentityRefused as refusal:
        cells.wrong("id_number", refusal.code, str(refusal))
        return ""


def _known(words: Words, importer: Importer, asked: list[Asked], names: set[str], today: date) -> Iterator[Known]:
    """The rows that the ledger prints for the days of the sheet and the members it names."""
    ledger = words.ledger
    [day] = [place for place, column in enumerate(ledger.columns) if column.name == "on"]
    days = sorted(found for row in asked if (found := _day(row.words[day])))
    if not days and ledger.as_of == AsOf.FIRST:
        days = [today]  # it is known by what stands, and its days need not be
    if not days:
        return
    about, person = Q(), _nobody
    if ledger.subject:
        about = Q(**{f"{ledger.subject}__name__in": names}) if len(names) <= NARROWED_TO else Q()
        about |= Q(**{f"{ledger.subject}__isnull": True}) if "" in names else Q()
        person = attrgetter(f"{ledger.subject.replace('__', '.')}_id")
    reader = Reader(importer.account, today)
    for place in importer.places:
        rows = ledger.rows(reader, place, days[0], days[-1]).filter(about)
        for row, [_number, *values] in ledger.table(rows.iterator(chunk_size=AT_ONCE), reader):
            yield words.printed(values, person(row))


def _nobody(row) -> None:
    """Whom a row is about in a ledger whose rows are about nobody."""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _say_known(plan: LedgerPlan, match: Match, asked: list[Asked]) -> None:
    """What is to be said of the rows that are known, and of those that say again what another row says."""
    for row in match.differing:
        for column, printed in match.differences(row, row.known):
            now = f"系统里这一条的“{column.heading}”是“{printed or '空'}”。"
            row.cells.wrong(column.name, "differs", f"{now}{match.remedy}")
    for row, other in match.repeated:
        _say_repeated(row, other.cells.row.number)
    for row in asked:
        if row.known is None or row.cells.refused:
            continue
        for column, printed in match.outdated(row):
            sentence = f"这一列由系统计算，没有读入；系统里现在是“{printed}”。"
            row.cells.say(column.name or column.heading, "computed", Level.WARNING, sentence)
        plan.keep(row.cells, name_of(row.cells.row.value("name")), Outcome.UNCHANGED, "系统里已有")


def _plan_entries(plan: LedgerPlan, sheet: "_Sheet", fresh: list[Asked]) -> None:
    """What the rows that are new would become, the later ones of a repeated one left out."""
    first_at: dict[tuple, int] = {}
    entries = [(row, entry) for row in fresh if (entry := sheet.entry(row))]
    sheet.attach_events([entry for _row, entry in entries])
    sheet.ledger.entering.fetch([entry for _row, entry in entries], sheet.importer, sheet.today)
    for row, entry in entries:
        sheet.ledger.entering.judge(entry, sheet.today)
        first = first_at.setdefault(sheet.told(row, entry), row.cells.row.number)
        if first != row.cells.row.number:
            _say_repeated(row, first)
        if not row.cells.refused:
            plan.entries.append(entry)
            place = entry.place or entry.stay.organisation
            where = "，".join(each for each in (place.label, str(entry.on), names_of(entry.people)) if each)
            plan.keep(row.cells, entry.member.name if entry.member else "", Outcome.CREATED, where)


def _say_repeated(row: Asked, first: int) -> None:
    sentence = f"与第 {first} 行是同一件事，请删去一行；同一天另有一次的，请写明内容。"
    row.cells.wrong(_first(row.cells), "repeated", sentence)


def _first(cells: CellReader) -> str:
    """The column at which something is said of a whole row: whom it is about, else its day."""
    return "name" if "name" in cells.headings else "on"


@dataclass
class _Sheet:
    """A sheet being judged: whom its new rows mean, who acted, what they answer."""

    ledger: Ledger
    importer: Importer
    people: People
    numbers: dict[int, str]
    today: date

    def entry(self, row: Asked) -> Entry | None:
        """The entry, as far as one can be made; what is wrong is said at its cells."""
        cells, columns = row.cells, self.ledger.columns
        on, name = cells.day("on"), name_of(cells.text("name", longest=60))
        if on is None:
            cells.wrong("on", "missing_day", "没有日期（要到日），请补上。")
        if not name and not self.ledger.entering.nobody:
            cells.wrong("name", "blank_name", "没有姓名，请补上。")
        if cells.refused:
            return None
        words = zip(columns, row.words, strict=True)
        branch = squeezed(plain(next((word for column, word in words if column.name == "branch"), "")))
        if not name:
            return self._of_organisation(cells, branch, on)
        try:
            member, stay = self.people.member(name, self.numbers[cells.row.number], branch, on)
        except Unclear as unclear:
            cells.wrong("name", unclear.code, str(unclear))
            return None
        if self.importer.person == member:
            cells.wrong("name", "oneself", OWN)
        return Entry(cells, on, member, stay, self._acting(cells, stay.organisation_id, on) if stay else [])

    def _of_organisation(self, cells: CellReader, branch: str, on: date) -> Entry | None:
        """The entry of a row about nobody: what an organisation did."""
        try:
            place = self.people.organisation(branch)
        except Unclear as unclear:
            cells.wrong("branch", unclear.code, str(unclear))
            return None
        return Entry(cells, on, None, None, self._acting(cells, place.pk, on), place=place)

    def _acting(self, cells: CellReader, organisation: int, on: date) -> list[Person]:
        """Those who acted. A post that nobody held is said: the record stays, but answers for nothing by itself."""
        if all(column.name != "people" for column in self.ledger.columns):
            return []
        found: list[Acting] = []
        names = names_in(cells.raw("people"))
        if not names:
            cells.wrong("people", "missing_people", "没有写是谁，请补上。")
        for name in names:
            try:
                found.append(self.people.acting(name, organisation, on))
            except Unclear as unclear:
                cells.wrong("people", unclear.code, str(unclear))
        if found and self.ledger.entering.acted and not any(each.post for each in found):
            sentence = f"{on} 没有登记他们在本支部或上级的任职，只留档；任职补登记以后，自动按任职办结应办。"
            cells.say("people", "no_post", Level.WARNING, sentence)
        for each in found:
            if each.twins:
                sentence = f"本支部还有叫“{each.person.name}”的，按{titled(each.post)}读入。"
                cells.say("people", "twins", Level.WARNING, sentence)
        return [each.person for each in found]

    def attach_events(self, entries: list[Entry]) -> None:
        """Give each entry the event its cell names: one that stands, and that the importer may know of."""
        named = [(entry, text) for entry in entries if (text := text_of(entry.cells.raw("event")))]
        known: dict[tuple, Event] = {}
        members = [entry.member for entry, _text in named]
        if members:
            events = Event.objects.standing().filter(person__in=members).defer("note").order_by("-pk")
            known = {(event.person_id, event.kind, event.occurred_on): event for event in events}
        for entry, text in named:
            wanted = event_named(text)
            event = known.get((entry.member.pk, *wanted)) if wanted else None
            if event and entry.stay and self._knows(event, entry.stay.path):
                entry.event = event
            else:
                entry.cells.wrong("event", "unknown_event", f"没有找到{entry.member.name}的这件事由。{NAME_EVENTS}")

    def _knows(self, event: Event, path: str) -> bool:
        return self.importer.account is None or knows_event(self.importer.account, event, path)

    def told(self, row: Asked, entry: Entry) -> tuple:
        """What makes two rows one: their keys, their member and what they say was done."""
        keys = [
            word for column, word in zip(self.ledger.columns, row.words, strict=True)
            if column.part == Part.KEY and column.name not in ("branch", "name")
        ]  # fmt: skip
        about = ("m", entry.member.pk) if entry.member else ("o", entry.place.pk)
        return (*about, row.content, *keys)
