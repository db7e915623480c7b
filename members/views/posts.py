"""Keeping posts on pages: the system posts granted, beginning a post, and ending, correcting or taking back one."""

from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from base import audit
from base.dates import FAR, last_day, today
from base.once import submitted
from members.appointments import begin_post, correct_post, end_post, enter_person, posts_kept, titled, withdraw_post
from members.asked import number
from members.directory import page_after, post_lines
from members.enums import SYSTEM_ROLES, Capability
from members.finding import named, reached
from members.models import Organisation, Post
from members.office_forms import NEWCOMER, PostCorrect, PostEnd, PostNew, ReasonForm
from members.views.acts import bound, carried_out, status_of

AT_ONCE = "下一次点击起按新的任职看得到、办得了。"


@require_safe
def grants(request):
    """The system posts in scope, for whoever grants them."""
    account, day = request.user, today()
    if not account.scope.may(Capability.GRANT):
        raise PermissionDenied("系统岗位由安全保密管理员授予和收回。")
    past = request.GET.get("past") == "1"
    found = Post.objects.visible_to(account, Capability.GRANT).filter(role__in=SYSTEM_ROLES)
    found = found.select_related("organisation", "person")
    found = found.filter(until__lte=day) if past else found.on(day)
    rows, after = page_after(found, "organisation__path", request.GET.get("after", ""))
    context = {
        "lines": post_lines(rows, account, now=timezone.now(), with_accounts=True), "past": past, "after": after,
        "first": "after" not in request.GET, "query": "past=1" if past else "", "me": account.person_id,
    }  # fmt: skip
    return render(request, "members/grants.html", context)


def _keeps(account) -> Capability:
    """Which posts the account keeps: the system posts, or those of the party."""
    for capability in (Capability.GRANT, Capability.IMPORT):
        if account.scope.may(capability):
            return capability
    raise PermissionDenied("任职由组织部登记，系统岗位由安全保密管理员授予。")


def post_new(request):
    """Find the person by name, then say which post from when on."""
    account = request.user
    capability = _keeps(account)
    system, name = capability == Capability.GRANT, (request.POST or request.GET).get("name", "").strip()
    found = named(reached(account, capability), name, today())
    audit.search(request, "people", name, found=len(found))
    organisations = Organisation.objects.visible_to(account, capability).on(today()).order_by("path")
    asked = request.GET.get("organisation")
    initial = {"name": name, "organisation": asked and number(asked), "since": today()}
    if len(found) == 1:
        initial["person"] = str(found[0].person.pk)
    form = bound(
        request, "begin", PostNew, found=found, organisations=organisations, system=system, initial=initial,
        newcomer=f"{name}，不在名册里，新登记" if system and name else "",
    )  # fmt: skip
    if where := submitted(request, form, lambda: _begin(request, form, system)):
        return redirect(where)
    context = {
        "form": form, "name": name, "found": bool(form.fields["person"].choices), "system": system,
        "organisation": asked or "", "back": reverse("grants" if system else "posts"),
    }  # fmt: skip
    return render(request, "members/post_new.html", context, status=status_of({"begin": form}))


def _begin(request, form: PostNew, system: bool) -> str:
    given = form.cleaned_data
    person = enter_person(given["name"]) if given["person"] == NEWCOMER else form.found[int(given["person"])]
    post = begin_post(
        by=request.user, person=person, organisation=given["organisation"], role=given["role"], since=given["since"],
        last=given["last"], today=today(),
    )  # fmt: skip
    messages.success(request, f"{person.name}自 {post.since} 起任{titled(post)}，{AT_ONCE}")
    return reverse("grants" if system else "posts")


def post(request, pk: int):
    """One post that the account keeps: ending it, correcting its days, or taking it back."""
    account, day = request.user, today()
    found = get_object_or_404(posts_kept(account), pk=number(pk))
    last = None if found.until == FAR else last_day(found.until)
    forms = {
        "correct": bound(request, "correct", PostCorrect, initial={"since": found.since, "last": last}),
        "withdraw": bound(request, "withdraw", ReasonForm),
    }
    if found.until > day:
        forms["end"] = bound(request, "end", PostEnd, initial={"last": max(day - timedelta(days=1), found.since)})
    acts = {
        "end": lambda form: _end(request, found, form),
        "correct": lambda form: _correct(request, found, form),
        "withdraw": lambda form: _withdraw(request, found, form),
    }
    if where := carried_out(request, forms, acts):
        return redirect(where)
    context = {
        "post": found, "last": last, "forms": forms, "own": found.person_id == account.person_id,
        "ends": "收回" if found.role in SYSTEM_ROLES else "免职", "back": _list(found),
    }  # fmt: skip
    return render(request, "members/post.html", context, status=status_of(forms))


def _list(found: Post) -> str:
    return reverse("grants" if found.role in SYSTEM_ROLES else "posts")


def _end(request, found: Post, form: PostEnd) -> str:
    ended = end_post(by=request.user, post=found, last=form.cleaned_data["last"], today=today())
    when = "下一次点击起不再有这项权限" if ended.until <= today() else f"{last_day(ended.until)} 24 时起不再有这项权限"
    messages.success(request, f"{found.person.name}的{titled(found)}任到 {last_day(ended.until)}，{when}。")
    return _list(found)


def _correct(request, found: Post, form: PostCorrect) -> str:
    given = form.cleaned_data
    correct_post(by=request.user, post=found, since=given["since"], last=given["last"], today=today())
    messages.success(request, f"{found.person.name}的{titled(found)}日期已改正，{AT_ONCE}")
    return _list(found)


def _withdraw(request, found: Post, form: ReasonForm) -> str:
    withdraw_post(by=request.user, post=found, reason=form.cleaned_data["reason"])
    messages.success(request, f"{found.person.name}的{titled(found)}已撤销，就当没有任过。")
    return _list(found)
