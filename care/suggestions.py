"""Who should stand in a register and does not yet, why, and who could stand by each. Words, no scores.

Set-based: so many queries for one as for fifty. Only what the reader may know is a reason: health for those with
:attr:`Capability.SENSITIVE` alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from care.models import Entry, RegisterCode
from care.register import Register
from duties.board.words import Line, describe, with_words
from duties.engine.models import Duty
from duties.policy.models import Rule
from members.enums import (
    LIVING,
    SENSITIVE_CATEGORIES,
    Capability,
    CategoryKind,
    OrganisationKind,
    Role,
    Standing,
    TieKind,
)
from members.models import Category, Membership, Person, Post, Tie
from members.scope import sealed_at

MOST = 20
"""So many suggestions stand on a page; the others come when these are done."""

IN_NEED = (CategoryKind.HARDSHIP, CategoryKind.SERIOUS_ILLNESS, CategoryKind.ELDERLY)
"""Whoever belongs to one of these should have somebody; the household of a dead member has a contact instead."""

LEADERS = (Role.SECRETARY, Role.DEPUTY_SECRETARY, Role.ORGANISATION_COMMISSIONER, Role.PUBLICITY_COMMISSIONER,
           Role.DISCIPLINE_COMMISSIONER, Role.COMMISSIONER)  # fmt: skip
LED = (OrganisationKind.COMMITTEE, OrganisationKind.GENERAL_BRANCH)
"""A leader holds one of these posts in an organisation of one of these kinds."""


@dataclass(frozen=True)
class Suggestion:
    """A member for whom an entry could be made, and who could stand by him."""

    stay: Membership
    why: str
    url: str
    helper: Person | None = None
    because: str = ""


def suggested(account, register: Register, day: date) -> list[Suggestion]:
    """Whom the account could enter in the register, in the order of the organisations; never the account itself."""
    asked = _ASKED.get(register.code)
    return asked(account, register, day) if asked else []


def gaps(account, register: Register, day: date) -> list[Line]:
    """What policy asks of such ties and is still open, as the duties of standing rules say it."""
    if not register.other:
        return []
    duties = Duty.objects.visible_to(account).open_on(day).filter(rule__in=_rules(register.tie))
    return describe(with_words(duties).order_by("due_on", "pk")[:MOST], account, day)


def _rules(kind: TieKind) -> QuerySet:
    return Rule.objects.filter(spec__trigger__kind="standing", spec__trigger__tie=kind, sensitive=False).values("pk")


def _within(account, day: date) -> QuerySet[Membership]:
    rows = Membership.objects.on(day).visible_to(account, Capability.RECORD).exclude(person=account.person_id)
    return rows.select_related("person", "organisation").defer(*sealed_at("person")).order_by("path", "pk")


def _url(register: Register, stay: Membership, to: Person | None = None) -> str:
    asked = {"register": register.code, "member": stay.person_id} | ({"to": to.pk} if to else {})
    return f"{reverse('entry_new')}?{urlencode(asked)}"


def _on_the_roster(account, register: Register, day: date) -> list[Suggestion]:
    """Members whom the roster calls floating, or lost, and whom no entry follows yet."""
    running = Entry.objects.running(day).filter(register=register.code, person=OuterRef("person"))
    rows = _within(account, day).exclude(Exists(running))
    if register.code == RegisterCode.FLOATING:
        rows = rows.filter(standing__in=LIVING, person__floating=True)
    else:
        rows = rows.filter(standing=Standing.LOST)
    return [Suggestion(stay, _said_by_roster(register, stay), _url(register, stay)) for stay in rows[:MOST]]


def _said_by_roster(register: Register, stay: Membership) -> str:
    if register.code == RegisterCode.LOST:
        return "名册上是失联党员，还没有记查找情况"
    where = f"，流向{stay.person.floating_to}" if stay.person.floating_to else ""
    return f"名册上是流动党员{where}，还没有登记怎样联系"


def _ties(account, register: Register, day: date) -> list[Suggestion]:
    """Members in need without such a tie, each with who could stand by him."""
    kinds = Category.objects.on(day).filter(person=OuterRef("person"))
    known = Exists(kinds.filter(kind__in=set(IN_NEED) - SENSITIVE_CATEGORIES)) | (
        Q(account.scope.q("path", Capability.SENSITIVE))
        & Exists(kinds.filter(kind__in=SENSITIVE_CATEGORIES.intersection(IN_NEED)))
    )
    owed = Duty.objects.visible_to(account).open_on(day).filter(
        rule__in=_rules(register.tie), member=OuterRef("person"), actor__isnull=True
    )  # fmt: skip
    tied = Tie.objects.on(day).filter(person=OuterRef("person"), kind=register.tie)
    rows = _within(account, day).filter(standing__in=(Standing.FULL, Standing.PROBATIONARY))
    rows = rows.annotate(owed=Exists(owed)).filter(known | Q(owed=True)).exclude(Exists(tied))
    stays = list(rows[:MOST])
    reasons = _reasons(account, stays, day)
    pick = _leaders if register.tie == TieKind.LEADER_CONTACT else _helpers
    chosen = pick(account, stays, day)
    return [
        Suggestion(stay, "，".join(reasons[stay.person_id]), _url(register, stay, helper), helper, because)
        for stay, (helper, because) in zip(stays, chosen, strict=True)
    ]


def _reasons(account, stays: list[Membership], day: date) -> dict[int, list[str]]:
    """Why each should have somebody, in words the reader may know. One query."""
    at = {stay.person_id: stay for stay in stays}
    reasons = {stay.person_id: ["制度要求确定"] if stay.owed else [] for stay in stays}
    rows = Category.objects.on(day).filter(person__in=at, kind__in=IN_NEED).order_by("kind", "pk")
    for person, kind in rows.values_list("person", "kind"):
        if kind not in SENSITIVE_CATEGORIES or account.scope.may(Capability.SENSITIVE, at[person].path):
            reasons[person].append(CategoryKind(kind).label)
    return reasons


def _led(kind: TieKind, day: date) -> Coalesce:
    """By how many members somebody stands already; rows have a ``person``."""
    rows = Tie.objects.on(day).filter(to=OuterRef("person"), kind=kind).order_by()
    return Coalesce(Subquery(rows.values("to").annotate(n=Count("pk")).values("n")), 0)


def _helpers(account, stays: list[Membership], day: date) -> list[tuple[Person | None, str]]:
    """For each a party member of the same branch, who needs no care himself and stands by the fewest. One query."""
    care = Category.objects.on(day).filter(person=OuterRef("person"))
    rows = Membership.objects.on(day).filter(
        ~Exists(care), organisation__in={stay.organisation_id for stay in stays}, standing=Standing.FULL,
        person__floating=False,
    )  # fmt: skip
    rows = rows.annotate(led=_led(TieKind.PAIRING, day)).select_related("person").defer(*sealed_at("person"))
    by_branch: dict[int, list[Membership]] = {}
    for row in rows.order_by("led", "pk"):
        by_branch.setdefault(row.organisation_id, []).append(row)
    return _shared_out(
        [[row for row in by_branch.get(stay.organisation_id, ()) if row.person_id != stay.person_id] for stay in stays],
        lambda row, led: "同一支部，还没有结对" if not led else f"同一支部，已结对 {led} 名",
    )


def _leaders(account, stays: list[Membership], day: date) -> list[tuple[Person | None, str]]:
    """For each a leader above whom the reader sees: first one with fewer members than policy asks, then who has the
    fewest. Two queries.
    """
    above = {stay.path[:end] for stay in stays for end in range(5, len(stay.path) + 1, 5)}
    posts = Post.objects.on(day).filter(
        account.scope.q("organisation__path", Capability.VIEW), role__in=LEADERS, organisation__path__in=above,
        organisation__kind__in=LED,
    ).annotate(led=_led(TieKind.LEADER_CONTACT, day))  # fmt: skip
    posts = posts.select_related("person", "organisation").defer(*sealed_at("person"))
    owing = set(
        Duty.objects.visible_to(account).open_on(day).filter(
            rule__in=_rules(TieKind.LEADER_CONTACT), actor__isnull=False
        ).order_by("actor").values_list("actor", flat=True)
    )  # fmt: skip
    found = sorted(posts.order_by("pk"), key=lambda post: (post.person_id not in owing, post.led, post.pk))

    def said(post: Post, led: int) -> str:
        has = f"现在直接联系 {led} 名" if led else "还没有直接联系党员"
        short = "，少于制度要求" if post.person_id in owing else ""
        return f"{post.organisation.label}{post.get_role_display()}，{has}{short}"

    offers = [
        [post for post in found if stay.path.startswith(post.organisation.path) and post.person_id != stay.person_id]
        for stay in stays
    ]
    return _shared_out(offers, said)


def _shared_out(offers: list[list], said: Callable) -> list[tuple[Person | None, str]]:
    """One of each list of offers, which are sorted, so that nobody gets a second one before others a first."""
    given: dict[int, int] = {}
    chosen: list[tuple[Person | None, str]] = []
    for offer in offers:
        best = min(offer, key=lambda row: given.get(row.person_id, 0), default=None)
        if best is None:
            chosen.append((None, ""))
            continue
        chosen.append((best.person, said(best, best.led)))
        given[best.person_id] = given.get(best.person_id, 0) + 1
    return chosen


_ASKED: dict[RegisterCode, Callable[..., list[Suggestion]]] = {
    RegisterCode.PAIRING: _ties,
    RegisterCode.LEADER: _ties,
    RegisterCode.FLOATING: _on_the_roster,
    RegisterCode.LOST: _on_the_roster,
}
