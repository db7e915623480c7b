"""Addresses of the foundation."""

from django.urls import path

from base.views import draft_drop, draft_save

urlpatterns = [
    path("drafts/", draft_save, name="draft_save"),
    path("drafts/drop/", draft_drop, name="draft_drop"),
]
