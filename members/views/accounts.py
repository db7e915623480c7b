"""The system administrator's pages: the accounts in scope, one account, and inviting who has none."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from base import audit
from base.dates import today
from base.once import new_key, once
from members.accounts import (
    RESET_VALID,
    account_lines,
    awaited,
    disable_account,
    enable_account,
    invitable,
    reset_account,
    unlock_account,
)
from members.asked import number
from members.directory import page_after
from members.enums import Capability
from members.finding import named
from members.invitations import VALID, code_for, digest, issue_invitation, works
from members.models import Account, Person
from members.office_forms import ActForm
from members.views.acts import bound, carried_out

GONE_CODE = "这个码已经用过或作废了，需要的话再发一个。"


def _check_keeper(account) -> None:
    """:raises PermissionDenied: for an account that keeps no others."""
    if not account.scope.may(Capability.ACCOUNTS):
        raise PermissionDenied("账号由系统管理员管理。忘了密码、被锁住或要停用，请当面找本单位系统管理员。")


@require_safe
def accounts(request):
    """The accounts in scope, found by name; whose, with which posts, how they stand. Nothing of members."""
    _check_keeper(request.user)
    q = request.GET.get("q", "").strip()[:30].replace("\0", "")
    found = Account.objects.visible_to(request.user, Capability.ACCOUNTS).select_related("person")
    if q:
        found = found.filter(Q(username__icontains=q) | Q(person__name__contains=q))
    rows, after = page_after(found, "pk", request.GET.get("after", ""))
    audit.search(request, "accounts", q, found=len(rows))
    context = {
        "lines": account_lines(rows, now=timezone.now(), day=today()), "q": q, "after": after,
        "first": "after" not in request.GET, "query": f"q={q}" if q else "",
    }  # fmt: skip
    return render(request, "members/accounts.html", context)


@require_safe
def account_invitations(request):
    """Who holds a post and has no account; others are found by their whole name."""
    _check_keeper(request.user)
    name = request.GET.get("name", "").strip()
    found = named(invitable(request.user), name, today())
    audit.search(request, "people", name, found=len(found))
    context = {
        "awaited": awaited(request.user, now=timezone.now()), "name": name, "once": new_key(),
        "found": found,
    }  # fmt: skip
    return render(request, "members/account_invitations.html", context)


@require_POST
def account_invite(request, pk: int):
    """Invite one person: the code is shown here and nowhere else, on a second click the same one."""
    _check_keeper(request.user)
    person = get_object_or_404(invitable(request.user), pk=number(pk))

    def issue(code: str) -> None:
        issue_invitation(by=request.user, person=person, now=timezone.now(), code=code)

    back = reverse("account_invitations")
    return _with_code(request, person, issue, words={"purpose": "open", "valid": VALID, "back": back})


def account(request, pk: int):
    """One account: closing, opening, unlocking it, or giving out a code for a new password."""
    _check_keeper(request.user)
    visible = Account.objects.visible_to(request.user, Capability.ACCOUNTS).select_related("person")
    found = get_object_or_404(visible, pk=number(pk))
    forms = {act: bound(request, act, ActForm) for act in ("disable", "enable", "unlock", "reset")}
    if forms["reset"].is_bound:
        return _reset(request, found)
    acts = {act: lambda _form, act=act: _act(request, found, act) for act in ("disable", "enable", "unlock")}
    if where := carried_out(request, forms, acts):
        return redirect(where)
    (line,) = account_lines([found], now=timezone.now(), day=today())
    context = {"line": line, "found": found, "forms": forms, "own": found.pk == request.user.pk}
    return render(request, "members/account.html", context)


def _act(request, found: Account, act: str) -> str:
    if act == "disable":
        disable_account(by=request.user, account=found)
        said = "已停用，正在用的下一次点击就退出"
    elif act == "enable":
        enable_account(by=request.user, account=found)
        said = "已启用，用原来的密码登录"
    else:
        unlock_account(by=request.user, account=found)
        said = "已解锁，现在就可以再试"
    messages.success(request, f"{found}的账号{said}。")
    return reverse("account", args=[found.pk])


def _reset(request, found: Account) -> HttpResponse:
    def issue(code: str) -> None:
        reset_account(by=request.user, account=found, code=code, now=timezone.now())

    back = reverse("account", args=[found.pk])
    return _with_code(request, found.person, issue, words={"purpose": "reset", "valid": RESET_VALID, "back": back})


def _with_code(request, person: Person, issue: Callable[[str], None], *, words: dict) -> HttpResponse:
    """Issue a code once and show it; nothing keeps it, so the page is the answer to the form itself.

    A list has one key for all its forms: whom a code is for is part of the code, and the code is what is done once.
    """
    form = ActForm(request.POST)
    key = (form.is_valid() and form.cleaned_data["once"]) or new_key()
    code = code_for(key, f"{words['purpose']}:{person.pk}")
    try:
        once(digest(code), lambda: issue(code) or "")
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return redirect(words["back"])
    if not works(code, now=timezone.now()):
        messages.warning(request, GONE_CODE)
        return redirect(words["back"])
    context = {"person": person, "code": code, "days": words["valid"].days, **words}
    return render(request, "members/account_code.html", context)
