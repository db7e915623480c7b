"""Addresses of the registers."""

from django.urls import path

from care.views.acts import entry_act
from care.views.amounts import subsidy_amounts
from care.views.plan import entry_task
from care.views.registers import (
    entry,
    entry_edit,
    entry_new,
    entry_print,
    member_entries,
    register,
    registers,
)
from care.views.reports import difficulty_report, difficulty_report_new, difficulty_reports

urlpatterns = [
    path("registers/", registers, name="registers"),
    path("registers/new/", entry_new, name="entry_new"),
    path("registers/elderly/amounts/", subsidy_amounts, name="subsidy_amounts"),
    path("registers/difficulty/reports/", difficulty_reports, name="difficulty_reports"),
    path("registers/difficulty/reports/new/", difficulty_report_new, name="difficulty_report_new"),
    path("registers/difficulty/reports/<int:pk>/", difficulty_report, name="difficulty_report"),
    path("registers/<slug:code>/", register, name="register"),
    path("entries/<int:pk>/", entry, name="entry"),
    path("entries/<int:pk>/edit/", entry_edit, name="entry_edit"),
    path("entries/<int:pk>/act/", entry_act, name="entry_act"),
    path("entries/<int:pk>/task/", entry_task, name="entry_task"),
    path("entries/<int:pk>/print/", entry_print, name="entry_print"),
    path("members/<int:pk>/registers/", member_entries, name="member_entries"),
]
