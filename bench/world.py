"""An invented province of any size, built by the database itself from one row of each kind.

1 province committee, 47 committees, general branches of about 3,000 members (so a small world fills few committees),
branches of 10 to 30 (20 on average).
95 % of the organisations have a secretary. Of the members 2 % changed branches within their general branch this year
and 1 % left; six in ten were talked with, by whom the turn fell to. Sealed fields are empty. All days are counted from
today.
"""

from datetime import date

from django.db import connection
from django.db.models.functions import Length
from psycopg.sql import Literal

from base.dates import DAWN, FAR
from bench.database import execute
from config.demo.names import GIVEN, SURNAMES
from duties.engine.models import Record, RecordPerson
from members.counting import rebuild_counts
from members.derived import NameKey
from members.enums import OrganisationKind, Role, Standing
from members.models import Account, Membership, Organisation, OrganisationParent, Person, Post
from members.tree import rebuild_lineage
from visits.models import Talk

COMMITTEES = 47
A_BRANCH = 20
GIVEN_NAMES = sorted({name for lists in GIVEN.values() for _last, names in lists for name in names.split()})
SIGNS = "".join(sorted(set("".join(GIVEN_NAMES))))


def spread(row, source: str, **columns: str) -> None:
    """One row for each row of the SQL ``source``: like the unsaved ``row``, with these columns said in SQL."""
    meta, named = row._meta, {}
    for each in meta.concrete_fields:
        if each.column in columns:
            named[each.column] = columns[each.column]
        elif not each.primary_key:
            value = each.get_db_prep_save(each.pre_save(row, True), connection)
            named[each.column] = Literal(value).as_string()
    table, values = meta.db_table, ", ".join(named.values())
    execute(f"INSERT INTO {table} ({', '.join(named)}) SELECT {values} FROM {source}")
    execute(f"SELECT SETVAL(PG_GET_SERIAL_SEQUENCE('{table}', 'id'), (SELECT MAX(id) FROM {table}))")


def _derive(day: date) -> None:
    """What the product derives from these facts as it writes them."""
    NameKey.objects.keep(Person.objects.only("pk", "name").iterator(chunk_size=20_000), new=True)
    rebuild_counts(day)


def dice(of: str, salt: int, sides: int) -> str:
    """A number from 0 to ``sides`` − 1 that depends on the SQL number ``of`` alone."""
    return f"(ABS(HASHINT8EXTENDED(({of})::bigint, {salt})) % {sides})"


def sign(signs: str, number: str) -> str:
    return f"SUBSTR('{signs}', (1 + {number})::int, 1)"


