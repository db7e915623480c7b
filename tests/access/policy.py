"""Who may open what and read what: the policy as a table, kept apart from the product that has to follow it.

Nothing here asks the product who may do what: the grid below is compared with it by :mod:`tests.access`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from tests.access.town import COLUMNS, KINDS, PARENTS, Secret, Thing, Town, upward

GRID = """
secretary                 VIEW RECORD READ_TALKS WITHDRAW SENSITIVE REVEAL EXPORT RECEIVE POLICY READ_BOOKS
deputy_secretary          VIEW RECORD
organisation_commissioner VIEW RECORD READ_TALKS
publicity_commissioner
discipline_commissioner
commissioner
group_leader              VIEW
organiser                 VIEW
department_head           VIEW RECORD SENSITIVE REVEAL EXPORT RECEIVE IMPORT POLICY READ_BOOKS FUND
department_clerk          VIEW RECORD SENSITIVE REVEAL EXPORT RECEIVE IMPORT POLICY READ_BOOKS FUND
cashier                   READ_BOOKS KEEP_BOOKS PAY
accountant                READ_BOOKS KEEP_BOOKS
inspector                 VIEW EXPORT READ_BOOKS
system_administrator      ACCOUNTS
security_administrator    GRANT
auditor                   READ_AUDIT
"""
"""What a post lets its holder do, in its organisation and in all below it."""

PAGES = """
page                  | methods  | about                  | first, else 403    | found, else 404  | then, else 403
audit                 | GET      | -                      | READ_AUDIT         | -                | -
audit_export          | POST     | -                      | READ_AUDIT         | -                | -
printed               | POST     | -                      | -                  | -                | -
sign_in               | GET POST | -                      | public             | -                | -
demo_sign_in          | POST     | -                      | public             | nobody           | -
sign_out              | POST     | -                      | -                  | -                | -
invitation            | GET POST | -                      | public             | -                | -
password_reset        | GET POST | -                      | public             | -                | -
draft_save            | POST     | -                      | -                  | -                | -
draft_drop            | POST     | -                      | -                  | -                | -
jobs                  | GET      | -                      | -                  | -                | -
job                   | GET      | /job                   | -                  | owner            | -
job_file              | GET      | /job                   | -                  | owner            | -
job_cancel            | POST     | /job                   | -                  | owner            | -
job_retry             | POST     | /job                   | -                  | owner            | -
job_ask               | POST     | -                      | ACCOUNTS           | -                | -
messages              | GET      | -                      | -                  | -                | -
messages_read         | POST     | -                      | -                  | -                | -
message               | GET      | /message               | -                  | recipient        | -
message_read          | POST     | /message               | -                  | recipient        | -
healthz               | GET      | -                      | public             | -                | -
health                | GET      | -                      | ACCOUNTS           | -                | -
health_retry          | POST     | -                      | ACCOUNTS           | -                | -
me                    | GET      | -                      | -                  | -                | -
large_type            | POST     | -                      | -                  | -                | -
me_reveal             | GET POST | -                      | -                  | -                | -
asks                  | GET      | -                      | -                  | -                | -
help_new              | GET POST | -                      | member             | -                | -
correction_new        | GET POST | -                      | member             | -                | -
ask                   | GET      | /ask                   | -                  | VIEW or party    | -
ask_decide            | POST     | /correction            | RECORD             | VIEW or party    | RECORD, another
ask_withdraw          | GET POST | /ask                   | -                  | VIEW or party    | self or writer
clause                | GET      | /clause                | -                  | -                | -
policies              | GET      | -                      | -                  | -                | -
policy                | GET      | /policy                | -                  | -                | -
policy_document       | GET POST | /policy                | POLICY             | -                | -
policy_document       | GET POST | /policy_place          | POLICY             | VIEW             | POLICY
policy_text           | GET      | /document              | -                  | VIEW or below    | -
policy_paragraph      | GET POST | /paragraph             | -                  | VIEW or below    | POLICY
policy_units          | GET      | /policy                | -                  | -                | -
policy_units          | GET      | /policy_place          | -                  | VIEW or below    | -
policy_units_edit     | GET POST | /policy                | POLICY             | -                | -
policy_units_edit     | GET POST | /policy_place          | POLICY             | VIEW             | POLICY
rule                  | GET      | /rule                  | -                  | -                | -
why_not               | GET      | /rule                  | VIEW               | -                | -
why_not               | GET      | /rule_person           | VIEW               | VIEW its basis   | -
member_rules          | GET      | /person                | VIEW               | VIEW             | -
policy_adopt          | GET POST | /policy                | POLICY             | -                | -
adoption_end          | GET POST | /adoption              | -                  | VIEW             | POLICY
rule_adjust           | GET POST | /rule_place            | POLICY             | VIEW             | POLICY
already_done          | GET POST | /adoption              | RECORD             | RECORD below it  | -
desk                  | GET      | -                      | -                  | -                | -
desk                  | GET      | ?organisation          | -                  | VIEW or no post  | -
duty_board            | GET      | -                      | -                  | -                | -
duty_board            | GET      | ?organisation          | -                  | VIEW             | -
duty_why              | GET      | -                      | -                  | nobody           | -
duty_why              | GET      | ?duty                  | -                  | VIEW or bound    | -
duty_waive            | GET POST | -                      | -                  | -                | -
duty_waive            | GET POST | ?duty                  | -                  | VIEW or bound    | POLICY, another
duty_restore          | POST     | -                      | -                  | -                | -
duty_restore          | POST     | ?duty                  | -                  | VIEW or bound    | POLICY, another
duty_hand_on          | GET POST | -                      | -                  | -                | -
duty_hand_on          | GET POST | ?duty                  | -                  | VIEW or bound    | RECORD or bound
duty_take_back        | POST     | -                      | -                  | -                | -
duty_take_back        | POST     | ?duty                  | -                  | VIEW or bound    | RECORD or bound
duty_arrange          | GET POST | -                      | -                  | -                | -
duty_arrange          | GET POST | ?duty                  | -                  | VIEW or bound    | RECORD or bound
duty_unarrange        | POST     | -                      | -                  | -                | -
duty_unarrange        | POST     | ?duty                  | -                  | VIEW or bound    | RECORD or bound
duty_tie              | GET POST | -                      | RECORD             | nobody           | -
duty_tie              | GET POST | ?duty                  | RECORD             | nobody           | -
duty_tie              | GET POST | ?duty=tie_duty         | RECORD             | RECORD           | -
handover              | GET      | /post                  | -                  | holder or RECORD | -
record_new            | GET      | -                      | RECORD             | -                | -
members               | GET      | -                      | VIEW               | -                | -
members               | GET      | ?organisation          | VIEW               | VIEW             | -
member_search         | GET      | -                      | -                  | -                | -
member_by_number      | GET POST | -                      | VIEW               | -                | -
member                | GET      | /person                | -                  | VIEW or self     | -
member_reveal         | GET POST | /person                | -                  | VIEW or self     | REVEAL
member_reveal         | GET POST | /note                  | -                  | VIEW or self     | REVEAL its basis
deeds                 | GET      | -                      | -                  | -                | -
deeds                 | GET      | ?organisation          | -                  | VIEW             | -
deed_new              | GET POST | -                      | RECORD             | -                | -
deed_new              | GET POST | ?member=person         | RECORD             | RECORD           | another
deed_new              | GET POST | ?organisation          | RECORD             | RECORD           | -
deed_new              | GET POST | ?duty                  | RECORD             | RECORD its basis | another
deed                  | GET      | /deed                  | -                  | VIEW or self     | -
deed_withdraw         | GET POST | /deed                  | -                  | VIEW or self     | writer or WITHDRAW
event_new             | GET POST | -                      | RECORD             | -                | -
event_new             | GET POST | ?member=person         | RECORD             | RECORD           | another
event_withdraw        | GET POST | /event                 | -                  | RECORD           | writer or knower
organisation_events   | GET      | /organisation          | -                  | VIEW             | -
organisation_event_new | GET POST | -                     | RECORD             | -                | -
organisation_event_new | GET POST | ?organisation         | RECORD             | RECORD           | -
tasks                 | GET      | -                      | -                  | -                | -
task_new              | GET POST | -                      | RECORD             | -                | -
task_new              | GET POST | ?member=person         | RECORD             | RECORD           | another
task                  | GET      | /task                  | -                  | VIEW or party    | -
task_move             | GET POST | /task                  | -                  | VIEW or party    | writer or RECORD
task_withdraw         | GET POST | /task                  | -                  | VIEW or party    | writer or RECORD
organisations         | GET      | -                      | VIEW               | -                | -
organisation          | GET      | /organisation          | -                  | VIEW             | -
organisation_edit     | GET POST | /organisation          | -                  | IMPORT           | -
organisation_new      | GET POST | /organisation          | -                  | IMPORT           | -
posts                 | GET      | -                      | VIEW               | -                | -
post_new              | GET POST | -                      | IMPORT or GRANT    | -                | -
post                  | GET POST | /post                  | -                  | keeps            | -
grants                | GET      | -                      | GRANT              | -                | -
slips                 | GET      | -                      | RECORD             | -                | -
slips                 | GET      | ?organisation          | RECORD             | RECORD in branch | -
slips_all             | POST     | body organisation      | RECORD             | RECORD in branch | -
slip                  | POST     | /person                | RECORD             | branch invites   | -
slip_revoke           | POST     | /person                | RECORD             | branch invites   | -
accounts              | GET      | -                      | ACCOUNTS           | -                | -
account_invitations   | GET      | -                      | ACCOUNTS           | -                | -
account_invite        | POST     | /person                | ACCOUNTS           | invites          | -
account               | GET POST | /account               | ACCOUNTS           | ACCOUNTS         | -
bonds                 | GET      | /person                | -                  | VIEW             | -
tie_new               | GET POST | /person                | -                  | RECORD           | another
tie                   | GET POST | /tie                   | -                  | RECORD           | another
category              | GET POST | /category              | -                  | RECORD its basis | another
organisations_import  | GET POST | -                      | IMPORT             | -                | -
posts_import          | GET POST | -                      | IMPORT             | -                | -
roster_import         | GET POST | -                      | IMPORT             | -                | -
roster_refused        | POST     | -                      | IMPORT             | -                | -
registers             | GET      | -                      | VIEW               | -                | -
register              | GET      | -                      | VIEW               | -                | -
register              | GET      | ?organisation          | VIEW               | VIEW             | -
subsidy_amounts       | GET POST | -                      | POLICY             | -                | -
entry_new             | GET POST | -                      | RECORD             | -                | -
entry_new             | GET POST | ?member=person         | RECORD             | RECORD           | another
entry                 | GET      | /entry                 | -                  | VIEW its basis   | -
entry_edit            | GET POST | /entry                 | -                  | RECORD its basis | another
entry_act             | GET POST | /entry                 | -                  | RECORD its basis | another
entry_print           | GET      | /entry                 | -                  | VIEW its basis   | -
entry_task            | GET POST | /entry                 | -                  | RECORD its basis | another
difficulty_reports    | GET      | -                      | VIEW               | -                | -
difficulty_reports    | GET      | ?organisation          | VIEW               | VIEW             | -
difficulty_report_new | GET POST | -                      | RECORD             | -                | -
difficulty_report_new | GET POST | ?organisation          | RECORD             | RECORD           | -
difficulty_report     | GET POST | /report                | -                  | VIEW             | -
member_entries        | GET      | /person                | -                  | VIEW             | -
talks                 | GET      | -                      | -                  | -                | -
talks                 | GET      | ?organisation          | -                  | VIEW             | -
talk_new              | GET POST | -                      | RECORD             | -                | -
talk_new              | GET POST | ?member=person         | RECORD             | RECORD           | another
talk_new              | GET POST | ?duty                  | RECORD             | RECORD its basis | another
talk_new              | GET POST | ?instead=retold        | RECORD             | there, RECORD    | -
talk_several          | GET POST | -                      | RECORD             | -                | -
talk_several          | GET POST | ?organisation          | RECORD             | RECORD in branch | -
talk                  | GET      | /talk                  | -                  | VIEW or self     | -
talk_confirm          | GET POST | /unwithdrawn           | -                  | VIEW or self     | self or there
talk_print            | GET      | /talk                  | -                  | VIEW or self     | self or there
talk_withdraw         | GET POST | /talk                  | -                  | VIEW or self     | writer or WITHDRAW
addendum_new          | GET POST | /addendum              | -                  | VIEW or self     | was there
visits                | GET      | -                      | -                  | -                | -
visits                | GET      | ?organisation          | -                  | VIEW             | -
visit_new             | GET POST | -                      | RECORD             | -                | -
visit_new             | GET POST | ?member=person         | RECORD             | RECORD           | another
visit_new             | GET POST | ?duty                  | RECORD             | RECORD its basis | another
visits_due            | GET      | -                      | -                  | -                | -
visits_due            | GET      | ?organisation          | -                  | VIEW             | -
visit_several         | GET POST | -                      | RECORD             | -                | -
visit_several         | GET POST | ?organisation          | RECORD             | RECORD in branch | -
visit_new             | GET POST | ?instead=revisited     | RECORD             | there, RECORD    | -
visit                 | GET      | /visit                 | -                  | VIEW or self     | -
visit_print           | GET      | /visit                 | -                  | VIEW or self     | -
visit_withdraw        | GET POST | /visit                 | -                  | VIEW or self     | writer or WITHDRAW
picture               | GET      | /picture               | -                  | reads            | -
picture_add           | GET POST | /visit                 | -                  | reads            | writer or WITHDRAW
picture_remove        | GET POST | /picture               | -                  | reads            | writer or WITHDRAW
report_upward         | GET POST | /upward                | -                  | VIEW its basis   | RECORD
greeting_new          | GET POST | -                      | RECORD             | -                | -
greeting_new          | GET POST | ?member=person         | RECORD             | RECORD           | another
condolence_new        | GET POST | -                      | RECORD             | -                | -
condolence_new        | GET POST | ?member=dead           | RECORD             | RECORD           | another
campaigns             | GET      | -                      | -                  | -                | -
campaign_new          | GET POST | -                      | RUN                | -                | -
campaign              | GET      | /campaign              | -                  | names below      | -
campaign_plan         | GET POST | /campaign              | -                  | names below      | RUN
campaign_act          | GET POST | /campaign              | -                  | names below      | RUN
campaign_names        | GET POST | /campaign              | -                  | names below      | RUN
campaign_restore      | POST     | /candidate             | -                  | VIEW or bound    | RUN
campaign_unreturn     | POST     | /candidate             | -                  | VIEW or bound    | RUN
campaign_back         | GET POST | /campaign              | -                  | names below      | RUN
campaign_add          | GET POST | /campaign              | RECORD             | names below      | -
campaign_confirm      | GET POST | /campaign              | RECORD             | names below      | -
campaign_hand         | GET POST | /campaign              | -                  | names below      | -
campaign_undo         | GET POST | /candidate             | -                  | VIEW or bound    | RECORD or bound
campaign_sheet        | GET      | /campaign              | -                  | names below      | -
campaign_rota         | GET      | /campaign              | -                  | names below      | -
campaign_checks       | GET      | /campaign              | -                  | VIEW             | -
campaign_summary      | GET POST | /campaign              | -                  | VIEW             | -
applications          | GET      | -                      | -                  | -                | -
applications          | GET      | ?organisation          | -                  | VIEW             | -
applications_pass     | POST     | -                      | RECORD             | -                | -
application           | GET      | /application           | -                  | submitted        | -
application           | GET      | /draft                 | -                  | VIEW or party    | -
application_step      | POST     | /application           | -                  | submitted        | its turn
application_reveal    | GET POST | /application           | -                  | submitted        | reveals it
my_applications       | GET      | -                      | -                  | -                | -
my_application        | GET      | /application           | -                  | self or writer   | -
application_new       | GET POST | -                      | member             | -                | -
application_new       | GET POST | ?member=person         | RECORD or own      | RECORD or self   | -
application_edit      | GET POST | /draft                 | -                  | VIEW or party    | self or writer
application_submit    | GET POST | /draft                 | -                  | VIEW or party    | self or writer
application_withdraw  | GET POST | /application           | -                  | submitted        | self or writer
application_print     | GET      | /application           | -                  | submitted        | -
application_print     | GET      | /draft                 | -                  | VIEW or party    | -
application_picture   | GET      | /application_picture   | -                  | RECORD or party  | -
application_picture   | GET      | /draft_picture         | -                  | RECORD or party  | -
application_picture_add | GET POST | /application         | -                  | RECORD or party  | -
application_picture_remove | GET POST | /draft_picture    | -                  | RECORD or party  | self or writer
reliefs               | GET      | -                      | -                  | -                | -
reliefs               | GET      | ?organisation          | -                  | VIEW             | -
relief                | GET      | /relief                | -                  | VIEW or party    | -
relief_step           | POST     | /relief                | -                  | VIEW or party    | its turn
relief_new            | GET POST | -                      | member             | -                | -
relief_new            | GET POST | ?member=person         | RECORD or own      | RECORD or self   | -
relief_edit           | GET POST | /relief_back           | -                  | VIEW or party    | self or writer
relief_withdraw       | GET POST | /relief                | -                  | VIEW or party    | self or writer
relief_stop           | GET POST | /relief                | -                  | VIEW or party    | RECORD, another
relief_end            | GET POST | /relief_granted        | -                  | VIEW or party    | RECORD, another
relief_reveal         | GET POST | /relief                | -                  | VIEW or party    | RECORD, another
relief_print          | GET      | /relief                | -                  | VIEW or party    | -
talk_requests         | GET      | -                      | -                  | -                | -
talk_request_new      | GET POST | -                      | member             | -                | -
talk_request_new      | GET POST | ?member=person         | RECORD or own      | RECORD or self   | -
talk_request          | GET      | /request               | -                  | VIEW or party    | -
talk_request_arrange  | GET POST | /request               | -                  | VIEW or party    | leads it
talk_request_wish     | GET POST | /request               | -                  | VIEW or party    | leads or asks
talk_request_agree    | POST     | /request               | -                  | VIEW or party    | leads or asks
talk_request_late     | GET POST | /request               | -                  | VIEW or party    | leads it
talk_request_print    | GET      | /request               | -                  | VIEW or party    | -
talk_request_withdraw | GET POST | /request               | -                  | VIEW or party    | self or writer
meetings              | GET      | -                      | READ_BOOKS         | -                | -
meeting_new           | GET POST | -                      | FUND               | -                | -
meeting_new           | GET POST | ?fund                  | FUND               | FUND             | -
meeting_papers        | GET      | -                      | FUND               | -                | -
meeting_papers        | GET      | ?fund                  | FUND               | FUND             | -
meeting               | GET      | /meeting               | READ_BOOKS         | READ_BOOKS       | -
meeting_print         | GET      | /meeting               | READ_BOOKS         | READ_BOOKS       | -
notices               | GET      | -                      | READ_BOOKS or RECORD | -              | -
notice_new            | GET POST | -                      | READ_BOOKS or RECORD | nobody         | -
notice                | GET      | /notice                | READ_BOOKS or RECORD | reads notice   | -
notice_finish         | POST     | /notice                | READ_BOOKS or RECORD | reads notice   | FUND
notice_print          | GET      | /notice                | READ_BOOKS or RECORD | reads notice   | -
notice_result         | GET      | /notice                | READ_BOOKS or RECORD | reads notice   | -
objection_new         | GET POST | /notice_line           | READ_BOOKS or RECORD | reads notice   | FUND
objection_answer      | GET POST | /objection             | READ_BOOKS or RECORD | FUND           | -
public_notices        | GET      | -                      | public             | -                | -
public_notice         | GET      | /public_notice         | public             | -                | -
fund_regulation       | GET      | -                      | READ_BOOKS         | -                | -
fund_regulation       | GET      | ?fund                  | READ_BOOKS         | READ_BOOKS       | -
fund_regulation_follow | POST    | /fund                  | READ_BOOKS         | READ_BOOKS       | FUND
working_days          | GET POST | -                      | FUND or ACCOUNTS   | -                | -
activities            | GET      | -                      | -                  | -                | -
activities            | GET      | ?organisation          | -                  | VIEW             | -
activity_new          | GET POST | -                      | RECORD             | -                | -
activity_new          | GET POST | ?organisation          | RECORD             | RECORD           | -
activity              | GET      | /activity              | -                  | VIEW or self     | -
activity_print        | GET      | /activity              | -                  | VIEW or self     | -
activity_withdraw     | GET POST | /activity              | -                  | VIEW or self     | writer or WITHDRAW
activity_picture      | GET      | /activity_picture      | -                  | reads deed       | -
activity_picture_add  | GET POST | /activity              | -                  | reads deed       | writer or WITHDRAW
activity_picture_remove | GET POST | /activity_picture    | -                  | reads deed       | writer or WITHDRAW
contact_points        | GET      | -                      | -                  | -                | -
contact_points        | GET      | ?organisation          | -                  | VIEW             | -
contact_point_new     | GET POST | -                      | RECORD             | -                | -
contact_point_new     | GET POST | ?organisation          | RECORD             | RECORD           | -
contact_point         | GET POST | /contact_point         | -                  | VIEW or bound    | RECORD
calendar              | GET      | -                      | -                  | -                | -
calendar              | GET      | ?organisation          | -                  | VIEW             | -
honours               | GET      | -                      | -                  | -                | -
honours               | GET      | ?organisation          | -                  | VIEW             | -
honour_new            | GET POST | -                      | RECORD             | -                | -
honour_new            | GET POST | ?member=person         | RECORD             | RECORD           | another
honour_new            | GET POST | ?organisation          | RECORD             | RECORD           | -
honour_new            | GET POST | ?duty                  | RECORD             | RECORD its basis | another
honour                | GET      | /honour                | -                  | VIEW or self     | -
honour_print          | GET      | /honour                | -                  | VIEW or self     | -
honour_change         | GET POST | /honour                | -                  | VIEW or self     | RECORD, another
honour_revoke         | GET POST | /honour                | -                  | VIEW or self     | RECORD, another
honour_restore        | GET POST | /honour                | -                  | VIEW or self     | RECORD, another
honour_withdraw       | GET POST | /honour                | -                  | VIEW or self     | RECORD, another
honourees             | GET      | -                      | -                  | -                | -
honourees             | GET      | ?organisation          | -                  | VIEW             | -
member_honours        | GET      | /person                | -                  | VIEW or self     | -
namings               | GET      | -                      | -                  | -                | -
namings               | GET      | ?organisation          | -                  | VIEW             | -
naming_new            | GET POST | -                      | RECORD             | -                | -
naming_new            | GET POST | ?member=person         | RECORD             | RECORD           | another
naming_new            | GET POST | ?organisation          | RECORD             | RECORD           | -
naming                | GET      | /naming                | -                  | VIEW or self     | -
naming_change         | GET POST | /naming                | -                  | VIEW or self     | RECORD, another
naming_end            | GET POST | /naming                | -                  | VIEW or self     | RECORD, another
naming_withdraw       | GET POST | /naming                | -                  | VIEW or self     | RECORD, another
stories               | GET      | -                      | -                  | -                | -
stories               | GET      | ?organisation          | -                  | VIEW             | -
story_new             | GET POST | -                      | RECORD             | -                | -
story_new             | GET POST | ?member=person         | RECORD             | RECORD           | another
story_new             | GET POST | ?organisation          | RECORD             | RECORD           | -
story                 | GET      | /story                 | -                  | VIEW or self     | -
story_change          | GET POST | /story                 | -                  | VIEW or self     | RECORD, another
story_withdraw        | GET POST | /story                 | -                  | VIEW or self     | RECORD, another
openness              | GET      | -                      | -                  | -                | -
openness              | GET      | ?organisation          | -                  | VIEW             | -
disclosure_new        | GET POST | -                      | RECORD             | -                | -
disclosure_new        | GET POST | ?organisation          | RECORD             | RECORD           | -
disclosure_new        | GET POST | ?duty                  | RECORD             | RECORD its basis | -
disclosure            | GET      | /disclosure            | -                  | VIEW or below    | -
selections            | GET      | -                      | -                  | -                | -
selection_new         | GET POST | -                      | RECORD             | -                | -
selection             | GET      | /selection             | -                  | names below      | -
selection_places      | GET POST | /selection             | -                  | names below      | RECORD
selection_act         | GET POST | /selection             | -                  | names below      | RECORD
selection_review      | GET POST | /selection             | -                  | names below      | RECORD
selection_decide      | GET POST | /selection             | -                  | names below      | RECORD
selection_back        | GET POST | /selection             | -                  | names below      | RECORD
selection_sheet       | GET      | /selection             | -                  | names below      | -
selection_commended   | GET      | /selection             | -                  | names below      | -
selection_nominate    | GET POST | /selection             | RECORD             | names below      | -
selection_endorse     | GET POST | /selection             | RECORD             | names below      | -
selection_notice      | GET      | /selection_notice      | -                  | VIEW or below    | -
nominee               | GET POST | /nominee               | -                  | VIEW or self     | -
nominee_print         | GET      | /nominee               | -                  | VIEW or self     | -
studies               | GET      | -                      | -                  | -                | -
studies               | GET      | ?organisation          | -                  | VIEW             | -
study_new             | GET POST | -                      | RECORD             | -                | -
study_new             | GET POST | ?organisation          | RECORD             | RECORD in branch | -
study_new             | GET POST | ?member=person         | RECORD             | RECORD in branch | -
study_new             | GET POST | ?duty                  | RECORD             | in branch, basis | -
study_hours           | GET      | -                      | -                  | -                | -
study_hours           | GET      | ?organisation          | -                  | VIEW             | -
study_roll            | GET POST | -                      | RECORD             | -                | -
study_roll            | GET POST | ?organisation          | RECORD             | RECORD           | -
study                 | GET      | /study                 | -                  | VIEW or self     | -
study_withdraw        | GET POST | /study                 | -                  | VIEW or self     | writer or WITHDRAW
assessments           | GET      | -                      | -                  | -                | -
assessments           | GET      | ?organisation          | -                  | VIEW             | -
assessment_new        | GET POST | -                      | ASSESS             | -                | -
assessment_new        | GET POST | ?organisation          | ASSESS             | RECORD above it  | -
assessment            | GET      | /assessment            | -                  | VIEW or self     | -
assessment_print      | GET      | /assessment            | -                  | VIEW or self     | -
assessment_withdraw   | GET POST | /assessment            | -                  | VIEW or self     | writer or RECORD
allowances            | GET      | -                      | -                  | -                | -
allowances            | GET      | ?organisation          | -                  | VIEW             | -
allowance_sheet       | GET      | -                      | -                  | -                | -
allowance_sheet       | GET      | ?organisation          | -                  | VIEW             | -
allowance_new         | GET POST | -                      | RECORD             | -                | -
allowance_new         | GET POST | ?organisation          | RECORD             | RECORD           | -
allowance             | GET      | /allowance             | -                  | VIEW or self     | -
allowance_withdraw    | GET POST | /allowance             | -                  | VIEW or self     | writer or RECORD
care_plans            | GET      | -                      | -                  | -                | -
care_plans            | GET      | ?organisation          | -                  | VIEW             | -
care_plan_new         | GET POST | -                      | RECORD             | -                | -
care_plan_new         | GET POST | ?organisation          | RECORD             | RECORD           | -
care_plan             | GET POST | /care_plan             | -                  | VIEW             | -
care_plan_edit        | GET POST | /care_plan             | -                  | VIEW             | RECORD
care_plan_print       | GET      | /care_plan             | -                  | VIEW             | -
attendance_withdraw   | GET POST | /attendance            | -                  | VIEW or self     | writer or WITHDRAW
medals                | GET      | -                      | -                  | -                | -
medals                | GET      | ?organisation          | -                  | VIEW             | -
medals_year           | GET      | -                      | -                  | -                | -
medals_draw           | POST     | body organisation      | -                  | VIEW             | RUN
medals_print          | GET      | -                      | VIEW               | -                | -
medals_print          | GET      | ?organisation          | VIEW               | VIEW             | -
medals_sheet          | GET      | -                      | VIEW               | -                | -
medal_step            | GET POST | -                      | RECORD             | -                | -
medal_new             | GET POST | -                      | RECORD             | -                | -
medal_new             | GET POST | ?member=person         | RECORD             | RECORD           | RUN, another
award_new             | GET POST | -                      | RECORD             | -                | -
award_new             | GET POST | ?member=person         | RECORD             | RECORD           | RUN, another
medal                 | GET      | /medal                 | -                  | VIEW or self     | -
medal_end             | GET POST | /medal                 | -                  | VIEW or self     | RUN, another
medal_back            | GET POST | /medal                 | -                  | VIEW or self     | RECORD, another
medal_withdraw        | GET POST | /medal                 | -                  | VIEW or self     | RUN, another
fifty                 | GET      | -                      | VIEW               | -                | -
fifty                 | GET      | ?organisation          | VIEW               | VIEW             | -
fifty_names           | GET      | -                      | VIEW               | -                | -
fifty_names           | GET      | ?organisation          | VIEW               | VIEW             | -
fifty_ask             | POST     | body organisation      | -                  | VIEW             | RUN
birthdays             | GET      | -                      | VIEW               | -                | -
birthdays             | GET      | ?organisation          | VIEW               | VIEW             | -
birthday              | GET      | /birthday              | VIEW               | VIEW             | -
birthday_cards        | GET      | -                      | VIEW               | -                | -
birthday_cards        | GET      | ?organisation          | VIEW               | VIEW             | -
birthday_cards        | GET      | ?member=person         | VIEW               | VIEW             | -
greeting_texts        | GET      | -                      | VIEW               | -                | -
greeting_texts        | GET      | ?organisation          | VIEW               | VIEW             | -
greeting_text         | GET POST | /greeting_text         | -                  | VIEW             | POLICY
ceremonies            | GET      | -                      | -                  | -                | -
ceremonies            | GET      | ?organisation          | -                  | VIEW             | -
ceremony_new          | GET POST | -                      | RECORD             | -                | -
ceremony_new          | GET POST | ?organisation          | RECORD             | RECORD           | -
ceremony_new          | GET POST | ?member=person         | RECORD             | RECORD           | -
ceremony_new          | GET POST | ?duty                  | RECORD             | RECORD its basis | -
ceremony              | GET      | /ceremony              | -                  | VIEW or self     | -
ceremony_print        | GET      | /ceremony              | -                  | VIEW or self     | -
ceremony_withdraw     | GET POST | /ceremony              | -                  | VIEW or self     | writer or WITHDRAW
ceremony_absent       | GET POST | /absent                | -                  | VIEW or self     | writer or WITHDRAW
fund                  | GET      | -                      | READ_BOOKS         | -                | -
fund                  | GET      | ?fund                  | READ_BOOKS         | READ_BOOKS       | -
fund_new              | GET POST | -                      | FUND               | -                | -
fund_uses             | GET POST | /fund                  | -                  | READ_BOOKS       | FUND
fund_budget           | GET POST | /fund                  | -                  | READ_BOOKS       | FUND
fund_income           | GET POST | /fund                  | -                  | READ_BOOKS       | KEEP_BOOKS
fund_pass_down        | GET POST | /fund                  | -                  | READ_BOOKS       | KEEP_BOOKS
fund_statement        | GET      | /fund                  | -                  | READ_BOOKS       | -
fund_donors           | GET      | /fund                  | -                  | READ_BOOKS       | -
fund_bank             | GET      | /fund                  | -                  | READ_BOOKS       | -
fund_bank_new         | GET POST | /fund                  | -                  | READ_BOOKS       | KEEP_BOOKS
journal               | GET      | -                      | READ_BOOKS         | -                | -
journal               | GET      | ?fund                  | READ_BOOKS         | READ_BOOKS       | -
voucher               | GET      | /voucher               | -                  | READ_BOOKS       | -
voucher_print         | GET      | /voucher               | -                  | READ_BOOKS       | -
voucher_reverse       | GET POST | /voucher               | -                  | READ_BOOKS       | KEEP_BOOKS
donation_receipt      | GET      | /donation              | -                  | READ_BOOKS       | -
donation_certificate  | GET      | /donation              | -                  | READ_BOOKS       | -
book_checks           | GET      | -                      | READ_BOOKS         | -                | -
book_check_ask        | POST     | -                      | KEEP_BOOKS or FUND | -                | -
payments              | GET      | -                      | READ_BOOKS         | -                | -
payments_sheet        | GET      | -                      | READ_BOOKS         | -                | -
grant                 | GET      | /grant                 | -                  | READ_BOOKS       | -
payment_new           | GET POST | /grant                 | -                  | READ_BOOKS       | PAY
grant_payee           | GET POST | /grant                 | -                  | READ_BOOKS       | FUND
grant_back            | GET POST | /grant                 | -                  | READ_BOOKS       | PAY
grant_account         | GET POST | /grant                 | -                  | READ_BOOKS       | PAY
grant_ended           | POST     | /grant                 | -                  | READ_BOOKS       | PAY
runs                  | GET      | -                      | FUND               | -                | -
run_new               | GET POST | -                      | FUND               | -                | -
run                   | GET      | /run                   | FUND               | FUND             | -
run_decide            | GET POST | /run                   | FUND               | FUND             | -
run_drop              | GET POST | /run                   | FUND               | FUND             | -
visit_money           | GET POST | -                      | KEEP_BOOKS         | -                | -
visit_money_back      | POST     | /spending              | KEEP_BOOKS         | KEEP_BOOKS       | -
batch_new             | POST     | -                      | PAY                | -                | -
batch                 | GET      | /batch                 | -                  | READ_BOOKS       | -
batch_settle          | GET POST | /batch                 | -                  | READ_BOOKS       | PAY
batch_list            | GET POST | /batch                 | -                  | READ_BOOKS       | PAY
batch_drop            | GET POST | /batch                 | -                  | READ_BOOKS       | PAY
batch_arrived         | POST     | /batch                 | -                  | READ_BOOKS       | PAY
batch_sheet           | GET      | /batch                 | -                  | READ_BOOKS       | -
payment_receive       | GET POST | /payment               | -                  | READ_BOOKS       | PAY
payment_fail          | GET POST | /payment               | -                  | READ_BOOKS       | PAY
payment_slip          | GET      | /payment               | -                  | READ_BOOKS       | -
ledgers               | GET      | -                      | VIEW               | -                | -
ledger                | GET      | /ledger                | -                  | -                | VIEW
ledger                | GET      | ?organisation          | VIEW               | VIEW             | -
ledger_export         | POST     | /ledger                | -                  | -                | EXPORT
ledger_export         | POST     | body organisation      | VIEW               | VIEW             | EXPORT
ledger_unmasked       | GET POST | -                      | VIEW               | -                | REVEAL
ledger_unmasked       | GET POST | ?organisation          | VIEW               | VIEW             | REVEAL
ledger_import         | GET POST | /ledger                | -                  | -                | RECORD
ledger_template       | GET      | /ledger                | -                  | -                | RECORD
bundle                | GET      | -                      | EXPORT             | -                | -
bundle                | GET      | ?organisation          | EXPORT             | VIEW             | EXPORT
bundle_make           | POST     | -                      | EXPORT             | -                | -
bundle_make           | POST     | body organisation      | EXPORT             | VIEW             | EXPORT
bundle_unmasked       | GET POST | -                      | EXPORT             | -                | REVEAL
bundle_unmasked       | GET POST | ?organisation          | EXPORT             | VIEW             | REVEAL
evidence              | GET      | -                      | VIEW               | -                | -
evidence              | GET      | ?organisation          | VIEW               | VIEW             | -
evidence_rows         | GET      | /figure                | VIEW               | -                | -
indicators            | GET      | -                      | VIEW               | -                | -
indicators            | GET      | ?organisation          | VIEW               | VIEW             | -
indicator_rows        | GET      | -                      | VIEW               | -                | -
indicator_rows        | GET      | ?organisation          | VIEW               | VIEW             | -
indicators_export     | POST     | -                      | VIEW               | -                | EXPORT
indicators_export     | POST     | body organisation      | VIEW               | VIEW             | EXPORT
indicators_entered    | GET      | -                      | VIEW               | -                | -
indicators_entered    | GET      | ?organisation          | VIEW               | VIEW             | -
indicators_late       | GET      | -                      | VIEW               | -                | -
indicators_late       | GET      | ?organisation          | VIEW               | VIEW             | -
yearly_report         | GET      | -                      | VIEW               | -                | -
yearly_report         | GET      | ?organisation          | VIEW               | VIEW             | -
supervisions          | GET      | -                      | VIEW               | -                | -
supervisions          | GET      | ?organisation          | VIEW               | VIEW             | -
supervision_new       | GET POST | -                      | RECORD             | -                | -
supervision_new       | GET POST | ?organisation          | RECORD             | RECORD           | supervises
supervision           | GET      | /supervision           | -                  | VIEW             | -
supervision_answer    | GET POST | /supervision           | -                  | VIEW             | RECORD below its
supervision_answer_withdraw | GET POST | /supervision_answer | -               | VIEW             | withdraws below its
supervision_settle    | POST     | /supervision           | -                  | VIEW             | RECORD above it
supervision_back      | GET POST | /supervision           | -                  | VIEW             | RECORD above it
supervision_withdraw  | GET POST | /supervision           | -                  | VIEW             | RECORD above it
reports               | GET      | -                      | VIEW               | -                | -
reports               | GET      | ?organisation          | VIEW               | VIEW             | -
report_new            | GET POST | -                      | RECORD             | -                | -
report_new            | GET POST | ?organisation          | RECORD             | RECORD           | writes reports
report_summaries      | GET      | -                      | VIEW               | -                | -
report_summaries      | GET      | ?organisation          | VIEW               | VIEW             | -
report                | GET      | /report                | -                  | VIEW             | -
report_print          | GET      | /report                | -                  | VIEW             | reads report
report_receive        | POST     | /report                | -                  | VIEW             | RECORD above it
report_answer         | GET POST | /report                | -                  | VIEW             | RECORD above it
report_back           | GET POST | /report                | -                  | VIEW             | RECORD above it
report_complete       | GET POST | /report                | -                  | VIEW             | writes reports
report_withdraw       | GET POST | /report                | -                  | VIEW             | writes reports
layouts               | GET      | /ledger                | -                  | -                | VIEW
layout_new            | GET POST | /ledger                | -                  | -                | RECORD
layout_book           | GET POST | /ledger                | -                  | -                | RECORD
layout_edit           | GET POST | /layout                | RECORD             | RECORD           | -
layout_drop           | GET POST | /layout                | RECORD             | RECORD           | -
*                     | GET POST | -                      | -                  | nobody           | -
"""
"""One line for each page and each way of naming an object to it.

