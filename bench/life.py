"""What happens in the invented province beside talks: deaths, categories, ties, events, and what was done about them.

So that every kind of rule has rows. Built by the database from the members of ``world.py``; days counted from today.
"""

from datetime import date, timedelta

from base.dates import FAR
from bench.database import ask, execute
from bench.world import dice, spread
from duties.engine.models import Record, RecordPerson
from members.enums import CategoryKind, EventKind, OrganisationKind, Role, Standing, TieKind
from members.models import Category, Event, Membership, Post, Tie

SHARES = {
    CategoryKind.ELDERLY: (50, ("", "享受生活补贴")), CategoryKind.HARDSHIP: (20, ("一级", "二级")),
    CategoryKind.HONOUREE: (5, ("国家级", "省部级")), CategoryKind.POSTED: (5, ("",)),
    CategoryKind.DISCIPLINED: (4, ("留党察看一年", "严重警告")), CategoryKind.SERIOUS_ILLNESS: (3, ("",)),
    CategoryKind.INJURED: (2, ("",)), CategoryKind.AWAITING_RIGHTS: (1, ("",)),
}  # fmt: skip
"""Of a thousand members, and the grades among them."""

VETERAN = "{0} % 1000 = 9"
ALSO = {
    CategoryKind.ELDERLY: VETERAN,
    CategoryKind.HONOUREE: "{0} % 1000 = 77",
    CategoryKind.INJURED: "{0} % 20 = 3 AND {0} IN (SELECT person_id FROM members_category WHERE kind = 'hardship')",
}
"""Who belongs to it besides, so that rules on two things at once have rows: veterans, some of the dead, the poor."""

ANSWERED_BY = {
    EventKind.DEATH: "condolence", EventKind.MERIT: "commend", EventKind.COMMENDATION: "commend",
    EventKind.TRAUMA: "referral", EventKind.FALSE_REPORT: "clearing", EventKind.ILLNESS: "visit",
    EventKind.SETBACK: "visit", EventKind.FAMILY_CHANGE: "visit", EventKind.DISASTER: "visit",
    EventKind.CRITICAL: "visit", EventKind.HARD_TASK: "visit", EventKind.TASK_HARDSHIP: "visit",
    EventKind.FAMILY_ACCIDENT: "visit", EventKind.HOSPITAL: "visit",
}  # fmt: skip
"""With what an event is mostly answered; the others with a talk."""


def enliven(day: date) -> None:
    """Add all this to the province in the database of the connection."""
    new_year = date(day.year, 1, 1)
    days = max(1, (day - new_year).days)
    _posts(new_year)
    _veterans()
    _deaths(f"DATE '{new_year}' + ({dice('m.person_id', 20, days)})::int")
    execute("ANALYZE")
    _categories(new_year, day)
    _ties(new_year)
    _events(f"DATE '{new_year}'", days)
    execute("ANALYZE")
    _acts(day, days, new_year)
    execute("VACUUM ANALYZE")


def _posts(new_year: date) -> None:
    """A commissioner in four branches of five, a department clerk in each committee."""
    chosen = f"""(
      SELECT o.id AS place, o.kind, (
        SELECT m.person_id FROM members_membership m
        WHERE m.path >= o.path AND m.path < o.path || 'x' AND m.until = DATE '{FAR}'
        ORDER BY m.path, m.person_id OFFSET 4 LIMIT 1) AS person
      FROM members_organisation o WHERE (o.kind = '{OrganisationKind.BRANCH}' AND o.id % 5 > 0)
         OR o.kind = '{OrganisationKind.COMMITTEE}') AS lead WHERE lead.person IS NOT NULL"""
    role = (
        f"CASE lead.kind WHEN '{OrganisationKind.BRANCH}' THEN '{Role.ORGANISATION_COMMISSIONER}'"
        f" ELSE '{Role.DEPARTMENT_CLERK}' END"
    )
    post = Post(since=new_year - timedelta(days=1000))
    spread(post, chosen, person_id="lead.person", organisation_id="lead.place", role=role)


def _veterans() -> None:
    """One in a thousand joined before the founding of the republic."""
    joined = "DATE '1948-03-01' + (id / 1000 % 500)::int"
    execute(
        f"UPDATE members_person SET birth_on = DATE '1928-01-01', joined_on = {joined}, full_on = {joined} + 365"
        f" WHERE {VETERAN.format('id')}"
    )


