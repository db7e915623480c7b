"""What a meeting has before it, read for a whole page at once: proposals, who bears them, what is left, who votes."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Prefetch

from base.money import Source
from fund.applying.deciding import awaiting_decision, funds_at, holds, parts_of, related_to
from fund.applying.flags import help_of, own_grounds
from fund.applying.turns import lines_of, places_of
from fund.models import Application, Attendee, BookAccount, Decision, Fund, Grant, Kind, Meeting, Part, Taken
from fund.permissions import may_see_sensitive
from fund.regulation.reckoning import NotRegulated, who_decides, within_look_back, yuan
from fund.regulation.words import Body, Ground, Hand, StepKind, Use
from members.enums import Capability, OrganisationKind, Role
from members.finding import Found, named, reached
from members.models import Organisation, Person, Post
from members.scope import sealed_at

MOST = 60
"""Applications on one page; the rest wait for the next."""

OFFICE = (Role.DEPARTMENT_HEAD, Role.DEPARTMENT_CLERK)
COMMITTEE = (
    Role.SECRETARY, Role.DEPUTY_SECRETARY, Role.ORGANISATION_COMMISSIONER, Role.PUBLICITY_COMMISSIONER,
    Role.DISCIPLINE_COMMISSIONER, Role.COMMISSIONER,
)  # fmt: skip
"""Whose posts make them members of a department's meeting, and of a committee."""


@dataclass(frozen=True)
class Pot:
    """What can be spent of a fund: a source, its earmark, what is available in fen, and the uses it is allowed."""

    fund: Fund
    source: str
    earmark: str
    available: int
    uses: frozenset[str]

    @property
    def code(self) -> str:
        return f"{self.source}:{self.earmark}"

    @property
    def label(self) -> str:
        said = Source(self.source).label
        return f"{said}（指定{Use(self.earmark).label}）" if self.earmark else said

    def serves(self, use: str) -> bool:
        return use in self.uses and self.earmark in ("", use)


@dataclass
class Matter:
    """One application on the agenda. ``funds``: who bears a part of it; ``own``: the reader's, for others; ``twice``:
    the member has another on it.
    """

    row: Application
    last: Taken
    funds: list[Fund]
    places: dict[OrganisationKind, Organisation]
    pots: list[Pot]
    helped: list[Application] = field(default_factory=list)
    own: bool = False
    twice: bool = False
    sees_sensitive: bool = False

    @property
    def proposed(self) -> int:
        """What the last review proposed, in fen."""
        return self.last.fen or self.row.asked

    @property
    def body(self) -> Body | None:
        """Who has to decide on what is proposed."""
        try:
            return who_decides(self.row.regulation.parsed, self.proposed, urgent=self.row.urgent)
        except NotRegulated:
            return None

    def offered(self, fund: Fund) -> list[Pot]:
        """The pots of a fund that this application may be paid from."""
        return [pot for pot in self.pots if pot.fund.pk == fund.pk and pot.serves(self.row.class_of.use)]

    def parts(self, fen: int) -> dict[int, int]:
        """What each fund bears of a sum, by its number; nothing where a level has no fund.

        :raises ValidationError: as :func:`fund.applying.deciding.portions_of`.
        """
        shares = self.row.regulation.parsed.shares
        if shares is None:
            return {self.row.fund_id: fen}
        funds = {fund.organisation_id: fund for fund in self.funds}
        return {fund.pk: part for fund, part in parts_of(shares, fen, self.places, funds).items()}

    @property
    def grounds(self) -> list[str]:
        """Grounds against paying that a reviewer found, as far as the reader may know of them."""
        sensitive = {Ground.SANCTIONED, Ground.INVESTIGATED}
        return [
            Ground(each).label
            for each in self.last.facts.get("grounds", ())
            if self.sees_sensitive or each not in sensitive
        ]

    @property
    def notes(self) -> list[str]:
        """What the meeting should know beside the sums."""
        said = [f"{each.decided_on:%Y-%m-%d} 已获帮扶 {yuan(each.granted or 0)}" for each in self.helped]
        said += self.grounds + (["同一人还有一件待研究"] if self.twice else [])
        return [*(["紧急程序"] if self.row.urgent else []), *said]

    def aside(self, reason: str, day: date) -> dict[str, str]:
        """The reason as what it sets aside: help within the look-back or decided with it, and grounds that nobody set
        aside before.
        """
        known = self.last.facts.get("aside", {})
        found = {*self.last.facts.get("grounds", ()), *own_grounds(self.row, day)}
        found |= {"look_back"} if self.helped or self.twice else set()
        names = found - {name for name, text in known.items() if text}
        return {str(name): reason for name in names} if reason.strip() else {}


