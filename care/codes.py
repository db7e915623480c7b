"""Closed lists of the registries of hardship and family, and how sheets spell them. Pure.

Values go into the database, labels are those of the official form or standard named at each list, in its order. What a
word means is never guessed: what may mean two things is no spelling (:mod:`ledgers.spelling` reads them).
"""

from collections.abc import Iterable

from django.db.models import TextChoices

from base.cells import key_of


class EconomicState(TextChoices):
    """经济状况 of the official form 困难情况 (domain.md 2.5)."""

    LOW_INCOME = "low_income", "低收入"
    NO_INSURANCE = "no_insurance", "无社保"
    LOW_PENSION = "low_pension", "低退休工资"
    OTHER = "other", "其他"


class HealthState(TextChoices):
    """身体健康情况 of the same form."""

    HEALTHY = "healthy", "健康"
    FAIR = "fair", "一般"
    CHRONIC = "chronic", "慢性病"
    SERIOUS = "serious", "重大疾病"
    SPEECH = "speech", "言语残疾"
    LIMB = "limb", "肢体残疾"
    MENTAL = "mental", "精神残疾"
    DISABLED = "disabled", "其他残疾"


class Cause(TextChoices):
    """生活困难原因 of the same form: the first of two levels, the second is a short text. Several may hold at once."""

    OWN_ILLNESS = "own_illness", "本人重病"
    FAMILY_ILLNESS = "family_illness", "家庭成员重病"
    UNEMPLOYED = "unemployed", "失业"
    UNSKILLED = "unskilled", "劳动技能不强"
    UNABLE = "unable", "丧失劳动能力"
    ACCIDENT = "accident", "本人或家庭成员发生重大事故"
    DISASTER = "disaster", "遭受自然灾害"
    OTHER = "other", "其他"


class AidForm(TextChoices):
    """帮扶形式 of the same form, numbered 1–10 there. None at all is 未享受."""

    ALLOWANCE = "allowance", "低保"
    MEDICAL = "medical", "医保"
    INSURANCE = "insurance", "社保"
    HOLIDAY = "holiday", "节日慰问"
    SPECIAL = "special", "专项慰问"
    FUND = "fund", "生活困难党员专项帮扶资金"
    DONATION = "donation", "捐赠"
    PAIRING = "pairing", "结对帮扶"
    TRAINING = "training", "就业培训"
    OTHER = "other", "其他"

    @property
    def number(self) -> int:
        """The form's own number."""
        return list(type(self)).index(self) + 1


class CivilClass(TextChoices):
    """民政认定的低收入人口类别 since 2023–24. It expires, and is not the same as 困难 (domain.md 2.5)."""

    ALLOWANCE = "allowance", "低保对象"
    DESTITUTE = "destitute", "特困人员"
    BORDERLINE = "borderline", "低保边缘家庭"
    RIGID_SPENDING = "rigid_spending", "刚性支出困难家庭"
    MONITORED = "monitored", "防止返贫监测对象"
    OTHER = "other", "其他"


class Level(TextChoices):
    """困难程度, as universities grade it."""

    SEVERE = "severe", "特别困难"
    CONSIDERABLE = "considerable", "比较困难"
    ORDINARY = "ordinary", "一般困难"


class Mark(TextChoices):
    """鳏寡孤独 and 老弱病残 are eight tags and not two; 独居 is none of them, nor is 失独 (domain.md 2.5)."""

    WIDOWER = "widower", "鳏"
    WIDOW = "widow", "寡"
    ORPHAN = "orphan", "孤"
    CHILDLESS = "childless", "独"
    OLD = "old", "老"
    FRAIL = "frail", "弱"
    SICK = "sick", "病"
    DISABLED = "disabled", "残"
    ALONE = "alone", "独居"
    BEREFT = "bereft", "失独"

    @property
    def hint(self) -> str:
        """What the tag means, for a form: one character says too little."""
        return _HINTS[self]


_HINTS = {
    Mark.WIDOWER: "男，无妻或丧妻", Mark.WIDOW: "女，丧夫",
    Mark.ORPHAN: "没有父母和近亲照顾", Mark.CHILDLESS: "没有子女赡养",
    Mark.OLD: "年老", Mark.FRAIL: "体弱", Mark.SICK: "长期患病", Mark.DISABLED: "有残疾",
    Mark.ALONE: "一个人住", Mark.BEREFT: "独生子女去世",
}  # fmt: skip

