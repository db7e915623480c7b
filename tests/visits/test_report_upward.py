"""逐级报告 of an honoured member who is dying or has died, from the branch to the one that arranges. 2026-11-23."""

from datetime import date

import pytest

from duties.engine.models import Duty, Record, State
from duties.policy.adoption import adopt
from duties.policy.packs import load_pack
from members.enums import CategoryKind, EventKind, TieKind
from members.models import Category, Event, Post, Tie
from tests.duties.acts import die, duty, happen, once_in
from tests.visits.filling import fill_visit
from tests.world import account
from visits.upward import ARRANGE, PASS_ON

TODAY = date(2026, 11, 23)
WISH = "本人想见老战友，亲属望从简"
pytestmark = pytest.mark.django_db


@pytest.fixture
def honoured(world):
    """Li, honoured and in extremis, where a task is a duty."""
    working = load_pack("working-rules")
    adopt(by=None, organisation=world.committee, policy=working, since=date(2026, 1, 1), today=TODAY)
    Category.objects.create(person=world.li, kind=CategoryKind.HONOUREE, grade="厅局级", since=date(2010, 1, 1))
    return happen(world.li, EventKind.CRITICAL, TODAY)


def page_of(client, event):
    return client.get(f"/upward/{event.pk}/")


def report(client, event, whom=None, **more):
    page = page_of(client, event)
    turn = page.context["way"].turn
    sent = {"once": once_in(page), "turn": turn, "on": "2026-11-23", "note": WISH, "to": whom.pk if whom else ""}
    if "people" in page.context["form"].fields:
        sent["people"] = [page.wsgi_request.user.person_id]
    return client.post(f"/upward/{event.pk}/", sent | more, follow=True)


def task_of(whom) -> Duty:
    return Duty.objects.get(event__kind=EventKind.TASK, actor=whom)


def test_the_report_goes_from_the_branch_to_the_committee_which_arranges(world, honoured, sign_in):
    secretary, general, clerk = (
        sign_in(account(each)) for each in (world.secretary, world.general_secretary, world.clerk)
    )
    owed = duty("honouree-critical-report", world.li, f"e{honoured.pk}")
    instead = secretary.get(f"/deeds/new/?duty={owed.rule_id}:{owed.key}")
    assert instead.url == f"/upward/{honoured.pk}/"
    body = page_of(secretary, honoured).content.decode()
    assert "轮到这一级" in body
    assert page_of(general, honoured).context["form"], "who records for the branch may report for it"

    body = report(secretary, honoured, world.general_secretary).content.decode()
    assert "已报告河源局党总支周启明" in body
    assert WISH in body
    owed.refresh_from_db()
    assert owed.state == State.DONE
    passed = task_of(world.general_secretary)
    assert (passed.event.note, passed.due_on, passed.state) == (PASS_ON, date(2026, 11, 24), State.OPEN)

    led = general.get(f"/deeds/new/?duty={passed.rule_id}:{passed.key}")
    assert led.url == f"/upward/{honoured.pk}/"
    assert WISH in page_of(general, honoured).content.decode()
    assert page_of(secretary, honoured).context["form"] is None, "it is not the branch's turn"
    told = report(general, honoured, world.clerk, note="转报局党委")
    assert told.status_code == 200, told.context["form"].errors
    passed.refresh_from_db()
    assert passed.state == State.DONE
    assert task_of(world.clerk).event.note == ARRANGE

    page = page_of(clerk, honoured)
    assert "to" not in page.context["form"].fields
    assert "怎样安排看望慰问或吊唁" in page.content.decode()
    body = report(clerk, honoured, note="高远书记明天去医院").content.decode()
    assert "看望慰问已有安排" in body
    assert task_of(world.clerk).state == State.DONE
    assert Record.objects.filter(member=world.li, event__isnull=False).count() == 3

    secretary.post("/visits/new/", fill_visit(secretary, world.li, reason=f"event:{honoured.pk}", how="hospital"))
    assert "11-23 走访慰问" in page_of(clerk, honoured).content.decode()