def _deaths(on: str) -> None:
    """One in two hundred died this year; the branch keeps them."""
    whom = (
        f"m.person_id % 200 = 77 AND m.until = DATE '{FAR}' AND m.since < {on}"
        " AND m.person_id NOT IN (SELECT person_id FROM members_post)"
    )
    execute(f"UPDATE members_membership m SET until = {on} WHERE {whom}")
    dead = f"members_membership m WHERE m.person_id % 200 = 77 AND m.until = {on}"
    spread(Membership(standing=Standing.DEAD), dead, person_id="m.person_id", organisation_id="m.organisation_id",
           path="m.path", since="m.until")  # fmt: skip


def _categories(new_year: date, day: date) -> None:
    """Begun within the last months or long ago; every fifth has ended, a sanction ends after a year."""
    for salt, (kind, (share, grades)) in enumerate(SHARES.items(), start=30):
        since = f"LEAST(DATE '{day}', DATE '{new_year}' - 200 + ({dice('p.id', salt + 30, 400)})::int)"
        ended = f"CASE WHEN p.id % 5 = 0 THEN {since} + 150 ELSE DATE '{FAR}' END"
        if kind == CategoryKind.DISCIPLINED:
            ended = f"{since} + 365"
        grade = f"(ARRAY[{', '.join(repr(each) for each in grades)}])[1 + p.id % {len(grades)}]"
        also = ALSO.get(kind, "FALSE").format("p.id")
        spread(Category(kind=kind), f"members_person p WHERE {dice('p.id', salt, 1000)} < {share} OR ({also})",
               person_id="p.id", grade=grade, since=since, until=ended)  # fmt: skip
    dead = f"members_membership m WHERE m.standing = '{Standing.DEAD}' AND m.person_id % 400 = 77"
    spread(Category(kind=CategoryKind.BEREAVED), dead, person_id="m.person_id", since="m.since")


def _ties(new_year: date) -> None:
    """Two members in a hundred have a leader of the committee; families and the sanctioned mostly somebody near."""
    since = f"DATE '{new_year}' - 100 + ({dice('m.person_id', 80, 300)})::int"
    leader = f"""members_membership m
      CROSS JOIN LATERAL (SELECT LEFT(m.path, 10) AS path UNION SELECT LEFT(m.path, 15)) AS above
      JOIN members_organisation o ON o.path = above.path
      JOIN members_post p ON p.organisation_id = o.id AND p.role = '{Role.SECRETARY}' AND p.person_id <> m.person_id
      WHERE m.until = DATE '{FAR}' AND {dice("m.person_id * 7 + p.organisation_id", 81, 100)} < 1"""
    spread(Tie(kind=TieKind.LEADER_CONTACT), leader, person_id="m.person_id", to_id="p.person_id", since=since)
    near = f"""(SELECT DISTINCT m.person_id, p.person_id AS to_id, c.kind
      FROM members_category c JOIN members_membership m ON m.person_id = c.person_id AND m.until = DATE '{FAR}'
      JOIN members_post p ON p.organisation_id = m.organisation_id AND p.role = '{Role.SECRETARY}'
           AND p.person_id <> m.person_id
      WHERE {dice("m.person_id", 82, 5)} > 0) AS m WHERE m.kind"""
    kinds = f"IN ('{CategoryKind.BEREAVED}', '{CategoryKind.DISCIPLINED}')"
    spread(Tie(kind=TieKind.CONTACT), f"{near} {kinds}", person_id="m.person_id", to_id="m.to_id", since=since)
    ended = f"CASE WHEN m.person_id % 4 = 0 THEN {since} + 90 ELSE DATE '{FAR}' END"
    spread(Tie(kind=TieKind.PAIRING), f"{near} = '{CategoryKind.HARDSHIP}'", person_id="m.person_id",
           to_id="m.to_id", since=since, until=ended)  # fmt: skip


def _events(new_year: str, days: int) -> None:
    """Of each kind for one member in a hundred, somewhere in the year; deaths as they were, requests to a secretary."""
    for salt, kind in enumerate(EventKind, start=100):
        on = f"{new_year} + ({dice('p.id', salt + 100, days)})::int"
        given = {"person_id": "p.id", "occurred_on": on, "entered_on": on}
        source = f"members_person p WHERE {dice('p.id', salt, 100)} = 0"
        if kind == EventKind.CRITICAL:
            honoured = "SELECT person_id FROM members_category WHERE kind = 'honouree' AND person_id % 3 = 0"
            source += f" OR p.id IN ({honoured})"
        if kind == EventKind.DEATH:
            source = f"members_membership p WHERE p.standing = '{Standing.DEAD}'"
            given = {"person_id": "p.person_id", "occurred_on": "p.since", "entered_on": "p.since"}
        if kind == EventKind.REQUEST:
            given["addressee_id"] = "(SELECT MIN(s.person_id) FROM members_post s WHERE s.organisation_id = 1)"
            source += " AND p.id NOT IN (SELECT person_id FROM members_post)"
        spread(Event(kind=kind), source, **given)


