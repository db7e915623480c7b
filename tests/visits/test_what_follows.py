"""What follows a talk: promises as tasks, addenda, the content check, taking back and entering again. 2026-11-23."""

import re
from datetime import date

import pytest
from django.db import connection

from base.models import AuditRow
from duties.engine.models import Duty, Record, State
from duties.policy.adoption import adopt
from duties.policy.packs import load_pack
from duties.tasks import TaskState
from members.enums import EventKind
from members.models import Event
from tests.duties.acts import once_in
from tests.visits.filling import fill
from tests.world import account
from visits.contents import Holds, holds
from visits.lists import with_people
from visits.models import Addendum, Talk
from visits.promises import promises_of

TODAY = date(2026, 11, 23)
CANARY = "补记金丝雀"
pytestmark = pytest.mark.django_db


@pytest.fixture
def working(world):
    """The working rules besides, by which a task is a duty."""
    policy = load_pack("working-rules")
    adopt(by=None, organisation=world.committee, policy=policy, since=date(2026, 1, 1), today=TODAY)


@pytest.fixture
def secretary(world, sign_in):
    return sign_in(account(world.secretary))


def rows(*promises) -> dict:
    """What the browser sends of the rows (what, who, by which day)."""
    sent = {"promises-rows": "3"}
    for number, (what, whom, due_on) in enumerate(promises):
        sent |= {
            f"promises-{number}-what": what, f"promises-{number}-to": whom.pk if whom else "",
            f"promises-{number}-due_on": due_on,
        }  # fmt: skip
    return sent


def saved(client, whom, *promises, **more) -> Talk:
    page = client.post("/talks/new/", fill(client, whom, **rows(*promises), **more))
    assert page.status_code == 302, page.context["form"].errors
    return Talk.objects.latest("pk")


def checked(talk: Talk) -> Holds:
    found = with_people(Talk.objects.all()).get(pk=talk.pk)
    return holds(found, list(found.record.addenda.select_related("by").order_by("pk")))


def add(client, talk: Talk, text: str):
    address = f"/records/{talk.record_id}/addenda/new/"
    return client.post(address, {"once": once_in(client.get(address)), "text": text}, follow=True)


def test_promises_become_tasks_and_close_to_the_end(world, working, secretary, sign_in):
    promises = ("联系工会探望", world.commissioner, "2026-11-30"), ("补订报刊", world.secretary, "2026-12-05")
    talk = saved(secretary, world.li, *promises)
    body = secretary.get(f"/talks/{talk.pk}/").content.decode()
    assert "答应的事" in body
    assert "联系工会探望" in body
    assert body.count("前办") == 2
    first, _second = promises_of(talk, TODAY)
    assert first.event.source == f"talk:{talk.pk}"
    owed = Duty.objects.get(event=first.event)
    assert (owed.actor, owed.due_on, owed.state) == (world.commissioner, date(2026, 11, 30), State.OPEN)
    assert f"/tasks/{first.event.pk}/" in body
    assert f'<a href="/talks/{talk.pk}/">谈话</a>' in secretary.get(f"/tasks/{first.event.pk}/").content.decode()
    himself = sign_in(account(world.li)).get(f"/talks/{talk.pk}/").content.decode()
    assert "联系工会探望" in himself, "it was promised to him"


@pytest.mark.parametrize(
    ("promise", "sentence"),
    [
        (("订报", "secretary", "2026-11-20"), "第 1 行哪天前办：期限 2026-11-20 已经过去"),
        (("", "secretary", "2026-12-01"), "第 1 行答应什么：请写答应了什么。"),
        (("订报", None, "2026-12-01"), "第 1 行谁来办：请从列表里选谁来办。"),
        (("订报", "li", "2026-12-01"), "第 1 行谁来办：请从列表里选谁来办。"),
    ],
)
def test_a_promise_that_cannot_be_refuses_the_whole_form_and_loses_nothing(
    world, working, secretary, promise, sentence
):
    what, whom, due_on = promise
    sent = fill(secretary, world.li, **rows((what, whom and getattr(world, whom), due_on)))
    page = secretary.post("/talks/new/", sent)
    body = page.content.decode()
    assert page.status_code == 422
    assert sentence in body
    assert all(words in body for words in (sent["text"], f'value="{due_on}"', what))
    assert '<details class="field is-bad" id="id_promises" open>' in body
    assert not Record.objects.exists()
    assert not Event.objects.filter(kind=EventKind.TASK).exists()


