"""The forms of a notice: sending it, answering, accepting or sending back."""

from django import forms

from base.fields import TextField
from ledgers.indicators import KINDS
from ledgers.supervision.acts import LONGEST, Wanted
from members.office_forms import SaysAll, day_field

NO_SUCH_DUTY = "点名的应办里有一件已经不在这里，请打开最新的再选。"


class SupervisionForm(SaysAll):
    """What is asked of whom by when; the duties behind the figure can be named one by one."""

    organisation = forms.IntegerField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(choices=[("", ""), *((code, code) for code in KINDS)], required=False,
                             widget=forms.HiddenInput)  # fmt: skip
    year = forms.TypedChoiceField(
        coerce=int, empty_value=None, required=False, widget=forms.HiddenInput,
        error_messages={"invalid_choice": "没有这一年的数，请从督查指标重新打开这一页。"},
    )  # fmt: skip
    subject = TextField(
        label="督办事项", max_length=60, help_text="列表和应办里看到的就是这一句，不写姓名和病情。",
        error_messages={"required": "请写督办事项，一句话也可以。"},
    )  # fmt: skip
    text = TextField(
        label="要对方答复什么", max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="加密保存，只给被督办的党组织和上级看。",
        error_messages={"required": "请写要对方答复什么，一句话也可以。"},
    )  # fmt: skip
    due_on = day_field("哪天前答复")
    named = forms.MultipleChoiceField(
        label="点名的应办", required=False, widget=forms.CheckboxSelectMultiple,
        error_messages=dict.fromkeys(("invalid_choice", "invalid_list"), NO_SUCH_DUTY),
    )  # fmt: skip

    def __init__(self, data=None, *, lines, years, **more):
        super().__init__(data, **more)
        self.fields["year"].choices = [(each, str(each)) for each in years]
        self.fields["named"].choices = [(line.ref, f"{line.who} {line.what}（{line.when}）") for line in lines]
        self.duties = {line.ref: line.duty for line in lines}

    def wanted(self, figures: dict[str, int] | None) -> Wanted:
        """As the service takes it."""
        given = self.cleaned_data
        return Wanted(
            given["subject"], given["text"], given["due_on"], given["kind"], given["year"] if given["kind"] else None,
            figures, [self.duties[ref] for ref in given["named"]],
        )  # fmt: skip


class AnswerForm(SaysAll):
    text = TextField(
        label="答复", max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 6}),
        help_text="办了什么、还差什么、哪天办完。加密保存，只给本党组织和上级看。",
        error_messages={"required": "请写答复，一句话也可以。"},
    )  # fmt: skip


class BackForm(SaysAll):
    reason = TextField(
        label="为什么退回", max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写为什么退回，一句话也可以。"},
    )  # fmt: skip
    due_on = day_field("重新答复的期限")
