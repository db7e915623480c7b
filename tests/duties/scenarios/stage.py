"""A small institution on which a document is tried: people, posts and events in, duties out, day by day.

A committee, a general branch with two branches below it, a branch directly below the committee. Everybody joined long
ago and holds the same post since 2020 unless a scenario says otherwise. Each word writes its rows and tells the engine,
as a service would; :meth:`Stage.on` moves the clock to a day and sweeps.
"""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from base.dates import FAR
from base.facts import Fact, facts_changed, facts_will_change
from duties.engine.models import Duty
from duties.engine.records import enter_record
from duties.engine.responsible import attach_responsible
from duties.engine.sweep import sweep
from duties.policy.adoption import adopt
from duties.policy.packs import load_pack
from members.enums import OrganisationKind, Role, Standing
from members.models import Category, Event, Membership, Person, Tie
from tests.duties import acts
from tests.world import member, organisation, person, post

CHINA = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Owed:
    """One duty, as a scenario compares it: by the clause as printed, the action, and the days."""

    rule: str
    clause: str
    action: str
    due: date
    state: str
    who: str
    """Whom or which organisation it is owed to (or by whom, where the clause binds one person)."""
    turn: tuple[str, ...]
    """Names of those whose turn it is."""


class Stage:
    """The institution, with ``packs`` adopted at the committee from ``since`` on."""

    def __init__(self, clock, *packs: str, since: date = date(2026, 1, 1), start: date = date(2026, 1, 1)):
        self.clock = clock
        self._move(start)
        self.committee = organisation("01", OrganisationKind.COMMITTEE, name="党委")
        self.general = organisation("0101", OrganisationKind.GENERAL_BRANCH, self.committee, name="党总支")
        self.branch = organisation("010101", parent=self.general, name="第一党支部")
        self.sibling = organisation("010102", parent=self.general, name="第二党支部")
        self.direct = organisation("0102", parent=self.committee, name="直属党支部")
        self.secretary = member("支部书记", self.branch)
        self.sibling_secretary = member("二支部书记", self.sibling)
        self.direct_secretary = member("直属书记", self.direct)
        self.general_secretary = member("总支书记", self.direct)
        self.committee_secretary = member("党委书记", self.direct)
        self.deputy = member("党委副书记", self.direct)
        self.head = member("组织部长", self.direct)
        self.li, self.zhang = member("李党员", self.branch), member("张党员", self.branch)
        for someone, where, role in (
            (self.secretary, self.branch, Role.SECRETARY), (self.sibling_secretary, self.sibling, Role.SECRETARY),
            (self.direct_secretary, self.direct, Role.SECRETARY),
            (self.general_secretary, self.general, Role.SECRETARY),
            (self.committee_secretary, self.committee, Role.SECRETARY),
            (self.deputy, self.committee, Role.DEPUTY_SECRETARY), (self.head, self.committee, Role.DEPARTMENT_HEAD),
        ):  # fmt: skip
            post(someone, where, role)
        for code in packs:
            adopt(by=None, organisation=self.committee, policy=load_pack(code), since=since, today=self.today)

    def _move(self, day: date) -> None:
        self.today = day
        self.clock.move_to(datetime(day.year, day.month, day.day, 10, tzinfo=CHINA))

    def on(self, day: date) -> "Stage":
        """Go to a day and sweep."""
        self._move(day)
        sweep(on=day, today=day)
        return self

    # Facts ------------------------------------------------------------------------------------------------------------

    @transaction.atomic
    def member(self, name: str, where=None, *, since: date | None = None, standing=Standing.FULL, **dates) -> Person:
        """A further member (of the first branch). ``dates``: born, joined, full."""
        facts_will_change()
        someone = member(name, where or self.branch, since=since, standing=standing, **dates)
        facts_changed(Fact.MEMBERSHIP, since=date(1900, 1, 1), people=[someone.pk])
        return someone

    def outsider(self, name: str) -> Person:
        """Somebody without a membership."""
        return person(name)

    def takes_post(self, someone, where, role=Role.SECRETARY, *, since: date, until: date = FAR) -> None:
        acts.take_post(someone, where, role, since=since, until=until)

    def leaves_post(self, someone, where, until: date, role=Role.SECRETARY) -> None:
        acts.end_post(someone, where, until, role)

    def moves(self, someone, to, on: date, standing=None) -> None:
        """To another branch (``None``: out of the Party's sight)."""
        acts.move(someone, to, on, standing)

    def dies(self, someone, on: date) -> Event:
        """The membership stands as 去世 from the day, and the event is registered."""
        acts.die(someone, on)
        return self.happens(someone, "death", on)

    @transaction.atomic
    def happens(
        self, whom, kind: str, on: date, *, addressee: Person | None = None, due_on: date | None = None
    ) -> Event:  # fmt: skip
        """An event of a person or of an organisation, entered today."""
        facts_will_change()
        of_person = isinstance(whom, Person)
        event = Event.objects.create(
            person=whom if of_person else None, organisation=None if of_person else whom, kind=kind, occurred_on=on,
            entered_on=self.today, addressee=addressee, due_on=due_on,
        )  # fmt: skip
        people = [each.pk for each in (whom if of_person else None, addressee) if each]
        organisations = [] if of_person else [whom.pk]
        facts_changed(Fact.EVENT, since=on, people=people, organisations=organisations, of=kind)
        return event

    @transaction.atomic
    def belongs(self, someone, kind: str, *, grade: str = "", since: date, until: date = FAR) -> Category:
        facts_will_change()
        row = Category.objects.create(person=someone, kind=kind, grade=grade, since=since, until=until)
        facts_changed(Fact.CATEGORY, since=since, people=[someone.pk], of=kind)
        return row

    @transaction.atomic
    def tied(self, someone, kind: str, to: Person, *, since: date, until: date = FAR) -> Tie:
        facts_will_change()
        row = Tie.objects.create(person=someone, kind=kind, to=to, since=since, until=until)
        facts_changed(Fact.TIE, since=since, people=[someone.pk, to.pk], of=kind)
        return row

    def does(
        self, action: str, *by: Person, about: Person | None = None, at=None, on: date | None = None,
        collective: bool = False, quantity=1, answers: Event | None = None,
    ):  # fmt: skip
        """Somebody did something: about a member, or for an organisation (``at``)."""
        on = on or self.today
        stood = Membership.objects.on(on).filter(person=about).select_related("organisation").first() if about else None
        here = stood.organisation if stood else at or self.branch
        return enter_record(
            by=None, organisation=here, member=about, action=action, on=on, people=list(by), today=self.today,
            collective=collective, quantity=quantity, event=answers,
        )  # fmt: skip

    # Duties -----------------------------------------------------------------------------------------------------------

    def owed(self, whom=None, *, rule: str | None = None, state: str | None = "open") -> list[Owed]:
        """The duties there are, by due day: to or by ``whom`` (a person or an organisation), of a rule, in a state."""
        duties = Duty.objects.with_sources().order_by("due_on", "rule__code", "key")
        if isinstance(whom, Person):
            duties = duties.filter(actor=whom) | duties.filter(member=whom)
        elif whom is not None:
            duties = duties.filter(organisation=whom, member=None, actor=None)
        if rule:
            duties = duties.filter(rule__code=rule)
        if state:
            duties = duties.filter(state=state)
        return [
            Owed(
                each.rule.code, each.rule.clause.printed, each.rule.action, each.due_on, each.state,
                str(each.member or each.actor or each.organisation.name),
                tuple(one.name for one in each.responsible),
            )
            for each in attach_responsible(list(duties), self.today)
        ]  # fmt: skip

    def rules(self, whom=None, *, state: str | None = "open") -> set[str]:
        """The codes of the rules of these duties."""
        return {each.rule for each in self.owed(whom, state=state)}

    def one(self, whom, rule: str, state: str | None = None) -> Owed:
        """The one duty of a rule; fails if there are none or several."""
        (found,) = self.owed(whom, rule=rule, state=state)
        return found
