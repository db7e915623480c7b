"""Entering rewards, allowances and welfare, and taking them back (M12, M56). No money moves in the fund's books."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from awards.kept import before_founding
from awards.models.allowances import SOURCES, Allowance, AllowanceKind
from awards.models.assessments import NO_ALLOWANCE, Assessment
from base import audit
from base.dates import FAR, last_day
from members.enums import Role, Standing
from members.models import Membership, Organisation, Person, Post
from members.services import memberships_on

SURE = "已核实的，请勾选“我已核实”。"

Stretch = tuple[date, date]
"""A first and a last day."""


@dataclass(frozen=True)
class Known:
    """What is known of people that makes somebody ask twice: who passed an assessment of which year, from when to when
    they led an organisation, and for which stretches they were given each kind.
    """

    passed: set[tuple[int, int]] = field(default_factory=set)
    led: Mapping[int, list[Stretch]] = field(default_factory=dict)
    given: dict[tuple[int, str], list[Stretch]] = field(default_factory=dict)


@dataclass(frozen=True)
class Benefit:
    """What a form says of it; each who is given it gets as much. ``sure``: somebody checked what is asked to be."""

    kind: str
    on: date
    approval: str
    fen: int | None = None
    gift: str = ""
    source: str = ""
    since: date | None = None
    last: date | None = None
    words: str = ""
    paper: str = ""
    sure: bool = False

    @property
    def year(self) -> int:
        """The year for which a secretary has to have passed."""
        return (self.since or self.on).year

    @property
    def stretch(self) -> Stretch:
        """The time it is for; where none is said, the day."""
        return (self.since, self.last) if self.since and self.last else (self.on, self.on)


@transaction.atomic
def give(
    *, by, benefit: Benefit, organisation: Organisation, people: Collection[Person] = (), today: date
) -> list[Allowance]:
    """Enter it for each of the people, or where nobody is named for the organisation itself.

    :param by: the acting account, ``None`` for a command.
    :raises ValidationError: keyed by form field: for a day to come, nothing given, money that is not for this, somebody
        of elsewhere or dead, the same once more, and, unless somebody is sure, for what :func:`doubts` says.
    """
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    locked = Person.objects.select_for_update(no_key=True).filter(pk__in=[each.pk for each in people])
    everyone = list(locked.order_by("pk"))
    stays = memberships_on(everyone, benefit.on)
    if refused := amiss(by, benefit, organisation, everyone, stays, today=today):
        raise ValidationError(refused)
    if refused := _known_already(benefit, organisation, everyone):
        raise ValidationError(refused)
    if not benefit.sure and (asked := doubts(benefit, everyone, known_of(everyone))):
        raise ValidationError({"sure": [*asked[:-1], f"{asked[-1]}{SURE}"]})
    plain = {name: value.strip() if isinstance(value, str) else value for name, value in vars(benefit).items()}
    plain |= {"entered_on": today, "entered_by": by.person if by else None}
    del plain["sure"]
    made = []
    for person in everyone or [None]:
        place = stays[person.pk].organisation if person else organisation
        row = Allowance.objects.create(**plain, person=person, organisation=place, path=place.path)
        _tell(row, audit.Act.WRITE)
        made.append(row)
    return made


def amiss(
    by,
    benefit: Benefit,
    organisation: Organisation,
    people: Collection[Person],
    stays: dict[int, Membership],
    *,
    today: date,
) -> dict[str, list[str]]:
    """What is wrong with it apart from what was entered before, by form field; asks the database for nothing.

    :param stays: where the people stood on the day.
    """
    refused = _badly_said(benefit, today)
    if by and by.person_id in {each.pk for each in people}:
        refused["names"] = ["给你本人的由别人登记。"]
    elif wrong := _not_there(organisation, people, stays, benefit.on):
        refused["names"] = [wrong]
    if not people and "on" not in refused and (early := before_founding(organisation, benefit.on)):
        refused["on"] = [f"发放日期 {early}"]
    if benefit.kind == AllowanceKind.PART_TIME and not people:
        refused["names"] = ["兼职书记工作补贴是给人的，请写发给谁。"]
    return refused


def _badly_said(benefit: Benefit, today: date) -> dict[str, list[str]]:
    """What is wrong with it whoever it is for."""
    refused = {}
    if benefit.on > today:
        refused["on"] = [f"发放日期 {benefit.on} 晚于今天，发了再登记。"]
    if not benefit.fen and not benefit.gift.strip():
        refused["fen"] = ["请填金额，或写明给了什么实物、待遇。"]
    if benefit.fen and not benefit.source:
        refused["source"] = ["写了金额，请选这笔钱从哪里来。"]
    if benefit.source and benefit.source not in SOURCES:
        refused["source"] = ["党费和关怀帮扶专项资金只用于帮扶，不能发奖励、补贴和福利，请改选款源。"]
    if not benefit.approval.strip():
        refused["approval"] = ["请写审批依据，例如哪次会议、哪份文件。"]
    if bool(benefit.since) != bool(benefit.last):
        refused["last"] = ["期间的起止要一起填，或者都不填。"]
    elif benefit.since and benefit.last < benefit.since:
        refused["last"] = [f"期间到 {benefit.last}，早于开始的 {benefit.since}，两个日期可能填反了。"]
    return refused


def _not_there(organisation: Organisation, people: Collection[Person], stays: dict[int, Membership], on: date) -> str:
    for person in people:
        stay = stays.get(person.pk)
        if stay is None or not stay.path.startswith(organisation.path):
            return f"{person.name}在 {on} 不在{organisation.label}，请核对日期，或由当时所在党组织登记。"
        if stay.standing == Standing.DEAD:
            return f"{person.name}已于 {stay.since} 去世，不能再发；给家属的请登记走访慰问。"
    return ""


def _known_already(benefit: Benefit, organisation: Organisation, people: Collection[Person]) -> dict[str, list[str]]:
    """Whether the same stands already: kind, day, sum, thing and whom."""
    same = {name: getattr(benefit, name) for name in ("kind", "on", "fen", "since", "last")}
    rows = Allowance.objects.standing().filter(**same, gift=benefit.gift.strip(), words=benefit.words.strip())
    about = {"person__in": people} if people else {"person": None, "organisation": organisation}
    found = list(rows.filter(**about).select_related("person", "organisation").order_by("pk")[:6])
    if not found:
        return {}
    names = "、".join(each.whose for each in found[:5])
    kind = AllowanceKind(benefit.kind).label
    return {"names": [f"{benefit.on} 的{kind}已登记过{names}{'等' if len(found) > 5 else ''}，没有再记一次。"]}


def known_of(people: Collection[Person]) -> Known:
    """What is known of these people; three queries, however many they are."""
    passed = Assessment.objects.standing().filter(secretary__in=people).exclude(grade__in=NO_ALLOWANCE).order_by("pk")
    found = Known(set(passed.values_list("secretary", "year")), defaultdict(list))
    posts = Post.objects.filter(person__in=people, role=Role.SECRETARY).order_by("pk")
    for person, since, until in posts.values_list("person", "since", "until"):
        found.led[person].append((since, last_day(until) if until < FAR else FAR))
    rows = Allowance.objects.standing().filter(person__in=people, since__isnull=False, last__isnull=False)
    for person, kind, since, last in rows.order_by("since", "pk").values_list("person", "kind", "since", "last"):
        found.given.setdefault((person, kind), []).append((since, last))
    return found


def doubts(benefit: Benefit, people: Collection[Person], known: Known) -> list[str]:
    """What somebody has to be sure of before it is entered, each a sentence: a part-time secretary who is not known to
    have passed (why he may not have is not said) or to have led anything then; the same kind for the same time twice.
    """
    said = []
    if benefit.kind == AllowanceKind.PART_TIME:
        if names := _names(each for each in people if (each.pk, benefit.year) not in known.passed):
            said.append(f"{names}：没有查到 {benefit.year} 年度考核合格的记录，兼职书记工作补贴要考核合格才发。")
        if names := _names(each for each in people if not _within(known.led.get(each.pk, ()), benefit.stretch)):
            said.append(f"{names}：那时没有登记任书记，兼职书记工作补贴发给书记。")
    if benefit.since and benefit.last:
        for person in people:
            if before := _within(known.given.get((person.pk, benefit.kind), ()), benefit.stretch):
                kind = AllowanceKind(benefit.kind).label
                said.append(f"{person.name}：{before[0]} 至 {before[1]} 的{kind}已登记过，两段期间有重叠。")
    return said[:MOST_SAID]


MOST_SAID = 5
"""Sentences that one page asks at a time."""


def _within(stretches: Iterable[Stretch], asked: Stretch) -> Stretch | None:
    """The first of the stretches that shares a day with the one asked about."""
    return next((each for each in stretches if each[0] <= asked[1] and asked[0] <= each[1]), None)


def _names(people: Iterable[Person]) -> str:
    names = [each.name for each in people]
    return f"{'、'.join(names[:5])}{'等' if len(names) > 5 else ''}"


@transaction.atomic
def withdraw_allowance(*, by, allowance: Allowance, reason: str, today: date) -> None:
    """Take one back that was not given after all.

    :raises ValidationError: without a reason, or if somebody took it back meanwhile.
    """
    found = Allowance.objects.select_for_update().get(pk=allowance.pk)
    if found.withdrawn_on:
        raise ValidationError(f"这一条已于 {found.withdrawn_on} 撤回。")
    if not reason.strip():
        raise ValidationError({"reason": "请写为什么撤回，一句话也可以。"})
    found.withdrawn_on, found.withdrawn_reason = today, reason.strip()
    found.save(update_fields=["withdrawn_on", "withdrawn_reason"])
    _tell(found, audit.Act.WITHDRAW, reason=reason)


def _tell(allowance: Allowance, act: audit.Act, *, reason: str = "") -> None:
    about = {"person": allowance.person_id} if allowance.person_id else {"organisation": allowance.organisation_id}
    audit.write(act, f"allowance:{allowance.pk}", reason=reason, **about, on=str(allowance.on))
