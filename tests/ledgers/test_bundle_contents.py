"""What an inspector's list asks for is in the bundle: each item, the year in figures, notices of selections."""

from datetime import date
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from awards.models import SelectionNotice
from duties.engine.models import Action
from duties.engine.records import enter_record
from ledgers.bundle.asked import Asked
from ledgers.bundle.making import CHECKLIST
from ledgers.bundle.postings import postings
from ledgers.bundle.summary import COUNTED, COVERED, MONEY, PEOPLE, summary_sheet
from ledgers.declarations import LEDGERS
from tests.awards.selections import awarded, nominee
from tests.duties.acts import adopt_pack, sweep_on
from tests.fund.office import Office
from tests.ledgers.rows import event, talk
from tests.ledgers.taking import visit
from tests.ledgers.test_bundle import TODAY, asked_by, cells, inspector, made

pytestmark = pytest.mark.anywhere

ITEMS = {*(f"{number:02}" for number in range(17)), "99"}
"""Contents, policies, roster … fund, the year's summary, what is missing."""


@pytest.fixture
def lived(cast, settings, tmp_path):
    settings.JOBS = tmp_path / "jobs"
    adopt_pack(cast.committee, whole=True)
    event(cast.zhao, "setback", date(2026, 10, 1))
    sweep_on(TODAY)
    return cast


# The usual list


def test_each_item_of_the_usual_list_is_answered_by_something_that_is_made():
    assert {said[:2] for said in CHECKLIST.values()} == ITEMS
    places = {"00 目录", "01 制度文件", "04 资金申请", "05 会议研究", "06 公示及结果", "07 评选公示及结果",
              "16 年度工作汇总", "99 缺项清单"}  # fmt: skip
    assert set(CHECKLIST) - places <= set(LEDGERS)


def test_the_contents_say_which_item_each_file_answers(lived):
    archive = ZipFile(BytesIO(made(asked_by(lived.clerk, lived.committee))))
    lines = [line for line in cells(archive, "00 目录.xlsx") if isinstance(line[0], int)]
    assert {line[2][:2] for line in lines if line[2]} == ITEMS - {"00"}
    items = {line[1]: line[2] for line in lines}
    assert items["16 年度工作汇总.xlsx"] == "16 年度工作汇总"
    assert items["07 评选公示及结果/"] == "12 表彰奖励"
    assert next(said for name, said in items.items() if "老党员台账" in name) == "04 老党员台账"


# The year's summary


def told(asked: Asked) -> dict[tuple, tuple]:
    """By year, kind, work and what is counted: the number, its unit, its source."""
    files = {ledger.code: f"03 台账/{ledger.title}.xlsx" for ledger in asked.ledgers}
    rows = [row[1:] for row in summary_sheet(asked, files).rows if row[0]]
    found = {tuple(row[:4] if row[1] != COVERED else row[:3]): tuple(row[3:] if row[1] == COVERED else row[4:])
             for row in rows}  # fmt: skip
    assert len(found) == len(rows), "no figure is told twice"
    return found


def test_each_total_that_is_told_is_one_of_its_ledger():
    for code, phrases in COUNTED.items():
        assert set(phrases) <= {words for words, _aggregate in LEDGERS[code].tally}, code


def test_persons_and_sums_are_the_totals_of_the_ledgers_and_follow_the_facts(lived):
    def now() -> dict:
        return told(asked_by(lived.clerk, lived.committee))

    where = "03 台账/走访慰问台账.xlsx"
    assert now()[2026, PEOPLE, "谈心谈话", "谈话对象"] == (0, "人", "03 台账/谈心谈话台账.xlsx")
    assert now()[2026, MONEY, "走访慰问", "慰问金"] == (0, "元", where)
    talk(lived.li, lived.branch, [lived.secretary])
    talk(lived.li, lived.branch, [lived.secretary])
    visit(lived, lived.zhao, on=date(2026, 11, 12), money=50_050, source="dues")
    row = Office(lived).passed(lived.li)
    found = now()
    assert found[2026, PEOPLE, "谈心谈话", "合计"][:2] == (2, "次")
    assert found[2026, PEOPLE, "谈心谈话", "谈话对象"][:2] == (1, "人")
    assert found[2026, MONEY, "走访慰问", "慰问金"] == (500.5, "元", where)
    assert found[2026, MONEY, "资金申请", "核定"][:2] == (row.granted / 100, "元")


