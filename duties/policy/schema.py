"""The typed shape of a policy pack. A pack that does not fit is refused whole, with file, rule and sentence.

Pure: no database. The vocabulary is closed; packs pick from it and fill in numbers. What each word means for duties
is said in ``docs/engine.md``.
"""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from base.calendar import Occasion
from members.enums import CategoryKind, EventKind, OrganisationKind, Role, Standing, TieKind

Setter = Literal["clause", "organisation"]
Subject = Literal["member", "actor", "pair", "organisation"]
PLAIN_ACTIONS = (
    "report", "plan", "training", "selection", "assessment", "disclosure", "review", "lecture", "branch_life",
    "research", "commend", "invitation", "service", "aid", "referral", "reminder", "clearing", "handling",
)  # fmt: skip
"""What is recorded by one plain form: a day, who did it, a note."""

Action = Literal[
    "talk", "visit", "greeting", "condolence", "study",
    "report", "plan", "training", "selection", "assessment", "disclosure", "review", "oath", "lecture", "branch_life",
    "research", "commend", "invitation", "service", "aid", "referral", "reminder", "clearing", "handling",
]  # fmt: skip
Mechanism = Annotated[str, Field(pattern=r"^M\d\d$")]
_LEAP = date(2000, 1, 1).toordinal()
MonthDay = Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PolicySpec(Strict):
    code: Annotated[str, Field(pattern=r"^[a-z0-9-]+$", max_length=60)]
    title: Annotated[str, Field(max_length=120)]
    number: Annotated[str, Field(max_length=60)] = ""
    forwarded_as: Annotated[str, Field(max_length=60)] = ""
    issuer: Annotated[str, Field(max_length=60)]
    issued_on: date | None = None
    summary: Annotated[str, Field(max_length=200)] = ""


class ClauseSpec(Strict):
    """A place in the document. ``begins``: the first few characters of its paragraphs there, by which the attached
    text is set beside it. ``mechanisms``: what the clause asks for; ``answers``: which of them something other than a
    rule of this clause answers, by the names of :mod:`duties.policy.answers`.
    """

    code: Annotated[str, Field(max_length=20)]
    printed: Annotated[str, Field(max_length=40)]
    heading: Annotated[str, Field(max_length=60)]
    gist: str
    begins: list[str] = []
    mechanisms: list[Mechanism] = []
    answers: dict[Mechanism, list[str]] = {}

    @model_validator(mode="after")
    def _whole(self):
        if others := sorted(set(self.answers) - set(self.mechanisms)):
            raise ValueError("answers 里有 mechanisms 没有列出的机制：" + "、".join(others))
        return self


# Conditions: the named parts of a target, in the order in which a void duty names its reason. -------------------------


class InStanding(Strict):
    """The member's membership stands in one of these ways."""

    condition: Literal["standing"]
    standings: Annotated[list[Standing], Field(min_length=1)]


class InCategory(Strict):
    """The member belongs to a category of care, in one of the grades if grades are named."""

    condition: Literal["category"]
    kind: CategoryKind
    grades: list[str] = []


class Tied(Strict):
    """Somebody stands by the member: a tie of this kind to a person. In a pair rule: to the actor."""

    condition: Literal["tie"]
    kind: TieKind


class Dated(Strict):
    """A date of the member's lies far enough back: ``years`` ago (from that anniversary on), or ``before`` a day.

    Known to the month or year only, it counts from the last day it may have been.
    """

    condition: Literal["dated"]
    fact: Literal["joined_on", "full_on", "birth_on"]
    years: Annotated[int, Field(ge=1, le=120)] | None = None
    before: date | None = None

    @model_validator(mode="after")
    def _whole(self):
        if (self.years is None) == (self.before is None):
            raise ValueError("years 和 before 要写一个，也只写一个")
        return self


class HoldsPost(Strict):
    """The actor holds one of these roles (in an organisation of one of these kinds, if kinds are named)."""

    condition: Literal["post"]
    roles: Annotated[list[Role], Field(min_length=1)]
    at: list[OrganisationKind] = []


class ObjectPost(Strict):
    """In a pair rule the member holds one of these roles, in the actor's own organisation or below it."""

    condition: Literal["object"]
    roles: Annotated[list[Role], Field(min_length=1)]
    at: list[OrganisationKind] = []
    where: Literal["same", "below"]


class OfKind(Strict):
    """The organisation is of one of these kinds."""

    condition: Literal["kind"]
    kinds: Annotated[list[OrganisationKind], Field(min_length=1)]


