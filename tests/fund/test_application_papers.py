"""Evidence of an application, and its form on paper: who sees what, what is locked, what is left blank."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from base.images import draw
from base.models import AuditRow, Picture
from fund.applying import deciding, filing, noticing, paying
from fund.applying.steps import Doing, take_step
from fund.models import Decision, Objection
from fund.regulation.steps import Move
from members.enums import Role
from tests.base.hostile_pictures import gradient, saved
from tests.duties.acts import once_in
from tests.fund.filling import at, begun, hand_in, sent
from tests.fund.office import Office, later
from tests.world import person, post

pytestmark = pytest.mark.django_db
REASON = "配偶长期住院，自付部分较大。"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path, monkeypatch):
    settings.PICTURES = tmp_path / "pictures"
    monkeypatch.setattr("base.pictures.redraw", draw)  # the wall has its own tests


@pytest.fixture
def office(cast):
    return Office(cast)


@pytest.fixture
def himself(office, sign_in):
    return sign_in(office.by(office.cast.li))


def text(page) -> str:
    return page.content.decode()


def paper(name="结算单.png", width=40):
    return SimpleUploadedFile(name, saved(gradient(size=(width, 30)), "PNG"))


def added(client, row, *papers):
    address = f"/fund/applications/{row.pk}/pictures/new/"
    return client.post(address, {"once": once_in(client.get(address)), "pictures": list(papers)}, follow=True)


def test_papers_come_with_the_reason_and_their_opening_is_audited(office, himself, sign_in):
    row = begun(himself)
    assert sent(himself, row, "why", pictures=[paper()]).status_code == 302
    picture = Picture.objects.get()
    assert picture.subject == f"application:{row.pk}"
    assert "已经有 1 张" in text(himself.get(at(row, "why")))
    address = f"/fund/applications/{row.pk}/pictures/{picture.pk}/"
    assert address in text(himself.get(f"/me/applications/{row.pk}/"))
    shown = himself.get(address)
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/jpeg")
    seen = AuditRow.objects.get(act="read", subject=picture.subject)
    assert seen.detail == {"field": f"picture:{picture.pk}"}
    for reader, status in (
        (office.cast.secretary, 200), (office.clerk, 200), (office.cast.sibling_secretary, 404), (office.cashier, 404),
        (office.cast.zhao, 404),
    ):  # fmt: skip
        assert sign_in(office.by(reader)).get(address).status_code == status, reader


def test_a_refused_page_keeps_the_papers_that_came_with_it(himself):
    row = begun(himself)
    refused = sent(himself, row, "why", reason="", pictures=[paper()])
    assert refused.status_code == 422
    assert "已收到 1 张，不用再选：结算单.png" in text(refused)


def test_papers_are_taken_off_while_it_may_be_changed_and_only_added_afterwards(himself):
    row = begun(himself)
    sent(himself, row, "why", pictures=[paper(), paper("低保证.png", 50)])
    first, second = Picture.objects.order_by("pk")
    address = f"/fund/applications/{row.pk}/pictures/{first.pk}/remove/"
    himself.post(address, {"once": once_in(himself.get(address))})
    assert Picture.objects.get() == second
    hand_in(himself, row)
    closed = himself.get(f"/fund/applications/{row.pk}/pictures/{second.pk}/remove/")
    assert (closed.status_code, "只能补充，不能去掉" in text(closed)) == (403, True)
    assert "材料已添加 1 张。" in text(added(himself, row, paper("补充.png", 60)))


def test_what_a_meeting_saw_stays_though_it_was_sent_back(office, himself, sign_in):
    row = office.ready()
    added(himself, row, paper())
    result = office.result(row, outcome=Decision.Outcome.RETURNED, agree=0, reason="请补票据。")
    deciding.decide(by=office.by(office.head), sitting=office.sitting(now=later(1)), results=[result], now=later(1))
    seen = Picture.objects.get()
    Picture.objects.filter(pk=seen.pk).update(at=later(0))
    closed = himself.get(f"/fund/applications/{row.pk}/pictures/{seen.pk}/remove/")
    assert (closed.status_code, "会议研究时看过" in text(closed)) == (403, True)
    Picture.objects.create(
        subject=seen.subject, organisation=seen.organisation, digest="0" * 64, size=1, width=1, height=1,
        name="后补.jpg", at=later(2),
    )  # fmt: skip
    page = text(himself.get(f"/me/applications/{row.pk}/"))
    assert page.count("研究以后补的") == 1
    assert page.count('aria-label="去掉材料') == 1
    assert "请补票据。" in page


def test_nothing_is_added_to_what_is_over(office, himself):
    row = office.submitted()
    filing.withdraw(by=office.by(office.cast.li), application=row, serial=row.serial, reason="已好转", now=later(0))
    assert himself.get(f"/fund/applications/{row.pk}/pictures/new/").status_code == 403


def printed(client, row) -> str:
    page = client.get(f"/fund/applications/{row.pk}/print/")
    assert page.status_code == 200
    return text(page)


def test_a_draft_prints_with_everything_else_left_to_be_signed(himself):
    row = begun(himself)
    sent(himself, row, "why", reason=REASON)
    page = printed(himself, row)
    assert "党内关怀帮扶专项资金申请审批表" in page
    assert "☑生活困难党员" in page
    assert "2,000.00 元（贰仟元整）" in page
    assert "本表一式三份" in page
    for step in ("支部审核", "总支审核", "组织部复核", "集体研究", "公示", "发放", "签收", "回访"):
        assert f"<th>{step}</th>" in page
    assert "□无异议　□有异议已核查" in page
    assert "办理经过" not in page


@pytest.fixture
def closed(office):
    """An application that went the whole way, with an objection that was dismissed and somebody who signed for it."""
    (row,) = office.decided(office.ready())
    notice = office.posted(row)
    by = office.by(office.clerk)
    told = noticing.object_to(
        by=by, line=notice.lines.get(), received_on=later(3).date(), who="匿名", contact="", text="有车", now=later(3)
    )
    noticing.answer(by=by, objection=told, outcome=Objection.Outcome.DISMISSED, words="经查不实。", now=later(9))
    noticing.finish_notice(by=by, notice=notice, result="", now=later(15))
    payment = office.paid(office.fresh(row), now=later(15))
    someone = paying.Substitute("李小红", "女儿", "本人住院")
    paying.receive(
        by=office.by(office.cashier), payment=payment, on=later(16).date(), substitute=someone, now=later(16)
    )  # fmt: skip
    take_step(
        by=office.by(office.cast.secretary), application=office.fresh(row), move=Move.PASS, now=later(20),
        doing=Doing("已用于住院费。"),
    )  # fmt: skip
    return office.fresh(row)


def test_the_whole_file_stands_on_one_form(office, closed, sign_in):
    page = printed(sign_in(office.by(office.clerk)), closed)
    for said in (
        REASON, "2026-11-23 支部委员会研究：应到 5 人，实到 5 人；同意 5、反对 0、弃权 0。", "同意，建议 2,000.00 元。",
        "情况属实。", "云河水文局党委党委会（2026 年第 21 次）", "纪要号：云水党纪〔2026〕21号", "（留存党费）",
        "2026-11-24 至 2026-12-07（5 个工作日）", "异议 1 件：不成立，继续公示。",
        "银行转账 2,000.00 元，6217 **** **** 8901",
        "由他人代领。", "代领人李小红（女儿）：本人住院", "已用于住院费。", "办理经过",
    ):  # fmt: skip
        assert said in page, said
    assert "6217000012345678901" not in page
    assert AuditRow.objects.filter(act="print", subject=f"application:{closed.pk}").count() == 1


@pytest.mark.parametrize("role", [Role.INSPECTOR, Role.CASHIER, Role.GROUP_LEADER])
def test_reason_household_and_opinions_are_left_out_for_whoever_may_not_read_them(office, closed, sign_in, role):
    reader = person("检查人")
    post(reader, office.cast.branch if role == Role.GROUP_LEADER else office.cast.committee, role)
    page = printed(sign_in(office.by(reader)), closed)
    assert "依权限不显示" in page
    assert "云水党纪〔2026〕21号" in page
    for hidden in (REASON, "1,200.00", "情况属实。", "已用于住院费。", "李小红", "本人住院"):
        assert hidden not in page, hidden
    assert ("138****" in page or "出生年月" in page) is (role != Role.CASHIER)


def test_the_applicant_reads_his_form_without_what_others_wrote_of_him(closed, himself):
    page = printed(himself, closed)
    assert REASON in page
    assert "情况属实。" not in page
    assert "支部委员会研究" in page


def test_next_door_there_is_no_form_and_a_draft_is_not_the_cashiers(office, himself, sign_in):
    row = begun(himself)
    for reader in (office.cast.sibling_secretary, office.cast.zhao, office.cashier):
        assert sign_in(office.by(reader)).get(f"/fund/applications/{row.pk}/print/").status_code == 404


def test_the_form_costs_the_same_however_much_was_done(office, sign_in):
    client = sign_in(office.by(office.clerk))

    def cost(row) -> int:
        with CaptureQueriesContext(connection) as queries:
            printed(client, row)
        return len(queries)

    row, other = office.decided(office.ready(office.cast.li), office.ready(office.cast.zhao))
    notice = office.posted(row, other)
    noticing.finish_notice(by=office.by(office.clerk), notice=notice, result="", now=later(10))
    row, other = office.fresh(row), office.fresh(other)
    office.paid(row)
    printed(client, row)
    once = cost(row)
    payment = office.paid(other)
    paying.fail(by=office.by(office.cashier), payment=payment, reason="账号有误", on=later(11).date(), now=later(11))
    office.paid(other, now=later(12))
    assert cost(other) == once
