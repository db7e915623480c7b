"""Living through a world: each act writes its rows and tells the engine, as a service would; then the oracle is asked.

Acts that cannot be done (nothing there to withdraw, a post that would end before it began) are passed over, so that
any part of a world is a world again.
"""

from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import time_machine
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Max

from base.dates import DAWN, FAR, anniversary
from base.facts import Fact, facts_changed, facts_will_change
from duties.engine import counts
from duties.engine.models import Delegation, Duty, DutyChange, DutyTotal, Record, SweptRule, Waiver
from duties.engine.records import enter_record, withdraw_record
from duties.engine.responsible import attach_responsible, owed_by
from duties.engine.sweep import sweep
from duties.notices.owing import Group, owing
from duties.policy.adjusting import AdjustmentRefused, adjust, end_adjustment
from duties.policy.adoption import AdoptionRefused, adopt, end_adoption
from duties.policy.models import Adjustment, Adoption, Rule
from members.enums import EventKind, Role, Standing
from members.models import Account, Category, Event, Membership, Organisation, Person, Post, Tie
from members.services import receive_member, register_event, withdraw_event
from members.tree import place, rebuild_lineage
from tests.duties.oracle import Facts, Owed, RuleOracle, oracle
from tests.duties.pack import load_rules
from tests.duties.worlds import BRANCHES, HOMES, PEOPLE, POSTS, SCENE, World
from tests.world import join, organisation, person, post

CHINA = ZoneInfo("Asia/Shanghai")
EARLY = date(2022, 1, 1)
SEMESTERS = (
    [["03-01", "07-20"], ["09-10", "01-10"]],
    [["02-20", "05-31"], ["06-10", "08-31"], ["09-15", "12-31"]],
)  # fmt: skip
"""Tables of semesters that organisations set for themselves."""


COLUMNS = (
    "rule__code", "key", "period", "member", "actor", "event", "organisation", "opens_on", "counts_from", "due_on",
    "closes_on", "held_to", "state", "reason", "closed_by", "closed_on",
)  # fmt: skip


def duties() -> dict[tuple[str, str], Owed]:
    """The duty table as the oracle would say it. ``path`` is checked beside."""
    assert not Duty.objects.exclude(path=F("organisation__path")).exists()
    return {row[:2]: Owed(*row) for row in Duty.objects.values_list(*COLUMNS)}


class Scene:
    """The organisations and people there are before anything happens. Many worlds can be played in one."""

    def __init__(self):
        self.organisations: list[Organisation] = []
        for number, (kind, above) in enumerate(SCENE):
            self.organisations.append(
                organisation(str(number), kind, None if above is None else self.organisations[above])
            )
        self.people = [person(str(number), born=None, joined=None, full=None) for number in range(PEOPLE)]
        for who, home in zip(self.people, HOMES, strict=False):
            join(who, self.organisations[home], since=EARLY)
        for who, where in POSTS:
            post(self.people[who], self.organisations[where], since=EARLY)


def play(scene: Scene, world: World, *, turns: bool = False) -> Counter:
    """Live through a world inside a transaction that is rolled back; compare wherever the duties must be right.

    :param turns: compare at the end also the ways of asking whose turn it is.
    :returns: how many duties were ever in which state, by (rule, state); those that went are counted as ``removed``.
    :raises AssertionError: where engine and oracle, or the lived history and a clean run, part.
    """
    with time_machine.travel(date.fromisoformat(world.start), tick=False) as clock, transaction.atomic():
        try:
            return Play(scene, world, clock).through(turns=turns)
        finally:
            transaction.set_rollback(True)


class Different(AssertionError):
    """Two tables that must be the same."""

    def __init__(self, what: str, day: date, got: dict, wanted: dict):
        lines = [f"{what}, for {day}:"]
        for name in sorted({name for name, row in got.items() ^ wanted.items()}):
            have, want = got.get(name), wanted.get(name)
            if have and want:
                parts = [f"{f}: {a} instead of {b}" for f, a, b in zip(Owed._fields, have, want, strict=True) if a != b]
                lines.append(f"  {name}: " + ", ".join(parts))
            else:
                lines.append(f"  {name}: " + (f"too much: {have}" if have else f"missing: {want}"))
        super().__init__("\n".join(lines))


