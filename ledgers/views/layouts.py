"""Pages of layouts: those of a ledger, laying one out, taking a superior's own sheet, throwing one away."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from base.dates import today
from base.limits import SheetRefused
from base.once import new_key, submitted
from ledgers.filling import match
from ledgers.forms import BookForm, DropForm, LayoutForm
from ledgers.layouts import drop_layout, keep_layout
from ledgers.models import Layout
from ledgers.permissions import check_may_lay_out, check_may_read, may_lay_out
from ledgers.views.ledgers import ledger_of
from members.enums import Capability

FORM = ["GET", "HEAD", "POST"]


@require_safe
def layouts(request, code: str):
    """The layouts of a ledger that one may choose: one's own organisations' and those of superiors."""
    ledger = ledger_of(code)
    check_may_read(request.user, ledger)
    rows = list(
        Layout.objects.visible_to(request.user).filter(ledger=code).select_related("organisation", "entered_by")
    )
    for row in rows:
        row.mine = request.user.scope.may(Capability.RECORD, row.organisation.path)
    context = {"ledger": ledger, "rows": rows, "may_lay_out": may_lay_out(request.user)}
    return render(request, "ledgers/layouts.html", context)


def _mine(request, pk: int) -> Layout:
    check_may_lay_out(request.user)
    rows = Layout.objects.visible_to(request.user, Capability.RECORD).select_related("organisation")
    return get_object_or_404(rows, pk=pk)


@require_http_methods(FORM)
def layout_new(request, code: str):
    """Laying a ledger out anew, for one's own organisation and all below it."""
    ledger = ledger_of(code)
    check_may_read(request.user, ledger)
    check_may_lay_out(request.user)
    return _layout_form(request, ledger, None)


@require_http_methods(FORM)
def layout_edit(request, pk: int):
    """Writing a layout anew."""
    layout = _mine(request, pk)
    return _layout_form(request, ledger_of(layout.ledger), layout)


def _layout_form(request, ledger, layout: Layout | None):
    form = LayoutForm(request.POST or None, ledger=ledger, layout=layout, initial={"once": new_key()})

    def act() -> str:
        data = form.cleaned_data
        columns = form.columns()
        if layout and layout.book:
            columns = layout.columns
        kept = keep_layout(
            by=request.user, organisation=layout.organisation if layout else request.user.scope.home, ledger=ledger,
            name=data["name"], title=data["title"], signers=data["signers"], columns=columns, today=today(),
            layout=layout,
        )  # fmt: skip
        messages.success(request, f"版式“{kept.name}”已保存，下次导出直接选。")
        return f"{reverse('ledger', args=[ledger.code])}?layout={kept.pk}"

    if where := submitted(request, form, act):
        return redirect(where)
    context = {"ledger": ledger, "form": form, "layout": layout}
    return render(request, "ledgers/layout_form.html", context, status=422 if form.errors else 200)


@require_http_methods(FORM)
def layout_book(request, code: str):
    """Taking a superior's own sheet: its headings are matched, and it is filled from then on."""
    ledger = ledger_of(code)
    check_may_read(request.user, ledger)
    check_may_lay_out(request.user)
    form = BookForm(request.POST or None, request.FILES or None, initial={"once": new_key()})

    def act() -> str:
        book = form.cleaned_data["book"].read()
        try:
            found = match(ledger, book)
        except SheetRefused as refused:
            raise ValidationError({"book": str(refused)}) from refused
        kept = keep_layout(
            by=request.user, organisation=request.user.scope.home, ledger=ledger, name=form.cleaned_data["name"],
            columns=found.found, today=today(), book=book, sheet=found.sheet, first_row=found.first_row,
        )  # fmt: skip
        said = f"“{kept.name}”已保存，对上 {len(found.found)} 列，从第 {kept.first_row} 行填起。"
        if found.unknown:
            said += f"没有对上、留空的列：{'、'.join(found.unknown[:8])}{'等' if len(found.unknown) > 8 else ''}。"
        messages.success(request, said)
        return f"{reverse('ledger', args=[ledger.code])}?layout={kept.pk}"

    if where := submitted(request, form, act):
        return redirect(where)
    return render(
        request, "ledgers/layout_book.html", {"ledger": ledger, "form": form}, status=422 if form.errors else 200
    )


@require_http_methods(FORM)
def layout_drop(request, pk: int):
    """Throwing a layout away."""
    layout = _mine(request, pk)
    form = DropForm(request.POST or None, initial={"once": new_key()})

    def act() -> str:
        drop_layout(by=request.user, layout=layout)
        messages.success(request, f"版式“{layout.name}”已删除，导出过的表不受影响。")
        return reverse("layouts", args=[layout.ledger])

    if where := submitted(request, form, act):
        return redirect(where)
    return render(
        request, "ledgers/layout_drop.html", {"layout": layout, "ledger": ledger_of(layout.ledger), "form": form}
    )
