"""Dates worked out by hand: what the engine makes of them, and the oracle. 2024, 2028 and 2032 are leap years."""

from datetime import date, timedelta

import pytest

from base.dates import FAR
from base.facts import Fact, facts_changed
from duties.engine.records import enter_record
from duties.policy.adoption import adopt
from members.enums import OrganisationKind, Standing
from members.models import Category, Event, Membership, Organisation, Tie
from tests.duties.acts import sweep_on
from tests.duties.living import duties
from tests.duties.oracle import oracle
from tests.duties.pack import load_rules
from tests.world import member, organisation, person, post

pytestmark = pytest.mark.django_db


class Bed:
    """One branch under one rule since 2022, with its secretary and one member."""

    def __init__(self, code: str):
        self.code = code
        self.branch = organisation("1", OrganisationKind.BRANCH)
        self.secretary = member("书记", self.branch, since=date(2020, 1, 1), joined=None, full=None, born=None)
        self.member = member("党员", self.branch, since=date(2020, 1, 1), joined=None, full=None, born=None)
        post(self.secretary, self.branch)
        policy = load_rules([code], "p")
        adopt(by=None, organisation=self.branch, policy=policy, since=date(2022, 1, 1), today=date(2022, 1, 1))

    def say(self, **given) -> None:
        for name, value in given.items():
            setattr(self.member, name, value)
        self.member.save()

    def kept(self, kind: str, since: date, until: date = FAR) -> Category:
        return Category.objects.create(person=self.member, kind=kind, since=since, until=until)

    def act(self, on: date, action: str):
        return enter_record(by=None, organisation=self.branch, member=self.member, action=action, on=on,
                            people=[self.secretary], today=on)  # fmt: skip

    def stay(self, since: date, until: date) -> None:
        Membership.objects.filter(person=self.member).update(since=since, until=until)

    def owed(self, on: date) -> dict:
        """What the member owes or is owed on a day, by the rest of the key; the oracle says the same."""
        sweep_on(on)
        found = duties()
        assert found == oracle(on)
        mine = {key.partition(":"): row for (_, key), row in found.items()}
        return {rest: row for (who, _, rest), row in mine.items() if who == f"m{self.member.pk}"}


def d(text: str) -> date:
    return date.fromisoformat(text)


def rows(table: str) -> list:
    return [pytest.param(*line.split(), id=line.split()[0]) for line in table.strip().splitlines()]


def check(owed, opens: str, due: str) -> None:
    assert (owed.opens_on, owed.counts_from, owed.due_on) == (d(opens), d(opens), d(due))


LEAP_DAY = """
    2024 2024-02-22 2024-02-29
    2025 2025-02-21 2025-02-28
    2026 2026-02-21 2026-02-28
    2027 2027-02-21 2027-02-28
    2028 2028-02-22 2028-02-29
    2029 2029-02-21 2029-02-28
    2030 2030-02-21 2030-02-28
    2031 2031-02-21 2031-02-28
    2032 2032-02-22 2032-02-29
    2033 2033-02-21 2033-02-28
    2034 2034-02-21 2034-02-28
"""


@pytest.mark.parametrize(("year", "opens", "due"), rows(LEAP_DAY))
def test_the_29th_of_february(year, opens, due):
    bed = Bed("joined-yearly")
    bed.say(joined_on=d("2004-02-29"))
    assert year not in bed.owed(d(opens) - timedelta(1))
    check(bed.owed(d(opens))[year], opens, due)
    assert bed.owed(d(due))[year].state == "open"
    assert bed.owed(d(due) + timedelta(1))[year].state == "lapsed"


MONTHS = """
    1998-01-01 2024-12-25 2025-01-31
    1998-02-01 2024-01-25 2024-02-29
    1998-02-01 2025-01-25 2025-02-28
    1998-04-01 2026-03-25 2026-04-30
    1998-07-01 2030-06-24 2030-07-31
    1998-12-01 2033-11-24 2033-12-31
"""


