"""The demo's applications for less dues: one in force, one that ends soon, one refused, two that wait.

Everything goes in by the services the pages call, on the day it would have been entered.
"""

from datetime import date, timedelta

from base.dates import months_later
from config.demo.books import moment
from config.demo.people import HOME
from fund.models import DuesRelief, Filer, ReliefKind, ReliefMove, ReliefState
from fund.relief.filing import Asking, file_relief
from fund.relief.steps import Said, Terms, Vote, take
from fund.relief.turns import turn_now
from members.accounts import DEMO_PREFIX
from members.enums import Role, Standing
from members.models import Account, Membership, Person, Post

ELSEWHERE = "YH0201"
REASONS = (
    "本人提前病退，每月收入不到两千元，还要供孩子上学。",
    "爱人长期住院，家里只有本人的退休金。",
    "今年换了单位，收入比去年少一些。",
    "孩子今年上大学，家里老人又住了院，手头紧。",
    "厂里停产，只领生活费。",
)
MEETINGS = {
    ReliefState.BRANCH: ("支部党员大会", "支会"),
    ReliefState.GENERAL: ("党总支委员会", "总支会"),
    ReliefState.COMMITTEE: ("党委会", "云水党纪"),
}


def enter_relief(*, today: date) -> None:
    """Enter them: what is over lies some months back, what waits hangs on ``today``."""
    _Reliefs(today).enter()


class _Reliefs:
    def __init__(self, today: date):
        self.today, self.first = today, today.replace(day=1)
        accounts = Account.objects.select_related("person").exclude(person=None).order_by("pk")
        self.accounts = {account.person_id: account for account in accounts}

    def enter(self) -> None:
        home, away = self._people(HOME), self._people(ELSEWHERE)
        less, none = self._terms(ReliefKind.LESS, -4, 12, 50), self._terms(ReliefKind.NONE, -5, 6)
        self._approved(home[0], less, months_later(self.first, -4) + timedelta(days=2), REASONS[0])
        self._approved(home[1], none, months_later(self.first, -5) + timedelta(days=3), REASONS[1])
        day = self.today - timedelta(days=40)
        row = self._to_committee(away[0], self._terms(ReliefKind.LESS, 0, 12, 100), day, REASONS[2])
        said = "收入在规定的减免范围以外，困难是暂时的，暂不减免。"
        self._step(row, ReliefMove.REFUSE, day + timedelta(days=9), opinion=said)
        own = Account.objects.select_related("person").get(username=f"{DEMO_PREFIX}member")
        ahead = self._terms(ReliefKind.LESS, 1, 12, 100)
        self._to_committee(own.person, ahead, self.today - timedelta(days=12), REASONS[3], by=own)
        self._filed(home[2], self._terms(ReliefKind.NONE, 1, 6), self.today - timedelta(days=3), REASONS[4])

    def _people(self, code: str) -> list[Person]:
        """Members of a branch who hold no post and have no account, by their numbers."""
        stays = Membership.objects.on(self.today).filter(organisation__code=code, standing=Standing.FULL)
        stays = stays.exclude(person__in=Post.objects.values("person")).exclude(person__in=self.accounts)
        stays = stays.filter(since__lte=months_later(self.first, -6)).select_related("person").order_by("pk")
        return [stay.person for stay in stays][-3:]

    def _terms(self, kind: str, begins: int, months: int, fen: int | None = None) -> Terms:
        since = months_later(self.first, begins)
        return Terms(kind, since, months_later(since, months), fen)

    def _filed(self, person: Person, terms: Terms, day: date, reason: str, *, by: Account | None = None) -> DuesRelief:
        """Filed by the branch's commissioner, or by the member."""
        stay = person.memberships.on(day).get()
        posts = Post.objects.on(day).filter(
            organisation=stay.organisation, role=Role.ORGANISATION_COMMISSIONER, person__in=self.accounts
        )
        writer = by or self.accounts[posts.order_by("pk").first().person_id]
        filer = Filer.SELF if writer.person_id == person.pk else Filer.BRANCH
        return file_relief(by=writer, person=person, asking=Asking(terms, reason, day, filer), now=moment(day))

    def _to_committee(self, person: Person, terms: Terms, day: date, reason: str, **more) -> DuesRelief:
        row = self._filed(person, terms, day, reason, **more)
        row = self._step(row, ReliefMove.PASS, day + timedelta(days=3))
        return self._step(row, ReliefMove.PASS, day + timedelta(days=6))

    def _approved(self, person: Person, terms: Terms, day: date, reason: str) -> None:
        row = self._to_committee(person, terms, day, reason)
        self._step(row, ReliefMove.APPROVE, day + timedelta(days=9), terms=terms)

    def _step(
        self, row: DuesRelief, move: ReliefMove, day: date, *, opinion="情况属实，同意。", terms=None
    ) -> DuesRelief:
        body, minutes = MEETINGS[row.state]
        vote = Vote(15, 12, 12) if row.state == ReliefState.BRANCH else None
        said = Said(day, opinion, body, f"{minutes}〔{day.year}〕{day.month * 2}号", vote, terms)
        turn = turn_now(row, day)
        by = next(self.accounts[each.pk] for each in turn.people if each.pk in self.accounts)
        return take(by=by, relief=row, move=move, said=said, serial=row.serial, now=moment(day, 15))
