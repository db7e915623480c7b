"""What somebody means who types into a search box: part of a name, how a name sounds, or a number. No models.

A number never goes into an address, so it is not searched for here: see :mod:`members.finding`.
"""

import re
import unicodedata

from django.db.models import CharField
from django.db.models.lookups import Contains

from base.cells import legible, squeezed
from members.pinyin import folded

_NUMBER = re.compile(r"[0-9]{4}|[0-9]{3}[Xx]")
_ASCII = re.compile(r"[\x00-\x7f]")
_NOT_LETTERS = re.compile(r"[\W\d_]+")


def asks_for_number(q: str) -> bool:
    """Whether an identity number was typed, or the end of one."""
    return _NUMBER.search(squeezed(unicodedata.normalize("NFKC", q))) is not None


def sound(q: str) -> str:
    """The letters of ``q`` as keys of names are written, or nothing where it is not of letters alone."""
    letters = _NOT_LETTERS.sub("", folded(q))
    return letters if letters.isascii() else ""


def written(q: str) -> str:
    """``q`` as the roster keeps names: characters without spaces, what has letters with single ones."""
    name = legible(q).replace("\0", "")
    return " ".join(name.split()) if _ASCII.search(squeezed(name)) else squeezed(name)


def after_all(word: str) -> str | None:
    """The first key behind all that begin with ``word``: its last letter that is not z, counted up.

    ``None`` where nothing lies behind. Keys are small letters only, so this holds under every collation.
    """
    rest = word.rstrip("z")
    return rest[:-1] + chr(ord(rest[-1]) + 1) if rest else None


class NamePart(Contains):
    """``name__part="建国"``: the name contains it. On PostgreSQL the index on ``name_parts(name)`` finds the rows.

    That function gives the characters of a name and the pairs of neighbouring ones: a trigram index cannot find the
    two characters of which most given names consist.
    """

    lookup_name = "part"

    def get_rhs_op(self, connection, rhs):
        return connection.operators["contains"] % rhs

    def as_postgresql(self, compiler, connection):
        """``strpos`` settles what the pairs leave open, and does it ahead of them where another index led to the row.

        Not LIKE: the planner would take both for independent, expect far too few rows, and sort them all.
        """
        name, values = self.process_lhs(compiler, connection)
        pairs = sorted({self.rhs[at : at + 2] for at in range(max(1, len(self.rhs) - 1))})
        sql = f"(strpos({name}, %s) > 0 AND name_parts({name}) @> %s::text[])"
        return sql, (*values, self.rhs, *values, pairs)


CharField.register_lookup(NamePart)
