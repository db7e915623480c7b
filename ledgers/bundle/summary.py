"""16 年度工作汇总: of each year of the period how many people were cared for, with how much money, how much was done.

No figure is worked out here: persons and sums are the totals of ledgers in the same bundle, and how much was done is
what the matrix of clauses counts, by the kinds of :mod:`ledgers.indicators`. Each names its file.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from base.writing import Format, Heading, Sheet
from duties.policy.models import Force
from ledgers.bundle.asked import Asked
from ledgers.evidence import FIGURES
from ledgers.indicators import KINDS, kind_of
from ledgers.ledger import Ledger

TITLE = "年度工作汇总"
PEOPLE, MONEY, COVERED = "人次", "金额", "覆盖率"
HEADINGS = (
    Heading("序号", 6, Format.NUMBER), Heading("年度", 8, Format.NUMBER), Heading("类别", 8), Heading("工作", 22),
    Heading("指标", 34), Heading("数", 14, Format.NUMBER), Heading("单位", 8), Heading("数字出处", 44),
)  # fmt: skip
COUNTED = {
    "members": ("党员 {} 人",),
    "talks": ("{} 次", "谈话对象 {} 人"),
    "requests": ("{} 件", "已谈 {} 件"),
    "visits": ("{} 次", "对象 {} 人", "慰问金 {} 元"),
    "campaigns": ("列入 {} 人次", "已发放 {} 人次", "慰问金 {} 元"),
    "difficulty": ("{} 人",),
    "elderly": ("{} 人",),
    "injured": ("{} 人",),
    "household": ("{} 人",),
    "pairing": ("{} 人",),
    "leader": ("{} 人",),
    "activities": ("{} 次", "党员 {} 人次"),
    "study": ("{} 人次", "共 {} 学时"),
    "honours": ("{} 项", "党员 {} 人"),
    "selections": ("推荐 {} 个", "表彰 {} 个"),
    "political-birthdays": ("{} 人",),
    "fifty-years": ("{} 枚",),
    "applications": ("{} 件", "办结 {} 件", "申请 {} 元", "核定 {} 元"),
    "payments": ("已发放 {} 笔", "{} 元"),
    "notices": ("{} 件", "公示 {} 人次"),
    "fund-books": ("收入 {} 元", "支出和下拨 {} 元"),
    "allowances": ("{} 条", "{} 元"),
}  # fmt: skip
"""Which totals of which ledgers are told, as the ledgers call them."""

MATRIX = "02 条款佐证 各表相加"
OVERLAP = "同一件事可以记在几本台账里（节日慰问也是走访，慰问金记账后也是支出），各行不能相加。“可以”办的不算覆盖率。"
WITHHELD = "有的规则限有权限的同志了解，不在覆盖率里。"


def summary_sheet(asked: Asked, files: dict[str, str]) -> Sheet:
    """The sheet, year by year: people, money, how much of what was due is done.

    :param files: where each ledger lies in the bundle, by its code.
    """
    rows = [row for year in _years(asked) for row in _year(year, files)]
    numbered = [[number, *row] for number, row in enumerate(rows, 1)]
    told = OVERLAP + (WITHHELD if _withholds(asked) else "")
    return Sheet(
        TITLE, asked.organisation.name, asked.period, asked.as_of, HEADINGS,
        [*numbered, [None, None, "说明", "", told, *[None] * 3]],
        filled_by=asked.account.person.name, signed_on=asked.reader.day,
    )  # fmt: skip


def _years(asked: Asked) -> list[Asked]:
    """The same, for the part of the period that lies in each calendar year."""
    if asked.first.year == asked.last.year:
        return [asked]
    return [
        replace(asked, first=max(asked.first, date(year, 1, 1)), last=min(asked.last, date(year, 12, 31)))
        for year in range(asked.first.year, asked.last.year + 1)
    ]


def _year(asked: Asked, files: dict[str, str]) -> Iterator[list]:
    """Year, kind, work, what is counted, the number, its unit, and the file it stands in."""
    year, totals = asked.first.year, [each for ledger in asked.ledgers for each in _totals(asked, ledger)]
    for kind in (PEOPLE, MONEY):
        for ledger, words, unit, number in totals:
            if (unit == "元") == (kind == MONEY):
                work = ledger.title.removesuffix("台账")
                yield [year, kind, work, words or "合计", number, unit, files[ledger.code]]
    for kind, figures in _covered(asked).items():
        due, done, gap = (figures[name] for name in ("due", "done", "gap"))
        said = f"到期 {due:,} 件，办结 {done:,} 件，缺项 {gap:,} 件"
        rate = round(100 * done / due, 1) if due else None
        yield [year, COVERED, KINDS[kind][0], said, rate, "%" if due else "", MATRIX]


def _totals(asked: Asked, ledger: Ledger) -> Iterator[tuple[Ledger, str, str, float]]:
    """The totals that are told of a ledger: their words, their unit, their number."""
    wanted = COUNTED.get(ledger.code)
    if wanted is None:
        return
    for phrase, number in asked.extract(ledger).tally:
        if phrase in wanted:
            words, unit = re.fullmatch(r"(.*?) ?\{\} (\S+)", phrase).groups()
            yield ledger, words, unit, round(number, 2)


def _covered(asked: Asked) -> dict[str, Counter]:
    """What the matrix counts of each kind, of what is asked and not merely allowed."""
    found: dict[str, Counter] = {}
    for policy in asked.policies:
        for one in (rule for clause in policy.clauses for rule in clause.rules):
            if one.figures and one.rule.force != Force.MAY:
                sums = found.setdefault(kind_of(one.rule), Counter())
                sums.update({name: getattr(one.figures, name) for name in FIGURES})
    return {kind: found[kind] for kind in KINDS if kind in found}


def _withholds(asked: Asked) -> bool:
    return any(clause.withheld for policy in asked.policies for clause in policy.clauses)
