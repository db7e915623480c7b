"""The import commands: people's text or one JSON document, and exit codes 0, 1, 2."""

import json

import pytest
from django.core.management import call_command

from members.models import Membership, Person, Post
from tests.members.sheets import DATA, id_number, roster_row, workbook

PARTS = ("姓名", "所在党支部", "党组织名称", "上级党组织编码")
KEYS = {"created", "updated", "unchanged", "refused", "findings"}


@pytest.fixture
def say(capsys):
    """Run a command; returns exit code, standard output, standard error."""

    def run(*arguments):
        code = 0
        try:
            call_command(*map(str, arguments))
        except SystemExit as end:
            code = end.code
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def file(tmp_path):
    def write(data: bytes, name="file.xlsx"):
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    return write


@pytest.mark.django_db
def test_the_shared_sheets_come_in_one_after_the_other(say):
    for command, name, created in (
        ("import_organisations", "organisations.xlsx", 19),
        ("import_roster", "roster.xlsx", 360),
        ("import_posts", "posts.xlsx", 41),
    ):
        code, out, err = say(command, DATA / name, "--json")
        document = json.loads(out)
        assert (code, err) == (0, "")
        assert set(document) >= KEYS
        assert (document["created"], document["refused"], document["findings"]) == (created, 0, [])
    assert set(document["invitations"][0]) == {"name", "organisation", "code"}
    assert (Membership.objects.count(), Post.objects.count()) == (360, 41)
    code, out, _ = say("import_roster", DATA / "roster-official.xlsx", "--json")
    assert (code, json.loads(out)["unchanged"]) == (0, 180)


def test_refused_rows_end_with_two_and_are_named(cast, say, file):
    sheet = file(workbook([roster_row(), roster_row("李丽", 2, 所在党支部="不存在支部")]))
    code, out, _ = say("import_roster", sheet, "--json")
    assert code == 2
    document = json.loads(out)
    assert (document["created"], document["refused"]) == (1, 1)
    assert document["findings"] == [
        {
            "row": 3, "column": "所在党支部", "code": "unknown_branch", "level": "error",
            "message": "“不存在支部”组织树里没有这个名称，请写全称、简称或编码。",
        }
    ]  # fmt: skip
    code, out, _ = say("import_roster", sheet)
    assert code == 2
    assert "不变 1，未写入 1" in out
    assert "第 3 行“所在党支部”" in out


def test_a_dry_run_says_the_same_and_writes_nothing(cast, say, file):
    sheet = file(workbook([roster_row()]))
    code, out, _ = say("import_roster", sheet, "--dry-run", "--json")
    assert (code, json.loads(out)["created"]) == (0, 1)
    assert "没有写入" in say("import_roster", sheet, "--dry-run")[1]
    assert not Person.objects.filter(name="王强").exists()


def test_a_transfer_is_dated_by_as_of(cast, say, file):
    say("import_roster", file(workbook([roster_row()])))
    moved = file(workbook([roster_row(所在党支部="河源第二党支部")]), "moved.xlsx")
    code, out, _ = say("import_roster", moved, "--as-of", "2026-11-01")
    assert code == 0
    assert "转接 1 人，自 2026-11-01 起" in out
    stay = Membership.objects.get(person__name="王强", organisation=cast.sibling)
    assert stay.since.isoformat() == "2026-11-01"


@pytest.mark.parametrize("command", ["import_organisations", "import_roster", "import_posts"])
@pytest.mark.parametrize(
    ("data", "says"),
    [
        pytest.param(b"", "空的", id="empty"),
        pytest.param(b"\xd0\xcf\x11\xe0" + b"\0" * 600, ".xls", id="renamed xls"),
        pytest.param(workbook([("a", "b")], headings=("天", "地")), "没有找到表头", id="no header"),
        pytest.param(workbook([("a", "b")], headings=PARTS), "缺少这些列", id="headings missing"),
    ],
)
def test_a_file_that_cannot_be_read_fails_with_a_sentence(db, say, file, command, data, says):  # noqa: PLR0917
    code, out, err = say(command, file(data))
    assert (code, out) == (1, "")
    assert says in err
    code, out, err = say(command, file(data), "--json")
    assert (code, err) == (1, "")
    assert says in json.loads(out)["error"]


def test_a_file_that_is_not_there_fails_with_a_sentence(db, say, tmp_path):
    code, _, err = say("import_roster", tmp_path / "nothing.xlsx")
    assert code == 1
    assert "读不到文件" in err


def test_a_day_after_today_fails_with_a_sentence(cast, say, file):
    code, _, err = say("import_roster", file(workbook([roster_row()])), "--as-of", "2026-11-24")
    assert code == 1
    assert "晚于今天" in err


def test_posts_print_their_codes_once(cast, say, file):
    headings = ("党组织编码", "党组织名称", "姓名", "公民身份证号", "职务", "任职日期")
    sheet = file(workbook([("010102", None, "李建国", None, "书记", "2026-01-01")], headings=headings))
    code, out, _ = say("import_posts", sheet)
    assert code == 0
    assert "河源第二党支部  李建国" in out
    assert "邀请码" not in say("import_posts", sheet)[1]


def test_the_number_of_a_person_is_never_printed(cast, say, file):
    bad = id_number(1)[:17] + ("0" if id_number(1)[17] != "0" else "1")
    for sheet in (workbook([roster_row(公民身份证号=bad)]), workbook([roster_row(), roster_row()])):
        _, out, _ = say("import_roster", file(sheet), "--json")
        assert json.loads(out)["findings"] != []
        assert bad[6:14] not in out
