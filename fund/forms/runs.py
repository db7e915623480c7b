"""The forms of a run of allowances: what is prepared, and what a body decided."""

from datetime import date

from django import forms

from base.fields import TextField, YuanField
from base.money import Source
from fund.models import AllowanceRun, Fund
from fund.regulation.words import Body
from fund.services import INCOME
from members.office_forms import SaysAll, day_field

SOURCES = [(each.value, Source(each).label) for each in INCOME]


class RunForm(SaysAll):
    """Which allowance of which time, out of which source."""

    fund = forms.ModelChoiceField(
        Fund.objects.none(), label="哪个资金", empty_label=None,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请从列表里选资金。"),
    )  # fmt: skip
    kind = forms.ChoiceField(
        label="哪种补助", choices=AllowanceRun.Kind.choices, widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请选哪种补助。"),
    )  # fmt: skip
    year = forms.TypedChoiceField(label="年度", coerce=int, error_messages={"invalid_choice": "请从列表里选年度。"})
    month = forms.TypedChoiceField(
        label="月份", coerce=int, required=False, empty_value=0,
        choices=[("", "按年发的不选"), *((month, f"{month} 月") for month in range(1, 13))],
        error_messages={"invalid_choice": "请从列表里选月份。"},
    )  # fmt: skip
    each = YuanField(label="每名子女每年多少元", required=False)
    source = forms.ChoiceField(
        label="从哪里付", choices=SOURCES, error_messages={"invalid_choice": "请从列表里选款源。"}
    )

    def __init__(self, data=None, *, funds, day: date, **more):
        super().__init__(data, **more)
        self.fields["fund"].queryset = funds
        self.fields["fund"].label_from_instance = lambda fund: fund.organisation.label
        self.fields["year"].choices = [(year, f"{year} 年") for year in range(day.year, day.year - 3, -1)]

    def asked(self) -> dict:
        """What :func:`fund.running.prepare` takes."""
        return {name: self.cleaned_data[name] for name in ("fund", "kind", "year", "month", "each", "source")}


def _count(label: str) -> forms.IntegerField:
    said = dict.fromkeys(("required", "invalid", "min_value", "max_value"), f"请写{label}多少人。")
    return forms.IntegerField(label=label, min_value=0, max_value=999, error_messages=said)


class DecideRunForm(SaysAll):
    """What the minutes say: which body, when, how many were there and agreed."""

    body = forms.ChoiceField(label="什么会", choices=Body.choices)
    on = day_field("研究日期")
    minutes = TextField(label="会议纪要号", max_length=60, required=False)
    entitled = _count("应到")
    present = _count("实到")
    agree = _count("同意")
    total = forms.IntegerField(widget=forms.HiddenInput)

    def decided(self) -> dict:
        """What :func:`fund.running.decide_run` takes."""
        said = self.cleaned_data
        votes = said["entitled"], said["present"], said["agree"]
        return {name: said[name] for name in ("body", "on", "minutes", "total")} | {"votes": votes}
