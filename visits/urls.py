"""Addresses of talks, visits and requests for talks."""

from django.urls import path

from visits.views.activities import activities, activity, activity_new, activity_print, activity_withdraw
from visits.views.already import already_done
from visits.views.answering import (
    talk_request_agree,
    talk_request_arrange,
    talk_request_late,
    talk_request_wish,
)
from visits.views.campaign_acts import campaign_act, campaign_back, campaign_plan, campaign_summary
from visits.views.campaign_handing import campaign_hand, campaign_rota, campaign_sheet, campaign_undo
from visits.views.campaign_names import (
    campaign_add,
    campaign_confirm,
    campaign_names,
    campaign_restore,
    campaign_unreturn,
)
from visits.views.campaigns import campaign, campaign_checks, campaign_new, campaigns
from visits.views.confirming import talk_confirm
from visits.views.contact_points import contact_point, contact_point_new, contact_points
from visits.views.due import visits_due
from visits.views.following import addendum_new
from visits.views.households import visit_several
from visits.views.papers import visit_print
from visits.views.pictures import picture, picture_add, picture_remove
from visits.views.printing import talk_print, talk_request_print
from visits.views.requests import talk_request, talk_request_new, talk_request_withdraw, talk_requests
from visits.views.several import talk_several
from visits.views.talks import talk, talk_new, talk_withdraw, talks
from visits.views.upward import report_upward
from visits.views.visits import condolence_new, greeting_new, visit, visit_new, visit_withdraw, visits

urlpatterns = [
    path("talks/", talks, name="talks"),
    path("talks/new/", talk_new, name="talk_new"),
    path("talks/several/", talk_several, name="talk_several"),
    path("adoptions/<int:pk>/done/", already_done, name="already_done"),
    path("talks/<int:pk>/", talk, name="talk"),
    path("talks/<int:pk>/withdraw/", talk_withdraw, name="talk_withdraw"),
    path("talks/<int:pk>/confirm/", talk_confirm, name="talk_confirm"),
    path("talks/<int:pk>/print/", talk_print, name="talk_print"),
    path("records/<int:pk>/addenda/new/", addendum_new, name="addendum_new"),
    path("visits/", visits, name="visits"),
    path("visits/new/", visit_new, name="visit_new"),
    path("visits/due/", visits_due, name="visits_due"),
    path("visits/several/", visit_several, name="visit_several"),
    path("visits/<int:pk>/", visit, name="visit"),
    path("visits/<int:pk>/print/", visit_print, name="visit_print"),
    path("visits/<int:pk>/withdraw/", visit_withdraw, name="visit_withdraw"),
    path("visits/<int:pk>/pictures/new/", picture_add, name="picture_add"),
    path("visits/<int:pk>/pictures/<int:picture>/", picture, name="picture"),
    path("visits/<int:pk>/pictures/<int:picture>/remove/", picture_remove, name="picture_remove"),
    path("upward/<int:pk>/", report_upward, name="report_upward"),
    path("greetings/new/", greeting_new, name="greeting_new"),
    path("condolences/new/", condolence_new, name="condolence_new"),
    path("campaigns/", campaigns, name="campaigns"),
    path("campaigns/new/", campaign_new, name="campaign_new"),
    path("campaigns/<int:pk>/", campaign, name="campaign"),
    path("campaigns/<int:pk>/plan/", campaign_plan, name="campaign_plan"),
    path("campaigns/<int:pk>/next/", campaign_act, name="campaign_act"),
    path("campaigns/<int:pk>/back/", campaign_back, name="campaign_back"),
    path("campaigns/<int:pk>/checks/", campaign_checks, name="campaign_checks"),
    path("campaigns/<int:pk>/confirm/", campaign_confirm, name="campaign_confirm"),
    path("campaigns/<int:pk>/names/", campaign_names, name="campaign_names"),
    path("campaigns/<int:pk>/names/new/", campaign_add, name="campaign_add"),
    path("campaigns/<int:pk>/names/<int:name>/restore/", campaign_restore, name="campaign_restore"),
    path("campaigns/<int:pk>/names/<int:name>/unreturn/", campaign_unreturn, name="campaign_unreturn"),
    path("campaigns/<int:pk>/hand/", campaign_hand, name="campaign_hand"),
    path("campaigns/<int:pk>/names/<int:name>/undo/", campaign_undo, name="campaign_undo"),
    path("campaigns/<int:pk>/sheet/", campaign_sheet, name="campaign_sheet"),
    path("campaigns/<int:pk>/rota/", campaign_rota, name="campaign_rota"),
    path("campaigns/<int:pk>/summary/", campaign_summary, name="campaign_summary"),
    path("requests/", talk_requests, name="talk_requests"),
    path("requests/new/", talk_request_new, name="talk_request_new"),
    path("requests/<int:pk>/", talk_request, name="talk_request"),
    path("requests/<int:pk>/arrange/", talk_request_arrange, name="talk_request_arrange"),
    path("requests/<int:pk>/wish/", talk_request_wish, name="talk_request_wish"),
    path("requests/<int:pk>/agree/", talk_request_agree, name="talk_request_agree"),
    path("requests/<int:pk>/late/", talk_request_late, name="talk_request_late"),
    path("requests/<int:pk>/print/", talk_request_print, name="talk_request_print"),
    path("requests/<int:pk>/withdraw/", talk_request_withdraw, name="talk_request_withdraw"),
    path("activities/", activities, name="activities"),
    path("activities/new/", activity_new, name="activity_new"),
    path("activities/<int:pk>/", activity, name="activity"),
    path("activities/<int:pk>/print/", activity_print, name="activity_print"),
    path("activities/<int:pk>/pictures/new/", picture_add, {"of": "activity"}, name="activity_picture_add"),
    path("activities/<int:pk>/pictures/<int:picture>/", picture, {"of": "activity"}, name="activity_picture"),
    path(
        "activities/<int:pk>/pictures/<int:picture>/remove/",
        picture_remove,
        {"of": "activity"},
        name="activity_picture_remove",
    ),
    path("activities/<int:pk>/withdraw/", activity_withdraw, name="activity_withdraw"),
    path("contact-points/", contact_points, name="contact_points"),
    path("contact-points/new/", contact_point_new, name="contact_point_new"),
    path("contact-points/<int:pk>/", contact_point, name="contact_point"),
]
