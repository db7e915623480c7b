"""``python -m bench [10k|100k|1m] [--only sweep,policies,campaigns,fact,pages,…] [--write]``: see ``make bench``."""

import argparse
import os
import platform
import signal
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import django

django.setup()

from base.dates import today  # noqa: E402  after django.setup()
from bench import (  # noqa: E402
    books,
    campaigns,
    facts,
    fifty,
    ledgers,
    pages,
    policies,
    posting,
    roster,
    search,
    sheets,
    sweep,
    world,
)
from bench.database import ask, drop, make, use  # noqa: E402
from bench.measure import Table, seconds, shown  # noqa: E402

SIZES = {"tiny": 300, "10k": 10_000, "100k": 100_000, "1m": 1_000_000}
ROUNDS = {"tiny": 1, "10k": 7, "100k": 5, "1m": 3}
"""Rounds of what takes seconds; pages and forms take more."""
DOCUMENT = Path(__file__).parents[1] / "docs" / "performance.md"


def machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    [[server]] = ask("SHOW server_version")
    settings = ", ".join(
        f"{name} {value}" for name, value in ask(
            "SELECT name, CURRENT_SETTING(name) FROM pg_settings WHERE name IN"
            " ('shared_buffers', 'work_mem', 'fsync', 'synchronous_commit', 'jit') ORDER BY name")
    )  # fmt: skip
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GB; load {os.getloadavg()[0]:.1f} at the start; Python "
        f"{platform.python_version()}, Django {django.get_version()}, PostgreSQL {server.split()[0]} ({settings})"
    )


def worlds(sizes: list[str], day) -> None:
    for size in sizes:
        make(f"bench_{size}")
        taken = seconds(lambda size=size: world.build(SIZES[size], day))
        print(f"{SIZES[size]:,} members made in {shown(taken)}", flush=True)


def under_the_pack(sizes: list[str], day) -> None:
    for size in sizes:
        use(f"bench_{size}")
        print(f"{size}: the pack adopted and swept in {shown(seconds(lambda: pages.adopt_pack(day)))}", flush=True)


def run(size: str, only: set[str], day):
    """Yield (size, promise) of all that was asked for."""
    sizes = sorted({"tiny" if size == "tiny" else "10k", size}, key=SIZES.get)
    databases = {each: f"bench_{each}" for each in sizes}
    if only - {"roster"}:
        worlds(sizes, day)
    rounds, mine = ROUNDS[size], databases[size]
    if "search" in only:
        yield from ((size, each) for each in search.measure(mine, rounds=rounds * 3, promised=size == "1m"))
    if "ledger" in only:
        number = min(100_000, SIZES[size] * 10)
        yield from ((size, each) for each in sheets.measure(mine, day, number=number, rounds=min(5, rounds)))
    if "roster" in only:
        number = min(99_999, SIZES[size])  # one row less than a sheet may have: the header
        yield from ((size, each) for each in roster.measure(day, number=number, rounds=min(3, rounds)))
    alone = {
        "sweep": (sweep, rounds), "policies": (policies, min(3, rounds)), "campaigns": (campaigns, rounds),
        "fifty": (fifty, rounds * 3),
        "posting": (posting, rounds), "books": (books, rounds * 5),
    }  # fmt: skip
    for part, (measuring, times) in alone.items():
        if part in only:
            make(f"bench_{part}", like=mine)
            yield from ((size, each) for each in measuring.measure(day, rounds=times))
            drop(f"bench_{part}")
    yield from by_request(size, only, databases, day)


def by_request(size: str, only: set[str], databases: dict[str, str], day):
    """What is asked of a web server, of worlds that follow the whole pack."""
    if "ledgers" in only:
        ledgers.add_life(databases, day)
    if only & {"fact", "pages", "ledgers"}:
        under_the_pack(list(databases), day)
    for part, measuring, rounds in (("pages", pages, 100), ("ledgers", ledgers, 20)):
        if part in only:
            yield from measuring.measure(databases, day, rounds=3 if size == "tiny" else rounds)
    if "fact" in only:
        rounds = 3 if size == "tiny" else 30
        yield from ((size, each) for each in facts.measure(databases[size], day, rounds=rounds))


PARTS = (
    "sweep", "policies", "campaigns", "fifty", "posting", "books", "fact", "pages", "ledger", "ledgers", "roster",
    "search",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("size", choices=SIZES)
    parser.add_argument("--only", default=",".join(PARTS), help="parts, with commas between them")
    parser.add_argument("--write", action="store_true", help="append the table to docs/performance.md")
    given = parser.parse_args()
    only = set(given.only.split(","))
    if unknown := only - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the web servers end with us
    now, table, on = datetime.now(ZoneInfo("Asia/Shanghai")), Table(), machine()
    print(on, flush=True)
    for size, promise in run(given.size, only, today()):
        table.add(size, promise)
    text = f"\n### {now:%Y-%m-%d %H:%M} China, {given.size}, {given.only}\n\n{on}.\n\n{table.text()}\n"
    print(text)
    if given.write:
        with DOCUMENT.open("a", encoding="utf-8") as document:
            document.write(text)
    for size in SIZES:
        drop(f"bench_{size}")


main()
