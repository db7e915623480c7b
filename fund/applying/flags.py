"""What a reviewer has to know beside the application: earlier help, the same elsewhere, grounds against paying."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, Sum

from fund.models import Application
from fund.regulation.reckoning import NotRegulated, classes_fitting, standard_for, within_look_back, yuan
from fund.regulation.steps import Stage
from fund.regulation.words import Ground, Limit
from members.enums import CategoryKind, Standing
from members.models import Category
from members.services import membership_on

NEVER_HELPED = (Stage.WITHDRAWN, Stage.REFUSED, Stage.DIED, Stage.RETURNED, Stage.DRAFT)


@dataclass(frozen=True)
class Flag:
    """A warning: ``tone`` warn or info, what it says, the other application it is about. ``sensitive``: only for those
    who may see the basis of sensitive matters.
    """

    tone: str
    words: str
    other: Application | None = None
    sensitive: bool = False


def earlier_help(row: Application) -> list[Application]:
    """The member's other applications, to whatever fund, that were decided and not refused or released."""
    return [each for each in help_of([row.person_id]) if each.pk != row.pk]


def help_of(people: Collection[int]) -> list[Application]:
    """Applications of these people, to whatever fund, that were decided and not refused or released, in order."""
    others = Application.objects.filter(person__in=people, decided_on__isnull=False).exclude(state__in=NEVER_HELPED)
    return list(others.select_related("regulation", "fund__organisation").order_by("decided_on", "pk"))


def spent_on(row: Application, day: date, beside: Collection[tuple[Application, int]] = ()) -> dict[Limit, int]:
    """What was decided in the day's year of what each cap counts together, in fen. A household is counted as its
    member. ``beside``: others of the same fund, with the sum, that are being decided with it.
    """
    decided = Application.objects.filter(decided_on__year=day.year).exclude(state__in=NEVER_HELPED).exclude(pk=row.pk)
    person = decided.filter(person=row.person_id).aggregate(sum=Sum("granted"))["sum"] or 0
    fund = decided.filter(fund=row.fund_id).aggregate(sum=Sum("granted"))["sum"] or 0
    person += sum(fen for other, fen in beside if other.person_id == row.person_id)
    fund += sum(fen for _other, fen in beside)
    return {Limit.PERSON_YEAR: person, Limit.HOUSEHOLD_YEAR: person, Limit.FUND_YEAR: fund}


def own_grounds(row: Application, day: date) -> set[str]:
    """Grounds against paying that the roster itself tells."""
    found = set()
    stay = membership_on(row.person, day)
    if stay is None or not stay.path.startswith(row.fund.organisation.path):
        found.add(Ground.ELSEWHERE)
    categories = Category.objects.on(day).filter(person=row.person_id, kind=CategoryKind.DISCIPLINED)
    if categories.exists():
        found.add(Ground.SANCTIONED)
    return found


def kinds_on(person_id: int, day: date) -> set[str]:
    """The categories of care a member stands in on a day."""
    return set(Category.objects.on(day).filter(person=person_id).values_list("kind", flat=True))


def flags_of(row: Application, day: date) -> list[Flag]:
    """All that speaks against it or asks for a reason, the most serious first."""
    regulation, found = row.regulation.parsed, []
    stay = membership_on(row.person, day)
    if stay is not None and stay.standing == Standing.DEAD:
        found.append(Flag("late", f"申请人已于 {stay.since} 去世，预留的钱不能再发给本人。"))
    helped = earlier_help(row)
    days = set(within_look_back(regulation.look_back, day, [each.decided_on for each in helped]))
    for other in helped:
        if other.decided_on in days:
            months = regulation.look_back.months
            said = f"{months} 个月内已获帮扶：{other.decided_on} {yuan(other.granted or 0)} 元（{other.label}）。"
            found.append(Flag("warn", f"{said}原则上不再安排，要批须写明例外理由。", other))
    for ground in sorted(own_grounds(row, day)):
        found.append(Flag("warn", f"{Ground(ground).label}。", sensitive=ground == Ground.SANCTIONED))
    found += [Flag("warn", words, other) for words, other in _elsewhere(row)]
    if row.kind not in {
        each.code for each in classes_fitting(regulation, kinds_on(row.person_id, day), row.person.seniority(day).years)
    }:
        found.append(Flag("info", f"台账里没有申请人属于“{row.class_of.title}”的登记，请核对材料或先补登记。"))
    try:
        standard_for(regulation, row.kind, day, grade=row.grade)
    except NotRegulated as wrong:
        found.append(Flag("info", str(wrong)))
    return found


def _elsewhere(row: Application) -> list[tuple[str, Application]]:
    """The same member asking elsewhere or in parts, the same account for somebody else."""
    same = Q(person=row.person_id)
    if row.account_mark:
        same |= Q(account_mark=row.account_mark)
    others = (
        Application.objects.submitted()
        .filter(same)
        .exclude(pk=row.pk)
        .exclude(state__in=(Stage.WITHDRAWN, Stage.REFUSED))
    )
    others = others.select_related("regulation", "fund__organisation", "person").order_by("pk")
    found = []
    for other in others:
        if other.person_id != row.person_id:
            found.append((f"同一收款账户还用在{other.person.name}的申请（{other.label}）上，请核对。", other))
        elif not other.over and other.fund_id != row.fund_id:
            found.append(
                (f"同时向{other.fund.organisation.label}申请（{other.label}，{other.state_words}），请防重复。", other)
            )
        elif not other.over:
            found.append(
                (
                    f"还有一件“{other.class_of.title}”的申请（{other.label}，{other.state_words}），请核对是否同一事由分开申请。",
                    other,
                )
            )
        elif (
            other.submitted_on
            and row.submitted_on
            and other.submitted_on.year == row.submitted_on.year
            and other.kind == row.kind
        ):
            found.append((f"今年同一类已申请过一次（{other.label}，{other.state_words}），请核对是否分开申请。", other))
    return found
