"""The typed shape of a policy pack. A pack that does not fit is refused whole, with file, rule and sentence.

Pure: no database. The vocabulary is closed; packs pick from it and fill in numbers.
"""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from members.enums import CategoryKind, EventKind, Role, Standing

Setter = Literal["clause", "organisation"]


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


class InStanding(Strict):
    """The person's membership stands in one of these ways."""

    condition: Literal["standing"]
    standings: Annotated[list[Standing], Field(min_length=1)]


class InCategory(Strict):
    """The person belongs to a category of care, in one of the grades if grades are named."""

    condition: Literal["category"]
    kind: CategoryKind
    grades: list[str] = []


Condition = Annotated[InStanding | InCategory, Field(discriminator="condition")]


class Quota(Strict):
    """So many acts for each member in each period."""

    kind: Literal["quota"]
    times: Annotated[int, Field(ge=1)]
    per: Literal["year"]
    counted_per: Literal["member"]

    numbers: ClassVar = ("times",)


class OnEvent(Strict):
    """Within so many days of an event; late acts still count."""

    kind: Literal["event"]
    events: Annotated[list[EventKind], Field(min_length=1)]
    within_days: Annotated[int, Field(ge=0, le=366)]

    numbers: ClassVar = ("within_days",)


class OnDate(Strict):
    """Each year on the anniversary of a fact's date, open some days before, closable some days after."""

    kind: Literal["date"]
    fact: Literal["joined_on"]
    every: Literal["year"]
    opens_days_before: Annotated[int, Field(ge=0, le=90)]
    closes_days_after: Annotated[int, Field(ge=0, le=90)]

    numbers: ClassVar = ("opens_days_before", "closes_days_after")


Trigger = Annotated[Quota | OnEvent | OnDate, Field(discriminator="kind")]


class Responsible(Strict):
    """Whose turn it is: the role at the nearest organisation upward. Acts of the roles in ``also`` there count too."""

    role: Role
    also: list[Role] = Field(default=[], alias="with")


class RuleSpec(Strict):
    code: Annotated[str, Field(pattern=r"^[a-z0-9-]+$", max_length=60)]
    title: str
    clause: str
    mechanism: Annotated[str, Field(pattern=r"^M\d\d$")]
    force: Literal["应当", "一般应", "可以"]
    sensitive: bool = False
    action: Literal["talk"]
    collective_counts: bool = False
    responsible: Responsible
    target: Annotated[list[Condition], Field(min_length=1)]
    trigger: Trigger
    set_by: dict[str, Setter]

    @model_validator(mode="after")
    def _whole(self):
        if set(self.set_by) != set(self.trigger.numbers):
            raise ValueError("set_by 要逐一说明这些数字出自条文还是本单位：" + "、".join(self.trigger.numbers))
        if self.target[0].condition != "standing":
            raise ValueError("target 的第一个条件必须是 standing（人员类别）")
        names = [condition.condition for condition in self.target]
        if len(names) != len(set(names)):
            raise ValueError("target 里同名条件只能出现一次")
        return self

    @property
    def late_counts(self) -> bool:
        """Whether an act after the due day still closes the duty without limit."""
        return self.trigger.kind == "event"

    @property
    def own_numbers(self) -> list[str]:
        """Numbers the organisation set (shown with the tag 自定)."""
        return [name for name, setter in self.set_by.items() if setter == "organisation"]


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
