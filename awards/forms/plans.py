"""Forms of the yearly plan: where it begins, its items, approving it."""

from datetime import date

from django import forms

from awards.planning import Item
from base.fields import TableField, TextField
from duties.engine.models import Action
from members.acting import actors_for
from members.models import Organisation, Person
from members.office_forms import ActForm, SaysAll, day_field

POLICY, LAST_YEAR, EMPTY = "policy", "last", "empty"


class PlanBegin(SaysAll):
    """Of which year, and what it begins with."""

    organisation = forms.IntegerField(widget=forms.HiddenInput)
    year = forms.TypedChoiceField(
        label="年度", coerce=int, error_messages=dict.fromkeys(("required", "invalid_choice"), "请选年度。")
    )
    begin = forms.ChoiceField(
        label="先列什么", widget=forms.RadioSelect,
        choices=[(POLICY, "按采用的制度列出"), (LAST_YEAR, "照抄上一年的"), (EMPTY, "空白，自己写")],
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请选先列什么。"),
    )  # fmt: skip

    def __init__(self, data=None, *, day: date, **more):
        super().__init__(data, **more)
        self.fields["year"].choices = [(year, f"{year} 年") for year in (day.year, day.year + 1, day.year - 1)]


class ItemRow(forms.Form):
    """One item."""

    what = TextField(label="做什么", max_length=200, error_messages={"required": "请写做什么。"})
    action = forms.ChoiceField(
        label="怎样算办了", required=False, choices=[("", "不统计"), *Action.choices],
        error_messages={"invalid_choice": "请从列表里选怎样算办了。"},
    )  # fmt: skip
    whom = TextField(label="对谁", max_length=60, required=False)
    times = forms.IntegerField(
        label="几次", required=False, min_value=1, max_value=9999, widget=forms.TextInput(attrs={"size": 4}),
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), "几次请填 1 到 9999 的整数。"),
    )  # fmt: skip
    due_on = day_field("哪天前", required=False)
    who = TextField(label="谁负责", max_length=60, required=False)


class PlanForm(ActForm):
    """All items of a draft."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    items = TableField(ItemRow, label="事项", help_text="不要的整行清空。“怎样算办了”选了，这里就自动数今年办了几次。")

    def given(self) -> list[Item]:
        return [Item(**row) for row in self.cleaned_data["items"]]


class ReopenForm(ActForm):
    """Why an approved plan is to be changed."""

    reason = TextField(
        label="为什么要改", max_length=200, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写为什么要改，一句话也可以。"},
    )  # fmt: skip


class ApproveForm(SaysAll):
    """When and by whom it was approved."""

    on = day_field("批准日期")
    people = forms.TypedMultipleChoiceField(
        label="谁主持研究", coerce=int, widget=forms.CheckboxSelectMultiple,
        error_messages=dict.fromkeys(("required", "invalid_choice", "invalid_list"), "请从列表里勾选谁主持研究。"),
    )  # fmt: skip
    meeting = TextField(label="会议或文号", max_length=60, required=False)

    def __init__(self, data=None, *, account, here: Organisation, day: date, **more):
        super().__init__(data, **more)
        self.fields["people"].choices = actors_for(here, account, day)

    def given(self) -> dict:
        """As the service takes it."""
        people = list(Person.objects.filter(pk__in=self.cleaned_data["people"]).order_by("pk"))
        return {"on": self.cleaned_data["on"], "people": people, "meeting": self.cleaned_data["meeting"]}
