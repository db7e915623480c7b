"""A pasted text beside its clauses: the four documents, widths, spaces, broken lines, headings, what matches none."""

import pytest
from django.conf import settings

from duties.policy.texts import beside, plain

SEEDS = settings.BASE_DIR / "tests/data/seeds"

CHINESE = "零一二三四五六七八九十"


def counted(number: int) -> str:
    """1 to 29 as they are written in documents."""
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else f"{CHINESE[tens]}十") + (CHINESE[ones] if ones else "")


BEGINS = {
    "central-2019": [(str(n), [f"第{counted(n)}条"]) for n in range(1, 23)],
    "henan-water-2020": [(str(n), [f"{n}. "]) for n in range(1, 17)],
    "xinxiang-college-2020": [(str(n), [f"{counted(n)}、"]) for n in range(1, 11)],
    "sichuan-arts-science-2020": [
        ("1", ["一、指导思想"]), ("2", ["二、基本原则"]), ("3.1.1", ["1. 建立责任激励机制"]),
        ("3.1.2", ["2. 建立表彰奖励机制"]), ("3.1.3", ["3. 建立物质保障机制"]), ("3.2.1", ["1. 建立经常性谈心"]),
        ("3.2.2", ["2. 建立走访慰问制度"]), ("3.2.3", ["3. 建立生活关怀机制"]), ("3.2.4", ["4. 建立政治关怀机制"]),
        ("3.3.1", ["1. 建立困难党员信息"]), ("3.3.2", ["2. 建立党内结对帮扶制度"]), ("4", ["四、经费保障"]),
        ("5.1", ["(一)加强组织领导"]), ("5.2", ["(二)营造浓厚氛围"]), ("5.3", ["(三)强化督导检查"]),
    ],
}  # fmt: skip


def seed(name: str) -> str:
    return (SEEDS / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", BEGINS)
def test_every_clause_of_a_document_is_found_once_and_in_order(name):
    found = [paragraph.clause for paragraph in beside(seed(name), BEGINS[name]) if paragraph.starts]
    assert found == [code for code, _begins in BEGINS[name]]


@pytest.mark.parametrize("name", BEGINS)
def test_no_word_of_a_document_is_lost(name):
    def letters(text: str) -> list[str]:
        return [each for each in text if each.isalpha()]

    assert letters("".join(each.text for each in beside(seed(name), BEGINS[name]))) == letters(seed(name))


@pytest.mark.parametrize(
    ("name", "begin", "code"),
    [
        ("central-2019", "（二）坚持精神激励", "3"),
        ("central-2019", "党员入党纪念日", "6"),
        ("central-2019", "第二章", None),
        ("central-2019", "中办发", None),
        ("henan-water-2020", "按照有关规定组织预备党员", "2"),
        ("henan-water-2020", "二、建立健全党内关怀机制", None),
        ("xinxiang-college-2020", "曾获得功勋荣誉表彰的党员", "5"),
        ("sichuan-arts-science-2020", "(三)坚持统筹兼顾", "2"),
    ],
)
def test_paragraphs_follow_the_clause_before_them_and_headings_end_it(name, begin, code):
    (paragraph,) = [each for each in beside(seed(name), BEGINS[name]) if each.text.startswith(begin)]
    assert (paragraph.clause, paragraph.starts) == (code, False)


def test_a_line_broken_in_mid_sentence_is_one_paragraph_again():
    paragraphs = beside(seed("xinxiang-college-2020"), BEGINS["xinxiang-college-2020"])
    (sixth,) = [each for each in paragraphs if each.clause == "6"]
    assert len(sixth.text) > 250
    assert not any(each.text.strip("- ").isdigit() for each in paragraphs)


@pytest.mark.parametrize(
    "written",
    ["６．坚持党内谈心", "6、 坚持党内谈心", "- 6. 坚持“党内”谈心", "　6.坚持党内 谈心", "## 6。坚持党内谈心"],
)
def test_widths_spaces_quotes_and_marks_keep_no_paragraph_from_its_clause(written):
    (paragraph,) = beside(f"{written}谈话制度。", [("6", ["6. 坚持党内谈心"])])
    assert (paragraph.clause, paragraph.starts) == ("6", True)


def test_a_number_in_brackets_is_another_than_a_bare_one():
    clauses = [("a", ["一、"]), ("b", ["（一）"])]
    assert [each.clause for each in beside("一、总则。\n(一)坚持。\n一是。", clauses)] == ["a", "b", "b"]
    assert plain("（一）") != plain("一、")


def test_the_longest_beginning_wins_and_of_equals_the_next_in_order():
    clauses = [("a1", ["1. "]), ("b", ["1. 建立"]), ("a2", ["1. "])]
    found = beside("1. 其他。\n1. 建立制度。\n1. 其他。", clauses)
    assert [each.clause for each in found] == ["a1", "b", "a2"]


def test_a_clause_without_beginnings_is_never_found():
    assert [each.clause for each in beside("第一条 甲。\n第二条 乙。", [("1", []), ("2", ["", "　"])])] == [None, None]


def test_the_collection_of_many_documents_is_only_paragraphs():
    assert {each.clause for each in beside(seed("grassroots-collection"), [])} == {None}


def test_the_longest_text_is_set_beside_in_no_time():
    lines = "-" * 30_000 + "\n" + "（一）" * 10_000
    assert len(beside(lines, [(str(n), [f"第{n}条"]) for n in range(60)])) == 2


CLAUSES = [("1", ["一、"]), ("2", ["二、"]), ("3", ["（三）"])]
PASTED = "前言。\n一、总则。\n它的第二段。\n之二 荣誉。\n荣誉的第二段。\n（三）谈话。\n它的第二段。"


def assigned(by_hand) -> list[tuple]:
    return [(each.clause, each.starts) for each in beside(PASTED, CLAUSES, by_hand)]


def key(number: int) -> str:
    return beside(PASTED, CLAUSES)[number].key


def test_what_somebody_assigned_goes_before_the_beginning_and_what_follows_goes_on_under_it():
    assert assigned({}) == [(None, False), ("1", True), ("1", False), ("1", False), ("1", False), ("3", True),
                            ("3", False)]  # fmt: skip
    assert assigned({key(3): "2"})[3:] == [("2", True), ("2", False), ("3", True), ("3", False)]
    assert assigned({key(5): "2"})[5:] == [("2", True), ("2", False)]
    assert [each.by_hand for each in beside(PASTED, CLAUSES, {key(3): "2"})].count(True) == 1


def test_a_paragraph_may_belong_to_no_clause_and_what_follows_neither():
    assert assigned({key(1): ""})[:5] == [(None, False)] * 5
    assert assigned({key(1): "", key(3): "2"})[3:5] == [("2", True), ("2", False)]


def test_two_paragraphs_of_the_same_words_are_told_apart_and_stay_the_same_elsewhere():
    found = beside(PASTED, CLAUSES)
    assert len({each.key for each in found}) == len(found)
    assert found[2].text == found[6].text
    moved = beside("新的一段。\n" + PASTED, CLAUSES)
    assert [each.key for each in moved[1:]] == [each.key for each in found]


def test_a_clause_that_is_no_more_is_as_if_nobody_had_said_anything():
    assert assigned({key(3): "9"}) == assigned({})
