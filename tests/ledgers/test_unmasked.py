"""What a ledger masks leaves as it is only for a capability, a typed reason and an audit row; and the file says so."""

import logging
import re
from datetime import date
from html import unescape
from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from base import jobs
from base.models import AuditRow, Job
from ledgers.declarations import LEDGERS
from members.enums import Role
from members.models import Membership
from tests import world
from tests.ledgers.taking import importer, planned
from visits.models import Campaign, Candidate

pytestmark = pytest.mark.anywhere

NUMBER, PHONE, ADDRESS = "410105197003152239", "13800002207", "河南省郑州市金水区纬五路 1 号"
REASON = "按省厅慰问通知报送名单"


@pytest.fixture(autouse=True)
def known(cast):
    cast.li.id_number, cast.li.phone, cast.li.address = NUMBER, PHONE, ADDRESS
    cast.li.save()


@pytest.fixture
def secretary(cast, sign_in):
    return sign_in(world.account(cast.secretary))


def url(code="members", **query):
    return reverse("ledger_unmasked", args=[code], query=query or None)


def chosen(organisation, **more):
    period = {"first": "2026-01-01", "last": "2026-11-23", "held_on": "2026-11-23"}
    return {"organisation": organisation.pk, **period, **more}


def ask(browser, organisation, code="members", *, reason=REASON, once="k", **more):
    return browser.post(url(code, **chosen(organisation, **more)), {"reason": reason, "once": once})


def cells(answer) -> str:
    book = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content)))
    return "\n".join(str(cell.value) for row in book.active.iter_rows() for cell in row if cell.value is not None)


def test_the_ledgers_that_mask_say_what_they_mask():
    masked = {code: [c.heading for c in ledger.masked] for code, ledger in LEDGERS.items() if ledger.masked}
    assert masked == {
        "campaigns": ["身份证号", "联系电话"], "applications": ["身份证号"], "fifty-years": ["证件号码（部分）"],
        "members": ["身份证号", "联系电话", "家庭住址"], "posts": ["联系电话"],
        "difficulty-national": ["身份证号", "联系电话", "家庭住址"],
    }  # fmt: skip
    assert all(column.sealed for ledger in LEDGERS.values() for column in ledger.masked), "none stands on a page"


def test_an_export_is_masked_unless_a_reason_is_given(cast, secretary):
    told = cells(secretary.post(reverse("ledger_export", args=["members"]), chosen(cast.branch, reason=REASON)))
    assert "410***********2239" in told
    assert not [secret for secret in (NUMBER, PHONE, ADDRESS, "未脱敏", REASON) if secret in told]
    row = AuditRow.objects.get(act="export")
    assert ("unmasked" in row.detail, row.reason) == (False, "")


def test_the_page_asks_what_for_and_the_file_says_it(cast, secretary):
    page = secretary.get(url(organisation=cast.branch.pk)).content.decode()
    assert "身份证号、联系电话、家庭住址会原样写进表里" in page
    assert NUMBER not in page
    answer = ask(secretary, cast.branch)
    assert answer["Cache-Control"] == "no-store"
    assert "%E6%9C%AA%E8%84%B1%E6%95%8F.xlsx" in answer["Content-Disposition"]
    book = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content)))
    sheet = book.active
    told = [[cell.value for cell in row] for row in sheet.iter_rows()]
    [row] = [row for row in told if "李建国" in row]
    assert [row[2], row[14], row[15]] == [NUMBER, PHONE, ADDRESS]
    assert "含未脱敏的个人信息，用途见表尾" in sheet["A2"].value
    assert told[-1][0] == (
        "说明：本表含未脱敏的个人信息（身份证号、联系电话、家庭住址），王海燕 2026-11-23 10:00 导出，"
        f"用途：{REASON}。只作这一用途，用后按规定保管或销毁。"
    )
    assert sheet.oddFooter.left.text == "含未脱敏的个人信息"


