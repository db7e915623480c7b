"""约谈: a member asks a leader for a talk; who is asked, who may know why, how it ends. Today is 2026-11-23."""

from datetime import date

import pytest
from django.db import connection

from base.models import AuditRow
from duties.engine.models import Duty, Record, State
from members.enums import EventKind, Role
from members.models import Event
from tests.duties.acts import die, duty, once_in
from tests.visits.filling import fill
from tests.world import account, member, person, post
from visits.requesting import requests

NEW = "/requests/new/"
CANARY = "想换岗位金丝雀"
pytestmark = pytest.mark.django_db


@pytest.fixture
def secretary(world, sign_in):
    return sign_in(account(world.secretary))


@pytest.fixture
def himself(world, sign_in):
    return sign_in(account(world.li))


def fill_request(client, whom, about=None, **more) -> dict:
    page = client.get(NEW, {"member": about.pk} if about else {})
    assert page.status_code == 200
    person = about.pk if about else page.wsgi_request.user.person_id
    return {"once": once_in(page), "member": person, "addressee": whom.pk, "reason": "", **more}


@pytest.fixture
def asked(world, himself) -> Event:
    himself.post(NEW, fill_request(himself, world.secretary, reason=CANARY))
    return Event.objects.get(kind=EventKind.REQUEST)


def owed(event) -> Duty:
    return duty("talk-request", event.person, f"e{event.pk}")


def test_from_his_own_page_a_member_asks_in_two_clicks(world, himself):
    assert f'href="{NEW}"' in himself.get("/me/").content.decode()
    page = himself.get(NEW)
    body = page.content.decode()
    assert body.count(" checked") == 1, "the nearest secretary is chosen already"
    assert "王海燕（河源第一党支部书记）" in body
    done = himself.post(
        NEW, {"once": once_in(page), "member": world.li.pk, "addressee": world.secretary.pk}, follow=True
    )
    assert "已约王海燕谈话，最迟 11-30 前安排。" in done.content.decode()
    event = Event.objects.get()
    assert (event.addressee, event.entered_by, event.occurred_on) == (world.secretary, world.li, date(2026, 11, 23))
    assert (owed(event).actor, owed(event).due_on, owed(event).state) == (
        world.secretary, date(2026, 11, 30), State.OPEN,
    )  # fmt: skip


def test_leaders_of_the_branch_and_above_are_offered_nearest_first(world, himself):
    post(world.zhao, world.branch, Role.GROUP_LEADER)
    post(world.sun, world.branch, Role.DEPUTY_SECRETARY, until=date(2026, 1, 1))
    leaders = himself.get(NEW).context["leaders"]
    assert [each.person for each in leaders] == [
        world.secretary, world.commissioner, world.general_secretary, world.committee_secretary,
    ]  # fmt: skip


def test_a_secretary_asks_those_above_and_never_himself(world, secretary):
    leaders = secretary.get(NEW).context["leaders"]
    assert world.secretary not in [each.person for each in leaders]
    refused = secretary.post(NEW, fill_request(secretary, world.secretary))
    assert refused.status_code == 422
    assert "请选想找谁谈。" in refused.content.decode()


@pytest.mark.parametrize("whom", ["sibling_secretary", "zhao", "outsider"])
def test_nobody_else_can_be_asked(world, himself, whom):
    refused = himself.post(NEW, fill_request(himself, getattr(world, whom), reason="想谈谈"))
    assert refused.status_code == 422
    assert "请选想找谁谈。" in refused.content.decode()
    assert "想谈谈" in refused.content.decode()
    assert not Event.objects.exists()


def test_the_leader_asked_finds_the_duty_and_a_talk_closes_it(world, asked, secretary):
    assert "答复约谈申请" in secretary.get("/duties/").content.decode()
    page = secretary.get(f"/requests/{asked.pk}/").content.decode()
    assert CANARY in page
    assert "11-30 前安排" in page
    assert f"/talks/new/?duty={owed(asked).rule_id}:{owed(asked).key}" in page
    form = secretary.get(f"/talks/new/?duty={owed(asked).rule_id}:{owed(asked).key}").content.decode()
    assert f'<option value="event:{asked.pk}" selected>约谈申请' in form
    secretary.post("/talks/new/", fill(secretary, world.li, reason=f"event:{asked.pk}"))
    assert owed(asked).state == State.DONE
    assert Record.objects.get().talk.get_subject_display() == "党员约谈"
    assert "已谈" in secretary.get("/requests/").content.decode()


