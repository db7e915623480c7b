"""What binds a member to others, entered by hand until the registries keep it: ties to people, and categories of care.

Each service is one transaction: it locks the people, writes the fact and its audit row, and tells the engine. A row
that was never true is deleted, and its audit row keeps what it said. ``ValidationError`` carries the reader's sentence.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from base import audit
from base.dates import FAR, last_day
from base.facts import Fact, facts_changed, facts_will_change
from members.enums import SANCTIONS, SENSITIVE_CATEGORIES, Capability, CategoryKind, Standing, TieKind
from members.models import Category, Membership, Organisation, Person, Post, Tie
from members.services import membership_on

BY_HAND = (TieKind.CONTACT, TieKind.LEADER_CONTACT, TieKind.PAIRING, TieKind.CHARGE)
"""Kinds of tie to a person; a death ends them. What binds to organisations (派出单位, 授予单位) outlives it."""

TO_ORGANISATIONS = (TieKind.SENDER, TieKind.GRANTOR)
"""Kinds whose other end is an organisation."""

OF_LEADERS = (TieKind.LEADER_CONTACT, TieKind.CHARGE)
"""Kinds whose other end holds a post."""

SOURCE = "登记"
ENTRY = "entry:"
"""With this, and its number, begins the source of a category that an entry of a register wrote."""
CARED_FOR = "关怀对象"
"""What a sensitive category reads to those who may not know it."""


@transaction.atomic
def begin_tie(
    *, person: Person, kind: str, to: Person | Organisation, since: date, last: date | None = None, today: date
) -> Tie:
    """Have somebody stand by a member from ``since`` on, to the end of ``last`` if that is known.

    For the family of a dead member there is only the contact (联系人), from the day of the death on.

    :param to: who does; an organisation for the kinds of :data:`TO_ORGANISATIONS` alone.

    :raises ValidationError: for a tie to oneself, to the dead, or held already; for a leader's tie to somebody
        without a post; for a day to come, or on which the member was none.
    """
    if isinstance(to, Organisation):
        tie = Tie(person=person, kind=kind, to_organisation=to, since=since, until=_until(last))
        return _begin_tie_to_organisation(tie, last, today)
    person, to = _locked(person, to)
    if person == to:
        raise ValidationError({"to": f"{person.name}不能联系自己，请另选一位。"})
    _check_day(since, last, today, field="since")
    tie = Tie(person=person, kind=kind, to=to, since=since, until=_until(last))
    _check_member_end(tie)
    _check_other_end(tie)
    alike = Tie.objects.filter(person=person, kind=kind, to=to)
    if other := _overlapping(alike, tie.since, tie.until):
        raise ValidationError(
            {"to": f"{to.name}自 {other.since} 起已是{person.name}的{tie.get_kind_display()}，不必再登记。"}
        )
    tie.save()
    _tell_tie(tie, since=since, act=audit.Act.WRITE)
    return tie


def _begin_tie_to_organisation(tie: Tie, last: date | None, today: date) -> Tie:
    _locked(tie.person)
    if tie.kind not in TO_ORGANISATIONS:
        raise ValidationError({"to": f"{tie.get_kind_display()}要选一位同志，不能选党组织。"})
    _check_day(tie.since, last, today, field="since")
    _stay(tie.person, tie.since)
    alike = Tie.objects.filter(person=tie.person, kind=tie.kind, to_organisation=tie.to_organisation)
    if other := _overlapping(alike, tie.since, tie.until):
        held = f"{tie.to_organisation.label}自 {other.since} 起已是{tie.person.name}的{tie.get_kind_display()}"
        raise ValidationError({"to": f"{held}，不必再登记。"})
    tie.save()
    _tell_tie(tie, since=tie.since, act=audit.Act.WRITE)
    return tie


@transaction.atomic
def end_tie(*, tie: Tie, last: date, today: date) -> None:
    """End a tie: ``last`` is the last day it held.

    :raises ValidationError: for a day to come or before it began, or if it ended already.
    """
    _locked(tie.person, tie.to)
    tie = _still(Tie.objects, tie.pk)
    if tie.until <= today:
        raise ValidationError(f"这条联系已于 {last_day(tie.until)} 结束。")
    if last > today:
        raise ValidationError({"last": f"最后一天 {last} 晚于今天，到了那天再办。"})
    if last < tie.since:
        raise ValidationError({"last": f"最后一天 {last} 早于开始的 {tie.since}。从未有过的，请用“撤销”。"})
    before, tie.until = tie.until, _until(last)
    tie.save(update_fields=["until"])
    _tell_tie(tie, since=min(before, tie.until), act=audit.Act.EDIT)


@transaction.atomic
def withdraw_tie(*, tie: Tie, reason: str) -> None:
    """Take back a tie that never was.

    :raises ValidationError: without a reason, or if somebody took it back meanwhile.
    """
    _locked(tie.person, tie.to)
    tie = _still(Tie.objects, tie.pk)
    _check_reason(reason)
    _tell_tie(tie, since=tie.since, act=audit.Act.WITHDRAW, reason=reason)
    tie.delete()


@transaction.atomic
def begin_category(
    *,
    person: Person,
    kind: str,
    grade: str = "",
    since: date,
    last: date | None = None,
    basis: str,
    today: date,
    source: str = SOURCE,
) -> Category:
    """Have a member belong to a kind of people to be cared for, from ``since`` on, to the end of ``last`` if known.

    Of a dead member only the bereaved family is cared for.

    :param source: who wrote it: a register's entry, or a hand.

    :raises ValidationError: without a basis, for days that are none, or for a kind the member belongs to already.
    """
    (person,) = _locked(person)
    _check_day(since, last, today, field="since")
    stay = _stay(person, since)
    if stay.standing == Standing.DEAD and kind != CategoryKind.BEREAVED:
        raise ValidationError({"kind": f"{person.name}已于 {stay.since} 去世，只能列为{CategoryKind.BEREAVED.label}。"})
    if stay.standing != Standing.DEAD and kind == CategoryKind.BEREAVED:
        said = f"{person.name}没有登记去世。家庭的档案建在去世的党员名下，请到他的页面登记。"
        raise ValidationError({"kind": said})
    if not basis.strip():
        raise ValidationError({"basis": "请写依据，例如哪次会议认定、哪份文件或证明。"})
    category = Category(
        person=person, kind=kind, grade=grade, since=since, until=_until(last), basis=basis, source=source
    )
    alike = Category.objects.filter(person=person, kind=kind, **_told_by_grade(kind, grade))
    if other := _overlapping(alike, category.since, category.until):
        said = f"{person.name}自 {other.since} 起已列为{category.get_kind_display()}，日期重叠。"
        raise ValidationError({"kind": f"{said}请改正日期，或先结束那一条。"})
    category.save()
    _tell_category(category, since=since, act=audit.Act.WRITE)
    return category


@transaction.atomic
def end_category(*, category: Category, last: date | None) -> None:
    """Set, move or take away the end of a category: ``last`` is its last day, ``None`` for one not known.

    :raises ValidationError: for a day before it began, the end it has already, or one that runs into the next.
    """
    _locked(category.person)
    category = _still(Category.objects, category.pk)
    if last and last < category.since:
        raise ValidationError({"last": f"最后一天 {last} 早于开始的 {category.since}。从未有过的，请用“撤销”。"})
    before, category.until = category.until, _until(last)
    if before == category.until:
        raise ValidationError({"last": "最后一天和原来一样，没有要改的。"})
    told = _told_by_grade(category.kind, category.grade)
    alike = Category.objects.filter(person=category.person_id, kind=category.kind, **told).exclude(pk=category.pk)
    if other := _overlapping(alike, category.since, category.until):
        raise ValidationError({"last": f"自 {other.since} 起另有一条同类的，日期重叠，请改正。"})
    category.save(update_fields=["until"])
    _tell_category(category, since=min(before, category.until), act=audit.Act.EDIT)


def _told_by_grade(kind: str, grade: str) -> dict[str, str]:
    """Somebody honoured holds several grades at a time; of any other kind one."""
    return {"grade": grade} if kind == CategoryKind.HONOUREE else {}


@transaction.atomic
def withdraw_category(*, category: Category, reason: str) -> None:
    """Take back a category that never was.

    :raises ValidationError: without a reason, or if somebody took it back meanwhile.
    """
    _locked(category.person)
    category = _still(Category.objects, category.pk)
    _check_reason(reason)
    _tell_category(category, since=category.since, act=audit.Act.WITHDRAW, reason=reason)
    category.delete()


def _locked(*people: Person | None) -> list[Person]:
    """The people, after the engine's lock and under locks of their own, taken in order of id."""
    facts_will_change()
    people = [person for person in people if person]
    wanted = {person.pk for person in people}
    rows = Person.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk")
    found = {row.pk: row for row in rows}
    return [found[person.pk] for person in people]


