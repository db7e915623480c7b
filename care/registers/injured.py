"""因公伤残党员: who was hurt on duty, what was found, how it is treated (central measures 12, M32)."""

from datetime import date

from django import forms

from care.models import Entry, RegisterCode
from care.register import EntryForm, Register, Section, day, one_of, table, words, yes_no
from members.enums import CategoryKind

DEGREES = (
    "一级", "二级", "三级", "四级", "五级", "六级", "七级", "八级", "九级", "十级", "没有达到等级", "正在评定",
)  # fmt: skip
"""伤残等级, the ten of work injuries and of injured public servants alike."""
PAPERS = ("工伤认定书", "公伤认定批复", "劳动能力鉴定结论", "伤残人员证", "残疾人证", "医疗证明", "其他")
WORK = ("原岗位", "已调整岗位", "治疗或康复，没有上岗", "已退休", "自主创业", "待就业")


class Paper(forms.Form):
    """A document of the finding."""

    kind = one_of("材料", PAPERS, required=True, blank="请选择")
    number = words("文号", most=60)
    issued_on = day("日期")
    issued_by = words("出具单位", most=60)


class InjuredForm(EntryForm):
    """What is asked about an injury suffered on duty."""

    work = one_of("现在的工作", WORK, required=True, blank="请选择")
    happened_on = day("受伤日期", required=True)
    cause = words("受伤经过", most=500, required=True, lines=2, hint="加密保存。")
    found_by = words("认定单位", most=60)
    found_on = day("认定日期")
    degree = one_of("伤残等级", DEGREES)
    papers = table("认定材料", Paper)
    reply = words("批复情况", most=200)
    treated_at = words("就诊医院", most=60)
    treatment = words("治疗情况", most=500, lines=2)
    rehabilitation = words("康复情况", most=500, lines=2)
    aids = words("辅助器具", most=100)
    eased = words("就诊、康复的便利", most=200, hint="例如：专人陪诊、绿色通道、康复机构减免。")
    benefits = words("抚恤待遇", most=200)
    wants_work = yes_no("希望就业、创业帮助")
    needs = words("困难和需求", most=500, lines=2)
    relatives = words("照顾的家属和电话", most=60)

    sections = (
        Section("受伤和认定", ("happened_on", "found_by", "found_on", "degree", "reply", "cause", "papers")),
        Section("治疗和康复", ("treated_at", "aids", "eased", "treatment", "rehabilitation")),
        Section("工作和生活", ("work", "wants_work", "benefits", "relatives", "needs")),
    )
    private = frozenset({
        "happened_on", "cause", "found_by", "found_on", "degree", "papers", "reply", "treated_at", "treatment",
        "rehabilitation", "aids", "eased", "benefits", "needs", "relatives",
    })  # fmt: skip


def _kinds(entry: Entry) -> dict[CategoryKind, str]:
    return {CategoryKind.INJURED: ""}


def _check(entry: Entry, today: date) -> dict[str, str]:
    """Days in the order of things: hurt, found; entered from the injury on, not before."""
    hurt, found = entry.private.get("happened_on"), entry.private.get("found_on")
    refused = {}
    if hurt and hurt > entry.since.isoformat():
        refused["happened_on"] = f"受伤日期 {hurt} 晚于列入的 {entry.since}，请核对。"
    if hurt and found and found < hurt:
        refused["found_on"] = f"认定日期 {found} 早于受伤的 {hurt}，两个日期可能填反了。"
    elif found and found > today.isoformat():
        refused["found_on"] = f"认定日期 {found} 晚于今天，认定了再填。"
    return refused


INJURED = Register(
    code=RegisterCode.INJURED,
    title="因公伤残党员台账",
    noun="因公伤残",
    lead="因公负伤、致残的党员，就诊康复和就业创业有人帮。伤情只给有权限的同志看。",
    form=InjuredForm,
    kinds=_kinds,
    closings=("已经痊愈，没有伤残", "认定被撤销", "其他"),
    columns=("work",),
    review_days=365,
    contact=True,
    check=_check,
)
