"""The ledger of 督办: what was asked of whom by when, and how it was answered; without the words."""

from datetime import date

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from base.writing import Format
from ledgers.indicators import KINDS
from ledgers.ledger import Column, Ledger, Part, Reader
from ledgers.supervision.acts import stage
from ledgers.supervision.models import Supervision
from members.models import Organisation
from members.scope import path_end

STANDING = Q(event__withdrawn_on=None)
"""What was not taken back."""


def _rows(reader: Reader, organisation: Organisation, first: date, last: date) -> QuerySet:
    found = Supervision.objects.all() if reader.account is None else Supervision.objects.visible_to(reader.account)
    found = found.filter(path__gte=organisation.path, path__lt=path_end(organisation.path))
    return found.filter(issued_on__range=(first, last)).with_names().order_by("-issued_on", "-pk")


def _kind(notice: Supervision, reader: Reader) -> str:
    return KINDS[notice.kind][0] if notice.kind in KINDS else ""


def _then(notice: Supervision, reader: Reader) -> str:
    said = notice.figures
    return f"应办 {said['due']}，已办结 {said['done']}，过期没办 {said['late']}" if said else ""


def _answered_on(notice: Supervision, reader: Reader) -> date | None:
    return notice.standing and notice.standing.on


def _answered_by(notice: Supervision, reader: Reader) -> str:
    return notice.standing.by.name if notice.standing else ""


def _late(notice: Supervision, reader: Reader) -> str:
    return "逾期" if notice.standing and notice.standing.late else ""


def _back(notice: Supervision, reader: Reader) -> int:
    return sum(each.returned_on is not None for each in notice.answers.all())


def _stage(notice: Supervision, reader: Reader) -> str:
    return stage(notice, reader.day).value


SUPERVISIONS = Ledger(
    code="supervisions",
    title="督办台账",
    period="发出日期在期间内的督办，含撤回的；党组织是被督办的。不含督办内容和答复的文字。",
    rows=_rows,
    columns=(
        Column("编号", "pk", 8, Format.NUMBER, part=Part.KEY, name="number"),
        Column("党组织", "organisation.label", 24, part=Part.KEY, name="branch"),
        Column("督办事项", "subject", 30, leads=True, part=Part.VALUE, name="subject"),
        Column("发出单位", "sender.label", 24, part=Part.COMPUTED),
        Column("发出日期", "issued_on", 12, Format.DATE, part=Part.KEY, name="on"),
        Column("指标", _kind, 12, part=Part.COMPUTED),
        Column("发出时的数", _then, 30, part=Part.COMPUTED),
        Column("答复期限", "event.due_on", 12, Format.DATE, part=Part.COMPUTED),
        Column("答复日期", _answered_on, 12, Format.DATE, part=Part.COMPUTED),
        Column("答复人", _answered_by, 10, part=Part.COMPUTED),
        Column("是否逾期", _late, 10, part=Part.COMPUTED),
        Column("退回次数", _back, 10, Format.NUMBER, part=Part.COMPUTED),
        Column("认可日期", "settled_on", 12, Format.DATE, part=Part.COMPUTED),
        Column("情况", _stage, 14, part=Part.COMPUTED),
    ),
    tally=(
        ("{} 件", Count("pk")),
        ("没有撤回的 {} 件", Count("pk", filter=STANDING)),
        ("已认可 {} 件", Count("pk", filter=STANDING & Q(settled_on__isnull=False))),
    ),
    link=lambda notice, _: reverse("supervision", args=[notice.pk]),
)
