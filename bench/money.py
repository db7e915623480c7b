"""``python -m bench.money``: eight connections want more money than there is; the proof that nothing goes wrong.

What is asked for comes from the seed alone; what each sum meets depends on who was faster, so one seed gives the same
requests again, and with one connection the same books. See ``make money`` and docs/proof.md.
"""

import argparse
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from zoneinfo import ZoneInfo

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")

import django

django.setup()

from django.core.exceptions import ValidationError  # noqa: E402  after django.setup()
from django.db import DatabaseError, IntegrityError, OperationalError  # noqa: E402
from psycopg.errors import DeadlockDetected  # noqa: E402

import base.once  # noqa: E402
from base.money import Source  # noqa: E402
from bench.crowd import CONNECTIONS, at_once  # noqa: E402
from bench.database import ask, drop, execute, make  # noqa: E402
from bench.measure import shown  # noqa: E402
from fund import journal, services  # noqa: E402
from fund.checking import INVARIANTS, SEALED, check  # noqa: E402
from fund.journal import Desk, Move, post  # noqa: E402
from fund.models import Act, Fund, Reservation, Voucher  # noqa: E402
from fund.posting import FUNCTION  # noqa: E402
from fund.sealing import seal  # noqa: E402
from members.models import Organisation  # noqa: E402

