"""Policy packs: what fits is loaded, what does not is refused with file, rule and sentence; the packs of the product
say of every clause what answers it.
"""

import re
from pathlib import Path

import pytest

from duties.policy.answers import ANSWERS, MECHANISMS
from duties.policy.models import Rule
from duties.policy.packs import FOLDER, PackRefused, load_pack, pack_codes, parse_pack, read_pack, write_pack
from members.enums import SENSITIVE_CATEGORIES, SENSITIVE_EVENTS

TEXT = (FOLDER / "henan-water-2020.toml").read_text(encoding="utf-8")
SEEDS = Path(__file__).parent.parent / "data" / "seeds"
"""The documents themselves, for comparison only: nothing of them stands in the product."""

PACKS = {code: read_pack(code) for code in pack_codes()}
FROM_DOCUMENTS = [code for code in PACKS if code != "working-rules"]
ASKS_NOTHING = {
    (code, clause)
    for code, clauses in {
        "central-2019": ["1", "2", "3", "19"], "sichuan-arts-science-2020": ["1", "2-1", "2-2", "2-3"],
        "bureau-offices": ["1"], "hospital": ["1"], "school-plan": ["6"], "xiaoying-village": ["0"],
    }.items()
    for clause in clauses
}  # fmt: skip
"""Purpose, principles, final provisions: clauses that ask for nothing that could be done by a day or entered."""

COPIED = 15
"""So many characters in a row, spaces aside, are a sentence of the document and not our own words."""


@pytest.mark.parametrize("code", pack_codes())
def test_every_pack_of_the_product_fits_its_schema(code):
    assert read_pack(code).policy.code == code


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("within_days = 15", "within_days = -1", "规则 talk-on-honour / trigger / event / within_days：不能小于 0"),
        ('events = ["honour"]', 'events = ["wedding"]', "规则 talk-on-honour / trigger / event / events / 0：只能是"),
        ('clause = "2"\nmechanism', 'clause = "99"\nmechanism', "规则 political-birthday 引用的条款 99 不在本制度中"),
        ('kind = "quota"', 'kind = "weekly"', "规则 yearly-talk / trigger：不认识的种类 weekly"),
        ('set_by = { times = "clause" }', "", "规则 yearly-talk / set_by：缺这一项"),
        ('set_by = { times = "clause" }', 'set_by = { days = "clause" }', "set_by 要逐一说明这些数字"),
        ('code = "talk-on-honour"', 'code = "talk-on-transfer"', "条款编号和规则编号都不能重复"),
        ('force = "可以"', 'force = "也许"', "规则 political-birthday / force：只能是"),
        ("sensitive = true", "sensitve = true", "没有这一项"),
        ("[policy]", "[policy", "不是合格的 TOML 文件"),
    ],
)
def test_a_pack_that_does_not_fit_is_refused_with_a_sentence(old, new, said):
    assert old in TEXT
    with pytest.raises(PackRefused) as refused:
        parse_pack(TEXT.replace(old, new), "x.toml")
    assert said in str(refused.value)
    assert "x.toml" in str(refused.value)


def test_a_pack_nobody_has_names_those_there_are():
    with pytest.raises(PackRefused, match=r"没有名为 nowhere-2020 的制度包。现有：.*henan-water-2020"):
        read_pack("nowhere-2020")


def test_loading_twice_changes_no_version(db):
    load_pack("henan-water-2020")
    before = list(Rule.objects.order_by("pk").values())
    load_pack("henan-water-2020")
    assert list(Rule.objects.order_by("pk").values()) == before
    assert {rule.version for rule in Rule.objects.all()} == {1}


def test_what_the_schema_learnt_since_changes_no_rule_that_does_not_say_it(db):
    load_pack("xinxiang-college-2020")
    older = Rule.objects.get(code="yearly-talk")
    del older.spec["responsible"]["instead"]
    older.save()
    other = Rule.objects.get(code="household-file")
    other.spec["responsible"]["instead"] = []
    other.save()
    assert write_pack(read_pack("xinxiang-college-2020")).changed == ["household-file"]
    older.refresh_from_db()
    assert (older.version, older.spec["responsible"]["instead"]) == (1, [])


def test_numbers_the_organisation_set_are_marked(db):
    load_pack("henan-water-2020")
    assert Rule.objects.get(code="yearly-talk").spec["own_numbers"] == []
    assert Rule.objects.get(code="talk-on-honour").spec["own_numbers"] == ["within_days"]


@pytest.mark.parametrize("code", pack_codes())
def test_every_pack_loads_beside_all_others(db, code):
    """Whichever comes first: a rule that takes another's place asks at least as much."""
    for each in (code, *pack_codes()):
        load_pack(each)
    assert Rule.objects.filter(policy__code=code).count() == len(PACKS[code].rules)


