"""The pages of the ledgers: who gets which, what they show, and the workbook that leaves an audit row."""

import re
from datetime import date
from io import BytesIO

import openpyxl
import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from base.models import AuditRow
from duties.engine.models import Duty
from ledgers import extract
from ledgers.declarations import LEDGERS
from members.enums import Role
from tests import world
from tests.ledgers.rows import in_force, talk

HREF = '=HYPERLINK("http://evil.example","点我")'


def page(code="talks", **query):
    return reverse("ledger", args=[code], query=query or None)


def file_of(code="talks"):
    return reverse("ledger_export", args=[code])


def asked(organisation, first="2026-01-01", last="2026-11-23"):
    return {"organisation": organisation.pk, "first": first, "last": last}


def opened(response):
    return openpyxl.load_workbook(BytesIO(b"".join(response.streaming_content))).active


@pytest.fixture
def secretary(cast, sign_in):
    return sign_in(world.account(cast.secretary))


@pytest.fixture
def clerk(cast, sign_in):
    return sign_in(world.account(cast.clerk))


@pytest.fixture
def leader(cast, sign_in):
    """May view the branch, may not export."""
    world.post(cast.li, cast.branch, Role.GROUP_LEADER)
    return sign_in(world.account(cast.li))


@pytest.fixture
def plain_member(cast, sign_in):
    return sign_in(world.account(cast.sun))


# 页面


def rows_of_duties(branch):
    """The duties of the branch that fell due or were closed this year so far."""
    year = (date(2026, 1, 1), date(2026, 11, 23))
    here = Duty.objects.filter(path__startswith=branch.path)
    return here.filter(Q(due_on__range=year) | Q(closed_on__range=year)).count()


def test_the_list_counts_the_rows_of_this_year(cast, secretary):
    in_force(cast.committee)
    talk(cast.li, cast.branch, [cast.secretary])
    talk(cast.li, cast.branch, [cast.secretary], on=date(2025, 12, 31), entered=date(2025, 12, 31))

    response = secretary.get(reverse("ledgers"))

    body = response.content.decode()
    counts = {e.ledger.code: e.count for e in response.context["extracts"]}
    derived = ("duties", "political-birthdays")
    rows = {code: number for code, number in counts.items() if number and code not in derived}
    assert rows == {"talks": 1, "members": 4, "organisations": 1, "posts": 2, "study-hours": 4}
    assert list(counts) == list(LEDGERS)
    assert counts["duties"] == rows_of_duties(cast.branch)
    assert "应办事项台账" in body
    assert "谈心谈话台账" in body
    assert "2026-11-23 10:00" in body
    assert page("talks") in body


def test_a_ledger_opens_on_this_year_and_ones_own_organisation(cast, secretary):
    talk(cast.li, cast.branch, [cast.secretary])

    response = secretary.get(page())

    body = response.content.decode()
    assert response.status_code == 200
    assert "2026-01-01 至 2026-11-23" in body
    assert "李建国" in body
    assert "谈了工作" not in body
    assert "导出 Excel（1 行 14 列）" in body
    assert "合计 1 次，谈话对象 1 人" in body
    assert "编制单位：河源第一党支部　填表人：王海燕" in body


def test_the_period_asked_for_is_the_period_shown(cast, secretary):
    talk(cast.li, cast.branch, [cast.secretary], on=date(2026, 3, 1))
    talk(cast.zhao, cast.branch, [cast.secretary], on=date(2026, 11, 1))

    body = secretary.get(page(**asked(cast.branch, "2026-02-01", "2026-03-31"))).content.decode()

    assert "李建国" in body
    assert "赵秀兰" not in body


def test_the_preview_stops_at_fifty_and_says_so(cast, secretary, monkeypatch):
    monkeypatch.setattr(extract, "PREVIEW", 3)
    for _ in range(5):
        talk(cast.li, cast.branch, [cast.secretary])

    response = secretary.get(page())

    assert len(response.context["rows"]) == 3
    assert "预览前 3 行，导出是全部 5 行。" in response.content.decode()


def test_a_ledger_without_rows_says_what_would_make_some(cast, secretary):
    body = secretary.get(page()).content.decode()

    assert "这个期间没有记录" in body
    assert "导出 Excel（0 行 14 列）" in body


