"""Sealed fields: AES-256-GCM at rest with a key id, and a keyed blind index for looking up equal values.

``SEAL_KEYS`` lists ``id:base64`` pairs, the first one seals, all of them open, so a key can be rotated.
The column's own name is authenticated with the text: a value copied into another column does not open.
"""

import base64
import hashlib
import hmac
import secrets
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models
from django.utils.functional import cached_property

NONCE = 12


def _keys() -> dict[str, bytes]:
    return _decoded(tuple(settings.SEAL_KEYS))


@lru_cache(maxsize=4)
def _decoded(pairs: tuple[str, ...]) -> dict[str, bytes]:
    return {name: base64.b64decode(key) for name, key in (pair.split(":", 1) for pair in pairs)}


_cipher = lru_cache(maxsize=16)(AESGCM)
"""The cipher of a key: setting one up costs more than sealing a telephone number with it."""


def _sealed(data: bytes, context: str) -> tuple[str, bytes]:
    key_id, key = next(iter(_keys().items()))
    nonce = secrets.token_bytes(NONCE)
    return key_id, nonce + _cipher(key).encrypt(nonce, data, context.encode())


def _opened(key_id: str, raw: bytes, context: str) -> bytes:
    return _cipher(_keys()[key_id]).decrypt(raw[:NONCE], raw[NONCE:], context.encode())


def seal_bytes(data: bytes, context: str) -> bytes:
    """Seal ``data`` for the place ``context``: the key's id, a dollar sign, the rest raw."""
    key_id, raw = _sealed(data, context)
    return key_id.encode() + b"$" + raw


def unseal_bytes(sealed: bytes, context: str) -> bytes:
    """Open what :func:`seal_bytes` made; raises ``KeyError`` for an unknown key, ``InvalidTag`` for changed bytes."""
    key_id, _, raw = sealed.partition(b"$")
    return _opened(key_id.decode(), raw, context)


def seal(text: str, context: str) -> str:
    """Seal ``text`` for the column ``context``; returns ``keyid$base64``. Empty text stays empty."""
    if not text:
        return ""
    key_id, raw = _sealed(text.encode(), context)
    return f"{key_id}${base64.b64encode(raw).decode()}"


def unseal(sealed: str, context: str) -> str:
    """Open what :func:`seal` made; raises ``KeyError`` for an unknown key, ``InvalidTag`` for a changed text."""
    if not sealed:
        return ""
    key_id, _, body = sealed.partition("$")
    return _opened(key_id, base64.b64decode(body), context).decode()


def sealing_key(purpose: str, name: str | None = None) -> tuple[str, bytes] | None:
    """A key for ``purpose`` alone, drawn from the first of ``SEAL_KEYS`` or from the one called ``name``.

    :returns: the name of the key it was drawn from, and the key; ``None`` if there is no key of that name any more.
    """
    keys = _keys()
    name = next(iter(keys)) if name is None else name
    return (name, hmac.new(keys[name], purpose.encode(), hashlib.sha256).digest()) if name in keys else None


def blind_index(text: str) -> str | None:
    """A keyed digest of ``text`` for equality look-ups; ``None`` for empty text, so it can be unique."""
    if not text:
        return None
    return hmac.digest(settings.SEAL_INDEX_KEY.encode(), text.encode(), "sha256").hex()


class SealedTextField(models.TextField):
    """Text sealed on its way into the database and opened on its way out. Never filter on it."""

    @cached_property
    def context(self) -> str:
        return f"{self.model._meta.label_lower}.{self.name}"

    def get_prep_value(self, value):
        return seal(value or "", self.context)

    def from_db_value(self, value, expression, connection):
        return value if value is None else unseal(value, self.context)


class BlindIndexField(models.CharField):
    """The blind index of the sealed field named ``of``, kept by the model itself on every save.

    :param last: index only so many of its last characters, to find what ends alike.
    """

    def __init__(self, *args, of: str, last: int = 0, **kwargs):
        self.of, self.last = of, last
        super().__init__(*args, **{"max_length": 64, "null": True, "editable": False, **kwargs})

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "of": self.of, **({"last": self.last} if self.last else {})}

    def pre_save(self, model_instance, add):
        value = blind_index(getattr(model_instance, self.of)[-self.last :])
        setattr(model_instance, self.attname, value)
        return value


def mask_id(number: str) -> str:
    """First three and last four characters of an identity number, the rest starred."""
    return f"{number[:3]}{'*' * max(0, len(number) - 7)}{number[-4:]}" if len(number) > 7 else "*" * len(number)


def mask_phone(number: str) -> str:
    """``138****2207``; shorter numbers keep their last two digits."""
    return f"{number[:3]}****{number[-4:]}" if len(number) >= 11 else f"{'*' * max(0, len(number) - 2)}{number[-2:]}"


def mask_address(address: str) -> str:
    """The first six characters (province, city, district) of an address."""
    return f"{address[:6]}****" if address else ""
