"""The forms of an entry's life beside the entry itself, and the list's filters."""

from django import forms

from base.fields import TextField
from care.models import SubsidyAmount
from care.register import EntryForm, Register, one_of, words, yuan
from care.subsidy import Tier
from duties.filters import Narrowing
from members.models import Person
from members.office_forms import ActForm, ReasonForm, day_field

STATES = (("", "在册"), ("waiting", "待认定"), ("review", "该复核了"), ("closed", "已退出"), ("all", "全部"))


class EntryFilter(Narrowing):
    """The list's filters: state, organisation, member's name."""

    state = forms.ChoiceField(choices=STATES, required=False, label="状态")


def shaped(form: EntryForm, register: Register, *, new: bool, private: bool) -> EntryForm:
    """The form with the fields that fit: a new entry has a beginning, a known one a day of change.

    :param private: whether private facts are shown; a new entry always asks for them.
    """
    gone = {"on"} if new else {"since", *({"to"} & form.fields.keys())}
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


class Review(ActForm):
    """An entry was looked at anew and stays as it is."""

    on = day_field("复核日期")
    note = TextField(
        label="怎么了解的", max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写怎么了解的，例如：上门，见到本人和配偶。"},
    )  # fmt: skip
    people = forms.TypedMultipleChoiceField(
        label="谁去了解的", coerce=int, widget=forms.CheckboxSelectMultiple,
        error_messages=dict.fromkeys(("required", "invalid_choice", "invalid_list"), "请勾选谁去了解的。"),
    )  # fmt: skip

    def lookers(self) -> list[Person]:
        """Who looked."""
        return list(Person.objects.filter(pk__in=self.cleaned_data.get("people", ())).order_by("pk"))


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

    def __init__(self, data=None, *, register: Register, **more):
        super().__init__(data, **more)
        self.fields["why"].choices = [(each, each) for each in register.closings]
        self.fields["last"].help_text = register.close_hint


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