def test_htmx_gets_the_very_part_the_page_holds(cast, secretary):
    talk(cast.li, cast.branch, [cast.secretary])

    whole = secretary.get(page()).content.decode()
    part = secretary.get(page(), headers={"HX-Request": "true"}).content.decode()

    def without_token(html):
        return re.sub(r'name="(csrfmiddlewaretoken|once)" value="[\w-]+"', "", html).strip()

    assert without_token(part) in without_token(whole)
    assert "<html" not in part


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        ("2026-05-01", "2026-04-30", "2026-04-30 早于开始日期 2026-05-01，两个日期可能填反了。"),
        ("昨天", "2026-04-30", "“从”不是日期，请写成 2026-01-01 这样。"),
        ("2026-01-01", "", "“到”是空的，请填日期，如 2026-01-01。"),
        ("2026-01-01", "9999-12-31", "“到”9999-12-31 不在 1921 年到 2036 年里，请核对年份。"),
        ("1920-12-31", "2026-01-01", "“从”1920-12-31 不在 1921 年到 2036 年里，请核对年份。"),
    ],
)
def test_a_period_that_cannot_be_is_refused_with_a_sentence_and_kept(cast, secretary, first, last, sentence):
    for response in (
        secretary.get(page(**asked(cast.branch, first, last))),
        secretary.post(file_of(), asked(cast.branch, first, last)),
    ):
        body = response.content.decode()
        assert response.status_code == 422
        assert sentence in body
        assert f'value="{first}"' in body
        assert "导出 Excel" not in body
    assert not AuditRow.objects.filter(act=AuditRow.Act.EXPORT).exists()


def test_what_is_not_a_ledger_is_not_found(secretary):
    assert secretary.get(page("gold")).status_code == 404
    assert secretary.post(file_of("gold")).status_code == 404


def test_a_member_without_a_post_is_told_who_reads_ledgers(plain_member):
    for response in (
        plain_member.get(reverse("ledgers")),
        plain_member.get(page()),
        plain_member.post(file_of()),
    ):
        assert response.status_code == 403
        assert "台账由有查阅职责的同志查看" in response.content.decode()


def test_strangers_are_sent_to_sign_in(client, db):
    assert client.get(page()).status_code == 302
    assert client.post(file_of()).status_code == 302


# 范围


@pytest.mark.parametrize("code", ["duties", "talks"])
def test_the_ledger_of_another_branch_does_not_exist(cast, sign_in, code):
    in_force(cast.committee)
    talk(cast.li, cast.branch, [cast.secretary])
    other = sign_in(world.account(cast.sibling_secretary))

    for organisation in (cast.branch, cast.general, cast.committee, cast.other_branch):
        assert other.get(page(code, **asked(organisation))).status_code == 404
        assert other.post(file_of(code), asked(organisation)).status_code == 404
    mine = other.get(page(code)).content.decode()
    assert "李建国" not in mine
    assert "河源第一党支部" not in mine
    assert "李建国" not in str([[cell.value for cell in row] for row in opened(other.post(file_of(code)))])
    assert "河源第一党支部" not in str(AuditRow.objects.values_list("detail", flat=True))


@pytest.mark.parametrize("organisation", ["999999", "abc", "", "1 OR 1=1", "-1", "9" * 40, "\x00"])
def test_an_organisation_that_does_not_exist_is_not_found(secretary, organisation):
    assert secretary.get(page(organisation=organisation)).status_code == 404


def test_the_department_may_look_at_one_branch_or_at_all(cast, clerk):
    talk(cast.li, cast.branch, [cast.secretary])
    talk(cast.sun, cast.sibling, [cast.sibling_secretary])

    assert len(clerk.get(page()).context["rows"]) == 2
    assert len(clerk.get(page(**asked(cast.sibling))).context["rows"]) == 1


# 导出


def test_the_workbook_holds_what_the_page_shows_and_more(cast, secretary, monkeypatch):
    monkeypatch.setattr(extract, "PREVIEW", 1)
    talk(cast.li, cast.branch, [cast.secretary])
    talk(cast.zhao, cast.branch, [cast.commissioner], on=date(2026, 11, 2))

    response = secretary.post(file_of(), asked(cast.branch))

    sheet = opened(response)
    assert [cell.value for cell in sheet[3]][:4] == ["序号", "时间", "谈话人", "谈话对象"]
    assert [sheet.cell(row, 4).value for row in (4, 5)] == ["李建国", "赵秀兰"]
    assert sheet["B4"].value.date() == date(2026, 11, 20)
    assert [cell.value for cell in sheet[6]][:3] == ["合计", "2 次", "谈话对象 2 人"]
    assert sheet["A2"].value.startswith("编制单位：河源第一党支部　　期间：2026-01-01 至 2026-11-23")
    assert "填表人：王海燕" in sheet.cell(sheet.max_row, 1).value


