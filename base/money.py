"""Where money comes from, and sums as people write them in words. Sums are whole fen."""

import re
from datetime import date
from typing import NamedTuple

from django.db.models import TextChoices

from base.cells import plain, squeezed
from base.fields import MOST_YUAN


class Source(TextChoices):
    """款源: what a sum is paid from. Retained dues stay retained dues wherever they are kept (domain.md 2.6).

    :attr:`FUND` is the care fund as whoever hands over the money knows it; its books tell the others apart.
    """

    DUES = "dues", "留存党费"
    FUND = "fund", "关怀帮扶专项资金"
    SPECIAL = "special", "党建工作专项经费"
    FISCAL = "fiscal", "财政划拨"
    ABOVE = "above", "上级下拨"
    MEMBERS = "members", "党员捐赠"
    ORGANISATIONS = "organisations", "党组织捐赠"
    UNION = "union", "工会经费"
    OWN = "own", "个人出资"


class Given(NamedTuple):
    """What somebody was given: on which day, what for, out of what, how many fen."""

    on: date
    words: str
    source: str
    fen: int


SOURCE_WORDS = {
    "党费": Source.DUES, "本级留存党费": Source.DUES, "专项资金": Source.FUND, "帮扶资金": Source.FUND,
    "关怀帮扶资金": Source.FUND, "党内关怀帮扶资金": Source.FUND, "党内关怀帮扶专项资金": Source.FUND,
    "专项经费": Source.SPECIAL, "党建经费": Source.SPECIAL, "财政": Source.FISCAL, "财政拨款": Source.FISCAL,
    "财政资金": Source.FISCAL, "上级拨款": Source.ABOVE, "上级": Source.ABOVE, "工会": Source.UNION,
    "工会会费": Source.UNION, "个人": Source.OWN, "自费": Source.OWN, "自掏腰包": Source.OWN, "个人捐款": Source.OWN,
    **{each.label: each for each in Source},
}  # fmt: skip
"""What people call the sources besides."""

_SUM = re.compile(
    r"(?:慰问金|现金|人民币)?[:¥￥]?(\d{1,3}(?:,\d{3})+|\d{1,12})(?:\.(\d{1,2}))?(?:元整?|块钱?|圆整?)?(?=\D|$)"
)
_MARKS = ",;:、()。.~/"


class Sum(NamedTuple):
    """A sum, its source, and what of the words is in neither."""

    fen: int | None
    source: str
    rest: str


def read_money(words: str) -> Sum:
    """What ``words`` such as 500 元，留存党费 say. One sum that stands first is read and nothing is guessed."""
    text = squeezed(plain(words))
    found = _SUM.match(text)
    if found is None or re.search(r"\d|[万千百]", text[found.end() :]):
        return Sum(None, "", words.strip())
    fen = int(found[1].replace(",", "")) * 100 + int((found[2] or "").ljust(2, "0"))
    if not 0 < fen <= MOST_YUAN * 100:
        return Sum(None, "", words.strip())
    rest = text[found.end() :].strip(_MARKS)
    bare = re.sub(r"^(款源|资金来源|来源|来自|从|用)[:是为]?|(列支|支出|支付|出|里)$", "", rest)
    source = SOURCE_WORDS.get(bare, "")
    return Sum(fen, str(source), "" if source else rest)


def money_words(fen: int | None, source: str) -> str:
    """``1,200.50 元，留存党费`` as a page says it; empty where nothing was given."""
    if not fen:
        return ""
    return f"{fen // 100:,}.{fen % 100:02} 元，{Source(source).label if source else '来源没有写'}"
