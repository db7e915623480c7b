"""Answering a request for a talk: arranged, handed on, another day, answered on day five, on day nine with a reason."""

from datetime import date, datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import ValidationError

from duties.engine.models import Arrangement, State
from members.enums import EventKind
from members.models import Account, Event
from tests.duties.acts import die, duty, once_in
from tests.visits.filling import fill
from tests.world import account
from visits.answering import agree_day, arrange_talk
from visits.models import RequestAnswer, Talk
from visits.requesting import request_talk

ASKED = date(2026, 11, 23)
pytestmark = pytest.mark.django_db


@pytest.fixture
def come(sign_in):
    """Signs somebody in, on another day once more: a session does not last a week."""
    return lambda someone: sign_in(Account.objects.filter(person=someone).first() or account(someone))


@pytest.fixture
def secretary(world, come):
    return come(world.secretary)


@pytest.fixture
def himself(world, come):
    return come(world.li)


@pytest.fixture
def asked(world) -> Event:
    return request_talk(
        by=None,
        person=world.li,
        addressee=world.secretary,
        on=ASKED,
        reason="想换岗位",
        today=ASKED,
    )


def on(day: int, month: int = 11):
    return time_machine.travel(datetime(2026, month, day, 10, tzinfo=ZoneInfo("Asia/Shanghai")), tick=False)


def act(client, asked, what: str, **given):
    address = f"/requests/{asked.pk}/{what}/"
    return client.post(address, {"once": once_in(client.get(address)), **given}, follow=True).content.decode()


def test_arranged_handed_over_nothing_and_answered_on_day_five(world, asked, secretary, himself, come):
    said = act(secretary, asked, "arrange", on="2026-11-28", place="支部办公室")
    assert "已安排在 2026-11-28，李建国看得到。谈完登记了才算办结。" in said
    mine = himself.get(f"/requests/{asked.pk}/").content.decode()
    assert "2026 年 11 月 28 日，支部办公室" in mine
    assert "定在 11-28" in himself.get("/requests/").content.decode()
    assert "安排 11-28" in himself.get("/me/").content.decode()
    with on(28):
        secretary, himself = come(world.secretary), come(world.li)
        sent = fill(secretary, world.li, reason=f"event:{asked.pk}", on="2026-11-28")
        assert "late_reason" not in secretary.get("/talks/new/", {"member": world.li.pk}).content.decode()
        assert secretary.post("/talks/new/", sent).status_code == 302
        listed = himself.get("/requests/").content.decode()
        assert "已谈" in listed
        assert "超期" not in listed
        assert f"/requests/{asked.pk}/arrange/" not in secretary.get(f"/requests/{asked.pk}/").content.decode()
    assert duty("talk-request", world.li, f"e{asked.pk}").state == State.DONE


def test_answered_on_day_nine_it_asks_why_and_says_so(world, asked, come):
    with on(2, month=12):
        secretary, himself = come(world.secretary), come(world.li)
        sent = fill(secretary, world.li, reason=f"event:{asked.pk}", on="2026-12-02", wish="想换岗位")
        refused = secretary.post("/talks/new/", sent)
        body = refused.content.decode()
        assert refused.status_code == 422
        assert "约谈应在 2026-11-30 前安排，2026-12-02 谈晚了 2 天，请写原因，一句话也可以。" in body
        assert "想换岗位" in body
        assert not Talk.objects.exists()
        assert secretary.post("/talks/new/", sent | {"late_reason": "汛后检查，在外地"}).status_code == 302
        for page in ("/requests/", f"/requests/{asked.pk}/"):
            assert "超期：汛后检查，在外地" in himself.get(page).content.decode()
        printed = secretary.get(f"/requests/{asked.pk}/print/").content.decode()
        assert "超期 2 天。汛后检查，在外地" in printed
    assert duty("talk-request", world.li, f"e{asked.pk}").state == State.DONE


def test_a_talk_in_time_entered_late_needs_no_reason(world, asked, come):
    with on(2, month=12):
        secretary = come(world.secretary)
        sent = fill(secretary, world.li, reason=f"event:{asked.pk}", on="2026-11-29")
        assert "约谈超期的原因" in secretary.get("/talks/new/", {"member": world.li.pk}).content.decode()
        assert secretary.post("/talks/new/", sent).status_code == 302
    assert not RequestAnswer.objects.exists()


def test_the_reason_of_a_talk_entered_elsewhere_is_written_afterwards(world, asked, secretary, come):
    assert "这次约谈没有超期" in act(secretary, asked, "late", late_reason="忘了")
    with on(2, month=12):
        secretary, himself = come(world.secretary), come(world.li)
        sent = fill(secretary, world.li, reason=f"event:{asked.pk}", on="2026-12-02", late_reason="在外地")
        secretary.post("/talks/new/", sent)
        RequestAnswer.objects.update(late_reason="")
        assert "超期：没有写原因" in himself.get("/requests/").content.decode()
        assert f"/requests/{asked.pk}/late/" in secretary.get(f"/requests/{asked.pk}/").content.decode()
        assert "请写原因" in act(secretary, asked, "late", late_reason=" ")
        assert "已写明原因" in act(secretary, asked, "late", late_reason="在外地")
        assert himself.get(f"/requests/{asked.pk}/late/").status_code == 403


