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
            "causes": ["family_illness", "unskilled"], "main_cause": "family_illness", "cause_note": "配偶长期透析",
            "economy": "low_income", "civil": "borderline", "civil_until": "2027-12-31", "marks": ["sick"],
            "annual": [], "detail": "配偶长期透析，自付部分较高。", "health": "fair", "source": "工资",
            "own_income": 320000, "housing": "单位公房两居室",
            "family": [
                {"name": "吴春梅", "relation": "spouse", "born": "1973-02", "health": "serious", "work": "无业",
                 "income": 0},
                {"name": "孙悦", "relation": "daughter", "born": "2006-05", "health": "healthy", "work": "大学二年级",
                 "income": 0},
                {"name": "李桂兰", "relation": "mother", "born": "1944", "health": "chronic", "work": "",
                 "income": 46000},
            ],
            "needs": "医药费、女儿助学贷款", "measures": "结对帮扶，每季走访；协调助学贷款",
            "benefits": [
                {"kind": "medical", "since": "2024-01-01", "last": None},
                {"kind": "holiday", "since": "2026-01-20", "last": "2026-01-20"},
            ],
        }),
        ("一般困难", {
            "causes": ["unemployed"], "main_cause": "unemployed", "economy": "low_income", "health": "healthy",
            "source": "工资", "own_income": 354000, "detail": "配偶下岗后一直没有稳定工作。", "needs": "配偶就业",
            "family": [
                {"name": "刘芳", "relation": "spouse", "born": "1980-09", "health": "healthy", "work": "待业",
                 "income": None},
            ],
            "measures": "联系就业培训",
        }),
        ("特别困难", {
            "causes": ["own_illness", "unable"], "main_cause": "own_illness", "economy": "low_pension",
            "civil": "allowance", "civil_until": "2025-12-31", "marks": ["childless", "sick", "alone"],
            "annual": ["urban_allowance"], "health": "serious", "source": "退休金", "own_income": 68000,
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
