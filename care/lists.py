"""Which entries a list shows, with the organisations where their members stand today, in a fixed number of queries."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery

from base.keyset import newest_first
from care.models import Entry, EntryQuerySet
from care.register import Register
from duties.engine.models import Action, Record
from members.bonds import OF_LEADERS
from members.enums import Standing, TieKind
from members.finding import called
from members.models import Membership, Organisation, Post, Tie
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
    met: date | None
    """When who stands at the other end of the entry's tie was last there for the member."""


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
    rows = rows.select_related("person", "tie__to")
    return rows.defer("private", "closed_note", *sealed_at("person", "tie__to"))


def page_of(rows: EntryQuerySet, register: Register, day: date, after: str) -> tuple[list[Row], str]:
    """Fifty entries, the latest first, after the cursor, and the next cursor. Nothing private is opened."""
    found, after = newest_first(with_place(rows, day), after, size=PAGE, day="since")
    places = Organisation.objects.in_bulk({entry.place for entry in found if entry.place})
    lacking, gone, met = lacking_contact(register, found, day), gone_of(found, day), last_met(found)
    return [
        Row(
            entry, places.get(entry.place), register.columns_of(entry), *state_of(register, entry, day),
            gone.get(entry.pk) or (LACKS_CONTACT if entry.pk in lacking else ""), met.get(entry.pk),
        )
        for entry in found
    ], after  # fmt: skip


def gone_of(found: list[Entry], day: date) -> dict[int, str]:
    """Of running entries about a tie those, by key, whose other end is there no more, and what became of it.

    A leader is gone without a post; whoever else helps, on leaving the organisation of the day on which it began.
    Three queries, none where no entry is about a tie.
    """
    runs = [
        entry for entry in found if entry.tie and entry.tie.to_id and entry.withdrawn_on is None and entry.until > day
    ]
    if not runs:
        return {}
    ends = {entry.tie.to_id for entry in runs}
    stays: dict[int, list[Membership]] = {}
    for stay in Membership.objects.filter(person__in=ends).order_by("since", "pk"):
        stays.setdefault(stay.person_id, []).append(stay)
    posts = set(Post.objects.on(day).filter(person__in=ends).order_by("pk").values_list("person", flat=True))
    said = {entry.pk: _gone(entry, stays.get(entry.tie.to_id, []), entry.tie.to_id in posts, day) for entry in runs}
    return {pk: words for pk, words in said.items() if words}


def _gone(entry: Entry, stays: list[Membership], in_post: bool, day: date) -> str:
    here, before = (next((stay for stay in stays if stay.since <= on < stay.until), None)
                    for on in (day, entry.since))  # fmt: skip
    if here and here.standing == Standing.DEAD:
        return "联系人已去世"
    if entry.tie.kind in OF_LEADERS:
        return "" if in_post else "联系人已不任职"
    if before is None:
        left = not here and not in_post
    else:
        left = here is None or here.organisation_id != before.organisation_id
    if left:
        return "联系人已调离"
    return "联系已到期" if entry.tie.until <= day else ""


def last_met(found: list[Entry]) -> dict[int, date]:
    """When the other end of an entry's tie last visited the member or talked with him, by entry. One query."""
    tied = [entry for entry in found if entry.tie and entry.tie.to_id]
    if not tied:
        return {}
    met = Record.objects.standing().filter(
        action__in=(Action.TALK, Action.VISIT), member__in={entry.person_id for entry in tied},
        actors__person__in={entry.tie.to_id for entry in tied},
    )  # fmt: skip
    days = met.order_by().values_list("member", "actors__person").annotate(last=Max("on"))
    last = {(member, to): on for member, to, on in days.order_by("member", "actors__person")}
    pairs = {entry.pk: last.get((entry.person_id, entry.tie.to_id)) for entry in tied}
    return {entry.pk: on for entry in tied if (on := pairs[entry.pk]) and on >= entry.since}


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
