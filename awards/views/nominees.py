"""Pages of nominees: a branch nominates, the general branch recommends, and all there is to one nominee."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from awards.forms.selection import (
    AnswerForm,
    EndorseForm,
    NominateForm,
    ObjectForm,
    ReasonForm,
    UpwardForm,
    told_apart,
)
from awards.models import Nominee, Selection, SelectionTitle
from awards.selecting.awarding import recommend_upward
from awards.selecting.facts import facts_of
from awards.selecting.nominating import endorse, finish_nominating, nominate, withdraw_nomination
from awards.selecting.noticing import answer, object_to, remove
from awards.selecting.opening import nominate_source
from awards.selecting.permits import is_self, may_act_for, may_read_review, may_run
from awards.selecting.places import shares
from awards.selecting.reading import (
    endorsers_for,
    objections_of,
    offered_members,
    offered_organisations,
    places_for,
    selections_above,
    shares_for,
    with_words,
)
from awards.views.selection import selection_asked_for
from base.dates import today
from base.once import answered, new_key, submitted
from duties.tasks import tasks_of
from members.asked import number
from members.models import Organisation
from members.office_forms import SaysAll
from members.permissions import check_may_record
from members.views.acts import DONE, bound, carried_out, status_of

State = Nominee.State


def selection_nominate(request, pk: int):
    """The places of one's own organisations; with a title and an organisation named, the form of a nomination."""
    account, day = request.user, today()
    check_may_record(account)
    found = selection_asked_for(request, pk)
    if where := answered(request):
        return redirect(where)
    place, title = _place(request, found, day), _title(request, found)
    if place and title and found.nominating:
        return _nomination(request, place, title, day)
    mine = shares_for(account, found, day)
    running = {task.event.organisation_id for task in tasks_of(nominate_source(found), today=day) if task.running}
    places = list(dict.fromkeys(share.organisation for share in mine if share.organisation.pk in running))
    forms = {f"through-{each.pk}": bound(request, f"through-{each.pk}", SaysAll) for each in places}
    acts = {f"through-{each.pk}": _through(request, found, each, day) for each in places}
    if found.nominating and (where := carried_out(request, forms, acts)):
        return redirect(where)
    groups = [(each, [s for s in mine if s.organisation == each], forms.get(f"through-{each.pk}"))
              for each in dict.fromkeys(share.organisation for share in mine)]  # fmt: skip
    context = {"selection": found, "groups": groups, "day": day}
    return render(request, "awards/selection_nominate_pick.html", context, status=status_of(forms))


def _place(request, found: Selection, day) -> Organisation | None:
    if not (asked := request.POST.get("organisation") or request.GET.get("organisation")):
        return None
    pk = number(asked)
    place = next((each for each in places_for(request.user, found, day) if each.pk == pk), None)
    if place is None:
        raise Http404
    return place


def _title(request, found: Selection) -> SelectionTitle | None:
    if not (asked := request.POST.get("title") or request.GET.get("title")):
        return None
    return get_object_or_404(found.titles.select_related("selection"), pk=number(asked))


def _through(request, found: Selection, place: Organisation, day):
    def done(form) -> str:
        finish_nominating(by=request.user, selection=found, nominator=place, today=day)
        messages.success(request, f"{place.label}推荐完毕，任务已办结。")
        return reverse("selection", args=[found.pk])

    return done


def _nomination(request, place: Organisation, title: SelectionTitle, day):
    account, found = request.user, title.selection
    share = next(each for each in shares(found, [place]) if each.title == title)
    people = offered_members(place, title, day).exclude(pk=account.person_id)
    offered = people if title.of_members else offered_organisations(place, title, day)
    label = told_apart if title.of_members else (lambda each: each.label)
    data = request.POST if request.method == "POST" else None
    form = NominateForm(data, offered=offered, label=label, initial={"once": new_key(), "on": day})

    def done() -> str:
        made = nominate(
            by=account, title=title, nominator=place, subject=form.cleaned_data["subject"], met=form.met(),
            deeds=form.cleaned_data["deeds"], today=day,
        )  # fmt: skip
        then = "，等总支审核" if made.waits else ""
        messages.success(request, f"已推荐{made.whom}为“{title.name}”{then}。")
        return reverse("selection_nominate", args=[found.pk])

    if where := submitted(request, form, done):
        return redirect(where)
    context = {"form": form, "selection": found, "title": title, "place": place, "share": share}
    return render(request, "awards/selection_nominate.html", context, status=422 if form.errors else 200)


def selection_endorse(request, pk: int):
    """Who waits for the general branch: recommended in its order, or not, with the reason."""
    account, day = request.user, today()
    check_may_record(account)
    found = selection_asked_for(request, pk)
    if where := answered(request):
        return redirect(where)
    places = endorsers_for(account, found) if found.nominating else []
    asked = request.POST.get("place") or request.GET.get("place")
    here = places[0] if len(places) == 1 else next((each for each in places if str(each.pk) == asked), None)
    waiting = Nominee.objects.visible_to(account).waiting().filter(title__selection=found, endorser=here)
    rows = list(with_words(waiting).order_by("title__position", "path", "pk")) if here else []
    form = EndorseForm(
        request.POST if request.method == "POST" else None, rows=[row for row in rows if not is_self(account, row)],
        initial={"once": new_key(), "on": day},
    )  # fmt: skip

    def done() -> str:
        given = form.cleaned_data
        yes = endorse(by=account, selection=found, place=here, on=given["on"], minutes=given["minutes"],
                      said=form.said(), today=day)  # fmt: skip
        messages.success(request, f"{here.label}推荐 {yes} 个。")
        return reverse("selection", args=[found.pk])

    if here and (where := submitted(request, form, done)):
        return redirect(where)
    context = {
        "form": form, "selection": found, "here": here, "places": places, "lines": form.lines(),
        "own": len(rows) > len(form.rows),
    }  # fmt: skip
    return render(request, "awards/selection_endorse.html", context, status=422 if form.errors else 200)


