"""What the tests of festival campaigns share: the clerk who leads one, and people to be visited."""

import pytest

from tests.visits.campaigns import make_tasks_duties, populate
from tests.world import account


@pytest.fixture
def clerk(world):
    return account(world.clerk)


@pytest.fixture
def peopled(world):
    populate(world)
    return world


@pytest.fixture
def town(peopled):
    """Under the working rules besides, so that tasks are duties."""
    make_tasks_duties(peopled)
    return peopled
