"""A form carries a key; whatever it causes is caused once, however often it is sent."""

import secrets
from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import Form

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


def submitted(form: Form, act: Callable[[], str]) -> str | None:
    """Carry out what a form with a field ``once`` asks for.

    :returns: where the result is, or ``None`` if the form was not sent, does not hold, or ``act`` refused it with a
        ``ValidationError``; its sentences then stand in the form.
    """
    if not form.is_valid():
        return None
    try:
        return once(form.cleaned_data["once"] or new_key(), act)[0]
    except ValidationError as refused:
        form.add_error(None, refused)
        return None
