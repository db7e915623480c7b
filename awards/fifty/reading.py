"""Who reaches fifty years on which 1 July, and of whom it is not known: sets of members, counted in the database.

健在、截至当年 7 月 1 日党龄满 50 周年 (中办 2021 年通知). Whoever passed them and never had the medal stays eligible,
so everything asks for fifty or more.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Left

from awards.models.fifty import YEARS, Medal, Stage, first_of_july
from base.dates import anniversary
from members.counted import counted_july_year, counted_since
from members.enums import Precision, Standing
from members.models import PATH_SEGMENT, Membership, Organisation
from members.scope import path_end, sealed_at

AHEAD = 10
"""Years of the forecast."""

ADULT = 18
"""Nobody joins younger: of whoever cannot have joined fifty years ago nothing is asked."""

MEMBERS = (Standing.FULL, Standing.SUSPENDED, Standing.LOST)
"""Alive and past probation. Suspended and lost ones are shown with a mark, a person decides."""


def next_year(day: date) -> int:
    """The year of the next 1 July, that day itself among them."""
    return day.year + (day > first_of_july(day.year))


def within(rows: QuerySet[Membership], here: Organisation | None) -> QuerySet[Membership]:
    return rows.filter(path__gte=here.path, path__lt=path_end(here.path)) if here else rows


def alive(day: date) -> QuerySet[Membership]:
    """Where members stand today who are alive, past probation, and never had the medal."""
    had = Medal.objects.handed().filter(person=OuterRef("person"))
    return Membership.objects.on(day).filter(~Exists(had), standing__in=MEMBERS)


def reaching(rows: QuerySet[Membership], *, last: int, first: int | None = None) -> QuerySet[Membership]:
    """Those who surely have fifty years on 1 July of ``last``, each with ``july``, the first such year less fifty; with
    ``first`` those alone who do not have them before.

    The plain comparison comes first: a correction that lengthens apart, years begin with one of the two days.
    """
    limit = first_of_july(last - YEARS)
    old = Q(person__joined_on__lte=limit) | Q(person__full_on__lte=limit) | Q(person__seniority_months__gt=0)
    rows = rows.filter(old).annotate(july=counted_july_year("person__")).filter(july__lte=last - YEARS)
    return rows.filter(july__gte=first - YEARS) if first else rows


def unknown(rows: QuerySet[Membership], year: int) -> QuerySet[Membership]:
    """Those who may have fifty years on 1 July of a year, and nobody can say: a day is missing, disputed, contradicts
    another, or is known to the month or the year alone. Whoever is listed already is a person's to judge.
    """
    limit = first_of_july(year - YEARS)
    listed = Medal.objects.live().filter(person=OuterRef("person"))
    born = Q(person__birth_on__isnull=True) | Q(person__birth_on__lte=anniversary(limit, limit.year - ADULT))
    vague = ~Q(person__joined_precision=Precision.DAY) | ~Q(person__full_precision=Precision.DAY)
    rows = rows.filter(~Exists(listed), born, _may_be(limit))
    rows = rows.annotate(counted=counted_since("person__"), july=counted_july_year("person__"))
    return rows.filter(Q(counted__isnull=True) | vague & Q(counted__lte=limit, july__gt=limit.year))


def _may_be(limit: date) -> Q:
    """Whether either day allows it, or none is known; a correction that lengthens allows five years more."""
    days = Q(person__joined_on__isnull=True, person__full_on__isnull=True)
    days |= Q(person__joined_on__lte=limit) | Q(person__full_on__lte=limit)
    return days | Q(person__seniority_months__gt=0, person__joined_on__lte=anniversary(limit, limit.year + 5))


@dataclass
class Line:
    """One organisation of the forecast: how many reach fifty years by each 1 July, how many passed them, how many are
    not known, soon (by the next 1 July) and within the years ahead.
    """

    organisation: Organisation | None
    years: dict[int, int]
    past: int = 0
    soon: int = 0
    unsure: int = 0

    @property
    def cells(self) -> list[tuple[int, int]]:
        return list(self.years.items())


@dataclass
class Forecast:
    """The years ahead of an organisation, by what stands directly below it; ``total`` of all."""

    years: list[int]
    total: Line
    lines: list[Line] = field(default_factory=list)


def counts(rows: QuerySet[Membership], day: date, *, width: int) -> list[tuple[str, int, int]]:
    """How many reach fifty years: (the first ``width`` signs of the path, the year, how many); one statement.

    Whoever did by the last 1 July is counted at that year.
    """
    first = next_year(day)
    found = reaching(rows, last=first + AHEAD - 1).annotate(part=Left("path", width))
    grouped: dict[tuple[str, int], int] = defaultdict(int)
    for part, july, n in found.order_by().values_list("part", "july").annotate(n=Count("pk")):
        grouped[part, max(july + YEARS, first - 1)] += n
    return [(part, year, n) for (part, year), n in sorted(grouped.items())]


def forecast(account, here: Organisation | None, day: date) -> Forecast:
    """The next ten years of ``here``, or of all in view, by what stands directly below. Four statements."""
    first = next_year(day)
    years = list(range(first, first + AHEAD))
    rows = within(alive(day).visible_to(account), here)
    width = (len(here.path) if here else 0) + PATH_SEGMENT
    lines: dict[str, Line] = {}

    def line(part: str) -> Line:
        return lines.setdefault(part, Line(None, dict.fromkeys(years, 0)))

    for part, year, n in counts(rows, day, width=width):
        if year < first:
            line(part).past += n
        else:
            line(part).years[year] += n
    for year, name in ((first, "soon"), (years[-1], "unsure")):
        asked = unknown(rows, year).annotate(part=Left("path", width)).order_by()
        for part, n in asked.values_list("part").annotate(n=Count("pk")):
            setattr(line(part), name, n)
    places = {each.path: each for each in Organisation.objects.filter(path__in=lines)}
    for part, each in lines.items():
        each.organisation = places.get(part)
    total = Line(None, {year: sum(each.years[year] for each in lines.values()) for year in years})
    for name in ("past", "soon", "unsure"):
        setattr(total, name, sum(getattr(each, name) for each in lines.values()))
    return Forecast(years, total, [lines[part] for part in sorted(lines)])


def people_of(rows: QuerySet[Membership]) -> QuerySet[Membership]:
    """With all that a list of names prints, in the order of the tree."""
    return rows.select_related("person", "organisation").defer(*sealed_at("person")).order_by("path", "person")


def to_list(rows: QuerySet[Membership], year: int) -> QuerySet[Membership]:
    """Who is eligible on 1 July of a year and stands on no list: neither a running one nor, of this year, an ended."""
    taken = Medal.objects.standing().filter(person=OuterRef("person"))
    taken = taken.filter(Q(year=year) | ~Q(stage__in=(Stage.REFUSED, Stage.DEFERRED, Stage.DIED)))
    return reaching(rows, last=year).filter(~Exists(taken)).annotate(counted=counted_since("person__"))


def july_of(row: Membership) -> int:
    """The year on whose 1 July a member of :func:`reaching` has fifty years first."""
    return row.july + YEARS
