"""The engine's rulings, one by one. Today is 2026-11-23."""

from datetime import date

import pytest

from base.audit import Act
from base.dates import FAR
from base.facts import Fact, facts_changed
from base.models import AuditRow
from duties.engine.models import Duty, State
from duties.engine.sweep import SweepRefused, sweep
from duties.policy.adoption import AdoptionRefused, rebuild_reach
from duties.policy.models import Adoption, Policy, Rule
from duties.policy.packs import load_pack
from members.enums import EventKind, Role, Standing
from members.tree import place, rebuild_lineage
from tests.duties.acts import (
    adopt_pack,
    die,
    duty,
    end_post,
    happen,
    move,
    rebuilt,
    sweep_on,
    table,
    take_post,
    talk,
    unhappen,
    waive,
    withdraw,
)  # fmt: skip
from tests.world import join, member, person, post

TODAY = date(2026, 11, 23)
pytestmark = pytest.mark.django_db


def test_each_member_owes_one_talk_a_year(world):
    owed = duty("yearly-talk", world.li)
    assert (owed.opens_on, owed.counts_from, owed.due_on) == (date(2026, 1, 1), date(2026, 1, 1), date(2026, 12, 31))
    assert (owed.state, owed.organisation, owed.path) == (State.OPEN, world.branch, world.branch.path)
    assert not Duty.objects.filter(member=world.outsider).exists()


def test_a_talk_by_the_branch_secretary_closes_it_and_withdrawal_reopens_it(world):
    record = talk(world.li, world.secretary, on=date(2026, 3, 2))
    closed = duty("yearly-talk", world.li)
    assert (closed.state, closed.closed_by, closed.closed_on) == (State.DONE, record, date(2026, 3, 2))
    withdraw(record)
    assert duty("yearly-talk", world.li).state == State.OPEN


def test_a_talk_before_the_year_or_by_somebody_else_does_not_close_it(world):
    talk(world.li, world.secretary, on=date(2025, 12, 31))
    talk(world.li, world.commissioner, on=date(2026, 3, 2))
    talk(world.li, world.sibling_secretary, on=date(2026, 3, 2))
    assert duty("yearly-talk", world.li).state == State.OPEN


def test_a_collective_talk_is_no_yearly_talk_but_may_mark_a_political_birthday(world):
    talk(world.commissioner, world.secretary, on=date(2026, 11, 6), collective=True)
    assert duty("yearly-talk", world.commissioner).state == State.OPEN
    assert duty("political-birthday", world.commissioner).state == State.DONE


def test_the_secretarys_own_talk_falls_one_level_up(world):
    talk(world.secretary, world.secretary, on=date(2026, 3, 1))
    talk(world.secretary, world.committee_secretary, on=date(2026, 3, 2))
    assert duty("yearly-talk", world.secretary).state == State.OPEN
    talk(world.secretary, world.general_secretary, on=date(2026, 3, 3))
    assert duty("yearly-talk", world.secretary).closed_on == date(2026, 3, 3)


def test_a_missing_level_is_skipped(world):
    talk(world.direct_secretary, world.committee_secretary, on=date(2026, 3, 3))
    assert duty("yearly-talk", world.direct_secretary).state == State.DONE


def test_a_vacancy_lets_the_upper_secretary_talk_until_a_late_post_shows_it_was_none(world):
    end_post(world.secretary, world.branch, date(2026, 2, 1))
    talk(world.li, world.general_secretary, on=date(2026, 3, 3))
    assert duty("yearly-talk", world.li).state == State.DONE
    take_post(world.commissioner, world.branch, since=date(2026, 2, 1))
    assert duty("yearly-talk", world.li).state == State.OPEN


def test_a_post_that_was_not_held_takes_the_credit(world):
    talk(world.li, world.secretary, on=date(2026, 3, 3))
    end_post(world.secretary, world.branch, date(2026, 3, 1))
    assert duty("yearly-talk", world.li).state == State.OPEN


def test_the_first_talk_by_day_then_number_closes(world):
    later = talk(world.li, world.secretary, on=date(2026, 5, 1))
    assert duty("yearly-talk", world.li).closed_by == later
    earlier = talk(world.li, world.secretary, on=date(2026, 4, 1))
    assert duty("yearly-talk", world.li).closed_by == earlier


