"""The demo's festival campaigns: that of 七一, closed, and that of the next 春节, which the branches are confirming."""

from datetime import date, timedelta

from base.calendar import Occasion, day_of
from base.money import Source
from config.demo.people import COMMITTEE, HOME
from members.accounts import DEMO_PREFIX
from members.enums import Role, TieKind
from members.models import Account, Organisation, Post
from visits.campaigns.drafting import clock_of, draft
from visits.campaigns.handing import Handed, give_back, hand_over
from visits.campaigns.names import add_by_hand, ask_branches, confirm_names, strike
from visits.campaigns.running import close, decide
from visits.campaigns.sums import Standard, assign, set_plan
from visits.models import Campaign, Candidate

STANDARDS = {
    "hardship": Standard(80_000, Source.DUES, "米、油"),
    "honouree": Standard(50_000, Source.SPECIAL),
    f"tie-{TieKind.LEADER_CONTACT}": Standard(None, "", "台历"),
}
BUDGET = {Source.DUES: 2_000_000, Source.SPECIAL: 500_000}
LATE_YES = 3
"""So many branches have not said yes yet, the demo secretary's own among them."""

ADDED, BECAUSE = "赵秀兰", "独居，冬天摔过一次，支部商量后加上"


def closing_day(year: int) -> date:
    """The day on which the campaign of 七一 was closed."""
    return day_of(Occasion.PARTY_DAY, year) + timedelta(days=9)


def enter_campaigns(*, since: date, today: date) -> None:
    """Enter both, by the account of the committee's clerk; that of 七一 only once it would be over."""
    by = Account.objects.select_related("person").get(username=f"{DEMO_PREFIX}clerk")
    committee = Organisation.objects.get(code=COMMITTEE)
    if closing_day(since.year) <= today:
        _closed(by, committee, since.year)
    _running(by, committee, today)


def _planned(by: Account, committee: Organisation, occasion: Occasion, year: int, today: date) -> Campaign:
    campaign = draft(by=by, organisation=committee, occasion=occasion, year=year, today=today)
    return set_plan(by=by, campaign=campaign, budget=BUDGET, standards=STANDARDS, today=today)


def _closed(by: Account, committee: Organisation, year: int) -> None:
    """Those whom leaders stand by are visited by these alone; the others were handed their money, but for two."""
    day = day_of(Occasion.PARTY_DAY, year)
    first, met = day - timedelta(days=26), day - timedelta(days=14)
    campaign = _planned(by, committee, Occasion.PARTY_DAY, year, first)
    for row in _names(campaign):
        if row.fen is None:
            strike(by=by, candidate=row, reason="由联系的领导另行走访", today=first)
    ask_branches(by=by, campaign=campaign, due_on=met, today=first)
    for place in _places(campaign):
        confirm_names(by=by, campaign=campaign, organisation=place, struck={}, today=met)
    decide(by=by, campaign=campaign, on=met, minutes=f"党委会纪要〔{year}〕11 号", today=met)
    for place, row in enumerate(_names(campaign)):
        on = day - timedelta(days=12 - place % 11)
        if place in (4, 9):
            give_back(by=by, candidates=[row], reason="本人去外地子女家，约好回来再看", today=day - timedelta(days=1))
        elif place % 5 == 2:
            handed = Handed(on, Candidate.Receiver.SUBSTITUTE, substitute="家属", relation="配偶")
            hand_over(by=by, candidate=row, handed=handed, today=on)
        else:
            hand_over(by=by, candidate=row, handed=Handed(on), today=on)
    words = "慰问金在七一前送到，反映的看病、住房方面的困难已转支部跟进。"
    close(by=by, campaign=campaign, summary=words, today=closing_day(year))


def _running(by: Account, committee: Organisation, today: date) -> None:
    """Planned and being confirmed: most branches said yes, one struck a name, a few have not answered yet."""
    occasion = Occasion.SPRING_FESTIVAL
    day = next(on for year in (today.year, today.year + 1) if (on := day_of(occasion, year)) > today)
    campaign = _planned(by, committee, occasion, day.year, today)
    about = Candidate.objects.of(campaign).filter(person__name=ADDED).first()
    if about is None:
        home = Organisation.objects.get(code=HOME)
        person = home.memberships.on(today).select_related("person").get(person__name=ADDED).person
        about = add_by_hand(by=by, campaign=campaign, person=person, reason=BECAUSE, today=today)
        assign(by=by, candidates=[about], fen=60_000, source=Source.DUES, gift="米、油", today=today)
    due = min(max(today, day - timedelta(days=clock_of(occasion).confirm)), campaign.deliver_by)
    ask_branches(by=by, campaign=campaign, due_on=due, today=today)
    places = [place for place in _places(campaign) if place.code != HOME]
    for place in places[: -LATE_YES + 1]:
        mine = list(_names(campaign).filter(organisation=place))
        struck = {mine[0].pk: "本人说家里已经好转，请让给更困难的同志"} if place == places[0] and len(mine) > 1 else {}
        confirm_names(by=by, campaign=campaign, organisation=place, struck=struck, today=today)
    head = Post.objects.on(today).select_related("person").get(organisation__code=HOME, role=Role.SECRETARY).person
    if here := list(_names(campaign).filter(organisation__code=HOME).exclude(person=head)):
        assign(by=by, candidates=here, visitor=head, today=today)


def _names(campaign: Campaign):
    return campaign.candidates.listed().select_related("campaign", "organisation").order_by("path", "pk")


def _places(campaign: Campaign) -> list[Organisation]:
    found = campaign.candidates.unconfirmed().order_by("path").values_list("organisation", flat=True).distinct()
    return list(Organisation.objects.filter(pk__in=found).order_by("path"))
