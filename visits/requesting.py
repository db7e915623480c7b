"""约谈: a member asks a leader for a talk: an event with an addressee, until a talk answers it or it is taken back."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from duties.engine.models import Duty, Record, State, handed_to
from members.enums import EventKind, Role
from members.models import Event, Membership, Organisation, Person, Post
from members.scope import sealed_at
from members.services import register_event, withdraw_event
from visits.reasons import Reason
from visits.services import locked

LEADING = (
    Role.SECRETARY, Role.DEPUTY_SECRETARY, Role.ORGANISATION_COMMISSIONER, Role.PUBLICITY_COMMISSIONER,
    Role.DISCIPLINE_COMMISSIONER, Role.COMMISSIONER,
)  # fmt: skip
"""Whom a member may ask, in the order in which they are offered; the nearest organisation comes first."""


def leaders_of(membership: Membership, day: date) -> list[Post]:
    """The posts that can be asked on ``day``: of the member's branch and of the organisations above it."""
    chain = Organisation.objects.filter(
        descent__organisation=membership.organisation_id, descent__since__lte=day, descent__until__gt=day
    )
    posts = Post.objects.on(day).filter(organisation__in=chain, role__in=LEADING).exclude(person=membership.person_id)
    rows = posts.select_related("person", "organisation").defer(*sealed_at("person")).order_by("since", "pk")
    return sorted(rows, key=lambda post: (-len(post.organisation.path), LEADING.index(post.role)))


LONGEST_REASON = 200
"""Characters of the reason why a talk was late."""


def requests() -> QuerySet[Event]:
    """Requests with the day on which a talk answered each, the day by which it should, and what is agreed on:
    ``arranged_on``, to whom it was ``handed_to`` (a name), ``late_reason``, and the rest in ``request_answer``.
    """
    duties = Duty.objects.filter(event=OuterRef("pk")).order_by("due_on", "pk")
    records = Record.objects.standing().filter(event=OuterRef("pk"), actors__person=OuterRef("addressee"))
    answered = Coalesce(
        Subquery(duties.filter(state=State.DONE).values("closed_on")[:1]),
        Subquery(records.order_by("on", "pk").values("on")[:1]),
    )
    arranged = duties.filter(rule__arrangements__key=F("key")).values("rule__arrangements__on")
    handed = duties.filter(rule__delegations__key=F("key")).values("rule__delegations__to__name")
    people = ("person", "addressee", "entered_by")
    rows = Event.objects.filter(kind=EventKind.REQUEST).select_related(*people, "request_answer__wished_by")
    rows = rows.defer("note", *sealed_at(*people, "request_answer__wished_by"))
    return rows.annotate(
        answered_on=answered, answer_by=Subquery(duties.values("due_on")[:1]),
        arranged_on=Subquery(arranged[:1]), handed_to=Subquery(handed[:1]),
        late_reason=F("request_answer__late_reason"),
    )  # fmt: skip


def known_to(account) -> QuerySet[Event]:
    """The requests the account may know of: within its scope, its own, those it entered, is asked by or was handed."""
    if account.person_id is None:
        return requests().none()
    own = Q(person=account.person_id) | Q(addressee=account.person_id) | Q(entered_by=account.person_id)
    here = Membership.objects.on(account.scope.day).visible_to(account).filter(person=OuterRef("person"))
    handed = Duty.objects.filter(pk__in=handed_to(account.scope)).values("event")
    return requests().filter(own | Q(pk__in=handed) | Exists(here))


def may_read_reason(account, request: Event) -> bool:
    """Why somebody asks is for himself, for who entered it and for whom he asks."""
    return account.person_id in {request.person_id, request.entered_by_id, request.addressee_id}


def may_take_back(account, request: Event) -> bool:
    """Whoever asked, or who entered it for him."""
    return account.person_id in {request.person_id, request.entered_by_id}


def late_by(request: Event) -> int:
    """How many days after the last day it was answered; 0 if in time or not at all."""
    if request.answered_on is None or request.answer_by is None:
        return 0
    return max(0, (request.answered_on - request.answer_by).days)


def due_of(event: Event) -> date | None:
    """The day by which a request should be answered; ``None`` where no policy says so."""
    return event.duties.order_by("due_on", "pk").values_list("due_on", flat=True).first()


def overdue(reasons: Iterable[Reason], day: date) -> bool:
    """Whether a talk could answer a request that should have been answered before ``day``."""
    asked = [each.event for each in reasons if each.event and each.event.kind == EventKind.REQUEST]
    return any((due_of(event) or day) < day for event in asked)


def waits(request: Event) -> bool:
    """Whether it is neither answered nor taken back."""
    return request.answered_on is None and request.withdrawn_on is None


@transaction.atomic
def request_talk(*, by, person: Person, addressee: Person, on: date, reason: str, today: date) -> Event:
    """Enter that a member asks a leader for a talk.

    :param by: the acting account: the member's own, or that of whoever enters it for him.
    :param on: the day on which it was asked; the days to answer run from it.
    :raises ValidationError: keyed by form field; besides what :func:`register_event` refuses, a second request to
        the same leader while the first waits.
    """
    locked([person])
    same = requests().standing().filter(person=person, addressee=addressee, answered_on__isnull=True)
    if waiting := same.order_by("pk").first():
        words = f"{waiting.occurred_on} 已经约过{addressee.name}，正等安排，不必再约。"
        raise ValidationError({"addressee": words})
    try:
        return register_event(
            by=by, person=person, kind=EventKind.REQUEST, occurred_on=on, note=reason, addressee=addressee, today=today
        )
    except ValidationError as refused:
        raise ValidationError({_FIELDS.get(name, name): no for name, no in refused.message_dict.items()}) from refused


_FIELDS = {"occurred_on": "on", "kind": "addressee"}
"""How the form calls the fields of an event."""


@transaction.atomic
def take_back_request(*, by, request: Event, reason: str, today: date) -> None:
    """Take a request back; its duty goes.

    :raises ValidationError: when a talk has answered it meanwhile, or it was taken back already.
    """
    locked([request.person])
    still = requests().get(pk=request.pk)
    if still.answered_on:
        raise ValidationError(f"{still.answered_on} 已经谈过话，不能再撤回。")
    withdraw_event(by=by, event=request, reason=reason.strip() or "不再需要", today=today)
