"""党务公开台账: what an organisation let its members read, of which kind, from when to when.

Out only: what hung elsewhere in earlier years is a deed and comes in with the ledger of deeds.
"""

from datetime import date

from django.db.models import Count, QuerySet
from django.urls import reverse

from base.writing import Format
from ledgers.ledger import Column, Ledger, Part, Reader
from ledgers.models import Disclosure
from members.models import Organisation
from members.scope import path_end


def _disclosures(reader: Reader, organisation: Organisation, first: date, last: date) -> QuerySet:
    """Those opened in the period, without what was taken back."""
    rows = Disclosure.objects.all() if reader.account is None else Disclosure.objects.visible_to(reader.account)
    rows = rows.filter(
        deed__record__path__gte=organisation.path, deed__record__path__lt=path_end(organisation.path),
        deed__record__on__range=(first, last), deed__record__withdrawn_on=None,
    )  # fmt: skip
    return rows.with_place().order_by("-deed__record__on", "-deed__record__pk")


OPENNESS = Ledger(
    code="openness",
    title="党务公开台账",
    period="公开日期在期间内的公开，撤回的不列；正文在公开的那一页。",
    rows=_disclosures,
    columns=(
        Column("编号", "pk", 8, Format.NUMBER, part=Part.KEY, name="number"),
        Column("党组织", "deed.record.organisation.label", 24, part=Part.KEY, name="branch"),
        Column("公开日期", "deed.record.on", 12, Format.DATE, part=Part.KEY, name="on"),
        Column("公开什么", "get_topic_display", 18, part=Part.COMPUTED),
        Column("标题", "title", 30, leads=True, part=Part.VALUE, name="title"),
        Column("公开到", "until_on", 12, Format.DATE, part=Part.COMPUTED),
        Column("还在哪里公开", "place", 18, part=Part.COMPUTED),
    ),
    tally=(("{} 项", Count("pk")),),
    link=lambda row, _: reverse("disclosure", args=[row.pk]),
)
