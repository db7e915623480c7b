"""What a world owes, worked out in plain Python: the second opinion about the engine.

It shares nothing with the engine but the parsed rules and the calendar's table. Facts are read from the models into
plain rows; lineage, reach and duties are derived here anew, rule by rule, subject by subject, window by window. What
rules mean is said in ``docs/engine.md``; where the oracle and that text differ, the text decides.
"""

import json
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate, pairwise, product
from types import SimpleNamespace
from typing import NamedTuple

from django.db import connection

from base.calendar import day_of
from duties.engine.models import Delegation, Record, RecordPerson, Waiver
from duties.policy.models import Adjustment, Adoption, Rule
from members.models import Category, Event, Membership, Organisation, OrganisationParent, Person, Post, Tie

FAR, DAWN = date(9999, 12, 31), date(1900, 1, 1)
ONE, NOWHERE = timedelta(days=1), 99


class Owed(NamedTuple):
    """One duty as the oracle sees it."""

    rule: str
    key: str
    period: str
    member: int | None
    actor: int | None
    event: int | None
    organisation: int
    opens_on: date
    counts_from: date
    due_on: date
    closes_on: date
    held_to: date
    state: str
    reason: str
    closed_by: int | None
    closed_on: date | None


class Subject(NamedTuple):
    """Who owes or is owed."""

    member: int | None = None
    actor: int | None = None
    organisation: int | None = None


class Spell(NamedTuple):
    """A stretch in which everything held, and the organisation through which the rule reached, with whose numbers."""

    since: date
    until: date
    organisation: int
    adjustment: int | None = None


class Window(NamedTuple):
    """One duty's place in time. ``row`` is the category row an interval counts from, ``actor`` whom an event names."""

    key: str
    period: str
    opens: date
    due: date
    closes: date
    event: int | None = None
    actor: int | None = None
    row: SimpleNamespace | None = None


def rows(model) -> list[SimpleNamespace]:
    """A table as it is, read without the ORM: the oracle is asked after every act."""
    names = {field.column: field.attname for field in model._meta.concrete_fields}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(names)} FROM {model._meta.db_table} ORDER BY id")
        return [SimpleNamespace(**dict(zip(names.values(), row, strict=True))) for row in cursor.fetchall()]


def holds(row, day: date) -> bool:
    return row.since <= day < row.until


