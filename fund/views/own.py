"""One's own applications and those one filed: the list, and one of them with how far it is."""

from django.db.models import Q
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from base import audit
from base.dates import today
from base.keyset import newest_first
from base.pictures import pictures_of, subject_of
from fund.applying.evidence import may_remove, seen_at
from fund.applying.filing import content_of
from fund.applying.masking import masked_account
from fund.applying.progress import progress_of, progress_of_all, turn_now, with_progress
from fund.applying.turns import line_of, places_of
from fund.models import Application
from fund.regulation.steps import APPLICANT, Move, StepRefused, table

PAGE = 30


def _own(request):
    me = request.user.person_id
    return Application.objects.visible_to(request.user).filter(Q(person=me) | Q(filed_by=me))


@require_safe
def my_applications(request):
    """What one asked for, and what one filed for others, newest first."""
    day = today()
    rows, after = newest_first(
        with_progress(_own(request)), request.GET.get("after", ""), size=PAGE, day="drafted_on"
    )  # fmt: skip
    context = {
        "told": progress_of_all(rows, day), "after": after, "first": "after" not in request.GET, "day": day,
        "me": request.user.person_id,
    }  # fmt: skip
    return render(request, "fund/my_applications.html", context)


@require_safe
def my_application(request, pk: int):
    """One application as whoever made it reads it: where it is, what comes next, whom to call, what was written."""
    account, day = request.user, today()
    found = get_object_or_404(with_progress(_own(request)), pk=pk)
    own = found.person_id == account.person_id
    if not own:
        audit.write(audit.Act.READ, f"application:{pk}", field="content")
    line = line_of(found.organisation, found.fund, day)
    told = progress_of(found, line)
    turn, content = turn_now(told, line, day), content_of(found)
    at = turn.organisation if turn else found.organisation
    upward = line[line.index(at) :] if at in line else [at]
    call = next(((place.phone, place.label) for place in upward if place.phone), ("", ""))
    pictures, seen = list(pictures_of(subject_of(found))), seen_at(found)
    context = {
        "told": told, "application": found, "own": own, "turn": turn,
        "why": turn.why(named=True) if turn else "", "phone": call[0], "phone_of": call[1],
        "content": content, "number_known": masked_account(content.account.number), "day": day,
        "pictures": [
            (each, bool(seen and each.at > seen), may_remove(account, found, each, seen)) for each in pictures
        ],
        "may_withdraw": _may_withdraw(found, line), "payments": _payments(found),
    }  # fmt: skip
    return render(request, "fund/my_application.html", context)


def _may_withdraw(found: Application, line: list) -> bool:
    try:
        rows = table(found.regulation.parsed, levels=places_of(line).keys(), urgent=found.urgent)
    except StepRefused:
        return False
    return (found.state, Move.WITHDRAW, APPLICANT) in rows


def _payments(found: Application) -> list[tuple]:
    """What was paid or failed: each payment with the end of the account it went to."""
    paid = [each for grant in found.grants.all() for each in grant.payments.all() if each.on]
    return [(each, masked_account(each.payee.get("number", ""))) for each in paid]
