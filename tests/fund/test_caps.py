"""What a fund may give in a year, whoever is decided on together and whenever the minutes are entered."""

from datetime import date, datetime

import pytest

from fund.applying import deciding
from fund.regulating import follow, text_of
from tests.fund.money import NOW, refusal
from tests.fund.office import Office

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(cast):
    office, text = Office(cast), text_of("default")
    capped = text.replace('per = "person_year"\nfen = 2000000', 'per = "fund_year"\nfen = 300000')
    assert capped != text
    follow(by=None, fund=office.fund, text=capped, since=date(2026, 6, 1), now=NOW)
    return office


def test_two_of_one_meeting_count_together(office):
    rows = [office.ready(), office.ready(office.cast.secretary)]
    results = [office.result(row) for row in rows]
    said = refusal(deciding.decide, by=office.by(office.head), sitting=office.sitting(), results=results, now=NOW)
    assert list(said) == [f"fen-{rows[1].pk}"]
    assert "还可以帮扶 1,000.00 元" in said[f"fen-{rows[1].pk}"][0]


@pytest.mark.parametrize("entered", [datetime(2026, 12, 31, 18, tzinfo=NOW.tzinfo), NOW.replace(year=2027, month=1)])
def test_a_meeting_in_december_counts_in_december_when_its_minutes_are_entered_in_january(office, entered):
    first, row = office.ready(), office.ready(office.cast.secretary)
    office.decided(first)
    sitting = office.sitting(datetime(2026, 12, 31, tzinfo=NOW.tzinfo), minutes="云水党纪〔2026〕22号")
    given = {"by": office.by(office.head), "sitting": sitting, "results": [office.result(row)], "now": entered}
    assert "还可以帮扶 1,000.00 元" in refusal(deciding.decide, **given)[f"fen-{row.pk}"][0]
