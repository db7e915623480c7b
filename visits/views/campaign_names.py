"""What is done to names of a campaign: ticked ones together, one added, one listed again, a branch saying yes."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from base.dates import today
from base.once import new_key, submitted
from members.asked import member_asked_for, number
from members.enums import Capability
from members.models import Organisation
from members.office_forms import SaysAll
from members.permissions import check_may_record, check_may_record_about
from visits.campaigns.going import visitors_for
from visits.campaigns.handing import give_back, keep_after_all
from visits.campaigns.locking import NOBODY
from visits.campaigns.names import add_by_hand, confirm_names, restore, strike
from visits.campaigns.permits import check_may_run, may_run
from visits.campaigns.reading import by_branch, with_prior_aid, with_words
from visits.campaigns.sums import assign
from visits.forms.campaigns import AddForm, CampaignFilter, ConfirmForm, SumForm, VisitorForm, WhyForm
from visits.models import Campaign, Candidate
from visits.views.campaigns import campaign_asked_for, reader_of, told

AGAIN = "这一步刚才已经办好，没有再办一次。"


# Ticked names


@dataclass(frozen=True)
class NamesAct:
    """What can be done to ticked names: how its page and its button are called, and how it is done and told."""

    title: str
    button: str
    hint: str
    form: type[forms.Form]
    do: Callable[..., str]


def _assign(form, names: list[Candidate], account, day) -> str:
    count = assign(by=account, candidates=names, **form.given(), today=day)
    return f"已安排 {count} 人。"


def _strike(form, names: list[Candidate], account, day) -> str:
    for each in names:
        strike(by=account, candidate=each, reason=form.cleaned_data["reason"], today=day)
    return f"{len(names)} 人改为不列入，写在“未列入”里，可以再列入。"


def _give_back(form, names: list[Candidate], account, day) -> str:
    count = give_back(by=account, candidates=names, reason=form.cleaned_data["reason"], today=day)
    return f"{count} 人的已登记退回，不再算没发到。"


ACTS = {
    "visitor": NamesAct(
        "定走访人", "安排", "走访人能在“登记发放”里看到要去的人，节前一天到期，会提醒。", VisitorForm, _assign
    ),
    "sum": NamesAct("定金额慰问品", "保存", "给这几个人单独定，不再随标准变；集体研究以后不能改。", SumForm, _assign),
    "strike": NamesAct("不列入", "不列入", "写明理由，列在“未列入”里，随时可以再列入。", WhyForm, _strike),
    "return": NamesAct("登记退回", "登记退回", "发不出去的退回原来的来源，写明原因。", WhyForm, _give_back),
}


def _back(request, campaign: Campaign) -> str:
    """The list as it was when the names were ticked."""
    kept = dict(parse_qsl(request.POST.get("back", "")[:300]))
    names = set(CampaignFilter.base_fields) - {"q"}  # a name is kept nowhere
    query = urlencode({key: value for key, value in kept.items() if key in names})
    where = reverse("campaign", args=[campaign.pk])
    return f"{where}?{query}" if query and len(query) < 150 else where


def campaign_names(request, pk: int):
    """The ticked names: who visits them, what they are to have, why not, why it comes back."""
    account, day = request.user, today()
    found = campaign_asked_for(request, pk)
    check_may_run(account, found.organisation)
    back, act = _back(request, found), ACTS.get(request.POST.get("act", ""))
    numbers = {number(each) for each in request.POST.getlist("name")}
    if act is None or not numbers:
        if request.method == "POST":
            messages.warning(request, NOBODY)
        return redirect(back)
    names = list(
        with_words(Candidate.objects.visible_to(account).of(found)).filter(pk__in=numbers).order_by("path", "pk")
    )
    if len(names) != len(numbers):
        raise Http404
    data = None if "ask" in request.POST else request.POST
    offered = {"offered": visitors_for(names, account, day)} if act.form is VisitorForm else {}
    form = act.form(data, **offered, initial={"once": new_key()})

    def done() -> str:
        messages.success(request, act.do(form, names, account, day))
        return back

    if where := submitted(request, form, done, repeated=AGAIN):
        return redirect(where)
    context = {
        "form": form, "act": act, "code": request.POST["act"], "names": names, "campaign": found, "cancel_url": back,
        "back": request.POST.get("back", "")[:300], "fields": form.visible_fields(),
    }  # fmt: skip
    return render(request, "visits/campaign_names.html", context, status=422 if form.errors else 200)


# One name


def campaign_add(request, pk: int):
    """Adding somebody whom no rule names, with the reason: the committee, or a branch that suggests one of its own."""
    account, day = request.user, today()
    check_may_record(account)
    found = campaign_asked_for(request, pk)
    membership = member_asked_for(request, day)
    context = {"campaign": found, "target": f"campaign:{found.pk}", "runs": may_run(account, found.organisation)}
    if membership is None:
        return render(request, "visits/campaign_add_pick.html", context)
    check_may_record_about(account, membership.person)
    data = request.POST if request.method == "POST" else None
    form = AddForm(data, initial={"once": new_key(), "member": membership.person_id})

    def done() -> str:
        given = {"person": membership.person, "reason": form.cleaned_data["reason"]}
        add_by_hand(by=account, campaign=found, **given, today=day)
        messages.success(request, f"{membership.person.name}已加入名单，写明是手工加入。")
        return reverse("campaign", args=[found.pk])

    if where := submitted(request, form, done, repeated=AGAIN):
        return redirect(where)
    context |= {"form": form, "membership": membership}
    return render(request, "visits/campaign_add.html", context, status=422 if form.errors else 200)


@require_POST
def campaign_restore(request, pk: int, name: int):
    """Listing somebody again who was left out."""
    return _one_name(request, pk, name, restore, "已列入，等所在支部确认。")


@require_POST
def campaign_unreturn(request, pk: int, name: int):
    """Taking back that somebody's money was returned."""
    return _one_name(request, pk, name, keep_after_all, "的退回已撤回，仍列在没发到里。")


