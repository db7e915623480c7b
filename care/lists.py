"""Which entries a list shows, with the organisations where their members stand today, in a fixed number of queries."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from base.keyset import newest_first
from care.models import Entry, EntryQuerySet
from care.register import Register
from members.enums import Standing, TieKind
from members.finding import called
from members.models import Membership, Organisation, Tie
from members.scope import sealed_at

PAGE = 50
LACKS_CONTACT = "缺联系人"


@dataclass(frozen=True)
class Row:
    """One entry in a list: its facts in columns, and how it stands."""

    entry: Entry
    place: Organisation | None
    columns: list[str]
    state: str
    tone: str
    lacks: str
    """What is missing."""


def state_of(register: Register, entry: Entry, day: date) -> tuple[str, str]:
    """How an entry stands on a day, and the tone of it."""
    if entry.withdrawn_on:
        return "已撤销", ""
    if entry.until <= day:
        return f"{entry.last} 退出", ""
    return (register.stands or _stands)(entry, day) if not _waits(register, entry) else ("待认定", "soon")


def _waits(register: Register, entry: Entry) -> bool:
    return register.recognised and not entry.recognised_on


def _stands(entry: Entry, day: date) -> tuple[str, str]:
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
    lacking = lacking_contact(register, found, day)
    return [
        Row(
            entry, places.get(entry.place), register.columns_of(entry), *state_of(register, entry, day),
            LACKS_CONTACT if entry.pk in lacking else "",
        )
        for entry in found
    ], after  # fmt: skip


def lacking_contact(register: Register, found: list[Entry], day: date) -> set[int]:
    """Of running entries those, by key, whose member has no contact, though the register asks for one.

    A contact who belongs to no organisation any more is none.
    """
    runs = [entry for entry in found if entry.withdrawn_on is None and entry.until > day]
    if not register.contact or not runs:
        return set()
    here = Membership.objects.on(day).filter(person=OuterRef("to")).exclude(standing=Standing.DEAD)
    ties = Tie.objects.on(day).filter(Exists(here), kind=TieKind.CONTACT, person__in=[each.person_id for each in runs])
    held = set(ties.order_by("pk").values_list("person", flat=True))
    return {entry.pk for entry in runs if entry.person_id not in held}


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
