"""All addresses of the product."""

from django.urls import include, path

urlpatterns = [
    path("", include("duties.urls")),
    path("", include("members.urls")),
    path("", include("visits.urls")),
    path("", include("ledgers.urls")),
]
