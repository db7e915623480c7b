"""The money of visits enters the books: once for a record, out of a standard that a body decided; back if withdrawn.

Fund and visits do not know each other: both know the record. Who lists what visits gave is :mod:`config.visit_money`.
"""

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from base import audit
from base.dates import civil_day
from duties.engine.models import Action, Record
from fund.journal import Desk
from fund.models import Fund, RecordSpending, Use, Voucher
from fund.services import release, reserve, reverse, spend
from members.enums import Capability


def fund_over(path: str) -> Fund | None:
    """The fund that pays for what is done at ``path``: that of the nearest organisation from there upward."""
    funds = Fund.objects.select_related("organisation")
    above = [fund for fund in funds.order_by("organisation__path") if path.startswith(fund.organisation.path)]
    return above[-1] if above else None


def _check_may(by, fund: Fund, record: Record) -> None:
    if by.person_id is None or not by.scope.may(Capability.KEEP_BOOKS, fund.organisation.path):
        raise PermissionDenied("记账由管这笔资金的会计、出纳办理。")
    if record.member_id == by.person_id:
        raise PermissionDenied("慰问自己的钱由别人记账。")


@transaction.atomic
def book(*, by, record: Record, fen: int, source: str, minutes: str, now: datetime) -> RecordSpending:
    """Enter what a visit gave: set aside and spent on the day of the visit.

    :param minutes: the decision that set the standard it keeps within.
    :raises ValidationError: keyed by ``minutes``, ``source``, ``amount`` or ``on``; if it was entered before.
    """
    record = Record.objects.select_for_update(of=["self"]).get(pk=record.pk)
    fund = fund_over(record.path)
    if fund is None:
        raise ValidationError("这里和上级都还没有设立专项资金，不能记账。")
    _check_may(by, fund, record)
    if record.withdrawn_on:
        raise ValidationError("这条记录已撤回，不能记账。")
    if RecordSpending.objects.filter(record=record).exists():
        raise ValidationError("这条记录的慰问金已经记过账，没有再记一次。")
    if not minutes.strip():
        raise ValidationError({"minutes": "请写定标准的会议纪要号。慰问金只在集体定过的标准以内列支。"})
    desk = Desk(record.on, now, by.pk)
    use = Use.CONDOLENCE if record.action == Action.CONDOLENCE else Use.VISIT
    kept = reserve(fund, desk, source=source, use=use, amount=fen, subject=f"record:{record.pk}", words="走访慰问预留")
    voucher = spend(kept, desk, amount=fen, words=f"{record.get_action_display()}，记录 {record.pk}")
    made = RecordSpending.objects.create(
        record=record, fund=fund, reservation=kept, voucher=voucher, minutes=minutes.strip(), booked_by=by.person
    )
    audit.write(audit.Act.WRITE, f"record:{record.pk}", booked=fen, source=source)
    return made


@transaction.atomic
def unbook(*, by, spending: RecordSpending, now: datetime) -> Voucher:
    """Reverse what was entered for a record that was withdrawn: the sum is available again.

    :raises ValidationError: while the record stands, or if it was reversed.
    """
    rows = RecordSpending.objects.select_for_update(of=["self"])
    spending = rows.select_related("record", "fund__organisation", "voucher", "reservation__fund").get(pk=spending.pk)
    _check_may(by, spending.fund, spending.record)
    if spending.record.withdrawn_on is None:
        raise ValidationError("这条记录没有撤回。记错了请先由登记的人撤回走访，再冲销。")
    if spending.reversed_on:
        raise ValidationError("这一笔已经冲销过，没有再冲一次。")
    desk = Desk(civil_day(now), now, by.pk)
    [voucher] = reverse(spending.voucher, desk, words="走访已撤回")
    release(spending.reservation, desk, amount=spending.voucher.amount, words="走访已撤回")
    spending.reversed_on = desk.on
    spending.save(update_fields=["reversed_on"])
    audit.write(audit.Act.EDIT, f"record:{spending.record_id}", reversed=spending.voucher.amount)
    return voucher
