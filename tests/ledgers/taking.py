"""What a test of taking ledgers in needs: a place where everything was done, its exports, sheets made by hand."""

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import chain
from zoneinfo import ZoneInfo

import openpyxl
from django import forms
from django.apps import apps
from django.core import serializers
from django.core.exceptions import ValidationError

from awards.assessing import Judged, record_assessment
from awards.ceremonies import Held as Ceremonial
from awards.ceremonies import record_ceremony
from awards.fifty.listing import Award, enter_award
from awards.giving import Benefit, give
from awards.honours import Granted, grant_honour, revoke_honour
from awards.models import HonourKind, Level, SelectionNotice
from awards.namings import Named, enter_naming
from awards.planning import Item, approve_plan, draw_up
from awards.stories import Told, enter_story
from awards.study import record_study
from base.fields import TableField, TextField, YuanField
from base.models import AuditRow, AuditSeal, OnceKey
from care.entries import Given, close_entry, open_entry, recognise_entry
from care.models import OF_THE_DEAD
from care.registers import REGISTERS
from duties.deeds import record_deed
from duties.engine.models import Action
from duties.policy.adoption import adopt
from duties.policy.packs import load_pack
from fund.journal import Desk
from fund.models import Grant, Payment, ReliefMove
from fund.regulation.steps import Move
from fund.services import open_fund, receive, reserve, reverse, spend
from ledgers.declarations import LEDGERS
from ledgers.disclosing import Told as Disclosed
from ledgers.disclosing import disclose
from ledgers.extract import Extract, export
from ledgers.people import Importer
from ledgers.register_entries import is_of_organisations
from ledgers.reporting import acts as reporting
from ledgers.supervision.acts import Wanted, answer, send
from ledgers.taking import import_ledger, plan_ledger, read_ledger
from members.enums import EventKind
from members.models import Account
from members.services import register_event
from tests import world
from tests.awards.selections import awarded, opened, put
from tests.fund.dues import Dues
from tests.fund.money import DESK, funded, keep
from tests.fund.office import Office
from tests.ledgers.rows import TODAY, event, in_force
from tests.members.sheets import workbook
from visits.activities import Held, record_activity
from visits.contact_points import begin_contact_point
from visits.models import Campaign, Candidate
from visits.requesting import request_talk
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


def activity(cast, kind, title, *, on, members=(), **held):
    return record_activity(
        by=None, organisation=cast.branch, on=on, people=[cast.secretary], members=list(members), today=TODAY,
        held=Held(kind, title, **held),
    )  # fmt: skip


def contact_point(leader, place, *, since, last=None):
    return begin_contact_point(by=None, leader=leader, organisation=place, since=since, last=last, today=TODAY)


def _activities(cast):
    activity(cast, "culture", "登山", on=date(2026, 10, 18), members=[cast.li, cast.zhao], place="东山", text="=同行")
    paid = {"money": 120_000, "source": "dues"}
    activity(cast, "community", "送米面", on=date(2026, 9, 17), helped=6, group="社区困难户", **paid)


def _contact_points(cast):
    leader = cast.committee_secretary
    contact_point(leader, cast.branch, since=date(2025, 3, 1))
    contact_point(leader, cast.sibling, since=date(2026, 2, 1), last=date(2026, 8, 31))
    record_deed(
        by=None, action="lecture", organisation=cast.branch, on=date(2026, 7, 8), people=[leader], note="讲党课",
        today=TODAY,
    )  # fmt: skip


def _campaigns(cast):
    days = {"year": 2026, "day": date(2026, 2, 17), "deliver_by": date(2026, 2, 16), "entered_on": date(2026, 1, 4)}
    held = Campaign.objects.create(organisation=cast.committee, occasion="spring", **days)
    here = {"campaign": held, "organisation": cast.branch, "path": cast.branch.path}
    Candidate.objects.create(person=cast.li, fen=80_000, source="dues", gift="=米、油", visitor=cast.secretary, **here)
    Candidate.objects.create(person=cast.zhao, out="branch", by_hand=True, out_words="让给别人", **here)


def _selections(cast):
    awarded(cast)
    put(opened(cast, title="=评选"), cast.zhao, cast.branch)


def _fund_books(cast) -> None:
    """Dues, a donation, a payment out of what was reserved, a reversal; two of them on one day."""
    fund = funded(cast.branch, 500_000)
    wrong = receive(fund, DESK, source="members", amount=7_050, donor="甲", receipt="=1", words="七一捐赠")
    spend(keep(fund, 100_000), DESK, amount=60_000)
    reverse(wrong, DESK, words="金额记错")


