"""The plain page of a clause, one click from every chip that cites it."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from base.dates import today
from duties.board.clauses import clause_page, clauses
from duties.board.policies import Reader


@require_safe
def clause(request, pk):
    """What the document says in our words, and the rules that rest on it. Policy is open to everyone who signs in."""
    found = get_object_or_404(clauses(), pk=pk)
    return render(request, "duties/clause.html", clause_page(found, Reader(request.user, today())))
