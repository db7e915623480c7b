"""Addresses of talks, visits and requests for talks."""

from django.urls import path

from visits.views.already import already_done
from visits.views.campaign_acts import campaign_act, campaign_plan, campaign_summary
from visits.views.campaign_handing import campaign_hand, campaign_rota, campaign_sheet, campaign_undo
from visits.views.campaign_names import campaign_add, campaign_confirm, campaign_names, campaign_restore
from visits.views.campaigns import campaign, campaign_checks, campaign_new, campaigns
from visits.views.pictures import picture, picture_add, picture_remove
from visits.views.requests import talk_request, talk_request_new, talk_request_withdraw, talk_requests
from visits.views.several import talk_several
from visits.views.talks import talk, talk_new, talk_withdraw, talks
from visits.views.visits import condolence_new, greeting_new, visit, visit_new, visit_withdraw, visits

urlpatterns = [
    path("talks/", talks, name="talks"),
    path("talks/new/", talk_new, name="talk_new"),
    path("talks/several/", talk_several, name="talk_several"),
    path("adoptions/<int:pk>/done/", already_done, name="already_done"),
    path("talks/<int:pk>/", talk, name="talk"),
    path("talks/<int:pk>/withdraw/", talk_withdraw, name="talk_withdraw"),
    path("visits/", visits, name="visits"),
    path("visits/new/", visit_new, name="visit_new"),
    path("visits/<int:pk>/", visit, name="visit"),
    path("visits/<int:pk>/withdraw/", visit_withdraw, name="visit_withdraw"),
    path("visits/<int:pk>/pictures/new/", picture_add, name="picture_add"),
    path("visits/<int:pk>/pictures/<int:picture>/", picture, name="picture"),
    path("visits/<int:pk>/pictures/<int:picture>/remove/", picture_remove, name="picture_remove"),
    path("greetings/new/", greeting_new, name="greeting_new"),
    path("condolences/new/", condolence_new, name="condolence_new"),
    path("campaigns/", campaigns, name="campaigns"),
    path("campaigns/new/", campaign_new, name="campaign_new"),
    path("campaigns/<int:pk>/", campaign, name="campaign"),
    path("campaigns/<int:pk>/plan/", campaign_plan, name="campaign_plan"),
    path("campaigns/<int:pk>/next/", campaign_act, name="campaign_act"),
    path("campaigns/<int:pk>/checks/", campaign_checks, name="campaign_checks"),
    path("campaigns/<int:pk>/confirm/", campaign_confirm, name="campaign_confirm"),
    path("campaigns/<int:pk>/names/", campaign_names, name="campaign_names"),
    path("campaigns/<int:pk>/names/new/", campaign_add, name="campaign_add"),
    path("campaigns/<int:pk>/names/<int:name>/restore/", campaign_restore, name="campaign_restore"),
    path("campaigns/<int:pk>/hand/", campaign_hand, name="campaign_hand"),
    path("campaigns/<int:pk>/names/<int:name>/undo/", campaign_undo, name="campaign_undo"),
    path("campaigns/<int:pk>/sheet/", campaign_sheet, name="campaign_sheet"),
    path("campaigns/<int:pk>/rota/", campaign_rota, name="campaign_rota"),
    path("campaigns/<int:pk>/summary/", campaign_summary, name="campaign_summary"),
    path("requests/", talk_requests, name="talk_requests"),
    path("requests/new/", talk_request_new, name="talk_request_new"),
    path("requests/<int:pk>/", talk_request, name="talk_request"),
    path("requests/<int:pk>/withdraw/", talk_request_withdraw, name="talk_request_withdraw"),
]
