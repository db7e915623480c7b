"""The registers of members who are away and of those whom nobody reaches."""

from datetime import date

import pytest
from django.urls import reverse

from care.entries import Given, amend_entry, close_entry, open_entry, withdraw_entry
from care.models import Entry
from care.registers import REGISTERS
from care.suggestions import suggested
from members.enums import Standing
from members.models import Membership, Person
from tests.care.test_entries import TODAY, refusal
from tests.world import account

FLOATING, LOST = REGISTERS["floating"], REGISTERS["lost"]
SINCE = date(2026, 3, 2)
AWAY = {"place": "示例省江北市", "means": ["电话"], "how_often": "每月"}


def entered(person, register=FLOATING, facts=AWAY, since=SINCE) -> Entry:
    return open_entry(by=None, register=register, person=person, since=since, given=Given(facts), today=TODAY)


def row(person) -> tuple[bool, str]:
    return Person.objects.values_list("floating", "floating_to").get(pk=person.pk)


@pytest.fixture
def secretary(cast, sign_in):
    return sign_in(account(cast.secretary))


@pytest.mark.django_db
def test_the_members_own_row_says_so_while_the_entry_runs(cast):
    entry = entered(cast.li)
    assert row(cast.li) == (True, "示例省江北市")
    given = Given({**AWAY, "place": "示例省临海市"})
    amend_entry(by=None, entry=entry, given=given, on=date(2026, 9, 1), version=1, today=TODAY)
    assert row(cast.li) == (True, "示例省临海市")
    close_entry(by=None, entry=entry, last=date(2026, 11, 1), why="已经返回", note="", today=TODAY)
    assert row(cast.li) == (False, "")
    entry.refresh_from_db()
    said = {"entry": entry, "on": date(2026, 10, 1), "version": entry.version, "today": TODAY}
    amend_entry(by=None, given=Given({**AWAY, "there": "经开区党支部"}), **said)
    assert row(cast.li) == (False, ""), "what is over says nothing of today"
    again = entered(cast.li, since=date(2026, 11, 10))
    withdraw_entry(by=None, entry=again, reason="没有外出", today=TODAY)
    assert row(cast.li) == (False, "")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("register", "facts", "field", "words"),
    [
        (FLOATING, {**AWAY, "back_on": "2026-01-01"}, "back_on", "早于外出的"),
        (LOST, {"last_contact": "2026-03-03"}, "last_contact", "晚于登记失联的"),
        (LOST, {"last_contact": "2026-02-03", "tries": [{"on": "2026-01-03"}]}, "tries", "早于最后一次联系的"),
    ],
)
def test_what_cannot_be_gets_a_sentence(cast, register, facts, field, words):
    assert words in "".join(refusal(lambda: entered(cast.li, register, facts))[field])


def test_the_form_knows_where_the_roster_says_the_member_went(cast, secretary):
    Person.objects.filter(pk=cast.li.pk).update(floating=True, floating_to="示例省南屏市")
    listed = secretary.get(reverse("register", args=["floating"])).text
    assert "名册上是流动党员，流向示例省南屏市，还没有登记怎样联系" in listed
    [one] = suggested(cast.secretary.account, FLOATING, TODAY)
    assert secretary.get(one.url).context["form"]["place"].value() == "示例省南屏市"
    body = {"register": "floating", "member": cast.li.pk, "since": "2026-11-02", **AWAY}
    said = secretary.post(reverse("entry_new"), body, follow=True)
    assert "列入流动党员台账" in said.text
    assert suggested(cast.secretary.account, FLOATING, TODAY) == []
    Person.objects.filter(pk=cast.li.pk).update(floating=False, floating_to="")
    assert "名册上已不是流动党员" in secretary.get(said.redirect_chain[-1][0]).text


@pytest.mark.parametrize(
    ("last", "on_roster", "words"),
    [
        ("2026-07-01", Standing.FULL, "到 2027-01-01 失去联系满六个月，在那以前继续查找"),
        ("2026-05-23", Standing.FULL, "2026-11-23 起失去联系已满六个月，名册上还是正式党员"),
        ("2026-05-24", Standing.FULL, "到 2026-11-24 失去联系满六个月"),
        ("2026-02-01", Standing.LOST, "名册上是失联党员。是否停止党籍由上级研究"),
        ("2026-02-01", Standing.SUSPENDED, "名册上已停止党籍"),
    ],
)
def test_after_six_months_the_page_says_what_is_a_matter_of_the_roster(cast, secretary, last, on_roster, words):
    Membership.objects.filter(person=cast.li).update(standing=on_roster)
    entry = entered(cast.li, LOST, {"last_contact": last, "tries": []}, since=date(2026, 7, 2))
    assert words in secretary.get(reverse("entry", args=[entry.pk])).text
    assert row(cast.li) == (False, "")
    assert Membership.objects.get(person=cast.li).standing == on_roster, "the entry changes no standing"


def test_a_search_is_kept_row_by_row_and_ends_when_the_member_is_found(cast, secretary):
    Membership.objects.filter(person=cast.li).update(standing=Standing.LOST)
    assert [each.why for each in suggested(cast.secretary.account, LOST, TODAY)] == [
        "名册上是失联党员，还没有记查找情况"
    ]
    tries = {"tries-rows": "2", "tries-0-on": "2026-09-01", "tries-0-how": "电话", "tries-0-by": "王海燕"}
    body = {"register": "lost", "member": cast.li.pk, "since": "2026-11-02", "last_contact": "2026-08-01", **tries}
    half = secretary.post(reverse("entry_new"), body | {"tries-0-by": ""})
    assert (half.status_code, "请填谁找的" in half.text) == (422, True)
    said = secretary.post(reverse("entry_new"), body, follow=True)
    assert "王海燕" in said.text
    entry = Entry.objects.get()
    assert entry.facts["tries"] == [{"on": "2026-09-01", "how": "电话", "by": "王海燕", "what": ""}]
    act = reverse("entry_act", args=[entry.pk])
    done = secretary.post(act, {"act": "close", "last": "2026-11-20", "why": "已经找到，恢复联系"}, follow=True)
    assert "已退出，到 2026-11-20 为止" in done.text
