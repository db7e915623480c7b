"""What a register is: the form of its entries, the categories they write, why they end. Declared, not programmed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from base.cells import Unreadable, day_of
from base.fields import TableField, TextField, YuanField, in_yuan
from care.models import CLOSED, SENSITIVE, Entry, RegisterCode
from members.enums import CategoryKind, TieKind
from members.models import Membership
from members.office_forms import ActForm, day_field

STEPS = "steps"
"""Where the private facts of an entry keep the steps taken."""


@dataclass(frozen=True)
class Section:
    """Fields of a form that belong together, under one heading, on the form, the page and the printed form."""

    title: str
    names: tuple[str, ...]


class EntryForm(ActForm):
    """The form of an entry; a register adds its facts as fields. ``private``: facts for those who care alone;
    ``past``: days that cannot be to come; ``lapses``: facts that hold until the last day that another fact gives.
    """

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    name = TextField(max_length=60, required=False, widget=forms.HiddenInput)
    to = forms.ChoiceField(
        widget=forms.RadioSelect,
        error_messages={"required": "请选是哪一位。", "invalid_choice": "这个人不在查到的名单里，请重新查姓名。"},
    )  # fmt: skip
    since = day_field("从哪天起")
    on = day_field("这些变化从哪天起")
    grade = forms.ChoiceField(
        label="等次", error_messages=dict.fromkeys(("required", "invalid_choice"), "请从列表里选等次。")
    )
    review_on = day_field("下次复核", required=False)

    sections: ClassVar[tuple[Section, ...]] = ()
    private: ClassVar[frozenset[str]] = frozenset()
    past: ClassVar[frozenset[str]] = frozenset()
    lapses: ClassVar[dict[str, str]] = {}

    @classmethod
    def facts(cls) -> dict[str, forms.Field]:
        """The fields that say what is known of the member, in the order of the sections."""
        return {name: cls.base_fields[name] for section in cls.sections for name in section.names}

    def limit(self, account, membership: Membership, on: date) -> None:
        """Give fields that choose among rows what there is to choose on a day, for the member and who fills it in."""

    def end(self):
        """The other end of the tie that the entry is about (field ``to``), if it is about one."""
        return self.cleaned_data.get("to")

    def given(self) -> dict[str, Any]:
        """The facts that the form showed, as they are kept."""
        return {name: packed(self.cleaned_data.get(name)) for name in self.facts() if name in self.fields}


def packed(value: Any) -> Any:
    """A cleaned value as JSON keeps it."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: packed(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [packed(each) for each in value]
    return value


@dataclass(frozen=True)
class Told:
    """One fact in words: a text, or the rows of a table under its headings."""

    label: str
    text: str = ""
    headings: tuple[str, ...] = ()
    rows: list[list[str]] = field(default_factory=list)
    long: bool = False

    @property
    def cells(self) -> list[list[tuple[str, str]]]:
        """The rows with each cell's heading, which a phone shows beside it."""
        return [list(zip(self.headings, row, strict=True)) for row in self.rows]


def told(field_: forms.Field, value: Any) -> Told:
    """A kept value as people read it; an empty one has neither text nor rows."""
    label = str(field_.label)
    if isinstance(field_, TableField):
        columns = field_.row.base_fields
        rows = [[told(column, row.get(name)).text for name, column in columns.items()] for row in value or []]
        return Told(label, headings=tuple(str(column.label) for column in columns.values()), rows=rows)
    return Told(label, _words(field_, value), long=isinstance(field_.widget, forms.Textarea))


def _words(field_: forms.Field, value: Any) -> str:
    if value is None or value in ("", []):
        return ""
    if isinstance(field_, YuanField):
        return f"{in_yuan(value)} 元"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(field_, forms.MultipleChoiceField | forms.TypedMultipleChoiceField):
        labels = dict(field_.choices)
        return "、".join(labels.get(each, str(each)) for each in value)
    if isinstance(field_, forms.ChoiceField):
        return dict(field_.choices).get(value, str(value))
    return str(value)


@dataclass(frozen=True)
class Belongs:
    """A category that follows from an entry, with days of its own."""

    kind: CategoryKind
    grade: str
    since: date
    until: date


@dataclass(frozen=True)
class Reckoned:
    """What the entries of one member in one register, taken together, make of one of them."""

    entry: Entry
    until: date
    """The first day after it."""
    belongs: list[Belongs]


@dataclass(frozen=True)
class Step:
    """One step of a procedure; ``action``: of the record that it leaves, if it leaves one."""

    code: str
    label: str
    who: str
    note: str = ""
    action: str = ""