def _applications(cast) -> None:
    """One that was paid, one that waits, one that was sent back; of whom acted only those stay who had an account."""
    there = set(Account.objects.values_list("pk", flat=True))
    office = Office(cast)
    office.paid(office.passed(cast.li))
    office.submitted(cast.zhao)
    row = office.submitted(cast.commissioner)
    office.reviewed(row, cast.secretary, move=Move.RETURN, opinion="请补单据。")
    Account.objects.exclude(pk__in=there).delete()


def _reliefs(cast) -> None:
    """One that is in force, one refused, one that waits for the branch."""
    there = set(Account.objects.values_list("pk", flat=True))
    dues = Dues(cast)
    dues.approved(cast.li)
    dues.step(dues.at_committee(cast.zhao), cast.clerk, ReliefMove.REFUSE)
    dues.filed(cast.commissioner)
    Account.objects.exclude(pk__in=there).delete()


def _payments(cast):
    on = date(2026, 11, 20)
    fund = open_fund(cast.committee, on=date(2026, 1, 1))
    desk = Desk(on, datetime(2026, 11, 20, 9, 0, tzinfo=UTC))
    receive(fund, desk, source="dues", amount=500_000)
    for someone, state, failure in ((cast.li, "received", ""), (cast.zhao, "failed", "=户名不符")):
        kept = reserve(fund, desk, source="dues", use="hardship", amount=100_000, subject=f"test:{someone.pk}")
        payee = {"holder": someone.name, "bank": "=建行", "number": "6217000012345678901", "relation": ""}
        grant = Grant.objects.create(fund=fund, person=someone, reservation=kept, fen=100_000, payee=payee)
        Payment.objects.create(
            grant=grant, way="bank", state=state, on=on, payee=payee, voucher=spend(kept, desk, amount=100_000),
            paid_by=cast.secretary, slip="H1", failure=failure,
        )  # fmt: skip


def _birthdays(cast):
    """One kept by a card, one kept together, one of a month."""
    visit(cast, cast.commissioner, on=date(2026, 11, 6), action=Action.GREETING, how="card", met="", text="生日快乐")
    ceremony(cast, cast.li, cast.zhao, on=date(2026, 7, 1), kind="birthday", ways=("oath", "forum"))
    world.member("孔月", cast.branch, joined=date(2001, 3, 1), joined_precision="month")


def _oaths(cast):
    ceremony(cast, cast.li, cast.zhao, on=date(2026, 7, 1), kind="birthday", ways=("oath", "forum"))
    ceremony(cast, cast.commissioner, on=date(2026, 3, 1), kind="admission", place="=会议室", sure=True)


def ceremony(cast, *members, on, **more):
    return record_ceremony(
        by=None, organisation=cast.branch, on=on, people=[cast.secretary], members=members, today=TODAY,
        held=Ceremonial(**{"leader": "王海燕", **more}),
    )  # fmt: skip


def _assessments(cast):
    for place, secretary, grade in (
        (cast.branch, cast.secretary, "good"),
        (cast.direct, cast.direct_secretary, "poor"),
    ):
        judged = Judged(
            2025, grade, secretary, date(2026, 1, 20), [cast.committee_secretary], "=党委会", "说了几句",
            mend_by=date(2026, 3, 31) if grade == "poor" else None,
        )  # fmt: skip
        record_assessment(by=None, organisation=place, assessor=cast.committee, judged=judged, today=TODAY)


def _allowances(cast):
    prize = Benefit(
        "innovation", date(2026, 7, 1), "=纪要 8 号", 120_050, source="special", words="微党课", paper="8-1"
    )
    year = {"since": date(2025, 1, 1), "last": date(2025, 12, 31), "sure": True}
    subsidy = Benefit("part_time", date(2026, 1, 20), "纪要 1 号", 100_000, gift="体检", source="fiscal", **year)
    give(by=None, benefit=prize, organisation=cast.branch, today=TODAY)
    give(by=None, benefit=prize, organisation=cast.branch, people=[cast.li, cast.zhao], today=TODAY)
    give(by=None, benefit=subsidy, organisation=cast.branch, people=[cast.li], today=TODAY)


