"""The plan of an entry: tasks given from its page."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from base.dates import today
from base.drafts import drafted
from base.once import new_key, submitted
from care.entries import source_of
from care.models import Entry
from care.views.registers import recorded
from duties.ask_forms import TaskForm
from duties.tasks import assign_task, offered


def entry_task(request, pk: int):
    """Giving somebody something to do for the member of a running entry, by a day."""
    account, day = request.user, today()
    found, _kind, stay = recorded(request, pk)
    if found.until <= day:
        raise Http404
    initial = {"once": new_key(), "member": found.person_id}
    data = request.POST if request.method == "POST" else None
    form = TaskForm(data, offered=offered(stay, day), initial=initial)
    form = drafted(form, account=account.pk, key=f"task:e{found.pk}", now=timezone.now())
    if where := submitted(request, form, lambda: _assign(request, found, form, day)):
        return redirect(where)
    context = {"form": form, "membership": stay, "cancel_url": reverse("entry", args=[pk])}
    return render(request, "duties/task_new.html", context, status=422 if form.errors else 200)


def _assign(request, found: Entry, form: TaskForm, day) -> str:
    made = assign_task(by=request.user, member=found.person, source=source_of(found), **form.task(), today=day)
    messages.success(request, f"已交给{made.addressee.name}，{made.due_on:%m-%d} 到期，已进入应办清单。")
    return reverse("entry", args=[found.pk])
