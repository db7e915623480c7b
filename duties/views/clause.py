"""The plain page of a clause, one click from every chip that cites it."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from duties.board.clauses import clause_page, clauses


@require_safe
def clause(request, pk):
    """What the document says in our words, and the rules that rest on it. Policy is open to everyone who signs in."""
    return render(request, "duties/clause.html", clause_page(get_object_or_404(clauses(), pk=pk)))
