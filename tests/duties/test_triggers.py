"""Each trigger, subject and form of responsibility in hand-worked cases. Today is 23 November 2026."""

from datetime import date

import pytest
from django.db import transaction

from base.dates import FAR, today
from base.facts import Fact, facts_changed, facts_will_change
from duties.engine.models import Duty
from duties.engine.records import enter_record
from members.bonds import begin_category, begin_tie
from members.enums import CategoryKind, EventKind, OrganisationKind, TieKind
from members.models import Category, Event, Membership, Tie
from members.services import register_event
from tests.duties.acts import die, end_post, happen, move, rebuilt, sweep_on, table, take_post, waive
from tests.duties.rules import MEMBERS, a_rule
from tests.world import member, organisation

NOW = date(2026, 11, 23)


@transaction.atomic
def belongs(someone, kind=CategoryKind.HARDSHIP, since=date(2020, 1, 1), until=FAR, grade=""):
    facts_will_change()
    row = Category.objects.create(person=someone, kind=kind, grade=grade, since=since, until=until)
    facts_changed(Fact.CATEGORY, since=since, people=[someone.pk])
    return row


@transaction.atomic
def cut_short(row: Category, until: date):
    facts_will_change()
    since, row.until = min(row.until, until), until
    row.save()
    facts_changed(Fact.CATEGORY, since=since, people=[row.person_id])


@transaction.atomic
def tie(someone, to, kind=TieKind.LEADER_CONTACT, since=date(2020, 1, 1), until=FAR):
    facts_will_change()
    row = Tie.objects.create(person=someone, to=to, kind=kind, since=since, until=until)
    facts_changed(Fact.TIE, since=since, people=[someone.pk, to.pk])
    return row


@transaction.atomic
def untie(row: Tie, until: date):
    facts_will_change()
    row.until = until
    row.save()
    facts_changed(Fact.TIE, since=until, people=[row.person_id, row.to_id])


def act(action, someone, *people, on, at=None, quantity=1, collective=False, event=None):
    here = at or Membership.objects.on(on).get(person=someone).organisation
    return enter_record(
        by=None, organisation=here, member=someone, action=action, on=on, people=list(people), today=today(),
        quantity=quantity, collective=collective, event=event,
    )  # fmt: skip


def only(key: str) -> Duty:
    return Duty.objects.get(key=key)


def keys() -> set[str]:
    return set(Duty.objects.values_list("key", flat=True))


def dates(key: str) -> tuple[str, ...]:
    duty = only(key)
    return tuple(f"{day:%Y-%m-%d}" for day in (duty.opens_on, duty.counts_from, duty.due_on))


def clean():
    """What stands now is what one clean run makes of the facts."""
    stands = table()
    assert stands == rebuilt(NOW)


SPRING = {
    "kind": "occasion", "occasion": "spring", "opens_days_before": 30, "due_days_before": 1, "closes_days_after": 0,
}  # fmt: skip
HARDSHIP = {"condition": "category", "kind": "hardship"}


