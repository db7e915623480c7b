"""Who may see what: the scope of an account, and the queryset word ``visible_to`` that every page reads through.

A scope is the person's posts of the day, each with its organisation and all below it, and oneself.
What lies outside looks exactly like what does not exist.
"""

from copy import copy
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q

from members.enums import CAPABILITIES, Capability, OrganisationKind, Role

_LED = {
    OrganisationKind.COMMITTEE: "党委",
    OrganisationKind.GENERAL_BRANCH: "总支",
    OrganisationKind.BRANCH: "支部",
    OrganisationKind.LEADING_GROUP: "党组",
}
"""How an organisation is called before the title of its secretary."""


def path_end(path: str) -> str:
    """The first path after the subtree of ``path``: a subtree is ``path <= p < path_end(path)``."""
    return str(int(path) + 1).zfill(len(path))


@dataclass(frozen=True)
class Holding:
    """One post of the day: the role, and the organisation (a row of ``Organisation``) it is held in."""

    role: Role
    organisation: Any

    @property
    def title(self) -> str:
        """The post as people call it: a secretary or deputy by what they lead (支部书记, 党委副书记)."""
        leads = self.role in (Role.SECRETARY, Role.DEPUTY_SECRETARY)
        return f"{_LED.get(self.organisation.kind, '') if leads else ''}{self.role.label}"

    def allows(self, capability: Capability) -> bool:
        return capability in CAPABILITIES[self.role]


@dataclass(frozen=True)
class Scope:
    """What one account may see and do on one day. ``tied``: which members lead to the person, by kind of tie.
    ``withheld``: what is left out although a post gives it.
    """

    day: date
    person: int | None
    holdings: tuple[Holding, ...] = ()
    tied: tuple[tuple[str, tuple[int, ...]], ...] = ()
    withheld: frozenset[Capability] = frozenset()

    def paths(self, capability: Capability) -> list[str]:
        """Paths of the organisations in which the capability is held, without those inside another."""
        if capability in self.withheld:
            return []
        paths = sorted({h.organisation.path for h in self.holdings if h.allows(capability)})
        return [p for p in paths if not any(p != q and p.startswith(q) for q in paths)]

    def may(self, capability: Capability, path: str | None = None) -> bool:
        """Whether the capability is held at all, or over the organisation standing at ``path``."""
        return any(path is None or path.startswith(p) for p in self.paths(capability))

    def q(self, field: str, capability: Capability) -> Q:
        """Rows whose ``field`` (a path) lies within the scope of the capability."""
        ranges = Q(pk__in=[])
        for path in self.paths(capability):
            ranges |= Q(**{f"{field}__gte": path, f"{field}__lt": path_end(path)})
        return ranges

    def of_committees(self) -> "Scope":
        """What the posts in party committees give alone: a secretary of a branch has none of it."""
        at = (each for each in self.holdings if each.organisation.kind == OrganisationKind.COMMITTEE)
        return replace(self, holdings=tuple(at))

    def without(self, *capabilities: Capability) -> "Scope":
        """The same with less: what is seen through it may be handed to others."""
        return replace(self, withheld=self.withheld | set(capabilities))

    @property
    def home(self) -> Any | None:
        """The organisation the workbench opens on: that of the first post that may view, else of the first post."""
        viewing = [h for h in self.holdings if h.allows(Capability.VIEW)] or list(self.holdings)
        return viewing[0].organisation if viewing else None

    @property
    def title(self) -> str:
        """The posts as printed in the top bar."""
        return "、".join(dict.fromkeys(h.title for h in self.holdings)) or "党员"


def seeing_less(account, *capabilities: Capability):
    """The same account without these, for what it makes to hand on; never to be saved."""
    less = copy(account)
    less.__dict__["scope"] = account.scope.without(*capabilities)
    return less


def sealed_at(*people: str) -> list[str]:
    """The sealed fields of the people at these relations (``person``, ``record__member``), for ``defer``.

    Lists leave them unread; only a page that shows one masked opens it.
    """
    return [f"{person}__{name}" for person in people for name in ("id_number", "phone", "landline", "address")]


class ScopedQuerySet(models.QuerySet):
    """A queryset whose rows lie somewhere in the tree; ``scope_path`` names the column that says where."""

    scope_path: str | None = None

    def scoped(self, scope: Scope, capability: Capability) -> Q:
        if self.scope_path is None:
            raise TypeError(f"{self.model.__name__} does not say where its rows lie")
        return scope.q(self.scope_path, capability)

    def visible_to(self, account, capability: Capability = Capability.VIEW):
        """Only the rows this account may see (or, with another capability, act upon)."""
        return self.filter(self.scoped(account.scope, capability))
