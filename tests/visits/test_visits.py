"""Visits in the browser: what closes, what is refused, who may see. Today is 2026-11-23, a Monday."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from base.models import AuditRow
from duties.engine.models import Duty, Record, State
from members.enums import EventKind, Role
from tests.duties.acts import die, duty, happen, move, once_in
from tests.visits.filling import fill_visit
from tests.world import account, member, person, post
from visits.models import Visit

TODAY = date(2026, 11, 23)
NEW = "/visits/new/"
CANARY = "术后第三天金丝雀"
pytestmark = pytest.mark.django_db


@pytest.fixture
def secretary(world, sign_in):
    return sign_in(account(world.secretary))


@pytest.fixture
def ill(world):
    return happen(world.li, EventKind.ILLNESS, date(2026, 11, 18))


def owed(event) -> Duty:
    return duty("visit-on-illness", event.person, f"e{event.pk}")


def test_from_a_duty_the_form_is_filled_in_and_saving_closes_it(world, secretary, ill):
    page = secretary.get(f"{NEW}?duty={owed(ill).rule_id}:{owed(ill).key}")
    body = page.content.decode()
    assert "李建国" in body
    assert f'<option value="event:{ill.pk}" selected>身患严重疾病' in body
    sent = fill_visit(
        secretary, world.li, reason=f"event:{ill.pk}", how="hospital", money="500", source="dues", gift="牛奶"
    )
    saved = secretary.post(NEW, sent, follow=True)
    body = saved.content.decode()
    assert "对李建国的走访已登记，办结 1 件应办。" in body
    assert all(
        words in body for words in ("重病走访", "11-18 身患严重疾病", "医院", "500.00 元，留存党费", "牛奶", "家里都好")
    )
    assert owed(ill).state == State.DONE
    visit = Visit.objects.get()
    assert (visit.record.action, visit.record.event, visit.record.organisation) == ("visit", ill, world.branch)


def test_the_preview_says_what_will_close_and_changes_nothing(world, secretary, ill):
    sent = fill_visit(secretary, world.li, preview="1", text="", reason=f"event:{ill.pk}")
    body = secretary.post(NEW, sent, headers={"hx-request": "true"}).content.decode()
    assert "保存后将办结 <span" in body
    assert "重病走访" in body
    assert "<h1>" not in body
    whole = secretary.post(NEW, sent).content.decode()
    assert all(words in whole for words in ("<h1>登记走访</h1>", "重病走访", sent["once"]))
    assert not Record.objects.exists()
    assert owed(ill).state == State.OPEN


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"people": "general_secretary"}, "由王海燕走访才算"),
        ({"on": "2026-11-17"}, "11-18 以后走访的才算"),
    ],
)
def test_the_preview_says_why_a_duty_stays_open(world, secretary, ill, given, why):
    if "people" in given:
        given = {"people": [getattr(world, given["people"]).pk]}
    body = secretary.post(NEW, fill_visit(secretary, world.li, preview="1") | given).content.decode()
    assert "不会办结任何应办，照样留档" in body
    assert why in body


def test_several_people_go_and_who_went_with_them_is_kept(world, secretary):
    sent = fill_visit(secretary, world.li, people=[world.secretary.pk, world.commissioner.pk], others=[world.zhao.pk])
    page = secretary.post(NEW, sent, follow=True).content.decode()
    assert "王海燕（河源第一党支部书记）、张伟（河源第一党支部组织委员）、赵秀兰" in page


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"on": "2026-12-03"}, "走访日期 2026-12-03 晚于今天，请改成今天或以前。"),
        ({"on": "1998-06-30", "anyway": "on"}, "早于李建国入党的 1998-07-01"),
        ({"on": "昨天"}, "请填日期，例如 2026-11-20。"),
        ({"text": "  "}, "请写看到什么、需要什么，一句话也可以。"),
        ({"people": []}, "请勾选是谁。"),
        ({"people": ["999999"]}, "请勾选是谁。"),
        ({"how": ""}, "请选在哪里。"),
        ({"how": "card"}, "请选在哪里。"),
        ({"met": ""}, "请选见到谁。"),
        ({"reason": "moon"}, "请选为什么去。"),
        ({"text": "长" * 20_001}, "写了 20001 个字，最多 20000 个，请写短一些。"),
        ({"gift": "长" * 201}, "写了 201 个字，最多 200 个，请写短一些。"),
        ({"gift": "\x00"}, "里面夹着看不见的空字符"),
        ({"others": ["x"]}, "请从列表里勾选同去的党员。"),
        ({"once": "长" * 65}, "这张表的编号不对，请重新打开这一页再填。"),
    ],
)
def test_wrong_input_gets_a_sentence_and_loses_nothing(world, secretary, given, sentence):
    refused = secretary.post(NEW, fill_visit(secretary, world.li, wish="缺人送饭", **given))
    body = refused.content.decode()
    assert refused.status_code == 422
    assert "没有保存" in body
    assert sentence in body
    assert "缺人送饭" in body
    assert not Record.objects.exists()


def test_nobody_goes_to_see_himself(world, sign_in):
    general = sign_in(account(world.general_secretary))
    refused = general.post(NEW, fill_visit(general, world.secretary, people=[world.secretary.pk]))
    assert refused.status_code == 422
    assert not Record.objects.exists()
    secretary = sign_in(account(world.secretary))
    answer = secretary.get(NEW, {"member": world.secretary.pk})
    assert answer.status_code == 403
    assert "看望、祝贺你本人的由去的同志登记" in answer.content.decode()


def test_a_double_click_records_once(world, secretary, ill):
    sent = fill_visit(secretary, world.li, reason=f"event:{ill.pk}")
    first, second = secretary.post(NEW, sent), secretary.post(NEW, sent)
    assert (second.status_code, second.url) == (302, first.url)
    assert Record.objects.count() == 1


def test_back_and_save_again_enters_no_second_visit(world, secretary):
    secretary.post(NEW, fill_visit(secretary, world.li))
    refused = secretary.post(NEW, fill_visit(secretary, world.li))
    assert refused.status_code == 422
    assert "2026-11-23 对李建国的走访已登记过，没有再记一条。" in refused.content.decode()
    for other in ({"text": "又去了一次。"}, {"on": "2026-11-20"}, {"people": [world.commissioner.pk]}):
        assert secretary.post(NEW, fill_visit(secretary, world.li, **other)).status_code == 302
    assert Record.objects.count() == 4


def test_a_festival_visit_is_kept_as_such(world, secretary):
    page = secretary.post(NEW, fill_visit(secretary, world.li, reason="spring"), follow=True).content.decode()
    assert Visit.objects.get().occasion == "spring"
    assert "<dd>春节</dd>" in page
    assert "春节" in secretary.get("/visits/").content.decode()


def test_of_the_dead_the_family_is_visited(world, secretary):
    die(world.zhao, date(2026, 11, 10))
    page = secretary.get(NEW, {"member": world.zhao.pk}).content.decode()
    assert "2026-11-10 去世" in page
    assert "岁 ·" not in page
    refused = secretary.post(NEW, fill_visit(secretary, world.zhao))
    assert refused.status_code == 422
    assert "赵秀兰已于 2026-11-10 去世，见到谁请选“家属”。" in refused.content.decode()
    assert secretary.post(NEW, fill_visit(secretary, world.zhao, met="family")).status_code == 302
    assert secretary.post(NEW, fill_visit(secretary, world.zhao, on="2026-11-09")).status_code == 302


def test_a_visit_while_the_member_stood_elsewhere_is_for_that_branch(world, secretary):
    move(world.sun, world.branch, date(2026, 11, 16))
    refused = secretary.post(NEW, fill_visit(secretary, world.sun, on="2026-11-15"))
    assert refused.status_code == 422
    assert "那次走访由当时所在支部登记" in refused.content.decode()
    assert secretary.post(NEW, fill_visit(secretary, world.sun, on="2026-11-16")).status_code == 302


@pytest.fixture
def paid(world, secretary, ill) -> Visit:
    words = {"text": CANARY, "wish": CANARY, "met_name": CANARY, "met": "both", "how": "hospital"}
    secretary.post(NEW, fill_visit(secretary, world.li, reason=f"event:{ill.pk}", **words))
    return Visit.objects.get()


def test_the_words_are_for_those_who_went_and_the_branch_itself(world, paid, secretary, sign_in):
    for reader in (secretary, sign_in(account(world.commissioner))):
        assert reader.get(f"/visits/{paid.pk}/").content.decode().count(CANARY) == 3
    for upper in (world.general_secretary, world.clerk, world.li):
        body = sign_in(account(upper)).get(f"/visits/{paid.pk}/").content.decode()
        assert CANARY not in body
        assert "内容只有去的人、本支部书记和组织委员可看" in body


def test_illness_and_hospital_are_named_only_to_those_who_may_know(world, paid, sign_in):
    deputy, inspector = member("何静", world.branch), person("督查员")
    post(deputy, world.branch, Role.DEPUTY_SECRETARY)
    post(inspector, world.committee, Role.INSPECTOR)
    for reader in map(sign_in, map(account, (deputy, inspector, world.li))):
        body = reader.get(f"/visits/{paid.pk}/").content.decode()
        assert "11-18 关怀事项" in body
        assert not [word for word in ("严重疾病", "医院", "重病") if word in body]
        assert "严重疾病" not in reader.get("/visits/").content.decode()
    assert "医院" in sign_in(account(world.clerk)).get(f"/visits/{paid.pk}/").content.decode()


def test_the_words_never_stand_in_a_list_an_address_or_the_audit(world, paid, secretary):
    for address in ("/visits/", "/", "/duties/", f"/members/{world.li.pk}/", "/ledgers/visits/", "/visits/?q=李"):
        answer = secretary.get(address)
        assert answer.status_code == 200
        assert CANARY not in answer.content.decode(), address
    assert CANARY not in str(list(AuditRow.objects.values_list("detail", "reason", "subject")))
    with connection.cursor() as cursor:
        cursor.execute("SELECT text, wish, promised FROM visits_visit")
        assert CANARY not in str(cursor.fetchall())


@pytest.mark.parametrize("page", ["", "withdraw/"])
def test_another_branch_does_not_see_the_visit(world, paid, sign_in, page):
    other = sign_in(account(world.sibling_secretary))
    for answer in (
        other.get(f"/visits/{paid.pk}/{page}"),
        other.post(f"/visits/{paid.pk}/withdraw/", {"once": "x", "reason": "试"}),
        other.get(NEW, {"member": world.li.pk}),
        other.get(f"{NEW}?duty={owed(paid.record.event).rule_id}:{owed(paid.record.event).key}"),
        other.get("/visits/", {"organisation": world.branch.pk}),
    ):
        assert answer.status_code == 404
        assert "李建国" not in answer.content.decode()
    assert "李建国" not in other.get("/visits/").content.decode()


def test_an_inspector_looks_but_enters_nothing(world, paid, sign_in):
    inspector = person("督查员")
    post(inspector, world.committee, Role.INSPECTOR)
    browser = sign_in(account(inspector))
    listed = browser.get("/visits/").content.decode()
    assert "李建国" in listed
    assert "登记走访" not in listed
    for address in (NEW, "/greetings/new/", "/condolences/new/"):
        answer = browser.post(address, {"member": world.li.pk})
        assert answer.status_code == 403
        assert "请联系所在支部书记" in answer.content.decode()
    assert browser.post(f"/visits/{paid.pk}/withdraw/", {"reason": "试"}).status_code == 403


def test_a_member_of_somebody_else_ticked_along_does_not_exist(world, secretary):
    answer = secretary.post(NEW, fill_visit(secretary, world.li, others=[world.sun.pk]))
    assert answer.status_code == 404
    assert not Record.objects.exists()


def test_a_visit_is_taken_back_and_its_duty_opens_again(world, paid, secretary):
    page = secretary.get(f"/visits/{paid.pk}/withdraw/")
    sent = {"once": once_in(page), "reason": ""}
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        refused = secretary.post(f"/visits/{paid.pk}/withdraw/", sent)
        assert refused.status_code == 422
        assert "请写为什么撤回" in refused.content.decode()
    done = secretary.post(f"/visits/{paid.pk}/withdraw/", sent, follow=True)
    assert "已撤回，1 件应办重新打开。" in done.content.decode()
    assert owed(paid.record.event).state == State.OPEN
    again = secretary.post(f"/visits/{paid.pk}/withdraw/", sent, follow=True)
    assert "已经撤回过" in again.content.decode()
    assert "<s>李建国</s>" in secretary.get("/visits/").content.decode()
    assert AuditRow.objects.filter(act="withdraw", subject=f"record:{paid.record_id}").count() == 1


def test_the_time_line_leads_to_the_visit(world, paid, secretary):
    assert f'href="/visits/{paid.pk}/"' in secretary.get(f"/members/{world.li.pk}/").content.decode()


def test_lists_cost_the_same_for_one_and_fifty(world, secretary, django_assert_max_num_queries):
    for number in range(51):
        someone = member(f"范文{number}", world.branch)
        if number in (0, 50):
            secretary.post(NEW, fill_visit(secretary, someone))
            secretary.get("/visits/")
            with django_assert_max_num_queries(14):
                assert secretary.get("/visits/").status_code == 200
        else:
            record = Record.objects.create(
                organisation=world.branch, path=world.branch.path, member=someone, action="visit",
                on=TODAY - timedelta(days=number), entered_on=TODAY,
            )  # fmt: skip
            Visit.objects.create(record=record, how="home", text="略")
    first = secretary.get("/visits/").content.decode()
    assert first.count(">范文") == 50
    after = re.search(r'href="(\?after=[^"]+)"', first)[1]
    assert secretary.get(f"/visits/{after}").content.decode().count(">范文") == 1


def test_the_list_is_narrowed_by_name_kind_and_organisation_in_scope(world, paid, sign_in, secretary):
    assert "李建国" in secretary.get("/visits/", {"q": "建国", "kind": "visit"}).content.decode()
    assert "没有符合条件的走访" in secretary.get("/visits/", {"kind": "greeting"}).content.decode()
    clerk = sign_in(account(world.clerk))
    assert "李建国" in clerk.get("/visits/", {"organisation": world.general.pk}).content.decode()
    assert "李建国" not in clerk.get("/visits/", {"organisation": world.direct.pk}).content.decode()


def test_the_form_asks_as_little_whoever_it_is_about(world, secretary, django_assert_max_num_queries):
    for number in range(30):
        member(f"范文{number}", world.branch)
    secretary.get(NEW, {"member": world.li.pk})
    with django_assert_max_num_queries(23):
        assert secretary.get(NEW, {"member": world.li.pk}).status_code == 200
