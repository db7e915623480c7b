"""Taking a ledger in on its page and by command: who may, the stages, the refused rows, the empty workbook."""

import io
import json
import re

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from base.audit import Act
from base.models import AuditRow
from duties.engine.models import Record
from ledgers.declarations import LEDGERS
from members.enums import Role
from tests import world
from tests.ledgers.taking import account_of, exported, lived_in, sheet_of
from tests.ledgers.test_taking import TALK
from tests.members.office import said

URL = "/ledgers/talks/import/"
WRONG = TALK | {"谈话对象": "查无此人"}


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    settings.UPLOADS = tmp_path / "uploads"


@pytest.fixture
def browser(cast, sign_in):
    return sign_in(world.account(cast.secretary))


def uploaded(browser, data, url=URL):
    return browser.post(url, {"file": SimpleUploadedFile("旧台账.xlsx", data)})


def token_of(browser, data, url=URL) -> str:
    return re.search(r"upload=([0-9]+-[0-9a-f]{48})", uploaded(browser, data, url).headers["Location"])[1]


def body_of(response) -> bytes:
    return b"".join(response.streaming_content)


# Who may


@pytest.mark.parametrize("role", [Role.INSPECTOR, Role.GROUP_LEADER, Role.CASHIER, Role.AUDITOR])
def test_who_enters_no_records_takes_no_ledger_in(cast, sign_in, role):
    browser = sign_in(account_of(cast, role))
    assert browser.get(URL).status_code == 403
    assert uploaded(browser, sheet_of("talks", TALK)).status_code == 403
    assert browser.get("/ledgers/talks/template/").status_code == 403
    page = browser.get("/ledgers/talks/")
    assert page.status_code == 403 or URL not in said(page)


def test_the_page_of_a_ledger_leads_to_its_import_but_of_what_is_derived(cast, browser):
    assert URL in said(browser.get("/ledgers/talks/"))
    assert "/ledgers/duties/import/" not in said(browser.get("/ledgers/duties/"))
    assert browser.get("/ledgers/nothing/import/").status_code == 404


def test_an_upload_of_another_account_is_none(cast, browser, sign_in):
    token = token_of(browser, sheet_of("talks", TALK))
    other = sign_in(world.account(cast.clerk))
    answer = other.get(URL, {"upload": token}, follow=True)
    assert "请重新上传" in said(answer)
    assert other.post(URL, {"upload": token, "refused": "1"}).status_code == 302


# The stages


@pytest.mark.parametrize("code", LEDGERS)
def test_the_first_page_says_what_becomes_of_each_column(browser, code):
    text = said(browser.get(f"/ledgers/{code}/import/"))
    for column in LEDGERS[code].columns:
        assert column.heading in text
    names = any(column.name == "name" for column in LEDGERS[code].columns)
    assert ("公民身份证号" in text) == (LEDGERS[code].entering is not None and names)


def test_a_file_of_another_kind_is_refused_at_once(browser):
    for data in (b"", b"\x00" * 64, sheet_of("study", {"学习日期": "2026-11-01"})):
        answer = uploaded(browser, data)
        assert answer.status_code == 422
        assert "没有保存" in said(answer)


def test_preview_write_and_result(cast, browser):
    data = sheet_of(
        "talks",
        TALK,
        WRONG,
        TALK | {"谈话人": "孙德福", "谈话对象": "赵秀兰"},
        TALK | {"方式": None, "谈话内容": "再谈"},
    )
    token = token_of(browser, data)
    preview = said(browser.get(URL, {"upload": token}))
    assert "写入合格的 2 行" in preview
    assert "查无此人" in preview
    assert "河源第一党支部，2026-11-18，王海燕" in said(browser.get(URL, {"upload": token, "tab": "created"}))
    assert "按“面谈”写入" in said(browser.get(URL, {"upload": token, "tab": "warnings"}))
    assert Record.objects.count() == 0

    first, second = (browser.post(URL, {"upload": token, "once": "key"}) for _ in range(2))
    assert first.url == second.url
    assert Record.objects.count() == 2
    result = said(browser.get(first.url))
    assert "没有写入的 2 行" in result
    assert AuditRow.objects.filter(act=Act.IMPORT).count() == 1
    again = said(browser.get(URL, {"upload": token_of(browser, data)}))
    assert "没有要写入的行" in again
    assert re.search(r'tab=unchanged">2<', again)


def test_reading_the_preview_writes_nothing(cast, browser):
    token = token_of(browser, sheet_of("talks", TALK))
    before = AuditRow.objects.count()
    browser.get(URL, {"upload": token})
    assert (Record.objects.count(), AuditRow.objects.count()) == (0, before)


