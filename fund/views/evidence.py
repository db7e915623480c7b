"""Papers of an application, photographed: for those who read its content."""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from base import audit
from base.once import new_key, submitted
from base.picture_pages import AddForm, shown
from base.pictures import attach, pictures_of, remove, subject_of
from fund.applying.evidence import check_may_add, check_may_remove
from fund.models import Application
from fund.permissions import is_party, may_read_content
from fund.views.applying import with_all
from members.office_forms import ActForm

LOADING = timedelta(minutes=10)
"""So long after a page that shows all papers was read, and audited once, each is part of it."""


def _read(request, pk: int) -> Application:
    """One whose content the account may read; any other does not exist."""
    found = get_object_or_404(with_all(Application.objects.visible_to(request.user)), pk=pk)
    if not may_read_content(request.user, found):
        raise Http404
    return found


def _back(request, found: Application) -> str:
    return reverse("my_application" if is_party(request.user, found) else "application", args=[found.pk])


@require_safe
def application_picture(request, pk: int, picture: int):
    """One paper of what the account may read."""
    found = _read(request, pk)
    subject = subject_of(found)
    on_a_page = audit.written_since(timezone.now() - LOADING, audit.Act.READ, subject, "pictures")
    return shown(get_object_or_404(pictures_of(subject), pk=picture), audited=on_a_page)


def application_picture_add(request, pk: int):
    """Adding papers to what is saved."""
    found = _read(request, pk)
    check_may_add(found)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = AddForm(*sent, initial={"once": new_key()})
    if where := submitted(request, form, lambda: _add(request, form, found)):
        return redirect(where)
    context = {
        "form": form, "application": found, "back": _back(request, found),
        "evidence": "、".join(found.class_of.evidence),
    }  # fmt: skip
    return render(request, "fund/picture_add.html", context, status=422 if form.errors else 200)


def _add(request, form: AddForm, found: Application) -> str:
    given = {"subject": subject_of(found), "organisation": found.organisation_id}
    added = attach(by=request.user, pictures=form.cleaned_data["pictures"], now=timezone.now(), **given)
    messages.success(request, f"材料已添加 {added} 张。" if added else "这些材料本来就有，没有再添加。")
    return _back(request, found)


def application_picture_remove(request, pk: int, picture: int):
    """Taking a paper off while the application may be changed: it is shown once more, then gone for everybody."""
    found = _read(request, pk)
    paper = get_object_or_404(pictures_of(subject_of(found)), pk=picture)
    check_may_remove(request.user, found, paper)
    form = ActForm(request.POST if request.method == "POST" else None, initial={"once": new_key()})

    def act() -> str:
        remove(paper)
        messages.success(request, "材料已去掉。")
        return _back(request, found)

    if where := submitted(request, form, act, repeated="这份材料已经去掉了。"):
        return redirect(where)
    context = {"form": form, "application": found, "picture": paper, "back": _back(request, found)}
    return render(request, "fund/picture_remove.html", context, status=422 if form.is_bound else 200)
