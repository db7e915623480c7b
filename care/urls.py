"""Addresses of the registers."""

from django.urls import path

from care.views.amounts import subsidy_amounts
from care.views.registers import (
    entry,
    entry_act,
    entry_edit,
    entry_new,
    entry_print,
    member_entries,
    register,
    registers,
)

urlpatterns = [
    path("registers/", registers, name="registers"),
    path("registers/new/", entry_new, name="entry_new"),
    path("registers/elderly/amounts/", subsidy_amounts, name="subsidy_amounts"),
    path("registers/<slug:code>/", register, name="register"),
    path("entries/<int:pk>/", entry, name="entry"),
    path("entries/<int:pk>/edit/", entry_edit, name="entry_edit"),
    path("entries/<int:pk>/act/", entry_act, name="entry_act"),
    path("entries/<int:pk>/print/", entry_print, name="entry_print"),
    path("members/<int:pk>/registers/", member_entries, name="member_entries"),
]
