"""The campaign as a whole: decided by a meeting, closed when all is handed over."""

from contextlib import suppress
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef, Subquery

from base import audit
from members.models import Tie
from visits.campaigns.alarms import keep_alarms
from visits.campaigns.checks import dead
from visits.campaigns.drafting import draft_what_is_due
from visits.campaigns.locking import locked_campaign, names_of_some, said_names
from visits.campaigns.names import drop_idle_tasks, nearest_secretaries
from visits.campaigns.naming import rules_of
from visits.campaigns.sums import budget_lines
from visits.models import Campaign, CandidateQuerySet

Stage = Campaign.Stage


def not_ready(campaign: Campaign, today: date) -> list[str]:
    """Why the list cannot go to the meeting yet, each a sentence; empty when it can. At most two queries a reason."""
    listed = campaign.candidates.listed()
    if not listed.exists():
        return ["名单是空的，没有要研究的人。"]
    asked = (
        ("还没有支部确认", campaign.candidates.unconfirmed()),
        ("的慰问金没有写来源", listed.filter(fen__gt=0, source="")),
    )
    said = [f"{_some(rows, count)}{what}。" for what, rows in asked if (count := rows.count())]
    if count := (gone := dead(campaign, today)).count():
        said.append(f"{_some(gone, count)}已经去世，请改为慰问家属或者不列入。")
    if not campaign.budget and listed.filter(fen__gt=0).exists():
        said.append("还没有定预算。")
    over = [line.label for line in budget_lines(campaign) if campaign.budget and line.left < 0]
    return said + [f"{label}计划超出预算，请先调整。" for label in over]


def _some(rows: CandidateQuerySet, count: int) -> str:
    return said_names(names_of_some(rows), count)


@transaction.atomic
def decide(*, by, campaign: Campaign, on: date, minutes: str, today: date) -> Campaign:
    """Enter that a meeting decided names and sums: from now on they stand, and what is to be handed over is a task due
    on the eve. Whoever has no visitor gets the secretary of the branch, else of the nearest organisation above.

    :param minutes: the number of the minutes.
    :raises ValidationError: keyed ``on`` and ``minutes``; as :func:`not_ready` says; where nobody is found to visit.
    """
    campaign = locked_campaign(campaign)
    if not campaign.drafting:
        raise ValidationError(f"{campaign.title}已于 {campaign.decided_on} 集体研究，没有再办一次。")
    refused: dict[str, list[str]] = {}
    if on > today:
        refused["on"] = [f"研究日期 {on} 晚于今天，请改成今天或以前。"]
    elif on < campaign.entered_on:
        refused["on"] = [f"名单 {campaign.entered_on} 才开始摸底，研究日期不会早于那天，请核对。"]
    if not minutes.strip():
        refused["minutes"] = ["请写会议纪要编号。使用党费须经集体研究。"]
    if refused:
        raise ValidationError(refused)
    if said := not_ready(campaign, today):
        raise ValidationError(said)
    _find_visitors(campaign, today)
    campaign.stage, campaign.decided_on, campaign.minutes = Stage.DECIDED, on, minutes.strip()
    campaign.decided_by = by.person
    campaign.save(update_fields=["stage", "decided_on", "minutes", "decided_by"])
    audit.write(audit.Act.EDIT, f"campaign:{campaign.pk}", what="decided", on=str(on))
    drop_idle_tasks(by, campaign, today)
    keep_alarms(by=by, campaign=campaign, today=today)
    return campaign


def _find_visitors(campaign: Campaign, today: date) -> None:
    """Whom a rule has visited by whoever stands by him, by that person; the others by who leads the branch: one
    statement for each, one more where the secretary is himself on the list.
    """
    without = campaign.candidates.listed().filter(visitor__isnull=True)
    for rule in rules_of(campaign.organisation, campaign.occasion, campaign.day):
        if kind := rule.parsed.responsible.tie:
            ties = Tie.objects.on(today).filter(person=OuterRef("person"), kind=kind, to__isnull=False)
            near = ties.exclude(to=OuterRef("person")).order_by("since", "pk").values("to")[:1]
            without.named_by([rule.pk]).update(visitor=Subquery(near))
    places = set(without.order_by("path").values_list("organisation", flat=True))
    for place, people in nearest_secretaries(places, today).items():
        for person in people[:3]:
            without.filter(organisation=place).exclude(person=person).update(visitor=person)
    if left := without.count():
        raise ValidationError(f"{_some(without, left)}没有走访人，所在支部和上级也没有书记。请先安排走访人。")


@transaction.atomic
def close(*, by, campaign: Campaign, summary: str, today: date) -> Campaign:
    """Close a campaign of which everything was handed over or returned. Figures are counted from its rows when read.

    :param summary: what there is to say in words; may be empty.
    :raises ValidationError: with how many and whom, while money is outstanding; before it was decided; when closed.
    """
    campaign = locked_campaign(campaign)
    if campaign.stage == Stage.CLOSED:
        raise ValidationError(f"{campaign.title}已于 {campaign.closed_on} 收尾，没有再办一次。")
    if not campaign.paying:
        raise ValidationError("名单还没有集体研究，谈不上收尾。")
    outstanding = campaign.candidates.outstanding()
    if count := outstanding.count():
        said = f"还有 {count} 人没有发到：{_some(outstanding, count)}。发了的请打勾，发不出去的请登记退回，再收尾。"
        raise ValidationError(said)
    campaign.stage, campaign.closed_on, campaign.summary = Stage.CLOSED, today, summary.strip()
    campaign.closed_by = by and by.person
    campaign.save(update_fields=["stage", "closed_on", "summary", "closed_by"])
    audit.write(audit.Act.EDIT, f"campaign:{campaign.pk}", what="closed")
    return campaign


def every_morning(*, today: date) -> None:
    """What the clock does: draw up what is due, and keep the alarms in step with visits withdrawn elsewhere. Done twice
    it changes nothing. A campaign that is refused (its policy ended meanwhile) does not hold up the others.
    """
    draft_what_is_due(today=today)
    for campaign in Campaign.objects.filter(stage__in=(Stage.DECIDED, Stage.HANDING)).order_by("pk"):
        with suppress(ValidationError), transaction.atomic():
            keep_alarms(by=None, campaign=locked_campaign(campaign), today=today)
