"""``python -m bench.kill``: parts of the machinery killed at random during sweeps and sends. See docs/proof.md.

Worker, beat and Redis are real processes of this run's own, the database is a scratch one on the server that
``DATABASE_URL`` names. What is found after each kill is compared, row by row, with what a clean run leaves.
"""

import argparse
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import django

FOLDER = Path(tempfile.mkdtemp(prefix="kill"))
REDIS = f"redis+socket://{FOLDER}/redis.sock"
SCRATCH = {"REDIS_URL": REDIS, **{f"DJANGO_{name}": str(FOLDER / name) for name in ("JOBS", "UPLOADS", "PICTURES")}}
os.environ |= {"DJANGO_SETTINGS_MODULE": "bench.settings", **SCRATCH}
django.setup()

from django.db import DatabaseError, connection, transaction  # noqa: E402  after django.setup()
from django.utils import timezone  # noqa: E402
from kombu.exceptions import OperationalError  # noqa: E402

from base.clock import last_beat  # noqa: E402
from base.dates import today  # noqa: E402
from base.models import ClockRun  # noqa: E402
from bench import world  # noqa: E402
from bench.database import ask, drop, execute, make  # noqa: E402
from bench.sweep import COLUMNS, PACK  # noqa: E402
from config.celery import app  # noqa: E402
from duties.engine import counts  # noqa: E402
from duties.engine.models import Duty, DutyTotal  # noqa: E402
from duties.engine.sweep import sweep  # noqa: E402
from duties.notices import outbox  # noqa: E402
from duties.notices.models import Kind, Notice  # noqa: E402
from duties.policy.adoption import adopt  # noqa: E402
from duties.policy.packs import load_pack  # noqa: E402
from members.models import Account, Organisation, Post  # noqa: E402

PROMISED = 60
"""Seconds after a kill within which everything is as it must be."""

PATIENCE = 150
"""Seconds after which a round is given up."""

CELLS = f"{', '.join(counts.COLUMNS)}, n"
TABLES = {
    "engine_duty": COLUMNS,
    "engine_dutytotal": f"organisation_id, {CELLS}",
    "engine_dutychange": f"path, {CELLS}",
    "notices_notice": "recipient_id, kind, day, channel, state",
    "notices_message": "recipient_id, kind, day, content",
}
"""What is compared, by table: every column that says something, but for moments, tries and primary keys."""

KEYS = {
    "no-transaction": "ALTER TABLE engine_duty DROP CONSTRAINT one_duty_once",
    "told-then-marked": "DROP INDEX one_message_a_day",  # unique under a condition, so an index
}
"""How the unique keys go that would hide what a broken guard lets happen."""


# The machinery --------------------------------------------------------------------------------------------------------


class Machinery:
    """Redis, a worker with two children, beat: started, killed, started again."""

    def __init__(self, database: str, fault: str):
        self.environment = os.environ | {"BENCH_DATABASE": database, "BENCH_FAULT": fault}
        celery = [sys.executable, "-m", "celery", "-A", "bench.kill_celery"]
        self.commands = {
            "redis": ["redis-server", "--port", "0", "--unixsocket", f"{FOLDER}/redis.sock", "--save", "",
                      "--appendonly", "no", "--dir", str(FOLDER)],
            "worker": [*celery, "worker", "-c", "2", "--without-gossip", "--without-mingle", "-l", "info"],
            "beat": [*celery, "beat", "-s", f"{FOLDER}/beat", "--pidfile=", "-l", "info"],
        }  # fmt: skip
        self.running: dict[str, subprocess.Popen] = {}
        self.fell: Counter = Counter()

    def __enter__(self):
        for name in self.commands:
            self.start(name)
        return self

    def __exit__(self, *_error):
        for name in reversed(self.commands):
            self.kill(name)

    def start(self, name: str) -> None:
        with (FOLDER / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                self.commands[name], env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self, name: str, *, alone: bool = False) -> None:
        """:param alone: its children are left to themselves."""
        process = self.running[name]
        with suppress(ProcessLookupError):  # it may have fallen by itself
            (os.kill if alone else os.killpg)(process.pid, signal.SIGKILL)
        process.wait()

    def supervise(self) -> None:
        """Start again what ended by itself, as systemd does with ``Restart=always``."""
        for name, process in self.running.items():
            if process.poll() is not None:
                self.fell[name] += 1
                time.sleep(1)
                self.start(name)

    def children(self) -> list[int]:
        """The worker's own, by process id."""
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.running["worker"].pid)],
            check=False, capture_output=True, text=True,
        )  # fmt: skip
        return [int(pid) for pid in listed.stdout.split()]


def nudge(*entries: str) -> None:
    """Ask the worker to look at entries of the timetable at once."""
    with suppress(OperationalError, OSError), app.connection_for_write() as link:  # Redis may be coming back
        for name in entries:
            app.send_task("clock.run", [name], {"at_once": True}, expires=60, connection=link)


