"""Code lists of hardship and family: official labels in official order, and other spellings that belong to them."""

import pytest
from django.conf import settings

from care import children, codes, influence, subsidy
from care.codes import (
    ALSO,
    LISTS,
    MARK_GROUPS,
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
def test_other_spellings_belong_to_members_of_their_own_list(choices):
    assert all(type(member) is choices for member in ALSO[choices])


def test_marks_stand_in_their_groups_and_say_what_they_mean():
    assert ["".join(mark.label for mark in marks) for _, marks in MARK_GROUPS] == ["鳏寡孤独", "老弱病残", "独居失独"]
    assert all(len(mark.hint) >= 2 and mark.hint != mark.label for mark in Mark)
    assert len({mark.hint for mark in Mark}) == len(Mark)


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
