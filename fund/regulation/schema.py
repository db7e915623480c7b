"""The typed shape of a 资金管理办法. One that does not fit is refused whole, with place and sentence. Pure.

Every part cites where it comes from (``basis``) and says of each of its numbers whether the clause gives it or the
organisation set it (``set_by``). How to write one: ``docs/regulations.md``.
"""

from collections.abc import Sequence
from datetime import date
from itertools import combinations, pairwise
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from base.dates import FAR
from base.fields import MOST_YUAN
from base.money import Source
from fund.regulation.words import LEVELS, Body, DayCount, Fraction, Ground, Limit, StepKind, Use
from members.enums import CategoryKind, OrganisationKind, Role

Setter = Literal["clause", "organisation"]
Fen = Annotated[int, Field(ge=1, le=MOST_YUAN * 100)]
Code = Annotated[str, Field(pattern=r"^[a-z0-9-]+$", max_length=40)]
Words = Annotated[str, Field(min_length=1, max_length=120)]
Months = Annotated[int, Field(ge=1, le=120)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Basis(Strict):
    """Where something is said: document number (or name, where it has none), article, and our own words for it."""

    number: Words
    article: Words
    gist: Words


class Part(Strict):
    """A piece of a regulation with its basis; ``numbers`` names the fields ``set_by`` has to speak of."""

    basis: Annotated[list[Basis], Field(min_length=1)]
    set_by: dict[str, Setter] = {}

    numbers: ClassVar[Sequence[str]] = ()

    @model_validator(mode="after")
    def _numbers_are_spoken_of(self):
        named = {name for name in self.numbers if getattr(self, name) is not None}
        if set(self.set_by) != named:
            raise ValueError(
                "set_by 要逐一说明这些数字出自条文还是本单位：" + ("、".join(sorted(named)) or "没有数字，不写")
            )
        return self

    @property
    def own_numbers(self) -> list[str]:
        """Numbers the organisation set (shown with the tag 自定)."""
        return sorted(name for name, setter in self.set_by.items() if setter == "organisation")


class Fund(Part):
    """At which level funds stand and which sources may flow in; ``is_budget``: no fund, budget lines pay."""

    established_at: Annotated[list[OrganisationKind], Field(min_length=1)]
    sources: Annotated[list[Source], Field(min_length=1)]
    purposes: Annotated[list[Literal["aid", "care", "incentive"]], Field(min_length=1)]
    is_budget: bool = False


class Class(Part):
    """Whom the fund helps: members in one of these categories of care who bring the evidence. ``kinds`` may be empty
    (sudden misfortune stands in no register); then the evidence alone tells. ``party_years``: 党龄 at least so long.
    ``use``: what of the allowed uses of a source the money counts as. ``shown``: what a public notice calls the class,
    where its title would tell of somebody's health.
    """

    code: Code
    title: Words
    kinds: list[CategoryKind] = []
    evidence: Annotated[list[Words], Field(min_length=1)]
    use: Use = Use.HARDSHIP
    shown: Annotated[str, Field(max_length=40)] = ""
    party_years: Annotated[int, Field(ge=1, le=100)] | None = None

    numbers = ("party_years",)

    @property
    def public_title(self) -> str:
        """What everybody reads (个人信息保护法 28: health is sensitive)."""
        return self.shown or self.title


class Standard(Part):
    """What one application of a class is paid, for ``since <= day < until``: ``fen``, or ``lowest`` to ``highest``.

    Neither: the deciding body sets the sum within the caps. ``grade`` tells several standards of one class apart.
    """

    of: Code
    grade: Annotated[str, Field(max_length=20)] = ""
    since: date
    until: date = FAR
    fen: Fen | None = None
    lowest: Fen | None = None
    highest: Fen | None = None

    numbers = ("fen", "lowest", "highest")

    @model_validator(mode="after")
    def _whole(self):
        if (self.lowest is None) != (self.highest is None) or (self.fen and self.lowest):
            raise ValueError("标准写 fen，或写 lowest 和 highest；由集体研究确定的都不写")
        if self.lowest and self.lowest > self.highest:
            raise ValueError("lowest 不能大于 highest")
        if self.since >= self.until:
            raise ValueError("until 应晚于 since")
        return self


class LookBack(Part):
    """Helped ``times`` times within the last ``months``, a member is not helped again; ``with_reason``: unless the
    deciding body states why.
    """

    months: Months
    times: Annotated[int, Field(ge=1, le=20)]
    exception: Literal["never", "with_reason"]

    numbers = ("months", "times")


class Exclusion(Part):
    """A ground on which somebody is not paid, and whether the deciding body may set it aside with a reason."""

    ground: Ground
    months: Months | None = None
    """How long it has to last (ABSENT), or how far back it counts (UNQUALIFIED)."""
    may_override: bool

    numbers = ("months",)


class Notice(Part):
    """公示: how many days, counted from the day after posting, and who posts."""

    days: Annotated[int, Field(ge=1, le=60)]
    count: DayCount
    level: OrganisationKind

    numbers = ("days",)


class Step(Part):
    """One step. ``by``: roles that take it, at an organisation of the kind ``at``; with ``skipped`` it falls away for
    members above whom there is no such organisation. ``apart_from``: earlier steps whose taker may not take this one,
    beside what is never allowed (:class:`~fund.regulation.words.Hand`).
    """

    code: Code
    title: Words
    kind: StepKind
    at: OrganisationKind
    by: Annotated[list[Role], Field(min_length=1)]
    skipped: bool = False
    meeting: list[Body] = []
    """A review held as a meeting of the first of these bodies the organisation has; attendance and votes are kept as of
    a decision.
    """
    apart_from: list[Code] = []
    within_days: Annotated[int, Field(ge=1, le=366)] | None = None
    """To be taken within so many days of the one before."""
    notice: Notice | None = None

    numbers = ("within_days",)

    @model_validator(mode="after")
    def _whole(self):
        if self.at not in LEVELS:
            raise ValueError("at 只能是 branch、general_branch 或 committee")
        if (self.kind == StepKind.NOTICE) != (self.notice is not None):
            raise ValueError("公示步骤要写 notice，别的步骤不写")
        if self.meeting and self.kind != StepKind.REVIEW:
            raise ValueError("只有审核步骤写 meeting；集体研究由什么会定写在 band 里")
        if self.skipped and self.kind in (StepKind.DECISION, StepKind.PAYMENT):
            raise ValueError("集体研究和发放不能跳过")
        return self


class Band(Part):
    """Up to which sum (inclusive) which body decides; the last has no ``up_to``."""

    up_to: Fen | None = None
    body: Body

    numbers = ("up_to",)


class Voting(Part):
    """How a body decides. Both fractions are of all who are entitled to vote (应到会): who steps aside stays in the
    whole, and counts neither as present nor as agreeing, so that no decision rests on fewer people by recusals.
    """

    body: Body
    quorum: Fraction
    majority: Fraction

    numbers = ("quorum", "majority")

    @model_validator(mode="after")
    def _whole(self):
        if self.majority is Fraction.HALF:
            raise ValueError("赞成刚好一半不算通过，majority 写 over_half 或 two_thirds")
        return self


class Portion(Strict):
    level: OrganisationKind
    percent: Annotated[int, Field(ge=1, le=100)]


class Shares(Part):
    """Who bears what part of a sum, lowest level first. Fen that do not divide go by largest remainder; of equal
    remainders the later (higher) level takes the fen. Each level approves and pays its own part.
    """

    portions: Annotated[list[Portion], Field(min_length=2)]

    numbers = ("portions",)

    @model_validator(mode="after")
    def _whole(self):
        levels = [each.level for each in self.portions]
        if sum(each.percent for each in self.portions) != 100:
            raise ValueError("各级分担的比例合计要等于 100")
        if not set(levels) <= set(LEVELS) or [each for each in LEVELS if each in levels] != levels:
            raise ValueError("分担的各级从下到上写，每级一次")
        return self


class Cap(Part):
    """The most that is paid of what :class:`Limit` counts together."""

    per: Limit
    fen: Fen

    numbers = ("fen",)


class Urgent(Part):
    """紧急情况: the steps in the order they are then taken. A body decides before money goes out all the same; what
    may come after is the notice. ``up_to``: the most that is paid this way. ``ignores_look_back``: once more within it.
    """

    steps: Annotated[list[Code], Field(min_length=2)]
    up_to: Fen | None = None
    body: Body | None = None
    """Decides instead of the body of the band."""
    completed_within_days: Annotated[int, Field(ge=1, le=90)]
    ignores_look_back: bool = False

    numbers = ("up_to", "completed_within_days")


class Gift(Part):
    """Money outside applications that may come from the fund or from dues: at a death, an illness, a festival."""

    occasion: Literal["death", "illness", "festival"]
    force: Literal["应当", "一般应", "可以"]
    sources: Annotated[list[Source], Field(min_length=1)]


class RegulationSpec(Strict):
    code: Annotated[str, Field(pattern=r"^[a-z0-9-]+$", max_length=60)]
    title: Annotated[str, Field(max_length=120)]
    issuer: Annotated[str, Field(max_length=60)]
    number: Annotated[str, Field(max_length=60)] = ""
    issued_on: date | None = None
    summary: Annotated[str, Field(max_length=200)]


class Regulation(Strict):
    """One 资金管理办法, whole."""

    regulation: RegulationSpec
    fund: Fund
    classes: Annotated[list[Class], Field(alias="class", min_length=1)]
    standards: Annotated[list[Standard], Field(alias="standard")] = []
    look_back: LookBack | None = None
    exclusions: Annotated[list[Exclusion], Field(alias="exclusion")] = []
    steps: Annotated[list[Step], Field(alias="step", min_length=1)]
    bands: Annotated[list[Band], Field(alias="band", min_length=1)]
    votings: Annotated[list[Voting], Field(alias="voting", min_length=1)]
    shares: Shares | None = None
    caps: Annotated[list[Cap], Field(alias="cap")] = []
    urgent: Urgent | None = None
    gifts: Annotated[list[Gift], Field(alias="gift")] = []

    @model_validator(mode="after")
    def _consistent(self):
        _once("class", [each.code for each in self.classes])
        _once("step", [each.code for each in self.steps])
        _once("exclusion", [each.ground for each in self.exclusions])
        _once("voting", [each.body for each in self.votings])
        _once("cap", [each.per for each in self.caps])
        _once("gift", [each.occasion for each in self.gifts])
        _check_standards(self)
        _check_order(self.steps)
        _check_bodies(self)
        if self.urgent:
            _check_urgent(self)
        return self

    @property
    def codes(self) -> list[str]:
        """The codes of the steps in order."""
        return [step.code for step in self.steps]

    def step(self, code: str) -> Step:
        """The step ``code``. :raises KeyError: if there is none."""
        return {step.code: step for step in self.steps}[code]


def _once(what: str, names: Sequence[str]) -> None:
    if twice := sorted({str(name) for name in names if names.count(name) > 1}):
        raise ValueError(f"{what} 里重复了：" + "、".join(twice))


def _check_standards(whole: Regulation) -> None:
    known = {each.code for each in whole.classes}
    for each in whole.standards:
        if each.of not in known:
            raise ValueError(f"标准 {each.of} 没有对应的帮扶类别（class）")
    for one, other in combinations(whole.standards, 2):
        if (one.of, one.grade) == (other.of, other.grade) and one.since < other.until and other.since < one.until:
            label = f"{one.of}（{one.grade}）" if one.grade else one.of
            raise ValueError(f"标准 {label} 的起止时间重叠")


def _check_order(steps: Sequence[Step]) -> None:
    """One decision and one payment, in the order that no regulation can change; ``apart_from`` looks back only."""
    kinds = [step.kind for step in steps]
    for kind in (StepKind.DECISION, StepKind.PAYMENT, StepKind.RECEIPT):
        if kinds.count(kind) != 1:
            raise ValueError(f"“{kind.label}”步骤要有一个，也只能有一个")
    places = {kind: kinds.index(kind) for kind in (StepKind.DECISION, StepKind.PAYMENT, StepKind.RECEIPT)}
    if StepKind.REVIEW not in kinds[: places[StepKind.DECISION]]:
        raise ValueError("集体研究之前至少要有一个审核步骤")
    if StepKind.REVIEW in kinds[places[StepKind.DECISION] :]:
        raise ValueError("审核步骤要排在集体研究之前")
    if not places[StepKind.DECISION] < places[StepKind.PAYMENT] < places[StepKind.RECEIPT]:
        raise ValueError("次序应为集体研究、发放、签收")
    if StepKind.NOTICE not in kinds[: places[StepKind.PAYMENT]] or StepKind.NOTICE in kinds[places[StepKind.PAYMENT] :]:
        raise ValueError("公示要有，并排在发放之前；紧急情况写在 urgent 里")
    if StepKind.RETURN_VISIT in kinds[: places[StepKind.RECEIPT]]:
        raise ValueError("回访排在签收之后")
    for number, step in enumerate(steps):
        if others := sorted(set(step.apart_from) - {each.code for each in steps[:number]}):
            raise ValueError(f"步骤 {step.code} 的 apart_from 里不是它前面的步骤：" + "、".join(others))


def _check_bodies(whole: Regulation) -> None:
    sums = [band.up_to for band in whole.bands]
    if sums[-1] is not None or None in sums[:-1] or any(one >= other for one, other in pairwise(sums[:-1])):
        raise ValueError("band 从小到大写 up_to，最后一个不写 up_to")
    bodies = {band.body for band in whole.bands} | {body for step in whole.steps for body in step.meeting}
    if whole.urgent and whole.urgent.body:
        bodies.add(whole.urgent.body)
    if missing := sorted(bodies - {each.body for each in whole.votings}):
        raise ValueError("没有写明这些会议怎样表决（voting）：" + "、".join(missing))


def _check_urgent(whole: Regulation) -> None:
    codes, known = whole.urgent.steps, {step.code: step.kind for step in whole.steps}
    _once("urgent", codes)
    if others := sorted(set(codes) - set(known)):
        raise ValueError("urgent 里没有这些步骤：" + "、".join(others))
    kinds = [known[code] for code in codes]
    order = [kind for kind in kinds if kind in (StepKind.DECISION, StepKind.PAYMENT, StepKind.RECEIPT)]
    if order != [StepKind.DECISION, StepKind.PAYMENT, StepKind.RECEIPT]:
        raise ValueError("紧急情况也要先集体研究，再发放、签收")
    if StepKind.REVIEW not in kinds[: kinds.index(StepKind.DECISION)]:
        raise ValueError("紧急情况集体研究之前也要有一个审核步骤")
    if StepKind.REVIEW in kinds[kinds.index(StepKind.DECISION) :]:
        raise ValueError("审核步骤要排在集体研究之前")
    if StepKind.NOTICE not in kinds:
        raise ValueError("紧急情况也要公示，可以排在签收之后")
