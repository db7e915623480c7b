"""Runs of allowances: prepared from a register in one pass, decided by a body, reserved in one go, paid at the desk.

未成年子女生活补助 (豫水组〔2020〕55号第十一条) by the year, the sum for each set by the organisation; 老党员生活补贴
(中办发〔2019〕11号第十三条) by the month and the tier. Who lives on the first of a month is paid for it. What cannot be
told stays in the list with why, and without money.
"""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from base import audit
from base.dates import civil_day
from base.fields import in_yuan
from base.sealed import blind_index
from care.amounts import amounts_at_each
from care.children import allowance_years, is_under_fourteen
from care.models import Entry, RegisterCode
from care.registers.elderly import tier_paid
from care.registers.household import children_of
from care.subsidy import subsidy_on
from fund.applying.filing import Account
from fund.journal import Desk
from fund.models import AllowanceLine, AllowanceRun, Fund, Grant, Use
from fund.permissions import may_manage
from fund.regulation.words import Body
from fund.services import INCOME, Wish, reserve_all
from members.enums import Standing
from members.models import Membership
from members.scope import path_end, sealed_at

Kind = AllowanceRun.Kind
REGISTERS = {Kind.CHILDREN: RegisterCode.HOUSEHOLD, Kind.ELDERLY: RegisterCode.ELDERLY}
USES = {Kind.CHILDREN: Use.CHILDREN, Kind.ELDERLY: Use.ELDERLY}
GUARDIAN = "监护人"


def _check_may(by, fund: Fund) -> None:
    if not may_manage(by, fund):
        raise PermissionDenied("补助由组织部编制，交集体研究。")


@transaction.atomic
def prepare(
    *, by, fund: Fund, kind: str, year: int, month: int = 0, each: int | None = None, source: str, now: datetime
) -> AllowanceRun:  # fmt: skip
    """Prepare a run from the register as it stands; a draft of the same time is prepared anew.

    :param each: what each child is paid, in fen.
    :raises ValidationError: keyed by ``year``, ``month``, ``each`` or ``source``.
    """
    _check_may(by, fund)
    today = civil_day(now)
    month = 0 if kind == Kind.CHILDREN else month
    refused = _amiss(kind, year, month, each=each, source=source, today=today)
    if refused:
        raise ValidationError(refused)
    Fund.objects.select_for_update().get(pk=fund.pk)
    run, _fresh = AllowanceRun.objects.update_or_create(
        fund=fund, kind=kind, year=year, month=month, state=AllowanceRun.State.DRAFT,
        defaults={
            "source": source, "each": each if kind == Kind.CHILDREN else None, "prepared_on": today,
            "prepared_by": by.person,
        },
    )  # fmt: skip
    run.lines.all().delete()
    lines = list(_children(run) if kind == Kind.CHILDREN else _elderly(run))
    _leave_out_paid(run, lines)
    AllowanceLine.objects.bulk_create(lines)
    audit.write(audit.Act.WRITE, f"run:{run.pk}", kind=kind, year=year, month=month, lines=len(lines))
    return run


def _amiss(kind: str, year: int, month: int, *, each: int | None, source: str, today: date) -> dict[str, str]:
    refused = {}
    if source not in INCOME:
        refused["source"] = "请选从哪种款源付。"
    if kind == Kind.CHILDREN and not each:
        refused["each"] = "请写每名子女每年多少元，由本单位定。"
    if kind == Kind.ELDERLY and not 1 <= month <= 12:
        refused["month"] = "请写是哪个月的补贴。"
    elif not today.year - 2 <= year <= today.year or (year, month) > (today.year, today.month):
        refused["year"] = "请写今年或前两年、不晚于本月的时间。"
    return refused


