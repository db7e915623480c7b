"""Books of a million vouchers beside books of ten thousand: what stands in them, what moved in a month and in a year.

The books are made by the database itself, with numbers, running balances, reservations, budgets and seals that
``check_books`` finds right, or it stops. One fund holds half of the vouchers, nineteen share the rest.
"""

from collections.abc import Callable
from datetime import date
from functools import partial

from django.db import connection
from django.db.models import Count, Sum
from django.test import Client
from django.utils import timezone

from bench.database import ask, drop, execute, make, use
from bench.measure import Promise, in_turns, median, p95, seconds, shown
from bench.world import dice
from fund.checking import check
from fund.guards import guarding, lifting
from fund.journal import WAYS
from fund.models import Act, BookAccount, Fund, Kind, Voucher
from fund.sealing import seal
from fund.services import INCOME, open_fund
from members.models import Account, Organisation
from members.views.sign_in import BACKEND

FUNDS, YEARS = 20, 3
SOURCES = INCOME[:2]
STEPS = (Act.RECEIVE, Act.RESERVE, Act.SPEND, Act.RELEASE, Act.REPAY)
"""One round of a fund's money; every round ends with more available than it began with."""

PAGES = {
    "the overview's page": "/fund/?fund={}", "the journal's page": "/fund/journal/?fund={}",
    "the statement's page": "/fund/{}/statement/",
}  # fmt: skip
"""Pages of the books to be measured: by what the table calls them, the address for a fund's number."""


