"""The page of every ledger and the pages that are made of all of them, through gunicorn, in turns."""

from contextlib import ExitStack
from datetime import date
from functools import partial

from bench.database import use
from bench.life import enliven
from bench.measure import Promise, in_turns, median, p95, shown
from bench.pages import PORT, page, served, signed_in
from ledgers.declarations import LEDGERS
from ledgers.permissions import is_offered
from members.models import Account

READERS = ("branch", "province")


def add_life(databases: dict[str, str], day: date) -> None:
    """What happens to members beside talks, so that more ledgers have rows."""
    for database in databases.values():
        use(database)
        enliven(day)


def addresses(username: str) -> dict[str, str]:
    """The pages of an account by what they are."""
    account = Account.objects.get(username=username)
    ledgers = {f"ledger {code}": f"/ledgers/{code}/" for code, each in LEDGERS.items() if is_offered(account, each)}
    return {"empty": "/bench/empty/", "list of ledgers": "/ledgers/", "clause evidence": "/evidence/",
            "yearly report": "/yearly/", "openness": "/openness/"} | ledgers  # fmt: skip


def measure(databases: dict[str, str], day: date, *, rounds: int, most: float = 10):
    """Yield the promises of ledgers' pages for each size, all sizes side by side; see :func:`bench.pages.measure`."""
    acts, sizes = {}, list(databases)
    with ExitStack() as stack:
        for number, (size, database) in enumerate(databases.items()):
            use(database)
            port = stack.enter_context(served(database, PORT + number))
            for level in READERS:
                cookie = signed_in(level)
                for name, path in addresses(level).items():
                    acts[size, level, name] = partial(page, port, cookie, path)
        for act in acts.values():
            act()  # the first request of a worker loads its code
        taken = in_turns(acts, rounds, most=most)
    for (size, level, name), times in taken.items():
        if name == "empty":
            continue
        listed, empty = name.startswith("ledger "), taken[size, level, "empty"]
        yield size, Promise(
            f"{name}, {level} ÷ empty page, p95", p95(times) / p95(empty), at_most=4 if listed else None, n=len(times),
            detail=f"{shown(median(times))} (p95 {shown(p95(times))}) ÷ {shown(median(empty))}",
        )  # fmt: skip
        small = taken.get((sizes[0], level, name))
        if size != sizes[0] and small:
            yield size, Promise(
                f"{name}, {level}: {size} ÷ {sizes[0]}, p95", p95(times) / p95(small), at_most=1.2 if listed else None,
                n=len(times), detail=f"{shown(median(times))} ÷ {shown(median(small))}",
            )  # fmt: skip
