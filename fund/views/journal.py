"""The journal: its list, one voucher and its print, the reversal of a voucher. Nothing here edits or deletes."""

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS as ALL
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from base.capitals import in_capitals
from base.dates import today
from base.once import new_key, submitted
from fund.forms.books import JournalFilter, ReverseForm
from fund.models import Voucher
from fund.permissions import may_keep, why_not_reversed
from fund.reading import entries, journal_page
from fund.services import reverse as reverse_voucher
from fund.views.finding import READS, desk_of, fund_asked_for, voucher_of
from members.enums import Capability

ALREADY = "这张表已经记过账，没有再记一次。记错了请红冲。"


@require_safe
def journal(request):
    """The vouchers of one fund, the newest number first."""
    here, choices = fund_asked_for(request)
    if here is None:
        return redirect("fund")
    chosen = JournalFilter(request.GET)
    found = chosen.chosen(Voucher.objects.visible_to(request.user, READS), here)
    rows, after = journal_page(found, request.GET.get("after", ""))
    context = {
        "fund": here, "choices": choices, "rows": rows, "after": after, "first": "after" not in request.GET,
        "filter": chosen, "query": chosen.query(fund=here.pk), "narrowed": chosen.narrows, "day": today(),
        "may_keep": may_keep(request.user, here),
        "may_export": request.user.scope.may(Capability.EXPORT, here.organisation.path),
    }  # fmt: skip
    return render(request, "fund/journal.html", context)


def _page(request, pk: int) -> dict:
    found = voucher_of(request, pk)
    [entry] = entries([found])
    return {"voucher": found, "entry": entry, "fund": found.fund, "day": today()}


@require_safe
def voucher(request, pk: int):
    """One voucher: what it moved, who entered it when, what undid it or what it undid, who gave the money."""
    context = _page(request, pk)
    other = context["entry"].other
    context |= {
        "why_not": why_not_reversed(request.user, context["voucher"]),
        "may_read_other": other is not None and request.user.scope.may(READS, other.fund.organisation.path),
    }
    return render(request, "fund/voucher.html", context)


@require_safe
def voucher_print(request, pk: int):
    """The voucher on paper."""
    context = _page(request, pk)
    capitals = in_capitals(context["voucher"].amount)
    return render(request, "fund/voucher_print.html", {**context, "capitals": capitals})


def voucher_reverse(request, pk: int):
    """Undoing a voucher by its exact opposite; of a sum passed down both books together."""
    found, day = voucher_of(request, pk), today()
    form = ReverseForm(request.POST or None, initial={"once": new_key(), "on": day})

    def act() -> str:
        if refused := why_not_reversed(request.user, voucher_of(request, pk)):
            raise PermissionDenied(refused)
        desk = desk_of(request, form.cleaned_data["on"], timezone.now())
        try:
            made = reverse_voucher(found, desk, words=form.cleaned_data["words"])
        except ValidationError as refused:  # of a sum that is not there any more: the form has no field for it
            said = refused.message_dict
            raise ValidationError({name if name in form.fields else ALL: said[name] for name in said}) from refused
        own = next(each for each in made if each.fund_id == found.fund_id)
        messages.success(request, f"{found.label} 已由 {own.label} 红冲，两号都留着。要更正的请再记一笔。")
        return reverse("voucher", args=[own.pk])

    if where := submitted(request, form, act, repeated=ALREADY):
        return redirect(where)
    if refused := why_not_reversed(request.user, found):
        raise PermissionDenied(refused)
    [entry] = entries([found])
    context = {"form": form, "entry": entry, "voucher": found, "fund": found.fund, "day": day}
    return render(request, "fund/voucher_reverse.html", context, status=422 if form.errors else 200)
