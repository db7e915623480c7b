"""推荐名额: who nominates, how many each may, proposed by the number of members and set by the committee."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Sum

from awards.models import Nominee, Selection, SelectionTitle, TitleQuota
from awards.selecting.locking import Stage, at_stage, names
from base import audit
from members.enums import OrganisationKind, Standing
from members.models import PATH_SEGMENT, Membership, Organisation
from members.scope import path_end, sealed_at

MOST = 500
"""No organisation nominates more for one title."""


def nominators(organisation: Organisation, day: date) -> list[Organisation]:
    """Who nominates in a selection of the organisation, in the order of the tree: its branches, and the committees
    next below, which nominate for all that stands under them. A branch that selects nominates itself.
    """
    found: list[Organisation] = []
    committees: list[str] = []
    for each in Organisation.objects.on(day).within(organisation).order_by("path"):
        if any(each.path.startswith(path) for path in committees):
            continue
        if each.kind == OrganisationKind.COMMITTEE and each.pk != organisation.pk:
            committees.append(each.path)
            found.append(each)
        elif each.kind == OrganisationKind.BRANCH:
            found.append(each)
    return found


def members_of(organisations: list[Organisation], day: date) -> dict[int, int]:
    """How many full members stand at each of the organisations or below it; one query."""
    if not organisations:
        return {}
    by_path = {each.path: each.pk for each in organisations}
    first, last = min(by_path), max(by_path)
    stays = Membership.objects.on(day).filter(standing=Standing.FULL, path__gte=first, path__lt=path_end(last))
    found = dict.fromkeys(by_path.values(), 0)
    for path, count in stays.order_by("path").values_list("path").annotate(n=Count("pk")):
        for end in range(len(path), 0, -PATH_SEGMENT):
            if path[:end] in by_path:
                found[by_path[path[:end]]] += count
                break
    return found


def shared(total: int, members: Mapping[int, int]) -> dict[int, int]:
    """``total`` places divided by the number of members: whole shares first, what is left by the largest remainders,
    of equal ones to whoever stands first.
    """
    everybody = sum(members.values())
    if not everybody:
        return dict.fromkeys(members, 0)
    found = {key: total * count // everybody for key, count in members.items()}
    order = {key: place for place, key in enumerate(members)}
    rest = sorted(members, key=lambda key: (-(total * members[key] % everybody), order[key]))
    for key in rest[: total - sum(found.values())]:
        found[key] += 1
    return found


@transaction.atomic
def propose_places(*, by, selection: Selection, totals: Mapping[int, int], today: date) -> Selection:
    """Give each organisation its places by the number of its full members.

    :param totals: how many places there are in all, by the number of the title.
    :raises ValidationError: keyed ``total_<title>``: where somebody would have fewer places than it used already.
    """
    selection = at_stage(selection, Stage.OPEN)
    counts = members_of(nominators(selection.organisation, today), today)
    numbers = {
        (title, place): number
        for title, total in totals.items()
        for place, number in shared(min(total, MOST * len(counts)), counts).items()
    }
    _write(selection, numbers, lambda title, place: f"total_{title}")
    return selection


@transaction.atomic
def set_places(*, by, selection: Selection, numbers: Mapping[tuple[int, int], int], today: date) -> Selection:
    """Set the places of organisations by hand; those that are not named stay as they are.

    :param numbers: by the numbers of title and organisation.
    :raises ValidationError: keyed ``places_<title>_<organisation>``: for fewer than are used already.
    """
    selection = at_stage(selection, Stage.OPEN)
    may = {each.pk for each in nominators(selection.organisation, today)}
    if any(place not in may for _title, place in numbers):
        raise ValidationError("名额只分给本组织直接管的支部和下级党委，党组织刚才变了，请重新打开这一页。")
    _write(selection, numbers, lambda title, place: f"places_{title}_{place}")
    return selection


def _write(selection: Selection, numbers: Mapping[tuple[int, int], int], field) -> None:
    titles = {each.pk: each for each in selection.titles.order_by("position")}
    used = defaultdict(list)
    standing = Nominee.objects.standing().filter(title__in=titles).select_related("person", "organisation")
    for each in standing.order_by("pk"):
        used[each.title_id, each.nominator_id].append(each)
    refused: dict[str, list[str]] = {}
    for key, number in numbers.items():
        if number < len(used[key]):
            there = used[key]
            said = f"已推荐 {len(there)} 个（{names(there)}），名额不能少于 {len(there)}。"
            refused.setdefault(field(*key), []).append(said)
    if refused:
        raise ValidationError(refused)
    TitleQuota.objects.bulk_create(
        [TitleQuota(title=titles[title], organisation_id=place, number=number)
         for (title, place), number in numbers.items() if title in titles],
        update_conflicts=True, unique_fields=["title", "organisation"], update_fields=["number"],
    )  # fmt: skip
    audit.write(audit.Act.EDIT, f"selection:{selection.pk}", what="places", rows=len(numbers))


# Reading


@dataclass(frozen=True)
class Share:
    """The places of one organisation for one title, and who stands there."""

    title: SelectionTitle
    organisation: Organisation
    number: int
    used: list[Nominee]

    @property
    def left(self) -> int:
        return max(0, self.number - len(self.used))


def shares(selection: Selection, organisations: list[Organisation]) -> list[Share]:
    """The places of the organisations for every title, by organisation and then by title; three queries."""
    titles = list(selection.titles.order_by("position"))
    quotas = TitleQuota.objects.filter(title__in=titles, organisation__in=organisations)
    number = {(row.title_id, row.organisation_id): row.number for row in quotas.order_by("pk")}
    used = defaultdict(list)
    rows = Nominee.objects.standing().filter(title__in=titles, nominator__in=organisations)
    for each in rows.select_related("person", "organisation").defer(*sealed_at("person")).order_by("pk"):
        used[each.title_id, each.nominator_id].append(each)
    return [
        Share(title, place, number.get((title.pk, place.pk), 0), used[title.pk, place.pk])
        for place in organisations
        for title in titles
    ]


def totals_of(selection: Selection) -> dict[int, int]:
    """How many places there are in all, by title."""
    rows = TitleQuota.objects.filter(title__selection=selection).order_by("title")
    return dict(rows.values_list("title").annotate(n=Sum("number")))