def _entries(run: AllowanceRun, day: date) -> list[tuple[Entry, Membership]]:
    """The register's entries in force on a day, with where their people stood. Two queries."""
    path = run.fund.organisation.path
    stays = Membership.objects.on(day).filter(path__gte=path, path__lt=path_end(path)).select_related("organisation")
    stays = stays.filter(person__entries__register=REGISTERS[run.kind]).order_by("pk")
    where = {stay.person_id: stay for stay in stays}
    rows = Entry.objects.standing().filter(register=REGISTERS[run.kind], since__lte=day, until__gt=day)
    rows = rows.filter(person__in=where).select_related("person").defer(*sealed_at("person"), "closed_note")
    return [(row, where[row.person_id]) for row in rows.order_by("pk")]


def _elderly(run: AllowanceRun) -> Iterable[AllowanceLine]:
    day = date(run.year, run.month, 1)
    found = _entries(run, day)
    amounts = amounts_at_each({stay.path for _entry, stay in found})
    for entry, stay in found:
        if stay.standing == Standing.DEAD:
            continue
        line = _line(run, entry, stay, f"m{entry.person_id}")
        try:
            tier = tier_paid(entry)
        except ValueError as unclear:
            line.left_out = str(unclear)
            yield line
            continue
        if tier is None:
            continue
        fen = subsidy_on(amounts[stay.path], tier, day)
        if fen:
            line.fen, line.reason = fen, f"{tier.label}，每月 {in_yuan(fen)} 元"
        else:
            line.left_out = f"{tier.label}没有现行标准，请先填补贴标准。"
        yield line


def _children(run: AllowanceRun) -> Iterable[AllowanceLine]:
    """Of each household within the fund today, whoever is under age on some day of the year after the death."""
    day = min(run.prepared_on, date(run.year, 12, 31))
    for entry, stay in _entries(run, day):
        if stay.standing != Standing.DEAD:
            continue
        for child in children_of(entry):
            mark = (blind_index(f"fund.child:{child.name}") or "")[:24]
            line = _line(run, entry, stay, f"m{entry.person_id}:{mark}")
            if child.born.day is None:
                line.left_out = "家庭档案里子女缺出生年月，请核实后补上。"
            elif run.year not in allowance_years(child.born.day, stay.since, child.born.precision):
                continue
            else:
                _fill(line, run, child, is_under_fourteen(child.born.day, day, child.born.precision))
            yield line


def _fill(line: AllowanceLine, run: AllowanceRun, child, young: bool) -> None:
    if young and not child.guardian:
        line.left_out = "子女未满 14 周岁，档案里没有写明配偶，请先写明监护人。"
        return
    line.fen, line.reason = run.each, f"未成年子女，{child.born.day.year} 年生{'，未满 14 周岁' if young else ''}"
    relation = GUARDIAN if child.guardian else "子女本人"
    line.to = asdict(Account(holder=child.guardian or child.name, relation=relation))


def _line(run: AllowanceRun, entry: Entry, stay: Membership, subject: str) -> AllowanceLine:
    return AllowanceLine(
        run=run, kind=run.kind, year=run.year, month=run.month, subject=subject, entry=entry, person=entry.person,
        organisation=stay.organisation,
    )  # fmt: skip


def _leave_out_paid(run: AllowanceRun, lines: list[AllowanceLine]) -> None:
    """Whoever has it for this time by another run has none in this one."""
    had = AllowanceLine.objects.filter(kind=run.kind, year=run.year, month=run.month, grant__isnull=False)
    had = set(had.filter(subject__in=[line.subject for line in lines]).values_list("subject", flat=True))
    for line in lines:
        if line.subject in had and line.fen:
            line.fen, line.reason, line.left_out, line.to = 0, "", "这段时间的已在另一批里定过，不再列。", {}


