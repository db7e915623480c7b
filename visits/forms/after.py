"""What the forms of talks and visits share about what follows: promises, addenda, what the member says of it."""

from django import forms

from base.fields import TableField, TextField
from base.once import OnceField
from duties.tasks import LONGEST as LONGEST_TASK
from members.models import Person
from members.office_forms import day_field
from visits.addenda import LONGEST
from visits.confirming import LONGEST as LONGEST_OBJECTION
from visits.promises import FIELDS, MOST, Promise


def promises_field(offered: list[tuple[Person, str]]) -> TableField:
    """Up to three rows: what was promised, who does it, by which day. Cleans to rows for :func:`promised`.

    :param offered: who may be given it, as :func:`duties.tasks.offered` finds them.
    """
    choices = [("", "请选"), *((person.pk, f"{person.name}（{said}）") for person, said in offered)]
    people = {str(person.pk): person for person, _said in offered}

    class Row(forms.Form):
        what = TextField(
            label=FIELDS["what"], max_length=LONGEST_TASK, widget=forms.TextInput(attrs={"class": "promise"}),
            error_messages={"required": "请写答应了什么。"},
        )  # fmt: skip
        to = forms.TypedChoiceField(
            label=FIELDS["to"], choices=choices, coerce=people.get,
            error_messages=dict.fromkeys(("required", "invalid_choice"), "请从列表里选谁来办。"),
        )  # fmt: skip
        due_on = day_field(FIELDS["due_on"])

    field = TableField(
        Row, label="答应了什么事",
        help_text="每件进入应办清单，到期提醒，办完登记。只写做什么，不写病情、处分。",
    )  # fmt: skip
    field.widget.most = MOST
    return field


def promised(rows: list[dict]) -> list[Promise]:
    """The rows as the service takes them."""
    return [Promise(**row) for row in rows]


class AddendumForm(forms.Form):
    """Words added to a talk or a visit."""

    once = OnceField()
    text = TextField(
        label="补记什么", required=False, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="附在原记录后面，注明日期和补记人，写好不能再改。加密保存，能看这条记录的人才能看。",
    )  # fmt: skip


class ConfirmForm(forms.Form):
    """What the member says of the record of a talk with him."""

    once = OnceField()
    right = forms.ChoiceField(
        label="记的对不对", choices=[("yes", "属实，没有意见"), ("no", "有不对的地方")], widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请选记的对不对。"),
    )  # fmt: skip
    text = TextField(
        label="哪里不对", required=False, max_length=LONGEST_OBJECTION, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="选“有不对的地方”时写。加密保存，谈话人和本支部书记、组织委员能看，原记录不改。",
    )  # fmt: skip


class PaperForm(forms.Form):
    """That the member signed the printed record."""

    once = OnceField()
    on = day_field("哪天签的字")