def test_a_transfer_inside_the_policy_carries_the_open_duty_along(world):
    move(world.li, world.sibling, date(2026, 6, 1))
    owed = duty("yearly-talk", world.li)
    assert (owed.state, owed.organisation, owed.path) == (State.OPEN, world.sibling, world.sibling.path)
    talk(world.li, world.secretary, on=date(2026, 6, 2))
    assert duty("yearly-talk", world.li).state == State.OPEN
    talk(world.li, world.sibling_secretary, on=date(2026, 6, 3))
    assert duty("yearly-talk", world.li).state == State.DONE


def test_what_was_done_before_a_transfer_stays_where_it_was_done(world):
    talk(world.li, world.secretary, on=date(2026, 3, 2))
    move(world.li, world.sibling, date(2026, 6, 1))
    assert duty("yearly-talk", world.li).organisation == world.branch


def test_a_transfer_out_of_the_policy_voids_and_back_again_reopens(world):
    move(world.li, world.other_branch, date(2026, 6, 1))
    void = duty("yearly-talk", world.li)
    assert (void.state, void.reason, void.closed_on) == (State.VOID, "reach", date(2026, 6, 1))
    assert void.organisation == world.branch
    move(world.li, world.branch, date(2026, 9, 1))
    assert duty("yearly-talk", world.li).state == State.OPEN


def test_death_voids_what_is_for_the_living_and_keeps_what_is_done(world):
    talk(world.zhao, world.secretary, on=date(2026, 3, 2))
    die(world.zhao, date(2026, 10, 1))
    die(world.li, date(2026, 10, 1))
    assert duty("yearly-talk", world.zhao).state == State.DONE
    void = duty("yearly-talk", world.li)
    assert (void.state, void.reason, void.closed_on) == (State.VOID, "standing", date(2026, 10, 1))
    assert not Duty.objects.open().filter(member__in=[world.zhao, world.li]).exists()


@pytest.mark.parametrize("standing", [Standing.SUSPENDED, Standing.LOST, Standing.DEAD])
def test_nothing_is_owed_to_those_outside_the_target(world, standing):
    someone = member("范文", world.branch, standing=standing)
    sweep_on(date(2026, 11, 24))
    facts_changed(Fact.MEMBERSHIP, since=date(2005, 1, 1), people=[someone.pk])
    assert not Duty.objects.filter(member=someone).exists()


def test_a_joiner_in_december_owes_by_the_end_of_the_year(world):
    sweep_on(date(2026, 12, 19))
    someone = person("范文", joined=date(2026, 12, 20), full=None)
    join(someone, world.branch, since=date(2026, 12, 20), standing=Standing.PROBATIONARY)
    sweep_on(date(2026, 12, 20))
    owed = duty("yearly-talk", someone)
    assert (owed.opens_on, owed.due_on) == (date(2026, 12, 20), date(2026, 12, 31))


def test_an_event_opens_its_duty_at_once_with_the_clock_from_its_own_day(world):
    event = happen(world.li, EventKind.ABSENCE, date(2026, 11, 9))
    owed = duty("talk-on-absence-or-dues", world.li, f"e{event.pk}")
    assert (owed.opens_on, owed.due_on, owed.state) == (date(2026, 11, 9), date(2026, 11, 16), State.OPEN)
    assert Duty.objects.overdue_on(TODAY).filter(pk=owed.pk).exists()


@pytest.mark.parametrize(
    ("kind", "rule", "within"),
    [
        (EventKind.ADMISSION, "talk-on-admission", 10),
        (EventKind.TRANSFER_IN, "talk-on-transfer", 10),
        (EventKind.TRANSFER_OUT, "talk-on-transfer", 10),
        (EventKind.HONOUR, "talk-on-honour", 15),
        (EventKind.TENDENCY, "talk-on-tendency", 3),
        (EventKind.ABSENCE, "talk-on-absence-or-dues", 7),
        (EventKind.DUES, "talk-on-absence-or-dues", 7),
        (EventKind.TREATMENT, "talk-on-discipline", 7),
        (EventKind.PUNISHMENT, "talk-on-discipline", 7),
    ],
)
def test_each_must_talk_has_its_clock(world, kind, rule, within):
    event = happen(world.li, kind, date(2026, 11, 1))
    owed = duty(rule, world.li, f"e{event.pk}")
    assert (owed.due_on - owed.opens_on).days == within


