"""What a new row of a ledger becomes: the words its closed columns use, what is checked, which service enters it.

The services of the page enter it, and their own checks are asked beforehand, so that the preview says what they
would refuse. Headings that only an import reads stand here too.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import groupby
from typing import Any

from django.core.exceptions import ValidationError

from awards.study import MOST_HOURS, record_study
from base.calendar import Occasion
from base.cells import plain, squeezed, text_of
from base.money import SOURCE_WORDS, Sum, read_money
from base.reading import CellReader, Level
from base.reading import Column as Read
from duties.deeds import LONGEST as LONGEST_NOTE
from duties.deeds import amiss as amiss_with_deed
from duties.deeds import record_deed
from duties.engine.models import Action
from duties.policy.schema import PLAIN_ACTIONS
from members.enums import EventKind
from members.models import Event, Membership, Organisation, Person
from members.services import check_stay
from visits.forms.visits import KINDS
from visits.models import Talk, Visit
from visits.services import amiss as amiss_with_talk
from visits.services import record_talk
from visits.visiting import NOUNS, Seen, record_visit
from visits.visiting import amiss as amiss_with_visit

LONGEST = 20_000
UNWRITTEN = "（从台账导入，原表没有写内容）"
"""The words of a talk or visit of which a sheet of history keeps nothing but that it was."""

TELLS_APART, SEALED = "有重名时用来分清是谁", "加密保存"
NUMBER = Read("id_number", ("公民身份证号", "公民身份证号码", "公民身份号码", "身份证号", "身份证号码"))


@dataclass
class Entry:
    """One row that is new: whom it is about, where the member stood, who acted, the event it answers.

    A row about nobody has no member and no stay; ``place`` is then the organisation that did it.
    """

    cells: CellReader
    on: date
    member: Person | None
    stay: Membership | None
    people: list[Person]
    place: Organisation | None = None
    event: Event | None = None
    given: dict = field(default_factory=dict)
    """What the service takes besides."""

    def refuse(self, refused: Mapping[str, list[str]], columns: Mapping[str, str]) -> None:
        """Say what a service refuses, at the columns in which its form's fields stand.

        Where nobody is found who acted, why is said already, or the day is wrong.
        """
        for name, sentences in refused.items():
            column = columns.get(name, name)
            if self.people or column != "people":
                self.cells.wrong(column, f"refused_{name}", " ".join(sentences))


@dataclass(frozen=True)
class Entering:
    """How new rows of a ledger are entered.

    :param noun: what a row is called in a sentence, 谈话.
    :param only: what only an import reads, and what it is for.
    :param words: for each column of a closed list, what people write and what it means.
    :param judge: completes an entry, saying at its cells what is wrong with it.
    :param enter: enters the entries that belong together, in one act: wholly, or not at all when its service refuses.
    :param together: what entries that are one act have in common.
    :param nobody: whether a row without a name is one of its organisation.
    :param acted: whether those whom a row names did it, so that it matters which posts they held.
    :param fetch: asks the database at once for what the entries of a sheet are judged by.
    :param remedy: what to do with a known row that says otherwise.
    """

    noun: str
    only: Sequence[tuple[Read, str]]
    words: Mapping[str, Mapping[str, Any]]
    judge: Callable[[Entry, date], None]
    enter: Callable[[Any, list[Entry], date], None]
    together: Callable[[Entry], Any] = lambda entry: entry.cells.row.number
    nobody: bool = False
    acted: bool = True
    fetch: Callable[[list[Entry], Any, date], None] = lambda entries, importer, today: None
    remedy: str = "记录只撤回、不改写：请改回，或先在系统里撤回那一条。"

    def acts(self, entries: Iterable[Entry]) -> list[list[Entry]]:
        """The entries, those of one act together, the earliest first."""
        in_order = sorted(entries, key=lambda entry: (entry.on, self.together(entry)))
        return [list(some) for _, some in groupby(in_order, self.together)]


def labels(choices) -> dict[str, Any]:
    """A closed list by the labels that a ledger prints."""
    return {squeezed(plain(each.label)): each for each in choices}


def event_named(text: str) -> tuple[EventKind, date] | None:
    """The event that a ledger prints as 获得功勋荣誉表彰（2026-11-11）; ``None`` for other words."""
    found = re.fullmatch(r"(.+)\((\d{4}-\d{2}-\d{2})\)", squeezed(plain(text)))
    if found is None or found[1] not in _EVENTS:
        return None
    try:
        return _EVENTS[found[1]], date.fromisoformat(found[2])
    except ValueError:
        return None


_EVENTS = labels(EventKind)


def _word(entry: Entry, entering: Entering, name: str, *, default: Any = None, choices: str = "") -> Any:
    """What the word under a closed column means. An empty cell means ``default``, which is said, or is wrong."""
    text, words = squeezed(plain(entry.cells.text(name, longest=60))), entering.words[name]
    if text in words:
        return words[text]
    choices = choices or "、".join(dict.fromkeys(each.label for each in words.values() if each))
    if text:
        entry.cells.wrong(name, f"bad_{name}", f"“{text[:20]}”认不出，请写成：{choices}。")
    elif default is None:
        entry.cells.wrong(name, f"missing_{name}", f"没有写，请写成：{choices}。")
    else:
        entry.cells.say(name, f"no_{name}", Level.WARNING, f"没有写，按“{default.label}”写入。")
    return default


def _told(entry: Entry, *, longest: int = LONGEST) -> str:
    """The words of a talk, a visit or a deed; a sheet that has none of them is taken all the same."""
    text = entry.cells.text("text", longest=longest)
    if not text and not entry.cells.refused:
        entry.cells.say("text", "no_text", Level.WARNING, f"没有写内容，记作“{UNWRITTEN}”；有内容的请加“内容”列。")
    return text or UNWRITTEN


# 谈心谈话

_TALK_FIELDS = {"talker": "people", "member": "name"}


def _judge_talk(entry: Entry, today: date) -> None:
    try:
        check_stay(entry.member, entry.stay, entry.on, today, field="on", what="谈话")
    except ValidationError as no:
        entry.refuse(no.message_dict, _TALK_FIELDS)
    means = _word(entry, TALK_ENTERING, "means", default=Talk.Means.FACE)
    subject = _word(entry, TALK_ENTERING, "subject", default=Talk.Subject.OTHER)
    text = _told(entry)
    refused = amiss_with_talk([entry.member], entry.people, text, collective=means == Talk.Means.COLLECTIVE)
    entry.refuse(refused, _TALK_FIELDS)
    entry.given = {
        "means": means, "subject": subject, "text": text, "wish": entry.cells.text("wish", longest=2_000),
        "place": entry.cells.text("place", longest=60), "themes": _themes(entry),
        **{name: entry.cells.text(name, longest=2_000) for name in ("opinion", "reply")},
    }  # fmt: skip


def _themes(entry: Entry) -> list[str]:
    """What was talked about: 思想、工作、生活. A sheet of history need not say."""
    found = [each for each in re.split(r"[、，,；;／/ ]", entry.cells.text("themes", longest=60)) if each]
    if unknown := [each for each in found if each not in _THEMES]:
        entry.cells.wrong("themes", "bad_themes", f"“{unknown[0][:20]}”认不出，请写成：{'、'.join(_THEMES)}。")
    return [theme for word, theme in _THEMES.items() if word in found]


_THEMES = labels(Talk.Theme)


def _enter_talk(by, entries: list[Entry], today: date) -> None:
    [entry] = entries
    record_talk(
        by=by, members=[entry.member], on=entry.on, talkers=entry.people, event=entry.event, today=today, **entry.given
    )


TALK_ENTERING = Entering(
    noun="谈话",
    only=(
        (NUMBER, TELLS_APART),
        (Read("text", ("谈话内容", "谈了什么", "谈话主要内容", "主要内容", "谈心内容", "内容")), SEALED),
        (Read("wish", ("诉求", "本人诉求", "意见建议及诉求")), SEALED),
        (Read("opinion", ("意见建议", "意见和建议")), SEALED),
        (Read("reply", ("谈话人答复", "当场答复", "答复")), SEALED),
        (Read("place", ("地点", "谈话地点")), "可不填"),
    ),
    words={
        "means": {
            **labels(Talk.Means), "面对面": Talk.Means.FACE, "当面": Talk.Means.FACE, "个别谈话": Talk.Means.FACE,
            "电话谈话": Talk.Means.PHONE, "微信": Talk.Means.VIDEO, "集体谈话": Talk.Means.COLLECTIVE,
        },
        "subject": {
            **labels(Talk.Subject), "年度": Talk.Subject.YEARLY, "定期": Talk.Subject.REGULAR,
            "约谈": Talk.Subject.REQUEST, "日常": Talk.Subject.OTHER, "日常谈话": Talk.Subject.OTHER,
            "其他": Talk.Subject.OTHER,
        },
    },
    judge=_judge_talk,
    enter=_enter_talk,
)  # fmt: skip


# 走访慰问

_VISIT_FIELDS = {"member": "name"}


def _judge_visit(entry: Entry, today: date) -> None:
    action = _word(entry, VISIT_ENTERING, "action")
    if action is None:
        return
    hows = KINDS[action].hows
    how = _word(entry, VISIT_ENTERING, "how", choices="、".join(each.label for each in hows))
    if how and how not in hows:
        said = f"{NOUNS[action]}的方式没有“{how.label}”"
        entry.cells.wrong("how", "bad_how", f"{said}，请写成：{'、'.join(each.label for each in hows)}。")
    given = {"met_name": entry.cells.text("met_name", longest=60), "gift": entry.cells.text("gift", longest=200)}
    given |= _money(entry) | {"gift_value": _sum(entry, "gift_value").fen}
    given |= {name: entry.cells.text(name, longest=2_000) for name in ("wish", "promised")}
    met = Visit.Met.FAMILY if action == Action.CONDOLENCE else _optional(entry, "met")
    text = _told(entry) if action == Action.VISIT else entry.cells.text("text", longest=LONGEST)
    seen = Seen(how or "", occasion=_optional(entry, "occasion"), met=met, text=text, **given)
    entry.refuse(
        amiss_with_visit(action, entry.member, entry.stay, entry.people, seen, on=entry.on, today=today), _VISIT_FIELDS
    )
    entry.given = {"action": action, "seen": seen}


def sum_meant(text: str) -> str:
    """What a cell with a sum compares as: 500 for 500 元，留存党费."""
    return str(Decimal(fen) / 100) if (fen := read_money(text).fen) else text


def word_meant(cells: CellReader, words: dict[str, Any], name: str) -> Any:
    """What the word under a closed column means; nothing where there is none, or one that is not known."""
    text = squeezed(plain(cells.text(name, longest=60)))
    if text and text not in words:
        known = "、".join(dict.fromkeys(each.label for each in words.values()))
        cells.wrong(name, f"bad_{name}", f"“{text[:20]}”认不出，请写成：{known}。")
    return words.get(text, "")


def sum_alone(cells: CellReader, name: str) -> int | None:
    """The sum of a cell in fen, which says nothing else: its source has a column of its own."""
    text = cells.text(name, longest=60)
    found = read_money(text)
    if text and (found.fen is None or found.rest or found.source):
        cells.wrong(name, f"bad_{name}", f"“{text[:20]}”没有读懂，请只写数字，单位是元；款源写在它自己的列里。")
    return found.fen


def _sum(entry: Entry, name: str) -> Sum:
    """The sum of a cell, with what else it says of it."""
    text = entry.cells.text(name, longest=60)
    found = read_money(text)
    if text and (found.fen is None or found.rest):
        entry.cells.wrong(name, f"bad_{name}", f"“{text[:20]}”没有读懂，请只写数字，单位是元，例如 500 或 500.50。")
    return found


def _money(entry: Entry) -> dict:
    """Money and its source, which may stand in a cell of its own or behind the sum."""
    found, source = _sum(entry, "money"), _optional(entry, "source")
    if source and found.source and source != found.source:
        entry.cells.wrong("source", "two_sources", "与慰问金后面写的款源不一样，请核对后只写一处。")
    return {"money": found.fen, "source": source or found.source}


def _optional(entry: Entry, name: str) -> str:
    return _word(entry, VISIT_ENTERING, name) if text_of(entry.cells.raw(name)) else ""


def _enter_visit(by, entries: list[Entry], today: date) -> None:
    [entry] = entries
    record_visit(
        by=by, member=entry.member, on=entry.on, people=entry.people, event=entry.event, today=today, **entry.given
    )


VISIT_ENTERING = Entering(
    noun="走访慰问",
    only=(
        (NUMBER, TELLS_APART),
        (Read("met_name", ("家属姓名", "亲属姓名", "见到的亲属")), "吊唁时要写"),
        (Read("text", ("走访情况", "情况", "健康/生活情况", "看到的情况", "走访慰问情况", "内容")), SEALED),
        (Read("wish", ("诉求", "反映的困难和诉求", "困难和诉求")), SEALED),
        (Read("promised", ("答应的事", "现场答复", "需跟进事项")), SEALED),
    ),
    words={
        "action": {
            **labels((Action.VISIT, Action.GREETING, Action.CONDOLENCE)), "走访": Action.VISIT, "慰问": Action.VISIT,
            "祝贺": Action.GREETING, "政治生日": Action.GREETING, "吊唁": Action.CONDOLENCE,
        },
        "occasion": {**labels(Occasion), "平时": ""},
        "how": {
            **labels(Visit.How), "入户": Visit.How.HOME, "家里": Visit.How.HOME, "住院": Visit.How.HOSPITAL,
            "其他": Visit.How.ELSEWHERE,
        },
        "met": {**labels(Visit.Met), "亲属": Visit.Met.FAMILY},
        "source": SOURCE_WORDS,
    },
    judge=_judge_visit,
    enter=_enter_visit,
)  # fmt: skip


# 集中学习


def _judge_study(entry: Entry, today: date) -> None:
    try:
        check_stay(entry.member, entry.stay, entry.on, today, field="on", what="学习")
    except ValidationError as no:
        entry.refuse(no.message_dict, {})
    title = entry.cells.text("title", longest=60)
    if not title and not entry.cells.refused:
        entry.cells.wrong("title", "missing_title", "没有写学了什么，请补上，例如：党章第一章。")
    if len(entry.people) > 1:
        entry.cells.wrong("people", "several_organisers", "组织人只写一位。")
    entry.given = {"title": title, "hours": _hours(entry)}


def _hours(entry: Entry) -> Decimal | None:
    text = plain(entry.cells.text("hours", longest=20)).removesuffix("学时").removesuffix("小时").strip()
    try:
        hours = Decimal(text)
        if hours.is_finite() and Decimal("0.5") <= hours <= MOST_HOURS and hours * 2 == int(hours * 2):
            return hours
    except InvalidOperation:
        pass
    entry.cells.wrong("hours", "bad_hours", f"学时请填 0.5 到 {MOST_HOURS}，半小时一档，例如 2 或 1.5。")
    return None


def _session(entry: Entry) -> tuple:
    given = entry.given
    return (given["title"], given["hours"], entry.stay.organisation_id, entry.people[0].pk)


def _enter_study(by, entries: list[Entry], today: date) -> None:
    first = entries[0]
    record_study(
        by=by, organisation=first.stay.organisation, members=[entry.member for entry in entries], on=first.on,
        organiser=first.people[0], today=today, **first.given,
    )  # fmt: skip


STUDY_ENTERING = Entering(
    noun="学习",
    only=((NUMBER, TELLS_APART),),
    words={},
    judge=_judge_study,
    enter=_enter_study,
    together=lambda entry: (entry.on, *_session(entry)),
)


# 办理记录


def _judge_deed(entry: Entry, today: date) -> None:
    action = _word(entry, DEED_ENTERING, "action")
    if action and entry.member and action not in PLAIN_ACTIONS:
        entry.cells.wrong("action", "other_ledger", f"对党员的{action.label}有自己的台账，请从那里导入。")
    note = _told(entry, longest=LONGEST_NOTE)
    refused = amiss_with_deed(entry.member, entry.stay, entry.people, note, on=entry.on, today=today)
    entry.refuse(refused, {"note": "text"})
    entry.given = {"action": action, "note": note, "paper": entry.cells.text("paper", longest=60)}


def _enter_deed(by, entries: list[Entry], today: date) -> None:
    [entry] = entries
    record_deed(
        by=by, member=entry.member, organisation=entry.place, on=entry.on, people=entry.people, today=today,
        **entry.given,
    )  # fmt: skip


DEED_ENTERING = Entering(
    noun="办理",
    only=((NUMBER, TELLS_APART),),
    words={"action": labels(Action)},
    judge=_judge_deed,
    enter=_enter_deed,
    nobody=True,
)