class TestOccasion:
    def test_the_lunar_new_year_opens_thirty_days_before_and_is_due_on_the_eve(self, cast):
        belongs(cast.li)
        a_rule(cast.committee, SPRING, target=[MEMBERS, HARDSHIP])
        sweep_on(NOW)
        key = f"m{cast.li.pk}:spring-2026"
        assert keys() == {key}
        assert dates(key) == ("2026-01-18", "2026-01-18", "2026-02-16")
        clean()

    def test_it_crosses_the_new_year_and_names_the_year_of_the_festival(self, cast):
        belongs(cast.li)
        a_rule(cast.committee, SPRING | {"occasion": "newyear", "opens_days_before": 12}, target=[MEMBERS, HARDSHIP])
        sweep_on(date(2026, 12, 25))
        assert dates(f"m{cast.li.pk}:newyear-2027") == ("2026-12-20", "2026-12-20", "2026-12-31")

    def test_a_visit_in_the_window_closes_it_and_one_before_does_not(self, cast):
        belongs(cast.li)
        a_rule(cast.committee, SPRING, target=[MEMBERS, HARDSHIP])
        sweep_on(NOW)
        act("visit", cast.li, cast.secretary, on=date(2026, 1, 17))
        assert only(f"m{cast.li.pk}:spring-2026").state == "open"
        act("visit", cast.li, cast.secretary, on=date(2026, 1, 18))
        duty = only(f"m{cast.li.pk}:spring-2026")
        assert (duty.state, duty.closed_on) == ("done", date(2026, 1, 18))
        clean()

    def test_between_the_due_day_and_the_close_a_visit_still_counts(self, cast):
        belongs(cast.li)
        a_rule(cast.committee, SPRING | {"closes_days_after": 15}, target=[MEMBERS, HARDSHIP])
        sweep_on(NOW)
        act("visit", cast.li, cast.secretary, on=date(2026, 3, 5))
        assert only(f"m{cast.li.pk}:spring-2026").state == "open"
        act("visit", cast.li, cast.secretary, on=date(2026, 3, 4))
        assert only(f"m{cast.li.pk}:spring-2026").state == "done"

    def test_whoever_leaves_the_category_before_the_eve_is_void_and_after_it_stays(self, cast):
        first, second = belongs(cast.li), belongs(cast.zhao)
        a_rule(cast.committee, SPRING, target=[MEMBERS, HARDSHIP])
        sweep_on(NOW)
        cut_short(first, date(2026, 2, 16))
        cut_short(second, date(2026, 2, 17))
        early, late = only(f"m{cast.li.pk}:spring-2026"), only(f"m{cast.zhao.pk}:spring-2026")
        assert (early.state, early.reason, early.closed_on) == ("void", "category", date(2026, 2, 16))
        assert late.state == "open"
        clean()

    def test_selected_coverage_is_owed_by_each_branch_with_somebody_in_the_target(self, cast):
        belongs(cast.li)
        belongs(cast.zhao)
        belongs(cast.sun)
        a_rule(cast.committee, SPRING | {"coverage": "selected", "times": 2}, target=[MEMBERS, HARDSHIP])
        sweep_on(NOW)
        mine, other = f"o{cast.branch.pk}:spring-2026", f"o{cast.sibling.pk}:spring-2026"
        assert keys() == {mine, other}
        act("visit", cast.li, cast.secretary, on=date(2026, 2, 1))
        act("visit", cast.commissioner, cast.secretary, on=date(2026, 2, 2))  # not in the target
        assert only(mine).state == "open"
        act("visit", cast.zhao, cast.secretary, on=date(2026, 2, 3))
        assert (only(mine).state, only(other).state) == ("done", "open")
        assert only(mine).organisation == cast.branch
        clean()

    def test_selected_coverage_ends_when_the_last_of_the_target_leaves(self, cast):
        row = belongs(cast.sun)
        a_rule(cast.committee, SPRING | {"coverage": "selected"}, target=[MEMBERS, HARDSHIP])
        sweep_on(NOW)
        cut_short(row, date(2026, 2, 1))
        duty = only(f"o{cast.sibling.pk}:spring-2026")
        assert (duty.state, duty.reason) == ("void", "standing")
        clean()


class TestDate:
    def test_a_month_precise_date_is_on_the_months_list(self, cast):
        cast.li.joined_precision = "month"
        cast.li.save()
        trigger = {"kind": "date", "fact": "joined_on", "every": "year", "opens_days_before": 7, "closes_days_after": 7}
        a_rule(cast.branch, trigger)
        sweep_on(NOW)
        assert dates(f"m{cast.li.pk}:2026") == ("2026-06-24", "2026-06-24", "2026-07-31")
        assert dates(f"m{cast.zhao.pk}:2026") == ("2026-06-11", "2026-06-11", "2026-06-18")
        act("visit", cast.li, cast.secretary, on=date(2026, 8, 7))
        assert only(f"m{cast.li.pk}:2026").state == "done"
        clean()

    def test_a_date_known_to_the_year_only_opens_nothing(self, cast):
        cast.li.joined_precision = "year"
        cast.li.save()
        trigger = {"kind": "date", "fact": "joined_on", "every": "year", "opens_days_before": 0, "closes_days_after": 0}
        a_rule(cast.branch, trigger)
        sweep_on(NOW)
        assert f"m{cast.li.pk}:2026" not in keys()

    def test_once_after_fifty_years(self, cast):
        trigger = {
            "kind": "date", "fact": "joined_on", "every": "once", "at_years": 50, "opens_days_before": 30,
            "closes_days_after": 10,
        }  # fmt: skip
        old = member("老党员", cast.branch, joined=date(1976, 2, 29), full=date(1977, 2, 28))
        a_rule(cast.branch, trigger)
        sweep_on(NOW)
        assert keys() == {f"m{old.pk}:50y"}
        assert dates(f"m{old.pk}:50y") == ("2026-01-29", "2026-01-29", "2026-02-28")
        clean()

    def test_before_the_end_of_a_category_the_row_is_the_fact(self, cast):
        row = belongs(cast.li, CategoryKind.DISCIPLINED, date(2025, 1, 1), date(2026, 10, 1))
        trigger = {
            "kind": "date", "fact": "category_until", "every": "once", "category": "disciplined", "shift_days": -15,
            "opens_days_before": 15, "closes_days_after": 60,
        }  # fmt: skip
        a_rule(cast.branch, trigger)
        belongs(cast.zhao, CategoryKind.DISCIPLINED, date(2025, 1, 1))
        sweep_on(NOW)
        assert keys() == {f"m{cast.li.pk}:c{row.pk}"}
        assert dates(f"m{cast.li.pk}:c{row.pk}") == ("2026-09-01", "2026-09-01", "2026-09-16")
        act("visit", cast.li, cast.secretary, on=date(2026, 11, 1))
        assert only(f"m{cast.li.pk}:c{row.pk}").state == "done"
        cut_short(row, date(2026, 11, 1))
        assert dates(f"m{cast.li.pk}:c{row.pk}") == ("2026-10-02", "2026-10-02", "2026-10-17")
        clean()


