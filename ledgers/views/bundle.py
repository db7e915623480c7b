"""迎检包: what an inspector looks at first, and the button that makes the whole of it a zip."""

from dataclasses import replace

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from base.jobs import answer_of, of_account
from base.models import Job
from base.once import new_key
from base.views import begun
from ledgers.bundle.asked import NAMED_OPEN, Asked, in_turn
from ledgers.bundle.clauses import evidence_of, verdict_of
from ledgers.bundle.gaps import gaps, told_of
from ledgers.declarations import LEDGERS
from ledgers.forms import BundleFilter, UnmaskForm
from ledgers.jobs import BUNDLE
from ledgers.permissions import check_may_bundle, check_may_export, check_may_unmask, is_offered, may_unmask
from ledgers.views.ledgers import this_year

GAPS_SHOWN = 20
LAST_SHOWN = 3


def _asked(request, data) -> tuple[BundleFilter, Asked | None]:
    """The filter as asked for and, if it is in order, what it asks. An organisation out of scope does not exist."""
    check_may_bundle(request.user)
    form = BundleFilter({**this_year(request.user.scope.home), **data.dict()}, account=request.user)
    if "organisation" in form.errors:
        raise Http404
    if not form.is_valid():
        return form, None
    found = form.cleaned_data
    check_may_export(request.user, found["organisation"])
    return form, Asked(request.user, found["organisation"], found["first"], found["last"], timezone.now())


@require_safe
def bundle(request):
    """Clauses, evidence and gaps of a period; what was made lately; the button."""
    return _page(request, *_asked(request, request.GET))


@require_POST
def bundle_make(request):
    """Ask for the zip; while the same is being made that is shown instead."""
    form, asked = _asked(request, request.POST)
    if asked is None:
        return _page(request, form, None)
    return _begun(request, asked)


@require_http_methods(["GET", "HEAD", "POST"])
def bundle_unmasked(request):
    """Asks what for, and has a bundle made in which nothing is masked that the asker may see.

    What was chosen stands in the address. The reason comes with the form alone: it stands in the audit, in the job's
    sealed parameters and in the bundle, in no address and in no log.
    """
    form, asked = _asked(request, request.GET)
    if asked is None:
        return _page(request, form, None)
    check_may_unmask(request.user, asked.organisation)
    why = UnmaskForm(request.POST if request.method == "POST" else None)
    if why.is_valid():
        return _begun(request, replace(asked, reason=why.cleaned_data["reason"].strip()))
    context = {"asked": asked, "form": why, "once": new_key(), "query": _query(asked), "opened": NAMED_OPEN}
    return render(request, "ledgers/bundle_unmasked.html", context, status=422 if why.errors else 200)


def _begun(request, asked: Asked):
    """To the page of the job that makes it."""
    return begun(
        request, request.POST.get("once", ""), BUNDLE, lambda: in_turn(asked), asked.title, shared=True
    )  # fmt: skip


def _query(asked: Asked) -> str:
    return f"organisation={asked.organisation.pk}&first={asked.first}&last={asked.last}"


def _page(request, form: BundleFilter, asked: Asked | None):
    done = of_account(request.user.pk, now=timezone.now()).filter(kind=BUNDLE.code, state=Job.State.DONE)
    context = {
        "form": form, "asked": asked, "once": new_key(),
        "made": [(job, answer_of(job)) for job in done[:LAST_SHOWN]],
    }  # fmt: skip
    if asked:
        context |= _figures(request, asked)
    return render(request, "ledgers/bundle.html", context, status=200 if asked else 422)


def _figures(request, asked: Asked) -> dict:
    rows, alone = gaps(asked), request.GET.get("gaps") == "1"
    offered = {code for code, ledger in LEDGERS.items() if is_offered(request.user, ledger)}
    lines = [(policy, line) for policy in asked.policies for line in policy.clauses]
    shown = [
        (policy.policy, [
            (line, verdict_of(line), [each for each in evidence_of(line) if each[0] in offered])
            for line in policy.clauses if line.figures.gap or not alone
        ])
        for policy in asked.policies
    ]  # fmt: skip
    return {
        "policies": [each for each in shown if each[1]], "alone": alone, "query": _query(asked),
        "may_unmask": may_unmask(request.user, asked.organisation),
        "clauses": len(lines), "done": sum(line.figures.done for _policy, line in lines),
        "count": rows.count(), "places": rows.order_by().values("organisation").distinct().count(),
        "gaps": told_of(asked, rows[:GAPS_SHOWN]),
    }  # fmt: skip
