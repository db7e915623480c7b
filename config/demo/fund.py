"""The demo's care fund: a year of its books, twelve applications to every outcome, and what waits for today.

Everything goes in by the services the pages call, on the day it would have been entered.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from heapq import heapify, heappop, heappush

from base.money import Source
from config.demo.books import enter_books, enter_calendar, moment, own_regulation
from config.demo.people import COMMITTEE, HOME
from fund import running
from fund.applying import deciding, filing, noticing, paying
from fund.applying.reviewing import Review, Vote, review
from fund.applying.steps import Doing, take_step
from fund.applying.turns import awaited, barred_from, line_of, places_of, steps_of, turn_of
from fund.models import Application, Decision, Filer, Fund, Objection, Use
from fund.regulating import follow
from fund.regulation.steps import Move
from fund.regulation.words import HANDS
from members.accounts import DEMO_PREFIX
from members.enums import Role, Standing
from members.models import Account, Membership, Organisation, Person, Post

REASONS = {
    "hardship": "家中两人无固定收入，今年修缮老屋借了钱，日常开支紧张。",
    "frail": "年初住院手术，医保报销后自付部分较大，家人轮流陪护。",
    "sudden": "家里失火，生活用品大多烧毁，暂住亲戚家。",
}
BANK = "示例银行云河支行"
KINDS = ("hardship", "frail", "hardship", "frail", "hardship", "frail", "hardship")
BODY = "committee"
CHANGED = "YH0202"


Story = Iterator[date]
"""What happens to one application: yields the day before it does what happens on it."""


def enter_fund(*, since: date, today: date) -> None:
    """Enter the fund's year: what is over hangs on the first death of the year, what waits on ``today``."""
    _Year(since, today).enter()


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
        enter_calendar(by=self.clerk, since=self.since, today=self.today)
        self.fund = enter_books(self.committee, self.since, head=self.head, cashier=self.cashier)
        died, dead_on = self._first_dead()
        begin = dead_on - timedelta(days=12)
        people = [person for person in self._people(begin) if person != died]
        self._in_order(
            self._first_meeting(people[:7], died, dead_on, begin),
            *(story(person, begin) for story, person in zip(self._others(), people[7:11], strict=True)),
            *self._waiting(people[11:]),
            self._children(self.today - timedelta(days=20)),
        )

    @staticmethod
    def _in_order(*stories: Story) -> None:
        """Tell the stories side by side, so that what is entered comes in the order of its days."""
        queue = [(next(story), place, story) for place, story in enumerate(stories)]
        heapify(queue)
        while queue:
            _day, place, story = heappop(queue)
            if following := next(story, None):
                heappush(queue, (following, place, story))

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
            by=filer, person=person, asking=asking, now=moment(day),
            filer=Filer.SELF if filer.person_id == person.pk else Filer.BRANCH,
        )  # fmt: skip
        filing.submit(by=filer, application=row, serial=0, now=moment(day, 11))
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
        turn = turn_of(step, line, day, but=barred_from(row, step))
        return next(self.accounts[each.pk] for each in turn.people if each.pk in self.accounts and each.pk not in had)

    def reviewed(self, row: Application, day: date, *, fen=200_000, move=Move.PASS, opinion="情况属实，同意。"):
        vote = None
        if row.state == "branch-review":
            vote = Vote("branch_committee", day, 3, 3, 3 if move == Move.PASS else 0, 0 if move == Move.PASS else 3)
        said = Review(move, opinion, fen if move == Move.PASS else None, vote)
        by = self.actor(row, day)
        review(by=by, application=row, review=said, serial=row.serial, now=moment(day, 15))
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
        deciding.decide(by=self.head, sitting=sitting, results=results, now=moment(day, 17))
        return [self.fresh(row) for row in rows]

    def posted(self, rows: list[Application], day: date):
        posting = noticing.Posting(
            f"关于{day.year}年度党内关怀帮扶专项资金拟帮扶对象的公示",
            "依据本单位资金管理办法，经个人申请、支部审核、组织部复核、党委会研究，现将拟帮扶对象公示如下。",
            "0371-60001100", "组织部", "机关一楼党务公开栏",
        )  # fmt: skip
        return noticing.post_notice(by=self.clerk, applications=rows, posting=posting, now=moment(day, 9))

    def paid(self, rows: list[Application], day: date) -> list:
        """By one list for the bank for each fund that bears a part."""
        payments = []
        for fund in Fund.objects.filter(grants__application__in=rows).distinct().order_by("pk"):
            grants = list(fund.grants.filter(application__in=rows, reservation__unpaid__gt=0).order_by("pk"))
            if grants:
                batch = paying.list_batch(by=self.cashier, fund=fund, grants=grants, on=day, now=moment(day))
                slip = f"YH{day:%m%d}{batch.pk:03}"
                paying.settle_batch(by=self.cashier, batch=batch, slip=slip, on=day, now=moment(day, 16))
                payments += batch.payments.select_related("grant").order_by("grant")
        return payments

    def received(self, payments, day: date, **more) -> None:
        for payment in payments:
            paying.receive(by=self.cashier, payment=payment, on=day, now=moment(day, 14), **more)

    def visited(self, row: Application, day: date) -> None:
        row = self.fresh(row)
        doing = Doing("上门看过，钱用在看病和过冬上，家里情况稳定。", on=day)
        by = self.actor(row, day)
        take_step(by=by, application=row, move=Move.PASS, now=moment(day), serial=row.serial, doing=doing)

    # The first meeting: eight applications

    def _first_meeting(self, people: list[Person], died: Person, dead_on: date, begin: date) -> Story:
        yield begin
        rows = [self.apply(person, begin, kind) for person, kind in zip(people, KINDS, strict=True)]
        rows.insert(4, self.apply(died, begin, "frail"))
        rows = [self.until(row, "decision", begin) for row in rows]
        yield (day := begin + timedelta(days=4))
        rows = self.decided(rows, day, refused=rows[6])
        yield (day := day + timedelta(days=1))
        notice = self.posted([row for row in rows if row.state == "notice"], day)
        told = day + timedelta(days=1)
        said = ((rows[2], "反映其子女经商，家庭并不困难。"), (rows[3], "反映其不住在本地。"))
        objections = []
        for row, text in said:
            objections.append(noticing.object_to(
                by=self.clerk, line=notice.lines.get(application=row), received_on=told, who="匿名", contact="",
                text=text, now=moment(told),
            ))  # fmt: skip
        yield (day := told + timedelta(days=1))
        answers = (
            (Objection.Outcome.UPHELD, "经入户核查属实，取消帮扶。"),
            (Objection.Outcome.DISMISSED, "经核查，申请人长期住在本地，反映不实。"),
        )
        for objection, (outcome, words) in zip(objections, answers, strict=True):
            noticing.answer(by=self.clerk, objection=objection, outcome=outcome, words=words, now=moment(day))
        yield dead_on
        take_step(by=self.clerk, application=self.fresh(rows[4]), move=Move.DEATH, now=moment(dead_on, 18))
        over = max(notice.ends_on + timedelta(days=4), dead_on + timedelta(days=1))
        yield over
        noticing.finish_notice(
            by=self.clerk, notice=notice, result="公示期满。异议两条，均已书面答复。", now=moment(over)
        )
        rows = [self.fresh(row) for row in rows]
        yield from self._first_payments([row for row in rows if row.state == "payment"], over)

    def _first_payments(self, rows: list[Application], day: date) -> Story:
        """All but one are closed; that one came back from the bank, was paid anew and waits for its return visit; one
        gave part of it back.
        """
        yield (day := day + timedelta(days=1))
        payments = self.paid(rows, day)
        failed, others = payments[-1], payments[:-1]
        yield (day := day + timedelta(days=1))
        self.received(others, day)
        paying.fail(by=self.cashier, payment=failed, reason="账号有误，银行退回", on=day, now=moment(day))
        grant = failed.grant
        account = filing.Account(grant.person.name, BANK, f"6210000001{grant.person_id:08}")
        paying.correct_payee(by=self.clerk, grant=grant, account=account, reason="原账号抄错一位")
        yield (day := day + timedelta(days=1))
        again = self.paid([grant.application], day)
        yield (day := day + timedelta(days=1))
        self.received(again, day, substitute=paying.Substitute("家属", "配偶", "本人住院"))
        yield (day := day + timedelta(days=2))
        paying.pay_back(
            by=self.cashier, grant=rows[1].grants.first(), amount=50_000, reason="医保二次报销后本人主动退回", on=day,
            now=moment(day),
        )  # fmt: skip
        yield (day := min(day + timedelta(days=6), self.today))
        for row in rows[:-1]:
            self.visited(row, day)

    # The other four

    def _others(self) -> list[Callable[[Person, date], Story]]:
        return [self._sent_back, self._taken_back, self._in_need, self._shared]

    def _sent_back(self, person: Person, day: date) -> Story:
        yield day
        row = self.apply(person, day)
        yield (day := day + timedelta(days=2))
        self.reviewed(row, day, move=Move.RETURN, opinion="请补上住院费用结算单。")

    def _taken_back(self, person: Person, day: date) -> Story:
        yield day
        row = self.apply(person, day)
        yield (day := day + timedelta(days=1))
        filing.withdraw(
            by=self.accounts[row.filed_by_id], application=row, serial=row.serial, now=moment(day),
            reason="子女已找到工作，把名额让给更困难的同志",
        )  # fmt: skip

    def _in_need(self, person: Person, day: date) -> Story:
        """Urgent: paid before it was shown, not before it was decided."""
        yield day
        row = self.until(self.apply(person, day, "sudden", urgent=True), "decision", day)
        yield (day := day + timedelta(days=2))
        (row,) = self.decided([row], day)
        yield (day := day + timedelta(days=1))
        self.received(self.paid([row], day), day)
        yield (day := day + timedelta(days=1))
        notice = self.posted([self.fresh(row)], day)
        yield (day := notice.ends_on + timedelta(days=1))
        noticing.finish_notice(by=self.clerk, notice=notice, result="", now=moment(day))
        yield (day := day + timedelta(days=3))
        self.visited(row, day)

    def _shared(self, person: Person, day: date) -> Story:
        """Of the office's own regulation: three tenths are the general branch's, seven the committee's."""
        yield (day := day + timedelta(days=8))
        follow(by=self.head, fund=self.fund, text=own_regulation(), since=day, now=moment(day))
        yield (day := day + timedelta(days=1))
        row = self.until(self.apply(person, day), "decision", day)
        yield (day := day + timedelta(days=4))
        (row,) = self.decided([row], day)
        yield (day := day + timedelta(days=1))
        notice = self.posted([row], day)
        yield (day := notice.ends_on + timedelta(days=1))
        noticing.finish_notice(by=self.clerk, notice=notice, result="", now=moment(day))
        payments = self.paid([self.fresh(row)], day)
        yield (day := day + timedelta(days=1))
        self.received(payments, day)
        yield (day := min(day + timedelta(days=4), self.today))
        self.visited(row, day)

    def _children(self, day: date) -> Story:
        """The year's allowance for the children of who died on duty: decided, and waiting for its payment."""
        yield day
        run = running.prepare(
            by=self.clerk, fund=self.fund, kind="children", year=day.year, each=150_000, source=Source.DUES,
            now=moment(day),
        )  # fmt: skip
        total = sum(run.lines.values_list("fen", flat=True))
        yield (day := day + timedelta(days=2))
        minutes = f"云水党纪〔{day.year}〕{day.month * 2}号"
        if total:
            running.decide_run(
                by=self.head, run=run, body=BODY, on=day, minutes=minutes, votes=(7, 7, 7), total=total, now=moment(day)
            )

    # What waits today

    def _waiting(self, people: list[Person]) -> list[Story]:
        """One at each step: payment, notice, three for the next meeting, two for the department, one for a general
        branch, one for the demo's branch.
        """
        begin = self.today - timedelta(days=8)
        home = Organisation.objects.get(code=HOME)
        other = Person.objects.get(name="赵秀兰", memberships__organisation=home)
        return [
            self._to_pay(people[0], self.today - timedelta(days=24)),
            self._on_the_wall(people[1], begin),
            *(self._as_far_as("decision", people[2 + place], begin, kind) for place, kind in enumerate(KINDS[:3])),
            *(self._as_far_as("department-review", person, begin) for person in people[5:7]),
            self._as_far_as("general-review", other, begin, "frail"),
            self._own(begin + timedelta(days=4)),
        ]

    def _as_far_as(self, state: str, person: Person, day: date, kind: str = "hardship") -> Story:
        yield day
        self.until(self.apply(person, day, kind), state, day)

    def _own(self, day: date) -> Story:
        yield day
        member = self._account("member")
        self.apply(member.person, day, by=member)

    def _to_pay(self, person: Person, day: date) -> Story:
        yield day
        row = self.until(self.apply(person, day), "decision", day)
        yield (day := day + timedelta(days=4))
        (row,) = self.decided([row], day)
        yield (day := day + timedelta(days=1))
        notice = self.posted([row], day)
        if (day := notice.ends_on + timedelta(days=1)) <= self.today:
            yield day
            noticing.finish_notice(by=self.clerk, notice=notice, result="", now=moment(day, 8))

    def _on_the_wall(self, person: Person, day: date) -> Story:
        yield day
        row = self.until(self.apply(person, day, "frail"), "decision", day)
        yield (day := day + timedelta(days=4))
        (row,) = self.decided([row], day)
        yield (day := day + timedelta(days=2))
        self.posted([row], day)
