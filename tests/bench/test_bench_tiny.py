"""The measurements stand on their own feet: the hand-written sweep means what the engine means, every part runs.

The world is made from the numbers of its rows, so these begin at one again.
"""

import os
import subprocess
import sys
from datetime import date

import pytest
from django.conf import settings

from bench import by_hand, policies, sweep, world
from duties.engine.models import Duty

TODAY = date(2026, 11, 23)
pytestmark = pytest.mark.postgresql


@pytest.mark.django_db(transaction=True, reset_sequences=True)
def test_written_by_hand_the_sweep_gives_the_same_rows(monkeypatch):
    world.build(300, TODAY)
    rule = sweep.adopt_one_rule(TODAY)
    assert sweep.same_rows(rule, TODAY) == 0
    assert set(Duty.objects.values_list("state", flat=True).distinct()) == {"open", "done", "void"}
    anybody = sweep.CLOSE_BY_HAND.replace("AND p.organisation_id = k.turn", "")
    monkeypatch.setattr(sweep, "CLOSE_BY_HAND", anybody)
    assert sweep.same_rows(rule, TODAY) > 0


@pytest.mark.django_db(transaction=True, reset_sequences=True)
def test_written_by_hand_three_policies_give_the_same_rows(monkeypatch):
    world.build(1000, TODAY)
    rules = policies.adopt_three(TODAY)
    assert len(rules) >= 60
    assert policies.differing(rules, TODAY) == {}
    assert set(Duty.objects.values_list("state", flat=True).distinct()) == {"open", "done", "void", "lapsed"}
    assert {"standing", "category"} <= set(Duty.objects.values_list("reason", flat=True).distinct())
    busy = {rule.parsed.trigger.kind for rule in rules if Duty.objects.filter(rule=rule, state="done").exists()}
    assert busy == {"quota", "event", "date", "occasion", "standing"}
    monkeypatch.setattr(by_hand, "DIED", by_hand.DIED.replace("z.since > s.opens_on", "z.since > DATE '9999-01-01'"))
    assert policies.differing(rules, TODAY) != {}


def test_every_part_measures_what_the_product_has_today():
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "bench.settings"}
    parts = "sweep,policies,campaigns,fifty,posting,books,fact,pages,search"
    run = [sys.executable, "-m", "bench", "tiny", "--only", parts]
    done = subprocess.run(run, cwd=settings.BASE_DIR, env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    works = (
        "sweep, first run",
        "sweep when nothing changed",
        "campaign: drafting Spring Festival",
        "fifty years: the forecast",
        "posting to one account",
        "books, the newest 50 vouchers: 5,000",
        "a talk entered",
        "workbench, province",
        "member list, deep",
        "characters in their",
    )
    assert [work for work in works if work not in done.stdout] == []
