"""The form of a reward or allowance."""

from django import forms

from awards.forms.names import NamesForm
from awards.giving import Benefit
from awards.models.allowances import SOURCES, AllowanceKind
from base.fields import TextField, YuanField
from duties.filters import Narrowing
from members.office_forms import day_field


class AllowanceForm(NamesForm):
    """What was given, to members by name or to the organisation, on what basis."""

    kind = forms.ChoiceField(
        label="种类", choices=AllowanceKind, widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请选种类。"),
    )  # fmt: skip
    on = day_field("发放日期")
    words = TextField(label="事由", max_length=100, required=False, help_text="例如：2026 年度、春节、某项成果的名称。")
    fen = YuanField(label="每人金额（元）", required=False)
    source = forms.ChoiceField(
        label="款源", required=False, choices=[("", "没有发钱"), *((each.value, each.label) for each in SOURCES)],
        error_messages={"invalid_choice": "请从列表里选款源。党费和关怀帮扶专项资金不能用在这里。"},
    )  # fmt: skip
    gift = TextField(label="实物或待遇", max_length=100, required=False, help_text="例如：食堂餐卡、通勤班车。")
    since = day_field("期间从", required=False)
    last = day_field("期间到", required=False)
    approval = TextField(
        label="审批依据", max_length=100, help_text="哪次会议、哪份文件。",
        error_messages={"required": "请写审批依据，例如哪次会议、哪份文件。"},
    )  # fmt: skip
    paper = TextField(label="凭证编号", max_length=60, required=False)
    sure = forms.BooleanField(label="我已核实，照样登记", required=False)

    needed = ""

    def __init__(self, *sent, **more):
        super().__init__(*sent, **more)
        self.fields["names"].label, self.fields["sheet"].label = "发给谁", "或者上传名单"
        self.fields["names"].widget.attrs["rows"] = 4
        self.fields["names"].help_text = "一行一人，给集体的空着。有重名的，在姓名后面写身份证号，或核对时选。"

    def benefit(self) -> Benefit:
        """As the service takes it."""
        given = self.cleaned_data
        names = ("kind", "on", "words", "fen", "source", "gift", "since", "last", "approval", "paper", "sure")
        return Benefit(**{name: given[name] for name in names})


class AllowanceFilter(Narrowing):
    """Which kind and which year, besides which organisation."""

    kind = forms.ChoiceField(choices=[("", "全部种类"), *AllowanceKind.choices], required=False, label="种类")
    year = forms.IntegerField(min_value=2000, max_value=2199, required=False, label="年度")
