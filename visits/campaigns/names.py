"""Who is on the list: added by hand, struck, restored, and said yes to by the branches."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from base import audit
from duties.engine.models import Action
from duties.engine.records import enter_record
from duties.tasks import Task, assign_task, move_task, tasks_of, withdraw_task
from members.enums import Role, Standing
from members.models import Lineage, Organisation, Person, Post
from members.scope import sealed_at
from members.services import membership_on
from visits.campaigns.drafting import others
from visits.campaigns.locking import check_drafting, locked_campaign
from visits.campaigns.permits import may_run
from visits.campaigns.sums import apply_standards, check_budget, groups_for
from visits.models import Campaign, Candidate

Out, Stage = Candidate.Out, Campaign.Stage
NO_REASON = "请写为什么，一句话也可以。"


@transaction.atomic
def add_by_hand(*, by, campaign: Campaign, person: Person, reason: str, today: date) -> Candidate:
    """Add somebody whom no rule names; of the dead the family is visited. Whoever was left out is listed again.

    :raises ValidationError: keyed ``member`` or ``reason``: without a reason, for somebody listed already, who stands
        outside the committee, or is listed in another campaign of the festival; once it was decided.
    """
    campaign = _open(campaign)
    refused = {} if reason.strip() else {"reason": [NO_REASON]}
    stay = membership_on(person, today)
    here = stay is not None and stay.path.startswith(campaign.organisation.path)
    there = campaign.candidates.filter(person=person).first()
    if not here:
        refused["member"] = [f"{person.name}的组织关系不在{campaign.organisation.label}，由所在党组织慰问。"]
    elif there and there.is_listed:
        refused["member"] = [f"{person.name}已经在名单里，没有再加一次。"]
    elif there and there.out == Out.STRUCK and by is not None and not may_run(by, campaign.organisation):
        refused["member"] = [f"{person.name}由{campaign.organisation.label}定为不列入。确要慰问，请与组织部门商量。"]
    elif other := _listed_elsewhere(campaign, person):
        refused["member"] = [f"{person.name}已列入{other.campaign.organisation.label}的{campaign.title}，不重复慰问。"]
    if refused:
        raise ValidationError(refused)
    row = there or Candidate(campaign=campaign, person=person)
    row.organisation, row.path, row.family = stay.organisation, stay.path, stay.standing == Standing.DEAD
    row.out, row.out_words, row.added, row.by_hand = "", "", reason.strip(), True
    row.save()
    _after(campaign)
    row.refresh_from_db()
    audit.write(audit.Act.WRITE, f"candidate:{row.pk}", person=person.pk, what="added")
    return row


@transaction.atomic
def strike(*, by, candidate: Candidate, reason: str, today: date) -> Candidate:
    """Leave a name out, with a reason that is sealed; the committee's own act. See :func:`confirm_names`.

    :raises ValidationError: without a reason, for one left out or handed over already; once it was decided.
    """
    campaign = _open(candidate.campaign)
    row = _row(campaign, candidate)
    if not row.is_listed:
        raise ValidationError(f"{row.person.name}已经不在名单里（{row.get_out_display()}），没有再办一次。")
    if not reason.strip():
        raise ValidationError({"reason": NO_REASON})
    _strike(row, Out.STRUCK, reason)
    drop_idle_tasks(by, campaign, today)
    return row


@transaction.atomic
def restore(*, by, candidate: Candidate, today: date) -> Candidate:
    """List a name that was left out, whether by the draft or by hand; the branch is to confirm it.

    :raises ValidationError: for one listed already, the dead of whom no family is visited, who has left or stands in
        another campaign of the festival, who was never recognised as in difficulty; once it was decided.
    """
    campaign = _open(candidate.campaign)
    row = _row(campaign, candidate)
    if said := _cannot_be_listed(campaign, row, today):
        raise ValidationError(said)
    row.out, row.out_words, row.by_hand, row.confirmed_on, row.confirmed_by = "", "", True, None, None
    row.save(update_fields=["out", "out_words", "by_hand", "confirmed_on", "confirmed_by"])
    _after(campaign)
    row.refresh_from_db()
    audit.write(audit.Act.EDIT, f"candidate:{row.pk}", what="restored")
    return row


def _cannot_be_listed(campaign: Campaign, row: Candidate, today: date) -> str:
    stay, name = membership_on(row.person, today), row.person.name
    if row.is_listed:
        return f"{name}已经在名单里，没有再办一次。"
    if stay is None or not stay.path.startswith(campaign.organisation.path):
        return f"{name}的组织关系已不在{campaign.organisation.label}，由所在党组织慰问。"
    if stay.standing == Standing.DEAD and not row.family:
        return f"{name}已于 {stay.since} 去世，不能再列入。慰问家属请到“登记走访”里登记吊唁慰问。"
    if other := _listed_elsewhere(campaign, row.person):
        return f"{name}已列入{other.campaign.organisation.label}的{campaign.title}，不重复慰问。"
    if row.out == Out.UNRECOGNISED:
        return f"{name}的困难还没有组织认定。请先在困难党员台账里认定，再点“重新摸底”；确要慰问的请手工加入并写明理由。"
    return ""


def _listed_elsewhere(campaign: Campaign, person: Person) -> Candidate | None:
    same = Candidate.objects.listed().filter(person=person, campaign__in=others(campaign))
    return same.select_related("campaign__organisation").order_by("pk").first()


# The branches


@dataclass(frozen=True)
class Asked:
    """Of how many branches somebody was asked to confirm, of how many the day was moved, and the branches where nobody
    can be asked: the committee confirms their names itself.
    """

    tasks: int
    moved: int
    without: tuple[Organisation, ...]


def confirm_source(campaign: Campaign) -> str:
    """The source of the tasks by which branches are asked."""
    return f"campaign:{campaign.pk}:confirm"


@transaction.atomic
def ask_branches(*, by, campaign: Campaign, due_on: date, today: date) -> Asked:
    """Ask the secretary of each branch that has unconfirmed names to confirm them: one task a branch. Asked once more,
    only those who have no such task running are asked; the running tasks are moved to the day.

    :raises ValidationError: keyed ``due_on`` for a day past or after the eve; when nothing is left to confirm; once it
        was decided.
    """
    campaign = _open(campaign)
    waiting = campaign.candidates.unconfirmed().order_by("path").values_list("organisation", flat=True).distinct()
    places = list(Organisation.objects.filter(pk__in=waiting).order_by("path"))
    if not places:
        raise ValidationError("名单里没有待支部确认的人。")
    if due_on > campaign.deliver_by:
        raise ValidationError({"due_on": f"慰问金要在 {campaign.deliver_by} 前发到手，确认期限请填得早一些。"})
    if due_on < today:
        raise ValidationError({"due_on": f"确认期限 {due_on} 已经过去，请填今天或以后的日子。"})
    running = [task.event for task in tasks_of(confirm_source(campaign), today=today) if task.running]
    moved = [event for event in running if event.due_on != due_on]
    for event in moved:
        move_task(by=by, event=event, due_on=due_on, reason=f"{campaign.title}的确认期限改了", today=today)
    there = {event.organisation_id for event in running}
    secretaries = nearest_secretaries([each.pk for each in places], today)
    asked, without = 0, []
    for place in places:
        if place.pk in there:
            continue
        if place.pk not in secretaries:
            without.append(place)
            continue
        assign_task(
            by=by, what=f"确认{campaign.title}名单", to=secretaries[place.pk][0], due_on=due_on, today=today,
            organisation=place, source=confirm_source(campaign),
        )  # fmt: skip
        asked += 1
    campaign.stage, campaign.confirm_by = Stage.CONFIRMING, due_on
    campaign.asked_on = campaign.asked_on or today
    campaign.save(update_fields=["stage", "confirm_by", "asked_on"])
    audit.write(audit.Act.EDIT, f"campaign:{campaign.pk}", what="asked", branches=asked, moved=len(moved))
    return Asked(asked, len(moved), tuple(without))


@transaction.atomic
def confirm_names(
    *,
    by,
    campaign: Campaign,
    organisation: Organisation,
    struck: Mapping[int, str],
    today: date,
    seen: Collection[int] | None = None,
) -> int:
    """A branch says yes to all its names, and strikes some with a reason; its task is done by the same act.

    Nobody confirms his own name: that one waits for the organisation above.

    :param struck: reasons by the number of a candidate; the others of the branch are confirmed.
    :param seen: the candidates that stood on the page; whoever came after is not confirmed unseen.
    :returns: how many were confirmed.
    :raises ValidationError: keyed ``reason_<candidate>``, for one struck without a reason; where nothing waits.
    """
    campaign = _open(campaign)
    waiting = campaign.candidates.unconfirmed().below(organisation).select_related("person")
    waiting = waiting.defer(*sealed_at("person")).exclude(person=by.person_id).order_by("path", "pk")
    rows = {row.pk: row for row in waiting}
    if not rows:
        raise ValidationError(f"{organisation.label}没有待你确认的人。")
    if unseen := [row.person.name for pk, row in rows.items() if seen is not None and pk not in seen]:
        raise ValidationError(f"名单刚才变了：{'、'.join(unseen[:5])}是新列入的，请看过再确认。")
    refused = {
        f"reason_{pk}": [f"不列入{rows[pk].person.name}，{NO_REASON}"]
        for pk, reason in struck.items() if pk in rows and not reason.strip()
    }  # fmt: skip
    if refused:
        raise ValidationError(refused)
    for pk, reason in struck.items():
        if pk in rows:
            _strike(rows.pop(pk), Out.BRANCH, reason)
    confirmed = campaign.candidates.filter(pk__in=rows).update(confirmed_on=today, confirmed_by=by.person_id)
    audit.write(audit.Act.EDIT, f"campaign:{campaign.pk}", what="confirmed", organisation=organisation.pk, n=confirmed)
    for task in _idle_tasks(campaign, organisation, today, but=by.person_id):
        did = list(dict.fromkeys(filter(None, [task.to, by.person])))
        enter_record(by=by, organisation=task.event.organisation, member=None, action=Action.HANDLING, on=today,
                     people=did, event=task.event, today=today)  # fmt: skip
    return confirmed


def drop_idle_tasks(by, campaign: Campaign, today: date) -> None:
    """Withdraw the tasks to confirm of branches of which no name waits any more."""
    for task in _idle_tasks(campaign, campaign.organisation, today):
        withdraw_task(by=by, event=task.event, reason="名单里已经没有要确认的人", today=today)


def _idle_tasks(campaign: Campaign, within: Organisation, today: date, but: int | None = None) -> Iterator[Task]:
    """The running tasks to confirm at or below an organisation where no name waits, but perhaps that of one person."""
    for task in tasks_of(confirm_source(campaign), today=today):
        place = task.event.organisation
        waiting = campaign.candidates.unconfirmed().below(place).exclude(person=but)
        if task.running and place.path.startswith(within.path) and not waiting.exists():
            yield task


def nearest_secretaries(places: Collection[int], day: date) -> dict[int, list[Person]]:
    """Who leads each organisation: its secretaries, else its deputies, else those of the nearest one above. The nearest
    first, and all on the way up after them. Two queries.
    """
    roles = (Role.SECRETARY, Role.DEPUTY_SECRETARY)
    lines = Lineage.objects.filter(organisation__in=places, since__lte=day, until__gt=day).order_by("distance")
    chains = defaultdict(list)
    for organisation, ancestor in lines.values_list("organisation", "ancestor"):
        chains[organisation].append(ancestor)
    held = defaultdict(list)
    above = {place for chain in chains.values() for place in chain}
    posts = Post.objects.on(day).filter(organisation__in=above, role__in=roles).select_related("person")
    for post in posts.defer(*sealed_at("person")).order_by("since", "pk"):
        held[post.organisation_id, post.role].append(post.person)
    found = {
        place: [person for above in chain for role in roles for person in held[above, role]]
        for place, chain in chains.items()
    }  # fmt: skip
    return {place: people for place, people in found.items() if people}


# Shared


def _open(campaign: Campaign) -> Campaign:
    """The locked campaign, while names may change."""
    campaign = locked_campaign(campaign)
    check_drafting(campaign)
    return campaign


def _row(campaign: Campaign, candidate: Candidate) -> Candidate:
    rows = campaign.candidates.select_related("person", "organisation").defer(*sealed_at("person"))
    return rows.get(pk=candidate.pk)


def _strike(row: Candidate, why: Out, reason: str) -> None:
    row.out, row.out_words, row.by_hand = why, reason.strip(), True
    row.confirmed_on = row.confirmed_by = None
    row.save(update_fields=["out", "out_words", "by_hand", "confirmed_on", "confirmed_by"])
    audit.write(audit.Act.EDIT, f"candidate:{row.pk}", what=str(why))


def _after(campaign: Campaign) -> None:
    """What a new name brings: its standard, and the budget still holds."""
    apply_standards(campaign, groups_for(campaign))
    check_budget(campaign, field="member")
