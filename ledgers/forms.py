"""The filter of a ledger."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError

from members.models import Organisation


class OrganisationField(forms.ChoiceField):
    """One of the given organisations, shown indented as in the tree; all others do not exist."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.organisations: dict[str, Organisation] = {}

    def offer(self, organisations: list[Organisation]) -> None:
        """Offer these, given in the order of the tree."""
        self.organisations = {str(each.pk): each for each in organisations}
        top = min(each.level for each in organisations)
        self.choices = [(each.pk, "　" * (each.level - top) + each.label) for each in organisations]

    def clean(self, value) -> Organisation:
        if str(value) not in self.organisations:
            raise ValidationError("没有这个党组织，请另选一个。")
        return self.organisations[str(value)]


class LedgerFilter(forms.Form):
    """党组织 and period."""

    organisation = OrganisationField(label="党组织")
    first = forms.DateField(label="从", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    last = forms.DateField(label="到", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))

    def __init__(self, *args, organisations: list[Organisation], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organisation"].offer(organisations)
        for name in ("first", "last"):
            field = self.fields[name]
            field.error_messages = {
                "required": f"“{field.label}”是空的，请填日期，如 2026-01-01。",
                "invalid": f"“{field.label}”不是日期，请写成 2026-01-01 这样。",
            }

    def clean(self):
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if isinstance(first, date) and isinstance(last, date) and last < first:
            self.add_error(
                "last", f"{last} 早于开始日期 {first}，两个日期可能填反了。请把结束日期改成 {first} 或以后。"
            )
