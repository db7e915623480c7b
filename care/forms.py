"""The forms of an entry's life beside the entry itself, and the list's filters."""

from django import forms

from base.fields import TextField
from care.register import EntryForm, Register
from duties.filters import Narrowing
from members.models import Person
from members.office_forms import ActForm, day_field

STATES = (("", "在册"), ("waiting", "待认定"), ("review", "该复核了"), ("closed", "已退出"), ("all", "全部"))


class EntryFilter(Narrowing):
    """The list's filters: state, organisation, member's name."""

    state = forms.ChoiceField(choices=STATES, required=False, label="状态")


def shaped(form: EntryForm, register: Register, *, new: bool, private: bool) -> EntryForm:
    """The form with the fields that fit: a new entry has a beginning, a known one a day of change.

    :param private: whether private facts are shown; a new entry always asks for them.
    """
    gone = {"on"} if new else {"since"}
    if not register.grades:
        gone.add("grade")
    if not register.review_days:
        gone.add("review_on")
    if not (new or private):
        gone |= register.form.private
    for name in gone:
        del form.fields[name]
    if register.grades:
        form.fields["grade"].choices = [("", "请选择"), *((each, each) for each in register.grades)]
    return form


class Recognise(ActForm):
    """A superior recognises an entry."""

    on = day_field("认定日期")
    organisation = TextField(label="认定单位", max_length=60, error_messages={"required": "请写认定单位。"})
    grade = forms.ChoiceField(label="等次", error_messages=dict.fromkeys(("required", "invalid_choice"), "请选等次。"))

    def __init__(self, data=None, *, register: Register, **more):
        super().__init__(data, **more)
        self.fields["grade"].choices = [(each, each) for each in register.grades]
        if not register.grades:
            del self.fields["grade"]


def _note(**more) -> TextField:
    return TextField(
        label="怎么了解的", max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写怎么了解的，例如：上门，见到本人和配偶。"}, **more,
    )  # fmt: skip


def _people(**more) -> forms.TypedMultipleChoiceField:
    return forms.TypedMultipleChoiceField(
        label="谁去了解的", coerce=int, widget=forms.CheckboxSelectMultiple, **more,
        error_messages=dict.fromkeys(("required", "invalid_choice", "invalid_list"), "请勾选谁去了解的。"),
    )  # fmt: skip


def lookers(form: forms.Form) -> list[Person]:
    """Who looked, by the form."""
    said = form.cleaned_data
    return list(Person.objects.filter(pk__in=said.get("lookers") or said.get("people") or ()).order_by("pk"))


def with_review(form: EntryForm, people: list[tuple[int, str]]) -> EntryForm:
    """The form of a known entry that is a review as well: how it was looked at and by whom; the next is reckoned."""
    form.fields |= {"looked": _note(), "lookers": _people(choices=people)}
    form.fields.pop("review_on", None)
    return form


class Review(ActForm):
    """An entry was looked at anew and stays as it is."""

    on = day_field("复核日期")
    note = _note()
    people = _people()


class Close(ActForm):
    """An entry ends."""

    last = day_field("最后一天")
    why = forms.ChoiceField(
        label="为什么退出", widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请选为什么退出。"),
    )  # fmt: skip
    note = TextField(label="说明", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    people = _people(required=False, help_text="勾选的，这次了解算一次复核。")

    def __init__(self, data=None, *, register: Register, **more):
        super().__init__(data, **more)
        self.fields["why"].choices = [(each, each) for each in register.closings]
        if not register.review_days:
            del self.fields["people"]


class ReportNew(ActForm):
    """The day whose figures are reported."""

    as_of = day_field("数据截至", hint="上半年填 6 月 30 日，下半年填 12 月 31 日；还没到那天的填今天。")


class ReportReturn(ActForm):
    """A report goes back to those below."""

    reason = TextField(
        label="为什么退回", max_length=200, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写为什么退回，一句话也可以。"},
    )  # fmt: skip
