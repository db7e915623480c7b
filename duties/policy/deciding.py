"""What goes with deciding on policy: the working rules come with the first one, and which rules a change concerns."""

from collections.abc import Collection
from datetime import date

from django.db import transaction
from django.db.models import Q

from base.facts import facts_will_change
from duties.policy.adoption import adopt
from duties.policy.models import Adoption, Policy, Rule
from duties.policy.packs import load_pack, pack_codes
from members.models import Organisation

WORKING_RULES = "working-rules"
"""The pack of what the product itself keeps after: a promise made in a talk, a question about data."""


@transaction.atomic
def adopt_policy(*, by, organisation: Organisation, policy: Policy, since: date, today: date) -> list[Adoption]:
    """Adopt ``policy`` as :func:`duties.policy.adoption.adopt`, with the first one the working rules besides.

    :returns: the adoptions, the one asked for first.
    :raises AdoptionRefused: when the policy is adopted there already.
    """
    facts_will_change(alone=True)
    working = brings_working_rules(organisation, policy)
    told = {"by": by, "organisation": organisation, "since": since, "today": today}
    adopted = [adopt(policy=policy, **told)]
    if working:
        adopted.append(adopt(policy=load_pack(WORKING_RULES), **told))
    return adopted


def brings_working_rules(organisation: Organisation, policy: Policy) -> bool:
    """Whether the working rules come with the adoption: they never were adopted there or above, be it and ended."""
    if policy.code == WORKING_RULES or WORKING_RULES not in pack_codes():
        return False
    upward = Organisation.objects.filter(descent__organisation=organisation)
    return not Adoption.objects.filter(policy__code=WORKING_RULES, organisation__in=upward).exists()


def concerned(policies: Collection[str]) -> list[int]:
    """The rules whose reach an adoption of these policies can change: their own, and those whose place they take."""
    own = Rule.objects.filter(policy__code__in=policies)
    farther = [rule.replaces.split("/") for rule in own.exclude(replaces="")]
    taken = Q(pk__in=[])
    for policy, code in farther:
        taken |= Q(policy__code=policy, code=code)
    return sorted(Rule.objects.filter(Q(policy__code__in=policies) | taken).values_list("pk", flat=True))


def concerned_by(rule: Rule) -> list[int]:
    """The rules whose reach or numbers an adjustment of ``rule`` changes; a proposal that is picked may replace one."""
    return [rule.pk, *rule.replaced().order_by("pk").values_list("pk", flat=True)]
