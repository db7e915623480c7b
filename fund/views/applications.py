"""The list of applications: what waits for one, what runs, what is over; several passed together."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from base import audit
from base.dates import today
from base.keyset import beyond
from base.once import new_key, submitted
from fund.applying.listing import listed, regulations_of, with_words
from fund.applying.mine import awaiting
from fund.applying.reviewing import Review, review
from fund.forms.reviewing import TABS, ApplicationFilter, PassForm
from fund.models import Application
from fund.permissions import spared
from fund.regulation.steps import OVER, Move, Stage
from fund.regulation.words import StepKind
from members.directory import organisation_choices
from members.enums import Capability
from members.finding import called
from members.models import Organisation
from members.scope import path_end

PAGE = 25
ORDERS = {"mine": ("due_on", "pk")}
"""By which each tab is ordered, the others by number, the latest first."""
NEWEST = ("-pk",)


@require_safe
def applications(request):
    """Applications in view, by tab and filter; whose turn it is comes first."""
    account, day = request.user, today()
    mine, rows = awaiting(account), listed(account)
    counts = rows.aggregate(all=Count("pk"), ended=Count("pk", filter=Q(state__in=OVER)))
    counts |= {"mine": mine.count(), "running": counts["all"] - counts["ended"]}
    chosen = ApplicationFilter(request.GET, regulations=regulations_of(account), day=day)
    tab = chosen.value("tab") or ("mine" if counts["mine"] else "running")
    where = chosen.value("organisation")
    here = get_object_or_404(Organisation.objects.visible_to(account), pk=where) if where else None
    tabs = {"mine": mine, "running": rows.running(), "ended": rows.filter(state__in=OVER), "all": rows}
    found, after = page_of(narrowed(tabs[tab], chosen, here), request.GET.get("after", ""), ORDERS.get(tab, NEWEST))
    if not chosen.numbered():
        audit.search(request, "applications", chosen.value("q"), found=len(found))
    told = [_row(account, row, tab, day) for row in found]
    context = {
        "rows": told, "after": after, "first": "after" not in request.GET, "filter": chosen, "tab": tab, "day": day,
        "tabs": [(code, label, counts[code]) for code, label in TABS.items()], "query": chosen.query(tab=tab),
        "narrowed": chosen.query(tab=""), "here": here, "organisations": organisation_choices(account, here),
        "ticks": any(row["passes"] for row in told), "once": new_key(),
    }  # fmt: skip
    return render(request, "fund/applications.html", context)


def narrowed(rows: QuerySet[Application], chosen: ApplicationFilter, here: Organisation | None):
    """By state, class, organisation, year, and number or name."""
    if here:
        rows = rows.filter(path__gte=here.path, path__lt=path_end(here.path))
    for name in ("state", "kind", "year"):
        if value := chosen.value(name):
            rows = rows.filter(**{name: value})
    if numbered := chosen.numbered():
        year, number = numbered
        return rows.filter(number=number, **({"year": year} if year else {}))
    return rows.filter(person__in=called(chosen.value("q"))[-1]) if chosen.value("q") else rows


def page_of(rows: QuerySet[Application], after: str, order: tuple[str, ...]) -> tuple[list[Application], str]:
    """One page and the cursor of the next, empty on the last."""
    names = [each.removeprefix("-") for each in order]
    if after:
        try:
            rows = rows.filter(beyond(order, after.split("~", len(order) - 1)))
        except (ValueError, ValidationError):
            rows = rows.all()
    found = list(with_words(rows).order_by(*order)[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    return found, "~".join(str(getattr(found[-1], name)) for name in names) if more else ""


def _row(account, row: Application, tab: str, day) -> dict:
    """A row in words: of what it is for nothing to who only pays it."""
    regulation = row.regulation.parsed
    step = next((each for each in regulation.steps if each.code == row.state), None)
    reads = account.scope.may(Capability.VIEW, row.path) or account.person_id in (row.person_id, row.filed_by_id)
    plain = step is not None and step.kind == StepKind.REVIEW and not step.meeting
    return {
        "application": row, "state": row.state_words, "kind": row.class_of.title if reads else "",
        "late": bool(row.due_on and row.due_on < day and not row.over), "passes": tab == "mine" and plain,
        "tone": _tone(row, step),
    }  # fmt: skip


def _tone(row: Application, step) -> str:
    if row.state == Stage.CLOSED:
        return "ok"
    return "late" if row.state in (Stage.REFUSED, Stage.DIED) else "soon" if row.state == Stage.RETURNED else "open"


# Several at once


@require_POST
def applications_pass(request):
    """Pass those that are ticked with the sum proposed before; those that want a reason stay, each with why."""
    account = request.user
    if not account.scope.may(Capability.RECORD):
        raise PermissionDenied("批量通过由办理审核的书记和组织部用。")
    form = PassForm(request.POST)
    asked = form.rows()
    rows = list(with_words(Application.objects.visible_to(account).filter(pk__in=asked)).order_by("pk"))
    if len(rows) != len(asked):
        raise Http404
    if not rows:
        messages.warning(request, "没有勾选，什么也没有办。请先勾选要通过的申请。")
        return redirect("applications")
    return redirect(submitted(request, form, lambda: _pass(request, rows, asked)) or "applications")


def _pass(request, rows: list[Application], serials: dict[int, int]) -> str:
    """Each by itself: one that is refused leaves the others."""
    done, left, now = [], [], timezone.now()
    for row in rows:
        try:
            with transaction.atomic():
                review(
                    by=request.user, application=row, review=Review(Move.PASS, fen=row.fen), serial=serials[row.pk],
                    now=now,
                )  # fmt: skip
            done.append(row.label)
        except ValidationError as refused:
            left.append(f"{row.label}：{''.join(spared(request.user, row, refused).messages)}")
        except PermissionDenied as refused:
            left.append(f"{row.label}：{refused}")
    if done:
        messages.success(request, f"已通过 {len(done)} 件：{'、'.join(done)}。金额按上一步提出的。")
    for said in left:
        messages.warning(request, said)
    return reverse("applications")