class TestQuota:
    @pytest.mark.parametrize(
        ("per", "code", "opens", "due"),
        [
            ("half", "2026-H2", "2026-07-01", "2026-12-31"),
            ("quarter", "2026-Q4", "2026-10-01", "2026-12-31"),
            ("month", "2026-11", "2026-11-01", "2026-11-30"),
        ],
    )
    def test_periods_of_the_calendar(self, cast, per, code, opens, due):
        a_rule(cast.branch, {"kind": "quota", "times": 1, "per": per, "counted_per": "member"})
        sweep_on(NOW)
        assert dates(f"m{cast.li.pk}:{code}") == (opens, opens, due)

    def test_a_semester_crosses_the_new_year(self, cast):
        semesters = [["02-15", "07-15"], ["09-01", "01-20"]]
        trigger = {"kind": "quota", "times": 1, "per": "semester", "semesters": semesters, "counted_per": "member"}
        a_rule(cast.branch, trigger)
        sweep_on(NOW)
        mine = {key for key in keys() if key.startswith(f"m{cast.li.pk}:")}
        assert mine == {f"m{cast.li.pk}:{code}" for code in ("2025-S2", "2026-S1", "2026-S2")}
        assert dates(f"m{cast.li.pk}:2026-S2") == ("2026-09-01", "2026-09-01", "2027-01-20")
        assert dates(f"m{cast.li.pk}:2025-S2") == ("2026-01-01", "2025-09-01", "2026-01-20")

    def test_hours_add_up_whoever_organised_them(self, cast):
        trigger = {"kind": "quota", "sum": 32, "per": "year", "counted_per": "member"}
        a_rule(
            cast.branch, trigger, action="study", collective_counts=True,
            responsible={"role": "secretary", "anyone": True},
        )  # fmt: skip
        sweep_on(NOW)
        for month, hours in ((3, 12), (5, 12), (7, "7.5")):
            act("study", cast.li, cast.clerk, on=date(2026, month, 2), quantity=hours, collective=True)
        assert only(f"m{cast.li.pk}:2026").state == "open"
        act("study", cast.li, cast.clerk, on=date(2026, 9, 2), quantity="0.5", collective=True)
        act("study", cast.li, cast.clerk, on=date(2026, 9, 3), quantity=8, collective=True)
        duty = only(f"m{cast.li.pk}:2026")
        assert (duty.state, duty.closed_on) == ("done", date(2026, 9, 2))
        clean()

    def test_tenths_of_hours_are_not_lost_in_floating_point(self, cast):
        a_rule(
            cast.branch, {"kind": "quota", "sum": 1, "per": "year", "counted_per": "member"}, action="study",
            responsible={"role": "secretary", "anyone": True},
        )  # fmt: skip
        sweep_on(NOW)
        for day in range(1, 11):
            act("study", cast.li, cast.clerk, on=date(2026, 3, day), quantity="0.1")
        assert only(f"m{cast.li.pk}:2026").closed_on == date(2026, 3, 10)

    def test_an_interval_runs_from_the_start_of_each_category_row(self, cast):
        row = belongs(cast.li, CategoryKind.SERIOUS_ILLNESS, date(2026, 6, 1))
        trigger = {
            "kind": "quota", "times": 1, "per": "interval", "days": 90, "category": "serious_illness",
            "counted_per": "member",
        }  # fmt: skip
        a_rule(cast.branch, trigger)
        sweep_on(NOW)
        first, second = f"m{cast.li.pk}:c{row.pk}:1", f"m{cast.li.pk}:c{row.pk}:2"
        assert keys() == {first, second}
        assert dates(first) == ("2026-06-01", "2026-06-01", "2026-08-29")
        assert dates(second) == ("2026-08-30", "2026-08-30", "2026-11-27")
        act("visit", cast.li, cast.secretary, on=date(2026, 8, 30))
        assert (only(first).state, only(second).state) == ("open", "done")
        clean()

    def test_an_interval_ends_with_its_row_though_another_row_goes_on(self, cast):
        row = belongs(cast.li, CategoryKind.SERIOUS_ILLNESS, date(2026, 10, 1))
        belongs(cast.li, CategoryKind.SERIOUS_ILLNESS, date(2026, 6, 1))
        trigger = {
            "kind": "quota", "times": 1, "per": "interval", "days": 90, "category": "serious_illness",
            "counted_per": "member",
        }  # fmt: skip
        a_rule(cast.branch, trigger, target=[MEMBERS, {"condition": "category", "kind": "serious_illness"}])
        sweep_on(NOW)
        cut_short(row, date(2026, 11, 1))
        duty = only(f"m{cast.li.pk}:c{row.pk}:1")
        assert (duty.state, duty.reason, duty.closed_on) == ("void", "category", date(2026, 11, 1))
        clean()