def test_the_refused_rows_come_back_marked_and_mended_they_enter(cast, browser):
    token = token_of(browser, sheet_of("talks", TALK, WRONG))
    answer = browser.post(URL, {"upload": token, "refused": "1"})
    page = openpyxl.load_workbook(io.BytesIO(body_of(answer))).active
    headings, [row] = [cell.value for cell in page[1]], list(page.iter_rows(min_row=2))
    cell = row[headings.index("谈话对象")]
    assert cell.value == "查无此人"
    assert "原表第 3 行" in cell.comment.text
    assert AuditRow.objects.filter(act=Act.EXPORT, subject="ledger").count() == 1
    cell.value = "李建国"
    mended = io.BytesIO()
    page.parent.save(mended)
    assert "写入合格的 1 行" in said(browser.get(URL, {"upload": token_of(browser, mended.getvalue())}))


def test_without_refused_rows_there_is_nothing_to_give_back(browser):
    token = token_of(browser, sheet_of("talks", TALK))
    answer = browser.post(URL, {"upload": token, "refused": "1"}, follow=True)
    assert "没有要退回的行" in said(answer)


def test_a_preview_names_no_identity_number(cast, browser):
    number = "410000198005010073"
    token = token_of(browser, sheet_of("talks", TALK | {"公民身份证号": number}))
    assert number not in said(browser.get(URL, {"upload": token, "tab": "refused"}))


@pytest.mark.parametrize("code", [code for code, ledger in LEDGERS.items() if ledger.entering])
def test_the_empty_workbook_is_the_ledger_with_further_columns_and_may_be_filled_in(browser, code):
    answer = browser.get(f"/ledgers/{code}/template/")
    assert answer.headers["Cache-Control"] == "no-store"
    page = openpyxl.load_workbook(io.BytesIO(body_of(answer))).active
    headings = [cell.value for cell in page[3]]
    only = [read.headings[0] for read, _use in LEDGERS[code].only]
    assert headings == [heading.text for heading in LEDGERS[code].headings] + only
    assert page["B4"].number_format == "@"
    if code == "talks":
        for heading, value in TALK.items():
            page.cell(4, headings.index(heading) + 1, value)
        filled = io.BytesIO()
        page.parent.save(filled)
        assert "写入合格的 1 行" in said(browser.get(URL, {"upload": token_of(browser, filled.getvalue())}))


def test_the_ledger_of_duties_can_be_compared_and_nothing_more(cast, browser):
    lived_in(cast)
    url = "/ledgers/duties/import/"
    data = exported("duties", None, cast.branch)
    text = said(browser.get(url, {"upload": token_of(browser, data, url)}))
    assert "没有要写入的行" in text
    made_up = sheet_of(
        "duties", {"党组织": "河源第一党支部", "党员": "李建国", "要做的事": "年度谈心谈话", "到期": "2031-12-31"}
    )
    assert "不从表里登记或修改" in said(browser.get(url, {"upload": token_of(browser, made_up, url)}))


# The command


@pytest.fixture
def run(capsys):
    def run(*words):
        code = 0
        try:
            call_command("import_ledger", *map(str, words))
        except SystemExit as ended:
            code = ended.code
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


@pytest.fixture
def file(tmp_path):
    def file(*rows):
        path = tmp_path / "台账.xlsx"
        path.write_bytes(sheet_of("talks", *rows))
        return path

    return file


def test_a_command_tries_then_enters_then_knows(cast, run, file):
    path = file(TALK)
    assert run("talks", path, "--org=010101", "--dry-run")[1].startswith("试算，没有写入。新增 1")
    assert Record.objects.count() == 0
    assert run("talks", path, "--org=010101")[:2] == (0, "谈心谈话台账：新增 1，有变化 0，不变 0，未写入 0。\n")
    code, out, _err = run("talks", path, "--org=01", "--json")
    assert (code, json.loads(out)["unchanged"]) == (0, 1)


def test_a_command_gives_the_refused_rows_back(cast, run, file, tmp_path):
    back = tmp_path / "退回.xlsx"
    code, out, _err = run("talks", file(TALK, WRONG), "--org=0101", f"--refused={back}")
    assert code == 2
    assert "没有写入的 1 行另存在" in out
    assert openpyxl.load_workbook(back).active.max_row == 2
    assert oct(back.stat().st_mode)[-3:] == "600"


def test_a_command_writes_below_its_organisation_alone(cast, run, file):
    code, out, _err = run("talks", file(TALK), "--org=010102")
    assert code == 2
    assert "未写入 1" in out
    assert Record.objects.count() == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("x", "FILE", "--org=01"), f"没有名为 x 的台账。可选：{'、'.join(LEDGERS)}。"),
        (("talks", "FILE", "--org=99"), "没有编码为 99 的党组织"),
        (("talks", "nowhere.xlsx", "--org=01"), "读不到文件"),
        (("visits", "FILE", "--org=01"), "缺少这些列"),
        (("talks", "FILE", "--org=01", "--refused=/no/where"), "写不到"),
    ],
)
def test_a_command_says_what_is_wrong(cast, run, file, words, sentence):
    path = str(file(TALK))
    code, _out, err = run(*(path if word == "FILE" else word for word in words))
    assert code == 1
    assert sentence in err
