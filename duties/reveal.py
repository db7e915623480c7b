"""Asking to see a sealed value: the form that takes the reason, and the page or fragment that answers it."""

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.http import HttpResponse
from django.shortcuts import render

from base.fields import TextField

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
    other = TextField(label="其他原因", max_length=100, required=False)

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


@dataclass(frozen=True)
class Hidden:
    """One sealed value as a page masks it: ``title`` whose it is, ``url`` where it is asked for, ``back`` its page."""

    title: str
    label: str
    field: str
    masked: str
    url: str
    back: str


def answered(request, hidden: Hidden, opened: Callable[[str], str]) -> HttpResponse:
    """The form that asks why; after it the open value, once; or the mask again. Kept by no browser.

    :param opened: writes the audit row with the reason and returns the value.
    """
    form = RevealForm(request.POST or None)
    part, value = ("mask" if "masked" in request.GET else "form"), ""
    if request.method == "POST" and form.is_valid():
        part, value = "value", opened(form.said)
    template = f"duties/_reveal_{part}.html" if request.htmx else "duties/reveal.html"
    context = {"hidden": hidden, "form": form, "part": part, "value": value}
    response = render(request, template, context, status=422 if form.is_bound and part == "form" else 200)
    response["Cache-Control"] = "no-store"
    return response
