"""What is done about medals: drawing up the list, asking for days, a step for many, one added, ended, taken back."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from awards.fifty.listing import add_member, ask_for_days, draw_list, enter_award
from awards.fifty.permits import check_may_run, may_take, takes
from awards.fifty.reading import next_year
from awards.fifty.review import leave_out, stage_before, step_back, take_step, withdraw_medal
from awards.fifty.steps import STEPS
from awards.forms.fifty import AddForm, AwardForm, BackForm, EndForm, StepForm, WithdrawForm, first_day
from awards.models.fifty import Medal
from awards.views.fifty import medal_asked_for, medals_of, place_asked_for, told, year_asked_for
from base.dates import today
from base.once import new_key, once, submitted
from members.asked import member_asked_for, number
from members.models import Organisation
from members.office_forms import ActForm
from members.permissions import check_may_record, check_may_record_about

AGAIN = "这一步刚才已经办好，没有再办一次。"
AT_ONCE = 100
"""Members of one form."""


# The list, and what is missing for it


def _run(request, act: Callable[[Organisation], str], back: str):
    """Do something once for an organisation at which the account runs the medals."""
    place = place_asked_for(request, number(request.POST.get("organisation")))
    check_may_run(request.user, place.path)
    form = ActForm(request.POST)
    form.is_valid()
    try:
        _result, fresh = once(form.cleaned_data.get("once") or new_key(), lambda: act(place))
    except ValidationError as refused:
        messages.warning(request, " ".join(refused.messages))
        return redirect(back)
    if not fresh:
        messages.info(request, AGAIN)
    return redirect(back)


@require_POST
def medals_draw(request, year: int):
    """List all who are eligible and stand on no list."""
    back = reverse("medals_year", args=[year_asked_for(year)])

    def act(place: Organisation) -> str:
        count = draw_list(by=request.user, organisation=place, year=year, today=today())
        said = f"已列入 {count} 人，请所在支部核查。" if count else "够条件的都已在名单里，没有新列入的。"
        messages.success(request, said)
        return back

    return _run(request, act, back)


@require_POST
def fifty_ask(request):
    """Make a duty of every question about a day that has to be settled before June."""
    back = reverse("fifty")

    def act(place: Organisation) -> str:
        count = ask_for_days(by=request.user, organisation=place, today=today())
        said = f"{count} 人的资料已列为待核实，所在支部的应办事项里有了。" if count else "要核实的都已列为待核实。"
        messages.success(request, said)
        return back

    return _run(request, act, back)


# A step for many


def medal_step(request, year: int, code: str):
    """One step for all who wait for it and whom the account may decide about; ``medal`` narrows it to one."""
    account, day, step = request.user, today(), STEPS.get(code)
    if step is None:
        raise Http404
    check_may_record(account)
    here = place_asked_for(request, number(request.GET["organisation"]) if request.GET.get("organisation") else None)
    rows = medals_of(account, year_asked_for(year), here).running().filter(takes(account, committee=step.committee))
    rows = rows.filter(stage=step.after)
    if asked := request.GET.get("medal"):
        rows = rows.filter(pk=number(asked))
    count = rows.count()
    sent = {number(each) for each in request.POST.getlist("seen")}
    chosen = rows.filter(pk__in=sent) if request.method == "POST" else rows
    page = told(account, list(chosen.order_by("organisation__path", "pk")[:AT_ONCE]), day)
    data = request.POST if request.method == "POST" else None
    form = StepForm(data, step=step, rows=page, initial={"once": new_key()} | first_day(step, page, day))
    if where := submitted(request, form, lambda: _take(request, form, sent, year, day), repeated=AGAIN):
        return redirect(where)
    context = {
        "form": form, "step": step, "year": year, "lines": form.lines(), "shared": form.shared, "count": count,
        "most": AT_ONCE, "day": day, "here": here,
    }  # fmt: skip
    return render(request, "awards/medal_step.html", context, status=422 if form.errors else 200)


def _take(request, form: StepForm, sent: set[int], year: int, day) -> str:
    if sent != {row.pk for row in form.rows}:
        raise ValidationError("名单刚才有变动，请重新打开这一页再办。")
    taken = form.taken()
    if taken:
        check = {may_take(request.user, row, committee=form.step.committee) for row in taken}
        if check != {True}:
            raise Http404
    went, out = take_step(by=request.user, step=form.step, medals=taken, said=form.said(), today=day)
    messages.success(request, f"{form.step.label}：{went} 人已办{f'，{out} 人没有往下走' if out else ''}。")
    if len(taken) == 1:
        return reverse("medal", args=[taken[0].pk])
    return reverse("medals_year", args=[year])


# One member


def _about_member(request, page: str, form_class, act: Callable, *, title: str, hint: str):
    """A form about one member of whom the account runs the medals; without a member one is picked."""
    account, day = request.user, today()
    check_may_record(account)
    membership = member_asked_for(request, day)
    context = {"title": title, "hint": hint, "target": page, "again": reverse(page)}
    if membership is None:
        return render(request, "awards/medal_pick.html", context)
    check_may_record_about(account, membership.person)
    check_may_run(account, membership.path)
    data = request.POST if request.method == "POST" else None
    form = form_class(data, initial={"once": new_key(), "member": membership.person_id})

    def done() -> str:
        medal = act(form, membership.person, day)
        return reverse("medal", args=[medal.pk])

    if where := submitted(request, form, done, repeated=AGAIN):
        return redirect(where)
    year = next_year(day)
    context |= {
        "form": form, "membership": membership, "year": year, "fields": form.visible_fields(),
        "known": membership.person.seniority(day.replace(year=year, month=7, day=1)),
    }  # fmt: skip
    return render(request, "awards/medal_new.html", context, status=422 if form.errors else 200)


def medal_new(request):
    """Listing one member, with the day that a person decided where nobody can compute it."""

    def act(form: AddForm, person, day) -> Medal:
        medal = add_member(by=request.user, person=person, year=next_year(day), **form.given(), today=day)
        messages.success(request, f"{person.name}已列入 {medal.year} 年名单，请所在支部核查。")
        return medal

    hint = "名单漏了的、日期要人认定的，先选是哪位党员。"
    return _about_member(request, "medal_new", AddForm, act, title="列入一人", hint=hint)


def award_new(request):
    """Entering a medal that was handed over already."""

    def act(form: AwardForm, person, day) -> Medal:
        medal = enter_award(by=request.user, person=person, award=form.award(), today=day)
        messages.success(request, f"{person.name}的纪念章已登记，以后不再列入。")
        return medal

    hint = "往年已经颁发、还没登记的，先选是哪位党员。多的可以用台账导入。"
    return _about_member(request, "award_new", AwardForm, act, title="登记已颁发", hint=hint)


def _act_on(request, pk: int, form_class, words: dict, act: Callable, *, may: Callable[[Medal], bool]):
    """A form with a reason about one medal."""
    day, found = today(), medal_asked_for(request, pk)
    if not may(found):
        raise PermissionDenied("这一步由党委书记和组织部办理，支部办本支部的；本人的由别人办。")
    data = request.POST if request.method == "POST" else None
    form = form_class(data, initial={"once": new_key(), "on": day})
    back = reverse("medal", args=[pk])

    def done() -> str:
        act(form, found, day)
        messages.success(request, words["done"])
        return back

    if where := submitted(request, form, done, repeated=AGAIN):
        return redirect(where)
    context = {"form": form, "medal": found, "words": words, "back": back, "fields": form.visible_fields()}
    return render(request, "awards/medal_act.html", context, status=422 if form.errors else 200)


def medal_end(request, pk: int):
    """Refusing, deferring, or recording that the member died before."""
    words = {"title": "不予、暂缓或去世未颁发", "button": "登记结论", "done": "结论已登记，可以退回。",
             "hint": "由人判断，写明理由。暂缓的明年仍够条件。"}  # fmt: skip

    def act(form: EndForm, found: Medal, day) -> None:
        leave_out(
            by=request.user, medal=found, **{k: form.cleaned_data[k] for k in ("stage", "on", "reason")}, today=day
        )

    return _act_on(request, pk, EndForm, words, act, may=lambda medal: may_take(request.user, medal, committee=True))


def medal_back(request, pk: int):
    """Taking the last step back: whoever might have taken it."""
    words = {"title": "退回上一步", "button": "退回", "done": "已退回上一步。", "hint": "退回后按原来的顺序再办。"}

    def may(medal: Medal) -> bool:
        last = next((each for each in STEPS.values() if each.to == medal.stage), None)
        committee = last is None or last.committee
        return stage_before(medal) is not None and may_take(request.user, medal, committee=committee)

    def act(form: BackForm, found: Medal, day) -> None:
        step_back(by=request.user, medal=found, reason=form.cleaned_data["reason"], today=day)

    return _act_on(request, pk, BackForm, words, act, may=may)


def medal_withdraw(request, pk: int):
    """Taking back a row that was entered wrongly."""
    words = {
        "title": "撤回这一条",
        "button": "撤回",
        "done": "已撤回。",
        "hint": "登记错了才撤回；撤回后可以重新列入。",
    }

    def act(form: WithdrawForm, found: Medal, day) -> None:
        withdraw_medal(by=request.user, medal=found, reason=form.cleaned_data["reason"], today=day)

    return _act_on(
        request, pk, WithdrawForm, words, act, may=lambda medal: may_take(request.user, medal, committee=True)
    )
