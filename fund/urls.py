"""Addresses of the fund."""

from django.urls import path

from fund.views.applications import (
    applications,
    applications_pass,
)
from fund.views.applying import (
    application_edit,
    application_new,
    application_submit,
    application_withdraw,
)
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
from fund.views.books import (
    fund,
    fund_budget,
    fund_new,
    fund_uses,
)
from fund.views.checks import (
    book_check_ask,
    book_checks,
)
from fund.views.evidence import (
    application_picture,
    application_picture_add,
    application_picture_remove,
)
from fund.views.income import (
    donation_certificate,
    donation_receipt,
    fund_donors,
    fund_income,
    fund_pass_down,
)
from fund.views.journal import (
    journal,
    voucher,
    voucher_print,
    voucher_reverse,
)
from fund.views.meetings import (
    meeting,
    meeting_new,
    meeting_papers,
    meeting_print,
    meetings,
)
from fund.views.notices import (
    notice,
    notice_finish,
    notice_new,
    notice_print,
    notice_result,
    notices,
    objection_answer,
    objection_new,
)
from fund.views.own import (
    my_application,
    my_applications,
)
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
from fund.views.printing import (
    application_print,
)
from fund.views.public import (
    public_notice,
    public_notices,
)
from fund.views.regulation import (
    fund_regulation,
    fund_regulation_follow,
)
from fund.views.relief import (
    relief,
    relief_step,
    reliefs,
)
from fund.views.relief_filing import (
    relief_edit,
    relief_end,
    relief_new,
    relief_print,
    relief_reveal,
    relief_stop,
    relief_withdraw,
)
from fund.views.reviewing import (
    application,
    application_reveal,
    application_step,
)
from fund.views.runs import (
    run,
    run_decide,
    run_drop,
    run_new,
    runs,
)
from fund.views.statement import (
    fund_bank,
    fund_bank_new,
    fund_statement,
)

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
    path("me/applications/", my_applications, name="my_applications"),
    path("me/applications/<int:pk>/", my_application, name="my_application"),
    path("fund/applications/new/", application_new, name="application_new"),
    path("fund/applications/<int:pk>/edit/", application_edit, name="application_edit"),
    path("fund/applications/<int:pk>/submit/", application_submit, name="application_submit"),
    path("fund/applications/<int:pk>/withdraw/", application_withdraw, name="application_withdraw"),
    path("fund/applications/<int:pk>/print/", application_print, name="application_print"),
    path("fund/applications/<int:pk>/pictures/new/", application_picture_add, name="application_picture_add"),
    path("fund/applications/<int:pk>/pictures/<int:picture>/", application_picture, name="application_picture"),
    path(
        "fund/applications/<int:pk>/pictures/<int:picture>/remove/",
        application_picture_remove,
        name="application_picture_remove",
    ),
    path("fund/meetings/", meetings, name="meetings"),
    path("fund/meetings/new/", meeting_new, name="meeting_new"),
    path("fund/meetings/papers/", meeting_papers, name="meeting_papers"),
    path("fund/meetings/<int:pk>/", meeting, name="meeting"),
    path("fund/meetings/<int:pk>/print/", meeting_print, name="meeting_print"),
    path("fund/notices/", notices, name="notices"),
    path("fund/notices/new/", notice_new, name="notice_new"),
    path("fund/notices/<int:pk>/", notice, name="notice"),
    path("fund/notices/<int:pk>/print/", notice_print, name="notice_print"),
    path("fund/notices/<int:pk>/finish/", notice_finish, name="notice_finish"),
    path("fund/notices/<int:pk>/result/", notice_result, name="notice_result"),
    path("fund/notices/<int:pk>/lines/<int:line>/objections/new/", objection_new, name="objection_new"),
    path("fund/notices/<int:pk>/objections/<int:objection>/", objection_answer, name="objection_answer"),
    path("fund/regulation/", fund_regulation, name="fund_regulation"),
    path("fund/<int:pk>/regulation/", fund_regulation_follow, name="fund_regulation_follow"),
    path("notices/", public_notices, name="public_notices"),
    path("notices/<str:token>/", public_notice, name="public_notice"),
    path("fund/runs/", runs, name="runs"),
    path("fund/runs/new/", run_new, name="run_new"),
    path("fund/runs/<int:pk>/", run, name="run"),
    path("fund/runs/<int:pk>/decide/", run_decide, name="run_decide"),
    path("fund/runs/<int:pk>/drop/", run_drop, name="run_drop"),
    path("fund/reliefs/", reliefs, name="reliefs"),
    path("fund/reliefs/new/", relief_new, name="relief_new"),
    path("fund/reliefs/<int:pk>/", relief, name="relief"),
    path("fund/reliefs/<int:pk>/steps/", relief_step, name="relief_step"),
    path("fund/reliefs/<int:pk>/edit/", relief_edit, name="relief_edit"),
    path("fund/reliefs/<int:pk>/withdraw/", relief_withdraw, name="relief_withdraw"),
    path("fund/reliefs/<int:pk>/stop/", relief_stop, name="relief_stop"),
    path("fund/reliefs/<int:pk>/end/", relief_end, name="relief_end"),
    path("fund/reliefs/<int:pk>/reveal/", relief_reveal, name="relief_reveal"),
    path("fund/reliefs/<int:pk>/print/", relief_print, name="relief_print"),
]
