"""A few kill rounds in a small world, and that they would notice; many in a large one: ``make kill``."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

pytestmark = pytest.mark.postgresql
SEED = "4"


def test_whatever_is_killed_nothing_is_lost_or_done_twice_and_broken_guards_are_seen():
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "bench.settings", "BENCH_QUICK": "5"}
    kinds = "worker child,worker and children,database connection"
    run = [sys.executable, "-m", "bench.kill", "--members", "300", "--rounds", "3", "--seed", SEED, "--kinds", kinds]
    run += ["--controls", "done-when-taken,told-then-marked"]
    done = subprocess.run(run, cwd=settings.BASE_DIR, env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 rounds, 0 lost, 0 too many, 0 late" in done.stdout
    assert "broken guards seen: 2 of 2" in done.stdout
