"""The forms of ledgers: the filter, how a superior wants it, and what is opened for reading."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError

from base.fields import TextField
from duties.filters import Narrowing
from ledgers.disclosing import LONGEST, Told
from ledgers.ledger import AsOf, Ledger, years
from ledgers.models import Disclosure, Layout
from members.directory import organisation_choices
from members.models import Organisation
from members.office_forms import ActForm, SaysAll, day_field


class OrganisationField(forms.ChoiceField):
    """One of the organisations that an account sees, shown indented as in the tree; all others do not exist."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.organisations: dict[str, Organisation] = {}

    def offer(self, account, asked) -> None:
        """Offer what the account sees, in the order of the tree; of many those around the one that is asked for."""
        number = str(asked or "")
        known = number.isascii() and number.isdecimal() and len(number) < 19
        here = Organisation.objects.visible_to(account).filter(pk=number).first() if known else None
        organisations = organisation_choices(account, here)
        self.organisations = {str(each.pk): each for each in organisations}
        top = min((each.level for each in organisations), default=0)
        self.choices = [(each.pk, "　" * (each.level - top) + each.label) for each in organisations]

    def clean(self, value) -> Organisation:
        if str(value) not in self.organisations:
            raise ValidationError("没有这个党组织，请另选一个。")
        return self.organisations[str(value)]


class PeriodFilter(forms.Form):
    """党组织 and period."""

    organisation = OrganisationField(label="党组织")
    first = forms.DateField(label="从", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    last = forms.DateField(label="到", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))

    def __init__(self, *args, account, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organisation"].offer(account, self.data.get("organisation"))
        self.years = years(account.scope.day)
        for name in ("first", "last"):
            field = self.fields[name]
            field.error_messages = {
                "required": f"“{field.label}”是空的，请填日期，如 2026-01-01。",
                "invalid": f"“{field.label}”不是日期，请写成 2026-01-01 这样。",
            }

    def clean(self):
        days = {name: self.cleaned_data.get(name) for name in ("first", "last")}
        first, last = days.values()
        if isinstance(first, date) and isinstance(last, date) and last < first:
            self.add_error(
                "last", f"{last} 早于开始日期 {first}，两个日期可能填反了。请把结束日期改成 {first} 或以后。"
            )
        for name, day in days.items():
            if isinstance(day, date) and day.year not in self.years:
                span = f"{self.years[0]} 年到 {self.years[-1]} 年"
                self.add_error(name, f"“{self.fields[name].label}”{day} 不在 {span}里，请核对年份。")


class BundleFilter(PeriodFilter):
    """党组织 and a period that an inspection looks at."""

    MOST_YEARS = 3

    def clean(self):
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        super().clean()
        if isinstance(first, date) and isinstance(last, date) and last.year - first.year >= self.MOST_YEARS:
            self.add_error(
                "first", f"{first} 至 {last} 跨了 {last.year - first.year + 1} 个年份，"
                f"一份迎检包最多 {self.MOST_YEARS} 个。请缩短期间，分几份生成。",
            )  # fmt: skip


class LedgerFilter(PeriodFilter):
    """Which rows of a ledger, all or some, in which layout, and the number under which the paper is filed."""

    pick = forms.ChoiceField(
        label="只列", required=False, error_messages={"invalid_choice": "没有这样分的行，请从“只列”里选。"}
    )
    layout = forms.ModelChoiceField(
        Layout.objects.none(), label="版式", required=False, empty_label="标准格式",
        error_messages={"invalid_choice": "这个版式已经没有了，请另选一个。"},
    )  # fmt: skip
    paper = TextField(label="档案号", max_length=40, required=False)
    held_on = forms.DateField(
        label="截至", required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": "“截至”不是日期，请写成 2026-01-01 这样；不填就按期间列。"},
    )  # fmt: skip

    def __init__(self, *args, ledger: Ledger, today: date, layouts, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today
        if ledger.as_of == AsOf.NEVER:
            del self.fields["held_on"]
        if ledger.picks:
            self.fields["pick"].choices = [("", "全部"), *((code, each.label) for code, each in ledger.picks.items())]
        else:
            del self.fields["pick"]
        self.fields["layout"].queryset = layouts
        self.fields["layout"].label_from_instance = lambda layout: layout.name

    def clean_held_on(self) -> date | None:
        day = self.cleaned_data["held_on"]
        if day and day > self.today:
            raise ValidationError(f"“截至”{day} 晚于今天，那天还没有到。请改成 {self.today} 或以前，或清空按期间列。")
        return day


class LayoutForm(SaysAll):
    """Name, title and signatures of a layout, and for each column whether it is in, where, and what it is called."""

    name = TextField(
        label="版式名称",
        max_length=40,
        help_text="例如：省厅 2027 年格式。",
        error_messages={"required": "请给版式起个名称。"},
    )
    title = TextField(label="表头标题", max_length=60, required=False, help_text="不填用台账自己的名称。")
    signers = TextField(
        label="签名栏", max_length=60, required=False, help_text="填表人以外谁签名，用顿号隔开。不填是：审核人。"
    )

    def __init__(self, data=None, *, ledger: Ledger, layout: Layout | None = None, **more):
        start = {"name": layout.name, "title": layout.title, "signers": layout.signers} if layout else {}
        super().__init__(data, initial={**start, **more.pop("initial", {})}, **more)
        kept = {own: (place, heading) for place, (own, heading, *_) in enumerate(layout.columns, 1)} if layout else {}
        self.lines = []
        for number, column in enumerate(ledger.columns, 1):
            place, heading = kept.get(column.heading, (number if not layout else None, column.heading))
            self.fields[f"in{number}"] = forms.BooleanField(
                label=column.heading, required=False, initial=place is not None
            )
            self.fields[f"at{number}"] = forms.IntegerField(
                label=f"{column.heading}的顺序", required=False, min_value=1, max_value=999, initial=place or number,
                error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), "顺序请填 1 到 999。"),
            )  # fmt: skip
            self.fields[f"as{number}"] = TextField(
                label=f"{column.heading}的表头", max_length=40, required=False, initial=heading
            )
            self.lines.append((column, number))
        self.lines.sort(key=lambda line: (self.fields[f"at{line[1]}"].initial, line[1]))

    @property
    def rows(self):
        """Each column with its three fields, in the order of the layout."""
        return [(column, self[f"in{n}"], self[f"at{n}"], self[f"as{n}"]) for column, n in self.lines]

    def columns(self) -> list[tuple[str, str]]:
        """The chosen columns in their order: the ledger's heading and the one to print."""
        data = self.cleaned_data
        chosen = [
            (data.get(f"at{n}") or n, n, column.heading, data.get(f"as{n}") or column.heading)
            for column, n in self.lines if data.get(f"in{n}")
        ]  # fmt: skip
        return [(own, heading) for _at, _n, own, heading in sorted(chosen)]


