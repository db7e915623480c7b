"""Members whom a new roster no longer names: found and asked about, never changed."""

from collections.abc import Iterable
from datetime import date

from members.enums import Standing
from members.models import Membership, Organisation
from members.roster.parse import RosterRow
from members.scope import sealed_at

_CHUNK = 5_000


def absent_from(
    *, rows: Iterable[RosterRow], people: Iterable[int], organisations: Iterable[Organisation], today: date
) -> list[Membership]:
    """Living members of the organisations a roster names, who stand nowhere in it, by organisation.

    :param rows: every row of the roster. One whose identity number cannot be read still names its member.
    :param people: who was recognised by identity number, whichever branch their row says.
    """
    known, unread = set(people), {row.name for row in rows if row.identity is None}
    here = sorted(each.pk for each in organisations)
    found: list[int] = []
    for start in range(0, len(here), _CHUNK):
        members = Membership.objects.on(today).filter(organisation__in=here[start : start + _CHUNK])
        living = members.exclude(standing=Standing.DEAD).order_by("pk")
        stays = living.values_list("pk", "person_id", "person__name")
        found += [pk for pk, person, name in stays if person not in known and name not in unread]
    return _loaded(found)


def _loaded(pks: list[int]) -> list[Membership]:
    found: list[Membership] = []
    for start in range(0, len(pks), _CHUNK):
        stays = Membership.objects.filter(pk__in=pks[start : start + _CHUNK]).defer(*sealed_at("person"))
        found += stays.select_related("person", "organisation").order_by("pk")
    return sorted(found, key=lambda stay: (stay.path, stay.person.name, stay.pk))
