"""Layouts: columns picked, ordered and renamed; a superior's own sheet filled by its headings."""

from datetime import date
from io import BytesIO

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font

from base.audit import Act
from base.limits import SheetRefused
from base.models import AuditRow
from ledgers.declarations import LEDGERS
from ledgers.filling import MOST_ROWS, fill, match
from ledgers.models import Layout
from tests.duties.acts import once_in
from tests.ledgers.rows import talk as talked
from tests.world import account

TODAY = date(2026, 11, 23)
TALKS = LEDGERS["talks"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def secretary(cast, sign_in):
    return sign_in(account(cast.secretary))


def talk(cast, member, **more):
    return talked(member, cast.branch, [cast.secretary], **more)


def laid(client, *, wanted: dict[str, tuple[int, str]], **more):
    """Send the form of a layout with these columns of the talks: their place, and how they are printed."""
    page = client.get("/ledgers/talks/layouts/new/")
    form = {"once": once_in(page), "name": "省厅格式", "title": "", "signers": "", **more}
    for number, column in enumerate(TALKS.columns, 1):
        if column.heading in wanted:
            place, heading = wanted[column.heading]
            form |= {f"in{number}": "on", f"at{number}": place, f"as{number}": heading}
    return client.post("/ledgers/talks/layouts/new/", form, follow=True)


def exported(client, layout: Layout, **more):
    asked = {"layout": layout.pk, "first": "2026-01-01", "last": "2026-11-23", **more}
    answer = client.post("/ledgers/talks/export/", asked)
    assert answer.status_code == 200, answer.content.decode()[:500]
    return load_workbook(BytesIO(b"".join(answer.streaming_content))).worksheets[0]


def cells(page) -> list[list]:
    return [[cell.value for cell in row] for row in page.iter_rows()]


def superior(*headings: str, foot: str = "单位（盖章）：") -> bytes:
    """What a superior sends: a title over merged cells, headings in bold, two empty rows, a line to sign under them."""
    book = Workbook()
    page = book.active
    page.title = "附件2"
    page.append(["2026 年谈心谈话情况统计表"])
    page.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(headings))
    page.append([])
    page.append(list(headings))
    for place in range(1, len(headings) + 1):
        page.cell(3, place).font = Font(bold=True)
        page.cell(4, place).font = Font(name="仿宋", size=12)
    page.cell(6, 1).value = foot
    page.merge_cells(start_row=6, start_column=1, end_row=6, end_column=2)
    page.row_dimensions[6].height = 40
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def sent(client, book: bytes, name="上级表"):
    page = client.get("/ledgers/talks/layouts/book/")
    file = BytesIO(book)
    file.name = "附件2.xlsx"
    return client.post(
        "/ledgers/talks/layouts/book/", {"once": once_in(page), "name": name, "book": file}, follow=True
    )  # fmt: skip


def test_columns_are_picked_ordered_and_renamed(cast, secretary):
    talk(cast, cast.li)
    answer = laid(
        secretary, wanted={"谈话对象": (1, "姓名"), "时间": (2, "日期")}, title="谈话情况表", signers="复核人、分管领导"
    )  # fmt: skip
    assert "版式“省厅格式”已保存" in answer.content.decode()
    layout = Layout.objects.get()
    assert layout.columns == [["谈话对象", "姓名"], ["时间", "日期"]]
    page = answer.content.decode()
    assert page.index("姓名</th>") < page.index("日期</th>")
    rows = cells(exported(secretary, layout, paper="档2026-7"))
    assert rows[0][0] == "谈话情况表"
    assert "档案号：档2026-7" in rows[1][0]
    assert rows[2] == ["序号", "姓名", "日期"]
    assert rows[3][:2] == [1, cast.li.name]
    foot = " ".join(str(value) for row in rows[4:] for value in row if value)
    assert "复核人：" in foot
    assert "分管领导：" in foot
    assert "审核人" not in foot
    assert AuditRow.objects.filter(act=Act.EXPORT).last().detail["layout"] == layout.pk


@pytest.mark.parametrize(
    ("wanted", "more", "said"),
    [
        ({}, {}, "请至少勾选一列。"),
        ({"谈话对象": (1, "姓名"), "时间": (2, "姓名")}, {}, "表头“姓名”用了两次"),
        ({"谈话对象": (1, "序号")}, {}, "“序号”每张表第一列都有"),
        ({"谈话对象": (1, "姓名")}, {"name": ""}, "请给版式起个名称。"),
        ({"谈话对象": (0, "姓名")}, {}, "顺序请填 1 到 999。"),
    ],
)
def test_what_is_no_layout_is_refused_and_nothing_typed_is_lost(secretary, wanted, more, said):
    answer = laid(secretary, wanted=wanted, title="我的标题", **more)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "我的标题" in answer.content.decode()
    assert not Layout.objects.exists()


