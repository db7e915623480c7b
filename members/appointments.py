"""Posts kept one at a time: begun, ended, corrected, taken back; and what no way into a post may pass by.

Party posts are kept with ``IMPORT``, the system posts of :data:`members.enums.SYSTEM_ROLES` with ``GRANT``; nobody
keeps their own. An administrator's post stands beside no other. ``ValidationError`` carries the reader's sentence.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from base import audit
from base.dates import FAR, last_day
from base.facts import Fact, facts_changed, facts_will_change
from members.enums import ADMINISTRATORS, SYSTEM_ROLES, Capability, EventKind, Role, Standing
from members.models import PATH_SEGMENT, Event, Organisation, Person, Post
from members.services import membership_on

OWN_POST = "自己的任职由别人办理，不能给自己任职、改期或免职。"


def keeping(role: str) -> Capability:
    """What it takes to keep posts of a role."""
    return Capability.GRANT if role in SYSTEM_ROLES else Capability.IMPORT


def may_keep(account, role: str, path: str) -> bool:
    """Whether the account keeps posts of the role in the organisation at ``path``."""
    return account.scope.may(keeping(role), path)


def posts_kept(account) -> QuerySet[Post]:
    """The posts an account keeps, each with its holder and its organisation."""
    system = Q(role__in=SYSTEM_ROLES)
    party = account.scope.q("organisation__path", Capability.IMPORT) & ~system
    granted = account.scope.q("organisation__path", Capability.GRANT) & system
    return Post.objects.filter(party | granted).select_related("organisation", "person")


def titled(post: Post) -> str:
    return f"{post.organisation.label}{post.get_role_display()}"


def overlap(post: Post, others: Iterable[Post]) -> str:
    """Why ``post`` cannot be held beside ``others`` of the same person: the same one on some of its days."""
    for other in others:
        same = (other.organisation_id, other.role) == (post.organisation_id, post.role)
        if same and post.since < other.until and other.since < post.until:
            return f"此人已有同一职务，自 {other.since} 起，日期重叠，请改正任职或免职日期。"
    return ""


def clash(post: Post, others: Iterable[Post]) -> str:
    """Why ``post`` cannot be held beside ``others`` of the same person: 三员 hold one post and no other."""
    for other in others:
        if post.since < other.until and other.since < post.until and {post.role, other.role} & set(ADMINISTRATORS):
            return (
                f"三员各由专人担任，不兼别的职务：此人自 {other.since} 起任{titled(other)}。"
                "请先免去那一项，或换一个人。"
            )
    return ""


@transaction.atomic
def begin_post(
    *, by, person: Person, organisation: Organisation, role: str, since: date, last: date | None = None, today: date
) -> Post:
    """Have a person hold a post from ``since`` on, to the end of ``last`` if that is known.

    :raises ValidationError: for the dead, somebody leaving or (for a party post) no member; for a day to come; for a
        post held already, one beside which another cannot be held, or one in an organisation that ended.
    :raises PermissionDenied: for a post the account does not keep, or its own.
    """
    person, others = _locked(person)
    post = Post(person=person, organisation=organisation, role=role, since=since, until=_until(last))
    _check_keeper(by, post)
    _check_days(post, today)
    _check_organisation(post)
    _check_holder(post, today)
    _check_others(post, others)
    post.save()
    _tell(post, since=since, act=audit.Act.WRITE)
    return post


@transaction.atomic
def end_post(*, by, post: Post, last: date, today: date) -> Post:
    """End a post: ``last`` is the last day it is held. Its access ends with that day, on the next request.

    :raises ValidationError: for a post that ended, a day before it began, or the last administrator of a kind.
    :raises PermissionDenied: as :func:`begin_post`.
    """
    _, others = _locked(post.person)
    post = _still(post)
    _check_keeper(by, post)
    if post.until <= today:
        raise ValidationError(f"{titled(post)}已于 {last_day(post.until)} 免去。日期错了，请用“改正日期”。")
    return _redate(post, post.since, last, others, today)


@transaction.atomic
def correct_post(*, by, post: Post, since: date, last: date | None, today: date) -> Post:
    """Correct the days of a post that were entered wrongly.

    :raises ValidationError: as :func:`begin_post` and :func:`end_post`.
    """
    _, others = _locked(post.person)
    post = _still(post)
    _check_keeper(by, post)
    return _redate(post, since, last, others, today)


@transaction.atomic
def withdraw_post(*, by, post: Post, reason: str) -> None:
    """Take back a post that never was; the audit keeps what it said.

    :raises ValidationError: without a reason, or for the last administrator of a kind.
    """
    _locked(post.person)
    post = _still(post)
    _check_keeper(by, post)
    if not reason.strip():
        raise ValidationError({"reason": "请写为什么撤销，一句话也可以。"})
    _check_successor(post, post.since)
    Post.objects.filter(pk=post.pk).delete()
    _tell(post, since=post.since, act=audit.Act.WITHDRAW, reason=reason)


def enter_person(name: str) -> Person:
    """Somebody who is no member here, for a system post: an inspector from above, a cashier, an administrator."""
    person = Person.objects.create(name=name)
    audit.write(audit.Act.WRITE, f"person:{person.pk}")
    return person


def _locked(person: Person) -> tuple[Person, list[Post]]:
    """The person under a lock of their own, after the engine's, with the posts they hold or held."""
    facts_will_change(alone=True)
    person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    return person, list(Post.objects.filter(person=person).select_related("organisation").order_by("since", "pk"))