``about``: where the object stands, ``/kind`` in the path, ``?name=kind`` in the query, ``body name`` in the form.
Whoever is not signed in is sent to the sign-in page, but for what is public; a method not listed is 405.
"""

CONSTANT = {
    "register": {"path": {"code": "difficulty"}},
    "entry_new": {"query": {"register": "difficulty"}},
    "ledger": {"path": {"code": "talks"}},
    "indicator_rows": {"path": {"kind": "all", "figure": "due"}},
    "ledger_export": {"path": {"code": "talks"}},
    "ledger_unmasked": {"path": {"code": "members"}},
    "medals_year": {"path": {"year": 2027}},
    "medals_draw": {"path": {"year": 2027}},
    "medals_print": {"path": {"year": 2027}},
    "medals_sheet": {"path": {"year": 2027}},
    "medal_step": {"path": {"year": 2027, "code": "verify"}},
    "member_reveal": {"query": {"field": "phone"}},
    "me_reveal": {"query": {"field": "phone"}},
    "application_step": {"body": {"act": "review"}},
    "application_reveal": {"query": {"field": "account"}},
    "printed": {"body": {"path": "/members/"}},
    "draft_save": {"body": {"draft": "talk:m5", "text": "…"}},
    "draft_drop": {"body": {"draft": "talk:m5"}},
    "job_ask": {"path": {"kind": "recheck"}},
}
"""What an address needs besides its object."""


@dataclass(frozen=True)
class Line:
    """One line of :data:`PAGES`."""

    page: str
    methods: tuple[str, ...]
    about: str
    first: str
    found: str
    then: str

    @property
    def place(self) -> str:
        """Where the object stands: ``/``, ``?``, ``body`` or nothing."""
        return "body" if self.about.startswith("body ") else self.about[:1].replace("-", "")

    @property
    def name(self) -> str:
        """The name of the parameter that holds it."""
        return self.about.removeprefix("body ").lstrip("/?").partition("=")[0]

    @property
    def kind(self) -> str:
        """What kind of thing it is."""
        return self.about.rpartition("=")[2].removeprefix("body ").lstrip("/?")


def lines(table: str = PAGES) -> list[Line]:
    """The lines of the table, without its heading."""
    rows = [[cell.strip() for cell in row.split("|")] for row in table.strip().splitlines()[1:]]
    return [Line(page, tuple(methods.split()), *rest) for page, methods, *rest in rows]


@cache
def grid(table: str = GRID) -> dict[str, frozenset[str]]:
    return {row.split()[0]: frozenset(row.split()[1:]) for row in table.strip().splitlines()}


@dataclass(frozen=True)
class Who:
    """One column, as the words of the table ask about it."""

    key: str
    town: Town

    def may(self, capability: str, place: str | None = None) -> bool:
        """Whether a post of today grants the capability, somewhere or over ``place``."""
        granted = grid()
        return any(
            capability in granted[role] and (place is None or at in upward(place))
            for role, at in COLUMNS[self.key].posts
        )

    def basis(self, thing: Thing | Secret) -> bool:
        """Whether the basis of what may be sensitive is known to them; of what concerns oneself it never is."""
        return not thing.sensitive or (thing.about != self.key and self.may("SENSITIVE", thing.place))


def _here(capability: str) -> Callable[[Who, Thing], bool]:
    return lambda who, thing: who.may(capability, thing.place)


def _or(*words: str) -> Callable[[Who, Thing], bool]:
    return lambda who, thing: any(FOUND[word](who, thing) for word in words)


def _invites(who: Who, thing: Thing) -> bool:
    return who.may("ACCOUNTS", thing.place) and thing.about not in who.town.accounts


def _branch_invites(who: Who, thing: Thing) -> bool:
    """Who has neither an account nor a post: of the others a code would open more than a member's own pages."""
    free = thing.about not in who.town.accounts and not who.town.posts.get(thing.about)
    return free and who.may("RECORD", thing.place)


