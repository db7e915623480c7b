"""处分影响期: how long a punishment bears on a member, and how rights come back (domain.md 2.3). Pure.

The tables follow 《中国共产党纪律处分条例》 as revised in 2023, in force since 2024-01-01 (条例 below). An end that is
computed here is a proposal: the discipline body's own day (``Punishment.ends_on``) takes its place, because the
regulations give lengths and not the way to count them to the day. We count by the civil code (民法典 201、202 条): the
day a decision takes effect is not counted, the term ends with the corresponding day. Some handbooks end a day earlier.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from django.db.models import TextChoices

from base.dates import months_later
from members.enums import Standing


class PunishmentKind(TextChoices):
    """纪律处分 a full member can receive, from the lightest to the gravest (条例第八条)."""

    WARNING = "warning", "警告"
    SERIOUS_WARNING = "serious_warning", "严重警告"
    SERIOUS_WARNING_INSTEAD = "serious_warning_instead", "严重警告（代替撤销党内职务）"
    REMOVAL_FROM_POSTS = "removal_from_posts", "撤销党内职务"
    PROBATION_ONE_YEAR = "probation_one_year", "留党察看一年"
    PROBATION_TWO_YEARS = "probation_two_years", "留党察看两年"
    EXPULSION = "expulsion", "开除党籍"


@dataclass(frozen=True)
class PunishmentRule:
    """What the regulations say of one kind: months of 留党察看, months of influence, and where."""

    influence_months: int | None
    """影响期; ``None`` of expulsion, which has none because the membership is over."""
    article: str
    term_months: int = 0
    """The term of 留党察看 itself, which comes before its influence."""


PUNISHMENTS = {
    PunishmentKind.WARNING: PunishmentRule(12, "条例第十条"),
    PunishmentKind.SERIOUS_WARNING: PunishmentRule(18, "条例第十条"),
    PunishmentKind.SERIOUS_WARNING_INSTEAD: PunishmentRule(24, "条例第十一条"),
    PunishmentKind.REMOVAL_FROM_POSTS: PunishmentRule(24, "条例第十一条"),
    PunishmentKind.PROBATION_ONE_YEAR: PunishmentRule(24, "条例第十二条", term_months=12),
    PunishmentKind.PROBATION_TWO_YEARS: PunishmentRule(24, "条例第十二条", term_months=24),
    PunishmentKind.EXPULSION: PunishmentRule(None, "条例第十三条"),
}
if set(PUNISHMENTS) != set(PunishmentKind):
    raise ImportError("PUNISHMENTS must name every PunishmentKind")

PROBATION = (PunishmentKind.PROBATION_ONE_YEAR, PunishmentKind.PROBATION_TWO_YEARS)
"""留党察看 of either length."""

EXTENSION_MONTHS = 12
"""留党察看一年 may be extended by this once; no term is longer than two years (条例第十二条)."""

REJOIN_MONTHS = 60
"""For so long nobody who was expelled may join again; some may never (条例第十三条)."""

_GRAVITY = {kind: place for place, kind in enumerate(PunishmentKind)}


class ProbationaryMeasure(TextChoices):
    """What a probationary member gets in place of every punishment above (条例第三十六条)."""

    CRITICISM = "criticism", "批评教育"
    LONGER_PROBATION = "longer_probation", "延长预备期"
    PROBATION_ENDED = "probation_ended", "取消预备党员资格"


def can_be_punished(standing: str) -> bool:
    """Whether a member of this standing can receive a :class:`PunishmentKind`: all but probationary ones."""
    return standing != Standing.PROBATIONARY


@dataclass(frozen=True)
class Punishment:
    """One decision on one member.

    :raises ValueError: with a sentence for the reader, if the days or the extension cannot be.
    """

    kind: PunishmentKind
    effective_on: date
    """生效日: the day the competent organisation decided as a body; not the paper's day, not the announcement's
    (《处分违纪党员批准权限和程序规定》第五条)."""
    is_extended: bool = False
    """留党察看一年 was extended by a year."""
    is_restored: bool = False
    """After 留党察看 it was decided that rights are restored; they count from the day the term expired."""
    ends_on: date | None = None
    """The last day of influence as the discipline body gave it, in place of the computed one."""

    def __post_init__(self):
        if self.is_extended and self.kind != PunishmentKind.PROBATION_ONE_YEAR:
            raise ValueError("只有留党察看一年可以延长，而且只能延长一年，合计不超过两年。")
        if self.is_restored and self.kind not in PROBATION:
            raise ValueError("只有留党察看期满才需要恢复党员权利。")
        if self.ends_on and self.kind == PunishmentKind.EXPULSION:
            raise ValueError("开除党籍没有影响期，不填截止日期。")
        if self.ends_on and self.ends_on < self.effective_on:
            raise ValueError("影响期的最后一天不能早于处分生效日。")

    @property
    def expires_on(self) -> date | None:
        """The day 留党察看 expires, extension included, which is the day rights are restored from; else ``None``."""
        months = PUNISHMENTS[self.kind].term_months + EXTENSION_MONTHS * self.is_extended
        return months_later(self.effective_on, months) if months else None


@dataclass(frozen=True)
class Influence:
    """How long one punishment bears on the member, after what was left of earlier ones."""

    punishment: Punishment
    starts: date
    """生效日, with which the restrictions begin."""
    rights_lost_until: date | None
    """Of 留党察看, the day its term expires: from this day on rights count again once that is decided."""
    counts_from: date
    """Where the count begins: 生效日, or the restoration of rights, its own or that of an earlier 留党察看."""
    ends: date
    """The last day of influence."""
    is_provisional: bool
    """``ends`` supposes that rights will be restored when the term expires; an extension would move it."""

    @property
    def until(self) -> date:
        """The first day without influence: the open end that intervals of the product are kept with."""
        return self.ends + timedelta(days=1)

    @property
    def awaits_rights(self) -> bool:
        """It is 留党察看, and the restoration of rights is not decided yet."""
        return self.rights_lost_until is not None and not self.punishment.is_restored

    def runs_on(self, day: date) -> bool:
        """Whether the punishment bears on the member that day; after it nobody is to be reminded of it."""
        return self.starts <= day <= self.ends

    def lacks_rights_on(self, day: date) -> bool:
        """Whether 表决权、选举权、被选举权 are lost that day; past the term too, until restoration is decided."""
        if self.rights_lost_until is None or day < self.starts:
            return False
        return self.awaits_rights or day < self.rights_lost_until


def influences(punishments: Iterable[Punishment]) -> list[Influence]:
    """The influence of each punishment of one member, in order of effect; the order given does not matter.

    Of a punishment within the influence of an earlier one, the influence is its own and what of the earlier one was not
    executed yet, without a cap (条例第二十一条). What is left is run off first, in days; the new months follow by the
    calendar. 留党察看 is counted from the restoration of rights, so before that nothing of its influence is executed.
    Expulsion has no influence and is left out: see :func:`barred_through`.
    """
    found: list[Influence] = []
    for punishment in sorted(punishments, key=_order):
        months = PUNISHMENTS[punishment.kind].influence_months
        if months is not None:
            longest = max(found, key=lambda each: each.ends, default=None)
            found.append(_influence(punishment, months, longest))
    return found


def _order(punishment: Punishment) -> tuple:
    """By day of effect, then gravity, then all the rest, so that equal keys are equal punishments."""
    return (
        punishment.effective_on, _GRAVITY[punishment.kind], punishment.is_extended, punishment.is_restored,
        punishment.ends_on or date.min,
    )  # fmt: skip


def _influence(punishment: Punishment, months: int, before: Influence | None) -> Influence:
    starts, expires = punishment.effective_on, punishment.expires_on
    counts_from, left, unsure = expires or starts, timedelta(0), bool(expires) and not punishment.is_restored
    if before and starts <= before.ends:
        left = max(left, before.ends - max(starts, before.counts_from))
        counts_from = max(counts_from, before.counts_from)
    unsure = unsure or bool(before and before.is_provisional)
    if punishment.ends_on:
        return Influence(punishment, starts, expires, counts_from, punishment.ends_on, is_provisional=False)
    return Influence(punishment, starts, expires, counts_from, months_later(counts_from + left, months), unsure)


def barred_through(expelled_on: date) -> date:
    """The last day on which somebody expelled with effect from ``expelled_on`` may not join again (条例第十三条)."""
    return months_later(expelled_on, REJOIN_MONTHS)


class Phase(Enum):
    """When a restriction holds."""

    TERM = "term"
    """While rights are lost: 留党察看 itself."""
    INFLUENCE = "influence"
    """While influence is counted: of 留党察看, after its term."""
    WHOLE = "whole"
    """Both."""


@dataclass(frozen=True)
class Block:
    """One thing a running punishment stands in the way of, in our words, with its article."""

    what: str
    kinds: tuple[PunishmentKind, ...]
    phase: Phase
    article: str


_WARNINGS = (PunishmentKind.WARNING, PunishmentKind.SERIOUS_WARNING)
_REMOVALS = (PunishmentKind.SERIOUS_WARNING_INSTEAD, PunishmentKind.REMOVAL_FROM_POSTS)

BLOCKS = (
    Block("没有表决权、选举权和被选举权", PROBATION, Phase.TERM, "条例第十二条"),
    Block("党内职务已自然撤销", PROBATION, Phase.TERM, "条例第十二条"),
    Block("不提拔党内职务，不进一步使用", _WARNINGS, Phase.INFLUENCE, "条例第十条"),
    Block("不推荐到党外担任更高职务", _WARNINGS, Phase.INFLUENCE, "条例第十条"),
    Block("不任用、不推荐到与原职务相当或更高的职务", _REMOVALS, Phase.INFLUENCE, "条例第十一条"),
    Block("不任用、不推荐到与原职务相当或更高的职务", PROBATION, Phase.INFLUENCE, "条例第十二条"),
    Block(
        "评先评优、晋升须先核对有关规定", (*_WARNINGS, *_REMOVALS, *PROBATION), Phase.WHOLE, "中办发〔2019〕11号第八条"
    ),
)
"""The last one is the other side of a promise: once the influence is over, honours and promotion are open again."""


def blocks_on(found: Sequence[Influence], day: date) -> list[Block]:
    """What stands in a member's way that day, each restriction once, as :data:`BLOCKS` has them; nothing afterwards."""
    return [block for block in BLOCKS if any(_blocks(block, each, day) for each in found)]


