"""Pages of festival campaigns: the list, starting one, one campaign with its names, and the three checks."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, Sum
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from base import audit
from base.dates import today
from base.keyset import newest_first
from base.once import new_key, submitted
from members.directory import organisation_choices
from members.enums import Capability, OrganisationKind
from members.finding import called
from members.models import Organisation
from members.permissions import may_record_at
from members.scope import path_end, sealed_at
from visits.campaigns import checks
from visits.campaigns.drafting import draft
from visits.campaigns.naming import Group
from visits.campaigns.permits import may_run
from visits.campaigns.reading import Reader, aid_words, by_branch, days_left, page_of, steps
from visits.campaigns.running import not_ready
from visits.campaigns.sums import budget_lines
from visits.forms.campaigns import CampaignFilter, CampaignNew
from visits.models import Campaign, Candidate, CandidateQuerySet
from visits.models.campaigns import HANDED

PAGE = 20
LEFT_OUT = 10
"""Names left out that the page shows below the list; the rest are a filter away."""
MOST = 200
"""Names behind one finding of the checks."""

FILLS = ("cover-fill", "cover-fill2", "cover-fill3", "cover-fill4")


def campaign_asked_for(request, pk: int) -> Campaign:
    """A campaign the account may know of; any other does not exist."""
    rows = Campaign.objects.visible_to(request.user).select_related("organisation").defer("summary")
    return get_object_or_404(rows, pk=pk)


def sees_all(account, campaign: Campaign) -> bool:
    """Whether the account reads the whole campaign, not only names of its own."""
    return account.scope.may(Capability.VIEW, campaign.organisation.path)


def tally(names: CandidateQuerySet) -> dict:
    """How many of these names are listed, confirmed, handed over, returned, left out; what is planned. One query."""
    on, back = Q(out=""), Q(returned_on__isnull=False)
    counts = {
        "listed": on, "confirmed": on & Q(confirmed_on__isnull=False), "handed": on & HANDED, "returned": on & back,
        "left_out": ~on,
    }  # fmt: skip
    found = names.aggregate(
        **{name: Count("pk", filter=which) for name, which in counts.items()}, planned=Sum("fen", filter=on & ~back)
    )
    waiting = found["listed"] - found["confirmed"]
    left = found["listed"] - found["handed"] - found["returned"]
    return {**found, "planned": found["planned"] or 0, "unconfirmed": waiting, "outstanding": left}


# The list


@require_safe
def campaigns(request):
    """Campaigns in scope, the latest first, each counted over the names that the account sees."""
    account, day = request.user, today()
    rows = Campaign.objects.visible_to(account).select_related("organisation").defer("summary")
    page, after = newest_first(rows, request.GET.get("after", ""), size=PAGE, day="day")
    on = Q(out="")
    names = Candidate.objects.visible_to(account).filter(campaign__in=page).values("campaign").order_by("campaign")
    counts = names.annotate(
        listed=Count("pk", filter=on), confirmed=Count("pk", filter=on & Q(confirmed_on__isnull=False)),
        handed=Count("pk", filter=on & HANDED), planned=Sum("fen", filter=on & Q(returned_on__isnull=True)),
    )  # fmt: skip
    found = {row["campaign"]: row for row in counts}
    lines = [
        (each, found.get(each.pk, {"listed": 0, "confirmed": 0, "handed": 0, "planned": 0}), days_left(each, day),
         sum(each.budget.values()) if sees_all(account, each) else None)
        for each in page
    ]  # fmt: skip
    context = {
        "lines": lines, "after": after, "first": "after" not in request.GET, "day": day, "may_run": runs_some(account),
    }  # fmt: skip
    return render(request, "visits/campaigns.html", context)


def runs_some(account) -> bool:
    """Whether the account leads the campaigns of some committee."""
    return account.scope.of_committees().may(Capability.RECORD)


def campaign_new(request):
    """Starting a campaign by hand, before its draft would come by itself."""
    account, day = request.user, today()
    if not runs_some(account):
        raise PermissionDenied("节日走访由党委书记和组织部办理，支部确认本支部的名单。")
    scope = account.scope.of_committees()
    committees = Organisation.objects.on(day).visible_to(account, Capability.RECORD)
    committees = committees.filter(scope.q("path", Capability.RECORD), kind=OrganisationKind.COMMITTEE).order_by("path")
    data = request.POST if request.method == "POST" else None
    form = CampaignNew(data, organisations=committees, day=day, initial={"once": new_key()})
    if where := submitted(request, form, lambda: _start(form, request, day)):
        return redirect(where)
    return render(request, "visits/campaign_new.html", {"form": form}, status=422 if form.errors else 200)


def _start(form: CampaignNew, request, day) -> str:
    made = draft(by=request.user, **form.asked(), today=day)
    listed = made.candidates.listed().count()
    messages.success(request, f"{made.title}已摸底，按制度提名 {listed} 人。请核对名单，定标准和预算。")
    return reverse("campaign", args=[made.pk])


# One campaign


@dataclass(frozen=True)
class Part:
    """A piece of the budget's bar: how it is filled, where it begins and how wide it is, of a hundred."""

    fill: str
    label: str
    fen: int
    x: float
    width: float


def budget_bar(campaign: Campaign) -> dict:
    """The budget by source: what is planned of it, as pieces of a bar, and what is left."""
    lines = budget_lines(campaign)
    planned, budget = sum(line.planned for line in lines), sum(line.budget for line in lines)
    whole, x, parts = max(planned, budget, 1), 0.0, []
    for at, line in enumerate(lines):
        width = round(100 * line.planned / whole, 2)
        parts.append(Part(FILLS[at % len(FILLS)], line.label, line.planned, round(x, 2), width))
        x += width
    return {"parts": parts, "planned": planned, "budget": budget, "left": budget - planned}