LEADERS = {"condition": "post", "roles": ["secretary"], "at": ["general_branch"]}
BRANCH_SECRETARIES = {"condition": "object", "roles": ["secretary"], "at": ["branch"], "where": "below"}


class TestActorsAndPairs:
    def test_a_pair_for_each_branch_secretary_below(self, cast):
        trigger = {"kind": "quota", "times": 1, "per": "quarter", "counted_per": "pair"}
        a_rule(cast.committee, trigger, action="talk", target=[MEMBERS, LEADERS, BRANCH_SECRETARIES])
        sweep_on(NOW)
        me = cast.general_secretary
        q4 = {key for key in keys() if key.endswith("Q4")}
        assert q4 == {f"m{s.pk}:a{me.pk}:2026-Q4" for s in (cast.secretary, cast.sibling_secretary)}
        act("talk", cast.secretary, me, on=date(2026, 10, 9))
        act("talk", cast.sibling_secretary, cast.committee_secretary, on=date(2026, 10, 9))
        done, open_ = (only(f"m{s.pk}:a{me.pk}:2026-Q4") for s in (cast.secretary, cast.sibling_secretary))
        assert (done.state, open_.state) == ("done", "open")
        assert done.organisation == cast.general
        clean()

    def test_a_new_secretary_in_mid_quarter_voids_the_pair_and_opens_his_own(self, cast):
        trigger = {"kind": "quota", "times": 1, "per": "quarter", "counted_per": "pair"}
        a_rule(cast.committee, trigger, action="talk", target=[MEMBERS, LEADERS, BRANCH_SECRETARIES])
        sweep_on(NOW)
        end_post(cast.general_secretary, cast.general, date(2026, 11, 10))
        take_post(cast.clerk, cast.general, since=date(2026, 11, 10))
        old = only(f"m{cast.secretary.pk}:a{cast.general_secretary.pk}:2026-Q4")
        new = only(f"m{cast.secretary.pk}:a{cast.clerk.pk}:2026-Q4")
        assert (old.state, old.reason, old.closed_on) == ("void", "post", date(2026, 11, 10))
        assert (new.state, new.opens_on, new.due_on) == ("open", date(2026, 11, 10), date(2026, 12, 31))
        end_post(cast.secretary, cast.branch, date(2026, 11, 20))
        gone = only(f"m{cast.secretary.pk}:a{cast.clerk.pk}:2026-Q4")
        assert (gone.state, gone.reason) == ("void", "object")
        clean()

    def test_a_pair_by_tie(self, cast):
        trigger = {"kind": "quota", "times": 1, "per": "year", "counted_per": "pair"}
        charge = {"condition": "tie", "kind": "charge"}
        post = {"condition": "post", "roles": ["secretary"], "at": ["committee"]}
        a_rule(cast.committee, trigger, action="talk", target=[MEMBERS, post, charge])
        sweep_on(NOW)
        assert keys() == set()
        row = tie(cast.li, cast.committee_secretary, TieKind.CHARGE, date(2026, 3, 1))
        key = f"m{cast.li.pk}:a{cast.committee_secretary.pk}:2026"
        assert only(key).opens_on == date(2026, 3, 1)
        untie(row, date(2026, 9, 1))
        assert (only(key).state, only(key).reason) == ("void", "tie")
        clean()

    def test_an_actor_owes_a_talk_with_anybody_but_himself(self, cast):
        trigger = {"kind": "quota", "times": 2, "per": "quarter", "counted_per": "actor"}
        a_rule(cast.committee, trigger, action="talk", target=[LEADERS])
        sweep_on(NOW)
        me = cast.general_secretary
        key = f"a{me.pk}:2026-Q4"
        act("talk", cast.li, me, on=date(2026, 10, 9))
        act("talk", me, me, cast.committee_secretary, on=date(2026, 10, 10))
        assert only(key).state == "open"
        act("talk", cast.sun, me, on=date(2026, 10, 11))
        duty = only(key)
        assert (duty.state, duty.member, duty.actor, duty.organisation) == ("done", None, me, cast.general)
        clean()

    def test_an_act_before_the_post_began_does_not_count(self, cast):
        end_post(cast.general_secretary, cast.general, date(2026, 10, 20))
        take_post(cast.clerk, cast.general, since=date(2026, 10, 20))
        a_rule(
            cast.committee, {"kind": "quota", "times": 1, "per": "quarter", "counted_per": "actor"}, target=[LEADERS]
        )
        sweep_on(NOW)
        act("visit", cast.li, cast.clerk, on=date(2026, 10, 19))
        assert only(f"a{cast.clerk.pk}:2026-Q4").state == "open"
        act("visit", cast.li, cast.clerk, on=date(2026, 10, 20))
        assert only(f"a{cast.clerk.pk}:2026-Q4").state == "done"
        clean()

    def test_an_organisation_owes_a_report_every_half_year(self, cast):
        trigger = {"kind": "quota", "times": 1, "per": "half", "counted_per": "organisation"}
        a_rule(cast.committee, trigger, action="report", target=[{"condition": "kind", "kinds": ["branch"]}])
        sweep_on(NOW)
        here = {key for key in keys() if key.endswith("H2")}
        assert here == {f"o{o.pk}:2026-H2" for o in (cast.branch, cast.sibling, cast.direct)}
        act("report", None, cast.secretary, on=date(2026, 9, 1), at=cast.branch)
        assert only(f"o{cast.branch.pk}:2026-H2").state == "done"
        assert only(f"o{cast.sibling.pk}:2026-H2").state == "open"
        clean()


