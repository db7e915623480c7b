"""The tree of organisations: paths, and the lineage derived from dated parents."""

from collections import defaultdict
from datetime import date

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Length, Substr

from base.dates import DAWN, FAR
from members.models import PATH_SEGMENT, Lineage, Membership, Organisation, OrganisationParent
from members.scope import path_end


def next_path(parent: Organisation | None) -> str:
    """A free path under ``parent`` (or at the top): one segment more, counted on from the last sibling."""
    base = parent.path if parent else ""
    depth = len(base) + PATH_SEGMENT
    siblings = Organisation.objects.annotate(depth=Length("path")).filter(path__startswith=base, depth=depth)
    last = siblings.order_by("-path").values_list("path", flat=True).first()
    return base + str(int(last[-PATH_SEGMENT:]) + 1 if last else 1).zfill(PATH_SEGMENT)


def place(organisation: Organisation, parent: Organisation | None, *, since: date = DAWN) -> None:
    """Put ``organisation`` under ``parent`` from ``since`` on, and move its whole subtree's paths with it.

    ``organisation.path`` is set to the new path. A parent that began on or after ``since`` is corrected in place.

    :raises ValueError: if the parent lies below the organisation itself.
    """
    if parent and organisation.path and parent.path.startswith(organisation.path):
        raise ValueError("上级党组织不能是它自己或它的下级。")
    with transaction.atomic():
        current = OrganisationParent.objects.filter(organisation=organisation, until=FAR).first()
        if current and current.parent_id == (parent and parent.pk):
            return
        if current and current.since >= since:
            current.parent = parent
            current.save(update_fields=["parent"])
        else:
            OrganisationParent.objects.filter(organisation=organisation, until=FAR).update(until=since)
            OrganisationParent.objects.create(organisation=organisation, parent=parent, since=since)
        if organisation.path[:-PATH_SEGMENT] != (parent.path if parent else ""):
            _move_paths(organisation, next_path(parent))


def _move_paths(organisation: Organisation, path: str) -> None:
    """Give the subtree its new paths; copies on other floors follow through ``facts_changed``."""
    old = organisation.path
    moved = Concat(Value(path), Substr(F("path"), len(old) + 1))
    for rows in (Organisation.objects, Membership.objects):
        rows.filter(path__gte=old, path__lt=path_end(old)).update(path=moved)
    organisation.path = path


def rebuild_lineage() -> None:
    """Derive lineage anew from all dated parents. Call after parents changed; then tell ``facts_changed``."""
    parents = defaultdict(list)
    for row in OrganisationParent.objects.all():
        parents[row.organisation_id].append(row)
    rows = []
    for pk in Organisation.objects.values_list("pk", flat=True):
        rows.append(Lineage(organisation_id=pk, ancestor_id=pk, distance=0, since=DAWN, until=FAR))
        rows.extend(_ancestors(pk, parents, node=pk))
    with transaction.atomic():
        Lineage.objects.all().delete()
        Lineage.objects.bulk_create(rows, batch_size=2000)


def _ancestors(pk, parents, *, node, distance=1, since=DAWN, until=FAR):
    """Everything above ``node`` while ``pk`` stood below it: each path upward, cut to the days all its links held."""
    for row in parents[node]:
        begin, end = max(since, row.since), min(until, row.until)
        if row.parent_id and begin < end:
            yield Lineage(organisation_id=pk, ancestor_id=row.parent_id, distance=distance, since=begin, until=end)
            yield from _ancestors(pk, parents, node=row.parent_id, distance=distance + 1, since=begin, until=end)
