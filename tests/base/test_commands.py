"""A command called wrongly answers in our own words, as text or as one JSON document, and ends with one."""

import json

import pytest
from django.core.management import call_command

from duties.management.commands.duties import Command as Duties
from ledgers.management.commands.export_ledger import Command as ExportLedger
from members.management.commands.import_roster import Command as ImportRoster
from members.models import Organisation, Person


@pytest.mark.parametrize(
    ("command", "line", "sentence"),
    [
        (ImportRoster, ["import_roster"], "参数不对：缺少 FILE。加 --help 看用法。"),
        (Duties, ["duties", "--on", "2026-11-23"], "参数不对：缺少 --org。"),
        (Duties, ["duties", "--org"], "参数不对：--org 后面要写一个值。"),
        (Duties, ["duties", "--org", "01", "--on", "昨天"], "参数不对：--on：日期 昨天 写法不对，请写成"),
        (ImportRoster, ["import_roster", "a.xlsx", "b.xlsx", "--fast"], "参数不对：不认识 b.xlsx --fast。"),
        (ImportRoster, ["import_roster", "x", "-v", "9"], "参数不对：-v/--verbosity 不能是 9，可以是 0, 1, 2, 3。"),
        (ImportRoster, ["import_roster", "a.xlsx", "-v", "x"], "参数不对：-v/--verbosity 的值 'x' 写法不对。"),
        (ImportRoster, ["import_roster", "a.xlsx", "--dry-run=1"], "参数不对：--dry-run 后面不用写值，去掉 '1'。"),
        (ExportLedger, ["export_ledger", "talks", "--o", "x"], "参数不对：--o 没有写全，可能是 --org, --out。"),
    ],
)  # fmt: skip
def test_a_misused_command_says_what_is_wrong_without_english(capsys, command, line, sentence):
    with pytest.raises(SystemExit) as ended:
        command().run_from_argv(["manage.py", *line])
    out, err = capsys.readouterr()
    assert (ended.value.code, out) == (1, "")
    assert err.startswith(sentence)


def test_a_misused_command_answers_with_one_document_where_that_was_asked_for(capsys, monkeypatch):
    line = ["manage.py", "import_roster", "--json"]
    monkeypatch.setattr("sys.argv", line)
    with pytest.raises(SystemExit):
        ImportRoster().run_from_argv(line)
    assert json.loads(capsys.readouterr().out) == {"error": "参数不对：缺少 FILE。加 --help 看用法。"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "why"), [("没有.xlsx", "没有这个文件"), ("", "这是文件夹"), ("长" * 300, "文件名太长")]
)
def test_a_file_that_cannot_be_read_says_why_without_english(capsys, tmp_path, name, why):
    with pytest.raises(SystemExit) as ended:
        call_command("import_roster", str(tmp_path / name))
    assert ended.value.code == 1
    assert capsys.readouterr().err == f"读不到文件 {tmp_path / name}：{why}。请核对路径和权限。\n"


def test_the_demo_does_not_come_to_stand_among_other_people(cast, settings, capsys):
    settings.DEMO = True
    people = Person.objects.count()
    with pytest.raises(SystemExit) as ended:
        call_command("load_demo")
    assert ended.value.code == 1
    assert "数据库里已有别的党组织（云河水文局党委等 7 个），演示数据没有装入" in capsys.readouterr().err
    assert (Person.objects.count(), Organisation.objects.filter(code="YH").exists()) == (people, False)
