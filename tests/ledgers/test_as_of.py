"""截至: what held on a day, on the ledgers of what stands, and on those alone. Today is 2026-11-23."""

from datetime import date
from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse

from base.models import AuditRow
from care.entries import close_entry
from care.registers import REGISTERS
from duties.board.words import CARE
from duties.deeds import record_deed
from duties.engine.models import Duty, State
from ledgers.declarations import LEDGERS
from ledgers.ledger import AsOf
from members.bonds import begin_tie, end_tie
from members.enums import EventKind, TieKind
from members.models import Category, Membership, Post
from tests import world
from tests.ledgers.rows import TODAY, event, in_force, printed, talk
from tests.ledgers.taking import contact_point, entries_in, entry_in

pytestmark = pytest.mark.anywhere

BEFORE, AFTER = date(2026, 5, 31), date(2026, 6, 1)


def page(code, **query):
    return reverse("ledger", args=[code], query=query or None)


@pytest.fixture
def secretary(cast):
    return world.account(cast.secretary)


@pytest.fixture
def browser(secretary, sign_in):
    return sign_in(secretary)


def test_what_stands_offers_a_day_and_what_was_done_does_not():
    first = {code for code, ledger in LEDGERS.items() if ledger.as_of == AsOf.FIRST}
    offered = {code for code, ledger in LEDGERS.items() if ledger.as_of == AsOf.OFFERED}
    assert first == {"members", "organisations", "posts"}
    assert {"duties", "contact-points", "difficulty", "pairing", "leader", "floating", "assignment"} <= offered
    assert not {"talks", "visits", "study", "payments", "fund-books", "honours", "notices"} & (first | offered)


# 页面


def test_a_ledger_of_what_stands_opens_as_of_today_and_a_period_is_the_other_wish(cast, browser):
    Membership.objects.filter(person=cast.li).update(until=AFTER)
    world.join(cast.li, cast.sibling, since=AFTER)
    opened = browser.get(page("members"))
    assert f'name="held_on" value="{TODAY}"' in opened.content.decode()
    assert "截至 2026-11-23 · 河源第一党支部 · 3 条" in opened.content.decode()
    then = browser.get(page("members", held_on=str(BEFORE))).content.decode()
    assert "截至 2026-05-31 · 河源第一党支部 · 4 条" in then
    assert "列的是 2026-05-31 那天的情况" in then
    year = browser.get(page("members", held_on="", first="2026-01-01", last="2026-11-23")).content.decode()
    assert "2026-01-01 至 2026-11-23 · 河源第一党支部 · 4 条" in year


def test_a_register_opens_with_its_period_and_may_be_asked_for_a_day(cast, browser):
    entries_in(cast, REGISTERS["pairing"])
    assert "2 条" in browser.get(page("pairing")).content.decode()
    assert (
        "截至 2026-10-02 · 河源第一党支部 · 1 条" in browser.get(page("pairing", held_on="2026-10-02")).content.decode()
    )
    assert 'name="held_on"' not in browser.get(page("talks")).content.decode()


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("2026-11-24", "“截至”2026-11-24 晚于今天，那天还没有到。"),
        ("昨天", "“截至”不是日期，请写成 2026-01-01 这样；不填就按期间列。"),
        ("2026-02-30", "“截至”不是日期"),
    ],
)
def test_a_day_that_cannot_be_is_refused_with_a_sentence_and_kept(cast, browser, day, sentence):
    asked = {"organisation": cast.branch.pk, "first": "2026-01-01", "last": "2026-11-23", "held_on": day}
    for answer in (
        browser.get(page("members", **asked)),
        browser.post(reverse("ledger_export", args=["members"]), asked),
    ):
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
        assert f'value="{day}"' in answer.content.decode()
    assert not AuditRow.objects.filter(act="export").exists()


def test_a_ledger_of_acts_takes_no_day(cast, browser):
    talk(cast.li, cast.branch, [cast.secretary], on=date(2026, 11, 20))
    assert "合计 1 次" in browser.get(page("talks", held_on="2026-01-01")).content.decode()


def test_the_file_says_the_day_and_so_does_the_audit(cast, browser):
    asked = {"organisation": cast.branch.pk, "first": "2026-01-01", "last": "2026-11-23", "held_on": "2026-05-31"}
    answer = browser.post(reverse("ledger_export", args=["posts"]), asked)
    sheet = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content))).active
    assert "期间：截至 2026-05-31　" in sheet["A2"].value
    assert "%E6%88%AA%E8%87%B32026-05-31" in answer["Content-Disposition"]
    assert "日期：2026-11-23" in sheet.cell(sheet.max_row, 1).value, "it is signed today"
    row = AuditRow.objects.get(act="export")
    assert (row.detail["ledger"], row.detail["held_on"], row.reason) == ("posts", "2026-05-31", "")


def test_a_layout_shows_a_day_too(cast, browser):
    sent = {"name": "简表", "once": "k", "in1": "on", "at1": "1", "as1": "姓名", "in3": "on", "at3": "2", "as3": "支部"}
    where = browser.post(reverse("layout_new", args=["members"]), sent)["Location"]
    body = browser.get(f"{where}&held_on=2026-05-31").content.decode()
    assert "截至 2026-05-31" in body
    assert "工作岗位" not in body


# 登记册


def test_an_entry_stands_from_its_first_day_to_its_last(cast, secretary):
    entry = entry_in(cast, REGISTERS["pairing"], cast.li, since=date(2026, 3, 2))
    close_entry(by=None, entry=entry, last=BEFORE, why="已经脱困", note="", today=TODAY)

    def on(day):
        return [row["姓名"] for row in printed("pairing", secretary, cast.branch, held_on=day)]

    assert [on(day) for day in (date(2026, 3, 1), date(2026, 3, 2), BEFORE, AFTER)] == [[], ["李建国"], ["李建国"], []]


