"""Addresses of the special care fund."""

from django.urls import path

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
from fund.views.runs import run, run_decide, run_drop, run_new, runs

urlpatterns = [
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
    path("fund/runs/", runs, name="runs"),
    path("fund/runs/new/", run_new, name="run_new"),
    path("fund/runs/<int:pk>/", run, name="run"),
    path("fund/runs/<int:pk>/decide/", run_decide, name="run_decide"),
    path("fund/runs/<int:pk>/drop/", run_drop, name="run_drop"),
]
