"""Two characters of a name among all people: the product's search beside a scan of the table.

Times are the server's own, planning included: what a page of hits costs to carry and to show is the same for both.
"""

from functools import partial

from bench.database import ask, execute, use
from bench.measure import Promise, in_turns, median, paired, shown
from members.models import Person

NAMES = {
    "a given name": ("建国", "海燕", "志强", "晓梅", "云飞"),
    "surname and first character": ("王建", "李海", "张志", "刘晓", "陈云"),
}
"""Of a given name there are hundreds in a hundred thousand people, of the other a few dozen."""
PAGE = 50


def statements(names, people, limit: str = "") -> list[tuple]:
    """What the database is asked for each name: the compiled SQL, so that the ORM's own time weighs on neither side."""
    found = [people(name).order_by().values("pk").query.sql_with_params() for name in names]
    return [(f"SELECT COUNT(*) FROM ({sql} {limit}) AS found", values) for sql, values in found]


def served(statement: str, values) -> float:
    """Seconds that the server planned and ran a statement."""
    [[told]] = ask(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}", values)
    return (told[0]["Planning Time"] + told[0]["Execution Time"]) / 1000


def measure(database: str, *, rounds: int, promised: bool):
    """Yield the promise of searching by name, over several names; of a small table, which is soon scanned, none."""
    use(database)
    for sort, names in NAMES.items():
        yield from _measure(sort, names, rounds, 1 if promised else None)


def _measure(sort: str, names: tuple[str, ...], rounds: int, at_most: float | None):
    found = statements(names, Person.objects.matching)
    asked = {
        "all": found,
        f"the first {PAGE}": statements(names, Person.objects.matching, f"LIMIT {PAGE}"),
        "scan": statements(names, lambda name: Person.objects.filter(name__contains=name)),
    }
    hits = 0
    for mine, theirs in zip(found, asked["scan"], strict=True):
        [[n]] = ask(*mine)
        if [(n,)] != ask(*theirs):
            raise SystemExit("the search finds other people than the scan")
        hits += n

    def run(what: str) -> float:
        for way in ("bitmapscan", "indexscan", "indexonlyscan"):
            execute(f"SET enable_{way} = {'off' if what == 'scan' else 'on'}")
        return sum(served(*each) for each in asked[what])

    acts = {what: partial(run, what) for what in asked}
    in_turns(acts, 2)
    taken = in_turns(acts, rounds)
    run("all")
    told = {what: shown(median(times) / len(names)) for what, times in taken.items()}
    for what in ("all", f"the first {PAGE}"):
        yield Promise(f"people with two characters in their name, {sort}, {what} ÷ sequential scan",
                      100 * paired(taken[what], taken["scan"]), at_most=at_most, unit="%", n=rounds,
                      detail=f"{told[what]} ÷ {told['scan']}; {hits // len(names)} hits")  # fmt: skip
