"""The strict test bed: one cast, a frozen today, warnings are errors."""

import pytest

from tests.world import Cast


@pytest.fixture
def cast(db) -> Cast:
    return Cast()