# What is killed -------------------------------------------------------------------------------------------------------


def the_one_at_work(pids: list[int], dice: random.Random) -> int:
    """Of the worker's children the one that has taken a slot, if one has."""
    holders = ClockRun.objects.filter(finished_at=None).exclude(started_at=None).values_list("holder", flat=True)
    busy = sorted({int(holder.rpartition(":")[2]) for holder in holders} & set(pids))
    return dice.choice(busy or sorted(pids))


def kill_child(machinery: Machinery, dice: random.Random) -> None:
    os.kill(the_one_at_work(machinery.children(), dice), signal.SIGKILL)  # its parent starts another


def kill_worker(machinery: Machinery, dice: random.Random) -> None:
    machinery.kill("worker")
    time.sleep(dice.uniform(0, 2))
    machinery.start("worker")


def kill_parent(machinery: Machinery, dice: random.Random) -> None:
    machinery.kill("worker", alone=True)
    machinery.start("worker")


def kill_beat(machinery: Machinery, dice: random.Random) -> None:
    machinery.kill("beat")
    time.sleep(dice.uniform(0, 2))
    machinery.start("beat")


def kill_redis(machinery: Machinery, dice: random.Random) -> None:
    machinery.kill("redis")
    time.sleep(dice.uniform(0, 2))
    machinery.start("redis")  # it remembers nothing


def backend(dice: random.Random) -> int | None:
    """A connection of the machinery to its database, one that is in the middle of something if there is one."""
    rows = ask(
        "SELECT pid, state <> 'idle' FROM pg_stat_activity WHERE datname = CURRENT_DATABASE()"
        " AND pid <> PG_BACKEND_PID() AND backend_type = 'client backend' ORDER BY 1"
    )
    busy = [pid for pid, at_work in rows if at_work]
    return dice.choice(busy or [pid for pid, _ in rows] or [None])


def kill_connection(machinery: Machinery, dice: random.Random) -> None:
    execute("SELECT PG_TERMINATE_BACKEND(%s)", [backend(dice)])


def kill_server(machinery: Machinery, dice: random.Random) -> None:
    """One backend dies without a word, so the whole server ends all others and recovers."""
    if pid := backend(dice):
        os.kill(pid, signal.SIGKILL)
        time.sleep(0.2)
    connection.close()


KILLS = {
    "worker child": kill_child, "worker and children": kill_worker, "worker alone": kill_parent,
    "beat": kill_beat, "redis": kill_redis, "database connection": kill_connection,
    "database server": kill_server,
}  # fmt: skip
SELDOM = "database server"
"""Killed every tenth round only, and on request: whoever else uses that server is cut off as well."""


# The work -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Phase:
    """What is going on while something is killed.

    ``entries`` are done once a day; ``after`` is asked for when they are done; ``tables`` are filled by it.
    """

    name: str
    entries: tuple[str, ...]
    tables: tuple[str, ...]
    after: tuple[str, ...] = ()

    def reset(self) -> None:
        """As before the work; due at once."""
        tables = [*self.tables, *(["engine_sweptrule"] if "engine_duty" in self.tables else [])]
        with transaction.atomic():
            execute(f"TRUNCATE {', '.join(tables)}")
            ClockRun.objects.filter(entry__in=self.entries).delete()

    def begun(self) -> bool:
        return ClockRun.objects.filter(entry__in=self.entries).exclude(started_at=None).exists()

    def done(self) -> bool:
        """Whether all of it is done and nothing is stuck on the way."""
        left = ClockRun.objects.filter(entry__in=self.entries, slot=today().isoformat()).exclude(finished_at=None)
        return left.count() == len(self.entries) and not Notice.objects.unsent().exists()


SWEEP = Phase("sweep", ("sweep",), ("engine_duty", "engine_dutytotal", "engine_dutychange"))
SEND = Phase("send", ("digest", "review"), ("notices_notice", "notices_message"), after=("outbox",))
FAULTED = {"done-when-taken": SWEEP, "no-transaction": SWEEP, "told-then-marked": SEND, "marked-then-told": SEND}


def hold(phase: Phase) -> None:
    """As if its work had been done today already; before the machinery starts."""
    now = timezone.now()
    runs = [ClockRun(entry=entry, slot=today().isoformat(), started_at=now, finished_at=now) for entry in phase.entries]
    ClockRun.objects.bulk_create(runs)


def prepare(members: int) -> None:
    """The world before its first sweep, with an account for every holder of a post."""
    day = today()
    world.build(members, day)
    posts = Post.objects.on(day).exclude(person__account__isnull=False).values_list("person", flat=True).distinct()
    Account.objects.bulk_create(Account(username=f"p{person}", person_id=person, password="!") for person in posts)  # noqa: S106
    province = Organisation.objects.get(path="00001")
    adopt(by=None, organisation=province, policy=load_pack(PACK), since=day.replace(month=1, day=1), today=day)
    execute("VACUUM ANALYZE")


