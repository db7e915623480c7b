"""The pages of less dues: who sees and does what, what comes back refused, what is masked, printed and listed."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from base.models import AuditRow
from care.models import Entry
from duties.policy.adoption import adopt
from duties.policy.packs import load_pack
from fund.models import DuesRelief, ReliefKind, ReliefMove, ReliefState
from fund.relief.steps import Terms
from members.enums import EventKind
from members.models import Event
from members.services import register_event
from tests.fund.dues import DEC, NEXT_DEC, NONE, TODAY, Dues, by
from tests.world import member

pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]

REASON = "下岗在家，收入很少。"
ASKED = {
    "kind": "less", "fen": "1", "since": "2026-12-01", "last": "2027-11-01", "reason": REASON,
    "applied_on": "2026-11-20", "filer": "self", "relative": "",
}  # fmt: skip
DISCUSSED = {
    "stage": "branch", "move": "pass", "on": "2026-11-23", "body": "支部党员大会", "minutes": "11号", "entitled": "5",
    "present": "4", "agree": "4", "against": "", "abstain": "", "opinion": "情况属实。",
}  # fmt: skip


@pytest.fixture
def dues(cast) -> Dues:
    return Dues(cast)


@pytest.fixture
def enter(sign_in):
    """The browser of somebody."""
    return lambda someone: sign_in(by(someone))


def text(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def page(name: str, row=None) -> str:
    return reverse(name, args=[row.pk] if row else [])


def test_a_member_asks_and_sees_how_far_it_is(enter, cast):
    browser = enter(cast.li)
    assert "申请党费减免" in text(browser.get(page("relief_new")))
    for _twice in range(2):
        sent = browser.post(page("relief_new"), {**ASKED, "once": "a"}, follow=True)
    row = DuesRelief.objects.get()
    assert (row.fen, row.since, row.until, row.applied_on) == (100, DEC, NEXT_DEC, date(2026, 11, 20))
    said = text(sent)
    for words in (f"减免 {row.pk} 号", "等支部讨论", "总支意见、党委审批", REASON, "补录 11-23"):
        assert words in said
    mine = text(browser.get(page("me")))
    assert "我的党费减免" in mine
    assert "少交，每月交 1.00 元，2026-12 至 2027-11 待支部讨论" in mine
    assert "少交，每月交 1.00 元，2026-12 至 2027-11" in text(browser.get(page("reliefs")))
    assert AuditRow.objects.filter(subject=f"relief:{row.pk}", act="write").exists()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"fen": ""}, "请写每月交多少元"),
        ({"fen": "一元"}, "金额请写成"),
        ({"last": "2028-01-01"}, "最多 12 个月"),
        ({"since": "2019-01-01"}, "请选从哪个月起"),
        ({"reason": ""}, "请写为什么交纳有困难"),
        ({"filer": "relative"}, "姓名和与本人的关系"),
    ],
)
def test_what_is_refused_comes_back_as_it_was_typed(enter, cast, more, said):
    answer = enter(cast.li).post(page("relief_new"), {**ASKED, "minutes": "x", **more, "once": "a"})
    assert (answer.status_code, DuesRelief.objects.count()) == (422, 0)
    assert said in text(answer)
    if "reason" not in more:
        assert REASON in answer.content.decode()


def test_the_branch_fills_it_in_for_a_member_with_what_the_register_knows(enter, cast):
    Entry.objects.create(
        person=cast.li, register="difficulty", since=date(2026, 3, 1), entered_on=date(2026, 3, 1),
        facts={"causes": ["own_illness"]},
    )  # fmt: skip
    browser = enter(cast.secretary)
    assert "替谁申请党费减免" in text(browser.get(page("relief_new")))
    form = browser.get(page("relief_new"), {"member": cast.li.pk})
    assert form.context["form"].initial["reason"].endswith("。")
    given = {**ASKED, "member": cast.li.pk, "filer": "branch", "once": "a"}
    browser.post(page("relief_new"), given)
    row = DuesRelief.objects.get()
    assert (row.person, row.filed_by, row.filer) == (cast.li, cast.secretary, "branch")
    assert browser.post(page("relief_step", row), {**DISCUSSED, "serial": "1", "once": "b"}).status_code == 403
    answer = browser.post(page("relief_new"), {**given, "once": "c"})
    assert "不能再开一件" in text(answer)


def test_a_step_is_recorded_once_and_a_page_that_is_no_longer_true_keeps_what_was_typed(enter, dues, cast):
    row = dues.filed()
    browser, other = enter(cast.secretary), enter(cast.commissioner)
    assert "登记支部讨论" in text(browser.get(page("relief", row)))
    assert "登记支部讨论" not in text(enter(cast.clerk).get(page("relief", row)))
    given = {**DISCUSSED, "serial": "1"}
    wrong = browser.post(page("relief_step", row), {**given, "agree": "2", "once": "a"})
    assert wrong.status_code == 422
    assert "合计 2 票，实到 4 人" in text(wrong)
    for _twice in range(2):
        done = browser.post(page("relief_step", row), {**given, "once": "a"}, follow=True)
        assert done.status_code == 200
    row.refresh_from_db()
    assert (row.state, row.steps.count()) == (ReliefState.GENERAL, 2)
    stale = other.post(page("relief_step", row), {**given, "minutes": "另一份纪要", "once": "b"})
    assert stale.status_code == 422
    assert f"刚由{cast.secretary.name}办过" in text(stale)
    assert "另一份纪要" in stale.content.decode()
    assert row.steps.count() == 2


def test_the_committee_approves_what_it_decided(enter, dues, cast):
    row = dues.at_committee()
    browser = enter(cast.clerk)
    form = browser.get(page("relief", row)).context["form"]
    assert (form["kind"].value(), form["last"].value()) == (ReliefKind.LESS, "2027-11-01")
    given = {
        "stage": "committee", "move": "approve", "serial": row.serial, "on": "2026-11-23",
        "body": "党委会",
        "once": "a", "minutes": "22号", "kind": "none", "fen": "", "since": "2026-12-01", "last": "2027-05-01",
        "opinion": "",
    }  # fmt: skip
    assert "请选到哪个月止" in text(browser.post(page("relief_step", row), {**given, "last": ""}))
    done = browser.post(page("relief_step", row), given, follow=True)
    assert "免交，2026-12 至 2027-05" in text(done)
    told = text(enter(cast.li).get(page("relief", row)))
    assert "党委审批：批准" in told
    assert "情况属实" not in told


def test_a_refusal_needs_no_terms_and_tells_the_member_why(enter, dues, cast):
    row = dues.at_committee()
    given = {
        "stage": "committee", "move": "refuse", "serial": row.serial, "on": "2026-11-23",
        "body": "党委会",
        "once": "a", "minutes": "22号", "opinion": "收入稳定。",
    }  # fmt: skip
    assert enter(cast.clerk).post(page("relief_step", row), given).status_code == 302
    assert "收入稳定。" in text(enter(cast.li).get(page("relief", row)))


def test_the_reason_is_masked_shown_for_a_reason_and_never_to_who_only_looks(enter, dues, cast):
    row = dues.filed()
    for someone in (cast.secretary, cast.clerk):
        assert REASON not in enter(someone).get(page("relief", row)).content.decode()
    shown = enter(cast.clerk).post(page("relief_reveal", row), {"reason": "填报表册"})
    assert REASON in shown.content.decode()
    kept = AuditRow.objects.get(act="reveal", subject=f"relief:{row.pk}")
    assert (kept.reason, kept.detail["field"]) == ("填报表册", "reason")
    assert enter(cast.li).get(page("relief_reveal", row)).status_code == 403
    assert REASON not in enter(cast.clerk).get(page("reliefs")).content.decode()


@pytest.mark.parametrize(
    "name", ["relief", "relief_edit", "relief_withdraw", "relief_stop", "relief_end", "relief_reveal", "relief_print"]
)
def test_out_of_scope_it_does_not_exist(enter, dues, cast, name):
    row = dues.filed()
    for someone in (cast.outsider, cast.sibling_secretary, cast.zhao):
        assert enter(someone).get(page(name, row)).status_code == 404
    assert enter(cast.sibling_secretary).post(page("relief_step", row), DISCUSSED).status_code == 404


def test_what_came_back_is_changed_on_its_page(enter, dues, cast):
    row = dues.step(dues.filed(), cast.secretary, ReliefMove.RETURN, opinion="请写清收入。")
    browser = enter(cast.li)
    form = browser.get(page("relief_edit", row))
    assert "请写清收入。" in text(form)
    assert form.context["form"]["reason"].value() == REASON
    given = {**ASKED, "serial": row.serial, "reason": "每月只有低保。", "once": "a"}
    for _twice in range(2):
        assert "等支部讨论" in text(browser.post(page("relief_edit", row), given, follow=True))
    assert DuesRelief.objects.get().reason == "每月只有低保。"
    assert browser.get(page("relief_edit", row)).status_code == 403


def test_it_is_taken_back_stopped_and_ended_on_pages_of_their_own(enter, dues, cast):
    row, browser = dues.filed(), enter(cast.li)
    given = {"serial": row.serial, "reason": "不要了", "once": "a"}
    for _twice in range(2):
        assert "已撤回" in text(browser.post(page("relief_withdraw", row), given, follow=True))
    again = dues.filed()
    register_event(by=None, person=cast.li, kind=EventKind.DEATH, occurred_on=TODAY, today=TODAY)
    secretary = enter(cast.secretary)
    assert "去世，这件申请不能再往下办" in text(secretary.get(page("relief", again)))
    secretary.post(page("relief_stop", again), {"serial": again.serial, "reason": "去世", "once": "b"})
    again.refresh_from_db()
    assert again.state == ReliefState.STOPPED


def test_the_branch_ends_it_and_offers_to_ask_anew_when_it_ends(enter, dues, cast, time_machine_at):
    row = dues.approved(terms=NONE)
    secretary = enter(cast.secretary)
    assert "再申请一年" not in text(secretary.get(page("relief", row)))
    time_machine_at(date(2027, 11, 10))
    assert "再申请一年" in text(secretary.get(page("relief", row)))
    form = secretary.get(page("relief_new"), {"member": cast.li.pk, "again": row.pk}).context["form"]
    assert (form["since"].value(), form["last"].value(), form["reason"].value()) == ("2027-12-01", "2028-11-01", REASON)
    given = {"serial": row.serial, "resumes": "2027-11-01", "reason": "找到工作", "once": "a"}
    for _twice in range(2):
        done = secretary.post(page("relief_end", row), given, follow=True)
    assert "2027-11 起恢复交纳" in text(done)
    assert enter(cast.li).post(page("relief_end", row), given).status_code == 403


@pytest.fixture
def time_machine_at(monkeypatch):
    def at(day: date) -> None:
        for module in ("fund.views.relief", "fund.views.relief_filing"):
            monkeypatch.setattr(f"{module}.today", lambda: day)

    return at


def test_the_event_is_refused_in_its_form_with_what_was_approved(enter, dues, cast):
    november = dues.at_committee(terms=NONE)
    terms = Terms("none", date(2026, 11, 1), date(2027, 11, 1))
    dues.step(november, cast.clerk, ReliefMove.APPROVE, terms=terms)
    given = {"member": cast.li.pk, "kind": "dues", "occurred_on": "2026-11-20", "note": "", "once": "a"}
    answer = enter(cast.secretary).post(page("event_new"), given)
    assert answer.status_code == 422
    assert "2026-11-01 至 2027-10-31 经批准免交党费" in text(answer)
    assert not Event.objects.filter(kind=EventKind.DUES).exists()


def test_its_category_is_kept_on_its_page_alone(enter, dues, cast):
    row = dues.approved()
    category = cast.li.categories.get()
    browser = enter(cast.secretary)
    moved = browser.get(reverse("category", args=[cast.li.pk, category.pk]))
    assert moved.url == page("relief", row)


def test_the_list_is_narrowed_by_state_year_place_and_name(enter, dues, cast):
    runs = dues.approved(terms=Terms("none", date(2026, 11, 1), date(2026, 12, 1)))
    waits = dues.filed(cast.zhao)
    browser = enter(cast.clerk)
    found = {
        "": {runs, waits}, "state=runs": {runs}, "state=soon": {runs}, "state=ended": set(), "state=branch": {waits},
        "year=2026": {runs, waits}, "year=2025": set(), f"organisation={cast.branch.pk}": {runs, waits},
        f"organisation={cast.direct.pk}": set(), "q=赵": {waits}, "mine=1": set(),
    }  # fmt: skip
    for query, rows in found.items():
        shown = browser.get(f"{page('reliefs')}?{query}").context["rows"]
        assert {row for row, _state, _tone in shown} == rows, query
    mine = enter(cast.secretary).get(page("reliefs"), {"mine": "1"})
    assert [row for row, _state, _tone in mine.context["rows"]] == [waits]


def test_a_longer_list_and_way_cost_no_more_queries(enter, dues, cast):
    browser, row = enter(cast.clerk), dues.filed()
    urls = (page("reliefs"), page("relief", row))

    def asked() -> list[int]:
        counts = []
        for url in urls:
            browser.get(url)  # what is kept of the session and the rail
            with CaptureQueriesContext(connection) as queries:
                browser.get(url)
            counts.append(len(queries))
        return counts

    before = asked()
    for name in ("何平", "刘洋", "孟静"):
        dues.filed(member(name, cast.branch))
    assert asked() == before


def test_it_is_printed_with_what_was_said_and_boxes_for_what_is_to_come(enter, dues, cast):
    row = dues.step(dues.filed(), cast.secretary)
    sheet = text(enter(cast.clerk).get(page("relief_print", row)))
    for words in ("党费减免审批表", "☑少交", "应到 5 实到 4，同意 4，反对 0，弃权 0", "□同意免交", REASON):
        assert words in sheet
    assert AuditRow.objects.filter(act="print", subject=f"relief:{row.pk}").exists()


def test_the_time_line_tells_of_it_and_not_why(enter, dues, cast):
    dues.approved()
    told = text(enter(cast.secretary).get(reverse("member", args=[cast.li.pk])))
    assert "申请党费减免" in told
    assert "批准党费减免" in told
    assert REASON not in told


def test_the_duty_leads_to_the_application(enter, dues, cast):
    policy = load_pack("working-rules")
    adopt(by=None, organisation=cast.committee, policy=policy, since=date(2026, 1, 1), today=date(2026, 1, 1))
    row = dues.filed()
    board = enter(cast.secretary).get(reverse("duty_board"))
    assert f"减免 {row.pk} 号 支部讨论" in text(board)
    assert f'href="{page("relief", row)}"' in board.content.decode()
