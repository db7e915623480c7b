"""Posting to one account from eight connections, beside a bare UPDATE of one row in a transaction of its own.

The promise is for a server that waits for the disk at each commit, as in production: ``make bench ONLY=posting`` starts
one; the other measurements do not wait, and beside them this is a figure to know only.
"""

import os
from datetime import date
from statistics import median

from django.utils import timezone

from base.money import Source
from bench.crowd import CONNECTIONS, rate
from bench.database import ask, execute
from bench.measure import Promise
from fund import services
from fund.journal import Desk
from members.models import Organisation

SECONDS = 2.0
PROMISED = 0.3


def measure(day: date, *, rounds: int, seconds: float = SECONDS):
    """Yield the promise of posting, measured in the database of the connection."""
    waits = all(ask(f"SHOW {name}") == [("on",)] for name in ("fsync", "full_page_writes", "synchronous_commit"))
    fund = services.open_fund(Organisation.objects.order_by("path").first(), on=day)
    desk = Desk(on=day, now=timezone.now())
    voucher = services.receive(fund, desk, source=Source.DUES, amount=100)
    execute("CREATE TABLE bare (id int PRIMARY KEY, balance bigint)")
    execute("INSERT INTO bare VALUES (1, 0)")
    acts = {
        "bare": lambda: execute("UPDATE bare SET balance = balance + 100 WHERE id = 1"),
        "posting": lambda: services.receive(fund, desk, source=Source.DUES, amount=100),
    }
    taken: dict[str, list[float]] = {name: [] for name in acts}
    for turn in range(rounds + 1):
        for name in sorted(acts, reverse=turn % 2 == 0):
            done = rate(acts[name], seconds)
            if turn:  # the first is for warming up
                taken[name].append(done)
    [[entered]] = ask("SELECT COUNT(*) FROM fund_voucher")
    [[balance]] = ask("SELECT balance FROM fund_bookaccount WHERE id = %s", [voucher.given_id])
    if balance != 100 * entered:
        raise SystemExit(f"{entered} vouchers of 1.00, but the balance is {balance} fen")
    ratios = [a / b for a, b in zip(taken["posting"], taken["bare"], strict=True)]
    per = {name: median(each) for name, each in taken.items()}
    yield Promise(
        f"posting to one account from {CONNECTIONS} connections ÷ a bare UPDATE of one row", median(ratios),
        at_least=PROMISED if waits else None, n=rounds,
        detail=f"{per['posting']:,.0f} ÷ {per['bare']:,.0f} a second; rounds {min(ratios):.2f} to {max(ratios):.2f};"
        f" load {os.getloadavg()[0]:.1f}; commits {'wait' if waits else 'do not wait'} for the disk",
    )  # fmt: skip