@transaction.atomic
def decide_run(
    *, by, run: AllowanceRun, body: str, on: date, minutes: str, votes: tuple[int, int, int], total: int, now: datetime
) -> AllowanceRun:  # fmt: skip
    """Enter that a body agreed to a run as it was shown, and set its money aside, all or none.

    :param votes: entitled, present, agreeing.
    :param total: the sum in fen that was decided upon; refused if the list changed meanwhile.
    :raises ValidationError: keyed by ``body``, ``on``, ``minutes`` or ``agree``; for money, or a changed list.
    """
    _check_may(by, run.fund)
    run = AllowanceRun.objects.select_for_update(of=["self"]).select_related("fund__organisation").get(pk=run.pk)
    _check_draft(run)
    today, (entitled, present, agree) = civil_day(now), votes
    refused = {
        name: sentence
        for name, sentence, good in (
            ("body", "请选是什么会定的。", body in Body.values),
            ("on", f"研究日期要在 {run.prepared_on} 到今天之间，请核对。", run.prepared_on <= on <= today),
            ("minutes", "请写会议纪要号。使用资金须经集体研究，有纪要可查。", minutes.strip()),
            ("agree", "到会的不能多于应到的，同意的不能多于到会的。", agree <= present <= entitled),
            ("agree", "要应到人数过半同意才算通过。", agree * 2 > entitled),
        )
        if not good
    }
    if refused:
        raise ValidationError(refused)
    lines = list(run.lines.filter(fen__gt=0).select_related("person").order_by("pk"))
    if not lines or sum(line.fen for line in lines) != total:
        raise ValidationError("名单是空的，或者刚才变了。请看过再办。")
    run.state, run.body, run.decided_on, run.minutes = AllowanceRun.State.DECIDED, body, on, minutes.strip()
    run.entitled, run.present, run.agree = votes
    run.save()
    _grant(by, run, lines, Desk(on, now, by.pk))
    audit.write(audit.Act.EDIT, f"run:{run.pk}", decided=len(lines), total=total)
    return run


def _grant(by, run: AllowanceRun, lines: list[AllowanceLine], desk: Desk) -> None:
    use = USES[Kind(run.kind)]
    wishes = [
        Wish(run.fund, run.source, use, line.fen, f"run:{run.pk}:{line.pk}", words=f"{run.title}预留") for line in lines
    ]
    kept = reserve_all(wishes, desk)
    before = _accounts_of(run, lines)
    grants = [
        Grant(fund=run.fund, person=line.person, reservation=row, fen=line.fen,
              payee={**line.to, **before.get(line.subject, {})})
        for line, row in zip(lines, kept, strict=True)
    ]  # fmt: skip
    try:
        with transaction.atomic():
            for line, grant in zip(lines, Grant.objects.bulk_create(grants), strict=True):
                line.grant = grant
            AllowanceLine.objects.bulk_update(lines, ["grant"])
    except IntegrityError as twice:
        raise ValidationError("有人这段时间的补助刚在另一批里定过。请重新编制名单再办。") from twice


def _accounts_of(run: AllowanceRun, lines: list[AllowanceLine]) -> dict[str, dict]:
    """The account each was paid to last, so that nobody types it every month."""
    had = AllowanceLine.objects.filter(
        kind=run.kind, subject__in=[line.subject for line in lines], grant__fund=run.fund, grant__isnull=False
    )
    rows = had.select_related("grant").order_by("grant")
    return {row.subject: row.grant.payee for row in rows if row.grant.payee.get("number")}


@transaction.atomic
def drop_run(*, by, run: AllowanceRun, reason: str) -> AllowanceRun:
    """Take a draft back that no body decided.

    :raises ValidationError: without a reason, or once it was decided.
    """
    _check_may(by, run.fund)
    run = AllowanceRun.objects.select_for_update(of=["self"]).get(pk=run.pk)
    _check_draft(run)
    if not reason.strip():
        raise ValidationError({"reason": "请写为什么作废。"})
    run.state = AllowanceRun.State.DROPPED
    run.save(update_fields=["state"])
    audit.write(audit.Act.WITHDRAW, f"run:{run.pk}", reason=reason)
    return run


def _check_draft(run: AllowanceRun) -> None:
    if run.state != AllowanceRun.State.DRAFT:
        raise ValidationError(f"这一批{run.get_state_display()}，没有再办一次。")
