"""What forms share that name many people at once, pasted or from a sheet; whom they mean is shown before saving."""

from django import forms

from awards.roll import MOST, Line, from_sheet, pieces, read_roll
from base.fields import TextField
from base.limits import SheetRefused
from base.reading import MAX_BYTES, MEGABYTE
from members.models import Organisation, Person
from members.office_forms import SaysAll


class NamesForm(SaysAll):
    """Members of one organisation by name. ``lines``: whom the names mean on the day ``on``, once it was sent."""

    organisation = forms.IntegerField(widget=forms.HiddenInput)
    names = TextField(
        label="签到的人", required=False, max_length=60_000, widget=forms.Textarea(attrs={"rows": 8}),
        help_text="一行一人，也可以用顿号、逗号隔开。有重名的，在姓名后面写身份证号，或核对时选。",
    )  # fmt: skip
    sheet = forms.FileField(
        label="或者上传签到表", required=False, widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt"}),
        help_text="表头里有“姓名”的 Excel 或 CSV 表，读到的姓名会接在上面。",
        error_messages=dict.fromkeys(("invalid", "missing", "empty"), "这份表是空的，请重新选。"),
    )  # fmt: skip
    leave = forms.BooleanField(label="没有对上的不记，只记对上的", required=False)

    needed = "请粘贴签到的人的姓名，或上传签到表。"
    """What is said where nobody is named; empty where nobody need be."""

    def __init__(self, data=None, files=None, *, account, here: Organisation, **more):
        super().__init__(data, files, **more)
        self.account, self.here, self.lines, self.fresh = account, here, [], False

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
        if not self.lines and self.needed:
            self.add_error("names", self.needed)
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
        elif self.lines and not self.members:
            self.add_error("names", "没有一个人对得上，请核对姓名和日期。")
        return not self.errors
