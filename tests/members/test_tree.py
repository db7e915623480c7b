"""The tree: free paths, moving a subtree, parents by day, lineage cut to the days all its links held."""

from datetime import date

import pytest

from base.dates import DAWN, FAR
from members.models import Lineage, Membership, Organisation, OrganisationParent
from members.scope import path_end
from members.tree import next_path, place, rebuild_lineage

JULY = date(2026, 7, 1)


def parents(org) -> list[tuple]:
    rows = OrganisationParent.objects.filter(organisation=org).order_by("since")
    return list(rows.values_list("parent__code", "since", "until"))


def test_a_new_organisation_stays_where_its_path_put_it(cast):
    assert [org.path for org in (cast.committee, cast.general, cast.branch, cast.sibling, cast.direct)] == [
        "00001", "0000100001", "000010000100001", "000010000100002", "0000100002",
    ]  # fmt: skip
    for org in Organisation.objects.order_by("pk"):
        assert org.path == Organisation.objects.get(pk=org.pk).path


def test_the_next_path_counts_on_from_the_last_sibling(cast):
    assert next_path(cast.committee) == "0000100003"
    assert next_path(cast.branch) == "00001000010000100001"
    assert next_path(None) == "00003"


def test_a_move_carries_the_subtree_and_its_members(cast):
    place(cast.general, cast.other, since=JULY)
    assert cast.general.path == "0000200002"
    moved = Organisation.objects.get(pk=cast.branch.pk)
    assert moved.path == "000020000200001"
    assert set(Membership.objects.filter(organisation=moved).values_list("path", flat=True)) == {moved.path}
    assert not Organisation.objects.filter(path__gte="0000100001", path__lt=path_end("0000100001")).exists()
    assert Membership.objects.get(person=cast.clerk).path == "0000100002"
    assert parents(cast.general) == [("01", DAWN, JULY), ("02", JULY, FAR)]


def test_the_same_parent_again_changes_nothing(cast):
    place(cast.general, cast.committee, since=JULY)
    assert parents(cast.general) == [("01", DAWN, FAR)]


def test_a_parent_that_began_that_day_is_corrected_in_place(cast):
    place(cast.general, cast.other, since=JULY)
    place(cast.general, None, since=JULY)
    assert parents(cast.general) == [("01", DAWN, JULY), (None, JULY, FAR)]
    assert cast.general.path == "00003"


@pytest.mark.parametrize("parent", ["general", "branch"])
def test_nothing_stands_under_itself(cast, parent):
    with pytest.raises(ValueError, match="它自己或它的下级"):
        place(cast.general, getattr(cast, parent), since=JULY)
    assert parents(cast.general) == [("01", DAWN, FAR)]


def test_lineage_holds_on_the_days_all_its_links_held(cast):
    place(cast.general, cast.other, since=JULY)
    place(cast.branch, cast.committee, since=date(2026, 9, 1))
    rebuild_lineage()
    rows = Lineage.objects.filter(organisation=cast.branch).order_by("since", "distance", "ancestor__code")
    assert list(rows.values_list("ancestor__code", "distance", "since", "until")) == [
        ("010101", 0, DAWN, FAR),
        ("0101", 1, DAWN, date(2026, 9, 1)),
        ("01", 2, DAWN, JULY),
        ("02", 2, JULY, date(2026, 9, 1)),
        ("01", 1, date(2026, 9, 1), FAR),
    ]
