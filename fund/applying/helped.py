"""What a member has from elsewhere. Strangers of this app tell it: the composition root adds what asks them."""

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

from base.money import Given, Source
from fund.applying.flags import earlier_help
from fund.models import Application

GIVERS: list[Callable[[int, date, date], list[Given]]] = []
"""What was given to a person (by number) in ``since <= day < until``."""


class Listed(NamedTuple):
    """A list somebody stands on who was given nothing by it yet: what it is, how much is planned (fen), its page."""

    words: str
    fen: int | None
    page: str
    pk: int


LISTERS: list[Callable[[Any, int], list[tuple]]] = []
"""The running lists a person (by number) stands on, of those the account may see, each as :class:`Listed` has it."""

YEARS = 2


def given_before(row: Application, day: date) -> list[Given]:
    """What the member was given in the two years up to ``day``, by funds and otherwise, the latest first."""
    since = day.replace(year=day.year - YEARS, day=min(day.day, 28))
    found = [
        Given(each.decided_on, f"专项资金 {each.label}", Source.FUND.label, each.granted or 0)
        for each in earlier_help(row)
        if each.decided_on >= since
    ]
    for giver in GIVERS:
        found += giver(row.person_id, since, day)
    return sorted(found, reverse=True)


def listed_now(account, row: Application) -> list[Listed]:
    """The running lists the applicant stands on besides."""
    return [Listed(*each) for lister in LISTERS for each in lister(account, row.person_id)]
