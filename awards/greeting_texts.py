"""The words of greetings: their placeholders, what a member's card or message says, and whose text holds.

A text is taken apart when it is saved, so that what is kept can be filled for every member: a placeholder that is not
known, or has nothing to stand for in its kind, is refused then, not found on a printed card.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from awards.models import GreetingText
from base import audit
from members.enums import Precision
from members.models import Lineage, Organisation, Person

Kind = GreetingText.Kind
LONGEST = 500

ALWAYS = ("姓名", "称呼", "支部", "落款", "日期")
PLACEHOLDERS = {
    Kind.JOINED: (*ALWAYS, "入党日期"),
    Kind.POLITICAL: (*ALWAYS, "年数", "入党日期"),
    Kind.FIFTY: (*ALWAYS, "年数", "入党日期"),
    Kind.NATURAL: ALWAYS,
}
"""What may stand in a text of each kind. Of a birth no year is told, and on the day of joining no year is full."""

SHIPPED = {
    Kind.JOINED: (
        "{称呼}：\n{入党日期}，您光荣加入中国共产党。愿您记住入党誓词，做一名合格的共产党员。\n{落款}\n{日期}"
    ),
    Kind.POLITICAL: (
        "{称呼}：\n值此您入党 {年数} 周年之际，祝您政治生日快乐。{入党日期}，您面对党旗许下誓言。"
        "愿您不忘入党初心，继续发挥先锋模范作用。\n{落款}\n{日期}"
    ),
    Kind.FIFTY: (
        "{称呼}：\n值此您入党 {年数} 周年之际，祝您政治生日快乐。半个世纪以来，您把青春和心血献给了党的事业，"
        "是我们学习的榜样。祝您健康长寿。\n{落款}\n{日期}"
    ),
    Kind.NATURAL: "{称呼}：\n感谢您为工作付出的辛劳，祝您生日快乐，身体健康，阖家幸福。\n{落款}\n{日期}",
}
"""The words that hold where no organisation wrote its own."""

FIFTY_YEARS = 50
_HELD = re.compile(r"\{([^{}]*)\}")
_BRACES = re.compile(r"[{}\uff5b\uff5d]")


@dataclass(frozen=True)
class Occasion:
    """One birthday of one member. ``on`` is its day, the first of the month where only that is known.

    ``years`` counts from joining; ``None`` for a birthday in the common sense. ``branch`` is the member's,
    ``signed`` who greets.
    """

    person: Person
    on: date
    years: int | None
    branch: str
    signed: str

    @property
    def kind(self) -> Kind:
        if self.years is None:
            return Kind.NATURAL
        if self.years == 0:
            return Kind.JOINED
        return Kind.FIFTY if self.years >= FIFTY_YEARS else Kind.POLITICAL

    @property
    def day_words(self) -> str:
        """Its day, as exactly as it is known."""
        person = self.person
        return day_words(self.on, person.birth_precision if self.years is None else person.joined_precision)


def check_text(kind: str, text: str) -> str:
    """The text as it is kept.

    :raises ValidationError: keyed ``text``: without words, too long, with a placeholder that cannot be filled.
    """
    text = text.strip().replace("\r\n", "\n")
    known = PLACEHOLDERS[Kind(kind)]
    offered = "".join(f"{{{name}}}" for name in known)
    if not text:
        raise ValidationError({"text": "请写祝贺的话。"})
    if len(text) > LONGEST:
        raise ValidationError({"text": f"写了 {len(text)} 个字，最多 {LONGEST} 个，请写短一些。"})
    unknown = [name for name in _HELD.findall(text) if name not in known]
    if unknown:
        raise ValidationError({"text": f"“{{{unknown[0][:20]}}}”不是这里能用的占位。能用的有：{offered}。"})
    if _BRACES.search(_HELD.sub("", text)):
        raise ValidationError({"text": f"大括号没有成对，或用了全角的大括号。占位请照这样写：{offered}。"})
    return text


def rendered(text: str, occasion: Occasion) -> str:
    """A kept text with every placeholder filled; no brace is left, whatever a name holds."""
    words = _words(occasion)
    return _HELD.sub(lambda found: _BRACES.sub("", words[found[1]]), text)


def _words(occasion: Occasion) -> Mapping[str, str]:
    person = occasion.person
    return {
        "姓名": person.name, "称呼": f"{person.name}同志", "支部": occasion.branch, "落款": occasion.signed,
        "年数": str(occasion.years), "日期": occasion.day_words,
        "入党日期": day_words(person.joined_on, person.joined_precision) if person.joined_on else "",
    }  # fmt: skip


def day_words(on: date, precision: str) -> str:
    """A day as exactly as it is known: 2009 年 11 月 6 日, 2009 年 11 月, 2009 年."""
    if precision == Precision.YEAR:
        return f"{on.year} 年"
    return f"{on.year} 年 {on.month} 月{f' {on.day} 日' if precision == Precision.DAY else ''}"


@dataclass(frozen=True)
class Holding:
    """The text that holds somewhere, and whose it is; nobody's where it came with the product."""

    text: str
    of: Organisation | None = None


def texts_for(organisations: Collection[int], day: date) -> dict[tuple[int, str], Holding]:
    """For each organisation and kind the text that holds on ``day``: its own, else the nearest upward, else the
    shipped one; one query.
    """
    found = {(place, kind): Holding(text) for place in organisations for kind, text in SHIPPED.items()}
    upward = Lineage.objects.filter(organisation__in=organisations, since__lte=day, until__gt=day)
    upward = upward.filter(ancestor__greeting_texts__isnull=False).select_related("ancestor").order_by("-distance")
    rows = upward.values_list("organisation", "ancestor", "ancestor__greeting_texts__pk")
    texts = {each.pk: each for each in GreetingText.objects.filter(
        pk__in={pk for _place, _above, pk in rows}
    ).select_related("organisation").order_by("pk")}  # fmt: skip
    for place, _above, pk in rows:
        found[place, texts[pk].kind] = Holding(texts[pk].text, texts[pk].organisation)
    return found


@transaction.atomic
def write_text(*, by, organisation: Organisation, kind: str, text: str, today: date) -> GreetingText:
    """Keep an organisation's own words of one kind; they hold for it and all below that have none nearer.

    :raises ValidationError: keyed ``text``, as :func:`check_text`.
    """
    text = check_text(kind, text)
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    row, _new = GreetingText.objects.update_or_create(
        organisation=organisation, kind=kind,
        defaults={"text": text, "written_on": today, "written_by": by.person if by else None},
    )  # fmt: skip
    audit.write(audit.Act.EDIT, f"greeting_text:{row.pk}", organisation=organisation.pk, kind=str(kind))
    return row


@transaction.atomic
def drop_text(*, by, organisation: Organisation, kind: str) -> None:
    """Give an organisation's own words up: what stands above, or came with the product, holds again."""
    row = GreetingText.objects.select_for_update().filter(organisation=organisation, kind=kind).first()
    if row is None:
        raise ValidationError("这里没有自己的文案，用的已经是上级的或随产品带来的。")
    audit.write(audit.Act.WITHDRAW, f"greeting_text:{row.pk}", organisation=organisation.pk, kind=str(kind))
    row.delete()
