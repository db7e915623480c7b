"""Adopting a policy, and the reach of its rules: adoptions × lineage × start day, united."""

from collections import defaultdict
from datetime import date

from django.db import transaction

from base import audit
from base.dates import FAR
from base.facts import Fact, facts_changed, facts_will_change
from duties.policy.models import Adoption, Policy, Reach, Rule
from members.models import Lineage, Organisation


class AdoptionRefused(Exception):
    """An adoption that cannot be; the text is the sentence the user reads."""


@transaction.atomic
def adopt(*, by, organisation: Organisation, policy: Policy, since: date, today: date) -> Adoption:
    """Have ``organisation`` and all below it follow ``policy`` from ``since`` on.

    The first adoption sets the organisation's start day (启用日), unless one above already reaches it: records made
    before that day count, duties due before it do not open. Duties follow with the next sweep.

    :param by: the acting account, ``None`` for a command (the audit knows the rest).
    :raises AdoptionRefused: when the policy is adopted there already.
    """
    facts_will_change(alone=True)
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    standing = Adoption.objects.filter(organisation=organisation, policy=policy, until__gt=since).first()
    if standing:
        raise AdoptionRefused(f"{organisation.label}已于 {standing.since} 采用{policy.title}，没有重复采用。")
    reached = Adoption.objects.filter(organisation__descent__organisation=organisation).exists()
    if organisation.start_day == FAR and not reached:
        organisation.start_day = since
        organisation.save(update_fields=["start_day"])
    adoption = Adoption.objects.create(organisation=organisation, policy=policy, since=since)
    rebuild_reach(policy)
    facts_changed(Fact.ADOPTION, since=since, people=None, organisations=[organisation.pk])
    audit.write(audit.Act.ADOPT, f"organisation:{organisation.pk}", policy=policy.code, since=str(since), on=str(today))
    return adoption


def rebuild_reach(policy: Policy) -> bool:
    """Derive the reach of all rules of ``policy`` anew.

    :returns: whether anything changed; if so, the rules are to be swept from the beginning.
    """
    rules = list(Rule.objects.filter(policy=policy).values_list("pk", flat=True))
    spans = _spans(policy)
    wanted = {(rule, org, since, until) for rule in rules for org, parts in spans.items() for since, until in parts}
    present = set(Reach.objects.filter(rule__policy=policy).values_list("rule_id", "organisation_id", "since", "until"))
    if wanted == present:
        return False
    Reach.objects.filter(rule__policy=policy).delete()
    rows = [Reach(rule_id=r, organisation_id=o, since=s, until=u) for r, o, s, u in sorted(wanted)]
    Reach.objects.bulk_create(rows, batch_size=2000)
    return True


def _spans(policy: Policy) -> dict[int, list[tuple[date, date]]]:
    """For each organisation the united intervals in which the policy reaches it."""
    adoptions = defaultdict(list)
    for adoption in Adoption.objects.filter(policy=policy).select_related("organisation"):
        adoptions[adoption.organisation_id].append(adoption)
    spans = defaultdict(list)
    for line in Lineage.objects.filter(ancestor__in=adoptions).select_related("organisation"):
        for adoption in adoptions[line.ancestor_id]:
            own = line.organisation.start_day
            given = (day for day in (own, adoption.organisation.start_day) if day != FAR)
            start = next(given, adoption.since)
            since, until = max(adoption.since, line.since, start), min(adoption.until, line.until)
            if since < until:
                spans[line.organisation_id].append((since, until))
    return {organisation: _united(parts) for organisation, parts in spans.items()}


def _united(parts: list[tuple[date, date]]) -> list[tuple[date, date]]:
    """Overlapping and touching intervals made one."""
    united: list[tuple[date, date]] = []
    for since, until in sorted(parts):
        if united and since <= united[-1][1]:
            united[-1] = (united[-1][0], max(united[-1][1], until))
        else:
            united.append((since, until))
    return united