def test_an_entry_stands_in_the_branch_of_the_day_and_with_its_contact(cast):
    clerk = world.account(cast.clerk)
    entry_in(cast, REGISTERS["floating"], cast.li, since=date(2026, 3, 2))
    tie = begin_tie(person=cast.li, kind=TieKind.CONTACT, to=cast.zhao, since=date(2026, 3, 2), today=TODAY)
    end_tie(tie=tie, last=BEFORE, today=TODAY)
    Membership.objects.filter(person=cast.li).update(until=AFTER)
    world.join(cast.li, cast.sibling, since=AFTER)
    [then] = printed("floating", clerk, cast.branch, held_on=BEFORE)
    assert (then["联系人"], then["现在所在"]) == ("赵秀兰", "")
    assert printed("floating", clerk, cast.branch, held_on=AFTER) == []
    [now] = printed("floating", clerk, cast.sibling, held_on=AFTER)
    assert (now["联系人"], now["现在所在"]) == ("", "河源第二党支部")


def test_a_contact_point_tells_what_was_done_that_year_by_the_day(cast):
    leader, clerk = cast.committee_secretary, world.account(cast.clerk)
    contact_point(leader, cast.branch, since=date(2025, 3, 1))
    contact_point(leader, cast.sibling, since=date(2026, 2, 1), last=BEFORE)
    for on in (date(2026, 3, 8), date(2026, 7, 8)):
        deed_of(leader, cast.branch, on)
    then = printed("contact-points", clerk, cast.committee, held_on=BEFORE)
    assert [(row["联系点"], row["到联系点讲党课"]) for row in then] == [
        ("河源第一党支部", "2026-03-08"), ("河源第二党支部", ""),
    ]  # fmt: skip
    [now] = printed("contact-points", clerk, cast.committee, held_on=AFTER)
    assert now["到联系点讲党课"] == "2026-03-08"


def deed_of(leader, branch, on):
    record_deed(by=None, action="lecture", organisation=branch, on=on, people=[leader], note="讲党课", today=TODAY)


# 应办


def owed(account, organisation, day):
    """What 李建国 was owed on a day: what, and how it then stood."""
    rows = printed("duties", account, organisation, held_on=day)
    return {row["要做的事"]: (row["状态"], row["责任人"]) for row in rows if row["党员"] == "李建国"}


def test_duties_of_a_day_are_those_then_open_as_they_then_stood(cast, secretary):
    in_force(cast.committee)
    event(cast.li, EventKind.TRANSFER_IN, date(2026, 11, 1))
    talk(cast.li, cast.branch, [cast.secretary], on=date(2026, 11, 18))
    yearly, moving = "年度谈心谈话", "转接组织关系谈话"
    assert yearly not in owed(secretary, cast.branch, TODAY)
    before = owed(secretary, cast.branch, date(2026, 11, 17))
    assert before[yearly] == ("待办", "王海燕")
    assert before[moving] == ("逾期 6 天", "王海燕")
    assert owed(secretary, cast.branch, date(2026, 11, 10))[moving][0] == "待办"
    assert moving not in owed(secretary, cast.branch, date(2026, 10, 31))
    assert owed(secretary, cast.branch, date(2025, 12, 31)) == {}


def test_duties_of_a_day_are_those_of_who_then_held_the_post(cast):
    in_force(cast.committee)
    Post.objects.filter(person=cast.secretary).update(until=AFTER)
    world.post(cast.commissioner, cast.branch, since=AFTER)
    clerk = world.account(cast.clerk)
    assert owed(clerk, cast.branch, BEFORE)["年度谈心谈话"][1] == "王海燕"
    assert owed(clerk, cast.branch, AFTER)["年度谈心谈话"][1] == "张伟"


def test_the_tally_of_a_day_counts_nothing_as_done(cast, browser):
    in_force(cast.committee)
    talk(cast.li, cast.branch, [cast.secretary], on=date(2026, 11, 18))
    body = browser.get(page("duties", held_on="2026-11-17")).content.decode()
    assert "办结 0 件" in body
    assert "办结 1 件" in browser.get(page("duties")).content.decode()


@pytest.fixture
def forgotten(cast):
    """The duties that came of a punishment in January, which is over since July: the tests say what became of them."""
    in_force(cast.committee)
    event(cast.li, EventKind.PUNISHMENT, date(2026, 1, 10))
    over = {"since": date(2026, 1, 10), "until": date(2026, 7, 1), "basis": "决定"}
    Category.objects.create(person=cast.li, kind="disciplined", **over)
    return Duty.objects.filter(member=cast.li, rule__sanction=True, event__isnull=False)


def test_no_day_brings_back_what_was_done_about_a_sanction_that_is_forgotten(cast, secretary, forgotten):
    assert forgotten.update(state=State.DONE, closed_on=date(2026, 1, 15))
    assert not [name for name in owed(secretary, cast.branch, date(2026, 1, 12)) if "处分" in name]
    assert [name for name in owed(world.account(cast.clerk), cast.branch, date(2026, 1, 12)) if "处分" in name]


def test_no_day_names_what_was_missed_about_a_sanction_that_is_forgotten(cast, secretary, forgotten):
    assert forgotten.update(closes_on=date(2026, 3, 1))
    told = owed(secretary, cast.branch, date(2026, 1, 12))
    assert (CARE in told, [name for name in told if "处分" in name]) == (True, [])