@dataclass
class Agenda:
    """All that waits for a meeting of a fund, the oldest first; ``more`` beyond what fits on a page."""

    fund: Fund
    matters: list[Matter]
    pots: list[Pot]
    more: int

    @property
    def bodies(self) -> list[Body]:
        """The bodies that the regulations of these let decide, the lowest first."""
        found: dict[Body, None] = {}
        for regulation in {each.row.regulation_id: each.row.regulation for each in self.matters}.values():
            found |= dict.fromkeys(band.body for band in regulation.parsed.bands)
            if regulation.parsed.urgent and regulation.parsed.urgent.body:
                found[regulation.parsed.urgent.body] = None
        return list(found)

    @property
    def body(self) -> Body | None:
        """The body that may decide on all of it, as far as there is one: that of the largest sum."""
        wanted = [each.body for each in self.matters]
        return max(filter(None, wanted), key=self.bodies.index, default=None)

    def beyond(self, matter: Matter, body: str) -> bool:
        """Whether what is proposed is beyond a body, as far as the bands tell."""
        order = [each.value for each in self.bodies]
        return matter.body is not None and (body not in order or order.index(matter.body) > order.index(body))


def agenda_of(fund: Fund, account, day: date) -> Agenda:
    """The agenda as the account reads it. As many queries for one application as for many."""
    waiting = awaiting_decision(fund).visible_to(account).defer(*sealed_at("person"))
    taken = Prefetch("taken", Taken.objects.defer("opinion").order_by("serial"))
    rows = list(waiting.prefetch_related(taken)[: MOST + 1])
    more, rows = max(0, waiting.count() - MOST) if len(rows) > MOST else 0, rows[:MOST]
    shared = [row for row in rows if row.regulation.parsed.shares]
    lines = lines_of({row.organisation_id for row in shared}, fund, day) if shared else {}
    funds = funds_at(place for line in lines.values() for place in line) if shared else {}
    pots = pots_of([fund, *(each for each in funds.values() if each.pk != fund.pk)])
    helped = help_of({row.person_id for row in rows})
    own, people = _own_of(rows, account), Counter(row.person_id for row in rows)
    matters = []
    for row in rows:
        row.fund = fund
        places = places_of(lines.get(row.organisation_id, []))
        matter = Matter(row, list(row.taken.all())[-1], _bearers(row, places, funds) or [fund], places, pots)
        matter.helped, matter.own = _within(row, helped, day), row.pk in own
        matter.twice = people[row.person_id] > 1
        matter.sees_sensitive = may_see_sensitive(account, row)
        matters.append(matter)
    return Agenda(fund, matters, pots, more)


def _bearers(row: Application, places: dict, funds: dict[int, Fund]) -> list[Fund]:
    shares = row.regulation.parsed.shares
    wanted = [places.get(portion.level) for portion in shares.portions] if shares else []
    return [funds[place.pk] for place in wanted if place and place.pk in funds]


def _within(row: Application, helped: list[Application], day: date) -> list[Application]:
    """Earlier help of the member that a new decision has to give a reason for."""
    others = [each for each in helped if each.person_id == row.person_id and each.pk != row.pk]
    days = set(within_look_back(row.regulation.parsed.look_back, day, [each.decided_on for each in others]))
    return [each for each in others if each.decided_on in days]


def _own_of(rows: list[Application], account) -> set[int]:
    """Those of the rows that the account asked for or filed."""
    if account.person_id is None:
        return set()
    parts = Part.objects.filter(application__in=rows, person=account.person_id, hand=Hand.APPLY)
    found = set(parts.values_list("application", flat=True))
    return found | {row.pk for row in rows if account.person_id in (row.person_id, row.filed_by_id)}