def _blocks(block: Block, influence: Influence, day: date) -> bool:
    lacks = influence.lacks_rights_on(day)
    if influence.punishment.kind not in block.kinds or not (lacks or influence.runs_on(day)):
        return False
    return block.phase is Phase.WHOLE or (block.phase is Phase.TERM) == lacks


# Restoring rights

REMIND_DAYS_BEFORE = (60, 30, 0)
"""The branch is told so many days before 留党察看 expires (default; a policy's own numbers come first)."""

REMIND_EVERY_DAYS = 7
"""And after it so often, until the member applies: who has not applied is to be reminded (豫水组〔2020〕55号第九条)."""


def rights_reminders(expires_on: date, *, through: date) -> list[date]:
    """The days on which the branch is to remind the member to apply for the restoration of rights.

    :param expires_on: the day the term of 留党察看 expires.
    :param through: the last day asked for: of the application, or today.
    """
    days = [expires_on - timedelta(days=before) for before in REMIND_DAYS_BEFORE]
    while days[-1] < through:
        days.append(days[-1] + timedelta(days=REMIND_EVERY_DAYS))
    return [day for day in days if day <= through]


class RestorationStep(TextChoices):
    """恢复党员权利, in order: local procedure of one province (domain.md 2.3), so an organisation may differ."""

    APPLICATION = "application", "本人申请"
    SCRUTINY = "scrutiny", "支部考察、公示"
    VOTE = "vote", "支部大会表决"
    REPORT = "report", "上报"
    APPROVAL = "approval", "上一级党委批准"
    FILING = "filing", "送达、备案归档"


