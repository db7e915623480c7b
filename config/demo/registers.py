"""What the demo's registers say of its people. All invented."""

from datetime import date, timedelta

from care.entries import Given, open_entry, recognise_entry
from care.models import Entry, RegisterCode
from care.registers import REGISTERS
from config.demo import families
from members.bonds import TO_ORGANISATIONS
from members.enums import CategoryKind
from members.models import Account, Person
from members.services import membership_on

OF_KIND = {
    CategoryKind.HARDSHIP: RegisterCode.DIFFICULTY,
    CategoryKind.BEREAVED: RegisterCode.HOUSEHOLD,
    CategoryKind.INJURED: RegisterCode.INJURED,
    CategoryKind.ELDERLY: RegisterCode.ELDERLY,
    CategoryKind.POSTED: RegisterCode.POSTING,
    CategoryKind.SERIOUS_ILLNESS: RegisterCode.ILLNESS,
}
"""The register that writes a category."""

FACTS = {
    RegisterCode.DIFFICULTY: (
        ("比较困难", {
            "causes": ["家庭成员重病", "劳动技能不强"], "main_cause": "家庭成员重病", "economy": "低收入",
            "civil": "低保边缘家庭", "marks": ["病"], "detail": "配偶长期透析，自付部分较高。", "health": "一般",
            "household": 4, "monthly": 91500, "housing": "单位公房两居室",
            "family": [
                {"name": "吴春梅", "relation": "配偶", "born": "1973-02", "health": "重大疾病", "work": "无业"},
                {"name": "孙悦", "relation": "女儿", "born": "2006-05", "health": "健康", "work": "大学二年级"},
            ],
            "needs": "医药费、女儿助学贷款", "measures": "结对帮扶，每季走访；协调助学贷款",
            "benefits": [{"kind": "医保", "since": "2024-01-01", "last": None}],
        }),
        ("一般困难", {
            "causes": ["失业"], "main_cause": "失业", "economy": "低收入", "health": "健康", "household": 3,
            "monthly": 118000, "detail": "配偶下岗后一直没有稳定工作。", "needs": "配偶就业",
            "measures": "联系就业培训",
        }),
        ("特别困难", {
            "causes": ["本人重病", "丧失劳动能力"], "main_cause": "本人重病", "economy": "低退休工资",
            "civil": "低保对象", "marks": ["独", "病"], "health": "重大疾病", "household": 1, "monthly": 68000,
            "needs": "日常照料", "measures": "联系社区助餐，每月上门",
        }),
    ),
    **families.FACTS,
}  # fmt: skip
"""By register, the grade and the facts of its entries, in turn."""


PUNISHED = (
    ("严重警告", {"decided_by": "局纪委", "document": "局纪〔{year}〕4 号", "reason": "违反工作纪律，造成不良影响。"}),
    (
        "留党察看一年",
        {"decided_by": "局纪委", "document": "局纪〔{year}〕2 号", "reason": "违反生活纪律，情节较重。"},
    ),
)
"""Punishments of the demo: what was decided, and by whom."""


def enter_punishment(by: Account | None, person: Person, which: int, *, since: date, today: date) -> Entry:
    """A member bears a punishment from ``since`` on; entered and announced ten days later."""
    grade, facts = PUNISHED[which]
    facts = {name: words.format(year=since.year) for name, words in facts.items()}
    days = {"decided_on": since.isoformat(), "announced_on": (since + timedelta(days=10)).isoformat()}
    given = Given({**facts, **days}, grade)
    return open_entry(
        by=by, register=REGISTERS[RegisterCode.DISCIPLINE], person=person, since=since, given=given, today=today
    )  # fmt: skip


def enter_belonging(by: Account | None, person: Person, kind: str, *, since: date, basis: str, today: date) -> Entry:
    """A member stands in the register of a category from ``since`` on, recognised where the register asks for that."""
    register = REGISTERS[OF_KIND[kind]]
    grade, facts = FACTS[register.code][person.pk % len(FACTS[register.code])]
    stay = membership_on(person, since)
    to = stay.organisation if register.tie in TO_ORGANISATIONS else None
    entry = open_entry(
        by=by, register=register, person=person, since=since, given=Given(facts, grade), today=today, to=to
    )
    if register.recognised:
        recognise_entry(by=None, entry=entry, on=since, organisation=basis, grade=grade, today=today)
    return entry
