"""The forms of a report: writing it, answering, sending back, completing; and what its list is narrowed by."""

from django import forms

from base.fields import TextField
from duties.filters import Narrowing
from ledgers.reporting.acts import LONGEST, LONGEST_ANSWER, Said
from ledgers.reporting.models import Report
from members.models import Organisation
from members.office_forms import SaysAll, day_field

Kind = Report.Kind

WHAT = {
    Kind.MATTER: "工作中遇到的大事、突发情况，要让上级知道的。",
    Kind.ADVICE: "执行制度中的问题和建议。",
    Kind.SUMMARY: "一年的工作，文字和数按登记的写好，改一改就能报。",
    Kind.VISITS: "节日和平时走访慰问的情况，报给上级领导。",
    Kind.MEETING: "组织部、党委定期研究关怀帮扶工作的情况。",
}
"""What each kind is for."""

DAYS = {Kind.MEETING: "开会日期", Kind.VISITS: "走访慰问日期", Kind.SUMMARY: "数据截至"}
"""What the day of a kind is called, where it is not that of what happened."""

NO_NAMES = "加密保存，只给本党组织和上级看。写事情和做法，不写党员的病情和家庭情况。"


class ReportFilter(Narrowing):
    """Whose reports: those sent by one's own organisations, those sent to them; which kind; from where."""

    way = forms.ChoiceField(
        choices=[("", "全部"), ("in", "报给我的"), ("out", "我报的")], required=False, label="上报还是收到"
    )
    kind = forms.ChoiceField(choices=[("", "全部种类"), *Kind.choices], required=False, label="种类")


class ReportForm(SaysAll):
    """What is reported of a kind; where to follows from the tree, but for a superior outside the product."""

    organisation = forms.IntegerField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(choices=Kind.choices, widget=forms.HiddenInput)
    year = forms.IntegerField(required=False, widget=forms.HiddenInput)
    below = forms.IntegerField(required=False, widget=forms.HiddenInput)
    outside = TextField(
        label="报送给哪个单位", required=False, max_length=60, help_text="上级不在本系统里，打印出来送，这里留底。",
    )  # fmt: skip
    title = TextField(
        label="标题", max_length=60, help_text="列表里看到的就是这一句，不写姓名和病情。",
        error_messages={"required": "请写标题，一句话也可以。"},
    )  # fmt: skip
    text = TextField(
        label="内容", max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 10}), help_text=NO_NAMES,
        error_messages={"required": "请写内容，一句话也可以。"},
    )  # fmt: skip
    happened_on = day_field("发生日期", hint="按事情发生的那天填，晚报了会标明补报。")
    paper = TextField(
        label="文件编号", required=False, max_length=60,
        widget=forms.TextInput(attrs={"placeholder": "例如：支字〔2026〕3 号"}),
    )  # fmt: skip

    def __init__(self, data=None, *, kind: str, superior: Organisation | None, **more):
        super().__init__(data, **more)
        if superior:
            del self.fields["outside"]
        if kind in DAYS:
            self.fields["happened_on"].label = DAYS[kind]
        if kind == Kind.SUMMARY:
            self.fields["text"].widget.attrs["rows"] = 22
            del self.fields["happened_on"]

    def said(self, **summary) -> Said:
        """As the service takes it.

        :param summary: year, day and figures of a summary, which are not typed.
        """
        given = {name: self.cleaned_data[name] for name in ("kind", "title", "text", "paper")}
        return Said(
            **given, outside=self.cleaned_data.get("outside", ""),
            **summary or {"happened_on": self.cleaned_data["happened_on"]},
        )  # fmt: skip


class ReportAnswerForm(SaysAll):
    text = TextField(
        label="答复", max_length=LONGEST_ANSWER, widget=forms.Textarea(attrs={"rows": 5}), help_text=NO_NAMES,
        error_messages={"required": "请写答复，一句话也可以。"},
    )  # fmt: skip


class ReportBackForm(SaysAll):
    reason = TextField(
        label="要补充什么", max_length=LONGEST_ANSWER, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写要补充什么，一句话也可以。"},
    )  # fmt: skip
    due_on = day_field("补充期限")


class CompleteForm(SaysAll):
    text = TextField(
        label="补充后的内容", max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 12}), help_text=NO_NAMES,
        error_messages={"required": "请写内容，一句话也可以。"},
    )  # fmt: skip
