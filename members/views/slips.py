"""A branch invites its members: the list, one code on the screen, a sheet of slips for all, taking a code back."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from base.once import new_key, once
from members.asked import number
from members.enums import Capability
from members.invitations import (
    VALID,
    code_for,
    digest,
    invite_all,
    issue_invitation,
    revoke_invitation,
    works,
)
from members.models import Organisation
from members.office_forms import ActForm
from members.permissions import check_may_record
from members.services import HOLDS_MEMBERS
from members.slips import invitable, invitees

GONE_CODE = "这个码已经用过或作废了，需要的话再发一个。"


@require_safe
def slips(request):
    """The members of one branch and how it stands with their accounts; of several branches, the choice first."""
    check_may_record(request.user)
    branches = _branches(request.user)
    asked = request.GET.get("organisation")
    here = get_object_or_404(branches, pk=number(asked)) if asked else _first(request.user, branches)
    if here is None or "choose" in request.GET:
        return render(request, "members/slips_pick.html", {"branches": branches.order_by("path")})
    lines = invitees(request.user, here, now=timezone.now())
    context = {
        "here": here, "lines": lines, "once": new_key(), "days": VALID.days,
        "waiting": sum(line.may_invite and line.until is None for line in lines),
        "opened": sum(line.state == "已开通" for line in lines),
        "several": branches.count() > 1,
    }  # fmt: skip
    return render(request, "members/slips.html", context)


def _branches(account):
    branches = Organisation.objects.on(account.scope.day).visible_to(account, Capability.RECORD)
    return branches.filter(kind__in=HOLDS_MEMBERS)


def _first(account, branches) -> Organisation | None:
    """The branch on whose list one begins: the one of one's own post, or the only one."""
    home = account.scope.home
    first = list(branches.order_by("path")[:2])
    return home if home in first else first[0] if len(first) == 1 else None


@require_POST
def slip(request, pk: int):
    """Invite one member: the code is shown here and nowhere else, on a second click the same one."""
    check_may_record(request.user)
    member = get_object_or_404(invitable(request.user), person=number(pk))
    back, code = _list_of(member.organisation_id), code_for(_key(request), f"open:{member.person_id}")
    try:
        once(digest(code), lambda: _issue(request.user, member.person, code))
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return redirect(back)
    if not works(code, now=timezone.now()):
        messages.warning(request, GONE_CODE)
        return redirect(back)
    context = {"person": member.person, "code": code, "purpose": "open", "days": VALID.days, "back": back}
    return render(request, "members/account_code.html", context)


def _issue(account, person, code: str) -> str:
    issue_invitation(by=account, person=person, now=timezone.now(), code=code)
    return ""


def _key(request) -> str:
    form = ActForm(request.POST)
    return (form.is_valid() and form.cleaned_data["once"]) or new_key()


def _list_of(organisation: int) -> str:
    return f"{reverse('slips')}?organisation={organisation}"


@require_POST
def slips_all(request):
    """The sheet of slips for everybody of the branch who has no account and no code; sent again, the same sheet."""
    check_may_record(request.user)
    here = get_object_or_404(_branches(request.user), pk=number(request.POST.get("organisation")))
    members = invitable(request.user).filter(organisation=here).order_by("person__name", "pk")
    issued = invite_all(
        by=request.user, people=[each.person for each in members], key=_key(request), now=timezone.now()
    )
    if not issued:
        messages.info(request, "没有要邀请的：都有账号，或都有还能用的码。要换码的请逐个点“换一个码”。")
        return redirect(_list_of(here.pk))
    context = {"here": here, "issued": issued, "until": timezone.now() + VALID, "back": _list_of(here.pk)}
    return render(request, "members/slips_sheet.html", context)


@require_POST
def slip_revoke(request, pk: int):
    """Take the code of one member back."""
    check_may_record(request.user)
    member = get_object_or_404(invitable(request.user), person=number(pk))
    if revoke_invitation(by=request.user, person=member.person, now=timezone.now()):
        messages.success(request, f"给{member.person.name}的邀请码已作废。")
    else:
        messages.info(request, f"{member.person.name}没有还能用的邀请码。")
    return redirect(_list_of(member.organisation_id))
