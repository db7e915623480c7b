"""Which 资金管理办法 a fund follows, from which day on."""

from datetime import date, datetime
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import transaction

from base import audit
from base.dates import civil_day
from fund.models import Fund, FundRegulation
from fund.regulation.files import FOLDER, RegulationRefused, parse_regulation, read_regulation


def text_of(code: str) -> str:
    """The text of a regulation that comes with the product.

    :raises RegulationRefused: if there is none of that code.
    """
    read_regulation(code)
    return Path(FOLDER, f"{code}.toml").read_text(encoding="utf-8")


@transaction.atomic
def follow(*, by, fund: Fund, text: str, since: date, now: datetime) -> FundRegulation:
    """Have a fund follow a regulation from a day on. What was submitted before goes on by the one it was submitted to.

    :param text: the whole file; one of the product's by :func:`text_of`.
    :raises ValidationError: keyed by ``text`` or ``since``.
    """
    Fund.objects.select_for_update().get(pk=fund.pk)
    try:
        parsed = parse_regulation(text, "办法")
    except RegulationRefused as refused:
        raise ValidationError({"text": [str(refused)]}) from refused
    last = fund.regulations.order_by("-since").first()
    if last and since <= last.since:
        raise ValidationError({"since": [f"现在的办法自 {last.since} 起执行，新的要晚于那天。请改日期。"]})
    if parsed.fund.is_budget and parsed.shares:
        raise ValidationError({"text": ["只列预算、不设资金的办法不能写各级分担。"]})
    row = FundRegulation.objects.create(
        fund=fund, code=parsed.regulation.code, title=parsed.regulation.title, text=text, since=since,
        entered_on=civil_day(now), entered_by=by and by.person,
    )  # fmt: skip
    audit.write(audit.Act.WRITE, f"fund:{fund.pk}", regulation=row.code, since=str(since))
    return row
