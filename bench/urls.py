"""The product's addresses, and before them one page that extends the base template and shows nothing."""

from django.shortcuts import render
from django.urls import include, path


def empty(request):
    return render(request, "bench/empty.html")


urlpatterns = [path("bench/empty/", empty, name="empty"), path("", include("config.urls"))]
handler403 = "config.views.forbidden"
handler404 = "config.views.not_found"
handler500 = "config.views.failed"