@require_safe
def campaign(request, pk: int):
    """One campaign: its stages, its names with why and what they are to have, what is missing, the next step."""
    account, day = request.user, today()
    found = campaign_asked_for(request, pk)
    reader = reader_of(account, found)
    chosen = CampaignFilter(request.GET, groups=open_groups(reader, found))
    names = Candidate.objects.visible_to(account).of(found)
    number, name = chosen.value("organisation"), chosen.value("q")
    here = get_object_or_404(Organisation.objects.visible_to(account), pk=number) if number else None
    within = names.filter(path__gte=here.path, path__lt=path_end(here.path)) if here else names
    within = within.filter(person__in=called(name)[-1]) if name else within
    rows, after = page_of(chosen.narrowed(within), request.GET.get("after", ""), day=day)
    audit.search(request, "campaign", name, found=len(rows))
    first, counts = "after" not in request.GET, tally(names)
    out = []
    if first and not chosen.value("state") and counts["left_out"]:
        out = page_of(within.left_out(), "", day=day)[0][:LEFT_OUT]
    whole = sees_all(account, found)
    runs = may_run(account, found.organisation)
    branches = by_branch(names.filter(account.scope.q("path", Capability.VIEW)))
    context = {
        "campaign": found, "steps": steps(found), "days": days_left(found, day), "day": day, "counts": counts,
        "rows": told(reader, rows), "out": told(reader, out), "after": after, "first": first, "filter": chosen,
        "query": chosen.query(), "here": here, "whole": whole, "runs": runs,
        "organisations": organisation_choices(account, here) if len(branches) > 1 else [],
        "branches": branches, "budget": budget_bar(found) if whole else None,
        "why_not_ready": not_ready(found, day) if runs and found.stage == Campaign.Stage.CONFIRMING else [],
        "to_confirm": _to_confirm(account, names) if found.drafting else 0,
        "may_suggest": found.drafting and (runs or account.scope.may(Capability.RECORD)),
        "hands": found.paying and account.person_id is not None, "ticks": runs and not found.ended, "once": new_key(),
        "restores": runs and found.drafting,
    }  # fmt: skip
    return render(request, "visits/campaign.html", context)


def reader_of(account, campaign: Campaign) -> Reader:
    """Who says the reasons; each rule's clause knows its document without asking again."""
    reader = Reader(account, campaign)
    for rule in reader.rules.values():
        rule.clause.policy = rule.policy
    return reader


def open_groups(reader: Reader, campaign: Campaign) -> list[Group]:
    """The groups by which the account may ask who is in them: not those that tell of health or sanctions, unless it may
    know of that everywhere in the campaign.
    """
    knows = reader.account.scope.may(Capability.SENSITIVE, campaign.organisation.path)
    return [group for group in reader.groups if knows or not group.sensitive]


def told(reader: Reader, rows: list[Candidate]) -> list[Candidate]:
    """Each row with its reasons, prior aid, state, and what the reader may read and open of it."""
    for row in reader.attach(rows):
        row.aid, _, row.aid_sum = aid_words(row).replace(" 元", "").partition("；")
        row.state, row.tone = state_of(row)
        row.reads = row.person_id != reader.account.person_id and may_record_at(reader.account, row.path)
        row.opens = reader.account.scope.may(Capability.VIEW, row.path)
    return rows


def state_of(row: Candidate) -> tuple[str, str]:
    """How far a name is, and in which tone."""
    if row.out:
        return row.get_out_display(), "open"
    if row.is_handed:
        return f"已发放 {row.received_on:%m-%d}", "ok"
    if row.returned_on:
        return f"已退回 {row.returned_on:%m-%d}", "soon"
    if row.campaign.stage == Campaign.Stage.CALLED_OFF:
        return "已撤销", "open"
    if row.campaign.drafting:
        return ("已确认", "ok") if row.confirmed_on else ("待支部", "open")
    return "还没发到", "open"


def _to_confirm(account, names: CandidateQuerySet) -> int:
    """How many of these the account itself is asked to say yes to."""
    mine = names.unconfirmed().filter(account.scope.q("path", Capability.RECORD))
    return mine.exclude(person=account.person_id).count()


# Checks


@require_safe
def campaign_checks(request, pk: int):
    """不漏, 不重, 不错 with their counts, a fragment beside the list; ``only`` opens the names behind one of them."""
    account, day = request.user, today()
    found = campaign_asked_for(request, pk)
    if not sees_all(account, found):
        raise Http404
    made = checks.checks(found, day)
    if request.htmx:
        return render(request, "visits/_campaign_checks.html", {"campaign": found, "checks": made})
    findings = {each.code: each for check in made for each in check.findings}
    only = findings.get(request.GET.get("only", ""))
    context = {
        "campaign": found, "checks": made, "only": only, "names": _names_of(only) if only else [], "most": MOST,
        "runs": may_run(account, found.organisation),
    }  # fmt: skip
    return render(request, "visits/campaign_checks.html", context)


def _names_of(finding: checks.Finding) -> list[tuple]:
    """(person, organisation or ``None``) of each name behind a finding, in the order of the tree."""
    if finding.rows.model is Candidate:
        rows = finding.rows.select_related("person", "organisation").defer(*sealed_at("person"))
        return [(row.person, row.organisation) for row in rows.order_by("path", "pk")[:MOST]]
    return [(person, None) for person in finding.rows.only("name").order_by("name", "pk")[:MOST]]
