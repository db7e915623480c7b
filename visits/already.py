"""Talks held before a policy was adopted and never entered: which duties they could close, entering them at once."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from base.facts import facts_together
from duties.engine.models import Action, Duty, State
from duties.policy.adjusting import in_force
from duties.policy.models import Adjustment, Adoption, Rule
from duties.policy.schema import Quota, RuleSpec
from members.acting import ACTING_ROLES
from members.enums import LIVING, Capability, Role
from members.models import Lineage, Membership, Organisation, Person, Post
from members.scope import sealed_at
from members.services import HOLDS_MEMBERS
from visits.models import Talk
from visits.reasons import subject_of
from visits.services import locked, record_talk

TEXT = "启用前已谈，日期由书记补录。"
"""What stands in such a talk: what was said nobody wrote down."""


def adoptions(account) -> QuerySet[Adoption]:
    """The adoptions that reach a branch in which the account records."""
    lines = Lineage.objects.filter(organisation__in=Organisation.objects.visible_to(account, Capability.RECORD))
    return Adoption.objects.filter(organisation__in=lines.values("ancestor")).select_related("policy", "organisation")


def branches(account, adoption: Adoption, day: date) -> QuerySet[Organisation]:
    """The branches below the adoption in which the account records."""
    below = Lineage.objects.filter(ancestor=adoption.organisation_id, since__lte=day, until__gt=day)
    found = Organisation.objects.visible_to(account, Capability.RECORD).on(day)
    return found.filter(kind__in=HOLDS_MEMBERS, pk__in=below.values("organisation")).order_by("path")


def is_closed_by_one_talk(spec: RuleSpec) -> bool:
    """Whether the rule asks for one talk with each member in every period."""
    trigger = spec.trigger
    once = isinstance(trigger, Quota) and trigger.times == 1 and trigger.per != "interval"
    return once and spec.subject == "member" and Action.TALK in spec.actions


@dataclass(frozen=True)
class Grid:
    """Members × rules of a branch; ``duties`` has what runs today by (member, rule)."""

    here: Organisation
    stays: list[Membership]
    rules: list[Rule]
    duties: dict[tuple[int, int], Duty]

    @property
    def open(self) -> dict[tuple[int, int], Duty]:
        return {of: duty for of, duty in self.duties.items() if duty.state == State.OPEN}


def grid(account, adoption: Adoption, here: Organisation, day: date) -> Grid:
    """What a talk of before could close in the branch: open duties that one talk closes and whose window is running."""
    stays = Membership.objects.on(day).visible_to(account, Capability.RECORD)
    stays = stays.filter(organisation=here, standing__in=LIVING).exclude(person=account.person_id)
    stays = list(stays.select_related("person").defer(*sealed_at("person")).order_by("person__name", "pk"))
    asked = Rule.objects.filter(policy=adoption.policy_id, sensitive=False).select_related("clause")
    asked = asked.order_by("position", "pk").annotate(adjusted=Exists(Adjustment.objects.filter(rule=OuterRef("pk"))))
    asked = [
        rule for rule in asked if is_closed_by_one_talk(in_force(rule, here, day) if rule.adjusted else rule.parsed)
    ]
    running = Duty.objects.visible_to(account).filter(rule__in=asked, member__in=[stay.person_id for stay in stays])
    running = running.filter(opens_on__lte=day, counts_from__lt=day, closes_on__gte=day).order_by("pk")
    duties = {(duty.member_id, duty.rule_id): duty for duty in running}
    shown = {rule for _member, rule in duties}
    return Grid(here, stays, [rule for rule in asked if rule.pk in shown], duties)


def usual_talker(account, here: Organisation, day: date) -> int | None:
    """Who talks with the members of the branch: its secretary, else whoever enters it."""
    posts = Post.objects.on(day).filter(organisation=here, role=Role.SECRETARY).order_by("since", "pk")
    own = [post.person_id for post in posts]
    return account.person_id if account.person_id in own or not own else own[0]


@dataclass(frozen=True)
class Held:
    """One talk of before; ``fields`` are the cells of the form in which its day was typed."""

    member: Person
    on: date
    subject: str
    fields: tuple[str, ...]


class Checks:
    """Which days can be: the talker's posts and where the members stood, looked up once for all cells."""

    def __init__(self, here: Organisation, talker: Person, members: list[int], day: date):
        self.here, self.talker, self.day = here, talker, day
        upward = Lineage.objects.filter(organisation=here).values("ancestor")
        posts = Post.objects.filter(person=talker, organisation__in=upward, role__in=ACTING_ROLES).order_by("pk")
        self.posts = list(posts.values_list("since", "until"))
        stays = Membership.objects.filter(person__in=members, organisation=here, standing__in=LIVING).order_by("pk")
        self.stays = defaultdict(list)
        for person, since, until in stays.values_list("person", "since", "until"):
            self.stays[person].append((since, until))

    def amiss(self, duty: Duty, member: Person, on: date) -> str:
        """Why a talk with the member on that day cannot be entered here; empty if it can."""
        if on >= self.day:
            return f"{on} 不在今天以前。今天谈的请到“登记谈话”里登记。"
        if on < duty.counts_from:
            return f"这件事从 {duty.counts_from} 起算，{on} 谈的不算。"
        if member == self.talker:
            return f"{member.name}不能与自己谈话，请空着。"
        if not any(since <= on < until for since, until in self.posts):
            return f"{on} 那天{self.talker.name}在本支部和上级都没有任职，请核对日期或另选谈话人。"
        if not any(since <= on < until for since, until in self.stays[member.pk]):
            return f"{on} 那天{member.name}的组织关系不在{self.here.label}，由当时所在支部登记。"
        return ""


def held_of(cells: list[tuple[Person, Rule, date, str]]) -> list[Held]:
    """The talks of the typed cells: of one member, cells with the same day are one talk."""
    found: dict[tuple[int, date], list] = defaultdict(list)
    for member, rule, on, field in cells:
        found[member.pk, on].append((member, subject_of(rule.parsed), field))
    return [
        Held(same[0][0], on, same[0][1], tuple(field for _, _, field in same))
        for (_, on), same in sorted(found.items())
    ]


@transaction.atomic
def record_already(*, by, held: list[Held], talker: Person, today: date) -> list[Talk]:
    """Enter the talks of before, all or none; the engine settles once.

    :raises ValidationError: keyed by the cells.
    """
    if not held:
        raise ValidationError("还没有填日期。谈过的填上日期，没谈的空着。")
    locked([each.member for each in held])
    talks, refused = [], {}
    with facts_together():
        for each in held:
            try:
                talks += record_talk(
                    by=by, members=[each.member], on=each.on, means=Talk.Means.FACE, subject=each.subject, text=TEXT,
                    talkers=[talker], today=today,
                )  # fmt: skip
            except ValidationError as no:
                refused |= {name: no.messages for name in each.fields}
        if refused:
            raise ValidationError(refused)
    return talks