def _keeps(who: Who, thing: Thing) -> bool:
    return who.may("GRANT" if thing.system else "IMPORT", thing.place)


def _accounts(who: Who, thing: Thing) -> bool:
    """Of those with posts, all of them within; of the others, where they are members."""
    posts = COLUMNS[thing.owner].posts if thing.owner in COLUMNS else tuple(who.town.posts[thing.owner])
    places = [place for _role, place in posts] or [who.town.homes[thing.owner]]
    return all(place and who.may("ACCOUNTS", place) for place in places)


def _withdraws(who: Who, thing: Thing) -> bool:
    return thing.about != who.key and (thing.writer == who.key or who.may("WITHDRAW", thing.place))


def _writer_or_knower(who: Who, thing: Thing) -> bool:
    if thing.about in (who.key, thing.writer) or thing.request:
        return False
    return thing.writer == who.key or (who.basis(thing) and who.may("RECORD", thing.place))


def _gave(who: Who, thing: Thing) -> bool:
    return thing.about != who.key and (thing.writer == who.key or who.may("RECORD", thing.place))


def _answers(who: Who, thing: Thing) -> bool:
    return thing.about != who.key and (who.may("RECORD", thing.place) or who.key in thing.bound)


def _hands_over(who: Who, thing: Thing) -> bool:
    return not thing.system and (thing.owner == who.key or who.may("RECORD", thing.place))


