"""The forms of events. They offer only what the account may choose; the service checks what can have happened."""

from django import forms

from base.fields import TextField
from base.once import OnceField
from members.enums import EVENT_GROUPS, Capability, EventKind
from members.models import Organisation
from members.services import HOLDS_MEMBERS

TAKEN_BACK = "已经撤回过，理由以第一次写的为准。"
WHOM = dict.fromkeys(("required", "invalid"), "没有说是哪位党员，请点“换人”重新选。")
"""What the hidden field of the member says when somebody changed it."""


class EventForm(forms.Form):
    """Something happened to one member, from the closed list."""

    once = OnceField()
    member = forms.IntegerField(widget=forms.HiddenInput, error_messages=WHOM)
    kind = forms.ChoiceField(
        label="发生了什么", widget=forms.RadioSelect,
        error_messages={
            "required": "请选发生了什么。", "invalid_choice": "“%(value)s”不在你能登记的事由里，请从列表里选。",
        },
    )  # fmt: skip
    occurred_on = forms.DateField(
        label="哪天发生的", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请填发生日期，例如 2026-11-20。", "invalid": "请填发生日期，例如 2026-11-20。"},
        help_text="期限从这一天算起，不是从登记那天。",
    )  # fmt: skip
    to = forms.ModelChoiceField(
        Organisation.objects.none(), label="转到哪个支部", required=False, empty_label="选“组织关系转入”时填写",
        error_messages={"invalid_choice": "没有这个支部，或不在你的范围内。请从列表里选。"},
    )  # fmt: skip
    note = TextField(
        label="说明", required=False, max_length=2_000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="加密保存。不写也照样生成应办。",
    )  # fmt: skip
    sure = forms.BooleanField(
        label="我已与家属或单位核实", required=False, widget=forms.CheckboxInput(attrs={"form": "event-form"})
    )

    def __init__(self, data=None, *, account, rehearsing: bool = False, **more):
        super().__init__(data, **more)
        self.rehearsing = rehearsing
        branches = Organisation.objects.visible_to(account, Capability.RECEIVE).filter(kind__in=HOLDS_MEMBERS)
        branches = branches.on(account.scope.day)
        self.receives = branches.count() > 1
        if self.receives:
            self.fields["to"].queryset = branches.order_by("path")
        else:
            del self.fields["to"]
        elsewhere = {EventKind.REQUEST} | (set() if self.receives else {EventKind.TRANSFER_IN})
        self.fields["kind"].choices = [
            (title, [(kind.value, kind.label) for kind in kinds if kind not in elsewhere])
            for title, kinds in EVENT_GROUPS
        ]

    def grouped(self) -> list[dict]:
        """The kinds by group, as the page lays them out."""
        chosen = self["kind"].value()
        return [
            {
                "title": title,
                "choices": [{"value": v, "label": label, "checked": v == chosen} for v, label in choices],
            }
            for title, choices in self.fields["kind"].choices
            if choices
        ]

    def clean(self):
        given = super().clean()
        kind = given.get("kind")
        if kind == EventKind.TRANSFER_IN and "to" in self.fields and not given.get("to") and "to" not in self.errors:
            self.add_error("to", "请选转到哪个支部。")
        if kind == EventKind.DEATH and not given.get("sure") and not self.rehearsing:
            self.add_error("sure", "登记去世前请再核实一次，并在这里打勾。")
        return given

    @property
    def is_death(self) -> bool:
        """Whether the form, as it was sent, says that the member died."""
        return self.is_bound and self["kind"].value() == EventKind.DEATH


class WithdrawForm(forms.Form):
    """Why something is taken back."""

    once = OnceField()
    reason = TextField(
        label="为什么撤回", required=False, max_length=200, widget=forms.Textarea(attrs={"rows": 2})
    )  # fmt: skip
