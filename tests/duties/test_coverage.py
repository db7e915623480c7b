"""The coverage reference: every clause, what answers it, and what the check refuses."""

from dataclasses import replace

import pytest

from duties.policy import coverage
from duties.policy.answers import ANSWERS, MECHANISMS, Answer
from duties.policy.coverage import Ground, document, doubts, faults, lines, scenario_file
from duties.policy.packs import parse_pack

SCENARIO = 'def test_talks(cast):\n    assert "yearly-talk" in states(cast)\n'
GROUND = Ground(lambda name: True, lambda path: True, {"office-2026": SCENARIO}, {"talk": "talk_new"})
CLAUSES = """
[[clause]]
code = "1"
printed = "第一条"
heading = "谈心谈话"
gist = "书记每年同每名党员谈一次，关心身心健康。"
mechanisms = ["M15", "M25"]
answers = { M25 = ["psychology"] }

[[clause]]
code = "2"
printed = "第二条"
heading = "原则"
gist = "坚持组织生活制度。"
mechanisms = ["M01"]
answers = { M01 = ["principle"] }
"""
TEXT = f"""
[policy]
code = "office-2026"
title = "试验关怀办法"
number = "试〔2026〕1号"
issuer = "试验党委"
{CLAUSES}
[[rule]]
code = "yearly-talk"
title = "年度谈心谈话"
clause = "1"
mechanism = "M15"
force = "应当"
action = "talk"
responsible = {{ role = "secretary" }}
target = [{{ condition = "standing", standings = ["full"] }}]
trigger = {{ kind = "quota", times = 1, per = "year", counted_per = "member" }}
set_by = {{ times = "clause" }}
"""


def pack(*changes):
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return parse_pack(text, "office.toml")


def rows(text, begins):
    return [[cell.strip() for cell in row.split("|")[1:-1]] for row in text.splitlines() if row.startswith(begins)]


def section(text, title):
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


@pytest.fixture
def answers(monkeypatch):
    """Answers that all stand, so that each test takes one thing away."""
    standing = {name: replace(answer, page="page", test="tests/x.py") for name, answer in ANSWERS.items()}
    standing["principle"] = ANSWERS["principle"]
    monkeypatch.setattr(coverage, "ANSWERS", standing)
    return standing


@pytest.fixture
def later(monkeypatch):
    """One answer that a later issue brings."""
    monkeypatch.setitem(coverage.ANSWERS, "psychology", Answer("record", "心理疏导转介和随访", issue=6))


@pytest.mark.usefixtures("later")
def test_each_mechanism_has_a_line_of_its_own():
    found = rows(document([pack()], GROUND), "| M")
    assert [row[0] for row in found] == list(MECHANISMS)
    by_code = {row[0]: row[1:] for row in found}
    assert by_code["M15"] == [
        "谈心谈话次数", "规则", "office-2026: `yearly-talk`", "`talk_new`",
        "[test_office_2026.py](../tests/duties/scenarios/test_office_2026.py)",
    ]  # fmt: skip
    assert by_code["M01"] == ["学习教育与组织生活", "原则", "原则性要求，不设时限", "–", "–"]
    assert by_code["M25"] == ["心理疏导与干预", "记录", "心理疏导转介和随访 (issue 6)", "–", "–"]
    assert by_code["M56"][1:] == ["–"] * 4


@pytest.mark.usefixtures("later")
def test_each_clause_leads_from_mechanism_to_rule_page_and_test():
    text = section(document([pack()], GROUND), "试验关怀办法 试〔2026〕1号")
    assert rows(text, "| 第一条") == [
        ["第一条 谈心谈话", "M15 谈心谈话次数", "规则", "`yearly-talk` 年度谈心谈话（应当）", "`talk_new`",
         "[test_office_2026.py](../tests/duties/scenarios/test_office_2026.py)"],
        ["第一条 谈心谈话", "M25 心理疏导与干预", "记录", "心理疏导转介和随访 (issue 6)", "–", "–"],
    ]  # fmt: skip
    assert [row[2] for row in rows(text, "| 第二条")] == ["原则"]


def test_an_action_without_a_form_is_found_on_the_duty_board():
    text = document([pack()], replace(GROUND, forms={}))
    assert [row[4] for row in rows(text, "| M15")] == ["`duty_board`"]


def test_several_answers_name_all_their_kinds_and_pages(answers):
    text = document([pack(("M25 = [", 'M15 = ["talks", "ledgers"], M25 = ['))], GROUND)
    row = next(row for row in rows(text, "| 第一条") if row[1].startswith("M15"))
    assert row[2] == "规则、记录"
    assert row[3].split("<br>") == ["`yearly-talk` 年度谈心谈话（应当）", "谈心谈话记录", "台账导出"]
    assert row[4].split("<br>") == ["`talk_new`", "`page`"]


