"""Policy packs: what fits is loaded, what does not is refused with file, rule and sentence."""

import pytest

from duties.policy.models import Rule
from duties.policy.packs import FOLDER, PackRefused, load_pack, pack_codes, parse_pack, read_pack

TEXT = (FOLDER / "henan-water-2020.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", pack_codes())
def test_every_pack_of_the_product_fits_its_schema(code):
    assert read_pack(code).policy.code == code


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("within_days = 15", "within_days = -1", "规则 talk-on-honour / trigger / event / within_days：不能小于 0"),
        ('events = ["honour"]', 'events = ["wedding"]', "规则 talk-on-honour / trigger / event / events / 0：只能是"),
        ('clause = "2"\nmechanism', 'clause = "9"\nmechanism', "规则 political-birthday 引用的条款 9 不在本制度中"),
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
    with pytest.raises(PackRefused, match="没有名为 nowhere-2020 的制度包。现有：henan-water-2020"):
        read_pack("nowhere-2020")


def test_loading_twice_changes_no_version(db):
    load_pack("henan-water-2020")
    before = list(Rule.objects.order_by("pk").values())
    load_pack("henan-water-2020")
    assert list(Rule.objects.order_by("pk").values()) == before
    assert {rule.version for rule in Rule.objects.all()} == {1}


def test_numbers_the_organisation_set_are_marked(db):
    load_pack("henan-water-2020")
    assert Rule.objects.get(code="yearly-talk").spec["own_numbers"] == []
    assert Rule.objects.get(code="talk-on-honour").spec["own_numbers"] == ["within_days"]


def test_gists_are_our_own_words_and_short():
    for code in pack_codes():
        assert all(len(clause.gist) <= 120 for clause in read_pack(code).clauses)
