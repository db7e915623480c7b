"""Adopting a policy, and the reach of its rules: adoptions × lineage × start day, united."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import pairwise

from django.db import transaction

from base import audit
from base.dates import FAR
from base.facts import Fact, facts_changed, facts_will_change
from duties.policy.models import Adjustment, Adoption, Policy, Reach, Rule
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
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    standing = Adoption.objects.filter(organisation=organisation, policy=policy, until__gt=since).first()
    if standing:
        raise AdoptionRefused(f"{organisation.label}已于 {standing.since} 采用{policy.quoted}，没有重复采用。")
    if starts_here(organisation):
        organisation.start_day = since
        organisation.save(update_fields=["start_day"])
    adoption = Adoption.objects.create(organisation=organisation, policy=policy, since=since, entered_on=today)
    rebuild_reach(policy)
    facts_changed(Fact.ADOPTION, since=since, people=None, organisations=[organisation.pk], of=policy.code)
    audit.write(audit.Act.ADOPT, f"organisation:{organisation.pk}", policy=policy.code, since=str(since), on=str(today))
    return adoption


def starts_here(organisation: Organisation) -> bool:
    """Whether an adoption would set the organisation's start day: none reached it so far, its own or one above."""
    reached = Adoption.objects.filter(organisation__descent__organisation=organisation).exists()
    return organisation.start_day == FAR and not reached


@transaction.atomic
def end_adoption(*, by, adoption: Adoption, until: date, today: date, reason: str = "") -> None:
    """Have the organisation follow the policy no longer from ``until`` on: what is running then is void with the next
    sweep, what is past or done stays.

    :raises AdoptionRefused: for a day on or before the adoption began, or after it ended.
    """
    facts_will_change(alone=True)
    adoptions = Adoption.objects.select_for_update(of=("self",), no_key=True)
    adoption = adoptions.select_related("policy", "organisation").get(pk=adoption.pk)
    if until <= adoption.since:
        raise AdoptionRefused(f"{adoption.organisation.label}自 {adoption.since} 起采用，停用日期应晚于这一天。")
    if adoption.until < until:
        raise AdoptionRefused(f"{adoption.organisation.label}已于 {adoption.until} 停用，停用日期不能再往后改。")
    since, adoption.until = min(adoption.until, until), until
    adoption.save(update_fields=["until"])
    rebuild_reach(adoption.policy)
    whose = {"organisations": [adoption.organisation_id], "of": adoption.policy.code}
    facts_changed(Fact.ADOPTION, since=since, people=None, **whose)
    subject = f"organisation:{adoption.organisation_id}"
    said = {"policy": adoption.policy.code, "until": str(until), "on": str(today)}
    audit.write(audit.Act.ADOPT, subject, reason=reason, **said)


Part = tuple[date, date, int]
"""A stretch in which a policy reaches an organisation, and how far up the organisation that adopted it stands."""


def rebuild_reach(policy: Policy) -> bool:
    """Derive the reach of all rules of ``policy`` anew, and of the rules whose place they take.

    :returns: whether anything of the policy's own changed; if so, the rules are to be swept from the beginning.
    """
    own = list(Rule.objects.filter(policy=policy).select_related("policy").order_by("pk"))
    replaced = [old for rule in own if rule.replaces for old in rule.replaced().select_related("policy")]
    _lock([*own, *replaced])
    _derive([rule for rule in replaced if rule.policy_id != policy.pk])
    return _derive(own)


def _lock(rules: list[Rule]) -> None:
    """Lock the rules in their order until the transaction ends. Two who look at what a change would do hold the
    engine's lock together; in whatever order they find the rows of reach, neither waits for one who waits for him.
    """
    locked = Rule.objects.select_for_update(no_key=True).filter(pk__in=[rule.pk for rule in rules]).order_by("pk")
    list(locked.values_list("pk"))


def rebuild_reach_of(rule: Rule) -> bool:
    """Derive the reach of one rule anew, as after an adjustment of it."""
    return _derive([rule])


