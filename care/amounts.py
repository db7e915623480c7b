"""The monthly standards of the old members' subsidy, as organisations keep them: from a day on, until the next one."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from itertools import pairwise

from django.core.exceptions import ValidationError
from django.db import transaction

from base import audit
from base.dates import FAR
from care.models import SubsidyAmount
from care.subsidy import Amount, Tier
from members.models import PATH_SEGMENT, Organisation


def kept_at(path: str) -> list[SubsidyAmount]:
    """The rows that hold at ``path``: those of the nearest organisation from there upward that keeps any."""
    return _kept_at_each([path])[path]


def _kept_at_each(paths: Collection[str]) -> dict[str, list[SubsidyAmount]]:
    above = {path: [path[:end] for end in range(PATH_SEGMENT, len(path) + 1, PATH_SEGMENT)] for path in paths}
    rows = SubsidyAmount.objects.filter(organisation__path__in=set().union(*above.values()))
    kept = defaultdict(list)
    for row in rows.select_related("organisation").order_by("tier", "since"):
        kept[row.organisation.path].append(row)
    return {path: next((kept[each] for each in reversed(line) if each in kept), []) for path, line in above.items()}


def amounts_at(path: str) -> list[Amount]:
    """The same as intervals: each in force until the next of its tier."""
    return _intervals(kept_at(path))


def amounts_at_each(paths: Collection[str]) -> dict[str, list[Amount]]:
    """As :func:`amounts_at`, for each of the paths. One query."""
    return {path: _intervals(rows) for path, rows in _kept_at_each(paths).items()}


def _intervals(rows: list[SubsidyAmount]) -> list[Amount]:
    found = []
    for tier in Tier:
        mine = [row for row in rows if row.tier == tier]
        ends = [later.since for _one, later in pairwise(mine)] + [FAR]
        found += [Amount(tier, row.since, row.fen, until) for row, until in zip(mine, ends, strict=False)]
    return found


@transaction.atomic
def set_amount(
    *, by, organisation: Organisation, tier: str, since: date, fen: int, basis: str, today: date
) -> SubsidyAmount:
    """Enter what a tier is paid in a month from a day on, which may be one to come (中办发〔2019〕11号第十三条).

    :param fen: in whole fen.
    :raises ValidationError: for nothing, without a basis, or where the tier has a standard from that very day.
    """
    refused = {}
    if fen <= 0:
        refused["fen"] = "补贴标准应大于零。"
    if not basis.strip():
        refused["basis"] = "请写依据，例如哪份文件。"
    locked = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    if SubsidyAmount.objects.filter(organisation=locked, tier=tier, since=since).exists():
        refused["since"] = f"这一档从 {since} 起已有标准，填错了的请先撤销那一条。"
    if refused:
        raise ValidationError(refused)
    row = SubsidyAmount.objects.create(
        organisation=locked, tier=tier, since=since, fen=fen, basis=basis.strip(), entered_on=today,
        entered_by=by.person if by else None,
    )  # fmt: skip
    audit.write(audit.Act.WRITE, f"subsidy_amount:{row.pk}", tier=tier, since=str(since), fen=fen)
    return row


@transaction.atomic
def withdraw_amount(*, by, amount: int, organisation: Organisation, reason: str) -> None:
    """Take back a standard that was entered wrongly; the audit keeps what it said.

    :raises ValidationError: without a reason, or if it is gone.
    """
    row = SubsidyAmount.objects.select_for_update().filter(pk=amount, organisation=organisation).first()
    if row is None:
        raise ValidationError("这一条刚被别人撤销，没有再办一次。")
    if not reason.strip():
        raise ValidationError({"reason": "请写为什么撤销，一句话也可以。"})
    audit.write(
        audit.Act.WITHDRAW, f"subsidy_amount:{row.pk}", reason=reason, tier=row.tier, since=str(row.since), fen=row.fen
    )
    row.delete()
