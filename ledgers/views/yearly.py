"""述职: the text of a year, to be read, copied and printed."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from ledgers.views.indicators import asked_of, years_up_to
from ledgers.yearly import report
from members.directory import organisation_choices


@require_safe
def yearly_report(request):
    """What an organisation and those below it did in a year, in sentences whose figures open their rows."""
    asked, here = asked_of(request)
    context = {
        "report": report(request.user, here, asked.span), "here": here, "span": asked.span,
        "years": years_up_to(asked.span.day), "organisations": organisation_choices(request.user, here),
    }  # fmt: skip
    return render(request, "ledgers/yearly.html", context)
