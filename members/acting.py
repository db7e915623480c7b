"""Who may have acted for a member or an organisation, and whose branch a day belongs to."""

from collections.abc import Sequence
from datetime import date, timedelta

from members.enums import Capability, Role
from members.models import Membership, Organisation, Person, Post

ACTING_ROLES = (
    Role.SECRETARY, Role.DEPUTY_SECRETARY, Role.ORGANISATION_COMMISSIONER, Role.PUBLICITY_COMMISSIONER,
    Role.DISCIPLINE_COMMISSIONER, Role.COMMISSIONER, Role.GROUP_LEADER, Role.DEPARTMENT_HEAD,
)  # fmt: skip
BACK = timedelta(days=400)
"""Posts that ended not longer ago than this are offered, for late entries."""


def actors_for(
    organisation: Organisation, account, day: date, *, but: Person | None = None, also: Sequence[Role] = ()
) -> list[tuple[int, str]]:
    """Who may have acted for members of ``organisation``: oneself first, then holders of posts from it upward.

    :param but: the member it was done for, who cannot have.
    :param also: roles besides :data:`ACTING_ROLES`.
    """
    chain = Organisation.objects.filter(
        descent__organisation=organisation, descent__since__lte=day, descent__until__gt=day
    )
    posts = Post.objects.filter(
        organisation__in=chain, role__in=(*ACTING_ROLES, *also), since__lte=day, until__gt=day - BACK
    )
    posts = posts.exclude(person=but).select_related("person", "organisation")
    found = {}
    for post in posts.order_by("-organisation__path", "role", "-until", "pk"):
        words = f"{post.person.name}（{post.organisation.label}{post.get_role_display()}）"
        found.setdefault(post.person_id, words if post.until > day else words[:-1] + f"，至 {post.until}）")
    me = account.person
    if me and me != but:
        found = {me.pk: found.get(me.pk, f"{me.name}（{account.scope.title}）"), **found}
    return list(found.items())


def stood_elsewhere(account, people: list[Person], on: date, *, what: str) -> dict[int, str]:
    """What is done while a member stands elsewhere is for the branch of that day to enter: the sentence, by person."""
    then = Membership.objects.on(on).filter(person__in=people)
    elsewhere = then.exclude(account.scope.q("path", Capability.RECORD)).select_related("person").order_by("pk")
    return {
        stay.person_id: f"{on} 时{stay.person.name}的组织关系不在你的范围内，那次{what}由当时所在支部登记。"
        for stay in elsewhere
    }
