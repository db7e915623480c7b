"""Recording what an organisation held or did for many at once: one act, one record, one :class:`Activity`."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from base.dates import PARTY_FOUNDED
from base.facts import facts_will_change
from base.fields import in_yuan
from duties.engine.records import enter_record
from members.enums import LIVING
from members.models import Membership, Organisation, Person
from members.services import memberships_on
from visits.models import ACTIONS, Activity, Participant

NOUN = "活动"

LONGEST = 2_000
"""Characters of what was done."""

MOST_PRESENT = 10_000
"""People at one activity; where more took part, it was held as several."""

TOO_MANY = f"一次活动最多登记 {MOST_PRESENT} 人，请核对是不是多写了几位；分几场办的请分开登记。"


@dataclass(frozen=True)
class Held:
    """What was held or done; where ``present`` is open, those named are all. Money is in fen; text is sealed."""

    kind: str
    title: str
    place: str = ""
    present: int | None = None
    helped: int | None = None
    group: str = ""
    money: int | None = None
    source: str = ""
    text: str = ""


@transaction.atomic
def record_activity(
    *,
    by,
    organisation: Organisation,
    on: date,
    people: list[Person],
    members: Collection[Person],
    held: Held,
    today: date,
) -> Activity:
    """Record that an organisation held or did something, as one record about nobody.

    :param by: the acting account, ``None`` for a command.
    :param people: who organised it; credit follows the posts they held on the day.
    :param members: members of the organisation, or of one below it, who took part and are named.
    :raises ValidationError: keyed by form field, with the sentence the reader sees.
    """
    facts_will_change()
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    stays = memberships_on(members, on)
    refused = amiss(organisation, people, members, stays, held, on=on, today=today)
    refused = refused or _entered(organisation, on, held)
    if refused:
        raise ValidationError(refused)
    record = enter_record(
        by=by, organisation=organisation, member=None, action=ACTIONS[held.kind], on=on, people=people, today=today
    )
    counted = {"present": held.present or len(members), "helped": held.helped or 0}
    activity = Activity.objects.create(record=record, **vars(held) | counted)
    Participant.objects.bulk_create(
        Participant(activity=activity, person=member, organisation=stays[member.pk].organisation) for member in members
    )
    return activity


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
    """What is wrong with an activity apart from having been entered before, by form field.

    :param stays: where those named stood on the day.
    """
    refused = {}
    if on > today:
        refused["on"] = [f"{NOUN}日期 {on} 晚于今天，请改成今天或以前。"]
    elif on < (founded := organisation.founded_on or PARTY_FOUNDED):
        refused["on"] = [f"{NOUN}日期 {on} 早于{organisation.label}成立的 {founded}，请核对年份。"]
    if not people:
        refused["people"] = ["请勾选是谁组织的。"]
    if not held.title.strip():
        refused["title"] = ["请写是什么活动，例如：重阳节登山。"]
    if len(held.text) > LONGEST:
        refused["text"] = [f"写了 {len(held.text)} 个字，最多 {LONGEST} 个，请写短一些。"]
    counts = {"present": held.present or 0, "helped": held.helped or 0}
    beyond = {field: [TOO_MANY] for field, n in counts.items() if n > MOST_PRESENT}
    refused |= beyond or _counted_wrong(members, held)
    return refused | _not_there(organisation, members, stays, on) | _paid_wrong(held)


def _counted_wrong(members: Collection[Person], held: Held) -> dict[str, list[str]]:
    if held.present is not None and held.present < len(members):
        return {"present": [f"勾选了 {len(members)} 名党员，人数写的是 {held.present}，请改成不少于 {len(members)}。"]}
    if held.kind == Activity.Kind.COMMUNITY and not held.helped:
        return {"helped": ["请写帮扶了多少名群众，只写人数。"]}
    if held.helped and not held.group.strip():
        return {"group": ["请写是哪些群众，例如：社区独居老人。不写姓名。"]}
    if held.group.strip() and not held.helped:
        return {"helped": ["写了是哪些群众，请写人数。"]}
    if not (members or held.present or held.helped):
        return {"present": ["请勾选参加的党员，或写参加的人数。"]}
    return {}


def _not_there(
    organisation: Organisation, members: Collection[Person], stays: dict[int, Membership], on: date
) -> dict[str, list[str]]:
    """Those named who were no living members of the organisation that day."""
    there = {pk for pk, stay in stays.items() if stay.path.startswith(organisation.path) and stay.standing in LIVING}
    names = [member.name for member in members if member.pk not in there]
    if not names:
        return {}
    several = f"{'、'.join(names[:5])}{'等' if len(names) > 5 else ''}"
    return {"members": [f"{several}在 {on} 不是{organisation.label}在册的党员，请去掉，或改正日期。"]}


def _paid_wrong(held: Held) -> dict[str, list[str]]:
    if held.money == 0:
        return {"money": ["经费写的是 0，没有花钱的请空着。"]}
    if held.money and not held.source:
        return {"source": [f"写了经费 {in_yuan(held.money)} 元，请选这笔钱从哪里来。"]}
    if held.source and held.money is None:
        return {"money": ["选了款源，没有写经费。请补上金额，没有花钱的把款源空着。"]}
    return {}


def _entered(organisation: Organisation, on: date, held: Held) -> dict[str, list[str]]:
    """Whether the same stands already: same organisation, day, kind and name."""
    same = Activity.objects.filter(
        record__organisation=organisation, record__on=on, record__withdrawn_on__isnull=True, kind=held.kind,
        title=held.title,
    )  # fmt: skip
    if same.exists():
        words = f"{on} 的“{held.title}”已登记过，没有再记一条。要补充请先撤回那一条，再登记一次。"
        return {"title": [words]}
    return {}
