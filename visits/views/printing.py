"""Printed forms on A4: the record of a talk, and a request for one. For those who may read them; audited."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from base import audit
from base.dates import today
from duties.board.records import event_label
from duties.engine.records import printed_posts
from members.services import membership_on
from visits.confirming import WITH_CONFIRMATIONS
from visits.lists import with_people
from visits.models import Talk
from visits.permissions import may_read_talk
from visits.requesting import known_to, late_by, may_read_reason
from visits.views.following import following


@require_safe
def talk_print(request, pk: int):
    """谈心谈话记录表, with places for both to sign."""
    account, day = request.user, today()
    talks = with_people(Talk.objects.visible_to(account)).prefetch_related(WITH_CONFIRMATIONS)
    found = get_object_or_404(talks, pk=pk)
    record = found.record
    if not may_read_talk(account, record):
        raise PermissionDenied("谈话记录由谈话人、本人、本支部书记和组织委员打印。")
    audit.write(audit.Act.PRINT, f"record:{record.pk}")
    context = {
        "talk": found, "record": record, "day": day,
        "event": event_label(record.event, account, record.path, day) if record.event else "",
        "post": printed_posts([record.member], record.on).get(record.member_id, ""),
        **following(account, found, day, reads=True),
    }  # fmt: skip
    return render(request, "visits/talk_print.html", context)


@require_safe
def talk_request_print(request, pk: int):
    """约谈申请登记表 of one request; why it was asked only for those who may read it."""
    account, day = request.user, today()
    found = get_object_or_404(known_to(account), pk=pk)
    reads = may_read_reason(account, found)
    audit.write(audit.Act.PRINT, f"event:{found.pk}", private=reads)
    stay = membership_on(found.person, found.occurred_on)
    context = {
        "asked": found, "may_read": reads, "late": late_by(found), "day": day,
        "organisation": stay.organisation.name if stay else "",
    }  # fmt: skip
    return render(request, "visits/talk_request_print.html", context)
