"""What no file can hold goes out as well as it can, and says so; who may not, takes nothing out."""

from datetime import date
from io import BytesIO
from urllib.parse import unquote

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from base import writing
from base.models import AuditRow, Job
from duties.engine.models import Deed
from ledgers import extract
from members.enums import Role
from members.models import Organisation
from tests import world
from tests.ledgers.rows import talk
from tests.ledgers.taking import deed

pytestmark = pytest.mark.anywhere

NASTY = "省厅/局[2026]：名册*?\\报送:第 3 号，一共三十一个字以上的标题再长一些也行"


@pytest.fixture
def secretary(cast, sign_in):
    return sign_in(world.account(cast.secretary))


def export(code, browser, organisation, **more):
    period = {"first": "2026-01-01", "last": "2026-11-23"}
    return browser.post(reverse("ledger_export", args=[code]), {"organisation": organisation.pk, **period, **more})


def book_of(answer):
    return openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content)))


def test_more_rows_than_a_sheet_holds_go_on_on_the_next_sheet(cast, secretary, monkeypatch):
    """1,048,577 rows, with a sheet of three."""
    monkeypatch.setattr(writing, "SHEET_ROWS", 3)
    book = book_of(export("members", secretary, cast.branch, held_on="2026-11-23"))
    assert book.sheetnames == ["党员名册", "党员名册（2）"]
    first, second = book.worksheets
    numbers = [[cell.value for cell in sheet["A"] if isinstance(cell.value, int)] for sheet in book.worksheets]
    assert numbers == [[1, 2, 3], [4]]
    assert [cell.value for cell in first[3]] == [cell.value for cell in second[3]]
    assert "截至 2026-11-23" in second["A2"].value
    assert "合计" not in [cell.value for cell in first["A"]]
    assert "合计" in [cell.value for cell in second["A"]]


def test_a_cell_of_40_000_characters_is_cut_and_the_sheet_says_so(cast, secretary):
    deed(cast, "service", member=cast.zhao, on=date(2026, 5, 8), note="上门送药", paper="8-1")
    Deed.objects.update(note="字" * 40_000, paper="8\x07-\x0b1")
    sheet = book_of(export("deeds", secretary, cast.branch)).active
    heading = {cell.value: cell.column for cell in sheet[3]}
    note = sheet.cell(4, heading["办了什么"]).value
    assert len(note) <= 32_767
    assert note.endswith("…（截断）")
    assert sheet.cell(4, heading["文件编号"]).value == "8-1"
    told = sheet.cell(sheet.max_row, 1).value
    assert "1 个单元格的内容超过 32,767 个字" in told
    assert "1 个单元格里看不见的控制字符没有写出" in told


def test_a_title_with_slashes_makes_a_sheet_and_a_file_that_open(cast, secretary):
    talk(cast.li, cast.branch, [cast.secretary], on=date(2026, 11, 20))
    sent = {"name": "省厅", "title": NASTY, "once": "k", "in1": "on", "at1": "1", "as1": "时间"}
    where = secretary.post(reverse("layout_new", args=["talks"]), sent)["Location"]
    Organisation.objects.filter(pk=cast.branch.pk).update(short_name='河源/第一"支部"' * 9)
    answer = export("talks", secretary, cast.branch, layout=where.rpartition("=")[2])
    book = book_of(answer)
    [name] = book.sheetnames
    assert len(name) <= 31
    assert not set(name) & set("[]:*?/\\")
    assert book.active["A1"].value == NASTY
    _, _, file = answer["Content-Disposition"].partition("utf-8''")
    file = unquote(file)
    assert not set(file) & set('<>:"/\\|?*')
    assert file.endswith("_2026-01-01_2026-11-23.xlsx")
    assert len(file) <= Job._meta.get_field("file_name").max_length


def test_a_total_stands_in_a_column_that_has_room_for_it(cast, secretary):
    sheet = book_of(export("members", secretary, cast.branch, held_on="2026-11-23")).active
    place = next(cell.row for cell in sheet["A"] if cell.value == "合计")
    told = {cell.column_letter: cell.value for cell in sheet[place] if cell.value}
    assert list(told.values()) == ["合计", "4 条", "党员 4 人", "正式党员 4 人", "预备党员 0 人", "女党员 0 人"]
    for letter, words in told.items():
        assert sheet.column_dimensions[letter].width >= sum(2 if ord(each) > 127 else 1 for each in words), words


def test_a_ledger_of_nobody_is_a_sheet_with_headings(cast, secretary):
    sheet = book_of(export("posts", secretary, cast.branch, held_on="1900-01-01")).active
    assert [cell.value for cell in sheet[3]][:3] == ["序号", "党组织名称", "姓名"]
    assert [cell.value for cell in sheet["A"]][3] == "合计"


def test_a_period_that_ends_before_it_begins_is_refused_beside_a_day_too(cast, secretary):
    reversed_ = {"first": "2026-05-01", "last": "2026-04-30", "held_on": "2026-11-23"}
    answer = export("members", secretary, cast.branch, **reversed_)
    assert answer.status_code == 422
    assert "两个日期可能填反了" in answer.content.decode()


def test_somebody_whose_post_ended_a_minute_ago_takes_nothing_out(cast, secretary):
    assert export("members", secretary, cast.branch).streaming
    cast.secretary.posts.update(until=timezone.localdate())
    assert export("members", secretary, cast.branch).status_code == 403
    assert secretary.get(reverse("ledger", args=["members"])).status_code == 403
    assert AuditRow.objects.filter(act="export").count() == 1


def test_somebody_whose_post_is_another_since_a_minute_takes_out_no_more_than_it_lets_him(cast, secretary):
    cast.secretary.posts.update(until=timezone.localdate())
    world.post(cast.secretary, cast.sibling, Role.GROUP_LEADER)
    assert export("members", secretary, cast.branch).status_code == 404
    assert export("members", secretary, cast.sibling).status_code == 403


def test_the_row_of_the_audit_is_there_even_if_the_file_never_is(cast, secretary, monkeypatch):
    monkeypatch.setattr(extract, "write_workbook", lambda *_args: 1 / 0)
    sent = {"reason": "按通知报送名单"}
    with pytest.raises(ZeroDivisionError):
        secretary.post(reverse("ledger_unmasked", args=["members"]), sent)
    assert AuditRow.objects.get(act="export").reason == "按通知报送名单"
