"""What a list is narrowed by: filters from the query string. A value nobody offered narrows nothing."""

import re
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError

from base.cells import plain, squeezed
from base.fields import TextField
from duties.engine.models import Action
from duties.policy.schema import PLAIN_ACTIONS
from members.enums import Standing
from members.search import asks_for_number

WITHIN = (("7", "7 天内到期"), ("30", "30 天内到期"), ("60", "60 天内到期"))
OVER = (("-8", "逾期超过 7 天"), ("-16", "逾期超过 15 天"))
"""Due so many days ago or longer: where the numbers of the digest lead that are told to those above."""
NO_NUMBER = "号码不在这里查，它会留在网址里。请用“按身份证号找”。"
ENDING = re.compile(r"[0-9]{3,17}[0-9X]")
"""At least the last four characters of an identity number."""
MONTHS = tuple((str(month), f"{month} 月入党") for month in range(1, 13))


class Narrowing(forms.Form):
    """A GET form whose faulty values fall away one by one, so a bookmarked list always opens."""

    organisation = forms.IntegerField(required=False, widget=forms.Select)
    q = TextField(required=False, max_length=30, label="姓名", widget=forms.TextInput(attrs={"size": 12}))

    def __init__(self, data):
        super().__init__(data, auto_id="f_%s")
        if not self.is_valid() and self.refusal:
            self.data = {**self.data.dict(), "q": ""}

    def clean_q(self) -> str:
        """:raises ValidationError: for a number: it must not stand in an address, nor come back on the page."""
        q = self.cleaned_data["q"].replace("\0", "")
        if asks_for_number(q):
            raise ValidationError(NO_NUMBER, "number")
        return q

    @property
    def refusal(self) -> str:
        """What to say to somebody who typed a number where a name is asked for."""
        return NO_NUMBER if self.has_error("q", "number") else ""

    def value(self, name: str):
        """The cleaned value of a field, or what stands for nothing."""
        return self.cleaned_data.get(name) or ""

    def query(self, **more: str) -> str:
        """The query string of this list, for links to its other pages."""
        return urlencode({name: value for name, value in {**self.cleaned_data, **more}.items() if value})


class NumberForm(forms.Form):
    """The end of an identity number, or all of it; sent by POST and shown nowhere again."""

    number = TextField(
        label="身份证号后四位、后六位，或全部",
        max_length=40,
        error_messages={"required": "请输身份证号的后四位、后六位，或全部 18 位。"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
    )

    def clean_number(self) -> str:
        """Digits in any width, with or without spaces; the X in any case."""
        number = squeezed(plain(self.cleaned_data["number"])).upper()
        if not ENDING.fullmatch(number):
            raise ValidationError("至少输身份证号的后四位，只有数字，最后一位可以是 X。")
        return number


class BoardFilter(Narrowing):
    """The board's filters: rule, due within, organisation, member's name."""

    rule = forms.RegexField(r"^(\d{1,9}|care)$", required=False, label="事项", widget=forms.Select)
    due = forms.ChoiceField(choices=[("", "不限到期"), *WITHIN, *OVER], required=False, label="到期")


class DeedFilter(Narrowing):
    """The filters of the list of deeds: what was done, organisation."""

    action = forms.ChoiceField(
        choices=[("", "全部事项"), *((each, Action(each).label) for each in PLAIN_ACTIONS)],
        required=False,
        label="事项",
    )


class MemberFilter(Narrowing):
    """The member list's filters: organisation, standing, month of joining, missing date, name."""

    standing = forms.ChoiceField(choices=[("", "全部在册"), *Standing.choices], required=False, label="人员类别")
    month = forms.ChoiceField(choices=[("", "不限入党月份"), *MONTHS], required=False, label="入党月份")
    missing = forms.ChoiceField(choices=[("", "资料不限"), ("full_on", "缺转正日期")], required=False, label="资料")