def test_a_late_talk_still_closes_an_event_duty_and_one_talk_closes_several(world):
    first = happen(world.li, EventKind.ABSENCE, date(2026, 9, 1))
    second = happen(world.li, EventKind.HONOUR, date(2026, 9, 5))
    talk(world.li, world.commissioner, on=date(2026, 10, 20))
    assert duty("talk-on-absence-or-dues", world.li, f"e{first.pk}").state == State.DONE
    assert duty("talk-on-honour", world.li, f"e{second.pk}").state == State.DONE
    assert duty("yearly-talk", world.li).state == State.OPEN  # the organisation commissioner is not the secretary


def test_a_talk_before_the_event_does_not_close_its_duty(world):
    talk(world.li, world.secretary, on=date(2026, 10, 31))
    event = happen(world.li, EventKind.HONOUR, date(2026, 11, 1))
    assert duty("talk-on-honour", world.li, f"e{event.pk}").state == State.OPEN


def test_a_withdrawn_event_removes_its_duty_and_says_so_in_the_audit(world):
    event = happen(world.li, EventKind.HONOUR, date(2026, 11, 1))
    unhappen(event)
    assert not Duty.objects.filter(event=event).exists()
    row = AuditRow.objects.get(act=Act.REMOVE)
    assert row.detail["keys"] == [f"m{world.li.pk}:e{event.pk}"]


def test_an_event_outside_the_policy_or_before_the_start_day_opens_nothing(world):
    happen(world.outsider, EventKind.HONOUR, date(2026, 11, 1))
    happen(world.li, EventKind.HONOUR, date(2025, 12, 30))
    assert not Duty.objects.filter(event__isnull=False).exists()


def test_an_overdue_event_duty_moves_on_with_a_transfer_inside_the_policy(world):
    event = happen(world.li, EventKind.HONOUR, date(2026, 3, 1))
    move(world.li, world.sibling, date(2026, 3, 20))
    owed = duty("talk-on-honour", world.li, f"e{event.pk}")
    assert (owed.state, owed.organisation) == (State.OPEN, world.sibling)


def test_a_political_birthday_opens_seven_days_before_and_closes_seven_days_after(world):
    owed = duty("political-birthday", world.commissioner)
    assert (owed.opens_on, owed.due_on, owed.state) == (date(2026, 10, 30), date(2026, 11, 6), State.LAPSED)
    late = talk(world.commissioner, world.secretary, on=date(2026, 11, 14))
    assert duty("political-birthday", world.commissioner).state == State.LAPSED
    withdraw(late)
    talk(world.commissioner, world.secretary, on=date(2026, 11, 13))
    assert duty("political-birthday", world.commissioner).state == State.DONE


@pytest.mark.parametrize(("year", "on"), [(2027, date(2027, 2, 28)), (2028, date(2028, 2, 29))])
def test_the_29th_of_february_is_kept_on_the_28th_in_common_years(world, year, on):
    someone = member("范文", world.branch, joined=date(2004, 2, 29), full=date(2005, 3, 1))
    sweep_on(on)
    owed = duty("political-birthday", someone, str(year))
    assert (owed.due_on, owed.opens_on) == (on, date.fromordinal(on.toordinal() - 7))


def test_a_birthday_in_the_first_days_of_january_opens_in_december(world):
    someone = member("范文", world.branch, joined=date(2004, 1, 3))
    sweep_on(date(2026, 12, 26))
    assert not Duty.objects.filter(member=someone, period="2027").exists()
    sweep_on(date(2026, 12, 27))
    assert duty("political-birthday", someone, "2027").due_on == date(2027, 1, 3)


def test_the_joining_day_itself_is_no_birthday(world):
    someone = member("范文", world.branch, joined=date(2026, 11, 1), full=None, standing=Standing.PROBATIONARY)
    sweep_on(date(2026, 12, 1))
    assert not Duty.objects.filter(member=someone, rule__code="political-birthday").exists()


def test_a_missed_year_stays_with_the_branch_that_missed_it(world):
    sweep_on(date(2027, 1, 10))
    move(world.li, world.sibling, date(2027, 1, 15))
    sweep_on(date(2027, 1, 20))
    missed = duty("yearly-talk", world.li)
    assert (missed.state, missed.organisation) == (State.OPEN, world.branch)
    assert duty("yearly-talk", world.li, "2027").organisation == world.sibling
    talk(world.li, world.sibling_secretary, on=date(2027, 1, 16))
    assert duty("yearly-talk", world.li).state == State.OPEN


