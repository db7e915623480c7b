"""Recording visits, greetings on political birthdays and condolences: one act, one record, one :class:`Visit`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from base.dates import anniversary
from base.facts import facts_together
from base.fields import in_yuan
from duties.engine.models import Action
from duties.engine.records import enter_record, same_people
from members.enums import Precision, Standing
from members.models import Event, Membership, Person
from members.services import check_stay, membership_on
from visits.contents import sealed
from visits.models import Visit
from visits.services import locked

NOUNS = {Action.VISIT: "走访", Action.GREETING: "祝贺", Action.CONDOLENCE: "吊唁"}
"""What each is called in a sentence."""


@dataclass(frozen=True)
class Seen:
    """How it was done, what was given, what was seen and said. Text, wish and promise are sealed; sums are in fen."""

    how: str
    occasion: str = ""
    met: str = ""
    met_name: str = ""
    money: int | None = None
    source: str = ""
    gift: str = ""
    gift_value: int | None = None
    text: str = ""
    wish: str = ""
    promised: str = ""


def birthday_words(person: Person, near: date) -> str:
    """The political birthday nearest to ``near``, as exactly as the file knows it: 11 月 6 日是张伟入党 17 周年."""
    joined = person.joined_on
    if joined is None or person.joined_precision == Precision.YEAR:
        return f"{person.name}的入党日期不全，核对后再说周年"
    days = [anniversary(joined, year) for year in (near.year - 1, near.year, near.year + 1)]
    on = min(days, key=lambda day: abs(day - near))
    day = f"{on.day} 日" if person.joined_precision == Precision.DAY else ""
    years = on.year - joined.year
    return (
        f"{on.month} 月{' ' if day else ''}{day}是{person.name}入党 {years} 周年"
        if years > 0
        else f"{person.name}刚入党"
    )


@transaction.atomic
def record_visit(
    *,
    by,
    action: Action,
    member: Person,
    on: date,
    people: list[Person],
    seen: Seen,
    today: date,
    event: Event | None = None,
) -> Visit:
    """Record that somebody went to see a member, congratulated him, or condoled with his family.

    Of the dead only the family is visited, and only the dead are condoled for; the record then lies with the branch
    at which the member died.

    :param by: the acting account, ``None`` for a command.
    :param people: who went; credit follows the posts they held on the day.
    :param event: the event it answers, if that was the reason.
    :raises ValidationError: keyed by form field, with the sentence the reader sees.
    """
    (member,) = locked([member])
    stay = membership_on(member, on)
    refused = amiss(action, member, stay, people, seen, on=on, today=today)
    refused = refused or _entered(action, member, on, people, seen.text)
    if refused:
        raise ValidationError(refused)
    record = enter_record(
        by=by, organisation=stay.organisation, member=member, action=action, on=on, people=people, today=today,
        event=event,
    )  # fmt: skip
    visit = sealed(Visit(record=record, **vars(seen)))
    visit.save()
    return visit


@dataclass(frozen=True)
class Household:
    """One member who was seen on a trip to several, or his family: what was seen, and the event it answers."""

    member: Person
    seen: Seen
    event: Event | None = None


@transaction.atomic
def record_visits(
    *, by, seen: list[Household], on: date, people: list[Person], today: date, field: Callable[[Person, str], str]
) -> list[Visit]:
    """Record the visits of one trip, paid by the same people on one day: all of them, or none.

    :param field: the form field that stands for a member's field; refusals are keyed by it.
    :raises ValidationError: keyed by form field.
    """
    if not seen:
        raise ValidationError("还没有勾选走访过的党员。请勾选，每户写一句看到什么。")
    locked([each.member for each in seen])
    visits, refused = [], {}
    with facts_together():
        for each in seen:
            given = {"action": Action.VISIT, "member": each.member, "seen": each.seen, "event": each.event}
            try:
                visits.append(record_visit(by=by, **given, on=on, people=people, today=today))
            except ValidationError as no:
                for name, sentences in no.message_dict.items():
                    refused.setdefault(field(each.member, name), []).extend(sentences)
        if refused:
            raise ValidationError(refused)
    return visits


def amiss(
    action: Action, member: Person, stay: Membership | None, people: list[Person], seen: Seen, *, on: date, today: date
) -> dict[str, list[str]]:
    """What is wrong with a visit apart from having been entered before, by form field.

    :param stay: where the member stood on the day.
    """
    refused = _refused(action, member, people, seen)
    try:
        stay = _stay(action, member, stay, on, today)
        refused |= _of_the_dead(member, stay, seen)
    except ValidationError as no:
        refused |= no.message_dict
    return refused


def _stay(action: Action, member: Person, stay: Membership | None, on: date, today: date) -> Membership:
    stay = check_stay(member, stay, on, today, field="on", what=NOUNS[action], dead=action != Action.GREETING)
    if action == Action.CONDOLENCE and stay.standing != Standing.DEAD:
        words = f"{member.name}在 {on} 没有登记去世。请核对日期，或先登记去世。"
        raise ValidationError({"on": words})
    return stay


def _of_the_dead(member: Person, stay: Membership, seen: Seen) -> dict[str, list[str]]:
    if stay.standing == Standing.DEAD and seen.met != Visit.Met.FAMILY:
        return {"met": [f"{member.name}已于 {stay.since} 去世，见到谁请选“家属”。"]}
    return {}


def _refused(action: Action, member: Person, people: list[Person], seen: Seen) -> dict[str, list[str]]:
    """What is wrong apart from the day, by form field."""
    refused = {}
    if not people:
        refused["people"] = ["请选谁去的。"]
    if member.pk in {person.pk for person in people}:
        refused["people"] = [f"{member.name}不能看望自己，请另选去的人。"]
    if action == Action.VISIT and not seen.text.strip():
        refused["text"] = ["请写看到什么、需要什么，一句话也可以。"]
    if action == Action.CONDOLENCE and not seen.met_name.strip():
        refused["met_name"] = ["请写见到哪几位亲属，例如：长子赵强。"]
    if seen.met == Visit.Met.MEMBER and seen.met_name.strip():
        refused["met"] = ["写了家属姓名，见到谁请选“家属”或“本人和家属”。"]
    return refused | _given_amiss(seen)


def _given_amiss(seen: Seen) -> dict[str, list[str]]:
    """What is wrong with money and gift, by form field."""
    refused = {}
    if seen.money == 0:
        refused["money"] = ["慰问金写的是 0，没有给钱的请空着。"]
    elif seen.money and not seen.source:
        refused["source"] = [f"写了慰问金 {in_yuan(seen.money)} 元，请选这笔钱从哪里来。"]
    elif seen.source and seen.money is None:
        refused["money"] = ["选了从哪里出，没有写慰问金。请补上金额，没有给钱的选“没有给钱”。"]
    if seen.gift_value is not None and not seen.gift.strip():
        refused["gift"] = ["写了慰问品的价值，请写是什么，例如：米、油各一份。"]
    return refused


def paid_on(on: date, members: list[Person]) -> list[Person]:
    """Who of them was given money by a visit of that day that stands."""
    paid = Visit.objects.filter(record__on=on, record__withdrawn_on__isnull=True, money__gt=0)
    again = set(paid.filter(record__member__in=members).values_list("record__member", flat=True))
    return [member for member in members if member.pk in again]


def _entered(action: Action, member: Person, on: date, people: list[Person], text: str) -> dict[str, list[str]]:
    """Whether the same stands already: same day, people and words."""
    visits = Visit.objects.filter(record__member=member, record__action=action, record__on=on)
    visits = visits.filter(record__withdrawn_on__isnull=True)
    for visit in visits.select_related("record").prefetch_related("record__actors").order_by("pk"):
        if same_people(visit.record, people) and visit.text.strip() == text.strip():
            which = f"{on} 对{member.name}的{NOUNS[action]}"
            words = f"{which}已登记过，没有再记一条。要补充请先撤回那一条，再登记一次。"
            return {"on": [words]}
    return {}