def build(members: int, day: date, *, branches: int = COMMITTEES) -> None:
    """Fill the empty database of the connection.

    :param branches: at least so many; without members they stand empty.
    """
    branches = max(branches, members // A_BRANCH)
    generals = max(1, members // 3000)
    above = 1 + COMMITTEES + generals
    _organisations(branches, generals)
    rebuild_lineage()
    if not members:
        return
    _people(members)
    execute("ANALYZE")
    _memberships(branches, above, day)
    execute("ANALYZE")
    _posts(day)
    execute("ANALYZE")
    _records(day, members)
    _accounts()
    _derive(day)
    execute("VACUUM ANALYZE")


def _organisations(branches: int, generals: int) -> None:
    """Their ids go down the tree, level by level."""
    top = "'00001'"
    committee = f"{top} || LPAD((1 + (g - 1) * {COMMITTEES} / {generals})::text, 5, '0')"
    above = 1 + COMMITTEES
    source = f"""(
      SELECT 1 AS n, {top} AS at, '{OrganisationKind.COMMITTEE}' AS sort, '示范省委' AS called
      UNION ALL SELECT 1 + c, {top} || LPAD(c::text, 5, '0'), '{OrganisationKind.COMMITTEE}', '第' || c || '党委'
        FROM GENERATE_SERIES(1, {COMMITTEES}) c
      UNION ALL SELECT {above} + g, {committee} || LPAD(g::text, 5, '0'), '{OrganisationKind.GENERAL_BRANCH}',
        '第' || g || '党总支' FROM GENERATE_SERIES(1, {generals}) g
      UNION ALL SELECT {above} + {generals} + b, {committee} || LPAD(g::text, 5, '0') || LPAD(b::text, 5, '0'),
        '{OrganisationKind.BRANCH}', '第' || b || '党支部'
        FROM (SELECT b, 1 + (b - 1)::bigint * {generals} / {branches} AS g FROM GENERATE_SERIES(1, {branches}) b) below
    ) AS made"""
    spread(Organisation(), source, id="n", code="'B' || n", name="called", short_name="called", kind="sort", path="at")
    over = "members_organisation o LEFT JOIN members_organisation up ON up.path = LEFT(o.path, LENGTH(o.path) - 5)"
    spread(OrganisationParent(), over, organisation_id="o.id", parent_id="up.id")


def _people(members: int) -> None:
    somebody = Person(
        name="某", sex="男", ethnicity="汉族", education="大学", job="管理岗位",
        birth_on=DAWN, joined_on=DAWN, full_on=DAWN,
    )  # fmt: skip
    listed = "(ARRAY[" + ", ".join(f"'{name}'" for name in GIVEN_NAMES) + "])"
    surname = sign(SURNAMES, f"LEAST({dice('n', 1, len(SURNAMES))}, {dice('n', 2, len(SURNAMES))})")
    two = "".join(f" || {sign(SIGNS, dice('n', salt, len(SIGNS)))}" for salt in (3, 4))
    given = f"CASE WHEN n % 2 = 0 THEN {listed}[1 + {dice('n', 5, len(GIVEN_NAMES))}] ELSE ''{two} END"
    born = f"DATE '1940-01-01' + ({dice('n', 6, 55 * 365)})::int"
    spread(
        somebody, f"(SELECT n, {born} AS born FROM GENERATE_SERIES(1, {members}) n) AS made",
        id="n", name=f"{surname} || {given}", sex="CASE WHEN n % 3 = 0 THEN '女' ELSE '男' END", birth_on="born",
        joined_on=f"born + 7500 + ({dice('n', 7, 3000)})::int", full_on=f"born + 7865 + ({dice('n', 7, 3000)})::int",
    )  # fmt: skip


def _memberships(branches: int, above: int, day: date) -> None:
    """Forty numbers share two neighbouring branches, unevenly; a fiftieth moved to the next one, a hundredth left."""
    last, begun = above + branches, f"DATE '{date(day.year, 1, 1)}'"
    days = max(1, day.timetuple().tm_yday - 1)
    second = f"(p.id - 1) % 40 >= 10 + {dice('(p.id - 1) / 40', 8, 21)}"
    people = f"""(
      SELECT p.id, p.joined_on + 365 AS since, {begun} + ({dice("p.id", 9, days)})::int AS changed,
             LEAST({last}, {above} + 1 + 2 * ((p.id - 1) / 40) + ({second})::int) AS place
      FROM members_person p) AS someone"""
    stays = f"""(
      SELECT id, since, CASE WHEN id % 100 IN (51, 52, 53) THEN changed ELSE DATE '{FAR}' END AS until, place
      FROM {people}
      UNION ALL SELECT id, changed, DATE '{FAR}', LEAST({last}, place + 1) FROM {people} WHERE id % 100 IN (51, 52)
    ) AS stay JOIN members_organisation o ON o.id = stay.place WHERE stay.since < stay.until ORDER BY stay.id"""
    spread(Membership(standing=Standing.FULL), stays, person_id="stay.id", organisation_id="o.id",
           since="stay.since", until="stay.until", path="o.path")  # fmt: skip


def _posts(day: date) -> None:
    """The first member of a branch leads it, the next ones what stands above it; 5 % of the posts are vacant."""
    chosen = f"""(
      SELECT o.id AS place, (
        SELECT m.person_id FROM members_membership m
        WHERE m.path >= o.path AND m.path < o.path || 'x' AND m.until = DATE '{FAR}'
        ORDER BY m.path, m.person_id OFFSET 4 - LENGTH(o.path) / 5 LIMIT 1) AS person
      FROM members_organisation o WHERE o.id = 1 OR o.id % 20 <> 7
      ) AS lead WHERE lead.person IS NOT NULL"""
    post = Post(role=Role.SECRETARY, since=date(day.year - 3, 1, 1))
    spread(post, chosen, person_id="lead.person", organisation_id="lead.place")


def _records(day: date, members: int) -> None:
    """Six members in ten were talked with this year by the nearest secretary other than themselves."""
    new_year = date(day.year, 1, 1)
    days = max(1, (day - new_year).days)
    on = f"DATE '{new_year}' + ({dice('m.person_id', 10, days)})::int"
    nearest = f"""(
      SELECT DISTINCT ON (m.person_id) m.person_id, m.organisation_id, m.path, {on} AS held_on, s.person_id AS by_id
      FROM members_membership m
      JOIN members_lineage l ON l.organisation_id = m.organisation_id
      JOIN members_post s ON s.organisation_id = l.ancestor_id AND s.person_id <> m.person_id
      WHERE {dice("m.person_id", 11, 10)} < 6 AND m.since <= {on} AND m.until > {on}
      ORDER BY m.person_id, l.distance) AS held """
    spread(Record(action="talk"), nearest, member_id="held.person_id", organisation_id="held.organisation_id",
           path="held.path", on_day="held.held_on", entered_on="held.held_on", entered_by_id="held.by_id")  # fmt: skip
    # One in fifty was held by somebody whose turn it was not.
    by = f"CASE WHEN k.id % 50 = 0 THEN 1 + k.id % {members} ELSE k.entered_by_id END"
    spread(RecordPerson(), "engine_record k", record_id="k.id", person_id=by)
    talk = Talk(means=Talk.Means.FACE, subject=Talk.Subject.YEARLY)
    spread(talk, "engine_record k", record_id="k.id")


def _accounts() -> None:
    """An account for a secretary of each level, called by it; the deepest ones stand in the middle of the tree."""
    for name, kind, depth in LEVELS:
        posts = Post.objects.annotate(depth=Length("organisation__path")).filter(organisation__kind=kind, depth=depth)
        middle = posts.order_by("organisation__path", "pk")[posts.count() // 2]
        Account.objects.create(
            username=name,
            person=middle.person,
            password="!",  # noqa: S106  nobody signs in with it
        )


LEVELS = (
    ("branch", OrganisationKind.BRANCH, 20),
    ("general", OrganisationKind.GENERAL_BRANCH, 15),
    ("committee", OrganisationKind.COMMITTEE, 10),
    ("province", OrganisationKind.COMMITTEE, 5),
)
