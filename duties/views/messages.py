"""The inbox: one's own messages, newest first, and one of them."""

from django.contrib import messages as flash
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from base.dates import today
from base.keyset import beyond
from base.numbers import whole_number
from duties.notices.models import Message

PAGE = 50
"""Messages of a list page."""


@require_safe
def messages(request):
    """One's own messages, fifty at a time."""
    mine = Message.objects.visible_to(request.user)
    rows = list(mine.filter(_beyond(request.GET.get("after", ""))).order_by("-pk")[: PAGE + 1])
    context = {
        "rows": rows[:PAGE],
        "after": rows[PAGE - 1].pk if len(rows) > PAGE else "",
        "first": "after" not in request.GET,
        "unread": mine.unread().count(),
    }
    return render(request, "duties/messages.html", context)


def _beyond(after: str) -> Q:
    """The rows after a cursor; an unreadable one gives the first page."""
    try:
        return beyond(("-pk",), (whole_number(after),))
    except ValueError:
        return Q()


@require_safe
def message(request, pk):
    """One message. Its numbers lead to the lists they were counted from."""
    found = get_object_or_404(Message.objects.visible_to(request.user), pk=pk)
    context = {"message": found, "content": found.content, "is_today": found.day == today()}
    return render(request, f"duties/message_{found.kind}.html", context)


@require_POST
def message_read(request, pk):
    """Mark one message as read."""
    found = get_object_or_404(Message.objects.visible_to(request.user), pk=pk)
    Message.objects.visible_to(request.user).unread().filter(pk=found.pk).update(read_at=timezone.now())
    return redirect("messages")


@require_POST
def messages_read(request):
    """Mark all of one's messages as read."""
    done = Message.objects.visible_to(request.user).unread().update(read_at=timezone.now())
    flash.info(request, f"已把 {done} 条消息标为已读。" if done else "没有未读的消息。")
    return redirect("messages")