def _one_name(request, pk: int, name: int, do: Callable[..., Candidate], said: str):
    """What whoever leads the campaign does to one name by one button of the list."""
    account = request.user
    found = campaign_asked_for(request, pk)
    row = get_object_or_404(Candidate.objects.visible_to(account).of(found).select_related("person"), pk=name)
    check_may_run(account, found.organisation)
    form = SaysAll(request.POST)

    def done() -> str:
        do(by=account, candidate=row, today=today())
        messages.success(request, f"{row.person.name}{said}")
        return reverse("campaign", args=[found.pk])

    if where := submitted(request, form, done, repeated=AGAIN):
        return redirect(where)
    messages.error(request, " ".join(str(each) for each in form.non_field_errors()))
    return redirect("campaign", pk=found.pk)


# The branches


def campaign_confirm(request, pk: int):
    """The names of one's own organisation: all of them confirmed by one button, or some struck with a reason."""
    account, day = request.user, today()
    check_may_record(account)
    found = campaign_asked_for(request, pk)
    mine = Candidate.objects.visible_to(account, Capability.RECORD).of(found)
    here = _place(request, found)
    if here is None:
        context = {"campaign": found, "branches": by_branch(mine.unconfirmed())}
        return render(request, "visits/campaign_confirm_pick.html", context)
    waiting = mine.unconfirmed().below(here)
    rows = list(with_prior_aid(with_words(waiting), day).exclude(person=account.person_id).order_by("path", "pk"))
    told(reader_of(account, found), rows)
    data = request.POST if request.method == "POST" else None
    form = ConfirmForm(data, rows=rows, initial={"once": new_key(), "organisation": here.pk})

    def done() -> str:
        struck = form.struck()
        count = confirm_names(by=account, campaign=found, organisation=here, struck=struck, today=day, seen=form.seen())
        left = f"，{len(struck)} 人不列入" if struck else ""
        messages.success(request, f"{here.label}已确认 {count} 人{left}。")
        return reverse("campaign", args=[found.pk])

    if where := submitted(request, form, done, repeated=AGAIN):
        return redirect(where)
    context = {
        "form": form, "campaign": found, "here": here, "lines": form.lines(), "day": day,
        "own": waiting.filter(person=account.person_id).exists(),
        "wide": len({row.organisation_id for row in rows}) > 1,
        "done": mine.listed().below(here).filter(confirmed_on__isnull=False).count(),
    }  # fmt: skip
    return render(request, "visits/campaign_confirm.html", context, status=422 if form.errors else 200)


def _place(request, campaign: Campaign) -> Organisation | None:
    """The organisation asked for, else the one below the committee that the account keeps the records of."""
    account = request.user
    within = Organisation.objects.visible_to(account, Capability.RECORD)
    if asked := request.POST.get("organisation") or request.GET.get("organisation"):
        return get_object_or_404(within, pk=number(asked))
    paths = account.scope.paths(Capability.RECORD)
    own = len(paths) == 1 and len(paths[0]) > len(campaign.organisation.path)
    return within.get(path=paths[0]) if own else None