def test_withdrawing_says_and_takes_back_what_still_runs(world, working, secretary):
    talk = saved(secretary, world.li, ("联系工会探望", world.commissioner, "2026-11-30"), text="谈了探望的事。")
    where = f"/talks/{talk.pk}/withdraw/"
    page = secretary.get(where)
    assert "答应的 1 件事还没有办完，一并撤回。" in page.content.decode()
    done = secretary.post(where, {"once": once_in(page), "reason": "记错人"}, follow=True).content.decode()
    assert "答应的 1 件事一并撤回。" in done
    assert [task.state for task in promises_of(talk, TODAY)] == [TaskState.WITHDRAWN]
    assert not Duty.objects.open().filter(event__kind=EventKind.TASK).exists()
    link = f"/talks/new/?member={world.li.pk}&amp;instead={talk.pk}"
    assert link in done
    again = secretary.get(link.replace("&amp;", "&")).content.decode()
    assert "谈了探望的事。" in again
    assert re.search(r'name="promises-0-what" value="联系工会探望"', again)
    assert re.search(
        rf'<option value="{world.commissioner.pk}" selected>', again.partition('name="promises-0-to"')[2][:4000]
    )


def test_only_who_may_read_is_given_the_words_again(world, secretary, sign_in):
    talk = saved(secretary, world.li, text=CANARY)
    clerk = sign_in(account(world.clerk))
    assert clerk.get("/talks/new/", {"member": world.li.pk, "instead": talk.pk}).status_code == 404
    assert clerk.get("/talks/new/", {"member": world.li.pk, "instead": "九"}).status_code == 404


def test_addenda_stand_dated_below_and_are_never_changed(world, secretary, sign_in):
    talk = saved(secretary, world.li)
    assert "已补记。" in add(secretary, talk, CANARY).content.decode()
    assert "同样的话你已补记过" in add(secretary, talk, CANARY).content.decode()
    assert "请写要补记什么" in add(secretary, talk, "  ").content.decode()
    commissioner = sign_in(account(world.commissioner))
    body = add(commissioner, talk, "当天还说了孩子上学。").content.decode()
    assert body.index(CANARY) < body.index("当天还说了孩子上学。")
    assert "2026-11-23 张伟" in body
    assert "内容校验：与登记时一致" in body
    assert Addendum.objects.count() == 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM visits_addendum")
        assert CANARY not in str(cursor.fetchall())
    assert CANARY not in str(list(AuditRow.objects.values_list("subject", "reason", "detail")))


def test_who_was_not_there_adds_nothing(world, secretary, sign_in):
    talk = saved(secretary, world.li)
    address = f"/records/{talk.record_id}/addenda/new/"
    himself = sign_in(account(world.li))
    assert himself.get(address).status_code == 403
    assert sign_in(account(world.clerk)).get(address).status_code == 403
    assert sign_in(account(world.outsider)).get(address).status_code == 404
    talk.record.withdrawn_on = TODAY
    talk.record.save()
    assert secretary.get(address).status_code == 403
    assert not himself.get(f"/talks/{talk.pk}/").context["may_read"], "it may have been about somebody else"


def test_a_row_changed_in_the_database_is_seen(world, secretary):
    talk = saved(secretary, world.li, place="办公室")
    add(secretary, talk, "第一段补记")
    add(secretary, talk, "第二段补记")
    assert checked(talk) == Holds.SAME
    first = Addendum.objects.earliest("pk")
    for model, pk, change in (
        (Talk, talk.pk, {"text": "家里都好，思想稳定。"}),
        (Talk, talk.pk, {"place": "家中"}),
        (Record, talk.record_id, {"on": date(2026, 11, 22)}),
        (Addendum, first.pk, {"written_on": date(2026, 11, 22)}),
    ):
        found = model.objects.filter(pk=pk)
        was = found.values(*change).get()
        found.update(**change)
        assert checked(talk) == Holds.CHANGED, change
        assert "内容校验：与登记时不一致" in secretary.get(f"/talks/{talk.pk}/").content.decode()
        found.update(**was)
        assert checked(talk) == Holds.SAME
    first.delete()
    assert checked(talk) == Holds.CHANGED, "the chain has a gap"


def test_equal_words_have_unequal_digests_and_no_key_is_said(world, secretary, settings):
    one, two = saved(secretary, world.li), saved(secretary, world.zhao)
    assert one.digest != two.digest
    settings.SEAL_KEYS = [f"another:{'A' * 43}=", *settings.SEAL_KEYS]
    assert checked(one) == Holds.SAME, "a key that was rotated still checks"
    Talk.objects.filter(pk=one.pk).update(digest="gone$00")
    assert checked(one) == Holds.NO_KEY
    Talk.objects.filter(pk=one.pk).update(digest="")
    assert checked(one) == Holds.NONE
