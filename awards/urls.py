"""Addresses of study sessions and of yearly selections."""

from django.urls import path

from awards.views.nominees import nominee, nominee_print, selection_endorse, selection_nominate
from awards.views.selection import (
    selection,
    selection_new,
    selection_notice,
    selection_places,
    selection_sheet,
    selections,
)
from awards.views.selection_acts import selection_act, selection_back, selection_decide, selection_review
from awards.views.study import studies, study, study_new, study_withdraw

urlpatterns = [
    path("studies/", studies, name="studies"),
    path("studies/new/", study_new, name="study_new"),
    path("studies/<int:pk>/", study, name="study"),
    path("studies/<int:pk>/withdraw/", study_withdraw, name="study_withdraw"),
    path("studies/<int:pk>/withdraw/<int:attendance>/", study_withdraw, name="attendance_withdraw"),
    path("selections/", selections, name="selections"),
    path("selections/new/", selection_new, name="selection_new"),
    path("selections/<int:pk>/", selection, name="selection"),
    path("selections/<int:pk>/places/", selection_places, name="selection_places"),
    path("selections/<int:pk>/act/", selection_act, name="selection_act"),
    path("selections/<int:pk>/nominate/", selection_nominate, name="selection_nominate"),
    path("selections/<int:pk>/endorse/", selection_endorse, name="selection_endorse"),
    path("selections/<int:pk>/review/", selection_review, name="selection_review"),
    path("selections/<int:pk>/decide/", selection_decide, name="selection_decide"),
    path("selections/<int:pk>/back/", selection_back, name="selection_back"),
    path("selections/<int:pk>/sheet/", selection_sheet, {"kind": "nominees"}, name="selection_sheet"),
    path("selections/<int:pk>/commended/", selection_sheet, {"kind": "awarded"}, name="selection_commended"),
    path("selections/notices/<int:pk>/", selection_notice, name="selection_notice"),
    path("nominees/<int:pk>/", nominee, name="nominee"),
    path("nominees/<int:pk>/print/", nominee_print, name="nominee_print"),
]