def test_how_much_was_done_is_what_the_matrix_counts(lived):
    def of(kind: str) -> tuple:
        return told(asked_by(lived.clerk, lived.committee))[2026, COVERED, kind]

    assert of("必谈必访") == ("到期 1 件，办结 0 件，缺项 1 件", 0.0, "%", "02 条款佐证 各表相加")
    enter_record(
        by=None, organisation=lived.branch, member=lived.zhao, action=Action.VISIT, on=TODAY, people=[lived.secretary],
        today=TODAY, event=lived.zhao.events.get(),
    )  # fmt: skip
    assert of("必谈必访")[:2] == ("到期 1 件，办结 1 件，缺项 0 件", 100.0)


def test_a_period_over_a_new_year_is_told_year_by_year(lived):
    talk(lived.li, lived.branch, [lived.secretary], on=date(2025, 12, 31))
    talk(lived.li, lived.branch, [lived.secretary], on=date(2026, 1, 1))
    found = told(asked_by(lived.clerk, lived.committee, first=date(2025, 7, 1)))
    assert [found[year, PEOPLE, "谈心谈话", "合计"][0] for year in (2025, 2026)] == [1, 1]


def test_what_is_about_matters_he_may_not_know_is_left_out_and_said(lived):
    sheet = summary_sheet(asked_by(inspector(lived), lived.committee), dict.fromkeys(LEDGERS, ""))
    assert "限有权限的同志了解" in sheet.rows[-1][4]


# Notices of selections


def test_a_notice_of_a_selection_is_a_form_that_says_what_became_of_it(cast):
    selection = awarded(cast)
    asked = asked_by(cast.clerk, cast.committee)

    def form():
        [made] = postings(asked).each(asked)
        return made

    words, names = form().paper.parts
    shown = SelectionNotice.objects.get()
    assert form().name == f"{shown.from_on} {selection.title}拟表彰名单公示"
    assert dict(words.pairs) == {
        "公示期": f"{shown.from_on} 至 {shown.until_on}，5 个工作日", "张贴地点": "机关一楼公示栏",
        "受理异议": "组织部 0371-60001101", "异议": "没有收到", "结果": "2026-06-30 表彰，云水党〔2026〕21 号",
    }  # fmt: skip
    assert ["优秀共产党员", "李建国", "河源第一党支部", "已表彰"] in [row[1:] for row in names.rows]
    SelectionNotice.objects.update(place="一楼大厅")
    row = nominee(selection, cast.li)
    row.objections.create(received_on=date(2026, 6, 17), said_by="某人", words="不实之词", answered_on=TODAY,
                          upheld=False)  # fmt: skip
    said = dict(form().paper.parts[0].pairs)
    assert (said["张贴地点"], said["异议"]) == ("一楼大厅", "收到 1 件，已答复 1 件，属实 0 件")
    assert "某人" not in str(form().paper)
    assert "不实之词" not in str(form().paper)
    below = Asked(Office.by(cast.secretary), cast.branch, asked.first, asked.last, timezone.now())
    assert list(postings(below).each(below)) == [], "it was posted above"


def test_notices_of_selections_ask_as_much_for_many_as_for_one(cast):
    awarded(cast)
    asked = asked_by(cast.clerk, cast.committee)

    def forms() -> int:
        return len(list(postings(asked).each(asked)))

    assert forms() == 1
    with CaptureQueriesContext(connection) as few:
        forms()
    shown = SelectionNotice.objects.get()
    shown.pk = None
    shown.save()
    with CaptureQueriesContext(connection) as many:
        assert forms() == 2
    assert len(many) == len(few)
