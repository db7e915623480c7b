"""The draft of a campaign: its candidates come from the rules in one statement, whoever is left out is said why.

Drawn up twice it adds what is new, takes up what the rules now say, and undoes nothing that somebody decided.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from base import audit
from base.calendar import Occasion, day_of
from base.facts import facts_will_change
from care.models import Entry, RegisterCode
from duties.policy.models import Adoption, Rule
from members.enums import LIVING, CategoryKind, OrganisationKind, Standing
from members.models import Membership, Organisation
from members.scope import path_end
from visits.campaigns.naming import Named, festivals, groups_of, rules_of
from visits.campaigns.sums import apply_standards
from visits.models import Campaign, Candidate, Visit

Out, Stage = Candidate.Out, Campaign.Stage

SINCE_LAST = timedelta(days=400)
"""So far back somebody who has died is remembered to have been visited on a festival."""


@dataclass(frozen=True)
class Clock:
    """How many days before a festival things are done (forms.md b2: 节前发到手)."""

    draft: int
    confirm: int
    decide: int
    hand: int


CLOCKS = {Occasion.SPRING_FESTIVAL: Clock(draft=45, confirm=30, decide=20, hand=7)}
USUAL = Clock(draft=30, confirm=20, decide=14, hand=5)
EVE = timedelta(days=1)
"""All money is handed over on the day before the festival at the latest; there may be no 三十 (domain.md 2.10)."""


def clock_of(occasion: str) -> Clock:
    """The days of a festival."""
    return CLOCKS.get(Occasion(occasion), USUAL)


def before(day: date, days: int) -> date:
    return day - timedelta(days=days)


# By itself


def due_by(today: date) -> list[tuple[Organisation, Occasion, int]]:
    """Which campaigns there should be a draft of: for each committee that follows a policy with rules for a festival
    which is not far any more. The lower ones first, so that the upper ones leave out whom these have.
    """
    adopted = Adoption.objects.on(today).filter(organisation=OuterRef("pk"))
    committees = Organisation.objects.on(today).filter(Exists(adopted), kind=OrganisationKind.COMMITTEE)
    near = [
        (occasion, year, day) for occasion, year, day in festivals(today)
        if before(day, clock_of(occasion).draft) <= today < day
    ]  # fmt: skip
    found = []
    for organisation in sorted(committees.order_by("path"), key=lambda each: -len(each.path)) if near else []:
        own = set(Adoption.objects.on(today).filter(organisation=organisation).values_list("policy", flat=True))
        for occasion, year, day in near:
            if any(rule.policy_id in own for rule in rules_of(organisation, occasion, day)):
                found.append((organisation, occasion, year))
    return found


def draft_what_is_due(*, today: date) -> list[Campaign]:
    """Draw up what :func:`due_by` lists; of a campaign that left the draft nothing is touched. For the clock."""
    drafts = []
    for organisation, occasion, year in due_by(today):
        there = Campaign.objects.filter(organisation=organisation, occasion=occasion, year=year).first()
        if there is None or there.stage == Stage.DRAFT:
            with suppress(ValidationError):  # what is refused to one does not hold up the others
                drafts.append(draft(by=None, organisation=organisation, occasion=occasion, year=year, today=today))
    return drafts


# On demand


@transaction.atomic
def draft(*, by, organisation: Organisation, occasion: str, year: int, today: date) -> Campaign:
    """Draw up the campaign of a committee for a festival, or look for candidates once more. One that was called off
    begins anew; the clock leaves it alone.

    :param by: the acting account, ``None`` for the clock; who may is the caller's to check
        (:mod:`visits.campaigns.permits`).
    :param year: the festival's own; 春节 of 2027 is drawn up in 2026.
    :returns: the campaign, with its candidates written.
    :raises ValidationError: keyed ``organisation`` or ``occasion``: for an organisation that is no committee, a
        festival that is over, one for which nobody below follows a rule, and once names and sums were decided.
    """
    facts_will_change()
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    day = day_of(Occasion(occasion), year)
    rules = rules_of(organisation, occasion, day)
    if refused := _amiss(organisation, occasion, day, rules, today):
        raise ValidationError(refused)
    confirm_by = max(today, before(day, clock_of(occasion).confirm))
    campaign, new = Campaign.objects.select_for_update(no_key=True).get_or_create(
        organisation=organisation, occasion=occasion, year=year,
        defaults={
            "day": day, "deliver_by": day - EVE, "confirm_by": confirm_by, "entered_on": today,
            "entered_by": by and by.person,
        },
    )  # fmt: skip
    if campaign.stage == Stage.CALLED_OFF and by is not None:
        campaign.stage, campaign.asked_on, campaign.confirm_by = Stage.DRAFT, None, confirm_by
    if not campaign.drafting:
        said = "已撤销，由人重新开始" if campaign.stage == Stage.CALLED_OFF else "已经集体研究，名单不再变动"
        raise ValidationError({"occasion": f"{campaign.title}{said}。"})
    campaign.drafts, campaign.drafted_on = campaign.drafts + 1, today
    campaign.save(update_fields=["stage", "asked_on", "confirm_by", "drafts", "drafted_on"])
    write_candidates(campaign, rules, today)
    apply_standards(campaign, groups_of(rules))
    audit.write(audit.Act.WRITE if new else audit.Act.EDIT, f"campaign:{campaign.pk}", what="drafted",
                listed=campaign.candidates.listed().count())  # fmt: skip
    return campaign


def _amiss(organisation: Organisation, occasion: str, day: date, rules: list[Rule], today: date) -> dict:
    label = Occasion(occasion).label
    if organisation.kind != OrganisationKind.COMMITTEE:
        return {"organisation": f"节日走访由党委的组织部门办。{organisation.label}不是党委，请选上级党委。"}
    if day <= today:
        return {"occasion": f"{day.year} 年{label}（{day}）已经到了，不能再摸底。补登的走访请到“登记走访”里记。"}
    if not rules:
        said = f"{organisation.label}和下级采用的制度里，没有哪一条写明{label}走访哪些人。请先到“制度”采用一份。"
        return {"occasion": said}
    return {}


@contextmanager
def in_sets() -> Iterator[None]:
    """Inside the transaction of a draft: the rows just written are unknown to the planner, which would look through all
    of them for each (docs/performance.md §1).
    """
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        yield
        cursor.execute("SET LOCAL enable_nestloop = on")


def write_candidates(campaign: Campaign, rules: list[Rule], today: date) -> None:
    """The statements of a draft, each one set: no loop over members."""
    stays = Membership.objects.on(today).filter(
        path__gte=campaign.organisation.path, path__lt=path_end(campaign.organisation.path)
    )
    _name(campaign, Named.by(rules, campaign.organisation, campaign.day), today)
    if any(group.code == CategoryKind.HARDSHIP for group in groups_of(rules)):
        _leave_out(campaign, Out.UNRECOGNISED, _unrecognised(stays, today))
    _leave_out(campaign, Out.DEAD, _died(stays, today))
    if campaign.drafts > 1:
        _look_again(campaign, stays)
    if others(campaign).exists():
        _leave_to_others(campaign)


def _name(campaign: Campaign, named: Named, today: date) -> None:
    """Insert those whom the rules name; who is there has the rules' reasons of today, and comes back where nobody but
    the draft itself had left him out.
    """
    table, own = Candidate._meta.db_table, campaign.organisation.path
    columns = {
        "campaign_id": "%s", "person_id": "n.member_id", "organisation_id": "m.organisation_id", "path": "m.path",
        "reasons": "n.reasons", "family": "n.family = 1", "drafted": "%s",
        "out": f"CASE WHEN m.standing = '{Standing.DEAD}' AND n.family = 0 THEN '{Out.DEAD}' ELSE '' END",
    }  # fmt: skip
    source = f"""({named.each()}) AS n JOIN {Membership._meta.db_table} m ON m.person_id = n.member_id
      WHERE m.since <= %s AND m.until > %s AND m.path >= %s AND m.path < %s ORDER BY m.path, n.member_id"""
    update = f"""UPDATE SET reasons = excluded.reasons, family = excluded.family, drafted = excluded.drafted,
      out = CASE WHEN {table}.by_hand OR {table}.visit_id IS NOT NULL THEN {table}.out ELSE excluded.out END"""
    _insert(columns, source, update, [campaign.pk, campaign.drafts, *named.values, today, today, own, path_end(own)])


def _leave_out(campaign: Campaign, why: Out, stays: QuerySet[Membership]) -> None:
    """Insert those at ``stays`` as left out, unless they are there."""
    there = campaign.candidates.filter(person=OuterRef("person"))
    rows = stays.exclude(Exists(there)).order_by("path", "person").values("person_id", "organisation_id", "path")
    sql, values = rows.query.sql_with_params()
    columns = {
        "campaign_id": "%s", "person_id": "n.person_id", "organisation_id": "n.organisation_id", "path": "n.path",
        "out": "%s",
    }  # fmt: skip
    _insert(columns, f"({sql}) AS n WHERE TRUE", "NOTHING", [campaign.pk, str(why), *values])


def _insert(columns: dict[str, str], source: str, on_conflict: str, values: list) -> None:
    """One INSERT … SELECT: ``columns`` as said in SQL, all others as a new candidate has them."""
    blank = Candidate()
    others = {
        field.column: field.get_db_prep_save(getattr(blank, field.attname), connection)
        for field in Candidate._meta.concrete_fields
        if not field.primary_key and field.column not in columns
    }
    names = ", ".join(connection.ops.quote_name(name) for name in (*others, *columns))
    said = ", ".join([*("%s" for _ in others), *columns.values()])
    table = Candidate._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT {said} FROM {source}"
            f" ON CONFLICT (campaign_id, person_id) DO {on_conflict}",
            [*others.values(), *values],
        )


def _unrecognised(stays: QuerySet[Membership], today: date) -> QuerySet[Membership]:
    """Those who stand in the register of difficulties and were recognised by nobody (S4 第十三条)."""
    waiting = Entry.objects.running(today).filter(
        register=RegisterCode.DIFFICULTY, recognised_on__isnull=True, person=OuterRef("person")
    )
    return stays.filter(Exists(waiting), standing__in=LIVING)


def _died(stays: QuerySet[Membership], today: date) -> QuerySet[Membership]:
    """Those visited on a festival of the last year who have died since."""
    visited = Visit.objects.exclude(occasion="").filter(
        record__member=OuterRef("person"), record__on__gte=today - SINCE_LAST, record__on__lt=OuterRef("since"),
        record__withdrawn_on__isnull=True,
    )  # fmt: skip
    return stays.filter(Exists(visited), standing=Standing.DEAD)


def _look_again(campaign: Campaign, stays: QuerySet[Membership]) -> None:
    """Leave out, of those not handed over, whoever is dead, has left, or is named by no rule any more. What somebody
    decided stays, except that of the dead only the family is visited. Whoever stands in another branch now is for that
    one to confirm.
    """
    mine = campaign.candidates.listed().filter(visit__isnull=True)
    here = stays.filter(person=OuterRef("person"))
    mine.filter(Exists(here.filter(standing=Standing.DEAD)), family=False).update(out=Out.DEAD)
    mine.filter(~Exists(here)).update(out=Out.LEFT)
    moved = mine.filter(~Exists(here.filter(organisation=OuterRef("organisation"))))
    place = {name: Subquery(here.order_by("pk").values(name)[:1]) for name in ("organisation", "path")}
    moved.update(**place, confirmed_on=None, confirmed_by=None)
    gone = mine.filter(by_hand=False, confirmed_on__isnull=True, drafted__lt=campaign.drafts)
    gone.update(out=Out.UNNAMED, reasons="")


def _leave_to_others(campaign: Campaign) -> None:
    """Leave out whom another organisation lists for the same festival, unless somebody decided otherwise."""
    mine = campaign.candidates.listed().filter(visit__isnull=True, by_hand=False)
    with in_sets():
        mine.filter(Exists(elsewhere(campaign))).update(out=Out.DOUBLE)


def others(campaign: Campaign) -> QuerySet[Campaign]:
    """The campaigns of other organisations for the same festival, without those called off."""
    same = Campaign.objects.filter(occasion=campaign.occasion, year=campaign.year).exclude(pk=campaign.pk)
    return same.exclude(stage=Stage.CALLED_OFF)


def elsewhere(campaign: Campaign) -> QuerySet[Candidate]:
    """Names of the same festival that another organisation's campaign lists, of the outer row's person."""
    return Candidate.objects.listed().filter(person=OuterRef("person"), campaign__in=others(campaign))
