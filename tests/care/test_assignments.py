"""Posts of work for members without office: the form, rotation, the yearly result, the warning, the ledger."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from care.entries import Given, close_entry, open_entry
from care.models import Entry
from care.registers import REGISTERS
from members.enums import Role, Standing
from members.models import Membership
from tests.care.test_entries import refusal
from tests.ledgers.taking import importer, planned, said, sheet_of
from tests.ledgers.test_registers import table
from tests.world import account, member, post

TODAY = date(2026, 11, 23)
SINCE = date(2026, 3, 2)
ASSIGNMENT = REGISTERS["assignment"]
FACTS = {"post": "政策宣传岗", "work": "每月讲一次政策。", "how": "自愿申报"}


def opened(cast, since=SINCE, **more) -> Entry:
    return open_entry(
        by=None, register=ASSIGNMENT, person=cast.li, since=since, given=Given(FACTS | more), today=TODAY
    )  # fmt: skip


def test_a_secretary_enters_a_post_with_training_and_result(cast, sign_in):
    browser = sign_in(account(cast.secretary))
    address = reverse("entry_new")
    sent = {
        "register": "assignment", "member": cast.li.pk, "since": "2026-03-02", **FACTS, "trainings-rows": "1",
        "trainings-0-on": "2026-03-01", "trainings-0-kind": "岗前培训", "trainings-0-what": "政策要点",
        "results-rows": "1", "results-0-year": "2026", "results-0-result": "完成好", "results-0-reward": "年终奖励",
    }  # fmt: skip
    assert "请填岗位名称" in browser.post(address, sent | {"post": " "}).text
    page = browser.post(address, sent, follow=True).text
    for words in ("政策宣传岗", "岗前培训", "完成好", "年终奖励"):
        assert words in page
    assert "不是无职党员" not in page
    assert "政策宣传岗" in browser.get(reverse("register", args=["assignment"])).text
    assert "政策宣传岗" in browser.get(reverse("entry_print", args=[Entry.objects.get().pk])).text


def test_changing_posts_ends_one_and_begins_another(cast):
    first = opened(cast)
    assert "已在无职党员设岗定责台账里" in refusal(lambda: opened(cast, since=TODAY))["since"][0]
    close_entry(by=None, entry=first, last=date(2026, 9, 30), why="轮岗", note="", today=TODAY)
    opened(cast, since=date(2026, 10, 1), post="邻里调解岗")
    rows = table(account(cast.secretary), cast.branch, "assignment")
    assert [(row["岗位名称"], row["退出原因"]) for row in rows] == [("邻里调解岗", ""), ("政策宣传岗", "轮岗")]


@pytest.mark.parametrize(
    ("facts", "field", "words"),
    [
        ({"trainings": [{"on": "2026-12-01", "kind": "岗前培训", "what": ""}]}, "trainings", "晚于今天"),
        ({"results": [{"year": 2027, "result": "完成"}]}, "results", "2026 到 2026"),
        ({"results": [{"year": 2025, "result": "完成"}]}, "results", "2026 到 2026"),
        ({"results": [{"year": 2026, "result": "完成"}] * 2}, "results", "两行"),
    ],
)
def test_what_cannot_be_gets_a_sentence(cast, facts, field, words):
    assert words in refusal(lambda: opened(cast, **facts))[field][0]


def test_who_holds_an_office_or_is_suspended_is_warned_of(cast, sign_in):
    page = reverse("entry", args=[opened(cast).pk])
    browser = sign_in(account(cast.secretary))
    assert "不是无职党员" not in browser.get(page).text
    post(cast.li, cast.branch, Role.PUBLICITY_COMMISSIONER)
    assert "现任河源第一党支部宣传委员，不是无职党员" in browser.get(page).text
    Membership.objects.filter(person=cast.li).update(standing=Standing.SUSPENDED)
    assert "停止党籍期间不参加设岗" in browser.get(page).text


def test_a_post_of_work_for_who_holds_an_office_is_asked_about(cast):
    """Whoever took office later is warned of on the page; entries of before go on."""
    post(cast.li, cast.branch, Role.PUBLICITY_COMMISSIONER, since=date(2026, 5, 1))
    before = opened(cast)
    close_entry(by=None, entry=before, last=date(2026, 5, 31), why="轮岗", note="", today=TODAY)
    late = date(2026, 6, 1)
    said = refusal(lambda: opened(cast, since=late))["although"][0]
    assert said == "李建国 2026-06-01 任河源第一党支部宣传委员，不是无职党员，请核对。确要设岗的，写明理由。"
    assert opened(cast, since=late, although="党员大会决定兼任").facts["although"] == "党员大会决定兼任"


def test_a_sheet_says_it_at_its_cell_and_asks_as_often_for_many(cast):
    people = [member(f"同志{n}", cast.branch) for n in range(12)]
    for each in people:
        post(each, cast.branch, Role.PUBLICITY_COMMISSIONER)
    rows = [
        {"姓名": each.name, "党组织": "河源第一党支部", "自": "2026-03-02", "岗位名称": "政策宣传岗",
         "岗位职责": "讲政策", "怎样定岗": "自愿申报"} for each in people
    ]  # fmt: skip
    by = importer(account(cast.secretary))

    def cost(*rows) -> int:
        with CaptureQueriesContext(connection) as queries:
            plan = planned("assignment", sheet_of("assignment", *rows), by)
        assert {(each[1], each[2]) for each in said(plan)} == {("有职务仍设岗的理由", "refused_although")}
        return len(queries)

    cost(*rows)
    assert cost(*rows[:3]) == cost(*rows)
    with_reason = [row | {"有职务仍设岗的理由": "党员大会决定兼任"} for row in rows]
    assert planned("assignment", sheet_of("assignment", *with_reason), by).report().counts()["created"] == 12


def test_next_doors_secretary_does_not_find_it(cast, sign_in):
    entry = opened(cast)
    assert sign_in(account(cast.sibling_secretary)).get(reverse("entry", args=[entry.pk])).status_code == 404
