"""The demo's care fund: a year of its books, twelve applications to every outcome, and what waits for today.

Everything goes in by the services the pages call, on the day it would have been entered.
"""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from base.arranging import set_arrangement
from base.dates import civil_day
from base.money import Source
from base.workdays import ARRANGEMENTS
from config.demo.people import COMMITTEE, HOME
from fund import services
from fund.applying import deciding, filing, noticing, paying
from fund.applying.reviewing import Review, Vote, review
from fund.applying.steps import Doing, take_step
from fund.applying.turns import awaited, line_of, own_parties, places_of, steps_of, turn_of
from fund.journal import Desk
from fund.models import Application, Decision, Filer, Fund, Objection, Use
from fund.regulating import follow, text_of
from fund.regulation.steps import Move, Stage
from fund.regulation.words import HANDS
from members.accounts import DEMO_PREFIX
from members.enums import OrganisationKind, Role, Standing
from members.models import Account, Membership, Organisation, Person, Post

INCOME = (
    (Source.DUES, 12_000_000, "本级留存党费划入"),
    (Source.FISCAL, 6_000_000, "财政补助"),
)
BUDGET = 20_000_000
LOWER = 2_000_000
"""What each general branch's fund is passed down, from the money of the treasury."""

SHARES = """
[shares]
portions = [{ level = "general_branch", percent = 30 }, { level = "committee", percent = 70 }]
basis = "@own"
set_by = { portions = "organisation" }
"""
REASONS = {
    "hardship": "家中两人无固定收入，今年修缮老屋借了钱，日常开支紧张。",
    "frail": "年初住院手术，医保报销后自付部分较大，家人轮流陪护。",
    "sudden": "家里失火，生活用品大多烧毁，暂住亲戚家。",
}
BANK = "示例银行云河支行"
BODY = "committee"
INVENTED = "演示数据：编的放假安排，不是国务院办公厅的通知"
CHANGED = "YH0202"


def own_regulation() -> str:
    """The office's own text: the product's default with its own code, and shares of 30 and 70."""
    text = text_of("default").replace('code = "default"', 'code = "yunhe-2026"', 1)
    text = text.replace("党内关怀帮扶资金管理办法（通用）", "云河水文局党内关怀帮扶资金管理办法")
    return text.replace('issuer = "系统自带"', 'issuer = "中共云河水文局委员会"', 1) + SHARES


def enter_fund(*, since: date, today: date) -> None:
    """Enter the fund's year: what is over hangs on the first death of the year, what waits on ``today``."""
    _Year(since, today).enter()


def _at(day: date, hour: int = 10) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour)))