@pytest.mark.parametrize(("joined", "opens", "due"), rows(MONTHS))
def test_a_date_known_to_the_month_is_due_by_the_months_last_day(joined, opens, due):
    bed = Bed("joined-yearly")
    bed.say(joined_on=d(joined), joined_precision="month")
    assert due[:4] not in bed.owed(d(opens) - timedelta(1))
    check(bed.owed(d(opens))[due[:4]], opens, due)


def test_a_date_known_to_the_year_makes_no_duty():
    bed = Bed("joined-yearly")
    bed.say(joined_on=d("1998-01-01"), joined_precision="year")
    assert bed.owed(d("2026-12-31")) == {}


FIFTY = """
    1975-03-01 day 2024-12-31 2025-03-01
    1976-02-29 day 2025-12-30 2026-02-28
    1978-02-01 month 2027-12-03 2028-02-29
    1984-02-29 day 2033-12-30 2034-02-28
    1984-02-01 month 2033-12-03 2034-02-28
"""


@pytest.mark.parametrize(("joined", "precision", "opens", "due"), rows(FIFTY))
def test_fifty_years(joined, precision, opens, due):
    bed = Bed("fifty-years")
    bed.say(joined_on=d(joined), joined_precision=precision)
    assert bed.owed(d(opens) - timedelta(1)) == {}
    owed = bed.owed(d(opens))
    assert list(owed) == ["50y"]
    check(owed["50y"], opens, due)


SPRINGS = """
    2024 2024-01-11 2024-02-08 2024-02-15
    2025 2024-12-30 2025-01-27 2025-02-03
    2026 2026-01-18 2026-02-15 2026-02-22
    2027 2027-01-07 2027-02-04 2027-02-11
    2028 2027-12-27 2028-01-24 2028-01-31
    2029 2029-01-14 2029-02-11 2029-02-18
    2030 2030-01-04 2030-02-01 2030-02-08
    2031 2030-12-24 2031-01-21 2031-01-28
    2032 2032-01-12 2032-02-09 2032-02-16
    2033 2033-01-01 2033-01-29 2033-02-05
    2034 2034-01-20 2034-02-17 2034-02-24
"""
"""春节 falls on 10 Feb 2024, then 29 Jan, 17 Feb, 6 Feb, 26 Jan, 13 Feb, 3 Feb, 23 Jan, 11 Feb, 31 Jan, 19 Feb 2034."""


@pytest.mark.parametrize(("year", "opens", "due", "closes"), rows(SPRINGS))
def test_spring_festival_opens_thirty_days_before_even_in_the_old_year(year, opens, due, closes):
    bed, key = Bed("spring-all"), f"spring-{year}"
    bed.kept("elderly", d("2020-01-01"))
    assert key not in bed.owed(d(opens) - timedelta(1))
    check(bed.owed(d(opens))[key], opens, due)
    bed.act(d(closes) + timedelta(1), "visit")
    assert bed.owed(d(closes) + timedelta(1))[key].state == "open"
    bed.act(d(closes), "visit")
    assert bed.owed(d(closes) + timedelta(1))[key].closed_on == d(closes)


@pytest.mark.parametrize("year", range(2024, 2035))
def test_new_year_is_counted_from_december_to_january(year):
    bed, key = Bed("newyear-may"), f"newyear-{year}"
    bed.act(date(year - 1, 12, 19), "greeting")
    first = bed.act(date(year - 1, 12, 20), "greeting")
    owed = bed.owed(date(year, 1, 10))[key]
    check(owed, f"{year - 1}-12-20", f"{year}-01-01")
    assert (owed.state, owed.closed_by, owed.closed_on) == ("done", first.pk, date(year - 1, 12, 20))


