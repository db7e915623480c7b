"""因公牺牲家庭: one file a household, person by person, kept with the dead member (central measures 12, M30–M31)."""

from dataclasses import dataclass
from datetime import date

from django import forms

from base.cells import ReadDay, day_of, day_text
from care.children import OF_AGE, allowance_years, is_under_fourteen, last_day_under_age
from care.codes import CHILDREN, Relation
from care.models import Entry, RegisterCode
from care.register import EntryForm, Register, Section, Told, day, day_or_less, one_of, table, words, yes_no
from members.enums import CategoryKind
from members.models import Membership

HONOURS = ("烈士", "见义勇为", "正在申报", "不符合条件")
TITLE = "未成年子女生活补助"
GROWN = "已成年"


class Relative(forms.Form):
    """One of the household. Being a member himself changes nothing here: as a member he has entries of his own."""

    name = words("姓名", most=20, required=True)
    relation = one_of("关系", Relation, required=True, blank="请选择")
    born = day_or_less("出生年月")
    income = words("经济来源", most=60)
    pension = words("养老", most=60)
    medical = words("就医", most=60)
    schooling = words("就学", most=60)
    work = words("就业", most=60)
    health = words("健康", most=60)
    needs = words("困难和需求", most=200)
    member = yes_no("是党员")


class HouseholdForm(EntryForm):
    """What is asked about the family of a member who died on duty."""

    cause = words("牺牲事由", most=300, required=True, lines=2)
    found_by = words("认定单位", most=60)
    found_on = day("认定日期")
    document = words("认定文号", most=60)
    honour = one_of("烈士、见义勇为评定", HONOURS, blank="还没有办")
    honour_document = words("评定文号", most=60)
    family = table("家庭成员", Relative, hint="逐人填写：父母、配偶、子女。子女写出生年月，未成年的每年有生活补助。")
    address = words("家庭住址", most=120)
    phone = words("家属电话", most=40)
    support = words("持续帮扶", most=500, lines=2, hint="赡养老人、抚养未成年子女有什么困难，怎么帮。")

    sections = (
        Section("牺牲和评定", ("cause", "found_by", "found_on", "document", "honour", "honour_document")),
        Section("家庭", ("family", "address", "phone", "support")),
    )
    private = frozenset({"family", "address", "phone", "support"})


def _kinds(entry: Entry) -> dict[CategoryKind, str]:
    return {CategoryKind.BEREAVED: ""}


def _check(entry: Entry, today: date) -> dict[str, str]:
    family, refused = entry.private.get("family") or [], {}
    if any(row.get("born", "") > today.isoformat() for row in family):
        refused["family"] = "出生年月晚于今天，请核对。"
    honour = entry.facts.get("honour")
    if entry.facts.get("honour_document") and honour not in HONOURS[:2]:
        refused["honour"] = "填了评定文号，请选评定的是烈士还是见义勇为。"
    return refused


def _allowances(entry: Entry, stay: Membership, on: date) -> tuple[str, list[Told]]:
    """The years in which each child is due an allowance (豫水组〔2020〕55号第十一条), counted from the death."""
    lines = [_allowance(each.name, each.born, stay.since, on) for each in children_of(entry)]
    if not lines:
        return TITLE, []
    grown = all(line[-1] == GROWN for line in lines)
    said = (
        "子女都已成年，不再发放；家庭的档案和联系照旧。"
        if grown
        else f"每年从留存党费中发放，到年满 {OF_AGE} 周岁为止。"
    )
    return TITLE, [Told("发放", said), Told("发放年度", headings=("子女", "出生", "年度", "现在"), rows=lines)]


@dataclass(frozen=True)
class Child:
    """A child of a household as its allowance needs it. ``guardian``: the one spouse in the file, else empty."""

    name: str
    born: ReadDay
    guardian: str


def children_of(entry: Entry) -> list[Child]:
    """The sons and daughters in a household's file."""
    family = entry.private.get("family") or []
    spouses = [row["name"] for row in family if row["relation"] == Relation.SPOUSE]
    guardian = spouses[0] if len(spouses) == 1 else ""
    return [Child(row["name"], day_of(row.get("born", "")), guardian) for row in family if row["relation"] in CHILDREN]


def _allowance(name: str, born: ReadDay, died_on: date, on: date) -> list[str]:
    if born.day is None:
        return [name, "", "", "缺出生年月，请核实"]
    known = born.day, born.precision
    years, last = allowance_years(born.day, died_on, born.precision), last_day_under_age(*known)
    due = "—".join(dict.fromkeys((str(years[0]), str(years[-1])))) if years else "牺牲时已成年"
    now = f"到 {last} 未成年" if on <= last else GROWN
    if is_under_fourteen(born.day, on, born.precision):
        now += "；未满 14 周岁，情况从严保密"
    return [name, day_text(*known), due, now]


HOUSEHOLD = Register(
    code=RegisterCode.HOUSEHOLD,
    title="因公牺牲党员家庭档案",
    noun="家庭",
    lead="因公牺牲党员的家庭，一户一档，逐人建卡，专人联系，定期走访。",
    form=HouseholdForm,
    kinds=_kinds,
    closings=("家庭成员都已去世", "转由其他组织联系", "其他"),
    columns=("honour",),
    review_days=365,
    contact=True,
    follows=_allowances,
    check=_check,
)
