"""A year of a fund as a drawing: where each bar, point and line of it stands. Knows sums and no rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from fund.totals import Month

WIDTH, HEIGHT, LEFT, TOP, FLOOR = 760, 200, 48, 14, 176
BAR = 12
STEPS = (1, 2, 5)


@dataclass
class Chart:
    """``unit`` is what the axis counts in. Places are in units of the drawing, written with one decimal."""

    unit: str
    axis: list[tuple[str, str]] = field(default_factory=list)
    months: list[tuple[str, int]] = field(default_factory=list)
    bars: list[dict] = field(default_factory=list)
    line: str = ""
    last: dict = field(default_factory=dict)


def drawn(year: Sequence[Month]) -> Chart:
    """The chart of a year's months so far. A month in which more came back than went out has no bar downward."""
    most = max([max(each.income, each.out, each.held) for each in year], default=0)
    fen, unit = (1_000_000, "万元") if most >= 1_000_000 else (100, "元")
    step = _step(most / fen)
    top = step
    while top * fen < most:
        top += step
    scale = (FLOOR - TOP) / (top * fen)
    chart = Chart(unit)
    count = round(top / step)
    chart.axis = [(_place(FLOOR - n * step * fen * scale), _short(n * step)) for n in range(count + 1)]
    wide = (WIDTH - LEFT) / 12
    middle = [LEFT + wide * (number + 0.5) for number in range(12)]
    chart.months = [(_place(at), number) for number, at in enumerate(middle, start=1)]
    for each in year:
        at = middle[each.month - 1]
        for kind, value, x in (("in", each.income, at - BAR - 1), ("out", each.out, at + 1)):
            if value > 0:
                tall = value * scale
                chart.bars.append({"kind": kind, "x": _place(x), "y": _place(FLOOR - tall), "tall": _place(tall)})
    points = [(_place(middle[each.month - 1]), _place(FLOOR - each.held * scale)) for each in year]
    chart.line = " ".join(",".join(point) for point in points)
    if points:
        x, y = points[-1]
        chart.last = {"x": x, "y": y, "above": _place(float(y) - 7), "held": _short(year[-1].held / fen)}
    return chart


def _step(most: float) -> float:
    """A round step of which at most six reach ``most``."""
    power = 1.0
    while power * 6 * STEPS[-1] < most:
        power *= 10
    return next(power * each for each in STEPS if power * each * 6 >= most)


def _short(value: float) -> str:
    """At most two decimals, thousands set off."""
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def _place(value: float) -> str:
    return f"{value:.1f}"
