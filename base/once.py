"""A form carries a key; whatever it causes is caused once, however often it is sent."""

import secrets
from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import CharField, Form, HiddenInput

from base import drafts
from base.models import OnceKey

REPEATED = "这张表已经保存过，没有再记一次。要改请撤回后重新登记。"


class OnceField(CharField):
    """The hidden field of a form that carries its key."""

    default_error_messages = dict.fromkeys(
        ("max_length", "null_characters_not_allowed"), "这张表的编号不对，请重新打开这一页再填。"
    )

    def __init__(self):
        super().__init__(max_length=64, widget=HiddenInput, required=False)


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


def was_done(key: str) -> bool:
    """Whether a form with this key was carried out."""
    return OnceKey.objects.filter(key=key[:64]).exists()


def answered(request, *, repeated: str = REPEATED) -> str | None:
    """Where the result of the form sent is, if it was carried out before: for forms that no longer hold afterwards."""
    key = request.POST.get("once", "")[:64]
    row = OnceKey.objects.filter(key=key).first() if key else None
    if row is None:
        return None
    messages.info(request, repeated)
    return row.result


def submitted(request, form: Form, act: Callable[[], str], *, repeated: str = REPEATED) -> str | None:
    """Carry out what a form with a field ``once`` asks for. Its draft has served then, and goes.

    :param repeated: what the reader is told when the form was carried out before, be it with other words in it.
    :returns: where the result is, or ``None`` if the form was not sent, does not hold, or ``act`` refused it with a
        ``ValidationError``; its sentences then stand in the form.
    """
    if not form.is_valid():
        return None
    try:
        where, fresh = once(form.cleaned_data["once"] or new_key(), act)
    except ValidationError as refused:
        form.add_error(None, refused)
        return None
    if not fresh:
        messages.info(request, repeated)
    if draft := getattr(form, "draft", None):
        drafts.drop(account=request.user.pk, key=draft.key)
    return where


def pressed(request, form: Form, act: Callable[[], str]) -> str | None:
    """The same for one button on a page, which has no place for a refusal: its sentences are told on the next page."""
    where = submitted(request, form, act)
    if where is None:
        messages.error(request, "".join(form.non_field_errors()) or "没有保存，请再点一次。")
    return where
