"""Two years of one figure as a drawing: what was done by the end of each month. Knows numbers and no rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field

WIDTH, LEFT, TOP, FLOOR = 420, 44, 12, 128
"""The drawing; below the floor stand the months."""


@dataclass(frozen=True)
class Curve:
    """Places in units of the drawing, with one decimal. ``now`` is where the day stands in the year."""

    title: str
    axis: list[tuple[str, int]] = field(default_factory=list)
    months: list[tuple[str, int]] = field(default_factory=list)
    this: str = ""
    last: str = ""
    now: str = ""
    table: list[tuple[int, int | None, int]] = field(default_factory=list)

    @property
    def newest(self) -> int:
        return next((this for _, this, _ in reversed(self.table) if this is not None), 0)


def drawn(title: str, this: Sequence[int], last: Sequence[int], elapsed: float) -> Curve:
    """The curve of a year so far beside the twelve months of the year before.

    :param elapsed: how much of the year is over, in hundredths.
    """
    step = _step(max([*this, *last, 1]))
    top = step * -(-max([*this, *last, 1]) // step)
    wide = (WIDTH - LEFT) / 12

    now = LEFT + (WIDTH - LEFT) * elapsed / 100

    def line(values: Sequence[int], end: float) -> str:
        points = ((min(LEFT + wide * month, end), value) for month, value in enumerate([0, *values]))
        return " ".join(f"{x:.1f},{FLOOR - (FLOOR - TOP) * value / top:.1f}" for x, value in points)

    return Curve(
        title,
        axis=[(f"{FLOOR - (FLOOR - TOP) * n / top:.1f}", n) for n in range(0, top + 1, step)],
        months=[(f"{LEFT + wide * (month - 0.5):.1f}", month) for month in range(1, 13)],
        this=line(this, now),
        last=line(last, WIDTH),
        now=f"{now:.1f}",
        table=[(n + 1, this[n] if n < len(this) else None, last[n]) for n in range(12)],
    )


def _step(most: int) -> int:
    """A round step of which at most four reach ``most``."""
    power = 1
    while True:
        for each in (1, 2, 5):
            if power * each * 4 >= most:
                return power * each
        power *= 10
