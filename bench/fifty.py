"""The forecast of fifty years over the whole province, beside one SELECT of the same numbers by hand."""

from datetime import date

from awards.fifty.reading import AHEAD, alive, counts, next_year, unknown
from bench.database import ask, execute
from bench.measure import Promise, median, paired, seconds, shown

WIDTH = 10
"""Signs of the path that the forecast groups by: what stands directly below the province."""

STANDING = "'full', 'suspended', 'lost'"


def prepare() -> None:
    """Whoever joined without probation has one day, some have a correction, and some have the medal already."""
    execute("UPDATE members_person SET full_on = joined_on WHERE joined_on BETWEEN '1969-04-14' AND '1977-08-11'")
    execute("UPDATE members_person SET seniority_months = id % 37 - 18 WHERE id % 100 = 0")
    execute(
        """
        INSERT INTO awards_medal (person_id, organisation_id, year, stage, basis, opinion, document, medal_number,
               certificate_number, handed_on, means, receiver, relation, note, entered_on, withdrawn_reason)
        SELECT m.person_id, m.organisation_id, 2024, 'handed', '', '', '', '', '', '2024-06-28', '', '', '', '',
               '2024-06-28', ''
        FROM members_membership m JOIN members_person p ON p.id = m.person_id
        WHERE m.until = '9999-12-31' AND p.full_on < '1974-01-01' AND m.person_id % 2 = 0"""
    )
    execute("VACUUM ANALYZE")


def plain(day: date) -> str:
    """How many reach fifty years by each 1 July, by organisation, as somebody who knows table and rules would ask."""
    first = next_year(day)
    limit = f"DATE '{first + AHEAD - 1 - 50}-07-01'"
    return f"""
      WITH old AS (
        SELECT m.path, CASE WHEN p.seniority_months = 0 THEN s.day
                            ELSE (s.day - MAKE_INTERVAL(months => p.seniority_months))::date END AS since
        FROM members_membership m JOIN members_person p ON p.id = m.person_id
        CROSS JOIN LATERAL (SELECT CASE
            WHEN p.joined_on < '1921-07-01' OR p.full_on < p.joined_on THEN NULL
            WHEN p.joined_on BETWEEN '1969-04-01' AND '1969-04-13'
              OR p.joined_on BETWEEN '1977-08-12' AND '1977-08-18'
              THEN CASE WHEN p.full_on = p.joined_on THEN p.joined_on END
            WHEN p.joined_on BETWEEN '1969-04-14' AND '1977-08-11' OR p.joined_on BETWEEN '1928-06-18' AND '1945-04-22'
              OR p.joined_on BETWEEN '1921-07-01' AND '1923-06-09'
              THEN CASE WHEN p.full_on IS NULL OR p.full_on = p.joined_on THEN p.joined_on END
            ELSE p.full_on END AS day) AS s
        WHERE m.since <= DATE '{day}' AND m.until > DATE '{day}' AND m.standing IN ({STANDING})
          AND (p.joined_on <= {limit} OR p.full_on <= {limit} OR p.seniority_months > 0)
          AND NOT EXISTS (SELECT 1 FROM awards_medal a WHERE a.person_id = m.person_id AND a.stage = 'handed'
                          AND a.withdrawn_on IS NULL))
      SELECT LEFT(path, {WIDTH}) AS part,
             GREATEST({first - 1}, EXTRACT(YEAR FROM since)::int + 50
                      + CASE WHEN TO_CHAR(since, 'MMDD') > '0701' THEN 1 ELSE 0 END) AS july, COUNT(*)
      FROM old WHERE since <= {limit} GROUP BY 1, 2 ORDER BY 1, 2"""


def measure(day: date, *, rounds: int):
    """Yield the promises of the forecast, measured in the database of the connection."""
    prepare()
    ours, by_hand = counts(alive(day), day, width=WIDTH), [tuple(row) for row in ask(plain(day))]
    if ours != by_hand:
        raise SystemExit(f"the forecast and the plain SELECT differ: {set(ours) ^ set(by_hand)}")
    people = sum(n for _part, _july, n in ours)
    print(f"  {people:,} members reach fifty years by {next_year(day) + AHEAD - 1}", flush=True)
    taken: dict[str, list[float]] = {"plain": [], "ours": [], "unknown": []}
    for _round in range(rounds):
        taken["plain"].append(seconds(lambda: ask(plain(day))))
        taken["ours"].append(seconds(lambda: counts(alive(day), day, width=WIDTH)))
        taken["unknown"].append(seconds(lambda: unknown(alive(day), next_year(day)).count()))
    told = {name: shown(median(times)) for name, times in taken.items()}
    yield Promise(f"fifty years: the forecast of ten years, {people:,} members ÷ a query by hand",
                  paired(taken["ours"], taken["plain"]), at_most=2, n=rounds,
                  detail=f"{told['ours']} ÷ {told['plain']}")  # fmt: skip
    yield Promise("fifty years: who is not known by the next 1 July ÷ the forecast by hand",
                  paired(taken["unknown"], taken["plain"]), n=rounds,
                  detail=f"{told['unknown']} ÷ {told['plain']}")  # fmt: skip
