"""What pages and sheets say of a campaign: its days, its names with their reasons and prior aid, what is missing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, IntegerField, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from base.calendar import Occasion
from base.keyset import beyond
from duties.policy.models import Rule
from members.models import Organisation
from members.scope import sealed_at
from visits.campaigns.drafting import before, clock_of
from visits.campaigns.naming import BY_HAND, Group, groups_of, rules_of
from visits.campaigns.permits import may_read_reasons
from visits.models import Campaign, CampaignQuerySet, Candidate, CandidateQuerySet, Visit
from visits.models.campaigns import HANDED

PAGE = 50
TWO_YEARS = timedelta(days=731)
SENSITIVE_WORDS = "关怀对象"
"""What is said in place of a reason that tells of health or sanctions."""


# Campaigns


@dataclass(frozen=True)
class Step:
    """A stage with its day: ``done_on`` where it is past, else ``by``. ``now``: the one that runs."""

    label: str
    by: date
    done_on: date | None
    now: bool


def steps(campaign: Campaign) -> list[Step]:
    """The strip of stages, in order (forms.md: T-45 摸底, T-30 支部确认, T-20 研究, T-7 发放完)."""
    clock, stages = clock_of(campaign.occasion), Campaign.Stage
    order = list(stages)
    at = order.index(stages(campaign.stage))
    planned = (
        (stages.DRAFT, before(campaign.day, clock.draft), campaign.asked_on),
        (stages.CONFIRMING, campaign.confirm_by or before(campaign.day, clock.confirm), campaign.decided_on),
        (stages.DECIDED, before(campaign.day, clock.decide), campaign.decided_on),
        (stages.HANDING, campaign.deliver_by, campaign.closed_on),
        (stages.CLOSED, campaign.day, campaign.closed_on),
    )
    return [
        Step(stage.label, by, done if at > n or stage == stages.CLOSED else None, now=at == n)
        for n, (stage, by, done) in enumerate(planned)
    ]


def days_left(campaign: Campaign, today: date) -> int:
    """Days to the festival; below zero after it."""
    return (campaign.day - today).days


def counted(rows: CampaignQuerySet) -> CampaignQuerySet:
    """Campaigns with how many are ``listed``, ``confirmed``, ``handed`` and ``left_out``, for a list; newest first."""
    on = Q(candidates__out="")
    handed = Q(candidates__visit__isnull=False, candidates__visit__record__withdrawn_on__isnull=True)
    counts = {
        "listed": on, "confirmed": on & Q(candidates__confirmed_on__isnull=False), "handed": on & handed,
        "left_out": Q(candidates__out__gt=""),
    }  # fmt: skip
    rows = rows.select_related("organisation").defer("summary")
    return rows.annotate(**{name: Count("candidates", filter=which) for name, which in counts.items()}).order_by(
        "-day", "-pk"
    )


# Names


def with_words(rows: CandidateQuerySet) -> CandidateQuerySet:
    """All that a row of the list shows: person, branch, visitor, who confirmed, and the visit without its text."""
    people = ("person", "visitor", "confirmed_by")
    rows = rows.select_related(*people, "organisation", "campaign__organisation", "visit__record")
    return rows.defer(*sealed_at(*people), "visit__text", "visit__wish", "visit__promised", "campaign__summary")


def with_prior_aid(rows: CandidateQuerySet, day: date) -> CandidateQuerySet:
    """With what visits gave in the two years before ``day``: ``aid_fen`` and ``aid_times``, and of the last of them
    ``aid_on`` (a date), ``aid_last_fen`` and ``aid_occasion`` (empty where it was no festival).
    """
    given = Visit.objects.filter(
        record__member=OuterRef("person"), record__withdrawn_on__isnull=True, money__gt=0,
        record__on__lt=day, record__on__gte=day - TWO_YEARS,
    )  # fmt: skip
    given = given.exclude(candidacy__campaign=OuterRef("campaign"))
    last = given.order_by("-record__on", "-pk")
    total = given.order_by().values("record__member")
    return rows.annotate(
        aid_fen=Coalesce(Subquery(total.annotate(of=Sum("money")).values("of"), output_field=IntegerField()), 0),
        aid_times=Coalesce(Subquery(total.annotate(of=Count("pk")).values("of"), output_field=IntegerField()), 0),
        aid_on=Subquery(last.values("record__on")[:1]),
        aid_last_fen=Subquery(last.values("money")[:1]),
        aid_occasion=Subquery(last.values("occasion")[:1]),
    )


def aid_words(row: Candidate) -> str:
    """2026 春节 800.00 元；两年共 2 次 1,300.00 元; 无 for none. Of a row with prior aid."""
    if not row.aid_times:
        return "无"
    festival = Occasion(row.aid_occasion).label if row.aid_occasion else ""
    last = f"{row.aid_on.year} {festival} {_yuan(row.aid_last_fen)}" if festival else (
        f"{row.aid_on} {_yuan(row.aid_last_fen)}"
    )  # fmt: skip
    return last if row.aid_times == 1 else f"{last}；两年共 {row.aid_times} 次 {_yuan(row.aid_fen)}"


def _yuan(fen: int) -> str:
    return f"{fen // 100:,}.{fen % 100:02} 元"


def page_of(rows: CandidateQuerySet, after: str, *, day: date) -> tuple[list[Candidate], str]:
    """Fifty names in the order of the tree after the cursor ``after`` (path~number), and the next cursor, empty on the
    last page.
    """
    path, _, number = after.partition("~")
    if path.isdigit() and number.isdigit():
        rows = rows.filter(beyond(("path", "pk"), (path, int(number))))
    found = list(with_prior_aid(with_words(rows), day).order_by("path", "pk")[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    return found, f"{found[-1].path}~{found[-1].pk}" if more else ""


@dataclass(frozen=True)
class Why:
    """One reason: the rule's title, its clause as printed, the document, and the rule for a link. Of a sensitive one,
    to those who may not know, ``title`` alone, saying 关怀对象.
    """

    title: str
    clause: str = ""
    policy: str = ""
    rule: Rule | None = None


@dataclass(frozen=True)
class Reasons:
    """Why somebody is on the list: the tags of his groups, and each reason; ``added`` in whose words by hand."""

    tags: tuple[str, ...]
    why: tuple[Why, ...]
    added: str


class Reader:
    """Says the reasons of rows as an account may read them; the rules are read once."""

    def __init__(self, account, campaign: Campaign):
        self.account = account
        self.rules = {rule.pk: rule for rule in rules_of(campaign.organisation, campaign.occasion, campaign.day)}
        self.groups = groups_of(self.rules.values())
        self._group = {pk: group for group in self.groups for pk in group.rules}

    def reasons(self, row: Candidate) -> Reasons:
        open_ = may_read_reasons(self.account, row)
        tags: dict[str, None] = {}
        why: dict[Why, None] = {}
        for pk in row.rules:
            rule, group = self.rules.get(pk), self._group.get(pk)
            if rule is None or group is None:
                continue
            hidden = group.sensitive and not open_
            tags[SENSITIVE_WORDS if hidden else group.label] = None
            why[Why(SENSITIVE_WORDS) if hidden else _why(rule)] = None
        if not row.reasons and row.added:
            tags[BY_HAND.label] = None
        return Reasons(tuple(tags), tuple(why), row.added)

    def attach(self, rows: Iterable[Candidate]) -> list[Candidate]:
        """Each row with ``said`` (:class:`Reasons`); no query."""
        found = list(rows)
        for row in found:
            row.said = self.reasons(row)
        return found


def _why(rule: Rule) -> Why:
    return Why(rule.title, rule.clause.printed, rule.policy.number or rule.policy.title, rule)


def of_group(rows: CandidateQuerySet, group: Group) -> CandidateQuerySet:
    """The names of one group; those added by hand for :data:`visits.campaigns.naming.BY_HAND`."""
    return rows.named_by(group.rules) if group.rules else rows.filter(reasons="", by_hand=True)


# Sums and what is missing


@dataclass(frozen=True)
class Branch:
    """How far a branch is: of ``listed`` names so many confirmed and handed over."""

    organisation: Organisation
    listed: int
    confirmed: int
    handed: int


def by_branch(rows: CandidateQuerySet) -> list[Branch]:
    """The branches of these rows in the order of the tree; two queries."""
    counts = rows.listed().values("organisation").annotate(
        listed=Count("pk"), confirmed=Count("pk", filter=Q(confirmed_on__isnull=False)),
        handed=Count("pk", filter=HANDED),
    )  # fmt: skip
    found = {row.pop("organisation"): row for row in counts.order_by("organisation")}
    places = Organisation.objects.filter(pk__in=found).order_by("path")
    return [Branch(place, **found[place.pk]) for place in places]


@dataclass(frozen=True)
class Figures:
    """A campaign in numbers: people listed, handed over, returned, left out; fen planned and given; by substitutes."""

    listed: int
    left_out: int
    unconfirmed: int
    handed: int
    outstanding: int
    returned: int
    substitutes: int
    late: int
    planned_fen: int
    given_fen: int


def figures(campaign: Campaign) -> Figures:
    """The summary of a campaign, counted from its rows; one query. ``late``: handed over after the eve."""
    on = Q(out="")
    handed, back = on & HANDED, Q(returned_on__isnull=False)
    counts = {
        "listed": on, "left_out": ~on, "unconfirmed": on & Q(confirmed_on__isnull=True), "handed": handed,
        "returned": on & back, "substitutes": handed & Q(receiver=Candidate.Receiver.SUBSTITUTE),
        "late": handed & Q(received_on__gt=campaign.deliver_by),
    }  # fmt: skip
    found = campaign.candidates.aggregate(
        **{name: Count("pk", filter=which) for name, which in counts.items()},
        planned_fen=Sum("fen", filter=on & ~back), given_fen=Sum("fen", filter=handed),
    )  # fmt: skip
    sums = {name: found[name] or 0 for name in ("planned_fen", "given_fen")}
    return Figures(**(found | sums), outstanding=found["listed"] - found["handed"] - found["returned"])


def summary_words(campaign: Campaign) -> str:
    """The summary as a sentence: 列入 86 人，发到 84 人，代领 3 人，退回 2 人；慰问金 82,400.00 元。"""
    told = figures(campaign)
    parts = [f"列入 {told.listed} 人", f"发到 {told.handed} 人"]
    parts += [f"{words} {n} 人" for words, n in (("其中代领", told.substitutes), ("退回", told.returned)) if n]
    late = f"，其中 {told.late} 人在 {campaign.deliver_by} 以后才发到" if told.late else ""
    return f"{'，'.join(parts)}{late}；慰问金 {_yuan(told.given_fen)}。未列入 {told.left_out} 人，都写明了原因。"