REQUEST = {"kind": "event", "events": ["request"], "within_days": 7}


@transaction.atomic
def asks(someone, leader, on):
    facts_will_change()
    event = Event.objects.create(
        person=someone, kind=EventKind.REQUEST, occurred_on=on, entered_on=today(), addressee=leader
    )
    facts_changed(Fact.EVENT, since=on, people=[someone.pk])
    return event


class TestEventsAndResponsibility:
    def test_only_the_addressee_answers_a_request(self, cast):
        a_rule(cast.committee, REQUEST, action="talk", responsible={"role": "secretary", "addressee": True})
        sweep_on(NOW)
        event = asks(cast.li, cast.committee_secretary, date(2026, 11, 10))
        key = f"m{cast.li.pk}:e{event.pk}"
        assert (only(key).actor, only(key).due_on) == (cast.committee_secretary, date(2026, 11, 17))
        act("talk", cast.li, cast.secretary, on=date(2026, 11, 12))
        assert only(key).state == "open"
        act("talk", cast.li, cast.committee_secretary, on=date(2026, 11, 20))
        assert (only(key).state, only(key).closed_on) == ("done", date(2026, 11, 20))
        clean()

    def test_a_request_to_nobody_in_particular_is_the_roles(self, cast):
        a_rule(cast.committee, REQUEST, action="talk", responsible={"role": "secretary", "addressee": True})
        sweep_on(NOW)
        event = asks(cast.li, None, date(2026, 11, 10))
        act("talk", cast.li, cast.secretary, on=date(2026, 11, 12))
        assert only(f"m{cast.li.pk}:e{event.pk}").state == "done"
        clean()

    def test_a_working_rule_wants_a_record_that_answers_its_event(self, cast):
        trigger = {"kind": "event", "events": ["illness"], "within_days": 3, "answers": True}
        a_rule(cast.committee, trigger)
        sweep_on(NOW)
        first, second = (happen(cast.li, EventKind.ILLNESS, date(2026, 11, day)) for day in (2, 5))
        act("visit", cast.li, cast.secretary, on=date(2026, 11, 6), event=second)
        states = [only(f"m{cast.li.pk}:e{event.pk}").state for event in (first, second)]
        assert states == ["open", "done"]
        clean()

    def test_whoever_is_tied_visits_and_without_a_tie_the_secretary(self, cast):
        trigger = {"kind": "quota", "times": 1, "per": "year", "counted_per": "member"}
        a_rule(cast.committee, trigger, responsible={"role": "secretary", "tie": "contact"})
        sweep_on(NOW)
        tie(cast.li, cast.commissioner, TieKind.CONTACT)
        for someone in (cast.li, cast.zhao):
            act("visit", someone, cast.secretary, on=date(2026, 5, 5))
        assert only(f"m{cast.zhao.pk}:2026").state == "done"
        assert only(f"m{cast.li.pk}:2026").state == "open"
        row = act("visit", cast.li, cast.commissioner, on=date(2026, 5, 6))
        assert only(f"m{cast.li.pk}:2026").closed_by == row
        clean()

    def test_a_role_at_organisations_of_a_kind_skips_the_nearer_ones(self, cast):
        trigger = {"kind": "quota", "times": 1, "per": "year", "counted_per": "member"}
        a_rule(cast.committee, trigger, responsible={"role": "secretary", "at": ["committee"]})
        sweep_on(NOW)
        act("visit", cast.li, cast.secretary, on=date(2026, 5, 5))
        act("visit", cast.li, cast.general_secretary, on=date(2026, 5, 5))
        assert only(f"m{cast.li.pk}:2026").state == "open"
        act("visit", cast.li, cast.committee_secretary, on=date(2026, 5, 5))
        assert only(f"m{cast.li.pk}:2026").state == "done"
        clean()

    def test_a_death_opens_what_is_for_the_family_and_voids_what_is_for_the_living(self, cast):
        trigger = {"kind": "event", "events": ["death"], "within_days": 3}
        dead = {"condition": "standing", "standings": ["dead"]}
        a_rule(cast.committee, trigger, action="condolence", target=[dead], code="family")
        a_rule(cast.committee, {"kind": "quota", "times": 1, "per": "year", "counted_per": "member"}, code="living")
        sweep_on(NOW)
        die(cast.li, date(2026, 11, 20))
        event = happen(cast.li, EventKind.DEATH, date(2026, 11, 20))
        family, living = only(f"m{cast.li.pk}:e{event.pk}"), only(f"m{cast.li.pk}:2026")
        assert (family.state, family.due_on) == ("open", date(2026, 11, 23))
        assert (living.state, living.reason) == ("void", "standing")
        act("condolence", cast.li, cast.secretary, on=date(2026, 11, 21))
        assert only(family.key).state == "done"
        clean()

    def test_a_greeting_closes_what_a_talk_also_closes(self, cast):
        trigger = {"kind": "date", "fact": "joined_on", "every": "year", "opens_days_before": 7, "closes_days_after": 7}
        a_rule(cast.branch, trigger, action="greeting", or_by=["talk"], force="可以")
        sweep_on(NOW)
        key = f"m{cast.commissioner.pk}:2026"
        assert only(key).state == "lapsed"
        act("talk", cast.commissioner, cast.secretary, on=date(2026, 11, 8))
        assert only(key).state == "done"
        clean()


