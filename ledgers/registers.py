"""A ledger for each register of those who need care, made of the register's own declaration and nothing else."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from django import forms
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from base.cells import day_text
from base.dates import last_day
from base.fields import TableField, YuanField
from base.writing import Format
from care.models import CLOSED, OF_THE_DEAD, Entry
from care.permissions import reads_private
from care.register import Register, told
from care.registers import REGISTERS
from ledgers.headings import LAST, OFFICIAL, OTHER_END, PLACE, REVIEW, SINCE, WHY
from ledgers.ledger import AsOf, Column, Ledger, Part, Reader
from ledgers.register_entries import DIED, entering_of, fact_name, is_of_organisations
from ledgers.spelling import Spelling, yes_word
from members.enums import Standing, TieKind
from members.models import Membership, Organisation, Tie
from members.scope import sealed_at

GROUP = "帮扶台账"
PERIOD = (
    "在期间内有一天在册的条目，不含已撤销的；条目跟着党员走：党组织是“自”那天所在的党组织，"
    "后来调动的写在“现在所在”；去世的，在册到去世的前一天。"
    "填了“截至”的，列那天在册的，情况按现在登记的写。"
)  # fmt: skip
_SHORT_LABEL = 6
_WIDTHS = {Format.DATE: 12, Format.NUMBER: 12, Format.MONEY: 12}


def ledger_of(register: Register) -> Ledger:
    """The ledger of a register: who, in which grade, every fact of its form, from when to when."""
    return Ledger(
        code=register.code,
        title=register.title,
        group=GROUP,
        period=PERIOD,
        sensitive=register.sensitive,
        as_of=AsOf.OFFERED,
        rows=partial(entries_of, register),
        columns=tuple(_columns(register)),
        tally=(("{} 条", Count("pk")), ("{} 人", Count("person", distinct=True))),
        prepare=partial(prepared, register),
        link=lambda entry, _: reverse("entry", args=[entry.pk]),
        subject="person",
        entering=entering_of(register),
    )


def entries_of(
    register: Register,
    reader: Reader,
    organisation: Organisation,
    first: date,
    last: date,
    *,
    opens: Sequence[str] = (),
) -> QuerySet:
    """Entries in force on some day of the period, of members who stand in the organisation on the reader's day.

    :param opens: sealed fields of the member that the columns print.
    """
    entries = Entry.objects.all() if reader.account is None else Entry.objects.visible_to(reader.account)
    stays = Membership.objects.filter(person=OuterRef("person"))
    then, now = stays.on(OuterRef("since")), stays.on(reader.day)
    died = stays.filter(standing=Standing.DEAD).order_by("since")
    found = entries.standing().filter(register=register.code, since__lte=last, until__gt=first)
    found = found.below(organisation.path, reader.day).annotate(
        place_then=Subquery(then.values("organisation")[:1]), place=Subquery(now.values("organisation")[:1]),
        path=Subquery(now.values("path")[:1]), died_on=Subquery(died.values("since")[:1]),
    )  # fmt: skip
    if register.code not in OF_THE_DEAD:
        found = found.filter(Q(died_on__isnull=True) | Q(died_on__gt=first))
    if register.tie:
        found = found.select_related("tie__to", "tie__to_organisation").defer(*sealed_at("tie__to"))
    kept = {f"person__{name}" for name in opens}
    found = found.select_related("person").defer(
        "closed_note", *(each for each in sealed_at("person") if each not in kept)
    )
    return found.order_by("-since", "-pk")


def prepared(register: Register, batch: list[Entry], reader: Reader) -> list[Entry]:
    """With the organisations of then and now, the contacts of today where the register asks for one, and whether the
    reader may know the private facts of each.
    """
    contacts: dict[int, list[str]] = {}
    if register.contact:
        ties = Tie.objects.on(reader.day).filter(kind=TieKind.CONTACT, to__isnull=False)
        names = ties.filter(person__in={each.person_id for each in batch}).order_by("since", "pk")
        for person, name in names.values_list("person", "to__name"):
            contacts.setdefault(person, []).append(name)
    places = Organisation.objects.in_bulk({pk for each in batch for pk in (each.place_then, each.place) if pk})
    for entry in batch:
        entry.then, entry.now = places.get(entry.place_then), places.get(entry.place)
        entry.contacts = contacts.get(entry.person_id, [])
        entry.opened = reader.account is None or reads_private(reader.account, entry, entry.path or "")
    return batch


def _columns(register: Register) -> list[Column]:
    """All columns; another heading that two of them would claim is left to the fact."""
    facts = [_fact(register, name, field) for name, field in register.form.facts().items()]
    taken = {heading for column in facts for heading in (column.heading, *column.also)}

    def column(headings: tuple[str, ...], value, width: int = 12, part=Part.VALUE, **more) -> Column:
        heading, *also = headings
        also = tuple(each for each in also if each not in taken)
        taken.update((heading, *also))
        return Column(heading, value, width, part=part, also=also, **more)

    key, computed = Part.KEY, Part.COMPUTED
    columns = [
        column(PLACE, _then, 22, key, name="branch"),
        column(("姓名", "党员", "党员姓名"), "person.name", 10, key, name="name", leads=True),
        column(("性别",), "person.sex", 6, computed),
        column(("出生年月",), born, 10, computed),
        column(("入党时间", "入党日期"), joined, 12, computed),
    ]
    if register.tie:
        name = "to" if is_of_organisations(register) else "people"
        columns.append(column(OTHER_END[register.tie], _other_end, 14, key, name=name))
    if register.contact:
        columns.append(column(("联系人",), _contacts, 12, computed))
    if register.grades:
        label = str(register.form.base_fields["grade"].label)
        part, meaning = key if register.several else Part.VALUE, Spelling.of((g, g) for g in register.grades).label_of
        grades = dict.fromkeys((label, "等次", "困难程度"))
        columns.append(column(tuple(grades), "grade", 14, part, name="grade", meaning=meaning))
    columns += facts
    since = dict.fromkeys((SINCE[0], str(register.form.base_fields["since"].label), *SINCE[1:]))
    columns.append(column(tuple(since), "since", 12, key, name="on", format=Format.DATE))
    columns.append(column(LAST, ended, 12, name="last", format=Format.DATE))
    if register.recognised:
        columns.append(column(("组织认定日期",), "recognised_on", 12, name="recognised_on", format=Format.DATE))
        columns.append(column(("认定单位",), "recognised_by", 16, name="recognised_by"))
    if register.review_days:
        columns.append(column(REVIEW, "review_on", 12, name="review_on", format=Format.DATE))
    columns.append(column(WHY, ended_as, 16, name="why"))
    columns.append(column(("现在所在",), _moved, 16, computed))
    return columns


def _fact(register: Register, name: str, field: forms.Field) -> Column:
    """The column of one fact; a private one stands in the workbook alone, empty for whoever may not know it."""
    label, *also = OFFICIAL.get(register.code, {}).get(name, (str(field.label),))
    private, format_ = name in register.form.private, _format_of(field)
    width = _WIDTHS.get(format_) or _width(field)
    part = Part.COMPUTED if isinstance(field, TableField) else Part.VALUE
    return Column(
        label, partial(_known, name, field, private), width, format_, part=part, name=fact_name(name),
        also=tuple(also), hides=private, sealed=private, meaning=_meaning(field),
    )  # fmt: skip


def _width(field: forms.Field) -> int:
    if isinstance(field, forms.BooleanField):
        return 10
    if isinstance(field, TableField) or isinstance(field.widget, forms.Textarea):
        return 36
    labels = [] if isinstance(field, forms.MultipleChoiceField) else getattr(field, "choices", [])
    return 12 if labels and max(len(str(label)) for _value, label in labels) <= _SHORT_LABEL else 18


def _known(name: str, field: forms.Field, private: bool, entry: Entry, reader: Reader) -> Any:
    if private and not entry.opened:
        return None
    return in_cell(field, (entry.private if private else entry.facts).get(name))


def in_cell(field: forms.Field, value: Any) -> Any:
    """A kept fact as a cell has it: a day, a number (money in yuan), words; a table in one cell."""
    if value in (None, "", []):
        return None
    if isinstance(field, YuanField):
        return Decimal(value) / 100
    if isinstance(field, forms.DateField):
        return date.fromisoformat(value)
    if isinstance(field, forms.IntegerField):
        return value
    if isinstance(field, TableField):
        return "；".join(_in_words(field, row) for row in value)
    return told(field, value).text


def _in_words(field: TableField, row: dict) -> str:
    """One row of a table: 吴春梅（配偶，1973-02，无业）."""
    lead, *rest = [
        str(column.label)
        if row.get(name) is True
        else ""
        if row.get(name) is False
        else told(column, row.get(name)).text
        for name, column in field.row.base_fields.items()
    ]
    more = "，".join(each for each in rest if each)
    return f"{lead}（{more}）" if more else lead


def _format_of(field: forms.Field) -> Format:
    if isinstance(field, YuanField):
        return Format.MONEY
    if isinstance(field, forms.IntegerField):
        return Format.NUMBER
    return Format.DATE if isinstance(field, forms.DateField) else Format.TEXT


def _meaning(field: forms.Field) -> Callable[[str], str] | None:
    """What the words of a fact compare as: choices by their labels in the order of the list, money without its unit."""
    if isinstance(field, forms.MultipleChoiceField):
        return Spelling.of(field.choices).labels_of
    if isinstance(field, forms.ChoiceField):
        return Spelling.of(field.choices).label_of
    if isinstance(field, forms.BooleanField):
        return yes_word
    return _without_unit if isinstance(field, YuanField) else None


def _without_unit(text: str) -> str:
    return text.replace(",", "").removesuffix("元")


def _then(entry: Entry, reader: Reader) -> str:
    return entry.then.label if entry.then else ""


def _moved(entry: Entry, reader: Reader) -> str:
    """Where the member stands now, if that is elsewhere."""
    return entry.now.label if entry.now and entry.now != entry.then else ""


def born(entry: Entry, reader: Reader) -> str:
    """The month of birth, as far as it is known."""
    person = entry.person
    if person.birth_on is None:
        return ""
    return f"{person.birth_on:%Y}" if person.birth_precision == "year" else f"{person.birth_on:%Y-%m}"


def joined(entry: Entry, reader: Reader) -> str:
    """The day of joining, as far as it is known."""
    return day_text(entry.person.joined_on, entry.person.joined_precision)


def _other_end(entry: Entry, reader: Reader) -> str:
    tie = entry.tie
    if tie is None:
        return ""
    return tie.to.name if tie.to else tie.to_organisation.label


def _contacts(entry: Entry, reader: Reader) -> str:
    return "、".join(entry.contacts)


def _death_ends(entry: Entry) -> bool:
    died_on = None if entry.register in OF_THE_DEAD else entry.died_on
    return died_on is not None and entry.since < died_on < entry.until


def ended(entry: Entry, reader: Reader) -> date | None:
    """The last day of an entry; a death ends it the day before."""
    return last_day(entry.died_on) if _death_ends(entry) else entry.last


def ended_as(entry: Entry, reader: Reader) -> str:
    """Why it ended."""
    return DIED if _death_ends(entry) else entry.closed_as


REGISTER_LEDGERS = tuple(ledger_of(each) for code, each in REGISTERS.items() if code not in CLOSED)
"""The ledgers of the registers, in their order."""
