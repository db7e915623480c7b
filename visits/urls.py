"""Addresses of visits."""

from django.urls import path

from visits.views import talk, talk_new, talk_withdraw, talks

urlpatterns = [
    path("talks/", talks, name="talks"),
    path("talks/new/", talk_new, name="talk_new"),
    path("talks/<int:pk>/", talk, name="talk"),
    path("talks/<int:pk>/withdraw/", talk_withdraw, name="talk_withdraw"),
]