def _party(who: Who, thing: Thing) -> bool:
    return who.key in {thing.about, thing.writer, thing.asked}


def _duty_bound(who: Who, thing: Thing) -> bool:
    return (who.may("VIEW", thing.place) or who.key in thing.bound) and who.basis(thing)


def _was_there(who: Who, secret: Secret | Thing) -> bool:
    """Those who were there and the branch's own readers of talks, upper levels not."""
    if who.key in {secret.writer, *secret.acted}:
        return True
    own = [at for role, at in COLUMNS[who.key].posts if "READ_TALKS" in grid()[role]]
    return secret.place in own and secret.about != who.key


def _was_talked_to(who: Who, secret: Secret) -> bool:
    """What was said in a talk, for the member himself too."""
    return secret.about == who.key or _was_there(who, secret)


def _leads(who: Who, thing: Thing) -> bool:
    """Who answers a request for a talk: who is asked, and who may record there; never whoever asks."""
    return who.key != thing.about and (who.key == thing.asked or who.may("RECORD", thing.place))


def _reads_deed(who: Who, secret: Secret) -> bool:
    """Those who did it, the writer, and who may record there; never whom it is about."""
    if secret.about == who.key:
        return False
    return who.key in {secret.writer, *secret.acted} or who.may("RECORD", secret.place)


