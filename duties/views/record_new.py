"""＋记一笔: the plain page behind the phone's middle button."""

from django.conf import settings
from django.shortcuts import render

from members.permissions import check_may_record


def record_new(request):
    """One button for each thing that can be recorded."""
    check_may_record(request.user)
    return render(request, "duties/record_new.html", {"forms": settings.ACTION_FORMS.values()})