def nominee(request, pk: int):
    """One nominee, with what can be done about him now: taking him back or off, objections, upward."""
    account, day = request.user, today()
    rows = Nominee.objects.visible_to(account)
    found = get_object_or_404(with_words(rows), pk=pk)
    if where := answered(request, repeated=DONE):
        return redirect(where)
    selection, said = found.title.selection, objections_of(found) if _leads(account, found) else []
    forms = _forms(request, account, found, said, day)
    acts = {
        "withdraw": lambda form: _withdraw(request, found, form, day),
        "remove": lambda form: _remove(request, found, form, day),
        "object": lambda form: _object(request, found, form, day),
        "upward": lambda form: _upward(request, found, form, day),
        **{f"answer-{each.pk}": _answer(request, found, each, day) for each in said},
    }  # fmt: skip
    if where := carried_out(request, forms, acts):
        return redirect(where)
    reads = may_read_review(account, found, selection)
    facts = facts_of([found], selection.awarded_on or day)[found.pk]
    context = {
        "nominee": found, "selection": selection, "title": found.title, "day": day, "forms": forms, "facts": facts,
        "flags": facts.flags_for(reads) if _leads(account, found) else [], "reads": reads,
        "objections": [(each, forms.get(f"answer-{each.pk}")) for each in said],
        "may_open": Selection.objects.visible_to(account).filter(pk=selection.pk).exists(),
        "why": found.ended_words if reads or _nominates(account, found) else "",
    }  # fmt: skip
    return render(request, "awards/nominee.html", context, status=status_of(forms))


def _leads(account, found: Nominee) -> bool:
    """Who leads the selection, of anybody but himself."""
    return may_run(account, found.title.selection) and not is_self(account, found)


def _nominates(account, found: Nominee) -> bool:
    """Who enters what the organisation nominates, of anybody but himself."""
    return may_act_for(account, found.nominator) and not is_self(account, found)


def _forms(request, account, found: Nominee, said, day) -> dict:
    selection, forms = found.title.selection, {}
    if found.state == State.NOMINATED and selection.nominating and may_act_for(account, found.nominator):
        forms["withdraw"] = bound(request, "withdraw", ReasonForm)
    if not _leads(account, found):
        return forms
    if found.state == State.CHOSEN and not selection.ended:
        forms["remove"] = bound(request, "remove", ReasonForm)
        if found.notice:
            forms["object"] = bound(request, "object", ObjectForm, initial={"received_on": day})
    if found.state in (State.CHOSEN, State.AWARDED) and not found.raised_on:
        offered = selections_above(selection.organisation, day)
        initial = {"on": day, "title": found.title.name}
        forms["upward"] = bound(request, "upward", UpwardForm, offered=offered, initial=initial)
    for each in said:
        if each.answered_on is None and not selection.ended:
            forms[f"answer-{each.pk}"] = bound(request, f"answer-{each.pk}", AnswerForm)
    return forms


def _withdraw(request, found: Nominee, form, day) -> str:
    withdraw_nomination(by=request.user, nominee=found, reason=form.cleaned_data["reason"], today=day)
    messages.success(request, f"已撤回对{found.whom}的推荐，名额空出来了。")
    return reverse("selection_nominate", args=[found.title.selection_id])


def _remove(request, found: Nominee, form, day) -> str:
    remove(by=request.user, nominee=found, reason=form.cleaned_data["reason"], today=day)
    messages.success(request, f"{found.whom}已取消。空出的名额可以再开会补上。")
    return reverse("selection", args=[found.title.selection_id])


def _object(request, found: Nominee, form, day) -> str:
    given = {name: form.cleaned_data[name] for name in ("received_on", "said_by", "words")}
    object_to(by=request.user, nominee=found, **given, today=day)
    messages.success(request, "异议已登记，答复以前不能表彰。")
    return reverse("nominee", args=[found.pk])


def _answer(request, found: Nominee, objection, day):
    def done(form) -> str:
        upheld = form.cleaned_data["upheld"] == "yes"
        answer(by=request.user, objection=objection, upheld=upheld, words=form.cleaned_data["answer"], today=day)
        messages.success(request, f"异议已答复，{found.whom}已取消。" if upheld else "异议已答复，不影响表彰。")
        return reverse("nominee", args=[found.pk])

    return done


def _upward(request, found: Nominee, form, day) -> str:
    given = {name: form.cleaned_data[name] for name in ("upper", "to", "on", "title")}
    made = recommend_upward(by=request.user, nominee=found, **given, today=day)
    messages.success(request, f"已推荐到{made.raised_to}，推荐审批表可以打印。")
    return reverse("nominee", args=[found.pk])


@require_safe
def nominee_print(request, pk: int):
    """推荐审批表 of one nominee, A4."""
    account, day = request.user, today()
    found = get_object_or_404(with_words(Nominee.objects.visible_to(account)), pk=pk)
    if found.state == State.WITHDRAWN:
        raise PermissionDenied("推荐已经撤回，不再打印推荐审批表。")
    context = {
        "nominee": found, "selection": found.title.selection, "title": found.title, "day": day,
        "facts": facts_of([found], found.title.selection.awarded_on or day)[found.pk],
    }  # fmt: skip
    return render(request, "awards/nominee_print.html", context)
