"""Addresses of the fund."""

from django.urls import path

from fund.views.applications import applications, applications_pass
from fund.views.books import fund, fund_budget, fund_new, fund_uses
from fund.views.checks import book_check_ask, book_checks
from fund.views.income import donation_certificate, donation_receipt, fund_donors, fund_income, fund_pass_down
from fund.views.journal import journal, voucher, voucher_print, voucher_reverse
from fund.views.reviewing import application, application_reveal, application_step
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
    path("fund/applications/<int:pk>/steps/", application_step, name="application_step"),
    path("fund/applications/<int:pk>/reveal/", application_reveal, name="application_reveal"),
]
