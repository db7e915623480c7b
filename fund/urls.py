"""Addresses of the fund."""

from django.urls import path

from fund.views.meetings import meeting, meeting_new, meeting_papers, meeting_print, meetings

urlpatterns = [
    # Meetings
    path("fund/meetings/", meetings, name="meetings"),
    path("fund/meetings/new/", meeting_new, name="meeting_new"),
    path("fund/meetings/papers/", meeting_papers, name="meeting_papers"),
    path("fund/meetings/<int:pk>/", meeting, name="meeting"),
    path("fund/meetings/<int:pk>/print/", meeting_print, name="meeting_print"),
]