def _care_plans(cast):
    items = [Item("走访", "visit", "困难党员", 4, date(2026, 12, 31), "书记"), Item("学习文件")]
    for place in (cast.branch, cast.sibling):
        plan = draw_up(by=None, organisation=place, year=2026, items=items, today=TODAY)
        approve_plan(
            by=None, plan=plan, on=date(2026, 1, 9), people=[cast.secretary], meeting="支委会", today=TODAY
        )  # fmt: skip


def _honours(cast):
    on, paper = date(2026, 6, 28), "豫〔2026〕6号"
    given = Granted(HonourKind.PARTY, "优秀共产党员", Level.PROVINCE, "=省委", on, paper, "证书")
    grant_honour(by=None, given=given, today=TODAY, person=cast.li)
    given = replace(given, title="先进党支部", level=Level.UNIT, granted_by="局党委", grantor=cast.committee)
    honour = grant_honour(by=None, given=given, today=TODAY, organisation=cast.branch)
    revoke_honour(by=None, honour=honour, on=date(2026, 9, 1), reason="局〔2026〕9号", today=TODAY)


def _namings(cast):
    for number, name in enumerate(("测报工作室", "青年突击队")):
        named = Named("studio", name, "base", "李建国", date(2026, 5, 4 + number), cast.li, reason="=局党委决定")
        enter_naming(by=None, organisation=cast.branch, named=named, today=TODAY)


def _stories(cast):
    told = Told("守在测站三十年", "=云河水文网", date(2026, 7, 1), "第 7 期")
    enter_story(by=None, told=told, today=TODAY, person=cast.li)
    enter_story(by=None, told=replace(told, title="支部的一天"), today=TODAY, organisation=cast.branch)


def _fifty(cast):
    """Two past awards, one of them received by a relative."""
    first = Award(date(2024, 6, 28), means="ceremony", medal_number="豫50-1", opinion="一贯表现良好")
    enter_award(by=None, person=cast.zhao, award=first, today=TODAY)
    other = world.member("陶文瑞", cast.branch, joined=date(1973, 3, 2), full=date(1973, 3, 2))
    second = Award(
        date(2025, 6, 27), means="home", receiver="陶静", relation="女儿", certificate_number="=证 2", note="=补"
    )
    enter_award(by=None, person=other, award=second, today=TODAY)


def _openness(cast):
    days = date(2026, 7, 10), date(2026, 12, 31)
    told = Disclosed("dues", "=上半年党费收缴使用情况", "收 3,200 元，上缴一半。", *days, "=公开栏")
    for place, who in ((cast.branch, cast.secretary), (cast.committee, cast.committee_secretary)):
        disclose(by=None, organisation=place, people=[who], told=told, today=TODAY)


def _supervisions(cast):
    adopt(by=None, organisation=cast.committee, policy=load_pack("working-rules"), since=date(2026, 1, 1), today=TODAY)
    figures = {"due": 9, "done": 7, "late": 2}
    wanted = Wanted("=必谈没有按期谈", "请说明原因", date(2026, 11, 30), "occasions", 2026, figures)
    notices = [
        send(by=None, organisation=place, sender=cast.general, wanted=wanted, today=TODAY)
        for place in (cast.branch, cast.sibling)
    ]
    answer(by=None, person=cast.secretary, notice=notices[0], text="已谈", today=TODAY)


def _reports(cast) -> None:
    """One that waits and one that was answered."""
    for place, title in ((cast.branch, "=供暖改造推迟"), (cast.general, "轮休安排有困难")):
        said = reporting.Said("matter", title, "请上级协调。", date(2026, 11, 3), "=支字 5 号")
        made = reporting.send(by=None, organisation=place, said=said, today=TODAY)
    reporting.answer(by=None, report=made, text="已协调", today=TODAY)


def _notices(cast) -> None:
    """A notice that is over and one that runs."""
    there = set(Account.objects.values_list("pk", flat=True))
    office = Office(cast)
    office.passed(cast.li)
    office.posted(*office.decided(office.ready(cast.zhao), minutes="云水党纪〔2026〕22号"))
    Account.objects.exclude(pk__in=there).delete()


def _selection_notices(cast) -> None:
    awarded(cast)
    shown = SelectionNotice.objects.get()
    shown.pk, shown.place = None, "=公示栏"
    shown.save()


