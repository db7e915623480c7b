"""Photos and scans of a visit or an activity: for those who may read its text; added and taken off by those who may
withdraw it. ``of`` says which of the two: the name of its page.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from base.models import Picture
from base.once import OnceField, new_key, submitted
from base.picture_pages import AddForm, shown
from base.pictures import attach, pictures_of, remove, subject_of
from duties.engine.models import Record
from duties.permissions import check_may_withdraw, may_read_deed
from visits.lists import with_people
from visits.models import Activity, Visit
from visits.permissions import may_read


class RemoveForm(forms.Form):
    once = OnceField()


@dataclass(frozen=True)
class Holder:
    """What has pictures: what it is called, its rows in scope, who reads its text, and how one of them is called."""

    noun: str
    rows: Callable[[Any], QuerySet]
    reads: Callable[[Any, Record], bool]
    called: Callable[[Any], str]


HOLDERS = {
    "visit": Holder(
        "走访", lambda account: with_people(Visit.objects.visible_to(account)), may_read,
        lambda visit: visit.record.member.name,
    ),
    "activity": Holder(
        "活动", lambda account: Activity.objects.visible_to(account).with_people(), may_read_deed,
        lambda activity: activity.title,
    ),
}  # fmt: skip
"""By the name of its page."""


def _held(request, of: str, pk: int) -> Visit | Activity:
    """One whose text, and so whose pictures, the account may read; any other does not exist."""
    found = get_object_or_404(HOLDERS[of].rows(request.user), pk=pk)
    if not HOLDERS[of].reads(request.user, found.record):
        raise Http404
    return found


def _check_may_change(account, of: str, record: Record) -> None:
    check_may_withdraw(account, record)
    if record.withdrawn_on:
        raise PermissionDenied(f"这次{HOLDERS[of].noun}已于 {record.withdrawn_on} 撤回，照片不再改动。")


def _picture(held: Visit | Activity, pk: int) -> Picture:
    return get_object_or_404(pictures_of(subject_of(held.record)), pk=pk)


def _context(held: Visit | Activity, of: str, form: forms.Form) -> dict:
    holder = HOLDERS[of]
    return {
        "form": form, "of": of, "held": held, "noun": holder.noun, "what": f"{held.record.on} {holder.called(held)}",
        "back": reverse(of, args=[held.pk]),
    }  # fmt: skip


@require_safe
def picture(request, pk: int, picture: int, of: str = "visit"):
    """One picture of what the account may read."""
    return shown(_picture(_held(request, of, pk), picture))


def picture_add(request, pk: int, of: str = "visit"):
    """Adding pictures to what is saved."""
    held = _held(request, of, pk)
    _check_may_change(request.user, of, held.record)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = AddForm(*sent, initial={"once": new_key()})
    if where := submitted(request, form, lambda: _add(form, request, held, of)):
        return redirect(where)
    context = _context(held, of, form)
    return render(request, "visits/picture_add.html", context, status=422 if form.errors else 200)


def _add(form: AddForm, request, held: Visit | Activity, of: str) -> str:
    added = keep_pictures(form.cleaned_data["pictures"], of=held, by=request.user)
    messages.success(request, f"照片已添加 {added} 张。" if added else "这些照片本来就有，没有再添加。")
    return reverse(of, args=[held.pk])


def keep_pictures(pictures, *, of: Visit | Activity, by) -> int:
    """Give the pictures of a form to what it is about, in the transaction of the act; returns how many are new."""
    record = of.record
    return attach(
        by=by, subject=subject_of(record), organisation=record.organisation_id, pictures=pictures, now=timezone.now()
    )  # fmt: skip


def picture_remove(request, pk: int, picture: int, of: str = "visit"):
    """Taking a picture off: it is shown once more, then gone for everybody."""
    held = _held(request, of, pk)
    _check_may_change(request.user, of, held.record)
    found = _picture(held, picture)
    form = RemoveForm(request.POST if request.method == "POST" else None, initial={"once": new_key()})
    if where := submitted(request, form, lambda: _remove(request, found, held, of), repeated="这张照片已经去掉了。"):
        return redirect(where)
    context = _context(held, of, form) | {"picture": found}
    return render(request, "visits/picture_remove.html", context, status=422 if form.is_bound else 200)


def _remove(request, picture: Picture, held: Visit | Activity, of: str) -> str:
    remove(picture)
    messages.success(request, "照片已去掉。")
    return reverse(of, args=[held.pk])
