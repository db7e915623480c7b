"""The steps of a selection by whoever leads it: asking, closing, review, meeting, notice, award, and back."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse

from awards.forms.selection import AskForm, AwardForm, BackForm, DecideForm, NoticeForm, ReviewForm
from awards.models import Nominee, Selection
from awards.selecting.awarding import award, dead_of, step_back, why_not_award, why_not_back
from awards.selecting.deciding import MAY_DECIDE, at_the_table, decide, electable, left_of, nominees_of, review
from awards.selecting.noticing import post_notice
from awards.selecting.opening import ask_branches, close_nominations, not_ready, running_tasks
from awards.selecting.permits import check_may_review, check_may_run, is_self, may_review
from awards.selecting.reading import offered_heads, tally, with_facts
from awards.views.selection import selection_asked_for
from base.dates import today
from base.once import answered, new_key, submitted
from members.office_forms import SaysAll
from members.views.acts import DONE, bound, carried_out, status_of

Stage = Selection.Stage


def selection_act(request, pk: int):
    """What comes next, each a form of its own: asking the branches and closing, posting the notice, the award."""
    account, day = request.user, today()
    found = selection_asked_for(request, pk)
    check_may_run(account, found)
    if where := answered(request, repeated=DONE):
        return redirect(where)
    forms = {}
    if found.stage == Stage.OPEN:
        forms["ask"] = bound(request, "ask", AskForm, initial={"due_on": max(day, found.nominate_by)})
        forms["close"] = bound(request, "close", SaysAll)
    if found.stage == Stage.DECIDED:
        forms["notice"] = bound(request, "notice", NoticeForm, initial={"from_on": day})
    if found.stage == Stage.NOTICE:
        offered = offered_heads(found.organisation, day)
        more = {"offered": offered, "dead": dead_of(found, day)}
        forms["award"] = bound(request, "award", AwardForm, **more, initial={"on": day})
    acts = {
        "ask": lambda form: _ask(request, found, form, day),
        "close": lambda form: _close(request, found, day),
        "notice": lambda form: _notice(request, found, form, day),
        "award": lambda form: _award(request, found, form, day),
    }
    if where := carried_out(request, forms, acts):
        return redirect(where)
    context = {
        "selection": found, "forms": forms, "day": day,
        "counts": tally(Nominee.objects.visible_to(account).filter(title__selection=found)),
        "running": running_tasks(found, day) if found.nominating else [],
        "why_not_ready": not_ready(found) if found.nominating else [],
        "why_not_award": why_not_award(found, day) if found.stage == Stage.NOTICE else [],
    }  # fmt: skip
    return render(request, "awards/selection_act.html", context, status=status_of(forms))


def _ask(request, found: Selection, form: AskForm, day) -> str:
    asked = ask_branches(by=request.user, selection=found, due_on=form.cleaned_data["due_on"], today=day)
    said = [f"已请 {asked.tasks} 个党组织推荐"] if asked.tasks else []
    said += [f"{asked.moved} 个在办的期限改了"] if asked.moved else []
    said = "，".join(said) or "要请的都请过了，任务还在办"
    messages.success(request, f"{said}，{form.cleaned_data['due_on']:%m-%d} 前。")
    if asked.without:
        labels = "、".join(each.label for each in asked.without[:5])
        messages.warning(request, f"{labels}和上级没有书记可请，请在“推荐”里代为录入。")
    return reverse("selection", args=[found.pk])


def _close(request, found: Selection, day) -> str:
    close_nominations(by=request.user, selection=found, today=day)
    messages.success(request, "推荐已截止，请复核。没有办的推荐任务已收回。")
    return reverse("selection", args=[found.pk])


def _notice(request, found: Selection, form: NoticeForm, day) -> str:
    given = {name: value for name, value in form.cleaned_data.items() if name != "once"}
    made = post_notice(by=request.user, selection=found, **given, today=day)
    hangs = "请打印张贴；系统里党员登录后看得到。" if made.until_on >= day else ""
    messages.success(request, f"公示已登记，到 {made.until_on} 期满。{hangs}")
    return reverse("selection_notice", args=[made.pk])


def _award(request, found: Selection, form: AwardForm, day) -> str:
    given = {name: value for name, value in form.cleaned_data.items() if name != "once"}
    award(by=request.user, selection=found, **given, today=day)
    messages.success(request, "表彰已登记，荣誉已记到每个人和每个党组织名下，本年评选的应办也办结了。")
    return reverse("selection", args=[found.pk])


def selection_review(request, pk: int):
    """All nominees of each title side by side, with what selectors have to know; a person decides on each."""
    account, day = request.user, today()
    found = selection_asked_for(request, pk)
    check_may_review(account, found)
    states = (Nominee.State.NOMINATED, Nominee.State.PASSED, Nominee.State.FAILED)
    everybody = with_facts(list(nominees_of(found, *states)) if found.stage == Stage.REVIEW else [], day)
    rows = [row for row, _facts in everybody if not is_self(account, row)]
    data = request.POST if request.method == "POST" else None
    form = ReviewForm(data, rows=rows, initial={"once": new_key()})

    def done() -> str:
        passed = review(by=account, selection=found, said=form.said(), today=day)
        messages.success(request, f"复核已保存，通过 {passed} 个。")
        return reverse("selection", args=[found.pk])

    if where := submitted(request, form, done):
        return redirect(where)
    facts = {row.pk: known for row, known in everybody}
    context = {
        "selection": found, "form": form, "own": len(everybody) > len(rows),
        "lines": [(row, facts[row.pk], verdict, why) for row, verdict, why in form.lines()],
    }  # fmt: skip
    return render(request, "awards/selection_review.html", context, status=422 if form.errors else 200)


def selection_decide(request, pk: int):
    """One meeting decides on all who passed; a further one fills a place that became free."""
    account, day = request.user, today()
    found = selection_asked_for(request, pk)
    check_may_run(account, found)
    rows = list(electable(found)) if found.stage in MAY_DECIDE else []
    data = request.POST if request.method == "POST" else None
    form = DecideForm(data, rows=rows, initial={"once": new_key(), "on": day})

    def done() -> str:
        made = decide(by=account, selection=found, held=form.held(), said=form.said(), today=day)
        messages.success(request, f"{made.body}的决定已登记，接下来公示。")
        return reverse("selection", args=[found.pk])

    if where := submitted(request, form, done):
        return redirect(where)
    facts = {row.pk: known for row, known in with_facts(rows, day)}
    left, table = left_of(found), at_the_table(found, rows, day)
    context = {
        "selection": found, "form": form, "further": found.stage != Stage.REVIEW,
        "sees": may_review(account, found),
        "titles": [(title, left[title.pk]) for title in found.titles.order_by("position")],
        "lines": [(line[0], facts[line[0].pk], line[0].person_id in table, *line[1:]) for line in form.lines()],
    }  # fmt: skip
    return render(request, "awards/selection_decide.html", context, status=422 if form.errors else 200)


def selection_back(request, pk: int):
    """Taking the last step back, with a reason; what cannot be taken back says why."""
    account, day = request.user, today()
    found = selection_asked_for(request, pk)
    check_may_run(account, found)
    data = request.POST if request.method == "POST" else None
    form = BackForm(data, initial={"once": new_key(), "seen": found.stage})

    def done() -> str:
        given = form.cleaned_data
        made = step_back(by=account, selection=found, reason=given["reason"], seen=given["seen"], today=day)
        messages.success(request, f"已撤回，{made.title}现在是“{made.get_stage_display()}”。")
        return reverse("selection", args=[found.pk])

    if where := submitted(request, form, done):
        return redirect(where)
    context = {"form": form, "selection": found, "why_not": why_not_back(found)}
    return render(request, "awards/selection_back.html", context, status=422 if form.errors else 200)