def clean_run() -> None:
    """Sweep and send here, undisturbed, and keep what that leaves."""
    day = today()
    for phase in (SWEEP, SEND):
        phase.reset()
    sweep(on=day, today=day)
    for kind in (Kind.DIGEST, Kind.REVIEW):
        outbox.enqueue(kind, day=day, now=timezone.now())
    outbox.send_waiting(today=day)
    told, counted = as_totals(), as_counted()
    if told != counted:
        raise SystemExit(f"the clean run's totals are wrong in {len(told.items() ^ counted.items())} cells")
    for table, columns in TABLES.items():
        execute(f"DROP TABLE IF EXISTS clean_{table}")
        execute(f"CREATE TABLE clean_{table} AS SELECT {columns} FROM {table}")
    if not all(ask(f"SELECT 1 FROM clean_{table} LIMIT 1") for table in ("engine_duty", "notices_message")):
        raise SystemExit("nothing opened or nobody was told: nothing can be compared")


def as_totals() -> dict:
    rows = DutyTotal.objects.values_list("organisation__path", *counts.COLUMNS, "n")
    return {tuple(cell): n for *cell, n in rows}


def as_counted() -> dict:
    """Every duty counted for each organisation it stands under."""
    found: Counter = Counter()
    places = dict.fromkeys(Organisation.objects.values_list("path", flat=True))
    for (path, cell), n in counts.counted(Duty.objects.all()).items():
        for end in range(5, len(path) + 1, 5):
            if path[:end] in places:
                found[path[:end], cell.rule, cell.period, cell.state, cell.due_on, cell.closes_on, cell.silent] += n
    return dict(found)


def differences(phase: Phase) -> dict[str, tuple[int, int]]:
    """By table: rows of the clean run that are missing, and rows there are too many (or others)."""
    found = {}
    for table in phase.tables:
        columns = TABLES[table]
        now, clean = f"SELECT {columns} FROM {table}", f"SELECT {columns} FROM clean_{table}"
        [[missing]] = ask(f"SELECT COUNT(*) FROM ({clean} EXCEPT ALL {now}) AS missing")
        [[surplus]] = ask(f"SELECT COUNT(*) FROM ({now} EXCEPT ALL {clean}) AS surplus")
        found[table] = (missing, surplus)
    return found


# The rounds -----------------------------------------------------------------------------------------------------------


@dataclass
class Round:
    """What one round came to."""

    phase: Phase
    kind: str
    hit: bool = False
    seconds: float = 0
    late: bool = False
    found: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def lost(self) -> int:
        return sum(missing for missing, _surplus in self.found.values())

    @property
    def surplus(self) -> int:
        return sum(surplus for _missing, surplus in self.found.values())

    @property
    def good(self) -> bool:
        return not (self.late or self.lost or self.surplus)

    def __str__(self):
        words = [f"{self.phase.name:5} {self.kind:22} {'at work' if self.hit else 'idle':7} {self.seconds:5.1f} s"]
        words += ["NOT CAUGHT UP"] if self.late else []
        words += [
            f"{table}: {lost} lost, {more} too many" for table, (lost, more) in self.found.items() if lost or more
        ]
        return "  ".join(words)