def test_either_side_wishes_another_day_and_the_other_agrees(world, asked, secretary, himself):
    act(secretary, asked, "arrange", on="2026-11-25", place="办公室")
    assert "本来就安排在 2026-11-25" in act(himself, asked, "wish", on="2026-11-25")
    assert "请选今天以后" in act(himself, asked, "wish", on="2026-11-20")
    mine = act(himself, asked, "wish", on="2026-11-26")
    assert "已提出改到 2026-11-26，等对方同意。" in mine
    assert "就这天" not in mine
    himself.post(f"/requests/{asked.pk}/agree/")
    assert Arrangement.objects.get().on == date(2026, 11, 25), "one side alone settles nothing"
    theirs = secretary.get(f"/requests/{asked.pk}/").content.decode()
    assert "李建国提出改到 11 月 26 日" in theirs
    assert "就这天" in theirs
    agreed = secretary.post(f"/requests/{asked.pk}/agree/", follow=True).content.decode()
    assert "已定在 2026-11-26。" in agreed
    assert "2026 年 11 月 26 日，办公室" in agreed
    act(secretary, asked, "wish", on="2026-12-04")
    assert "已定在 2026-12-04。" in himself.post(f"/requests/{asked.pk}/agree/", follow=True).content.decode()
    assert "晚于期限" in himself.get(f"/requests/{asked.pk}/").content.decode()
    again = himself.post(f"/requests/{asked.pk}/agree/", follow=True).content.decode()
    assert "没有待定的日子" in again


def test_handed_on_to_another_leader_the_member_sees_it_and_that_talk_answers(
    world, asked, secretary, himself, sign_in
):
    page = secretary.get(f"/requests/{asked.pk}/").content.decode()
    owed = duty("talk-request", world.li, f"e{asked.pk}")
    where = f"/duties/hand-on/?{urlencode({'duty': f'{owed.rule_id}:{owed.key}'})}"
    assert where in page
    form = secretary.get(where)
    sent = {"once": once_in(form), "duty": f"{owed.rule_id}:{owed.key}", "to": world.commissioner.pk, "reason": "出差"}
    assert secretary.post(where, sent).status_code == 302
    assert "转由张伟谈" in himself.get("/requests/").content.decode()
    assert "转由张伟谈" in himself.get(f"/requests/{asked.pk}/").content.decode()
    commissioner = sign_in(account(world.commissioner))
    body = commissioner.get(f"/requests/{asked.pk}/").content.decode()
    assert "登记谈话" in body
    assert "想换岗位" not in body, "why he asked is for whom he asked"
    assert "已安排在 2026-11-27" in act(commissioner, asked, "arrange", on="2026-11-27")
    commissioner.post("/talks/new/", fill(commissioner, world.li, reason=f"event:{asked.pk}"))
    assert "已谈" in himself.get("/requests/").content.decode()


def test_neither_strangers_nor_the_member_arrange_and_what_is_over_is_not_arranged(
    world, asked, secretary, himself, sign_in
):
    assert himself.get(f"/requests/{asked.pk}/arrange/").status_code == 403
    stranger = sign_in(account(world.sibling_secretary))
    for what in ("arrange", "wish", "late"):
        assert stranger.get(f"/requests/{asked.pk}/{what}/").status_code == 404
    assert stranger.post(f"/requests/{asked.pk}/agree/").status_code == 404
    assert "请选今天以后、一年以内的日期" in act(secretary, asked, "arrange", on="2026-11-01")
    Event.objects.filter(pk=asked.pk).update(withdrawn_on=ASKED)
    assert "已于 2026-11-23 撤回，不用再安排" in act(secretary, asked, "arrange", on="2026-11-27")
    assert Event.objects.get().kind == EventKind.REQUEST


def test_a_day_is_not_agreed_to_by_the_side_that_wished_it(world, asked, secretary):
    RequestAnswer.objects.create(event=asked, wished_on=date(2026, 11, 26), wished_by=world.secretary)
    with pytest.raises(ValidationError, match="等对方同意"):
        agree_day(by=account(world.commissioner), request=asked, today=date(2026, 11, 23))


def test_with_a_leader_who_died_nothing_is_arranged(world, asked, secretary):
    die(world.secretary, date(2026, 11, 22))
    with pytest.raises(ValidationError, match="转给别人"):
        arrange_talk(by=account(world.commissioner), request=asked, on=date(2026, 11, 26), place="",
                     today=date(2026, 11, 23))  # fmt: skip