class BookForm(SaysAll):
    """A superior's own sheet, to be filled from now on."""

    name = TextField(label="版式名称", max_length=40, error_messages={"required": "请给版式起个名称。"})
    book = forms.FileField(
        label="上级发的空表", widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        help_text="xlsx，最大 1 MB。按表头对上列，格式、签名栏照原样。",
        error_messages=dict.fromkeys(("required", "invalid", "missing", "empty"), "请先选上级发的空表。"),
    )  # fmt: skip


class UnmaskForm(forms.Form):
    """Why what is masked has to leave as it is: typed, for it goes into the audit and into the file."""

    reason = TextField(
        label="用途", min_length=4, max_length=100,
        help_text="例如：按省厅 2026 年慰问通知报送名单。会写进导出的表和审计。",
        error_messages={"required": "请写明用途，一句话也可以。", "min_length": "用途写得太短，请写明给谁、作什么用。"},
    )  # fmt: skip


class DropForm(ActForm):
    """Throwing a layout away."""


class OpennessFilter(Narrowing):
    topic = forms.ChoiceField(choices=[("", "全部内容"), *Disclosure.Topic.choices], required=False, label="公开什么")
    state = forms.ChoiceField(choices=[("", "公开中"), ("all", "连同到期的")], required=False, label="状态")


class DisclosureForm(SaysAll):
    """What an organisation lets its members read, and how long."""

    organisation = forms.IntegerField(widget=forms.HiddenInput)
    topic = forms.ChoiceField(
        label="公开什么", choices=[("", "请选"), *Disclosure.Topic.choices],
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请从列表里选公开的是什么。"),
    )  # fmt: skip
    title = TextField(
        label="标题", max_length=60, error_messages={"required": "请写标题，例如：2026 年党费收缴使用情况。"}
    )
    text = TextField(
        label="内容", max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": "请写公开的内容。"},
        help_text="本组织和下级的党员都看得到。不写身份证号、手机号、账号、住址、病情和家庭情况。",
    )  # fmt: skip
    on = day_field("公开日期")
    until_on = day_field("公开到", hint="过了这一天党员不再看到，台账里留着。")
    place = TextField(
        label="还在哪里公开", required=False, max_length=60,
        widget=forms.TextInput(attrs={"placeholder": "例如：一楼公开栏、党员大会"}),
    )  # fmt: skip

    def told(self) -> Told:
        """The disclosure as the service takes it."""
        names = ("topic", "title", "text", "on", "until_on", "place")
        return Told(**{name: self.cleaned_data[name] for name in names})
