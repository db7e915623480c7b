"""Pages of 帮扶任务: the list, giving one about a member, one task, giving it another day, taking it back."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from base import audit
from base.dates import today
from base.drafts import drafted
from base.keyset import newest_first
from base.once import new_key, submitted
from duties.ask_forms import TaskForm, TaskMoveForm
from duties.board.permits import may_read_task
from duties.board.words import describe, with_words
from duties.engine.models import Duty
from duties.forms import TAKEN_BACK, WithdrawForm
from duties.tasks import (
    Task,
    assign_task,
    check_may_change,
    given_to,
    known_to,
    may_change,
    move_task,
    offered,
    path_of,
    source_page,
    stand,
    withdraw_task,
)
from members.asked import member_asked_for
from members.enums import Capability
from members.models import Event, Membership, Person
from members.permissions import check_may_record, check_may_record_about

PAGE = 50
WHOSE = {"mine": "交给我的", "given": "我布置的", "here": "我能看到的"}
"""The lists of tasks."""


@require_safe
def tasks(request):
    """Tasks, newest first: those one has, those one gave, all that one may know of."""
    account, day = request.user, today()
    whose = request.GET.get("whose", "")
    whose = whose if whose in WHOSE else "mine"
    known = known_to(account)
    lists = {"mine": known.filter(given_to(account)), "given": known.filter(entered_by=account.person_id or 0)}
    page, after = newest_first(lists.get(whose, known), request.GET.get("after", ""), size=PAGE, day="occurred_on")
    context = {
        "rows": [(each, each.words(account)) for each in stand(page, day)], "after": after, "day": day,
        "whose": whose, "query": f"whose={whose}", "tabs": WHOSE.items(), "first": "after" not in request.GET,
        "may_record": account.scope.may(Capability.RECORD),
    }  # fmt: skip
    return render(request, "duties/tasks.html", context)


def task_new(request):
    """Giving a task about a member; without one, the picker."""
    account, day = request.user, today()
    check_may_record(account)
    membership = member_asked_for(request, day)
    if membership is None:
        return render(request, "duties/task_pick.html", {"target": "task_new"})
    check_may_record_about(account, membership.person)
    initial = {"once": new_key(), "member": membership.person_id}
    data = request.POST if request.method == "POST" else None
    form = TaskForm(data, offered=offered(membership, day), initial=initial)
    form = drafted(form, account=account.pk, key=f"task:m{membership.person_id}", now=timezone.now())
    if where := submitted(request, form, lambda: _assign(form, request, membership, day)):
        return redirect(where)
    context = {
        "form": form, "membership": membership, "cancel_url": reverse("member", args=[membership.person_id]),
    }  # fmt: skip
    return render(request, "duties/task_new.html", context, status=422 if form.errors else 200)


def _assign(form: TaskForm, request, membership: Membership, day) -> str:
    made = assign_task(by=request.user, member=membership.person, **form.task(), today=day)
    messages.success(request, f"已交给{made.addressee.name}，{made.due_on:%m-%d} 到期，已进入应办清单。")
    return reverse("task", args=[made.pk])


def _asked_for(request, pk: int) -> tuple[Task, str]:
    """The task as it stands, and where; one out of scope does not exist."""
    (found,) = stand([get_object_or_404(known_to(request.user), pk=pk)], today())
    return found, found.path or path_of(found.event, today())


@require_safe
def task(request, pk: int):
    """One task: for whom, by whom, by when, how it stands; what it says only for those who may read it."""
    account, day = request.user, today()
    found, path = _asked_for(request, pk)
    event = found.event
    if reads := may_read_task(account, event, path):
        audit.write(audit.Act.READ, f"event:{event.pk}", field="note")
    within = Duty.objects.visible_to(account).filter(event=event)
    line = next(iter(describe(with_words(within).order_by("pk")[:1], account, day)), None)
    context = {
        "task": found, "source": source_page(account, event, path), "event": event,
        "may_read": reads, "line": line, "day": day,
        "record": line.duty.closed_by if line and found.record and account.scope.may(Capability.VIEW, path) else None,
        "may_change": found.running and may_change(account, event, path), "opens": _opens_member(account, event),
    }  # fmt: skip
    return render(request, "duties/task.html", context)


def _opens_member(account, event: Event) -> bool:
    """Whether the reader may open the page of whom the task is about."""
    return bool(event.person_id) and Person.objects.visible_to(account).filter(pk=event.person_id).exists()


def task_move(request, pk: int):
    """Giving a task another day."""
    found, path = _asked_for(request, pk)
    check_may_change(request.user, found.event, path)
    initial = {"once": new_key(), "due_on": found.event.due_on}
    form = TaskMoveForm(request.POST if request.method == "POST" else None, initial=initial)
    if where := submitted(request, form, lambda: _move(form, request, found)):
        return redirect(where)
    context = {"form": form, "task": found, "event": found.event, "back": reverse("task", args=[pk])}
    return render(request, "duties/task_move.html", context, status=422 if form.is_bound else 200)


def _move(form: TaskMoveForm, request, found: Task) -> str:
    move_task(by=request.user, event=found.event, **_given(form, "due_on", "reason"), today=today())
    messages.success(request, f"期限已改到 {form.cleaned_data['due_on']}。")
    return reverse("task", args=[found.event.pk])


def _given(form, *names: str) -> dict:
    return {name: form.cleaned_data[name] for name in names}


def task_withdraw(request, pk: int):
    """Taking a task back; its duty goes."""
    found, path = _asked_for(request, pk)
    check_may_change(request.user, found.event, path)
    form = WithdrawForm(request.POST if request.method == "POST" else None, initial={"once": new_key()})
    if where := submitted(request, form, lambda: _withdraw(form, request, found), repeated=TAKEN_BACK):
        return redirect(where)
    context = {"form": form, "task": found, "event": found.event, "back": reverse("task", args=[pk])}
    return render(request, "duties/task_withdraw.html", context, status=422 if form.is_bound else 200)


def _withdraw(form: WithdrawForm, request, found: Task) -> str:
    withdraw_task(by=request.user, event=found.event, reason=form.cleaned_data["reason"], today=today())
    messages.success(request, "已撤回这件任务，对方的应办一并取消。")
    return reverse("task", args=[found.event.pk])