def until(true: Callable[[], bool], patience: float, machinery: Machinery | None = None) -> bool:
    """Wait for something, the machinery supervised; a database that is just recovering is asked again."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if machinery:
            machinery.supervise()
        try:
            if true():
                return True
        except DatabaseError:
            connection.close()
        time.sleep(0.05)
    return False


def begin(phase: Phase, machinery: Machinery) -> None:
    """Have the machinery begin the work; the nudges go on until it has."""
    phase.reset()
    end = time.monotonic() + PATIENCE
    while not phase.begun():
        nudge(*phase.entries)
        until(phase.begun, 5, machinery)
        if time.monotonic() > end:
            raise SystemExit(f"the machinery does not begin: {logs()}")


def play(phase: Phase, kind: str, machinery: Machinery, dice: random.Random, span: float) -> Round:
    """Let the machinery work, kill something within ``span`` seconds, wait for it to catch up, compare."""
    begin(phase, machinery)
    if phase.after and dice.random() < 0.8:  # else they are hardly enqueued
        until(Notice.objects.unsent().exists, 5)
        nudge(*phase.after)
    time.sleep(dice.uniform(0, span))
    this = Round(phase, kind, hit=not phase.done())
    start = time.monotonic()
    KILLS[kind](machinery, dice)
    this.late = not until(phase.done, PATIENCE, machinery)
    this.seconds = time.monotonic() - start
    this.late |= this.seconds > PROMISED
    this.found = differences(phase)
    return this


def undisturbed(phase: Phase, machinery: Machinery) -> float:
    """Seconds the machinery needs for the work when nobody disturbs it."""
    begin(phase, machinery)
    start = time.monotonic()
    nudge(*phase.after)
    if not until(phase.done, PATIENCE):
        raise SystemExit(f"undisturbed, the machinery does not end its {phase.name}: {logs()}")
    if wrong := {table: found for table, found in differences(phase).items() if any(found)}:
        raise SystemExit(f"undisturbed, the machinery's {phase.name} differs from the clean run: {wrong}")
    return time.monotonic() - start


def logs() -> str:
    """The end of what each process said."""
    paths = sorted(FOLDER.glob("*.log"))
    return "\n".join(f"{path.name}\n{path.read_text(errors='replace')[-2000:]}" for path in paths)


def rounds(number: int, kinds: list[str], database: str, dice: random.Random) -> list[Round]:
    """Sweeps and sends by turns, each kind as often as the others."""
    often, played = [kind for kind in kinds if kind != SELDOM] or kinds, []
    for phase in (SWEEP, SEND):
        hold(phase)
    with Machinery(database, "") as machinery:
        until(lambda: last_beat("beat") is not None, PATIENCE)
        span = {phase.name: undisturbed(phase, machinery) for phase in (SWEEP, SEND)}
        print("undisturbed: " + ", ".join(f"{name} {taken:.1f} s" for name, taken in span.items()), flush=True)
        deck: list[tuple] = []
        for turn in range(number):
            deck = deck or dice.sample([(phase, kind) for phase in (SWEEP, SEND) for kind in often], 2 * len(often))
            phase, kind = deck.pop()
            if SELDOM in kinds and turn % 10 == 9:
                kind = SELDOM
            played.append(play(phase, kind, machinery, dice, span[phase.name]))
            print(f"{turn + 1:4} {played[-1]}", flush=True)
        print(f"ended by themselves and were started again: {dict(machinery.fell) or 'none'}", flush=True)
    return played


def control(fault: str, database: str, dice: random.Random, most: int = 5) -> bool:
    """Whether the rounds see what a broken guard lets happen, at the latest in the last one."""
    phase = FAULTED[fault]
    if fault in KEYS:
        execute(KEYS[fault])
    with Machinery(database, fault) as machinery:
        for _ in range(most):
            this = play(phase, "worker and children", machinery, dice, 1.5)
            print(f"     {fault}: {this}", flush=True)
            if this.lost or this.surplus:
                return True
    return False


def controls(faults: list[str], database: str, dice: random.Random) -> bool:
    """Whether the rounds see each of these broken guards, in a copy of the database."""
    found = []
    for fault in faults:
        make(f"{database}_broken", like=database)
        found.append(control(fault, f"{database}_broken", dice))
        drop(f"{database}_broken")
    print(f"broken guards seen: {sum(found)} of {len(found)}")
    return all(found)


def table(played: list[Round]) -> str:
    by = defaultdict(list)
    for each in played:
        by[each.phase.name, each.kind].append(each)
    lines = ["| during a | killed | rounds | at work | lost | too many | caught up, median | worst |", "|" + "---|" * 8]
    for name, group in [*sorted(by.items()), (("all", ""), played)]:
        taken = [each.seconds for each in group]
        lines.append(
            f"| {name[0]} | {name[1]} | {len(group)} | {sum(each.hit for each in group)} |"
            f" {sum(each.lost for each in group)} | {sum(each.surplus for each in group)} |"
            f" {statistics.median(taken):.1f} s | {max(taken):.1f} s |"
        )
    lost, more, late = (sum(getattr(each, name) for each in played) for name in ("lost", "surplus", "late"))
    return "\n".join([*lines, f"{len(played)} rounds, {lost} lost, {more} too many, {late} late"])


def main() -> None:
    parser = argparse.ArgumentParser(prog="make kill")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--members", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--kinds", default=",".join(KILLS), help="what is killed, with commas between")
    parser.add_argument("--controls", default=",".join(FAULTED), help="guards to break afterwards; none: -")
    given = parser.parse_args()
    print(f"seed {given.seed}, {given.members:,} members, {given.rounds} rounds", flush=True)
    dice, database = random.Random(given.seed), f"kill_{os.getpid()}"
    make(database)
    try:
        execute(f'ALTER DATABASE "{database}" SET synchronous_commit = on')
        prepare(given.members)
        clean_run()
        played = rounds(given.rounds, given.kinds.split(","), database, dice)
        print(table(played), flush=True)
        seen = controls([each for each in given.controls.split(",") if each in FAULTED], database, dice)
    finally:
        drop(database)
    if not (seen and all(each.good for each in played)):
        print(logs())
        raise SystemExit(1)


signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
try:
    main()
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
