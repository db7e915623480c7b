"""The A4 form of one visit: 走访慰问登记表."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from base import audit
from base.dates import today
from duties.board.words import sees_basis
from visits.forms.visits import KINDS
from visits.lists import kinds_then, with_people
from visits.models import Visit
from visits.permissions import may_read
from visits.promises import promises_of
from visits.reasons import why_visited


@require_safe
def visit_print(request, pk: int):
    """One visit, greeting or condolence on A4; what was seen and said only for those who may read it."""
    account, day = request.user, today()
    found = get_object_or_404(with_people(Visit.objects.visible_to(account)), pk=pk)
    record = found.record
    reads = may_read(account, record)
    audit.write(audit.Act.PRINT, f"record:{record.pk}", private=reads)
    sees = sees_basis(account, True, record.path, record.member_id)
    promises = promises_of(found, day)
    context = {
        "visit": found, "record": record, "day": day, "may_read": reads, "kind": KINDS[record.action],
        "why": why_visited(found, account, day), "kinds": kinds_then(account, record),
        "where": reads or sees or found.how != Visit.How.HOSPITAL,
        "promises": [(task, task.event.note if reads else task.words(account)) for task in promises],
    }  # fmt: skip
    return render(request, "visits/visit_print.html", context)
