"""One member's page, and the one sealed value somebody has a reason to see."""

from django.conf import settings
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from base import audit
from base.dates import today
from duties.board.roster import categories_seen, seniority_of
from duties.board.timeline import SHOWN, story
from duties.board.words import sees_basis
from duties.reveal import Hidden, answered
from members.bonds import ties_by_hand
from members.enums import Capability, Standing
from members.models import Event, Membership, Person
from members.revealing import Secret, reveal, secret_of
from members.scope import sealed_at

SHOWS = {"": "全部", "fact": "事由", "rec": "记录", "bond": "类别和联系"}
"""What the time line can be narrowed to."""


@require_safe
def member(request, pk):
    """The facts, what is to come, and the time line of one member in scope."""
    account, day = request.user, today()
    person = get_object_or_404(Person.objects.visible_to(account), pk=pk)
    memberships = Membership.objects.on(day).visible_to(account).filter(person=person)
    membership = memberships.select_related("organisation", "person").order_by("pk").first()
    if membership is None:
        return redirect("me")
    dead = membership.standing == Standing.DEAD
    told = story(account, person, membership.path, day, died_on=membership.since if dead else None)
    show = request.GET.get("show", "")
    entries = [entry for entry in told.entries if show not in SHOWS or not show or entry.kind == show]
    shown = entries if "all" in request.GET else entries[:SHOWN]
    scope = account.scope
    context = {
        "person": person,
        "membership": membership,
        "seniority": seniority_of(membership, day),
        "story": told,
        "dead": dead,
        "forms": settings.MEMBER_FORMS["dead" if dead else "living"],
        "entries": shown,
        "older": len(entries) - len(shown),
        "show": show,
        "shows": SHOWS.items(),
        "pages": settings.MEMBER_PAGES,
        "day": day,
        "may_record": scope.may(Capability.RECORD, membership.path) and person.pk != account.person_id,
        "may_reveal": scope.may(Capability.REVEAL, membership.path),
        "ties": ties_by_hand(person).on(day).defer(*sealed_at("person", "to")),
        "categories": categories_seen(person.categories.on(day).order_by("kind", "pk"), account, membership),
    }
    return render(request, "duties/member.html", context)


def member_reveal(request, pk):
    """Ask why, then show one sealed value once and leave the audit row; a GET shows the form, or the mask again."""
    account, field = request.user, request.POST.get("field") or request.GET.get("field", "")
    person = get_object_or_404(Person.objects.visible_to(account), pk=pk)
    secret = secret_of(person, field)
    if secret is None or not _may_know_of(account, secret):
        raise Http404
    _check_may_reveal(account, person, secret)
    here, back = (reverse(name, args=[pk]) for name in ("member_reveal", "member"))
    hidden = Hidden(person.name, secret.label, field, secret.masked, here, back)
    return answered(request, hidden, lambda reason: reveal(by=account, secret=secret, reason=reason))


def _may_know_of(account, secret: Secret) -> bool:
    """Whether there is such an event for the account."""
    return isinstance(secret.row, Person) or Event.objects.visible_to(account).filter(pk=secret.row.pk).exists()


def _check_may_reveal(account, person: Person, secret: Secret) -> None:
    """:raises base.audit.Denied: in scope but not allowed; names the person or event and the field."""
    paths = person.memberships.on(today()).order_by("pk").values_list("path", flat=True)
    may = any(account.scope.may(Capability.REVEAL, path) for path in paths)
    if may and (secret.row is person or sees_basis(account, secret.sensitive, paths[0], person.pk)):
        return
    sentence = "查看敏感信息要有书记或组织部的岗位。确有需要，请找所在支部书记。"
    raise audit.Denied(sentence, secret.subject, field=secret.field)
