"""The form of a sign-in sheet: one session, the names pasted or from a sheet."""

from datetime import date
from decimal import Decimal

from django import forms

from awards.forms.names import NamesForm
from awards.forms.study import HoursField
from awards.study import MOST_HOURS
from base.fields import TextField
from members.acting import actors_for
from members.models import Organisation, Person
from members.office_forms import day_field
from members.services import HOLDS_MEMBERS

LONGEST_DAYS = 30
"""Days of one training."""


class RollForm(NamesForm):
    """One session of an organisation and everybody who signed in."""

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

    def __init__(self, *sent, account, here: Organisation, day: date, **more):
        super().__init__(*sent, account=account, here=here, **more)
        self.fields["organiser"].choices = actors_for(here, account, day)
        if here.kind in HOLDS_MEMBERS:
            del self.fields["days"]

    def clean(self):
        given = super().clean()
        if given.get("hours", 0) > 24 * (given.get("days") or 1):
            self.add_error("hours", "一天最多 24 学时；集中轮训请填天数。")
        return given

    def session(self) -> dict:
        """As the services take it."""
        given = self.cleaned_data
        found = {name: given[name] for name in ("on", "title", "hours")}
        days = {"days": given["days"]} if given.get("days") else {}
        return {**found, **days, "organiser": Person.objects.get(pk=given["organiser"]), "members": self.members}
