"""The sentences of all rules of all packs of the product, read for their shape; and what single words of them say."""

import re

import pytest

from duties.board.phrases import condition_words, others, roles
from duties.board.sentences import counting, said, sentence
from duties.policy.packs import pack_codes, read_pack
from duties.policy.schema import InCategory, Responsible
from members.enums import Role

CODES = sorted({"working-rules", *pack_codes()})
COMMISSIONERS = ["organisation_commissioner", "publicity_commissioner", "discipline_commissioner", "commissioner"]


@pytest.fixture(scope="module")
def told() -> dict[str, str]:
    """The sentence of every rule that the product brings, by policy and rule."""
    return {f"{code}/{rule.code}": said(sentence(rule)) for code in CODES for rule in read_pack(code).rules}


def test_every_sentence_of_every_pack_is_whole(told):
    assert len(told) > 250
    for name, words in told.items():
        assert words.endswith("。"), (name, words)
        assert words.count("。") == 1, (name, words)
        assert words.count("“") == words.count("”"), (name, words)
        assert words.count("（") == words.count("）"), (name, words)
        assert len(words) < 160, (name, len(words), words)


def test_no_sentence_stumbles(told):
    """What was found by reading them: words said twice, English, clumsy turns, the dead visited as if living."""
    wrong = [
        r"([\u4e00-\u9fff]{2,})\1", r"[A-Za-z_{}]", r"[，；、]{2}", r"[，；、]。", r"  ", "天的那天", "和停止党籍和",
        "同职人员", "出生日", "由[^，；（）]*(应当|一般应|可以)", "走访每名[^，；]*已去世党员至少", "[^起提] 0 天",
        "组织委员、宣传委员",
    ]  # fmt: skip
    for pattern in wrong:
        found = {name: words for name, words in told.items() if re.search(pattern, words)}
        assert found == {}, pattern


def test_what_is_said_of_counting_is_whole_too():
    for code in CODES:
        for rule in read_pack(code).rules:
            for words in counting(rule):
                assert words.endswith("。"), words
                assert not re.search(r"[A-Za-z_]|同职人员", words), words


def test_who_else_counts_is_said_plainly():
    every = Responsible(role="secretary", upward=True, **{"with": ["deputy_secretary", *COMMISSIONERS]})
    assert others(every) == "本级和上级党组织的书记、副书记、委员办的也算"
    named = Responsible(role="secretary", at=["committee", "general_branch"], upward=True)
    assert others(named) == "本级和上级党委、党总支的书记办的也算"


def test_commissioners_are_one_word_only_where_all_of_them_are_meant():
    assert roles(["deputy_secretary", *COMMISSIONERS]) == "副书记、委员"
    assert roles(COMMISSIONERS[:2]) == "组织委员、宣传委员"
    assert roles([Role.SECRETARY, *COMMISSIONERS[1:]]) == "书记、宣传委员、纪检委员、委员"


def test_many_grades_are_counted_in_the_sentence_and_named_in_the_condition(told):
    assert "“功勋荣誉（国家级、省部级等 6 种等级）”类别" in told["henan-water-2020/honouree-spring"]
    rule = next(each for each in read_pack("henan-water-2020").rules if each.code == "honouree-spring")
    condition = next(each for each in rule.target if isinstance(each, InCategory))
    assert condition_words(condition) == ("功勋荣誉，等级是国家级、省部级、省级、厅局级、厅级、厅级以上中的一种")


def test_a_day_before_an_end_is_said_once_with_what_it_ends(told):
    assert told["henan-water-2020/rights-expiry"] == (
        "正式党员和预备党员“处分影响期（留党察看、留党察看一年、留党察看两年）”期满前 1 天（自定）为限，"
        "提前 60 天（自定）列出，过后 30 天内（自定）仍可办，所在党组织的书记应当提醒本人；谈话也算；"
        "同一党组织的副书记、委员办的也算。"
    )
