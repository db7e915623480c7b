"""What follows from entries: the categories of their members, made to be what the entries say, and no others.

:mod:`care.entries` calls it at the end of each act, under the member's lock; :mod:`members.bonds` tells the engine.
"""

from datetime import date, timedelta

from base.dates import FAR, last_day
from care.models import Entry
from care.register import Register
from care.tied import mark_away
from members.bonds import ENTRY, begin_category, end_category, withdraw_category
from members.enums import Standing
from members.models import Category, Person
from members.services import membership_on


def source_of(entry: Entry) -> str:
    """What an entry's categories and tasks name as their source."""
    return f"{ENTRY}{entry.pk}"


def alike(register: Register, entry: Entry) -> list[Entry]:
    """The standing entries of the member in the register, this one as it is at hand, if it stands."""
    others = Entry.objects.standing().filter(person=entry.person, register=register.code).exclude(pk=entry.pk)
    found = list(others.select_related("person").order_by("since", "pk"))
    return found if entry.withdrawn_on else [*found, entry]


def settle(register: Register, entry: Entry, on: date) -> None:
    """Make the member's categories and own row from ``on`` what the entry says; what was before stays."""
    mark_away(register, entry.person)
    if register.together:
        settle_together(register, entry)
        return
    counts = not register.recognised or entry.recognised_on
    wanted = register.kinds(entry) if counts and on < entry.until else {}
    mine = Category.objects.filter(source=source_of(entry), until__gt=on)
    for category in mine.select_related("person").order_by("pk"):
        if wanted.get(category.kind) == category.grade and category.until == entry.until:
            del wanted[category.kind]
        elif wanted.get(category.kind) == category.grade and category.since <= on:
            end_category(category=category, last=entry.last)
            del wanted[category.kind]
        else:
            _cut(category, on)
    for kind, grade in wanted.items():
        same = Category.objects.filter(person=entry.person, kind=kind, until__gt=on, since__lt=entry.until)
        for other in same.select_related("person").order_by("pk"):
            _cut(other, on)
        basis = entry.recognised_by or f"{register.title}条目"
        begin_category(
            person=entry.person, kind=kind, grade=grade, since=on, last=entry.last, basis=basis,
            today=max(on, entry.entered_on), source=source_of(entry),
        )  # fmt: skip


def settle_together(register: Register, entry: Entry) -> None:
    """Make ends and categories what all entries of the member in the register say; rows that stay keep their number.

    What is wanted never overlaps, so rows are taken back and shortened before others are prolonged and begun.
    """
    found = register.together(alike(register, entry))
    for each in found:
        if each.entry is not entry and each.until != each.entry.until:
            Entry.objects.filter(pk=each.entry.pk).update(until=each.until)
    wanted = {(source_of(each.entry), row.kind, row.grade, row.since): row.until for each in found
              for row in each.belongs}  # fmt: skip
    sources = [source_of(each) for each in Entry.objects.filter(person=entry.person, register=register.code)]
    standing = Category.objects.filter(person=entry.person, source__in=sources).select_related("person")
    longer = []
    for row in standing.order_by("since", "pk"):
        until = wanted.pop((row.source, row.kind, row.grade, row.since), None)
        if until is None:
            withdraw_category(category=row, reason="台账条目已改")
        elif until < row.until:
            end_category(category=row, last=last_day(until))
        elif until > row.until:
            longer.append((row, until))
    for row, until in longer:
        _make_room(entry.person, row.kind, row.since, until, but=sources)
        end_category(category=row, last=None if until == FAR else last_day(until))
    for (source, kind, grade, since), until in wanted.items():
        stay = membership_on(entry.person, since)
        if stay is None or stay.standing == Standing.DEAD:
            continue
        _make_room(entry.person, kind, since, until, but=sources)
        begin_category(
            person=entry.person, kind=kind, grade=grade, since=since, last=None if until == FAR else last_day(until),
            basis=f"{register.title}条目", today=since, source=source,
        )  # fmt: skip


def _make_room(person: Person, kind: str, since: date, until: date, *, but: list[str]) -> None:
    """End what others wrote of the same kind where a register's own row begins."""
    same = Category.objects.filter(person=person, kind=kind, until__gt=since, since__lt=until)
    for other in same.exclude(source__in=but).select_related("person").order_by("pk"):
        _cut(other, since)


def _cut(category: Category, on: date) -> None:
    """End a category before ``on``; one that begins only then is taken back."""
    if category.since >= on:
        withdraw_category(category=category, reason="台账条目已改")
    else:
        end_category(category=category, last=on - timedelta(days=1))
