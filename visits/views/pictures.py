"""Photos and scans of a visit: for those who may read its text; added and taken off by those who may withdraw it."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from base import audit
from base.fields import PicturesField
from base.models import Picture
from base.once import OnceField, new_key, submitted
from base.pictures import attach, opened, pictures_of, remove, subject_of
from duties.permissions import check_may_withdraw
from visits.lists import with_people
from visits.models import Visit
from visits.permissions import may_read

ALONE = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""What the browser may do with a picture opened by itself: show it, in the middle of its own black page."""


class AddForm(forms.Form):
    """Pictures that came to hand after the visit was saved."""

    once = OnceField()
    pictures = PicturesField(required=True, help_text="JPG、PNG、WebP，每张不超过 10 MB。位置等拍摄信息不保存。")


class RemoveForm(forms.Form):
    once = OnceField()


def _visit(request, pk: int) -> Visit:
    """A visit whose text, and so whose pictures, the account may read; any other does not exist."""
    found = get_object_or_404(with_people(Visit.objects.visible_to(request.user)), pk=pk)
    if not may_read(request.user, found.record):
        raise Http404
    return found


def _check_may_change(account, visit: Visit) -> None:
    check_may_withdraw(account, visit.record)
    if visit.record.withdrawn_on:
        raise PermissionDenied(f"这次走访已于 {visit.record.withdrawn_on} 撤回，照片不再改动。")


def _picture(visit: Visit, pk: int) -> Picture:
    return get_object_or_404(pictures_of(subject_of(visit.record)), pk=pk)


@require_safe
def picture(request, pk: int, picture: int):
    """One picture. Drawn by us, named by number, and shown by the browser without any right of its own."""
    visit = _visit(request, pk)
    try:
        data = opened(_picture(visit, picture))
    except FileNotFoundError as missing:
        raise Http404 from missing
    audit.write(audit.Act.READ, subject_of(visit.record), field=f"picture:{picture}")
    return HttpResponse(data, headers={
        "Content-Type": "image/jpeg", "Content-Disposition": f'inline; filename="{picture}.jpg"',
        "Content-Security-Policy": ALONE, "Cross-Origin-Resource-Policy": "same-origin", "Accept-Ranges": "none",
    })  # fmt: skip


def picture_add(request, pk: int):
    """Adding pictures to a visit that is saved."""
    visit = _visit(request, pk)
    _check_may_change(request.user, visit)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = AddForm(*sent, initial={"once": new_key()})
    if where := submitted(request, form, lambda: _add(form, request, visit)):
        return redirect(where)
    context = {"form": form, "visit": visit, "record": visit.record, "back": reverse("visit", args=[pk])}
    return render(request, "visits/picture_add.html", context, status=422 if form.errors else 200)


def _add(form: AddForm, request, visit: Visit) -> str:
    added = keep_pictures(form.cleaned_data["pictures"], of=visit, by=request.user)
    messages.success(request, f"照片已添加 {added} 张。" if added else "这些照片本来就有，没有再添加。")
    return reverse("visit", args=[visit.pk])


def keep_pictures(pictures, *, of: Visit, by) -> int:
    """Give the pictures of a form to a visit, in the transaction of the act; returns how many are new to it."""
    record = of.record
    return attach(
        by=by, subject=subject_of(record), organisation=record.organisation_id, pictures=pictures, now=timezone.now()
    )  # fmt: skip


def picture_remove(request, pk: int, picture: int):
    """Taking a picture off: it is shown once more, then gone for everybody."""
    visit = _visit(request, pk)
    _check_may_change(request.user, visit)
    found = _picture(visit, picture)
    form = RemoveForm(request.POST if request.method == "POST" else None, initial={"once": new_key()})
    if where := submitted(request, form, lambda: _remove(request, found, visit), repeated="这张照片已经去掉了。"):
        return redirect(where)
    context = {"form": form, "visit": visit, "record": visit.record, "picture": found}
    return render(request, "visits/picture_remove.html", context, status=422 if form.is_bound else 200)


def _remove(request, picture: Picture, visit: Visit) -> str:
    remove(picture)
    messages.success(request, "照片已去掉。")
    return reverse("visit", args=[visit.pk])
