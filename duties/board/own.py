"""A member's own page: who is responsible for him, what is planned, what was done, what he asked and how far it is."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Prefetch

from base.dates import anniversary
from duties.board.asks import Ask, asks, told
from duties.board.records import action_label, page_of, with_pages
from duties.board.words import Line, describe, names_of, with_words
from duties.engine.models import Arrangement, Duty, Record, RecordPerson, State
from members.bonds import ties_by_hand
from members.enums import Precision, Role
from members.models import Membership, Organisation, Person, Post
from members.scope import sealed_at

DONE = 10
"""Of what was done, the latest; the rest is one link away."""

ASKED = 10
PLANNED = 10

AHEAD = timedelta(days=30)
"""So long beforehand one's political birthday is told."""


@dataclass(frozen=True)
class Helper:
    """Somebody responsible for a member: as what (书记, 联系人, 结对), and with which posts."""

    name: str
    what: str
    posts: str


@dataclass(frozen=True)
class Done:
    """One thing done for the member: the day, what, and who; never what was said. Its page, if there is one."""

    on: date
    what: str
    who: str
    page: str = ""
    page_pk: int | None = None


@dataclass(frozen=True)
class Own:
    """Everything of a member's own page that is not of his file. ``phone`` with ``phone_of``: where to ring."""

    helpers: list[Helper]
    phone: str
    phone_of: str
    planned: list[Line]
    birthday: tuple[date, int] | None
    done: list[Done]
    older: bool
    asked: list[Ask]


def own_page(account, membership: Membership, day: date, *, everything: bool = False) -> Own:
    """The page of the account's own person; the queries are the same however much there is.

    :param everything: all that was done, not only the latest.
    """
    person = membership.person
    places = _upward(membership.organisation, day)
    phone = next(((place.phone, place.label) for place in places if place.phone), ("", ""))
    done = _done(account, person, None if everything else DONE + 1)
    mine = asks().filter(person=person).order_by("-occurred_on", "-pk")[:ASKED]
    return Own(
        helpers=[*_secretaries(person, places, day), *_tied(person, day)], phone=phone[0], phone_of=phone[1],
        planned=_planned(account, person, day), birthday=_birthday(person, day),
        done=done if everything else done[:DONE], older=not everything and len(done) > DONE,
        asked=told(mine, account, day),
    )  # fmt: skip


def _upward(here: Organisation, day: date) -> list[Organisation]:
    """The organisation and those above it, nearest first."""
    lines = here.lineage.filter(since__lte=day, until__gt=day).select_related("ancestor").order_by("distance")
    return [line.ancestor for line in lines]


def _secretaries(person: Person, places: list[Organisation], day: date) -> list[Helper]:
    """The secretaries of the nearest organisation that has one other than the member himself."""
    posts = Post.objects.on(day).filter(organisation__in=places, role=Role.SECRETARY).exclude(person=person)
    posts = posts.select_related("person").defer(*sealed_at("person")).order_by("since", "pk")
    held: dict[int, list[Post]] = {}
    for post in posts:
        held.setdefault(post.organisation_id, []).append(post)
    here = next((place for place in places if place.pk in held), None)
    return [Helper(post.person.name, "书记", f"{here.label}书记") for post in held[here.pk]] if here else []


def _tied(person: Person, day: date) -> list[Helper]:
    """Those who stand by the member, with their posts of the day."""
    ties = list(ties_by_hand(person).on(day).defer(*sealed_at("person", "to")))
    posts: dict[int, list[str]] = {}
    held = Post.objects.on(day).filter(person__in=[tie.to_id for tie in ties])
    for post in held.select_related("organisation").order_by("since", "pk"):
        posts.setdefault(post.person_id, []).append(f"{post.organisation.label}{post.get_role_display()}")
    return [Helper(tie.to.name, tie.get_kind_display(), "、".join(posts.get(tie.to_id, []))) for tie in ties]


def _planned(account, person: Person, day: date) -> list[Line]:
    """What is to be done for him on a day that somebody has set."""
    arranged = Arrangement.objects.filter(rule=OuterRef("rule"), key=OuterRef("key"), on__gte=day)
    duties = Duty.objects.filter(member=person, state=State.OPEN).filter(Exists(arranged))
    return describe(with_words(duties).order_by("due_on", "pk")[:PLANNED], account, day)


def _birthday(person: Person, day: date) -> tuple[date, int] | None:
    """The next political birthday and how many years it makes, if it is near and known to the day."""
    if person.joined_on is None or person.joined_precision != Precision.DAY:
        return None
    coming = (anniversary(person.joined_on, year) for year in (day.year, day.year + 1))
    near = next((each for each in coming if day <= each <= day + AHEAD), None)
    years = near.year - person.joined_on.year if near else 0
    return (near, years) if years else None


def _done(account, person: Person, most: int | None) -> list[Done]:
    actors = RecordPerson.objects.select_related("person").defer(*sealed_at("person")).order_by("pk")
    records = with_pages(Record.objects.standing().filter(member=person))
    records = records.prefetch_related(Prefetch("actors", actors)).order_by("-on", "-pk")
    return [
        Done(each.on, action_label(each, account), names_of(a.person for a in each.actors.all()), *page_of(each))
        for each in records[:most]
    ]
