"""The next festival's campaign, half way: drafted and planned by the clerk, confirmed by some of the branches."""

from contextlib import suppress
from datetime import date, timedelta

from django.core.exceptions import ValidationError

from base.money import Source
from config.demo.people import COMMITTEE, HOME
from members.accounts import DEMO_PREFIX
from members.enums import Role
from members.models import Account, Organisation, Post
from visits.campaigns.drafting import draft
from visits.campaigns.names import ask_branches, confirm_names
from visits.campaigns.naming import festivals
from visits.campaigns.sums import Standard, assign, groups_for, set_plan
from visits.models import Campaign

SOON = timedelta(days=10)
"""A festival nearer than this leaves no time to ask the branches."""

STANDARDS = {
    "hardship": Standard(80_000, Source.DUES, "米、油各一份"), "honouree": Standard(100_000, Source.FISCAL),
    "elderly": Standard(60_000, Source.FISCAL),
}  # fmt: skip
USUAL = Standard(50_000, Source.DUES)


def enter_campaign(*, today: date) -> None:
    """Draw it up; the demo's own branch has still to say yes, within a week."""
    clerk = Account.objects.select_related("person").get(username=f"{DEMO_PREFIX}clerk")
    campaign = _drafted(clerk, today)
    if campaign is None:
        return
    standards = {each.code: STANDARDS.get(each.code, USUAL) for each in groups_for(campaign)}
    common = {"by": clerk, "campaign": campaign, "today": today}
    set_plan(**common, budget={Source.DUES: 2_500_000, Source.FISCAL: 1_000_000}, standards=standards)
    ask_branches(**common, due_on=min(today + timedelta(days=6), campaign.deliver_by))
    _confirm(campaign, today)
    heads = Post.objects.on(today).filter(organisation__code=COMMITTEE, role=Role.SECRETARY).select_related("person")
    if head := heads.order_by("since", "pk").first():
        first = campaign.candidates.listed().exclude(person=head.person).order_by("path", "pk")[:4]
        assign(by=clerk, candidates=first, visitor=head.person, today=today)


def _drafted(clerk: Account, today: date) -> Campaign | None:
    """The nearest festival ahead for which the committee follows a rule."""
    here = Organisation.objects.get(code=COMMITTEE)
    ahead = sorted((day, occasion, year) for occasion, year, day in festivals(today) if day > today + SOON)
    for _day, occasion, year in ahead:
        try:
            return draft(by=clerk, organisation=here, occasion=occasion, year=year, today=today)
        except ValidationError:  # no rule of it names anybody
            continue
    return None


def _confirm(campaign: Campaign, today: date) -> None:
    """Every other branch whose secretary has an account says yes, but the demo's own."""
    places = campaign.candidates.unconfirmed().values("organisation")
    posts = Post.objects.on(today).filter(organisation__in=places, role=Role.SECRETARY, person__account__isnull=False)
    posts = posts.exclude(organisation__code=HOME).select_related("organisation", "person__account__person")
    for post in list(posts.order_by("organisation__path", "pk"))[::2]:
        here = {"campaign": campaign, "organisation": post.organisation, "today": today}
        with suppress(ValidationError):  # where the secretary's own name is the only one
            confirm_names(by=post.person.account, struck={}, **here)