def test_the_file_is_named_in_chinese_and_kept_by_no_cache(cast, secretary):
    response = secretary.post(file_of(), asked(cast.branch))

    name = "%E8%B0%88%E5%BF%83%E8%B0%88%E8%AF%9D%E5%8F%B0%E8%B4%A6"
    assert response["Content-Disposition"].startswith(f"attachment; filename*=utf-8''{name}")
    assert response["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert response["Cache-Control"] == "no-store"


def test_a_name_that_is_a_formula_arrives_as_a_name(cast, secretary):
    rogue = world.member(HREF, cast.branch)
    talk(rogue, cast.branch, [cast.secretary])

    sheet = opened(secretary.post(file_of(), asked(cast.branch)))

    assert (sheet["D4"].value, sheet["D4"].data_type) == (HREF, "s")
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_an_export_leaves_an_audit_row_that_names_nobody(cast, secretary):
    talk(cast.li, cast.branch, [cast.secretary])

    secretary.post(file_of(), asked(cast.branch, "2026-11-01"))

    row = AuditRow.objects.get(act=AuditRow.Act.EXPORT)
    assert (row.subject, row.actor, row.allowed) == (f"organisation:{cast.branch.pk}", "王海燕", True)
    assert row.detail == {"ledger": "talks", "first": "2026-11-01", "last": "2026-11-23", "rows": 1}


def test_the_audit_row_is_there_even_if_the_file_never_is(cast, secretary, monkeypatch):
    monkeypatch.setattr(extract, "write_workbook", lambda *_args: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        secretary.post(file_of(), asked(cast.branch))

    assert AuditRow.objects.filter(act=AuditRow.Act.EXPORT).count() == 1


def test_who_may_look_but_not_export_is_told_so_and_noted(cast, leader):
    assert "不能导出" in leader.get(page()).content.decode()

    response = leader.post(file_of(), asked(cast.branch))

    assert response.status_code == 403
    assert "需要时请这个党组织的书记导出" in response.content.decode()
    assert not AuditRow.objects.filter(act=AuditRow.Act.EXPORT).exists()
    assert AuditRow.objects.get(act=AuditRow.Act.DENY).allowed is False


def test_exporting_takes_a_post(secretary):
    assert secretary.get(file_of()).status_code == 405


# 查询数


@pytest.mark.parametrize("code", ["duties", "talks"])
def test_a_page_of_fifty_rows_takes_no_more_queries_than_a_page_of_one(cast, clerk, code):
    talk(cast.li, cast.branch, [cast.secretary], on=date(2026, 1, 5))
    for number in range(50):
        someone = world.member(f"党员{number}", cast.sibling, joined=date(2000, 2, 1))
        talk(someone, cast.sibling, [cast.sibling_secretary], on=date(2026, 11, 3))
    in_force(cast.committee)

    clerk.get(page(code))  # the first page of a session also writes its clock
    with CaptureQueriesContext(connection) as few:
        assert len(clerk.get(page(code, **asked(cast.committee, "2026-01-05", "2026-01-05"))).context["rows"]) == 1
    with CaptureQueriesContext(connection) as many:
        assert len(clerk.get(page(code, **asked(cast.committee, "2026-11-03"))).context["rows"]) == 50

    assert len(many) <= len(few) <= 22, "\n".join(query["sql"][:150] for query in few)


def test_more_rows_than_a_page_counts_are_told_as_many_and_all_go_out(cast, secretary, monkeypatch):
    monkeypatch.setattr(extract, "FEW", 2)
    for number in range(3):
        talk(world.member(f"党员{number}", cast.branch), cast.branch, [cast.secretary], on=date(2026, 11, 3))

    with CaptureQueriesContext(connection) as queries:
        body = secretary.get(page(**asked(cast.branch))).content.decode()
    sheet = opened(secretary.post(file_of(), asked(cast.branch)))

    assert "合计 超过 2 行，合计见导出的表" in body
    assert "导出 Excel（超过 2 行" in body
    assert not any(
        "COUNT(" in query["sql"] and "visits_talk" in query["sql"] and "LIMIT" not in query["sql"] for query in queries
    )
    assert any(row[0] == "合计" and "3 次" in row for row in sheet.iter_rows(values_only=True))
    assert "超过 2</td>" in secretary.get(reverse("ledgers")).content.decode()
