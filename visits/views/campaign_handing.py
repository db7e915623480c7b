"""On the day: ticking names off on the doorstep, taking a tick back, and the sheets that go along."""

from itertools import groupby

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_htmx.http import trigger_client_event

from base.capitals import in_capitals
from base.dates import today
from base.once import new_key, submitted
from duties.forms import TAKEN_BACK, WithdrawForm
from members.asked import number
from members.enums import Capability
from members.models import Membership, Organisation
from members.permissions import may_record_at
from members.scope import sealed_at
from visits.campaigns.going import died
from visits.campaigns.handing import hand_over, take_back_tick
from visits.campaigns.permits import check_may_hand_over, may_hand_over, may_run
from visits.campaigns.reading import days_left, page_of, with_words
from visits.forms.campaigns import HandForm
from visits.models import Campaign, Candidate
from visits.views.campaigns import campaign_asked_for, reader_of, state_of, tally

MOST = 1000
"""Lines of a printed sheet; larger lists are printed branch by branch."""


def campaign_hand(request, pk: int):
    """The names one goes to, on a telephone: each is ticked off by one press, for the member or for a substitute."""
    account, day = request.user, today()
    found = campaign_asked_for(request, pk)
    names = Candidate.objects.visible_to(account).of(found)
    if request.method == "POST" and "candidate" in request.POST:
        return _tick(request, found, names, day)
    return _list(request, found, names, day)


def _list(request, campaign: Campaign, names, day, *, refused: Candidate | None = None):
    """The list, a refused row with its form as it was sent. ``whose`` is mine or, for who records there, all."""
    account = request.user
    mine = names.filter(visitor=account.person_id)
    every = names.filter(account.scope.q("path", Capability.RECORD)) | mine
    tabs = [("mine", "我去的", tally(mine)), ("all", "本组织的", tally(every))]
    asked = request.GET.get("whose") or request.POST.get("whose")
    whose = asked if asked in ("mine", "all") else "mine" if tabs[0][2]["listed"] else "all"
    rows, after = page_of({"mine": mine, "all": every}[whose].listed(), request.GET.get("after", ""), day=day)
    rows = [refused if refused is not None and refused.pk == row.pk else row for row in rows]
    gone = died(rows, day)
    for row in rows:
        _prepared(row, account, day, gone)
    context = {
        "campaign": campaign, "rows": rows, "after": after, "first": "after" not in request.GET, "day": day,
        "whose": whose, "tabs": tabs, "counts": dict((code, n) for code, _label, n in tabs)[whose],
        "days": days_left(campaign, day), "query": f"whose={whose}",
    }  # fmt: skip
    return render(request, "visits/campaign_hand.html", context, status=422 if refused is not None else 200)


def _prepared(row: Candidate, account, day, dead: dict[int, Membership]) -> Candidate:
    """The row with what its line shows: state, whether it is the reader's to tick, its form or its undo."""
    row.state, row.tone = state_of(row)
    row.handable, row.dead = may_hand_over(account, row), dead.get(row.person_id)
    row.once, row.condoled = new_key(), may_record_at(account, row.path)
    if not hasattr(row, "form"):
        row.form = HandForm(
            None, day=day, auto_id=f"hand{row.pk}_%s", initial={"candidate": row.pk, "on": day, "means": "cash"}
        )
    return row


def _tick(request, campaign: Campaign, names, day):
    """One tick. With htmx its line comes back, else the list."""
    account = request.user
    row = get_object_or_404(with_words(names), pk=number(request.POST["candidate"]))
    check_may_hand_over(account, row)
    form = HandForm(request.POST, day=day, auto_id=f"hand{row.pk}_%s")
    back = f"{reverse('campaign_hand', args=[campaign.pk])}?whose={request.POST.get('whose', '')[:4]}#name-{row.pk}"

    def done() -> str:
        handed = hand_over(by=account, candidate=row, handed=form.handed(), today=day)
        if not request.htmx:
            messages.success(request, f"{handed.person.name}：已登记发放，{handed.given_to}。")
        return back

    where = submitted(request, form, done, repeated="这一笔刚才已经登记过，没有再发一次。")
    if where and not request.htmx:
        return redirect(where)
    if where:
        row = with_words(names).get(pk=row.pk)
        answer = render(request, "visits/_campaign_hand_row.html", _line(row, campaign, account, day, request))
        return trigger_client_event(answer, "announce", {"value": f"{row.person.name}已登记发放"})
    row.form = form
    if request.htmx:
        context = _line(row, campaign, account, day, request)
        return render(request, "visits/_campaign_hand_row.html", context, status=422)
    return _list(request, campaign, names, day, refused=row)