HELD = {
    "members": lambda cast: None, "organisations": lambda cast: None, "posts": lambda cast: None,
    "study-hours": lambda cast: study(cast, cast.li, cast.zhao, on=date(2026, 11, 20)),
    "notices": _notices, "selection-notices": _selection_notices,
    "statements": lambda cast: [funded(each) for each in (cast.committee, cast.branch)],
    "difficulty-national": lambda cast: entries_in(cast, REGISTERS["difficulty"]),
    "assessments": _assessments, "allowances": _allowances, "care-plans": _care_plans, "fifty-years": _fifty,
    "political-birthdays": _birthdays, "oaths": _oaths,
    "activities": _activities, "contact-points": _contact_points, "campaigns": _campaigns, "fund-books": _fund_books,
    "applications": _applications, "payments": _payments, "dues-relief": _reliefs, "honours": _honours,
    "namings": _namings, "stories": _stories, "selections": _selections, "supervisions": _supervisions,
    "openness": _openness, "reports": _reports,
}  # fmt: skip
"""What stands in the ledgers beside talks, visits, study, deeds and registers."""


def lived_in(cast, code=""):
    """A committee in which something of every kind was done and is still to be done.

    :param code: for the ledger of a register, its entries alone, which is quicker; so for those of :data:`HELD`.
    """
    if code in HELD:
        HELD[code](cast)
        return
    if code in REGISTERS:
        entries_in(cast, REGISTERS[code])
        return
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
    visit(
        cast,
        cast.li,
        on=date(2026, 2, 10),
        occasion="spring",
        money=50_050,
        source="dues",
        gift="=米、油\n各一份，共 2 份",
        gift_value=8_600,
    )
    visit(cast, cast.commissioner, on=date(2026, 11, 6), action=Action.GREETING, how="card", met="", text="生日快乐")
    died = world.member("钱守义", cast.branch)
    register_event(by=None, person=died, kind=EventKind.DEATH, occurred_on=date(2026, 10, 1), today=TODAY)
    visit(cast, died, on=date(2026, 10, 3), action=Action.CONDOLENCE, how="funeral", met="family", met_name="长子")
    for whom, on in ((cast.li, date(2026, 11, 20)), (cast.zhao, date(2026, 11, 2))):
        request_talk(by=None, person=whom, addressee=cast.secretary, on=on, reason="想换岗位", today=TODAY)
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


def sample(field):
    """A kept fact of the field's kind."""
    if isinstance(field, TableField):
        return [{name: sample(each) for name, each in field.row.base_fields.items()}]
    if isinstance(field, forms.MultipleChoiceField):
        return [value for value, _label in field.choices][:2]
    if isinstance(field, forms.ChoiceField):
        return next(value for value, _label in field.choices if value)
    by_kind = {YuanField: 91550, forms.IntegerField: 3, forms.DateField: "2026-02-01", forms.BooleanField: True}
    for kind, value in by_kind.items():
        if isinstance(field, kind):
            return value
    return f"{field.label}，如“甲”\n和乙" if type(field) is TextField else "2026-02"


def entry_in(cast, register, person, *, since, empty=()):
    """An entry with every fact of the register's form, but those that the register refuses beside the others."""
    facts = {name: sample(field) for name, field in register.form.facts().items() if name not in empty}
    more = {}
    if register.tie:
        more["to"] = cast.committee if is_of_organisations(register) else cast.secretary
    grade = register.grades[-1] if register.grades else ""
    try:
        return open_entry(
            by=None, register=register, person=person, since=since, given=Given(facts, grade), today=TODAY, **more
        )
    except ValidationError as no:
        wrong = set(no.message_dict) & set(facts)
        if not wrong:
            raise
    return entry_in(cast, register, person, since=since, empty={*empty, *wrong})


def entries_in(cast, register):
    """Two entries of the register, one of them recognised, another one over where its facts do not say when it ends."""
    people = [cast.li, cast.zhao]
    if register.code in OF_THE_DEAD:
        people = [world.member(name, cast.branch) for name in ("钱守义", "钱守礼")]
        for person in people:
            register_event(by=None, person=person, kind=EventKind.DEATH, occurred_on=date(2026, 3, 2), today=TODAY)
    first, second = [entry_in(cast, register, person, since=date(2026, 3, 2)) for person in people]
    if register.recognised:
        recognise_entry(
            by=None, entry=first, on=date(2026, 4, 1), organisation="局党委", grade=first.grade, today=TODAY
        )
    if second.last is None:
        close_entry(by=None, entry=second, last=date(2026, 10, 1), why=register.closings[-1], note="写明", today=TODAY)


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
