"""困难党员: who is in difficulty and why, since when, and what is done about it (central measures 13, M25–M27)."""

from django import forms

from care.models import Entry, RegisterCode
from care.register import EntryForm, Register, Section, count, day, one_of, some_of, table, words, yes_no, yuan
from members.enums import CategoryKind

CAUSES = (
    "本人重病", "家庭成员重病", "失业", "劳动技能不强", "丧失劳动能力", "本人或家庭成员发生重大事故", "遭受自然灾害",
    "其他",
)  # fmt: skip
ECONOMY = ("低收入", "无社保", "低退休工资", "其他")
HEALTH = ("健康", "一般", "慢性病", "重大疾病", "言语残疾", "肢体残疾", "精神残疾", "其他残疾")
CIVIL = ("低保对象", "特困人员", "低保边缘家庭", "刚性支出困难家庭", "防止返贫监测对象", "其他")
MARKS = ("鳏", "寡", "孤", "独", "老", "弱", "病", "残")
HELP = (
    "低保", "医保", "社保", "节日慰问", "专项慰问", "生活困难党员专项帮扶资金", "捐赠", "结对帮扶", "就业培训", "其他",
)  # fmt: skip
DEGREES = ("特别困难", "比较困难", "一般困难")


class Relative(forms.Form):
    """One of the household."""

    name = words("姓名", most=20, required=True)
    relation = words("关系", most=10, required=True)
    born = words("出生年月", most=10)
    health = one_of("健康", HEALTH)
    work = words("从业就学", most=30)
    income = yuan("月收入（元）")


class Benefit(forms.Form):
    """Help that the member has already."""

    kind = one_of("帮扶形式", HELP, required=True)
    since = day("起")
    last = day("止")


class DifficultyForm(EntryForm):
    """What is asked about a difficulty, as the national information set and the local forms have it."""

    causes = some_of("致困原因", CAUSES, required=True)
    main_cause = one_of("主要原因", CAUSES)
    economy = one_of("经济状况", ECONOMY)
    civil = one_of("民政认定类别", CIVIL, blank="没有认定")
    civil_until = day("民政认定到期")
    marks = some_of("特殊情形", MARKS)
    detail = words("具体情况", most=1000, lines=3, hint="加密保存。可以写病情、收入等。")
    health = one_of("健康状况", HEALTH)
    household = count("家庭人口", most=30)
    monthly = yuan("家庭人均月收入（元）")
    family = table("家庭成员", Relative)
    housing = words("居住情况", most=100)
    needs = words("需要什么", most=500, lines=2)
    measures = words("帮扶措施", most=500, lines=2)
    benefits = table("已享受的帮扶", Benefit)
    allowance = yes_no("享受优抚补助")

    sections = (
        Section("困难情况", ("causes", "main_cause", "economy", "civil", "civil_until", "marks", "detail")),
        Section("家庭与收入", ("health", "household", "monthly", "family", "housing")),
        Section("需要和措施", ("needs", "measures", "benefits", "allowance")),
    )
    private = frozenset({"detail", "health", "monthly", "family", "housing", "needs"})


def _kinds(entry: Entry) -> dict[CategoryKind, str]:
    kinds = {CategoryKind.HARDSHIP: entry.grade}
    return kinds | ({CategoryKind.LAID_OFF: ""} if "失业" in entry.facts.get("causes", ()) else {})


DIFFICULTY = Register(
    code=RegisterCode.DIFFICULTY,
    title="困难党员台账",
    noun="生活困难",
    lead="谁有困难、为什么、谁负责、做了什么。上级认定以后才计入困难党员。",
    form=DifficultyForm,
    grades=DEGREES,
    kinds=_kinds,
    closings=("已经脱困", "转由民政等部门保障", "情况不实", "其他"),
    columns=("causes", "economy"),
    review_days=180,
    recognised=True,
)
