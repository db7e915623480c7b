"""Addresses of the special care fund."""

from django.urls import path

from fund.views.applications import applications, applications_pass
from fund.views.reviewing import application, application_reveal

urlpatterns = [
    path("fund/applications/", applications, name="applications"),
    path("fund/applications/pass/", applications_pass, name="applications_pass"),
    path("fund/applications/<int:pk>/", application, name="application"),
    path("fund/applications/<int:pk>/reveal/", application_reveal, name="application_reveal"),
]
