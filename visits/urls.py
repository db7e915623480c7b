"""Addresses of talks, visits and requests for talks."""

from django.urls import path

from visits.views.activities import activities, activity, activity_new, activity_print, activity_withdraw
from visits.views.already import already_done
from visits.views.contact_points import contact_point, contact_point_new, contact_points
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
    path("requests/", talk_requests, name="talk_requests"),
    path("requests/new/", talk_request_new, name="talk_request_new"),
    path("requests/<int:pk>/", talk_request, name="talk_request"),
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