def test_what_the_page_asks_with_is_what_it_takes(cast, secretary):
    """Nothing chosen: its form is sent to an address with the days as a filter reads them."""
    [where] = re.findall(
        r'<form method="post" action="(/ledgers/members/unmasked/[^"]*)"', secretary.get(url()).content.decode()
    )
    where = unescape(where)
    assert "first=2026-01-01" in where
    assert "held_on=2026-11-23" in where
    assert NUMBER in cells(secretary.post(where, {"reason": REASON}))


def test_the_number_of_the_paper_goes_along(cast, secretary):
    assert 'data-carries="paper"' in secretary.get(reverse("ledger", args=["members"])).content.decode()
    page = secretary.get(url(paper="档2026-7")).content.decode()
    assert "档案号：档2026-7" in page
    [where] = re.findall(r'<form method="post" action="(/ledgers/members/unmasked/[^"]*)"', page)
    assert "档案号：档2026-7" in cells(secretary.post(unescape(where), {"reason": REASON}))


def test_the_audit_names_ledger_organisation_period_reason_and_nobody(cast, secretary):
    ask(secretary, cast.branch)
    row = AuditRow.objects.get(act="export")
    assert (row.subject, row.reason, row.actor) == (f"organisation:{cast.branch.pk}", REASON, "王海燕")
    assert row.detail == {
        "ledger": "members", "first": "2026-01-01", "last": "2026-11-23", "held_on": "2026-11-23", "rows": 4,
        "unmasked": "身份证号、联系电话、家庭住址",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [("", "请写明用途，一句话也可以。"), ("   ", "请写明用途"), ("看看", "用途写得太短"), ("长" * 101, "最多 100 个")],
)
def test_without_a_reason_nothing_leaves_and_what_was_chosen_stays(cast, secretary, reason, sentence):
    answer = ask(secretary, cast.branch, reason=reason, held_on="2026-05-31")
    body = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in body
    assert "截至 2026-05-31" in body
    assert "held_on=2026-05-31" in body
    assert not AuditRow.objects.filter(act="export").exists()


def test_a_reason_in_the_address_counts_for_nothing(cast, secretary):
    answer = secretary.get(url(**chosen(cast.branch, reason=REASON)))
    assert answer.status_code == 200
    assert not answer.streaming
    assert not AuditRow.objects.filter(act="export").exists()


@pytest.mark.parametrize("role", [Role.INSPECTOR, Role.DEPUTY_SECRETARY, Role.GROUP_LEADER])
def test_who_may_not_see_such_values_is_refused_and_it_is_noted(cast, sign_in, role):
    someone = world.person("某同志")
    world.post(someone, cast.branch, role)
    browser = sign_in(world.account(someone))
    assert "不脱敏导出" not in browser.get(reverse("ledger", args=["members"])).content.decode()
    for answer in (browser.get(url()), ask(browser, cast.branch)):
        assert answer.status_code == 403
        assert "请导出脱敏的" in answer.content.decode()
    assert AuditRow.objects.filter(act="deny", allowed=False).count() == 2
    assert not AuditRow.objects.filter(act="export").exists()


def test_a_ledger_that_masks_nothing_has_no_such_page(cast, secretary):
    assert secretary.get(url("talks")).status_code == 404
    assert ask(secretary, cast.sibling).status_code == 404, "nor an organisation out of scope"
    assert "不脱敏导出" not in secretary.get(reverse("ledger", args=["talks"])).content.decode()


def test_who_moved_out_of_view_stays_masked_whatever_day_is_asked_for(cast, secretary):
    Membership.objects.filter(person=cast.li).update(until=date(2026, 6, 1))
    world.join(cast.li, cast.sibling, since=date(2026, 6, 1))
    told = cells(ask(secretary, cast.branch, held_on="2026-05-31"))
    assert "李建国" in told
    assert not [secret for secret in (NUMBER, PHONE, ADDRESS) if secret in told]


