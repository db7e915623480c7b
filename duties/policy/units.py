"""Which units lead and assist what clauses of an adopted policy ask (central measures 16; M53). No rule reads it."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import sha256
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef

from base import audit
from duties.policy.models import Adoption, Policy, Responsibility, upward
from members.models import Organisation

LONGEST = 60
"""Characters of a unit's name."""

MOST = 12
"""Units that assist in one matter."""

_BETWEEN = re.compile(r"[、，,；;\n]+")


class Units(NamedTuple):
    """Who leads, and who assists; nobody leads where nothing is set."""

    lead: str = ""
    assist: tuple[str, ...] = ()

    @property
    def assisting(self) -> str:
        return "、".join(self.assist)


NOBODY = Units()


def named(text: str) -> tuple[str, ...]:
    """The units that a line names, each once, in the order typed."""
    found = (re.sub(r"\s+", " ", each).strip() for each in _BETWEEN.split(text))
    return tuple(dict.fromkeys(each for each in found if each))


def amiss(units: Units) -> dict[str, str]:
    """What is wrong with the units of one clause, by ``lead`` and ``assist``, each as a sentence."""
    wrong = {}
    if units.assist and not units.lead:
        wrong["lead"] = "写了配合单位，请也写牵头单位。"
    if len(units.lead) > LONGEST or any(mark in units.lead for mark in "、，,；;"):
        wrong["lead"] = f"牵头单位只写一个，最多 {LONGEST} 个字；别的写在配合单位里。"
    if long := next((each for each in units.assist if len(each) > LONGEST), ""):
        wrong["assist"] = f"“{long[:12]}…”太长，一个单位最多 {LONGEST} 个字；几个单位之间用顿号分开。"
    elif len(units.assist) > MOST:
        wrong["assist"] = f"配合单位最多 {MOST} 个。"
    elif units.lead and units.lead in units.assist:
        wrong["assist"] = f"{units.lead}已经牵头，不用再写在配合单位里。"
    return wrong


def adopts(policy: Policy, organisation: Organisation, day: date) -> bool:
    """Whether the organisation itself adopted the policy and follows it, or is to."""
    return Adoption.objects.filter(policy=policy, organisation=organisation, until__gt=day).exists()


def own_units(policy: Policy, organisation: Organisation) -> dict[int, Units]:
    """What the organisation itself set, by clause; one query."""
    rows = Responsibility.objects.filter(clause__policy=policy, organisation=organisation)
    return {row.clause_id: Units(row.lead, tuple(row.assist)) for row in rows}


def in_force(policy: Policy, path: str, day: date) -> dict[int, Responsibility]:
    """What holds on a day at the organisation standing at ``path``: of each clause what the nearest one upward set that
    still follows the policy; one query.
    """
    follows = Adoption.objects.filter(policy=policy, organisation=OuterRef("organisation"), until__gt=day)
    rows = Responsibility.objects.filter(Exists(follows), clause__policy=policy, organisation__path__in=upward([path]))
    rows = rows.select_related("organisation").order_by("organisation__path", "pk")
    return {row.clause_id: row for row in rows}


def typed_before(path: str) -> list[str]:
    """The units that were typed at the organisation standing at ``path`` or above it, in the order of their words."""
    rows = Responsibility.objects.filter(organisation__path__in=upward([path])).order_by()
    return sorted({unit for lead, assist in rows.values_list("lead", "assist") for unit in (lead, *assist)})


def digest(units: Mapping[int, Units]) -> str:
    """What a form remembers of the table it showed, so that nobody overwrites what he did not see."""
    return sha256(repr(sorted(units.items())).encode()).hexdigest()[:32]


@transaction.atomic
def set_units(
    *, by, policy: Policy, organisation: Organisation, told: Mapping[int, Units], seen: str, today: date
) -> int:
    """Set the units of the clauses of a policy for the organisation and all below it, each that differs.

    :param told: by clause of the policy; :data:`NOBODY` takes back what was set.
    :param seen: :func:`digest` of the table the writer saw.
    :returns: how many clauses changed. The audit keeps what stood before and what stands now.
    :raises ValidationError: if the organisation does not follow the policy by an adoption of its own, somebody else
        changed the table meanwhile, or units are amiss.
    """
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    if not adopts(policy, organisation, today):
        raise ValidationError(f"{organisation.label}自己没有采用{policy.quoted}。责任分工由采用它的党组织定。")
    before = own_units(policy, organisation)
    if seen != digest(before):
        raise ValidationError("这张表刚被别的同志改过。你写的还在下面，请对照现在的分工看一遍，再保存。")
    clauses = dict(policy.clauses.order_by("position", "pk").values_list("pk", "code"))
    changed = {pk: told[pk] for pk in clauses if pk in told and told[pk] != before.get(pk, NOBODY)}
    if wrong := [sentence for units in changed.values() for sentence in amiss(units).values()]:
        raise ValidationError(wrong)
    _keep(organisation, changed)
    if changed:
        said = [f"{clauses[pk]}：{_line(before.get(pk, NOBODY))} → {_line(units)}" for pk, units in changed.items()]
        audit.write(audit.Act.EDIT, f"organisation:{organisation.pk}", policy=policy.code, units=said)
    return len(changed)


def _keep(organisation: Organisation, changed: Mapping[int, Units]) -> None:
    gone = [pk for pk, units in changed.items() if not units.lead]
    Responsibility.objects.filter(organisation=organisation, clause__in=gone).delete()
    Responsibility.objects.bulk_create(
        [
            Responsibility(clause_id=pk, organisation=organisation, lead=units.lead, assist=list(units.assist))
            for pk, units in changed.items() if units.lead
        ],
        update_conflicts=True, unique_fields=["clause", "organisation"], update_fields=["lead", "assist"],
    )  # fmt: skip


def _line(units: Units) -> str:
    names: Iterable[str] = filter(None, (units.lead, units.assisting))
    return "；".join(names) or "未定"
