"""Signing in and out: the same sentence for every refusal, a lock after five wrong passwords, each try audited."""

from datetime import timedelta

from axes.helpers import get_cool_off, get_failure_limit
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from base import audit
from base.audit import origin
from members.accounts import demo_accounts, house_name
from members.asked import number
from members.enums import Capability
from members.middleware import STARTED, origin_of
from members.models import Account

BACKEND = "members.backends.AccountBackend"

OFFICES = {
    Capability.ACCOUNTS: "accounts", Capability.GRANT: "grants", Capability.READ_AUDIT: "audit",
    Capability.PAY: "payments", Capability.KEEP_BOOKS: "fund",
}  # fmt: skip
"""Where those begin who look at no members: the 三员 (system and security administrator, auditor), cashiers."""


def first_page(account: Account) -> str:
    """The URL name of the page on which an account begins."""
    office = next((page for capability, page in OFFICES.items() if account.scope.may(capability)), "desk")
    return "desk" if account.scope.may(Capability.VIEW) else office


class SignIn(LoginView):
    """The sign-in page. A refused try comes back as 422 and says how many are left."""

    template_name = "members/sign_in.html"
    redirect_authenticated_user = True

    def get(self, request, *args, **kwargs):
        # A fragment asked for after the session's end must not put the whole page into a corner of the old one.
        return HttpResponseClientRedirect(request.path) if request.htmx else super().get(request, *args, **kwargs)

    def get_default_redirect_url(self):
        return reverse(first_page(self.request.user))

    def get_context_data(self, **kwargs):
        demo = demo_accounts() if settings.DEMO else ()
        more = {"demo_accounts": demo, "tries_left": self._tries_left(), "house": house_name()}
        return super().get_context_data(**kwargs, **more)

    def form_valid(self, form):
        _enter(self.request, form.get_user())
        return redirect(self.get_success_url())

    def form_invalid(self, form):
        known = (
            Account.objects.filter(username=form.cleaned_data.get("username", "")).values_list("pk", flat=True).first()
        )
        locked = {"locked": True} if getattr(self.request, "axes_locked_out", False) else {}
        audit.write(audit.Act.SIGN_IN, f"account:{known or 0}", allowed=False, **locked)
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def _tries_left(self) -> int | None:
        failures = getattr(self.request, "axes_failures_since_start", None)
        return None if failures is None else max(0, get_failure_limit(self.request, None) - failures)


sign_in = SignIn.as_view()


def locked_out(request, response, credentials):
    """The page of the lock, which is on the account and the address together: until when it lasts, and who to ask.

    :param response: what the sign-in page would have answered; not used.
    """
    tries = AccessAttempt.objects.filter(username=credentials["username"], ip_address=request.axes_ip_address)
    last = tries.order_by("-attempt_time", "-pk").values_list("attempt_time", flat=True).first()
    until = timezone.localtime((last or timezone.now()) + get_cool_off(request) + timedelta(seconds=59))
    return render(request, "members/sign_in_locked.html", {"until": until}, status=429)


@require_POST
def sign_out(request):
    """Leave; the session is gone from the server too."""
    audit.write(audit.Act.SIGN_OUT, f"account:{request.user.pk}")
    logout(request)
    response = redirect("sign_in")
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


@require_POST
@login_not_required
def demo_sign_in(request):
    """One click into one of the demo's invented accounts; there is no such page outside demo mode."""
    if not settings.DEMO:
        raise Http404
    account = get_object_or_404(demo_accounts(), pk=number(request.POST.get("account", "")))
    _enter(request, account)
    return redirect(first_page(account))


def _enter(request, account: Account) -> None:
    """Start a session of its own for the account and write it down."""
    login(request, account, backend=BACKEND)
    request.session[STARTED] = timezone.now().timestamp()
    origin.set(origin_of(request))
    audit.write(audit.Act.SIGN_IN, f"account:{account.pk}")
