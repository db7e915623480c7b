"""Who may be sent to names of a list, and which of them have died."""

from collections.abc import Collection
from datetime import date

from members.acting import ACTING_ROLES
from members.enums import Standing
from members.models import Lineage, Membership, Post
from members.scope import sealed_at
from visits.models import Candidate


def visitors_for(names: Collection[Candidate], account, day: date) -> list[tuple[int, str]]:
    """Who may be sent to these: oneself, then whoever holds a party post at their organisations or above."""
    places = Lineage.objects.filter(
        organisation__in={each.organisation_id for each in names}, since__lte=day, until__gt=day
    )
    posts = Post.objects.on(day).filter(organisation__in=places.values("ancestor"), role__in=ACTING_ROLES)
    posts = posts.select_related("person", "organisation").defer(*sealed_at("person"))
    me, found = account.person, {}
    if me:
        found[me.pk] = f"{me.name}（{account.scope.title}）"
    for post in posts.order_by("organisation__path", "role", "pk"):
        found.setdefault(post.person_id, f"{post.person.name}（{post.organisation.label}{post.get_role_display()}）")
    return list(found.items())


def died(names: Collection[Candidate], day: date) -> dict[int, Membership]:
    """Where those of these stand, by person, who are dead although it is not their family that is visited."""
    stays = Membership.objects.on(day).filter(person__in=[row.person_id for row in names], standing=Standing.DEAD)
    families = {row.person_id for row in names if row.family}
    return {stay.person_id: stay for stay in stays.order_by("pk") if stay.person_id not in families}
