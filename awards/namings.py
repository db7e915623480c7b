"""Naming teams, rooms and crews after models (M06), by the rule of who may: as the adopted policies say it.

中办发〔2019〕11号 五 lets party organisations of a city and above name; 豫水组〔2020〕55号 2 lets those at the base try
it; 四川文理学院 names activity rooms besides (三(一)2). What no adopted policy allows is named with a reason, or not.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from awards.kept import before_founding, check_reason, check_version, still, take_back
from awards.models.honours import Honour
from awards.models.namings import Naming
from base import audit
from base.dates import FAR
from duties.policy.models import Adoption, Clause, upward
from members.enums import OrganisationKind
from members.models import Organisation, Person

Rank, What = Naming.Rank, Naming.What
ALWAYS_BASE = (OrganisationKind.GENERAL_BRANCH, OrganisationKind.BRANCH, OrganisationKind.GROUP)
"""Kinds that are at the base wherever they stand; of what rank a committee is, the roster does not say."""

_THREE = frozenset({What.TEAM, What.STUDIO, What.CREW})


@dataclass(frozen=True)
class Allowance:
    """A clause that lets organisations of these ranks name these things."""

    policy: str
    clause: str
    ranks: frozenset[str]
    things: frozenset[str]


ALLOWANCES = (
    Allowance("central-2019", "5", frozenset({Rank.CITY}), _THREE),
    Allowance("henan-water-2020", "2-1a", frozenset(Rank), _THREE),
    Allowance("sichuan-arts-science-2020", "3-1-2", frozenset(Rank), frozenset({What.TEAM, What.ROOM})),
)


@dataclass(frozen=True)
class Named:
    """What a form says of a naming. ``after`` is the model's name, ``person`` the member, if it is one of ours."""

    what: str
    name: str
    rank: str
    after: str
    decided_on: date
    person: Person | None = None
    honour: Honour | None = None
    document: str = ""
    reason: str = ""


def clause_allowing(organisation: Organisation, rank: str, what: str, on: date) -> Clause | None:
    """The clause of a policy adopted there on the day that lets an organisation of the rank name such a thing."""
    adopted = Adoption.objects.on(on).filter(organisation__path__in=upward([organisation.path])).values("policy")
    for each in ALLOWANCES:
        if rank in each.ranks and what in each.things:
            found = Clause.objects.filter(policy__in=adopted, policy__code=each.policy, code=each.clause)
            if clause := found.select_related("policy").first():
                return clause
    return None


@transaction.atomic
def enter_naming(*, by, organisation: Organisation, named: Named, today: date) -> Naming:
    """Enter what an organisation named after a model.

    :param by: the acting account, ``None`` for a command.
    :raises ValidationError: keyed by form field; where no adopted policy allows it and no reason is given.
    """
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    clause = _checked(organisation, named, today)
    naming = Naming.objects.create(
        organisation=organisation, path=organisation.path, **_values(named, clause), entered_on=today,
        entered_by=by and by.person,
    )  # fmt: skip
    _tell(naming, audit.Act.WRITE)
    return naming


@transaction.atomic
def change_naming(*, by, naming: Naming, named: Named, version: int, today: date) -> None:
    """Correct what was typed wrongly.

    :raises ValidationError: as :func:`enter_naming`, and if somebody changed it meanwhile.
    """
    naming = still(naming, "organisation")
    check_version(naming, version)
    clause = _checked(naming.organisation, named, today, but=naming)
    if named.decided_on >= naming.until:
        raise ValidationError({"decided_on": f"决定日期要早于结束的 {naming.until}。"})
    for name, value in _values(named, clause).items():
        setattr(naming, name, value)
    naming.version += 1
    naming.save()
    _tell(naming, audit.Act.EDIT)


@transaction.atomic
def end_naming(*, by, naming: Naming, last: date, reason: str, today: date) -> None:
    """It is no longer so called: ``last`` is the last day.

    :raises ValidationError: for a day to come or before it began, without a reason, or if it ended already.
    """
    naming = still(naming)
    if naming.ended_on:
        raise ValidationError(f"这项命名已于 {naming.ended_on} 结束。")
    if not naming.decided_on <= last <= today:
        raise ValidationError({"last": f"最后一天要在 {naming.decided_on} 到今天之间。"})
    check_reason(reason, "结束")
    naming.until, naming.ended_reason, naming.version = last + timedelta(days=1), reason.strip(), naming.version + 1
    naming.save(update_fields=["until", "ended_reason", "version"])
    _tell(naming, audit.Act.EDIT)


@transaction.atomic
def withdraw_naming(*, by, naming: Naming, reason: str, today: date) -> None:
    """Take back what was entered wrongly.

    :raises ValidationError: without a reason, or if somebody took it back meanwhile.
    """
    naming = still(naming)
    take_back(naming, reason, today)
    _tell(naming, audit.Act.WITHDRAW, reason=reason)


def _values(named: Named, clause: Clause | None) -> dict:
    given = {name: value.strip() if isinstance(value, str) else value for name, value in vars(named).items()}
    return {**given, "clause": clause, "reason": "" if clause else given["reason"]}


def _checked(organisation: Organisation, named: Named, today: date, *, but: Naming | None = None) -> Clause | None:
    """The clause that allows it, ``None`` where it is named all the same.

    :raises ValidationError: keyed by form field.
    """
    refused = {}
    if not named.name.strip():
        refused["name"] = "请写命名后的名称，例如：李建国测报工作室。"
    if not named.after.strip():
        refused["after"] = "请写以谁命名。"
    if named.decided_on > today:
        refused["decided_on"] = f"决定日期 {named.decided_on} 晚于今天，决定了再登记。"
    elif early := before_founding(organisation, named.decided_on):
        refused["decided_on"] = f"决定日期 {early}"
    same = Naming.objects.standing().filter(organisation=organisation, name=named.name.strip())
    same = same.filter(Q(until=FAR) | Q(decided_on=named.decided_on)).exclude(pk=but and but.pk)
    if other := same.order_by("pk").first():
        refused["name"] = f"{organisation.label} {other.decided_on} 已登记“{other.name}”，没有再记一条。"
    if organisation.kind in ALWAYS_BASE and named.rank != Rank.BASE:
        label = organisation.get_kind_display()
        refused["rank"] = f"{organisation.label}是{label}，属于{Rank.BASE.label}，请改选；上级命名的由上级登记。"
    clause = clause_allowing(organisation, named.rank, named.what, named.decided_on)
    if clause is None and not named.reason.strip():
        what, rank = What(named.what).label, Rank(named.rank).label
        said = f"{organisation.label}采用的制度里，没有哪一条允许{rank}命名{what}。确已命名的，写明理由再保存。"
        refused["reason"] = said
    if refused:
        raise ValidationError(refused)
    return clause


def _tell(naming: Naming, act: audit.Act, *, reason: str = "") -> None:
    audit.write(
        act, f"naming:{naming.pk}", reason=reason, organisation=naming.organisation_id, person=naming.person_id,
        on=str(naming.decided_on), until=str(naming.until),
    )  # fmt: skip
