"""Those honoured and what is due to them (M05): grades, honours in force, the next duty, hardship."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from awards.models import Honour
from care.models import Entry, RegisterCode
from duties.board.words import Line, describe, with_words
from duties.engine.models import Duty, State
from members.enums import CategoryKind
from members.models import Category, Membership, Person

MECHANISM = "M05"
"""Whose rules are the treatment of those honoured: visits at festivals, invitations."""


@dataclass
class Honoured:
    """One member among those honoured, as a list shows it. ``entry`` is his in the register of hardship, if it may be
    opened.
    """

    stay: Membership
    grades: list[str] = field(default_factory=list)
    honours: list[Honour] = field(default_factory=list)
    next: Line | None = None
    poor: bool = False
    entry: int | None = None


def honourees(account, day: date):
    """Where those stand who are among the honoured on the day, as far as the account sees them; the living."""
    running = Category.objects.on(day).filter(kind=CategoryKind.HONOUREE).values("person")
    stays = Membership.objects.on(day).visible_to(account).exclude(standing="dead").filter(person__in=running)
    return stays.select_related("person", "organisation")


def honoured(stays: Sequence[Membership], account, day: date) -> list[Honoured]:
    """Each with grades, honours, next treatment and hardship; as many queries for fifty as for one."""
    found = {stay.person_id: Honoured(stay) for stay in stays}
    kinds = (CategoryKind.HONOUREE, CategoryKind.HARDSHIP)
    for each in Category.objects.on(day).filter(person__in=found, kind__in=kinds).order_by("since", "pk"):
        if each.kind == CategoryKind.HARDSHIP:
            found[each.person_id].poor = True
        elif each.grade not in found[each.person_id].grades:
            found[each.person_id].grades.append(each.grade)
    held = Honour.objects.visible_to(account).held(day).filter(person__in=found)
    for each in held.order_by("-granted_on", "-pk"):
        found[each.person_id].honours.append(each)
    entries = Entry.objects.visible_to(account).standing().filter(register=RegisterCode.DIFFICULTY, person__in=found)
    for person, pk in entries.filter(since__lte=day, until__gt=day).order_by("pk").values_list("person", "pk"):
        found[person].entry = pk
    for person, lines in treatments(account, list(found), day, state=State.OPEN).items():
        found[person].next = lines[0]
    return list(found.values())


def treatments(account, people: Sequence[int], day: date, *, state: State) -> dict[int, list[Line]]:
    """What policy asks to be done for those honoured, by member: what is open, the earliest first; done, the latest."""
    duties = Duty.objects.visible_to(account).filter(rule__mechanism=MECHANISM, member__in=people, state=state)
    order = ("due_on", "pk") if state == State.OPEN else ("-closed_on", "-pk")
    found = defaultdict(list)
    for line in describe(with_words(duties).order_by(*order), account, day):
        found[line.duty.member_id].append(line)
    return found


def of_member(account, person: Person, stay: Membership | None, day: date) -> dict:
    """Everything of one member that his own page of honours shows."""
    honours = person.honours.visible_to(account).select_related("organisation").order_by("-granted_on", "-pk")
    told = person.stories.visible_to(account).standing().select_related("organisation").order_by("-on", "-pk")
    named = person.namings.visible_to(account).standing().select_related("organisation").order_by("-decided_on", "-pk")
    line = honoured([stay], account, day)[0] if stay else None
    own = person.pk == account.person_id
    done = [] if own else treatments(account, [person.pk], day, state=State.DONE).get(person.pk, [])
    due = [] if own else treatments(account, [person.pk], day, state=State.OPEN).get(person.pk, [])
    return {"honours": list(honours), "stories": list(told), "namings": list(named), "line": line, "own": own,
            "due": due, "done": done[:DONE]}  # fmt: skip


DONE = 10
"""Of what was done, the latest."""
