"""The pages of the registers, as secretary, commissioner, clerk and inspector use them."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from base.models import AuditRow
from care.entries import Given, open_entry
from care.models import Entry
from care.registers import REGISTERS
from members.enums import CategoryKind, EventKind, Role
from members.models import Category
from members.services import register_event
from tests.members.office import once_key
from tests.world import account, member, post

TODAY = date(2026, 11, 23)
NEW = reverse("entry_new")


@pytest.fixture
def secretary(cast, sign_in):
    return sign_in(account(cast.secretary))


@pytest.fixture
def commissioner(cast, sign_in):
    return sign_in(account(cast.commissioner))


@pytest.fixture
def clerk(cast, sign_in):
    return sign_in(account(cast.clerk))


def filled(cast, **more) -> dict:
    family = {
        "family-rows": "3", "family-0-name": "吴春梅", "family-0-relation": "spouse", "family-0-income": "1,200.5",
        "family-1-name": "", "family-2-name": "",
    }  # fmt: skip
    return {
        "register": "difficulty", "member": cast.li.pk, "since": "2026-11-02", "grade": "一般困难",
        "causes": ["unemployed"],
        "own_income": "915", "detail": "配偶失业", **family, "benefits-rows": "0", **more,
    }  # fmt: skip


def entered(cast, register="difficulty", **more) -> Entry:
    given = Given(
        {"causes": ["unemployed"], "state": "住院", "detail": "绝密病情", "needs": "照料"},
        "一般困难" if register == "difficulty" else "",
    )
    return open_entry(
        by=None, register=REGISTERS[register], person=more.get("person", cast.li), since=date(2026, 11, 2), given=given,
        today=TODAY,
    )  # fmt: skip


def test_a_secretary_enters_changes_reviews_ends_and_prints(cast, secretary, clerk):
    page = secretary.get(NEW, {"register": "difficulty", "member": cast.li.pk})
    said = secretary.post(NEW, filled(cast, once=once_key(page)), follow=True)
    entry = Entry.objects.get()
    assert said.redirect_chain[-1][0] == reverse("entry", args=[entry.pk])
    assert "列入困难党员台账，等上级认定" in said.text
    assert entry.private["family"] == [
        {"name": "吴春梅", "relation": "spouse", "born": "", "health": "", "work": "", "income": 120050}
    ]
    assert "1200.50 元" in said.text
    act = reverse("entry_act", args=[entry.pk])
    assert "组织认定" not in secretary.get(act).text
    clerk.post(act, {"act": "recognise", "on": "2026-11-05", "organisation": "局党委", "grade": "比较困难"})
    assert Category.objects.get(kind="hardship").grade == "比较困难"
    said = secretary.post(act, {
        "act": "review", "on": "2026-11-20", "note": "上门", "people": [cast.secretary.pk],
    }, follow=True)  # fmt: skip
    assert "已复核，下次 2027-05-19" in said.text
    edit = reverse("entry_edit", args=[entry.pk])
    entry.refresh_from_db()
    body = filled(cast, version=entry.version, on="2026-11-21", grade="特别困难")
    assert "已保存" in secretary.post(edit, body, follow=True).text
    assert "特别困难" in secretary.get(reverse("entry_print", args=[entry.pk])).text
    said = secretary.post(act, {"act": "close", "last": "2026-11-22", "why": "已经脱困"}, follow=True)
    assert "到 2026-11-22 为止" in said.text
    assert [row.until for row in Category.objects.filter(kind="hardship", grade="特别困难")] == [date(2026, 11, 23)]


def test_a_second_click_enters_once(cast, secretary):
    key = once_key(secretary.get(NEW, {"register": "difficulty", "member": cast.li.pk}))
    for _click in range(2):
        secretary.post(NEW, filled(cast, once=key))
    assert Entry.objects.count() == 1


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"causes": []}, "请勾选致困原因"),
        ({"own_income": "很少"}, "金额请写成 1200 或 1200.50 这样"),
        ({"own_income": "-5"}, "金额请写成"),
        ({"family-0-relation": ""}, "第 1 行关系：请从列表里选关系"),
        ({"main_cause": "disaster"}, "主要原因没有在致困原因里勾选"),
        ({"civil_until": "2026-12-31"}, "请选民政认定类别"),
        ({"since": "2026-02-30"}, "写法不对"),
        ({"grade": "最困难"}, "请从列表里选等次"),
    ],
)
def test_wrong_input_gets_a_sentence_and_loses_nothing(cast, secretary, more, words):
    said = secretary.post(NEW, filled(cast, **more))
    assert said.status_code == 422
    assert words in said.text
    assert "配偶失业" in said.text
    assert "吴春梅" in said.text
    assert not Entry.objects.exists()


def test_who_may_not_read_private_facts_changes_the_others_and_loses_none(cast, commissioner):
    entry = entered(cast)
    page = reverse("entry", args=[entry.pk])
    assert "绝密病情" not in commissioner.get(page).text
    edit = reverse("entry_edit", args=[entry.pk])
    form = commissioner.get(edit).text
    assert "绝密病情" not in form
    assert 'name="detail"' not in form
    sent = {"version": 1, "on": "2026-11-20", "grade": "一般困难", "causes": ["other"], "benefits-rows": "0"}
    commissioner.post(edit, sent | {"detail": "偷改"})
    entry.refresh_from_db()
    assert entry.facts["causes"] == ["other"]
    assert entry.private["detail"] == "绝密病情"


def test_sensitive_registers_do_not_exist_for_those_without_the_right(cast, commissioner, secretary):
    entry = entered(cast, "illness")
    for page in (reverse("entry", args=[entry.pk]), reverse("entry_print", args=[entry.pk])):
        assert commissioner.get(page).status_code == 404
        assert "绝密病情" not in commissioner.get(page).text
    assert commissioner.get(reverse("register", args=["illness"])).status_code == 403
    assert "重病" not in commissioner.get(reverse("registers")).text
    assert secretary.get(reverse("entry", args=[entry.pk])).status_code == 200


def test_an_inspector_sees_that_it_is_so_and_not_why(cast, sign_in):
    inspector = member("查一", cast.direct)
    post(inspector, cast.committee, Role.INSPECTOR)
    browser = sign_in(account(inspector))
    entry = entered(cast)
    page = browser.get(reverse("entry", args=[entry.pk]))
    assert page.status_code == 200
    assert "绝密病情" not in page.text
    printed = browser.get(reverse("entry_print", args=[entry.pk]))
    assert "绝密病情" not in printed.text
    assert AuditRow.objects.filter(act=AuditRow.Act.PRINT, subject=f"entry:{entry.pk}").count() == 1


def test_reading_private_facts_leaves_an_audit_row(cast, secretary):
    entry = entered(cast)
    assert secretary.get(reverse("entry", args=[entry.pk])).text.count("照料") == 1
    assert AuditRow.objects.filter(act=AuditRow.Act.READ, subject=f"entry:{entry.pk}").count() == 1


def test_nobody_keeps_his_own_entry(cast, secretary):
    entry = entered(cast, person=cast.secretary)
    assert secretary.get(reverse("entry_edit", args=[entry.pk])).status_code == 403
    assert secretary.get(NEW, {"register": "illness", "member": cast.secretary.pk}).status_code == 403


def test_a_list_costs_the_same_for_one_and_fifty(cast, secretary):
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert secretary.get(reverse("register", args=["difficulty"])).status_code == 200
        return len(asked)

    entered(cast)
    cost()
    once = cost()
    people = [member(f"困难{n}", cast.branch) for n in range(50)]
    Entry.objects.bulk_create(
        Entry(register="difficulty", person=each, since=date(2026, 5, 1), entered_on=TODAY) for each in people
    )
    assert cost() == once
    assert "后面的" in secretary.get(reverse("register", args=["difficulty"])).text


def test_what_a_register_writes_is_changed_in_the_register_alone(cast, secretary, clerk):
    entry = entered(cast)
    act = reverse("entry_act", args=[entry.pk])
    clerk.post(act, {"act": "recognise", "on": "2026-11-05", "organisation": "局党委", "grade": "比较困难"})
    hardship = Category.objects.get(kind="hardship")
    page = reverse("category", args=[cast.li.pk, hardship.pk])
    assert secretary.get(page).url == act
    sent = {"act": "end", "last": "2026-11-10", "once": "e"}
    assert secretary.post(page, sent).url == act
    assert Category.objects.get(kind="hardship").until == hardship.until


def test_every_kind_of_category_has_one_writer(cast):
    known = {"causes": ["unemployed"], "state": "住院", "benefits": True, "cause": "抢险"}
    written = {str(CategoryKind.DISCIPLINED), str(CategoryKind.AWAITING_RIGHTS)}  # by all punishments together
    for code, register in REGISTERS.items():
        mine = {str(kind) for kind in register.kinds(Entry(register=code, person=cast.zhao, facts=known, grade="警告"))}
        assert not mine & written, code
        written |= mine
    elsewhere = {str(CategoryKind.HONOUREE), str(CategoryKind.DUES_RELIEF)}  # from honours, from less dues
    assert not written & elsewhere
    assert written | elsewhere == set(CategoryKind)


def test_a_dead_member_is_told_of_before_the_form_is_filled_in(cast, secretary):
    asked = {"register": "difficulty", "member": cast.li.pk}
    register_event(by=None, person=cast.li, kind=EventKind.DEATH, occurred_on=date(2026, 11, 20), today=TODAY)
    refused = secretary.get(NEW, asked)
    assert (refused.status_code, "已于 2026-11-20 去世" in refused.text) == (403, True)
    assert secretary.post(NEW, filled(cast)).status_code == 403
    assert secretary.get(NEW, asked | {"register": "household"}).status_code == 200
    assert secretary.get(NEW, {"register": "household", "member": cast.zhao.pk}).status_code == 403


def test_what_waits_for_recognition_is_not_reviewed_yet(cast, secretary):
    entry = entered(cast)
    assert ">复核</a>" not in secretary.get(reverse("entry", args=[entry.pk])).text
    act = reverse("entry_act", args=[entry.pk])
    assert 'value="review"' not in secretary.get(act).text
    entry.recognised_on = date(2026, 11, 5)
    entry.save()
    assert ">复核</a>" in secretary.get(reverse("entry", args=[entry.pk])).text
    assert 'value="review"' in secretary.get(act).text
