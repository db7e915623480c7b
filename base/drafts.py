"""Drafts: what is typed into a form is kept on the server, sealed, until the form is saved, a day at most.

One draft for an account and a form (``talk:m5``). It is offered to that account alone, when it opens the form again.
A view asks for that with :func:`drafted`; ``base.once.submitted`` drops the draft of a form that was carried out.
"""

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.forms import Form
from django.http import QueryDict
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from base.models import Draft, OnceKey

LIVES = timedelta(days=1)
LONGEST = 60_000
"""Characters of a draft; the longest text of a form has 20,000."""

_KEY = re.compile(r"[a-z]+(_[a-z]+)*(:[a-z0-9-]+)*")
_NOT_TYPED = {"csrfmiddlewaretoken", "once", "draft"}


class DraftRefused(ValueError):
    """No draft was kept: the form's key is none, or there is too much text."""


@dataclass(frozen=True)
class FormDraft:
    """What a form knows of its draft: the key, and when what it was filled with was typed, empty if with nothing."""

    key: str
    when: str = ""


def save(*, account: int, key: str, sent: QueryDict, now: datetime) -> None:
    """Keep what the account ``account`` has typed so far into the form ``key``, as its browser would send it.

    What comes after the form itself was carried out is not kept.

    :raises DraftRefused: for a key that no form of ours has, or for too much text.
    """
    text = json.dumps({name: values for name, values in sent.lists() if name not in _NOT_TYPED}, ensure_ascii=False)
    if not _KEY.fullmatch(key) or len(key) > 80 or len(text) > LONGEST:
        raise DraftRefused
    if OnceKey.objects.filter(key=sent.get("once", "")[:64]).exists():
        return
    Draft.objects.update_or_create(account=account, key=key, defaults={"text": text, "at": now})


def drafted(form: Form, *, account: int, key: str, now: datetime) -> Form:
    """The form, knowing its draft; one that was not sent is filled with what the account typed and did not save.

    :param key: names the form and what it is about, ``talk:m5``.
    """
    form.draft = FormDraft(key)
    row = None if form.is_bound else Draft.objects.filter(account=account, key=key, at__gt=now - LIVES).first()
    if row:
        fill(form, MultiValueDict(json.loads(row.text)))
        form.draft = FormDraft(key, _clock(row.at, now))
    return form


def fill(form: Form, typed: MultiValueDict) -> None:
    """Show in a form that was not sent what somebody typed into it, unchecked."""
    for name, field in form.fields.items():
        widget, prefixed = field.widget, form.add_prefix(name)
        if widget.is_hidden or widget.needs_multipart_form or widget.value_omitted_from_data(typed, {}, prefixed):
            continue
        form.initial[name] = widget.value_from_datadict(typed, {}, prefixed)


def _clock(at: datetime, now: datetime) -> str:
    """``10:32``, or ``昨天 23:58``."""
    at, now = timezone.localtime(at), timezone.localtime(now)
    return f"{'昨天 ' if at.date() != now.date() else ''}{at:%H:%M}"


def waiting(*, account: int, now: datetime) -> int:
    """How many drafts the account has; what is in them is for its own eyes."""
    return Draft.objects.filter(account=account, at__gt=now - LIVES).count()


def drop(*, account: int, key: str) -> None:
    """Forget a draft: its form was saved, or the account does not want it."""
    Draft.objects.filter(account=account, key=key).delete()


def tidy(*, now: datetime) -> int:
    """Remove drafts that have had their day; how many."""
    return Draft.objects.filter(at__lte=now - LIVES).delete()[0]
