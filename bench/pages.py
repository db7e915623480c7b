"""Pages as people get them: through gunicorn, signed in, one request after the other, every page in turns."""

import http.client
import os
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from datetime import date
from functools import partial
from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from bench.database import execute, use
from bench.measure import Promise, in_turns, median, p95, shown
from bench.sweep import PACK
from bench.world import LEVELS
from duties.board import lists
from duties.board.asked import Asked
from duties.board.groups import Tab
from duties.engine.sweep import sweep
from duties.policy.adoption import adopt
from duties.policy.packs import load_pack
from members.middleware import SEEN, STARTED
from members.models import Account, Membership, Organisation
from members.views.sign_in import BACKEND

BESIDE_A_BRANCH = {"indicators": 2, "records entered": None, "yearly report": None}
"""Pages compared with a branch's, and what was promised of them; the last two count rows, and are only to be known."""

ROOT = Path(__file__).parents[1]
PORT = 8790
TOKEN = "a" * 32
"""The CSRF token of every session here; it lies in the session, as the product has it."""


@contextmanager
def served(database: str, port: int, **environment: str):
    """Two sync workers of gunicorn on a database."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "bench.settings", "BENCH_DATABASE": database, **environment}
    gunicorn = [sys.executable, "-m", "gunicorn", "bench.wsgi", "-b", f"127.0.0.1:{port}", "-w", "2", "-t", "600",
                "--log-level", "warning"]  # fmt: skip
    process = subprocess.Popen(gunicorn, cwd=ROOT, env=environment)
    try:
        for _ in range(200):
            try:
                http.client.HTTPConnection("127.0.0.1", port, timeout=600).request("HEAD", "/sign-in/")
                break
            except ConnectionRefusedError:
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()


def signed_in(username: str) -> str:
    """A session of the account, as the sign-in page would begin it."""
    account = Account.objects.get(username=username)
    session, now = import_module(settings.SESSION_ENGINE).SessionStore(), time.time()
    session.update({
        SESSION_KEY: str(account.pk), BACKEND_SESSION_KEY: BACKEND, HASH_SESSION_KEY: account.get_session_auth_hash(),
        STARTED: now, SEEN: now, "_csrftoken": TOKEN,
    })  # fmt: skip
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def fetch(port: int, cookie: str, path: str, form: str = "") -> tuple[float, int, str]:
    """Ask for a page, or send a form: seconds, status, and the body or where it leads."""
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    headers = {"Cookie": cookie, "X-CSRFToken": TOKEN, "Content-Type": "application/x-www-form-urlencoded"}
    start = time.perf_counter()
    asked.request("POST" if form else "GET", path, form or None, headers)
    answer = asked.getresponse()
    body = answer.read().decode()
    taken = time.perf_counter() - start
    asked.close()
    return taken, answer.status, answer.getheader("Location") or body


def page(port: int, cookie: str, path: str) -> float:
    taken, status, _body = fetch(port, cookie, path)
    if status != 200:
        raise SystemExit(f"{path} answered {status}")
    return taken


def addresses(username: str, day: date) -> dict[str, str]:
    """The pages of an account by what they are; middle and deep pages by the cursor of the row before them.

    Nobody clicks through a million rows, so that row is looked up by its place in the page's own order.
    """
    account = Account.objects.get(username=username)
    found = {"empty": "/bench/empty/", "workbench": "/", "own duties": "/duties/?tab=mine"}
    found |= {"indicators": "/indicators/", "records entered": "/indicators/entered/", "yearly report": "/yearly/"}
    duties = lists._rows_of(Asked(account, day), Tab.HERE)
    members = Membership.objects.on(day).visible_to(account).order_by("path", "pk")
    for name, path, rows, cursor in (
        ("duty board", "/duties/?tab=here", duties, lambda row: lists._cursor(Tab.HERE, row)),
        ("member list", "/members/?standing=", members, lambda row: f"{row.path}~{row.pk}"),
    ):
        found[f"{name}, first"] = path
        count = rows.count()
        for depth, share in (("middle", 0.5), ("deep", 0.95)):
            if count * share > lists.PAGE:
                found[f"{name}, {depth}"] = f"{path}&after={cursor(rows[int(count * share)])}"
    return found


def adopt_pack(day: date) -> None:
    """The whole pack, adopted by the province since New Year and swept to the day."""
    province = Organisation.objects.get(path="00001")
    adopt(by=None, organisation=province, policy=load_pack(PACK), since=date(day.year, 1, 1), today=day)
    execute("ANALYZE")
    sweep(on=day, today=day)
    execute("VACUUM ANALYZE")


def measure(databases: dict[str, str], day: date, *, rounds: int, most: float = 40):
    """Yield the promises of pages for each size, all sizes side by side.

    :param databases: names by size, the smallest first.
    :param most: seconds one page may take in all before it is left out of further rounds.
    """
    acts, sizes = {}, list(databases)
    with ExitStack() as stack:
        for number, (size, database) in enumerate(databases.items()):
            use(database)
            port = stack.enter_context(served(database, PORT + number))
            for level, _kind, _depth in LEVELS:
                cookie = signed_in(level)
                for name, path in addresses(level, day).items():
                    acts[size, level, name] = partial(page, port, cookie, path)
        for act in acts.values():
            act()  # the first request of a worker loads its code
        taken = in_turns(acts, rounds, most=most)
    for (size, level, name), times in taken.items():
        if name == "empty":
            continue
        if name in BESIDE_A_BRANCH:
            branch = taken[size, "branch", name]
            if level != "branch":
                yield size, Promise(
                    f"{name}, {level} ÷ branch, p95", p95(times) / p95(branch), at_most=BESIDE_A_BRANCH[name],
                    n=len(times), detail=f"{shown(median(times))} ÷ {shown(median(branch))}",
                )  # fmt: skip
            continue
        empty = taken[size, level, "empty"]
        yield size, Promise(
            f"{name}, {level} ÷ empty page, p95", p95(times) / p95(empty), at_most=2 if name == "workbench" else 4,
            n=len(times), detail=f"{shown(median(times))} (p95 {shown(p95(times))}) ÷ {shown(median(empty))} "
            f"(p95 {shown(p95(empty))})",
        )  # fmt: skip
        small = taken.get((sizes[0], level, name))
        if size != sizes[0] and small:
            yield size, Promise(f"{name}, {level}: {size} ÷ {sizes[0]}, p95", p95(times) / p95(small), at_most=1.2,
                                n=len(times), detail=f"{shown(median(times))} ÷ {shown(median(small))}")  # fmt: skip
