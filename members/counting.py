"""How many members each organisation has today: one row read, however many there are.

Each organisation has a row of its own members and one with all below it. The transaction that changes a membership,
or the date of full membership, counts the organisations concerned anew and hands the difference up the tree; it does
so under their rows' locks, so the sums stay exact when two change at once. The tree itself moving, or very many
people, is a reason to derive all anew.
"""

import operator
from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from datetime import date

from django.db import transaction
from django.db.models import Count, Q, QuerySet, Sum

from base.dates import today
from base.facts import Fact
from members.derived import MemberCount
from members.enums import LIVING, Capability, Standing
from members.models import PATH_SEGMENT, Membership, Organisation
from members.standing import REGIMES, Probation

MANY = 500
"""More people than these are no reason to look for their organisations one by one."""


@dataclass(frozen=True)
class Counts:
    """Members on the roster; of them on probation, suspended, full members without the date they became so."""

    living: int = 0
    probationary: int = 0
    suspended: int = 0
    missing: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*map(operator.add, _numbers(self), _numbers(other)))

    def __sub__(self, other: "Counts") -> "Counts":
        return Counts(*map(operator.sub, _numbers(self), _numbers(other)))


COUNTED = [field.name for field in fields(Counts)]
_numbers = operator.attrgetter(*COUNTED)


def without_full_date() -> Q:
    """Full members without the date of full membership, unless the rules of their time knew no probation."""
    missing = Q(standing=Standing.FULL, person__full_on__isnull=True)
    for regime in REGIMES:
        if regime.probation is Probation.NONE and not regime.disputed:
            missing &= ~Q(person__joined_on__range=(regime.first, regime.last))
    return missing


def counts_under(paths: Collection[str]) -> Counts:
    """The members of the organisations at these paths and all below them; no path lies below another."""
    rows = MemberCount.objects.filter(whole=True, organisation__path__in=paths)
    sums = rows.aggregate(**{name: Sum(name, default=0) for name in COUNTED})
    return Counts(**sums)


def counts_of(account) -> Counts:
    """The members whom the account may see by its posts; kept on the account, since rail and page both ask."""
    if "counts" not in account.__dict__:
        paths = account.scope.paths(Capability.VIEW)
        account.__dict__["counts"] = counts_under(paths) if paths else Counts()
    return account.__dict__["counts"]


def fact_changed(
    kind: Fact, *, since: date, people: Collection[int] | None, organisations: Collection[int] | None, of: str
) -> None:
    """What :func:`base.facts.facts_changed` tells: count again where it may say something else now."""
    if kind == Fact.ORGANISATION:
        rebuild_counts(today())
    elif kind in (Fact.MEMBERSHIP, Fact.PERSON):
        if people is None or organisations is None or len(people) > MANY:
            rebuild_counts(today())
        else:
            stays = Membership.objects.filter(person__in=people)
            recount({*organisations, *stays.values_list("organisation", flat=True)}, today())


@transaction.atomic
def recount(organisations: Collection[int], day: date) -> None:
    """Count these organisations' own members anew, and hand the differences up the tree."""
    paths = dict(Organisation.objects.filter(pk__in=organisations).order_by("path").values_list("path", "pk"))
    above = {path[:end] for path in paths for end in range(PATH_SEGMENT, len(path) + 1, PATH_SEGMENT)}
    rows = _locked(above)
    now = _own_counts(Membership.objects.filter(organisation__in=organisations), day)
    changed = []
    for path, pk in paths.items():
        difference = now.get(pk, Counts()) - _of(rows[path, False])
        if difference != Counts():
            ends = range(PATH_SEGMENT, len(path) + 1, PATH_SEGMENT)
            changed += [rows[path, False], *(rows[path[:end], True] for end in ends)]
            for row in changed[-len(ends) - 1 :]:
                _set(row, _of(row) + difference)
    MemberCount.objects.bulk_update({row.pk: row for row in changed}.values(), COUNTED, batch_size=MANY)


def _locked(paths: set[str]) -> dict[tuple[str, bool], MemberCount]:
    """Both rows of each organisation, from the top down, so that two who count never wait for each other."""
    organisations = Organisation.objects.filter(path__in=paths)
    rows = MemberCount.objects.filter(organisation__in=organisations)
    if rows.count() < 2 * len(paths):
        MemberCount.objects.bulk_create(
            [MemberCount(organisation=each, whole=whole) for each in organisations for whole in (False, True)],
            ignore_conflicts=True,
        )
    rows = rows.select_related("organisation").select_for_update(of=("self",)).order_by("organisation__path", "whole")
    return {(row.organisation.path, row.whole): row for row in rows}


def _own_counts(stays: QuerySet[Membership], day: date) -> dict[int, Counts]:
    counted = (
        stays.on(day).values("organisation").order_by()
        .annotate(
            living=Count("pk", filter=Q(standing__in=LIVING)),
            probationary=Count("pk", filter=Q(standing=Standing.PROBATIONARY)),
            suspended=Count("pk", filter=Q(standing=Standing.SUSPENDED)),
            missing=Count("pk", filter=without_full_date()),
        )
    )  # fmt: skip
    return {row.pop("organisation"): Counts(**row) for row in counted}


def _of(row: MemberCount) -> Counts:
    return Counts(*_numbers(row))


def _set(row: MemberCount, counts: Counts) -> None:
    for name in COUNTED:
        setattr(row, name, getattr(counts, name))


def catch_up(last: date | None, day: date) -> None:
    """Count anew if a membership began or ended by the mere passing of a day since ``last``, or nothing is counted yet.

    To be called as :func:`rebuild_counts` is.
    """
    passed = Q(since__gt=last, since__lte=day) | Q(until__gt=last, until__lte=day) if last else Q(pk__in=[])
    if Membership.objects.filter(passed).exists() or not MemberCount.objects.exists():
        rebuild_counts(day)


@transaction.atomic
def rebuild_counts(day: date) -> None:
    """Count all members anew, in a few statements and one row for each organisation in memory.

    Call it while nobody else writes facts: in a transaction that said ``facts_will_change(alone=True)``.
    """
    own = _own_counts(Membership.objects.all(), day)
    paths = dict(Organisation.objects.values_list("pk", "path"))
    whole: dict[str, Counts] = {}
    for pk, counts in own.items():
        for end in range(PATH_SEGMENT, len(paths[pk]) + 1, PATH_SEGMENT):
            whole[paths[pk][:end]] = whole.get(paths[pk][:end], Counts()) + counts
    rows: Iterable[MemberCount] = (
        MemberCount(organisation_id=pk, whole=sums, **vars(found.get(key, Counts())))
        for pk, path in paths.items()
        for sums, found, key in ((False, own, pk), (True, whole, path))
    )
    MemberCount.objects.all().delete()
    MemberCount.objects.bulk_create(rows, batch_size=2000)