@pytest.mark.usefixtures("later")
def test_what_a_later_issue_brings_stands_under_that_issue_and_not_under_open():
    text = document([pack()], GROUND)
    assert rows(section(text, "Comes with issue 6"), "| 心") == [
        ["心理疏导转介和随访", "记录", "office-2026 第一条: M25"]
    ]
    assert "M25" not in section(text, "Open")
    assert "## Comes with issue 7" not in text


def test_what_nothing_answers_is_open():
    left = pack(("answers = { M25 =", "answers = { M15 ="), ('["psychology"]', '["talks"]'))
    assert "- office-2026 第一条: M25 心理疏导与干预" in section(document([left], GROUND), "Open")


def test_what_does_not_exist_and_names_no_issue_is_open(monkeypatch):
    monkeypatch.setitem(coverage.ANSWERS, "psychology", Answer("record", "心理疏导"))
    text = section(document([pack()], GROUND), "Open")
    assert "- office-2026 第一条: M25 心理疏导与干预\n" in text
    assert "`psychology` is not there" in text


def test_a_mechanism_nobody_asks_for_is_open_and_a_clause_that_asks_for_nothing_is_a_principle():
    silent = pack(('mechanisms = ["M01"]\nanswers = { M01 = ["principle"] }', ""))
    whole = document([silent], GROUND)
    assert "| – | 原则 | purpose, scope or coming into force: asks for nothing |" in whole
    text = section(whole, "Open")
    assert "第二条" not in text
    assert "- M56 职工和村干部福利: asked by no clause" in text
    assert "- M01 学习教育与组织生活: asked by no clause" in text


def test_a_rule_no_scenario_names_is_open():
    quiet = replace(GROUND, scenarios={"office-2026": "yearly-talk, without quotes"})
    said = "office-2026: named by no scenario test: yearly-talk"
    assert f"- {said}" in section(document([pack()], quiet), "Open")
    assert said in list(faults([pack()], quiet))
    assert said not in list(faults([pack()], GROUND))


def test_a_clause_that_lists_no_mechanisms_asks_for_those_of_its_rules():
    bare = pack(('mechanisms = ["M15", "M25"]\nanswers = { M25 = ["psychology"] }', ""))
    assert [(line.clause.code, line.mechanism) for line in lines([bare])] == [("1", "M15"), ("2", "M01")]


def test_the_check_finds_nothing_where_all_stands(answers):
    assert list(faults([pack()], GROUND)) == []


def test_the_check_names_pages_and_tests_that_are_not_there(answers):
    answers["talks"] = replace(answers["talks"], page="talkz", test="tests/nowhere.py")
    ground = replace(GROUND, has_page="page".__eq__, has_test="tests/x.py".__eq__)
    assert list(faults([pack()], ground)) == [
        "answer talks: its page talkz is not a URL name", "answer talks: its test tests/nowhere.py is not there",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('["psychology"]', '["principle"]', "office-2026 第一条 M25: a principle is claimed where"),
        ('["psychology"]', '["nobody"]', "office-2026 第一条 M25: no answer is named nobody"),
        ('["M15", "M25"]', '["M15", "M25", "M57"]', "office-2026 第一条 M57: no such mechanism"),
    ],
)
def test_the_check_refuses_what_a_pack_cannot_claim(answers, old, new, said):
    [found] = faults([pack((old, new))], GROUND)
    assert found.startswith(said)
    assert document([pack((old, new))], GROUND)


def test_a_reader_of_the_pack_is_told_what_to_look_at():
    assert list(doubts(pack())) == []
    odd = pack(('["psychology"]', '["principle"]'), ('["M15", "M25"]', '["M15", "M25", "M26", "M57"]'))
    assert [each.split("）")[0] for each in doubts(odd)] == [
        "条款 1 的机制 M25 有事要做，不能只当作原则",
        "条款 1 的机制 M26（文体、体检、健康服务",
        "条款 1 写了机制 M57，没有这个机制，只有 M01 到 M56",
    ]
    unknown = pack(('["psychology"]', '["nobody"]'), ('mechanisms = ["M01"]\nanswers = { M01 = ["principle"] }', ""))
    assert list(doubts(unknown)) == [
        "条款 1 的机制 M25 写了 nobody，answers 里没有这个名字", "条款 2 没有写机制，也没有规则",
    ]  # fmt: skip


def test_a_scenario_test_bears_the_name_of_its_pack():
    assert scenario_file("henan-water-2020") == "tests/duties/scenarios/test_henan_water_2020.py"
