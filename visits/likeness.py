"""Whether somebody writes nearly the same about one talk as about another: a warning before saving, never a score."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from itertools import pairwise

from django.core.exceptions import ValidationError

from duties.board.phrases import short
from members.models import Person
from members.scope import sealed_at
from visits.models import Talk
from visits.services import Said

LOOKED_AT = 200
"""Of the writer's own talks, the last ones."""

ALIKE = 0.85
SHORTEST = 12
"""Words in so few characters are often the same in all honesty: “思想稳定，家里都好。”"""

COMPARED = 5_000
"""Characters of a text that are compared."""


def pairs(text: str, *names: str) -> Counter:
    """The pairs of neighbouring characters of a text, without punctuation and without these names."""
    for name in names:
        text = text.replace(name, "")
    text = re.sub(r"[\W_]+", "", text)[:COMPARED]
    return Counter(pairwise(text))


def likeness(one: Counter, other: Counter) -> float:
    """How much two texts share, from 0 to 1; a few words put in or taken out change little."""
    sizes = one.total(), other.total()
    if min(sizes) + 1 < SHORTEST or 2 * min(sizes) < ALIKE * sum(sizes):
        return 0.0
    return 2 * (one & other).total() / sum(sizes)


def check_alike(*, by, said: list[Said], on: date, field: Callable[[Person], str], today: date) -> None:
    """Warn where words are nearly those of one of the writer's own last talks, or of another line of the form.

    The very same talk with the same member is not looked at: recording it refuses it.

    :param field: the form field in which a member's words stand.
    :raises ValidationError: keyed by form field, with the code ``alike``; who sends the form again may pass it by.
    """
    talks = Talk.objects.filter(record__entered_by=by.person, record__withdrawn_on__isnull=True)
    talks = talks.select_related("record__member").defer("opinion", "wish", "reply", *sealed_at("record__member"))
    before = []
    for talk in talks.order_by("-pk")[:LOOKED_AT]:
        other, then = talk.record.member, talk.record.on
        what = (other.pk, then, talk.text.strip())
        before.append((pairs(talk.text, other.name), f"与 {short(then, today)} 对{other.name}的谈话", what))
    warned = {}
    for each in said:
        shape, same = pairs(each.text, each.member.name), (each.member.pk, on, each.text.strip())
        found = [(likeness(shape, other), which) for other, which, what in before if what != same]
        most, which = max(found, default=(0.0, ""), key=lambda pair: pair[0])
        if most >= ALIKE:
            words = f"{which}几乎一样（{most:.0%}）。如确实如此可照常保存，否则请按这次谈的写。"
            warned[field(each.member)] = [ValidationError(words, code="alike")]
        before.append((shape, f"与这张表里对{each.member.name}写的", None))
    if warned:
        raise ValidationError(warned)
