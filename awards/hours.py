"""Study hours of a year: of each member against what the rule asks that holds where he stands, and of each branch.

What is asked of whom is read from the duties themselves, so a member of whom nothing is asked has no number here.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, DecimalField, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from duties.engine.models import Action, Duty, Record, State
from members.enums import LIVING
from members.models import Membership, Organisation, Person
from members.scope import path_end, sealed_at

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Hours:
    """One member's year. ``asked``: hours, ``None`` where nothing is asked of him; ``freed``: why they need not be."""

    person: Person
    done: Decimal
    sessions: int
    asked: Decimal | None = None
    freed: str = ""
    place: Organisation | None = None

    @property
    def gap(self) -> Decimal:
        """Hours still wanting."""
        return NOTHING if self.asked is None or self.freed else max(self.asked - self.done, NOTHING)


@dataclass(frozen=True)
class Branch:
    """One branch's year: its members, of how many hours are asked, how many have them, how many sessions it held."""

    organisation: Organisation
    members: int
    asked: int
    full: int
    sessions: int

    @property
    def short(self) -> int:
        return self.asked - self.full


def year_of(text: str, day: date) -> int:
    """The year a reader asked for; that of ``day`` where none or none that could be."""
    return int(text) if text.isascii() and text.isdigit() and 2000 <= int(text) <= day.year else day.year


def within_year(year: int, day: date) -> date:
    """The day on which the members of a year are looked up: today, or its last day."""
    return min(day, date(year, 12, 31))


def members_of(year: int, here: Organisation, day: date):
    """Living members of an organisation and all below it, each with ``done`` and ``sessions`` of the year."""
    stays = Membership.objects.on(within_year(year, day)).filter(standing__in=LIVING)
    stays = stays.filter(path__gte=here.path, path__lt=path_end(here.path))
    studied = _studied(year).filter(member=OuterRef("person")).order_by().values("member")
    zero = Value(NOTHING, output_field=DecimalField())
    return stays.select_related("person", "organisation").defer(*sealed_at("person")).annotate(
        done=Coalesce(Subquery(studied.annotate(n=Sum("quantity")).values("n")), zero),
        sessions=Coalesce(Subquery(studied.annotate(n=Count("pk")).values("n")), 0),
    )  # fmt: skip


def hours_of(stays: list[Membership], year: int) -> list[Hours]:
    """What the year's duties ask of members fetched by :func:`members_of`; two queries, however many."""
    owed = _owed([stay.person_id for stay in stays], year)
    return [
        Hours(stay.person, stay.done, stay.sessions, *owed.get(stay.person_id, ()), place=stay.organisation)
        for stay in stays
    ]


def own_hours(person: Person, year: int) -> Hours | None:
    """One's own year; ``None`` where nothing is asked and nothing was held."""
    done = _studied(year).filter(member=person).aggregate(n=Sum("quantity"), times=Count("pk"))
    asked = _owed([person.pk], year).get(person.pk, ())
    return Hours(person, done["n"] or NOTHING, done["times"], *asked) if asked or done["times"] else None


def branches_of(branches: list[Organisation], year: int, day: date) -> list[Branch]:
    """How far each branch is; three queries, however many."""
    pks = [each.pk for each in branches]
    on = within_year(year, day)
    stays = Membership.objects.on(on).filter(organisation__in=pks, standing__in=LIVING)
    members = dict(stays.order_by().values_list("organisation").annotate(n=Count("pk")))
    held = _studied(year).filter(organisation__in=pks).order_by().values_list("organisation")
    sessions = dict(held.annotate(n=Count("attendance__session", distinct=True)))
    asked, full = {}, {}
    duties = _duties(year).filter(organisation__in=pks).exclude(state__in=(State.VOID, State.WAIVED))
    counted = duties.order_by().values("organisation").annotate(
        n=Count("member", distinct=True), m=Count("member", distinct=True, filter=Q(state=State.DONE))
    )  # fmt: skip
    for row in counted:
        asked[row["organisation"]], full[row["organisation"]] = row["n"], row["m"]
    return [
        Branch(each, *(kept.get(each.pk, 0) for kept in (members, asked, full, sessions))) for each in branches
    ]  # fmt: skip


def _studied(year: int):
    held = Record.objects.standing().filter(action=Action.STUDY, member__isnull=False)
    return held.filter(on__range=(date(year, 1, 1), date(year, 12, 31)))


def _duties(year: int):
    """What is asked of members by the hour in a year."""
    of_sums = {"rule__action": Action.STUDY, "rule__spec__trigger__sum__isnull": False}
    return Duty.objects.filter(**of_sums, period=str(year), member__isnull=False)


def _owed(people: list[int], year: int) -> dict[int, tuple[Decimal, str]]:
    """How many hours are asked of each, the most where several rules ask, and why none need be done."""
    duties = _duties(year).filter(member__in=people).exclude(state=State.VOID)
    found: dict[int, tuple[Decimal, str]] = {}
    for duty in duties.select_related("rule", "adjustment").order_by("pk"):
        asked = Decimal(duty.spec.trigger.sum)
        freed = duty.get_state_display() if duty.state == State.WAIVED else ""
        if asked > found.get(duty.member_id, (NOTHING, ""))[0]:
            found[duty.member_id] = (asked, freed)
    return found