def test_a_talk_with_somebody_else_does_not_answer_it(world, asked, sign_in):
    commissioner = sign_in(account(world.commissioner))
    commissioner.post("/talks/new/", fill(commissioner, world.li, reason=f"event:{asked.pk}"))
    assert owed(asked).state == State.OPEN
    assert "11-30 前安排" in commissioner.get("/requests/").content.decode()


def test_the_form_of_a_talk_does_not_begin_with_what_is_asked_of_somebody_else(world, himself, secretary):
    himself.post(NEW, fill_request(himself, world.commissioner))
    secretary.post("/talks/new/", fill(secretary, world.li))
    body = secretary.get("/talks/new/", {"member": world.li.pk}).content.decode()
    assert "约谈申请（" in body
    assert '<option value="yearly" selected>' in body


def test_the_reason_is_for_the_member_the_enterer_and_the_leader_asked(world, asked, himself, secretary, sign_in):
    address = f"/requests/{asked.pk}/"
    assert CANARY in himself.get(address).content.decode()
    for other in (world.commissioner, world.general_secretary, world.clerk):
        body = sign_in(account(other)).get(address).content.decode()
        assert CANARY not in body
        assert "只有本人、被约的人和登记的人可看" in body
    for page in ("/requests/", "/duties/", "/", f"/members/{world.li.pk}/"):
        assert CANARY not in secretary.get(page).content.decode()
    member_page = secretary.get(f"/members/{world.li.pk}/").content.decode()
    assert f"note-{asked.pk}" not in member_page
    assert secretary.get(f"/members/{world.li.pk}/reveal/", {"field": f"note-{asked.pk}"}).status_code == 404
    assert CANARY not in str(list(AuditRow.objects.values_list("detail", "reason")))
    with connection.cursor() as cursor:
        cursor.execute("SELECT note FROM members_event")
        assert CANARY not in str(cursor.fetchall())


@pytest.mark.parametrize("page", ["", "withdraw/"])
def test_others_do_not_know_of_it(world, asked, sign_in, page):
    for stranger in (world.sibling_secretary, world.zhao, world.outsider):
        browser = sign_in(account(stranger))
        assert browser.get(f"/requests/{asked.pk}/{page}").status_code == 404
        assert browser.post(f"/requests/{asked.pk}/withdraw/", {"reason": "试"}).status_code == 404
        assert "李建国" not in browser.get("/requests/").content.decode()


def test_a_commissioner_asked_without_further_rights_still_reads_it(world, himself, sign_in):
    publicity = member("何静", world.branch)
    post(publicity, world.branch, Role.PUBLICITY_COMMISSIONER)
    himself.post(NEW, fill_request(himself, publicity, reason=CANARY))
    body = sign_in(account(publicity)).get(f"/requests/{Event.objects.get().pk}/").content.decode()
    assert CANARY in body
    assert "登记谈话" not in body


def test_a_secretary_enters_one_for_a_member_with_its_day(world, secretary):
    sent = fill_request(secretary, world.general_secretary, about=world.zhao, on="2026-11-20", reason=CANARY)
    page = secretary.post(NEW, sent, follow=True).content.decode()
    assert "已约周启明谈话，最迟 11-27 前安排。" in page
    assert "赵秀兰约周启明谈话" in page
    event = Event.objects.get()
    assert (event.person, event.entered_by, event.occurred_on) == (world.zhao, world.secretary, date(2026, 11, 20))
    future = fill_request(secretary, world.secretary, about=world.zhao, on="2026-12-20")
    assert "晚于今天" in secretary.post(NEW, future).content.decode()


def test_nobody_asks_for_somebody_elses_member(world, secretary, himself):
    assert secretary.get(NEW, {"member": world.sun.pk}).status_code == 404
    assert secretary.post(NEW, {"member": world.sun.pk, "addressee": world.secretary.pk}).status_code == 404
    assert himself.get(NEW, {"member": world.zhao.pk}).status_code == 403
    assert not Event.objects.exists()


