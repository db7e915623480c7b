"""The refused rows given back: the upload's own columns, bad cells marked, texts that stay texts, one's own alone."""

import csv
import io
import re
from datetime import date

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from base.models import AuditRow
from members.models import Person
from members.roster.apply import import_roster, read_roster
from members.roster.refused import export_refused
from tests.members.sheets import HEADINGS, id_number, roster_row, workbook
from tests.world import account, join, person

TODAY = date(2026, 11, 23)
RED, AMBER = "00FFC7CE", "00FFEB9C"


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    settings.UPLOADS = tmp_path / "uploads"
    return settings.UPLOADS


def bring(data: bytes, by=None):
    return import_roster(by=by, sheet=read_roster(data), as_of=TODAY, today=TODAY)


def returned(data: bytes, by=None):
    """The first sheet of what comes back for the rows of an upload that are refused."""
    return openpyxl.load_workbook(io.BytesIO(export_refused(bring(data, by)).getvalue())).active


def saved(page) -> bytes:
    out = io.BytesIO()
    page.parent.save(out)
    return out.getvalue()


def test_only_refused_rows_come_back_under_the_upload_s_own_rows_and_columns(cast):
    headings = ("序号", *HEADINGS, "备注")
    rows = [[1, *roster_row(), "甲"], [2, *roster_row("李丽", 2, 性别="男"), "乙"], ["合计", "2 人"]]
    page = returned(workbook(rows, headings=headings, above=(["党员名册"], ["填报单位：某局", None, "2026年"])))
    values = [[cell.value for cell in row] for row in page.iter_rows()]
    assert [value for value in values[0] if value] == ["党员名册"]
    assert values[1][:3] == ["填报单位：某局", None, "2026年"]
    assert values[2] == list(headings)
    assert values[3] == ["2", "李丽", id_number(2), "男", *roster_row("李丽", 2)[3:], "乙"]
    assert len(values) == 4
    assert page.freeze_panes == "A4"


def test_every_cell_is_a_text_and_stays_one_when_it_is_edited(cast):
    row = roster_row(性别="女", 联系电话=13800138000, 加入党组织日期=date(2005, 6, 10))
    page = returned(workbook([row]))
    assert {cell.data_type for cell in page[2]} == {"s"}
    assert {cell.number_format for cell in page[2]} == {"@"}
    assert page["B2"].value == id_number(1)
    assert page["F2"].value == "2005-06-10"
    assert page["H2"].value == "13800138000"


def test_bad_cells_are_filled_and_say_what_is_wrong(cast):
    page = returned(workbook([roster_row(), roster_row("李 丽", 2, 性别="男", 联系电话="138")]))
    marked = {cell.coordinate: cell.fill.start_color.rgb for cell in page[2] if cell.fill.fill_type}
    assert marked == {"C2": RED, "H2": AMBER}
    assert page["C2"].comment.text.startswith("原表第 3 行：写的是男，身份证号表示女")
    assert "11 位" in page["H2"].comment.text
    assert [cell.comment for cell in page[2] if cell.coordinate not in marked] == [None] * 6


def test_an_empty_cell_past_the_row_s_end_can_be_marked(cast):
    page = returned(workbook([["王强", id_number(1), "男"]]))
    assert page["D2"].fill.start_color.rgb == RED
    assert "没有写所在党支部" in page["D2"].comment.text


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", "＝1+1", '=HYPERLINK("http://x","点我")'])
def test_no_text_of_the_upload_can_run(cast, text):
    lines = io.StringIO()
    csv.writer(lines).writerows([HEADINGS, roster_row(性别="女", 所在党支部=f"'{text}")])
    for data in (lines.getvalue().encode(), workbook([roster_row(性别="女", 所在党支部=f" {text}")])):
        page = returned(data)
        assert {cell.data_type for row in page.iter_rows() for cell in row if cell.value is not None} == {"s"}


def test_a_csv_comes_back_as_a_workbook_that_reads(cast):
    data = (",".join(HEADINGS) + "\n" + ",".join(str(v) for v in roster_row("䶮㛃", 性别="女")) + "\n").encode(
        "gb18030"
    )
    page = returned(data)
    page["C2"] = "男"
    assert bring(saved(page)).report().counts()["created"] == 1
    assert Person.objects.filter(name="䶮㛃").exists()


def test_a_header_of_two_rows_comes_back_whole_and_reads_again(cast):
    upper = ["姓名", "公民身份证号", "性别", "所在党支部", "人员类别", "党籍", "", "联系方式"]
    lower = ["", "", "", "", "", "加入党组织日期", "转为正式党员日期", "联系电话"]
    page = returned(workbook([roster_row(性别="女")], headings=lower, above=[upper]))
    assert [cell.value or "" for cell in page[1]] == upper
    page["C3"] = "男"
    plan = bring(saved(page))
    assert (plan.report().counts()["created"], plan.findings) == (1, [])