def _still(rows, pk: int):
    found = rows.select_for_update().filter(pk=pk).first()
    if found is None:
        raise ValidationError("这一条刚被别人撤销，没有再办一次。")
    return found


def _until(last: date | None) -> date:
    return FAR if last is None else last + timedelta(days=1)


def _check_day(since: date, last: date | None, today: date, *, field: str) -> None:
    if since > today:
        raise ValidationError({field: f"开始日期 {since} 晚于今天，到了那天再登记。"})
    if last and last < since:
        raise ValidationError({"last": f"最后一天 {last} 早于开始的 {since}，两个日期可能填反了。"})


def _stay(person: Person, day: date) -> Membership:
    stay = membership_on(person, day)
    if stay is None:
        raise ValidationError({"since": f"{person.name}在 {day} 没有组织关系，请核对日期或先导入名册。"})
    return stay


def _died(person: Person) -> date | None:
    dead = Membership.objects.filter(person=person, standing=Standing.DEAD, until=FAR).first()
    return dead and dead.since


def _check_member_end(tie: Tie) -> None:
    """Who is bound is a member; of the dead a tie ends before the death, or is the family's contact after it."""
    _stay(tie.person, tie.since)
    died = _died(tie.person)
    if died is None or tie.until <= died:
        return
    if tie.since < died:
        said = f"{tie.person.name}已于 {died} 去世，联系到那天为止。"
        raise ValidationError({"last": f"{said}请把最后一天写在那以前；给家属定联系人，从那天起登记。"})
    if tie.kind != TieKind.CONTACT:
        raise ValidationError({"kind": f"{tie.person.name}已于 {died} 去世，只能给家属定联系人。"})


