"""The forms of the books: opening a fund, its uses and budget, what comes in and goes down, reversing, the bank."""

from datetime import date

from django import forms
from django.db.models import Exists, OuterRef

from base.fields import TextField, YuanField
from base.once import OnceField
from duties.filters import Narrowing
from fund.models import Act, BookAccount, Fund, Use
from fund.models.books import VoucherQuerySet
from fund.periods import PARTS, month_of, span
from fund.reading import source_labels
from fund.services import DONATED
from members.enums import Capability, OrganisationKind
from members.models import Organisation

SAY_DAY = "请填日期，例如 2026-11-20。"
SAY_SUM = "请填金额，单位是元，例如 1200 或 1200.50。"
SAY_SOURCE = "请选款源。"


def _day(label: str, **more) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(
        label=label, widget=widget, error_messages=dict.fromkeys(("required", "invalid"), SAY_DAY), **more
    )


def _sum(label: str = "金额（元）", **more) -> YuanField:
    return YuanField(label=label, error_messages={"required": SAY_SUM}, **more)


def _words(label: str = "摘要", **more) -> TextField:
    return TextField(label=label, max_length=120, help_text="流水和台账里看得见，不写姓名和号码。", **more)


class OpenForm(forms.Form):
    """Which organisation's books are opened, from which day, with which budget."""

    once = OnceField()
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), label="党组织", empty_label="请选",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请从列表里选党组织。"),
    )  # fmt: skip
    opened_on = _day("设立日期", help_text="这一天以前的不能记账。")
    amount = YuanField(label="本年预算（元）", required=False, help_text="空着就是没有核定，不限。")

    def __init__(self, data=None, *, account, day: date, **more):
        super().__init__(data, **more)
        self.day = day
        # A party group keeps no books. One that has books already is not offered; the second click still finds it.
        within = Organisation.objects.visible_to(account, Capability.FUND).exclude(kind=OrganisationKind.GROUP)
        field = self.fields["organisation"]
        field.queryset = within
        bare = within.exclude(Exists(Fund.objects.filter(organisation=OuterRef("pk")))).order_by("path", "pk")
        field.choices = [("", "请选"), *((each.pk, each.label) for each in bare)]

    def clean_opened_on(self) -> date:
        on = self.cleaned_data["opened_on"]
        if not on.year >= 2000 or on > self.day:
            raise forms.ValidationError("设立日期要在 2000 年以后、今天或以前。请核对年份。")
        return on


class BudgetForm(forms.Form):
    """The budget of one year."""

    once = OnceField()
    year = forms.TypedChoiceField(
        label="年度", coerce=int, error_messages=dict.fromkeys(("required", "invalid_choice"), "请从列表里选年度。")
    )
    amount = _sum("预算（元）")

    def __init__(self, data=None, *, day: date, **more):
        super().__init__(data, **more)
        self.fields["year"].choices = [(year, f"{year} 年") for year in (day.year, day.year + 1)]


class UsesForm(forms.Form):
    """What money of each source may be spent on: a field for each source."""

    once = OnceField()

    def __init__(self, data=None, **more):
        super().__init__(data, **more)
        for source, label in source_labels():
            self.fields[source] = forms.MultipleChoiceField(
                label=label, choices=Use.choices, required=False, widget=forms.CheckboxSelectMultiple,
                error_messages={"invalid_choice": "请从列表里勾选用途。"},
            )  # fmt: skip

    @property
    def sources(self) -> list:
        return [self[source] for source, _label in source_labels()]


class IncomeForm(forms.Form):
    """One sum that came in; of a donation also from whom, under which receipt."""

    once = OnceField()
    source = forms.ChoiceField(
        label="款源", choices=source_labels(), widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), SAY_SOURCE),
    )  # fmt: skip
    on = _day("到账日期")
    amount = _sum()
    earmark = forms.ChoiceField(
        label="指定用途", required=False, choices=[("", "没有指定"), *Use.choices],
        error_messages={"invalid_choice": "请从列表里选用途。"},
        help_text="捐赠人或拨款单位指定了用途的才选，选了只能用于这一项。",
    )  # fmt: skip
    words = _words(required=False)
    receipt = TextField(label="收据号", required=False, max_length=40, help_text="收据本上印的号。")
    donor = TextField(label="捐赠人", required=False, max_length=60, help_text="党员姓名，或党组织全称。加密保存。")
    anonymous = forms.BooleanField(label="公开时写“匿名”", required=False)

    @property
    def donation_asked(self) -> bool:
        """Whether the fields of a donation are open: something stands in them, or is wrong with them."""
        names = ("receipt", "donor", "anonymous")
        return self["source"].value() in DONATED or any(self[name].value() or self[name].errors for name in names)