def _clauses(code: str, faulty) -> list[str]:
    """The clauses of a pack of which something is true that should not be."""
    return [clause.code for clause in PACKS[code].clauses if faulty(clause)]


@pytest.mark.parametrize("code", FROM_DOCUMENTS)
def test_every_clause_says_what_it_asks_for(code):
    assert not _clauses(code, lambda clause: bool(clause.mechanisms) == ((code, clause.code) in ASKS_NOTHING))
    assert not _clauses(code, lambda clause: set(clause.mechanisms) - set(MECHANISMS))
    assert not _clauses(code, lambda clause: len(clause.mechanisms) > len(set(clause.mechanisms)))


@pytest.mark.parametrize("code", PACKS)
def test_everything_a_clause_asks_for_is_answered(code):
    ruled = {(rule.clause, rule.mechanism) for rule in PACKS[code].rules}

    def unanswered(clause):
        return [each for each in clause.mechanisms if (clause.code, each) not in ruled and not clause.answers.get(each)]

    assert not _clauses(code, unanswered)
    assert not [rule.code for rule in PACKS[code].rules if not _clause(code, rule.clause).mechanisms]


def _clause(code: str, clause: str):
    return next(each for each in PACKS[code].clauses if each.code == clause)


@pytest.mark.parametrize("code", PACKS)
def test_answers_exist_and_a_principle_is_one(code):
    def unknown(clause):
        return [name for names in clause.answers.values() for name in names if name not in ANSWERS]

    def no_principle(clause):
        principles = [each for each, names in clause.answers.items() if "principle" in names]
        return [each for each in principles if "POL" not in MECHANISMS[each][1].split()]

    assert not _clauses(code, unknown)
    assert not _clauses(code, no_principle)


@pytest.mark.parametrize("code", PACKS)
def test_gists_are_short_and_our_own_words(code):
    text = _without_spaces(_document(code)) if code in FROM_DOCUMENTS else ""

    def copied(clause):
        gist = _without_spaces(clause.gist)
        return any(gist[at : at + COPIED] in text for at in range(len(gist) - COPIED + 1))

    assert not _clauses(code, lambda clause: len(clause.gist) > 120)
    assert not _clauses(code, copied)


@pytest.mark.parametrize("code", FROM_DOCUMENTS)
def test_every_clause_is_found_in_its_document(code):
    paragraphs = _paragraphs(code)

    def lost(clause):
        return [start for start in clause.begins if not any(each.startswith(start) for each in paragraphs)]

    assert not _clauses(code, lambda clause: not clause.begins)
    assert not _clauses(code, lambda clause: [start for start in clause.begins if not 2 <= len(start) <= 8])
    assert not _clauses(code, lost)


def _document(code: str) -> str:
    """The text a pack is made from: a document of its own, or its part of the collection."""
    own = SEEDS / f"{code}.txt"
    return (own if own.exists() else SEEDS / "grassroots-collection.txt").read_text(encoding="utf-8")


def _paragraphs(code: str) -> list[str]:
    return [line.lstrip(" -") for line in _document(code).splitlines()]


