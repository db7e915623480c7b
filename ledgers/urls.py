"""Addresses of ledgers."""

from django.urls import path

from ledgers import views

urlpatterns = [
    path("ledgers/", views.ledgers, name="ledgers"),
    path("ledgers/<slug:code>/", views.ledger, name="ledger"),
    path("ledgers/<slug:code>/export/", views.ledger_export, name="ledger_export"),
    path("ledgers/<slug:code>/import/", views.ledger_import, name="ledger_import"),
    path("ledgers/<slug:code>/template/", views.ledger_template, name="ledger_template"),
]
