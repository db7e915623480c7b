"""The birthdays of a month: whose they are, what was done about each, what is still to do.

A political birthday is the anniversary of joining (domain.md 2.1): members on probation have one, and year 0 is the day
of joining itself. Who is dead, suspended or lost has none. Of dates known to the month the month's list tells without a
day; of dates known to the year nothing is told. Birthdays in the common sense are told only where an adopted policy
asks for them, and only their month and day; lunar birthdays are not known to the roster.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.conf import settings
from django.db.models import Case, Prefetch, Q, QuerySet, Value, When
from django.db.models.functions import ExtractDay
from django.urls import reverse

from awards.ceremonies import TAKE_PART
from awards.greeting_texts import Occasion
from base.dates import anniversary
from base.keyset import beyond
from duties.board.groups import rules_for
from duties.board.phrases import short
from duties.board.records import page_of as page_of_record
from duties.board.records import with_pages
from duties.board.words import Line, describe, names_of, with_words
from duties.engine.models import Action, Duty, Record, RecordPerson, State
from duties.policy.models import Reach, Rule
from members.enums import Precision, Role
from members.models import Membership, Organisation, OrganisationParent, Post
from members.scope import path_end, sealed_at

PAGE = 50
POLITICAL, NATURAL = "joined_on", "birth_on"
"""The date of a person whose anniversaries a month lists."""

ROUND = 10
"""A number of years that is so many tens is said aloud."""

HALF_A_YEAR = timedelta(days=183)
"""A greeting belongs to the birthday it is nearest to."""


@dataclass
class Birthday:
    """One birthday. ``years`` counts from joining, ``None`` for a birthday in the common sense.

    ``done`` says what was done, each with its page; ``lines`` are the duties that still run; ``secretary`` says that
    the member leads the branch, so that somebody above greets.
    """

    stay: Membership
    on: date
    years: int | None
    by_month: bool
    secretary: bool = False
    done: list[tuple[str, str]] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    @property
    def round(self) -> bool:
        """Whether it is the tenth, the twentieth, …"""
        return bool(self.years) and self.years % ROUND == 0

    @property
    def open(self) -> Line | None:
        """The duty in whose form the greeting is entered."""
        return next((line for line in self.lines if line.url), None)


def asking(rules: Mapping[int, Rule], fact: str) -> list[int]:
    """Those of the adopted rules that ask for something on each anniversary of a date of the person's."""
    wanted = ("date", fact, "year")
    triggers = {pk: rule.spec["trigger"] for pk, rule in rules.items()}
    return [
        pk for pk, trigger in triggers.items()
        if (trigger["kind"], trigger.get("fact"), trigger.get("every")) == wanted
    ]  # fmt: skip


def asks_for_natural(account, here: Organisation | None, day: date) -> bool:
    """Whether a policy that holds somewhere in sight asks for birthdays in the common sense."""
    if not (rules := asking(rules_for(account), NATURAL)):
        return False
    places = Organisation.objects.visible_to(account)
    places = places.filter(path__gte=here.path, path__lt=path_end(here.path)) if here else places
    return _reached(rules, day).filter(organisation__in=places).exists()


def _reached(rules: Collection[int], day: date) -> QuerySet[Reach]:
    return Reach.objects.filter(rule__in=rules, since__lte=day, until__gt=day)


def of_month(stays: QuerySet[Membership], first: date, *, fact: str = POLITICAL) -> QuerySet[Membership]:
    """Those of ``stays`` who have a birthday in the month that begins with ``first``, each with ``slot``: the day, or 0
    where only the month is known.
    """
    last = date(first.year, first.month, monthrange(first.year, first.month)[1])
    exact = f"person__{fact.removesuffix('_on')}_precision"
    found = stays.filter(
        **{f"person__{fact}__month": first.month, f"person__{fact}__lte": last}, standing__in=TAKE_PART
    )
    found = found.exclude(**{exact: Precision.YEAR})
    return found.annotate(
        slot=Case(When(**{exact: Precision.MONTH}, then=Value(0)), default=ExtractDay(f"person__{fact}"))
    )


def unknown(stays: QuerySet[Membership]) -> QuerySet[Membership]:
    """Those of ``stays`` who have a political birthday that nobody knows to the month; for :func:`page_of`."""
    missing = Q(person__joined_on=None) | Q(person__joined_precision=Precision.YEAR)
    return stays.filter(missing, standing__in=TAKE_PART).annotate(slot=Value(0))


def where_asked(stays: QuerySet[Membership], account, day: date) -> QuerySet[Membership]:
    """Those who stand where a policy asks for birthdays in the common sense."""
    return stays.filter(organisation__in=_reached(asking(rules_for(account), NATURAL), day).values("organisation"))


def page_of(found: QuerySet[Membership], after: str) -> tuple[list[Membership], str]:
    """Fifty of :func:`of_month` after the cursor ``after`` (slot~path~number), and the next cursor."""
    slot, _, rest = after.partition("~")
    path, _, number = rest.partition("~")
    with suppress(ValueError):
        found = found.filter(beyond(("slot", "path", "pk"), (int(slot), path, int(number))))
    plan = found.select_related("person", "organisation").defer(*sealed_at("person"))
    rows = list(plan.order_by("slot", "path", "pk")[: PAGE + 1])
    more, rows = len(rows) > PAGE, rows[:PAGE]
    return rows, f"{rows[-1].slot}~{rows[-1].path}~{rows[-1].pk}" if more else ""


