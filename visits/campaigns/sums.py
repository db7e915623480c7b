"""What each candidate is to have: standards by group, sums set for one alone, and the budget they stay within."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, Sum

from base import audit
from base.fields import in_yuan
from base.money import Source
from members.models import Person
from visits.campaigns.alarms import keep_alarms
from visits.campaigns.locking import check_drafting, locked_campaign, names_of_some, same_campaign
from visits.campaigns.naming import BY_HAND, Group, groups_of, rules_of
from visits.models import Campaign, Candidate
from visits.models.campaigns import HANDED, NOT_HANDED


@dataclass(frozen=True)
class Standard:
    """What one group is to have. ``fen`` may be ``None`` where only a gift is meant."""

    fen: int | None = None
    source: str = ""
    gift: str = ""

    @property
    def kept(self) -> dict:
        return {"fen": self.fen, "source": self.source, "gift": self.gift.strip()}


@dataclass(frozen=True)
class Line:
    """The budget of one source: what was set aside, what the listed names take of it, what was handed over."""

    source: str
    label: str
    budget: int
    planned: int
    given: int

    @property
    def left(self) -> int:
        """What is not planned yet; below zero where too much is."""
        return self.budget - self.planned


def groups_for(campaign: Campaign) -> list[Group]:
    """The groups of the campaign's rules, and those added by hand."""
    return [*groups_of(rules_of(campaign.organisation, campaign.occasion, campaign.day)), BY_HAND]


def standards_of(campaign: Campaign) -> dict[str, Standard]:
    """By the code of a group."""
    return {code: Standard(**kept) for code, kept in campaign.standards.items()}


def budget_lines(campaign: Campaign) -> list[Line]:
    """The budget by source, in the order of the sources; one query. Sums that name no source come last, as 未写来源."""
    rows = campaign.candidates.listed().filter(fen__gt=0, returned_on__isnull=True)
    taken = rows.values("source").annotate(planned=Sum("fen"), given=Sum("fen", filter=HANDED))
    found = {row["source"]: row for row in taken.order_by("source")}
    shown = [each for each in [*Source.values, ""] if campaign.budget.get(each) or each in found]
    return [
        Line(
            each, Source(each).label if each else "未写来源", campaign.budget.get(each, 0),
            found.get(each, {}).get("planned") or 0, found.get(each, {}).get("given") or 0,
        )
        for each in shown
    ]  # fmt: skip


@transaction.atomic
def set_plan(
    *, by, campaign: Campaign, budget: Mapping[str, int], standards: Mapping[str, Standard], today: date
) -> Campaign:
    """Set the budget by source and the standard of each group; whoever has no sum of his own takes the highest standard
    of his groups.

    :param budget: fen by source; sources without money may be left out.
    :param standards: by the code of a group (:func:`groups_for`).
    :raises ValidationError: keyed ``budget_<source>`` and ``standard_<group>``, where more is planned than set aside,
        or a sum names no source; once it was decided.
    """
    campaign = locked_campaign(campaign)
    check_drafting(campaign)
    refused = {}
    for code, each in standards.items():
        if each.fen and not each.source:
            refused[f"standard_{code}"] = [f"写了 {in_yuan(each.fen)} 元，请选这笔钱从哪里来。"]
    if refused:
        raise ValidationError(refused)
    campaign.budget = {source: fen for source, fen in budget.items() if fen}
    campaign.standards = {code: each.kept for code, each in standards.items() if each.fen or each.gift.strip()}
    campaign.save(update_fields=["budget", "standards"])
    apply_standards(campaign, groups_for(campaign))
    check_budget(campaign)
    audit.write(audit.Act.EDIT, f"campaign:{campaign.pk}", what="plan", **campaign.budget)
    return campaign