@dataclass(frozen=True)
class StepRule:
    """One step: who takes it, and in how many working days from the step before, where the procedure says so."""

    who: str
    within_working_days: int | None = None
    note: str = ""


RESTORATION = {
    RestorationStep.APPLICATION: StepRule("本人", note="留党察看期满，书面提出"),
    RestorationStep.SCRUTINY: StepRule("党支部"),
    RestorationStep.VOTE: StepRule("党支部", note="到会党员逐人发言后表决"),
    RestorationStep.REPORT: StepRule("党支部", within_working_days=7),
    RestorationStep.APPROVAL: StepRule("上一级党委", note="书面决定，写明恢复日为留党察看期满之日；有党组的先听取意见"),
    RestorationStep.FILING: StepRule("上一级党委", note="告知本人，报作出处分的机关备案，存入档案"),
}
"""The seven are working days. No calendar of working days is shipped, so no due day is computed from them."""
if list(RESTORATION) != list(RestorationStep):
    raise ImportError("RESTORATION must name every RestorationStep in order")


# 组织处理: no punishment, but some kinds bear on a career for a while


class TreatmentKind(TextChoices):
    """组织处理 of cadres, 组织处置 of members, and 诫勉, which is neither but calls for a talk all the same."""

    SUSPENSION_FROM_DUTY = "suspension_from_duty", "停职检查"
    REASSIGNMENT = "reassignment", "调整职务"
    ORDERED_RESIGNATION = "ordered_resignation", "责令辞职"
    DISMISSAL = "dismissal", "免职"
    DEMOTION = "demotion", "降职"
    CORRECTION = "correction", "限期改正"
    ADVISED_LEAVING = "advised_leaving", "劝退"
    STRUCK_OFF = "struck_off", "除名"
    ADMONITION = "admonition", "诫勉"


