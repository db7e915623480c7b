"""“今天谈了几个人”: one form, a line for each member, all or nothing. Today is 2026-11-23, a Monday."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from duties.engine.models import Record, State
from members.enums import EventKind, Role
from tests.duties.acts import die, duty, happen, move
from tests.visits.filling import fill, fill_several
from tests.world import account, member, person, post
from visits.models import Talk

NEW = "/talks/several/"
CANARY = "金丝雀"
pytestmark = pytest.mark.django_db


@pytest.fixture
def secretary(world, sign_in):
    return sign_in(account(world.secretary))


def test_each_ticked_line_becomes_its_own_talk(world, secretary):
    event = happen(world.li, EventKind.ABSENCE, date(2026, 11, 20))
    sent = fill_several(
        secretary, world.branch, (world.li, "谈了考勤"), (world.zhao, "谈了身体"), means="phone",
        **{f"wish_{world.zhao.pk}": "想常有人来"},
    )  # fmt: skip
    page = secretary.post(NEW, sent, follow=True)
    assert "2 次谈话已登记，办结 3 件应办。" in page.content.decode()
    talks = {talk.record.member_id: talk for talk in Talk.objects.select_related("record")}
    assert {pk: (talk.text, talk.wish, talk.means, talk.record.collective) for pk, talk in talks.items()} == {
        world.li.pk: ("谈了考勤", "", "phone", False), world.zhao.pk: ("谈了身体", "想常有人来", "phone", False),
    }  # fmt: skip
    li, zhao = talks[world.li.pk], talks[world.zhao.pk]
    assert (li.subject, li.record.event) == (Talk.Subject.EVENT, event)
    assert (zhao.subject, zhao.record.event) == (Talk.Subject.YEARLY, None)
    assert {duty("yearly-talk", each).state for each in (world.li, world.zhao)} == {State.DONE}
    assert duty("yearly-talk", world.commissioner).state == State.OPEN


def test_each_line_says_beforehand_what_is_owed_and_the_panel_what_closes(world, secretary):
    page = secretary.get(NEW).content.decode()
    assert page.count("年度谈心谈话（第6项）") == 3
    sent = fill_several(secretary, world.branch, (world.li, ""), (world.zhao, "谈了身体"), preview="1")
    panel = secretary.post(NEW, sent, headers={"hx-request": "true"}).content.decode()
    assert "2 件" in panel
    assert "李建国 年度谈心谈话" in panel
    assert "赵秀兰 年度谈心谈话" in panel
    assert "<h1>" not in panel
    whole = secretary.post(NEW, sent).content.decode()
    assert all(words in whole for words in ("李建国 年度谈心谈话", "谈了身体", sent["once"]))
    assert not Record.objects.exists()


def test_all_or_nothing_with_the_error_beside_the_line(world, secretary):
    sent = fill_several(secretary, world.branch, (world.li, "谈了考勤"), (world.zhao, "  "))
    refused = secretary.post(NEW, sent)
    body = refused.content.decode()
    assert refused.status_code == 422
    assert f'id="id_text_{world.zhao.pk}_error"' in body
    assert f'id="id_text_{world.li.pk}_error"' not in body
    assert "请写谈了什么，一句话也可以。" in body
    assert "谈了考勤" in body
    assert body.count("checked") == 5
    assert not Record.objects.exists()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"on": "2026-12-03"}, "谈话日期 2026-12-03 晚于今天"),
        ({"on": "昨天"}, "请填谈话日期"),
        ({"talker": ""}, "请选谈话人。"),
        ({"means": "collective"}, "请选谈话方式。"),
        ({"on": "1998-06-30"}, "早于李建国入党的 1998-07-01"),
    ],
)
def test_wrong_input_gets_a_sentence_and_loses_nothing(world, secretary, given, sentence):
    refused = secretary.post(NEW, fill_several(secretary, world.branch, (world.li, "谈了考勤"), **given))
    assert refused.status_code == 422
    assert sentence in refused.content.decode()
    assert "谈了考勤" in refused.content.decode()
    assert not Record.objects.exists()


def test_nobody_ticked_is_said(world, secretary):
    refused = secretary.post(NEW, fill_several(secretary, world.branch))
    assert "还没有勾选谈过话的党员。" in refused.content.decode()


def test_the_talker_himself_has_no_talk_with_himself(world, secretary):
    sent = fill_several(secretary, world.branch, (world.commissioner, "谈了分工"), talker=world.commissioner.pk)
    refused = secretary.post(NEW, sent)
    assert "张伟不能与自己谈话，请去掉这一行或另选谈话人。" in refused.content.decode()


def test_what_stands_already_is_said_beside_its_line_and_a_double_click_records_once(world, secretary):
    secretary.post("/talks/new/", fill(secretary, world.zhao, text="谈了身体"))
    sent = fill_several(secretary, world.branch, (world.li, "谈了考勤"), (world.zhao, "谈了身体"))
    body = secretary.post(NEW, sent).content.decode()
    assert "与赵秀兰 2026-11-23 的谈话已登记过" in body
    assert Record.objects.count() == 1
    sent = fill_several(secretary, world.branch, (world.li, "谈了考勤"))
    assert secretary.post(NEW, sent).url == secretary.post(NEW, sent).url
    assert Record.objects.count() == 2


def test_the_dead_and_oneself_have_no_line(world, secretary):
    die(world.zhao, date(2026, 11, 10))
    page = secretary.get(NEW).content.decode()
    assert f"tick_{world.li.pk}" in page
    assert f"tick_{world.zhao.pk}" not in page
    assert f"tick_{world.secretary.pk}" not in page


def test_a_member_who_stood_elsewhere_that_day_is_refused_beside_his_line(world, secretary):
    move(world.sun, world.branch, date(2026, 11, 16))
    sent = fill_several(secretary, world.branch, (world.sun, "谈了适应"), (world.li, "谈了考勤"), on="2026-11-15")
    body = secretary.post(NEW, sent).content.decode()
    assert "2026-11-15 时孙德福的组织关系不在你的范围内" in body
    assert f'id="id_text_{world.sun.pk}_error"' in body
    assert not Record.objects.exists()


def test_a_line_for_somebody_elses_member_does_not_exist(world, secretary, sign_in):
    assert secretary.get(NEW, {"organisation": world.sibling.pk}).status_code == 404
    sent = fill_several(secretary, world.branch, (world.sun, "别支部的人"))
    assert "还没有勾选谈过话的党员。" in secretary.post(NEW, sent).content.decode()
    assert secretary.post(NEW, sent | {"organisation": world.sibling.pk}).status_code == 404
    assert not Record.objects.exists()
    other = sign_in(account(world.sibling_secretary)).get(NEW).content.decode()
    assert "李建国" not in other


def test_an_inspector_and_a_member_enter_nothing(world, sign_in):
    inspector = person("督查员")
    post(inspector, world.committee, Role.INSPECTOR)
    for someone in (inspector, world.li):
        browser = sign_in(account(someone))
        assert browser.get(NEW).status_code == 403
        assert browser.post(NEW, {"organisation": world.branch.pk}).status_code == 403


def test_with_several_branches_one_is_chosen_first(world, sign_in):
    general = sign_in(account(world.general_secretary))
    page = general.get(NEW).content.decode()
    assert f"?organisation={world.branch.pk}" in page
    assert f"?organisation={world.sibling.pk}" in page
    assert f"tick_{world.li.pk}" in general.get(NEW, {"organisation": world.branch.pk}).content.decode()


def test_a_request_to_somebody_else_is_not_answered_by_the_way(world, secretary, sign_in):
    himself = sign_in(account(world.li))
    asked = fill_request(himself, world.commissioner)
    himself.post("/requests/new/", asked)
    secretary.post(NEW, fill_several(secretary, world.branch, (world.li, "谈了考勤")))
    assert Talk.objects.get().record.event is None


def fill_request(client, whom) -> dict:
    return {"member": client.get("/me/").wsgi_request.user.person_id, "addressee": whom.pk, "reason": ""}


def test_the_words_stand_in_no_list(world, secretary):
    secretary.post(NEW, fill_several(secretary, world.branch, (world.li, CANARY)))
    for address in ("/talks/", NEW, "/ledgers/talks/", f"/members/{world.li.pk}/"):
        assert CANARY not in secretary.get(address).content.decode()


def test_the_page_asks_as_little_for_forty_as_for_four(world, secretary):
    def cost() -> int:
        secretary.get(NEW)
        with CaptureQueriesContext(connection) as queries:
            assert secretary.get(NEW).status_code == 200
        return len(queries)

    few = cost()
    people = [member(f"范文{number}", world.branch) for number in range(36)]
    for someone in people[:5]:
        happen(someone, EventKind.HONOUR, date(2026, 11, 16))
    assert cost() == few


def test_saving_asks_nothing_per_member_but_what_the_engine_does(world, secretary):
    """Twice the lines cost at most twice what the engine does for a record; reading and checking stay the same."""
    people = [member(f"范文{number}", world.branch) for number in range(6)]

    def cost(some) -> list[str]:
        sent = fill_several(secretary, world.branch, *((each, "谈了考勤") for each in some))
        with CaptureQueriesContext(connection) as queries:
            assert secretary.post(NEW, sent).status_code == 302
        return [query["sql"] for query in queries]

    one, five = cost(people[:1]), cost(people[1:])
    for table in ("visits_talk", "members_membership"):
        assert ours(one, table) == ours(five, table) > 0, table


def ours(statements: list[str], table: str) -> int:
    """How many of our own statements are about the table; the engine's begin otherwise."""
    return sum(each.startswith((f'SELECT "{table}"."id"', f'INSERT INTO "{table}"')) for each in statements)


def test_when_the_page_was_open_too_long_the_words_of_every_line_come_back(world):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(account(world.secretary), backend="members.backends.AccountBackend")
    sent = {f"text_{world.li.pk}": "谈了考勤", f"wish_{world.zhao.pk}": "想常有人来", f"tick_{world.li.pk}": "on"}
    answer = browser.post(NEW, sent)
    assert answer.status_code == 403
    assert "谈了考勤" in answer.content.decode()
    assert "想常有人来" in answer.content.decode()
