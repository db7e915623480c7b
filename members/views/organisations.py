"""Organisations and posts, to read."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from base.dates import FAR, today
from members.asked import number
from members.directory import organisation_lines, page_after, post_lines
from members.enums import Capability
from members.models import Organisation, Post


def _check_viewer(account) -> None:
    """:raises PermissionDenied: for an account without a post that may look."""
    if not account.scope.may(Capability.VIEW):
        raise PermissionDenied("党组织和任职由有查阅职责的同志查看。你自己的情况在“我的”里。")


@require_safe
def organisations(request):
    """The tree of organisations in scope."""
    _check_viewer(request.user)
    rows, after = page_after(Organisation.objects.visible_to(request.user), "path", request.GET.get("after", ""))
    shown = Organisation.objects.visible_to(request.user).filter(pk__in=[row.pk for row in rows])
    context = {
        "lines": organisation_lines(shown, request.user, today()),
        "after": after,
        "first": "after" not in request.GET,
        "may_import": request.user.scope.may(Capability.IMPORT),
        "day": today(),
    }
    return render(request, "members/organisations.html", context)


@require_safe
def organisation(request, pk):
    """One organisation: what is known of it, where it stood, what stands below it, who holds its posts."""
    account, day, pk = request.user, today(), number(pk)
    visible = Organisation.objects.visible_to(account)
    shown = visible.filter(Q(pk=pk) | Q(parents__parent=pk, parents__until=FAR)).distinct()
    lines = organisation_lines(shown, account, day)
    own = next((line for line in lines if line.organisation.pk == pk), None)
    if own is None:
        raise Http404
    here = own.organisation
    posts = Post.objects.on(day).visible_to(account).filter(organisation=here).select_related("organisation", "person")
    context = {
        "here": here,
        "pages": settings.ORGANISATION_PAGES if account.scope.may(Capability.VIEW, here.path) else (),
        "own": own,
        "lines": [line for line in lines if line is not own],
        "parents": here.parents.filter(parent__in=visible).select_related("parent").order_by("-since", "pk"),
        "posts": post_lines(list(posts.order_by("since", "pk")), account, now=timezone.now(), with_accounts=False),
        "may_keep": account.scope.may(Capability.IMPORT, here.path),
        "ended": here.until <= day,
    }
    return render(request, "members/organisation.html", context)


@require_safe
def posts(request):
    """Who holds which post, or held it, in scope; for those who invite also whether there is an account."""
    account, day = request.user, today()
    _check_viewer(account)
    past = request.GET.get("past") == "1"
    found = Post.objects.visible_to(account).select_related("organisation", "person")
    found = found.filter(until__lte=day) if past else found.on(day)
    rows, after = page_after(found, "organisation__path", request.GET.get("after", ""))
    may_invite = account.scope.may(Capability.IMPORT)
    context = {
        "lines": post_lines(rows, account, now=timezone.now(), with_accounts=may_invite),
        "past": past,
        "after": after,
        "first": "after" not in request.GET,
        "query": "past=1" if past else "",
        "may_invite": may_invite,
    }
    return render(request, "members/posts.html", context)
