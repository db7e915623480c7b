"""An objection that came in time and was entered after the result: it stops the money while that can be stopped."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import transaction

from fund.applying import noticing, paying
from fund.models import Objection, Payment
from fund.regulation.files import read_regulation, regulation_codes
from fund.regulation.steps import OBJECTED, Move, Stage, path, reopened_from, table
from fund.regulation.words import StepKind
from members.models import Event
from tests.duties.acts import once_in
from tests.fund.money import NOW, balances, broken, refusal
from tests.fund.office import Office, later
from tests.world import member

pytestmark = pytest.mark.django_db
Outcome = Objection.Outcome
IN_TIME, LAST = date(2026, 11, 27), date(2026, 11, 30)


@pytest.fixture
def office(cast):
    return Office(cast)


def given(office, row, received_on=IN_TIME, day=11):
    line = noticing.NoticeLine.objects.get(application=row)
    return {
        "by": office.by(office.clerk), "line": line, "received_on": received_on, "who": "王某", "contact": "",
        "text": "家里有车", "now": later(day),
    }  # fmt: skip


def objected(office, row, **more) -> Objection:
    return noticing.object_to(**given(office, row, **more))


def answered(office, objection, outcome, day=12):
    by = office.by(office.clerk)
    return noticing.answer(by=by, objection=objection, outcome=outcome, words="已核查。", now=later(day))


def test_it_takes_the_row_back_and_nothing_is_paid_until_it_is_answered_and_its_days_are_over(office):
    row = office.passed()
    said = objected(office, row)
    row = office.fresh(row)
    assert row.state == "notice/objected"
    assert (said.received_on, said.entered_on, said.late) == (IN_TIME, later(11).date(), True)
    last = row.taken.order_by("serial").last()
    assert (last.step, last.move, last.before, last.after) == ("notice", "object", "payment", "notice/objected")
    assert balances(office.fund)["reserved"] == 200_000, "what was decided stays set aside"
    pay = {"by": office.by(office.cashier), "fund": office.fund, "grants": row.grants.all()}
    assert "异议待答复" in refusal(paying.list_batch, on=later(11).date(), now=later(11), **pay)["__all__"][0]
    said = answered(office, said, Outcome.DISMISSED)
    assert said.ends_on == date(2026, 12, 8), "27 and 30 were left; 7 and 8 follow the answer of Saturday, 5 December"
    notice, by = said.line.notice, office.by(office.clerk)
    assert (
        "没有可以往下办的"
        in refusal(noticing.finish_notice, by=by, notice=notice, result="", now=later(15))["__all__"][0]
    )
    noticing.finish_notice(by=by, notice=notice, result="", now=later(16))
    notice.refresh_from_db()
    assert notice.result == "公示期满，异议已书面答复。"
    row = office.fresh(row)
    refused = refusal(paying.list_batch, on=later(15).date(), now=later(16), **pay)
    assert "2026-12-09 起才能发放" in refused["on"][0]
    office.paid(row, now=later(16))
    assert broken() == set()


@pytest.mark.parametrize(("outcome", "state"), [(Outcome.UPHELD, Stage.REFUSED), (Outcome.RETURNED, Stage.RETURNED)])
def test_upheld_it_ends_what_was_to_be_paid_and_frees_the_money(office, outcome, state):
    row = office.passed()
    answered(office, objected(office, row), outcome)
    assert office.fresh(row).state == state
    assert balances(office.fund) == {"available": 5_000_000}
    assert broken() == set()


def test_the_duty_of_the_cashier_is_the_departments_again(office):
    row = office.passed()
    pays = office.fresh(row).waiting
    assert pays.kind == "fund_payment"
    said = objected(office, row)
    waits = office.fresh(row).waiting
    assert (waits.kind, waits.organisation) == ("fund_office", office.cast.committee)
    pays.refresh_from_db()
    assert pays.withdrawn_on == later(11).date()
    second = objected(office, row)
    assert office.fresh(row).waiting == waits, "a second one opens no second duty"
    for each in (said, second):
        answered(office, each, Outcome.DISMISSED)
    assert office.fresh(row).waiting == waits
    assert not Event.objects.filter(withdrawn_on=None, source=waits.source, kind="fund_payment").exists()


@pytest.mark.parametrize(
    ("received_on", "field"),
    [(LAST, None), (LAST + timedelta(days=1), "received_on"), (date(2026, 11, 22), "received_on")],
)
def test_it_came_within_the_days_of_the_notice(office, received_on, field):
    row = office.passed()
    if field is None:
        objected(office, row, received_on=received_on)
        assert office.fresh(row).state == "notice/objected"
    else:
        assert field in refusal(noticing.object_to, **given(office, row, received_on))
        assert office.fresh(row).state == "payment"


def listed(office, row):
    return paying.list_batch(
        by=office.by(office.cashier), fund=office.fund, grants=row.grants.all(), on=later(10).date(), now=later(10)
    )  # fmt: skip


def test_what_is_with_the_bank_or_paid_is_said_to_be_too_late_and_what_to_do(office):
    row = office.passed()
    batch = listed(office, row)
    assert "先由出纳作废这个批次" in refusal(noticing.object_to, **given(office, row))["__all__"][0]
    paying.drop_batch(by=office.by(office.cashier), batch=batch, reason="有异议")
    said = objected(office, row)
    answered(office, said, Outcome.DISMISSED)
    noticing.finish_notice(by=office.by(office.clerk), notice=said.line.notice, result="", now=later(20))
    payment = office.paid(office.fresh(row), now=later(20))
    assert "登记退款" in refusal(noticing.object_to, **given(office, row, day=20))["__all__"][0]
    paying.receive(by=office.by(office.cashier), payment=payment, on=later(20).date(), now=later(20))
    assert "登记退款" in refusal(noticing.object_to, **given(office, row, day=20))["__all__"][0]
    assert Objection.objects.count() == 1
    assert broken() == set()


def test_what_the_bank_sent_back_can_be_stopped_again(office):
    row = office.passed()
    payment = office.paid(row)
    assert payment.state == Payment.State.PAID
    paying.fail(by=office.by(office.cashier), payment=payment, reason="销户", on=later(11).date(), now=later(11))
    objected(office, row)
    assert office.fresh(row).state == "notice/objected"
    assert broken() == set()


def test_who_applied_enters_none_and_who_pays_enters_none(office):
    row = office.passed()
    for someone in (office.cashier, row.person, office.cast.secretary):
        with transaction.atomic(), pytest.raises(PermissionDenied, match="“公示”由云河水文局党委"):
            noticing.object_to(**(given(office, row) | {"by": office.by(someone)}))
    assert office.fresh(row).state == "payment"


@pytest.mark.parametrize("code", regulation_codes())
def test_no_notice_is_opened_again_past_a_decision_another_notice_or_money(code):
    regulation = read_regulation(code)
    for urgent in {False, regulation.urgent is not None}:
        steps, rows = path(regulation, urgent=urgent), table(regulation, urgent=urgent)
        kinds = {step.code: step.kind for step in steps}
        back = {(state, then) for (state, move, _who), then in rows.items() if move == Move.OBJECT}
        late = {(state, then) for state, then in back if then != state + OBJECTED}
        assert all(kinds[state] in (StepKind.REVIEW, StepKind.PAYMENT) for state, _then in late)
        assert bool(late) is not urgent, "urgent money is out before anything is shown"
        for state, then in late:
            assert state in reopened_from(steps, then.removesuffix(OBJECTED))


def test_the_first_notice_of_two_is_opened_while_it_is_reviewed_and_not_after_the_meeting(cast):
    office = Office(cast, "seven-articles")
    standard = office.fund.regulations.get().parsed.standards[0]
    row = office.submitted(asking=office.asking(standard.fen, standard.of, grade=standard.grade))
    row = office.reviewed(row, cast.secretary, fen=standard.fen)
    by, posting = office.by(cast.secretary), noticing.Posting("公示", "程序", "110", "支部")
    notice = noticing.post_notice(by=by, applications=[row], posting=posting, now=NOW)
    noticing.finish_notice(by=by, notice=notice, result="", now=later(5))
    assert office.fresh(row).state == "general-review"
    late = given(office, row, NOW.date(), day=5) | {"by": by}
    said = noticing.object_to(**late)
    assert office.fresh(row).state == "branch-notice/objected"
    noticing.answer(by=by, objection=said, outcome=Outcome.DISMISSED, words="不实", now=later(6))
    noticing.finish_notice(by=by, notice=notice, result="", now=later(20))
    row = office.reviewed(office.fresh(row), cast.general_secretary, fen=standard.fen, now=later(20))
    row = office.reviewed(row, office.clerk, fen=standard.fen, now=later(20))
    (row,) = office.decided(row, fen=standard.fen, now=later(20))
    assert "已另经研究或公示" in refusal(noticing.object_to, **(late | {"now": later(20)}))["__all__"][0]
    assert broken() == set()


# On the page


def test_it_is_entered_on_the_page_and_labelled(office, sign_in):
    row, other = office.decided(*(office.ready(who) for who in (office.cast.li, member("田野", office.cast.branch))))
    notice = office.posted(row, other)
    noticing.finish_notice(by=office.by(office.clerk), notice=notice, result="", now=later(10))
    url = f"/fund/notices/{notice.pk}/"
    new = f"{url}lines/{notice.lines.get(application=row).pk}/objections/new/"
    with time_machine.travel(later(11), tick=False):
        clerk = sign_in(office.by(office.clerk))
        assert clerk.get(url).content.decode().count("补登异议") == 2
        form = clerk.get(new)
        assert "公示结果已经登记" in form.content.decode()
        data = {"once": once_in(form), "received_on": "2026-12-01", "by": "王某", "text": "家里有车"}
        refused = clerk.post(new, data)
        assert refused.status_code == 422
        assert all(words in refused.content.decode() for words in ("公示到 2026-11-30 为止", "家里有车"))
        data["received_on"] = "2026-11-27"
        assert clerk.post(new, data).url == clerk.post(new, data).url
        assert Objection.objects.count() == 1
        page = clerk.get(url).content.decode()
        assert "补录 12-04" in page
        assert "异议待答复" in page
        assert page.count("补登异议") == 1
        lists = clerk.get("/fund/notices/").content.decode()
        assert lists.index("公示中</h2>") < lists.index("异议待答复") < lists.index("已结束</h2>")
        assert "没有结束的" in lists
        proof = clerk.get(f"{url}result/").content.decode()
        assert "还有 1 件没有答复" in proof
        assert "下列 1 人公示通过" in proof


def test_what_was_paid_says_on_the_page_what_to_do(office, sign_in):
    row = office.passed()
    office.paid(row)
    line = noticing.NoticeLine.objects.get(application=row)
    new = f"/fund/notices/{line.notice_id}/lines/{line.pk}/objections/new/"
    with time_machine.travel(later(11), tick=False):
        clerk = sign_in(office.by(office.clerk))
        data = {"once": once_in(clerk.get(new)), "received_on": "2026-11-27", "by": "王某", "text": "家里有车"}
        refused = clerk.post(new, data)
        assert refused.status_code == 422
        assert all(words in refused.content.decode() for words in ("登记退款", "家里有车"))
