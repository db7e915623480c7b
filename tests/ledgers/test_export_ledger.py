"""The command that exports a ledger: what it writes, what it says, how it ends."""

import json
from datetime import date

import openpyxl
import pytest
from django.core.management import call_command

from base.models import AuditRow
from ledgers.declarations import LEDGERS
from tests.ledgers.rows import in_force, talk

NAMES = "、".join(LEDGERS)


@pytest.fixture
def run(capsys):
    def run(*words):
        code = 0
        try:
            call_command("export_ledger", *words)
        except SystemExit as ended:
            code = ended.code
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def order(tmp_path, **changes):
    words = {"--org": "010101", "--from": "2026-01-01", "--to": "2026-11-23", "--out": tmp_path / "台账.xlsx"} | changes
    return [f"{name}={value}" for name, value in words.items() if value is not None]


def test_the_list_is_one_name_a_line(run, db):
    code, out, err = run("--list")
    assert (code, out.split(), err) == (0, list(LEDGERS), "")
    assert out.startswith("duties\ntalks\nrequests\nvisits\ncampaigns\nstudy\ndeeds\n")


def test_the_list_is_a_document_with_json(run, db):
    code, out, _err = run("--list", "--json")

    assert code == 0
    assert json.loads(out)[:6] == [
        {"name": "duties", "title": "应办事项台账"}, {"name": "talks", "title": "谈心谈话台账"},
        {"name": "requests", "title": "约谈台账"}, {"name": "visits", "title": "走访慰问台账"},
        {"name": "campaigns", "title": "节日慰问台账"}, {"name": "study", "title": "集中学习台账"},
    ]  # fmt: skip


def test_a_ledger_is_written_to_the_file(cast, run, tmp_path):
    talk(cast.li, cast.branch, [cast.secretary], on=date(2026, 11, 2))

    code, out, err = run("talks", *order(tmp_path))

    file = tmp_path / "台账.xlsx"
    assert (code, err) == (0, "")
    assert out == f"谈心谈话台账：河源第一党支部，2026-01-01 至 2026-11-23，1 行，已写到 {file}。\n"
    sheet = openpyxl.load_workbook(file).active
    assert sheet["A1"].value == "谈心谈话台账"
    assert sheet["D4"].value == "李建国"


def test_json_is_one_document(cast, run, tmp_path):
    in_force(cast.committee)

    code, out, _err = run("duties", *order(tmp_path, **{"--org": "01", "--to": "2026-12-31"}), "--json")

    file = tmp_path / "台账.xlsx"
    assert code == 0
    assert json.loads(out) == {"rows": 20, "file": str(file)}
    assert openpyxl.load_workbook(file).active["A23"].value == 20


def test_a_commands_export_is_audited_too(cast, run, tmp_path):
    run("talks", *order(tmp_path))

    row = AuditRow.objects.get(act=AuditRow.Act.EXPORT)
    assert (row.actor, row.subject) == ("命令", f"organisation:{cast.branch.pk}")


@pytest.mark.parametrize(
    ("words", "changes", "sentence"),
    [
        (["gold"], {}, f"没有名为 gold 的台账。可选：{NAMES}。"),
        ([], {}, f"没有说要哪本台账。可选：{NAMES}。"),
        (["talks"], {"--org": None, "--to": None}, "还缺 --org、--to。加 --help 看用法。"),
        (["talks"], {"--org": "77"}, "没有编码为 77 的党组织。请先导入党组织，或核对编码。"),
        (["talks"], {"--to": "2025-12-31"}, "--to 2025-12-31 早于 --from 2026-01-01，两个日期可能填反了。"),
        (["political-birthdays"], {"--to": "9999-12-31"}, "--to 9999-12-31 不在 1921 年到 2036 年里，请核对年份。"),
        (["talks"], {"--out": "/没有/这个/文件夹.xlsx"}, "写不到 /没有/这个/文件夹.xlsx：它的文件夹不存在"),
    ],
)
@pytest.mark.usefixtures("cast")
def test_what_is_wrong_is_said_in_a_sentence_and_nothing_is_written(run, tmp_path, words, changes, sentence):
    code, out, err = run(*words, *order(tmp_path, **changes))

    assert (code, out) == (1, "")
    assert err.startswith(sentence)
    assert list(tmp_path.iterdir()) == []

    code, out, err = run(*words, *order(tmp_path, **changes), "--json")
    assert (code, err) == (1, "")
    assert json.loads(out)["error"].startswith(sentence)


def test_a_day_stands_instead_of_a_period_where_a_ledger_can_show_one(cast, run, tmp_path):
    asked = order(tmp_path, **{"--from": None, "--to": None, "--as-of": "2026-05-31"})
    code, out, _err = run("members", *asked)
    assert code == 0
    assert "截至 2026-05-31，4 行" in out
    assert "截至 2026-05-31" in openpyxl.load_workbook(tmp_path / "台账.xlsx").active["A2"].value
    code, _out, err = run("talks", *asked)
    assert code == 1
    assert "没有截至哪一天的情况" in err