def _still(post: Post) -> Post:
    """The post as it stands now, its person being locked."""
    found = Post.objects.select_related("organisation", "person").filter(pk=post.pk).first()
    if found is None:
        raise ValidationError("这项任职刚被别人撤销，没有再办一次。")
    return found


def _until(last: date | None) -> date:
    return FAR if last is None else last + timedelta(days=1)


def _redate(post: Post, since: date, last: date | None, others: list[Post], today: date) -> Post:
    before = (post.since, post.until)
    post.since, post.until = since, _until(last)
    if before == (post.since, post.until):
        raise ValidationError("日期和原来一样，没有要改的。")
    _check_days(post, today)
    _check_organisation(post)
    _check_others(post, [other for other in others if other.pk != post.pk])
    if post.until < before[1]:
        _check_successor(post, max(post.until, today))
    post.save(update_fields=["since", "until"])
    changed = [day for pair in zip(before, (post.since, post.until), strict=True) if pair[0] != pair[1] for day in pair]
    _tell(post, since=min(changed), act=audit.Act.EDIT)
    return post


def _check_keeper(by, post: Post) -> None:
    if by is None:
        return
    if not may_keep(by, post.role, post.organisation.path):
        keeper = "安全保密管理员" if post.role in SYSTEM_ROLES else "组织部"
        raise PermissionDenied(f"{post.get_role_display()}由{keeper}办理，请联系本单位{keeper}。")
    if by.person_id == post.person_id:
        raise PermissionDenied(OWN_POST)


def _check_days(post: Post, today: date) -> None:
    if post.since > today:
        raise ValidationError({"since": f"任职日期 {post.since} 晚于今天，到任以后再登记。"})
    if post.until <= post.since:
        said = f"最后一天 {last_day(post.until)} 早于任职日期 {post.since}，请改正。"
        raise ValidationError({"last": f"{said}如果从未任过，请用“撤销”。"})


def _check_organisation(post: Post) -> None:
    here = post.organisation
    if post.since < here.since:
        raise ValidationError({"since": f"{here.label}自 {here.since} 起才有，任职日期不能早于这一天。"})
    if post.until > here.until:
        raise ValidationError({"last": f"{here.label}已于 {here.until} 撤销，任职要在那以前结束。"})


def _check_holder(post: Post, today: date) -> None:
    """The dead hold no post; a party post wants a member who is not on the way out."""
    person, stay = post.person, membership_on(post.person, today)
    if stay and stay.standing == Standing.DEAD:
        raise ValidationError({"person": f"{person.name}已于 {stay.since} 去世，不能任职。"})
    if post.role in SYSTEM_ROLES:
        return
    if stay is None:
        raise ValidationError({"person": f"{person.name}现在没有组织关系，不能任党内职务。请先导入名册或办理转入。"})
    if stay.standing == Standing.SUSPENDED:
        raise ValidationError({"person": f"{person.name}自 {stay.since} 起停止党籍，不能任党内职务。"})
    if person.joined_on and post.since < person.joined_on:
        raise ValidationError({"since": f"{person.name}{person.joined_on} 才入党，任职日期不能早于这一天。"})
    leaving = Event.objects.standing().filter(
        person=person, kind=EventKind.TRANSFER_OUT, occurred_on__gte=stay.since
    )  # fmt: skip
    if left := leaving.order_by("occurred_on", "pk").first():
        said = f"{person.name}已于 {left.occurred_on} 登记转出，正等对方支部接收，不能再任新职。"
        raise ValidationError({"person": f"{said}转出登错了，请先撤回那一条。"})


def _check_others(post: Post, others: list[Post]) -> None:
    if trouble := overlap(post, others):
        raise ValidationError({"since": trouble})
    if trouble := clash(post, others):
        raise ValidationError({"role": trouble})


def _check_successor(post: Post, day: date) -> None:
    """There is always somebody to manage accounts, to grant and to read the audit, there or above."""
    if post.role not in ADMINISTRATORS or not (post.since <= day):
        return
    path = post.organisation.path
    above = [path[:end] for end in range(PATH_SEGMENT, len(path) + 1, PATH_SEGMENT)]
    others = Post.objects.on(day).filter(role=post.role, organisation__path__in=above).exclude(pk=post.pk)
    if not others.exists():
        said = f"{post.person.name}是最后一名{Role(post.role).label}"
        raise ValidationError(f"{said}。请先授予接任的同志，再收回这一项。")


def _tell(post: Post, *, since: date, act: audit.Act, reason: str = "") -> None:
    audit.write(
        act, f"post:{post.pk}", reason=reason, person=post.person_id, organisation=post.organisation_id,
        role=post.get_role_display(), since=str(post.since), until=str(post.until),
    )  # fmt: skip
    facts_changed(Fact.POST, since=since, people=[post.person_id], organisations=[post.organisation_id])
