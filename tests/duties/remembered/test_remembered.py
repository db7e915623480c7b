"""Worlds in which engine and oracle once parted, small enough to read. Each is played again on every run."""

import pytest

from tests.duties.living import Scene, play
from tests.duties.worlds import World

pytestmark = pytest.mark.django_db

REMEMBERED = {
    # An event dated tomorrow: no boundary day announced it, so tomorrow's sweep passed it by.
    "an event entered ahead of its day": World("2024-02-01", (("event-answered",), ()), (
        (0, (("adopt", 0, 0, -90), ("event", 0, "disaster", 1, None, None), ("sweep", 0))),
        (1, (("sweep", 0),)),
    )),
    # A request addressed to the member himself was closed by a talk with himself.
    "nobody answers his own request": World("2031-05-16", (("event-request",), ()), (
        (0, (("adopt", 0, 0, -90), ("sweep", 0), ("event", 4, "request", 0, 4, None))),
        (1, (("sweep", 0), ("record", "talk", 4, 2, [4], 0, "1", False, 0))),
    )),
    # Done on a day on which the member was nowhere: it stood where the row had stood before, which no clean run knows.
    "done between two branches": World("2026-02-01", (("study-hours",), ()), (
        (0, (("adopt", 0, 0, -90), ("sweep", 0))),
        (30, (
            ("leave", 4, 10), ("move", 4, 3, 20, "full"), ("sweep", 0),
            ("record", "study", 4, 2, [4], 15, "31.99", False, None),
            ("record", "study", 4, 2, [4], 15, "1", False, None),
        )),
    )),
    "done between two posts": World("2026-01-10", (("actor-quarter",), ()), (
        (0, (("adopt", 0, 0, -90), ("sweep", 0))),
        (60, (
            ("repost", 0, -100, 10), ("post", 0, 3, "secretary", 40, None), ("post", 0, 6, "secretary", 10, None),
            ("sweep", 0),
            ("record", "talk", 4, 2, [0], 20, "1", False, None), ("record", "talk", 4, 2, [0], 21, "1", False, None),
        )),
    )),
    # A tie lost after the target had ended moved the opening day beyond the day of its own void.
    "a tie lost when nothing was owed any more": World("2026-01-10", (("two-contacts",), ()), (
        (0, (
            ("adopt", 0, 0, -90), ("category", 4, "bereaved", "", 0, 30), ("tie", 4, "contact", 0, 0, None),
            ("tie", 4, "contact", 1, 0, 60), ("sweep", 0),
        )),
        (90, (("sweep", 0),)),
    )),
}  # fmt: skip


@pytest.mark.parametrize("name", REMEMBERED)
def test_it_is_as_it_should_be(name):
    assert play(Scene(), REMEMBERED[name])
