"""Handing over: one tick, one visit recorded, the festival's duty closed in the same act."""

from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from base import audit
from base.calendar import Occasion
from duties.engine.models import Action
from duties.engine.records import take_back as take_back_record
from members.enums import Standing
from members.models import Person
from members.scope import sealed_at
from members.services import membership_on
from visits.campaigns.alarms import keep_alarms
from visits.campaigns.locking import locked_campaign, same_campaign
from visits.models import Campaign, Candidate, Visit
from visits.visiting import Seen, record_visit

Receiver, Stage = Candidate.Receiver, Campaign.Stage

NOT_RECEIVED = {"visit": None, "received_on": None, "receiver": "", "means": "", "substitute": "", "relation": ""}
"""A name as it was before it was ticked off."""


@dataclass(frozen=True)
class Handed:
    """How it came into whose hands: ``substitute`` and ``relation`` where another than the member received it, of the
    dead somebody of the family. ``text``: what was seen, sealed with the visit; may be empty.
    """

    on: date
    receiver: str = Receiver.SELF
    means: str = Candidate.Means.CASH
    how: str = Visit.How.HOME
    substitute: str = ""
    relation: str = ""
    text: str = ""


@transaction.atomic
def hand_over(
    *, by, candidate: Candidate, handed: Handed, today: date, people: list[Person] | None = None
) -> Candidate:
    """Tick one name off: the visit is recorded with money, source, gift and occasion, and closes the duty of the rules.

    The same tick once more changes nothing and gives the same answer.

    :param people: who went; the visitor of the list without.
    :raises ValidationError: keyed by form field (``on``, ``receiver``, ``substitute``, ``relation``, ``people``):
        before it was decided, for a name left out or returned, one handed over otherwise already, a day before the
        decision or to come, without a visitor, for whoever is himself visited, for somebody who died meanwhile.
    """
    campaign = locked_campaign(candidate.campaign)
    row = _row(campaign, candidate)
    if row.is_handed:
        if _same(row, handed):
            return row
        raise ValidationError(f"{row.person.name}的已于 {row.received_on} 登记发放（{row.given_to}），没有再发一次。")
    people = people or ([row.visitor] if row.visitor else [])
    _check_can_be_handed(by, campaign, row, min(handed.on, today))
    if refused := _amiss(campaign, row, handed, people):
        raise ValidationError(refused)
    family = row.family or handed.receiver == Receiver.SUBSTITUTE
    visit = record_visit(
        by=by, action=Action.VISIT, member=row.person, on=handed.on, people=people, seen=_seen(campaign, row, handed),
        today=today,
    )  # fmt: skip
    row.visit, row.received_on, row.receiver, row.means = visit, handed.on, handed.receiver, handed.means
    row.substitute = handed.substitute.strip() if family else ""
    row.relation = handed.relation.strip() if family else ""
    row.save(update_fields=["visit", "received_on", "receiver", "means", "substitute", "relation"])
    if campaign.stage == Stage.DECIDED:
        campaign.stage = Stage.HANDING
        campaign.save(update_fields=["stage"])
    audit.write(audit.Act.EDIT, f"candidate:{row.pk}", what="handed", record=visit.record_id)
    keep_alarms(by=by, campaign=campaign, today=today, visitors=[row.visitor_id] if row.visitor_id else [])
    return row


def tick_of(visit: Visit) -> Candidate | None:
    """The name that was ticked off by a visit which still stands; such a visit is taken back as the tick it was."""
    ticked = Candidate.objects.filter(visit=visit, visit__record__withdrawn_on__isnull=True)
    return ticked.order_by("pk").first()


@transaction.atomic
def take_back_tick(*, by, candidate: Candidate, reason: str, today: date, now: datetime) -> Candidate:
    """Take a tick back: its record is withdrawn, the duties it closed and the visitor's task open again.

    :param reason: may be empty within ten minutes, as of any record.
    :raises ValidationError: keyed ``reason``; for one not handed over; once the campaign is closed.
    """
    campaign = locked_campaign(candidate.campaign)
    row = _row(campaign, candidate)
    if campaign.stage == Stage.CLOSED:
        raise ValidationError(f"{campaign.title}已经收尾，发放登记不能撤回。")
    if not row.is_handed:
        raise ValidationError(f"{row.person.name}的还没有登记发放，没有可撤回的。")
    take_back_record(by=by, record=row.visit.record, reason=reason, today=today, now=now)
    for name, value in NOT_RECEIVED.items():
        setattr(row, name, value)
    row.save(update_fields=list(NOT_RECEIVED))
    audit.write(audit.Act.WITHDRAW, f"candidate:{row.pk}", reason=reason, what="handed")
    keep_alarms(by=by, campaign=campaign, today=today, visitors=[row.visitor_id] if row.visitor_id else [])
    return row


@transaction.atomic
def give_back(*, by, candidates: list[Candidate], reason: str, today: date) -> int:
    """Return what could not be handed over to where it came from, with a reason; it is outstanding no more.

    :returns: how many were returned.
    :raises ValidationError: keyed ``reason``; before it was decided; where none of them is outstanding.
    """
    campaign = same_campaign(candidates)
    _check_paying(campaign)
    if not reason.strip():
        raise ValidationError({"reason": "请写为什么退回，一句话也可以。"})
    left = list(campaign.candidates.outstanding().filter(pk__in=[each.pk for each in candidates]).order_by("pk"))
    if not left:
        raise ValidationError("勾选的人都已经发到或者退回了，没有再办一次。")
    for row in left:
        row.returned_on, row.returned_words = today, reason.strip()
        audit.write(audit.Act.EDIT, f"candidate:{row.pk}", what="returned")
    Candidate.objects.bulk_update(left, ["returned_on", "returned_words"])
    visitors = {row.visitor_id for row in left} - {None}
    keep_alarms(by=by, campaign=campaign, today=today, visitors=visitors)
    return len(left)


