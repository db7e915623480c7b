"""What a page tells of medals: where the members stand, how their years came about, what a reviewer looks at."""

from datetime import date

from django.db.models import Prefetch

from awards.fifty.permits import may_read
from awards.models.fifty import RUNNING, Medal, MedalStep, first_of_july
from members.bonds import category_words
from members.enums import SANCTIONS, Capability, Standing
from members.models import Category
from members.scope import sealed_at
from members.services import memberships_on

WITH_STEPS = Prefetch("steps", MedalStep.objects.select_related("by").defer(*sealed_at("by")).order_by("pk"))
"""The steps taken, with who took them."""


def told(account, rows: list[Medal], day: date) -> list[Medal]:
    """Each row with where its member stands today, what is to be known of his years, and what a reviewer looks at.

    Two queries, however many there are. A running punishment is shown to those alone who may know of it.
    """
    stays = memberships_on([row.person_id for row in rows], day)
    found = Category.objects.on(day).filter(person__in=[row.person_id for row in rows], kind__in=SANCTIONS)
    sanctions: dict[int, list[Category]] = {}
    for each in found.order_by("since", "pk"):
        sanctions.setdefault(each.person_id, []).append(each)
    for row in rows:
        row.stay = stays.get(row.person_id)
        row.standing = row.stay.standing if row.stay else None
        row.is_dead = row.standing == Standing.DEAD
        row.reads = may_read(account, row)
        row.opinion = "" if row.person_id == account.person_id else row.opinion
        row.how = _how(row)
        row.sanctioned = row.reads and bool(sanctions.get(row.person_id))
        row.flags = _flags(row, sanctions.get(row.person_id, []))
        row.opens = row.stay is not None and account.scope.may(Capability.VIEW, row.stay.path)
    return rows


def _how(row: Medal) -> str:
    """How the day came about from which the years count."""
    return f"认定：{row.basis}" if row.basis else row.person.seniority(first_of_july(row.year)).note


def _flags(row: Medal, sanctions: list[Category]) -> list[str]:
    found = []
    if row.is_dead:
        found.append(f"{row.stay.since} 去世")
    elif row.stay is None:
        found.append("已转出")
    elif row.standing != Standing.FULL:
        found.append(row.stay.get_standing_display())
    elif row.stay.organisation_id != row.organisation_id and row.stage in RUNNING:
        found.append(f"现在{row.stay.organisation.label}")
    if row.reads and row.stage in RUNNING:
        found += category_words(sanctions, sensitive=True)
    person = row.person
    if row.stage in RUNNING and "day" not in {person.joined_precision, person.full_precision} and not row.basis:
        found.append("日期未到日")
    return found
