"""Addresses of study sessions, birthdays and ceremonies."""

from django.urls import path

from awards.views.birthdays import birthday, birthday_cards, birthdays, greeting_text, greeting_texts
from awards.views.ceremonies import ceremonies, ceremony, ceremony_new, ceremony_print, ceremony_withdraw
from awards.views.study import studies, study, study_new, study_withdraw

urlpatterns = [
    path("birthdays/", birthdays, name="birthdays"),
    path("birthdays/cards/", birthday_cards, name="birthday_cards"),
    path("birthdays/texts/", greeting_texts, name="greeting_texts"),
    path("birthdays/texts/<int:pk>/<str:kind>/", greeting_text, name="greeting_text"),
    path("birthdays/<int:pk>/<int:year>/", birthday, name="birthday"),
    path("ceremonies/", ceremonies, name="ceremonies"),
    path("ceremonies/new/", ceremony_new, name="ceremony_new"),
    path("ceremonies/<int:pk>/", ceremony, name="ceremony"),
    path("ceremonies/<int:pk>/print/", ceremony_print, name="ceremony_print"),
    path("ceremonies/<int:pk>/withdraw/", ceremony_withdraw, name="ceremony_withdraw"),
    path("ceremonies/<int:pk>/withdraw/<int:person>/", ceremony_withdraw, name="ceremony_absent"),
    path("studies/", studies, name="studies"),
    path("studies/new/", study_new, name="study_new"),
    path("studies/<int:pk>/", study, name="study"),
    path("studies/<int:pk>/withdraw/", study_withdraw, name="study_withdraw"),
    path("studies/<int:pk>/withdraw/<int:attendance>/", study_withdraw, name="attendance_withdraw"),
]
