"""A stage for each scenario; the clock is the scenario's own."""

from datetime import date, datetime

import pytest
import time_machine

from tests.duties.scenarios.stage import CHINA, Stage


@pytest.fixture
def stage(db):
    """``stage("central-2019", start=date(2026, 1, 1))``: an institution that follows these packs."""
    with time_machine.travel(datetime(2026, 1, 1, 10, tzinfo=CHINA), tick=False) as clock:

        def opened(*packs: str, start: date = date(2026, 1, 1), since: date | None = None) -> Stage:
            return Stage(clock, *packs, start=start, since=since or start)

        yield opened


def pytest_itemcollected(item):
    """Packs are data, and ask the same on every engine; that each of their rules runs on both, test_all_packs says."""
    item.add_marker(pytest.mark.anywhere)