@dataclass(frozen=True)
class Procedure:
    """What has to be gone through for an entry, step after step.

    :param applies: whether an entry has to go through it.
    :param check: why a step cannot have been taken on a day; empty if it can.
    """

    title: str
    steps: tuple[Step, ...]
    applies: Callable[[Entry], bool]
    check: Callable[[Entry, Step, date], str]

    def of(self, entry: Entry) -> list[tuple[Step, dict]]:
        """The steps of an entry, each with its day and words (``on``, ``note``) as far as it is taken."""
        if not self.applies(entry):
            return []
        taken = {each["step"]: each for each in taken_steps(entry)}
        return [(step, taken.get(step.code, {})) for step in self.steps]

    def next(self, entry: Entry) -> Step | None:
        """The step that comes now."""
        return next((step for step, taken in self.of(entry) if not taken), None)


def taken_steps(entry: Entry) -> list[dict]:
    """The steps taken for an entry, in order: ``step``, ``on``, ``note``."""
    return entry.private.get(STEPS, [])


def _no_kinds(entry: Entry) -> dict[CategoryKind, str]:
    return {}


@dataclass(frozen=True)
class Register:
    """One register.

    :param noun: what an entry is called in a sentence (困难情况).
    :param lead: what the register is for, one sentence under its title.
    :param form: its form; each fact stands in one of the form's sections.
    :param grades: the grades an entry may have, as they stand in its category; none: the form asks for none.
    :param kinds: the categories an entry puts its member into, with their grades.
    :param tie: the tie that an entry is about, if it is about one: the other end is asked with the form.
    :param other: what the other end is called (帮扶人) where it is a person to be found by name.
    :param about_other: what to know of that choice.
    :param replaced: of the closings that of an entry whose place another takes, with somebody else at that end.
    :param away_to: of a register of those who are away: where to; the member's own row says so while an entry runs.
    :param notice: what the page says of an entry on a day, given where the member stands: a sentence, or nothing.
    :param closings: why an entry may end, in the words of the record.
    :param columns: facts that the list shows; none of the private ones.
    :param review_days: after how many days an entry is to be looked at anew; ``None``: no review.
    :param recognised: whether an entry counts only after a superior recognised it.
    :param several: whether a member may stand in it several times at once, for different reasons
        (:data:`care.models.SEVERAL`).
    :param together: where the entries of a member bear on each other: what the standing ones make of each, in place of
        ``kinds`` and ``ends``. Its days are the facts' own, so a change holds from the beginning.
    :param procedure: what has to be gone through step after step.
    :param stands: how a running entry stands on a day and the tone of it, for the list; nothing private is at hand.
    :param close_hint: what is to be minded when an entry is ended by hand.
    :param reports: the page of what is reported upward from it, by URL name, and its title.
    :param ends: the last day of an entry as its facts give it, ``None`` while that is open.
    :param contact: whether a contact is to be named: where none is, or one who left, lists and pages say so.
    :param follows: what the page works out for a day from all facts and where the member stands: a title and lines;
        for those who read the private facts.
    :param page: what its organisations set for it: a page for those who decide on policy, by URL name and title.
    :param check: what is wrong today with the facts of an entry, by field; sees the entry as it would be.
    :param reads_posts: whether ``check`` reads the posts of the member: who checks many brings them along.
    """

    code: RegisterCode
    title: str
    noun: str
    lead: str
    form: type[EntryForm]
    grades: tuple[str, ...] = ()
    kinds: Callable[[Entry], dict[CategoryKind, str]] = _no_kinds
    tie: TieKind | None = None
    other: str = ""
    about_other: str = ""
    replaced: str = ""
    away_to: Callable[[Entry], str] | None = None
    notice: Callable[[Entry, Membership, date], str] | None = None
    closings: tuple[str, ...] = ("情况已经消除", "其他")
    columns: tuple[str, ...] = ()
    review_days: int | None = None
    recognised: bool = False
    several: bool = False
    ends: Callable[[Entry], date | None] | None = None
    check: Callable[[Entry, date], dict[str, str]] | None = None
    reads_posts: bool = False
    together: Callable[[Sequence[Entry]], list[Reckoned]] | None = None
    procedure: Procedure | None = None
    stands: Callable[[Entry, date], tuple[str, str]] | None = None
    close_hint: str = ""
    contact: bool = False
    follows: Callable[[Entry, Membership, date], tuple[str, list[Told]]] | None = None
    page: tuple[str, str] | None = None
    reports: tuple[str, str] | None = None

    @property
    def graded(self) -> str:
        """What the grade is called."""
        return str(self.form.base_fields["grade"].label)

    @property
    def sensitive(self) -> bool:
        return self.code in SENSITIVE

    @property
    def closed(self) -> bool:
        return self.code in CLOSED

    def split(self, given: dict[str, Any]) -> tuple[dict, dict]:
        """Facts apart: what may be read with the entry, and what is private."""
        private = self.form.private
        return (
            {name: value for name, value in given.items() if name not in private},
            {name: value for name, value in given.items() if name in private},
        )  # fmt: skip

    def sections_of(self, entry: Entry, *, private: bool, day: date) -> list[tuple[str, list[Told]]]:
        """The facts of an entry in words, section by section; empty ones and those not for the reader left out.

        What lapsed before ``day`` is shown and said to have.
        """
        known, fields = {**entry.facts, **(entry.private if private else {})}, self.form.facts()
        found = []
        for section in self.form.sections:
            lines = [self._line(fields[name], name, known, day) for name in section.names if name in known]
            if lines := [line for line in lines if line.text or line.rows]:
                found.append((section.title, lines))
        return found

    def _line(self, field_: forms.Field, name: str, known: dict[str, Any], day: date) -> Told:
        line, last = told(field_, known[name]), known.get(self.form.lapses.get(name, ""))
        if line.text and last and date.fromisoformat(last) < day:
            return Told(line.label, f"{line.text}（已于 {last} 到期）", long=line.long)
        return line

    def withheld(self) -> list[str]:
        """Labels of the private facts."""
        return [str(field_.label) for name, field_ in self.form.facts().items() if name in self.form.private]

    def columns_of(self, entry: Entry) -> list[str]:
        fields = self.form.facts()
        return [told(fields[name], entry.facts.get(name)).text for name in self.columns]

    @property
    def headings(self) -> list[str]:
        return [str(self.form.base_fields[name].label) for name in self.columns]