class Facts:
    """All facts of the database as plain rows, with lineage and reach worked out from them."""

    def __init__(self):
        self.organisations = {row.id: row for row in rows(Organisation)}
        self.people = {row.id: row for row in rows(Person)}
        self.parents, self.memberships, self.posts = rows(OrganisationParent), rows(Membership), rows(Post)
        self.categories, self.ties = rows(Category), rows(Tie)
        self.events = [row for row in rows(Event) if row.withdrawn_on is None]
        self.records = [row for row in rows(Record) if row.withdrawn_on is None]
        for record in self.records:
            record.acted = set()
        by_id = {record.id: record for record in self.records}
        for acted in rows(RecordPerson):
            if acted.record_id in by_id:
                by_id[acted.record_id].acted.add(acted.person_id)
        self.waivers = {(row.rule_id, row.key) for row in rows(Waiver)}
        self.handed = {(row.rule_id, row.key): row.to_id for row in rows(Delegation)}
        self.adoptions, self.adjustments = rows(Adoption), rows(Adjustment)
        self.rules = list(Rule.objects.select_related("policy").order_by("pk"))
        self._chains: dict[tuple[int, date], list] = {}
        self._lines: list[SimpleNamespace] | None = None

    def chain(self, organisation: int, day: date) -> list[int]:
        """The organisation and all above it on a day, nearest first."""
        known = self._chains.get((organisation, day))
        if known is None:
            up = [row.parent_id for row in self.parents if row.organisation_id == organisation and holds(row, day)]
            known = [organisation, *(self.chain(up[0], day) if up and up[0] else [])]
            self._chains[organisation, day] = known
        return known

    def lines(self) -> list[SimpleNamespace]:
        """Who was how far below whom, and when: a row as long as the same links led upward."""
        if self._lines is None:
            days = sorted({DAWN, FAR, *(day for row in self.parents for day in (row.since, row.until))})
            self._lines = []
            for organisation in self.organisations:
                running: dict[tuple, SimpleNamespace] = {}
                for since, until in pairwise(days):
                    links, now, below = [], {}, organisation
                    for distance, above in enumerate(self.chain(organisation, since)):
                        if distance:
                            links.append(self._link(below, since))
                        below = above
                        name = (above, distance, tuple(links))
                        line = running.get(name) or SimpleNamespace(
                            organisation=organisation, ancestor=above, distance=distance, since=since, until=until
                        )
                        line.until = until
                        now[name] = line
                    self._lines += [line for name, line in running.items() if name not in now]
                    running = now
                self._lines += running.values()
        return self._lines

    def _link(self, organisation: int, day: date) -> int:
        return next(row.id for row in self.parents if row.organisation_id == organisation and holds(row, day))

    def reach(self, rule: Rule) -> dict[int, list[tuple[date, date, int | None]]]:
        """For each organisation the stretches, as long as can be, in which the rule reaches it with the same
        numbers."""
        own = [row for row in self.adoptions if row.policy_id == rule.policy_id]
        name = f"{rule.policy.code}/{rule.code}"
        takers = {each.policy_id for each in self.rules if each.replaces == name}
        nearer = [row for row in self.adoptions if row.policy_id in takers]
        set_by = [row for row in self.adjustments if row.rule_id == rule.pk]
        days = {day for row in (*self.parents, *self.adoptions, *set_by) for day in (row.since, row.until)}
        days = sorted(days | {DAWN, FAR} | {row.start_day for row in self.organisations.values()})
        found = {}
        for organisation in self.organisations.values():
            found[organisation.id] = stretches = []
            for since, until in pairwise(days):
                far = [self.distance(row, organisation, since) for row in own]
                near = min((self.distance(row, organisation, since) for row in nearer), default=NOWHERE)
                if any(distance < near for distance in far):
                    adjustment = self.nearest(set_by, organisation.id, since)
                    if rule.parsed.proposal and adjustment is None:
                        continue
                    goes_on = stretches and stretches[-1][1:] == (since, adjustment)
                    stretches.append((stretches.pop()[0] if goes_on else since, until, adjustment))
        return found

    def nearest(self, adjustments, organisation: int, day: date) -> int | None:
        """The adjustment that holds there on a day: the nearest upward, of two the later entered."""
        chain = self.chain(organisation, day)
        holding = [row for row in adjustments if holds(row, day) and row.organisation_id in chain]
        found = min(holding, key=lambda row: (chain.index(row.organisation_id), -row.id), default=None)
        return found and found.id

    def distance(self, adoption, organisation, day: date) -> int:
        """How far above an organisation the one stands whose adoption reaches it on a day; else ``NOWHERE``."""
        starts = [organisation.start_day, self.organisations[adoption.organisation_id].start_day]
        start = next((start for start in starts if start != FAR), DAWN)
        above = self.chain(organisation.id, day)
        if holds(adoption, day) and day >= start and adoption.organisation_id in above:
            return above.index(adoption.organisation_id)
        return NOWHERE

    def membership(self, person: int, day: date):
        return next((row for row in self.memberships if row.person_id == person and holds(row, day)), None)


def oracle(today: date) -> dict[tuple[str, str], Owed]:
    """Every duty there is on ``today``, by rule and key."""
    facts = Facts()
    found = {}
    for rule in facts.rules:
        for owed in RuleOracle(facts, rule, today).duties():
            found[owed.rule, owed.key] = owed
    return found


def cut(spell: Spell, opens: date, until: date) -> Spell:
    """What of a spell lies in a window. The category row of an interval begins by the day its window opens."""
    return spell._replace(since=max(spell.since, opens), until=min(spell.until, until))


def anniversary(day: date, year: int) -> date:
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def as_dict(numbers) -> dict:
    """A JSON column read past the ORM."""
    return json.loads(numbers) if isinstance(numbers, str) else numbers


def month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - ONE


