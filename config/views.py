"""Error pages: each says what happened and where to go, nothing else."""

from django.shortcuts import render


def csrf_failure(request, reason=""):
    """The page was open too long, or came from elsewhere; what was typed is still in the browser's form."""
    return render(request, "errors/csrf.html", status=403)
