"""The page on which what visits gave enters the books, and is reversed where a visit was withdrawn."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from base.dates import today
from base.fields import TextField
from base.keyset import newest_first
from base.money import Source
from base.once import new_key, submitted
from config.visit_money.rows import ACTORS, KEEPS, minutes_of, to_reverse, waiting
from fund.booking import book, unbook
from fund.forms.runs import SOURCES
from fund.services import INCOME
from members.office_forms import ActForm, SaysAll
from members.scope import sealed_at

PAGE = 30
BOOKED = "这一笔刚才已经记过账，没有再记一次。"
AWAY = (
    "text", "wish", "promised", "met_name", "candidacy__added", "candidacy__out_words", "candidacy__returned_words",
    "candidacy__campaign__summary", *sealed_at("record__member"),
)  # fmt: skip


class BookForm(SaysAll):
    """One visit's money: out of which source, by which minutes where no campaign decided it."""

    visit = forms.IntegerField(widget=forms.HiddenInput, max_value=2**63 - 1)
    source = forms.ChoiceField(
        label="款源", choices=[("", "选款源"), *SOURCES], required=False,
        error_messages={"invalid_choice": "请从列表里选款源。"},
    )  # fmt: skip
    minutes = TextField(label="定标准的纪要号", max_length=60, required=False)


def _check_may(account) -> None:
    if not account.scope.may(KEEPS):
        raise PermissionDenied("走访慰问金由会计、出纳记账。")


def visit_money(request):
    """What is to be booked, and what is to be reversed; a POST books one."""
    account = request.user
    _check_may(account)
    if request.method != "POST":
        return _page(request)
    found = waiting(account).select_related("record", "candidacy__campaign").defer(*AWAY)
    form = BookForm(request.POST)
    where = submitted(request, form, lambda: _book(request, form, found), repeated=BOOKED)
    return redirect(where) if where else _page(request, form)


def _book(request, form: BookForm, found) -> str:
    row = found.filter(pk=form.cleaned_data["visit"]).first()
    if row is None:
        raise ValidationError("这条不在待记账里，可能已经记过账，或者走访已撤回。")
    source = row.source if row.source in INCOME else form.cleaned_data["source"]
    minutes = minutes_of(row) or form.cleaned_data["minutes"]
    made = book(
        by=request.user, record=row.record, fen=row.money, source=source, minutes=minutes, now=timezone.now()
    )  # fmt: skip
    messages.success(request, f"已记账，凭证 {made.voucher.year}-{made.voucher.number:03}。")
    return reverse("visit_money")


def _page(request, refused: BookForm | None = None):
    account = request.user
    rows = waiting(account).select_related("record__organisation", "record__member", "candidacy__campaign")
    rows = rows.defer(*AWAY).prefetch_related(ACTORS)
    found, after = newest_first(rows, request.GET.get("after", ""), size=PAGE, day="record__on")
    for row in found:
        row.minutes, row.general = minutes_of(row), row.source == Source.FUND
        row.campaign = row.candidacy.campaign if hasattr(row, "candidacy") else None
        sent = refused is not None and refused.data.get("visit") == str(row.pk)
        fresh = {"visit": row.pk, "once": new_key()}
        row.form = refused if sent else BookForm(auto_id=f"visit{row.pk}_%s", initial=fresh)
    back = to_reverse(account).select_related("record__member", "record__organisation", "voucher")
    context = {
        "rows": found, "after": after, "first": "after" not in request.GET, "day": today(), "once": new_key(),
        "back": list(back.defer(*sealed_at("record__member")).order_by("pk")), "refused": refused,
    }  # fmt: skip
    return render(request, "fund/visit_money.html", context, status=422 if refused else 200)


@require_POST
def visit_money_back(request, pk: int):
    """The books' answer to a visit that was withdrawn: its voucher reversed, the sum available again."""
    account = request.user
    _check_may(account)
    found = get_object_or_404(to_reverse(account), pk=pk)
    form = ActForm(request.POST)

    def done() -> str:
        voucher = unbook(by=account, spending=found, now=timezone.now())
        messages.success(request, f"已红冲，凭证 {voucher.year}-{voucher.number:03}。")
        return reverse("visit_money")

    if (where := submitted(request, form, done)) is None:
        for said in form.non_field_errors():
            messages.error(request, said)
    return redirect(where or reverse("visit_money"))
