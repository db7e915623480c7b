"""The ledger of 情况报告, those sent and those received: what was reported to whom and when, without the words."""

from datetime import date

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from base.writing import Format
from ledgers.ledger import Column, Ledger, Part, Reader
from ledgers.reporting.acts import stage
from ledgers.reporting.models import Report
from members.models import Organisation
from members.scope import path_end


def _rows(reader: Reader, organisation: Organisation, first: date, last: date) -> QuerySet:
    """Those of the organisation and of all below it: whoever stands above received them there."""
    found = Report.objects.all() if reader.account is None else Report.objects.visible_to(reader.account)
    found = found.filter(path__gte=organisation.path, path__lt=path_end(organisation.path))
    return found.filter(sent_on__range=(first, last)).with_names().order_by("-sent_on", "-pk")


def _late(report: Report, reader: Reader) -> str:
    return "补报" if report.late else ""


def _back(report: Report, reader: Reader) -> int:
    return len(report.returns.all())


def _from(report: Report, reader: Reader) -> str:
    return f"{report.below.organisation.label} {report.below_id} 号" if report.below else ""


def _stage(report: Report, reader: Reader) -> str:
    return stage(report).value


REPORTS = Ledger(
    code="reports",
    title="情况报告台账",
    period="报送日期在期间内的报告，含撤回的；本级报出的和下级报来的都在内。不含报告和答复的文字。",
    rows=_rows,
    columns=(
        Column("编号", "pk", 8, Format.NUMBER, part=Part.KEY, name="number"),
        Column("党组织", "organisation.label", 24, part=Part.KEY, name="branch"),
        Column("报送给", "to", 24, part=Part.COMPUTED),
        Column("种类", "get_kind_display", 14, part=Part.COMPUTED),
        Column("标题", "title", 30, leads=True, part=Part.VALUE, name="title"),
        Column("文件编号", "paper", 18, part=Part.COMPUTED),
        Column("发生日期", "happened_on", 12, Format.DATE, part=Part.COMPUTED),
        Column("报送日期", "sent_on", 12, Format.DATE, part=Part.KEY, name="on"),
        Column("是否补报", _late, 10, part=Part.COMPUTED),
        Column("报送人", "sent_by.name", 10, part=Part.COMPUTED),
        Column("签收日期", "received_on", 12, Format.DATE, part=Part.COMPUTED),
        Column("签收人", "received_by.name", 10, part=Part.COMPUTED),
        Column("答复日期", "answered_on", 12, Format.DATE, part=Part.COMPUTED),
        Column("退回次数", _back, 10, Format.NUMBER, part=Part.COMPUTED),
        Column("转报自", _from, 24, part=Part.COMPUTED),
        Column("情况", _stage, 12, part=Part.COMPUTED),
    ),
    tally=(("{} 份", Count("pk")), ("已签收 {} 份", Count("pk", filter=Q(received_on__isnull=False)))),
    link=lambda report, _: reverse("report", args=[report.pk]),
)
