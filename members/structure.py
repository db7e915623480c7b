"""The tree of organisations changed one at a time: edited, founded, moved, ended, taken back.

The caller has made sure that the organisations lie where the account may keep them. ``ValidationError`` carries the
sentence the reader sees, keyed by the field of the form.
"""

import hashlib
from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q

from base import audit
from base.dates import DAWN, FAR, last_day
from base.facts import Fact, facts_changed, facts_will_change
from members.enums import LIVING, OrganisationKind
from members.models import Lineage, Membership, Organisation, OrganisationParent, Post
from members.organisations import FIELDS, LABELS, LEVELS, misplaced
from members.services import HOLDS_MEMBERS
from members.tree import next_path, place, rebuild_lineage

CHANGED_MEANWHILE = "这个党组织刚被别人改过，下面是你填的，请打开它的页面对照后再保存。"


def stamp(organisation: Organisation) -> str:
    """A mark of what an organisation says; another one when somebody has changed it meanwhile."""
    said = "\0".join(str(getattr(organisation, name)) for name in FIELDS)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


@transaction.atomic
def edit_organisation(*, organisation: Organisation, given: dict, seen: str, today: date) -> list[str]:
    """Write the fields that differ. Only another kind concerns the rules; a telephone number makes nothing run.

    :param given: values of :data:`members.organisations.FIELDS`.
    :param seen: the :func:`stamp` of what the editor saw.
    :returns: the names of the fields that changed.
    :raises ValidationError: for a kind that does not fit its place, or when it was changed meanwhile.
    """
    if given["kind"] != organisation.kind:
        facts_will_change(alone=True)
    here = Organisation.objects.select_for_update().get(pk=organisation.pk)
    if stamp(here) != seen:
        raise ValidationError(CHANGED_MEANWHILE)
    _check_stands(here, today)
    changed = [name for name in FIELDS if getattr(here, name) != given[name]]
    _check_founded(given["founded_on"], today)
    if "kind" in changed:
        _check_kind(here, OrganisationKind(given["kind"]), today)
    for name in changed:
        setattr(here, name, given[name])
    here.save(update_fields=changed)
    if changed:
        audit.write(audit.Act.EDIT, f"organisation:{here.pk}", fields="、".join(LABELS[name] for name in changed))
    if "kind" in changed:
        facts_changed(Fact.ORGANISATION, since=DAWN, people=None, organisations=None)
    return changed


def _check_founded(on: date | None, today: date) -> None:
    if on and on > today:
        raise ValidationError({"founded_on": f"成立日期 {on} 晚于今天，成立以后再登记。"})


def _check_stands(organisation: Organisation, today: date) -> None:
    if organisation.until <= today:
        raise ValidationError(f"{organisation.label}已于 {organisation.until} 撤销，不能再改。撤销错了，请先撤回撤销。")


def still_holds(organisation: Organisation, today: date) -> bool:
    """Whether members are left in an organisation of a kind that holds none."""
    here = Membership.objects.on(today).filter(organisation=organisation, standing__in=LIVING)
    return organisation.kind not in HOLDS_MEMBERS and here.exists()


def _check_kind(here: Organisation, kind: OrganisationKind, today: date) -> None:
    """A kind fits what stands above and below it."""
    above = OrganisationParent.objects.filter(organisation=here, until=FAR).select_related("parent").first()
    if above and above.parent:
        _check_place(kind, above.parent, field="kind")
    below = Organisation.objects.on(today).filter(parents__parent=here, parents__until=FAR).order_by("path")
    for each in below:
        if misplaced(each.kind, kind):
            raise ValidationError({"kind": f"下级{each.label}是{each.get_kind_display()}，不能在{kind.label}之下。"})


def _check_place(kind: OrganisationKind, parent: Organisation, *, field: str) -> None:
    if misplaced(kind, parent.kind):
        under = f"{OrganisationKind(kind).label}不能在{parent.get_kind_display()}之下"
        raise ValidationError({field: f"{parent.label}是{parent.get_kind_display()}，{under}，请另选。"})


@transaction.atomic
def found_organisation(*, parent: Organisation, code: str, given: dict, today: date) -> Organisation:
    """Enter a new organisation below ``parent``. It stands there from the day it was founded, if that is known.

    :raises ValidationError: for a code that is taken, a kind that does not fit, or a founding day to come.
    """
    facts_will_change(alone=True)
    parent = Organisation.objects.select_for_update().get(pk=parent.pk)
    _check_stands(parent, today)
    _check_place(given["kind"], parent, field="kind")
    _check_founded(given["founded_on"], today)
    if parent.level >= LEVELS:
        raise ValidationError(f"党组织最多 {LEVELS} 级，{parent.label}之下不能再设。")
    since = given["founded_on"] or DAWN
    try:
        with transaction.atomic():
            here = Organisation.objects.create(code=code, path=next_path(parent), since=since, **given)
    except IntegrityError as taken:
        raise ValidationError({"code": f"编码 {code} 已经用过，请核对后换一个。"}) from taken
    OrganisationParent.objects.create(organisation=here, parent=parent, since=since)
    rebuild_lineage()
    audit.write(audit.Act.WRITE, f"organisation:{here.pk}", parent=parent.pk, since=str(since))
    facts_changed(Fact.ORGANISATION, since=since, people=None, organisations=None)
    return here


