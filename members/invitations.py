"""Invitations: a one-time code with which somebody opens an account, or sets a new password.

Only the digest of a code is kept, so a code can be shown once and never again; a lost one is replaced by a new one.
A code sets a new password where its person's account has none (:func:`members.accounts.reset_account`).
"""

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from base import audit
from base.cells import plain
from base.dates import civil_day
from members.enums import LIVING
from members.models import Account, Invitation, Membership, Person, Post

VALID = timedelta(days=7)
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without 0 O, 1 I L and U: what is read aloud or from paper comes back as it was."""
LENGTH = 12
USERNAME = re.compile(r"[\w.@+-]{2,30}")
DEAD_CODE = "邀请码不对。请对照原文再输一次；还是不行，请给你码的人再发一个。"
USED = "这个邀请码用过了，账号已经开通，请直接登录。不是你本人开的，请马上告诉给你码的人。"
REVOKED = "这个邀请码已经作废，请用最近发给你的码；没有的，请给你码的人再发一个。"
EXPIRED = "这个邀请码过了七天，已经失效。请给你码的人再发一个。"
LEFT = "名册上本人的组织关系已经转走或注销，这个码不能再用。请联系现在所在的党支部。"
DEAD_RESET = "重置码不对、已用过或已过期。请对照原文再输一次，或请系统管理员重新重置。"
TAKEN_NAME = "这个账号名已有人用，请换一个。"


@dataclass(frozen=True)
class Issued:
    """A fresh invitation: to whom, and the code in its only readable form."""

    person: Person
    code: str


def invite(*, by, people: Iterable[Person], now: datetime) -> list[Issued]:
    """Invite those of ``people`` who have no account and no invitation that can still be used.

    An invitation that ran out unused does not count: whoever missed the seven days gets a new code.

    :param by: the account that invites, or ``None`` for a command.
    :returns: the new codes, in the order of ``people``; they are written nowhere.
    """
    wanted = {person.pk: person for person in people}
    with transaction.atomic():
        list(Person.objects.select_for_update().filter(pk__in=wanted).order_by("pk"))
        settled = set(Account.objects.filter(person__in=wanted).values_list("person", flat=True))
        settled |= set(usable(now).filter(person__in=wanted).values_list("person", flat=True))
        issued = [Issued(person, new_code()) for pk, person in wanted.items() if pk not in settled]
        Invitation.objects.bulk_create(
            [Invitation(person=each.person, code_digest=digest(each.code), expires_at=now + VALID) for each in issued]
        )
        for each in issued:
            audit.write(audit.Act.INVITE, f"person:{each.person.pk}", by=by.pk if by is not None else None)
    return issued


def invite_all(*, by, people: Iterable[Person], key: str, now: datetime) -> list[Issued]:
    """Invite those of ``people`` who have no account and no code that works; sent again it shows the same codes.

    :param key: the form's once-key, from which the codes are drawn (:func:`code_for`).
    """
    drawn = [Issued(person, code_for(key, f"open:{person.pk}")) for person in people]
    with transaction.atomic():
        list(Person.objects.select_for_update().filter(pk__in=[each.person.pk for each in drawn]).order_by("pk"))
        sent = Invitation.objects.filter(code_digest__in=[digest(each.code) for each in drawn])
        sent = set(sent.values_list("person", flat=True))
        waiting = usable(now).filter(person__in=[each.person.pk for each in drawn])
        waiting = dict(waiting.values_list("person", "code_digest"))
        fresh = [each for each in drawn if each.person.pk not in sent | set(waiting)]
        Invitation.objects.bulk_create(
            [Invitation(person=each.person, code_digest=digest(each.code), expires_at=now + VALID) for each in fresh]
        )
        for each in fresh:
            audit.write(audit.Act.INVITE, f"person:{each.person.pk}", by=by.pk)
    return [each for each in drawn if each in fresh or waiting.get(each.person.pk) == digest(each.code)]


def issue_invitation(*, by, person: Person, now: datetime, code: str = "") -> str:
    """Invite one person anew; codes sent to them before stop working.

    :param code: the code to issue, as :func:`code_for` gives it; a new one if there is none.
    :returns: the code, shown once.
    :raises ValidationError: if the person has an account already.
    """
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)
        if Account.objects.filter(person=person).exists():
            raise ValidationError(f"{person.name}已有账号，不用再邀请。")
        usable(now).filter(person=person).update(revoked_at=now)
        code = code or new_code()
        Invitation.objects.create(person=person, code_digest=digest(code), expires_at=now + VALID)
        audit.write(audit.Act.INVITE, f"person:{person.pk}", by=by.pk if by is not None else None)
    return code


def accept_invitation(*, code: str, username: str, password: str, now: datetime) -> Account:
    """Open the account that an invitation is for. A code works once, whoever comes second is refused.

    :raises ValidationError: with a sentence for ``code``, ``username`` or ``password``.
    """
    username = plain(username).strip()
    with transaction.atomic():
        found = Invitation.objects.select_related("person").filter(code_digest=digest(code))
        invitation = found.select_for_update(of=("self",)).first()
        if dead := _dead(invitation, now):
            raise ValidationError({"code": dead})
        _check_username(username)
        account = Account(username=username, person=invitation.person)
        _check_password(password, account)
        invitation.used_at = now
        invitation.save(update_fields=["used_at"])
        account.set_password(password)
        _save(account)
        audit.write(audit.Act.WRITE, f"account:{account.pk}", invitation=invitation.pk)
    return account


def accept_reset(*, code: str, password: str, now: datetime) -> Account:
    """Set the new password for which an account was reset. A code works once, and not for a disabled account.

    :raises ValidationError: with a sentence for ``code`` or ``password``.
    """
    with transaction.atomic():
        found = usable(now).filter(code_digest=digest(code))
        invitation = found.select_for_update(of=("self",)).first()
        accounts = Account.objects.select_for_update(of=("self",)).select_related("person")
        account = invitation and accounts.filter(person=invitation.person_id, is_active=True).first()
        if account is None or account.has_usable_password():
            raise ValidationError({"code": DEAD_RESET})
        _check_password(password, account)
        found.filter(pk=invitation.pk).update(used_at=now)
        account.set_password(password)
        account.save(update_fields=["password"])
        audit.write(audit.Act.EDIT, f"account:{account.pk}", invitation=invitation.pk)
    return account


@transaction.atomic
def revoke_invitation(*, by, person: Person, now: datetime) -> bool:
    """Have the codes of a person work no more; whether there was one."""
    Person.objects.select_for_update().get(pk=person.pk)
    revoked = bool(usable(now).filter(person=person).update(revoked_at=now))
    if revoked:
        audit.write(audit.Act.WITHDRAW, f"person:{person.pk}", what="邀请码")
    return revoked


def _dead(invitation: Invitation | None, now: datetime) -> str:
    """Why a code opens no account, empty if it does. Only who has the code can ask; it says nothing of whose it is."""
    if invitation is None:
        return DEAD_CODE
    if invitation.used_at or Account.objects.filter(person=invitation.person_id).exists():
        return USED
    if invitation.revoked_at:
        return REVOKED
    if invitation.expires_at <= now:
        return EXPIRED
    return LEFT if _left(invitation.person, civil_day(now)) else ""


def _left(person: Person, day: date) -> bool:
    """Whether somebody was a member, and is none of the living now, nor holds a post."""
    stays = Membership.objects.filter(person=person)
    here = stays.on(day).filter(standing__in=LIVING)
    return stays.exists() and not here.exists() and not Post.objects.on(day).filter(person=person).exists()


def usable(now: datetime) -> QuerySet[Invitation]:
    """Invitations whose code still works."""
    return Invitation.objects.filter(used_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now)


def works(code: str, *, now: datetime) -> bool:
    """Whether a code still opens an account or sets a password."""
    return usable(now).filter(code_digest=digest(code)).exists()


def new_code() -> str:
    """A code of twelve characters (58 bits), in groups of four."""
    return _grouped(secrets.choice(ALPHABET) for _ in range(LENGTH))


def code_for(form: str, subject: str) -> str:
    """The code that a form issues: a second click on it shows the same one, and nothing has to remember it.

    :param form: the form's once-key, which only its page has.
    :param subject: what the form is about, so that a key taken elsewhere issues another code.
    """
    drawn = salted_hmac("members.invitations", f"{form}\0{subject}", algorithm="sha256").digest()
    number = int.from_bytes(drawn)
    return _grouped(ALPHABET[number // len(ALPHABET) ** place % len(ALPHABET)] for place in range(LENGTH))


def _grouped(characters: Iterable[str]) -> str:
    code = "".join(characters)
    return "-".join(code[start : start + 4] for start in range(0, LENGTH, 4))


def digest(code: str) -> str:
    """The digest under which a code is kept; spaces, dashes, case and width do not matter."""
    return hashlib.sha256(re.sub(r"[\W_]", "", plain(code)).upper().encode()).hexdigest()


def _check_username(username: str) -> None:
    if not USERNAME.fullmatch(username):
        raise ValidationError({"username": "账号名用 2 至 30 个汉字、字母、数字或 . _ @ + -，请改正。"})
    if Account.objects.filter(username__iexact=username).exists():
        raise ValidationError({"username": TAKEN_NAME})


def _check_password(password: str, account: Account) -> None:
    try:
        validate_password(password, account)
    except ValidationError as refusal:
        raise ValidationError({"password": refusal.messages}) from refusal


def _save(account: Account) -> None:
    """Two people may choose one name in the same instant: the second is told so."""
    try:
        with transaction.atomic():
            account.save()
    except IntegrityError as error:
        raise ValidationError({"username": TAKEN_NAME}) from error
