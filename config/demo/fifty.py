"""The demo's medals of fifty years: some of past years, the last 七一 with one who died before, the next one begun."""

from datetime import date

from awards.fifty.listing import Award, ask_for_days, draw_list, enter_award
from awards.fifty.permits import takes
from awards.fifty.reading import alive, july_of, next_year, reaching
from awards.fifty.review import Row, Said, take_step
from awards.fifty.steps import STEPS
from awards.models import Medal
from config.demo.people import COMMITTEE, HOME
from members.accounts import DEMO_PREFIX
from members.enums import Role, Standing
from members.models import Account, Membership, Organisation, Post

CALENDAR = {
    "verify": (3, 26), "recommend": (4, 16), "ask": (4, 24), "review": (5, 18), "approve": (6, 8), "hand": (6, 26),
}  # fmt: skip
"""On which day of its year each step of the last round was taken."""

WORDS = {
    "recommend": "党委会研究通过", "ask": "局纪委、驻地公安派出所", "review": "均无不同意见", "approve": "",
}  # fmt: skip

MISSED = 5
"""Every so many of those of past years nobody noticed: they are found late."""


def enter_fifty(*, since: date, today: date) -> None:
    """Enter them by the accounts of the committee's clerk and of the branches' secretaries."""
    clerk = Account.objects.select_related("person").get(username=f"{DEMO_PREFIX}clerk")
    committee = Organisation.objects.get(code=COMMITTEE)
    last = next_year(today) - 1
    held = date(last, 3, 1) >= since
    _past(clerk, committee, until=last - held, today=today)
    if held:
        _last_round(clerk, committee, last)
    _next_round(clerk, committee, today)


def _here(committee: Organisation, day: date):
    return alive(day).filter(path__startswith=committee.path)


def _past(clerk: Account, committee: Organisation, *, until: int, today: date) -> None:
    """Those who had fifty years by 1 July of ``until``, but for the missed ones."""
    rows = reaching(_here(committee, today), last=until).select_related("person").order_by("path", "person")
    for place, stay in enumerate(rows, 1):
        if place % MISSED == 0:
            continue
        on = date(max(2021, july_of(stay)), 6, 18 + place % 11)
        at_home = place % 3 == 0
        award = Award(
            on, means="home" if at_home else "ceremony", medal_number=f"示50-{on.year}-{place:03d}",
            certificate_number=f"证{on.year}{place:03d}", opinion="一贯表现良好",
            receiver="家属" if place % 7 == 0 else "", relation="配偶" if place % 7 == 0 else "",
        )  # fmt: skip
        enter_award(by=clerk, person=stay.person, award=award, today=today)


def _last_round(clerk: Account, committee: Organisation, year: int) -> None:
    """The round of the last 七一, step by step on its days; whoever died on the way is left out by the approver."""
    draw_list(by=clerk, organisation=committee, year=year, today=date(year, 3, 1))
    for code, (month, day) in CALENDAR.items():
        on, step = date(year, month, day), STEPS[code]
        rows = list(Medal.objects.running().filter(year=year, stage=step.after).order_by("pk"))
        if not rows:
            continue
        dead = Membership.objects.on(on).filter(standing=Standing.DEAD).values_list("person", flat=True)
        gone = set(dead.order_by("person"))
        given = {row.pk: Row(dead="died" if row.person_id in gone else "", **_handed(code, row)) for row in rows}
        if code == "verify" and (living := [row for row in rows if row.person_id not in gone]):
            given[living[-1].pk] = Row(out="在外地子女家住院，本人要求明年再颁发")
        said = Said(
            on, words=WORDS.get(code, ""), opinion="一贯表现良好" if code == "verify" else "",
            document=f"云水党组〔{year}〕9 号" if code == "approve" else "", means="ceremony",
            published_on=date(year, 5, 1) if code == "review" else None, rows=given,
        )  # fmt: skip
        take_step(by=clerk, step=step, medals=rows, said=said, today=on)


def _handed(code: str, row: Medal) -> dict:
    numbers = {"medal_number": f"示50-{row.year}-{row.pk:04d}", "certificate_number": f"证{row.year}{row.pk:04d}"}
    return numbers if code == "hand" else {}


def _next_round(clerk: Account, committee: Organisation, today: date) -> None:
    """The list of the next 七一: the branches are verifying, one has; the missing days are asked about."""
    year = next_year(today)
    draw_list(by=clerk, organisation=committee, year=year, today=today)
    ask_for_days(by=clerk, organisation=committee, today=today)
    first = Medal.objects.running().filter(year=year).exclude(organisation__code=HOME)
    first = first.select_related("organisation").order_by("organisation__path", "pk").first()
    if first is None:
        return
    led = Post.objects.on(today).filter(organisation=first.organisation, role=Role.SECRETARY).values("person")
    by = Account.objects.select_related("person").filter(person__in=led).first() or clerk
    rows = list(Medal.objects.running().filter(takes(by, committee=False), year=year, organisation=first.organisation))
    if rows:
        said = Said(today, opinion="一贯表现良好，退休后仍参加组织生活")
        take_step(by=by, step=STEPS["verify"], medals=rows, said=said, today=today)
