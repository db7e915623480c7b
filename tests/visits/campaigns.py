"""A Spring Festival campaign in few words."""

from datetime import date

from django.db import transaction

from base.dates import FAR
from base.facts import Fact, facts_changed, facts_will_change
from base.money import Source
from care.entries import Given, open_entry
from care.registers import REGISTERS
from duties.engine.sweep import sweep
from duties.policy.adoption import adopt
from duties.policy.packs import load_pack
from members.enums import CategoryKind, TieKind
from members.models import Category, Tie
from visits.campaigns.drafting import draft
from visits.campaigns.handing import Handed, hand_over
from visits.campaigns.names import ask_branches, confirm_names
from visits.campaigns.running import decide
from visits.campaigns.sums import Standard, set_plan
from visits.models import Campaign, Candidate

TODAY = date(2026, 11, 23)
SPRING = date(2027, 2, 6)
EVE = date(2027, 2, 5)


def belongs(person, kind=CategoryKind.HARDSHIP, grade="", since=date(2026, 3, 1), until=FAR) -> Category:
    facts_will_change()
    row = Category.objects.create(person=person, kind=kind, grade=grade, since=since, until=until)
    facts_changed(Fact.CATEGORY, since=since, people=[person.pk])
    return row


def led_by(person, leader) -> Tie:
    facts_will_change()
    row = Tie.objects.create(person=person, kind=TieKind.LEADER_CONTACT, to=leader, since=date(2026, 1, 1))
    facts_changed(Fact.TIE, since=row.since, people=[person.pk, leader.pk])
    return row


def unrecognised(person):
    given = Given({"causes": ["unemployed"], "needs": "就业"}, "一般困难")
    return open_entry(
        by=None, register=REGISTERS["difficulty"], person=person, since=date(2026, 3, 2), given=given, today=TODAY
    )


@transaction.atomic
def populate(cast) -> None:
    """Two branches with somebody in need, one of them honoured besides; one led by the committee's secretary; one in
    need whom nobody recognised.
    """
    belongs(cast.li)
    belongs(cast.sun)
    belongs(cast.zhao)
    belongs(cast.zhao, CategoryKind.HONOUREE, "省级")
    led_by(cast.commissioner, cast.committee_secretary)
    unrecognised(cast.general_secretary)


def make_tasks_duties(cast) -> None:
    """The committee follows the working rules."""
    adopt(by=None, organisation=cast.committee, policy=load_pack("working-rules"), since=date(2026, 1, 1), today=TODAY)
    sweep(on=TODAY, today=TODAY)


def drafted(cast, by=None, today=TODAY) -> Campaign:
    return draft(by=by, organisation=cast.committee, occasion="spring", year=2027, today=today)


def of(campaign, person) -> Candidate:
    return Candidate.objects.select_related("campaign", "person").get(campaign=campaign, person=person)


PLAN = {
    "hardship": Standard(80000, Source.DUES), "honouree": Standard(120000, Source.FISCAL, "米、油"),
    "tie-leader_contact": Standard(None, "", "台历"),
}  # fmt: skip


def planned(cast, by, **more) -> Campaign:
    campaign = drafted(cast, by)
    budget = {Source.DUES: 300000, Source.FISCAL: 200000}
    return set_plan(by=by, campaign=campaign, **({"budget": budget, "standards": PLAN, "today": TODAY} | more))


def confirmed(cast, by) -> Campaign:
    """Asked, and every branch said yes."""
    campaign = planned(cast, by)
    ask_branches(by=by, campaign=campaign, due_on=date(2026, 12, 20), today=TODAY)
    confirm_names(by=by, campaign=campaign, organisation=cast.committee, struck={}, today=TODAY)
    campaign.refresh_from_db()
    return campaign


def decided(cast, by) -> Campaign:
    return decide(by=by, campaign=confirmed(cast, by), on=TODAY, minutes="党委会〔2026〕18号", today=TODAY)


def handed(campaign, person, by, today=TODAY, **more) -> Candidate:
    given = Handed(**({"on": today} | more))
    return hand_over(by=by, candidate=of(campaign, person), handed=given, today=today)