CONTACTS = {"kind": "standing", "tie": "leader_contact", "at_least": 2, "counted_per": "actor", "within_days": 30}
COMMITTEE = {"condition": "post", "roles": ["secretary"], "at": ["committee"]}


class TestStanding:
    def test_a_leader_keeps_two_contacts(self, cast):
        a_rule(cast.committee, CONTACTS, target=[COMMITTEE])
        sweep_on(NOW)
        key = f"a{cast.committee_secretary.pk}"
        assert dates(key) == ("2026-01-01", "2026-01-01", "2026-01-31")
        tie(cast.li, cast.committee_secretary, since=date(2026, 2, 1))
        assert only(key).state == "open"
        second = tie(cast.zhao, cast.committee_secretary, since=date(2026, 3, 1))
        assert (only(key).state, only(key).closed_on) == ("done", date(2026, 3, 1))
        untie(second, date(2026, 10, 1))
        assert (only(key).state, dates(key)) == ("open", ("2026-10-01", "2026-10-01", "2026-10-31"))
        clean()

    def test_losing_one_more_buys_no_time(self, cast):
        a_rule(cast.committee, CONTACTS, target=[COMMITTEE])
        sweep_on(NOW)
        rows = [tie(each, cast.committee_secretary) for each in (cast.li, cast.zhao)]
        untie(rows[0], date(2026, 5, 1))
        untie(rows[1], date(2026, 9, 1))
        assert only(f"a{cast.committee_secretary.pk}").due_on == date(2026, 5, 31)
        clean()

    def test_a_post_ended_and_taken_up_again_after_a_gap_starts_anew(self, cast):
        a_rule(cast.committee, CONTACTS, target=[COMMITTEE])
        end_post(cast.committee_secretary, cast.committee, date(2026, 4, 1))
        sweep_on(NOW)
        key = f"a{cast.committee_secretary.pk}"
        assert (only(key).state, only(key).reason) == ("void", "post")
        take_post(cast.committee_secretary, cast.committee, since=date(2026, 6, 1))
        assert (only(key).state, only(key).opens_on) == ("open", date(2026, 6, 1))
        clean()

    def test_one_post_after_another_without_a_gap_is_one_run(self, cast):
        a_rule(cast.committee, CONTACTS, target=[COMMITTEE])
        end_post(cast.committee_secretary, cast.committee, date(2026, 4, 1))
        take_post(cast.committee_secretary, cast.committee, since=date(2026, 4, 1))
        sweep_on(NOW)
        assert only(f"a{cast.committee_secretary.pk}").opens_on == date(2026, 1, 1)

    def test_every_household_has_a_contact(self, cast):
        trigger = {"kind": "standing", "tie": "contact", "at_least": 1, "counted_per": "member", "within_days": 30}
        dead = {"condition": "standing", "standings": ["dead"]}
        die(cast.li, date(2026, 3, 1))
        belongs(cast.li, CategoryKind.BEREAVED, date(2026, 3, 1))
        a_rule(cast.committee, trigger, target=[dead, {"condition": "category", "kind": "bereaved"}])
        sweep_on(NOW)
        key = f"m{cast.li.pk}"
        assert (only(key).state, only(key).opens_on) == ("open", date(2026, 3, 1))
        tie(cast.li, cast.commissioner, TieKind.CONTACT, date(2026, 4, 1))
        assert only(key).state == "done"
        clean()

    def test_a_waiver_stands_before_the_state(self, cast):
        a_rule(cast.committee, CONTACTS, target=[COMMITTEE])
        sweep_on(NOW)
        waive(only(f"a{cast.committee_secretary.pk}"))
        assert only(f"a{cast.committee_secretary.pk}").state == "waived"
        clean()

    def test_a_tie_that_ends_by_itself_is_seen_by_the_next_sweep(self, cast):
        tie(cast.li, cast.committee_secretary, until=date(2026, 12, 1))
        tie(cast.zhao, cast.committee_secretary)
        a_rule(cast.committee, CONTACTS, target=[COMMITTEE])
        sweep_on(NOW)
        assert only(f"a{cast.committee_secretary.pk}").state == "done"
        sweep_on(date(2026, 12, 1))
        assert only(f"a{cast.committee_secretary.pk}").state == "open"


