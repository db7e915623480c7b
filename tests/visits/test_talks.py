"""Talks in the browser: what closes, what is refused, who may see. Today is 2026-11-23, a Monday."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from base.models import AuditRow
from duties.engine.models import Record, State
from members.enums import EventKind
from tests.duties.acts import die, duty, happen, move, once_in, talk
from tests.visits.filling import fill
from tests.world import account, member
from visits.models import Talk

TODAY = date(2026, 11, 23)
pytestmark = pytest.mark.django_db


@pytest.fixture
def secretary(world, sign_in):
    return sign_in(account(world.secretary))


def test_from_a_duty_the_form_is_filled_in_and_saving_closes_it(world, secretary):
    event = happen(world.li, EventKind.ABSENCE, date(2026, 11, 9))
    owed = duty("talk-on-absence-or-dues", world.li, f"e{event.pk}")
    page = secretary.get(f"/talks/new/?duty={owed.rule_id}:{owed.key}")
    body = page.content.decode()
    assert "李建国" in body
    assert f'<option value="event:{event.pk}" selected>无故不参加组织生活（第6项）' in body
    assert 'value="2026-11-23"' in body
    saved = secretary.post("/talks/new/", fill(secretary, world.li, reason=f"event:{event.pk}"), follow=True)
    assert saved.status_code == 200
    body = saved.content.decode()
    assert "办结 <span" in body
    assert "2 件" in body
    assert duty("yearly-talk", world.li).state == State.DONE
    talk = Talk.objects.get()
    assert (talk.record.event, talk.subject) == (event, Talk.Subject.EVENT)


def test_the_preview_says_what_will_close_and_changes_nothing(world, secretary):
    sent = fill(secretary, world.li, preview="1", text="")
    body = secretary.post("/talks/new/", sent, headers={"hx-request": "true"}).content.decode()
    assert "保存后将办结" in body
    assert "1 件" in body
    assert "年度谈心谈话" in body
    assert not Record.objects.exists()
    assert duty("yearly-talk", world.li).state == State.OPEN


def test_without_javascript_the_whole_form_comes_back_with_what_saving_will_close(world, secretary):
    assert "先看会办结什么" in secretary.get("/talks/new/", {"member": world.li.pk}).content.decode()
    sent = fill(secretary, world.li, wish="想换个岗位")
    seen = secretary.post("/talks/new/", sent | {"preview": "1"})
    body = seen.content.decode()
    assert seen.status_code == 200
    assert "保存后将办结 <span" in body
    assert "1 件" in body
    assert all(words in body for words in ("<h1>登记谈话</h1>", "想换个岗位", sent["text"], sent["once"]))
    assert "没有保存" not in body
    assert not Record.objects.exists()
    assert secretary.post("/talks/new/", sent).status_code == 302


def test_without_javascript_a_preview_says_what_is_missing(world, secretary):
    seen = secretary.post("/talks/new/", fill(secretary, world.li, wish="想换个岗位", on="", preview="1"))
    body = seen.content.decode()
    assert seen.status_code == 422
    assert "请填谈话日期" in body
    assert "想换个岗位" in body


def test_with_htmx_the_preview_is_the_panel_alone(world, secretary):
    sent = fill(secretary, world.li, preview="1")
    body = secretary.post("/talks/new/", sent, headers={"hx-request": "true"}).content.decode()
    assert "保存后将办结" in body
    assert "<h1>" not in body


def test_the_preview_of_a_talk_that_closes_nothing_says_so(world, secretary):
    sent = fill(secretary, world.li, preview="1", means="collective")
    body = secretary.post("/talks/new/", sent).content.decode()
    assert "不会办结任何应办，照样留档" in body


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"on": "2026-12-03"}, "谈话日期 2026-12-03 晚于今天，请改成今天或以前。"),
        ({"on": "1998-06-30"}, "早于李建国入党的 1998-07-01"),
        ({"on": "昨天"}, "请填谈话日期"),
        ({"on": ""}, "请填谈话日期"),
        ({"text": "  "}, "请写谈了什么，一句话也可以。"),
        ({"talker": ""}, "请选谈话人。"),
        ({"talker": "999999"}, "请选谈话人。"),
    ],
)
def test_wrong_input_gets_a_sentence_and_loses_nothing(world, secretary, given, sentence):
    sent = fill(secretary, world.li, wish="想换个岗位", **given) | given
    refused = secretary.post("/talks/new/", sent)
    body = refused.content.decode()
    assert refused.status_code == 422
    assert "没有保存" in body
    assert sentence in body
    assert "想换个岗位" in body
    assert not Record.objects.exists()


def test_everything_wrong_is_said_at_once(world, secretary):
    body = secretary.post("/talks/new/", fill(secretary, world.li, on="2026-12-03", text="")).content.decode()
    assert "谈话日期 2026-12-03 晚于今天" in body
    assert "请写谈了什么" in body


def test_two_of_one_name_are_told_apart(world, secretary):
    member("赵秀兰", world.branch, born=date(1991, 2, 3))
    body = secretary.get("/talks/new/", {"member": world.li.pk}).content.decode()
    assert "赵秀兰（1991-02 生）" in body
    assert "赵秀兰（1980-05 生）" in body
    assert "<span>张伟</span>" in body
    assert "<span>王海燕</span>" not in body


def test_no_talk_with_the_dead_after_their_death_but_a_late_entry_of_one_before(world, secretary):
    die(world.li, date(2026, 11, 10))
    refused = secretary.post("/talks/new/", fill(secretary, world.li))
    assert refused.status_code == 422
    assert "李建国已于 2026-11-10 去世" in refused.content.decode()
    saved = secretary.post("/talks/new/", fill(secretary, world.li, on="2026-11-09"))
    assert saved.status_code == 302


def test_nobody_talks_with_himself(world, secretary, sign_in):
    general = sign_in(account(world.general_secretary))
    sent = fill(general, world.secretary, talker=world.secretary.pk)
    refused = general.post("/talks/new/", sent)
    assert refused.status_code == 422


def test_a_double_click_records_once(world, secretary):
    sent = fill(secretary, world.li)
    first, second = secretary.post("/talks/new/", sent), secretary.post("/talks/new/", sent)
    assert first.url == second.url
    assert Record.objects.count() == 1


def test_a_double_click_records_once_though_the_first_click_closed_the_reason(world, secretary):
    event = happen(world.li, EventKind.ABSENCE, date(2026, 11, 9))
    sent = fill(secretary, world.li, reason=f"event:{event.pk}")
    first, second = secretary.post("/talks/new/", sent), secretary.post("/talks/new/", sent)
    assert (second.status_code, second.url) == (302, first.url)
    assert Record.objects.count() == 1


def test_the_event_of_somebody_else_is_no_reason(world, secretary):
    event = happen(world.zhao, EventKind.ABSENCE, date(2026, 11, 9))
    refused = secretary.post("/talks/new/", fill(secretary, world.li, reason=f"event:{event.pk}"))
    assert refused.status_code == 422
    assert "请选为什么谈。" in refused.content.decode()


def test_saving_says_what_it_closed_and_may_lead_to_the_next(world, secretary):
    page = secretary.post("/talks/new/", fill(secretary, world.li), follow=True)
    assert "与李建国的谈话已登记，办结 1 件应办。" in page.content.decode()
    page = secretary.post("/talks/new/", fill(secretary, world.li, text="又谈了一次。", again="1"), follow=True)
    assert "与李建国的谈话已登记，没有办结应办，照样留档。" in page.content.decode()
    assert "先选和谁谈的" in page.content.decode()


def test_several_people_talked_with_one_by_one_are_not_one_talk(world, secretary):
    refused = secretary.post("/talks/new/", fill(secretary, world.li, others=[world.zhao.pk]))
    assert refused.status_code == 422
    assert "一次与几个人谈，方式请选“集体”" in refused.content.decode()
    assert not Record.objects.exists()


def test_the_event_stays_with_its_own_members_record(world, secretary):
    event = happen(world.li, EventKind.ABSENCE, date(2026, 11, 9))
    sent = fill(secretary, world.li, means="collective", others=[world.zhao.pk], reason=f"event:{event.pk}")
    secretary.post("/talks/new/", sent)
    assert dict(Record.objects.values_list("member", "event")) == {world.li.pk: event.pk, world.zhao.pk: None}


def test_a_talk_held_while_the_member_stood_elsewhere_is_for_that_branch(world, secretary):
    move(world.sun, world.branch, date(2026, 11, 16))
    refused = secretary.post("/talks/new/", fill(secretary, world.sun, on="2026-11-15"))
    assert refused.status_code == 422
    assert "2026-11-15 时孙德福的组织关系不在你的范围内" in refused.content.decode()
    assert secretary.post("/talks/new/", fill(secretary, world.sun, on="2026-11-16")).status_code == 302


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"means": "collective"}, "年度谈心谈话：集体谈话不算，要单独谈"),
        ({"talker": "commissioner"}, "年度谈心谈话：由王海燕谈才算"),
        ({"on": "2025-12-30"}, "年度谈心谈话：2026-01-01 至 2026-12-31谈的才算"),
    ],
)
def test_the_preview_says_why_a_duty_stays_open(world, secretary, given, why):
    if "talker" in given:
        given = {"talker": getattr(world, given["talker"]).pk}
    body = secretary.post("/talks/new/", fill(secretary, world.li, preview="1", **given) | given).content.decode()
    assert "不会办结任何应办，照样留档" in body
    assert why in body


def test_nobody_enters_a_talk_with_himself(world, secretary):
    answer = secretary.get("/talks/new/", {"member": world.secretary.pk})
    assert answer.status_code == 403
    assert "与你本人的谈话由谈话人登记" in answer.content.decode()


def test_a_duty_that_is_settled_says_so_on_the_form(world, secretary):
    secretary.post("/talks/new/", fill(secretary, world.li))
    owed = duty("yearly-talk", world.li)
    assert "这件应办已办结" in secretary.get(f"/talks/new/?duty={owed.rule_id}:{owed.key}").content.decode()


def test_a_collective_talk_is_one_record_each(world, secretary):
    sent = fill(secretary, world.li, means="collective", others=[world.zhao.pk, world.commissioner.pk])
    page = secretary.post("/talks/new/", sent, follow=True)
    assert "3 人各一条" in page.content.decode()
    assert set(Record.objects.values_list("member", "collective")) == {
        (world.li.pk, True), (world.zhao.pk, True), (world.commissioner.pk, True),
    }  # fmt: skip


def test_a_late_entry_is_labelled_and_counts(world, secretary):
    page = secretary.post("/talks/new/", fill(secretary, world.li, on="2026-11-02"), follow=True)
    assert "补录 11-23" in page.content.decode()
    assert duty("yearly-talk", world.li).closed_on == date(2026, 11, 2)


@pytest.mark.parametrize("where", ["address", "body", "others", "duty"])
def test_somebody_elses_member_does_not_exist(world, secretary, where):
    owed = duty("yearly-talk", world.sun)
    if where == "address":
        answer = secretary.get("/talks/new/", {"member": world.sun.pk})
    elif where == "duty":
        answer = secretary.get(f"/talks/new/?duty={owed.rule_id}:{owed.key}")
    elif where == "body":
        answer = secretary.post("/talks/new/", fill(secretary, world.li) | {"member": world.sun.pk})
    else:
        answer = secretary.post("/talks/new/", fill(secretary, world.li, means="collective", others=[world.sun.pk]))
    assert answer.status_code == 404
    assert "孙德福" not in answer.content.decode()
    assert not Record.objects.exists()


def test_a_member_without_a_post_is_told_who_enters_talks(world, sign_in):
    answer = sign_in(account(world.li)).get("/talks/new/")
    assert answer.status_code == 403
    assert "请联系所在支部书记" in answer.content.decode()


@pytest.fixture
def held(world, secretary) -> Talk:
    secretary.post("/talks/new/", fill(secretary, world.li, text="母亲住院，夜里陪护。"))
    return Talk.objects.get()


def test_the_text_is_for_those_who_talked_and_the_branch_itself(world, held, secretary, sign_in):
    assert "母亲住院" in secretary.get(f"/talks/{held.pk}/").content.decode()
    commissioner = sign_in(account(world.commissioner))
    assert "母亲住院" in commissioner.get(f"/talks/{held.pk}/").content.decode()
    for upper in (world.general_secretary, world.clerk):
        body = sign_in(account(upper)).get(f"/talks/{held.pk}/").content.decode()
        assert "母亲住院" not in body
        assert "内容只有谈话人、本支部书记、组织委员和本人可看" in body


@pytest.mark.parametrize("page", ["", "withdraw/"])
def test_another_branch_does_not_see_the_talk(world, held, sign_in, page):
    other = sign_in(account(world.sibling_secretary))
    for answer in (
        other.get(f"/talks/{held.pk}/{page}"),
        other.post(f"/talks/{held.pk}/withdraw/", {"once": "x", "reason": "试"}),
        other.get(f"/talks/{held.pk}/{page}", headers={"hx-request": "true"}),
    ):
        assert answer.status_code == 404
    assert "李建国" not in other.get("/talks/").content.decode()
    held.record.refresh_from_db()
    assert held.record.withdrawn_on is None


def test_the_member_reads_what_was_said_with_him_but_does_not_take_it_back(world, held, sign_in):
    himself = sign_in(account(world.li))
    body = himself.get(f"/talks/{held.pk}/").content.decode()
    assert "年度谈心谈话" in body
    assert "母亲住院" in body
    assert himself.get(f"/talks/{held.pk}/withdraw/").status_code == 403


def test_a_secretary_who_was_talked_to_is_a_member_like_any_other(world, sign_in, secretary):
    general = sign_in(account(world.general_secretary))
    general.post("/talks/new/", fill(general, world.secretary, text="群众反映他作风急躁。"))
    talk = Talk.objects.get()
    assert "作风急躁" in general.get(f"/talks/{talk.pk}/").content.decode()
    assert "作风急躁" in secretary.get(f"/talks/{talk.pk}/").content.decode()
    for act in (f"talks/{talk.pk}/withdraw", f"records/{talk.record_id}/addenda/new"):
        assert secretary.get(f"/{act}/").status_code == 403


def test_the_sensitive_event_behind_a_talk_is_named_only_to_those_who_may_know(world, secretary, sign_in):
    event = happen(world.li, EventKind.ABSENCE, date(2026, 11, 9))
    secretary.post("/talks/new/", fill(secretary, world.li, reason=f"event:{event.pk}"))
    address = f"/talks/{Talk.objects.get().pk}/"
    assert "11-09 无故不参加组织生活" in secretary.get(address).content.decode()
    body = sign_in(account(world.commissioner)).get(address).content.decode()
    assert "11-09 关怀事项" in body
    assert "无故不参加" not in body


def take_back(client, talk, reason=""):
    page = client.get(f"/talks/{talk.pk}/withdraw/")
    assert page.status_code == 200
    return client.post(f"/talks/{talk.pk}/withdraw/", {"once": once_in(page), "reason": reason}, follow=True)


def test_within_ten_minutes_a_slip_is_taken_back_without_a_word(world, held, secretary):
    assert "已撤回，1 件应办重新打开。" in take_back(secretary, held).content.decode()
    assert duty("yearly-talk", world.li).state == State.OPEN
    assert AuditRow.objects.filter(act="withdraw", subject=f"record:{held.record_id}").exists()


def test_later_it_takes_a_reason(world, held, secretary):
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        refused = take_back(secretary, held)
        assert refused.status_code == 422
        assert "请写为什么撤回" in refused.content.decode()
        assert duty("yearly-talk", world.li).state == State.DONE
        assert take_back(secretary, held, "记错了人").status_code == 200
    assert duty("yearly-talk", world.li).state == State.OPEN
    again = take_back(secretary, held, "再来一次")
    assert "已于 2026-11-23 撤回" in again.content.decode()
    listed = secretary.get("/talks/").content.decode()
    assert "<s>李建国</s>" in listed
    assert "记错了人" in listed


def test_the_department_may_look_but_not_take_back(world, held, sign_in):
    answer = sign_in(account(world.clerk)).get(f"/talks/{held.pk}/withdraw/")
    assert answer.status_code == 403
    assert "所在支部书记" in answer.content.decode()


def test_the_text_is_sealed_at_rest(world, held):
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM visits_talk")
        assert "住院" not in cursor.fetchone()[0]


def test_lists_cost_the_same_for_one_and_fifty(world, secretary, django_assert_max_num_queries):
    for number in range(50):
        someone = member(f"范文{number}", world.branch)
        secretary.post("/talks/new/", fill(secretary, someone))
        if number in (0, 49):
            secretary.get("/talks/")  # shows what was saved, and forgets it: a write of the session
            with django_assert_max_num_queries(15):
                assert secretary.get("/talks/").status_code == 200
    assert Talk.objects.count() == 50


def noted(world, number: int) -> None:
    """So many talks without the form: one a day, the latest yesterday."""
    for back in range(1, number + 1):
        record = talk(world.li, world.secretary, on=TODAY - timedelta(days=back))
        Talk.objects.create(record=record, subject=Talk.Subject.OTHER, text="略")


def test_the_list_goes_on_after_fifty(world, secretary):
    noted(world, 51)
    first = secretary.get("/talks/").content.decode()
    assert first.count(">李建国</a>") == 50
    after = re.search(r'href="(\?after=[^"]+)"', first)[1]
    rest = secretary.get(f"/talks/{after}").content.decode()
    assert rest.count(">李建国</a>") == 1
    assert str(TODAY - timedelta(days=51))[5:] in rest


def test_the_list_is_narrowed_by_name_and_organisation_in_scope(world, secretary, sign_in):
    noted(world, 1)
    assert "李建国" in secretary.get("/talks/", {"q": "建国"}).content.decode()
    assert "没有符合条件的谈话" in secretary.get("/talks/", {"q": "秀兰"}).content.decode()
    assert secretary.get("/talks/", {"organisation": world.sibling.pk}).status_code == 404
    clerk = sign_in(account(world.clerk))
    assert "李建国" in clerk.get("/talks/", {"organisation": world.general.pk}).content.decode()
    assert "李建国" not in clerk.get("/talks/", {"organisation": world.direct.pk}).content.decode()
