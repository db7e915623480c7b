"""Setting numbers of a rule, picking a proposal, and ending that: first what it would do, then the decision."""

from functools import partial

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from base.dates import today
from base.once import new_key
from duties.board.clauses import rule_row
from duties.board.outlook import following, history, offered, rules
from duties.notices.models import Decision
from duties.policy.adjusting import (
    AdjustmentRefused,
    adjust,
    allowed,
    end_adjustment,
    from_above,
    in_force,
)
from duties.policy.deciding import concerned_by
from duties.policy.models import Adjustment, Rule
from duties.policy_forms import AdjustmentEndForm, RuleAdjustForm
from duties.views.deciding import SEE_AGAIN, decided, looked_at, page_of, spread
from members.asked import number
from members.models import Organisation
from members.permissions import check_decides_policy, check_may_decide_policy


def rule_adjust(request, pk: int):
    """The numbers of a rule at an organisation; ``end`` names an adjustment of it to be ended."""
    account, day = request.user, today()
    check_decides_policy(account)
    rule = get_object_or_404(rules(), pk=pk)
    within = following(account, rule.policy, day)
    here = _place(request, within)
    if here is None:
        places = offered(account, day, within=within)
        return render(request, "duties/rule_adjust_pick.html", {"rule": rule, "places": places, "back": _back(rule)})
    check_may_decide_policy(account, here)
    ending = _ending(request, rule, here)
    form = _end_form(request, day) if ending else _form(request, rule, here, day)
    act = partial(_end, form, account, ending, day) if ending else partial(_adjust, form, account, rule, here, day)

    def saved() -> str:
        messages.success(request, act())
        decision = Decision.Act.DROP if ending else Decision.Act.ADJUST
        on = form.cleaned_data["until" if ending else "since"]
        return spread(account, decision, rule.policy, _url(rule, here), rule=rule, here=here, on=on, day=day)

    if where := decided(request, form, saved):
        return redirect(where)
    row = rule_row(rule, in_force(rule, here, day))
    context = {
        "rule": rule, "row": row, "here": here, "form": form, "ending": ending, "back": _back(rule),
        "follows": within.filter(pk=here.pk).exists(), "history": history(rule, here, day), "outlook": None,
        "see_again": "", "url": _url(rule, here),
        "picked": any(each.own and each.running for each in history(rule, here, day)),
    }  # fmt: skip
    if form.is_bound and _may_be_looked_at(form):
        affected = partial(concerned_by, rule)
        context |= {
            "outlook": looked_at(form, act, rules=affected, here=here, policies=[rule.policy.code], day=day),
            "see_again": SEE_AGAIN if getattr(form, "seen_again", False) else "", "seen": form.sight(),
        }  # fmt: skip
    return render(request, "duties/rule_adjust.html", context, status=422 if form.errors else 200)


def _place(request, within) -> Organisation | None:
    """The organisation asked for, as far as the reader sees it; the only one he could mean."""
    if asked := request.POST.get("organisation") or request.GET.get("organisation"):
        return get_object_or_404(Organisation.objects.visible_to(request.user), pk=number(asked))
    first = list(within[:2])
    return first[0] if len(first) == 1 else None


def _ending(request, rule: Rule, here: Organisation) -> Adjustment | None:
    asked = request.POST.get("end") or request.GET.get("end")
    if not asked:
        return None
    own = Adjustment.objects.visible_to(request.user).filter(rule=rule, organisation=here)
    return get_object_or_404(own, pk=number(asked))


def _form(request, rule: Rule, here: Organisation, day) -> RuleAdjustForm:
    above = from_above(rule, here, day)
    form = RuleAdjustForm(
        request.POST if request.method == "POST" else None, pack=rule.parsed, now=in_force(rule, here, day), day=day,
        may=lambda name: allowed(rule, name, above), initial={"once": new_key(), "since": day},
    )  # fmt: skip
    form.fields["basis"].required = "look" not in request.POST
    return form


def _end_form(request, day) -> AdjustmentEndForm:
    return AdjustmentEndForm(
        request.POST if request.method == "POST" else None, initial={"once": new_key(), "until": day}
    )  # fmt: skip


def _may_be_looked_at(form) -> bool:
    """Whether all is there on which the outcome depends."""
    form.is_valid()
    return not set(form.errors) - {"basis"}


def _adjust(form: RuleAdjustForm, account, rule: Rule, here: Organisation, day) -> str:
    given = form.cleaned_data
    if form.changes_nothing:
        raise AdjustmentRefused("没有改动任何数字。改了再看会怎样。")
    adjust(
        by=account, organisation=here, rule=rule, numbers=form.numbers(), since=given["since"],
        basis=given.get("basis", ""), today=day,
    )  # fmt: skip
    return f"{here.label}自 {given['since']} 起按新的规定执行“{rule.title}”。"


def _end(form: AdjustmentEndForm, account, adjustment: Adjustment, day) -> str:
    until = form.cleaned_data["until"]
    end_adjustment(by=account, adjustment=adjustment, until=until, today=day)
    return f"这次决定从 {until} 起不再用。"


def _url(rule: Rule, here: Organisation) -> str:
    return f"{reverse('rule_adjust', args=[rule.pk])}?organisation={here.pk}"


def _back(rule: Rule) -> str:
    return page_of(rule.policy)
