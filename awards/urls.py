"""Addresses of honour and encouragement."""

from django.urls import path

from awards.views import fifty, fifty_acts
from awards.views.allowances import (
    allowance,
    allowance_new,
    allowance_sheet,
    allowance_withdraw,
    allowances,
)
from awards.views.assessments import (
    assessment,
    assessment_new,
    assessment_print,
    assessment_withdraw,
    assessments,
)
from awards.views.birthdays import birthday, birthday_cards, birthdays, greeting_text, greeting_texts
from awards.views.ceremonies import ceremonies, ceremony, ceremony_new, ceremony_print, ceremony_withdraw
from awards.views.honourees import honourees_page, member_honours
from awards.views.honours import (
    honour,
    honour_change,
    honour_new,
    honour_print,
    honour_restore,
    honour_revoke,
    honour_withdraw,
    honours,
)
from awards.views.hours import study_hours
from awards.views.namings import naming, naming_change, naming_end, naming_new, naming_withdraw, namings
from awards.views.nominees import nominee, nominee_print, selection_endorse, selection_nominate
from awards.views.plans import care_plan, care_plan_edit, care_plan_new, care_plan_print, care_plans
from awards.views.roll import study_roll
from awards.views.selection import (
    selection,
    selection_new,
    selection_notice,
    selection_places,
    selection_sheet,
    selections,
)
from awards.views.selection_acts import selection_act, selection_back, selection_decide, selection_review
from awards.views.stories import stories, story, story_change, story_new, story_withdraw
from awards.views.study import studies, study, study_new, study_withdraw

urlpatterns = [
    path("care-plans/", care_plans, name="care_plans"),
    path("care-plans/new/", care_plan_new, name="care_plan_new"),
    path("care-plans/<int:pk>/", care_plan, name="care_plan"),
    path("care-plans/<int:pk>/edit/", care_plan_edit, name="care_plan_edit"),
    path("care-plans/<int:pk>/print/", care_plan_print, name="care_plan_print"),
    path("allowances/", allowances, name="allowances"),
    path("allowances/new/", allowance_new, name="allowance_new"),
    path("allowances/sheet/", allowance_sheet, name="allowance_sheet"),
    path("allowances/<int:pk>/", allowance, name="allowance"),
    path("allowances/<int:pk>/withdraw/", allowance_withdraw, name="allowance_withdraw"),
    path("assessments/", assessments, name="assessments"),
    path("assessments/new/", assessment_new, name="assessment_new"),
    path("assessments/<int:pk>/", assessment, name="assessment"),
    path("assessments/<int:pk>/print/", assessment_print, name="assessment_print"),
    path("assessments/<int:pk>/withdraw/", assessment_withdraw, name="assessment_withdraw"),
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
    path("studies/hours/", study_hours, name="study_hours"),
    path("studies/roll/", study_roll, name="study_roll"),
    path("studies/<int:pk>/", study, name="study"),
    path("studies/<int:pk>/withdraw/", study_withdraw, name="study_withdraw"),
    path("studies/<int:pk>/withdraw/<int:attendance>/", study_withdraw, name="attendance_withdraw"),
    path("honours/", honours, name="honours"),
    path("honours/new/", honour_new, name="honour_new"),
    path("honours/<int:pk>/", honour, name="honour"),
    path("honours/<int:pk>/print/", honour_print, name="honour_print"),
    path("honours/<int:pk>/change/", honour_change, name="honour_change"),
    path("honours/<int:pk>/revoke/", honour_revoke, name="honour_revoke"),
    path("honours/<int:pk>/restore/", honour_restore, name="honour_restore"),
    path("honours/<int:pk>/withdraw/", honour_withdraw, name="honour_withdraw"),
    path("honourees/", honourees_page, name="honourees"),
    path("members/<int:pk>/honours/", member_honours, name="member_honours"),
    path("namings/", namings, name="namings"),
    path("namings/new/", naming_new, name="naming_new"),
    path("namings/<int:pk>/", naming, name="naming"),
    path("namings/<int:pk>/change/", naming_change, name="naming_change"),
    path("namings/<int:pk>/end/", naming_end, name="naming_end"),
    path("namings/<int:pk>/withdraw/", naming_withdraw, name="naming_withdraw"),
    path("stories/", stories, name="stories"),
    path("stories/new/", story_new, name="story_new"),
    path("stories/<int:pk>/", story, name="story"),
    path("stories/<int:pk>/change/", story_change, name="story_change"),
    path("stories/<int:pk>/withdraw/", story_withdraw, name="story_withdraw"),
    path("selections/", selections, name="selections"),
    path("selections/new/", selection_new, name="selection_new"),
    path("selections/<int:pk>/", selection, name="selection"),
    path("selections/<int:pk>/places/", selection_places, name="selection_places"),
    path("selections/<int:pk>/act/", selection_act, name="selection_act"),
    path("selections/<int:pk>/nominate/", selection_nominate, name="selection_nominate"),
    path("selections/<int:pk>/endorse/", selection_endorse, name="selection_endorse"),
    path("selections/<int:pk>/review/", selection_review, name="selection_review"),
    path("selections/<int:pk>/decide/", selection_decide, name="selection_decide"),
    path("selections/<int:pk>/back/", selection_back, name="selection_back"),
    path("selections/<int:pk>/sheet/", selection_sheet, {"kind": "nominees"}, name="selection_sheet"),
    path("selections/<int:pk>/commended/", selection_sheet, {"kind": "awarded"}, name="selection_commended"),
    path("selections/notices/<int:pk>/", selection_notice, name="selection_notice"),
    path("nominees/<int:pk>/", nominee, name="nominee"),
    path("nominees/<int:pk>/print/", nominee_print, name="nominee_print"),
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
