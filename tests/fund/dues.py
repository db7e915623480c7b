"""Applications for less dues, led to wherever a test begins."""

from dataclasses import replace
from datetime import date

from fund.models import DuesRelief, Filer, ReliefMove
from fund.relief.filing import Asking, file_relief
from fund.relief.steps import Said, Terms, Vote, take
from members.models import Account
from tests.fund.money import NOW
from tests.world import account

TODAY = NOW.date()
M = ReliefMove
DEC, NEXT_DEC = date(2026, 12, 1), date(2027, 12, 1)
LESS = Terms("less", DEC, NEXT_DEC, 100)
NONE = Terms("none", DEC, NEXT_DEC)
VOTE = Vote(5, 4, 4)
"""Of the branch: five entitled, four there, all for it."""


def by(someone) -> Account:
    return Account.objects.filter(person=someone).first() or account(someone)


class Dues:
    """The cast and a committee that decides on dues; a relief led to wherever a test begins."""

    def __init__(self, cast):
        self.cast = cast

    def asking(self, terms=LESS, **more) -> Asking:
        return Asking(**({"terms": terms, "reason": "下岗在家，收入很少。", "applied_on": TODAY} | more))

    def filed(self, who=None, *, writer=None, now=NOW, renews=None, **more) -> DuesRelief:
        who = who or self.cast.li
        given = {} if writer in (None, who) else {"filer": Filer.BRANCH}
        asking = self.asking(**(given | more))
        return file_relief(by=by(writer or who), person=who, asking=asking, now=now, renews=renews)

    def said(self, move, *, terms=LESS, on=TODAY, **more) -> Said:
        said = Said(
            on, "情况属实。", "支部党员大会", "城北二支〔2026〕11号", VOTE, terms if move == M.APPROVE else None
        )
        return replace(said, **more)

    def step(self, row, who, move=M.PASS, *, now=NOW, serial=None, **more) -> DuesRelief:
        said = self.said(move, **more)
        serial = row.serial if serial is None else serial
        return take(by=by(who), relief=row, move=move, said=said, serial=serial, now=now)

    def at_committee(self, who=None, *, now=NOW, **more) -> DuesRelief:
        row = self.filed(who, now=now, **more)
        row = self.step(row, self.cast.secretary, now=now, on=now.date())
        return self.step(row, self.cast.general_secretary, now=now, on=now.date())

    def approved(self, who=None, terms=LESS, *, now=NOW, **more) -> DuesRelief:
        row = self.at_committee(who, now=now, terms=terms, applied_on=now.date(), **more)
        return self.step(row, self.cast.clerk, M.APPROVE, terms=terms, now=now, on=now.date())