class _Year:
    def __init__(self, since: date, today: date):
        self.since, self.today = since, today
        self.committee = Organisation.objects.get(code=COMMITTEE)
        self.accounts = {
            account.person_id: account
            for account in Account.objects.select_related("person").exclude(person=None).order_by("pk")
        }
        self.head, self.clerk = self._account("head"), self._account("clerk")
        self.cashier = self._account("cashier")
        self.serials = 0

    @staticmethod
    def _account(name: str) -> Account:
        return Account.objects.select_related("person").get(username=f"{DEMO_PREFIX}{name}")

    def enter(self) -> None:
        self._calendar()
        self._books()
        died, dead_on = self._first_dead()
        begin = dead_on - timedelta(days=12)
        people = [person for person in self._people(begin) if person != died]
        closed = [self.apply(person, begin, kind) for person, kind in zip(people[:7], self._kinds(), strict=False)]
        closed.insert(4, self.apply(died, begin, "frail"))
        self._first_meeting(closed, begin + timedelta(days=4))
        self._others(people[7:11], begin)
        self._waiting(people[11:], self.today)

    def _calendar(self) -> None:
        """Years that the product does not know get invented days off, and say so."""
        for year in range(self.since.year, self.today.year + 2):
            if year not in ARRANGEMENTS:
                off = [
                    date(year, 1, 1),
                    *(date(year, 2, day) for day in range(8, 13)),
                    *(date(year, 5, day) for day in range(1, 6)),
                    *(date(year, 10, day) for day in range(1, 8)),
                ]
                set_arrangement(by=self.clerk, year=year, off=off, worked=[], basis=INVENTED, today=self.since)

    # Books

    def _books(self) -> None:
        self.fund = services.open_fund(self.committee, on=self.since)
        desk = Desk(self.since, _at(self.since), self.cashier.pk)
        follow(by=self.head, fund=self.fund, text=text_of("default"), since=self.since, now=_at(self.since))
        services.set_budget(self.fund, self.since.year, BUDGET)
        for source, fen, words in INCOME:
            services.receive(self.fund, desk, source=source, amount=fen, words=words)
        gifts = Desk(self.since + timedelta(days=2), _at(self.since + timedelta(days=2)), self.cashier.pk)
        services.receive(
            self.fund, gifts, source=Source.MEMBERS, amount=1_280_000, receipt=f"{self.since.year}-001",
            donor="机关在职党员 43 人", words="党员自愿捐款",
        )  # fmt: skip
        services.receive(
            self.fund, gifts, source=Source.ORGANISATIONS, amount=2_000_000, earmark=Use.ILLNESS, anonymous=True,
            receipt=f"{self.since.year}-002", donor="示例水利建设有限公司党支部", words="指定用于重病补助",
        )  # fmt: skip
        below = (
            Organisation.objects.within(self.committee).filter(kind=OrganisationKind.GENERAL_BRANCH).order_by("path")
        )
        for place in below:
            lower = services.open_fund(place, on=self.since)
            services.pass_down(self.fund, lower, desk, source=Source.FISCAL, amount=LOWER // 4, words="拨付总支")

    # People

    def _first_dead(self) -> tuple[Person, date]:
        rows = Membership.objects.filter(standing=Standing.DEAD, path__startswith=self.committee.path)
        row = rows.filter(since__gt=self.since).select_related("person").order_by("since", "pk").first()
        return row.person, row.since

    def _people(self, day: date) -> list[Person]:
        """Members who hold no post, branch by branch in turn; not of the branch whose secretary changed in the year."""
        busy = Post.objects.values("person")
        stays = Membership.objects.on(day).filter(standing=Standing.FULL, path__startswith=self.committee.path)
        stays = (
            stays.exclude(organisation__code=CHANGED)
            .exclude(person__in=busy)
            .exclude(person__in=self.accounts)
            .select_related("person")
        )
        stays = stays.exclude(person__memberships__standing=Standing.DEAD).order_by("organisation__code", "pk")
        by_branch: dict[int, list[Person]] = {}
        for stay in stays:
            by_branch.setdefault(stay.organisation_id, []).append(stay.person)
        lines = list(by_branch.values())
        return [line[3 + place // len(lines)] for place, line in enumerate(lines * 2)]

    @staticmethod
    def _kinds() -> list[str]:
        return ["hardship", "frail", "hardship", "frail", "hardship", "frail", "hardship"]

    # Steps

    def apply(self, person: Person, day: date, kind: str = "hardship", *, urgent=False, by=None) -> Application:
        """Filed by the branch's commissioner, or by the member."""
        stay = person.memberships.on(day).get()
        filer = by or self._holder(stay.organisation, Role.ORGANISATION_COMMISSIONER, day)
        content = filing.Content(
            reason=REASONS[kind], own_income=168_000, phone="",
            family=[{"name": f"{person.name[0]}家属", "relation": "配偶", "work": "无业", "income": 0}],
            account=filing.Account(person.name, BANK, f"6210000000{person.pk:08}"),
        )  # fmt: skip
        asking = filing.Asking(kind, 300_000 if kind != "sudden" else 200_000, content, "", urgent, day)
        row = filing.draft(
            by=filer, person=person, asking=asking, now=_at(day),
            filer=Filer.SELF if filer.person_id == person.pk else Filer.BRANCH,
        )  # fmt: skip
        filing.submit(by=filer, application=row, serial=0, now=_at(day, 11))
        return self.fresh(row)

    def _holder(self, organisation: Organisation, role: Role, day: date) -> Account:
        posts = Post.objects.on(day).filter(organisation=organisation, role=role, person__in=self.accounts)
        return self.accounts[posts.order_by("pk").first().person_id]

    @staticmethod
    def fresh(row: Application) -> Application:
        related = ("regulation", "fund__organisation", "organisation", "person")
        return Application.objects.select_related(*related).get(pk=row.pk)

    def actor(self, row: Application, day: date) -> Account:
        """Somebody whose turn the awaited step is, who had no part in it."""
        line = line_of(row.organisation, row.fund, day)
        step = awaited(row, steps_of(row, places_of(line)))
        had = set(row.parts.values_list("person", flat=True)) if step.kind in HANDS else set()
        turn = turn_of(step, line, day, but=own_parties(row))
        return next(self.accounts[each.pk] for each in turn.people if each.pk in self.accounts and each.pk not in had)

    def reviewed(self, row: Application, day: date, *, fen=200_000, move=Move.PASS, opinion="情况属实，同意。"):
        vote = None
        if row.state == "branch-review":
            vote = Vote("branch_committee", day, 3, 3, 3 if move == Move.PASS else 0, 0 if move == Move.PASS else 3)
        said = Review(move, opinion, fen if move == Move.PASS else None, vote)
        by = self.actor(row, day)
        review(by=by, application=row, review=said, serial=row.serial, now=_at(day, 15))
        return self.fresh(row)

    def until(self, row: Application, state: str, day: date, *, fen=200_000) -> Application:
        """Reviewed, a day each, until ``state`` is waited for."""
        while row.state != state:
            row = self.reviewed(row, day, fen=fen)
            day += timedelta(days=1)
        return row

    def decided(self, rows: list[Application], day: date, *, refused: Application | None = None) -> list[Application]:
        board = Post.objects.on(day).filter(organisation=self.committee).exclude(role__in=(
            Role.DEPARTMENT_CLERK, Role.DEPARTMENT_HEAD, Role.CASHIER, Role.ACCOUNTANT, Role.INSPECTOR,
            Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDITOR,
        ))  # fmt: skip
        people = list(dict.fromkeys(post.person for post in board.select_related("person").order_by("pk")))
        self.serials += 1
        sitting = deciding.Sitting(
            self.fund, BODY, f"党委会（{day.year} 年第 {day.month * 2 + self.serials} 次）", day,
            f"云水党纪〔{day.year}〕{day.month * 2 + self.serials}号", people, people,
        )  # fmt: skip
        results = []
        for place, row in enumerate(rows):
            if row == refused:
                said = "近年已有多项救助，暂不列入。"
                against = len(people) - 1
                results.append(deciding.Result(
                    row, row.serial, Decision.Outcome.REFUSED, agree=1, against=against, reason=said
                ))  # fmt: skip
                continue
            source = Source.FISCAL if place % 3 == 2 else Source.DUES
            pot = deciding.Pot(source)
            if row.kind == "frail":
                pot = deciding.Pot(Source.ORGANISATIONS, Use.ILLNESS) if place % 2 else deciding.Pot(Source.DUES)
            funds = deciding.portions_of(row, 200_000, day)
            pots = {fund.pk: pot if fund == self.fund else deciding.Pot(Source.FISCAL) for fund in funds}
            results.append(deciding.Result(
                row, row.serial, Decision.Outcome.AGREED, 200_000, pots, agree=len(people)
            ))  # fmt: skip
        deciding.decide(by=self.head, sitting=sitting, results=results, now=_at(day, 17))
        return [self.fresh(row) for row in rows]

    def posted(self, rows: list[Application], day: date):
        posting = noticing.Posting(
            f"关于{day.year}年度党内关怀帮扶专项资金拟帮扶对象的公示",
            "依据本单位资金管理办法，经个人申请、支部审核、组织部复核、党委会研究，现将拟帮扶对象公示如下。",
            "0371-60001100", "组织部", "机关一楼党务公开栏",
        )  # fmt: skip
        return noticing.post_notice(by=self.clerk, applications=rows, posting=posting, now=_at(day, 9))

    def paid(self, rows: list[Application], day: date) -> list:
        """By one list for the bank for each fund that bears a part."""
        payments = []
        for fund in Fund.objects.filter(grants__application__in=rows).distinct().order_by("pk"):
            grants = list(fund.grants.filter(application__in=rows, reservation__unpaid__gt=0).order_by("pk"))
            if grants:
                batch = paying.list_batch(by=self.cashier, fund=fund, grants=grants, on=day, now=_at(day))
                slip = f"YH{day:%m%d}{batch.pk:03}"
                paying.settle_batch(by=self.cashier, batch=batch, slip=slip, on=day, now=_at(day, 16))
                payments += batch.payments.select_related("grant").order_by("grant")
        return payments

    def received(self, payments, day: date, **more) -> None:
        for payment in payments:
            paying.receive(by=self.cashier, payment=payment, on=day, now=_at(day, 14), **more)

    def visited(self, row: Application, day: date) -> None:
        row = self.fresh(row)
        doing = Doing("上门看过，钱用在看病和过冬上，家里情况稳定。", on=day)
        by = self.actor(row, day)
        take_step(by=by, application=row, move=Move.PASS, now=_at(day), serial=row.serial, doing=doing)

    # The first meeting: eight applications

    def _first_meeting(self, rows: list[Application], day: date) -> None:
        rows = [self.until(row, "decision", civil_day(row.taken.get(serial=1).at)) for row in rows]
        rows = self.decided(rows, day, refused=rows[6])
        shown = [row for row in rows if row.state == "notice"]
        notice = self.posted(shown, day + timedelta(days=1))
        upheld, dismissed, died = rows[2], rows[3], rows[4]
        told = day + timedelta(days=2)
        for row, text in ((upheld, "反映其子女经商，家庭并不困难。"), (dismissed, "反映其不住在本地。")):
            objection = noticing.object_to(
                by=self.clerk, line=notice.lines.get(application=row), received_on=told, who="匿名", contact="",
                text=text, now=_at(told),
            )  # fmt: skip
            outcome = Objection.Outcome.UPHELD if row == upheld else Objection.Outcome.DISMISSED
            words = "经入户核查属实，取消帮扶。" if row == upheld else "经核查，申请人长期住在本地，反映不实。"
            noticing.answer(
                by=self.clerk, objection=objection, outcome=outcome, words=words, now=_at(told + timedelta(days=1))
            )
        gone = died.person.memberships.get(standing=Standing.DEAD).since
        over = max(notice.ends_on + timedelta(days=4), gone + timedelta(days=1))
        take_step(by=self.clerk, application=self.fresh(died), move=Move.DEATH, now=_at(gone, 18))
        noticing.finish_notice(by=self.clerk, notice=notice, result="公示期满。异议两条，均已书面答复。", now=_at(over))
        self._first_payments([self.fresh(row) for row in rows if self.fresh(row).state == "payment"], over)

    def _first_payments(self, rows: list[Application], day: date) -> None:
        """One is closed, one waits for its return visit, one came back from the bank and was paid anew, one gave part
        of it back.
        """
        payments = self.paid(rows, day + timedelta(days=1))
        failed, others = payments[-1], payments[:-1]
        self.received(others, day + timedelta(days=2))
        back = day + timedelta(days=2)
        paying.fail(by=self.cashier, payment=failed, reason="账号有误，银行退回", on=back, now=_at(back))
        grant = failed.grant
        account = filing.Account(grant.person.name, BANK, f"6210000001{grant.person_id:08}")
        paying.correct_payee(by=self.clerk, grant=grant, account=account, reason="原账号抄错一位")
        again = self.paid([grant.application], back + timedelta(days=1))
        substitute = paying.Substitute("家属", "配偶", "本人住院")
        self.received(again, back + timedelta(days=2), substitute=substitute)
        for row in rows[:-1]:
            self.visited(row, min(day + timedelta(days=12), self.today))
        paying.pay_back(
            by=self.cashier, grant=rows[1].grants.first(), amount=50_000, reason="医保二次报销后本人主动退回",
            on=back + timedelta(days=4), now=_at(back + timedelta(days=4)),
        )  # fmt: skip

    # The other four

    def _others(self, people: list[Person], day: date) -> None:
        """Sent back, withdrawn, urgent, and shared between two funds by the new regulation."""
        sent, withdrawn, urgent, shared = people
        row = self.reviewed(
            self.apply(sent, day), day + timedelta(days=2), move=Move.RETURN, opinion="请补上住院费用结算单。"
        )
        if row.state != Stage.RETURNED:
            raise ValueError("the demo's application was not sent back")
        row = self.apply(withdrawn, day)
        by = self.accounts[row.filed_by_id]
        filing.withdraw(
            by=by, application=row, serial=row.serial, reason="子女已找到工作，把名额让给更困难的同志",
            now=_at(day + timedelta(days=1)),
        )  # fmt: skip
        row = self.until(self.apply(urgent, day, "sudden", urgent=True), "decision", day)
        (row,) = self.decided([row], day + timedelta(days=2))
        self.received(self.paid([row], day + timedelta(days=3)), day + timedelta(days=3))
        notice = self.posted([self.fresh(row)], day + timedelta(days=4))
        done = notice.ends_on + timedelta(days=1)
        noticing.finish_notice(by=self.clerk, notice=notice, result="", now=_at(done))
        since = day + timedelta(days=8)
        follow(by=self.head, fund=self.fund, text=own_regulation(), since=since, now=_at(since))
        begin = since + timedelta(days=1)
        row = self.until(self.apply(shared, begin), "decision", begin)
        (row,) = self.decided([row], begin + timedelta(days=4))
        notice = self.posted([row], begin + timedelta(days=5))
        done = notice.ends_on + timedelta(days=1)
        noticing.finish_notice(by=self.clerk, notice=notice, result="", now=_at(done))
        self.received(self.paid([self.fresh(row)], done), done + timedelta(days=1))

    # What waits today

    def _waiting(self, people: list[Person], today: date) -> None:
        """One at each step: payment, notice, three for the next meeting, two for the department, one for a general
        branch, one for the demo's branch, and the member's own draft.
        """
        early = today - timedelta(days=24)
        row = self.until(self.apply(people[0], early), "decision", early)
        (row,) = self.decided([row], early + timedelta(days=4))
        notice = self.posted([row], early + timedelta(days=5))
        if notice.ends_on < today:
            noticing.finish_notice(by=self.clerk, notice=notice, result="", now=_at(today, 8))
        begin = today - timedelta(days=8)
        row = self.until(self.apply(people[1], begin, "frail"), "decision", begin)
        (row,) = self.decided([row], begin + timedelta(days=4))
        self.posted([row], begin + timedelta(days=6))
        for person, kind in zip(people[2:5], ("hardship", "frail", "hardship"), strict=True):
            self.until(self.apply(person, begin, kind), "decision", begin)
        for person in people[5:7]:
            self.until(self.apply(person, begin), "department-review", begin)
        self._at_home(begin)

    def _at_home(self, begin: date) -> None:
        """At the demo's branch one waits for its review, and one for the general branch's."""
        home = Organisation.objects.get(code=HOME)
        member = self._account("member")
        self.apply(member.person, begin + timedelta(days=4), "hardship", by=member)
        other = Person.objects.get(name="赵秀兰", memberships__organisation=home)
        self.until(self.apply(other, begin, "frail"), "general-review", begin)
