"""Forms of floor 1: uploading a roster, writing it, opening an account by invitation."""

from django import forms
from django.core.exceptions import ValidationError

from base.fields import TextField
from base.once import OnceField
from base.reading import MAX_BYTES, MEGABYTE


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self):
        super().__init__(format="%Y-%m-%d")


class RosterUpload(forms.Form):
    """The file alone; whether it is a roster, the reader says."""

    file = forms.FileField(
        label="党员名册（.xlsx 或 .csv）", allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt"}),
        error_messages={"required": "请先选文件。", "invalid": "请先选文件。", "missing": "请先选文件。"},
        help_text="全国党员管理信息系统导出的花名册或汇总表都可以；表头在前十行里，列的顺序不限。最大 20 MB。",
    )  # fmt: skip
    once = OnceField()

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise ValidationError(f"文件超过 {MAX_BYTES // MEGABYTE} MB，请分成几份上传。")
        return file


class RosterWrite(forms.Form):
    """What the preview carries: which upload, as of which day members moved, the key against a double click."""

    upload = TextField(max_length=80, widget=forms.HiddenInput)
    once = OnceField()
    as_of = forms.DateField(
        label="转接自哪天起", widget=DayInput,
        error_messages={
            "required": "请填转接日期。", "invalid": "转接日期写法不对，请写成 2026-11-23 这样。",
        },
        help_text="名册里换了支部的党员，从这一天起算新支部的人。",
    )  # fmt: skip

    def __init__(self, *args, today, **kwargs):
        self.today = today
        super().__init__(*args, **kwargs)

    def clean_as_of(self):
        day = self.cleaned_data["as_of"]
        if day > self.today:
            raise ValidationError(f"转接日期 {day} 晚于今天，请改成今天或以前。")
        return day


class AcceptInvitation(forms.Form):
    """The one-time code, and the name and password that the person chooses."""

    code = TextField(
        label="邀请码", max_length=40, help_text="十二位，字母大小写、空格和短横都不要紧。",
        error_messages={"required": "请输邀请码。"},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "characters"}),
    )  # fmt: skip
    username = TextField(
        label="账号名", max_length=60, help_text="以后登录用，可以用汉字、字母或数字。",
        error_messages={"required": "请起一个账号名。"}, widget=forms.TextInput(attrs={"autocomplete": "username"}),
    )  # fmt: skip
    password = TextField(
        label="密码", strip=False, max_length=128,
        help_text="至少十位，不能全是数字，不要带账号名、姓名、单位、出生日期、身份证号和电话。",
        error_messages={"required": "请设密码。"},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    again = TextField(
        label="再输一次密码", strip=False, max_length=128, error_messages={"required": "请再输一次密码。"},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip

    def clean(self):
        given = super().clean()
        if given.get("password") and given.get("again") and given["password"] != given["again"]:
            self.add_error("again", "两次输入的密码不一样，请重新输入。")
        return given
