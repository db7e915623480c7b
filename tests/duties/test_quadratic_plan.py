"""A second run over 100,000 members right after the first, while the planner still believes there are next to none.

PostgreSQL plans by statistics. Right after a rule's first run they know nothing of its rows, and a nested loop over
them looks cheap: such a run took minutes where a hash join takes a second (the square of the members, not their
number). ``SET LOCAL enable_nestloop`` and the materialised steps of the engine are there for that.
"""

from datetime import date
from time import monotonic

import pytest
from django.db import connection
from django.db.models import Count

from base.append_only import lifts
from duties.engine.models import Duty, SweptRule
from duties.engine.records import enter_record
from duties.engine.sweep import sweep
from duties.policy.adoption import adopt
from members.enums import OrganisationKind
from members.models import Lineage, Organisation, Person
from tests.conftest import ONLY_GROW
from tests.duties.pack import load_rules
from tests.world import member, organisation, post

MEMBERS, BRANCHES, TALKS = 100_000, 2_000, 60_000
TODAY = date(2026, 11, 23)
pytestmark = [pytest.mark.postgresql, pytest.mark.django_db]


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def multiply(row, source: str, **columns: str) -> None:
    """Copies of a row, one for each row of the SQL ``source``, with these columns said in SQL."""
    table = row._meta.db_table
    names = [field.column for field in row._meta.concrete_fields if not field.primary_key]
    values = ", ".join(columns.get(name, f"t.{name}") for name in names)
    execute(f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {table} t, {source} AND t.id = {row.pk}")


def crowd(committee: Organisation, branch: Organisation, somebody: Person) -> None:
    """2,000 branches of 50 members, each with a secretary; 60,000 talks. Members and branches are named by numbers."""
    path = f"'{committee.path}' || LPAD((n + 1)::text, 5, '0')"
    multiply(branch, f"GENERATE_SERIES(1, {BRANCHES - 1}) n WHERE TRUE", code="n::text", path=path)
    line = Lineage.objects.filter(organisation=branch)
    for distance, ancestor in ((0, "o.id"), (1, str(committee.pk))):
        multiply(line.get(distance=distance), f"members_organisation o WHERE o.kind = 'branch' AND o.id <> {branch.pk}",
                 organisation_id="o.id", ancestor_id=ancestor)  # fmt: skip
    multiply(somebody, f"GENERATE_SERIES(1, {MEMBERS - 1}) n WHERE TRUE", name="n::text")
    stay = "members_person p JOIN members_organisation o ON o.kind = 'branch' AND o.code::int = p.name::int % 2000"
    columns = {"organisation_id": "o.id", "path": "o.path"}
    multiply(somebody.memberships.get(), f"{stay} WHERE p.id <> {somebody.pk}", person_id="p.id", **columns)
    first = post(somebody, branch)
    leads = f"{stay} WHERE p.name::int BETWEEN 1 AND {BRANCHES - 1}"
    multiply(first, leads, person_id="p.id", organisation_id="o.id")
    record = enter_record(by=None, organisation=branch, member=somebody, action="talk", on=date(2026, 3, 2),
                          people=[somebody], today=TODAY)  # fmt: skip
    talks = f"{stay} WHERE p.name::int BETWEEN {BRANCHES} AND {BRANCHES + TALKS - 1}"
    multiply(record, talks, member_id="p.id", **columns)
    acted = "engine_record k JOIN members_post s ON s.organisation_id = k.organisation_id"
    multiply(record.actors.get(), f"{acted} WHERE k.id <> {record.pk}", record_id="k.id", person_id="s.person_id")
    execute("DISCARD PLANS")  # those by which earlier tests checked keys of tiny tables


def seconds(act) -> float:
    start = monotonic()
    act()
    return monotonic() - start


def test_a_second_run_over_everybody_is_no_dearer_than_the_first():
    # Other tests leave their files large, and the planner would think otherwise of this one after them than alone.
    for statement in [each for table, _key in ONLY_GROW for each in lifts("postgresql", table)]:
        execute(statement)  # undone with the test
    execute("TRUNCATE members_organisation, members_person, engine_record, engine_duty CASCADE")
    committee = organisation("c", OrganisationKind.COMMITTEE)
    branch = organisation("0", parent=committee)
    somebody = member("0", branch, since=date(2020, 1, 1))
    execute("ANALYZE")  # what the planner goes by from here on: one of each, no duty
    execute("SET LOCAL enable_nestloop = off")  # building the crowd would itself fall into the trap
    crowd(committee, branch, somebody)
    execute("SET LOCAL enable_nestloop = on")
    policy = load_rules(["talk-yearly"], "p0")
    adopt(by=None, organisation=committee, policy=policy, since=date(2026, 1, 1), today=TODAY)

    first = seconds(lambda: sweep(on=TODAY, today=TODAY))
    states = dict(Duty.objects.values_list("state").annotate(Count("pk")))
    assert states == {"done": TALKS, "open": MEMBERS - TALKS}
    SweptRule.objects.update(behind=True)  # as after an adoption: everything is run again
    execute(f"SET LOCAL statement_timeout = {int(1000 * max(10, 2 * first))}")
    second = seconds(lambda: sweep(on=TODAY, today=TODAY))
    assert dict(Duty.objects.values_list("state").annotate(Count("pk"))) == states
    assert second < max(10, 2 * first)