@transaction.atomic
def keep_after_all(*, by, candidate: Candidate, today: date) -> Candidate:
    """Take back that somebody's money was returned: it is outstanding again, and the visitor's task with it.

    :raises ValidationError: for one not returned; once the campaign is closed.
    """
    campaign = locked_campaign(candidate.campaign)
    row = _row(campaign, candidate)
    _check_paying(campaign)
    if row.returned_on is None:
        raise ValidationError(f"{row.person.name}的没有登记退回，没有可撤回的。")
    row.returned_on, row.returned_words = None, ""
    row.save(update_fields=["returned_on", "returned_words"])
    audit.write(audit.Act.WITHDRAW, f"candidate:{row.pk}", what="returned")
    keep_alarms(by=by, campaign=campaign, today=today, visitors=[row.visitor_id] if row.visitor_id else [])
    return row


def _row(campaign: Campaign, candidate: Candidate) -> Candidate:
    rows = campaign.candidates.select_related("person", "visitor", "organisation", "visit__record")
    sealed = (*sealed_at("person", "visitor"), "visit__text", "visit__wish", "visit__promised")
    return rows.defer(*sealed).get(pk=candidate.pk)


def _same(row: Candidate, handed: Handed) -> bool:
    mine = (row.received_on, row.receiver, row.means, row.substitute, row.relation)
    return mine == (handed.on, handed.receiver, handed.means, handed.substitute.strip(), handed.relation.strip())


def _check_paying(campaign: Campaign) -> None:
    if campaign.drafting:
        raise ValidationError("名单还没有集体研究，不能发放。请先登记集体研究的日期和会议纪要编号。")
    if campaign.stage == Stage.CALLED_OFF:
        raise ValidationError(f"{campaign.title}已撤销，不能发放。")
    if campaign.stage == Stage.CLOSED:
        raise ValidationError(f"{campaign.title}已于 {campaign.closed_on} 收尾，不再发放。")


def _check_can_be_handed(by, campaign: Campaign, row: Candidate, day: date) -> None:
    """Whether anything can be handed over to this member at all."""
    _check_paying(campaign)
    name = row.person.name
    if not row.is_listed:
        raise ValidationError(f"{name}没有列入名单（{row.get_out_display()}），不能发放。")
    if row.returned_on:
        raise ValidationError(f"{name}的已于 {row.returned_on} 退回，不能再发。")
    if by is not None and by.person_id == row.person_id:
        raise ValidationError("你本人的慰问由去的同志登记。")
    if dead := _died(row, day):
        raise ValidationError(dead)


def _amiss(campaign: Campaign, row: Candidate, handed: Handed, people: list[Person]) -> dict[str, list[str]]:
    """What is wrong with a tick besides what the visit's own service refuses, by form field."""
    refused, name = {}, row.person.name
    if handed.on < campaign.decided_on:
        refused["on"] = [f"名单 {campaign.decided_on} 才集体研究确定，发放日期不会早于那天，请核对。"]
    if not people:
        refused["people"] = [f"{name}还没有走访人，请选谁去的。"]
    if row.family and handed.receiver == Receiver.SELF:
        refused["receiver"] = [f"{name}已经去世，请选“代领”，写明哪位家属。"]
    if handed.receiver == Receiver.SUBSTITUTE:
        if not handed.substitute.strip():
            refused["substitute"] = ["请写代领人姓名。"]
        if not handed.relation.strip():
            refused["relation"] = ["请写代领人与本人的关系，例如：长子、邻居。"]
    return refused


def _died(row: Candidate, day: date) -> str:
    """That somebody died before the day; empty for the living and for families."""
    stay = membership_on(row.person, day)
    if row.family or stay is None or stay.standing != Standing.DEAD:
        return ""
    return (
        f"{row.person.name}已于 {stay.since} 去世，不能再按走访本人发放。请把这一笔登记退回；"
        "看望家属请到“登记走访”里登记吊唁慰问，慰问金在那里写。"
    )


def _seen(campaign: Campaign, row: Candidate, handed: Handed) -> Seen:
    """The visit as the tick tells it."""
    substitute = handed.receiver == Receiver.SUBSTITUTE
    given = "、".join(filter(None, ("慰问金" if row.fen else "", "慰问品" if row.gift else "")))
    whom = f"由{handed.substitute.strip()}（{handed.relation.strip()}）代领" if substitute else "交到本人手中"
    said = f"，{given}{whom}" if given else ""
    met = Visit.Met.FAMILY if row.family else "" if substitute else Visit.Met.MEMBER
    return Seen(
        how=handed.how, occasion=campaign.occasion, met=met,
        met_name=handed.substitute.strip() if row.family else "", gift=row.gift, money=row.fen or None,
        source=row.source if row.fen else "",
        text=handed.text.strip() or f"{Occasion(campaign.occasion).label}走访{said}。",
    )  # fmt: skip
