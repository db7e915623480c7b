"""Addresses of members."""

from django.urls import path

from members.views.invitation import invitation
from members.views.organisations import organisation, organisations, posts
from members.views.roster import roster_import
from members.views.sign_in import demo_sign_in, sign_in, sign_out

urlpatterns = [
    path("sign-in/", sign_in, name="sign_in"),
    path("sign-in/demo/", demo_sign_in, name="demo_sign_in"),
    path("sign-out/", sign_out, name="sign_out"),
    path("invitations/", invitation, name="invitation"),
    path("organisations/", organisations, name="organisations"),
    path("organisations/<int:pk>/", organisation, name="organisation"),
    path("posts/", posts, name="posts"),
    path("imports/roster/", roster_import, name="roster_import"),
]
