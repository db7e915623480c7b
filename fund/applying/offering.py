"""What a fund offers to a member: its classes with their standards and evidence, those that fit first."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from fund.regulation.reckoning import classes_fitting, yuan
from fund.regulation.schema import Class, Regulation, Standard


@dataclass(frozen=True)
class Offer:
    """One class, in one grade where its standard has grades; ``sum_words`` says what is paid. ``registered``: it is for
    those who stand in a register.
    """

    kind: str
    grade: str
    title: str
    sum_words: str
    evidence: str
    fits: bool
    registered: bool

    @property
    def value(self) -> str:
        """How a form names it."""
        return f"{self.kind}/{self.grade}"


def offers_of(regulation: Regulation, kinds: Collection[str], party_years: int | None, day: date) -> list[Offer]:
    """Everything a member may ask for on a day, what fits first; the arguments are those of ``classes_fitting``."""
    fitting = {each.code for each in classes_fitting(regulation, kinds, party_years)}
    found = [
        Offer(
            each.code, standard.grade if standard else "", _title(each, standard), _sum_words(standard),
            "、".join(each.evidence), each.code in fitting, bool(each.kinds),
        )
        for each in regulation.classes
        for standard in _standards(regulation, each.code, day) or [None]
    ]  # fmt: skip
    return sorted(found, key=lambda offer: not offer.fits)


def _standards(regulation: Regulation, of: str, day: date) -> list[Standard]:
    return [each for each in regulation.standards if each.of == of and each.since <= day < each.until]


def _title(each: Class, standard: Standard | None) -> str:
    return f"{each.title}（{standard.grade}）" if standard and standard.grade else each.title


def _sum_words(standard: Standard | None) -> str:
    if standard and standard.fen:
        return f"标准 {yuan(standard.fen)} 元"
    if standard and standard.lowest:
        return f"标准 {yuan(standard.lowest)} 至 {yuan(standard.highest)} 元"
    return "金额由集体研究确定"


def urgent_words(regulation: Regulation) -> str:
    """The urgent path in a sentence; empty where the regulation has none."""
    urgent = regulation.urgent
    if urgent is None:
        return ""
    titles = "、".join(regulation.step(code).title for code in urgent.steps)
    most = f"，最多 {yuan(urgent.up_to)} 元" if urgent.up_to else ""
    return f"正在抢救、突然受灾这样等不得的选它：{urgent.completed_within_days} 天内办完{most}。次序是{titles}。"
