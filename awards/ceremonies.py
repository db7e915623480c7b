"""Oaths taken together and political birthdays kept together: recording a ceremony, and taking it back.

A ceremony is one record of its organisation, which closes what the organisation itself owes, and one of each member
who was there, all of them collective. Where the oath was renewed on a political birthday, both are recorded.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from awards.kept import before_founding
from awards.models import Ceremony, CeremonyRecord
from base.dates import months_later
from base.facts import facts_together, facts_will_change
from duties.engine.models import Record
from duties.engine.records import enter_record, withdraw_record
from members.enums import Precision, Standing
from members.models import Membership, Organisation, Person
from members.services import memberships_on

TAKE_PART = (Standing.FULL, Standing.PROBATIONARY)
"""Who takes an oath or has a political birthday: nobody suspended, lost or dead."""

SWORN_WITHIN = 24
"""Months after joining within which the oath of admission is taken: a probation of two years, extended, is over."""

MOST_PRESENT = 10_000
"""People at one ceremony; more were at several."""

Kind, Way = Ceremony.Kind, Ceremony.Way


@dataclass(frozen=True)
class Held:
    """What was held. ``ways`` are for a political birthday; where ``present`` is open, those named are all; ``sure``:
    somebody checked what :func:`doubts` asks.
    """

    kind: str
    place: str = ""
    leader: str = ""
    ways: tuple[str, ...] = ()
    present: int | None = None
    sure: bool = False


@transaction.atomic
def record_ceremony(
    *,
    by,
    organisation: Organisation,
    on: date,
    people: list[Person],
    members: Collection[Person],
    held: Held,
    today: date,
) -> Ceremony:
    """Record that an organisation took an oath together or kept a political birthday together (中办发〔2019〕11号 六).

    :param by: the acting account, ``None`` for a command.
    :param people: who organised it; credit follows the posts they held on the day.
    :param members: members of the organisation, or of one below it, who were there and are named.
    :raises ValidationError: keyed by form field, with the sentence the reader sees.
    """
    facts_will_change()
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    locked = Person.objects.select_for_update(no_key=True).filter(pk__in=[member.pk for member in members])
    members = list(locked.order_by("pk"))
    stays = memberships_on(members, on)
    refused = amiss(organisation, people, members, stays, held, on=on, today=today)
    refused = refused or _entered(organisation, members, held.kind, on)
    if refused:
        raise ValidationError(refused)
    if not held.sure and (asked := doubts(held.kind, members, on)):
        raise ValidationError({"sure": [f"{asked}确是补办入党宣誓的，请勾选“我已核实”。"]})
    ceremony = Ceremony.objects.create(
        organisation=organisation, path=organisation.path, kind=held.kind, on=on, place=held.place.strip(),
        leader=held.leader.strip(), ways=",".join(held.ways if held.kind == Kind.BIRTHDAY else ()),
        present=held.present or len(members),
    )  # fmt: skip
    with facts_together():
        for action in ceremony.actions:
            for member in (None, *members):
                where = stays[member.pk].organisation if member else organisation
                others = [each for each in people if each != member] or people
                record = enter_record(
                    by=by, organisation=where, member=member, action=action, on=on, people=others, today=today,
                    collective=True,
                )  # fmt: skip
                CeremonyRecord.objects.create(ceremony=ceremony, record=record)
    return ceremony


def amiss(
    organisation: Organisation,
    people: list[Person],
    members: Collection[Person],
    stays: dict[int, Membership],
    held: Held,
    *,
    on: date,
    today: date,
) -> dict[str, list[str]]:
    """What is wrong with a ceremony apart from having been entered before, by form field.

    :param stays: where those named stood on the day.
    """
    refused = {}
    if on > today:
        refused["on"] = [f"日期 {on} 晚于今天，办了再登记。"]
    elif early := before_founding(organisation, on):
        refused["on"] = [f"日期 {early}"]
    if not people:
        refused["people"] = ["请勾选是谁组织的。"]
    oath = held.kind != Kind.BIRTHDAY or Way.OATH in held.ways
    if oath and not held.leader.strip():
        refused["leader"] = ["请写领誓人的姓名。"]
    if held.kind == Kind.BIRTHDAY and not held.ways:
        refused["ways"] = ["请勾选做了什么。"]
    if held.present is not None and held.present < len(members):
        refused["present"] = [f"勾选了 {len(members)} 人，人数写的是 {held.present}，请改成不少于 {len(members)}。"]
    elif (held.present or 0) > MOST_PRESENT:
        refused["present"] = [f"一次最多登记 {MOST_PRESENT} 人，请核对是不是多写了几位。"]
    elif not (members or held.present):
        refused["members"] = ["请勾选谁参加了，或写参加的人数。"]
    return refused | _not_there(organisation, members, stays, on)


def doubts(kind: str, members: Collection[Person], on: date) -> str:
    """What somebody has to be sure of: that those take the oath of admission who joined long before. Empty if none."""
    long_ago = [
        each for each in members
        if each.joined_on and months_later(each.joined_on, SWORN_WITHIN) < on
    ]  # fmt: skip
    if kind != Kind.ADMISSION or not long_ago:
        return ""
    return f"{_names(long_ago)}入党早已超过两年，入党宣誓是新党员的仪式；老党员宣誓请选“{Kind.RENEWAL.label}”。"


def _not_there(
    organisation: Organisation, members: Collection[Person], stays: dict[int, Membership], on: date
) -> dict[str, list[str]]:
    """Those named who were no members in good standing there that day, or joined only later."""
    there = {pk for pk, stay in stays.items() if stay.path.startswith(organisation.path) and stay.standing in TAKE_PART}
    if names := _names(member for member in members if member.pk not in there):
        return {"members": [f"{names}在 {on} 不是{organisation.label}的正式或预备党员，请去掉，或改正日期。"]}
    if names := _names(member for member in members if _joined_after(member, on)):
        return {"members": [f"{names}在 {on} 还没有入党，请去掉，或改正日期。"]}
    return {}


def _joined_after(member: Person, on: date) -> bool:
    return bool(member.joined_on) and member.joined_precision == Precision.DAY and on < member.joined_on


def _names(people) -> str:
    names = [each.name for each in people]
    return f"{'、'.join(names[:5])}{'等' if len(names) > 5 else ''}"


def _entered(organisation: Organisation, members: list[Person], kind: str, on: date) -> dict[str, list[str]]:
    """Whether it stands already. Members who were forgotten the first time may be entered later."""
    same = Ceremony.objects.filter(organisation=organisation, kind=kind, on=on)
    standing = CeremonyRecord.objects.filter(ceremony__in=same, record__withdrawn_on__isnull=True)
    label = Kind(kind).label
    if not members and standing.exists():
        return {"__all__": [f"{on} 的“{label}”已登记过，没有再记一次。要改请先撤回那一次。"]}
    again = Person.objects.filter(pk__in=standing.filter(record__member__in=members).values("record__member"))
    if names := _names(again.only("name").order_by("pk")):
        return {"members": [f"{on} 的“{label}”已登记过{names}，没有再记一次。请去掉已登记的人。"]}
    return {}


@transaction.atomic
def take_back_ceremony(*, by, ceremony: Ceremony, records: Collection[Record], reason: str, today: date) -> None:
    """Withdraw all records of a ceremony, or those of one who was not there after all: one fewer took part.

    :raises ValidationError: without a reason, or when nothing of it stands any more.
    """
    facts_will_change()
    ceremony = Ceremony.objects.select_for_update(of=("self",)).get(pk=ceremony.pk)
    standing = Record.objects.select_for_update().standing().filter(pk__in=[record.pk for record in records])
    found = list(standing.order_by("pk"))
    if not found:
        raise ValidationError("这些记录已经撤回。")
    if not reason.strip():
        raise ValidationError({"reason": "请写为什么撤回，一句话也可以。"})
    with facts_together():
        for record in found:
            withdraw_record(by=by, record=record, reason=reason.strip(), today=today)
    if ceremony.made.filter(record__withdrawn_on__isnull=True).exists():
        ceremony.present -= len({record.member_id for record in found} - {None})
        ceremony.save(update_fields=["present"])
