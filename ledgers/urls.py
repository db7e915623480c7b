"""Addresses of ledgers."""

from django.urls import path

from ledgers.views import bundle, evidence, indicators, layouts, ledgers, openness, supervision, yearly

urlpatterns = [
    path("bundle/", bundle.bundle, name="bundle"),
    path("bundle/make/", bundle.bundle_make, name="bundle_make"),
    path("evidence/", evidence.evidence, name="evidence"),
    path("evidence/<int:rule>/<slug:figure>/", evidence.evidence_rows, name="evidence_rows"),
    path("openness/", openness.openness, name="openness"),
    path("openness/new/", openness.disclosure_new, name="disclosure_new"),
    path("openness/<int:pk>/", openness.disclosure, name="disclosure"),
    path("indicators/", indicators.indicators, name="indicators"),
    path("indicators/<slug:kind>/<slug:figure>/", indicators.indicator_rows, name="indicator_rows"),
    path("yearly/", yearly.yearly_report, name="yearly_report"),
    path("supervisions/", supervision.supervisions, name="supervisions"),
    path("supervisions/new/", supervision.supervision_new, name="supervision_new"),
    path("supervisions/<int:pk>/", supervision.supervision, name="supervision"),
    path("supervisions/<int:pk>/answer/", supervision.supervision_answer, name="supervision_answer"),
    path(
        "supervisions/answers/<int:pk>/withdraw/",
        supervision.supervision_answer_withdraw,
        name="supervision_answer_withdraw",
    ),
    path("supervisions/<int:pk>/settle/", supervision.supervision_settle, name="supervision_settle"),
    path("supervisions/<int:pk>/back/", supervision.supervision_back, name="supervision_back"),
    path("supervisions/<int:pk>/withdraw/", supervision.supervision_withdraw, name="supervision_withdraw"),
    path("ledgers/", ledgers.ledgers, name="ledgers"),
    path("ledgers/layouts/<int:pk>/", layouts.layout_edit, name="layout_edit"),
    path("ledgers/layouts/<int:pk>/drop/", layouts.layout_drop, name="layout_drop"),
    path("ledgers/<slug:code>/", ledgers.ledger, name="ledger"),
    path("ledgers/<slug:code>/export/", ledgers.ledger_export, name="ledger_export"),
    path("ledgers/<slug:code>/unmasked/", ledgers.ledger_unmasked, name="ledger_unmasked"),
    path("ledgers/<slug:code>/import/", ledgers.ledger_import, name="ledger_import"),
    path("ledgers/<slug:code>/template/", ledgers.ledger_template, name="ledger_template"),
    path("ledgers/<slug:code>/layouts/", layouts.layouts, name="layouts"),
    path("ledgers/<slug:code>/layouts/new/", layouts.layout_new, name="layout_new"),
    path("ledgers/<slug:code>/layouts/book/", layouts.layout_book, name="layout_book"),
]