def test_a_waiver_holds_until_the_thing_is_done(world):
    waive(duty("yearly-talk", world.li))
    assert duty("yearly-talk", world.li).state == State.WAIVED
    talk(world.li, world.secretary, on=date(2026, 3, 2))
    assert duty("yearly-talk", world.li).state == State.DONE


def test_late_adoption_counts_earlier_talks_and_opens_nothing_that_fell_due_before(cast):
    talk(cast.li, cast.secretary, on=date(2026, 3, 2))
    adopt_pack(cast.committee, since=date(2026, 11, 1))
    report = sweep_on(TODAY)
    done = duty("yearly-talk", cast.li)
    assert (done.state, done.opens_on, done.counts_from) == (State.DONE, date(2026, 11, 1), date(2026, 1, 1))
    birthdays = Duty.objects.filter(rule__code="political-birthday")
    assert {each.due_on for each in birthdays} == {date(2026, 11, 6)}
    assert (report.opened, report.closed, report.voided) == (11, 1, 0)
    cast.committee.refresh_from_db()
    assert cast.committee.start_day == date(2026, 11, 1)


def test_a_second_sweep_changes_nothing(world):
    before = table()
    report = sweep_on(TODAY)
    assert (report.opened, report.closed, report.voided) == (0, 0, 0)
    assert table() == before


def test_a_sweep_for_an_earlier_day_only_reports(world):
    before = table()
    report = sweep_on(date(2026, 6, 1))
    assert len(report.only_reported) == Rule.objects.count()
    assert report.by_rule == []
    assert table() == before


def test_a_sweep_for_a_past_day_is_made_good_by_todays(cast):
    """Catching up day by day: facts of the days between must not be lost."""
    talk(cast.li, cast.secretary, on=date(2026, 11, 15))
    adopt_pack(cast.committee)
    sweep_on(date(2026, 10, 28))
    assert duty("yearly-talk", cast.li).state == State.OPEN
    event = happen(cast.zhao, EventKind.HONOUR, date(2026, 11, 18))
    sweep_on(date(2026, 11, 10))
    assert not Duty.objects.filter(event=event).exists()
    sweep_on(TODAY)
    assert duty("yearly-talk", cast.li).state == State.DONE
    assert duty("talk-on-honour", cast.zhao, f"e{event.pk}").state == State.OPEN
    assert table() == rebuilt(TODAY)


def test_a_change_of_the_tree_before_the_nights_sweep_loses_no_fact_of_the_day(cast):
    adopt_pack(cast.committee)
    sweep_on(date(2026, 11, 20))
    talk(cast.li, cast.secretary, on=date(2026, 11, 22))
    event = happen(cast.zhao, EventKind.HONOUR, date(2026, 11, 22))
    facts_changed(Fact.ORGANISATION, since=TODAY, people=None, organisations=None)
    assert duty("yearly-talk", cast.li).state == State.DONE
    assert Duty.objects.filter(event=event).exists()


def test_a_talk_in_the_closing_week_counts_after_a_move_within_the_policy(world):
    move(world.commissioner, world.sibling, date(2026, 11, 8))
    talk(world.commissioner, world.sibling_secretary, on=date(2026, 11, 10))
    assert duty("political-birthday", world.commissioner).state == State.DONE


def test_a_branch_that_adopts_again_takes_nothing_away(world):
    before = table()
    adopt_pack(world.branch, since=date(2026, 11, 1))
    sweep_on(TODAY)
    assert table() == before


def test_what_happens_after_a_year_is_over_does_not_touch_its_rows(world):
    sweep_on(date(2027, 1, 5))
    move(world.li, world.other_branch, date(2027, 1, 9))
    sweep_on(date(2027, 1, 20))
    assert table() == rebuilt(date(2027, 1, 20))


def test_a_policy_nobody_follows_any_more_leaves_no_duty(world):
    Adoption.objects.all().delete()
    rebuild_reach(Policy.objects.get())
    facts_changed(Fact.ADOPTION, since=TODAY, people=None, organisations=None)
    sweep_on(TODAY)
    assert not Duty.objects.exists()


def test_a_rule_that_a_pack_gains_reaches_those_who_adopted_it_before(world):
    Rule.objects.get(code="yearly-talk").delete()
    load_pack("henan-water-2020")
    sweep_on(TODAY)
    assert duty("yearly-talk", world.li).state == State.OPEN