MARK_GROUPS = (
    ("鳏寡孤独", (Mark.WIDOWER, Mark.WIDOW, Mark.ORPHAN, Mark.CHILDLESS)),
    ("老弱病残", (Mark.OLD, Mark.FRAIL, Mark.SICK, Mark.DISABLED)),
    ("其他", (Mark.ALONE, Mark.BEREFT)),
)
"""The tags as registers group them (中办发〔2019〕11号第十四条; 独居: 川文理委〔2020〕24号第三部分)."""
if [mark for _, marks in MARK_GROUPS for mark in marks] != list(Mark) or set(_HINTS) != set(Mark):
    raise ImportError("MARK_GROUPS and _HINTS must name every Mark once")


class AnnualFlag(TextChoices):
    """What the annual statistics of members ask besides hardship itself (domain.md 2.4, forms.md b1)."""

    URBAN_ALLOWANCE = "urban_allowance", "享受城镇最低生活保障费"
    VETERAN_BENEFITS = "veteran_benefits", "享受优抚对象抚恤补助"
    NEVER_EMPLOYED = "never_employed", "建国前入党没有工作老党员"


class Relation(TextChoices):
    """家庭成员与本人关系: those of GB/T 4761-2008 that a family card needs, in its order."""

    SPOUSE = "spouse", "配偶"
    SON = "son", "子"
    SON_IN_LAW = "son_in_law", "女婿"
    DAUGHTER = "daughter", "女"
    DAUGHTER_IN_LAW = "daughter_in_law", "儿媳"
    GRANDCHILD = "grandchild", "孙子女、外孙子女"
    FATHER = "father", "父亲"
    MOTHER = "mother", "母亲"
    HUSBANDS_FATHER = "husbands_father", "公公"
    HUSBANDS_MOTHER = "husbands_mother", "婆婆"
    WIFES_FATHER = "wifes_father", "岳父"
    WIFES_MOTHER = "wifes_mother", "岳母"
    GRANDPARENT = "grandparent", "祖父母、外祖父母"
    SIBLING = "sibling", "兄弟姐妹"
    RELATIVE = "relative", "其他亲属"
    UNRELATED = "unrelated", "非亲属"


CHILDREN = (Relation.SON, Relation.DAUGHTER)


class Schooling(TextChoices):
    """学历, the classes of GB/T 4658-2006."""

    POSTGRADUATE = "postgraduate", "研究生教育"
    UNDERGRADUATE = "undergraduate", "大学本科教育"
    COLLEGE = "college", "大学专科教育"
    VOCATIONAL = "vocational", "中等职业教育"
    SENIOR = "senior", "普通高级中学教育"
    JUNIOR = "junior", "初级中学教育"
    PRIMARY = "primary", "小学教育"
    OTHER = "other", "其他"


class Degree(TextChoices):
    """学位, the levels of GB/T 6864-2003."""

    HONORARY_DOCTOR = "honorary_doctor", "名誉博士"
    DOCTOR = "doctor", "博士"
    MASTER = "master", "硕士"
    BACHELOR = "bachelor", "学士"


LISTS: tuple[type[TextChoices], ...] = (
    EconomicState, HealthState, Cause, AidForm, CivilClass, Level, Mark, AnnualFlag, Relation, Schooling, Degree,
)  # fmt: skip
"""All lists of this module, which are all that can be read."""

