"""The closed vocabulary of regulations: what steps, bodies, exclusions and limits can be."""

from django.db.models import TextChoices

from members.enums import OrganisationKind


class StepKind(TextChoices):
    """What a step of the procedure is (豫水组〔2020〕55号 第15项 names the middle four)."""

    REVIEW = "review", "审核"
    DECISION = "decision", "集体研究"
    NOTICE = "notice", "公示"
    PAYMENT = "payment", "发放"
    RECEIPT = "receipt", "签收"
    RETURN_VISIT = "return_visit", "回访"


class Hand(TextChoices):
    """What no one person does two of for one application; no regulation can loosen it (architecture.md, Money)."""

    APPLY = "apply", "申请"
    REVIEW = "review", "审核"
    DECIDE = "decide", "研究决定"
    PAY = "pay", "发放"


HANDS = {StepKind.REVIEW: Hand.REVIEW, StepKind.PAYMENT: Hand.PAY}
"""Which hand takes a step. A decision is the vote of a meeting (its voters are :attr:`Hand.DECIDE`); who writes its
minutes, posts a notice, files a receipt or pays a return visit does clerical work."""


class Body(TextChoices):
    """Who decides as a body; never one person (中组发〔2008〕3号 第二十条)."""

    BRANCH_MEETING = "branch_meeting", "支部党员大会"
    BRANCH_COMMITTEE = "branch_committee", "支部委员会"
    GENERAL_BRANCH_COMMITTEE = "general_branch_committee", "党总支委员会"
    DEPARTMENT = "department", "组织部部务会"
    STANDING_COMMITTEE = "standing_committee", "党委常委会"
    COMMITTEE = "committee", "党委会"
    LEADING_GROUP = "leading_group", "党组会"


class Fraction(TextChoices):
    """How large a part of a body must be there, or agree."""

    HALF = "half", "半数以上（含半数）"
    OVER_HALF = "over_half", "超过半数"
    TWO_THIRDS = "two_thirds", "三分之二以上（含三分之二）"

    def reached(self, part: int, whole: int) -> bool:
        """Whether ``part`` of ``whole`` people is enough. Whole numbers only: no fraction is rounded."""
        if self is Fraction.OVER_HALF:
            return part * 2 > whole
        return part * 2 >= whole if self is Fraction.HALF else part * 3 >= whole * 2


class Ground(TextChoices):
    """Why somebody who fits is not paid. It bars from money alone, never from talks and visits."""

    ELSEWHERE = "elsewhere", "组织关系不在本单位"
    ABSENT = "absent", "连续不参加组织生活、不交党费或不做党分配的工作"
    UNQUALIFIED = "unqualified", "民主评议不合格"
    INVESTIGATED = "investigated", "正在接受立案审查"
    SANCTIONED = "sanctioned", "在处分影响期内"
    FALSE_PAPERS = "false_papers", "提供虚假材料"
    HELPED_ELSEWHERE = "helped_elsewhere", "同一事由已由别的单位帮扶"


class Limit(TextChoices):
    """What a cap counts together."""

    APPLICATION = "application", "每次申请"
    PERSON_YEAR = "person_year", "每人每年"
    HOUSEHOLD_YEAR = "household_year", "每户每年"
    FUND_YEAR = "fund_year", "全部资金每年"


class DayCount(TextChoices):
    """Which days a notice period counts."""

    WORKING = "working", "工作日"
    CALENDAR = "calendar", "自然日"


LEVELS = (OrganisationKind.BRANCH, OrganisationKind.GENERAL_BRANCH, OrganisationKind.COMMITTEE)
"""Organisations an application rises through, from below."""


class Use(TextChoices):
    """What money of a fund is spent on."""

    HARDSHIP = "hardship", "生活困难补助"
    ILLNESS = "illness", "重病补助"
    DISASTER = "disaster", "受灾补助"
    VISIT = "visit", "走访慰问"
    CONDOLENCE = "condolence", "亡故慰问"
    CHILDREN = "children", "未成年子女生活补助"
    ELDERLY = "elderly", "老党员生活补贴"
    OTHER = "other", "其他关怀支出"