Condition = Annotated[
    InStanding | InCategory | Tied | Dated | HoldsPost | ObjectPost | OfKind, Field(discriminator="condition")
]
FIRST = {"member": "standing", "pair": "standing", "actor": "post", "organisation": "kind"}
"""With which condition the target of a subject begins; an occasion with coverage ``selected`` begins with standing."""


# Triggers: when a duty comes about. -----------------------------------------------------------------------------------


class OnOccasion(Strict):
    """Around a day that everybody shares, solar or lunar; nothing done after ``closes_days_after`` counts.

    ``counted_per`` organisation: the organisation itself does something, for nobody in particular.
    """

    kind: Literal["occasion"]
    occasion: Occasion
    opens_days_before: Annotated[int, Field(ge=0, le=90)]
    due_days_before: Annotated[int, Field(ge=0, le=30)] = 0
    closes_days_after: Annotated[int, Field(ge=0, le=30)] = 0
    coverage: Literal["all", "selected"] = "all"
    times: Annotated[int, Field(ge=1, le=100)] = 1
    counted_per: Literal["member", "organisation"] = "member"

    numbers: ClassVar = ("opens_days_before", "due_days_before", "closes_days_after")

    @model_validator(mode="after")
    def _whole(self):
        if self.coverage == "selected" and self.counted_per == "organisation":
            raise ValueError("coverage = selected 已经按组织计，不写 counted_per")
        if self.due_days_before > self.opens_days_before:
            raise ValueError("到期日在开始日之前：due_days_before 不能大于 opens_days_before")
        return self


class OnDate(Strict):
    """A member's own date: each year, or once; open some days before it, closable some days after.

    ``every`` year: the anniversary of a person's date. ``every`` once: ``at_years`` after a person's date, or
    ``shift_days`` from the start or end of a row of the category ``category``, which is then the fact itself.
    """

    kind: Literal["date"]
    fact: Literal["joined_on", "full_on", "birth_on", "category_since", "category_until"]
    every: Literal["year", "once"]
    at_years: Annotated[int, Field(ge=1, le=120)] | None = None
    category: CategoryKind | None = None
    shift_days: Annotated[int, Field(ge=-366, le=366)] | None = None
    opens_days_before: Annotated[int, Field(ge=0, le=366)]
    closes_days_after: Annotated[int, Field(ge=0, le=366)]

    @property
    def numbers(self) -> tuple[str, ...]:
        more = [name for name in ("at_years", "shift_days") if getattr(self, name) is not None]
        return (*more, "opens_days_before", "closes_days_after")

    @property
    def of_category(self) -> bool:
        return self.fact.startswith("category_")

    @model_validator(mode="after")
    def _whole(self):
        if self.of_category != (self.category is not None) or self.of_category != (self.shift_days is not None):
            raise ValueError("fact 是 category_since 或 category_until 时要写 category 和 shift_days，否则都不写")
        if self.of_category and self.every == "year":
            raise ValueError("类别的起止日期只能用 every = once")
        if (self.every == "once" and not self.of_category) != (self.at_years is not None):
            raise ValueError("人员日期用 every = once 时要写 at_years，否则不写")
        return self


class Quota(Strict):
    """So many acts, or acts that together reach a sum, in each period.

    ``per`` interval: every ``days`` days from the start of each row of the category ``category``.
    """

    kind: Literal["quota"]
    times: Annotated[int, Field(ge=1, le=366)] | None = None
    sum: Annotated[int, Field(ge=1, le=10_000)] | None = None
    per: Literal["year", "half", "semester", "quarter", "month", "interval"]
    counted_per: Subject
    semesters: list[tuple[MonthDay, MonthDay]] = []
    days: Annotated[int, Field(ge=7, le=732)] | None = None
    category: CategoryKind | None = None

    @property
    def numbers(self) -> tuple[str, ...]:
        return tuple(name for name in ("times", "sum", "days") if getattr(self, name) is not None)

    @model_validator(mode="after")
    def _whole(self):
        if (self.times is None) == (self.sum is None):
            raise ValueError("times 和 sum 要写一个，也只写一个")
        if (self.per == "semester") != bool(self.semesters):
            raise ValueError("per = semester 时要用 semesters 写明各学期起止，否则不写")
        _check_semesters(self.semesters)
        interval = self.per == "interval"
        if interval != (self.days is not None) or interval != (self.category is not None):
            raise ValueError("per = interval 时要写 days 和 category，否则都不写")
        if interval and self.counted_per != "member":
            raise ValueError("per = interval 只能按党员计（counted_per = member）")
        return self


