"""党费减免台账: who asked to pay less dues, what the branch, the general branch and the committee said of it.

Nothing of why: the reason stays on the page. Out only: an application is filed, not brought in.
"""

from datetime import date
from decimal import Decimal

from django.db.models import Count, Prefetch, Q, QuerySet
from django.urls import reverse

from base.dates import last_day
from base.writing import Format
from fund.models import DuesRelief, ReliefKind, ReliefState, ReliefStep
from fund.relief.telling import state_of
from ledgers.ledger import Column, Ledger, Part, Reader
from members.models import Organisation
from members.scope import path_end, sealed_at


def _reliefs(reader: Reader, organisation: Organisation, first: date, last: date) -> QuerySet:
    """Those asked for in the period, where the member then stood."""
    rows = DuesRelief.objects.all() if reader.account is None else DuesRelief.objects.visible_to(reader.account)
    steps = ReliefStep.objects.exclude(stage="").order_by("serial").select_related("organisation").defer("opinion")
    return (
        rows.filter(path__gte=organisation.path, path__lt=path_end(organisation.path))
        .filter(applied_on__range=(first, last))
        .select_related("person", "organisation")
        .defer("reason", "relative", *sealed_at("person"))
        .prefetch_related(Prefetch("steps", steps))
        .order_by("-applied_on", "-pk")
    )


def _last(row: DuesRelief, stage: str) -> ReliefStep | None:
    """What was said last at a stage."""
    return next((each for each in reversed(row.steps.all()) if each.stage == stage), None)


def _granted(row: DuesRelief) -> bool:
    return row.granted_since is not None


def _kind(row: DuesRelief, reader: Reader) -> str:
    return ReliefKind(row.granted_kind or row.kind).label


def _fen(row: DuesRelief, reader: Reader) -> Decimal | None:
    fen = row.granted_fen if _granted(row) else row.fen
    return None if fen is None else Decimal(fen) / 100


def _since(row: DuesRelief, reader: Reader) -> date:
    return row.granted_since or row.since


def _until(row: DuesRelief, reader: Reader) -> date:
    return last_day(row.granted_until or row.until)


def _discussed(row: DuesRelief, reader: Reader) -> date | None:
    step = _last(row, ReliefState.BRANCH)
    return step and step.on


def _vote(row: DuesRelief, reader: Reader) -> str:
    step = _last(row, ReliefState.BRANCH)
    return step.vote if step else ""


def _general(row: DuesRelief, reader: Reader) -> str:
    step = _last(row, ReliefState.GENERAL)
    return f"{step.get_move_display()} {step.on:%m-%d}" if step else ""


def _committee(row: DuesRelief, reader: Reader) -> str:
    step = _last(row, ReliefState.COMMITTEE)
    return f"{step.organisation.label} {step.body}".strip() if step else ""


def _decided(row: DuesRelief, reader: Reader) -> date | None:
    step = _last(row, ReliefState.COMMITTEE)
    return step and step.on


def _minutes(row: DuesRelief, reader: Reader) -> str:
    step = _last(row, ReliefState.COMMITTEE)
    return step.minutes if step else ""


def _result(row: DuesRelief, reader: Reader) -> str:
    return state_of(row, reader.day)[0]


RELIEFS = Ledger(
    code="dues-relief",
    title="党费减免台账",
    period="申请日期在期间内的申请，含撤回和未批准的；党支部是提交时所在的党支部。批准了的写批准的数额和起止，不含理由。",
    rows=_reliefs,
    columns=(
        Column("党支部", "organisation.label", 24, part=Part.KEY, name="branch"),
        Column("姓名", "person.name", 10, part=Part.KEY, name="name", leads=True),
        Column("申请日期", "applied_on", 12, Format.DATE, part=Part.KEY, name="on"),
        Column("类型", _kind, 8, part=Part.COMPUTED),
        Column("每月交纳(元)", _fen, 14, Format.MONEY, part=Part.COMPUTED),
        Column("自", _since, 12, Format.DATE, part=Part.COMPUTED),
        Column("至", _until, 12, Format.DATE, part=Part.COMPUTED),
        Column("支部讨论日期", _discussed, 14, Format.DATE, part=Part.COMPUTED),
        Column("表决", _vote, 36, part=Part.COMPUTED),
        Column("总支意见", _general, 14, part=Part.COMPUTED),
        Column("审批机构", _committee, 24, part=Part.COMPUTED),
        Column("审批日期", _decided, 12, Format.DATE, part=Part.COMPUTED),
        Column("纪要号", _minutes, 20, part=Part.COMPUTED),
        Column("结果", _result, 12, part=Part.COMPUTED),
    ),
    subject="person",
    tally=(
        ("{} 件", Count("pk")),
        ("批准 {} 件", Count("pk", filter=Q(state=ReliefState.APPROVED))),
        ("其中免交 {} 件", Count("pk", filter=Q(state=ReliefState.APPROVED, granted_kind=ReliefKind.NONE))),
        ("未批准 {} 件", Count("pk", filter=Q(state=ReliefState.REFUSED))),
    ),
    link=lambda row, _: reverse("relief", args=[row.pk]),
)
