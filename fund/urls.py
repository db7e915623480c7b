"""Addresses of the fund."""

from django.urls import path

from fund.views.meetings import meeting, meeting_new, meeting_papers, meeting_print, meetings
from fund.views.notices import (
    notice,
    notice_new,
    notice_print,
    notice_result,
    notices,
    objection_answer,
    objection_new,
)
from fund.views.public import public_notice, public_notices
from fund.views.regulation import fund_regulation

urlpatterns = [
    # Meetings
    path("fund/meetings/", meetings, name="meetings"),
    path("fund/meetings/new/", meeting_new, name="meeting_new"),
    path("fund/meetings/papers/", meeting_papers, name="meeting_papers"),
    path("fund/meetings/<int:pk>/", meeting, name="meeting"),
    path("fund/meetings/<int:pk>/print/", meeting_print, name="meeting_print"),
    # Notices
    path("fund/notices/", notices, name="notices"),
    path("fund/notices/new/", notice_new, name="notice_new"),
    path("fund/notices/<int:pk>/", notice, name="notice"),
    path("fund/notices/<int:pk>/print/", notice_print, name="notice_print"),
    path("fund/notices/<int:pk>/result/", notice_result, name="notice_result"),
    path("fund/notices/<int:pk>/lines/<int:line>/objections/new/", objection_new, name="objection_new"),
    path("fund/notices/<int:pk>/objections/<int:objection>/", objection_answer, name="objection_answer"),
    path("fund/regulation/", fund_regulation, name="fund_regulation"),
    path("notices/", public_notices, name="public_notices"),
    path("notices/<str:token>/", public_notice, name="public_notice"),
]
