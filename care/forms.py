"""The forms of an entry's life beside the entry itself, and the list's filters."""

from collections.abc import Sequence

from django import forms

from base.fields import TextField
from care.models import SubsidyAmount
from care.register import EntryForm, Register, one_of, words, yuan
from care.subsidy import Tier
from duties.filters import Narrowing
from members.finding import Found
from members.models import Person
from members.office_forms import ActForm, ReasonForm, day_field

STATES = (("", "在册"), ("waiting", "待认定"), ("review", "该复核了"), ("closed", "已退出"), ("all", "全部"))


class EntryFilter(Narrowing):
    """The list's filters: state, organisation, member's name."""

    state = forms.ChoiceField(choices=STATES, required=False, label="状态")


def shaped(form: EntryForm, register: Register, *, new: bool, private: bool, found: Sequence[Found] = ()) -> EntryForm:
    """The form with the fields that fit: a new entry has a beginning, a known one a day of change.

    :param private: whether private facts are shown; a new entry always asks for them.
    :param found: who may be the other end of the tie that a new entry makes.
    """
    gone = {"on"} if new else {"since"}
    if new and register.other:
        to = form.fields["to"]
        to.label, to.help_text = register.other, register.about_other
        to.choices = [(str(each.person.pk), each.label) for each in found]
    else:
        gone |= {"name"} if new and register.tie else {"name", "to"}
    if not register.grades:
        gone.add("grade")
    if not register.review_days:
        gone.add("review_on")
    if not (new or private):
        gone |= register.form.private
    for name in gone:
        del form.fields[name]
    if register.together and not new:  # the facts have days of their own
        form.fields["on"].widget = forms.HiddenInput()
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


class StepTaken(Review):
    """The next step of what an entry goes through."""

    code = forms.CharField(widget=forms.HiddenInput, max_length=20, required=False)
    on = day_field("哪天办的")
    note = TextField(
        label="怎么办的", max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写一句怎么办的。"},
    )  # fmt: skip
    people = forms.TypedMultipleChoiceField(
        label="谁办的", coerce=int, widget=forms.CheckboxSelectMultiple,
        error_messages=dict.fromkeys(("required", "invalid_choice", "invalid_list"), "请勾选谁办的。"),
    )  # fmt: skip


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
        self.fields["last"].help_text = register.close_hint
        if not register.review_days:
            del self.fields["people"]


class AmountNew(ActForm):
    """What one tier is paid in a month, from a day on."""

    tier = one_of("档次", Tier, required=True, radio=True)
    since = day_field("从哪天起", hint="提前知道的可以先填，到那天起用。")
    fen = yuan("每月多少元", required=True)
    basis = words("依据", most=120, required=True, hint="例如哪份文件，没有文号的写会议。")


class AmountWithdraw(ReasonForm):
    """A standard was entered wrongly."""

    amount = forms.TypedChoiceField(
        label="哪一条", coerce=int, widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请选要撤销的那一条。"),
    )  # fmt: skip
    field_order = ("once", "amount", "reason")

    def __init__(self, data=None, *, rows: list[SubsidyAmount], **more):
        super().__init__(data, **more)
        self.fields["amount"].choices = [(row.pk, f"{row.get_tier_display()}，{row.since} 起") for row in rows]


class ReportNew(ActForm):
    """The day whose figures are reported."""

    as_of = day_field("数据截至", hint="上半年填 6 月 30 日，下半年填 12 月 31 日；还没到那天的填今天。")


class ReportReturn(ActForm):
    """A report goes back to those below."""

    reason = TextField(
        label="为什么退回", max_length=200, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写为什么退回，一句话也可以。"},
    )  # fmt: skip
