"""述职: a year of an organisation and all below it in prepared sentences, every figure of which opens its rows (central
measures 16; M54, M55).

A figure is the tally of a ledger or a figure of :mod:`ledgers.indicators`, as the reader may see them: nothing is
worked out beside them, nothing is judged, and where nothing was entered the sentence says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from string import Formatter
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils.http import urlencode

from duties.engine.models import State
from ledgers.declarations import LEDGERS
from ledgers.indicators import ALL, KINDS, Asked, Figures, Span
from ledgers.ledger import Ledger, Reader
from members.enums import Capability
from members.models import Organisation


@dataclass(frozen=True)
class Piece:
    """Words of a sentence; a figure has the address of its rows."""

    text: str
    url: str = ""


Sentence = tuple[Piece, ...]


@dataclass
class Section:
    """One heading with its sentences."""

    number: str
    title: str
    sentences: list[Sentence] = field(default_factory=list)


@dataclass(frozen=True)
class Report:
    """The text.

    :param untold: ledgers that the reader may not read for this organisation.
    :param withheld: whether duties are left out of which the reader may not know.
    """

    organisation: Organisation
    span: Span
    sections: list[Section]
    untold: list[str]
    withheld: bool


@dataclass(frozen=True)
class Told:
    """A sentence about the rows of a ledger.

    :param words: ``{0}``, ``{1}`` are the numbers of the ledger's tally, other names those of its picks.
    :param none: what is said where there are no rows. :param missing: what is then not entered, in a few words; empty
        where that is no gap.
    :param extra: further parts of the sentence, each said only where the number it is filed under is not zero.
    """

    ledger: str
    words: str
    none: str
    missing: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)


def _entered_late(unit: str) -> dict[str, str]:
    return {"late": f"其中补录 {{late}} {unit}"}


OUTLINE: tuple[tuple[str, tuple[Told, ...], tuple[str, ...]], ...] = (
    ("谈心谈话", (
        Told("talks", "登记谈心谈话 {0} 次，谈话对象 {1} 人", "没有登记谈心谈话", "谈心谈话", _entered_late("次")),
        Told("requests", "收到约谈申请 {0} 件，已谈 {1} 件", "没有收到约谈申请"),
    ), ("talks", "occasions")),
    ("走访慰问", (
        Told("visits", "登记走访、祝贺和吊唁 {0} 次，对象 {1} 人", "没有登记走访慰问", "走访慰问",
             {"2": "其中走访 {2} 次", "4": "吊唁 {4} 次", "5": "登记慰问金 {5} 元", **_entered_late("次")}),
        Told("campaigns", "节日走访名单列入 {1} 人次，登记送到 {2} 人次", "没有拟定节日走访名单"),
        Told("activities", "组织文体、健康、志愿服务等活动 {0} 次，党员 {1} 人次", "没有登记活动", "活动",
             _entered_late("次")),
    ), ("visits",)),
    ("困难帮扶和资金", (
        Told("difficulty", "困难党员台账有 {1} 人、{0} 条在册", "困难党员台账没有在册的"),
        Told("applications", "收到帮扶资金申请 {0} 件，办结 {1} 件，办理中 {2} 件，核定 {4} 元",
             "没有收到帮扶资金申请"),
        Told("payments", "本级和下级设立的专项资金发放 {1} 笔、{2} 元", "本级和下级设立的专项资金没有发放"),
        Told("dues-relief", "收到党费减免申请 {0} 件，批准 {1} 件", "没有收到党费减免申请"),
    ), ("registers", "fund")),
    ("表彰激励", (
        Told("honours", "登记荣誉 {0} 项，党员 {1} 人", "没有登记荣誉表彰", "荣誉表彰",
             extra={"revoked": "其中已撤销 {revoked} 项"}),
        Told("selections", "评选推荐 {0} 个，表彰 {1} 个", "没有评选推荐"),
        Told("fifty-years", "颁发光荣在党50年纪念章 {0} 枚", "没有颁发光荣在党50年纪念章",
             extra={"home": "上门颁发 {home} 枚"}),
        Told("political-birthdays", "今天在册的党员里，政治生日在期间内的 {0} 人", "期间内没有党员过政治生日"),
        Told("visits", "登记政治生日祝贺 {3} 次", "没有登记政治生日祝贺"),
        Told("oaths", "入党宣誓和重温誓词 {1} 次，{0} 人次", "没有登记宣誓和重温誓词", "",
             _entered_late("人次")),
        Told("stories", "宣传典型 {0} 次", "没有登记典型宣传"),
    ), ("birthdays",)),
    ("学习", (
        Told("study", "登记集中学习 {0} 人次，{1} 学时", "没有登记集中学习", "集中学习",
             _entered_late("人次")),
    ), ("study",)),
    ("公开和督办", (
        Told("openness", "党务公开 {0} 项", "没有登记党务公开", "党务公开"),
        Told("notices", "张贴帮扶公示 {0} 件", "没有张贴帮扶公示"),
        Told("care-plans", "批准年度关怀计划 {1} 份、{0} 项", "没有批准年度关怀计划", "年度关怀计划"),
        Told("reports", "报送情况报告 {0} 份，上级已签收 {1} 份", "没有报送情况报告"),
        Told("supervisions", "收到上级督办 {1} 件，已认可 {2} 件", "没有收到督办"),
    ), ("work",)),
)  # fmt: skip
"""The sections: heading, sentences about ledgers, and the kinds of duties said there."""

NOT_DONE = "没办到的"
NUMERALS = "一二三四五六七八九"


def report(account: Any, organisation: Organisation, span: Span) -> Report:
    """The text of a year, as far as the reader may know it: a query for each sentence and the four of the figures."""
    asked = Asked(account, span)
    (figures,) = asked.figures([organisation])
    teller = _Teller(account, organisation, span)
    sections = []
    for number, (title, told, kinds) in zip(NUMERALS, OUTLINE, strict=False):
        said = [sentence for each in told if (sentence := teller.about(each))]
        said += [_of_kind(kind, figures, teller) for kind in kinds if figures.of(kind)["due"]]
        sections.append(Section(number, title, said))
    last = [*_overdue(figures, teller), *teller.closed(), *teller.gaps()]
    sections.append(Section(NUMERALS[len(OUTLINE)], NOT_DONE, last))
    return Report(organisation, span, sections, teller.untold, asked.withholds(organisation.path))


class _Teller:
    """Says sentences of one organisation and year, and remembers what it could not say and what is missing."""

    def __init__(self, account: Any, organisation: Organisation, span: Span):
        self.account, self.organisation, self.span = account, organisation, span
        self.first, self.last = date(span.year, 1, 1), span.as_of
        self.reader = Reader(account, span.day)
        self.untold: list[str] = []
        self.missing: list[Piece] = []

    def about(self, told: Told) -> Sentence:
        """The sentence; nothing where the reader may not read the ledger for the whole organisation."""
        ledger = LEDGERS[told.ledger]
        if not self._may_read(ledger):
            self.untold.append(ledger.title)
            return ()
        numbers, url = self._numbers(ledger), self._ledger_url(ledger)
        counted = numbers[_first(told.words)]
        if not numbers["0"] or not counted:
            if told.missing:
                self.missing.append(Piece(told.missing, url))
            return (Piece(f"{told.none}。"),)
        parts = [told.words, *(words for name, words in told.extra.items() if numbers[name])]
        shown = {name: _plain(n) for name, n in numbers.items()}
        urls = {name: self._ledger_url(ledger, name) if name in ledger.picks else url for name in shown}
        return _filled(f"{'，'.join(parts)}。", shown, urls)

    def closed(self) -> list[Sentence]:
        """Duties of the year that were waived or became void: answered for, not done."""
        ledger, states = LEDGERS["duties"], (State.WAIVED, State.VOID)
        n = self._numbers(ledger)
        said = "、".join(f"{state.label} {{{state}}} 件" for state in states if n[state])
        urls = {state: self._ledger_url(ledger, state) for state in states}
        return (
            [_filled(f"期间内{said}，理由写在应办事项台账里。", {s: _plain(n[s]) for s in states}, urls)]
            if said
            else []
        )

    def gaps(self) -> list[Sentence]:
        """What nobody entered: that it was not entered is known, that it was not done is not."""
        if not self.missing:
            return []
        between = [piece for each in self.missing for piece in (Piece("、"), each)][1:]
        return [(Piece("期间内没有登记的："), *between,
                 Piece("。没有登记不等于没有做：做过的请按办的那天补录。"))]  # fmt: skip

    def rows_url(self, kind: str, figure: str) -> str:
        query = urlencode({"organisation": self.organisation.pk, "year": self.span.year})
        return f"{reverse('indicator_rows', args=[kind, figure])}?{query}"

    def _may_read(self, ledger: Ledger) -> bool:
        needed = [ledger.needs, *([Capability.SENSITIVE] if ledger.sensitive else [])]
        return all(self.account.scope.may(each, self.organisation.path) for each in needed)

    def _numbers(self, ledger: Ledger) -> dict[str, Any]:
        """The ledger's tally by place, and how many rows each of its picks has; one query."""
        asked = {f"n_{place}": aggregate for place, (_words, aggregate) in enumerate(ledger.tally)}
        asked |= {f"n_{code}": Count("pk", filter=pick.rows) for code, pick in ledger.picks.items()}
        rows = ledger.rows(self.reader, self.organisation, self.first, self.last).order_by()
        return {name.removeprefix("n_"): n for name, n in rows.aggregate(**asked).items()}

    def _ledger_url(self, ledger: Ledger, pick: str = "") -> str:
        query = {"organisation": self.organisation.pk, "first": self.first, "last": self.last}
        return f"{reverse('ledger', args=[ledger.code])}?{urlencode(query | ({'pick': pick} if pick else {}))}"


