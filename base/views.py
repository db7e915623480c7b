"""Keeping and dropping the draft of a form; one's own only."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from base import drafts


@require_POST
def draft_save(request):
    """Keep what was typed so far; static/js/app.js sends it every few seconds."""
    try:
        drafts.save(
            account=request.user.pk, key=request.POST.get("draft", ""), sent=request.POST, now=timezone.now()
        )  # fmt: skip
    except drafts.DraftRefused as refused:
        raise Http404 from refused
    return HttpResponse(status=204)


@require_POST
def draft_drop(request):
    """Forget a draft and open its form again, empty."""
    drafts.drop(account=request.user.pk, key=request.POST.get("draft", ""))
    back = request.POST.get("next", "")
    ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return redirect(back if ours else "desk")
