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
Action = Literal["talk", "visit", "greeting", "condolence", "study", "report"]
MonthDay = Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PolicySpec(Strict):
    code: Annotated[str, Field(pattern=r"^[a-z0-9-]+$", max_length=60)]
    title: str
    number: str
    forwarded_as: str = ""
    issuer: str
    issued_on: date | None = None


class ClauseSpec(Strict):
    code: str
    printed: str
    heading: str
    gist: str


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
    InStanding | InCategory | Tied | HoldsPost | ObjectPost | OfKind, Field(discriminator="condition")
]
FIRST = {"member": "standing", "pair": "standing", "actor": "post", "organisation": "kind"}
"""With which condition the target of a subject begins; an occasion with coverage ``selected`` begins with standing."""


# Triggers: when a duty comes about. -----------------------------------------------------------------------------------


class OnOccasion(Strict):
    """Around a day that everybody shares, solar or lunar; nothing done after ``closes_days_after`` counts."""

    kind: Literal["occasion"]
    occasion: Occasion
    opens_days_before: Annotated[int, Field(ge=0, le=90)]
    due_days_before: Annotated[int, Field(ge=0, le=30)] = 0
    closes_days_after: Annotated[int, Field(ge=0, le=30)] = 0
    coverage: Literal["all", "selected"] = "all"
    times: Annotated[int, Field(ge=1)] = 1

    numbers: ClassVar = ("opens_days_before", "due_days_before", "closes_days_after")


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
    times: Annotated[int, Field(ge=1)] | None = None
    sum: Annotated[int, Field(ge=1)] | None = None
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
        interval = self.per == "interval"
        if interval != (self.days is not None) or interval != (self.category is not None):
            raise ValueError("per = interval 时要写 days 和 category，否则都不写")
        if interval and self.counted_per != "member":
            raise ValueError("per = interval 只能按党员计（counted_per = member）")
        return self


class OnEvent(Strict):
    """Within so many days of an event; late acts still count. ``answers``: only a record that names the event does."""

    kind: Literal["event"]
    events: Annotated[list[EventKind], Field(min_length=1)]
    within_days: Annotated[int, Field(ge=0, le=366)]
    answers: bool = False

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
    whoever is tied to the member by ``tie``; the role at the nearest organisation upward (of the kinds ``at``).
    Acts of the roles in ``with`` at that same organisation count too; with ``anyone`` whoever acted counts.
    """

    role: Role
    also: list[Role] = Field(default=[], alias="with")
    at: list[OrganisationKind] = []
    tie: TieKind | None = None
    addressee: bool = False
    anyone: bool = False


class RuleSpec(Strict):
    code: Annotated[str, Field(pattern=r"^[a-z0-9-]+$", max_length=60)]
    title: str
    clause: str
    mechanism: Annotated[str, Field(pattern=r"^M\d\d$")]
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
        if self.responsible.addressee and self.trigger.kind != "event":
            raise ValueError("responsible.addressee 只用于 event 触发")
        return self

    @property
    def subject(self) -> Subject:
        """Who owes or is owed: a member, an actor, a pair of both, an organisation."""
        if self.selected:
            return "organisation"
        return self.trigger.counted_per if self.trigger.kind in ("quota", "standing") else "member"

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
    def own_numbers(self) -> list[str]:
        """Numbers the organisation set (shown with the tag 自定)."""
        return [name for name, setter in self.set_by.items() if setter == "organisation"]


def _check_conditions(subject: Subject, selected: bool, names: set[str]) -> None:
    """Which conditions a subject can have: the vocabulary is small, and what it cannot mean is refused."""
    allowed = {
        "member": {"standing", "category", "tie"}, "actor": {"post"}, "organisation": {"kind"},
        "pair": {"standing", "category", "post", "object", "tie"},
    }[subject]  # fmt: skip
    if selected:
        allowed = {"standing", "category"}
    if names - allowed:
        raise ValueError(f"按 {subject} 计的规则不能用这些条件：" + "、".join(sorted(names - allowed)))
    if subject == "pair" and ("post" not in names or ("object" in names) == ("tie" in names)):
        raise ValueError("按 pair 计的规则要有 post，并在 object 和 tie 里写一个")


class Pack(Strict):
    policy: PolicySpec
    clauses: Annotated[list[ClauseSpec], Field(alias="clause", min_length=1)]
    rules: Annotated[list[RuleSpec], Field(alias="rule", min_length=1)]

    @model_validator(mode="after")
    def _consistent(self):
        clauses = [clause.code for clause in self.clauses]
        codes = [rule.code for rule in self.rules]
        if len(clauses) != len(set(clauses)) or len(codes) != len(set(codes)):
            raise ValueError("条款编号和规则编号都不能重复")
        for rule in self.rules:
            if rule.clause not in clauses:
                raise ValueError(f"规则 {rule.code} 引用的条款 {rule.clause} 不在本制度中")
        return self
