"""What an approved relief is for policy and for other pages: a category of its member, from its first day to its last.

Rules read it, so its end is told beforehand; who registers unpaid dues is told that none were owed.
"""

from datetime import date

from base.dates import last_day
from fund.models import DuesRelief, ReliefKind
from members.bonds import begin_category, end_category, withdraw_category
from members.enums import CategoryKind
from members.models import Category

SOURCE = "relief:"
"""With this, and its number, begins the source of the category."""


def begin(row: DuesRelief, *, basis: str, today: date) -> None:
    """Have the member belong to the category while the relief is in force. What goes on as it was goes on in its row,
    so that no end is told that is none.
    """
    kind, grade = CategoryKind.DUES_RELIEF, ReliefKind(row.granted_kind).label
    before = Category.objects.filter(person=row.person, kind=kind, grade=grade, until=row.granted_since)
    if same := before.select_related("person").first():
        end_category(category=same, last=last_day(row.granted_until))
        return
    begin_category(
        person=row.person, kind=kind, grade=grade, since=row.granted_since, last=last_day(row.granted_until),
        basis=basis[:120], today=max(today, row.granted_since), source=f"{SOURCE}{row.pk}",
    )  # fmt: skip


def cut(row: DuesRelief, resumes: date) -> None:
    """End the category so that dues are paid again from ``resumes`` on."""
    rows = Category.objects.filter(person=row.person, kind=CategoryKind.DUES_RELIEF, until=row.granted_until)
    category = rows.select_related("person").get(since__lte=row.granted_since)
    if resumes <= category.since:
        withdraw_category(category=category, reason="党费减免没有开始就结束")
    else:
        end_category(category=category, last=last_day(resumes))
