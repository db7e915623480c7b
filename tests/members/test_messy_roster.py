"""The messy roster against its key: what each prepared row must come to."""

import json
from datetime import date

import pytest

from members.organisations import import_organisations, read_organisations
from members.roster.apply import import_roster, read_roster
from tests.members.sheets import DATA

TODAY = date(2026, 11, 23)


@pytest.mark.django_db
def test_the_messy_roster_comes_out_as_its_key_says():
    key = json.loads((DATA / "roster-messy.key.json").read_text(encoding="utf-8"))
    import_organisations(by=None, sheet=read_organisations((DATA / "organisations.xlsx").read_bytes()), today=TODAY)
    plan = import_roster(
        by=None, sheet=read_roster((DATA / "roster-messy.xlsx").read_bytes()), as_of=TODAY, today=TODAY
    )
    found = {str(f.row): {"code": f.code, "level": f.level} for f in plan.findings}
    assert found == {row: {"code": said["code"], "level": said["level"]} for row, said in key.items()}
    assert len(plan.findings) == len(key)
    errors = sum(said["level"] == "error" for said in key.values())
    assert plan.report().counts() == {"created": 121 - errors, "updated": 0, "unchanged": 0, "refused": errors}
