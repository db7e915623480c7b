"""Signing in: a name and a password, nothing else; no permissions are kept in accounts."""

from django.contrib.auth.backends import BaseBackend

from members.models import Account


class AccountBackend(BaseBackend):
    """Checks the password, spending the same time for a name nobody has."""

    def authenticate(self, request, username=None, password=None, **kwargs):
        if username is None or password is None:
            return None
        account = Account.objects.filter(username=username).first()
        if account is None:
            Account().set_password(password)
            return None
        return account if account.check_password(password) and account.is_active else None

    def get_user(self, user_id):
        return Account.objects.select_related("person").filter(pk=user_id, is_active=True).first()