DATABASE = f"money_{os.getpid()}"
NOW = datetime(2026, 11, 23, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
DESKS = (Desk(on=date(2026, 11, 23), now=NOW), Desk(on=date(2025, 12, 31), now=NOW))
"""Two years, so that one fund has two books that are written to at the same time."""

TREE = ("00001", "0000100001", "0000100002", "000010000100001")
SOURCES = (Source.DUES, Source.FISCAL)
SCARCE = 30_000
"""Fen of each source in the fund at the top when it begins."""

REFUSED = 0.2
"""At least this share has to be refused, or money was not scarce."""

NEAR = 60
"""How many of the newest reservations and vouchers are acted upon."""


# What is asked for ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Request:
    """One form: what is asked for, with dice of its own, under a key of its own."""

    key: str
    name: str
    dice: random.Random

    def send(self, funds: list[Fund]) -> str:
        """Carry it out as a page does; ``done``, or ``repeated`` if its key had been sent before.

        :raises ValidationError: if it is refused.
        """
        _result, fresh = base.once.once(self.key, lambda: ACTS[self.name](self, funds) or "/")
        return "done" if fresh else "repeated"


def receive(asked: Request, funds: list[Fund]) -> None:
    """Seldom, and little."""
    services.receive(
        asked.dice.choice(funds), asked.dice.choice(DESKS), source=asked.dice.choice(SOURCES),
        amount=asked.dice.randint(1, 4_000), words=asked.key,
    )  # fmt: skip


def pass_down(asked: Request, funds: list[Fund]) -> None:
    dice = asked.dice
    pairs = [(up, low) for up in funds for low in funds if low.organisation.path.startswith(up.organisation.path + "0")]
    services.pass_down(
        *dice.choice(pairs), dice.choice(DESKS), source=dice.choice(SOURCES), amount=dice.randint(1, 6_000),
        words=asked.key,
    )  # fmt: skip


def reserve(asked: Request, funds: list[Fund]) -> None:
    dice = asked.dice
    services.reserve(
        dice.choice(funds), dice.choice(DESKS), source=dice.choice(SOURCES), use="visit", amount=dice.randint(1, 4_000),
        subject="application:1", words=asked.key,
    )  # fmt: skip


def of_reservation(name: str) -> Callable:
    def act(asked: Request, funds: list[Fund]) -> None:
        [row] = near(Reservation, asked.dice, 1)
        amount = asked.dice.choice((row.amount, asked.dice.randint(1, 4_000)))
        getattr(services, name)(row, asked.dice.choice(DESKS), amount=amount, words=asked.key)

    return act


def reverse(asked: Request, funds: list[Fund]) -> None:
    services.reverse(near(Voucher, asked.dice, 1)[0], DESKS[0], words=asked.key)


def batch(asked: Request, funds: list[Fund]) -> None:
    """Payments out of several books at once, in whatever order: two of these would block each other for good."""
    rows = near(Reservation, asked.dice, 4)
    moves = [
        Move(row.fund, Act.SPEND, row.source, min(row.amount, 200), row.earmark, row, words=f"{asked.key}#{place}")
        for place, row in enumerate(rows)
    ]
    post(asked.dice.choice(DESKS), moves)


def budget(asked: Request, funds: list[Fund]) -> None:
    dice = asked.dice
    services.set_budget(dice.choice(funds), dice.choice(DESKS).on.year, dice.randint(1, 60_000))


def near(model, dice: random.Random, number: int) -> list:
    """Some of the newest rows; whether they can bear what is asked of them is the books' to say."""
    there = list(model.objects.order_by("-pk").values_list("pk", flat=True)[:NEAR])
    if len(there) < number:
        raise ValidationError({"amount": "nothing there yet"})
    found = model.objects.select_related("fund").in_bulk(keys := dice.sample(there, number))
    return [found[key] for key in keys]


ACTS = {
    "receive": receive, "pass_down": pass_down, "reserve": reserve, "release": of_reservation("release"),
    "spend": of_reservation("spend"), "repay": of_reservation("repay"), "reverse": reverse, "batch": batch,
    "budget": budget,
}  # fmt: skip
SHARES = {
    "receive": 14, "pass_down": 12, "reserve": 24, "release": 6, "spend": 16, "repay": 6, "reverse": 12, "batch": 8,
    "budget": 2,
}  # fmt: skip
COMMON = 0.1
"""This share of the forms is sent by all connections at about the same time, as by eight impatient fingers."""

AGAIN = 0.1
"""This share is sent a second time by the same one."""


def requests(seed: int, place: int, number: int):
    """The requests of one connection; those that are common have the same key and dice in all of them."""
    own, common = random.Random(f"{seed}/{place}"), random.Random(f"{seed}/common")
    for turn in range(number):
        shared = common.random() < COMMON
        seeded = f"{seed}/{'common' if shared else place}/{turn}"
        [name] = random.Random(seeded).choices(list(SHARES), list(SHARES.values()))
        for _time in range(1 + (not shared and own.random() < AGAIN)):
            yield Request(f"{seeded}/{name}", name, random.Random(seeded))


# The run --------------------------------------------------------------------------------------------------------------


@dataclass
class Run:
    """What a run came to."""

    outcomes: Counter = field(default_factory=Counter)
    broken: Counter = field(default_factory=Counter)
    checks: int = 0
    seconds: float = 0
    deadlocks: int = 0

    @property
    def sent(self) -> int:
        return sum(self.outcomes.values())

    def share(self, outcome: str) -> float:
        return sum(n for (_name, what), n in self.outcomes.items() if what == outcome) / self.sent

    @property
    def odd(self) -> int:
        """Neither done nor refused nor repeated: there must be none."""
        return sum(n for (_name, what), n in self.outcomes.items() if what not in ("done", "refused", "repeated"))

    @property
    def violations(self) -> int:
        return sum(self.broken.values()) + self.deadlocks + self.odd


def prepare() -> None:
    """A database with four funds under each other, and little in them."""
    make(DATABASE)
    for place, path in enumerate(TREE, 1):
        organisation = Organisation.objects.create(
            code=f"M{place}", name=f"第{place}党组织", short_name=f"第{place}党组织", kind="committee", path=path
        )
        services.open_fund(organisation, on=date(2025, 1, 1))
    top = Fund.objects.get(organisation__path=TREE[0])
    for source in SOURCES:
        services.receive(top, DESKS[1], source=source, amount=SCARCE)


def play(seed: int, operations: int, connections: int, breaking: Callable[[], None] | None = None) -> Run:
    """Let so many connections send so many requests in all, the books checked and sealed meanwhile and at the end.

    :param breaking: breaks a guard in each of them.
    """
    run, shares = (
        Run(),
        [operations // connections + (place < operations % connections) for place in range(connections)],
    )
    begun = due = time.monotonic()

    def work(place: int, _start: float) -> Counter:
        if breaking:
            breaking()
        funds = list(Fund.objects.select_related("organisation").order_by("organisation__path"))
        found: Counter = Counter()
        for asked in islice(requests(seed, place, shares[place]), shares[place]):
            found[asked.name, outcome(asked, funds)] += 1
        return found

    def meanwhile() -> None:
        nonlocal due
        if (now := time.monotonic()) >= due:
            try:
                seal(now=NOW)
            except OperationalError as error:
                if not isinstance(error.__cause__, DeadlockDetected):  # which the server counts, whomever it hits
                    raise
            look(run)
            due = now + max(1, 10 * (time.monotonic() - now))  # a tenth of the time, however large the books are

    for found in at_once(work, connections, meanwhile=meanwhile):
        run.outcomes += found
    run.seconds = time.monotonic() - begun
    seal(now=NOW)
    look(run)
    run.broken += Counter(once_only(run))
    time.sleep(1)  # until the server has gathered what its ended processes counted
    [[run.deadlocks]] = ask("SELECT deadlocks FROM pg_stat_database WHERE datname = CURRENT_DATABASE()")
    return run


def outcome(asked: Request, funds: list[Fund]) -> str:
    try:
        return asked.send(funds)
    except ValidationError:
        return "refused"
    except IntegrityError:
        return "stopped by the database"
    except DatabaseError as error:
        return type(error.__cause__ or error).__name__


def look(run: Run) -> None:
    """Check the books as they stand at this moment."""
    run.checks += 1
    run.broken += Counter(each.code for each in check())


def once_only(run: Run) -> dict[str, int]:
    """I8 by the vouchers themselves: each form that was carried out has its effect once, and nothing else has one."""
    effects = "SELECT SPLIT_PART(words, '#', 1) FROM fund_voucher WHERE words <> ''"
    keys = "SELECT key FROM base_oncekey"
    [[twice]] = ask(
        "SELECT COUNT(*) FROM (SELECT words FROM fund_voucher WHERE upper_id IS NULL AND words <> '' GROUP BY words"
        " HAVING COUNT(*) > 1) AS w"
    )
    [[lost]] = ask(f"SELECT COUNT(*) FROM ({keys} WHERE key NOT LIKE '%%/budget' EXCEPT {effects}) AS e")
    [[unkeyed]] = ask(f"SELECT COUNT(*) FROM ({effects} EXCEPT {keys}) AS e")
    [[kept]] = ask("SELECT COUNT(*) FROM base_oncekey")
    answered = abs(kept - sum(n for (_name, what), n in run.outcomes.items() if what == "done"))
    found = {"I8 twice": twice, "I8 lost": lost, "I8 without a key": unkeyed, "I8 answered otherwise": answered}
    return {what: n for what, n in found.items() if n}


# The guards, broken ---------------------------------------------------------------------------------------------------


def no_lock() -> None:
    """Two books of a fund read the same balance and write it one after the other."""
    journal._lock = lambda: ""


def no_balance() -> None:
    """Neither the writer nor the database minds a balance below zero."""
    journal.OUTSIDE = tuple(journal.Kind)


def no_order() -> None:
    """Rows are locked in the order in which somebody named them."""
    journal.sorted = lambda found: random.sample(list(found), len(found))


def no_key() -> None:
    """A form that was carried out is carried out again."""
    base.once.once = lambda key, act: (act(), True)


BESIDE_THE_LOCK = "SELECT b.balance FROM fund_bookaccount b WHERE b.id = fund_bookaccount.id"

IN_THE_DATABASE = {
    "no-lock": FUNCTION.replace("SET balance = balance", f"SET balance = ({BESIDE_THE_LOCK})"),
    "no-balance": "ALTER TABLE fund_bookaccount DROP CONSTRAINT no_balance_below_zero",
}
"""The same guards as they stand in the database, where money is entered in one message; each is broken there too."""

CONTROLS = {
    "no-lock": (no_lock, "I4"), "no-balance": (no_balance, "I3"), "no-order": (no_order, ""),
    "no-key": (no_key, "I8 twice"),
}  # fmt: skip
"""By name: how a guard is broken, and what has to be found then; where rows are locked in no order, deadlocks."""


def control(name: str, seed: int, operations: int, connections: int) -> bool:
    """Whether the same run finds what a broken guard lets happen."""
    breaking, wanted = CONTROLS[name]
    prepare()
    if name in IN_THE_DATABASE:
        execute(IN_THE_DATABASE[name])
    run = play(seed, operations, connections, breaking)
    seen = wanted in run.broken if wanted else run.deadlocks > 0
    print(f"  {name}: {'seen' if seen else 'NOT SEEN'}; {dict(run.broken) or 'no break'}, {run.deadlocks} deadlocks",
          flush=True)  # fmt: skip
    return seen


# What is said ---------------------------------------------------------------------------------------------------------


def told(run: Run) -> str:
    names = sorted({what for _name, what in run.outcomes}, key=lambda what: -run.share(what))
    lines = [f"| asked for | sent | {' | '.join(names)} |", "|" + "---|" * (len(names) + 2)]
    for name in (*SHARES, "all"):
        mine = Counter()
        for (other, what), n in run.outcomes.items():
            if name in (other, "all"):
                mine[what] += n
        lines.append(f"| {name} | {mine.total()} | {' | '.join(str(mine[what]) for what in names)} |")
    [[vouchers]] = ask("SELECT COUNT(*) FROM fund_voucher")
    lines += [
        f"{run.sent} operations in {shown(run.seconds)} ({run.sent / run.seconds:.0f} a second), {vouchers} vouchers,"
        f" {run.share('refused'):.0%} refused, {run.share('repeated'):.0%} repeated, {run.deadlocks} deadlocks,"
        f" {run.odd} neither done nor refused",
        f"{run.checks} checks of {len(INVARIANTS) + 1} invariants ({', '.join(each.code for each in INVARIANTS)},"
        f" {SEALED[0]}) and I8 by the keys: {sum(run.broken.values())} violations"
        f"{': ' + str(dict(run.broken)) if run.broken else ''}",
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="make money")
    parser.add_argument("--operations", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    parser.add_argument("--controls", default=",".join(CONTROLS), help="guards to break afterwards; none: -")
    parser.add_argument("--broken", type=int, default=2_000, help="operations against each broken guard")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    print(f"SEED={given.seed}, {given.operations:,} operations, {given.connections} connections,"
          f" load {os.getloadavg()[0]:.1f}", flush=True)  # fmt: skip
    controls = [name for name in given.controls.split(",") if name in CONTROLS]
    try:
        prepare()
        run = play(given.seed, given.operations, given.connections)
        print(told(run), flush=True)
        seen = [control(name, given.seed, given.broken, given.connections) for name in controls]
    finally:
        drop(DATABASE)
    print(f"broken guards seen: {sum(seen)} of {len(seen)}")
    if run.violations or run.share("refused") < REFUSED or not all(seen):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