@transaction.atomic
def move_organisation(*, organisation: Organisation, to: Organisation, on: date, today: date) -> None:
    """Put an organisation and all below it under another parent from ``on`` on.

    :raises ValidationError: for a parent below it, of a kind that does not fit, or the one it has; for a day to come
        or before its present parent's.
    """
    facts_will_change(alone=True)
    found = Organisation.objects.select_for_update().filter(pk__in=[organisation.pk, to.pk]).order_by("pk")
    rows = {each.pk: each for each in found}
    here, to = rows[organisation.pk], rows[to.pk]
    _check_stands(here, today)
    _check_stands(to, today)
    if to.path.startswith(here.path):
        raise ValidationError({"to": f"{to.label}是它自己或它的下级，不能作它的上级，请另选。"})
    now = OrganisationParent.objects.filter(organisation=here, until=FAR).first()
    if now and now.parent_id == to.pk:
        raise ValidationError({"to": f"{here.label}本来就在{to.label}之下。"})
    _check_place(here.kind, to, field="to")
    _check_depth(here, to)
    _check_day(now, to, on, today)
    _check_no_circle(here, to, on)
    place(here, to, since=on)
    rebuild_lineage()
    audit.write(audit.Act.EDIT, f"organisation:{here.pk}", parent=to.pk, since=str(on))
    facts_changed(Fact.ORGANISATION, since=on, people=None, organisations=None)


def _check_no_circle(here: Organisation, to: Organisation, on: date) -> None:
    """Since the day of the move the new parent has not stood below it, not even for a while."""
    below = Lineage.objects.filter(organisation=to, ancestor=here, until__gt=on).order_by("-until").first()
    if below:
        said = f"{to.label}到 {last_day(below.until)} 还在{here.label}之下"
        raise ValidationError({"on": f"{said}，划转日期不能早于 {below.until}。"})


def _check_depth(here: Organisation, to: Organisation) -> None:
    deepest = max(each.level for each in Organisation.objects.within(here))
    if to.level + 1 + deepest - here.level > LEVELS:
        raise ValidationError({"to": f"党组织最多 {LEVELS} 级，划到那里它的下级就超过了，请另选。"})


def _check_day(now: OrganisationParent | None, to: Organisation, on: date, today: date) -> None:
    if on > today:
        raise ValidationError({"on": f"划转日期 {on} 晚于今天，到了那天再办。"})
    if now and on < now.since:
        raise ValidationError({"on": f"它自 {now.since} 起才在现在的上级之下，划转日期不能早于这一天。"})
    if on < to.since:
        raise ValidationError({"on": f"{to.label}自 {to.since} 起才有，划转日期不能早于这一天。"})


@transaction.atomic
def end_organisation(*, organisation: Organisation, on: date, today: date) -> None:
    """End an organisation: from ``on`` on it is no more. Its dead stay with it; everybody else has left before.

    :raises ValidationError: while members, posts or organisations below reach beyond that day; for a day to come.
    """
    facts_will_change(alone=True)
    here = Organisation.objects.select_for_update().get(pk=organisation.pk)
    _check_stands(here, today)
    if on > today:
        raise ValidationError({"on": f"撤销日期 {on} 晚于今天，到了那天再办。"})
    if on <= here.since:
        raise ValidationError({"on": f"{here.label}自 {here.since} 起才有，撤销日期应晚于这一天。"})
    _check_empty(here, on)
    _end(here, on)


def _check_empty(here: Organisation, on: date) -> None:
    members = Membership.objects.filter(organisation=here, until__gt=on, standing__in=LIVING)
    posts = Post.objects.filter(organisation=here, until__gt=on)
    below = Organisation.objects.filter(until__gt=on).filter(
        Q(parents__parent=here, parents__until=FAR) & ~Q(pk=here.pk)
    )
    left = [
        f"{members.values('person').distinct().count()} 名党员的组织关系" if members else "",
        f"{posts.count()} 项任职" if posts else "",
        f"{below.count()} 个下级党组织" if below else "",
    ]
    if any(left):
        said = "、".join(filter(None, left))
        raise ValidationError(f"{on} 起它还有 {said}。请先转走党员、免去任职、划走或撤销下级，再来撤销。")


def _end(here: Organisation, on: date) -> None:
    since = min(here.until, on)
    here.until = on
    here.save(update_fields=["until"])
    audit.write(audit.Act.EDIT, f"organisation:{here.pk}", until=str(on))
    facts_changed(Fact.ORGANISATION, since=since, people=None, organisations=None)


@transaction.atomic
def reopen_organisation(*, organisation: Organisation, today: date) -> None:
    """Take back that an organisation ended.

    :raises ValidationError: if it did not end, or what stands above it has ended.
    """
    facts_will_change(alone=True)
    here = Organisation.objects.select_for_update().get(pk=organisation.pk)
    if here.until == FAR:
        raise ValidationError(f"{here.label}没有撤销，不用撤回。")
    above = OrganisationParent.objects.filter(organisation=here, until=FAR).select_related("parent").first()
    if above and above.parent:
        _check_stands(above.parent, today)
    _end(here, FAR)
