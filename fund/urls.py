"""Addresses of the fund."""

from django.urls import path

from fund.views.applications import applications, applications_pass
from fund.views.books import fund, fund_budget, fund_new, fund_uses
from fund.views.checks import book_check_ask, book_checks
from fund.views.income import donation_certificate, donation_receipt, fund_donors, fund_income, fund_pass_down
from fund.views.journal import journal, voucher, voucher_print, voucher_reverse
from fund.views.meetings import meeting, meeting_new, meeting_papers, meeting_print, meetings
from fund.views.notices import (
    notice,
    notice_new,
    notice_print,
    notice_result,
    notices,
    objection_answer,
    objection_new,
)
from fund.views.public import public_notice, public_notices
from fund.views.regulation import fund_regulation
from fund.views.reviewing import application, application_reveal
from fund.views.statement import fund_bank, fund_bank_new, fund_statement

urlpatterns = [
    path("fund/", fund, name="fund"),
    path("fund/new/", fund_new, name="fund_new"),
    path("fund/journal/", journal, name="journal"),
    path("fund/checks/", book_checks, name="book_checks"),
    path("fund/checks/new/", book_check_ask, name="book_check_ask"),
    path("fund/<int:pk>/uses/", fund_uses, name="fund_uses"),
    path("fund/<int:pk>/budget/", fund_budget, name="fund_budget"),
    path("fund/<int:pk>/income/", fund_income, name="fund_income"),
    path("fund/<int:pk>/pass-down/", fund_pass_down, name="fund_pass_down"),
    path("fund/<int:pk>/statement/", fund_statement, name="fund_statement"),
    path("fund/<int:pk>/donors/", fund_donors, name="fund_donors"),
    path("fund/<int:pk>/bank/", fund_bank, name="fund_bank"),
    path("fund/<int:pk>/bank/new/", fund_bank_new, name="fund_bank_new"),
    path("fund/journal/<int:pk>/", voucher, name="voucher"),
    path("fund/journal/<int:pk>/print/", voucher_print, name="voucher_print"),
    path("fund/journal/<int:pk>/reverse/", voucher_reverse, name="voucher_reverse"),
    path("fund/journal/<int:pk>/receipt/", donation_receipt, name="donation_receipt"),
    path("fund/journal/<int:pk>/certificate/", donation_certificate, name="donation_certificate"),
    path("fund/applications/", applications, name="applications"),
    path("fund/applications/pass/", applications_pass, name="applications_pass"),
    path("fund/applications/<int:pk>/", application, name="application"),
    path("fund/applications/<int:pk>/reveal/", application_reveal, name="application_reveal"),
    # Meetings
    path("fund/meetings/", meetings, name="meetings"),
    path("fund/meetings/new/", meeting_new, name="meeting_new"),
    path("fund/meetings/papers/", meeting_papers, name="meeting_papers"),
    path("fund/meetings/<int:pk>/", meeting, name="meeting"),
    path("fund/meetings/<int:pk>/print/", meeting_print, name="meeting_print"),
    # Notices
    path("fund/notices/", notices, name="notices"),
    path("fund/notices/new/", notice_new, name="notice_new"),
    path("fund/notices/<int:pk>/", notice, name="notice"),
    path("fund/notices/<int:pk>/print/", notice_print, name="notice_print"),
    path("fund/notices/<int:pk>/result/", notice_result, name="notice_result"),
    path("fund/notices/<int:pk>/lines/<int:line>/objections/new/", objection_new, name="objection_new"),
    path("fund/notices/<int:pk>/objections/<int:objection>/", objection_answer, name="objection_answer"),
    path("fund/regulation/", fund_regulation, name="fund_regulation"),
    path("notices/", public_notices, name="public_notices"),
    path("notices/<str:token>/", public_notice, name="public_notice"),
]
