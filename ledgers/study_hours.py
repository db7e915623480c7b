"""学时台账: the study hours of each member in a year, against what is asked of him.

Nothing is brought in by it: sessions come in with 集中学习台账.
"""

from datetime import date
from decimal import Decimal

from django.db.models import Count, DateField, FloatField, QuerySet, Sum, Value
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.http import urlencode

from awards.hours import hours_of, members_of
from base.writing import Format
from ledgers.ledger import Column, Ledger, Part, Reader
from members.enums import Capability
from members.models import Membership, Organisation


def _members(reader: Reader, organisation: Organisation, first: date, last: date) -> QuerySet:
    """The members of the year of the last day: of today, or of its end."""
    stays = members_of(last.year, organisation, reader.day)
    if reader.account is not None:
        stays = stays.filter(reader.account.scope.q("path", Capability.VIEW))
    ends = Value(date(last.year, 12, 31), output_field=DateField())
    return stays.annotate(year_ends=ends).order_by("path", "person__name", "pk")


def _with_hours(batch: list[Membership], reader: Reader) -> list[Membership]:
    for stay, hours in zip(batch, hours_of(batch, batch[0].year_ends.year), strict=True):
        stay.hours = hours
    return batch


def _gap(stay: Membership, reader: Reader) -> Decimal | None:
    return stay.hours.gap or None


def _page(stay: Membership, reader: Reader) -> str:
    chosen = {"organisation": stay.organisation_id, "year": stay.year_ends.year}
    return f"{reverse('study_hours')}?{urlencode(chosen)}"


STUDY_HOURS = Ledger(
    code="study-hours",
    title="学时台账",
    period="期间最后一天所在的年度，一人一行：今天（往年是年末）的党员，和他全年的学时，在别的支部学的也算。没有制度要求的不写应学学时。",
    rows=_members,
    columns=(
        Column("年度截止", "year_ends", 12, Format.DATE, part=Part.KEY, name="on"),
        Column("党员", "person.name", 10, part=Part.KEY, name="name", leads=True),
        Column("所在党支部", "organisation.label", 24, part=Part.KEY, name="branch"),
        Column("人员类别", "get_standing_display", 10, part=Part.COMPUTED),
        Column("集中学习次数", "sessions", 12, Format.NUMBER, part=Part.COMPUTED),
        Column("完成学时", "done", 10, Format.NUMBER, part=Part.COMPUTED),
        Column("应学学时", "hours.asked", 10, Format.NUMBER, part=Part.COMPUTED),
        Column("还差学时", _gap, 10, Format.NUMBER, part=Part.COMPUTED),
        Column("免学", "hours.freed", 10, part=Part.COMPUTED),
    ),
    tally=(
        ("{} 人", Count("pk")),
        ("共 {} 学时", Sum(Cast("done", FloatField()), default=0.0)),
        ("集中学习 {} 人次", Sum("sessions", default=0)),
    ),
    subject="person",
    prepare=_with_hours,
    link=lambda stay, _: (
        f"{reverse('study_hours')}?{urlencode({'organisation': stay.organisation_id, 'year': stay.year_ends.year})}"
    ),
)