def _submitted(who: Who, thing: Thing) -> bool:
    """Whoever sees where it is made, made it or filed it; who keeps the books of the tree, what was handed in."""
    return who.may("VIEW", thing.place) or _party(who, thing) or who.may("READ_BOOKS", upward(thing.place)[-1])


REVIEWERS = {"secretary", "deputy_secretary", "organisation_commissioner"}


def _its_turn(who: Who, thing: Thing) -> bool:
    """Of the branch, or where nobody able is there, of the nearest above; never of whom it is about."""
    line = upward(thing.place)
    while line and KINDS[line[0]] != "branch":
        line = line[1:]
    for place in line:
        able = {key for key, column in COLUMNS.items() if any(r in REVIEWERS and at == place for r, at in column.posts)}
        if able := able - {thing.about, thing.writer}:
            return who.key in able
    return False


def _records_below(who: Who, thing: Thing) -> bool:
    """Whether the decision reaches a branch in which they record."""
    return any(thing.place in upward(place) and who.may("RECORD", place) for place in PARENTS)


def _records_itself(who: Who, thing: Thing) -> bool:
    """Whether a post at the very place, not above, lets them record."""
    return any(at == thing.place and "RECORD" in grid()[role] for role, at in COLUMNS[who.key].posts)


def _runs(who: Who, thing: Thing | None = None) -> bool:
    """Whether a post at a committee, at the thing's place or above, lets them record."""
    return any(
        KINDS[at] == "committee" and "RECORD" in grid()[role] and (thing is None or at in upward(thing.place))
        for role, at in COLUMNS[who.key].posts
    )