class RuleOracle:
    """The duties of one rule."""

    def __init__(self, facts: Facts, rule: Rule, today: date):
        self.facts, self.rule, self.spec, self.today = facts, rule, rule.parsed, today
        self.trigger = self.spec.trigger
        self.triggers = {None: self.trigger} | {
            row.id: self.spec.adjusted(as_dict(row.numbers)).trigger for row in facts.adjustments
            if row.rule_id == rule.pk
        }  # fmt: skip
        self.by_name = {condition.condition: condition for condition in self.spec.target}
        self.reached = facts.reach(rule)

    # Rows of one condition alone -------------------------------------------------------------------------------------

    def standings(self):
        wanted = self.by_name["standing"].standings
        return [row for row in self.facts.memberships if row.standing in wanted]

    def categories(self, member: int):
        wanted = self.by_name["category"]
        mine = [row for row in self.facts.categories if row.person_id == member and row.kind == wanted.kind]
        return [row for row in mine if not wanted.grades or row.grade in wanted.grades]

    def ties(self, member: int, actor: int | None):
        mine = [row for row in self.facts.ties if row.person_id == member and row.kind == self.by_name["tie"].kind]
        return [row for row in mine if row.to_id is not None and actor in (None, row.to_id)]

    def dated(self, member: int):
        """From the day on which the member's date lies far enough back; of a month or year the last day counts."""
        wanted, person = self.by_name["dated"], self.facts.people[member]
        day, precision = getattr(person, wanted.fact), getattr(person, wanted.fact.replace("_on", "_precision"))
        if day is None:
            return []
        if wanted.years:
            day = anniversary(day, day.year + wanted.years)
        if precision != "day":
            day = month_end(day) if precision == "month" else date(day.year, 12, 31)
        if wanted.before:
            return [SimpleNamespace(since=DAWN, until=FAR)] if day < wanted.before else []
        return [SimpleNamespace(since=day, until=FAR)]

    def held_posts(self, condition, person: int | None = None):
        posts = [row for row in self.facts.posts if person in (None, row.person_id) and row.role in condition.roles]
        return [row for row in posts if not condition.at or self.kind(row.organisation_id) in condition.at]

    def kind(self, organisation: int) -> str:
        return self.facts.organisations[organisation].kind

    def objects(self, member: int, organisation: int):
        """Pairs of a post of the member and the line that puts it at or below ``organisation``."""
        condition = self.by_name["object"]
        right = (lambda line: line.distance == 0) if condition.where == "same" else (lambda line: line.distance >= 1)
        return [
            (post, line)
            for post in self.held_posts(condition, member)
            for line in self.facts.lines()
            if line.organisation == post.organisation_id and line.ancestor == organisation and right(line)
        ]

    # Spells ----------------------------------------------------------------------------------------------------------

    def spells(self) -> dict[Subject, list[Spell]]:
        """For each subject the stretches in which its whole target and reach held."""
        found: dict[Subject, list[Spell]] = {}
        for subject, organisation, held in self.combinations():
            for since, until, adjustment in self.reached[organisation]:
                begins, ends = max(since, *(row.since for row in held)), min(until, *(row.until for row in held))
                if begins < ends:
                    found.setdefault(subject, []).append(Spell(begins, ends, organisation, adjustment))
        return found

    def combinations(self):
        """(subject, organisation that must be in reach, the rows whose intervals count), every combination."""
        if self.spec.subject == "actor":
            for post in self.held_posts(self.by_name["post"]):
                yield Subject(actor=post.person_id), post.organisation_id, [post]
        elif self.spec.subject == "pair":
            for post, standing in product(self.held_posts(self.by_name["post"]), self.standings()):
                member, actor = standing.person_id, post.person_id
                if member != actor:
                    for more in self.further(member, actor, post.organisation_id):
                        yield Subject(member, actor), post.organisation_id, [standing, post, *more]
        elif "kind" in self.by_name:
            for row in self.facts.organisations.values():
                if row.kind in self.by_name["kind"].kinds:
                    yield Subject(organisation=row.id), row.id, [row]
        else:
            for standing in self.standings():
                here = standing.organisation_id
                subject = Subject(organisation=here) if self.spec.selected else Subject(standing.person_id)
                for more in self.further(standing.person_id, None, None):
                    yield subject, here, [standing, *more]

    def further(self, member: int, actor: int | None, organisation: int | None):
        """Every choice of rows for date, category, tie and object."""
        choices = []
        if "dated" in self.by_name:
            choices.append([(row,) for row in self.dated(member)])
        if "category" in self.by_name:
            choices.append([(row,) for row in self.categories(member)])
        if "tie" in self.by_name:
            choices.append([(row,) for row in self.ties(member, actor)])
        if "object" in self.by_name:
            choices.append(self.objects(member, organisation))
        for chosen in product(*choices):
            yield [row for rows_of_one in chosen for row in rows_of_one]

    # Windows ---------------------------------------------------------------------------------------------------------

    def windows(self, subject: Subject, first: int) -> dict[str, dict[int | None, Window]]:
        """The windows of a subject that opened by today, by key and by whose numbers; ``first`` is the year in which it
        was first reached.
        """
        found = {}
        years = range(first - 2, self.today.year + 3)
        whole = "".join(
            f"{letter}{pk}:"
            for letter, pk in zip("mao", (subject.member, subject.actor, subject.organisation), strict=True)
            if pk
        )
        for adjustment, trigger in self.triggers.items():
            self.trigger = trigger
            for window in getattr(self, f"{self.trigger.kind}_windows")(subject, years):
                if window.opens <= self.today:
                    key = whole + window.key
                    found.setdefault(key, {})[adjustment] = window._replace(key=key)
        self.trigger = self.spec.trigger
        return found

    def occasion_windows(self, subject, years):
        trigger = self.trigger
        for year in years:
            day = day_of(trigger.occasion, year)
            code = f"{trigger.occasion.value}-{year}"
            yield Window(
                code, code, day - timedelta(trigger.opens_days_before), day - timedelta(trigger.due_days_before),
                day + timedelta(trigger.closes_days_after),
            )  # fmt: skip

    def date_windows(self, subject, years):
        trigger = self.trigger
        for key, period, first, due in self.own_days(subject.member, years):
            opens, closes = first - timedelta(trigger.opens_days_before), due + timedelta(trigger.closes_days_after)
            yield Window(key, period, opens, due, closes)

    def own_days(self, member: int, years):
        """(key, period, first day, last day) of a member's own date; of a month the whole month."""
        trigger = self.trigger
        if trigger.of_category:
            for row in self.facts.categories:
                day = row.since if trigger.fact == "category_since" else row.until
                if row.person_id == member and row.kind == trigger.category and day < FAR:
                    due = day + timedelta(trigger.shift_days)
                    yield f"c{row.id}", "once", due, due
            return
        person = self.facts.people[member]
        day, precision = getattr(person, trigger.fact), getattr(person, trigger.fact.replace("_on", "_precision"))
        if day is None or precision == "year":
            return
        if trigger.every == "once":
            due = anniversary(day, day.year + trigger.at_years)
            yield f"{trigger.at_years}y", "once", due, month_end(due) if precision == "month" else due
            return
        for year in years:
            if year > day.year:
                due = anniversary(day, year)
                yield str(year), str(year), due, month_end(due) if precision == "month" else due

    def quota_windows(self, subject, years):
        trigger = self.trigger
        if trigger.per == "interval":
            for row in self.facts.categories:
                if row.person_id == subject.member and row.kind == trigger.category:
                    yield from self.intervals(row)
            return
        for year in years:
            for code, first, last in self.stretches(year):
                yield Window(code, code, first, last, last)

    def intervals(self, row):
        first, k = row.since, 1
        while first < row.until and first <= self.today:
            last = first + timedelta(self.trigger.days - 1)
            yield Window(f"c{row.id}:{k}", "interval", first, last, last, row=row)
            first, k = last + ONE, k + 1

    def stretches(self, year: int):
        """(code, first day, last day) of the periods named after a year."""
        per = self.trigger.per
        if per == "semester":
            for number, (begin, end) in enumerate(self.trigger.semesters, 1):
                first = month_day(year, begin)
                yield f"{year}-S{number}", first, month_day(year if end >= begin else year + 1, end)
            return
        months = {"year": 12, "half": 6, "quarter": 3, "month": 1}[per]
        for number in range(1, 12 // months + 1):
            first = date(year, (number - 1) * months + 1, 1)
            last = month_end(date(year, number * months, 1))
            letter = {"year": "", "half": "-H", "quarter": "-Q", "month": "-"}[per]
            digits = {"year": "", "month": f"{number:02}"}.get(per, str(number))
            yield f"{year}{letter}{digits}", first, last

    def event_windows(self, subject, years):
        for event in self.facts.events:
            whose = event.person_id == subject.member
            if self.trigger.counted_per == "organisation":
                whose = event.organisation_id == subject.organisation
            if whose and event.kind in self.trigger.events:
                day = event.occurred_on
                actor = self.named(event) if self.spec.responsible.addressee else None
                due = event.due_on or day + timedelta(self.trigger.within_days)
                yield Window(f"e{event.id}", "event", day, due, FAR, event=event.id, actor=actor)

    def named(self, event) -> int | None:
        """Whom an event binds. An organisation's names one who held a post there or above, then or lately, as such:
        when he holds none there any more, it binds whoever holds the same, the nearest and longest first, or nobody.
        """
        if self.trigger.counted_per != "organisation":
            return event.addressee_id
        chain = self.facts.chain(event.organisation_id, self.today)
        there = [row for row in self.facts.posts if holds(row, self.today) and row.organisation_id in chain]
        before, lately = self.facts.chain(event.organisation_id, event.occurred_on), event.occurred_on - timedelta(90)
        then = [
            row for row in self.facts.posts
            if row.person_id == event.addressee_id and row.organisation_id in before
            and row.since <= event.occurred_on and row.until > lately
        ]  # fmt: skip
        if not then or any(row.person_id == event.addressee_id for row in there):
            return event.addressee_id
        posts = {(row.organisation_id, row.role) for row in then}
        heirs = [row for row in there if (row.organisation_id, row.role) in posts]
        heirs.sort(key=lambda row: (chain.index(row.organisation_id), row.since, row.id))
        return heirs[0].person_id if heirs else None

    # Duties ----------------------------------------------------------------------------------------------------------

    def duties(self):
        for subject, spells in self.spells().items():
            if self.trigger.kind == "standing":
                if owed := self.standing_duty(subject, spells):
                    yield owed
                continue
            for windows in self.windows(subject, min(spell.since for spell in spells).year).values():
                if owed := self.duty(subject, spells, windows):
                    yield owed

    def duty(self, subject: Subject, spells: list[Spell], windows: dict[int | None, Window]) -> Owed | None:
        """The duty of one key. It has the numbers of its first spell; of several, those by which it is due first."""
        kept, firsts = [], []
        for spell in spells:
            if window := windows.get(spell.adjustment):
                part = cut(spell, window.opens, window.row.until if window.row else FAR)
                last = self.today if self.spec.late_counts else min(self.today, window.due)
                if part.since < part.until and part.since <= last:
                    kept.append(part)
                    firsts.append((part.since, window.due, window.closes, spell.adjustment or 0))
        if not kept:
            return None
        adjustment = min(firsts)[-1] or None
        window, self.trigger = windows[adjustment], self.triggers[adjustment]
        reference = self.today if self.spec.late_counts else min(self.today, window.due)
        opens_on, held_to = min(spell.since for spell in kept), max(spell.until for spell in kept)
        if self.trigger.kind == "event" and opens_on != window.opens:
            return None
        if not self.spec.late_counts:
            held_to = min(held_to, window.due + ONE)
        closing = self.closing(self.credit(subject, window, reference, held_to))
        state = self.state(subject, window, closing, held_to <= reference)
        stands_on = max(closing.on, opens_on) if closing else min(reference, held_to - ONE)
        return Owed(
            self.rule.code, window.key, window.period, subject.member, subject.actor or window.actor, window.event,
            self.organisation(subject, stands_on), opens_on, window.opens, window.due, window.closes, held_to, state,
            self.reason(subject, held_to, window) if state == "void" else "",
            closing.id if closing else None,
            closing.on if closing else held_to if state == "void" else None,
        )  # fmt: skip

    def state(self, subject: Subject, window: Window, closing, failed: bool) -> str:
        if closing:
            return "done"
        if (self.rule.pk, window.key) in self.facts.waivers:
            return "waived"
        if failed:
            return "void"
        return "lapsed" if self.spec.force == "可以" and self.today > window.due else "open"

    def standing_duty(self, subject: Subject, spells: list[Spell]) -> Owed | None:
        runs: list[tuple[date, date]] = []
        for spell in sorted(spells):
            if runs and spell.since <= runs[-1][1]:
                runs[-1] = runs[-1][0], max(runs[-1][1], spell.until)
            else:
                runs.append((spell.since, spell.until))
        runs = [run for run in runs if run[0] <= self.today]
        if not runs:
            return None
        since, held_to = runs[-1]
        begun = [spell for spell in spells if spell.since <= self.today]
        latest = max(spell.since for spell in begun)
        pks = [spell.adjustment or 0 for spell in begun if spell.since == latest]
        self.trigger = self.triggers[min(pks) or None]
        began, ceased, now = self.turns(subject, held_to)
        opens_on = max(since, ceased)
        key = f"m{subject.member}" if subject.member else f"a{subject.actor}"
        state = (
            "void" if held_to <= self.today
            else "waived" if (self.rule.pk, key) in self.facts.waivers
            else "done" if now
            else "open"
        )  # fmt: skip
        stands_on = min(self.today, held_to - ONE)
        closed, due = {"void": held_to, "done": max(opens_on, began)}, opens_on + timedelta(self.trigger.within_days)
        return Owed(
            self.rule.code, key, "standing", subject.member, subject.actor, None,
            self.organisation(subject, stands_on), opens_on, opens_on, due, FAR, held_to, state,
            self.reason(subject, held_to, None) if state == "void" else "", None, closed.get(state),
        )  # fmt: skip

    def turns(self, subject: Subject, held_to: date) -> tuple[date, date, bool]:
        """The latest day on which the state began; the latest, before the target ended, on which it ceased; whether
        it holds today.
        """
        ties = [tie for tie in self.facts.ties if tie.kind == self.trigger.tie and tie.to_id is not None]
        ties = [tie for tie in ties if subject.actor == tie.to_id or subject.member == tie.person_id]
        began = ceased = DAWN
        before = False
        for day in sorted({day for tie in ties for day in (tie.since, tie.until) if day <= self.today}):
            now = sum(holds(tie, day) for tie in ties) >= self.trigger.at_least
            if now and not before:
                began = day
            if before and not now and day < held_to:
                ceased = day
            before = now
        return began, ceased, before

    # Credit ----------------------------------------------------------------------------------------------------------

    def credit(self, subject: Subject, window: Window, reference: date, held_to: date):
        """The records that count, in order of day and number."""
        last = self.today if self.spec.late_counts else min(self.today, window.closes)
        if held_to <= reference:
            last = min(last, held_to - ONE)
        counting = [
            record
            for record in self.facts.records
            if window.opens <= record.on <= last
            and record.action in self.spec.actions
            and (self.spec.collective_counts or not record.collective)
            and (not getattr(self.trigger, "answers", False) or record.event_id == window.event)
            and self.concerns(record, subject)
            and (self.by_hand(record, window.key) or self.counts(record, subject, window.actor))
        ]
        return sorted(counting, key=lambda record: (record.on, record.id))

    def closing(self, counting):
        total = getattr(self.trigger, "sum", None)
        if total:
            sums = accumulate(Decimal(str(record.quantity)) for record in counting)
            return next((record for record, reached in zip(counting, sums, strict=True) if reached >= total), None)
        times = getattr(self.trigger, "times", 1)
        return counting[times - 1] if len(counting) >= times else None

    def concerns(self, record, subject: Subject) -> bool:
        """Whether the record is about the subject, whoever acted; of an actor and a pair: he did."""
        if self.spec.selected:
            return record.member_id is not None and self.stood_in(record, subject)
        if subject.organisation:
            return record.member_id is None and record.organisation_id == subject.organisation
        if subject.actor:
            right = record.member_id == subject.member if subject.member else record.member_id != subject.actor
            return right and subject.actor in record.acted
        return record.member_id == subject.member

    def by_hand(self, record, key: str) -> bool:
        """Whether he acted to whom the duty was handed."""
        to = self.facts.handed.get((self.rule.pk, key))
        return to in record.acted and to != record.member_id

    def counts(self, record, subject: Subject, addressee: int | None) -> bool:
        if subject.actor:
            posts = self.held_posts(self.by_name["post"], subject.actor)
            return any(holds(post, record.on) for post in posts)
        if subject.organisation and not self.spec.selected:
            return True
        return self.by_responsible(record, None if self.spec.selected else addressee)

    def stood_in(self, record, subject: Subject) -> bool:
        """Whether the record's member belonged to the target in that organisation on the record's day."""
        stood = self.facts.membership(record.member_id, record.on)
        if not stood or stood.organisation_id != subject.organisation:
            return False
        return stood.standing in self.by_name["standing"].standings and all(
            any(holds(row, record.on) for row in found(record.member_id))
            for name, found in (("category", self.categories), ("dated", self.dated))
            if name in self.by_name
        )

    def by_responsible(self, record, addressee: int | None) -> bool:
        if self.spec.responsible.anyone:
            return True
        return bool((record.acted - {record.member_id}) & self.responsible(record.member_id, record.on, addressee))

    def responsible(self, member: int, day: date, addressee: int | None) -> set[int]:
        """Whose acts count for a member on a day."""
        asked = self.spec.responsible
        if addressee:
            return {addressee}
        if asked.tie:
            ties = [row for row in self.facts.ties if row.person_id == member and row.kind == asked.tie]
            tied = {row.to_id for row in ties if holds(row, day)} - {member, None}
            if tied:
                return tied
        stood = self.facts.membership(member, day)
        posts = [row for row in self.facts.posts if holds(row, day)]
        found = set()
        for organisation in self.facts.chain(stood.organisation_id, day) if stood else []:
            here = [row for row in posts if row.organisation_id == organisation]
            if asked.at and self.kind(organisation) not in asked.at:
                continue
            if asked.upward:
                found |= {row.person_id for row in here if row.role in {asked.role, *asked.instead, *asked.also}}
            elif any(row.role in {asked.role, *asked.instead} and row.person_id != member for row in here):
                return {row.person_id for row in here if row.role in {asked.role, *asked.instead, *asked.also}}
        return found

    def whose_turn(self, key: str, member: int | None, actor: int | None, organisation: int) -> set[int]:
        """Who is asked today, for a duty that stands in the organisation: as on a page, nobody else's act named."""
        asked, facts = self.spec.responsible, self.facts
        named = facts.handed.get((self.rule.pk, key)) or actor
        if named:
            return {named}
        tied = {row.to_id for row in facts.ties
                if row.person_id == member and row.kind == asked.tie and holds(row, self.today)}  # fmt: skip
        if tied := tied - {member, None}:
            return tied
        posts = [row for row in facts.posts if holds(row, self.today) and row.person_id != member]
        for place in facts.chain(organisation, self.today):
            for role in [asked.role, *asked.instead] if not asked.at or self.kind(place) in asked.at else []:
                if there := {row.person_id for row in posts if row.organisation_id == place and row.role == role}:
                    return there
        return set()

    # Where it stands and why it is void ------------------------------------------------------------------------------

    def organisation(self, subject: Subject, day: date) -> int:
        """Where the subject stood on a day, or last stood before it."""
        if subject.organisation:
            return subject.organisation
        if not subject.actor:
            stays = [row for row in self.facts.memberships if row.person_id == subject.member and row.since <= day]
            return max(stays, key=lambda row: row.since).organisation_id
        found = []
        for post in self.held_posts(self.by_name["post"], subject.actor):
            begun = [(since, until) for since, until, _ in self.reached[post.organisation_id] if since <= day]
            if begun and post.since <= day:
                both = holds(post, day) and any(day < until for _, until in begun)
                found.append((not both, FAR - post.since, post.id, post.organisation_id))
        return min(found)[-1]

    def reason(self, subject: Subject, day: date, window: Window | None) -> str:
        """The first condition that did not hold on a day, in the order of the target."""
        if self.spec.selected:
            whole = [held for whose, _organisation, held in self.combinations() if whose == subject]
            return "reach" if any(all(holds(row, day) for row in held) for held in whole) else "standing"
        for name in self.by_name:
            if not self.holds_alone(name, subject, day):
                return name
        if window and window.row and not holds(window.row, day):
            return "category"
        return "reach"

    def holds_alone(self, name: str, subject: Subject, day: date) -> bool:
        alone = {
            "standing": lambda: [row for row in self.standings() if row.person_id == subject.member],
            "category": lambda: self.categories(subject.member),
            "dated": lambda: self.dated(subject.member),
            "tie": lambda: self.ties(subject.member, subject.actor),
            "post": lambda: self.held_posts(self.by_name["post"], subject.actor),
            "kind": lambda: [self.facts.organisations[subject.organisation]],
        }
        if name != "object":
            return any(holds(row, day) for row in alone[name]())
        return any(
            holds(post, day) and holds(line, day)
            for actors in self.held_posts(self.by_name["post"], subject.actor)
            if holds(actors, day)
            for post, line in self.objects(subject.member, actors.organisation_id)
        )


def month_day(year: int, text: str) -> date:
    month, day = map(int, text.split("-"))
    return anniversary(date(2024, month, day), year)
