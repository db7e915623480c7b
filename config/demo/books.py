"""The demo's books of the care fund: what came in, what was passed down, and the days off of years to come."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from base.arranging import set_arrangement
from base.money import Source
from base.workdays import ARRANGEMENTS
from fund import services
from fund.journal import Desk
from fund.models import Fund, Use
from fund.regulating import follow, text_of
from members.enums import OrganisationKind
from members.models import Account, Organisation

INCOME = (
    (Source.DUES, 12_000_000, "本级留存党费划入"),
    (Source.FISCAL, 6_000_000, "财政补助"),
)
BUDGET = 20_000_000
LOWER = 500_000
"""What each general branch's fund is passed down, from the money of the treasury."""

SHARES = """
[shares]
portions = [{ level = "general_branch", percent = 30 }, { level = "committee", percent = 70 }]
basis = "@own"
set_by = { portions = "organisation" }
"""
INVENTED = "演示数据：编的放假安排，不是国务院办公厅的通知"


def own_regulation() -> str:
    """The office's own text: the product's default with its own code, and shares of 30 and 70."""
    text = text_of("default").replace('code = "default"', 'code = "yunhe-2026"', 1)
    text = text.replace("党内关怀帮扶资金管理办法（通用）", "云河水文局党内关怀帮扶资金管理办法")
    return text.replace('issuer = "系统自带"', 'issuer = "中共云河水文局委员会"', 1) + SHARES


def moment(day: date, hour: int = 10) -> datetime:
    """An hour of a day."""
    return timezone.make_aware(datetime.combine(day, time(hour)))


def enter_calendar(*, by, since: date, today: date) -> None:
    """Years that the product does not know get invented days off, and say so."""
    for year in range(since.year, today.year + 2):
        if year not in ARRANGEMENTS:
            off = [
                date(year, 1, 1),
                *(date(year, 2, day) for day in range(8, 13)),
                *(date(year, 5, day) for day in range(1, 6)),
                *(date(year, 10, day) for day in range(1, 8)),
            ]
            set_arrangement(by=by, year=year, off=off, worked=[], basis=INVENTED, today=since)


def enter_books(committee: Organisation, since: date, *, head: Account, cashier: Account) -> Fund:
    """The year's books of the committee and those below: budget, income, two donations, what was passed down."""
    fund = services.open_fund(committee, on=since)
    desk = Desk(since, moment(since), cashier.pk)
    follow(by=head, fund=fund, text=text_of("default"), since=since, now=moment(since))
    services.set_budget(fund, since.year, BUDGET)
    for source, fen, words in INCOME:
        services.receive(fund, desk, source=source, amount=fen, words=words)
    gifts = Desk(since + timedelta(days=2), moment(since + timedelta(days=2)), cashier.pk)
    services.receive(
        fund, gifts, source=Source.MEMBERS, amount=1_280_000, receipt=f"{since.year}-001",
        donor="机关在职党员 43 人", words="党员自愿捐款",
    )  # fmt: skip
    services.receive(
        fund, gifts, source=Source.ORGANISATIONS, amount=2_000_000, earmark=Use.ILLNESS, anonymous=True,
        receipt=f"{since.year}-002", donor="示例水利建设有限公司党支部", words="指定用于重病补助",
    )  # fmt: skip
    below = Organisation.objects.within(committee).filter(kind=OrganisationKind.GENERAL_BRANCH).order_by("path")
    for place in below:
        lower = services.open_fund(place, on=since)
        services.pass_down(fund, lower, desk, source=Source.FISCAL, amount=LOWER, words="拨付总支")
    return fund
