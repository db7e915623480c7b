"""条款佐证: the matrix of clauses, and the duties behind one of its figures."""

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from base.dates import today
from base.keyset import newest_first
from duties.board.clauses import rules
from duties.board.words import describe, sees_basis, with_words
from ledgers.evidence import FIGURES, behind, within
from ledgers.evidence import evidence as matrix
from ledgers.forms import PeriodFilter
from ledgers.ledger import Reader
from ledgers.permissions import check_may_read
from ledgers.views.ledgers import this_year

PAGE = 50


def _asked(request) -> PeriodFilter:
    """The filter as asked for. An organisation out of scope does not exist."""
    check_may_read(request.user)
    form = PeriodFilter({**this_year(request.user.scope.home), **request.GET.dict()}, account=request.user)
    if "organisation" in form.errors:
        raise Http404
    return form


@require_safe
def evidence(request):
    """Every policy in force, clause by clause: what was due, what was done, where it stands, what is missing."""
    form = _asked(request)
    if not form.is_valid():
        return render(request, "ledgers/evidence.html", {"form": form, "policies": []}, status=422)
    found = form.cleaned_data
    reader = Reader(request.user, today())
    policies = matrix(reader, found["organisation"], found["first"], found["last"])
    gaps = sum(clause.figures.gap for policy in policies for clause in policy.clauses)
    context = {
        "form": form, "policies": policies, "gaps": gaps, "here": found["organisation"], "day": reader.day,
        "first": found["first"], "last": found["last"],
        "done": sum(clause.figures.done for policy in policies for clause in policy.clauses),
        "query": f"organisation={found['organisation'].pk}&first={found['first']}&last={found['last']}",
    }  # fmt: skip
    return render(request, "ledgers/evidence.html", context)


@require_safe
def evidence_rows(request, rule: int, figure: str):
    """The duties that one figure of the matrix counts, the latest due first."""
    form = _asked(request)
    if figure not in FIGURES or not form.is_valid():
        raise Http404
    asked = form.cleaned_data
    here, reader = asked["organisation"], Reader(request.user, today())
    rule = get_object_or_404(rules(), pk=rule)
    if not sees_basis(request.user, rule.sensitive, here.path, None):
        raise Http404
    rows = within(reader, here).filter(behind(figure, reader.day, asked["first"], asked["last"]), rule=rule)
    page, after = newest_first(with_words(rows), request.GET.get("after", ""), size=PAGE, day="due_on")
    context = {
        "rule": rule, "title": FIGURES[figure], "here": here, "lines": describe(page, request.user, reader.day),
        "after": after, "first": asked["first"], "last": asked["last"], "day": reader.day,
        "query": f"organisation={here.pk}&first={asked['first']}&last={asked['last']}", "count": rows.count(),
    }  # fmt: skip
    return render(request, "ledgers/evidence_rows.html", context)
