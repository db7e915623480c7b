"""What pages, papers and the ledger say of a selection: its steps, its progress, who may act where."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from awards.models import Nominee, Selection, SelectionNotice, SelectionObjection
from awards.selecting.facts import Facts, facts_of
from awards.selecting.places import Share, nominators, shares
from members.enums import SYSTEM_ROLES, Capability, OrganisationKind
from members.models import Lineage, Membership, Organisation, Person, Post
from members.scope import path_end, sealed_at

Stage, State = Selection.Stage, Nominee.State
PAGE = 50


@dataclass(frozen=True)
class Step:
    """A stage of the strip: ``past``, ``now``, or still to come; ``when`` it was done or is to be done, in words."""

    label: str
    past: bool
    now: bool
    when: str


def steps(selection: Selection) -> list[Step]:
    """The strip of stages, in order. Two queries."""
    meeting = selection.meetings.order_by("-pk").first()
    notice = selection.notices.order_by("-pk").first()
    order = [stage for stage in Stage if stage != Stage.CALLED_OFF]
    at = order.index(Stage(selection.stage)) if selection.stage in order else -1
    words = {
        Stage.OPEN: f"{selection.nominate_by:%m-%d} 前",
        Stage.DECIDED: f"{meeting.on:%m-%d} {meeting.body}" if meeting else "",
        Stage.NOTICE: f"{notice.from_on:%m-%d} 至 {notice.until_on:%m-%d}" if notice else "",
        Stage.AWARDED: f"{selection.awarded_on:%m-%d}" if selection.awarded_on else "",
    }
    return [
        Step(stage.label, place < at or selection.stage == Stage.AWARDED, place == at, words.get(stage, ""))
        for place, stage in enumerate(order)
    ]


def with_words(rows: QuerySet[Nominee]) -> QuerySet[Nominee]:
    """Everything a line of a nominee prints, in one query."""
    people = ("person", "entered_by", "reviewed_by")
    joined = ("title__selection", "organisation", "nominator", "endorser", "meeting", "notice", "honour")
    return rows.select_related(*people, *joined).defer(*sealed_at(*people), "review", "ended_words")


def with_facts(rows: list[Nominee], day: date) -> list[tuple[Nominee, Facts]]:
    found = facts_of(rows, day)
    return [(row, found[row.pk]) for row in rows]


def lines_of(notice: SelectionNotice) -> list[Nominee]:
    """Whom a notice shows, by title and in the order of the tree; who was removed since is marked."""
    return list(with_words(notice.nominees.all()).order_by("title__position", "path", "pk"))


def objections_of(nominee: Nominee) -> list[SelectionObjection]:
    return list(nominee.objections.order_by("pk"))


# Who acts where


def places_for(account, selection: Selection, day: date) -> list[Organisation]:
    """The organisations for which the account may nominate, in the order of the tree."""
    return [
        place for place in nominators(selection.organisation, day) if account.scope.may(Capability.RECORD, place.path)
    ]


def shares_for(account, selection: Selection, day: date) -> list[Share]:
    """Their places by title, without those that have none."""
    return [share for share in shares(selection, places_for(account, selection, day)) if share.number or share.used]


def endorsers_for(account, selection: Selection) -> list[Organisation]:
    """The general branches for which the account may say who is recommended, where somebody waits."""
    waiting = Nominee.objects.waiting().filter(title__selection=selection, endorser=OuterRef("pk"))
    found = Organisation.objects.filter(Exists(waiting), kind=OrganisationKind.GENERAL_BRANCH).order_by("path")
    return [place for place in found if account.scope.may(Capability.RECORD, place.path)]


def offered_members(place: Organisation, title, day: date) -> QuerySet[Person]:
    """Who stands at a place and below and is not nominated for the title, with whether another has the same name."""
    stays = Membership.objects.on(day).filter(
        path__gte=place.path, path__lt=path_end(place.path), standing__in=("full", "probationary")
    )
    there = Nominee.objects.standing().filter(title=title, person__isnull=False).values("person")
    people = Person.objects.filter(pk__in=stays.values("person")).exclude(pk__in=there)
    twins = Person.objects.filter(pk__in=stays.values("person"), name=OuterRef("name")).exclude(pk=OuterRef("pk"))
    return people.annotate(has_twin=Exists(twins)).only("name", "birth_on").order_by("name", "pk")


def offered_organisations(place: Organisation, title, day: date) -> QuerySet[Organisation]:
    """What stands at a place or below, and is not nominated for the title."""
    there = Nominee.objects.standing().filter(title=title, person__isnull=True).values("organisation")
    rows = Organisation.objects.on(day).within(place).exclude(pk__in=there)
    return rows.exclude(kind=OrganisationKind.GROUP).order_by("path")


def offered_heads(organisation: Organisation, day: date) -> QuerySet[Person]:
    """Who holds a party post in the organisation: one of them led the commendation; the secretary first."""
    posts = Post.objects.on(day).filter(organisation=organisation).exclude(role__in=SYSTEM_ROLES)
    head = posts.filter(person=OuterRef("pk"), role="secretary")
    people = Person.objects.filter(pk__in=posts.values("person")).annotate(leads=Exists(head))
    return people.only("name").order_by("-leads", "name", "pk")


def selections_above(organisation: Organisation, day: date) -> QuerySet[Selection]:
    """Selections still open for nominations, of organisations above this one."""
    above = Lineage.objects.filter(organisation=organisation, since__lte=day, until__gt=day, distance__gt=0)
    rows = Selection.objects.filter(organisation__in=above.values("ancestor"), stage=Stage.OPEN)
    return rows.select_related("organisation").order_by("-opened_on", "pk")


# Numbers


def tally(rows: QuerySet[Nominee]) -> dict[str, int]:
    """How many of these nominees there are, how they stand. One query."""
    chosen = Q(state__in=(State.CHOSEN, State.AWARDED))
    standing = ~Q(state__in=Nominee.FREE)
    waiting = Q(state=State.NOMINATED, endorser__isnull=False, endorsed_on__isnull=True)
    return rows.aggregate(
        standing=Count("pk", filter=standing), chosen=Count("pk", filter=chosen), waiting=Count("pk", filter=waiting),
        reviewed=Count("pk", filter=Q(state__in=(State.PASSED, State.FAILED))),
    )  # fmt: skip


@dataclass(frozen=True)
class Progress:
    """How far one organisation is: its places and who is nominated, over all titles."""

    organisation: Organisation
    number: int
    used: int


def progress(found: Iterable[Share]) -> list[Progress]:
    by_place: dict[Organisation, list[Share]] = {}
    for share in found:
        by_place.setdefault(share.organisation, []).append(share)
    return [
        Progress(place, sum(each.number for each in mine), sum(len(each.used) for each in mine))
        for place, mine in by_place.items()
    ]


def posted_notices(account) -> Prefetch:
    """The notices that the account may read, the newest first."""
    rows = SelectionNotice.objects.visible_to(account).order_by("-pk")
    return Prefetch("notices", rows, to_attr="posted")
