"""Runs of allowances: who is due what by the registers, what is unclear, decided once, paid at the desk."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from base.money import Source
from care.entries import Given, open_entry
from care.registers import REGISTERS
from care.registers.elderly import RURAL
from duties.engine.models import Record
from fund import services
from fund.applying import filing, paying
from fund.journal import Desk
from fund.models import AllowanceLine, AllowanceRun
from fund.running import decide_run, drop_run, prepare
from members.enums import EventKind, Precision, Role
from members.services import register_event
from tests.care.test_elderly import standard
from tests.care.test_households import opened as household
from tests.care.test_households import relative
from tests.duties.acts import die
from tests.fund.money import NOW, balances, broken, refusal
from tests.fund.office import OPENED, Office
from tests.world import account, member, post

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
K = AllowanceRun.Kind
DIED = date(2026, 3, 2)


@pytest.fixture
def office(cast):
    made = Office(cast)
    services.receive(made.fund, Desk(OPENED, NOW), source=Source.FISCAL, amount=1_000_000)
    return made


@pytest.fixture
def old(office):
    """Two old members of the third tier, one whose tier is unclear, one whose benefits nobody wrote."""
    standard(office.cast)
    people = [
        member(name, office.cast.branch, born=date(1929, 4, 1), joined=joined, full=date(1949, 11, 4))
        for name, joined in (("田长庚", date(1948, 5, 4)), ("冯守业", date(1949, 9, 30)), ("谭玉梅", date(1945, 1, 1)))
    ]
    people[2].joined_precision = Precision.YEAR
    people[2].save()
    silent = member("邱德山", office.cast.branch, born=date(1929, 4, 1), joined=date(1948, 1, 1), full=date(1949, 1, 1))
    for each in people[:2]:
        entered(each, benefits=RURAL)
    entered(people[2])
    entered(silent)
    return people


def entered(someone, **more):
    given = Given({"care": "能自理", **more})
    return open_entry(by=None, register=REGISTERS["elderly"], person=someone, since=date(2026, 3, 2), given=given,
                      today=TODAY)  # fmt: skip


def prepared(office, kind=K.ELDERLY, *, by=None, year=2026, month=11, source=Source.FISCAL, **more):
    return prepare(by=by or office.by(office.clerk), fund=office.fund, kind=kind, year=year, month=month, source=source,
                   now=NOW, **more)  # fmt: skip


def decided(office, run, *, minutes="云水党纪〔2026〕22号", votes=(5, 5, 5), total=None, on=TODAY):
    total = sum(run.lines.values_list("fen", flat=True)) if total is None else total
    return decide_run(by=office.by(office.clerk), run=run, body="committee", on=on, minutes=minutes, votes=votes,
                      total=total, now=NOW)  # fmt: skip


def said_of(run) -> dict[str, tuple]:
    return {line.person.name: (line.fen, line.left_out) for line in run.lines.select_related("person").order_by("pk")}


def test_old_members_are_paid_by_tier_and_what_is_unclear_says_why(office, old):
    said = said_of(prepared(office))
    assert said["田长庚"] == (72_000, "")
    assert said["冯守业"] == (72_000, "")
    assert "分不清补贴档次" in said["谭玉梅"][1]
    assert "还没有填生活补贴的情形" in said["邱德山"][1]


def test_who_died_before_the_month_is_not_in_it_and_who_died_in_it_is(office, old):
    die(old[0], date(2026, 10, 31))
    die(old[1], date(2026, 11, 2))
    said = said_of(prepared(office))
    assert "田长庚" not in said
    assert said["冯守业"] == (72_000, "")


def test_preparing_anew_follows_the_register_and_makes_no_second_draft(office, old):
    first = prepared(office)
    entered_late = member("董长河", office.cast.sibling, born=date(1930, 1, 1), joined=date(1949, 1, 1),
                          full=date(1949, 7, 1))  # fmt: skip
    entered(entered_late, benefits=RURAL)
    second = prepared(office)
    assert (first.pk, AllowanceRun.objects.count()) == (second.pk, 1)
    assert said_of(second)["董长河"] == (72_000, "")


def test_a_body_decides_a_run_and_its_money_is_kept_in_one_go(office, old):
    run = prepared(office)
    assert refusal(decided, office, run, minutes=" ")["minutes"] == [
        "请写会议纪要号。使用资金须经集体研究，有纪要可查。"
    ]
    assert "过半" in refusal(decided, office, run, votes=(5, 4, 2))["agree"][0]
    assert "不能多于" in refusal(decided, office, run, votes=(5, 6, 5))["agree"][0]
    assert "刚才变了" in refusal(decided, office, run, total=1)["__all__"][0]
    run = decided(office, run)
    assert (run.state, run.lines.filter(grant__isnull=False).count()) == ("decided", 2)
    assert balances(office.fund, Source.FISCAL) == {"available": 856_000, "reserved": 144_000}
    assert "没有再办一次" in refusal(decided, office, run)["__all__"][0]
    assert broken() == set()


def test_money_that_does_not_reach_refuses_the_whole_run(office, old):
    services.reserve(office.fund, Desk(TODAY, NOW), source=Source.FISCAL, use="other", amount=900_000, subject="x:1")
    run = prepared(office)
    assert "不够" in str(refusal(decided, office, run))
    run.refresh_from_db()
    assert (run.state, AllowanceLine.objects.filter(grant__isnull=False).exists()) == ("draft", False)


def test_dues_pay_children_and_not_the_old(office, old):
    run = prepared(office, source=Source.DUES)
    assert "留存党费不能用于老党员生活补贴" in str(refusal(decided, office, run))


def test_the_same_member_and_month_is_never_decided_twice(office, old):
    decided(office, prepared(office))
    again = prepared(office)
    assert "已在另一批里定过" in said_of(again)["田长庚"][1]
    assert "名单是空的" in refusal(decided, office, again)["__all__"][0]
    again.lines.filter(person=old[0]).update(fen=1, left_out="")  # as if both had been prepared before either
    assert "刚在另一批里定过" in refusal(decided, office, again)["__all__"][0]
    assert broken() == set()
    other = prepared(office, month=10)
    assert said_of(other)["田长庚"] == (72_000, "")


def test_a_run_is_paid_at_the_desk_and_the_account_is_kept_for_the_next_month(office, old):
    decided(office, prepared(office, month=10))
    grant = old[0].grants.get()
    by, clerk = office.by(office.cashier), office.by(office.clerk)
    said = refusal(paying.list_batch, by=by, fund=office.fund, grants=[grant], on=TODAY, now=NOW)
    assert "没有登记银行账号" in said["__all__"][0]
    paying.correct_payee(by=clerk, grant=grant, account=filing.Account("田长庚", "农业银行", "6228 4800 0000 1111"),
                         reason="首次发放")  # fmt: skip
    payment = paying.pay_by_bank(by=by, grant=grant, slip="H1", on=TODAY, now=NOW)
    paying.receive(by=by, payment=payment, on=TODAY, slip="H1", now=NOW)
    record = Record.objects.get(member=old[0], action="aid")
    assert list(record.people.all()) == [office.clerk], "who prepared the run gave the help"
    decided(office, prepared(office), minutes="23")
    assert old[0].grants.order_by("pk").last().payee["number"] == "6228 4800 0000 1111"
    assert broken() == set()


def test_who_prepared_a_run_does_not_pay_it(office, old):
    post(office.clerk, office.cast.committee, Role.CASHIER)
    decided(office, prepared(office))
    said = refusal(paying.pay_cash, by=office.by(office.clerk), grant=old[0].grants.get(), on=TODAY,
                   witnesses=office.board[1:3], now=NOW)  # fmt: skip
    assert "不能办发放" in said["__all__"][0]


def test_an_old_member_who_dies_before_the_payment_is_not_paid(office, old):
    decided(office, prepared(office))
    die(old[0], TODAY)
    by, grant = office.by(office.cashier), old[0].grants.get()
    said = refusal(paying.pay_cash, by=by, grant=grant, on=TODAY, witnesses=office.board[1:3], now=NOW)
    assert "不能再发给本人" in said["__all__"][0]
    paying.end_for_the_dead(by=by, grant=grant, now=NOW)
    assert balances(office.fund, Source.FISCAL)["reserved"] == 72_000
    assert "不能终止" in refusal(paying.end_for_the_dead, by=by, grant=grant, now=NOW)["__all__"][0]
    assert broken() == set()


# Children


@pytest.fixture
def dead(cast):
    register_event(by=None, person=cast.li, kind=EventKind.DEATH, occurred_on=DIED, today=TODAY)
    return cast.li


FAMILY = [
    relative("何秀珍", "mother", "1949-03"), relative("周小芹", "spouse", "1985-01"),
    relative("小禾", "daughter", "2015-06-02"), relative("大禾", "son", "2010-01-01"), relative("未知", "son"),
    relative("长禾", "son", "1999-01-01"),
]  # fmt: skip


def test_children_under_age_are_paid_by_the_year_to_their_guardian_and_stand_nowhere_by_name(office, dead, sign_in):
    household(dead, family=FAMILY)
    assert "多少元" in refusal(prepared, office, K.CHILDREN, source=Source.DUES)["each"][0]
    run = prepared(office, K.CHILDREN, source=Source.DUES, each=100_000)
    lines = list(run.lines.order_by("-fen", "pk"))
    assert [(line.fen, line.left_out) for line in lines] == [
        (100_000, ""), (100_000, ""), (0, "家庭档案里子女缺出生年月，请核实后补上。"),
    ]  # fmt: skip
    assert lines[0].reason == "未成年子女，2015 年生，未满 14 周岁"
    decided(office, run)
    grants = list(dead.grants.order_by("pk"))
    assert {grant.whom for grant in grants} == {"周小芹"}
    by = office.by(office.cashier)
    payment = paying.pay_cash(by=by, grant=grants[0], on=TODAY, witnesses=office.board[1:3], now=NOW)
    assert payment.payee == {"holder": "周小芹"}
    paying.receive(by=by, payment=payment, on=TODAY, now=NOW)
    cashier, clerk = sign_in(by), sign_in(office.by(office.clerk))
    pages = [cashier.get(f"/fund/payments/?show={show}") for show in ("due", "done")]
    pages += [cashier.get("/fund/payments/sheet/"), clerk.get(f"/fund/runs/{run.pk}/"), clerk.get("/fund/runs/")]
    for page in pages:
        assert page.status_code == 200
        for child in ("小禾", "大禾", "长禾"):
            assert child not in page.content.decode()
    assert "周小芹" in pages[0].content.decode()
    assert broken() == set()
    again = prepared(office, K.CHILDREN, source=Source.DUES, each=100_000)
    assert not again.lines.filter(fen__gt=0).exists()


def test_a_child_under_fourteen_without_a_guardian_waits(office, dead):
    household(dead, family=[relative("小禾", "daughter", "2015-06-02"), relative("大禾", "son", "2010-01-01")])
    lines = list(prepared(office, K.CHILDREN, source=Source.DUES, each=100_000).lines.order_by("fen"))
    assert "未满 14 周岁" in lines[0].left_out
    assert (lines[1].fen, lines[1].to["relation"]) == (100_000, "子女本人")


# Pages


def test_the_department_prepares_shows_and_decides_on_the_page(office, old, sign_in):
    clerk, secretary = sign_in(office.by(office.clerk)), sign_in(account(office.cast.secretary))
    assert secretary.get("/fund/runs/").status_code == 403
    data = {"once": "a", "fund": office.fund.pk, "kind": "elderly", "year": 2026, "month": "", "source": "fiscal"}
    refused = clerk.post("/fund/runs/new/", data)
    assert (refused.status_code, "请写是哪个月的补贴" in refused.content.decode()) == (422, True)
    made = clerk.post("/fund/runs/new/", data | {"month": 11}, follow=True).content.decode()
    run = AllowanceRun.objects.get()
    for words in (
        "2026 年 11 月老党员生活补贴",
        "2 人 1,440.00 元",
        "没有列入的",
        "分不清补贴档次",
        "登记同意（2 人）",
    ):
        assert words in made
    sent = {
        "once": "b",
        "body": "committee",
        "on": "2026-11-23",
        "minutes": "",
        "entitled": 5,
        "present": 5,
        "agree": 5,
    }
    refused = clerk.post(f"/fund/runs/{run.pk}/decide/", sent | {"total": 144_000})
    assert (refused.status_code, "请写会议纪要号" in refused.content.decode()) == (422, True)
    done = clerk.post(f"/fund/runs/{run.pk}/decide/", sent | {"total": 144_000, "minutes": "22"}, follow=True)
    assert "钱已预留，出纳可以发放" in done.content.decode()
    assert "1,440.00" in clerk.get("/fund/runs/").content.decode()
    desk = sign_in(office.by(office.cashier)).get("/fund/payments/").content.decode()
    assert "2026 年 11 月老党员生活补贴" in desk
    assert "纪要 22" in desk


def test_a_draft_is_dropped_with_a_reason_and_a_decided_run_is_not(office, old):
    run, by = prepared(office), office.by(office.clerk)
    assert "reason" in refusal(drop_run, by=by, run=run, reason=" ")
    assert drop_run(by=by, run=run, reason="月份选错").state == "dropped"
    other = decided(office, prepared(office))
    assert "没有再办一次" in refusal(drop_run, by=by, run=other, reason="x")["__all__"][0]
    with pytest.raises(PermissionDenied):
        prepared(office, by=office.by(office.cashier))


def test_a_run_and_its_page_cost_the_same_however_many_are_in_it(office, old, sign_in):
    clerk = sign_in(office.by(office.clerk))

    def cost() -> tuple[int, int]:
        connection.queries_log.clear()  # it holds so many and no more
        with CaptureQueriesContext(connection) as preparing:
            run = prepared(office)
        clerk.get("/fund/runs/")
        with CaptureQueriesContext(connection) as showing:
            clerk.get(f"/fund/runs/{run.pk}/")
        return len(preparing), len(showing)

    prepared(office)
    few = cost()
    for n in range(8):
        place = (office.cast.branch, office.cast.sibling)[n % 2]
        someone = member(f"老党员{n}", place, born=date(1929, 4, 1), joined=date(1948, 5, 4), full=date(1949, 1, 4))
        entered(someone, benefits=RURAL)
    assert cost() == few