def test_an_adoption_to_come_opens_nothing_before_its_day(cast):
    adopt_pack(cast.committee, since=date(2026, 12, 1))
    happen(cast.li, EventKind.HONOUR, date(2026, 11, 20))
    assert not Duty.objects.exists()


def test_a_day_after_today_needs_ahead(world):
    with pytest.raises(SweepRefused, match="晚于今天"):
        sweep(on=date(2026, 11, 24), today=TODAY)


def test_adopting_twice_is_refused(world):
    with pytest.raises(AdoptionRefused, match="已于 2026-01-01 采用"):
        adopt_pack(world.committee, since=date(2026, 5, 1))


def test_a_second_adopter_on_the_day_of_a_sweep_is_swept_the_same_day(world):
    adopt_pack(world.other, since=TODAY)
    sweep_on(TODAY)
    assert duty("yearly-talk", world.outsider).opens_on == TODAY


def test_a_branch_that_was_never_under_the_policy_loses_its_duties(world):
    """Counterexample 4 of nucleus.md: the earliest day of reach moves, old periods must go too."""
    place(world.general, world.other, since=date(1900, 1, 1))
    rebuild_lineage()
    facts_changed(Fact.ORGANISATION, since=date(1900, 1, 1), people=None, organisations=None)
    assert not Duty.objects.filter(member=world.li).exists()
    assert Duty.objects.filter(member=world.clerk).exists()


def test_a_branch_that_leaves_the_policy_today_voids_what_runs(world):
    place(world.general, world.other, since=date(2026, 11, 20))
    rebuild_lineage()
    facts_changed(Fact.ORGANISATION, since=date(2026, 11, 20), people=None, organisations=None)
    void = duty("yearly-talk", world.li)
    world.branch.refresh_from_db()
    assert (void.state, void.reason, void.closed_on, void.path) == (
        State.VOID, "reach", date(2026, 11, 20), world.branch.path,
    )  # fmt: skip


def test_a_quiet_night_runs_only_for_those_whose_own_day_comes_round(world, monkeypatch):
    born = member("范文", world.branch, joined=date(2020, 12, 1))  # the window of his political birthday opens
    ran = []
    monkeypatch.setattr(
        "duties.engine.sweep.run_period",
        lambda rule, period, on, circle: ran.append((rule.code, period.code, circle.people)) or 0,
    )
    tomorrow = date(2026, 11, 24)
    sweep(on=tomorrow, today=tomorrow)
    assert {code for code, _, _ in ran} == {"political-birthday"}
    assert {tuple(people) for _, _, people in ran} == {(born.pk,)}


def test_a_membership_that_begins_tomorrow_is_found_by_tomorrows_sweep(world):
    someone = person("范文", joined=date(2020, 1, 1))
    join(someone, world.branch, since=date(2026, 11, 24))
    sweep_on(date(2026, 11, 24))
    assert duty("yearly-talk", someone).opens_on == date(2026, 11, 24)


def test_any_history_equals_one_clean_run(world):
    """A fixed walk through most acts; the random worlds of a later issue walk further."""
    event = happen(world.li, EventKind.PUNISHMENT, date(2026, 4, 1))
    talk(world.li, world.general_secretary, on=date(2026, 4, 3))
    end_post(world.secretary, world.branch, date(2026, 4, 2))
    move(world.zhao, world.sibling, date(2026, 6, 1))
    move(world.sun, world.other_branch, date(2026, 7, 1))
    sweep_on(date(2026, 12, 30))
    die(world.commissioner, date(2026, 12, 5))
    take_post(world.li, world.branch, since=date(2026, 5, 1))
    talk(world.zhao, world.sibling_secretary, on=date(2026, 6, 20))
    move(world.sun, world.sibling, date(2026, 12, 20))
    unhappen(event)
    again = happen(world.zhao, EventKind.HONOUR, date(2026, 5, 20))
    waive(duty("talk-on-honour", world.zhao, f"e{again.pk}"))
    post(world.zhao, world.sibling, Role.GROUP_LEADER, since=date(2026, 9, 1), until=FAR)
    sweep_on(date(2027, 2, 1))
    assert len(table()) > 20
    assert table() == rebuilt(date(2027, 2, 1))
