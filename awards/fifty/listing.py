"""Drawing up the list of a year, adding one whose day a person decided, asking for missing days, past awards."""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef

from awards.fifty.reading import alive, next_year, to_list, unknown, within
from awards.fifty.waiting import keep_tasks, places_of
from awards.models.fifty import YEARS, Medal, MedalStep, Stage, first_of_july
from base import audit
from base.facts import Fact, facts_changed, facts_will_change
from members.enums import EventKind, Standing
from members.models import Event, Membership, Organisation, Person
from members.services import membership_on, memberships_on

FIRST_AWARD = date(2021, 3, 1)
"""The medal was founded in 2021; nothing was handed over before."""

BATCH = 500


def _place_of(organisation: Organisation, day: date):
    return within(alive(day), organisation)


@transaction.atomic
def draw_list(*, by, organisation: Organisation, year: int, today: date) -> int:
    """List everybody below the organisation who has fifty years on 1 July of the year and is not listed; twice lists
    nobody twice. Their branches are asked to verify; who moved meanwhile waits in the branch where he is now.

    :returns: how many were listed.
    :raises ValidationError: for another year than the next 1 July's.
    """
    facts_will_change(alone=True)
    _check_year(year, today)
    person = by.person if by is not None else None
    rows = to_list(_place_of(organisation, today), year).order_by("path", "person")
    medals = Medal.objects.bulk_create(
        [
            Medal(person_id=stay, organisation_id=place, year=year, since=since, entered_on=today, entered_by=person)
            for stay, place, since in rows.values_list("person", "organisation", "counted")
        ],
        batch_size=BATCH,
    )
    MedalStep.objects.bulk_create(
        [MedalStep(medal=medal, stage=Stage.LISTED, on=today, by=person) for medal in medals], batch_size=BATCH
    )
    audit.write(audit.Act.WRITE, f"organisation:{organisation.pk}", what="medals", year=year, listed=len(medals))
    keep_tasks(by=by, places=places_of(medals) | _follow(organisation, year, today), today=today)
    return len(medals)


def _follow(organisation: Organisation, year: int, today: date) -> set[tuple[int, int]]:
    """Let whoever waits wait where he stands today; returns the places he left and came to."""
    rows = Medal.objects.running().filter(year=year, organisation__path__startswith=organisation.path)
    rows = list(rows.select_related("organisation").order_by("pk"))
    stays = memberships_on([row.person_id for row in rows], today)
    moved = [row for row in rows if (stay := stays.get(row.person_id)) and stay.organisation_id != row.organisation_id]
    left = places_of(moved)
    for row in moved:
        row.organisation = stays[row.person_id].organisation
    Medal.objects.bulk_update(moved, ["organisation"], batch_size=BATCH)
    return left | places_of(moved)


def _check_year(year: int, today: date) -> None:
    if year != next_year(today):
        raise ValidationError(f"现在列的是 {next_year(today)} 年的名单；漏了的补到这一年。")


@transaction.atomic
def add_member(*, by, person: Person, year: int, since: date | None, basis: str, note: str = "", today: date) -> Medal:
    """List one member: whose day a person decided, by which papers, or who was left out before.

    :param since: the day the years count from, as decided; ``None`` takes what the roster gives.
    :param basis: the papers it rests on. The roster stays as it is: days are put right in the national system.
    :raises ValidationError: keyed by form field: for the dead, the probationary, those outside, those who have the
        medal or are listed, a day that gives less than fifty years, a decision without papers.
    """
    facts_will_change()
    person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    _check_year(year, today)
    stay = _check_member(person, year, today)
    since, basis = _since(person, since, basis.strip(), year)
    medal = Medal.objects.create(
        person=person, organisation=stay.organisation, year=year, since=since, basis=basis, note=note.strip(),
        entered_on=today, entered_by=by and by.person,
    )  # fmt: skip
    MedalStep.objects.create(medal=medal, stage=Stage.LISTED, on=today, by=by and by.person)
    audit.write(audit.Act.WRITE, f"medal:{medal.pk}", person=person.pk, year=year, decided=bool(basis))
    keep_tasks(by=by, places=places_of([medal]), today=today)
    return medal


def _check_member(person: Person, year: int, today: date) -> Membership:
    name, stay = person.name, membership_on(person, today)
    if stay is None:
        raise ValidationError({"member": f"{name}现在没有组织关系，不能列入。"})
    if stay.standing == Standing.DEAD:
        raise ValidationError({"member": f"{name}已于 {stay.since} 去世，纪念章颁发给健在的党员。"})
    if stay.standing == Standing.PROBATIONARY:
        raise ValidationError({"member": f"{name}是预备党员，预备期不计党龄，不能列入。"})
    _check_only(person)
    if Medal.objects.standing().filter(person=person, year=year).exists():
        raise ValidationError({"member": f"{name}今年已有结论，要改请打开那一条退回。"})
    return stay


def _check_only(person: Person) -> None:
    """:raises ValidationError: for who has the medal, or is on the way to it."""
    if live := Medal.objects.live().filter(person=person).first():
        said = f"{live.handed_on or live.year} 已颁发" if live.stage == Stage.HANDED else f"已在 {live.year} 年名单里"
        raise ValidationError({"member": f"{person.name}{said}，每人只有一次。"})


