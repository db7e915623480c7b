"""A form carries a key; whatever it causes is caused once, however often it is sent."""

import secrets
from collections.abc import Callable

from django.db import transaction

from base.models import OnceKey


def new_key() -> str:
    """A key for a freshly shown form."""
    return secrets.token_urlsafe(24)


def once(key: str, act: Callable[[], str]) -> tuple[str, bool]:
    """Carry out ``act`` unless ``key`` was carried out before.

    :param key: the form's key; a second transaction with the same key waits for the first.
    :param act: does the work inside this transaction and returns a short text (a URL) that says where the result is.
    :returns: that text, and whether it was done just now.
    """
    with transaction.atomic():
        row, fresh = OnceKey.objects.get_or_create(key=key[:64])
        if not fresh:
            return row.result, False
        row.result = act()
        row.save(update_fields=["result"])
        return row.result, True
