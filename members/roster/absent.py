"""Members whom a new roster no longer names: found and asked about, never changed."""

from collections.abc import Iterable
from datetime import date

from base.many import BATCH, among
from members.enums import Standing
from members.models import Membership, Organisation
from members.roster.parse import RosterRow
from members.scope import sealed_at


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
    for start in range(0, len(here), BATCH):
        members = Membership.objects.on(today).filter(organisation__in=among(here[start : start + BATCH]))
        living = members.exclude(standing=Standing.DEAD).order_by("pk")
        found += [pk for pk, person in living.values_list("pk", "person_id") if person not in known]
    return [stay for stay in _loaded(found) if stay.person.name not in unread]


def _loaded(pks: list[int]) -> list[Membership]:
    found: list[Membership] = []
    for start in range(0, len(pks), BATCH):
        stays = Membership.objects.filter(pk__in=among(pks[start : start + BATCH])).defer(*sealed_at("person"))
        found += stays.select_related("person", "organisation").order_by("pk")
    return sorted(found, key=lambda stay: (stay.path, stay.person.name, stay.pk))
