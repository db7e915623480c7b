"""Who may answer for a duty otherwise than by doing it, and who may read a task. ``check_*`` raises with the sentence
the reader sees.
"""

from collections.abc import Collection
from datetime import date

from django.core.exceptions import PermissionDenied

from duties.engine.models import Duty, handed_to
from duties.engine.responsible import doers
from members.enums import Capability
from members.models import Event, Membership, Person, Post
from members.permissions import may_record_at

MAY_ANSWER = (
    "安排和转办由这件事所在党组织的书记、副书记、组织委员、组织部，或者轮到办的本人来做；与你本人有关的由别人做。"
)
MAY_WAIVE = "免办和恢复由这件事所在党组织或上级的书记、组织部决定，副书记和委员不能免办；与你本人有关的由别人决定。"


def may_read_task(account, event: Event, path: str) -> bool:
    """What a task says is for whom it was given to, who wrote it, and who may record where it stands; never for whom
    it is about.
    """
    me = account.person_id
    if me is not None and me == event.person_id:
        return False
    return (me is not None and me in {event.addressee_id, event.entered_by_id}) or may_record_at(account, path)


def may_answer(account, duty: Duty) -> bool:
    """Saying when it will be done and handing it on: who may record there, and whoever it binds by name."""
    if duty.member_id is not None and duty.member_id == account.person_id:
        return False
    return account.scope.may(Capability.RECORD, duty.path) or _is_bound(account, duty)


def _is_bound(account, duty: Duty) -> bool:
    """Whether it binds the account's person by name; as ``DutyQuerySet.bound_to`` for one."""
    if account.person_id is None:
        return False
    if duty.actor_id is not None and duty.actor_id == account.person_id:
        return True
    led = dict(account.scope.tied).get(duty.rule.spec["responsible"].get("tie"), ())
    return (duty.actor_id is None and duty.member_id in led) or duty.pk in handed_to(account.scope)


def check_may_answer(account, duties: Collection[Duty]) -> None:
    if not all(may_answer(account, duty) for duty in duties):
        raise PermissionDenied(MAY_ANSWER)


def offered(account, duties: Collection[Duty], day: date) -> dict[Person, list[Post]]:
    """Who could do these duties, as far as the account may know who holds what.

    Whoever may record there may know all holders upward; who is only bound by name, those within his reach and those
    above where he is a member.
    """
    found = doers(duties, day)
    if all(account.scope.may(Capability.RECORD, duty.path) for duty in duties):
        return found
    homes = list(
        Membership.objects.on(day).filter(person=account.person_id).order_by("pk").values_list("path", flat=True)
    )
    known = {
        person: [post for post in posts if _knows(account, post.organisation.path, homes)]
        for person, posts in found.items()
    }
    return {person: posts for person, posts in known.items() if posts}


def _knows(account, path: str, homes: list[str]) -> bool:
    return account.scope.may(Capability.VIEW, path) or any(home.startswith(path) for home in homes)


def may_waive(account, duty: Duty) -> bool:
    """Saying that it need not be done: who decides on policy there, but never of what is about oneself."""
    about = duty.member_id is not None and duty.member_id == account.person_id
    return not about and account.scope.may(Capability.POLICY, duty.path)


def check_may_waive(account, duties: Collection[Duty]) -> None:
    if not all(may_waive(account, duty) for duty in duties):
        raise PermissionDenied(MAY_WAIVE)
