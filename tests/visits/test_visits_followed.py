"""What follows a visit or a condolence: promises as tasks, addenda, the content check, entering again. 2026-11-23."""

from datetime import date

import pytest

from base.models import AuditRow
from duties.engine.models import Duty, State
from duties.policy.adoption import adopt
from duties.policy.packs import load_pack
from duties.tasks import TaskState
from members.enums import EventKind
from tests.duties.acts import die, happen, once_in
from tests.visits.filling import fill_visit
from tests.visits.test_what_follows import rows
from tests.world import account
from visits.contents import Holds, holds
from visits.lists import with_people
from visits.models import Visit
from visits.promises import promises_of

TODAY = date(2026, 11, 23)
NEW, CONDOLE = "/visits/new/", "/condolences/new/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def secretary(world, sign_in):
    """Where a task is a duty."""
    policy = load_pack("working-rules")
    adopt(by=None, organisation=world.committee, policy=policy, since=date(2026, 1, 1), today=TODAY)
    return sign_in(account(world.secretary))


def held(visit) -> Holds:
    found = with_people(Visit.objects.all()).get(pk=visit.pk)
    return holds(found, list(found.record.addenda.order_by("pk")))


def test_what_is_promised_at_the_bedside_becomes_a_duty_with_its_day(world, secretary):
    happen(world.li, EventKind.ILLNESS, date(2026, 11, 18))
    given = rows(("联系社区食堂送饭", world.commissioner, "2026-11-26")) | {"money": "500", "source": "dues"}
    refused = secretary.post(NEW, fill_visit(secretary, world.li, **given | {"promises-0-due_on": "2026-11-20"}))
    assert refused.status_code == 422
    assert "第 1 行哪天前办：期限 2026-11-20 已经过去" in refused.content.decode()
    assert not Visit.objects.exists()
    panel = secretary.post(NEW, fill_visit(secretary, world.li, **given | {"preview": "1"})).content.decode()
    assert "重病走访" in panel
    page = secretary.post(NEW, fill_visit(secretary, world.li, **given), follow=True).content.decode()
    assert "联系社区食堂送饭" in page
    assert "内容校验：与登记时一致" in page
    visit = Visit.objects.get()
    (task,) = promises_of(visit, TODAY)
    owed = Duty.objects.get(event=task.event)
    assert (owed.actor, owed.due_on, owed.state) == (world.commissioner, date(2026, 11, 26), State.OPEN)
    Visit.objects.update(money=90_000)
    assert held(visit) == Holds.CHANGED


def test_help_with_the_funeral_is_words_and_what_is_still_to_be_done_for_the_family_a_duty(world, secretary):
    die(world.zhao, date(2026, 11, 20))
    given = {"wish": "丧事从简", "promised": "联系殡仪馆"} | rows(("办抚恤手续", world.secretary, "2026-12-10"))
    page = secretary.post(CONDOLE, fill_visit(secretary, world.zhao, CONDOLE, **given), follow=True).content.decode()
    assert all(words in page for words in ("帮助料理了什么", "联系殡仪馆", "办抚恤手续"))
    (task,) = promises_of(Visit.objects.get(), TODAY)
    assert task.state == TaskState.OPEN
    assert Duty.objects.get(event=task.event).rule.code == "family-task"


def test_a_visit_taken_back_takes_its_promises_and_is_entered_again_as_it_was(world, secretary, sign_in):
    given = rows(("送饭", world.commissioner, "2026-11-26")) | {"money": "500", "source": "union", "met": "both"}
    secretary.post(NEW, fill_visit(secretary, world.li, others=[world.zhao.pk], reason="spring", **given))
    visit = Visit.objects.get()
    added = f"/records/{visit.record_id}/addenda/new/"
    secretary.post(added, {"once": once_in(secretary.get(added)), "text": "当天还见了老伴。"})
    assert held(visit) == Holds.SAME
    where = f"/visits/{visit.pk}/withdraw/"
    page = secretary.get(where)
    assert "答应的 1 件事还没有办完，一并撤回。" in page.content.decode()
    done = secretary.post(where, {"once": once_in(page), "reason": "记错日期"}, follow=True).content.decode()
    assert "当天还见了老伴。" in done
    assert [task.state for task in promises_of(visit, TODAY)] == [TaskState.WITHDRAWN]
    address = f"{NEW}?member={world.li.pk}&instead={visit.pk}"
    assert address.replace("&", "&amp;") in done
    form = secretary.get(address).context["form"]
    assert form["money"].value() == "500.00"
    assert {name: form.initial[name] for name in ("source", "met", "reason", "text")} == {
        "source": "union", "met": "both", "reason": "spring", "text": visit.text,
    }  # fmt: skip
    assert set(form.initial["others"]) == {world.secretary.pk, world.zhao.pk}
    assert sign_in(account(world.clerk)).get(address).status_code == 404


def test_the_form_on_paper_has_what_the_registration_form_asks(world, secretary, sign_in):
    ill = happen(world.li, EventKind.ILLNESS, date(2026, 11, 18))
    given = rows(("联系食堂送饭", world.commissioner, "2026-11-26")) | {
        "money": "500",
        "source": "dues",
        "gift": "牛奶",
    }
    given |= {"how": "hospital", "wish": "缺人照料", "gift_value": "66.5", "reason": f"event:{ill.pk}"}
    secretary.post(NEW, fill_visit(secretary, world.li, **given))
    address = f"/visits/{Visit.objects.get().pk}/print/"
    body = secretary.get(address).content.decode()
    for words in ("走访慰问登记表", "500.00", "留存党费", "66.50", "缺人照料", "联系食堂送饭", "2026-11-26", "医院"):
        assert words in body
    assert AuditRow.objects.filter(act="print", detail__private=True).exists()
    assert secretary.post("/printed/", {"path": address}).status_code == 204
    himself = sign_in(account(world.li)).get(address).content.decode()
    assert not [words for words in ("缺人照料", "医院", "严重疾病", "联系食堂送饭") if words in himself]
    assert sign_in(account(world.outsider)).get(address).status_code == 404