PERIODS = """
    talk-yearly 2024 2024-01-01 2024-12-31
    talk-yearly 2034 2034-01-01 2034-12-31
    visit-half 2024-H1 2024-01-01 2024-06-30
    visit-half 2025-H2 2025-07-01 2025-12-31
    talk-monthly-may 2024-02 2024-02-01 2024-02-29
    talk-monthly-may 2025-02 2025-02-01 2025-02-28
    talk-monthly-may 2028-02 2028-02-01 2028-02-29
    talk-monthly-may 2026-04 2026-04-01 2026-04-30
    talk-monthly-may 2033-12 2033-12-01 2033-12-31
    study-semester 2024-S1 2024-02-29 2024-07-15
    study-semester 2025-S1 2025-02-28 2025-07-15
    study-semester 2024-S2 2024-09-01 2025-01-20
    study-semester 2033-S2 2033-09-01 2034-01-20
"""


@pytest.mark.parametrize(("code", "key", "opens", "due"), [row.values for row in rows(PERIODS)])
def test_periods_of_a_quota(code, key, opens, due):
    bed = Bed(code)
    Category.objects.create(person=bed.member, kind="hardship", grade="一级", since=d("2020-01-01"))
    assert key not in bed.owed(d(opens) - timedelta(1))
    check(bed.owed(d(opens))[key], opens, due)
    assert bed.owed(d(due) + timedelta(1))[key].held_to == d(due) + timedelta(1)


@pytest.mark.parametrize("quarter", range(1, 5))
@pytest.mark.parametrize("year", [2024, 2027])
def test_quarters(year, quarter):
    bed = Bed("pair-quarter")
    post(bed.member, bed.branch, "deputy_secretary")
    ends = {1: "03-31", 2: "06-30", 3: "09-30", 4: "12-31"}[quarter]
    owed = bed.owed(d(f"{year}-{ends}"))[f"a{bed.secretary.pk}:{year}-Q{quarter}"]
    check(owed, f"{year}-{3 * quarter - 2:02}-01", f"{year}-{ends}")


INTERVALS = """
    2024-01-01 1 2024-01-01 2024-02-29
    2024-01-01 2 2024-03-01 2024-04-29
    2025-01-01 1 2025-01-01 2025-03-01
    2025-01-01 2 2025-03-02 2025-04-30
    2027-12-31 3 2028-04-29 2028-06-27
"""


@pytest.mark.parametrize(("since", "k", "opens", "due"), [row.values for row in rows(INTERVALS)])
def test_intervals_are_counted_in_days(since, k, opens, due):
    bed = Bed("visit-interval")
    row = bed.kept("serious_illness", d(since))
    key = f"c{row.pk}:{k}"
    assert key not in bed.owed(d(opens) - timedelta(1))
    check(bed.owed(d(opens))[key], opens, due)


MILESTONES = """
    2024-03-10 2024-01-30 2024-02-29
    2025-03-10 2025-01-29 2025-02-28
    2028-01-05 2027-11-26 2027-12-26
    2034-01-01 2033-11-22 2033-12-22
"""


@pytest.mark.parametrize(("until", "opens", "due"), rows(MILESTONES))
def test_ten_days_before_a_category_ends(until, opens, due):
    bed = Bed("before-the-end")
    row = bed.kept("disciplined", d("2023-06-01"), d(until))
    assert bed.owed(d(opens) - timedelta(1)) == {}
    check(bed.owed(d(opens))[f"c{row.pk}"], opens, due)


@pytest.mark.parametrize(("since", "due"), [("2024-02-05", "2024-03-01"), ("2025-02-05", "2025-03-02")])
def test_twenty_five_days_after_a_category_began(since, due):
    bed = Bed("after-the-start")
    row = bed.kept("injured", d(since))
    check(bed.owed(d(since))[f"c{row.pk}"], since, due)


@pytest.mark.parametrize(("on", "due"), [("2024-02-26", "2024-03-04"), ("2025-02-26", "2025-03-05")])
def test_within_seven_days_of_an_event(on, due):
    bed = Bed("event-talk")
    event = Event.objects.create(person=bed.member, kind="honour", occurred_on=d(on), entered_on=d(on))
    check(bed.owed(d(on))[f"e{event.pk}"], on, due)


