"""困难党员: who is in difficulty and why, since when, and what is done about it (central measures 13, M25–M27)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django import forms

from base.fields import in_yuan
from care.codes import AidForm, AnnualFlag, Cause, CivilClass, EconomicState, HealthState, Level, Mark, Relation
from care.models import Entry, RegisterCode
from care.register import (
    EntryForm,
    Register,
    Section,
    Told,
    day,
    one_of,
    some_of,
    table,
    words,
    yuan,
)
from members.enums import CategoryKind
from members.models import Membership

OUT = "已经脱困"


class Relative(forms.Form):
    """One of the household, besides the member."""

    name = words("姓名", most=20, required=True)
    relation = one_of("关系", Relation, required=True)
    born = words("出生年月", most=10)
    health = one_of("健康", HealthState)
    work = words("从业就学", most=30)
    income = yuan("月收入（元）")


class Benefit(forms.Form):
    """Help that the member has already."""

    kind = one_of("帮扶形式", AidForm, required=True)
    since = day("起")
    last = day("止")


class DifficultyForm(EntryForm):
    """What is asked about a difficulty, as the national information set and the local forms have it."""

    causes = some_of("致困原因", Cause, required=True)
    main_cause = one_of("主要原因", Cause)
    cause_note = words("原因简述", most=60, hint="例如：配偶长期透析。加密保存。")
    economy = one_of("经济状况", EconomicState)
    civil = one_of("民政认定类别", CivilClass, blank="没有认定")
    civil_until = day("民政认定到期")
    marks = some_of("特殊情形", Mark, hint="；".join(f"{each.label}：{each.hint}" for each in Mark))
    annual = some_of("年度统计项目", AnnualFlag)
    detail = words("具体情况", most=1000, lines=3, hint="加密保存。可以写病情、收入等。")
    health = one_of("健康状况", HealthState)
    source = words("本人收入来源", most=60)
    own_income = yuan("本人月收入（元）", hint="没有收入填 0，人均收入由系统算。")
    family = table("家庭成员", Relative, hint="本人以外的每人一行，没有收入填 0。")
    housing = words("居住情况", most=100)
    living = words("生产生活情况", most=500, lines=2)
    needs = words("需要什么", most=500, lines=2)
    measures = words("帮扶措施", most=500, lines=2, hint="写大的安排；谁在哪天前办，保存以后在条目里布置任务。")
    benefits = table("已享受的帮扶", Benefit)
    remark = words("备注", most=200)

    sections = (
        Section("困难情况", (
            "causes", "main_cause", "cause_note", "economy", "civil", "civil_until", "marks", "annual", "detail",
        )),
        Section("家庭与收入", ("health", "source", "own_income", "family", "housing", "living")),
        Section("需要和措施", ("needs", "measures", "benefits", "remark")),
    )  # fmt: skip
    private = frozenset({
        "cause_note", "detail", "health", "source", "own_income", "family", "housing", "living", "needs", "remark",
    })  # fmt: skip
    lapses = {"civil": "civil_until"}


@dataclass(frozen=True)
class Income:
    """What a household has in a month: sums in fen, ``unknown`` of the ``people`` without a figure."""

    people: int
    own: int
    others: int
    unknown: int

    @property
    def sum(self) -> int:
        return self.own + self.others

    @property
    def each(self) -> int | None:
        """Fen a head, half a fen rounded up; ``None`` while somebody's income is not known."""
        return None if self.unknown else (2 * self.sum + self.people) // (2 * self.people)

    @property
    def words(self) -> str:
        """The sum and how it comes about."""
        if self.each is None:
            return f"{self.people} 口人里有 {self.unknown} 人没有填月收入，还算不出人均。"
        parts = f"本人 {in_yuan(self.own)} ＋ 家庭成员 {in_yuan(self.others)} ＝ {in_yuan(self.sum)}"
        return f"{in_yuan(self.each)} 元（{parts}，÷ {self.people} 人）"


def income_of(private: Mapping) -> Income:
    """The household's income from the private facts of an entry: the member, and everybody in the table."""
    own, others = private.get("own_income"), [row.get("income") for row in private.get("family") or ()]
    known = [each for each in others if each is not None]
    return Income(1 + len(others), own or 0, sum(known), len(others) - len(known) + (own is None))


def _follows(entry: Entry, stay: Membership, on: date) -> tuple[str, list[Told]]:
    """Income a head; and whom of the household the branch has a member by the name of."""
    relatives = [row["name"] for row in entry.private.get("family") or ()]
    lines = []
    if relatives or entry.private.get("own_income") is not None:
        lines.append(Told("家庭人均月收入", income_of(entry.private).words))
    if relatives:
        namesakes = Membership.objects.on(on).filter(organisation=stay.organisation_id, person__name__in=relatives)
        names = namesakes.exclude(person=entry.person_id).order_by("person__name")
        if found := "、".join(dict.fromkeys(names.values_list("person__name", flat=True))):
            lines.append(Told("本支部有同名党员", f"{found}。如果是同一人，也看看他自己要不要关怀。"))
    return "算出来的", lines


def _kinds(entry: Entry) -> dict[CategoryKind, str]:
    kinds = {CategoryKind.HARDSHIP: entry.grade}
    return kinds | ({CategoryKind.LAID_OFF: ""} if Cause.UNEMPLOYED in entry.facts.get("causes", ()) else {})


def _check(entry: Entry, today: date) -> dict[str, str]:
    facts, refused = entry.facts, {}
    if facts.get("main_cause") and facts["main_cause"] not in facts.get("causes", ()):
        refused["main_cause"] = "主要原因没有在致困原因里勾选，请补勾或改选。"
    if facts.get("civil_until") and not facts.get("civil"):
        refused["civil_until"] = "填了到期日，请选民政认定类别。"
    for number, row in enumerate(facts.get("benefits") or (), start=1):
        if row.get("since") and row.get("last") and row["last"] < row["since"]:
            refused["benefits"] = f"第 {number} 行：止 {row['last']} 早于起 {row['since']}，请核对。"
    return refused


DIFFICULTY = Register(
    code=RegisterCode.DIFFICULTY,
    title="困难党员台账",
    noun="生活困难",
    lead="谁有困难、为什么、谁负责、做了什么。上级认定以后才计入困难党员。",
    form=DifficultyForm,
    grades=tuple(Level.labels),
    kinds=_kinds,
    closings=(OUT, "转由民政等部门保障", "情况不实", "其他"),
    columns=("causes", "economy"),
    review_days=180,
    recognised=True,
    follows=_follows,
    reports=("difficulty_reports", "半年上报"),
    check=_check,
)
