"""Addresses of duties."""

from django.urls import path

from duties.views.adjusting import rule_adjust
from duties.views.adopting import adoption_end, policy_adopt
from duties.views.answering import (
    duty_arrange,
    duty_hand_on,
    duty_restore,
    duty_take_back,
    duty_unarrange,
    duty_waive,
)
from duties.views.asks import ask, ask_decide, ask_withdraw, asks, correction_new, help_new
from duties.views.clause import clause
from duties.views.deeds import deed, deed_new, deed_withdraw, deeds
from duties.views.desk import desk
from duties.views.documents import policy_document, policy_paragraph, policy_text
from duties.views.duty_board import duty_board, duty_why
from duties.views.events import event_new, event_withdraw
from duties.views.handover import handover
from duties.views.me import large_type, me, me_reveal
from duties.views.member import member, member_reveal
from duties.views.members import member_by_number, member_search, members
from duties.views.messages import message, message_read, messages, messages_read
from duties.views.organisation_events import organisation_event_new, organisation_events
from duties.views.policies import member_rules, policies, policy, rule, why_not
from duties.views.record_new import record_new
from duties.views.tasks import task, task_move, task_new, task_withdraw, tasks
from duties.views.tying import duty_tie
from duties.views.units import policy_units, policy_units_edit

urlpatterns = [
    path("", desk, name="desk"),
    path("duties/", duty_board, name="duty_board"),
    path("duties/why/", duty_why, name="duty_why"),
    path("duties/waive/", duty_waive, name="duty_waive"),
    path("duties/restore/", duty_restore, name="duty_restore"),
    path("duties/hand-on/", duty_hand_on, name="duty_hand_on"),
    path("duties/take-back/", duty_take_back, name="duty_take_back"),
    path("duties/arrange/", duty_arrange, name="duty_arrange"),
    path("duties/unarrange/", duty_unarrange, name="duty_unarrange"),
    path("duties/tie/", duty_tie, name="duty_tie"),
    path("posts/<int:pk>/handover/", handover, name="handover"),
    path("records/new/", record_new, name="record_new"),
    path("deeds/", deeds, name="deeds"),
    path("deeds/new/", deed_new, name="deed_new"),
    path("deeds/<int:pk>/", deed, name="deed"),
    path("deeds/<int:pk>/withdraw/", deed_withdraw, name="deed_withdraw"),
    path("members/", members, name="members"),
    path("members/search/", member_search, name="member_search"),
    path("members/by-number/", member_by_number, name="member_by_number"),
    path("members/<int:pk>/", member, name="member"),
    path("members/<int:pk>/reveal/", member_reveal, name="member_reveal"),
    path("members/<int:pk>/rules/", member_rules, name="member_rules"),
    path("policies/", policies, name="policies"),
    path("policies/<int:pk>/", policy, name="policy"),
    path("policies/<int:pk>/document/", policy_document, name="policy_document"),
    path("policies/<int:pk>/text/<int:document>/", policy_text, name="policy_text"),
    path("policies/<int:pk>/text/<int:document>/<int:place>/", policy_paragraph, name="policy_paragraph"),
    path("policies/<int:pk>/units/", policy_units, name="policy_units"),
    path("policies/<int:pk>/units/edit/", policy_units_edit, name="policy_units_edit"),
    path("rules/<int:pk>/", rule, name="rule"),
    path("rules/<int:pk>/why-not/", why_not, name="why_not"),
    path("clauses/<int:pk>/", clause, name="clause"),
    path("policies/<int:pk>/adopt/", policy_adopt, name="policy_adopt"),
    path("rules/<int:pk>/adjust/", rule_adjust, name="rule_adjust"),
    path("adoptions/<int:pk>/end/", adoption_end, name="adoption_end"),
    path("events/new/", event_new, name="event_new"),
    path("events/organisation/", organisation_event_new, name="organisation_event_new"),
    path("organisations/<int:pk>/events/", organisation_events, name="organisation_events"),
    path("events/<int:pk>/withdraw/", event_withdraw, name="event_withdraw"),
    path("tasks/", tasks, name="tasks"),
    path("tasks/new/", task_new, name="task_new"),
    path("tasks/<int:pk>/", task, name="task"),
    path("tasks/<int:pk>/move/", task_move, name="task_move"),
    path("tasks/<int:pk>/withdraw/", task_withdraw, name="task_withdraw"),
    path("messages/", messages, name="messages"),
    path("messages/read/", messages_read, name="messages_read"),
    path("messages/<int:pk>/", message, name="message"),
    path("messages/<int:pk>/read/", message_read, name="message_read"),
    path("me/", me, name="me"),
    path("me/type/", large_type, name="large_type"),
    path("me/reveal/", me_reveal, name="me_reveal"),
    path("asks/", asks, name="asks"),
    path("asks/help/", help_new, name="help_new"),
    path("asks/correction/", correction_new, name="correction_new"),
    path("asks/<int:pk>/", ask, name="ask"),
    path("asks/<int:pk>/decide/", ask_decide, name="ask_decide"),
    path("asks/<int:pk>/withdraw/", ask_withdraw, name="ask_withdraw"),
]
