"""Telling those below what was decided on policy: that it was, since when, and how many duties it opened for them.

Who is told stands in the outbox from the moment of the decision; what, is found out when the rules have been swept.
"""

from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from duties.engine.models import Duty, State
from duties.engine.sweep import active_rules
from duties.notices.digest import reachable, upward
from duties.notices.models import Decision, Kind, Notice
from duties.policy.deciding import concerned, concerned_by
from duties.policy.models import Adoption, Reach
from members.enums import CAPABILITIES, Capability
from members.models import Post
from members.scope import path_end

DECIDERS = tuple(role for role, granted in CAPABILITIES.items() if Capability.POLICY in granted)
"""Who is told: secretaries, and whoever else decides on policy."""

PATIENCE = timedelta(days=2)
"""So long a decision waits for its sweep; later it is told all the same."""

Act = Decision.Act


@transaction.atomic
def tell(
    act: Act, *, by, policy, organisation, on: date, rule=None, today: date, now: datetime
) -> Decision:  # fmt: skip
    """Put into the outbox those whom a decision reaches; inside its transaction and before the sweep that follows it.

    :param by: the acting account, who is not told; ``None`` for a command.
    :param on: the day from which it holds.
    :param rule: of an adjustment its rule.
    """
    last = Duty.objects.aggregate(last=Max("pk"))["last"] or 0
    decision = Decision.objects.create(
        act=act, policy=policy, rule=rule, organisation=organisation, on=on, entered_at=now, last_duty=last
    )
    accounts = reachable(today).filter(Exists(_posts(decision, today).filter(person=OuterRef("person"))))
    accounts = accounts.exclude(person=by.person_id) if by and by.person_id else accounts
    common = {"kind": Kind.DECISION, "decision": decision, "day": today, "not_before": now, "enqueued_at": now}
    people = accounts.order_by("person").values_list("person", flat=True)
    Notice.objects.bulk_create(
        (Notice(recipient_id=person, **common) for person in people), batch_size=1000, ignore_conflicts=True
    )
    return decision


def _posts(decision: Decision, day: date) -> QuerySet[Post]:
    """The posts of those who decide on policy where the decision reaches: an adjustment only where its rule does."""
    path = decision.organisation.path
    posts = Post.objects.on(day).filter(role__in=DECIDERS)
    posts = posts.filter(organisation__path__gte=path, organisation__path__lt=path_end(path))
    if decision.rule_id is None:
        return posts
    reached = Reach.objects.filter(rule=decision.rule_id, organisation=OuterRef("organisation"), until__gte=decision.on)
    return posts.filter(Exists(reached))


def not_swept(now: datetime) -> list[int]:
    """The decisions, by number, of which nobody is told yet: their duties are not there yet."""
    unsent = Notice.objects.unsent().filter(decision__isnull=False)
    waiting = Decision.objects.filter(pk__in=unsent.values("decision"), entered_at__gt=now - PATIENCE)
    waiting = list(waiting.select_related("policy", "rule").order_by("pk"))
    if not waiting:
        return []
    behind = active_rules().filter(Q(swept_on__isnull=True) | Q(behind=True))
    behind = set(behind.values_list("pk", flat=True))
    return [each.pk for each in waiting if behind & set(_rules(each))]


def _rules(decision: Decision) -> list[int]:
    """The rules whose duties the decision can change."""
    return concerned_by(decision.rule) if decision.rule else concerned([decision.policy.code])


def contents(day: date, people: Collection[int] | None = None) -> dict[int, dict[int, dict]]:
    """What each person is told, by decision; as many queries for all who are told of a decision as for one.

    :param people: only these, by primary key; ``None`` means everybody who waits.
    """
    unsent = Notice.objects.unsent().filter(decision__isnull=False)
    unsent = unsent if people is None else unsent.filter(recipient__in=people)
    decisions = Decision.objects.filter(pk__in=unsent.values("decision"))
    told: dict[int, dict[int, dict]] = defaultdict(dict)
    for decision in decisions.select_related("policy", "rule", "organisation").order_by("pk"):
        posts = _posts(decision, day) if people is None else _posts(decision, day).filter(person__in=people)
        said, places = _said(decision), _Places(decision)
        for post in posts.select_related("organisation").order_by("organisation__path", "pk"):
            mine = told[post.person_id].setdefault(decision.pk, {**said, "places": []})
            line = places.line(post.organisation)
            mine["places"] += [line] if line not in mine["places"] else []
    return told


def _said(decision: Decision) -> dict:
    rule = decision.rule
    return {
        "act": decision.act, "policy": decision.policy_id, "title": decision.policy.title,
        "rule": rule and rule.pk, "what": rule.title if rule else "", "proposal": bool(rule and rule.parsed.proposal),
        "by": decision.organisation.label, "on": decision.on.isoformat(),
    }  # fmt: skip


class _Places:
    """How many duties a decision opened, closed at once and voided, at and below each place."""

    def __init__(self, decision: Decision):
        duties = Duty.objects.filter(rule__in=_rules(decision))
        fresh = duties.filter(pk__gt=decision.last_duty, state__in=(State.OPEN, State.DONE))
        ended = duties.filter(state=State.VOID, reason="reach", closed_on=decision.on)
        ended = ended if decision.act in (Act.END, Act.DROP) else ended.none()
        self.numbers: Counter = Counter()
        for rows in (fresh, ended):
            for path, state, n in rows.order_by().values_list("path", "state").annotate(n=Count("pk")):
                for above in upward(path):
                    self.numbers[above, state] += n
        self.still = set()
        if decision.act == Act.END:
            others = Adoption.objects.on(decision.on).filter(policy=decision.policy_id)
            self.still = set(others.order_by("pk").values_list("organisation__path", flat=True))

    def line(self, here) -> dict:
        """The numbers of one organisation; ``still``: it follows the policy by another adoption."""
        return {
            "organisation": here.pk, "place": here.label, "opened": self.numbers[here.path, State.OPEN],
            "done": self.numbers[here.path, State.DONE], "voided": self.numbers[here.path, State.VOID],
            "still": not self.still.isdisjoint(upward(here.path)),
        }  # fmt: skip
