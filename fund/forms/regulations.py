"""The form with which a fund follows another regulation: one of the product's, or the organisation's own text."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError

from base.fields import TextField
from fund.regulating import text_of
from fund.regulation.files import read_regulation, regulation_codes
from members.office_forms import SaysAll, day_field

OWN = "own"
HEAVIEST = 200_000
"""Bytes of an own file; the longest of ours has 10,000."""


class FollowForm(SaysAll):
    code = forms.ChoiceField(
        label="用哪一份", widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请从列表里选一份办法。"),
    )  # fmt: skip
    file = forms.FileField(
        label="本单位的办法（TOML 文件）", required=False, allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".toml,.txt"}), help_text="写法见文档《资金管理办法怎样写》。",
    )  # fmt: skip
    text = TextField(
        label="或者把全文贴在这里", required=False, max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
    )  # fmt: skip
    since = day_field("自哪天起执行", hint="以前提交的申请仍按提交时的办法办完。")

    def __init__(self, data=None, files=None, *, day: date, **more):
        super().__init__(data, files, **more)
        ours = [(code, read_regulation(code).regulation.title) for code in regulation_codes()]
        self.fields["code"].choices = [*ours, (OWN, "本单位自己的办法")]
        self.initial.setdefault("since", day)

    def clean_file(self):
        """The file's text; it stands in the field below, should the form come back refused."""
        file = self.cleaned_data["file"]
        if not file:
            return ""
        if file.size > HEAVIEST:
            raise ValidationError("文件太大，办法全文最多 200 KB。请核对选的是不是办法。")
        try:
            return file.read().decode("utf-8-sig")
        except UnicodeDecodeError as wrong:
            raise ValidationError("文件不是 UTF-8 编码的文本。请另存为 UTF-8 再选。") from wrong

    def clean(self):
        said = super().clean()
        if said.get("file"):
            self.data = self.data.copy()
            self.data["text"] = said["text"] = said["file"]
        if said.get("code") == OWN and not said.get("text", "").strip():
            self.add_error("text", "请选办法文件，或者把全文贴进来。")
        return said

    def whole(self) -> str:
        code = self.cleaned_data["code"]
        return self.cleaned_data["text"] if code == OWN else text_of(code)
