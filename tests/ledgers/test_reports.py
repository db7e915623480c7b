"""情况报告: sent, received, answered, sent back and completed, handed on, taken back; who may; summaries."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from base.models import AuditRow
from duties.engine.models import Duty, Record, State
from duties.engine.responsible import attach_responsible
from duties.policy.adoption import adopt
from duties.policy.packs import load_pack
from ledgers.declarations import LEDGERS
from ledgers.indicators import Asked, Span
from ledgers.ledger import Reader
from ledgers.reporting.acts import (
    Said,
    Stage,
    answer,
    complete,
    may_decide,
    may_read,
    may_write,
    receive,
    send,
    send_back,
    stage,
    take_back,
    writes_for,
)
from ledgers.reporting.models import Report, SentBack
from ledgers.reporting.summaries import kept, whole_of
from members.enums import Role
from members.models import Account, Post
from tests.duties.acts import adopt_pack, sweep_on
from tests.ledgers.rows import event
from tests.world import account, organisation, post

TODAY = date(2026, 11, 23)
pytestmark = pytest.mark.django_db
WORDS = "上游测站供暖改造推迟，驻站党员用电暖器。"


def known(person):
    return Account.objects.filter(person=person).first() or account(person)


@pytest.fixture
def lived(cast):
    """The cast under the working rules."""
    adopt(by=None, organisation=cast.committee, policy=load_pack("working-rules"), since=date(2026, 1, 1), today=TODAY)
    sweep_on(TODAY)
    return cast


def said(kind="matter", title="测站供暖改造推迟", text=WORDS, on=TODAY, **more) -> Said:
    return Said(kind, title, text, on, **more)


def sent(cast, **more) -> Report:
    return send(by=known(cast.secretary), organisation=cast.branch, said=said(**more), today=TODAY)


def fresh(report) -> Report:
    return Report.objects.with_names().get(pk=report.pk)


def once(page: str) -> str:
    return page.partition('name="once" value="')[2].partition('"')[0]


def waiting(report) -> list[Duty]:
    return list(Duty.objects.filter(event__source__startswith=f"report:{report.pk}:", state=State.OPEN))


def test_a_report_waits_above_until_it_is_received_and_is_answered_once(lived):
    report, above = sent(lived), known(lived.general_secretary)
    (owed,) = waiting(report)
    (shown,) = attach_responsible([owed], TODAY)
    assert (owed.organisation, shown.responsible) == (lived.general, [lived.general_secretary])
    assert (report.superior, stage(fresh(report)), report.late) == (lived.general, Stage.WAITING, False)
    assert WORDS not in owed.event.note
    receive(by=above, report=report, today=TODAY)
    assert (stage(fresh(report)), waiting(report)) == (Stage.RECEIVED, [])
    with pytest.raises(ValidationError, match="已签收"):
        receive(by=above, report=report, today=TODAY)
    answer(by=above, report=report, text="已请局里协调。", today=TODAY)
    with pytest.raises(ValidationError, match="已答复"):
        answer(by=above, report=report, text="再说一次", today=TODAY)
    assert Report.objects.get().answer == "已请局里协调。"


def test_an_answer_receives_what_still_waits(lived):
    report = sent(lived)
    answer(by=known(lived.general_secretary), report=report, text="知道了。", today=TODAY)
    assert (fresh(report).received_on, waiting(report)) == (TODAY, [])


def test_a_late_report_is_taken_and_labelled(lived):
    report = sent(lived, on=TODAY - timedelta(days=30))
    assert report.late
    assert not sent(lived, title="另一件", on=TODAY - timedelta(days=2)).late


def test_sent_back_it_is_completed_and_what_it_said_before_stays(lived):
    report, above = sent(lived), known(lived.general_secretary)
    with pytest.raises(ValidationError) as no:
        send_back(by=above, report=report, reason=" ", due_on=TODAY - timedelta(days=1), today=TODAY)
    assert set(no.value.message_dict) == {"reason", "due_on"}
    due = TODAY + timedelta(days=3)
    send_back(by=above, report=report, reason="涉及几个测站", due_on=due, today=TODAY)
    (owed,) = waiting(report)
    assert (owed.organisation, owed.due_on, stage(fresh(report))) == (lived.branch, due, Stage.RETURNED)
    with pytest.raises(ValidationError, match="退回补充"):
        receive(by=above, report=report, today=TODAY)
    complete(by=known(lived.secretary), report=report, text="三个测站，九名党员。", today=TODAY)
    (owed,) = waiting(report)
    assert (owed.organisation, stage(fresh(report))) == (lived.general, Stage.WAITING)
    assert (Report.objects.get().text, SentBack.objects.get().text) == ("三个测站，九名党员。", WORDS)
    send_back(by=above, report=report, reason="名单也要", due_on=due, today=TODAY)
    complete(by=known(lived.secretary), report=report, text="名单另附。", today=TODAY)
    receive(by=above, report=report, today=TODAY)
    assert (stage(fresh(report)), waiting(report)) == (Stage.RECEIVED, [])


def test_taken_back_while_nobody_received_it_and_not_after(lived):
    report, own = sent(lived, kind="visits"), known(lived.secretary)
    with pytest.raises(ValidationError):
        take_back(by=own, report=report, reason="", today=TODAY)
    take_back(by=own, report=report, reason="写错了", today=TODAY)
    assert (stage(fresh(report)), waiting(report)) == (Stage.WITHDRAWN, [])
    assert Record.objects.get(pk=report.record_id).withdrawn_on == TODAY
    with pytest.raises(ValidationError, match="已撤回"):
        receive(by=known(lived.general_secretary), report=report, today=TODAY)
    again = sent(lived, kind="visits")
    receive(by=known(lived.general_secretary), report=again, today=TODAY)
    with pytest.raises(ValidationError, match="已签收"):
        take_back(by=own, report=again, reason="写错了", today=TODAY)


def test_a_report_on_visits_is_the_record_of_a_report_and_the_others_are_none(lived):
    assert sent(lived).record is None
    record = sent(lived, kind="visits").record
    assert (record.action, record.organisation, record.on) == ("report", lived.branch, TODAY)


def test_what_cannot_be_sent(lived):
    for wrong, field in (
        ({"title": " "}, "title"), ({"text": ""}, "text"), ({"text": "字" * 5001}, "text"),
        ({"title": "李某 410102198005010021 病重"}, "title"), ({"on": TODAY + timedelta(days=1)}, "happened_on"),
        ({"kind": "gossip"}, "kind"),
    ):  # fmt: skip
        with pytest.raises(ValidationError) as no:
            sent(lived, **wrong)
        assert field in no.value.message_dict
    sent(lived)
    with pytest.raises(ValidationError, match="已经报过同一标题"):
        sent(lived)
    assert Report.objects.count() == 1


def test_nobody_above_in_the_product_is_named_in_words_and_receives_nothing(lived):
    clerk = known(lived.committee_secretary)
    with pytest.raises(ValidationError) as no:
        send(by=clerk, organisation=lived.committee, said=said(), today=TODAY)
    assert "outside" in no.value.message_dict
    made = send(by=clerk, organisation=lived.committee, said=said(outside="省厅党组"), today=TODAY)
    assert (stage(fresh(made)), made.to, made.event) == (Stage.SENT, "省厅党组", None)
    assert not may_decide(clerk, made)


@pytest.mark.parametrize("lacking", ["post", "policy"])
def test_where_nobody_above_could_have_the_task_the_report_waits_in_the_list(cast, lacking):
    if lacking == "post":
        Post.objects.filter(organisation=cast.general).update(until=TODAY)
    report = send(by=known(cast.secretary), organisation=cast.branch, said=said(), today=TODAY)
    assert (report.event, stage(fresh(report))) == (None, Stage.WAITING)
    receive(by=known(cast.committee_secretary), report=report, today=TODAY)
    assert stage(fresh(report)) == Stage.RECEIVED


def test_who_writes_decides_and_reads(lived):
    report = sent(lived)
    own, above = known(lived.secretary), known(lived.general_secretary)
    assert (may_write(own, lived.branch), may_decide(own, report)) == (True, False)
    assert (may_write(above, lived.branch), may_decide(above, report)) == (False, True)
    assert may_decide(known(lived.committee_secretary), report)
    assert not may_read(known(lived.sibling_secretary), report)
    assert writes_for(above) == [lived.general]
    group = organisation("01010101", "group", lived.branch, name="第一党小组")
    post(lived.secretary, group, Role.SECRETARY)
    assert group not in writes_for(Account.objects.get(pk=own.pk))
    post(lived.secretary, lived.general, Role.DEPUTY_SECRETARY)
    assert not may_decide(Account.objects.get(pk=own.pk), report)


def test_what_was_received_is_handed_on_as_a_report_of_ones_own(lived):
    report, above = sent(lived), known(lived.general_secretary)
    with pytest.raises(ValidationError, match="已经签收"):
        send(by=above, organisation=lived.general, said=said(), today=TODAY, below=fresh(report))
    receive(by=above, report=report, today=TODAY)
    made = send(by=above, organisation=lived.general, said=said(), today=TODAY, below=fresh(report))
    assert (made.below, made.superior) == (report, lived.committee)
    early = said(title="转报", on=TODAY - timedelta(days=9))
    assert not send(by=above, organisation=lived.general, said=early, today=TODAY, below=fresh(report)).late
    with pytest.raises(ValidationError, match="不是"):
        send(by=None, organisation=lived.sibling, said=said(), today=TODAY, below=fresh(report))


# A year


@pytest.fixture
def busy(cast):
    """Under the whole policy, with a talk that is overdue."""
    adopt_pack(cast.committee, whole=True)
    event(cast.zhao, "setback", date(2026, 10, 1))
    sweep_on(TODAY)
    return cast


def summary(cast, person, place, year=2026) -> Report:
    figures = kept(known(person), place, Span(year, TODAY))
    more = {"year": year, "figures": figures, "figures_on": TODAY}
    return send(
        by=known(person), organisation=place, said=said("summary", f"{year} 年总结", "原因和打算", **more), today=TODAY
    )


def test_a_summary_is_sent_once_a_year_with_the_figures_of_that_day(busy):
    (counted,) = Asked(known(busy.secretary), Span(2026, TODAY)).figures([busy.branch])
    made = summary(busy, busy.secretary, busy.branch)
    assert whole_of(made.figures)["late"] == counted.whole["late"] > 0
    with pytest.raises(ValidationError, match="年度总结"):
        summary(busy, busy.secretary, busy.branch)
    summary(busy, busy.secretary, busy.branch, 2025)
    take_back(by=known(busy.secretary), report=made, reason="重写", today=TODAY)
    assert summary(busy, busy.secretary, busy.branch).pk != made.pk


def test_the_summary_is_offered_written_and_the_superior_sees_who_sent_it(busy, sign_in):
    own = sign_in(known(busy.secretary))
    asked = {"organisation": busy.branch.pk, "kind": "summary", "year": "2026"}
    page = own.get("/reports/new/", asked).content.decode()
    assert "一、谈心谈话" in page
    assert "没有登记谈心谈话" in page
    wanted = asked | {"once": once(page), "title": "2026 年总结", "text": "照登记的写。", "figures": "{}"}
    where = own.post("/reports/new/", wanted).url
    assert own.post("/reports/new/", wanted | {"text": "换个说法"}).url == where
    made = Report.objects.get()
    assert (made.year, made.figures_on, made.text) == (2026, TODAY, "照登记的写。")
    (counted,) = Asked(known(busy.secretary), Span(2026, TODAY)).figures([busy.branch])
    assert whole_of(made.figures) == {name: counted.whole[name] for name in ("due", "done", "late")
                                      if counted.whole[name]}  # fmt: skip

    above = sign_in(known(busy.general_secretary))
    page = above.get("/reports/summaries/", {"organisation": busy.general.pk}).content.decode()
    (whole,) = Asked(known(busy.general_secretary), Span(2026, TODAY)).figures([busy.general])
    assert "下级 2 个，已报 1 个，还没报 1 个" in page
    assert f" </span>{whole.whole['due']}</td>" in page
    assert page.index(busy.branch.label) < page.rindex(busy.sibling.label)


def test_the_page_of_summaries_asks_as_much_for_many_as_for_one(busy, sign_in, django_assert_max_num_queries):
    client = sign_in(known(busy.committee_secretary))
    summary(busy, busy.general_secretary, busy.general)
    for number in range(3):
        organisation(f"03{number}", parent=busy.committee, name=f"第{number}党支部")
        client.get("/reports/summaries/")
        with django_assert_max_num_queries(36):
            client.get("/reports/summaries/")


# Pages


def test_the_pages_from_writing_to_the_answer_each_click_once(lived, sign_in):
    own = sign_in(known(lived.secretary))
    assert "走访慰问情况" in own.get("/reports/new/").content.decode()
    asked = {"organisation": lived.branch.pk, "kind": "matter"}
    page = own.get("/reports/new/", asked).content.decode()
    form = asked | {"once": once(page), "title": "供暖推迟", "text": WORDS, "happened_on": "2026-11-22"}
    assert own.post("/reports/new/", form | {"text": " "}).status_code == 422
    where = own.post("/reports/new/", form).url
    assert own.post("/reports/new/", form).url == where
    report = Report.objects.get()
    assert own.post(f"{where}receive/").status_code == 403

    above = sign_in(known(lived.general_secretary))
    board = above.get("/duties/").content.decode()
    assert f'href="{where}"' in board
    assert "去签收" in board
    assert WORDS not in board
    page = above.get(where).content.decode()
    assert WORDS in page
    assert AuditRow.objects.filter(act="read", subject=f"report:{report.pk}").exists()
    for _ in range(2):
        assert above.post(f"{where}receive/", {"once": once(page)}).url == where
    assert WORDS in above.get(f"{where}print/").content.decode()
    handed = above.get("/reports/new/", {"organisation": lived.general.pk, "kind": "matter", "below": report.pk})
    assert WORDS in handed.content.decode()
    given = {"once": once(above.get(f"{where}back/").content.decode()), "reason": "几个测站", "due_on": "2026-11-30"}
    assert above.post(f"{where}back/", given).url == where
    own = sign_in(known(lived.secretary))
    assert "去补充" in own.get("/duties/").content.decode()
    page = own.get(f"{where}complete/").content.decode()
    assert WORDS in page
    assert "几个测站" in page
    assert own.post(f"{where}complete/", {"once": once(page), "text": "三个测站"}).url == where
    above = sign_in(known(lived.general_secretary))
    given = {"once": once(above.get(f"{where}answer/").content.decode()), "text": "已协调"}
    assert above.post(f"{where}answer/", given).url == where
    assert stage(fresh(report)) == Stage.ANSWERED

    elsewhere = sign_in(known(lived.sibling_secretary))
    assert "供暖推迟" not in elsewhere.get("/reports/").content.decode()
    assert elsewhere.get(where).status_code == 404


def test_the_list_is_narrowed_by_way_and_kind(lived, sign_in):
    sent(lived)
    send(by=known(lived.general_secretary), organisation=lived.general, said=said("advice", "统一采购"), today=TODAY)
    client = sign_in(known(lived.general_secretary))

    def titles(**asked) -> set[str]:
        page = client.get("/reports/", asked).content.decode()
        return {title for title in ("测站供暖改造推迟", "统一采购") if title in page}

    assert titles() == {"测站供暖改造推迟", "统一采购"}
    assert (titles(way="in"), titles(way="out")) == ({"测站供暖改造推迟"}, {"统一采购"})
    assert (titles(kind="advice"), titles(kind="nonsense")) == ({"统一采购"}, {"测站供暖改造推迟", "统一采购"})


def test_the_list_asks_as_much_for_many_reports_as_for_one(lived, sign_in, django_assert_max_num_queries):
    client, above = sign_in(known(lived.committee_secretary)), known(lived.general_secretary)
    for number in range(3):
        report = sent(lived, title=f"第 {number} 件")
        send_back(by=above, report=report, reason="补", due_on=TODAY, today=TODAY)
        client.get("/reports/")
        with django_assert_max_num_queries(25):
            client.get("/reports/")


def test_each_cell_of_the_ledger_follows_its_fact(lived):
    report = sent(lived, on=date(2026, 10, 1), paper="支字 5 号")

    def row() -> dict:
        ledger, reader = LEDGERS["reports"], Reader(known(lived.committee_secretary), TODAY)
        (found,) = ledger.rows(reader, lived.general, date(2026, 1, 1), TODAY)
        return {column.heading: column.read(found, reader) for column in ledger.columns}

    told = {"党组织": lived.branch.label, "报送给": lived.general.label, "种类": "重要情况", "文件编号": "支字 5 号",
            "是否补报": "补报", "报送人": lived.secretary.name, "情况": "待签收", "签收日期": None}  # fmt: skip
    assert row() | told == row()
    send_back(by=known(lived.general_secretary), report=report, reason="补", due_on=TODAY, today=TODAY)
    assert (row()["退回次数"], row()["情况"]) == (1, "退回补充")
    complete(by=known(lived.secretary), report=report, text="补好了", today=TODAY)
    answer(by=known(lived.general_secretary), report=report, text="好", today=TODAY)
    assert (row()["签收人"], row()["答复日期"], row()["情况"]) == (lived.general_secretary.name, TODAY, "已答复")


def test_a_duty_to_tell_the_leaders_of_visits_leads_to_the_report(cast, sign_in):
    adopt(by=None, organisation=cast.committee, policy=load_pack("school-plan"), since=date(2026, 1, 1), today=TODAY)
    sweep_on(TODAY)
    owed = Duty.objects.filter(rule__code="feedback", state=State.OPEN).latest("due_on")
    client = sign_in(known(cast.committee_secretary))
    board = client.get("/duties/").content.decode()
    assert "/reports/new/?duty=" in board
    url = "/reports/new/" + board.partition("/reports/new/")[2].partition('"')[0]
    page = client.get(url).content.decode()
    form = {"organisation": cast.committee.pk, "kind": "visits", "once": once(page), "title": "上门情况",
            "text": "走访九户。", "happened_on": "2026-11-20", "outside": "省厅党组"}  # fmt: skip
    assert client.post(url, form).status_code == 302
    owed.refresh_from_db()
    assert owed.state == State.DONE