def _line(row: Candidate, campaign: Campaign, account, day, request) -> dict:
    row = _prepared(row, account, day, died([row], day))
    return {"row": row, "campaign": campaign, "day": day, "whose": request.POST.get("whose", "")[:4]}


def campaign_undo(request, pk: int, name: int):
    """Taking a tick back; later than ten minutes with a reason."""
    account, day = request.user, today()
    found = campaign_asked_for(request, pk)
    row = get_object_or_404(with_words(Candidate.objects.visible_to(account).of(found)), pk=name)
    check_may_hand_over(account, row)
    form = WithdrawForm(request.POST if request.method == "POST" else None, initial={"once": new_key()})
    back = f"{reverse('campaign_hand', args=[found.pk])}?whose={request.POST.get('whose', '')[:4]}#name-{row.pk}"

    def done() -> str:
        given = {"reason": form.cleaned_data["reason"], "today": day, "now": timezone.now()}
        take_back_tick(by=account, candidate=row, **given)
        messages.success(request, f"{row.person.name}的发放登记已撤回，仍列在没发到里。")
        return back

    if where := submitted(request, form, done, repeated=TAKEN_BACK):
        return redirect(where)
    if not row.is_handed:
        for said in form.non_field_errors():
            messages.error(request, said)
        return redirect(back)
    context = {"form": form, "row": row, "campaign": found, "back": back}
    return render(request, "visits/campaign_undo.html", context, status=422 if form.errors else 200)


# Paper


def _on_paper(request, campaign: Campaign, *order: str) -> tuple[list[Candidate], Organisation | None]:
    """The listed names that the account sees, or those below an organisation; masked numbers are read with them."""
    account = request.user
    names = Candidate.objects.visible_to(account).of(campaign).listed().filter(returned_on__isnull=True)
    asked = request.GET.get("organisation")
    here = get_object_or_404(Organisation.objects.visible_to(account), pk=number(asked)) if asked else None
    names = names.below(here) if here else names
    hidden = ["person__address", "person__landline", *sealed_at("visitor", "confirmed_by")]
    rows = with_words(names).defer(None).defer(
        *hidden, "visit__text", "visit__wish", "visit__promised", "visit__met_name", "out_words", "added",
        "returned_words", "campaign__summary",
    )  # fmt: skip
    found = list(rows.order_by(*order)[: MOST + 1])
    reader = reader_of(account, campaign)
    for row in reader.attach(found[:MOST]):
        # Paper goes from hand to hand: what tells of health or sanctions stands on it for nobody.
        open_tags = {group.label for group in reader.groups if not group.sensitive} | {"手工加入"}
        row.numbered = account.scope.may(Capability.VIEW, row.path)
        row.sorts = [tag for tag in row.said.tags if tag in open_tags] or ["关怀对象"]
    return found, here


@require_safe
def campaign_sheet(request, pk: int):
    """慰问金发放签领表: one line a name, identity numbers masked, the total in capital characters."""
    found = campaign_asked_for(request, pk)
    rows, here = _on_paper(request, found, "path", "pk")
    total = sum(row.fen or 0 for row in rows[:MOST])
    context = {
        "campaign": found, "rows": rows[:MOST], "here": here or found.organisation, "total": total,
        "capitals": in_capitals(total), "more": len(rows) > MOST, "most": MOST, "day": today(),
        "runs": may_run(request.user, found.organisation),
    }  # fmt: skip
    return render(request, "visits/campaign_sheet.html", context)


@require_safe
def campaign_rota(request, pk: int):
    """走访安排表: to whom each visitor goes, a sheet for each."""
    found = campaign_asked_for(request, pk)
    rows, here = _on_paper(request, found, "visitor__name", "visitor", "path", "pk")
    sheets = [
        (visitor, names, sum(row.fen or 0 for row in names))
        for visitor, names in ((who, list(each)) for who, each in groupby(rows[:MOST], key=lambda row: row.visitor))
    ]
    context = {
        "campaign": found, "sheets": sheets, "here": here or found.organisation, "more": len(rows) > MOST,
        "most": MOST, "day": today(),
    }  # fmt: skip
    return render(request, "visits/campaign_rota.html", context)
