"""A college's office around a fund, and one application led to wherever a test begins. Sums are fen."""

from datetime import date, datetime, timedelta

from base.money import Source
from fund import services
from fund.applying import deciding, filing, noticing, paying
from fund.applying.reviewing import Review, Vote, review
from fund.journal import Desk
from fund.models import Application, Decision, Filer
from fund.regulating import follow, text_of
from fund.regulation.steps import Move
from members.enums import Role
from members.models import Account
from tests.fund.money import NOW
from tests.world import account, member, person, post

OPENED = date(2025, 1, 1)
ACCOUNT = filing.Account("李建国", "建设银行", "6217000012345678901")


def later(days: int, hours: int = 0) -> datetime:
    return NOW + timedelta(days=days, hours=hours)


class Office:
    """The cast, a fund at its committee that follows ``code``, and who works there: head, clerk, cashier, members of
    the committee. ``by(person)`` is somebody's account.
    """

    def __init__(self, cast, code: str = "default", amount: int = 5_000_000):
        self.cast = cast
        self.fund = services.open_fund(cast.committee, on=OPENED)
        services.receive(self.fund, self.desk(), source=Source.DUES, amount=amount)
        follow(by=None, fund=self.fund, text=text_of(code), since=OPENED, now=NOW)
        self.head = member("宋岩", cast.direct)
        post(self.head, cast.committee, Role.DEPARTMENT_HEAD)
        self.clerk = cast.clerk
        self.second_clerk = member("苏文", cast.direct)
        post(self.second_clerk, cast.committee, Role.DEPARTMENT_CLERK)
        self.cashier = person("吴静")
        post(self.cashier, cast.committee, Role.CASHIER)
        self.board = [cast.committee_secretary]
        for name in ("程立新", "许志刚", "韩冬", "罗岚"):
            self.board.append(member(name, cast.direct))
            post(self.board[-1], cast.committee, Role.COMMISSIONER)

    @staticmethod
    def by(someone) -> Account:
        return Account.objects.filter(person=someone).first() or account(someone)

    def asking(self, asked=200_000, kind="hardship", **more) -> filing.Asking:
        content = filing.Content(reason="配偶长期住院，自付部分较大。", own_income=120_000, account=ACCOUNT)
        return filing.Asking(kind, asked, content, agreed_on=NOW.date(), **more)

    def drafted(self, who=None, *, by=None, asking=None, now=NOW) -> Application:
        who = who or self.cast.li
        filer = Filer.SELF if by in (None, who) else Filer.BRANCH
        given = asking or self.asking()
        return filing.draft(by=self.by(by or who), person=who, asking=given, filer=filer, now=now)

    def submitted(self, who=None, *, now=NOW, **more) -> Application:
        row = self.drafted(who, now=now, **more)
        filing.submit(by=self.by(row.filed_by), application=row, serial=0, now=now)
        return self.fresh(row)

    @staticmethod
    def fresh(row):
        return type(row).objects.get(pk=row.pk)

    def vote(self, now=NOW, **more) -> Vote:
        given = {"body": "branch_committee", "on": now.date(), "entitled": 5, "present": 5, "agree": 5}
        return Vote(**(given | more))

    def reviewed(self, row, someone, *, fen=200_000, move=Move.PASS, now=NOW, **more) -> Application:
        if row.state == "branch-review":
            more.setdefault("vote", self.vote(now))
        said = Review(move, more.pop("opinion", "情况属实。"), fen if move == Move.PASS else None, **more)
        review(by=self.by(someone), application=row, review=said, serial=row.serial, now=now)
        return self.fresh(row)

    def ready(self, who=None, *, fen=200_000, now=NOW, **more) -> Application:
        """An application that waits for a meeting."""
        row = self.submitted(who, now=now, **more)
        own = row.person_id == self.cast.secretary.pk
        row = self.reviewed(row, self.cast.commissioner if own else self.cast.secretary, fen=fen, now=now)
        if row.state == "general-review":
            row = self.reviewed(row, self.cast.general_secretary, fen=fen, now=now)
        return self.reviewed(row, self.clerk, fen=fen, now=now)

    def sitting(self, now=NOW, *, minutes="云水党纪〔2026〕21号", body="committee", people=None, present=None):
        people = people or self.board
        return deciding.Sitting(
            self.fund,
            body,
            "党委会（2026 年第 21 次）",
            now.date(),
            minutes,
            people,
            people if present is None else present,
        )

    def result(self, row, *, fen=200_000, outcome=Decision.Outcome.AGREED, agree=5, source=Source.DUES, **more):
        agreed = outcome == Decision.Outcome.AGREED
        pots = {self.fund.pk: deciding.Pot(source)} if agreed else {}
        given = {"fen": fen if agreed else 0, "pots": pots, "agree": agree, "against": 0 if agreed else 5 - agree}
        return deciding.Result(row, row.serial, outcome, **(given | more))

    def decided(self, *rows, now=NOW, fen=200_000, **more) -> list[Application]:
        results = [self.result(row, fen=fen) for row in rows]
        deciding.decide(by=self.by(self.head), sitting=self.sitting(now, **more), results=results, now=now)
        return [self.fresh(row) for row in rows]

    def posted(self, *rows, now=NOW):
        posting = noticing.Posting(
            "关于拟帮扶对象的公示", "个人申请、支部审核、党委会研究。", "0371-60000000", "组织部"
        )
        return noticing.post_notice(by=self.by(self.clerk), applications=rows, posting=posting, now=now)

    def passed(self, who=None, *, fen=200_000) -> Application:
        """An application whose notice is over: it waits for its payment, on the tenth day from now."""
        (row,) = self.decided(self.ready(who, fen=fen), fen=fen)
        notice = self.posted(row)
        noticing.finish_notice(by=self.by(self.clerk), notice=notice, result="", now=later(10))
        return self.fresh(row)

    def desk(self) -> Desk:
        return Desk(OPENED, NOW)

    def first_class(self) -> str:
        return self.fund.regulations.get().parsed.standards[0].of

    def paid(self, row, *, now=None):
        return self.paid_of(row, self.fund, self.cashier, now=now)

    def paid_of(self, row, fund, cashier, *, now=None):
        now, by = now or later(10), self.by(cashier)
        grant = row.grants.get(fund=fund, reservation__unpaid__gt=0)
        batch = paying.list_batch(by=by, fund=fund, grants=[grant], on=now.date(), now=now)
        paying.settle_batch(by=by, batch=batch, slip="JH20261203", on=now.date(), now=now)
        return batch.payments.get()
