"""上会: the meetings of funds, entering what one decided, and its papers on A4."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q, QuerySet, Sum
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from base import audit
from base.dates import today
from base.drafts import FormDraft, drafted, fill
from base.keyset import newest_first
from base.once import answered, new_key, submitted
from fund.applying.agenda import agenda_of, attendees_of, called_so, decisions_of, waiting_for_meeting
from fund.applying.deciding import decide
from fund.applying.filing import content_of
from fund.applying.showing import to_post
from fund.forms.meetings import MeetingForm
from fund.models import Application, Decision, Fund, Meeting
from fund.permissions import may_manage
from fund.regulation.reckoning import yuan
from members.asked import number
from members.enums import Capability

PAGE = 20
AGAIN = "这次会议刚才已经登记，没有再记一次。"


def managed(account) -> QuerySet[Fund]:
    """The funds whose meetings, notices and regulations the account keeps.

    :raises PermissionDenied: if there is none.
    """
    if not account.scope.may(Capability.FUND):
        raise PermissionDenied("上会、公示和资金管理办法由组织部办理。")
    return Fund.objects.visible_to(account, Capability.FUND).select_related("organisation").order_by("pk")


def fund_asked_for(request, funds: QuerySet[Fund]) -> Fund | None:
    """The fund that the address names, else the first of these."""
    asked = request.GET.get("fund")
    return get_object_or_404(funds, pk=number(asked)) if asked else funds.first()


def check_reads_books(account) -> None:
    if not account.scope.may(Capability.READ_BOOKS):
        raise PermissionDenied("资金的会议和公示由组织部、财务和检查组查看。自己的申请在“我的”里看。")


@require_safe
def meetings(request):
    """Meetings that decided on money of funds whose books the account reads, the latest first; what waits for one."""
    account = request.user
    check_reads_books(account)
    rows = Meeting.objects.visible_to(account, Capability.READ_BOOKS).select_related("fund__organisation")
    agreed = Q(decisions__outcome=Decision.Outcome.AGREED)
    rows = rows.annotate(
        decided=Count("decisions"), agreed=Count("decisions", filter=agreed), fen=Sum("decisions__fen")
    )
    page, after = newest_first(rows, request.GET.get("after", ""), size=PAGE, day="on")
    kept = []
    if account.scope.may(Capability.FUND):
        funds = list(managed(account).prefetch_related("regulations"))
        counts = waiting_for_meeting(funds)
        kept = [(fund, counts[fund.pk]) for fund in funds]
    context = {
        "rows": page, "after": after, "first": "after" not in request.GET, "kept": kept,
        "waiting": sum(count for _fund, count in kept),
    }  # fmt: skip
    return render(request, "fund/meetings.html", context)


def meeting_new(request):
    """Entering one meeting from its minutes: who came, and what was decided on each application."""
    account, now, day = request.user, timezone.now(), today()
    fund = fund_asked_for(request, managed(account))
    if where := answered(request, repeated=AGAIN):
        return redirect(where)  # what it decided waits no longer, and the form would not hold
    if fund is None:
        return render(request, "fund/meeting_new.html", {"form": None, "fund": None, "own": []})
    agenda = agenda_of(fund, account, day)
    form, found = _form(request, agenda, day, now)
    if where := submitted(request, form, lambda: _decided(form, request, now), repeated=AGAIN):
        return redirect(where)
    context = {
        "form": form, "fund": fund, "agenda": agenda, "found": found, "totals": form.totals(), "lines": form.lines(),
        "own": [each.row for each in agenda.matters if each.own],
        "funds": list(managed(account)),
    }  # fmt: skip
    return render(request, "fund/meeting_new.html", context, status=422 if form.errors else 200)


def _form(request, agenda, day, now):
    """The form as it is to be shown or checked, and the people found who were to be named beside."""
    account, key = request.user, f"meeting:f{agenda.fund.pk}"
    made = {"agenda": agenda, "account": account, "day": day}
    fresh = {"once": new_key(), "body": agenda.body, "on": day}
    again = request.method == "POST" and bool({"refresh", "find"} & set(request.POST))
    if not again:
        form = MeetingForm(request.POST if request.method == "POST" else None, **made, initial=fresh)
        form = drafted(form, account=account.pk, key=key, now=now)
        form.seat()
        return form, []
    form, found = MeetingForm(None, **made, initial=fresh), []
    fill(form, request.POST)
    # What was seen stays what was seen: a page shown again hides no step that was taken meanwhile.
    hidden = ("once", *(name for name in form.fields if name.startswith("serial-")))
    form.initial |= {name: request.POST[name] for name in hidden if name in request.POST}
    form.draft = FormDraft(key)
    if "find" in request.POST:
        found = called_so(account, request.POST.get("add", ""), day)
        chosen = request.POST.get("beside")
        named = [each for each in found if str(each.person.pk) == chosen] or found
        if len(named) == 1:
            form.name_beside(named[0].person)
            found = []
        elif not found:
            messages.warning(request, "没有找到这个姓名的党员或任职的人，请写全名。")
    form.seat(request.POST.getlist("seated"))
    return form, found


def _decided(form: MeetingForm, request, now) -> str:
    try:
        results = form.results(now)
        meeting = decide(by=request.user, sitting=form.sitting(), results=results, now=now)
    except PermissionDenied as refused:  # nothing typed may be lost
        raise ValidationError(str(refused)) from refused
    fen = sum(each.fen for each in results)
    told = f"已登记 {len(results)} 件决定，预留 {yuan(fen)}。" if fen else f"已登记 {len(results)} 件决定。"
    told += "同意的请接着公示。" if any(each.fen and not each.application.urgent for each in results) else ""
    messages.success(request, told)
    return reverse("meeting", args=[meeting.pk])


# One meeting


def _meeting(request, pk: int) -> Meeting:
    check_reads_books(request.user)
    rows = Meeting.objects.visible_to(request.user, Capability.READ_BOOKS)
    return get_object_or_404(rows.select_related("fund__organisation", "entered_by"), pk=pk)


@require_safe
def meeting(request, pk: int):
    """What one meeting decided, as it was frozen then; reasons for those who manage the fund."""
    found = _meeting(request, pk)
    attendees = attendees_of(found)
    context = {
        "meeting": found, "attendees": attendees, "decisions": (rows := decisions_of(found, attendees)),
        "present": sum(each.present for each in attendees), "fen": sum(each.fen for each in rows),
        "manages": may_manage(request.user, found.fund), "broken": any(each.stands is False for each in rows),
        "agreed": sum(each.outcome == Decision.Outcome.AGREED for each in rows),
        "unposted": to_post(Application.objects.visible_to(request.user).filter(decisions__meeting=found)).count(),
    }  # fmt: skip
    return render(request, "fund/meeting.html", context)


@require_safe
def meeting_print(request, pk: int):
    """集体研究决定表: what was decided, to be signed and filed with the minutes."""
    found = _meeting(request, pk)
    attendees = attendees_of(found)
    rows = decisions_of(found, attendees)
    audit.write(audit.Act.PRINT, f"meeting:{found.pk}")
    context = {
        "meeting": found, "attendees": attendees, "decisions": rows, "fen": sum(each.fen for each in rows),
        "manages": may_manage(request.user, found.fund), "present": [each for each in attendees if each.present],
        "absent": [each for each in attendees if not each.present], "day": today(),
    }  # fmt: skip
    return render(request, "fund/meeting_print.html", context)


@require_safe
def meeting_papers(request):
    """上会材料: what the meeting is to decide on, with the reasons that were given; for the meeting alone."""
    account, day = request.user, today()
    fund = fund_asked_for(request, managed(account))
    agenda = agenda_of(fund, account, day) if fund else None
    matters = agenda.matters if agenda else []
    for each in matters:
        each.content = content_of(each.row)
    audit.write(audit.Act.PRINT, f"fund:{fund.pk if fund else 0}", applications=[each.row.pk for each in matters])
    context = {
        "fund": fund, "matters": matters, "day": day, "proposed": sum(each.proposed for each in matters),
        "pots": [pot for pot in agenda.pots if pot.available] if agenda else [],
    }  # fmt: skip
    return render(request, "fund/meeting_papers.html", context)
