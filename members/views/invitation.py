"""The pages for whoever has a one-time code: opening an account, setting a new password after a reset."""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from members.forms import AcceptInvitation
from members.invitations import accept_invitation, accept_reset
from members.office_forms import SetPassword


@never_cache
@login_not_required
@sensitive_post_parameters("code", "password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request):
    """Show the form; open the account to sign in with. A refused code says nothing of whose it is."""
    form = AcceptInvitation(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            given = form.cleaned_data
            accept_invitation(
                code=given["code"], username=given["username"], password=given["password"], now=timezone.now()
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            return redirect(f"{reverse('invitation')}?opened=1")
    context = {"form": form, "opened": "opened" in request.GET}
    return render(request, "members/invitation.html", context, status=422 if form.errors else 200)


@never_cache
@login_not_required
@sensitive_post_parameters("code", "password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def password_reset(request):
    """Show the form; set the new password. A refused code says nothing of whose it is."""
    form = SetPassword(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            accept_reset(code=form.cleaned_data["code"], password=form.cleaned_data["password"], now=timezone.now())
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            return redirect(f"{reverse('password_reset')}?done=1")
    context = {"form": form, "done": "done" in request.GET}
    return render(request, "members/password_reset.html", context, status=422 if form.errors else 200)
