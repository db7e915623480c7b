"""＋记一笔: the plain page behind the phone's middle button."""

from django.conf import settings
from django.shortcuts import render
from django.views.decorators.http import require_safe

from members.permissions import check_may_record


@require_safe
def record_new(request):
    """One button for each thing that can be recorded."""
    check_may_record(request.user)
    return render(request, "duties/record_new.html", {"forms": settings.QUICK_FORMS})