def _names_below(who: Who, thing: Thing) -> bool:
    """Whether they see the place, or names of it: where they look to, and those they are to visit."""
    return who.key in thing.bound or any(who.may("VIEW", each) for each in PARENTS if thing.place in upward(each))


FOUND: dict[str, Callable[[Who, Thing], bool]] = {
    "-": lambda who, thing: True,
    "nobody": lambda who, thing: False,
    "VIEW": _here("VIEW"),
    "RECORD": _here("RECORD"),
    "IMPORT": _here("IMPORT"),
    "EXPORT": _here("EXPORT"),
    "PAY": _here("PAY"),
    "POLICY": _here("POLICY"),
    "REVEAL": _here("REVEAL"),
    "READ_BOOKS": _here("READ_BOOKS"),
    "KEEP_BOOKS": _here("KEEP_BOOKS"),
    "FUND": _here("FUND"),
    "reads notice": _or("READ_BOOKS", "RECORD"),
    "RECORD below it": _records_below,
    "RECORD above it": lambda who, thing: any(who.may("RECORD", each) for each in upward(thing.place)[1:]),
    "RECORD below its": _records_itself,
    "supervises": lambda who, thing: KINDS[thing.place] != "group" and FOUND["RECORD above it"](who, thing),
    "writes reports": lambda who, thing: KINDS[thing.place] != "group" and _records_itself(who, thing),
    "reads report": _or("RECORD", "EXPORT"),
    "withdraws below its": lambda who, thing: _records_itself(who, thing) and _withdraws(who, thing),
    "ACCOUNTS": _accounts,
    "self": lambda who, thing: thing.about == who.key,
    "recipient": lambda who, thing: thing.owner == who.key,
    "owner": lambda who, thing: thing.owner == who.key,
    "another": lambda who, thing: thing.about != who.key,
    "self or there": lambda who, thing: thing.about == who.key or _was_there(who, thing),
    "leads it": _leads,
    "leads or asks": lambda who, thing: _leads(who, thing) or who.key in {thing.about, thing.writer},
    "was there": lambda who, thing: thing.about != who.key and _was_there(who, thing),
    "there, RECORD": lambda who, thing: who.may("RECORD", thing.place) and _was_there(who, thing),
    "VIEW or no post": lambda who, thing: not who.may("VIEW") or who.may("VIEW", thing.place),
    "VIEW or self": _or("VIEW", "self"),
    "VIEW or below": lambda who, thing: _view(who, thing) or _below(who, thing.place),
    "VIEW its basis": lambda who, thing: who.may("VIEW", thing.place) and who.basis(thing),
    "VIEW or bound": _duty_bound,
    "VIEW or party": lambda who, thing: who.may("VIEW", thing.place) or _party(who, thing),
    "RECORD or self": _or("RECORD", "self"),
    "RECORD or party": lambda who, thing: who.may("RECORD", thing.place) or _party(who, thing),
    "submitted": _submitted,
    "its turn": _its_turn,
    "reveals it": lambda who, thing: _reads_application(who, thing) and who.may("REVEAL", thing.place),
    "RECORD its basis": lambda who, thing: who.may("RECORD", thing.place) and who.basis(thing),
    "REVEAL its basis": lambda who, thing: who.may("REVEAL", thing.place) and who.basis(thing),
    "RECORD in branch": lambda who, thing: who.may("RECORD", thing.place) and KINDS[thing.place] in ("branch", "group"),
    "in branch, basis": lambda who, thing: FOUND["RECORD in branch"](who, thing) and who.basis(thing),
    "POLICY, another": lambda who, thing: thing.about != who.key and who.may("POLICY", thing.place),
    "RUN": _runs,
    "RUN, another": lambda who, thing: thing.about != who.key and _runs(who, thing),
    "names below": _names_below,
    "RECORD or bound": _answers,
    "holder or RECORD": _hands_over,
    "keeps": _keeps,
    "invites": _invites,
    "branch invites": _branch_invites,
    "RECORD, another": lambda who, thing: thing.about != who.key and who.may("RECORD", thing.place),
    "writer or WITHDRAW": _withdraws,
    "writer or knower": _writer_or_knower,
    "writer or RECORD": _gave,
    "reads": _was_there,
    "reads deed": _reads_deed,
    "self or writer": lambda who, thing: who.key in {thing.about, thing.writer},
}
"""The words of the last two columns."""


