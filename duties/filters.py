"""What a list is narrowed by: filters from the query string. A value nobody offered narrows nothing."""

from urllib.parse import urlencode

from django import forms

from members.enums import Standing

WITHIN = (("7", "7 天内到期"), ("30", "30 天内到期"), ("60", "60 天内到期"))
MONTHS = tuple((str(month), f"{month} 月入党") for month in range(1, 13))


class Narrowing(forms.Form):
    """A GET form whose faulty values fall away one by one, so a bookmarked list always opens."""

    organisation = forms.IntegerField(required=False, widget=forms.Select)
    q = forms.CharField(required=False, max_length=30, label="姓名", widget=forms.TextInput(attrs={"size": 12}))

    def __init__(self, data):
        super().__init__(data, auto_id="f_%s")
        self.is_valid()

    def value(self, name: str):
        """The cleaned value of a field, or what stands for nothing."""
        return self.cleaned_data.get(name) or ""

    def query(self, **more: str) -> str:
        """The query string of this list, for links to its other pages."""
        return urlencode({name: value for name, value in {**self.cleaned_data, **more}.items() if value})


class BoardFilter(Narrowing):
    """The board's filters: rule, due within, organisation, member's name."""

    rule = forms.RegexField(r"^(\d{1,9}|care)$", required=False, label="事项", widget=forms.Select)
    due = forms.ChoiceField(choices=[("", "不限到期"), *WITHIN], required=False, label="到期")


class MemberFilter(Narrowing):
    """The member list's filters: organisation, standing, month of joining, missing date, name."""

    standing = forms.ChoiceField(choices=[("", "全部在册"), *Standing.choices], required=False, label="人员类别")
    month = forms.ChoiceField(choices=[("", "不限入党月份"), *MONTHS], required=False, label="入党月份")
    missing = forms.ChoiceField(choices=[("", "资料不限"), ("full_on", "缺转正日期")], required=False, label="资料")
