"""Study sessions in the browser: hours add up, what is refused, who may. Today is 2026-11-23, a Monday."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from awards.models import Attendance, StudySession
from awards.study import record_study
from duties.engine.models import Record, State
from members.enums import Role
from tests.duties.acts import adopt_pack, die, duty, move, once_in, sweep_on
from tests.world import account, member, person, post

NEW = "/studies/new/"
TODAY = date(2026, 11, 23)
pytestmark = pytest.mark.django_db


@pytest.fixture
def world(cast):
    """The cast under the whole policy, its study hours included."""
    adopt_pack(cast.committee, whole=True)
    sweep_on(TODAY)
    return cast


@pytest.fixture
def secretary(world, sign_in):
    return sign_in(account(world.secretary))


def fill(client, branch, *members, **more) -> dict:
    page = client.get(NEW, {"organisation": branch.pk})
    assert page.status_code == 200
    return {
        "once": once_in(page), "organisation": branch.pk, "on": "2026-11-20", "title": "党章第一章", "hours": "2.5",
        "organiser": page.wsgi_request.user.person_id, "members": [each.pk for each in members], **more,
    }  # fmt: skip


def studied(world, *members, hours="2", on=date(2026, 11, 20), title="党章第一章", by=None):
    return record_study(
        by=by, organisation=world.branch, members=list(members), on=on, title=title, hours=Decimal(hours),
        organiser=world.secretary, today=TODAY,
    )  # fmt: skip


def test_a_session_makes_one_collective_record_each_with_its_hours(world, secretary):
    page = secretary.post(NEW, fill(secretary, world.branch, world.li, world.zhao), follow=True).content.decode()
    assert "已登记 2 人各 2.5 学时，学时已累计，还没有办结应办。" in page
    assert "2026 年 11 月 20 日 · 2.5 学时 · 河源第一党支部 · 王海燕组织" in page
    records = Record.objects.values_list("member", "action", "collective", "quantity", "organisation", "entered_by")
    assert set(records) == {
        (each.pk, "study", True, Decimal("2.5"), world.branch.pk, world.secretary.pk) for each in (world.li, world.zhao)
    }
    assert "党章第一章" in secretary.get("/studies/").content.decode()
    assert (
        f'href="/studies/{StudySession.objects.get().pk}/"'
        in secretary.get(f"/members/{world.li.pk}/").content.decode()
    )


def test_the_duty_closes_with_the_session_that_reaches_its_hours(world, secretary):
    studied(world, world.li, hours="24", on=date(2026, 3, 1))
    studied(world, world.li, world.zhao, hours="7.5", on=date(2026, 6, 1))
    assert duty("study-hours", world.li).state == State.OPEN
    sent = fill(secretary, world.branch, world.li, world.zhao, hours="0.5")
    panel = secretary.post(NEW, sent | {"preview": "1"}, headers={"hx-request": "true"}).content.decode()
    assert "1 件" in panel
    assert "李建国 集中学习培训" in panel
    assert Record.objects.count() == 3
    page = secretary.post(NEW, sent, follow=True).content.decode()
    assert "已登记 2 人各 0.5 学时，办结 1 件应办。" in page
    assert duty("study-hours", world.li).state == State.DONE
    assert duty("study-hours", world.zhao).state == State.OPEN


def test_the_hours_of_whoever_led_the_session_count_too(world, sign_in):
    commissioner = sign_in(account(world.commissioner))
    for number, hours in enumerate(("24", "8")):
        sent = fill(
            commissioner,
            world.branch,
            world.secretary,
            organiser=world.secretary.pk,
            hours=hours,
            title=f"第{number}课",
            on=f"2026-11-{19 + number}",
        )
        assert commissioner.post(NEW, sent).status_code == 302
    assert duty("study-hours", world.secretary).state == State.DONE


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"on": "2026-12-03"}, "学习日期 2026-12-03 晚于今天"),
        ({"on": "1998-06-30"}, "早于李建国入党的 1998-07-01"),
        ({"on": "昨天"}, "请填学习日期"),
        ({"title": " "}, "请写学了什么"),
        ({"title": "长" * 61}, "写了 61 个字，最多 60 个"),
        ({"hours": ""}, "学时请填 0.5 到 24，半小时一档"),
        ({"hours": "0"}, "学时请填 0.5 到 24，半小时一档"),
        ({"hours": "1.2"}, "学时请填 0.5 到 24，半小时一档"),
        ({"hours": "24.5"}, "学时请填 0.5 到 24，半小时一档"),
        ({"hours": "很久"}, "学时请填 0.5 到 24，半小时一档"),
        ({"members": []}, "请勾选谁参加了。"),
        ({"members": ["x"]}, "请从列表里勾选谁参加了。"),
        ({"organiser": ""}, "请选谁组织的。"),
    ],
)
def test_wrong_input_gets_a_sentence_and_loses_nothing(world, secretary, given, sentence):
    given = {"title": "学习贯彻金丝雀", **given}
    refused = secretary.post(NEW, fill(secretary, world.branch, world.li, **given))
    body = refused.content.decode()
    assert refused.status_code == 422
    assert "没有保存" in body
    assert sentence in body
    assert given["title"].strip() in body
    assert not Record.objects.exists()


def test_who_was_of_another_branch_that_day_is_entered_there(world, secretary):
    move(world.sun, world.branch, date(2026, 11, 16))
    refused = secretary.post(NEW, fill(secretary, world.branch, world.li, world.sun, on="2026-11-15"))
    assert refused.status_code == 422
    assert "孙德福在 2026-11-15 不是本支部的党员，请去掉" in refused.content.decode()
    assert not StudySession.objects.exists()
    assert secretary.post(NEW, fill(secretary, world.branch, world.sun, on="2026-11-16")).status_code == 302


def test_a_double_click_records_once_and_the_same_session_is_refused(world, secretary):
    sent = fill(secretary, world.branch, world.li)
    assert secretary.post(NEW, sent).url == secretary.post(NEW, sent).url
    refused = secretary.post(NEW, fill(secretary, world.branch, world.li, world.zhao))
    assert refused.status_code == 422
    assert "2026-11-20 的“党章第一章”已登记过李建国，没有再记一次。" in refused.content.decode()
    assert secretary.post(NEW, fill(secretary, world.branch, world.zhao)).status_code == 302
    assert Record.objects.count() == 2


def test_neither_oneself_nor_the_dead_are_on_the_list(world, secretary):
    die(world.zhao, date(2026, 11, 10))
    offered = secretary.get(NEW).context["form"].fields["members"].queryset
    assert set(offered) == {world.li, world.commissioner}
    sent = fill(secretary, world.branch, world.secretary)
    assert secretary.post(NEW, sent).status_code == 404
    assert not Record.objects.exists()


def test_somebody_elses_branch_and_members_do_not_exist(world, secretary, sign_in):
    session = studied(world, world.li)
    assert secretary.get(NEW, {"organisation": world.sibling.pk}).status_code == 404
    assert secretary.get(NEW, {"member": world.sun.pk}).status_code == 404
    assert secretary.post(NEW, fill(secretary, world.branch, world.sun)).status_code == 404
    other = sign_in(account(world.sibling_secretary))
    for address in (f"/studies/{session.pk}/", f"/studies/{session.pk}/withdraw/"):
        assert other.get(address).status_code == 404
    assert other.post(f"/studies/{session.pk}/withdraw/", {"reason": "试"}).status_code == 404
    assert "党章第一章" not in other.get("/studies/").content.decode()
    assert other.get("/studies/", {"organisation": world.branch.pk}).status_code == 404


def test_an_inspector_looks_but_enters_nothing(world, sign_in):
    session = studied(world, world.li)
    inspector = person("督查员")
    post(inspector, world.committee, Role.INSPECTOR)
    browser = sign_in(account(inspector))
    assert "李建国" in browser.get(f"/studies/{session.pk}/").content.decode()
    assert browser.get(NEW).status_code == 403
    assert browser.post(NEW, {"organisation": world.branch.pk}).status_code == 403
    assert browser.post(f"/studies/{session.pk}/withdraw/", {"reason": "试"}).status_code == 403


def test_a_member_sees_his_own_hours_and_nobody_elses(world, sign_in):
    session = studied(world, world.li, world.zhao)
    studied(world, world.zhao, title="另一课")
    browser = sign_in(account(world.li))
    body = browser.get(f"/studies/{session.pk}/").content.decode()
    assert "李建国" in body
    assert "赵秀兰" not in body
    listed = browser.get("/studies/").content.decode()
    assert "党章第一章" in listed
    assert "另一课" not in listed


def take_back(client, address, reason="记错了"):
    return client.post(address, {"once": once_in(client.get(address)), "reason": reason}, follow=True)


def test_a_whole_session_is_taken_back_with_a_reason(world, secretary):
    session = studied(world, world.li, world.zhao, hours="24")
    with pytest.raises(ValidationError, match="超过 24 学时"):
        studied(world, world.li, hours="0.5", title="第二课")
    studied(world, world.li, hours="8", title="第二课", on=date(2026, 11, 19))
    assert duty("study-hours", world.li).state == State.DONE
    address = f"/studies/{session.pk}/withdraw/"
    assert "2 人的学时一并撤回" in secretary.get(address).content.decode()
    assert "请写为什么撤回" in take_back(secretary, address, " ").content.decode()
    assert "已撤回，1 件应办重新打开。" in take_back(secretary, address).content.decode()
    assert duty("study-hours", world.li).state == State.OPEN
    assert "<s>党章第一章</s>" in secretary.get("/studies/").content.decode()
    assert "这些学时已经撤回。" in take_back(secretary, address).content.decode()


def test_one_members_hours_are_taken_back_and_may_be_entered_again(world, secretary):
    session = studied(world, world.li, world.zhao)
    hours = Attendance.objects.get(record__member=world.li)
    address = f"/studies/{session.pk}/withdraw/{hours.pk}/"
    page = take_back(secretary, address, "请了假").content.decode()
    assert "<s>李建国</s>" in page
    assert "请了假" in page
    assert "参加 <span" in page
    assert Record.objects.standing().get().member == world.zhao
    assert secretary.get(f"/studies/{session.pk}/withdraw/999999/").status_code == 404
    assert studied(world, world.li).pk


@pytest.mark.parametrize(("who", "may"), [("secretary", True), ("general_secretary", True), ("clerk", False)])
def test_who_takes_a_session_back(world, sign_in, who, may):
    session = studied(world, world.li)
    browser = sign_in(account(getattr(world, who)))
    assert (f"/studies/{session.pk}/withdraw/" in browser.get(f"/studies/{session.pk}/").content.decode()) is may
    assert browser.get(f"/studies/{session.pk}/withdraw/").status_code == (200 if may else 403)


def test_nobody_takes_back_his_own_hours(world, secretary):
    session = studied(world, world.li, world.secretary)
    assert secretary.get(f"/studies/{session.pk}/withdraw/").status_code == 403


def test_from_a_duty_the_form_opens_on_the_members_branch(world, sign_in):
    general = sign_in(account(world.general_secretary))
    assert f"?organisation={world.sibling.pk}" in general.get(NEW).content.decode()
    owed = duty("study-hours", world.sun)
    page = general.get(f"{NEW}?duty={owed.rule_id}:{owed.key}")
    assert page.context["here"] == world.sibling
    assert sign_in(account(world.secretary)).get(f"{NEW}?duty={owed.rule_id}:{owed.key}").status_code == 404


def test_the_list_goes_on_after_fifty_and_costs_the_same(world, secretary):
    def cost() -> int:
        secretary.get("/studies/")
        with CaptureQueriesContext(connection) as queries:
            assert secretary.get("/studies/").status_code == 200
        return len(queries)

    studied(world, world.li)
    few = cost()
    StudySession.objects.bulk_create(
        StudySession(
            organisation=world.branch, path=world.branch.path, on=date(2026, 1, 1), title=f"课{n}", hours=1,
            organiser=world.zhao,
        )
        for n in range(51)
    )  # fmt: skip
    assert cost() == few <= 14
    first = secretary.get("/studies/").content.decode()
    after = re.search(r'href="(\?after=[^"]+)"', first)[1]
    assert secretary.get(f"/studies/{after}").content.decode().count("<s>课") == 2


def test_the_hours_of_a_namesake_are_his_own(world):
    other = member("李建国", world.branch)
    studied(world, other, world.li, hours="10")
    assert studied(world, other, world.li, hours="10", title="第二课").pk