def first(who: Who, word: str, thing: Thing | None) -> bool:
    """The words of the column ``first``: what must hold before anything is looked for."""
    if word in ("-", "public"):
        return True
    if word == "member":
        return bool(COLUMNS[who.key].home)
    if word == "RUN":
        return _runs(who)
    if word == "ASSESS":
        return any(who.may("RECORD", place) for place, kind in KINDS.items() if kind not in ("branch", "group"))
    words = word.split(" or ")
    own = COLUMNS[who.key].home and thing is not None and thing.about == who.key
    return any(own if each == "own" else who.may(each) for each in words)


def expected(who: Who, line: Line, thing: Thing | None, method: str) -> str:
    """How the product has to answer: ``ok``, ``403``, ``404``, ``405`` or ``sign in``."""
    asked = "GET" if method == "HEAD" else method
    if asked not in ("GET", "POST"):
        return "405"
    if not COLUMNS[who.key].signed_in and line.first != "public":
        return "sign in"
    if asked not in line.methods:
        return "405"
    return _of(who, line, thing) if first(who, line.first, thing) else "403"


def _of(who: Who, line: Line, thing: Thing | None) -> str:
    if thing is None and line.place:
        return _of_missing(who, line)
    if not FOUND[line.found](who, thing):
        return "404"
    return "ok" if _then(who, line, thing) else "403"


