"""The forms of tasks, and of what members ask for themselves."""

from django import forms

from base.fields import TextField
from base.once import OnceField
from duties.asking import HELP
from duties.forms import WHOM
from duties.tasks import LONGEST as LONGEST_TASK
from members.models import Person
from members.office_forms import day_field


class TaskForm(forms.Form):
    """What is to be done for a member, by whom, by which day."""

    once = OnceField()
    member = forms.IntegerField(widget=forms.HiddenInput, error_messages=WHOM)
    what = TextField(
        label="做什么", required=False, max_length=LONGEST_TASK, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="一句话，例如“陪同办理慢性病门诊手续”。开头几个字会列在应办清单上，只写做什么，不写病情、处分。",
    )  # fmt: skip
    to = forms.TypedChoiceField(
        label="谁来办", coerce=int,
        error_messages={
            "required": "请选谁来办。",
            "invalid_choice": "没有这个人，或此人不是联系人，在本支部和上级也没有任职。请从列表里选。",
        },
    )  # fmt: skip
    due_on = day_field("哪天前办")

    def __init__(self, data=None, *, offered: list[tuple[Person, str]], **more):
        """:param offered: to whom it may be given, as :func:`duties.tasks.offered` finds them."""
        super().__init__(data, **more)
        self.people = {person.pk: person for person, _said in offered}
        choices = [(person.pk, f"{person.name}（{said}）") for person, said in offered]
        self.fields["to"].choices = [("", "请选"), *choices]

    def task(self) -> dict:
        """The task as the service takes it."""
        given = self.cleaned_data
        return {"what": given["what"], "to": self.people[given["to"]], "due_on": given["due_on"]}


class TaskMoveForm(forms.Form):
    """Another day for a task, and why."""

    once = OnceField()
    due_on = day_field("改到哪天")
    reason = TextField(
        label="为什么改期", required=False, max_length=200, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="记入审计，不写病情、处分。",
    )  # fmt: skip


class HelpForm(forms.Form):
    """What help a member asks for, and what he likes to say of it."""

    once = OnceField()
    what = forms.ChoiceField(
        label="哪方面的困难", choices=HELP, widget=forms.RadioSelect,
        error_messages={"required": "请选是哪方面的困难。", "invalid_choice": "请从列出的几样里选。"},
    )  # fmt: skip
    words = TextField(
        label="想说的情况", required=False, max_length=1_000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="不写也可以，支部会来问。加密保存，只有您和能在支部登记的书记、委员、组织部能看。",
    )  # fmt: skip


class CorrectionForm(forms.Form):
    """What the telephone or the address is now; what is left empty stays as it is."""

    once = OnceField()
    phone = TextField(
        label="新的电话", required=False, max_length=60,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )  # fmt: skip
    landline = TextField(
        label="新的固定电话", required=False, max_length=60, help_text="要带区号，例如 0371-60001122。",
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )  # fmt: skip
    address = TextField(
        label="新的住址", required=False, max_length=200, widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip


class DeclineForm(forms.Form):
    """Why a correction is not made."""

    once = OnceField()
    reason = TextField(
        label="为什么不改", required=False, max_length=200, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="本人看得到。",
    )  # fmt: skip
