"""老党员: how they live, what they wish for, what they give, and who of them is paid the subsidy (measures 13)."""

from datetime import date

from base.fields import in_yuan
from care.amounts import amounts_at
from care.codes import HealthState
from care.models import Entry, RegisterCode
from care.register import EntryForm, Register, Section, Told, count, one_of, some_of, words, yes_no
from care.subsidy import Tier, TierUnclear, amount_on, is_entitled, tier_of
from members.enums import CategoryKind
from members.models import Membership, Person

GRADE = "享受生活补贴"
"""The grade by which policies know those whose subsidy is to be paid every month."""

RURAL, TOWN_WITHOUT, TOWN_WITH = "农村老党员", "城镇老党员，没有离退休待遇", "城镇老党员，享受离退休待遇"
LIVING = ("与配偶同住", "与子女同住", "独居", "养老机构", "其他")
CARE = ("能自理", "部分失能", "失能")
SERVICES = (
    "送学上门", "上门看望", "陪同就医", "助餐助浴", "家政维修", "心理陪伴", "文体活动", "健康讲座", "手机使用",
    "法律帮助", "其他",
)  # fmt: skip
GIVES = ("讲党课", "党建指导员", "项目顾问", "传帮带青年", "志愿服务", "矛盾调解", "关心下一代", "其他")


class ElderlyForm(EntryForm):
    """The survey of an old member's needs, and what follows from it."""

    living = one_of("居住方式", LIVING)
    care = one_of("自理能力", CARE, required=True, blank="请选择")
    health = one_of("健康状况", HealthState)
    illness = words("疾病", most=200)
    helped = yes_no("已纳入困难救助")
    home_care = yes_no("享受居家养老服务")
    relatives = words("家属联系人（关系、姓名、电话）", most=100)
    study_home = yes_no("送学上门")
    exempt = yes_no("组织活动和学习不作硬性要求", hint="重病、高龄、失能的可以勾选。")
    services = some_of("希望得到的服务", SERVICES)
    visits = count("每年走访几次", most=52)
    needs = words("建议和需要解决的问题", most=500, lines=2)
    gives = some_of("发挥什么作用", GIVES)
    gives_more = words("作用发挥情况", most=300, lines=2)
    benefits = one_of("生活补贴的情形", (RURAL, TOWN_WITHOUT, TOWN_WITH), hint="新中国成立前入党的才填。")

    sections = (
        Section("生活情况", ("living", "care", "health", "illness", "helped", "home_care", "relatives")),
        Section("需要和服务", ("study_home", "exempt", "visits", "services", "needs")),
        Section("发挥作用", ("gives", "gives_more")),
        Section("生活补贴", ("benefits",)),
    )
    private = frozenset({"health", "illness", "helped", "relatives", "needs"})


def _tier(person: Person) -> Tier | None:
    return tier_of(person.joined_on, person.joined_precision) if person.joined_on else None


def _is_paid(entry: Entry) -> bool:
    """Whether the subsidy is due, as far as that is known."""
    benefits = entry.facts.get("benefits")
    try:
        tier = _tier(entry.person)
    except TierUnclear:
        return False
    retired = benefits == TOWN_WITH
    return bool(benefits) and is_entitled(tier, is_rural=benefits == RURAL, has_retirement_benefits=retired)


def tier_paid(entry: Entry) -> Tier | None:
    """The tier in which the subsidy is due to whom an entry is about; ``None`` where none is.

    :raises ValueError: with the sentence, where it cannot be told.
    """
    tier = _tier(entry.person)
    if tier is not None and not entry.facts.get("benefits"):
        raise ValueError("还没有填生活补贴的情形，请核实后在老党员台账里补上。")
    return tier if _is_paid(entry) else None


def _kinds(entry: Entry) -> dict[CategoryKind, str]:
    return {CategoryKind.ELDERLY: GRADE if _is_paid(entry) else ""}


def _check(entry: Entry, today: date) -> dict[str, str]:
    """Only those who joined before the republic are paid the subsidy."""
    try:
        paid_at_all = _tier(entry.person) is not None
    except TierUnclear:
        return {}
    if entry.facts.get("benefits") and not paid_at_all:
        joined = entry.person.joined_on or "日期不详"
        return {"benefits": f"{entry.person.name}入党{joined}，不在新中国成立前，这一项不填。"}
    return {}


def _subsidy(entry: Entry, stay: Membership, on: date) -> tuple[str, list[Told]]:
    """The tier of the subsidy, and what is paid in a month by the standard in force."""
    try:
        tier = _tier(entry.person)
    except TierUnclear as unclear:
        return "生活补贴档次", [Told("档次", str(unclear))]
    if tier is None:
        return "", []
    if not entry.facts.get("benefits"):
        return "生活补贴档次", [Told("档次", tier.label), Told("应补", "还没有填生活补贴的情形，请核实后修改。")]
    if not _is_paid(entry):
        return "生活补贴档次", [Told("档次", tier.label), Told("应补", "享受离退休待遇，不发这项补贴。")]
    fen = amount_on(amounts_at(stay.path), tier, on)
    due = f"每月 {in_yuan(fen)} 元" if fen else "没有现行标准，请党委组织部在“补贴标准”里填"
    return "生活补贴档次", [Told("档次", tier.label), Told("应补", due)]


ELDERLY = Register(
    code=RegisterCode.ELDERLY,
    title="老党员台账",
    noun="老党员",
    lead="老党员怎么生活、需要什么、还在做什么。送学上门、走访看望按它安排。",
    form=ElderlyForm,
    kinds=_kinds,
    closings=("不再需要", "其他"),
    columns=("living", "care", "services"),
    review_days=365,
    follows=_subsidy,
    check=_check,
    page=("subsidy_amounts", "补贴标准"),
)
