"""Addresses of members."""

from django.urls import path

from members.views.accounts import account, account_invitations, account_invite, accounts
from members.views.audit import audit_export, audit_list, printed
from members.views.bonds import bonds, category, tie, tie_new
from members.views.invitation import invitation, password_reset
from members.views.organisations import organisation, organisations, posts
from members.views.posts import grants, post, post_new
from members.views.roster import roster_import, roster_refused
from members.views.sheets import organisations_import, posts_import
from members.views.sign_in import demo_sign_in, sign_in, sign_out
from members.views.slips import slip, slip_revoke, slips, slips_all
from members.views.structure import organisation_edit, organisation_new
from members.views.workdays import working_days

urlpatterns = [
    path("audit/", audit_list, name="audit"),
    path("audit/export/", audit_export, name="audit_export"),
    path("printed/", printed, name="printed"),
    path("sign-in/", sign_in, name="sign_in"),
    path("sign-in/demo/", demo_sign_in, name="demo_sign_in"),
    path("sign-out/", sign_out, name="sign_out"),
    path("invitations/", invitation, name="invitation"),
    path("organisations/", organisations, name="organisations"),
    path("invitations/reset/", password_reset, name="password_reset"),
    path("invitations/members/", slips, name="slips"),
    path("invitations/members/all/", slips_all, name="slips_all"),
    path("invitations/members/<int:pk>/", slip, name="slip"),
    path("invitations/members/<int:pk>/revoke/", slip_revoke, name="slip_revoke"),
    path("accounts/", accounts, name="accounts"),
    path("accounts/invitations/", account_invitations, name="account_invitations"),
    path("accounts/invitations/<int:pk>/", account_invite, name="account_invite"),
    path("accounts/<int:pk>/", account, name="account"),
    path("organisations/<int:pk>/", organisation, name="organisation"),
    path("organisations/<int:pk>/edit/", organisation_edit, name="organisation_edit"),
    path("organisations/<int:pk>/new/", organisation_new, name="organisation_new"),
    path("posts/", posts, name="posts"),
    path("posts/new/", post_new, name="post_new"),
    path("posts/<int:pk>/", post, name="post"),
    path("working-days/", working_days, name="working_days"),
    path("grants/", grants, name="grants"),
    path("members/<int:pk>/bonds/", bonds, name="bonds"),
    path("members/<int:pk>/ties/new/", tie_new, name="tie_new"),
    path("members/<int:pk>/ties/<int:tie>/", tie, name="tie"),
    path("members/<int:pk>/categories/<int:category>/", category, name="category"),
    path("imports/organisations/", organisations_import, name="organisations_import"),
    path("imports/posts/", posts_import, name="posts_import"),
    path("imports/roster/", roster_import, name="roster_import"),
    path("imports/roster/refused/", roster_refused, name="roster_refused"),
]
