"""责任分工 as its pages show it: of each clause who leads, who assists, and which organisation set that."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from duties.board.policies import Reader
from duties.policy.models import Adoption, Clause, Policy
from duties.policy.units import Units, in_force
from members.enums import Capability
from members.models import Organisation


@dataclass(frozen=True)
class UnitsLine:
    """One clause; ``label`` names the organisation that set its units, empty where nobody did. ``place`` counts the
    clauses that are printed under one number; none where there is but one.
    """

    clause: Clause
    units: Units
    label: str = ""
    place: int | None = None


def concerning(reader: Reader) -> QuerySet[Organisation]:
    """The organisations at which the reader looks, those to which he belongs, and those above these."""
    return Organisation.objects.filter(reader.account.scope.q("path", Capability.VIEW) | Q(path__in=reader.above))


def home_of(reader: Reader) -> Organisation | None:
    """The organisation the reader's pages are about; none for who belongs to none."""
    return Organisation.objects.filter(path=reader.here).first() if reader.here else None


def lines(policy: Policy, path: str, reader: Reader) -> list[UnitsLine]:
    """The clauses in order, with the units that hold at the organisation standing at ``path``; two queries."""
    rows = in_force(policy, path, reader.day) if path else {}
    clauses = list(policy.clauses.order_by("position", "pk"))
    printed, places = Counter(clause.printed for clause in clauses), Counter()
    found = []
    for clause in clauses:
        places[clause.printed] += 1
        row = rows.get(clause.pk)
        units = Units(row.lead, tuple(row.assist)) if row else Units()
        place = places[clause.printed] if printed[clause.printed] > 1 else None
        found.append(UnitsLine(clause, units, reader.label(row.organisation) if row else "", place))
    return found


def may_set(policy: Policy, reader: Reader) -> list[Organisation]:
    """The organisations that adopted the policy and for which the reader decides, the highest first; one query."""
    if not reader.decides:
        return []
    rows = Adoption.objects.filter(reader.concerned(), policy=policy, until__gt=reader.day)
    places = [row.organisation for row in rows.select_related("organisation").order_by("organisation__path", "pk")]
    return [each for each in dict.fromkeys(places) if reader.decides_for(each)]