class PassForm(forms.Form):
    """One sum passed down to a fund below. The pot says source and earmark."""

    once = OnceField()
    lower = forms.ModelChoiceField(
        Fund.objects.none(), label="下拨给", empty_label="请选",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请从列表里选下级的专项资金。"),
    )  # fmt: skip
    pot = forms.ChoiceField(
        label="从哪一笔钱里", error_messages=dict.fromkeys(("required", "invalid_choice"), "请从列表里选款源。")
    )
    on = _day("下拨日期")
    amount = _sum()
    words = _words(required=False)

    def __init__(self, data=None, *, below, pots: list[BookAccount], **more):
        super().__init__(data, **more)
        self.fields["lower"].queryset = below
        self.fields["lower"].label_from_instance = lambda fund: fund.organisation.label
        self.fields["pot"].choices = [("", "请选"), *((str(pot.pk), _pot(pot)) for pot in pots)]
        self.pots = {str(pot.pk): pot for pot in pots}

    def given(self) -> dict:
        """What :func:`fund.services.pass_down` takes besides the funds and the desk."""
        pot, data = self.pots[self.cleaned_data["pot"]], self.cleaned_data
        return {"source": pot.source, "earmark": pot.earmark, "amount": data["amount"], "words": data["words"]}


def _pot(pot: BookAccount) -> str:
    earmark = f"（指定{pot.get_earmark_display()}）" if pot.earmark else ""
    return f"{pot.get_source_display()}{earmark}，可用 {pot.balance // 100:,}.{pot.balance % 100:02}"


class ReverseForm(forms.Form):
    """Why a voucher is undone, and on which day."""

    once = OnceField()
    on = _day("红冲日期")
    words = _words("为什么红冲", error_messages={"required": "请写为什么红冲，例如：金额记错，应为 1,200.00。"})


class BankForm(forms.Form):
    """What the bank's statement says at the end of a day. Where it differs from the books, why."""

    once = OnceField()
    on = _day("对账截止日")
    bank = _sum("银行对账单余额（元）")
    words = TextField(
        label="差额说明", required=False, max_length=200,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "例如：11-22 付出 500.00，银行 11-24 才划走"}),
        help_text="与账面不一致才写，不写姓名和号码。",
    )  # fmt: skip


TOGETHER = {
    "in": ("全部收入", (Act.RECEIVE, Act.GET_DOWN)),
    "out": ("支出和退回", (Act.SPEND, Act.REPAY)),
    "kept": ("预留和解除", (Act.RESERVE, Act.RELEASE)),
}
"""Acts that one figure of the first page adds up."""


class JournalFilter(Narrowing):
    """What the journal is narrowed by: source, act, year or month, number."""

    fund = forms.IntegerField(required=False, widget=forms.HiddenInput)
    source = forms.ChoiceField(choices=[("", "全部款源"), *source_labels()], required=False, label="款源")
    act = forms.ChoiceField(
        choices=[("", "全部事项"), *((code, label) for code, (label, _acts) in TOGETHER.items()), *Act.choices],
        required=False, label="事项",
    )  # fmt: skip
    when = forms.RegexField(
        r"^20\d\d(-(0[1-9]|1[0-2]))?$", required=False, label="年或月",
        widget=forms.TextInput(attrs={"size": 10, "placeholder": "2026-11"}),
    )  # fmt: skip
    number = forms.IntegerField(
        required=False, min_value=1, max_value=9_999_999, label="凭证号",
        widget=forms.TextInput(attrs={"size": 8, "placeholder": "凭证号", "inputmode": "numeric"}),
    )  # fmt: skip

    @property
    def narrows(self) -> bool:
        """Whether it leaves out anything."""
        return any(self.value(name) for name in ("source", "act", "when", "number"))

    def chosen(self, vouchers: VoucherQuerySet, fund: Fund) -> VoucherQuerySet:
        """What it leaves of the vouchers of a fund."""
        vouchers = vouchers.filter(fund=fund)
        if source := self.value("source"):
            # By their numbers, so that the database sees how rare they are and does not read the whole journal.
            pots = fund.accounts.filter(source=source).order_by("pk").values_list("pk", flat=True)
            vouchers = vouchers.filter(taken__in=list(pots))
        if act := self.value("act"):
            vouchers = vouchers.filter(act__in=TOGETHER[act][1] if act in TOGETHER else [act])
        if when := self.value("when"):
            vouchers = vouchers.filter(year=int(when[:4]))
            vouchers = vouchers.filter(on__range=month_of(when)) if len(when) > len("2026") else vouchers
        if number := self.value("number"):
            vouchers = vouchers.filter(number=number)
        return vouchers


class StatementFilter(forms.Form):
    """Which period a statement is about: a year, a part of it, or, which goes before, from one day to another."""

    year = forms.TypedChoiceField(
        required=False, coerce=int, label="年度", error_messages={"invalid_choice": "请从列表里选年度。"}
    )
    part = forms.ChoiceField(
        required=False, choices=PARTS, label="期间", error_messages={"invalid_choice": "请从列表里选期间。"}
    )
    first = _day("自", required=False)
    last = _day("至", required=False)

    def __init__(self, data, *, years: list[int]):
        super().__init__({"year": years[0], "part": "year", **data.dict()}, auto_id="f_%s")
        self.fields["year"].choices = [(year, f"{year} 年") for year in years]

    def clean(self):
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if bool(first) != bool(last) and not self.errors:
            raise forms.ValidationError("自和至两个日期要一起填。")
        if first and last and first > last:
            raise forms.ValidationError(f"自 {first} 晚于至 {last}，两个日期可能填反了。")
        return self.cleaned_data

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day of the period; of a faulty one the year's."""
        data = self.cleaned_data
        if self.is_valid() and data["first"]:
            return data["first"], data["last"]
        year = data.get("year") or self.fields["year"].choices[0][0]
        return span(year, data.get("part") or "year")
