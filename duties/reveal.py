"""Asking to see a sealed field: which fields there are, and the form that takes the reason."""

from django import forms

REASONS = (
    ("联系本人", "联系本人"),
    ("上门走访或慰问", "上门走访或慰问"),
    ("核对名册信息", "核对名册信息"),
    ("填报表册", "填报表册"),
    ("other", "其他，写明原因"),
)


class RevealForm(forms.Form):
    """Why the value has to be seen; the reason goes into the audit with it."""

    reason = forms.ChoiceField(
        label="为什么要看",
        choices=REASONS,
        widget=forms.RadioSelect,
        error_messages={"required": "请选一个原因，再点查看。"},
    )
    other = forms.CharField(label="其他原因", max_length=100, required=False)

    def clean(self):
        given = super().clean()
        if given.get("reason") == "other" and not given.get("other", "").strip():
            self.add_error("other", "选了“其他”，请写明原因，一句话也可以。")
        return given

    @property
    def said(self) -> str:
        """The reason as the audit keeps it."""
        given = self.cleaned_data
        return given["other"].strip() if given["reason"] == "other" else given["reason"]