def _since(person: Person, since: date | None, basis: str, year: int) -> tuple[date, str]:
    """The day the years count from, and the papers of a decision."""
    on = first_of_july(year)
    known = person.seniority(on)
    if since is None and known.since is None:
        raise ValidationError({"since": f"{known.note or '党龄不清楚'}。请查档案，写认定的起算日期和依据。"})
    day = since or known.since
    if since and since != known.since and not basis:
        raise ValidationError({"basis": "请写认定的依据，例如入党志愿书、批复和文号。"})
    if since and person.joined_on and since < person.joined_on and not person.seniority_months > 0:
        raise ValidationError({"since": f"起算日期早于入党日期 {person.joined_on}，请核对。"})
    if day > first_of_july(year - YEARS):
        reached = day.year + YEARS + (day > first_of_july(day.year))
        raise ValidationError({"since": f"从 {day} 起算，到 {on} 不满 50 年，{reached} 年再列入。"})
    return day, basis if since else ""


# Missing days


@transaction.atomic
def ask_for_days(*, by, organisation: Organisation, today: date) -> int:
    """Have everybody's days settled of whom nobody can say whether he reaches fifty years by the next 1 July: a
    question for each (资料待核实), due by 31 May. Asked twice, nobody is asked twice in a year.

    :returns: how many were asked about.
    """
    facts_will_change(alone=True)
    year = next_year(today)
    source = source_of_questions(year)
    asked = Event.objects.standing().filter(person=OuterRef("person"), source=source)
    rows = unknown(_place_of(organisation, today), year).filter(~Exists(asked)).select_related("person")
    due, on = max(date(year, 5, 31), today), first_of_july(year)
    events = Event.objects.bulk_create(
        [
            Event(
                person=stay.person, kind=EventKind.DATA_QUESTION, occurred_on=today, due_on=due, entered_on=today,
                entered_by=by and by.person, source=source, note=question(stay.person, on),
            )
            for stay in rows.order_by("path", "person")
        ],
        batch_size=BATCH,
    )  # fmt: skip
    audit.write(audit.Act.WRITE, f"organisation:{organisation.pk}", what="data-questions", year=year, asked=len(events))
    if events:
        people = [event.person_id for event in events]
        facts_changed(Fact.EVENT, since=today, people=people, of=EventKind.DATA_QUESTION)
    return len(events)


def source_of_questions(year: int) -> str:
    return f"fifty:{year}"


def question(person: Person, on: date) -> str:
    """What is to be settled about a member."""
    note = person.seniority(on).note or "只知道年或月，是否到日要核"
    return f"光荣在党50年：{note}。请查入党志愿书等档案，在全国系统更正后导入名册。"


# Past awards


@dataclass(frozen=True)
class Award:
    """A medal handed over before the product knew of it."""

    on: date
    means: str = ""
    medal_number: str = ""
    certificate_number: str = ""
    receiver: str = ""
    relation: str = ""
    opinion: str = ""
    note: str = ""
    published_on: date | None = None


def _too_short(person: Person, on: date) -> str:
    """That by the roster it is less than fifty years on the 1 July of the award; empty if not, or if not known."""
    years = person.seniority(first_of_july(on.year)).years
    if years is None or years >= YEARS:
        return ""
    said = f"按名册，{person.name}到 {first_of_july(on.year)} 党龄 {years} 年，不满 {YEARS} 年。"
    return f"{said}确已颁发的，请先改正名册的日期。"


def amiss_award(person: Person, stay: Membership | None, award: Award, today: date) -> dict[str, str]:
    """What is wrong with a past award, by field.

    :param stay: where the member stands today.
    """
    refused = {}
    if award.on > today:
        refused["on"] = f"颁发日期 {award.on} 晚于今天，颁发了再登记。"
    elif award.on < FIRST_AWARD:
        refused["on"] = f"“光荣在党50年”纪念章 2021 年才设立，{award.on} 请核对。"
    if stay is None:
        refused["member"] = f"{person.name}现在没有组织关系，请先导入名册。"
    elif stay.standing == Standing.PROBATIONARY:
        refused["member"] = f"{person.name}是预备党员，请核对。"
    elif not refused and (short := _too_short(person, award.on)):
        refused["member"] = short
    elif stay.standing == Standing.DEAD and award.on >= stay.since and not award.receiver.strip():
        refused["receiver"] = f"{person.name}已于 {stay.since} 去世，请写代领的亲属。"
    if award.receiver.strip() and not award.relation.strip():
        refused["relation"] = f"请写{award.receiver.strip()}与{person.name}的关系。"
    number = award.medal_number.strip()
    if number and Medal.objects.standing().filter(medal_number=number).exists():
        refused["medal_number"] = f"佩章编号 {number} 已登记给别人，请核对。"
    return refused


@transaction.atomic
def enter_award(*, by, person: Person, award: Award, today: date) -> Medal:
    """Enter a medal that was handed over already, in this year or one before.

    :raises ValidationError: keyed by form field, as :func:`amiss_award`; for who has it or is on the way to it.
    """
    facts_will_change()
    person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    stay = membership_on(person, today)
    if refused := amiss_award(person, stay, award, today):
        raise ValidationError(refused)
    _check_only(person)
    taken = Medal.objects.standing().filter(person=person, year=award.on.year)
    if taken.exists():
        raise ValidationError({"member": f"{person.name} {award.on.year} 年另有结论，要改请打开那一条。"})
    medal = Medal.objects.create(
        person=person, organisation=stay.organisation, year=award.on.year, stage=Stage.HANDED,
        since=person.seniority(first_of_july(award.on.year)).since, opinion=award.opinion.strip(),
        handed_on=award.on, means=award.means, medal_number=award.medal_number.strip(),
        certificate_number=award.certificate_number.strip(), receiver=award.receiver.strip(),
        relation=award.relation.strip(), note=award.note.strip(), published_on=award.published_on, entered_on=today,
        entered_by=by and by.person,
    )  # fmt: skip
    MedalStep.objects.create(medal=medal, stage=Stage.HANDED, on=award.on, by=by and by.person)
    audit.write(audit.Act.WRITE, f"medal:{medal.pk}", person=person.pk, on=str(award.on), what="past")
    return medal
