"""Laying a ledger out as a superior wants it: keeping layouts, and what a layout makes of the ledger's columns."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from base import audit
from ledgers.ledger import Column, Ledger
from ledgers.models import Layout
from members.models import Organisation


def laid_out(ledger: Ledger, layout: Layout | None) -> list[Column]:
    """The ledger's columns as the layout picks, orders and names them, without those it no longer has."""
    if layout is None:
        return list(ledger.columns)
    known = {column.heading: column for column in ledger.columns}
    return [replace(known[own], heading=heading) for own, heading, *_ in known_columns(ledger, layout)]


def known_columns(ledger: Ledger, layout: Layout) -> list[list]:
    """The columns of the layout that the ledger still has, in their order, the running number aside."""
    known = {column.heading for column in ledger.columns}
    return [each for each in layout.columns if each[0] in known]


@transaction.atomic
def keep_layout(
    *,
    by,
    organisation: Organisation,
    ledger: Ledger,
    name: str,
    columns: Sequence[Sequence],
    title: str = "",
    signers: str = "",
    today: date,
    layout: Layout | None = None,
    book: bytes | None = None,
    sheet: str = "",
    first_row: int = 0,
) -> Layout:
    """Keep a layout under a name, or write a kept one anew.

    :param columns: see :class:`ledgers.models.Layout`.
    :raises ValidationError: keyed by form field: without a column, for a heading given twice, for a name that is taken.
    """
    known = {column.heading for column in ledger.columns} | {ledger.NUMBER.text}
    columns = [list(each) for each in columns if each[0] in known]
    if not any(own != ledger.NUMBER.text for own, *_ in columns):
        raise ValidationError({"columns": "请至少勾选一列。"})
    headings = [each[1] for each in columns]
    if twice := sorted({each for each in headings if headings.count(each) > 1}):
        raise ValidationError({"columns": f"表头“{twice[0]}”用了两次，请改其中一个。"})
    if book is None and not (layout and layout.book) and ledger.NUMBER.text in headings:
        raise ValidationError({"columns": f"“{ledger.NUMBER.text}”每张表第一列都有，请给这一列换个表头。"})
    row = layout or Layout(organisation=organisation, ledger=ledger.code, entered_by=by and by.person, entered_on=today)
    row.name, row.title, row.signers, row.columns = name.strip(), title.strip(), signers.strip(), columns
    if book is not None:
        row.book, row.sheet, row.first_row = book, sheet, first_row
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as taken:
        raise ValidationError({"name": f"{organisation.label}已有叫“{row.name}”的版式，请换个名称。"}) from taken
    audit.write(audit.Act.EDIT if layout else audit.Act.WRITE, f"layout:{row.pk}", organisation=row.organisation_id)
    return row


@transaction.atomic
def drop_layout(*, by, layout: Layout) -> None:
    """Throw a layout away; what was exported in it stays as it is."""
    audit.write(audit.Act.WITHDRAW, f"layout:{layout.pk}", organisation=layout.organisation_id)
    layout.delete()
