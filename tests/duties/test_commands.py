"""The three commands of the nucleus, as people and as programs use them."""

import json
from datetime import date

import pytest
from django.core.management import call_command

from members.enums import EventKind
from tests.duties.acts import happen

pytestmark = pytest.mark.django_db


def said(capsys, *arguments) -> tuple[int, dict | list]:
    """Run a command with ``--json``: its exit code and its document."""
    try:
        call_command(*arguments, "--json")
    except SystemExit as stopped:
        code = stopped.code
    else:
        code = 0
    return code, json.loads(capsys.readouterr().out)


def test_adopt_sweep_and_list(cast, capsys):
    code, adopted = said(capsys, "adopt_policy", "01", "henan-water-2020", "--since", "2026-01-01")
    assert (code, adopted["start_day"], adopted["rules"]) == (0, "2026-01-01", 48)
    event = happen(cast.li, EventKind.TENDENCY, date(2026, 11, 18))
    code, swept = said(capsys, "sweep", "--on", "2026-11-23")
    assert (code, swept["opened"], swept["closed"], swept["voided"]) == (0, 35, 0, 0)
    by_rule = {rule["rule"]: rule["opened"] for rule in swept["by_rule"]}
    assert by_rule["yearly-talk"] == by_rule["political-birthday"] == by_rule["study-hours"] == 10
    assert by_rule["leader-contacts"] == 2
    code, duties = said(capsys, "duties", "--org", "010101", "--on", "2026-11-23")
    assert code == 0
    assert duties[0] == {
        "rule": "talk-on-tendency", "title": "苗头性问题提醒谈话", "mechanism": "M14", "policy": "henan-water-2020",
        "clause": "第6项", "force": "应当", "organisation": "010101", "member": cast.li.pk, "member_name": "李建国",
        "actor": None, "key": f"m{cast.li.pk}:e{event.pk}", "action": "talk", "responsible": "王海燕",
        "opens_on": "2026-11-18", "due_on": "2026-11-21", "state": "open",
    }  # fmt: skip
    assert {duty["state"] for duty in duties} == {"open"}
    _, everything = said(capsys, "duties", "--org", "01", "--on", "2026-11-23", "--all")
    assert len(everything) == 36
    assert {duty["state"] for duty in everything} == {"open", "lapsed"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("adopt_policy", "999", "henan-water-2020"), "没有编码为 999 的党组织"),
        (("adopt_policy", "01", "henan-2019"), "没有名为 henan-2019 的制度包"),
        (("duties", "--org", "999", "--on", "2026-11-23"), "没有编码为 999 的党组织"),
        (("sweep", "--on", "2026-11-24"), "晚于今天"),
    ],
)
def test_what_cannot_be_done_fails_with_a_sentence(cast, capsys, arguments, sentence):
    code, document = said(capsys, *arguments)
    assert code == 1
    assert sentence in document["error"]


def test_adopting_twice_fails(cast, capsys):
    said(capsys, "adopt_policy", "01", "henan-water-2020")
    code, document = said(capsys, "adopt_policy", "01", "henan-water-2020")
    assert code == 1
    assert "没有重复采用" in document["error"]


def test_people_read_sentences(cast, capsys):
    call_command("adopt_policy", "01", "henan-water-2020", "--since", "2026-11-23")
    call_command("sweep", "--on", "2026-11-23")
    call_command("duties", "--org", "01", "--on", "2026-11-23")
    text = capsys.readouterr().out
    assert "启用日 2026-11-23" in text
    assert "2026-11-23 巡检：新增 25 件" in text
    assert "共 25 件。" in text