def _check_other_end(tie: Tie) -> None:
    """Who stands by a member lives, and for a leader's tie holds a post."""
    died = _died(tie.to)
    if died and tie.until > died:
        raise ValidationError({"to": f"{tie.to.name}已于 {died} 去世，请另选一位。"})
    if tie.kind in OF_LEADERS and not Post.objects.on(tie.since).filter(person=tie.to).exists():
        what = f"{TieKind(tie.kind).label}要选任职的同志"
        raise ValidationError({"to": f"{tie.to.name}在 {tie.since} 没有任职，{what}。"})


def _overlapping(rows, since: date, until: date):
    return rows.filter(since__lt=until, until__gt=since).order_by("since", "pk").first()


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise ValidationError({"reason": "请写为什么撤销，一句话也可以。"})


def _tell_tie(tie: Tie, *, since: date, act: audit.Act, reason: str = "") -> None:
    end = {"to": tie.to_id} if tie.to_id else {"organisation": tie.to_organisation_id}
    audit.write(
        act, f"tie:{tie.pk}", reason=reason, person=tie.person_id, **end, kind=tie.get_kind_display(),
        since=str(tie.since), until=str(tie.until),
    )  # fmt: skip
    facts_changed(Fact.TIE, since=since, people=sorted({tie.person_id, tie.to_id} - {None}), of=tie.kind)


def _tell_category(category: Category, *, since: date, act: audit.Act, reason: str = "") -> None:
    """The kind of a category may be sensitive, so the audit names the row; of one taken back it keeps the days."""
    audit.write(
        act, f"category:{category.pk}", reason=reason, person=category.person_id, since=str(category.since),
        until=str(category.until),
    )  # fmt: skip
    facts_changed(Fact.CATEGORY, since=since, people=[category.person_id], of=category.kind)


def ties_by_hand(person: Person) -> QuerySet[Tie]:
    """The ties of a member to people, each with the other end; the running ones first."""
    return person.ties.filter(kind__in=BY_HAND).select_related("person", "to").order_by("-until", "-since", "pk")


def remembers_sanctions(account, path: str, person: int) -> bool:
    """Whether the account may still know of sanctions that ended, of a member at ``path``: of its own never.

    Asks for the right to sensitive matters at a committee; to all others a sanction that ended never was.
    """
    return person != account.person_id and account.scope.of_committees().may(Capability.SENSITIVE, path)


def sanctions_ended(person: Person, day: date) -> date | None:
    """The first day without a sanction, of a member who had one and has none now."""
    rows = person.categories.filter(kind__in=SANCTIONS, since__lte=day).order_by("-until", "pk")
    until = rows.values_list("until", flat=True).first()
    return until if until and until <= day else None


def categories_of(person: Person, *, sensitive: bool, forgets: date | None = None) -> QuerySet[Category]:
    """The categories of a member that a reader may know, the running ones first.

    :param sensitive: whether the reader may know of :data:`members.enums.SENSITIVE_CATEGORIES`.
    :param forgets: sanctions that ended by this day are left out.
    """
    hidden = Q(pk__in=[]) if sensitive else Q(kind__in=SENSITIVE_CATEGORIES)
    hidden |= Q(kind__in=SANCTIONS, until__lte=forgets) if forgets else Q(pk__in=[])
    return person.categories.exclude(hidden).select_related("person").order_by("-until", "-since", "pk")


def category_words(categories: Iterable[Category], *, sensitive: bool) -> list[str]:
    """What a reader sees of categories: each kind, and 关怀对象 once for those of which he may not know."""
    hidden = frozenset() if sensitive else SENSITIVE_CATEGORIES
    words = (CARED_FOR if each.kind in hidden else each.get_kind_display() for each in categories)
    return list(dict.fromkeys(words))