class Apart(Different):
    """Two ways of saying whose turn it is that part."""

    def __init__(self, what: str, day: date, got: dict, wanted: dict):
        AssertionError.__init__(self, f"{what}, for {day}: {got} instead of {wanted}")


def changed(before: tuple[date, date], after: tuple[date, date]) -> date:
    """The first day on which an interval looks different."""
    (since, until), (new_since, new_until) = before, after
    return min(since, new_since) if since != new_since else min(until, new_until)


def cell_of(*row) -> counts.Cell:
    """Of what has ended no days are kept, but of what is done the end of its month."""
    rule, period, state, due_on, closes_on, silent, closed_on = row
    if state not in ("open", "lapsed"):
        due_on = closes_on = FAR
        if state == "done":
            after = date(closed_on.year + closed_on.month // 12, closed_on.month % 12 + 1, 1)
            due_on = after - timedelta(days=1)
        silent = False
    return counts.Cell(due_on, rule, period, state, closes_on, silent)


CELL = counts.Cell._fields


def check_counts() -> None:
    """What the counts say of each organisation is what counting its duties would say; the dead are not spoken of."""
    rows = list(Duty.objects.values_list("path", *counts.COLUMNS, "closed_on"))
    told = {path: Counter() for path in Organisation.objects.values_list("path", flat=True)}
    kept = {path: Counter() for path in told}
    for where, *row in rows:
        cell = cell_of(*row)
        for end in range(1, len(where) + 1):
            if where[:end] in told:
                told[where[:end]][cell] += 1
    for source, there in ((DutyTotal, "organisation__path"), (DutyChange, "path")):
        for where, *cell, n in source.objects.values_list(there, *CELL, "n"):
            paths = [where] if source is DutyTotal else [where[:end] for end in range(1, len(where) + 1)]
            for path in paths:
                if path in kept:
                    kept[path][counts.Cell(*cell)] += n
    for path, counted in told.items():
        assert counted == Counter({cell: n for cell, n in kept[path].items() if n}), f"under {path}"
    died = dict(Membership.objects.filter(standing=Standing.DEAD).values_list("person").annotate(Max("since")))
    for member, opens_on, silent in Duty.objects.values_list("member", "opens_on", "silent"):
        assert silent == (died.get(member, DAWN) > opens_on)


def check_cells() -> None:
    """What pages ask, the cells of one place, is what is kept of it: all duties at and below it."""
    rows = list(Duty.objects.values_list("path", *counts.COLUMNS, "closed_on"))
    for path in Organisation.objects.values_list("path", flat=True):
        there = Counter(cell_of(*row) for where, *row in rows if where.startswith(path))
        assert counts.cells(path) == there, f"under {path}"


def check_turns(day: date) -> None:
    """Whose turn each duty is: as a page says it row by row, as one person's board finds it, as messages count it, and
    as the oracle says.
    """
    running = Duty.objects.open().filter(opens_on__lte=day, closes_on__gte=day, due_on__gte=day, silent=False)
    by_row, by_oracle = {}, {}
    facts, rules = Facts(), {rule.pk: rule for rule in Rule.objects.order_by("pk")}
    for row in attach_responsible(list(running.with_sources().order_by("pk")), day):
        by_row[row.pk] = {who.pk for who in row.responsible}
        by_oracle[row.pk] = RuleOracle(facts, rules[row.rule_id], day).whose_turn(
            row.key, row.member_id, row.actor_id, row.organisation_id
        )
    if by_row != by_oracle:
        raise Apart("whose turn it is", day, by_row, by_oracle)
    by_person = {}
    for who in Person.objects.order_by("pk"):
        mine = running.filter(owed_by(Account(person=who).scope, rules.values()))
        by_person |= {who.pk: set(owed)} if (owed := mine.order_by("pk").values_list("pk", flat=True)) else {}
    wanted = {}
    for pk, people in by_oracle.items():
        for who in people:
            wanted.setdefault(who, set()).add(pk)
    if by_person != wanted:
        raise Apart("what each one owes", day, by_person, wanted)
    told = owing(day)
    counted = Counter((who, rule) for who, rows in told.items() for (rule, group), n in rows.by_rule.items()
                      if group != Group.LATE for _ in range(n))  # fmt: skip
    of = dict(running.order_by("pk").values_list("pk", "rule"))
    each = Counter((who, of[pk]) for who, pks in wanted.items() for pk in pks)
    if counted != each:
        raise Apart("what messages count", day, counted, each)


class Play:
    """One history being lived: the rows of its scene, and how far the duties can be trusted."""

    def __init__(self, scene: "Scene", world: World, clock):
        self.world, self.clock, self.start = world, clock, date.fromisoformat(world.start)
        self.today = self.start
        self.swept: date | None = None
        self.fresh = False
        self.there: set[tuple[str, str]] = set()
        self.seen: set[tuple[str, str, str]] = set()
        self.policies = [load_rules(codes, f"p{number}") for number, codes in enumerate(world.policies)]
        self.organisations, self.people = scene.organisations, scene.people

    def through(self, *, turns: bool) -> Counter:
        for day, acts in self.world.visits:
            self.today = self.start + timedelta(day)
            self.clock.move_to(datetime(self.today.year, self.today.month, self.today.day, 10, tzinfo=CHINA))
            for word, *given in acts:
                getattr(self, f"do_{word}")(*given)
                check_counts()
                self.compare()
        day = max(self.swept or self.today, self.today)
        self.do_sweep((day - self.today).days)
        self.compare()
        check_cells()
        if turns:
            check_turns(self.today)
        lived = duties()
        Duty.objects.all().delete()
        SweptRule.objects.all().delete()
        sweep(on=day, today=self.today, ahead=True)
        if duties() != lived:
            raise Different("the lived history is not that of a clean run", day, lived, duties())
        return Counter((rule, state) for rule, _, state in self.seen)

    def compare(self) -> None:
        """After a sweep, and after each fact while no day has passed since, the duties are those of the oracle."""
        if not self.fresh or self.swept < self.today:
            return
        lived, wanted = duties(), oracle(self.swept)
        if lived != wanted:
            raise Different("the engine and the oracle part", self.swept, lived, wanted)
        self.seen |= {(*name, row.state) for name, row in lived.items()}
        self.seen |= {(*name, "removed") for name in self.there - lived.keys()}
        self.there = set(lived)

    def day(self, offset: int | None) -> date:
        return FAR if offset is None else self.start + timedelta(offset)

    # Sweeps and policy ------------------------------------------------------------------------------------------------

    def do_sweep(self, step: int) -> None:
        """Sweep for today (0), twice (1), for an earlier day, or for a later one."""
        on = self.today if step == 1 else self.today + timedelta(step)
        for _ in range(2 if step == 1 else 1):
            sweep(on=on, today=self.today, ahead=True)
        if self.swept is None or on >= self.swept:
            self.swept, self.fresh = on, on >= self.today

    def do_adopt(self, where: int, which: int, since: int) -> None:
        try:
            adopt(by=None, organisation=self.organisations[where], policy=self.policies[which],
                  since=self.day(since), today=self.today)  # fmt: skip
        except AdoptionRefused:
            return
        self.fresh = False

    def do_end_adoption(self, which: int, until: int) -> None:
        adoption = nth(Adoption, which)
        if adoption is None:
            return
        try:
            end_adoption(by=None, adoption=adoption, until=self.day(until), today=self.today)
        except AdoptionRefused:
            return
        self.fresh = False

    def do_adjust(self, where: int, which: int, since: int, numbers: tuple) -> None:
        rule = nth(Rule, which)
        chosen = {name: value for name, value in numbers if name in rule.parsed.adjustable}
        if "semesters" in chosen:
            chosen["semesters"] = SEMESTERS[chosen["semesters"] % len(SEMESTERS)]
        try:
            adjust(by=None, organisation=fresh(self.organisations[where]), rule=rule, numbers=chosen,
                   since=self.day(since), today=self.today)  # fmt: skip
        except AdjustmentRefused:
            return
        self.fresh = False

    def do_end_adjustment(self, which: int, until: int) -> None:
        if adjustment := nth(Adjustment, which):
            try:
                end_adjustment(by=None, adjustment=adjustment, until=self.day(until), today=self.today)
            except AdjustmentRefused:
                return
            self.fresh = False

    # The tree ---------------------------------------------------------------------------------------------------------

    def do_place(self, where: int, above: int, since: int) -> None:
        if above >= where and where:
            return
        place(
            fresh(self.organisations[where]), fresh(self.organisations[above]) if where else None, since=self.day(since)
        )
        self._tree(self.day(since))

    def do_start(self, where: int, day: int) -> None:
        Organisation.objects.filter(pk=self.organisations[where].pk).update(start_day=self.day(day))
        self._tree(DAWN)

    def do_organisation(self, where: int, since: int | None, until: int | None) -> None:
        since = DAWN if since is None else self.day(since)
        if since < self.day(until):
            Organisation.objects.filter(pk=self.organisations[where].pk).update(since=since, until=self.day(until))
            self._tree(DAWN)

    def _tree(self, since: date) -> None:
        facts_will_change(alone=True)
        rebuild_lineage()
        facts_changed(Fact.ORGANISATION, since=since, people=None, organisations=None)

    # Members ----------------------------------------------------------------------------------------------------------

    def do_move(self, who: int, where: int, on: int, standing: str) -> None:
        self._change(self.people[who], fresh(self.organisations[where]), self.day(on), standing)

    def do_leave(self, who: int, on: int) -> None:
        self._change(self.people[who], None, self.day(on), "")

    def _change(self, who, where, on: date, standing: str) -> None:
        """From ``on`` the person stands so, there or nowhere; only the last membership can change."""
        facts_will_change()
        last = Membership.objects.filter(person=who).order_by("since").last()
        if last and last.since >= on:
            return
        if last and last.until > on:
            last.until = on
            last.save()
        elif where is None:
            return
        if where:
            Membership.objects.create(person=who, organisation=where, standing=standing, since=on, path=where.path)
        facts_changed(Fact.MEMBERSHIP, since=on, people=[who.pk])

    def do_unmove(self, who: int) -> None:
        """The last change was a mistake: as if it had not been entered."""
        facts_will_change()
        who = self.people[who]
        last, *before = Membership.objects.filter(person=who).order_by("-since") or [None]
        if last is None or not before or last.since != before[0].until:
            return
        last.delete()
        before[0].until = FAR
        before[0].save()
        facts_changed(Fact.MEMBERSHIP, since=last.since, people=[who.pk])

    def do_remove_to(self, who: int, on: int) -> None:
        """The last change took place on another day."""
        facts_will_change()
        who, on = self.people[who], self.day(on)
        last, *before = Membership.objects.filter(person=who).order_by("-since") or [None]
        if last is None or on >= last.until or (before and (before[0].since >= on or before[0].until != last.since)):
            return
        first = min(last.since, on)
        if before:
            Membership.objects.filter(pk=before[0].pk).update(until=on)
        last.since = on
        last.save()
        facts_changed(Fact.MEMBERSHIP, since=first, people=[who.pk])

    def do_die(self, who: int, on: int) -> None:
        self._serve(register_event, person=self.people[who], kind=EventKind.DEATH,
                    occurred_on=min(self.day(on), self.today))  # fmt: skip

    def do_receive(self, who: int, where: int, on: int) -> None:
        self._serve(receive_member, person=self.people[who], to=fresh(self.organisations[where]),
                    on=min(self.day(on), self.today))  # fmt: skip

    def _serve(self, service, **given) -> None:
        try:
            service(by=None, today=self.today, **given)
        except ValidationError:
            return

    def do_date(self, who: int, name: str, day: int, years: int, precision: str) -> None:
        facts_will_change()
        who, day = Person.objects.get(pk=self.people[who].pk), self.day(day)
        day = anniversary(day, day.year - years)
        day = {"month": day.replace(day=1), "year": day.replace(month=1, day=1)}.get(precision, day)
        setattr(who, name, day)
        setattr(who, name.replace("_on", "_precision"), precision)
        who.save()
        facts_changed(Fact.PERSON, since=DAWN, people=[who.pk])

    # Posts, categories, ties ------------------------------------------------------------------------------------------

    def do_post(self, who: int, where: int, role: str, since: int, until: int | None) -> None:
        same = Post.objects.filter(person=self.people[who], organisation=self.organisations[where], role=role)
        if since is None or self.day(since) >= self.day(until) or same.filter(since=self.day(since)).exists():
            return
        facts_will_change(alone=True)
        row = post(self.people[who], self.organisations[where], role, since=self.day(since), until=self.day(until))
        facts_changed(Fact.POST, since=row.since, people=[row.person_id], organisations=[row.organisation_id])

    def do_repost(self, which: int, since: int, until: int | None) -> None:
        facts_will_change(alone=True)
        row = nth(Post, which)
        same = Post.objects.filter(person=row.person_id, organisation=row.organisation_id, role=row.role)
        if same.filter(since=self.day(since)).exclude(pk=row.pk).exists():
            return
        if first := self._dated(row, since, until):
            facts_changed(Fact.POST, since=first, people=[row.person_id], organisations=[row.organisation_id])

    def do_category(self, who: int, kind: str, grade: str, since: int, until: int | None) -> None:
        if self.day(since) < self.day(until):
            facts_will_change()
            row = Category.objects.create(
                person=self.people[who], kind=kind, grade=grade, since=self.day(since), until=self.day(until)
            )
            facts_changed(Fact.CATEGORY, since=row.since, people=[row.person_id], of=row.kind)

    def do_recategory(self, which: int, since: int, until: int | None) -> None:
        facts_will_change()
        row = nth(Category, which)
        if row and (first := self._dated(row, since, until)):
            facts_changed(Fact.CATEGORY, since=first, people=[row.person_id], of=row.kind)

    def do_uncategory(self, which: int) -> None:
        facts_will_change()
        if row := nth(Category, which):
            row.delete()
            facts_changed(Fact.CATEGORY, since=row.since, people=[row.person_id], of=row.kind)

    def do_tie(self, who: int, kind: str, to: int, since: int, until: int | None) -> None:
        if self.day(since) < self.day(until):
            facts_will_change()
            row = Tie.objects.create(
                person=self.people[who], kind=kind, to=self.people[to], since=self.day(since), until=self.day(until)
            )
            facts_changed(Fact.TIE, since=row.since, people=[row.person_id, row.to_id], of=row.kind)

    def do_retie(self, which: int, since: int, until: int | None) -> None:
        facts_will_change()
        row = nth(Tie, which)
        if row and (first := self._dated(row, since, until)):
            facts_changed(Fact.TIE, since=first, people=[row.person_id, row.to_id], of=row.kind)

    def do_untie(self, which: int) -> None:
        facts_will_change()
        if row := nth(Tie, which):
            row.delete()
            facts_changed(Fact.TIE, since=row.since, people=[row.person_id, row.to_id], of=row.kind)

    def _dated(self, row, since: int, until: int | None) -> date | None:
        """Give a row other dates; the first day that now looks different, if any does."""
        before, after = (row.since, row.until), (self.day(since), self.day(until))
        if after[0] >= after[1] or before == after:
            return None
        row.since, row.until = after
        row.save()
        return changed(before, after)

    # Events, records, waivers -----------------------------------------------------------------------------------------

    def do_event(self, who: int, kind: str, on: int, addressee: int | None, due: int | None) -> None:
        self._happens(kind, on, addressee, due, person=self.people[who])

    def do_own_event(self, where: int, kind: str, on: int, addressee: int | None, due: int | None) -> None:
        self._happens(kind, on, addressee, due, organisation=self.organisations[where])

    def _happens(self, kind: str, on: int, addressee: int | None, due: int | None, **about) -> None:
        """An event; no day is stated that lies before it."""
        facts_will_change()
        to, on = None if addressee is None else self.people[addressee], min(self.day(on), self.today)
        due = None if due is None or self.day(due) < on else self.day(due)
        row = Event.objects.create(
            kind=kind, occurred_on=on, due_on=due, entered_on=self.today, addressee=to, **about
        )  # fmt: skip
        self._event_changed(row)

    @staticmethod
    def _event_changed(row: Event) -> None:
        people = [each for each in (row.person_id, row.addressee_id) if each]
        organisations = [row.organisation_id] if row.organisation_id else []
        facts_changed(Fact.EVENT, since=row.occurred_on, people=people, organisations=organisations, of=row.kind)

    def do_other_due(self, which: int, due: int | None) -> None:
        """An event states another day, or none any more."""
        facts_will_change()
        row = nth(Event, which, withdrawn_on=None)
        due = None if due is None else self.day(due)
        if row and (due is None or due >= row.occurred_on):
            row.due_on = due
            row.save()
            self._event_changed(row)

    def do_unevent(self, which: int) -> None:
        if event := nth(Event, which, withdrawn_on=None, person__isnull=False):
            self._serve(withdraw_event, event=event, reason="试验")

    def do_record(self, action, member, where, actors, on, quantity, collective, event) -> None:  # noqa: PLR0917
        """Something was done, today or before."""
        member = None if member is None else self.people[member].pk
        event = None if event is None else nth(Event, event)
        self._enter(action, member, self.organisations[where].pk, [self.people[who].pk for who in actors],
                    min(self.day(on), self.today), quantity, collective, event and event.pk)  # fmt: skip

    def _enter(self, action, member, where, actors, on, quantity, collective, event) -> None:  # noqa: PLR0917
        """A record of the organisation where the member stood on the day, or of ``where``."""
        stood = Membership.objects.on(on).filter(person=member).first() if member else None
        by_id = {row.pk: row for row in self.people}
        enter_record(
            by=None, organisation=stood.organisation if stood else Organisation.objects.get(pk=where),
            member=by_id.get(member), action=action, on=on, people=[by_id[who] for who in dict.fromkeys(actors)],
            today=self.today, collective=collective, quantity=Decimal(quantity),
            event=event and Event.objects.get(pk=event),
        )  # fmt: skip

    def do_unrecord(self, which: int) -> None:
        self._withdraw(nth(Record, which, withdrawn_on=None))

    def _withdraw(self, record: Record | None) -> None:
        if record:
            withdraw_record(by=None, record=record, reason="试验", today=self.today)

    def _waive(self, duty: Duty) -> None:
        if not Waiver.objects.filter(rule=duty.rule_id, key=duty.key).exists():
            facts_will_change()
            Waiver.objects.create(rule_id=duty.rule_id, key=duty.key, reason="试验", given_on=self.today)
            self._waiver(duty)

    def _hand_on(self, duty: Duty, to: int) -> None:
        facts_will_change()
        given = {"to": self.people[to], "given_on": self.today}
        Delegation.objects.update_or_create(rule_id=duty.rule_id, key=duty.key, defaults=given)
        self._waiver(duty)

    def do_unwaive(self, which: int) -> None:
        waiver = nth(Waiver, which)
        if waiver and (duty := Duty.objects.filter(rule=waiver.rule_id, key=waiver.key).first()):
            facts_will_change()
            waiver.delete()
            self._waiver(duty)

    def _waiver(self, duty: Duty) -> None:
        people = [each for each in (duty.member_id, duty.actor_id) if each]
        facts_changed(Fact.WAIVER, since=duty.opens_on, people=people, organisations=[duty.organisation_id])

    # Near a duty that is there ----------------------------------------------------------------------------------------

    def _duty(self, focused: bool, which: int, **where) -> Duty | None:
        """Some duty there is, of the first rule of the world or of any."""
        where |= {"rule__code": self.world.policies[0][0]} if focused else {}
        return nth(Duty, which, "rule_id", "due_on", "member_id", "actor_id", "organisation_id", "event_id", **where)

    def _edge(self, duty: Duty, which: int) -> date:
        """A day near which something turns for a duty."""
        turns = [duty.counts_from, duty.opens_on, duty.due_on, duty.closes_on, duty.held_to, duty.closed_on]
        turns += [self.today, self.today + timedelta(7)]
        days = sorted({turn + timedelta(step) for turn in turns if turn and turn < FAR for step in (-1, 0, 1)})
        return days[which * len(days) // 20]

    def do_aim(self, focused: bool, which: int, edge: int, aim: str, quantity: str, collective: bool) -> None:  # noqa: PLR0917
        """Do what a duty asks for, more or less."""
        duty = self._duty(focused, which)
        if duty is None:
            return
        rule, last = duty.rule, min(duty.closes_on, self.today)
        on = duty.counts_from + (last - duty.counts_from) * edge // 19
        if aim == "edge":
            on = min(self._edge(duty, edge), self.today)
        subject = duty.member_id
        if rule.parsed.selected:
            stays = Membership.objects.on(on).filter(organisation=duty.organisation_id).order_by("pk")
            subject = stays[which % len(stays)].person_id if stays else None
        asked = [duty.actor_id] if duty.actor_id else []
        if subject and not duty.actor_id:
            asked = sorted(RuleOracle(Facts(), rule, on).responsible(subject, on, None))
        if aim == "self" and subject:
            asked = [subject]
        posts = Post.objects.filter(organisation=duty.organisation_id).order_by("pk")
        if aim == "other":
            asked = [row.person_id for row in posts.on(on).exclude(person__in=[*asked, subject or 0])]
        if aim == "turn" and (ended := posts.filter(until__lte=self.today).last()):
            asked, on = [ended.person_id], ended.until - timedelta(edge % 3 // 2)
        if aim == "handed" and (given := Delegation.objects.filter(rule=rule, key=duty.key).first()):
            asked = [given.to_id]
        actor = asked[which % len(asked)] if asked else self.people[which % PEOPLE].pk
        actions = rule.parsed.actions
        self._enter(actions[which % len(actions)], subject, duty.organisation_id, [actor], on, quantity, collective,
                    duty.event_id)  # fmt: skip

    def do_disturb(self, focused: bool, which: int, edge: int, what: str) -> None:
        """Change a fact on which a duty rests, near one of its days; of two times once one that is done."""
        duty = (which % 2 and self._duty(focused, which, state="done")) or self._duty(focused, which)
        if duty is None:
            return
        pks = [row.pk for row in self.people]
        whose = duty.member_id or duty.actor_id
        who = pks.index(whose) if whose else which % PEOPLE
        here = [row.pk for row in self.organisations].index(duty.organisation_id)
        on = (self._edge(duty, edge) - self.start).days
        disturbances = {
            "leave": lambda: self.do_leave(who, on),
            "move": lambda: self.do_move(who, BRANCHES[which % 4], on, Standing.FULL),
            "change": lambda: self.do_move(who, here, on, list(Standing)[which % 5]),
            "other day": lambda: self.do_remove_to(who, on),
            "successor": lambda: self.do_post(which % PEOPLE, here, Role.SECRETARY, on, None),
            "own post": lambda: self._cut(Post, on, which, person=duty.actor_id),
            "post": lambda: self._cut(Post, on, which, organisation=duty.organisation_id),
            "category": lambda: self._cut(Category, on, which, person=duty.member_id),
            "tie": lambda: self._cut(Tie, on, which, person=duty.member_id),
            "own tie": lambda: self._cut(Tie, on, which, to=duty.actor_id),
            "new tie": lambda: self._new_tie(duty, who, which, on),
            "unrecord": lambda: self._withdraw(duty.closed_by),
            "waive": lambda: self._waive(duty),
            "hand on": lambda: self._hand_on(duty, which % PEOPLE),
            "number": lambda: self._number(duty, here, on, which),
            "policy": lambda: self.do_end_adoption(which, on),
            "place": lambda: self.do_place(here, (0, 5, 1)[which % 3], on),
            "start": lambda: self.do_start(here, on),
        }
        disturbances[what]()

    def _number(self, duty: Duty, where: int, on: int, which: int) -> None:
        """Set a number of the duty's rule anew where it stands, or above."""
        names = duty.rule.parsed.adjustable
        rules = list(Rule.objects.order_by("pk").values_list("pk", flat=True))
        if names:
            numbers = ((names[which % len(names)], which * 7 % 40),)
            self.do_adjust((where, 0)[which % 2], rules.index(duty.rule_id), on, numbers)

    def _new_tie(self, duty: Duty, who: int, which: int, since: int) -> None:
        """A tie of the kind that the duty's rule reads."""
        spec = duty.rule.parsed
        kinds = [spec.responsible.tie, getattr(spec.trigger, "tie", None)]
        kinds += [condition.kind for condition in spec.target if condition.condition == "tie"]
        if kind := next((kind for kind in kinds if kind), None):
            self.do_tie(who, str(kind), which % PEOPLE, since, None)

    def _cut(self, model, on: int, which: int, **where) -> None:
        """End a row on a day, or have it begin there."""
        row = nth(model, which, **where)
        if row is None:
            return
        number = list(model.objects.order_by("pk").values_list("pk", flat=True)).index(row.pk)
        since, until = ((d - self.start).days if d < FAR else None for d in (row.since, row.until))
        again = {Post: self.do_repost, Category: self.do_recategory, Tie: self.do_retie}[model]
        again(number, *((on, until) if which % 3 == 2 else (since, on)))


def nth(model, which: int, *order: str, **where):
    """The row of that place among those there are, counted round; ``None`` if there is none."""
    found = list(model.objects.filter(**where).order_by(*order, "pk"))
    return found[which % len(found)] if found else None


def fresh(row: Organisation) -> Organisation:
    """The organisation with its present path."""
    return Organisation.objects.get(pk=row.pk)