def build(number: int, day: date) -> None:
    """Books of ``number`` vouchers, a multiple of five, in the database of the connection, down to ``day``'s year."""
    for each in Organisation.objects.order_by("path")[:FUNDS]:
        open_fund(each, on=date(day.year - YEARS, 1, 1))
    for statement in [*lifting("postgresql"), "SET session_replication_role = replica"]:
        execute(statement)
    first = day.year - YEARS
    _rounds(number // len(STEPS), first)
    _write()
    for statement in ["SET session_replication_role = DEFAULT", *guarding("postgresql"), "VACUUM ANALYZE"]:
        execute(statement)
    seal(now=timezone.now())
    if broken := next(check(), None):
        raise SystemExit(f"the books that were made do not hold: {broken}")


def _rounds(rounds: int, first: int) -> None:
    """One row for each round: its fund, source, day and the sums of its steps; a reservation has the round's number."""
    sources = ", ".join(f"'{each}'" for each in SOURCES)
    execute(f"""
      CREATE TEMP TABLE made AS
      SELECT c, f.id AS fund, (ARRAY[{sources}])[1 + c / 7 % {len(SOURCES)}] AS source,
             DATE '{first}-01-01' + (c::bigint * {YEARS} * 365 / {rounds})::int AS "on",
             10000 + {dice("c", 1, 5000)} AS receive, a.a AS reserve, a.a - b.b AS spend, b.b AS release,
             1 + {dice("c", 4, 500)} AS repay
      FROM GENERATE_SERIES(0, {rounds} - 1) c
      CROSS JOIN LATERAL (SELECT 5000 + {dice("c", 2, 5000)} AS a) a
      CROSS JOIN LATERAL (SELECT 1 + {dice("c", 3, 2000)} AS b) b
      JOIN (SELECT id, ROW_NUMBER() OVER (ORDER BY id) - 1 AS place FROM fund_fund) f
        ON f.place = CASE WHEN c % 2 = 0 THEN 0 ELSE 1 + c / 2 % ({FUNDS} - 1) END""")
    execute("""
      INSERT INTO fund_reservation (id, fund_id, source, earmark, use, year, subject, amount, unpaid, spent)
      SELECT c + 1, fund, source, '', 'hardship', EXTRACT(YEAR FROM "on"), 'application:' || c, reserve, 0,
             spend - repay
      FROM made""")


def _write() -> None:
    """The vouchers in order, each with what its accounts hold after it; then accounts, years and the next numbers."""
    steps = ", ".join(
        f"({place}, '{act}', '{WAYS[act][0]}', '{WAYS[act][1]}', {act != Act.RECEIVE})"
        for place, act in enumerate(STEPS)
    )
    amount = " ".join(f"WHEN '{act}' THEN made.{act}" for act in STEPS)
    kinds = ", ".join(f"('{kind}')" for kind in Kind)
    execute(f"""
      INSERT INTO fund_bookaccount (fund_id, kind, source, earmark, balance)
      SELECT f.fund, k.kind, f.source, '', 0
      FROM (SELECT DISTINCT fund, source FROM made) f CROSS JOIN (VALUES {kinds}) AS k(kind) ORDER BY 1, 3, 2""")
    execute(f"""
      CREATE TEMP TABLE moved AS
      SELECT made.c * {len(STEPS)} + s.place AS g, made.fund, EXTRACT(YEAR FROM made."on")::int AS year, made."on",
             s.act, t.id AS taken, v.id AS given, CASE s.act {amount} END AS amount,
             CASE WHEN s.bound THEN made.c + 1 END AS kept
      FROM made CROSS JOIN (VALUES {steps}) AS s(place, act, taken, given, bound)
      JOIN fund_bookaccount t ON t.fund_id = made.fund AND t.source = made.source AND t.kind = s.taken
      JOIN fund_bookaccount v ON v.fund_id = made.fund AND v.source = made.source AND v.kind = s.given""")
    execute("""
      CREATE TEMP TABLE held AS
      SELECT g, account, SUM(change) OVER (PARTITION BY account ORDER BY g) AS balance
      FROM (SELECT g, taken AS account, -amount AS change FROM moved
            UNION ALL SELECT g, given, amount FROM moved) sides""")
    execute("""
      INSERT INTO fund_voucher (fund_id, year, number, act, "on", at, taken_id, given_id, amount, taken_balance,
                                given_balance, reservation_id, words)
      SELECT m.fund, m.year, ROW_NUMBER() OVER (PARTITION BY m.fund, m.year ORDER BY m.g), m.act, m."on",
             m."on" + TIME '10:00' AT TIME ZONE 'Asia/Shanghai', m.taken, m.given, m.amount, t.balance, v.balance,
             m.kept, ''
      FROM moved m JOIN held t ON t.g = m.g AND t.account = m.taken JOIN held v ON v.g = m.g AND v.account = m.given
      ORDER BY m.g""")
    execute("""
      UPDATE fund_bookaccount a SET balance = s.balance
      FROM (SELECT DISTINCT ON (account) account, balance FROM held ORDER BY account, g DESC) s
      WHERE s.account = a.id""")
    execute("""
      INSERT INTO fund_bookyear (fund_id, year, last, used)
      SELECT v.fund_id, v.year, COUNT(*), (
        SELECT SUM(r.spent) FROM fund_reservation r WHERE r.fund_id = v.fund_id AND r.year = v.year)
      FROM fund_voucher v GROUP BY v.fund_id, v.year""")
    execute("""
      INSERT INTO fund_monthtotal (fund_id, year, month, act, source, earmark, use, amount, vouchers)
      SELECT e.fund_id, e.year, EXTRACT(MONTH FROM e."on"), e.act, t.source, t.earmark, COALESCE(r.use, ''),
             SUM(e.amount), COUNT(*)
      FROM fund_voucher e JOIN fund_bookaccount t ON t.id = e.taken_id
      LEFT JOIN fund_reservation r ON r.id = e.reservation_id GROUP BY 1, 2, 3, 4, 5, 6, 7""")
    execute("SELECT SETVAL(PG_GET_SERIAL_SEQUENCE('fund_reservation', 'id'), (SELECT MAX(id) FROM fund_reservation))")


def questions(fund: Fund, last: date) -> dict[str, Callable[[], object]]:
    """What pages of the books ask, by what the table calls it; each fetches what it asks for."""
    of = Voucher.objects.filter(fund=fund)
    shown_rows = of.select_related("taken", "given", "reservation")
    month = of.filter(on__gte=last.replace(day=1), on__lt=last.replace(day=28))
    year = of.filter(on__year=last.year)

    def sums(rows) -> Callable[[], list]:
        return lambda: list(rows.values("act", "taken__source").annotate(n=Count("pk"), fen=Sum("amount")).order_by())

    return {
        "what stands in each account": lambda: list(BookAccount.objects.filter(fund=fund).order_by("pk")),
        "the newest 50 vouchers": lambda: list(shown_rows.order_by("-on", "-pk")[:50]),
        "50 vouchers in the middle": lambda: list(
            shown_rows.filter(on__lte=last.replace(year=last.year - 1)).order_by("-on", "-pk")[:50]
        ),
        "sums of a month by act and source": sums(month),
        "sums of a year by act and source": sums(year),
    }


PROMISED = ("what stands in each account", "the newest 50 vouchers", "50 vouchers in the middle")
"""What a page may ask as often as it likes; what sums up vouchers grows with them, and is a figure to know only."""


def pages(fund: Fund) -> dict[str, Callable[[], object]]:
    """The pages of a fund's books, as somebody signed in gets them from the product, without a server before it."""
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(Account.objects.get(username="province"), backend=BACKEND)

    def page(path: str) -> None:
        answer = client.get(path.format(fund.pk))
        if answer.status_code != 200:
            raise SystemExit(f"{path} answered {answer.status_code}")

    return {what: partial(page, path) for what, path in PAGES.items()}


SIZES, TINY = (10_000, 1_000_000), (500, 5_000)
"""Vouchers, whatever the number of members."""


def measure(day: date, *, rounds: int):
    """Yield the larger books beside the smaller ones, in turns; both in copies of the database of the connection."""
    here = connection.settings_dict["NAME"]
    [[members]] = ask("SELECT COUNT(*) FROM members_person")
    small, large = SIZES if members >= SIZES[0] else TINY
    acts = {}
    for number in (small, large):
        make(f"{here}_{number}", like=here)
        print(f"{number:,} vouchers made in {shown(seconds(partial(build, number, day)))}", flush=True)
        acts |= {(what, number): act for what, act in acts_on(f"{here}_{number}").items()}
    in_turns(acts, 2)
    taken = in_turns(acts, rounds)
    for what in dict.fromkeys(what for what, _number in acts):
        a, b = taken[what, large], taken[what, small]
        at_most = 2 if what in PROMISED or what in PAGES else None
        yield Promise(f"books, {what}: {large:,} vouchers ÷ {small:,}, p95", p95(a) / p95(b), at_most=at_most, n=rounds,
                      detail=f"{shown(median(a))} ÷ {shown(median(b))}")  # fmt: skip
    for number in (small, large):
        drop(f"{here}_{number}")
    use(here)


def acts_on(database: str) -> dict[str, Callable[[], float]]:
    """What is timed in a database, by what the table calls it."""
    fund = Fund.objects.order_by("pk").first()
    asked = questions(fund, of_last(fund)) | pages(fund)
    return {what: partial(timed, database, act) for what, act in asked.items()}


def of_last(fund: Fund) -> date:
    [[last]] = ask('SELECT MAX("on") FROM fund_voucher WHERE fund_id = %s', [fund.pk])
    return last


def timed(database: str, act: Callable[[], object]) -> float:
    """Seconds of ``act`` in a database, the second time on its connection, as on one that is kept."""
    use(database)
    act()
    return seconds(act)