def test_a_name_of_a_campaign_who_moved_stays_masked_and_others_do_not(cast, secretary):
    days = {"year": 2026, "day": date(2026, 2, 17), "deliver_by": date(2026, 2, 16), "entered_on": date(2026, 1, 4)}
    held = Campaign.objects.create(organisation=cast.committee, occasion="spring", **days)
    cast.sun.phone = "13911112222"
    cast.sun.save()
    for person in (cast.li, cast.sun):
        here = {"organisation": cast.branch, "path": cast.branch.path}
        Candidate.objects.create(campaign=held, person=person, fen=80_000, source="dues", **here)
    told = cells(ask(secretary, cast.branch, "campaigns"))
    assert NUMBER in told
    assert "139****2222" in told
    assert "13911112222" not in told


def test_neither_reason_nor_values_stand_in_a_log_or_an_address(cast, secretary, caplog):
    with caplog.at_level(logging.DEBUG):
        answer = ask(secretary, cast.branch)
        b"".join(answer.streaming_content)
    said = " ".join(record.getMessage() for record in caplog.records if not record.name.startswith("django.db"))
    assert not [secret for secret in (NUMBER, PHONE, ADDRESS, REASON) if secret in said]
    assert REASON not in secretary.get(reverse("ledger", args=["members"])).content.decode()


def test_a_layout_without_masked_columns_needs_no_reason(cast, secretary):
    sent = {"name": "简表", "once": "k", "in1": "on", "at1": "1", "as1": "姓名"}
    layout = secretary.post(reverse("layout_new", args=["members"]), sent)["Location"].rpartition("=")[2]
    answer = ask(secretary, cast.branch, layout=layout)
    assert answer.status_code == 422
    assert "这个版式里没有脱敏的列" in answer.content.decode()
    assert "不脱敏导出" not in secretary.get(reverse("ledger", args=["members"]) + f"?layout={layout}").content.decode()


def test_a_file_with_the_line_comes_in_as_one_without_it(cast, secretary):
    """The line under the rows is taken for no row, and the open values differ from nothing."""
    answer = ask(secretary, cast.branch)
    plan = planned("members", b"".join(answer.streaming_content), importer(world.account(cast.clerk)))
    assert plan.report().counts() == {"created": 0, "updated": 0, "unchanged": 4, "refused": 0}


# 后台


@pytest.fixture
def large(settings, tmp_path, monkeypatch):
    settings.JOBS = tmp_path / "jobs"
    monkeypatch.setattr("ledgers.views.ledgers.AT_ONCE", 2)


def test_a_large_one_is_a_job_that_asks_the_capability_again(cast, secretary, large):
    for once in ("a", "b"):
        answer = ask(secretary, cast.branch, once=once)
        assert REASON not in answer["Location"]
    first, second = Job.objects.order_by("pk")
    assert REASON not in first.title
    jobs.run_waiting()
    first.refresh_from_db()
    got = secretary.get(f"/jobs/{first.pk}/file/")
    assert NUMBER in cells(got)
    assert AuditRow.objects.filter(act="export", reason=REASON).count() == 2, "one for each file made"
    cast.secretary.posts.update(role=Role.INSPECTOR)
    assert secretary.get(f"/jobs/{second.pk}/file/").status_code == 404


def test_a_post_that_ended_a_minute_ago_takes_nothing_out(cast, secretary, large):
    ask(secretary, cast.branch, once="a")
    cast.secretary.posts.update(until=timezone.localdate())
    jobs.run_waiting()
    job = Job.objects.get()
    assert (job.state, job.error) == (Job.State.FAILED, "这个党组织已不在你的范围内，没有导出。")
    assert ask(secretary, cast.branch).status_code == 403
    assert not AuditRow.objects.filter(act="export").exists()


def test_a_superiors_own_sheet_says_it_under_its_rows(cast, secretary):
    book = openpyxl.Workbook()
    book.active.append(["名单"])
    book.active.append(["序号", "姓名", "身份证号", "籍贯", "手机"])
    file = BytesIO()
    book.save(file)
    file.seek(0)
    file.name = "省厅.xlsx"
    where = secretary.post(reverse("layout_book", args=["members"]), {"name": "省厅", "book": file, "once": "k"})
    answer = ask(secretary, cast.branch, layout=where["Location"].rpartition("=")[2])
    told = cells(answer)
    assert NUMBER in told
    assert f"用途：{REASON}" in told