def test_it_ends_with_the_organisation_that_granted_the_honour(world, honoured, sign_in):
    Tie.objects.create(person=world.li, kind=TieKind.GRANTOR, to_organisation=world.general, since=date(2010, 1, 1))
    secretary, general = sign_in(account(world.secretary)), sign_in(account(world.general_secretary))
    assert "河源局党总支" in page_of(secretary, honoured).content.decode()
    report(secretary, honoured, world.general_secretary)
    assert task_of(world.general_secretary).event.note == ARRANGE
    report(general, honoured)
    assert page_of(general, honoured).context["way"].ended


def test_a_level_without_anybody_is_passed_over_and_said(world, honoured, sign_in):
    Post.objects.filter(organisation=world.general).delete()
    page = page_of(sign_in(account(world.secretary)), honoured)
    assert "现在没有任职的人，越过：河源局党总支" in page.content.decode()
    assert [level.organisation for level in page.context["way"].levels] == [world.committee]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"note": " "}, "请写办了什么"),
        ({"people": []}, "请勾选是谁。"),
        ({"to": "999999"}, "请选报告给谁。"),
        ({"on": "2026-11-30"}, "晚于今天"),
    ],
)
def test_what_is_missing_is_said_and_nothing_lost(world, honoured, sign_in, given, sentence):
    secretary = sign_in(account(world.secretary))
    refused = report(secretary, honoured, world.general_secretary, paper="支字 3 号", **given)
    assert refused.status_code == 422
    assert sentence in refused.content.decode()
    assert "支字 3 号" in refused.content.decode()
    assert not Record.objects.exists()
    assert not Event.objects.filter(kind=EventKind.TASK).exists()


def test_twice_is_once_and_who_comes_second_is_told(world, honoured, sign_in):
    secretary, general = sign_in(account(world.secretary)), sign_in(account(world.general_secretary))
    sent = {
        "turn": "0", "on": "2026-11-23", "note": WISH, "to": world.general_secretary.pk, "people": [world.secretary.pk],
        "once": once_in(page_of(secretary, honoured)),
    }  # fmt: skip
    assert secretary.post(f"/upward/{honoured.pk}/", sent).status_code == 302
    for again in (sent, sent | {"once": "other"}):
        answer = secretary.post(f"/upward/{honoured.pk}/", again, follow=True)
        assert "没有再记一次" in answer.content.decode()
    assert secretary.post(f"/upward/{honoured.pk}/", sent | {"turn": "1"}).status_code == 403
    seen_before = general.post(f"/upward/{honoured.pk}/", sent | {"to": world.clerk.pk, "once": "third"})
    assert seen_before.status_code == 422
    assert WISH in seen_before.content.decode()
    assert "这一级刚才已经报告过" in seen_before.content.decode()
    assert Record.objects.count() == 1
    assert Event.objects.filter(kind=EventKind.TASK).count() == 1


def test_of_the_dead_the_family_is_condoled_with_and_only_those_who_may_know_see_it(world, honoured, sign_in):
    li, outsider, sibling = (sign_in(account(each)) for each in (world.li, world.outsider, world.sibling_secretary))
    for stranger in (li, outsider, sibling):
        assert page_of(stranger, honoured).status_code == 404
    plain = happen(world.zhao, EventKind.CRITICAL, TODAY)
    secretary = sign_in(account(world.secretary))
    refused = page_of(secretary, plain)
    assert refused.status_code == 403
    assert "赵秀兰没有登记为功勋荣誉获得者" in refused.content.decode()
    die(world.li, TODAY)
    death = happen(world.li, EventKind.DEATH, TODAY)
    owed = duty("honouree-death-report", world.li, f"e{death.pk}")
    form = secretary.get("/condolences/new/", {"member": world.li.pk}).content.decode()
    assert f'href="/upward/{death.pk}/"' in form
    report(secretary, death, world.general_secretary)
    owed.refresh_from_db()
    assert owed.state == State.DONE
    assert task_of(world.general_secretary).rule.code == "family-task"
