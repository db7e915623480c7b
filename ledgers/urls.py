"""Addresses of ledgers."""

from django.urls import path

from ledgers.views import bundle, evidence, layouts, ledgers

urlpatterns = [
    path("bundle/", bundle.bundle, name="bundle"),
    path("bundle/make/", bundle.bundle_make, name="bundle_make"),
    path("evidence/", evidence.evidence, name="evidence"),
    path("evidence/<int:rule>/<slug:figure>/", evidence.evidence_rows, name="evidence_rows"),
    path("ledgers/", ledgers.ledgers, name="ledgers"),
    path("ledgers/layouts/<int:pk>/", layouts.layout_edit, name="layout_edit"),
    path("ledgers/layouts/<int:pk>/drop/", layouts.layout_drop, name="layout_drop"),
    path("ledgers/<slug:code>/", ledgers.ledger, name="ledger"),
    path("ledgers/<slug:code>/export/", ledgers.ledger_export, name="ledger_export"),
    path("ledgers/<slug:code>/import/", ledgers.ledger_import, name="ledger_import"),
    path("ledgers/<slug:code>/template/", ledgers.ledger_template, name="ledger_template"),
    path("ledgers/<slug:code>/layouts/", layouts.layouts, name="layouts"),
    path("ledgers/<slug:code>/layouts/new/", layouts.layout_new, name="layout_new"),
    path("ledgers/<slug:code>/layouts/book/", layouts.layout_book, name="layout_book"),
]
