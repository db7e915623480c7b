"""Which entries a list shows, with the organisations where their members stand today, in a fixed number of queries."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from base.keyset import newest_first
from care.models import Entry, EntryQuerySet
from care.register import Register
from members.finding import called
from members.models import Membership, Organisation
from members.scope import sealed_at

PAGE = 50


@dataclass(frozen=True)
class Row:
    """One entry in a list: its facts in columns, and how it stands."""

    entry: Entry
    place: Organisation | None
    columns: list[str]
    state: str
    tone: str


def state_of(register: Register, entry: Entry, day: date) -> tuple[str, str]:
    """How an entry stands on a day, and the tone of it."""
    if entry.withdrawn_on:
        return "已撤销", ""
    if entry.until <= day:
        return f"{entry.last} 退出", ""
    if register.recognised and not entry.recognised_on:
        return "待认定", "soon"
    if entry.review_on and entry.review_on < day:
        return f"复核逾期 {(day - entry.review_on).days} 天", "late"
    if entry.review_on and (entry.review_on - day).days <= 30:
        return f"{entry.review_on} 复核", "soon"
    return "在册", ""


def narrowed(rows: EntryQuerySet, register: Register, *, state: str, here: Organisation | None, name: str, day: date):
    """Entries of a register by state, organisation and name."""
    rows = rows.filter(register=register.code)
    if state == "closed":
        rows = rows.standing().filter(until__lte=day)
    elif state != "all":
        rows = rows.running(day)
    if state == "waiting":
        rows = rows.filter(recognised_on__isnull=True)
    if state == "review":
        rows = rows.filter(review_on__lte=day)
    if here:
        rows = rows.below(here.path, day)
    return rows.filter(person__in=called(name)[-1]) if name else rows


def with_place(rows: QuerySet[Entry], day: date) -> QuerySet[Entry]:
    """Entries with the organisation where the member stands on a day."""
    stays = Membership.objects.on(day).filter(person=OuterRef("person"))
    rows = rows.annotate(place=Subquery(stays.values("organisation")[:1]), path=Subquery(stays.values("path")[:1]))
    return rows.select_related("person").defer("private", "closed_note", *sealed_at("person"))


def page_of(rows: EntryQuerySet, register: Register, day: date, after: str) -> tuple[list[Row], str]:
    """Fifty entries, the latest first, after the cursor, and the next cursor. Nothing private is opened."""
    found, after = newest_first(with_place(rows, day), after, size=PAGE, day="since")
    places = Organisation.objects.in_bulk({entry.place for entry in found if entry.place})
    return [
        Row(entry, places.get(entry.place), register.columns_of(entry), *state_of(register, entry, day))
        for entry in found
    ], after


def counts(account, registers: list[Register], day: date) -> dict[str, dict[str, int]]:
    """By register: how many stand in it, how many wait for recognition, how many are due for review."""
    rows = Entry.objects.visible_to(account).running(day).filter(register__in=[each.code for each in registers])
    found = rows.values("register").annotate(
        all=Count("pk"), waiting=Count("pk", filter=Q(recognised_on__isnull=True)),
        review=Count("pk", filter=Q(review_on__lte=day)),
    )  # fmt: skip
    return {row["register"]: row for row in found.order_by("register")}


def entries_of(account, person: int, day: date) -> list[Entry]:
    """The entries of one member that the account may see, running ones first."""
    rows = Entry.objects.visible_to(account).standing().filter(person=person)
    return list(rows.defer("private", "closed_note").order_by("-until", "-since", "pk"))