def pots_of(funds: list[Fund]) -> list[Pot]:
    """What can be spent of these funds, in the order of the sources."""
    uses: dict[tuple[int, str], set[str]] = {}
    by_number = {fund.pk: fund for fund in funds}
    for fund in by_number.values():
        for allowed in fund.allowed_uses.all():
            uses.setdefault((fund.pk, allowed.source), set()).add(allowed.use)
    accounts = BookAccount.objects.filter(fund__in=by_number, kind=Kind.AVAILABLE).order_by("pk")
    found = [
        Pot(by_number[each.fund_id], each.source, each.earmark, each.balance,
            frozenset(uses.get((each.fund_id, each.source), ())))
        for each in accounts
    ]  # fmt: skip
    return sorted(found, key=lambda pot: (Source.values.index(pot.source), pot.earmark))


def entitled_to(body: str, organisation: Organisation, day: date) -> list[Person]:
    """Who is entitled to vote in a body by the posts of a day: a department's own, or the members of the committee.

    Nobody is guessed for a meeting of all members.
    """
    roles = {Body.DEPARTMENT: OFFICE, Body.BRANCH_MEETING: ()}.get(body, COMMITTEE)
    posts = Post.objects.on(day).filter(organisation=organisation, role__in=roles).select_related("person")
    order = {role: place for place, role in enumerate(roles)}
    held = sorted(posts.defer(*sealed_at("person")), key=lambda post: (order[post.role], post.since, post.pk))
    return list(dict.fromkeys(post.person for post in held))


def added(account, numbers: Collection[int]) -> list[Person]:
    """People whom the account named beside, as far as it may know of them."""
    people = reached(account, Capability.VIEW).filter(pk__in=numbers)
    return list(people.defer("id_number", "phone", "landline", "address").order_by("name", "pk"))


def called_so(account, name: str, day: date) -> list[Found]:
    """People of the whole name whom the account may name beside."""
    return named(reached(account, Capability.VIEW), name, day)


def to_step_aside(matters: Iterable[Matter], people: list[Person]) -> dict[int, set[int]]:
    """For each application the people among these who have to step aside."""
    return {each.row.pk: related_to(each.row, people) for each in matters}


def waiting_for_meeting(funds: Collection[Fund]) -> dict[int, int]:
    """How many applications wait for a meeting of each fund."""
    codes = {
        fund.pk: {step.code for each in fund.regulations.all() for step in each.parsed.steps
                  if step.kind == StepKind.DECISION}
        for fund in funds
    }  # fmt: skip
    states = Application.objects.filter(fund__in=codes, state__in={code for each in codes.values() for code in each})
    counts = dict.fromkeys(codes, 0)
    for fund, state in states.values_list("fund", "state"):
        counts[fund] += state in codes[fund]
    return counts


# What was decided


def attendees_of(meeting: Meeting) -> list[Attendee]:
    """Who was entitled, with their names."""
    rows = meeting.attendees.select_related("person").defer(*sealed_at("person"))
    return list(rows.order_by("pk"))


def decisions_of(meeting: Meeting, attendees: Iterable[Attendee]) -> list[Decision]:
    """The decisions with what is printed of them: out of which sources, who stepped aside, whether they still hold."""
    names = {each.person_id: each.person.name for each in attendees}
    grants = Grant.objects.select_related("reservation", "fund__organisation").order_by("pk")
    rows = meeting.decisions.select_related("application__person", "application__organisation")
    rows = rows.defer(*sealed_at("application__person"), "application__content")
    found = list(rows.prefetch_related(Prefetch("grants", grants)).order_by("application__year", "application__number"))
    for each in found:
        each.stands = holds(each)
        each.aside = "、".join(names[person] for person in each.recused if person in names)
        kept = each.grants.all()
        each.sources = [
            (Source(grant.reservation.source).label, grant.fen, grant.fund.organisation.label if len(kept) > 1 else "")
            for grant in kept
        ]
    return found
