"""What is done with a report on its page: received, answered, sent back, completed, taken back."""

from datetime import timedelta

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from base import audit
from base.dates import today
from base.once import new_key, pressed, submitted
from duties.forms import TAKEN_BACK, WithdrawForm
from ledgers.indicators import Span
from ledgers.reporting.acts import (
    answer,
    check_may_decide,
    check_may_write,
    complete,
    receive,
    send_back,
    take_back,
)
from ledgers.reporting.forms import CompleteForm, ReportAnswerForm, ReportBackForm
from ledgers.reporting.models import Report
from ledgers.reporting.summaries import kept
from ledgers.views.reports import one
from members.office_forms import ActForm

USUAL = timedelta(days=7)
"""Until when it is to be completed before anybody chose."""


def _page(request, template: str, form, found: Report, **more):
    context = {"form": form, "report": found, "back": reverse("report", args=[found.pk]), **more}
    return render(request, f"ledgers/{template}.html", context, status=422 if form.is_bound else 200)


@require_POST
def report_receive(request, pk: int):
    """签收: one button on the report."""
    found = one(request, pk)
    check_may_decide(request.user, found)
    where = pressed(request, ActForm(request.POST), lambda: _receive(request, found))
    return redirect(where or reverse("report", args=[pk]))


def _receive(request, found: Report) -> str:
    receive(by=request.user, report=found, today=today())
    messages.success(request, "已签收。要答复、转报或者请对方补充，在这一页办。")
    return reverse("report", args=[found.pk])


def report_answer(request, pk: int):
    """Answering; a report that waits is received with that."""
    found = one(request, pk)
    check_may_decide(request.user, found)
    form = ReportAnswerForm(request.POST if request.method == "POST" else None, initial={"once": new_key()})
    if where := submitted(request, form, lambda: _answer(form, request, found)):
        return redirect(where)
    audit.write(audit.Act.READ, f"report:{pk}", field="text")
    return _page(request, "report_answer", form, found, text=found.text)


def _answer(form: ReportAnswerForm, request, found: Report) -> str:
    answer(by=request.user, report=found, text=form.cleaned_data["text"], today=today())
    messages.success(request, f"已答复{found.organisation.label}。")
    return reverse("report", args=[found.pk])


def report_back(request, pk: int):
    """退回补充, with what is missing and a day."""
    found, day = one(request, pk), today()
    check_may_decide(request.user, found)
    initial = {"once": new_key(), "due_on": day + USUAL}
    form = ReportBackForm(request.POST if request.method == "POST" else None, initial=initial)
    if where := submitted(request, form, lambda: _back(form, request, found, day)):
        return redirect(where)
    return _page(request, "report_back", form, found)


def _back(form: ReportBackForm, request, found: Report, day) -> str:
    send_back(by=request.user, report=found, **_given(form, "reason", "due_on"), today=day)
    messages.success(request, f"已退回{found.organisation.label}，{form.cleaned_data['due_on']} 前补充。")
    return reverse("report", args=[found.pk])


def _given(form, *names: str) -> dict:
    return {name: form.cleaned_data[name] for name in names}


def report_complete(request, pk: int):
    """Completing what was sent back; a summary takes its figures anew."""
    found, day = one(request, pk), today()
    check_may_write(request.user, found.organisation)
    back = found.sent_back
    initial = {"once": new_key(), "text": found.text}
    form = CompleteForm(request.POST if request.method == "POST" else None, initial=initial)
    if where := submitted(request, form, lambda: _complete(form, request, found, day)):
        return redirect(where)
    audit.write(audit.Act.READ, f"report:{pk}", field="text")
    return _page(request, "report_complete", form, found, reason=back.reason if back else "")


def _complete(form: CompleteForm, request, found: Report, day) -> str:
    summary = found.kind == Report.Kind.SUMMARY
    figures = kept(request.user, found.organisation, Span(found.year, day)) if summary else None
    complete(by=request.user, report=found, text=form.cleaned_data["text"], figures=figures, today=day)
    messages.success(request, f"已重新报给{found.to}，等待签收。")
    return reverse("report", args=[found.pk])


def report_withdraw(request, pk: int):
    """Taking a report back that nobody has received."""
    found = one(request, pk)
    check_may_write(request.user, found.organisation)
    form = WithdrawForm(request.POST if request.method == "POST" else None, initial={"once": new_key()})
    if where := submitted(request, form, lambda: _withdraw(form, request, found), repeated=TAKEN_BACK):
        return redirect(where)
    return _page(request, "report_withdraw", form, found)


def _withdraw(form: WithdrawForm, request, found: Report) -> str:
    take_back(by=request.user, report=found, reason=form.cleaned_data["reason"], today=today())
    messages.success(request, "已撤回这份报告，上级那里的待办一并取消。")
    return reverse("report", args=[found.pk])
