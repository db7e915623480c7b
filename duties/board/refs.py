"""The name of a duty in an address: ``rule:key``, sealed where the rule would tell what the reader may not know.

A sensitive rule stands on the public page of its clause, so its number alone says what a hidden line is about.
"""

import re
from collections.abc import Collection

from cryptography.exceptions import InvalidTag
from django.db.models import Q

from base.sealed import seal, unseal
from duties.engine.models import Duty, DutyQuerySet
from members.enums import Capability

RULE = re.compile(r"[0-9]{1,12}")
"""What a rule's number may look like."""

KEY = re.compile(r"[a-zA-Z0-9:-]{1,60}")
"""What a duty's key may look like."""


def basis_seen_by(account) -> Q:
    """The duties whose basis the account may see even though it is sensitive; as ``words.sees_basis`` for one."""
    return account.scope.q("path", Capability.SENSITIVE) & ~Q(member=account.person_id)


def ref_of(duty: Duty, account, *, hidden: bool) -> str:
    """What stands for the duty in a link shown to ``account``; it opens for no other account if ``hidden``."""
    name = f"{duty.rule_id}:{duty.key}"
    return seal(name, _context(account)) if hidden else name


def asked_for(duties: DutyQuerySet, account, text: str) -> DutyQuerySet:
    """The one among ``duties``, which the caller scoped, that ``text`` names; none for a name that is garbled.

    A hidden duty answers to its sealed name alone: guessing rule after rule would tell what it is about.
    """
    sealed = "$" in text
    rule, _, key = (_unsealed(text, account) if sealed else text).partition(":")
    if not (RULE.fullmatch(rule) and KEY.fullmatch(key)):
        return duties.none()
    within = duties if sealed else duties.filter(Q(rule__sensitive=False) | basis_seen_by(account))
    return within.filter(rule=rule, key=key)


def all_asked_for(duties: DutyQuerySet, account, texts: Collection[str]) -> list[Duty]:
    """Those among ``duties`` that the ``texts`` name, in their order; one query, however many they are.

    :raises Duty.DoesNotExist: if one of them names none: of a mixed choice nothing is taken.
    """
    names = {text: _name(text, account) for text in texts}
    wanted = Q(pk__in=[])
    for text, (rule, key) in names.items():
        open_to_all = Q() if "$" in text else Q(rule__sensitive=False) | basis_seen_by(account)
        wanted |= Q(rule=rule, key=key) & open_to_all
    found = {(duty.rule_id, duty.key): duty for duty in duties.filter(wanted)}
    if not set(names.values()) <= set(found):
        raise Duty.DoesNotExist
    return [found[name] for name in dict.fromkeys(names.values())]


def _name(text: str, account) -> tuple[int, str]:
    """Rule and key as ``text`` says them.

    :raises Duty.DoesNotExist: for one that is garbled.
    """
    rule, _, key = (_unsealed(text, account) if "$" in text else text).partition(":")
    if not (RULE.fullmatch(rule) and KEY.fullmatch(key)):
        raise Duty.DoesNotExist
    return int(rule), key


def _context(account) -> str:
    return f"duty named to account {account.pk}"


def _unsealed(text: str, account) -> str:
    try:
        return unseal(text, _context(account))
    except (KeyError, ValueError, InvalidTag):
        return ""