ALSO: dict[type[TextChoices], dict[TextChoices, str]] = {
    EconomicState: {
        EconomicState.LOW_INCOME: "收入低 收入偏低",
        EconomicState.NO_INSURANCE: "没有社保 未参加社保 无社会保险",
        EconomicState.LOW_PENSION: "退休工资低 退休金低 低退休金",
        EconomicState.OTHER: "其它",
    },
    HealthState: {
        HealthState.HEALTHY: "良好 健康或良好 身体健康",
        HealthState.FAIR: "较弱 一般或较弱",
        HealthState.CHRONIC: "有慢性病 慢病 患慢性病",
        HealthState.SERIOUS: "重病 大病 重疾 患重病 患大病 严重疾病",
        HealthState.SPEECH: "言语残",
        HealthState.LIMB: "肢残 肢体残",
        HealthState.MENTAL: "精神残",
        HealthState.DISABLED: "视力残疾 听力残疾 智力残疾 多重残疾",
    },
    Cause: {
        Cause.OWN_ILLNESS: "本人患重病 本人大病 本人重大疾病",
        Cause.FAMILY_ILLNESS: "家庭成员患重病 家人重病 家属重病 家庭成员大病",
        Cause.UNEMPLOYED: "下岗 下岗失业 待业",
        Cause.UNSKILLED: "缺技术 缺劳动技能",
        Cause.UNABLE: "无劳动能力 丧失劳动力",
        Cause.ACCIDENT: "重大事故 发生重大事故",
        Cause.DISASTER: "自然灾害 因灾 受灾",
        Cause.OTHER: "其它 其他原因",
    },
    AidForm: {
        AidForm.ALLOWANCE: "享受低保 最低生活保障",
        AidForm.MEDICAL: "医疗保险",
        AidForm.INSURANCE: "社会保险",
        AidForm.HOLIDAY: "节日走访慰问",
        AidForm.FUND: "专项帮扶资金 困难党员帮扶资金",
        AidForm.DONATION: "捐款 捐助 捐款捐物",
        AidForm.PAIRING: "结对",
        AidForm.TRAINING: "技能培训",
        AidForm.OTHER: "其它",
    },
    CivilClass: {
        CivilClass.ALLOWANCE: "低保 低保户 低保家庭 最低生活保障对象 最低生活保障家庭",
        CivilClass.DESTITUTE: "特困 特困供养 特困供养人员 五保 五保户 特困救助供养人员",
        CivilClass.BORDERLINE: "低保边缘 低保边缘户 最低生活保障边缘家庭",
        CivilClass.RIGID_SPENDING: "刚性支出困难 支出型困难家庭",
        CivilClass.MONITORED: "防返贫监测对象 防止返贫监测户",
        CivilClass.OTHER: "其它",
    },
    Level: {
        Level.SEVERE: "特别困难党员",
        Level.CONSIDERABLE: "较困难 比较困难党员",
        Level.ORDINARY: "一般困难党员",
    },
    Mark: {
        Mark.WIDOWER: "鳏夫",
        Mark.WIDOW: "寡妇",
        Mark.ORPHAN: "孤儿",
        Mark.OLD: "年老",
        Mark.FRAIL: "体弱",
        Mark.SICK: "患病",
        Mark.DISABLED: "残疾",
        Mark.ALONE: "独自居住 独居老人",
        Mark.BEREFT: "失独家庭",
    },
    AnnualFlag: {
        AnnualFlag.URBAN_ALLOWANCE: "城镇低保 享受城镇低保",
        AnnualFlag.VETERAN_BENEFITS: "享受优抚 优抚",
        AnnualFlag.NEVER_EMPLOYED: "建国前没有工作老党员",
    },
    Relation: {
        Relation.SPOUSE: "夫妻 夫 妻 丈夫 妻子 爱人",
        Relation.SON: "儿子 独生子 长子 次子 三子 四子 五子 养子 继子 之子",
        Relation.DAUGHTER: "女儿 独生女 长女 次女 二女 三女 四女 五女 养女 继女 之女",
        Relation.DAUGHTER_IN_LAW: "儿媳妇",
        Relation.GRANDCHILD: "孙子 孙女 外孙 外孙子 外孙女",
        Relation.FATHER: "父 爸爸 养父 继父",
        Relation.MOTHER: "母 妈妈 养母 继母",
        Relation.GRANDPARENT: "祖父 祖母 爷爷 奶奶 外祖父 外祖母 外公 外婆 姥爷 姥姥",
        Relation.SIBLING: "兄 弟 姐 妹 哥哥 弟弟 姐姐 妹妹 兄弟 姐妹 兄长",
        Relation.RELATIVE: "亲属 其他 其它",
    },
    Schooling: {
        Schooling.POSTGRADUATE: "研究生 博士研究生 硕士研究生 在职研究生",
        Schooling.UNDERGRADUATE: "本科 大学本科 全日制本科 在职本科",
        Schooling.COLLEGE: "大专 专科 大学专科 高职",
        Schooling.VOCATIONAL: "中专 中等专科 中技 技校 职高 职业高中 中职",
        Schooling.SENIOR: "高中 普通高中",
        Schooling.JUNIOR: "初中",
        Schooling.PRIMARY: "小学",
        Schooling.OTHER: "其它",
    },
    Degree: {
        Degree.HONORARY_DOCTOR: "名誉博士学位",
        Degree.DOCTOR: "博士学位",
        Degree.MASTER: "硕士学位",
        Degree.BACHELOR: "学士学位",
    },
}
"""Other spellings found in sheets, parted by spaces. What may mean two things is left out on purpose: 残疾 of a state
of health, 孤寡, 丧偶, 特困 of a level, 大学, 媳妇. By list, since equal values of two lists are one key (``other``)."""


def spellings(member: TextChoices) -> Iterable[str]:
    """The label of a member of :data:`LISTS`, and whatever else sheets write for it."""
    yield from (member.label, *ALSO[type(member)].get(member, "").split())
    if isinstance(member, AidForm):
        yield from (str(member.number), f"{member.number}{member.label}", f"{member.number}.{member.label}")


def _check() -> None:
    for choices in LISTS:
        words: dict[str, TextChoices] = {}
        for member in choices:
            for spelling in map(key_of, spellings(member)):
                if words.setdefault(spelling, member) is not member:
                    raise ImportError(f"{choices.__name__}: “{spelling}” means two things")


if set(ALSO) != set(LISTS):
    raise ImportError("ALSO must name every list")
_check()