def apply_standards(campaign: Campaign, groups: Iterable[Group]) -> None:
    """Give every candidate without a sum of his own the highest standard of his groups, and nothing where there is none
    any more; one statement a group.
    """
    standards = standards_of(campaign)
    open_ = campaign.candidates.filter(own_sum=False, visit__isnull=True)
    open_.filter(fen__isnull=False).update(fen=None, source="", gift="")
    lowest_first = sorted(groups, key=lambda group: standards.get(group.code, Standard()).fen or 0)
    for group in lowest_first:
        standard = standards.get(group.code)
        if standard is None:
            continue
        whom = open_.named_by(group.rules) if group.rules else open_.filter(reasons="", by_hand=True)
        whom.update(**standard.kept)


def check_budget(campaign: Campaign, *, field: str = "budget_{source}") -> None:
    """:raises ValidationError: where a source has more planned than set aside; nothing is asked before a budget is set.

    :param field: under which form field the refusal stands.
    """
    if not campaign.budget:
        return
    refused: dict[str, list[str]] = {}
    for line in budget_lines(campaign):
        if line.left < 0:
            said = (
                f"{line.label}预算 {in_yuan(line.budget)} 元，计划要用 {in_yuan(line.planned)} 元，"
                f"多出 {in_yuan(-line.left)} 元。请调低标准、换一个来源或增加预算。"
            )
            refused.setdefault(field.format(source=line.source), []).append(said)
    if refused:
        raise ValidationError(refused)


@transaction.atomic
def assign(
    *,
    by,
    candidates: Iterable[Candidate],
    today: date,
    visitor: Person | None = None,
    fen: int | None = None,
    source: str = "",
    gift: str | None = None,
) -> int:
    """Give several candidates of one campaign a visitor, a sum of their own, or a gift; what is not given stays.

    :param fen: a sum of their own, with ``source``; only the visitor may still change once it was decided.
    :param gift: empty takes the gift away, ``None`` leaves it.
    :returns: how many were changed.
    :raises ValidationError: keyed by form field: nobody ticked, a visitor who is himself visited, a sum without source,
        beyond the budget, a sum or a gift after it was decided; once a campaign has ended.
    """
    candidates = list(candidates)
    campaign = same_campaign(candidates)
    rows = campaign.candidates.listed().filter(NOT_HANDED, pk__in=[each.pk for each in candidates])
    rows = campaign.candidates.filter(pk__in=list(rows.values_list("pk", flat=True)))  # no join in an UPDATE
    if campaign.ended:
        check_drafting(campaign)
    refused = {}
    if visitor and rows.filter(person=visitor).exists():
        refused["visitor"] = [f"{visitor.name}自己也在勾选的名单里，不能看望自己，请另选一位。"]
    if not campaign.drafting:
        given = {"fen": ("金额", fen), "gift": ("慰问品", gift)}
        refused |= {
            field: [f"{label}已于 {campaign.decided_on} 集体研究确定，不能再改。"]
            for field, (label, value) in given.items() if value is not None
        }  # fmt: skip
    elif fen and not source:
        refused["source"] = [f"写了 {in_yuan(fen)} 元，请选这笔钱从哪里来。"]
    if not rows.exists():
        refused["__all__"] = ["勾选的人都已经发到或者没有列入，没有再改。"]
    if visitor is None and fen is None and gift is None:
        refused["visitor"] = ["还没有写要安排什么：走访人、金额或者慰问品，至少写一样。"]
    if refused:
        raise ValidationError(refused)
    given: dict = {"visitor": visitor} if visitor else {}
    given |= {"fen": fen or None, "source": source if fen else "", "own_sum": True} if fen is not None else {}
    given |= {"gift": gift.strip()} if gift is not None else {}
    changed = rows.update(**given)
    if fen is not None:
        check_budget(campaign, field="fen")
    if visitor:
        keep_alarms(by=by, campaign=campaign, today=today)
    audit.write(audit.Act.EDIT, f"campaign:{campaign.pk}", what="assigned", candidates=changed, fen=fen,
                visitor=visitor and visitor.pk)  # fmt: skip
    return changed


def undefined(campaign: Campaign) -> list[str]:
    """Names of listed candidates who have neither a sum nor a gift, a few of them."""
    return names_of_some(campaign.candidates.listed().filter(Q(fen__isnull=True) | Q(fen=0), gift=""))