Row = tuple[int, date, date, int | None]
"""A row of reach without its rule: the organisation, since, until, whose numbers."""


def _derive(rules: list[Rule]) -> bool:
    spans = cache(_spans)
    undivided = cache(lambda policy: list(_whole(spans(policy))))  # most rules of a policy reach alike
    takers, set_by = _takers(), _adjusted(rules)
    wanted = set()
    for rule in rules:
        nearer = [spans(policy) for policy in takers[f"{rule.policy.code}/{rule.code}"]]
        if nearer or set_by[rule.pk] or rule.parsed.proposal:
            rows = _divided(rule, spans(rule.policy), nearer, set_by[rule.pk])
        else:
            rows = undivided(rule.policy)
        wanted.update((rule.pk, *row) for row in rows)
    columns = ("rule_id", "organisation_id", "since", "until", "adjustment_id")
    present = set(Reach.objects.filter(rule__in=rules).values_list(*columns))
    if wanted == present:
        return False
    Reach.objects.filter(rule__in=rules).delete()
    rows = [Reach(**dict(zip(columns, row, strict=True))) for row in sorted(wanted, key=lambda row: row[:4])]
    Reach.objects.bulk_create(rows, batch_size=2000)
    return True


def _takers() -> dict[str, set[Policy]]:
    """By policy/rule, the policies with a rule that takes its place."""
    found = defaultdict(set)
    for rule in Rule.objects.exclude(replaces="").select_related("policy").only("replaces", "policy"):
        found[rule.replaces].add(rule.policy)
    return found


def _whole(parts_of: dict[int, list[Part]]) -> Iterator[Row]:
    """Where a policy reaches, nothing taken away and nothing adjusted."""
    for organisation, parts in parts_of.items():
        for since, until in _united([part[:2] for part in parts]):
            yield organisation, since, until, None


def _divided(rule: Rule, parts_of: dict[int, list[Part]], nearer: list, set_by: dict) -> Iterator[Row]:
    """Where the policy of a rule reaches, less where a nearer rule takes its place, each stretch with the nearest
    adjustment; a proposal reaches where it was picked.
    """
    for organisation, parts in parts_of.items():
        spans = []
        for since, until, distance in parts:
            taken = (span for each in nearer for span in each.get(organisation, ()) if span[2] <= distance)
            spans += _without((since, until), _united([(start, end) for start, end, _ in taken]))
        for since, until in _united(spans):
            for part in _set_apart((since, until), set_by.get(organisation, [])):
                if part[2] is not None or not rule.parsed.proposal:
                    yield organisation, *part


def _adjusted(rules: list[Rule]) -> dict[int, dict[int, list[tuple[date, date, int, int]]]]:
    """By rule and organisation, the stretches in which an adjustment at it or above reaches it: since, until, how far
    up, which.
    """
    below = defaultdict(list)
    for each in Adjustment.objects.filter(rule__in=rules).order_by("pk"):
        below[each.organisation_id].append(each)
    found = defaultdict(lambda: defaultdict(list))
    for line in Lineage.objects.filter(ancestor__in=below) if below else []:
        for each in below[line.ancestor_id]:
            since, until = max(each.since, line.since), min(each.until, line.until)
            if since < until:
                found[each.rule_id][line.organisation_id].append((since, until, line.distance, each.pk))
    return found


def _set_apart(span: tuple[date, date], adjusted: list) -> Iterator[tuple[date, date, int | None]]:
    """A stretch cut where the adjustment that holds changes: the nearest one, of two the later entered."""
    inner = {day for part in adjusted for day in part[:2] if span[0] < day < span[1]}
    days, running = sorted({*span, *inner}), None
    for since, until in pairwise(days):
        holding = [part for part in adjusted if part[0] <= since and part[1] >= until]
        nearest = min(holding, key=lambda part: (part[2], -part[3]))[3] if holding else None
        if running and running[2] == nearest:
            running = running[0], until, nearest
            continue
        if running:
            yield running
        running = since, until, nearest
    yield running


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