def _of_missing(who: Who, line: Line) -> str:
    """What is not there is not found, but by a page that looks for nothing."""
    return "ok" if line.found == "VIEW or no post" and not who.may("VIEW") else "404"


def _then(who: Who, line: Line, thing: Thing | None) -> bool:
    if thing is None or not thing.place:  # the capability is asked where one stands
        return line.then == "-" or who.may(line.then)
    return FOUND[line.then](who, thing)


# What may be read


def _below(who: Who, place: str) -> bool:
    """Whether they belong to the place or to one below it, by a post or as a member."""
    column = COLUMNS[who.key]
    return any(place in upward(own) for own in (column.home, *(at for _role, at in column.posts)) if own)


def _view(who: Who, secret: Secret | Thing) -> bool:
    return who.may("VIEW", secret.place)


def _chain(who: Who) -> set[str]:
    """The places whose leaders the column is offered: upward of where it records or is a member."""
    below = [place for place in PARENTS if who.may("RECORD", place)]
    home = COLUMNS[who.key].home
    return {above for place in [*below, *([home] if home else [])] for above in upward(place)}


MONEY = ("meeting", "notice")
"""Things of which the readers of the books read who is in them."""


def _name(who: Who, secret: Secret) -> bool:
    """Oneself, who is within, who holds a post within or leads above, and who has to do with oneself."""
    about, town = secret.about, who.town
    held = {place for _role, place in town.posts.get(about, ())}
    if about == who.key or _view(who, secret) or held & _chain(who):
        return True
    if any(who.may(capability, place) for capability in ("VIEW", "GRANT", "ACCOUNTS", "READ_BOOKS") for place in held):
        return True  # who keeps the books knows who pays and who stands by
    if _granted(who, about):
        return True
    if about in town.accounts and (who.may("READ_AUDIT") or who.may("ACCOUNTS", town.homes[about] or "committee")):
        return True
    if any(
        thing.kind in MONEY and about in _with(thing) and who.may("READ_BOOKS", thing.place) for thing in town.things
    ):
        return True
    return any(about in _with(thing) and _knows_of(who, thing, about) for thing in town.things)


def _knows_of(who: Who, thing: Thing, about: str) -> bool:
    """Whether somebody in a thing is known to them through it."""
    bound = about in thing.bound and who.may("VIEW", thing.place)
    return who.key in _with(thing) or bound or (thing.kind == "application" and _submitted(who, thing))


def _granted(who: Who, about: str) -> bool:
    """Whether they read the books of a fund that grants something to somebody."""
    granted = {thing.place for thing in who.town.of("grant") if thing.about == about}
    return any(who.may("READ_BOOKS", place) for place in granted)


def _with(thing: Thing) -> set[str]:
    """Who has to do with a thing, and so knows of the others."""
    return {thing.about, thing.writer, thing.asked, *thing.acted, *thing.bound} - {""}


def _organisation(who: Who, secret: Secret) -> bool:
    here = secret.place
    posts = {place for _role, place in COLUMNS[who.key].posts}
    if here in posts | {COLUMNS[who.key].home} | _chain(who):
        return True
    if any(who.may(capability, here) for capability in ("VIEW", "GRANT", "ACCOUNTS", "READ_BOOKS")):
        return True
    return any(
        here == thing.place or (thing.kind == "application" and here in upward(thing.place))
        for thing in who.town.things
        if who.key in _with(thing) or (thing.kind == "application" and _submitted(who, thing))
    )


def _cares(who: Who, secret: Secret) -> bool:
    """The private facts of an entry: for those who may know of what is sensitive, never of oneself."""
    return secret.about != who.key and who.may("SENSITIVE", secret.place)


def _reads_application(who: Who, secret: Secret) -> bool:
    """What was written: for the member, who filed it, and who may record there."""
    return who.key in {secret.about, secret.writer} or who.may("RECORD", secret.place)


READS: dict[str, Callable[[Who, Secret], bool]] = {
    "name": _name,
    "organisation": _organisation,
    "of organisation": _view,
    "phone of organisation": lambda who, secret: _view(who, secret) or _below(who, secret.place),
    "ask": lambda who, secret: who.key in {secret.about, secret.writer} or who.may("RECORD", secret.place),
    "of person": lambda who, secret: _view(who, secret) or secret.about == who.key,
    "sealed": lambda who, secret: False,
    "note": lambda who, secret: False,
    "draft": lambda who, secret: False,
    "job": lambda who, secret: secret.about == who.key,
    "message": lambda who, secret: secret.about == who.key,
    "username": lambda who, secret: who.may("ACCOUNTS"),
    "talk": _was_there,
    "told": _was_talked_to,
    "deed": _reads_deed,
    "application": _reads_application,
    "weighed": lambda who, secret: who.key != secret.about and _reads_application(who, secret),
    "document": lambda who, secret: _view(who, secret) or _below(who, secret.place),
    "shared": lambda who, secret: _view(who, secret) or secret.about == who.key,
    "task": _reads_deed,
    "request": lambda who, secret: who.key in {secret.about, secret.writer, *secret.acted},
    "care": _cares,
    "books": lambda who, secret: who.may("READ_BOOKS", secret.place),
    "review": lambda who, secret: who.key != secret.about and who.may("RECORD", secret.place),
    "reason": lambda who, secret: who.may("FUND", secret.place),
    "reported": lambda who, secret: who.may("RECORD", secret.place) or who.may("EXPORT", secret.place),
    "supervised": lambda who, secret: who.may("RECORD", secret.place) or who.may("EXPORT", secret.place),
    "basis": lambda who, secret: _view(who, secret) and who.basis(secret),
}
"""Who may read which kind of token; what nobody may read is opened by a form that asks why, and by nothing else."""


def _issued(town: Town, secret: Secret) -> bool:
    """The name of an organisation under a notice that hangs, for everybody to read."""
    return secret.kind == "organisation" and secret.place in {each.place for each in town.of("public_notice")}


def may_read(who: Who, secret: Secret) -> bool:
    if _issued(who.town, secret):
        return True
    return COLUMNS[who.key].signed_in and READS[secret.kind](who, secret)
