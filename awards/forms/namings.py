"""Forms of namings and stories, and what their lists are narrowed by."""

from django import forms

from awards.models import Honour, Naming
from awards.namings import Named
from awards.stories import Told
from base.fields import TextField
from duties.filters import Narrowing
from members.office_forms import SaysAll, day_field

YEAR = {
    "required": False, "label": "年份",
    "widget": forms.TextInput(attrs={"size": 6, "inputmode": "numeric", "placeholder": "年份"}),
}  # fmt: skip


class NamingForm(SaysAll):
    """What is named after whom, by an organisation of which rank; a reason where no adopted policy allows it."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    what = forms.ChoiceField(
        label="命名的是什么", choices=Naming.What, widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请选命名的是什么。"),
    )  # fmt: skip
    after = TextField(label="以谁命名", required=False, max_length=30)
    honour = forms.ModelChoiceField(
        Honour.objects.none(), label="他的哪项荣誉", required=False, empty_label="不对应登记的荣誉",
        error_messages={"invalid_choice": "请从列表里选他的荣誉。"},
    )  # fmt: skip
    name = TextField(
        label="命名后的名称", required=False, max_length=60,
        widget=forms.TextInput(attrs={"placeholder": "例如：李建国测报工作室"}),
    )  # fmt: skip
    rank = forms.ChoiceField(
        label="命名单位层级", choices=[("", "请选"), *Naming.Rank.choices],
        help_text="制度按层级规定谁能命名，党委是哪一级系统不知道；总支、支部是基层。",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请选命名单位是哪一级。"),
    )  # fmt: skip
    decided_on = day_field("决定日期")
    document = TextField(label="文号或会议", required=False, max_length=60)
    reason = TextField(
        label="没有制度允许仍命名的理由", required=False, max_length=200,
        help_text="采用的制度允许的空着，保存时写明是哪一条。",
    )  # fmt: skip

    def __init__(self, data=None, *, person, **more):
        super().__init__(data, **more)
        self.person = person
        if person is None:
            del self.fields["honour"]
        else:
            self.fields["honour"].queryset = Honour.objects.standing().filter(person=person).order_by("-granted_on")
            self.fields["honour"].label_from_instance = lambda each: f"{each.granted_on} {each.title}"

    def named(self) -> Named:
        """The naming as the service takes it."""
        names = ("what", "after", "name", "rank", "decided_on", "document", "reason")
        given = {name: self.cleaned_data[name] for name in names}
        return Named(**given, person=self.person, honour=self.cleaned_data.get("honour"))


class NamingEnd(SaysAll):
    last = day_field("最后一天", hint="含这一天。")
    reason = TextField(label="为什么结束", required=False, max_length=200)


class StoryForm(SaysAll):
    """A story told: what, where, when."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    title = TextField(label="标题", required=False, max_length=60)
    outlet = TextField(
        label="在哪里宣传", required=False, max_length=60,
        widget=forms.TextInput(attrs={"placeholder": "例如：云河水文网、支部党课、光荣榜"}),
    )  # fmt: skip
    on = day_field("日期")
    reference = TextField(label="链接或期号", required=False, max_length=200)

    def told(self) -> Told:
        """The story as the service takes it."""
        names = ("title", "outlet", "on", "reference")
        return Told(**{name: self.cleaned_data[name] for name in names})


class NamingFilter(Narrowing):
    what = forms.ChoiceField(choices=[("", "全部"), *Naming.What.choices], required=False, label="命名的是什么")
    state = forms.ChoiceField(
        choices=[("", "不限状态"), ("held", "现在用着"), ("ended", "已结束")], required=False, label="状态"
    )


class StoryFilter(Narrowing):
    year = forms.RegexField(r"^(19|20)\d\d$", **YEAR)
