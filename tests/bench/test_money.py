"""Ten thousand operations of eight connections with too little money, and that a broken guard would be noticed.

Ten times as many, and every guard: ``make money``.
"""

import os
import re
import subprocess
import sys

import pytest
from django.conf import settings

pytestmark = pytest.mark.postgresql
SEED = "8"


def test_eight_connections_break_nothing_and_a_broken_guard_is_seen():
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "bench.settings"}
    run = [sys.executable, "-m", "bench.money", "--operations", "10000", "--seed", SEED]
    run += ["--controls", "no-lock", "--broken", "1000"]
    done = subprocess.run(run, cwd=settings.BASE_DIR, env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 deadlocks, 0 neither done nor refused" in done.stdout
    assert "by the keys: 0 violations" in done.stdout
    assert int(re.search(r"(\d+)% refused", done.stdout)[1]) >= 20
    assert "broken guards seen: 1 of 1" in done.stdout
