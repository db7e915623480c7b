"""What a test of taking ledgers in needs: a place where everything was done, its exports, sheets made by hand."""

import csv
import io
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from zoneinfo import ZoneInfo

import openpyxl
from django.apps import apps
from django.core import serializers

from awards.services import record_study
from base.models import AuditRow, AuditSeal, OnceKey
from duties.deeds import record_deed
from duties.engine.models import Action
from ledgers.declarations import LEDGERS
from ledgers.extract import Extract, export
from ledgers.people import Importer
from ledgers.taking import import_ledger, plan_ledger, read_ledger
from members.enums import EventKind
from members.services import register_event
from tests import world
from tests.ledgers.rows import TODAY, event, in_force
from tests.members.sheets import workbook
from visits.services import record_talk
from visits.visiting import Seen, record_visit

FIRST = date(2024, 1, 1)


def talk(cast, member, *talkers, on, text="谈了工作", means="face", subject="yearly", **more):
    people = list(talkers) or [cast.secretary]
    return record_talk(
        by=None, members=[member], on=on, means=means, subject=subject, text=text, talkers=people, today=TODAY, **more
    )


def visit(cast, member, *people, on, action=Action.VISIT, event=None, **seen):
    seen = Seen(**{"how": "home", "met": "member", "text": "看望", **seen})
    who = list(people) or [cast.secretary]
    return record_visit(by=None, action=action, member=member, on=on, people=who, seen=seen, today=TODAY, event=event)


def study(cast, *members, on, title="党章第一章", hours="2.5"):
    return record_study(
        by=None, organisation=cast.branch, members=list(members), on=on, title=title, hours=Decimal(hours),
        organiser=cast.secretary, today=TODAY,
    )  # fmt: skip


def deed(cast, action, *, member=None, organisation=None, on, note, paper=""):
    return record_deed(
        by=None, action=action, member=member, organisation=organisation, on=on, people=[cast.secretary], note=note,
        paper=paper, today=TODAY,
    )  # fmt: skip


def lived_in(cast):
    """A committee in which something of every kind was done and is still to be done."""
    in_force(cast.committee)
    punished = event(cast.li, EventKind.PUNISHMENT, date(2026, 11, 10))
    fell_ill = event(cast.zhao, EventKind.ILLNESS, date(2026, 11, 11))
    talk(cast, cast.li, on=date(2026, 11, 12), event=punished, subject="event")
    talk(cast, cast.zhao, cast.secretary, cast.commissioner, on=date(2025, 3, 5), means="phone", wish="想换岗位")
    for text in ("上午谈的", "下午谈的"):
        talk(cast, cast.commissioner, on=date(2024, 6, 7), text=text)
    talk(cast, cast.secretary, cast.general_secretary, on=date(2026, 5, 6), means="collective")
    talk(cast, cast.sun, cast.sibling_secretary, on=date(2026, 5, 6))
    visit(cast, cast.zhao, cast.secretary, cast.commissioner, on=date(2026, 11, 12), how="hospital", event=fell_ill)
    visit(cast, cast.li, on=date(2026, 2, 10), occasion="spring", money="=1+1", gift="米、油\n各一份，共 2 份")
    visit(cast, cast.commissioner, on=date(2026, 11, 6), action=Action.GREETING, how="card", met="", text="生日快乐")
    died = world.member("钱守义", cast.branch)
    register_event(by=None, person=died, kind=EventKind.DEATH, occurred_on=date(2026, 10, 1), today=TODAY)
    visit(cast, died, on=date(2026, 10, 3), action=Action.CONDOLENCE, how="funeral", met="family", met_name="长子")
    study(cast, cast.li, cast.zhao, on=date(2026, 11, 20))
    study(cast, cast.li, on=date(2025, 11, 20), title="党章第二章", hours="3")
    deed(
        cast, "report", organisation=cast.branch, on=date(2026, 6, 30), note="报送上半年情况", paper="支字〔2026〕3 号"
    )
    deed(
        cast,
        "plan",
        organisation=cast.committee,
        on=date(2026, 1, 8),
        note="=年度计划\n共五项",
        paper="党字〔2026〕1 号",
    )
    deed(cast, "service", member=cast.zhao, on=date(2026, 5, 8), note="上门送药", paper="8-1")
    deed(cast, "referral", member=cast.li, on=date(2026, 5, 9), note="请专业人员谈了一次", paper="9-1")


def account_of(cast, role, place=None, name="某同志"):
    """Somebody of no branch who holds the post."""
    someone = world.person(name)
    world.post(someone, place or cast.committee, role)
    return world.account(someone)


def exported(code, account, organisation, *, first=FIRST, last=date(2026, 12, 31)) -> bytes:
    at = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    file = io.BytesIO()
    export(Extract(LEDGERS[code], account, organisation, first, last, at), file)
    return file.getvalue()


def cells_of(data: bytes) -> list[list]:
    """The cells of an export as a spreadsheet program reads them."""
    return [list(row) for row in openpyxl.load_workbook(io.BytesIO(data)).active.iter_rows(values_only=True)]


def as_csv(data: bytes, *, encoding="gbk", day="%Y/%m/%d") -> bytes:
    """An export as Excel or WPS saves it: commas, their own way of writing days, the encoding of the country."""
    out = io.StringIO()
    for row in cells_of(data):
        csv.writer(out).writerow(
            ["" if cell is None else cell.strftime(day) if isinstance(cell, date) else cell for cell in row]
        )
    return out.getvalue().encode(encoding)


def sheet_of(code, *rows) -> bytes:
    """A sheet with the ledger's headings and further ones; rows are dictionaries by heading."""
    headings = list(dict.fromkeys([*(column.heading for column in LEDGERS[code].columns), *chain(*rows)]))
    return workbook([[row.get(each) for each in headings] for row in rows], headings=headings)


def importer(account=None, place=None) -> Importer:
    return Importer(account, place)


def planned(code, data, by):
    ledger = LEDGERS[code]
    return plan_ledger(importer=by, ledger=ledger, sheet=read_ledger(ledger, data), today=TODAY)


def taken(code, data, by):
    ledger = LEDGERS[code]
    return import_ledger(importer=by, ledger=ledger, sheet=read_ledger(ledger, data), today=TODAY)


def everything() -> dict[str, str]:
    """What the database holds apart from the audit and the keys of forms."""
    left_out = (AuditRow, AuditSeal, OnceKey)
    models = [model for model in apps.get_models() if model not in left_out and model._meta.app_label != "sessions"]
    return {model._meta.label: serializers.serialize("json", model._base_manager.order_by("pk")) for model in models}


def said(plan) -> list[tuple]:
    """What a plan says of cells: row, column, code."""
    return [(each.row, each.column, each.code) for each in plan.report().findings]
