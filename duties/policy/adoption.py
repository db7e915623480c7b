"""Adopting a policy, and the reach of its rules: adoptions × lineage × start day, united."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache

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


@transaction.atomic
def end_adoption(*, by, adoption: Adoption, until: date, today: date) -> None:
    """Have the organisation follow the policy no longer from ``until`` on: what is running then is void with the next
    sweep, what is past or done stays.

    :raises AdoptionRefused: for a day on or before the adoption began.
    """
    facts_will_change(alone=True)
    adoption = Adoption.objects.select_for_update().select_related("policy", "organisation").get(pk=adoption.pk)
    if until <= adoption.since:
        raise AdoptionRefused(f"{adoption.organisation.label}自 {adoption.since} 起采用，停用日期应晚于这一天。")
    since, adoption.until = min(adoption.until, until), until
    adoption.save(update_fields=["until"])
    rebuild_reach(adoption.policy)
    facts_changed(Fact.ADOPTION, since=since, people=None, organisations=[adoption.organisation_id])
    subject = f"organisation:{adoption.organisation_id}"
    audit.write(audit.Act.ADOPT, subject, policy=adoption.policy.code, until=str(until), on=str(today))


Part = tuple[date, date, int]
"""A stretch in which a policy reaches an organisation, and how far up the organisation that adopted it stands."""


def rebuild_reach(policy: Policy) -> bool:
    """Derive the reach of all rules of ``policy`` anew, and of the rules whose place they take.

    :returns: whether anything of the policy's own changed; if so, the rules are to be swept from the beginning.
    """
    own = list(Rule.objects.filter(policy=policy).select_related("policy").order_by("pk"))
    replaced = [old for rule in own if rule.replaces for old in rule.replaced().select_related("policy")]
    _derive([rule for rule in replaced if rule.policy_id != policy.pk])
    return _derive(own)


def _derive(rules: list[Rule]) -> bool:
    spans = cache(_spans)  # many rules share a policy
    wanted = {row for rule in rules for row in _reached(rule, spans)}
    columns = ("rule_id", "organisation_id", "since", "until")
    present = set(Reach.objects.filter(rule__in=rules).values_list(*columns))
    if wanted == present:
        return False
    Reach.objects.filter(rule__in=rules).delete()
    rows = [Reach(**dict(zip(columns, row, strict=True))) for row in sorted(wanted)]
    Reach.objects.bulk_create(rows, batch_size=2000)
    return True


def _reached(rule: Rule, spans_of: Callable) -> Iterator[tuple[int, int, date, date]]:
    """The rows of a rule's reach: where its policy reaches, less where a nearer rule takes its place."""
    takers = Policy.objects.filter(rules__replaces=f"{rule.policy.code}/{rule.code}").distinct()
    nearer = [spans_of(policy) for policy in takers]
    for organisation, parts in spans_of(rule.policy).items():
        spans = []
        for since, until, distance in parts:
            taken = (span for each in nearer for span in each.get(organisation, ()) if span[2] <= distance)
            spans += _without((since, until), _united([(start, end) for start, end, _ in taken]))
        for since, until in _united(spans):
            yield rule.pk, organisation, since, until


def _spans(policy: Policy) -> dict[int, list[Part]]:
    """For each organisation the stretches in which the policy reaches it, one for each adoption above it."""
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
                spans[line.organisation_id].append((since, until, line.distance))
    return spans


def _without(span: tuple[date, date], taken: list[tuple[date, date]]) -> list[tuple[date, date]]:
    """What is left of a stretch without some others, which are united and in order."""
    left, (since, until) = [], span
    for start, end in taken:
        if start < until and end > since:
            if start > since:
                left.append((since, start))
            since = max(since, end)
    return [*left, (since, until)] if since < until else left


def _united(parts: list[tuple[date, date]]) -> list[tuple[date, date]]:
    """Overlapping and touching intervals made one."""
    united: list[tuple[date, date]] = []
    for since, until in sorted(parts):
        if united and since <= united[-1][1]:
            united[-1] = (united[-1][0], max(united[-1][1], until))
        else:
            united.append((since, until))
    return united
