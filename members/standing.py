"""党龄: placeholder replaced by its own work."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Seniority:
    years: int | None
    since: date | None
    note: str = ""


def seniority(*, joined_on, full_on, correction_months=0, on) -> Seniority:
    return Seniority(None, None)
