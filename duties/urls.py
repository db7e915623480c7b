"""Addresses of duties."""

from django.urls import path

from duties.views.clause import clause
from duties.views.desk import desk
from duties.views.duty_board import duty_board, duty_why
from duties.views.events import event_new, event_withdraw
from duties.views.me import large_type, me
from duties.views.member import member, member_reveal
from duties.views.members import member_search, members
from duties.views.record_new import record_new

urlpatterns = [
    path("", desk, name="desk"),
    path("duties/", duty_board, name="duty_board"),
    path("duties/why/", duty_why, name="duty_why"),
    path("records/new/", record_new, name="record_new"),
    path("members/", members, name="members"),
    path("members/search/", member_search, name="member_search"),
    path("members/<int:pk>/", member, name="member"),
    path("members/<int:pk>/reveal/", member_reveal, name="member_reveal"),
    path("clauses/<int:pk>/", clause, name="clause"),
    path("events/new/", event_new, name="event_new"),
    path("events/<int:pk>/withdraw/", event_withdraw, name="event_withdraw"),
    path("me/", me, name="me"),
    path("me/type/", large_type, name="large_type"),
]
