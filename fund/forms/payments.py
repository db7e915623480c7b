"""The forms of the cashier's desk: paying one, listing several for the bank, slips, receipts, failures, repayments."""

from collections.abc import Sequence

from django import forms

from base.fields import RowsField, TextField, YuanField
from fund.applying.filing import Account
from fund.applying.paying import Substitute
from fund.models import Grant, Payment, Way
from members.models import Person
from members.office_forms import SaysAll, day_field

SELF, OTHER = "self", "substitute"


class PayForm(SaysAll):
    """One grant handed over: by the bank with its slip, or in cash before two others."""

    way = forms.ChoiceField(
        label="怎样发", choices=Way.choices, widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请选银行转账或现金。"),
    )  # fmt: skip
    slip = TextField(label="银行回单号", max_length=60, required=False)
    first = forms.TypedChoiceField(label="在场人一", coerce=int, required=False, empty_value=None)
    second = forms.TypedChoiceField(label="在场人二", coerce=int, required=False, empty_value=None)
    on = day_field("发放日期")

    def __init__(self, data=None, *, offered: Sequence[tuple[int, str]], by_bank: bool, **more):
        super().__init__(data, **more)
        for name in ("first", "second"):
            self.fields[name].choices = [("", "请选"), *offered]
            self.fields[name].error_messages["invalid_choice"] = "请从列表里选在场人。"
        if not by_bank:
            self.fields["way"].choices = [(Way.CASH.value, Way.CASH.label)]

    def add_error(self, field, error):
        """What is said of the witnesses stands at the second."""
        told = getattr(error, "error_dict", {})
        if "witnesses" in told:
            told["second"] = told.pop("witnesses")
        super().add_error(field, error)

    def witnesses(self) -> list[Person]:
        given = self.cleaned_data
        return list(Person.objects.filter(pk__in=[pk for pk in (given["first"], given["second"]) if pk]))


class BatchForm(SaysAll):
    """Which grants the bank is to pay together."""

    grant = RowsField(Grant.objects.none(), error_messages={"required": "还没有勾选要列入批次的。"})
    on = day_field("列表日期")

    def __init__(self, data=None, *, grants, **more):
        super().__init__(data, **more)
        self.fields["grant"].queryset = grants


class SettleForm(SaysAll):
    """The bank's slip: what it refused has a reason, all else was paid."""

    slip = TextField(label="银行回单号", max_length=60, error_messages={"required": "请写银行回单号。"})
    on = day_field("回单日期")

    def __init__(self, data=None, *, payments: Sequence[Payment], **more):
        super().__init__(data, **more)
        self.payments = list(payments)
        for each in self.payments:
            name = each.grant.whom
            self.fields[f"refused-{each.pk}"] = forms.BooleanField(label=f"{name}没有付成", required=False)
            self.fields[f"failed-{each.pk}"] = TextField(
                label=f"{name}为什么没有付成", required=False, max_length=120,
                widget=forms.TextInput(attrs={"placeholder": "没有付成的原因"}),
            )  # fmt: skip

    def lines(self) -> list[tuple[Payment, forms.BoundField, forms.BoundField]]:
        return [(each, self[f"refused-{each.pk}"], self[f"failed-{each.pk}"]) for each in self.payments]

    def failed(self) -> dict[int, str]:
        """Whatever was ticked or has a reason written: a reason without a tick is not thrown away."""
        given = self.cleaned_data
        return {
            each.pk: given[f"failed-{each.pk}"]
            for each in self.payments
            if given[f"refused-{each.pk}"] or given[f"failed-{each.pk}"].strip()
        }


class WhyForm(SaysAll):
    """Why something is done that has to be accounted for."""

    reason = TextField(
        label="为什么", max_length=120, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写为什么，一句话也可以。"},
    )  # fmt: skip


class FailForm(WhyForm):
    on = day_field("退回日期")
    field_order = ("once", "on", "reason")


class BackForm(WhyForm):
    amount = YuanField(label="退回多少元", error_messages={"required": "请写退回多少元。"})
    on = day_field("退回日期")
    field_order = ("once", "amount", "on", "reason")


class ReceiveForm(SaysAll):
    """That the money arrived: who signed, or the bank's slip."""

    receiver = forms.ChoiceField(
        label="谁签收", choices=[(SELF, "本人"), (OTHER, "别人代领")], widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请选本人或代领。"),
    )  # fmt: skip
    on = day_field("签收日期")
    slip = TextField(label="银行回单号", max_length=60, required=False)
    substitute = TextField(label="代领人姓名", max_length=60, required=False)
    relation = TextField(label="与本人的关系", max_length=20, required=False)
    why = TextField(label="为什么代领", max_length=60, required=False)

    def given(self) -> dict:
        """What :func:`fund.applying.paying.receive` takes. Whoever writes a name means a substitute."""
        said = self.cleaned_data
        stands_in = said["receiver"] == OTHER or said["substitute"].strip()
        substitute = Substitute(said["substitute"], said["relation"], said["why"]) if stands_in else None
        return {"on": said["on"], "slip": said["slip"], "substitute": substitute}


class PayeeForm(WhyForm):
    """Where the money is to go instead, after the bank refused the account that was decided upon."""

    holder = TextField(label="户名", max_length=60, required=False)
    bank = TextField(label="开户行", max_length=80, required=False)
    number = TextField(
        label="账号", max_length=40, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    relation = TextField(label="户名不是本人的，与本人的关系", max_length=20, required=False)
    field_order = ("once", "holder", "bank", "number", "relation", "reason")

    def account(self) -> Account:
        said = self.cleaned_data
        return Account(said["holder"].strip(), said["bank"].strip(), said["number"].strip(), said["relation"].strip())
