"""The forms of decisions on policy: adopting, ending, adjusting. They offer only what the account may choose; the
service checks what can be.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from hashlib import sha256

from django import forms
from django.core.exceptions import ValidationError

from base.fields import TextField
from base.once import OnceField
from duties.policy.adjusting import NAMES, Allowed
from duties.policy.models import Clause
from duties.policy.schema import RuleSpec
from duties.policy.units import NOBODY, Units, amiss, named
from members.models import Organisation


class DecidedDay(forms.DateField):
    """The day from which, or until which, a decision on policy holds."""

    def __init__(self, label: str, **more):
        wrong = f"请填{label}，例如 2026-11-23。"
        super().__init__(
            label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            error_messages={"required": wrong, "invalid": wrong}, **more,
        )  # fmt: skip


class DecisionForm(forms.Form):
    """A decision on policy that is looked at before it is made.

    ``seen`` is what was looked at last: where the form says something else by now, it is looked at anew.
    """

    once = OnceField()
    seen = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)

    deciding: tuple[str, ...] = ()
    """The fields on which the outcome depends."""

    def field_of(self, number: str) -> str | None:
        """The field that a refusal about a number belongs to; ``None`` for the top of the form."""
        return number if number in self.fields else None

    def sight(self) -> str:
        """What ``seen`` says of the form as it is filled in: a digest, for a form of many fields is long."""
        told = repr([self.cleaned_data.get(name) for name in self.deciding])
        return sha256(told.encode()).hexdigest()[:32]

    @property
    def was_seen(self) -> bool:
        return self.cleaned_data.get("seen") == self.sight()


class AdoptForm(DecisionForm):
    """Which organisation follows a policy from which day."""

    deciding = ("organisation", "since")
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), label="哪个党组织", empty_label="请选",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请从列表里选采用制度的党组织。"),
        help_text="它和它的下级都照着办。",
    )  # fmt: skip
    since = DecidedDay(
        "从哪天起", help_text="可以填以前的日子：从那天起到期的事会补列出来，那天以后做过的照样算数。一般填今天或年初。"
    )

    def __init__(self, data=None, *, within, offered: list[Organisation], day: date, **more):
        super().__init__(data, **more)
        self.day, field = day, self.fields["organisation"]
        field.queryset = within
        field.widget.choices = [("", "请选"), *((each.pk, each.label) for each in offered)]

    def clean_since(self) -> date:
        since, first = self.cleaned_data["since"], date(self.day.year - 1, 1, 1)
        if since < first:
            raise ValidationError(f"最早填 {first}。更早到期的事，补列出来也办不了。")
        if since > self.day + timedelta(days=366):
            raise ValidationError("最晚填一年以后。再晚的，到时候再采用。")
        return since


class AdoptionEndForm(DecisionForm):
    """From which day an organisation follows a policy no longer, and why."""

    deciding = ("until",)
    until = DecidedDay("从哪天起不再执行")
    reason = TextField(
        label="为什么停用", max_length=200, widget=forms.Textarea(attrs={"rows": 2}), help_text="理由会留在审计里。",
        error_messages={"required": "请写为什么停用，一句话也可以。"},
    )  # fmt: skip

    def __init__(self, data=None, *, since: date, day: date, **more):
        super().__init__(data, **more)
        self.since, self.day = since, day

    def clean_until(self) -> date:
        until = self.cleaned_data["until"]
        if until <= self.since:
            raise ValidationError(f"这次采用从 {self.since} 起，停用日期要晚于这一天。")
        if until > self.day + timedelta(days=366):
            raise ValidationError("最晚填一年以后。")
        return until


SEMESTERS = 4
"""Rows of the table of semesters."""
_MONTH_DAY = re.compile(r"(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*日?")


class MonthDayField(TextField):
    """A day of every year: 02-20, 2 月 20 日. Cleans to ``02-20``."""

    def __init__(self, label: str):
        attrs = {"placeholder": "09-01", "inputmode": "text", "size": 7}
        super().__init__(label=label, required=False, max_length=12, widget=forms.TextInput(attrs=attrs))
        self.error_messages["max_length"] = "请写成 09-01 这样。"

    def clean(self, value) -> str:
        text = super().clean(value).strip()
        if not text:
            return ""
        found = _MONTH_DAY.fullmatch(text)
        try:
            return date(2000, *(int(part) for part in found.groups())).strftime("%m-%d")
        except (AttributeError, ValueError) as wrong:
            raise ValidationError("没有这一天，请写成 09-01 这样。") from wrong


class RuleAdjustForm(DecisionForm):
    """Numbers of a rule that an organisation sets for itself and all below it. Each starts as it holds there today.

    :param pack: the rule as its pack has it; ``now`` as it holds at the organisation today; ``may`` says what a number
        may be there.
    """

    since = DecidedDay("从哪天起", help_text="这天以前列出的应办不变，这天起列出的按新的算。")
    basis = TextField(
        label="决定依据", max_length=200, help_text="哪次会议、哪份文件定的，如“2026-11-19 支委会”。",
        error_messages={"required": "请写是哪次会议或哪份文件定的。"},
    )  # fmt: skip

    def __init__(self, data=None, *, pack: RuleSpec, now: RuleSpec, may: Callable[[str], Allowed], day: date, **more):
        super().__init__(data, **more)
        self.pack, self.now, self.day = pack, now, day
        for name in self.plain:
            wrong = may(name).refusal
            self.fields[name] = forms.IntegerField(
                label=NAMES[name], initial=getattr(now.trigger, name), help_text=may(name).hint,
                error_messages=dict.fromkeys(("required", "invalid"), wrong),
                widget=forms.NumberInput(attrs={"min": 0, "step": 1}),
            )  # fmt: skip
        if self.by_semester:
            held = [*now.trigger.semesters, *[("", "")] * SEMESTERS][:SEMESTERS]
            for n, (begins, ends) in enumerate(held, start=1):
                for end, words, initial in (("from", "起", begins), ("to", "止", ends)):
                    self.fields[f"semester_{n}_{end}"] = MonthDayField(f"第 {n} 段{words}")
                    self.fields[f"semester_{n}_{end}"].initial = initial
        self.order_fields(["once", "seen", *self.numbers_fields, "since", "basis"])

    @property
    def plain(self) -> list[str]:
        """The numbers that are numbers."""
        return [name for name in self.pack.adjustable if name != "semesters"]

    @property
    def by_semester(self) -> bool:
        return "semesters" in self.pack.adjustable

    @property
    def numbers_fields(self) -> list[str]:
        ends = [f"semester_{n}_{end}" for n in range(1, SEMESTERS + 1) for end in ("from", "to")]
        return [*self.plain, *(ends if self.by_semester else [])]

    @property
    def deciding(self) -> tuple[str, ...]:
        return (*self.numbers_fields, "since")

    def clean_since(self) -> date:
        since = self.cleaned_data["since"]
        if abs((since - self.day).days) > 366:
            raise ValidationError("请填前后一年以内的日子。")
        return since

    def clean(self):
        given = super().clean()
        if self.by_semester:
            self._check_semesters()
        return given

    def _check_semesters(self) -> None:
        for n in range(1, SEMESTERS + 1):
            ends = {end: self.cleaned_data.get(f"semester_{n}_{end}") for end in ("from", "to")}
            if sum(map(bool, ends.values())) == 1:
                missing = next(end for end, value in ends.items() if not value)
                if f"semester_{n}_{missing}" not in self.errors:
                    self.add_error(f"semester_{n}_{missing}", "起止两天都要写，或都空着。")
        if not self.errors and not self._semesters():
            self.add_error("semester_1_from", "至少要写一段。")

    def _semesters(self) -> list[list[str]]:
        rows = [[self.cleaned_data[f"semester_{n}_{end}"] for end in ("from", "to")] for n in range(1, SEMESTERS + 1)]
        return [row for row in rows if row[0]]

    def numbers(self) -> dict:
        """What the service takes: the numbers that are not those of the pack."""
        told = {name: self.cleaned_data[name] for name in self.plain}
        if self.by_semester:
            told["semesters"] = self._semesters()
        pack = self.pack.model_dump(mode="json")["trigger"]
        return {name: value for name, value in told.items() if value != pack[name]}

    @property
    def changes_nothing(self) -> bool:
        """Whether the numbers are those that hold there already; of numbers that cannot be, the service says why."""
        try:
            return not self.pack.proposal and self.pack.adjusted(self.numbers()) == self.now
        except ValueError:
            return False

    def field_of(self, number: str) -> str | None:
        """The field that a refusal about a number belongs to."""
        name = "semester_1_from" if number == "semesters" else number
        return name if name in self.fields else None


class AdjustmentEndForm(DecisionForm):
    """From which day the numbers of an adjustment hold no longer."""

    deciding = ("until",)
    until = DecidedDay("从哪天起不再用")


class UnitsForm(forms.Form):
    """Who leads and who assists what each clause of a policy asks. ``seen`` is the table the writer saw."""

    once = OnceField()
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, data=None, *, clauses: list[Clause], own: Mapping[int, Units], **more):
        super().__init__(data, **more)
        self.clauses = clauses
        for clause in clauses:
            units, what = own.get(clause.pk, NOBODY), f"{clause.printed} {clause.heading}"
            for part, label, text in (("lead", "牵头单位", units.lead), ("assist", "配合单位", units.assisting)):
                known = {"list": "units-known", "autocomplete": "off", "aria-label": f"{what}：{label}"}
                self.fields[f"{part}_{clause.pk}"] = TextField(
                    label=known["aria-label"], required=False, max_length=800, initial=text,
                    widget=forms.TextInput(attrs=known),
                )  # fmt: skip

    def rows(self) -> Iterator[tuple[Clause, forms.BoundField, forms.BoundField]]:
        """Each clause with its two fields."""
        for clause in self.clauses:
            lead, assist = self[f"lead_{clause.pk}"], self[f"assist_{clause.pk}"]
            for field in (lead, assist):
                # What stands there now, where what was typed differs from it.
                field.now = field.initial if self.is_bound and (field.value() or "").strip() != field.initial else None
            yield clause, lead, assist

    def told(self) -> dict[int, Units]:
        """What the service takes."""
        return {each.pk: self._units(each) for each in self.clauses}

    def _units(self, clause: Clause) -> Units:
        lead = " ".join(self.cleaned_data.get(f"lead_{clause.pk}", "").split())
        return Units(lead, named(self.cleaned_data.get(f"assist_{clause.pk}", "")))

    def clean(self):
        given = super().clean()
        for clause in self.clauses:
            for part, sentence in amiss(self._units(clause)).items():
                if f"{part}_{clause.pk}" not in self.errors:
                    self.add_error(f"{part}_{clause.pk}", sentence)
        return given