def _acts(day: date, days: int, new_year: date) -> None:
    """Seven events in ten were answered, half of those in a category visited, most members studied and were greeted."""
    answered = " ".join(f"WHEN '{kind}' THEN '{action}'" for kind, action in ANSWERED_BY.items())
    on = f"LEAST(DATE '{day}', e.occurred_on + ({dice('e.id', 301, 9)})::int)"
    _record(
        f"SELECT e.person_id AS about, {on} AS on_day, CASE e.kind {answered} ELSE 'talk' END AS action, e.id AS event,"
        f" 1 AS much, FALSE AS together, e.addressee_id AS acted FROM members_event e WHERE {dice('e.id', 300, 10)} < 7"
    )
    on = f"DATE '{new_year}' + ({dice('c.id', 303, days)})::int"
    _record(
        f"SELECT c.person_id AS about, {on} AS on_day, (ARRAY['visit', 'aid', 'invitation', 'reminder', 'review'])"
        f"[1 + (n.n * c.id) % 5] AS action, NULL::bigint AS event, 1 AS much, FALSE AS together, NULL::bigint AS acted"
        f" FROM members_category c JOIN GENERATE_SERIES(1, 2) n ON TRUE WHERE {dice('c.id * 2 + n.n', 304, 10)} < 6"
    )
    on = f"DATE '{new_year}' + ({dice('p.id * 3 + n.n', 305, days)})::int"
    _record(
        f"SELECT p.id AS about, {on} AS on_day, 'study' AS action, NULL::bigint AS event, 8 + 10 * n.n AS much,"
        f" TRUE AS together, NULL::bigint AS acted FROM members_person p JOIN GENERATE_SERIES(1, 2) n ON TRUE"
        f" WHERE {dice('p.id * 3 + n.n', 306, 10)} < 7"
    )
    on = f"(p.joined_on + MAKE_INTERVAL(years => {day.year} - EXTRACT(YEAR FROM p.joined_on)::int))::date"
    _record(
        f"SELECT p.id AS about, {on} + ({dice('p.id', 307, 9)})::int AS on_day, 'greeting' AS action,"
        f" NULL::bigint AS event, 1 AS much, FALSE AS together, NULL::bigint AS acted FROM members_person p"
        f" WHERE {dice('p.id', 308, 10)} < 4 AND {on} + 9 <= DATE '{day}'"
    )
    committees = f"members_organisation o WHERE o.kind = '{OrganisationKind.COMMITTEE}' AND o.id % 2 = 0"
    for action in ("assessment", "selection", "training"):
        spread(Record(action=action, on=day - timedelta(days=30), entered_on=day), committees,
               organisation_id="o.id", path="o.path")  # fmt: skip


def _record(acts: str) -> None:
    """A record of each act, by whoever is named or by the nearest secretary, where the member stood that day."""
    [[before]] = ask("SELECT COALESCE(MAX(id), 0) FROM engine_record")
    nearest = f"""(
      SELECT DISTINCT ON (x.about, x.on_day, x.action, x.event) x.*, m.organisation_id, m.path,
             COALESCE(x.acted, s.person_id) AS by_id
      FROM ({acts}) AS x
      JOIN members_membership m ON m.person_id = x.about AND m.since <= x.on_day AND m.until > x.on_day
      JOIN members_lineage l ON l.organisation_id = m.organisation_id
      JOIN members_post s ON s.organisation_id = l.ancestor_id AND s.role = '{Role.SECRETARY}'
           AND s.person_id <> x.about
      ORDER BY x.about, x.on_day, x.action, x.event, l.distance) AS held"""
    spread(Record(), nearest, action="held.action", on_day="held.on_day", entered_on="held.on_day",
           member_id="held.about", organisation_id="held.organisation_id", path="held.path", event_id="held.event",
           quantity="held.much", collective="held.together", entered_by_id="held.by_id")  # fmt: skip
    spread(RecordPerson(), f"engine_record k WHERE k.id > {before} AND k.member_id IS NOT NULL",
           record_id="k.id", person_id="k.entered_by_id")  # fmt: skip
