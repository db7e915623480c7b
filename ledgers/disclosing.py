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
from duties.deeds import record_deed
from duties.engine.models import Action
from ledgers.models import Disclosure
from members.models import Organisation, Person

LONGEST = 3_000
"""Characters of the text."""
MOST_DAYS = 366
"""How long something hangs at most; whoever wants it longer says it anew."""

_GAP = r"[ \-‐–—.·_]{0,3}"
"""What parts the figures of one number; commas part several."""
_PRIVATE = re.compile(
    rf"(?<!\d)(?:\d{{6}}{_GAP}(?:19|20)\d{{6}}{_GAP}\d{{3}}[\dXx]|1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}"
    rf"|[3-9]\d{{3}}(?:{_GAP}\d{{4}}){{3}}(?:{_GAP}\d{{1,3}})?|\d{{15,19}})(?!\d)"
)
"""What looks like the number of a person, of a mobile telephone or of an account, however its figures are parted."""


def private_in(text: str) -> str:
    """The first such number in a text, as it stands there but for its width; empty if there is none."""
    plain = "".join(each for each in unicodedata.normalize("NFKC", text) if unicodedata.category(each) != "Cf")
    found = _PRIVATE.search(plain)
    return found[0] if found else ""


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
