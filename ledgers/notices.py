"""公示台账 and 评选公示台账: what was shown to everybody, from when to when, and what came of it.

Neither names nor objections are in them: whom a notice names stands on it, who objected stays sealed. Nothing is
brought in by them: a notice is posted on its page.
"""

from datetime import date
from decimal import Decimal

from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum
from django.urls import reverse

from awards.models import SelectionNotice, SelectionObjection
from awards.models.nominees import LEAST_DAYS
from base.writing import Format
from fund.models import NoticeLine, Objection, PublicNotice
from ledgers.ledger import Column, Ledger, Part, Reader
from members.models import Organisation
from members.scope import path_end, sealed_at

# 帮扶公示


def _of(rows: QuerySet, notice: str, aggregate) -> Subquery:
    """An aggregate over the rows of each notice."""
    return Subquery(rows.filter(**{notice: OuterRef("pk")}).order_by().values(notice).annotate(n=aggregate).values("n"))


def _notices(reader: Reader, organisation: Organisation, first: date, last: date) -> QuerySet:
    """Notices posted in the period, where they were posted."""
    rows = PublicNotice.objects.all() if reader.account is None else PublicNotice.objects.visible_to(reader.account)
    return (
        rows.filter(organisation__path__gte=organisation.path, organisation__path__lt=path_end(organisation.path))
        .filter(posted_on__range=(first, last))
        .select_related("organisation", "posted_by", "result_by")
        .defer("token", *sealed_at("posted_by", "result_by"))
        .annotate(
            people=_of(NoticeLine.objects.all(), "notice", Count("pk")),
            fen=_of(NoticeLine.objects.all(), "notice", Sum("fen")),
            objections=_of(Objection.objects.all(), "line__notice", Count("pk")),
        )
        .order_by("-posted_on", "-pk")
    )


def _fen(row: PublicNotice, reader: Reader) -> Decimal:
    return Decimal(row.fen or 0) / 100


def _days(row: PublicNotice, reader: Reader) -> str:
    return f"{row.days} {row.get_count_display()}"


def _state(row: PublicNotice, reader: Reader) -> str:
    if row.taken_down_on:
        return f"{row.taken_down_on} 撤下"
    if row.result_on:
        return row.result or "公示期满，无异议"
    return "公示中" if reader.day <= row.ends_on else "期满，待写结果"


NOTICES = Ledger(
    code="notices",
    title="公示台账",
    period="张贴日期在期间内的帮扶公示，更正后重新公示的另起一行；党组织是张贴的党组织。只写几人、多少钱，不写姓名和反映内容。",
    rows=_notices,
    columns=(
        Column("公示编号", "label", 10, part=Part.COMPUTED),
        Column("张贴日期", "posted_on", 12, Format.DATE, part=Part.KEY, name="on"),
        Column("公示标题", "title", 32, part=Part.KEY, name="title", leads=True),
        Column("党组织", "organisation.label", 22, part=Part.KEY, name="branch"),
        Column("公示人数", "people", 10, Format.NUMBER, part=Part.COMPUTED),
        Column("拟帮扶金额(元)", _fen, 14, Format.MONEY, part=Part.COMPUTED),
        Column("公示至", "ends_on", 12, Format.DATE, part=Part.COMPUTED),
        Column("公示天数", _days, 14, part=Part.COMPUTED),
        Column("张贴地点", "place", 18, part=Part.VALUE, name="place"),
        Column("受理部门", "office", 16, part=Part.VALUE, name="office"),
        Column("监督电话", "phone", 16, part=Part.VALUE, name="phone"),
        Column("异议件数", "objections", 10, Format.NUMBER, part=Part.COMPUTED),
        Column("公示结果", _state, 22, part=Part.COMPUTED),
        Column("结果日期", "result_on", 12, Format.DATE, part=Part.COMPUTED),
        Column("经办人", "posted_by.name", 10, part=Part.COMPUTED),
    ),
    tally=(("{} 件", Count("pk")), ("公示 {} 人次", Sum("people", default=0))),
    link=lambda row, _: reverse("notice", args=[row.pk]),
)

# 评选公示


def _selection_notices(reader: Reader, organisation: Organisation, first: date, last: date) -> QuerySet:
    """Notices of selections shown from a day of the period on, at the organisation that selects."""
    rows = SelectionNotice.objects.all()
    if reader.account is not None:
        rows = rows.visible_to(reader.account)
    path = "selection__organisation__path"
    objections = SelectionObjection.objects.filter(nominee__notice__isnull=False)
    return (
        rows.filter(**{f"{path}__gte": organisation.path, f"{path}__lt": path_end(organisation.path)})
        .filter(from_on__range=(first, last))
        .select_related("selection__organisation", "entered_by")
        .defer(*sealed_at("entered_by"))
        .annotate(people=Count("nominees"), objections=_of(objections, "nominee__notice", Count("pk")))
        .order_by("-from_on", "-pk")
    )


def _shown(row: SelectionNotice, reader: Reader) -> str:
    if reader.day > row.until_on:
        return f"期满{f'，不足 {LEAST_DAYS} 个工作日' if row.short else ''}"
    return "公示中" if row.from_on <= reader.day else "未开始"


SELECTION_NOTICES = Ledger(
    code="selection-notices",
    title="评选公示台账",
    period="公示起在期间内的评选表彰公示；党组织是组织评选的党组织。不写姓名和反映内容。",
    rows=_selection_notices,
    columns=(
        Column("公示起", "from_on", 12, Format.DATE, part=Part.KEY, name="on"),
        Column("评选", "selection.title", 28, part=Part.KEY, name="title", leads=True),
        Column("党组织", "selection.organisation.label", 22, part=Part.KEY, name="branch"),
        Column("公示对象数", "people", 12, Format.NUMBER, part=Part.COMPUTED),
        Column("公示止", "until_on", 12, Format.DATE, part=Part.COMPUTED),
        Column("公示工作日", "days", 12, Format.NUMBER, part=Part.COMPUTED),
        Column("公示地点", "place", 18, part=Part.VALUE, name="place"),
        Column("受理异议", "contact", 24, part=Part.VALUE, name="contact"),
        Column("异议件数", "objections", 10, Format.NUMBER, part=Part.COMPUTED),
        Column("状态", _shown, 24, part=Part.COMPUTED),
        Column("经办人", "entered_by.name", 10, part=Part.COMPUTED),
    ),
    tally=(("{} 件", Count("pk")),),
    link=lambda row, _: reverse("selection_notice", args=[row.pk]),
)
