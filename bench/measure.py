"""Measuring: acts run in turns, medians and 95th percentiles of them, lines of the table."""

import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field


def seconds(act: Callable[[], object]) -> float:
    """How long ``act`` takes."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def in_turns(acts: dict[str, Callable[[], float]], rounds: int, *, most: float = math.inf) -> dict[str, list[float]]:
    """Run each act once a round, in this order and backwards by turns; an act says itself how long it took.

    :param most: seconds one act may take in all; after three runs a slower one is left out of further rounds.
    """
    taken: dict[str, list[float]] = {name: [] for name in acts}
    for turn in range(rounds):
        names = list(acts) if turn % 2 == 0 else list(reversed(acts))
        for name in names:
            if len(taken[name]) < 3 or sum(taken[name]) < most:
                taken[name].append(acts[name]())
    return taken


def median(times: list[float]) -> float:
    return statistics.median(times)


def p95(times: list[float]) -> float:
    """The 95th percentile, as the smallest measured value not exceeded by 95 % of them."""
    return sorted(times)[math.ceil(0.95 * len(times)) - 1]


def paired(these: list[float], those: list[float]) -> float:
    """The median of the ratios round by round, which a machine that slows down for a while leaves alone."""
    return statistics.median(a / b for a, b in zip(these, those, strict=False))


def shown(taken: float) -> str:
    """Seconds in words a reader can compare."""
    return f"{taken:.2f} s" if taken >= 1 else f"{taken * 1000:.1f} ms"


@dataclass
class Promise:
    """One line of the table. ``at_most`` or ``at_least`` is what was promised; neither means a figure to know only."""

    what: str
    figure: float
    at_most: float | None = None
    at_least: float | None = None
    unit: str = "×"
    detail: str = ""
    n: int = 0

    @property
    def promised(self) -> str:
        if self.at_most is not None:
            return f"≤ {self.at_most:g} {self.unit}"
        return f"≥ {self.at_least:g} {self.unit}" if self.at_least is not None else "–"

    @property
    def verdict(self) -> str:
        if self.at_most is None and self.at_least is None:
            return "–"
        low, high = self.at_least or -math.inf, self.at_most if self.at_most is not None else math.inf
        return "held" if low <= self.figure <= high else "**not held**"

    def row(self, size: str) -> str:
        figure = f"{self.figure:.3g} {self.unit}"
        return f"| {self.what} | {size} | {self.promised} | {figure} | {self.verdict} | {self.detail} | {self.n} |"


@dataclass
class Table:
    """The lines of one run."""

    lines: list[tuple[str, Promise]] = field(default_factory=list)

    def add(self, size: str, promise: Promise) -> None:
        self.lines.append((size, promise))
        print("  " + promise.row(size), flush=True)

    def text(self) -> str:
        head = ["| work | members | promised | measured | | medians | n |", "|---|---|---|---|---|---|---|"]
        return "\n".join(head + [promise.row(size) for size, promise in self.lines])
