"""Policies, rules, and why a member owes or is owed nothing."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from base.dates import today
from duties.board import policies as board
from duties.board.clauses import rules
from duties.board.whynot import is_sensitive, rules_by_policy
from duties.board.whynot import why_not as said_of
from duties.board.words import sees_basis
from members.asked import number
from members.enums import Capability
from members.models import Membership


@require_safe
def policies(request):
    """All policies: what they are, how many rules, who follows them. Open to everyone who signs in."""
    reader = board.Reader(request.user, today())
    return render(request, "duties/policies.html", {"lines": board.policy_lines(reader), "decides": reader.decides})


@require_safe
def policy(request, pk):
    """One policy: its clauses in order, each with its rules as sentences and what else answers it."""
    found = get_object_or_404(board.all_policies(), pk=pk)
    return render(request, "duties/policy.html", board.policy_page(found, board.Reader(request.user, today())))


@require_safe
def rule(request, pk):
    """One rule: sentence, conditions, numbers, how it is counted, what stands open in scope."""
    account = request.user
    found = get_object_or_404(rules(), pk=pk)
    context = board.rule_page(found, board.Reader(account, today()))
    context["asks"] = context["views"] and (
        not is_sensitive(found.parsed) or account.scope.may(Capability.SENSITIVE)
    )  # fmt: skip
    return render(request, "duties/rule.html", context)


@require_safe
def why_not(request, pk):
    """Each condition of a rule asked of one member, today; whoever may not see the basis finds no such page."""
    account, day = request.user, today()
    _check_may_ask(account)
    found = get_object_or_404(rules(), pk=pk)
    if "member" not in request.GET:
        return redirect("rule", found.pk)
    within = Membership.objects.on(day).visible_to(account).select_related("person", "organisation")
    membership = get_object_or_404(within, person=number(request.GET["member"]))
    if not sees_basis(account, is_sensitive(found.parsed), membership.path, membership.person_id):
        raise Http404
    said = said_of(found, membership, account, day)
    return render(request, "duties/why_not.html", {"rule": found, "membership": membership, "said": said})


@require_safe
def member_rules(request, pk):
    """The rules one can ask about a member: those whose basis the reader may see."""
    account, day = request.user, today()
    _check_may_ask(account)
    within = Membership.objects.on(day).visible_to(account).select_related("person", "organisation")
    membership = get_object_or_404(within, person=pk)
    sees = sees_basis(account, True, membership.path, membership.person_id)
    asked = [each for each in rules() if sees or not is_sensitive(each.parsed)]
    context = {"membership": membership, "policies": rules_by_policy(asked, membership, day)}
    return render(request, "duties/member_rules.html", context)


def _check_may_ask(account) -> None:
    if not account.scope.may(Capability.VIEW):
        raise PermissionDenied("党员的应办由有查阅职责的同志查看。轮到你办的事在“我的”里。")