def test_a_name_is_taken_once(secretary):
    laid(secretary, wanted={"谈话对象": (1, "姓名")})
    answer = laid(secretary, wanted={"时间": (1, "日期")})
    assert answer.status_code == 422
    assert "已有叫“省厅格式”的版式" in answer.content.decode()
    assert Layout.objects.count() == 1


def test_what_a_superior_laid_out_is_for_all_below_and_nobody_beside(cast, sign_in):
    clerk = sign_in(account(cast.clerk))
    laid(clerk, wanted={"谈话对象": (1, "姓名")})
    layout = Layout.objects.get()
    below = sign_in(account(cast.secretary))
    page = below.get("/ledgers/talks/")
    assert f'value="{layout.pk}">省厅格式' in page.content.decode()
    assert below.get(f"/ledgers/layouts/{layout.pk}/").status_code == 404
    laid(below, wanted={"时间": (1, "日期")}, name="支部自己的")
    own = Layout.objects.get(name="支部自己的")
    beside = sign_in(account(cast.sibling_secretary))
    assert "支部自己的" not in beside.get("/ledgers/talks/").content.decode()
    assert beside.get("/ledgers/talks/", {"layout": own.pk}).status_code == 422


def test_a_superiors_sheet_is_filled_under_its_headings_and_keeps_the_rest(cast, secretary):
    talk(cast, cast.li)
    talk(cast, cast.zhao)
    talk(cast, cast.li, on=date(2026, 5, 6))
    answer = sent(secretary, superior("序号", "被谈话人", "谈话时间", "满意度"))
    page = answer.content.decode()
    assert "对上 3 列，从第 4 行填起" in page
    assert "没有对上、留空的列：满意度" in page
    filled = exported(secretary, Layout.objects.get())
    rows = cells(filled)
    assert filled.title == "附件2"
    assert rows[0][0] == "2026 年谈心谈话情况统计表"
    assert [row[0] for row in rows[3:6]] == [1, 2, 3]
    assert {row[1] for row in rows[3:6]} == {cast.li.name, cast.zhao.name}
    assert all(row[3] is None for row in rows[3:6])
    assert rows[6][0] == "单位（盖章）："
    assert filled.row_dimensions[7].height == 40
    assert "A7:B7" in {str(each) for each in filled.merged_cells.ranges}
    assert filled.cell(6, 2).font.name == "仿宋"
    assert filled.cell(3, 2).font.bold


def test_a_sheet_whose_headings_mean_nothing_is_refused(secretary):
    answer = sent(secretary, superior("甲", "乙", "丙"))
    assert answer.status_code == 422
    assert "前 10 行里没有和“谈心谈话台账”对得上的表头" in answer.content.decode()
    assert not Layout.objects.exists()


@pytest.mark.parametrize("book", [b"", b"PK\x03\x04rubbish", "姓名,日期\n".encode()])
def test_what_is_no_workbook_is_refused(secretary, book):
    answer = sent(secretary, book)
    assert answer.status_code == 422
    assert not Layout.objects.exists()


def test_a_text_never_becomes_a_formula(cast):
    found = match(TALKS, superior("谈心对象"))
    page = load_workbook(
        fill(superior("谈心对象"), found.sheet, found.first_row, [(1, 1)], [[1, "=1+1\x07"], [2, "字" * 40_000]])
    ).worksheets[0]
    assert page.cell(4, 1).value == "=1+1"
    assert page.cell(4, 1).data_type == "s"
    assert len(page.cell(5, 1).value) <= 32_767


def test_more_rows_than_such_a_sheet_takes_are_refused(cast):
    with pytest.raises(SheetRefused, match="一次最多填"):
        fill(superior("谈心对象"), "附件2", 4, [(1, 1)], ([n, "x"] for n in range(MOST_ROWS + 1)))


def test_thrown_away_it_is_offered_no_more(secretary):
    laid(secretary, wanted={"谈话对象": (1, "姓名")})
    layout = Layout.objects.get()
    page = secretary.get(f"/ledgers/layouts/{layout.pk}/drop/")
    secretary.post(f"/ledgers/layouts/{layout.pk}/drop/", {"once": once_in(page)})
    assert not Layout.objects.exists()
    answer = secretary.post("/ledgers/talks/export/", {"layout": layout.pk})
    assert answer.status_code == 422
    assert "这个版式已经没有了" in answer.content.decode()


def test_a_column_the_ledger_no_longer_has_is_left_out(cast, secretary):
    talk(cast, cast.li)
    laid(secretary, wanted={"谈话对象": (1, "姓名")})
    layout = Layout.objects.get()
    layout.columns = [["早先的列", "早先"], *layout.columns]
    layout.save()
    assert cells(exported(secretary, layout))[2] == ["序号", "姓名"]
