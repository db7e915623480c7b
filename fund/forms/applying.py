"""The forms of one's own application: what is asked, why, the household, the account, the consent; taking it back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django import forms

from base.cells import plain, squeezed
from base.fields import PicturesField, TableField, TextField, YuanField
from care.registers.difficulty import Relative
from fund.applying.filing import Account, Asking
from fund.applying.offering import Offer
from fund.models import Filer
from members.office_forms import ActForm

SHORTEST, LONGEST = 8, 30
"""Digits of a bank account."""


class PartForm(ActForm):
    """One part of an application; ``serial`` guards against a page that is no longer true."""

    serial = forms.IntegerField(
        widget=forms.HiddenInput, required=False, error_messages={"invalid": "这一页不完整，请重新打开再填。"}
    )

    def asking(self, before: Asking) -> Asking:
        """What is asked, with this part as it was typed."""
        raise NotImplementedError

    def add_error(self, field, error):
        """A refusal of the service may speak of another page's field: it then stands above the form. ``kind`` is
        chosen together with its grade.
        """
        if field is None and (said := getattr(error, "error_dict", None)):
            for name, errors in said.items():
                named = {"kind": "choice"}.get(name, name)
                super().add_error(named if named in self.fields else None, errors)
            return
        super().add_error(field, error)


class WhatForm(PartForm):
    """For what, how much, and who fills it in. The first part: nothing is there before it."""

    member = forms.IntegerField(widget=forms.HiddenInput, required=False)
    choice = forms.ChoiceField(
        label="因为什么困难", widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请选一类。拿不准的选最接近的，支部会帮您核对。"),
    )  # fmt: skip
    asked = YuanField(label="申请多少钱（元）", error_messages={"required": "请写申请多少钱，例如 2000。"})
    urgent = forms.BooleanField(label="急着用钱，走紧急程序", required=False)
    filer = forms.ChoiceField(label="谁在填", widget=forms.RadioSelect)
    filer_name = TextField(label="代填人姓名", max_length=40, required=False)
    filer_relation = TextField(label="和本人的关系", max_length=20, required=False)
    filer_why = TextField(label="为什么代填", max_length=100, required=False, help_text="例如：本人住院，不方便写字。")

    def __init__(self, *args, offers: Sequence[Offer], own: bool, may_be_urgent: bool, **more):
        super().__init__(*args, **more)
        self.offers = {each.value: each for each in offers}
        self.fields["choice"].choices = [(each.value, each.title) for each in offers]
        first = (Filer.SELF, "我自己填") if own else (Filer.BRANCH, "党支部替本人填")
        self.fields["filer"].choices = [first, (Filer.RELATIVE, "亲属替本人填")]
        self.fields["filer"].initial = first[0]
        if not may_be_urgent:
            del self.fields["urgent"]

    @property
    def rows(self) -> list[tuple]:
        """Each choice as it is drawn, with what is offered by it."""
        return [(drawn, self.offers[drawn.data["value"]]) for drawn in self["choice"]]

    @property
    def fits(self) -> bool:
        """Whether what fits is enough to show at first: a register names the member, or what is chosen is among it."""
        chosen = self.offers.get(self["choice"].value() or "")
        return chosen.fits if chosen else any(each.fits and each.registered for each in self.offers.values())

    def clean(self):
        given = super().clean()
        if given.get("filer") == Filer.RELATIVE:
            for name, said in (
                ("filer_name", "请写代填人的姓名。"),
                ("filer_relation", "请写代填人和本人的关系，例如女儿。"),
            ):
                if not given.get(name):
                    self.add_error(name, said)
        return given

    def asking(self, before: Asking) -> Asking:
        given, offer = self.cleaned_data, self.offers[self.cleaned_data["choice"]]
        filled = {name: given[name] for name in ("filer_name", "filer_relation", "filer_why")}
        if given["filer"] != Filer.RELATIVE:
            filled = dict.fromkeys(filled, "")
        return replace(
            before, kind=offer.kind, grade=offer.grade, asked=given["asked"], urgent=given.get("urgent", False),
            content=replace(before.content, **filled),
        )  # fmt: skip


class WhyForm(PartForm):
    """Why, what help there was, and papers that show it."""

    reason = TextField(
        label="申请的理由", max_length=2_000, widget=forms.Textarea(attrs={"rows": 4}),
        required=False, help_text="一两句话也可以：出了什么事，花了多少，难在哪里。加密保存，只有办这件事的人能看。",
    )  # fmt: skip
    helped = TextField(
        label="已经得到过哪些帮助", max_length=200, required=False, help_text="例如：低保、医保报销、工会慰问 500 元。"
    )
    pictures = PicturesField(label="证明材料的照片")

    def clean_reason(self):
        """Whoever puts it off may leave it empty until it is handed in."""
        if not self.cleaned_data["reason"] and "again" not in self.data:
            raise forms.ValidationError("请写申请的理由，一两句话也可以。")
        return self.cleaned_data["reason"]

    def asking(self, before: Asking) -> Asking:
        given = self.cleaned_data
        return replace(before, content=replace(before.content, reason=given["reason"], helped=given["helped"]))


class HomeForm(PartForm):
    """The household and its income, and where to ring."""

    own_income = YuanField(label="本人月收入（元）", required=False, help_text="没有收入填 0。不知道的先空着。")
    family = TableField(Relative, label="家里还有谁", help_text="本人以外的每人一行，没有收入填 0。")
    phone = TextField(label="联系电话", max_length=40, required=False)

    def asking(self, before: Asking) -> Asking:
        given, content = self.cleaned_data, before.content
        content = replace(
            content, own_income=given["own_income"], family=given["family"], phone=given["phone"] or content.phone
        )
        return replace(before, content=content)


class AccountForm(PartForm):
    """Where the money is to go; nothing typed leaves what is known."""

    holder = TextField(label="户名", max_length=40, required=False)
    bank = TextField(
        label="开户银行", max_length=60, required=False, help_text="写到支行更好，例如：建设银行河东支行。"
    )
    number = TextField(
        label="账号或卡号", max_length=40, required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip
    relation = TextField(label="户主和本人的关系", max_length=20, required=False, help_text="是本人的账户就空着。")
    forget = forms.BooleanField(label="不要这个账户了", required=False)

    def __init__(self, *args, account: Account, name: str, **more):
        super().__init__(*args, **more)
        self.known, self.name = account, name
        if not account.number:
            del self.fields["forget"]

    def clean_number(self):
        digits = squeezed(plain(self.cleaned_data["number"])).replace("-", "")
        if digits and not (digits.isascii() and digits.isdigit() and SHORTEST <= len(digits) <= LONGEST):
            raise forms.ValidationError("账号只有数字，一般十六到十九位，请对着卡核对。")
        return digits

    def clean(self):
        given = super().clean()
        if not given.get("forget") and (given.get("number") or self.known.number):
            for name, said in (("holder", "填了账号，请写户名。"), ("bank", "填了账号，请写开户银行。")):
                if not given.get(name) and name not in self.errors:
                    self.add_error(name, said)
            if given.get("holder") and given["holder"] != self.name and not given.get("relation"):
                self.add_error("relation", f"户名不是{self.name}的，请写户主和本人的关系。")
        return given

    def asking(self, before: Asking) -> Asking:
        given = self.cleaned_data
        number = "" if given.get("forget") else given["number"] or self.known.number
        account = Account(given["holder"], given["bank"], number, given["relation"]) if number else Account()
        return replace(before, content=replace(before.content, account=account))


@dataclass(frozen=True)
class Part:
    """One page of the way: its name in the address, its heading, its form."""

    code: str
    title: str
    form: type[PartForm]


PARTS = (
    Part("what", "申请什么", WhatForm),
    Part("why", "为什么申请", WhyForm),
    Part("home", "家里的情况", HomeForm),
    Part("account", "钱发到哪里", AccountForm),
)
"""The pages before the last, in order."""


class SubmitForm(PartForm):
    """The consent, and handing in."""

    agreed = forms.BooleanField(
        label="我同意组织核查上面写的情况，并按规定公示",
        error_messages={"required": "提交前要由本人（或受委托人）同意核查情况并按规定公示。"},
    )


class TakeBackForm(PartForm):
    """Why an application is withdrawn."""

    reason = TextField(
        label="为什么撤回", max_length=200, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写为什么撤回，一句话也可以。"},
    )  # fmt: skip