def _check_semesters(semesters: list[tuple[str, str]]) -> None:
    """Semesters are days that exist, and no day lies in two of them; one may run over the end of the year."""
    taken: set[date] = set()
    for begins, ends in semesters:
        first, last = _in_leap_year(begins), _in_leap_year(ends)
        days = [date.fromordinal(_LEAP + n) for n in range(366)]
        lasting = {day for day in days if (first <= day <= last if first <= last else day >= first or day <= last)}
        if taken & lasting:
            raise ValueError(f"学期重叠：{begins} 至 {ends} 与另一个学期有相同的日子")
        taken |= lasting


def _in_leap_year(text: str) -> date:
    try:
        return date(2000, int(text[:2]), int(text[3:]))
    except ValueError:
        raise ValueError(f"没有 {text} 这一天") from None


class OnEvent(Strict):
    """Within so many days of an event; late acts still count. ``answers``: only a record that names the event does.
    ``counted_per`` organisation: of an event that happened to an organisation.
    """

    kind: Literal["event"]
    events: Annotated[list[EventKind], Field(min_length=1)]
    within_days: Annotated[int, Field(ge=0, le=366)]
    answers: bool = False
    counted_per: Literal["member", "organisation"] = "member"

    numbers: ClassVar = ("within_days",)


class Holds(Strict):
    """A state that must hold: at least so many ties of a kind; made good within so many days of being lost.

    Of an actor: ties that lead to the actor. Of a member: ties that lead from the member to a person.
    """

    kind: Literal["standing"]
    tie: TieKind
    at_least: Annotated[int, Field(ge=1, le=20)]
    counted_per: Literal["member", "actor"]
    within_days: Annotated[int, Field(ge=0, le=366)]

    numbers: ClassVar = ("at_least", "within_days")


Trigger = Annotated[OnOccasion | OnDate | Quota | OnEvent | Holds, Field(discriminator="kind")]


class Responsible(Strict):
    """Whose turn it is. The first that applies: the actor the duty binds (an actor, a pair, an event's addressee);
    whoever is tied to the member by ``tie``; the role at the nearest organisation upward (of the kinds ``at``), or
    where nobody there holds it, the first of the roles in ``instead`` that somebody there holds.
    Acts of the roles in ``instead`` and ``with`` at that same organisation count too; with ``upward`` those of all
    these roles at any organisation upward (of the kinds ``at``); with ``anyone`` whoever acted counts.
    """

    role: Role
    instead: list[Role] = []
    also: list[Role] = Field(default=[], alias="with")
    at: list[OrganisationKind] = []
    tie: TieKind | None = None
    addressee: bool = False
    upward: bool = False
    anyone: bool = False

    @property
    def heads(self) -> tuple[Role, ...]:
        """The roles whose turn it can be, in order."""
        return (self.role, *self.instead)

    @property
    def acting(self) -> tuple[Role, ...]:
        """The roles whose acts count."""
        return (*self.heads, *self.also)

    @model_validator(mode="after")
    def _whole(self):
        if len(self.acting) != len(set(self.acting)):
            raise ValueError("role、instead 和 with 里的职务不能重复：instead 里的职务办的本来就算")
        return self


