"""Code lists of hardship and family: official labels in official order, and how spellings of sheets are read."""

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from care import children, codes, influence, subsidy
from care.codes import (
    ALSO,
    LISTS,
    MARK_GROUPS,
    NEAREST,
    AidForm,
    AnnualFlag,
    Cause,
    CivilClass,
    Degree,
    EconomicState,
    HealthState,
    Level,
    Mark,
    Relation,
    Schooling,
    Several,
    read_one,
    read_several,
)

OFFICIAL = {
    EconomicState: "低收入 无社保 低退休工资 其他",
    HealthState: "健康 一般 慢性病 重大疾病 言语残疾 肢体残疾 精神残疾 其他残疾",
    Cause: (
        "本人重病 家庭成员重病 失业 劳动技能不强 丧失劳动能力 本人或家庭成员发生重大事故 遭受自然灾害 其他"
    ),
    AidForm: "低保 医保 社保 节日慰问 专项慰问 生活困难党员专项帮扶资金 捐赠 结对帮扶 就业培训 其他",
    CivilClass: "低保对象 特困人员 低保边缘家庭 刚性支出困难家庭 防止返贫监测对象 其他",
    Level: "特别困难 比较困难 一般困难",
    Mark: "鳏 寡 孤 独 老 弱 病 残 独居 失独",
    AnnualFlag: "享受城镇最低生活保障费 享受优抚对象抚恤补助 建国前入党没有工作老党员",
    Degree: "名誉博士 博士 硕士 学士",
    Schooling: (
        "研究生教育 大学本科教育 大学专科教育 中等职业教育 普通高级中学教育 初级中学教育 小学教育 其他"
    ),
    Relation: (
        "配偶 子 女婿 女 儿媳 孙子女、外孙子女 父亲 母亲 公公 婆婆 岳父 岳母 祖父母、外祖父母 兄弟姐妹 其他亲属 非亲属"
    ),
}  # fmt: skip


@pytest.mark.parametrize("choices", LISTS, ids=lambda choices: choices.__name__)
def test_labels_are_the_official_ones_in_their_order(choices):
    assert choices.labels == OFFICIAL[choices].split(" ")
    assert all(value.isascii() and len(value) <= 24 for value in choices.values)


@pytest.mark.parametrize("choices", LISTS, ids=lambda choices: choices.__name__)
def test_every_label_and_every_other_spelling_is_read_as_what_it_belongs_to(choices):
    for member in choices:
        for spelling in (member.label, *ALSO[choices].get(member, "").split()):
            assert read_one(choices, f" {spelling}\n") is member
            assert read_several(choices, spelling) == Several((member,), ())


@pytest.mark.parametrize("choices", LISTS, ids=lambda choices: choices.__name__)
def test_other_spellings_belong_to_members_of_their_own_list(choices):
    assert all(type(member) is choices for member in ALSO[choices])


def test_forms_of_help_are_read_by_their_numbers_too():
    assert [form.number for form in AidForm] == list(range(1, 11))
    for cell in (6, 6.0, "6", "６", "6生活困难党员专项帮扶资金", "6.生活困难党员专项帮扶资金"):
        assert read_one(AidForm, cell) is AidForm.FUND
    assert read_one(Cause, "1") is None


@pytest.mark.parametrize(
    ("choices", "cell"),
    [
        (HealthState, "残疾"),
        (HealthState, ""),
        (HealthState, None),
        (HealthState, "不详"),
        (Level, "特困"),
        (Mark, "老弱病残"),
        (Mark, "鳏寡孤独"),
        (Mark, "孤寡"),
        (Mark, "丧偶"),
        (Relation, "媳妇"),
        (Schooling, "大学"),
        (AidForm, "11"),
        (AidForm, "low_income"),
    ],
)
def test_what_is_unknown_or_may_mean_two_things_is_not_guessed(choices, cell):
    assert read_one(choices, cell) is None


@pytest.mark.parametrize(
    ("choices", "cell", "found", "unknown"),
    [
        (Cause, "本人重病、失业", (Cause.OWN_ILLNESS, Cause.UNEMPLOYED), ()),
        (Cause, "失业;本人重病，失业", (Cause.OWN_ILLNESS, Cause.UNEMPLOYED), ()),
        (Cause, "失业\n本人重病", (Cause.OWN_ILLNESS, Cause.UNEMPLOYED), ()),
        (Cause, "失业、欠债", (Cause.UNEMPLOYED,), ("欠债",)),
        (AidForm, "1、4节日慰问 10", (AidForm.ALLOWANCE, AidForm.HOLIDAY, AidForm.OTHER), ()),
        (AidForm, "未享受", (), ()),
        (AidForm, None, (), ()),
        (AidForm, "无", (), ()),
        (Mark, "老弱病残", (), ("老弱病残",)),
        (Mark, "残、独居", (Mark.DISABLED, Mark.ALONE), ()),
        (Relation, "孙子女、外孙子女", (Relation.GRANDCHILD,), ()),
    ],
)
def test_several_are_read_in_the_order_of_the_list_and_the_rest_given_back(choices, cell, found, unknown):
    assert read_several(choices, cell) == Several(found, unknown)


@given(st.sets(st.sampled_from(Cause)), st.sampled_from(["、", "，", ",", ";", "；", "/", "|", " ", "\n", " 、 "]))
def test_what_is_joined_is_read_again(causes, between):
    text = between.join(cause.label for cause in causes)
    assert read_several(Cause, text) == Several(tuple(cause for cause in Cause if cause in causes), ())


@given(st.sampled_from(LISTS), st.text(max_size=20))
def test_no_cell_breaks_the_reader_and_no_word_is_lost(choices, text):
    read = read_several(choices, text)
    one = read_one(choices, text)
    assert set(read.found) <= set(choices)
    assert one is None or read == Several((one,), ())


def test_marks_stand_in_their_groups_and_say_what_they_mean():
    assert ["".join(mark.label for mark in marks) for _, marks in MARK_GROUPS] == ["鳏寡孤独", "老弱病残", "独居失独"]
    assert all(len(mark.hint) >= 2 and mark.hint != mark.label for mark in Mark)
    assert len({mark.hint for mark in Mark}) == len(Mark)


def test_the_nearest_are_parents_spouse_and_children():
    assert {relation.label for relation in NEAREST} == {"父亲", "母亲", "配偶", "子", "女"}


def test_the_glossary_pairs_every_list_of_these_modules():
    glossary = (settings.BASE_DIR / "docs/glossary.md").read_text(encoding="utf-8")
    lists = {
        name
        for module in (children, codes, influence, subsidy)
        for name, each in vars(module).items()
        if isinstance(each, type) and issubclass(each, codes.TextChoices) and each.__module__ == module.__name__
    }
    assert len(lists) == len(LISTS) + 5
    assert {name for name in lists if f"| `{name}` |" not in glossary} == set()
