"""资金申请台账: what was asked of the funds, who reviewed, what was decided, shown and paid (the columns of 审批表).

Nothing of why: reason, household and account stay on the page. Out only: an application is filed, not brought in.
"""

from datetime import date
from decimal import Decimal

from django.db.models import Count, FloatField, Prefetch, Q, QuerySet, Sum
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse

from base.writing import Format
from fund.models import Application, Decision, Grant, NoticeLine, Payment, Taken
from fund.regulation.steps import OVER, Move, Stage
from fund.regulation.words import StepKind
from ledgers.ledger import Column, Ledger, Part, Reader
from members.models import Organisation
from members.scope import path_end, sealed_at

PAID = (Payment.State.PAID, Payment.State.RECEIVED)


def _applications(reader: Reader, organisation: Organisation, first: date, last: date) -> QuerySet:
    """Those first submitted in the period, where the member then stood."""
    rows = Application.objects.all() if reader.account is None else Application.objects.visible_to(reader.account)
    payments = Payment.objects.filter(state__in=PAID).order_by("on", "pk").defer("payee", "substitute")
    grants = Grant.objects.order_by("pk").defer("payee").prefetch_related(Prefetch("payments", payments))
    taken = Taken.objects.exclude(step="").order_by("serial").defer("opinion", "facts")
    decisions = Decision.objects.select_related("meeting").order_by("pk").defer("snapshot", "reason")
    return (
        rows.filter(path__gte=organisation.path, path__lt=path_end(organisation.path))
        .filter(submitted_on__range=(first, last))
        .select_related("person", "organisation")
        .defer("content", *(name for name in sealed_at("person") if name != "person__id_number"))
        .prefetch_related(
            "regulation", Prefetch("taken", taken), Prefetch("grants", grants),
            Prefetch("decisions", decisions),
            Prefetch("notice_lines", NoticeLine.objects.select_related("notice").order_by("pk")),
        )
        .order_by("-submitted_on", "-pk")
    )  # fmt: skip


def _yuan(fen: int | None) -> Decimal | None:
    return None if fen is None else Decimal(fen) / 100


def _asked(row: Application, reader: Reader) -> Decimal | None:
    return _yuan(row.asked)


def _granted(row: Application, reader: Reader) -> Decimal | None:
    return _yuan(row.granted)


def _reviews(row: Application, reader: Reader) -> str:
    """支部审核 通过 11-20；组织部复核 退回 11-23: the steps before the decision, without what was said."""
    codes = {step.code for step in row.regulation.parsed.steps if step.kind == StepKind.REVIEW}
    said = [f"{each.title} {Move(each.move).label} {each.on:%m-%d}" for each in row.taken.all() if each.step in codes]
    return "；".join(said)


def _meeting(row: Application, reader: Reader) -> str:
    last = list(row.decisions.all())[-1:]
    return "".join(f"{each.meeting.title} {each.meeting.minutes} {each.get_outcome_display()}" for each in last)


def _decided(row: Application, reader: Reader) -> date | None:
    return next((each.meeting.on for each in reversed(row.decisions.all())), None)


def _notice(row: Application, reader: Reader) -> str:
    last = list(row.notice_lines.all())[-1:]
    return "".join(f"{each.notice.posted_on} 至 {each.notice.ends_on}" for each in last)


def _paid(row: Application) -> list[Payment]:
    return [payment for grant in row.grants.all() for payment in grant.payments.all()]


def _paid_on(row: Application, reader: Reader) -> date | None:
    return max((payment.on for payment in _paid(row)), default=None)


def _paid_sum(row: Application, reader: Reader) -> Decimal | None:
    paid = [grant.fen for grant in row.grants.all() if grant.payments.all()]
    return _yuan(sum(paid)) if paid else None


def _way(row: Application, reader: Reader) -> str:
    return "、".join(dict.fromkeys(payment.get_way_display() for payment in _paid(row)))


def _sum(name: str, **which):
    return Coalesce(Sum(Cast(name, FloatField()), filter=Q(**which)), 0.0) / 100.0


APPLICATIONS = Ledger(
    code="applications",
    title="资金申请台账",
    period="首次提交日期在期间内的申请，含撤回和不予帮扶的；党支部是提交时所在的党支部。不含理由、家庭、收入和账户。",
    rows=_applications,
    columns=(
        Column("编号", "label", 12, part=Part.KEY, name="number", leads=True),
        Column("提交日期", "submitted_on", 12, Format.DATE, part=Part.KEY, name="on"),
        Column("姓名", "person.name", 10, part=Part.KEY, name="name"),
        Column("身份证号", "person.masked_id", 20, part=Part.COMPUTED, sealed=True, bare="person.id_number"),
        Column("所在党支部", "organisation.label", 24, part=Part.KEY, name="branch"),
        Column("帮扶类别", "class_of.title", 18, part=Part.VALUE, name="kind"),
        Column("申请金额(元)", _asked, 14, Format.MONEY, part=Part.VALUE, name="asked"),
        Column("填写人", "get_filer_display", 12, part=Part.VALUE, name="filer"),
        Column("审核", _reviews, 36, part=Part.COMPUTED),
        Column("集体研究", _meeting, 30, part=Part.COMPUTED),
        Column("研究日期", _decided, 12, Format.DATE, part=Part.COMPUTED),
        Column("核定金额(元)", _granted, 14, Format.MONEY, part=Part.COMPUTED),
        Column("公示", _notice, 26, part=Part.COMPUTED),
        Column("发放日期", _paid_on, 12, Format.DATE, part=Part.COMPUTED),
        Column("发放方式", _way, 10, part=Part.COMPUTED),
        Column("发放金额(元)", _paid_sum, 14, Format.MONEY, part=Part.COMPUTED),
        Column("状态", "state_words", 14, part=Part.COMPUTED),
        Column("办结日期", "ended_on", 12, Format.DATE, part=Part.COMPUTED),
    ),
    subject="person",
    tally=(
        ("{} 件", Count("pk")),
        ("办结 {} 件", Count("pk", filter=Q(state=Stage.CLOSED))),
        ("办理中 {} 件", Count("pk", filter=~Q(state__in=OVER))),
        ("申请 {} 元", _sum("asked")),
        ("核定 {} 元", _sum("granted", granted__gt=0)),
    ),
    link=lambda row, _: reverse("application", args=[row.pk]),
)
