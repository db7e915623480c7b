"""All addresses of the product."""

from django.urls import include, path, re_path

from config.calendar.views import calendar
from config.views import health, health_retry, healthz, not_found
from config.visit_money.views import visit_money, visit_money_back

urlpatterns = [
    path("", include("base.urls")),
    path("", include("duties.urls")),
    path("", include("members.urls")),
    path("", include("care.urls")),
    path("", include("visits.urls")),
    path("", include("awards.urls")),
    path("", include("fund.urls")),
    path("", include("ledgers.urls")),
    path("calendar/", calendar, name="calendar"),
    path("fund/visits/", visit_money, name="visit_money"),
    path("fund/visits/<int:pk>/back/", visit_money_back, name="visit_money_back"),
    path("healthz", healthz, name="healthz"),
    path("health/", health, name="health"),
    path("health/retry/", health_retry, name="health_retry"),
    # Everything else is our own 404, in development too; without the slash Django would no longer add one.
    re_path(r"^.*/$", not_found, {"exception": None}),
]

handler403 = "config.views.forbidden"
handler404 = "config.views.not_found"
handler500 = "config.views.failed"
