"""A talk entered twice, taken back, and read by the member himself. Today is 2026-11-23, a Monday."""

from datetime import date

import pytest

from duties.engine.models import Record
from members.enums import EventKind, Role
from tests.duties.acts import duty, happen
from tests.visits.filling import fill
from tests.world import account, member, post
from visits.models import Talk

pytestmark = pytest.mark.django_db
SAID_ALREADY = "与李建国 2026-11-23 的谈话已登记过，没有再记一条。"


@pytest.fixture
def secretary(world, sign_in):
    return sign_in(account(world.secretary))


def test_back_and_save_again_enters_no_second_talk_and_keeps_the_form(world, secretary):
    secretary.post("/talks/new/", fill(secretary, world.li))
    refused = secretary.post("/talks/new/", fill(secretary, world.li, wish="想换个岗位"))
    body = refused.content.decode()
    assert refused.status_code == 422
    assert SAID_ALREADY in body
    assert "想换个岗位" in body
    assert Record.objects.count() == 1


@pytest.mark.parametrize("other", ["text", "day", "talker", "member"])
def test_another_talk_is_another_talk(world, secretary, other):
    secretary.post("/talks/new/", fill(secretary, world.li))
    given = {
        "text": {"text": "又谈了一次退休的事。"}, "day": {"on": "2026-11-20"},
        "talker": {"talker": world.commissioner.pk}, "member": {},
    }[other]  # fmt: skip
    whom = world.zhao if other == "member" else world.li
    assert secretary.post("/talks/new/", fill(secretary, whom, **given)).status_code == 302
    assert Record.objects.count() == 2


def test_a_talk_taken_back_may_be_entered_again(world, secretary):
    secretary.post("/talks/new/", fill(secretary, world.li))
    secretary.post(f"/talks/{Talk.objects.get().pk}/withdraw/", {"reason": ""})
    assert secretary.post("/talks/new/", fill(secretary, world.li)).status_code == 302


def test_of_a_collective_talk_one_known_already_is_enough_to_refuse(world, secretary):
    secretary.post("/talks/new/", fill(secretary, world.li, means="collective", others=[world.zhao.pk]))
    sent = fill(secretary, world.zhao, means="collective", others=[world.commissioner.pk])
    refused = secretary.post("/talks/new/", sent)
    assert refused.status_code == 422
    assert "与赵秀兰 2026-11-23 的谈话已登记过" in refused.content.decode()
    assert Record.objects.count() == 2


def test_an_old_form_with_new_words_says_that_they_were_not_saved(world, secretary):
    sent = fill(secretary, world.li)
    first = secretary.post("/talks/new/", sent)
    page = secretary.post("/talks/new/", sent | {"text": "改过的话"}, follow=True)
    assert page.redirect_chain[0][0] == first.url
    assert "这张表已经保存过，没有再记一次。要改请撤回后重新登记。" in page.content.decode()
    assert Talk.objects.get().text == "思想稳定，家里都好。"


def test_a_talk_taken_back_twice_says_which_reason_stands(world, secretary):
    secretary.post("/talks/new/", fill(secretary, world.li))
    address = f"/talks/{Talk.objects.get().pk}/withdraw/"
    secretary.post(address, {"once": "a-key", "reason": "记错了人"})
    page = secretary.post(address, {"once": "a-key", "reason": "别的理由"}, follow=True)
    assert "已经撤回过，理由以第一次写的为准。" in page.content.decode()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"text": "长" * 20_001}, "写了 20001 个字，最多 20000 个，请写短一些。"),
        ({"place": "长" * 61}, "写了 61 个字，最多 60 个，请写短一些。"),
        ({"text": "谈了\x00一次"}, "里面夹着看不见的空字符"),
        ({"wish": "\x00"}, "里面夹着看不见的空字符"),
        ({"once": "长" * 65}, "这张表的编号不对，请重新打开这一页再填。"),
        ({"others": ["x"]}, "请从列表里勾选同时参加的人。"),
        ({"means": "letter"}, "请选谈话方式。"),
    ],
)
def test_what_does_not_fit_is_refused_in_our_own_words(world, secretary, given, sentence):
    refused = secretary.post("/talks/new/", fill(secretary, world.li) | given)
    body = refused.content.decode()
    assert refused.status_code == 422
    assert sentence in body
    assert "确保" not in body
    assert not Record.objects.exists()


def test_a_form_whose_member_was_changed_says_so(world, secretary):
    sent = fill(secretary, world.li)
    del sent["member"]
    refused = secretary.post(f"/talks/new/?member={world.li.pk}", sent)
    assert refused.status_code == 422
    assert "没有说是哪位党员" in refused.content.decode()


def test_a_reason_too_long_is_refused_in_our_own_words(world, secretary):
    secretary.post("/talks/new/", fill(secretary, world.li))
    address = f"/talks/{Talk.objects.get().pk}/withdraw/"
    refused = secretary.post(address, {"reason": "长" * 201})
    assert "写了 201 个字，最多 200 个，请写短一些。" in refused.content.decode()


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("secretary", True), ("general_secretary", True), ("committee_secretary", True),
        ("commissioner", False), ("deputy", False), ("clerk", False), ("head", False),
    ],
)  # fmt: skip
def test_a_talk_is_taken_back_by_a_secretary_of_the_branch_or_above(world, sign_in, who, may):
    writer = sign_in(account(member("何静", world.branch)))
    post(writer_of(writer), world.branch, Role.DEPUTY_SECRETARY)
    assert writer.post("/talks/new/", fill(writer, world.li)).status_code == 302
    world.deputy, world.head = member("宋平", world.branch), member("何琳", world.direct)
    post(world.deputy, world.branch, Role.DEPUTY_SECRETARY)
    post(world.head, world.committee, Role.DEPARTMENT_HEAD)
    address = f"/talks/{Talk.objects.get().pk}/"
    reader = sign_in(account(getattr(world, who)))
    assert reader.get(address).status_code == 200
    assert (f"{address}withdraw/" in reader.get(address).content.decode()) is may
    assert reader.get(f"{address}withdraw/").status_code == (200 if may else 403)
    assert writer.get(f"{address}withdraw/").status_code == 200


def writer_of(client):
    return client.get("/me/").wsgi_request.user.person


def test_nobody_takes_back_a_talk_about_himself(world, sign_in, secretary):
    general = sign_in(account(world.general_secretary))
    general.post("/talks/new/", fill(general, world.secretary))
    talk = Talk.objects.get()
    Record.objects.update(entered_by=world.secretary)
    assert secretary.get(f"/talks/{talk.pk}/withdraw/").status_code == 403


def test_the_member_reads_what_the_talk_with_him_closed_but_not_why_it_was_sensitive(world, secretary, sign_in):
    event = happen(world.li, EventKind.ABSENCE, date(2026, 11, 9))
    secretary.post("/talks/new/", fill(secretary, world.li, reason=f"event:{event.pk}"))
    assert duty("talk-on-absence-or-dues", world.li, f"e{event.pk}").closed_by
    body = sign_in(account(world.li)).get(f"/talks/{Talk.objects.get().pk}/").content.decode()
    assert "2 件" in body
    assert "年度谈心谈话" in body
    assert "关怀事项" in body
    assert "没有办结应办" not in body
    assert "组织生活或党费" not in body
