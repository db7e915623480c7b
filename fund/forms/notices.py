"""The forms of notices: posting one, entering its result, an objection and its answer."""

from collections.abc import Sequence

from django import forms

from base.fields import RowsField, TextField
from fund.applying.noticing import Posting
from fund.models import Application, Objection
from members.office_forms import SaysAll, day_field

_PICK = dict.fromkeys(("required", "invalid_list", "invalid_pk_value"), "还没有选要公示的申请。")
_GONE = {"invalid_choice": "有的申请已经不等公示了（刚由别人办过），已从表里去掉，请核对再张贴。"}


class PostingForm(SaysAll):
    """What a notice says, and which applications stand on it."""

    rows = RowsField(
        Application.objects.none(), label="公示哪些", widget=forms.CheckboxSelectMultiple, error_messages=_PICK | _GONE
    )
    title = TextField(label="标题", max_length=80, error_messages={"required": "请写公示的标题。"})
    words = TextField(
        label="正文", max_length=300, widget=forms.Textarea(attrs={"rows": 3}), required=False,
        help_text="写依据和程序，不写姓名、病情和家庭情况。",
    )  # fmt: skip
    phone = TextField(label="监督电话", max_length=40, error_messages={"required": "请写监督电话，群众要能反映意见。"})
    office = TextField(label="受理部门", max_length=60, error_messages={"required": "请写受理部门。"})
    place = TextField(label="张贴在哪里", max_length=80, required=False)

    def __init__(self, data=None, *, rows: Sequence[Application], **more):
        super().__init__(data, **more)
        self.offered = {row.pk: row for row in rows}
        self.fields["rows"].queryset = Application.objects.filter(pk__in=self.offered).order_by("year", "number")
        self.initial.setdefault("rows", list(self.offered))

    def ticked(self) -> set[str]:
        """The numbers that are ticked now."""
        return {str(each) for each in self["rows"].value() or ()}

    def chosen(self) -> list[Application]:
        return list(self.cleaned_data["rows"])

    def posting(self) -> Posting:
        return Posting(**{name: self.cleaned_data[name] for name in Posting.__dataclass_fields__})


class ResultForm(SaysAll):
    result = TextField(label="公示结果", max_length=200, required=False, initial="公示期满，无异议。")


class ObjectionForm(SaysAll):
    """What somebody said against a row. Sealed, and read by those alone who handle it."""

    received_on = day_field("收到日期")
    by = TextField(
        label="反映人", max_length=60, help_text="匿名的写“匿名”，同样要核查。为反映人保密，加密保存。",
        error_messages={"required": "请写反映人；匿名反映的写“匿名”，同样要核查。"},
    )  # fmt: skip
    contact = TextField(label="联系方式", max_length=120, required=False)
    text = TextField(
        label="反映了什么", max_length=2_000, widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "请写反映了什么。"},
    )  # fmt: skip


class AnswerForm(SaysAll):
    """The conclusion, and the answer in writing."""

    outcome = forms.ChoiceField(
        label="核查结论", choices=Objection.Outcome.choices, widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请选核查的结论。"),
    )  # fmt: skip
    answer = TextField(
        label="书面答复", max_length=2_000, widget=forms.Textarea(attrs={"rows": 4}), help_text="加密保存。",
        error_messages={"required": "请写给反映人的书面答复。"},
    )  # fmt: skip
