"""Addresses of ledgers."""

from django.urls import path

from ledgers import views

urlpatterns = [
    path("ledgers/", views.ledgers, name="ledgers"),
    path("ledgers/<slug:code>/", views.ledger, name="ledger"),
    path("ledgers/<slug:code>/export/", views.ledger_export, name="ledger_export"),
]