def test_mended_rows_come_in_and_leave_no_finding(cast):
    rows = [roster_row(), roster_row("李丽", 2, 性别="男"), roster_row("赵敏", 4, 所在党支部="不存在支部")]
    page = returned(workbook(rows))
    page["C2"], page["D3"] = "女", "河源第一党支部"
    plan = bring(saved(page))
    assert (plan.report().counts(), plan.findings) == (
        {"created": 2, "updated": 0, "unchanged": 0, "refused": 0}, [],
    )  # fmt: skip


def test_what_another_organisation_holds_stands_nowhere_in_the_file(cast):
    join(person("王小强", id_number=id_number(1)), cast.other_branch, since=date(2010, 1, 1))
    page = returned(workbook([roster_row()]), by=account(cast.clerk))
    said = str([[cell.value, cell.comment and cell.comment.text] for row in page.iter_rows() for cell in row])
    assert "不在你的范围内" in said
    assert [secret for secret in ("外单位", "王小强") if secret in said] == []


# The page


@pytest.fixture
def clerk(cast, client):
    user = account(cast.clerk)
    client.force_login(user, backend="members.backends.AccountBackend")
    return user


def uploaded(client, *rows) -> str:
    where = client.post(reverse("roster_import"), {"file": SimpleUploadedFile("名册.xlsx", workbook(rows))})
    return re.search(r"upload=([0-9]+-[0-9a-f]{48})", where.headers["Location"])[1]


def ask(client, token):
    return client.post(reverse("roster_refused"), {"upload": token})


def test_the_page_gives_the_refused_rows_and_leaves_a_trace(clerk, client):
    token = uploaded(client, roster_row(), roster_row("李丽", 2, 性别="男"))
    page = client.get(reverse("roster_import"), {"upload": token}).content.decode()
    assert "下载有错的 1 行" in page
    answer = ask(client, token)
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert answer.headers["Cache-Control"] == "no-store"
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    assert book.active["A2"].value == "李丽"
    row = AuditRow.objects.filter(act="export").get()
    assert (row.subject, row.detail, row.account) == ("roster", {"refused": 1}, clerk.pk)
    assert not Person.objects.filter(name="王强").exists()


def test_the_result_offers_the_same_file(clerk, client):
    token = uploaded(client, roster_row(), roster_row("李丽", 2, 性别="男"))
    done = {"upload": token, "once": "key", "as_of": "2026-11-23"}
    assert "下载有错的 1 行" in client.post(reverse("roster_import"), done, follow=True).content.decode()
    assert ask(client, token).status_code == 200


def test_nobody_fetches_another_s_upload(cast, clerk, client):
    token = uploaded(client, roster_row(性别="女"))
    cast.outsider.posts.update(role="department_clerk")
    client.force_login(account(cast.outsider), backend="members.backends.AccountBackend")
    for given in (token, "", "x", "1-" + "0" * 48):
        assert ask(client, given).headers["Location"] == reverse("roster_import")
    client.force_login(account(cast.secretary), backend="members.backends.AccountBackend")
    assert ask(client, token).status_code == 403
    assert not AuditRow.objects.filter(act="export").exists()


def test_without_refused_rows_there_is_no_file(clerk, client):
    token = uploaded(client, roster_row())
    answer = client.post(reverse("roster_refused"), {"upload": token}, follow=True)
    assert "没有要退回的行" in answer.content.decode()
    assert client.get(reverse("roster_refused")).status_code == 405


def test_a_file_name_shows_no_unseen_or_broken_characters(clerk, client):
    name = "名\u202e册\x07.xlsx"
    where = client.post(reverse("roster_import"), {"file": SimpleUploadedFile(name, workbook([roster_row()]))})
    assert "<h1>名册.xlsx</h1>" in client.get(where.headers["Location"]).content.decode()


# The command


def run(*arguments) -> int:
    try:
        call_command("import_roster", *map(str, arguments))
    except SystemExit as end:
        return end.code
    return 0


def test_the_command_writes_the_refused_rows_for_its_owner_alone(cast, tmp_path, capsys):
    source, out = tmp_path / "in.xlsx", tmp_path / "out.xlsx"
    source.write_bytes(workbook([roster_row(), roster_row("李丽", 2, 性别="男")]))
    assert run(source, "--refused", out) == 2
    assert "没有写入的 1 行另存在" in capsys.readouterr().out
    assert out.stat().st_mode & 0o777 == 0o600
    page = openpyxl.load_workbook(out).active
    page["C2"] = "女"
    out.write_bytes(saved(page))
    assert run(out) == 0
    assert Person.objects.filter(name="李丽").exists()


def test_without_refused_rows_the_command_writes_no_file(cast, tmp_path):
    source, out = tmp_path / "in.xlsx", tmp_path / "out.xlsx"
    source.write_bytes(workbook([roster_row()]))
    assert run(source, "--refused", out) == 0
    assert not out.exists()


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_imported(cast, tmp_path, capsys):
    source = tmp_path / "in.xlsx"
    source.write_bytes(workbook([roster_row()]))
    assert run(source, "--refused", tmp_path / "none" / "out.xlsx") == 1
    assert "请换一个位置" in capsys.readouterr().err
    assert not Person.objects.filter(name="王强").exists()
