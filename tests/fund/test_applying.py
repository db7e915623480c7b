"""An application from the draft to the return visit, and every way in which it leaves the way."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from duties.engine.models import Duty
from duties.policy.adoption import adopt
from duties.policy.packs import load_pack
from fund import services
from fund.applying import deciding, filing, noticing, paying
from fund.applying.reviewing import Review, review
from fund.applying.steps import Doing, end_of_the_dead, take_step
from fund.journal import Desk
from fund.models import Decision, Objection
from fund.regulation.steps import Move, Stage
from members.enums import EventKind, Role
from members.models import Post
from members.services import register_event
from tests.fund.money import NOW, balances, broken, refusal
from tests.fund.office import Office, later
from tests.world import person, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(cast):
    return Office(cast)


def test_the_whole_way_ends_closed_with_clean_books(office):
    row = office.passed()
    assert (row.state, row.granted) == ("payment", 200_000)
    assert balances(office.fund) == {"available": 4_800_000, "reserved": 200_000}
    payment = office.paid(row)
    assert balances(office.fund) == {"available": 4_800_000, "spent": 200_000}
    row = office.fresh(row)
    assert row.state == "receipt"
    paying.receive(by=office.by(office.cashier), payment=payment, on=later(11).date(), now=later(11))
    row = office.fresh(row)
    assert row.state == "return-visit"
    take_step(
        by=office.by(office.cast.secretary), application=row, move=Move.PASS, now=later(20), serial=row.serial,
        doing=Doing("已用于住院费。"),
    )  # fmt: skip
    row = office.fresh(row)
    assert (row.state, row.over, row.waiting) == (Stage.CLOSED, True, None)
    assert [each.title for each in row.taken.order_by("serial")] == [
        "申请", "支部审核", "总支审核", "组织部复核", "集体研究", "公示", "发放", "签收", "回访",
    ]  # fmt: skip
    assert broken() == set()


def test_a_step_goes_to_who_holds_its_post_and_nobody_else(office):
    row = office.submitted()
    assert row.state == "branch-review"
    for wrong in (office.cast.sibling_secretary, office.cast.general_secretary, office.clerk, office.cashier):
        with pytest.raises(PermissionDenied, match="河源第一党支部的王海燕"):
            office.reviewed(row, wrong)
    row = office.reviewed(row, office.cast.secretary)
    row = office.reviewed(row, office.cast.general_secretary)
    assert row.state == "department-review"


def test_the_applicant_and_who_filed_it_take_none_of_its_steps(office):
    row = office.submitted(office.cast.li, by=office.cast.secretary)
    with pytest.raises(PermissionDenied, match="张伟"):
        office.reviewed(row, office.cast.secretary)
    row = office.reviewed(row, office.cast.commissioner)
    own = office.submitted(office.cast.secretary)
    with pytest.raises(PermissionDenied, match="张伟"):
        office.reviewed(own, office.cast.secretary)


def test_a_vacancy_or_a_secretary_alone_sends_the_step_upward(office):
    Post.objects.filter(person=office.cast.commissioner).delete()
    own = office.submitted(office.cast.secretary)
    own = office.reviewed(own, office.cast.general_secretary)
    assert own.state == "general-review"
    with pytest.raises(ValidationError, match="不同的人"):
        office.reviewed(own, office.cast.general_secretary)


def test_who_reviewed_does_not_decide_alone_nor_pay(office):
    post(office.clerk, office.cast.committee, Role.CASHIER)
    row = office.passed()
    grant = row.grants.get()
    said = refusal(paying.pay_cash, by=office.by(office.clerk), grant=grant, on=later(10).date(),
                   witnesses=[office.head, office.second_clerk], now=later(10))  # fmt: skip
    assert "办过“审核”的人不能再办“发放”" in said["__all__"][0]
    voter = office.board[1]
    post(voter, office.cast.committee, Role.CASHIER)
    said = refusal(paying.pay_cash, by=office.by(voter), grant=grant, on=later(10).date(),
                   witnesses=[office.head, office.second_clerk], now=later(10))  # fmt: skip
    assert "办过“研究决定”的人不能再办“发放”" in said["__all__"][0]


def test_a_reviewer_may_vote_and_keeps_the_hand_of_a_reviewer(office):
    office.board.append(office.clerk)
    row = office.ready()
    result = office.result(row, agree=6)
    deciding.decide(by=office.by(office.head), sitting=office.sitting(), results=[result], now=NOW)
    hands = dict(row.parts.values_list("person", "hand"))
    assert (hands[office.clerk.pk], hands[office.board[0].pk]) == ("review", "decide")


def test_an_application_is_returned_amended_and_submitted_once_more(office):
    row = office.submitted()
    said = refusal(office.reviewed, row, office.cast.secretary, move=Move.RETURN, opinion=" ")
    assert said == {"opinion": ["退回或不同意的，请写明理由，申请人要看到。"]}
    row = office.reviewed(row, office.cast.secretary, move=Move.RETURN, opinion="请补结算单。")
    assert (row.state, row.waiting) == (Stage.RETURNED, None)
    by = office.by(office.cast.li)
    filing.amend(by=by, application=row, asking=office.asking(150_000), serial=row.serial)
    filing.submit(by=by, application=row, serial=row.serial, now=NOW)
    row = office.fresh(row)
    assert (row.state, row.round, row.asked, row.label) == ("branch-review", 2, 150_000, "2026-001")
    said = refusal(filing.amend, by=by, application=row, asking=office.asking(1), serial=row.serial)
    assert "内容不能再改" in said["__all__"][0]


def test_withdrawn_refused_and_died_give_back_what_was_kept(office):
    first, second, third = (office.ready(who) for who in (office.cast.li, office.cast.zhao, office.cast.secretary))
    first, second, third = office.decided(first, second, third)
    assert balances(office.fund) == {"available": 4_400_000, "reserved": 600_000}
    filing.withdraw(by=office.by(office.cast.li), application=first, serial=first.serial, reason="已好转", now=NOW)
    notice = office.posted(second, third)
    line = notice.lines.get(application=second)
    told = noticing.object_to(by=office.by(office.clerk), line=line, received_on=NOW.date(), who="匿名", contact="",
                              text="家里有车", now=NOW)  # fmt: skip
    said = refusal(noticing.finish_notice, by=office.by(office.clerk), notice=notice, result="", now=NOW)
    assert "24:00 才期满" in said["__all__"][0]
    noticing.answer(by=office.by(office.clerk), objection=told, outcome=Objection.Outcome.UPHELD, words="属实", now=NOW)
    die(office.cast.secretary, NOW)
    assert end_of_the_dead(now=NOW) == 1
    assert end_of_the_dead(now=NOW) == 0
    states = [office.fresh(row).state for row in (first, second, third)]
    assert states == [Stage.WITHDRAWN, Stage.REFUSED, Stage.DIED]
    assert balances(office.fund) == {"available": 5_000_000}
    assert broken() == set()


def die(someone, now):
    register_event(by=None, person=someone, kind=EventKind.DEATH, occurred_on=now.date(), today=now.date())


def test_nothing_is_paid_to_somebody_who_died(office):
    row = office.passed(office.cast.li)
    die(office.cast.li, later(10))
    said = refusal(office.paid, row)
    assert "去世，不能再发给本人" in said["__all__"][0]
    take_step(by=office.by(office.cashier), application=row, move=Move.DEATH, now=later(10))
    assert (office.fresh(row).state, balances(office.fund)) == (Stage.DIED, {"available": 5_000_000})


def test_a_failed_payment_is_reversed_and_paid_anew_to_a_corrected_account(office):
    row = office.passed()
    payment = office.paid(row)
    paying.fail(by=office.by(office.cashier), payment=payment, reason="账号有误", on=later(11).date(), now=later(11))
    row = office.fresh(row)
    assert (row.state, balances(office.fund)) == ("payment", {"available": 4_800_000, "reserved": 200_000})
    account = filing.Account("李建国", "建设银行", "6217 0000 9999")
    with pytest.raises(PermissionDenied):
        paying.correct_payee(by=office.by(office.cashier), grant=payment.grant, account=account, reason="抄错")
    paying.correct_payee(by=office.by(office.clerk), grant=payment.grant, account=account, reason="抄错")
    again = office.paid(row, now=later(12))
    assert again.payee["number"] == "6217 0000 9999"
    paying.receive(by=office.by(office.cashier), payment=again, on=later(12).date(), now=later(12))
    assert office.fresh(row).state == "return-visit"
    paying.pay_back(
        by=office.by(office.cashier), grant=payment.grant, amount=50_000, reason="多发", on=later(13).date(),
        now=later(13),
    )  # fmt: skip
    assert balances(office.fund) == {"available": 4_850_000, "spent": 150_000}
    assert broken() == set()


def test_the_bank_refuses_one_of_a_batch_and_the_other_is_paid(office):
    rows = office.decided(office.ready(office.cast.li), office.ready(office.cast.zhao))
    notice = office.posted(*rows)
    noticing.finish_notice(by=office.by(office.clerk), notice=notice, result="", now=later(10))
    by, day = office.by(office.cashier), later(10).date()
    grants = [row.grants.get() for row in rows]
    batch = paying.list_batch(by=by, fund=office.fund, grants=grants, on=day, now=later(10))
    said = refusal(paying.pay_cash, by=by, grant=grants[0], on=day, witnesses=office.board[:2], now=later(10))
    assert "已经发放或列入批次" in said["__all__"][0]
    bad = batch.payments.get(grant=grants[0])
    paying.settle_batch(by=by, batch=batch, slip="H1", on=day, now=later(10), failed={bad.pk: "户名不符"})
    assert [office.fresh(row).state for row in rows] == ["payment", "receipt"]
    assert balances(office.fund) == {"available": 4_600_000, "reserved": 200_000, "spent": 200_000}
    paying.pay_cash(by=by, grant=grants[0], on=day, witnesses=[office.head, office.second_clerk], now=later(10))
    assert [office.fresh(row).state for row in rows] == ["receipt", "receipt"]


def test_an_objection_dismissed_gives_the_days_that_were_left(office):
    (row,) = office.decided(office.ready())
    notice = office.posted(row)  # Monday 23 November: Tuesday to Monday the 30th
    assert notice.ends_on == date(2026, 11, 30)
    line = notice.lines.get()
    by = office.by(office.clerk)
    told = noticing.object_to(by=by, line=line, received_on=date(2026, 11, 26), who="匿名", contact="", text="…",
                              now=later(3))  # fmt: skip
    assert office.fresh(row).state == "notice/objected"
    said = refusal(noticing.finish_notice, by=by, notice=notice, result="", now=later(8))
    assert "有异议的先答复" in said["__all__"][0]
    noticing.answer(by=by, objection=told, outcome=Objection.Outcome.DISMISSED, words="经查不实。", now=later(9))
    told.refresh_from_db()
    # left on Thursday the 26th: Thursday, Friday, Monday; answered on Wednesday 2 December
    assert told.ends_on == date(2026, 12, 7)
    said = refusal(noticing.finish_notice, by=by, notice=notice, result="", now=later(14))
    assert "答复后继续公示的到期再办" in said["__all__"][0]
    assert noticing.finish_notice(by=by, notice=notice, result="", now=later(15)) == 1
    assert office.fresh(row).state == "payment"


def test_a_corrected_list_comes_down_and_its_days_begin_again(office):
    rows = office.decided(office.ready(office.cast.li), office.ready(office.cast.zhao))
    notice = office.posted(*rows)
    by = office.by(office.clerk)
    line = notice.lines.get(application=rows[0])
    told = noticing.object_to(by=by, line=line, received_on=later(1).date(), who="匿名", contact="",
                              text="支部写错了", now=later(1))  # fmt: skip
    noticing.answer(by=by, objection=told, outcome=Objection.Outcome.CORRECTED, words="已更正。", now=later(2))
    assert set(noticing.unposted(office.fund.applications.awaiting("notice"))) == set(rows)
    said = refusal(noticing.finish_notice, by=by, notice=notice, result="", now=later(10))
    assert "已于 2026-11-25 撤下" in said["__all__"][0]
    again = office.posted(*rows, now=later(2))
    assert again.ends_on == date(2026, 12, 2)


def test_a_vote_that_cannot_be_is_refused_and_says_why(office):
    row = office.ready()
    by = office.by(office.head)

    def said(result, **more):
        return refusal(deciding.decide, by=by, sitting=office.sitting(**more), results=[result], now=NOW)

    assert said(office.result(row, agree=6))[f"agree-{row.pk}"] == ["最多 5 票，现在填了 6 票。"]
    assert "应为实到且不回避的 5 人" in said(office.result(row, agree=4))[f"agree-{row.pk}"][0]
    few = office.board[:2]
    assert "不够开会人数" in said(office.result(row, agree=2), present=few)[f"agree-{row.pk}"][0]
    assert "没有通过" in said(office.result(row, agree=2, against=3))[f"agree-{row.pk}"][0]
    dear = {"outcome": Decision.Outcome.REFUSED, "reason": "不够条件"}
    assert "却不是“同意”" in said(deciding.Result(row, row.serial, agree=5, **dear))[f"agree-{row.pk}"][0]
    assert said(office.result(row), minutes=" ")["minutes"] == ["请写会议纪要号。使用资金须经集体研究，有纪要可查。"]
    assert said(office.result(row, pots={}))[f"source-{row.pk}"] == ["请选资金来源（云河水文局党委）。"]
    assert "不在专项资金里" in said(office.result(row, pots={office.fund.pk: deciding.Pot("own")}))["__all__"][0]
    assert "不够这笔" in said(office.result(row, pots={office.fund.pk: deciding.Pot("fiscal")}))["__all__"][0]
    assert "标准是" in said(office.result(row, fen=900_000))[f"fen-{row.pk}"][0]


def test_who_is_related_steps_aside(office):
    family = [{"name": "罗岚", "relation": "女儿"}]
    asking = office.asking()
    asking.content.family = family
    row = office.ready(asking=asking)
    by, aside = office.by(office.head), office.board[-1]
    sitting = office.sitting()
    said = refusal(deciding.decide, by=by, sitting=sitting, results=[office.result(row)], now=NOW)
    assert "罗岚是申请人本人、代填人或亲属，须回避" in said[f"agree-{row.pk}"][0]
    result = office.result(row, agree=4, recused=(aside.pk,))
    deciding.decide(by=by, sitting=sitting, results=[result], now=NOW)
    decision = row.decisions.get()
    assert (decision.entitled, decision.present, decision.recused) == (5, 4, [aside.pk])
    assert deciding.holds(decision) is True
    assert not row.parts.filter(person=aside).exists()


def test_help_within_the_look_back_asks_for_a_reason(office):
    (first,) = office.decided(office.ready())
    notice = office.posted(first)
    noticing.finish_notice(by=office.by(office.clerk), notice=notice, result="", now=later(10))
    second = office.submitted(asking=office.asking(kind="frail"), now=later(11))
    said = refusal(office.reviewed, second, office.cast.secretary, now=later(11))
    assert "12 个月内已获帮扶（2026-11-23），原则上不再安排" in said["aside"][0]
    second = office.reviewed(second, office.cast.secretary, now=later(11), aside={"look_back": "新增重病"})
    assert second.state == "general-review"


def test_the_urgent_way_pays_before_the_notice_and_not_before_a_meeting(office):
    row = office.submitted(asking=office.asking(kind="sudden", urgent=True))
    row = office.reviewed(row, office.cast.secretary)
    row = office.reviewed(row, office.clerk)
    assert row.state == "decision"
    (row,) = office.decided(row)
    assert row.state == "payment"
    payment = office.paid(row, now=later(1))
    paying.receive(by=office.by(office.cashier), payment=payment, on=later(1).date(), now=later(1))
    assert office.fresh(row).state == "notice"


def test_of_a_split_each_fund_pays_its_part(cast):
    office = Office(cast, "urban-management")
    lower = services.open_fund(cast.general, on=office.fund.opened_on)
    services.receive(lower, Desk(office.fund.opened_on, NOW), source="special", amount=1_000_000)
    row = office.ready(fen=100_001, asking=office.asking(100_001, kind=office.first_class()))
    pots = {office.fund.pk: deciding.Pot("dues"), lower.pk: deciding.Pot("special")}
    result = office.result(row, fen=100_001, pots=pots)
    deciding.decide(by=office.by(office.head), sitting=office.sitting(), results=[result], now=NOW)
    assert dict(row.grants.values_list("fund", "fen")) == {lower.pk: 30_000, office.fund.pk: 70_001}
    row = office.fresh(row)
    notice = office.posted(row)
    noticing.finish_notice(by=office.by(office.clerk), notice=notice, result="", now=later(10))
    own = person("何平")
    post(own, cast.general, Role.CASHIER)
    office.paid_of(row, office.fund, office.cashier)
    assert office.fresh(row).state == "payment"
    office.paid_of(row, lower, own)
    assert office.fresh(row).state == "receipt"
    assert broken() == set()


def test_two_at_once_see_that_the_other_was_first(office):
    row = office.submitted()
    seen = row.serial
    office.reviewed(row, office.cast.secretary)
    said = refusal(
        review, by=office.by(office.cast.commissioner), application=row, serial=seen, now=NOW,
        review=Review(Move.REFUSE, "不同意", vote=office.vote()),
    )  # fmt: skip
    assert said["__all__"] == ["2026-001 刚由王海燕办过“支部审核”，现在是“待总支审核”。请看过再办。"]


@pytest.mark.parametrize("move", [Move.PASS, Move.REFUSE, Move.RETURN])
def test_a_decision_a_notice_and_a_payment_have_no_back_door(office, move):
    row = office.ready()
    said = refusal(take_step, by=office.by(office.head), application=row, move=move, now=NOW)
    assert "在“上会”里登记" in said["__all__"][0]


def test_the_waiting_step_is_a_duty_of_the_organisation_it_waits_at(office):
    adopt(
        by=None, organisation=office.cast.committee, policy=load_pack("working-rules"), since=date(2026, 1, 1),
        today=NOW.date(),
    )  # fmt: skip
    row = office.submitted()
    duty = Duty.objects.get(event=row.waiting)
    assert (duty.organisation, duty.due_on, duty.state) == (office.cast.branch, later(15).date(), "open")
    office.reviewed(row, office.cast.secretary)
    duty.refresh_from_db()
    assert duty.state == "done"
    assert Duty.objects.get(event=office.fresh(row).waiting).organisation == office.cast.general


def test_a_notice_does_not_say_that_somebody_is_ill(office):
    (row,) = office.decided(office.ready(asking=office.asking(kind="frail")))
    line = office.posted(row).lines.get()
    assert (line.category, row.class_of.title) == ("因病、高龄困难", "重病、高龄、失能老党员")