def birthdays(stays: Sequence[Membership], year: int, account, day: date, *, fact: str = POLITICAL) -> list[Birthday]:
    """The birthdays of the year of these members, with what was done and what is to do; as many queries for fifty as
    for one.
    """
    found = {stay.person_id: _birthday(stay, year, fact) for stay in stays}
    leads = _leading(stays, day)
    told = defaultdict(set)
    if fact == POLITICAL:
        days = {person: each.on for person, each in found.items()}
        for person, record in greetings(
            Record.objects.visible_to(account), days, but=asking(rules_for(account), NATURAL)
        ).items():
            told[person].add(record.pk)
            page, pk = page_of_record(record)
            found[person].done.append((greeted(record, day), reverse(page, args=[pk]) if page else ""))
    owed = Duty.objects.visible_to(account).filter(
        member__in=list(found), rule__in=asking(rules_for(account), fact), period=str(year)
    )
    for line in describe(with_words(owed).order_by("due_on", "pk"), account, day):
        each, duty = found[line.duty.member_id], line.duty
        if duty.state == State.DONE:
            if duty.closed_by_id not in told[duty.member_id]:
                told[duty.member_id].add(duty.closed_by_id)
                each.done.append((line.why, ""))
        elif duty.state in (State.OPEN, State.LAPSED):
            each.lines.append(line)
    for person, each in found.items():
        each.secretary = person in leads
    return list(found.values())


def _birthday(stay: Membership, year: int, fact: str) -> Birthday:
    person = stay.person
    since = getattr(person, fact)
    exact = person.joined_precision if fact == POLITICAL else person.birth_precision
    years = year - since.year if fact == POLITICAL else None
    return Birthday(stay, anniversary(since, year), years, by_month=exact == Precision.MONTH)


def _leading(stays: Iterable[Membership], day: date) -> set[int]:
    """Those who lead the branch they stand in: somebody above greets them."""
    places = {stay.person_id: stay.organisation_id for stay in stays}
    posts = Post.objects.on(day).filter(role=Role.SECRETARY, person__in=list(places))
    return {person for person, place in posts.values_list("person", "organisation") if places[person] == place}


def greetings(records: QuerySet[Record], days: Mapping[int, date], *, but: Collection[int] = ()) -> dict[int, Record]:
    """The greeting nearest to the birthday of each person, within half a year of it; one fetch plan.

    :param days: the birthday of each person, by number.
    :param but: rules about other birthdays: what closed a duty of theirs belongs there.
    """
    if not days:
        return {}
    near = (min(days.values()) - HALF_A_YEAR, max(days.values()) + HALF_A_YEAR)
    found = with_pages(records.standing()).filter(member__in=list(days), action=Action.GREETING, on__range=near)
    if but:
        found = found.exclude(closed_duties__rule__in=but)
    actors = RecordPerson.objects.select_related("person").only("record", "person__name").order_by("pk")
    rows = (row for row, _says in settings.GREETED_BY)
    found = found.select_related("ceremony_record__ceremony", *rows).prefetch_related(Prefetch("actors", actors))
    nearest: dict[int, Record] = {}
    for record in found.order_by("on", "pk"):
        on = days[record.member_id]
        if abs(record.on - on) > HALF_A_YEAR:
            continue
        before = nearest.get(record.member_id)
        if before is None or abs(record.on - on) < abs(before.on - on):
            nearest[record.member_id] = record
    return nearest


def how_greeted(record: Record) -> str:
    """In what way: 贺卡, or 集体（重温誓词、座谈）."""
    if made := getattr(record, "ceremony_record", None):
        return f"集体（{made.ceremony.way_words}）"
    says = (getattr(getattr(record, row, None), name, None) for row, name in settings.GREETED_BY)
    return next((said() for said in says if said), "祝贺")


def greeted(record: Record, day: date) -> str:
    """One greeting in half a line: 11-06 贺卡，王海燕."""
    by = names_of(actor.person for actor in record.actors.all())
    return f"{short(record.on, day)} {how_greeted(record)}{f'，{by}' if by else ''}"


def occasions(found: Sequence[Birthday], day: date) -> list[Occasion]:
    """What the cards and messages of these birthdays say who greets whom: the branch, and of its secretary the
    organisation above.
    """
    led = [each.stay.organisation_id for each in found if each.secretary]
    lines = OrganisationParent.objects.filter(organisation__in=led, since__lte=day, until__gt=day)
    above = dict(lines.values_list("organisation", "parent__name")) if led else {}
    return [
        Occasion(
            each.stay.person, each.on, each.years, each.stay.organisation.name,
            (each.secretary and above.get(each.stay.organisation_id)) or each.stay.organisation.name,
        )
        for each in found
    ]  # fmt: skip
