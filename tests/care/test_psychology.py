"""Psychological care: closed to all but the writer and the carers, on no time line, in no category."""

import re
from datetime import date

import pytest
from django.urls import reverse

from base.models import AuditRow
from care.entries import Given, amend_entry, open_entry
from care.models import Entry
from care.registers import REGISTERS
from duties.engine.models import Record
from members.enums import EventKind
from members.models import Category
from members.services import register_event
from tests.care.test_entries import refusal
from tests.world import account, member, post

TODAY = date(2026, 11, 23)
SINCE = date(2026, 3, 2)
PSYCHOLOGY = REGISTERS["psychology"]
NEW = reverse("entry_new")
SAID = "整夜睡不着"


def opened(by, person, carers=(), **more) -> Entry:
    given = Given({"triggers": ["家庭重大变故"], "state": SAID, **more}, carers=[each.pk for each in carers])
    return open_entry(by=by, register=PSYCHOLOGY, person=person, since=SINCE, given=given, today=TODAY)


@pytest.fixture
def wang(cast):
    return account(cast.secretary)


@pytest.fixture
def secretary(wang, sign_in):
    return sign_in(wang)


def page(browser, entry, name="entry"):
    return browser.get(reverse(name, args=[entry.pk]))


def test_a_secretary_enters_with_carers_from_the_posts_and_only_these_read(cast, secretary, sign_in):
    form = secretary.get(NEW, {"register": "psychology", "member": cast.li.pk}).text
    assert "张伟（河源第一党支部组织委员）" in form
    assert "赵秀兰" not in form
    sent = {
        "register": "psychology", "member": cast.li.pk, "since": "2026-03-02", "triggers": ["家庭重大变故"],
        "state": SAID, "carers": [cast.commissioner.pk], "follow_ups-rows": "1", "follow_ups-0-on": "2026-03-09",
        "follow_ups-0-note": "见好",
    }  # fmt: skip
    assert "关怀人请从列表里勾选" in secretary.post(NEW, sent | {"carers": [cast.zhao.pk]}).text
    assert SAID in secretary.post(NEW, sent, follow=True).text
    entry = Entry.objects.get()
    assert entry.facts == {}
    assert list(entry.carers.all()) == [cast.commissioner]
    carer = sign_in(account(cast.commissioner))
    assert SAID in page(carer, entry).text
    listed = carer.get(reverse("member_entries", args=[cast.li.pk])).text
    assert reverse("entry", args=[entry.pk]) in listed
    edit = reverse("entry_edit", args=[entry.pk])
    assert re.search(rf'value="{cast.commissioner.pk}"[^>]* checked', carer.get(edit).text)
    sent |= {"version": 1, "on": "2026-04-01", "follow_ups-0-note": "睡得好了", "carers": [cast.secretary.pk]}
    assert "已保存" in carer.post(edit, sent, follow=True).text
    assert list(entry.carers.all()) == [cast.secretary]
    assert page(carer, entry).status_code == 404


def test_holders_of_the_right_to_sensitive_entries_see_that_it_is_and_who_cares_and_no_more(cast, wang, sign_in):
    entry = opened(wang, cast.li, [cast.commissioner])
    amend_entry(
        by=wang, entry=entry, given=Given({"referred_to": "医院"}), on=TODAY, version=1, today=TODAY
    )  # fmt: skip
    clerk = sign_in(account(cast.clerk))
    for name in ("entry", "entry_print", "entry_act"):
        said = page(clerk, entry, name)
        assert said.status_code == 200
        assert SAID not in said.text
        assert "家庭重大变故" not in said.text
        assert "转介到" not in said.text
    assert "关怀人：张伟" in page(clerk, entry).text
    assert page(clerk, entry, "entry_edit").status_code == 403
    sent = {"version": 2, "on": "2026-11-20", "state": "偷改", "carers": [cast.clerk.pk]}
    assert clerk.post(reverse("entry_edit", args=[entry.pk]), sent).status_code == 403
    entry.refresh_from_db()
    assert entry.private["state"] == SAID
    assert SAID not in clerk.get(reverse("register", args=["psychology"])).text
    assert not AuditRow.objects.filter(act=AuditRow.Act.READ, subject=f"entry:{entry.pk}").exists()


def test_for_others_in_the_branch_it_does_not_exist(cast, wang, sign_in):
    entry = opened(wang, cast.li)
    other = sign_in(account(cast.commissioner))
    assert page(other, entry).status_code == 404
    assert "心理关怀" not in other.get(reverse("member_entries", args=[cast.li.pk])).text
    assert other.get(reverse("register", args=["psychology"])).status_code == 403


def test_nobody_reads_of_himself_not_even_as_a_carer(cast, wang, sign_in):
    entry = opened(None, cast.commissioner, [cast.commissioner])
    assert page(sign_in(account(cast.commissioner)), entry).status_code == 404
    mine = opened(None, cast.secretary)
    assert page(sign_in(wang), mine).status_code == 404


def test_a_carer_who_lost_the_post_reads_no_longer(cast, wang, sign_in):
    entry = opened(wang, cast.li, [cast.commissioner])
    carer = sign_in(account(cast.commissioner))
    assert SAID in page(carer, entry).text
    cast.commissioner.posts.update(until=date(2026, 11, 1))
    assert page(carer, entry).status_code == 404
    helper = member("周一", cast.branch)
    post(helper, cast.branch)
    assert SAID not in page(sign_in(account(helper)), entry).text


def test_it_writes_no_category_no_record_and_stands_on_no_time_line(cast, wang, secretary):
    opened(wang, cast.li)
    assert not Category.objects.exists()
    assert not Record.objects.exists()
    story = secretary.get(reverse("member", args=[cast.li.pk])).text
    assert SAID not in story
    assert "心理" not in story


@pytest.mark.parametrize(
    ("facts", "field", "words"),
    [
        ({"follow_ups": [{"on": "2026-12-01", "how": "电话", "note": ""}]}, "follow_ups", "还没有做的填在“下次随访”"),
        ({"referred_to": "医院", "referred_on": "2026-12-01"}, "referred_on", "晚于今天"),
        ({"referred_on": "2026-03-05"}, "referred_to", "请选转介到哪里"),
    ],
)
def test_what_cannot_be_gets_a_sentence(cast, facts, field, words):
    assert words in refusal(lambda: opened(None, cast.li, **facts))[field][0]


def test_a_death_ends_it(cast):
    entry = opened(None, cast.li)
    assert entry in Entry.objects.running(TODAY)
    register_event(by=None, person=cast.li, kind=EventKind.DEATH, occurred_on=date(2026, 11, 20), today=TODAY)
    assert entry not in Entry.objects.running(TODAY)