@dataclass(frozen=True)
class TreatmentRule:
    """Months that a kind lasts at most, and months of influence; 0 where the sources give none.

    Of medium confidence (domain.md 2.3): what an organisation enters as the last day comes first.
    """

    source: str
    at_most_months: int = 0
    """The measure itself lasts no longer."""
    influence_months: int = 0
    """No higher post, or no promotion, for so long."""
    no_leading_months: int = 0
    """No leading post at all for so long."""


_CADRES, _MEMBERS = "组织处理规定（试行）2021", "党员教育管理工作条例 2019"
TREATMENTS = {
    TreatmentKind.SUSPENSION_FROM_DUTY: TreatmentRule(_CADRES, at_most_months=6),
    TreatmentKind.REASSIGNMENT: TreatmentRule(_CADRES, influence_months=12),
    TreatmentKind.ORDERED_RESIGNATION: TreatmentRule(_CADRES, influence_months=24, no_leading_months=12),
    TreatmentKind.DISMISSAL: TreatmentRule(_CADRES, influence_months=24, no_leading_months=12),
    TreatmentKind.DEMOTION: TreatmentRule(_CADRES, influence_months=24),
    TreatmentKind.CORRECTION: TreatmentRule(_MEMBERS, at_most_months=12),
    TreatmentKind.ADVISED_LEAVING: TreatmentRule(_MEMBERS),
    TreatmentKind.STRUCK_OFF: TreatmentRule(_MEMBERS),
    TreatmentKind.ADMONITION: TreatmentRule("监督执纪“第一种形态”", influence_months=6),
}
if set(TREATMENTS) != set(TreatmentKind):
    raise ImportError("TREATMENTS must name every TreatmentKind")


def treatment_ends(kind: TreatmentKind, decided_on: date, *, punished: Influence | None = None) -> date | None:
    """The last day on which a treatment bears on a career, or ``None`` where its kind has no period of influence.

    :param punished: a punishment for the same matter: then the longer of the two holds (组织处理规定（试行）).
    """
    months = TREATMENTS[kind].influence_months
    own = months_later(decided_on, months) if months else None
    return max(filter(None, (own, punished and punished.ends)), default=None)
