"""Addresses of the fund."""

from django.urls import path

from fund.views.applications import applications, applications_pass
from fund.views.batches import (
    batch,
    batch_arrived,
    batch_drop,
    batch_list,
    batch_settle,
    batch_sheet,
    payment_fail,
    payment_receive,
    payment_slip,
)
from fund.views.books import fund, fund_budget, fund_new, fund_uses
from fund.views.checks import book_check_ask, book_checks
from fund.views.income import donation_certificate, donation_receipt, fund_donors, fund_income, fund_pass_down
from fund.views.journal import journal, voucher, voucher_print, voucher_reverse
from fund.views.payments import (
    batch_new,
    grant,
    grant_account,
    grant_back,
    grant_ended,
    grant_payee,
    payment_new,
    payments,
    payments_sheet,
)
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
    # Payment
    path("fund/payments/", payments, name="payments"),
    path("fund/payments/sheet/", payments_sheet, name="payments_sheet"),
    path("fund/grants/<int:pk>/", grant, name="grant"),
    path("fund/grants/<int:pk>/pay/", payment_new, name="payment_new"),
    path("fund/grants/<int:pk>/payee/", grant_payee, name="grant_payee"),
    path("fund/grants/<int:pk>/back/", grant_back, name="grant_back"),
    path("fund/grants/<int:pk>/account/", grant_account, name="grant_account"),
    path("fund/grants/<int:pk>/ended/", grant_ended, name="grant_ended"),
    path("fund/batches/new/", batch_new, name="batch_new"),
    path("fund/batches/<int:pk>/", batch, name="batch"),
    path("fund/batches/<int:pk>/settle/", batch_settle, name="batch_settle"),
    path("fund/batches/<int:pk>/list/", batch_list, name="batch_list"),
    path("fund/batches/<int:pk>/drop/", batch_drop, name="batch_drop"),
    path("fund/batches/<int:pk>/arrived/", batch_arrived, name="batch_arrived"),
    path("fund/batches/<int:pk>/sheet/", batch_sheet, name="batch_sheet"),
    path("fund/payments/<int:pk>/receive/", payment_receive, name="payment_receive"),
    path("fund/payments/<int:pk>/fail/", payment_fail, name="payment_fail"),
    path("fund/payments/<int:pk>/slip/", payment_slip, name="payment_slip"),
]