class RuleSpec(Strict):
    code: Annotated[str, Field(pattern=r"^[a-z0-9-]+$", max_length=60)]
    title: Annotated[str, Field(max_length=60)]
    clause: str
    mechanism: Mechanism
    item: Annotated[str, Field(max_length=20)] = ""
    """The document's own numbered item, as an inspector counts it (六必谈 5); it may hold several atomic occasions."""
    proposal: bool = False
    """A proposal: it reaches an organisation that picked it, not all that adopted the policy."""
    force: Literal["应当", "一般应", "可以"]
    sensitive: bool = False
    action: Action
    or_by: list[Action] = []
    collective_counts: bool = False
    responsible: Responsible
    target: Annotated[list[Condition], Field(min_length=1)]
    trigger: Trigger
    set_by: dict[str, Setter]
    replaces: Annotated[str, Field(pattern=r"^[a-z0-9-]+/[a-z0-9-]+$")] | None = None
    """The farther rule (policy/rule) whose place this one takes where it is adopted nearer; it must ask as much."""

    @model_validator(mode="after")
    def _whole(self):
        if set(self.set_by) != set(self.trigger.numbers):
            raise ValueError("set_by 要逐一说明这些数字出自条文还是本单位：" + "、".join(self.trigger.numbers))
        first = "standing" if self.selected else FIRST[self.subject]
        if self.target[0].condition != first:
            raise ValueError(f"target 的第一个条件必须是 {first}")
        names = [condition.condition for condition in self.target]
        if len(names) != len(set(names)):
            raise ValueError("target 里同名条件只能出现一次")
        _check_conditions(self.subject, self.selected, set(names))
        if self.proposal and self.replaces:
            raise ValueError("建议（proposal）采纳了才算数，不能代替别的规则（replaces）")
        if self.responsible.addressee and self.trigger.kind != "event":
            raise ValueError("responsible.addressee 只用于 event 触发")
        return self

    @property
    def categories(self) -> frozenset[str]:
        """The kinds of people to be cared for that it is about, by target or trigger."""
        named = {each.kind for each in self.target if isinstance(each, InCategory)}
        return frozenset(named | {getattr(self.trigger, "category", None)} - {None})

    @property
    def subject(self) -> Subject:
        """Who owes or is owed: a member, an actor, a pair of both, an organisation."""
        if self.selected:
            return "organisation"
        return getattr(self.trigger, "counted_per", "member")

    @property
    def selected(self) -> bool:
        """An occasion on which each organisation visits some of its target, not everybody in it."""
        return self.trigger.kind == "occasion" and self.trigger.coverage == "selected"

    @property
    def late_counts(self) -> bool:
        """Whether an act after the due day still closes the duty without limit."""
        return self.trigger.kind in ("event", "standing")

    @property
    def actions(self) -> list[str]:
        """The kinds of record that close a duty, the usual one first."""
        return [self.action, *self.or_by]

    @property
    def adjustable(self) -> tuple[str, ...]:
        """The numbers an organisation may set for itself, semesters included; which day a duty is about is none."""
        semesters = ("semesters",) if getattr(self.trigger, "semesters", None) else ()
        return (*(name for name in self.trigger.numbers if name not in ("at_years", "shift_days")), *semesters)

    def adjusted(self, numbers: dict) -> "RuleSpec":
        """The rule with some of its numbers set anew, by an organisation.

        :raises ValueError: for a number it does not have, or one beyond what the schema allows (of pydantic, its kind).
        """
        if others := sorted(set(numbers) - set(self.adjustable)):
            raise ValueError("这条规则没有可调整的数字：" + "、".join(others))
        told = self.model_dump(mode="json", by_alias=True)
        set_by = told["set_by"] | {name: "organisation" for name in numbers if name in told["set_by"]}
        return RuleSpec.model_validate(told | {"trigger": told["trigger"] | numbers, "set_by": set_by})

    @property
    def own_numbers(self) -> list[str]:
        """Numbers the organisation set (shown with the tag 自定)."""
        return [name for name, setter in self.set_by.items() if setter == "organisation"]


def _check_conditions(subject: Subject, selected: bool, names: set[str]) -> None:
    """Which conditions a subject can have: the vocabulary is small, and what it cannot mean is refused."""
    allowed = {
        "member": {"standing", "category", "tie", "dated"}, "actor": {"post"}, "organisation": {"kind"},
        "pair": {"standing", "category", "post", "object", "tie", "dated"},
    }[subject]  # fmt: skip
    if selected:
        allowed = {"standing", "category", "dated"}
    if names - allowed:
        raise ValueError(f"按 {subject} 计的规则不能用这些条件：" + "、".join(sorted(names - allowed)))
    if subject == "pair" and ("post" not in names or not names & {"object", "tie"}):
        raise ValueError("按 pair 计的规则要有 post，并在 object 和 tie 里至少写一个")


class Pack(Strict):
    policy: PolicySpec
    clauses: Annotated[list[ClauseSpec], Field(alias="clause", min_length=1)]
    rules: Annotated[list[RuleSpec], Field(alias="rule")] = []

    @model_validator(mode="after")
    def _consistent(self):
        clauses = [clause.code for clause in self.clauses]
        codes = [rule.code for rule in self.rules]
        if len(clauses) != len(set(clauses)) or len(codes) != len(set(codes)):
            raise ValueError("条款编号和规则编号都不能重复")
        asked = {clause.code: clause.mechanisms for clause in self.clauses}
        for rule in self.rules:
            if rule.clause not in clauses:
                raise ValueError(f"规则 {rule.code} 引用的条款 {rule.clause} 不在本制度中")
            if asked[rule.clause] and rule.mechanism not in asked[rule.clause]:
                raise ValueError(f"规则 {rule.code} 的机制 {rule.mechanism} 不在条款 {rule.clause} 的 mechanisms 里")
        return self
