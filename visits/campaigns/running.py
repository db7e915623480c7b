"""The campaign as a whole: decided by a meeting, closed when all is handed over, and the last step taken back."""

from contextlib import suppress
from datetime import date
from itertools import groupby

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Subquery

from base import audit
from duties.tasks import tasks_of, withdraw_task
from members.enums import Standing
from members.models import Membership, Post, Tie
from visits.campaigns.alarms import hand_source, keep_alarms
from visits.campaigns.checks import dead
from visits.campaigns.drafting import draft_what_is_due
from visits.campaigns.handing import NOT_RECEIVED
from visits.campaigns.locking import check_drafting, locked_campaign, names_of_some, said_names
from visits.campaigns.names import confirm_source, drop_idle_tasks, nearest_secretaries
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
    said += cannot_go(campaign, today)
    if not campaign.budget and listed.filter(fen__gt=0).exists():
        said.append("还没有定预算。")
    over = [line.label for line in budget_lines(campaign) if campaign.budget and line.left < 0]
    return said + [f"{label}计划超出预算，请先调整。" for label in over]


def cannot_go(campaign: Campaign, today: date) -> list[str]:
    """Of each visitor who has died or left: that he has, and whom he was to visit. One query."""
    stays = Membership.objects.on(today).filter(person=OuterRef("visitor"))
    posts = Post.objects.on(today).filter(person=OuterRef("visitor"))
    rows = campaign.candidates.listed().filter(visitor__isnull=False)
    rows = rows.annotate(is_dead=Exists(stays.filter(standing=Standing.DEAD)))
    rows = rows.filter(Q(is_dead=True) | ~(Exists(stays) | Exists(posts))).order_by("visitor", "path", "pk")
    found = rows.values_list("visitor", "visitor__name", "is_dead", "person__name")
    said = []
    for (_pk, visitor, is_dead), group in groupby(found, key=lambda row: row[:3]):
        names = [row[3] for row in group]
        why = "已经去世" if is_dead else "现在没有组织关系，也没有任职"
        said.append(f"走访人{visitor}{why}，原定去看{said_names(names, len(names))}，请改定走访人。")
    return said


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
    if campaign.paying:
        raise ValidationError(f"{campaign.title}已于 {campaign.decided_on} 集体研究，没有再办一次。")
    check_drafting(campaign)
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
    if said := cannot_go(campaign, today):
        raise ValidationError(said)


@transaction.atomic
def close(*, by, campaign: Campaign, summary: str, today: date) -> Campaign:
    """Close a campaign of which everything was handed over or returned. Figures are counted from its rows when read.

    :param summary: what there is to say in words; may be empty.
    :raises ValidationError: with how many and whom, while money is outstanding; before it was decided; when closed.
    """
    campaign = locked_campaign(campaign)
    if campaign.stage == Stage.CLOSED:
        raise ValidationError(f"{campaign.title}已于 {campaign.closed_on} 收尾，没有再办一次。")
    if campaign.stage == Stage.CALLED_OFF:
        raise ValidationError(f"{campaign.title}已撤销，不用收尾。")
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


# Back

BACK = {
    Stage.DRAFT: Stage.CALLED_OFF, Stage.CONFIRMING: Stage.CALLED_OFF, Stage.DECIDED: Stage.CONFIRMING,
    Stage.HANDING: Stage.CONFIRMING, Stage.CLOSED: Stage.HANDING,
}  # fmt: skip
"""Where a campaign stands once its last step was taken back."""


def why_not_back(campaign: Campaign) -> str:
    """Why the last step cannot be taken back; empty where it can. At most four queries."""
    if campaign.stage == Stage.CALLED_OFF:
        return f"{campaign.title}已经撤销，没有可撤回的。要办请重新摸底。"
    if not campaign.paying:
        return ""
    back = campaign.candidates.listed().filter(returned_on__isnull=False)
    asked = (
        ("的已经登记发放", "登错的请先在“登记发放”里逐人撤回", campaign.candidates.handed()),
        ("的已经登记退回", "请先在名单里撤回退回", back),
    )
    said = [f"{_some(rows, count)}{what}，{then}。" for what, then, rows in asked if (count := rows.count())]
    return f"集体研究不能撤回：{''.join(said)}" if said else ""


@transaction.atomic
def step_back(*, by, campaign: Campaign, reason: str, today: date, seen: str = "") -> Campaign:
    """Take the last step back. Closed: it is being handed over again, and the summary is kept. Decided, while nothing
    is handed over or returned: the branches' yes stands, the minutes are cleared and the tasks to hand over go. Before
    that: it is called off, the tasks to confirm go, and a draft by hand begins anew.

    :param seen: the stage that stood on the page; another one is not taken back unseen.
    :raises ValidationError: keyed ``reason`` without one; as :func:`why_not_back` says; for another stage than seen.
    """
    campaign = locked_campaign(campaign)
    if seen and seen != campaign.stage:
        raise ValidationError(f"{campaign.title}刚才已经到了“{campaign.get_stage_display()}”，没有撤回。请重新打开看。")
    if said := why_not_back(campaign):
        raise ValidationError(said)
    if not reason.strip():
        raise ValidationError({"reason": "请写为什么撤回，一句话也可以。"})
    was = {"stage": campaign.stage, "on": str(campaign.decided_on or ""), "minutes": campaign.minutes}
    campaign.stage = BACK[campaign.stage]
    campaign.closed_on = campaign.closed_by = None
    if not campaign.paying:
        campaign.decided_on, campaign.minutes, campaign.decided_by = None, "", None
        campaign.candidates.filter(visit__isnull=False).update(**NOT_RECEIVED)  # visits that were withdrawn
        source = hand_source(campaign) if campaign.drafting else confirm_source(campaign)
        _drop_tasks(by, source, "集体研究已撤回" if campaign.drafting else "节日走访已撤销", today)
    campaign.save(update_fields=["stage", "closed_on", "closed_by", "decided_on", "minutes", "decided_by"])
    audit.write(audit.Act.WITHDRAW, f"campaign:{campaign.pk}", reason=reason.strip(), what="step", **was)
    return campaign


def _drop_tasks(by, source: str, reason: str, today: date) -> None:
    for task in tasks_of(source, today=today):
        if task.running:
            withdraw_task(by=by, event=task.event, reason=reason, today=today)


def every_morning(*, today: date) -> None:
    """What the clock does: draw up what is due, and keep the alarms in step with visits withdrawn elsewhere. Done twice
    it changes nothing. A campaign that is refused (its policy ended meanwhile) does not hold up the others.
    """
    draft_what_is_due(today=today)
    for campaign in Campaign.objects.filter(stage__in=(Stage.DECIDED, Stage.HANDING)).order_by("pk"):
        with suppress(ValidationError), transaction.atomic():
            keep_alarms(by=None, campaign=locked_campaign(campaign), today=today)
