"""Who may answer for a duty otherwise than by doing it, and who may read a task. ``check_*`` raises with the sentence
the reader sees.
"""

from collections.abc import Collection
from datetime import date

from django.conf import settings
from django.core.exceptions import PermissionDenied

from duties.engine.models import Duty, handed_to
from duties.engine.responsible import doers
from members.enums import CAPABILITIES, Capability, EventKind, Role
from members.models import Event, Membership, Person, Post
from members.permissions import may_record_at

MAY_ANSWER = (
    "安排和转办由这件事所在党组织的书记、副书记、组织委员、组织部，或者轮到办的本人来做；与你本人有关的由别人做。"
)
MAY_WAIVE = "免办和恢复由这件事所在党组织或上级的书记、组织部决定，副书记和委员不能免办；与你本人有关的由别人决定。"


WAIVED_ABOVE = "上级工作布置的任务由上级党组织的书记、组织部或布置的人免办和恢复，承办的党组织自己不能免办。"


def is_of_a_workflow(event: Event) -> bool:
    """Whether it is a task that a workflow gave: one from anything but what the organisation itself did or wrote."""
    kind, _, number = event.source.partition(":")
    return event.kind == EventKind.TASK and bool(number) and kind not in settings.TASK_SOURCES


def may_command(account, capability: Capability, event: Event, path: str) -> bool:
    """Whether the account answers for a task of a workflow that is owed at ``path``: by a post above there, or as who
    gave it and has the capability there.
    """
    if account.person_id is not None and account.person_id == event.entered_by_id:
        return account.scope.may(capability, path)
    return any(
        h.allows(capability) and path.startswith(h.organisation.path) and path != h.organisation.path
        for h in account.scope.holdings
    )


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
    for duty in duties:
        found = _below_the_giver(found, duty.event)
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


def _below_the_giver(found: dict[Person, list[Post]], event: Event | None) -> dict[Person, list[Post]]:
    """Those who may answer a task of :data:`settings.ANSWERED_BELOW`; all where it is none."""
    kind = event.source.partition(":")[0] if event else ""
    if kind not in settings.ANSWERED_BELOW:
        return found
    row, giver = settings.ANSWERED_BELOW[kind]
    depth = len(getattr(getattr(event, row), giver).path)
    answering = {
        person: [
            post for post in posts
            if Capability.RECORD in CAPABILITIES[Role(post.role)] and len(post.organisation.path) > depth
        ]
        for person, posts in found.items()
    }  # fmt: skip
    return {person: posts for person, posts in answering.items() if posts}


def _knows(account, path: str, homes: list[str]) -> bool:
    return account.scope.may(Capability.VIEW, path) or any(home.startswith(path) for home in homes)


def may_waive(account, duty: Duty) -> bool:
    """Saying that it need not be done: who decides on policy there, or above if a workflow asks it; never of what is
    about oneself.
    """
    if duty.member_id is not None and duty.member_id == account.person_id:
        return False
    if duty.event and is_of_a_workflow(duty.event):
        return may_command(account, Capability.POLICY, duty.event, duty.path)
    return account.scope.may(Capability.POLICY, duty.path)


def check_may_waive(account, duties: Collection[Duty]) -> None:
    refused = [duty for duty in duties if not may_waive(account, duty)]
    if refused:
        given = any(duty.event and is_of_a_workflow(duty.event) for duty in refused)
        raise PermissionDenied(WAIVED_ABOVE if given else MAY_WAIVE)
