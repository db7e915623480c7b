"""Addresses of what this floor keeps."""

from django.urls import path

from awards.views import fifty, fifty_acts
from awards.views.study import studies, study, study_new, study_withdraw

urlpatterns = [
    path("studies/", studies, name="studies"),
    path("studies/new/", study_new, name="study_new"),
    path("studies/<int:pk>/", study, name="study"),
    path("studies/<int:pk>/withdraw/", study_withdraw, name="study_withdraw"),
    path("studies/<int:pk>/withdraw/<int:attendance>/", study_withdraw, name="attendance_withdraw"),
    path("fifty-years/", fifty.fifty, name="fifty"),
    path("fifty-years/names/", fifty.fifty_names, name="fifty_names"),
    path("fifty-years/ask/", fifty_acts.fifty_ask, name="fifty_ask"),
    path("medals/", fifty.medals, name="medals"),
    path("medals/new/", fifty_acts.medal_new, name="medal_new"),
    path("medals/past/", fifty_acts.award_new, name="award_new"),
    path("medals/of/<int:year>/", fifty.medals, name="medals_year"),
    path("medals/of/<int:year>/draw/", fifty_acts.medals_draw, name="medals_draw"),
    path("medals/of/<int:year>/print/", fifty.medals_print, name="medals_print"),
    path("medals/of/<int:year>/sheet/", fifty.medals_sheet, name="medals_sheet"),
    path("medals/of/<int:year>/<slug:code>/", fifty_acts.medal_step, name="medal_step"),
    path("medals/<int:pk>/", fifty.medal, name="medal"),
    path("medals/<int:pk>/end/", fifty_acts.medal_end, name="medal_end"),
    path("medals/<int:pk>/back/", fifty_acts.medal_back, name="medal_back"),
    path("medals/<int:pk>/withdraw/", fifty_acts.medal_withdraw, name="medal_withdraw"),
]