def _without_spaces(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize(
    ("code", "numbered", "count"),
    [
        ("central-2019", r"第[一二三四五六七八九十]+条", 22),
        ("henan-water-2020", r"\d+\. ", 16),
        ("xinxiang-college-2020", r"[一二三四五六七八九十]+、", 10),
        ("sichuan-arts-science-2020", r"\d\. .{4}|\([一二三四]\)(?!建立健全).{4}|[一四]、", 18),
    ],
)
def test_no_numbered_place_of_a_document_is_left_out(code, numbered, count):
    found = [match.group() for each in _paragraphs(code) if (match := re.match(numbered, each))]
    begins = {start for clause in PACKS[code].clauses for start in clause.begins}
    assert len(found) == count
    assert not [place for place in found if not any(start[: len(place)] == place[: len(start)] for start in begins)]


# How the institutions differ, so that no pack becomes a copy of another: their own labels, numbers and doers. ---------

HENAN, XINXIANG, SICHUAN = "henan-water-2020", "xinxiang-college-2020", "sichuan-arts-science-2020"


def _rule(code: str, rule: str):
    return next(each for each in PACKS[code].rules if each.code == rule)


def _has(code: str, rule: str) -> bool:
    return any(each.code == rule for each in PACKS[code].rules)


def _events(code: str, label: str) -> dict[str, set[str]]:
    """The occasions of each of a document's own numbered items."""
    items: dict[str, set[str]] = {}
    for rule in PACKS[code].rules:
        if rule.item.startswith(label):
            items.setdefault(rule.item, set()).update(rule.trigger.events)
    return items


@pytest.mark.parametrize("code", [HENAN, XINXIANG])
def test_six_talks_and_four_visits_in_henan(code):
    assert _events(code, "六必谈") == {
        "六必谈 1": {"admission"}, "六必谈 2": {"transfer_in", "transfer_out"}, "六必谈 3": {"honour"},
        "六必谈 4": {"tendency"}, "六必谈 5": {"absence", "dues"}, "六必谈 6": {"treatment", "punishment"},
    }  # fmt: skip
    assert _events(code, "四必访") == {
        "四必访 1": {"illness"}, "四必访 2": {"setback"}, "四必访 3": {"family_change"}, "四必访 4": {"disaster"},
    }  # fmt: skip


def test_five_talks_in_sichuan_may_be_collective():
    assert _events(SICHUAN, "五必谈") == {
        "五必谈 1": {"admission", "transfer_in", "transfer_out"}, "五必谈 2": {"post_change", "job_change"},
        "五必谈 3": {"honour"}, "五必谈 4": {"treatment", "punishment", "tendency"}, "五必谈 5": {"complaint"},
    }  # fmt: skip
    assert all(rule.collective_counts for rule in PACKS[SICHUAN].rules if rule.action == "talk")
    assert not any(rule.collective_counts for rule in PACKS[HENAN].rules if rule.action == "talk")


@pytest.mark.parametrize(
    ("rule", "per", "counted_per"),
    [("leaders-talk", "year", "pair"), ("secretaries-talk", "quarter", "pair"), ("yearly-talk", "year", "member")],
)
def test_talks_in_three_tiers_in_sichuan(rule, per, counted_per):
    tier = _rule(SICHUAN, rule)
    assert (tier.trigger.times, tier.trigger.per, tier.trigger.counted_per) == (1, per, counted_per)
    assert tier.own_numbers == []


@pytest.mark.parametrize("rule", ["honouree-spring", "honouree-july", "household-file", "household-contact"])
def test_in_xinxiang_the_department_does_what_the_branch_does_in_henan(rule):
    assert _rule(XINXIANG, rule).responsible.role == "department_head"
    assert _rule(HENAN, rule).responsible.role == "secretary"


def test_xinxiang_honours_teachers_too():
    more = _grades(_rule(XINXIANG, "honouree-july")) - _grades(_rule(HENAN, "honouree-july"))
    assert more == {"省级教学名师", "国家级教学名师", "省级人才称号", "国家级人才称号"}


def _grades(rule) -> set[str]:
    return {grade for condition in rule.target if condition.condition == "category" for grade in condition.grades}


@pytest.mark.parametrize(
    ("rule", "there", "not_there"),
    [
        ("study-hours", HENAN, XINXIANG), ("discipline-contact", HENAN, XINXIANG), ("rights-reminder", HENAN, XINXIANG),
        ("household-visits", HENAN, XINXIANG), ("hardship-newyear", SICHUAN, XINXIANG),
        ("july-selection", XINXIANG, HENAN), ("talk-request", XINXIANG, SICHUAN), ("aged-visits", SICHUAN, HENAN),
    ],
)  # fmt: skip
def test_what_one_document_asks_and_another_does_not(rule, there, not_there):
    assert _has(there, rule)
    assert not _has(not_there, rule)


@pytest.mark.parametrize(
    ("code", "rule", "force"),
    [
        (HENAN, "timely-commendation", "可以"), (XINXIANG, "timely-commendation", "应当"),
        (HENAN, "condolence", "应当"), (SICHUAN, "condolence", "一般应"), (HENAN, "talk-request", "一般应"),
        (SICHUAN, "political-birthday", "可以"),
    ],
)  # fmt: skip
def test_the_force_is_the_word_of_the_clause(code, rule, force):
    assert _rule(code, rule).force == force


def test_the_central_measures_set_no_number_but_the_contact_person():
    rules = PACKS["central-2019"].rules
    given = {(rule.code, name) for rule in rules for name, setter in rule.set_by.items() if setter == "clause"}
    assert given == {("household-contact", "at_least")}


@pytest.mark.parametrize("code", PACKS)
def test_sanctions_illness_and_tendencies_are_sensitive(code):
    asked = {rule.code for rule in PACKS[code].rules if _tells_of_something_sensitive(rule)}
    assert asked <= {rule.code for rule in PACKS[code].rules if rule.sensitive}


def _tells_of_something_sensitive(rule) -> bool:
    categories = {condition.kind for condition in rule.target if condition.condition == "category"}
    categories.add(getattr(rule.trigger, "category", None))
    events = set(getattr(rule.trigger, "events", []))
    return bool(categories & SENSITIVE_CATEGORIES or events & SENSITIVE_EVENTS)
