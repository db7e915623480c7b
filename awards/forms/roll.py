"""The form of a sign-in sheet: one session, the names pasted or from a sheet."""

from datetime import date
from decimal import Decimal

from django import forms

from awards.forms.study import HoursField
from awards.roll import MOST, Line, from_sheet, pieces, read_roll
from awards.study import MOST_HOURS
from base.fields import TextField
from base.limits import SheetRefused
from base.reading import MAX_BYTES, MEGABYTE
from members.acting import actors_for
from members.models import Organisation, Person
from members.office_forms import SaysAll, day_field
from members.services import HOLDS_MEMBERS

LONGEST_DAYS = 30
"""Days of one training."""


class RollForm(SaysAll):
    """One session of an organisation and everybody who signed in. ``lines``: whom the names mean, once it was sent."""

    organisation = forms.IntegerField(widget=forms.HiddenInput)
    on = day_field("学习日期")
    days = forms.IntegerField(
        label="轮训天数", min_value=1, max_value=LONGEST_DAYS, required=False,
        help_text="集中轮训才填，登记后本组织的轮训也就办了；学习日期填第一天。",
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), f"轮训天数请填 1 到 {LONGEST_DAYS}。"),
    )  # fmt: skip
    hours = HoursField(
        label="每人学时", min_value=Decimal("0.5"), max_value=MOST_HOURS, max_digits=3, decimal_places=1,
        step_size=Decimal("0.5"),
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value", "step_size", "max_digits", "max_decimal_places",
             "max_whole_digits"), f"学时请填 0.5 到 {MOST_HOURS}，半小时一档，例如 8 或 1.5。",
        ),
    )  # fmt: skip
    title = TextField(label="学习主题", max_length=60, error_messages={"required": "请写学了什么，例如：党章第一章。"})
    organiser = forms.TypedChoiceField(
        label="谁组织的", coerce=int, error_messages=dict.fromkeys(("required", "invalid_choice"), "请选谁组织的。")
    )
    names = TextField(
        label="签到的人", required=False, max_length=60_000, widget=forms.Textarea(attrs={"rows": 8}),
        help_text="一行一人，也可以用顿号、逗号隔开。有重名的，在姓名后面写身份证号，或核对时选。",
    )  # fmt: skip
    sheet = forms.FileField(
        label="或者上传签到表", required=False, widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt"}),
        help_text="表头里有“姓名”的 Excel 或 CSV 表，读到的姓名会接在上面。",
        error_messages=dict.fromkeys(("invalid", "missing", "empty"), "签到表是空的，请重新选。"),
    )  # fmt: skip
    leave = forms.BooleanField(label="没有对上的不记，只记对上的", required=False)

    def __init__(self, data=None, files=None, *, account, here: Organisation, day: date, **more):
        super().__init__(data, files, **more)
        self.account, self.here, self.lines, self.fresh = account, here, [], False
        self.fields["organiser"].choices = actors_for(here, account, day)
        if here.kind in HOLDS_MEMBERS:
            del self.fields["days"]

    def clean_sheet(self):
        file = self.cleaned_data["sheet"]
        if file is None:
            return ""
        if file.size > MAX_BYTES:
            raise forms.ValidationError(f"文件有 {file.size // MEGABYTE} MB，请分成几份。")
        try:
            return from_sheet(file.read())
        except SheetRefused as no:
            raise forms.ValidationError(f"{no} 也可以把姓名一列直接粘贴在上面。") from no

    def clean(self):
        """Read whom the names mean. What a sheet added is shown before it is saved."""
        given = super().clean()
        if given.get("hours", 0) > 24 * (given.get("days") or 1):
            self.add_error("hours", "一天最多 24 学时；集中轮训请填天数。")
        text = given.get("names", "")
        if given.get("sheet"):
            text, self.fresh = "\n".join(filter(None, (text, given["sheet"]))), True
            self.data = self.data.copy()
            self.data["names"] = text
        if "names" in self.errors or "on" in self.errors:
            return given
        if len(pieces(text)) > MOST:
            self.add_error("names", f"一次最多 {MOST} 人，请分成几次登记。")
            return given
        picked = {int(each) for each in self.data.getlist("pick") if each.isascii() and each.isdigit()}
        self.lines = read_roll(self.account, self.here, given["on"], text, picked=picked)
        if not self.lines:
            self.add_error("names", "请粘贴签到的人的姓名，或上传签到表。")
        return given

    @property
    def members(self) -> list[Person]:
        return [line.person for line in self.lines if line.sure]

    @property
    def open(self) -> list[Line]:
        """The lines that mean somebody who is not found."""
        return [line for line in self.lines if line.open]

    @property
    def shown(self) -> bool:
        """Whether the names were asked to be looked at only, or have to be."""
        return "check" in self.data or self.fresh

    def settled(self) -> bool:
        """Whether it can be saved: everybody is found, or the others are left out by a tick."""
        if self.open and not self.cleaned_data.get("leave"):
            said = f"有 {len(self.open)} 行没有对上，请在下面改正、选定，或勾选“没有对上的不记”。"
            self.add_error("names", said)
        elif not self.members:
            self.add_error("names", "没有一个人对得上，请核对姓名和学习日期。")
        return not self.errors

    def session(self) -> dict:
        """As the services take it."""
        given = self.cleaned_data
        found = {name: given[name] for name in ("on", "title", "hours")}
        days = {"days": given["days"]} if given.get("days") else {}
        return {**found, **days, "organiser": Person.objects.get(pk=given["organiser"]), "members": self.members}