def test_a_member_who_moves_takes_the_tie_and_the_duty_along(cast):
    trigger = {"kind": "quota", "times": 1, "per": "year", "counted_per": "member"}
    a_rule(cast.committee, trigger, target=[MEMBERS, {"condition": "tie", "kind": "leader_contact"}],
           responsible={"role": "secretary", "tie": "leader_contact"})  # fmt: skip
    sweep_on(NOW)
    tie(cast.li, cast.committee_secretary, since=date(2026, 2, 1))
    move(cast.li, cast.direct, date(2026, 6, 1))
    duty = only(f"m{cast.li.pk}:2026")
    assert (duty.organisation, duty.opens_on, duty.state) == (cast.direct, date(2026, 2, 1), "open")
    act("visit", cast.li, cast.direct_secretary, on=date(2026, 7, 1))
    assert only(duty.key).state == "open"
    act("visit", cast.li, cast.committee_secretary, on=date(2026, 7, 2))
    assert only(duty.key).state == "done"
    clean()


def test_every_subject_stays_within_its_reach(cast):
    trigger = {"kind": "quota", "times": 1, "per": "year", "counted_per": "actor"}
    elsewhere = organisation("03", OrganisationKind.COMMITTEE)
    take_post(cast.outsider, elsewhere, since=date(2026, 1, 1))
    a_rule(cast.committee, trigger, target=[{"condition": "post", "roles": ["secretary"]}])
    sweep_on(NOW)
    assert f"a{cast.outsider.pk}:2026" not in keys()