def _of_kind(kind: str, figures: Figures, teller: _Teller) -> Sentence:
    """How much of what policy asks of a kind was done."""
    title, what = KINDS[kind]
    told = figures.of(kind)
    words = "{title}（{what}）应办 {due} 件，已办结 {done} 件，过期没办 {late} 件。"
    numbers = {name: str(told[name]) for name in ("due", "done", "late")}
    urls = {name: teller.rows_url(kind, name) for name in numbers if told[name]}
    return _filled(words, {"title": title, "what": what, **numbers}, urls)


def _overdue(figures: Figures, teller: _Teller) -> list[Sentence]:
    """What was due and is not done, by kind, and how much of it can be done no longer."""
    late = figures.whole["late"]
    if not late:
        return [(Piece("到期的应办没有过期没办的。"),)]
    kinds = [kind for kind in KINDS if figures.of(kind)["late"]]
    pieces = [Piece("过期没办 "), Piece(str(late), teller.rows_url(ALL, "late")), Piece(" 件：")]
    for place, kind in enumerate(kinds):
        number = Piece(str(figures.of(kind)["late"]), teller.rows_url(kind, "late"))
        pieces += [Piece(f"{'、' if place else ''}{KINDS[kind][0]} "), number, Piece(" 件")]
    if missed := figures.whole["missed"]:
        pieces += [Piece("；其中 "), Piece(str(missed), teller.rows_url(ALL, "missed")),
                   Piece(" 件已经过了最晚的一天")]  # fmt: skip
    return [(*pieces, Piece("。"))]


def _first(words: str) -> str:
    """The name of the first number of a sentence."""
    return next(name for _text, name, _spec, _as in Formatter().parse(words) if name)


def _filled(words: str, told: Mapping[str, str], urls: Mapping[str, str]) -> Sentence:
    pieces = []
    for text, name, _spec, _as in Formatter().parse(words):
        if text:
            pieces.append(Piece(text))
        if name:
            pieces.append(Piece(told[name], urls.get(name, "")))
    return tuple(pieces)


def _plain(n: float | None) -> str:
    """A number without needless noughts."""
    n = n or 0
    return f"{n:,}" if n != int(n) else f"{int(n):,}"
