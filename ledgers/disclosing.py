"""党务公开 (M51): what an organisation lets those who belong to it read, and from when to when.

It is open within sign-in only, to those who belong to the organisation or to one below it. What must not be shown is
refused as far as it can be told from the text: numbers of persons, telephones and accounts.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from base import audit
from base.dates import PARTY_FOUNDED
from duties.deeds import record_deed
from duties.engine.models import Action
from ledgers.models import Disclosure
from members.models import Organisation, Person

LONGEST = 3_000
"""Characters of the text."""
MOST_DAYS = 366
"""How long something hangs at most; whoever wants it longer says it anew."""

_GAP = r"[ \-‐–—.·_]{0,3}"
"""What parts the figures of an account's number; commas part several."""
_WIDE = r"[\s()/\-‐–—.·_]{0,3}"
"""What parts those of a person's or a telephone's: lines too."""
_ACCOUNT = rf"[3-9]\d{{3}}(?:{_GAP}\d{{4}}){{3}}(?:{_GAP}\d{{1,3}})?|\d{{15,19}}"
_PERSON = (
    rf"\d{{6}}{_WIDE}(?:19|20)\d{{6}}{_WIDE}\d{{3}}[\dXx]"
    rf"|\d(?:{_WIDE}\d){{5}}{_WIDE}(?:1{_WIDE}9|2{_WIDE}0)(?:{_WIDE}\d){{2}}{_WIDE}(?:0{_WIDE}[1-9]|1{_WIDE}[0-2])"
    rf"{_WIDE}[0-3](?:{_WIDE}\d){{4}}{_WIDE}[\dXx]"
)
"""In its three parts, or parted anywhere around a century and a month."""
_TELEPHONE = rf"1[3-9]\d(?:{_WIDE}\d{{4}}{_WIDE}\d{{4}}|{_WIDE}\d{{3}}{_WIDE}\d{{5}}|\d{_WIDE}\d{{4}}{_WIDE}\d{{3}})"
_PRIVATE = re.compile(rf"(?<!\d)(?:{_PERSON}|{_TELEPHONE}|{_ACCOUNT})(?!\d)")
"""What looks like the number of a person, of a mobile telephone or of an account, however its figures are parted."""
_SAID = str.maketrans("零〇○一二三四五六七八九幺壹贰叁肆伍陆柒捌玖", "0001234567891123456789")
"""Figures that are written as words, one by one."""
_ONE_BY_ONE = re.compile(r"(?<=(?<!\d)\d)[\s()/\-‐–—.·_,、]{1,3}(?=[\dXx](?![\dXx]))")
"""Between two figures that both stand alone."""


def private_in(text: str) -> str:
    """The first such number in a text, in plain figures; empty if there is none."""
    seen = "".join(each for each in text if unicodedata.category(each) != "Cf")
    plain = unicodedata.normalize("NFKC", seen)
    words = plain.translate(_SAID)
    ways = (seen, plain, words, _ONE_BY_ONE.sub("", plain), _ONE_BY_ONE.sub("", words))
    found = map(_PRIVATE.search, ways)
    return next((each[0] for each in found if each), "")


@dataclass(frozen=True)
class Told:
    """What a form says of a disclosure."""

    topic: str
    title: str
    text: str
    on: date
    until_on: date
    place: str = ""


@transaction.atomic
def disclose(*, by, organisation: Organisation, people: list[Person], told: Told, today: date) -> Disclosure:
    """Let everybody who belongs to the organisation or below it read this; the deed that it makes closes its duties.

    :param by: the acting account, ``None`` for a command.
    :param people: who opened it.
    :raises ValidationError: keyed by form field, with the sentence the reader sees.
    """
    title, text = told.title.strip(), told.text.strip()
    refused = {}
    if not text:
        refused["text"] = "请写公开的内容。"
    for name, said in (("title", title), ("text", text), ("place", told.place)):
        if found := private_in(said):
            refused[name] = f"“…{found[-4:]}”像身份证号、手机号或账号，公开的内容里不能有。请删去再保存。"
    if wrong := _day_amiss(organisation, told.on, today):
        refused["on"] = wrong
    elif title and _told_before(organisation, told.on, title):
        refused["title"] = f"{told.on} 已公开过“{title}”，没有再公开一次。内容要改请先撤回那一条；另一件事请换个标题。"
    if told.until_on < told.on:
        refused["until_on"] = f"公开到 {told.until_on}，早于公开日期 {told.on}。请改日期。"
    elif (told.until_on - told.on).days > MOST_DAYS:
        refused["until_on"] = "一次最多公开一年，到期还要公开的再登记一次。"
    if refused:
        raise ValidationError(refused)
    note = f"党务公开“{title}”（{Disclosure.Topic(told.topic).label}），公开到 {told.until_on}。"
    deed = record_deed(
        by=by, action=Action.DISCLOSURE, on=told.on, people=people, note=note, today=today, organisation=organisation
    )
    made = Disclosure.objects.create(
        deed=deed, topic=told.topic, title=title, text=text, until_on=told.until_on, place=told.place.strip()
    )
    audit.write(audit.Act.WRITE, f"disclosure:{made.pk}", organisation=organisation.pk, until=str(told.until_on))
    return made


def _day_amiss(organisation: Organisation, on: date, today: date) -> str:
    if on > today:
        return f"公开日期 {on} 晚于今天，请改成今天或以前。"
    if on < PARTY_FOUNDED:
        return f"公开日期 {on} 早于建党（{PARTY_FOUNDED}），请核对年份。"
    founded = organisation.founded_on
    return f"公开日期 {on} 早于{organisation.label}成立的 {founded}，请核对。" if founded and on < founded else ""


def _told_before(organisation: Organisation, on: date, title: str) -> bool:
    """Whether it stands already that the organisation opened something of this title that day."""
    rows = Disclosure.objects.filter(deed__record__organisation=organisation, deed__record__on=on, title=title)
    return rows.filter(deed__record__withdrawn_on=None).exists()
