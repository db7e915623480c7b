"""The campaign as a whole: budget and standards, the next step, the summary."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from base import audit
from base.dates import today
from base.once import new_key, submitted
from duties.tasks import tasks_of
from members.office_forms import SaysAll
from members.views.acts import bound, carried_out, status_of
from visits.campaigns.drafting import draft
from visits.campaigns.names import ask_branches, confirm_source
from visits.campaigns.naming import BY_HAND
from visits.campaigns.permits import check_may_run, may_run
from visits.campaigns.reading import by_branch, figures, of_group, summary_words
from visits.campaigns.running import close, decide, not_ready, step_back, why_not_back
from visits.campaigns.sums import budget_lines, groups_for, set_plan
from visits.forms.campaigns import AskForm, BackForm, CloseForm, DecideForm, PlanForm
from visits.models import Campaign, Candidate
from visits.views.campaigns import campaign_asked_for, open_groups, reader_of, sees_all, tally

RETURNED = 200
"""Names returned that the summary lists."""


def campaign_plan(request, pk: int):
    """The budget by source and what each group is to have."""
    account, day = request.user, today()
    found = campaign_asked_for(request, pk)
    check_may_run(account, found.organisation)
    data = request.POST if request.method == "POST" else None
    groups = groups_for(found)
    form = PlanForm(data, campaign=found, groups=groups, initial={"once": new_key()})

    def done() -> str:
        set_plan(by=account, campaign=found, **form.plan(), today=day)
        messages.success(request, "预算和标准已保存，没有单独定过金额的人都按标准算好了。")
        return reverse("campaign", args=[found.pk])

    if where := submitted(request, form, done):
        return redirect(where)
    listed = found.candidates.listed()
    lines = [(group, fields, of_group(listed, group).count()) for group, fields in form.lines()]
    context = {"form": form, "campaign": found, "lines": lines, "budgets": form.budgets()}
    return render(request, "visits/campaign_plan.html", context, status=422 if form.errors else 200)


def campaign_act(request, pk: int):
    """What comes next, each a form of its own: asking the branches, drafting once more, what the meeting decided."""
    account, day = request.user, today()
    found = campaign_asked_for(request, pk)
    check_may_run(account, found.organisation)
    forms = {}
    if found.drafting:
        forms["ask"] = bound(request, "ask", AskForm, initial={"due_on": max(day, found.confirm_by or day)})
        forms["decide"] = bound(request, "decide", DecideForm, initial={"on": day})
    if found.drafting or found.stage == Campaign.Stage.CALLED_OFF:
        forms["again"] = bound(request, "again", SaysAll)
    acts = {
        "ask": lambda form: _ask(request, found, form, day),
        "decide": lambda form: _decide(request, found, form, day),
        "again": lambda form: _again(request, found, day),
    }
    if where := carried_out(request, forms, acts):
        return redirect(where)
    running = [task for task in tasks_of(confirm_source(found), today=day) if task.running]
    context = {
        "campaign": found, "forms": forms, "counts": tally(found.candidates.all()), "day": day, "asked": running,
        "branches": by_branch(found.candidates.unconfirmed()), "why_not_ready": not_ready(found, day),
    }  # fmt: skip
    return render(request, "visits/campaign_act.html", context, status=status_of(forms))


def _ask(request, campaign: Campaign, form: AskForm, day) -> str:
    asked = ask_branches(by=request.user, campaign=campaign, due_on=form.cleaned_data["due_on"], today=day)
    said = [f"已请 {asked.tasks} 个支部确认"] if asked.tasks else []
    said += [f"{asked.moved} 个支部在办的期限改了"] if asked.moved else []
    said = "，".join(said) or "要确认的支部都已经请过，任务还在办"
    messages.success(request, f"{said}，{form.cleaned_data['due_on']:%m-%d} 前。")
    if asked.without:
        labels = "、".join(each.label for each in asked.without[:5])
        messages.warning(request, f"{labels}和上级没有书记可请，请在“各支部确认”里代为确认。")
    return reverse("campaign", args=[campaign.pk])


def _decide(request, campaign: Campaign, form: DecideForm, day) -> str:
    given = form.cleaned_data
    decide(by=request.user, campaign=campaign, on=given["on"], minutes=given["minutes"], today=day)
    messages.success(request, f"集体研究已登记，名单和金额定下来了。走访人要在 {campaign.deliver_by:%m-%d} 前发到手。")
    return reverse("campaign", args=[campaign.pk])


def _again(request, campaign: Campaign, day) -> str:
    draft(
        by=request.user, organisation=campaign.organisation, occasion=campaign.occasion, year=campaign.year, today=day
    )
    messages.success(request, "已按今天的台账和制度重新摸底，人工定过的没有动。")
    return reverse("campaign", args=[campaign.pk])


def campaign_summary(request, pk: int):
    """What became of it, in numbers and words; whoever leads it closes it here."""
    account, day = request.user, today()
    found = get_object_or_404(Campaign.objects.visible_to(account).select_related("organisation"), pk=pk)
    if not sees_all(account, found):
        raise Http404
    forms = {}
    if found.paying and may_run(account, found.organisation):
        forms["close"] = bound(request, "close", CloseForm, initial={"summary": found.summary})
    if where := carried_out(request, forms, {"close": lambda form: _close(request, found, form, day)}):
        return redirect(where)
    reader = reader_of(account, found)
    back = Candidate.objects.visible_to(account).of(found).listed().filter(returned_on__isnull=False)
    back = list(back.select_related("person", "organisation", "campaign").order_by("path", "pk")[:RETURNED])
    for row in back:
        row.reads = row.person_id != account.person_id and may_run(account, found.organisation)
    if found.summary and may_run(account, found.organisation):
        audit.write(audit.Act.READ, f"campaign:{found.pk}", field="summary")
    context = {
        "campaign": found, "figures": figures(found), "said": summary_words(found), "sources": budget_lines(found),
        "groups": _by_group(reader, found), "branches": by_branch(found.candidates.all()), "returned": back,
        "form": forms.get("close"), "may_read": may_run(account, found.organisation), "day": day,
    }  # fmt: skip
    return render(request, "visits/campaign_summary.html", context, status=status_of(forms))


def _by_group(reader, campaign: Campaign) -> list[tuple[str, dict]]:
    """The names of each group in numbers: those whom two groups name are counted in both."""
    groups = [*open_groups(reader, campaign), BY_HAND]
    counted = [(group.label, tally(of_group(campaign.candidates.all(), group))) for group in groups]
    return [(label, counts) for label, counts in counted if counts["listed"]]


def _close(request, campaign: Campaign, form: CloseForm, day) -> str:
    close(by=request.user, campaign=campaign, summary=form.cleaned_data["summary"], today=day)
    messages.success(request, f"{campaign.title}已收尾，名单和金额留档，节日慰问台账里都有。")
    return reverse("campaign_summary", args=[campaign.pk])


def campaign_back(request, pk: int):
    """Taking the last step of a campaign back, with a reason; what cannot be taken back says why."""
    account, day = request.user, today()
    found = campaign_asked_for(request, pk)
    check_may_run(account, found.organisation)
    data = request.POST if request.method == "POST" else None
    form = BackForm(data, initial={"once": new_key(), "seen": found.stage})

    def done() -> str:
        given = form.cleaned_data
        made = step_back(by=account, campaign=found, reason=given["reason"], seen=given["seen"], today=day)
        messages.success(request, f"已撤回，{made.title}现在是“{made.get_stage_display()}”。")
        return reverse("campaign", args=[found.pk])

    if where := submitted(request, form, done):
        return redirect(where)
    context = {"form": form, "campaign": found, "why_not": why_not_back(found)}
    return render(request, "visits/campaign_back.html", context, status=422 if form.errors else 200)
