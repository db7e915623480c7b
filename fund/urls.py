"""Addresses of the special care fund."""

from django.urls import path

from fund.views.applying import application_edit, application_new, application_submit, application_withdraw
from fund.views.evidence import application_picture, application_picture_add, application_picture_remove
from fund.views.own import my_application, my_applications
from fund.views.printing import application_print

urlpatterns = [
    path("me/applications/", my_applications, name="my_applications"),
    path("me/applications/<int:pk>/", my_application, name="my_application"),
    path("fund/applications/new/", application_new, name="application_new"),
    path("fund/applications/<int:pk>/edit/", application_edit, name="application_edit"),
    path("fund/applications/<int:pk>/submit/", application_submit, name="application_submit"),
    path("fund/applications/<int:pk>/withdraw/", application_withdraw, name="application_withdraw"),
    path("fund/applications/<int:pk>/print/", application_print, name="application_print"),
    path("fund/applications/<int:pk>/pictures/new/", application_picture_add, name="application_picture_add"),
    path("fund/applications/<int:pk>/pictures/<int:picture>/", application_picture, name="application_picture"),
    path(
        "fund/applications/<int:pk>/pictures/<int:picture>/remove/", application_picture_remove,
        name="application_picture_remove",
    ),
]  # fmt: skip