class TestWhatAFactRuns:
    """A fact runs the rules that read its kind, and no others: with a province's rules a save must stay quick."""

    def ran(self, monkeypatch, act) -> set[str]:
        ran = set()

        def note(rule, kind, since, circle, there=None):
            ran.add(rule.code)

        monkeypatch.setattr("duties.engine.sweep._settle_fact", note)
        act()
        return ran

    @pytest.fixture(autouse=True)
    def rules(self, cast):
        yearly = {"kind": "quota", "times": 1, "per": "year", "counted_per": "member"}
        a_rule(cast.committee, yearly, code="talk", action="talk")
        a_rule(cast.committee, yearly, code="visit", target=[MEMBERS, HARDSHIP])
        a_rule(cast.committee, yearly, code="either", action="greeting", or_by=["talk"])
        a_rule(cast.committee, {"kind": "event", "events": ["illness"], "within_days": 3}, code="ill", action="report")
        a_rule(cast.committee, CONTACTS, code="contacts", target=[COMMITTEE])
        sweep_on(NOW)

    def test_a_record_runs_the_rules_of_its_action(self, cast, monkeypatch):
        talked = self.ran(monkeypatch, lambda: act("talk", cast.li, cast.secretary, on=date(2026, 5, 5)))
        assert talked == {"talk", "either"}

    def test_an_event_runs_the_rules_of_its_kind(self, cast, monkeypatch):
        def register(kind):
            return lambda: register_event(by=None, person=cast.li, kind=kind, occurred_on=NOW, today=NOW)

        assert self.ran(monkeypatch, register(EventKind.ILLNESS)) == {"ill"}
        assert self.ran(monkeypatch, register(EventKind.HONOUR)) == set()

    def test_a_category_and_a_tie_run_those_that_name_them(self, cast, monkeypatch):
        facts = {"person": cast.li, "since": date(2026, 5, 5), "today": NOW}
        assert self.ran(monkeypatch, lambda: begin_category(**facts, kind="hardship", basis="认定")) == {"visit"}
        assert self.ran(monkeypatch, lambda: begin_category(**facts, kind="elderly", basis="八十岁")) == set()
        tied = {**facts, "to": cast.committee_secretary}
        assert self.ran(monkeypatch, lambda: begin_tie(**tied, kind="leader_contact")) == {"contacts"}
        assert self.ran(monkeypatch, lambda: begin_tie(**tied, kind="contact")) == set()


def test_a_pair_that_begins_before_a_death_and_is_entered_after_it_reminds_nobody(cast):
    trigger = {"kind": "quota", "times": 1, "per": "quarter", "counted_per": "pair"}
    head = {"condition": "post", "roles": ["deputy_secretary"], "at": ["committee"]}
    below = {"condition": "object", "roles": ["secretary"], "at": ["branch"], "where": "below"}
    a_rule(cast.committee, trigger, target=[MEMBERS, head, below], action="talk")
    sweep_on(NOW)
    die(cast.secretary, date(2026, 11, 10))
    take_post(cast.clerk, cast.committee, "deputy_secretary", since=date(2026, 10, 1))
    late = Duty.objects.get(member=cast.secretary, actor=cast.clerk)
    assert (late.opens_on, late.silent) == (date(2026, 10, 1), True)