HALF_OPEN = """
    2020-01-01 2026-12-31 void 2026-01-01 2026-12-31
    2020-01-01 2027-01-01 open 2026-01-01 2027-01-01
    2020-01-01 2027-03-01 open 2026-01-01 2027-01-01
    2026-12-31 9999-12-31 open 2026-12-31 2027-01-01
    2020-01-01 2026-01-02 void 2026-01-01 2026-01-02
"""


@pytest.mark.parametrize(("since", "until", "state", "opens", "held_to"), [row.values for row in rows(HALF_OPEN)])
def test_a_day_more_or_less_at_either_end(since, until, state, opens, held_to):
    bed = Bed("talk-yearly")
    bed.stay(d(since), d(until))
    owed = bed.owed(d("2027-06-01"))["2026"]
    assert (owed.state, owed.opens_on, owed.held_to) == (state, d(opens), d(held_to))
    assert (owed.reason, owed.closed_on) == (("standing", d(held_to)) if state == "void" else ("", None))


@pytest.mark.parametrize(("since", "until"), [("2027-01-01", "9999-12-31"), ("2020-01-01", "2026-01-01")])
def test_who_was_there_on_no_day_of_the_year_owes_nothing_for_it(since, until):
    bed = Bed("talk-yearly")
    bed.stay(d(since), d(until))
    assert "2026" not in bed.owed(d("2027-06-01"))


@pytest.mark.parametrize(
    ("on", "state"),
    [("2025-12-31", "open"), ("2026-01-01", "done"), ("2026-12-31", "done"), ("2027-01-01", "open")],
)
def test_only_acts_of_the_year_count(on, state):
    bed = Bed("talk-yearly")
    bed.act(d(on), "talk")
    assert bed.owed(d("2027-06-01"))["2026"].state == state


@pytest.mark.parametrize(("on", "state"), [("2026-05-31", "done"), ("2026-06-01", "void")])
def test_nothing_done_on_the_day_of_leaving_or_after_revives(on, state):
    bed = Bed("talk-yearly")
    Membership.objects.filter(person=bed.member).update(until=d("2026-06-01"))
    Membership.objects.create(
        person=bed.member, organisation=bed.branch, standing=Standing.LOST, since=d("2026-06-01"), path=bed.branch.path
    )
    bed.act(d(on), "talk")
    assert bed.owed(d("2026-12-31"))["2026"].state == state


def test_a_state_lost_on_the_leap_day_is_to_be_made_good_in_fifteen_days():
    bed = Bed("two-contacts")
    bed.kept("bereaved", d("2023-01-01"))
    friends = [person(name) for name in ("甲", "乙")]
    for friend, until in zip(friends, (FAR, d("2024-02-29")), strict=True):
        Tie.objects.create(person=bed.member, kind="contact", to=friend, since=d("2023-02-01"), until=until)
    made = bed.owed(d("2024-02-28"))[""]
    assert (made.state, made.opens_on, made.due_on, made.closed_on) == (
        "done", d("2023-01-01"), d("2023-01-16"), d("2023-02-01"),
    )  # fmt: skip
    lost = bed.owed(d("2024-02-29"))[""]
    assert (lost.state, lost.opens_on, lost.due_on, lost.held_to) == ("open", d("2024-02-29"), d("2024-03-15"), FAR)


def test_an_organisation_reports_twice_a_year_from_the_day_it_started():
    bed = Bed("report-half")
    Organisation.objects.update(start_day=d("2026-02-28"))
    facts_changed(Fact.ORGANISATION, since=d("2022-01-01"), people=None, organisations=None)
    bed.owed(d("2026-07-01"))
    assert {row.period: (row.opens_on, row.counts_from, row.due_on) for row in duties().values()} == {
        "2026-H1": (d("2026-02-28"), d("2026-01-01"), d("2026-06-30")),
        "2026-H2": (d("2026-07-01"), d("2026-07-01"), d("2026-12-31")),
    }
