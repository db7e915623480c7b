"""Addresses of study sessions."""

from django.urls import path

from awards.views.hours import study_hours
from awards.views.roll import study_roll
from awards.views.study import studies, study, study_new, study_withdraw

urlpatterns = [
    path("studies/", studies, name="studies"),
    path("studies/new/", study_new, name="study_new"),
    path("studies/hours/", study_hours, name="study_hours"),
    path("studies/roll/", study_roll, name="study_roll"),
    path("studies/<int:pk>/", study, name="study"),
    path("studies/<int:pk>/withdraw/", study_withdraw, name="study_withdraw"),
    path("studies/<int:pk>/withdraw/<int:attendance>/", study_withdraw, name="attendance_withdraw"),
]