def test_neither_the_dead_nor_an_inspector_ask(world, secretary, sign_in):
    die(world.zhao, date(2026, 11, 10))
    answer = secretary.get(NEW, {"member": world.zhao.pk})
    assert answer.status_code == 403
    assert "赵秀兰已于 2026-11-10 去世，不再登记约谈。" in answer.content.decode()
    inspector = person("督查员")
    post(inspector, world.committee, Role.INSPECTOR)
    browser = sign_in(account(inspector))
    assert browser.get(NEW).status_code == 403
    assert browser.post(NEW, {"member": world.li.pk, "addressee": world.secretary.pk}).status_code == 403


def test_a_double_click_asks_once_and_a_second_request_waits_for_the_first(world, himself):
    sent = fill_request(himself, world.secretary)
    assert himself.post(NEW, sent).url == himself.post(NEW, sent).url
    refused = himself.post(NEW, fill_request(himself, world.secretary, reason="再约一次"))
    assert refused.status_code == 422
    assert "2026-11-23 已经约过王海燕，正等安排，不必再约。" in refused.content.decode()
    assert "再约一次" in refused.content.decode()
    assert himself.post(NEW, fill_request(himself, world.general_secretary)).status_code == 302
    assert Event.objects.count() == 2


def test_the_member_takes_it_back_and_its_duty_goes(world, asked, himself, secretary):
    address = f"/requests/{asked.pk}/withdraw/"
    assert address in himself.get(f"/requests/{asked.pk}/").content.decode()
    sent = {"once": once_in(himself.get(address)), "reason": ""}
    assert "已撤回这次约谈。" in himself.post(address, sent, follow=True).content.decode()
    assert "已经撤回过" in himself.post(address, sent, follow=True).content.decode()
    assert not Duty.objects.filter(event=asked).exists()
    listed = himself.get("/requests/").content.decode()
    assert "已撤回 11-23" in listed
    assert address not in himself.get(f"/requests/{asked.pk}/").content.decode()
    assert himself.post(NEW, fill_request(himself, world.general_secretary)).status_code == 302


def test_whom_it_asks_cannot_take_it_back(world, asked, secretary):
    assert secretary.get(f"/requests/{asked.pk}/withdraw/").status_code == 403
    assert secretary.get(f"/events/{asked.pk}/withdraw/").status_code == 403
    assert secretary.post(f"/events/{asked.pk}/withdraw/", {"reason": "试"}).status_code == 403
    assert f"/events/{asked.pk}/withdraw/" not in secretary.get(f"/members/{world.li.pk}/").content.decode()
    asked.refresh_from_db()
    assert asked.withdrawn_on is None


def test_once_answered_it_is_not_taken_back(world, asked, himself, secretary):
    page = himself.get(f"/requests/{asked.pk}/withdraw/")
    secretary.post("/talks/new/", fill(secretary, world.li, reason=f"event:{asked.pk}"))
    refused = himself.post(f"/requests/{asked.pk}/withdraw/", {"once": once_in(page), "reason": "不用了"})
    assert refused.status_code == 422
    assert "2026-11-23 已经谈过话，不能再撤回。" in refused.content.decode()
    assert f"/requests/{asked.pk}/withdraw/" not in himself.get(f"/requests/{asked.pk}/").content.decode()


def test_the_form_of_events_does_not_offer_it(world, secretary):
    page = secretary.get("/events/new/", {"member": world.li.pk})
    assert 'value="request"' not in page.content.decode()
    assert 'value="critical"' in page.content.decode()
    sent = {"once": once_in(page), "member": world.li.pk, "kind": "request", "occurred_on": "2026-11-23"}
    assert secretary.post("/events/new/", sent).status_code == 422
    assert not Event.objects.exists()


def test_the_list_costs_the_same_for_one_and_fifty(world, asked, secretary, django_assert_max_num_queries):
    for number in range(50):
        Event.objects.create(
            person=member(f"范文{number}", world.branch), kind=EventKind.REQUEST, addressee=world.secretary,
            occurred_on=date(2026, 11, 1), entered_on=date(2026, 11, 1),
        )  # fmt: skip
    secretary.get("/requests/")
    with django_assert_max_num_queries(14):
        page = secretary.get("/requests/").content.decode()
    assert page.count(">范文") == 49
    assert "李建国" in page
    assert "后面的" in page


def test_the_duty_of_a_request_is_found_without_reading_all_duties():
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")  # so few rows are read as fast without an index

    assert "duty_of_event" in requests().explain()
