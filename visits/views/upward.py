"""The page of a report that goes up level by level: how far it has come, and the form of whose turn it is."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from base import audit
from base.dates import today
from base.drafts import drafted
from base.once import new_key, submitted, was_done
from duties.engine.models import Action, Deed
from duties.permissions import may_read_deed
from members.models import Event
from members.permissions import knows_event, may_record_at
from members.services import membership_on
from visits.forms.upward import UpwardForm
from visits.models import Visit
from visits.upward import KINDS, Way, is_honoured, report_up, way_of

STALE = "这一级刚才已经报告过，没有再记一次。现在轮到的一级见这一页。"
NOT_HONOURED = "没有登记为功勋荣誉获得者，不用逐级报告。得过荣誉的，先在“关怀类别”里登记，再回到这一页。"


def report_upward(request, pk: int):
    """How far the report of a last illness or a death has come; the form for whoever's turn it is."""
    account, day = request.user, today()
    way = _way_asked_for(request, pk, day)
    person, path = way.event.person, way.stay.path
    if not is_honoured(person.pk, way.event.occurred_on):
        raise PermissionDenied(f"{person.name}{NOT_HONOURED}")
    may_act = not way.ended and _may_act(account, way)
    stale = request.method == "POST" and request.POST.get("turn", str(way.turn)) != str(way.turn)
    if stale and (not may_act or was_done(request.POST.get("once", ""))):
        messages.info(request, STALE)
        return redirect("report_upward", pk)
    if request.method == "POST" and not may_act:
        raise PermissionDenied("这一级由轮到的同志和所在党组织书记、组织部报告；与你本人有关的由别人办。")
    form = _form(request, way, day) if may_act else None
    if stale:
        form.add_error(None, STALE)
    if form and (where := submitted(request, form, lambda: _report(form, request, day))):
        return redirect(where)
    told = _told(account, way)
    if any(deed.may_read for deed in told.values()):
        audit.write(audit.Act.READ, f"event:{pk}", field="upward")
    visits = Visit.objects.visible_to(account).filter(
        record__member=person, record__withdrawn_on=None, record__on__gte=way.event.occurred_on,
        record__action__in=[Action.VISIT, Action.CONDOLENCE],
    )  # fmt: skip
    context = {
        "way": way, "form": form, "person": person, "day": day, "told": told.get(way.report and way.report.pk),
        "levels": [(level, told.get(level.task and level.task.record)) for level in way.levels],
        "visits": visits.select_related("record").only("record__on", "record__action").order_by("record__on", "pk"),
        "may_record": may_record_at(account, path) and account.person_id != person.pk,
        "what": way.event.get_kind_display(), "full_path": request.get_full_path(),
    }  # fmt: skip
    return render(request, "visits/report_upward.html", context, status=422 if form and form.errors else 200)


def _way_asked_for(request, pk: int, day) -> Way:
    """The way of the event, for those who may know of it and for whoever has a task in it."""
    account = request.user
    events = Event.objects.visible_to(account).standing().filter(kind__in=KINDS)
    event = get_object_or_404(events.select_related("person"), pk=pk)
    stay = membership_on(event.person, day) if event.person_id else None
    if stay is None or event.person_id == account.person_id:
        raise Http404
    way = way_of(event, stay, day)
    if not knows_event(account, event, stay.path) and not _has_a_turn(account, way):
        raise Http404
    return way


def _has_a_turn(account, way: Way) -> bool:
    return any(level.task and level.task.event.addressee_id == account.person_id for level in way.levels)


def _may_act(account, way: Way) -> bool:
    """Whoever has the task, and who may record at the level whose turn it is."""
    if way.now is None:
        return may_record_at(account, way.stay.path)
    addressee = way.now.task.event.addressee_id
    return addressee == account.person_id or may_record_at(account, way.now.organisation.path)


def _form(request, way: Way, day) -> UpwardForm:
    account = request.user
    first = next(iter(way.then.holders)).pk if way.then else None
    initial = {"once": new_key(), "on": day, "people": [account.person_id], "to": first}
    data = request.POST if request.method == "POST" else None
    form = UpwardForm(data, account=account, way=way, day=day, initial=initial)
    return drafted(form, account=account.pk, key=f"upward:e{way.event.pk}:{way.turn}", now=timezone.now())


def _report(form: UpwardForm, request, day) -> str:
    way, given = form.way, form.given()
    report_up(by=request.user, way=way, today=day, **given)
    said = f"已报告{way.then.organisation.label}{given['to'].name}，已进入他的应办清单。" if way.then else "已登记。"
    messages.success(request, said)
    return reverse("report_upward", args=[way.event.pk])


def _told(account, way: Way) -> dict[int, Deed]:
    """What was reported and arranged, by the record; each with ``may_read``."""
    records = [way.report.pk] if way.report else []
    records += [level.task.record for level in way.levels if level.task and level.task.record]
    deeds = (
        Deed.objects.visible_to(account)
        .filter(record__in=records)
        .select_related("record")
        .prefetch_related("record__actors__person")
    )
    for deed in (found := list(deeds.order_by("pk"))):
        deed.may_read = may_read_deed(account, deed.record)
    return {deed.record_id: deed for deed in found}