def what_changed(register: Register, before: tuple, after: tuple) -> str:
    """The labels of what differs; a grade with its values, facts never."""
    facts = register.form.facts().items()
    labels = [str(field_.label) for name, field_ in facts if before[0].get(name) != after[0].get(name)]
    if before[1] != after[1]:
        labels.insert(0, f"等次由{before[1] or '无'}改为{after[1] or '无'}")
    if before[2] != after[2]:
        labels.append(f"下次复核改为 {after[2]}")
    return "、".join(labels)[:200]


def words(label: str, *, most: int = 200, required: bool = False, lines: int = 0, hint: str = "", say: str = ""):
    """A fact in words; ``lines``: of so many lines."""
    widget = forms.Textarea(attrs={"rows": lines}) if lines else forms.TextInput()
    return TextField(
        label=label, max_length=most, required=required, widget=widget, help_text=hint,
        error_messages={"required": say or f"请填{label}。"},
    )  # fmt: skip


def _pairs(choices) -> list[tuple[str, str]]:
    """The choices of an enumeration; words stand for themselves."""
    return list(getattr(choices, "choices", None) or [(each, each) for each in choices])


def one_of(label: str, choices, *, required: bool = False, blank: str = "未填", hint: str = "", radio: bool = False):
    """A fact from a closed list."""
    given = _pairs(choices)
    shown = given if radio and required else [("", blank), *given]
    return forms.ChoiceField(
        label=label, choices=shown, required=required, help_text=hint,
        widget=forms.RadioSelect if radio else forms.Select,
        error_messages=dict.fromkeys(("required", "invalid_choice"), f"请从列表里选{label}。"),
    )  # fmt: skip


def some_of(label: str, choices, *, required: bool = False, hint: str = ""):
    """Several facts of a closed list."""
    return forms.MultipleChoiceField(
        label=label, choices=_pairs(choices), required=required, help_text=hint,
        widget=forms.CheckboxSelectMultiple,
        error_messages=dict.fromkeys(("required", "invalid_choice", "invalid_list"), f"请勾选{label}。"),
    )  # fmt: skip


def yuan(label: str, *, required: bool = False, hint: str = ""):
    """A sum of money in yuan, kept in fen."""
    return YuanField(label=label, required=required, help_text=hint, error_messages={"required": f"请填{label}。"})


def count(label: str, *, most: int = 99, required: bool = False, hint: str = ""):
    """A small whole number."""
    wrong = f"{label}请填 0 到 {most} 的整数。"
    return forms.IntegerField(
        label=label, min_value=0, max_value=most, required=required, help_text=hint,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), wrong),
    )  # fmt: skip


def day(label: str, *, required: bool = False, hint: str = ""):
    """A civil day."""
    return day_field(label, required=required, hint=hint)


class DayOrLess(TextField):
    """A day of which perhaps the month or the year alone is known: ``2009-05-03``, ``2009-05``, ``2009``."""

    LENGTHS: ClassVar[dict[str, int]] = {"day": 10, "month": 7, "year": 4}

    def clean(self, value):
        try:
            read = day_of(super().clean(value))
        except Unreadable as wrong:
            raise ValidationError(str(wrong)) from wrong
        return read.day.isoformat()[: self.LENGTHS[read.precision]] if read.day else ""


def day_or_less(label: str, *, required: bool = False):
    """A day, or as much as is known of it."""
    hint = {"placeholder": "2009-05"}
    return DayOrLess(
        label=label, max_length=16, required=required, widget=forms.TextInput(attrs=hint),
        error_messages={"required": f"请填{label}，只知道年月的写年月。"},
    )  # fmt: skip


def yes_no(label: str, *, hint: str = ""):
    """Whether something holds."""
    return forms.BooleanField(label=label, required=False, help_text=hint)


def table(label: str, row: type[forms.Form], *, hint: str = ""):
    """Rows of small fields."""
    return TableField(row, label=label, help_text=hint)
