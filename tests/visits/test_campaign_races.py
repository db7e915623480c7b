"""Two who tick the same name off at once: one visit, one sum. Two connections on PostgreSQL, a negative control."""

from threading import Event as Signal

import pytest
from django.core.exceptions import ValidationError

from duties.engine.sweep import sweep
from tests.conftest import NOW
from tests.duties.acts import adopt_pack
from tests.duties.test_races import together
from tests.visits.campaigns import decided, handed, make_tasks_duties, populate
from tests.world import Cast, account
from visits.campaigns import handing
from visits.models import Campaign, Visit

TODAY = NOW.date()
pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db):
    cast = Cast()
    adopt_pack(cast.committee)
    sweep(on=TODAY, today=TODAY)
    populate(cast)
    make_tasks_duties(cast)
    return cast


def two_ticks(cast, monkeypatch) -> list[BaseException]:
    """The secretary's tick has written its visit and not committed when the clerk ticks the same name otherwise."""
    clerk, secretary = account(cast.clerk), account(cast.sibling_secretary)
    campaign = decided(cast, clerk)
    reached, go_on = Signal(), Signal()
    record = handing.record_visit

    def paused(*, by, **more):
        visit = record(by=by, **more)
        if by == secretary:
            reached.set()
            go_on.wait(60)
        return visit

    monkeypatch.setattr(handing, "record_visit", paused)
    return together(
        lambda: handed(campaign, cast.sun, secretary),
        lambda: handed(campaign, cast.sun, clerk, means="transfer", text="已转账"),
        reached, go_on,
    )  # fmt: skip


def test_of_two_ticks_the_second_waits_and_is_told(cast, monkeypatch):
    (refused,) = two_ticks(cast, monkeypatch)
    assert isinstance(refused, ValidationError)
    assert "没有再发一次" in refused.messages[0]
    assert Visit.objects.count() == 1


def test_without_the_lock_of_the_campaign_the_sum_is_handed_over_twice(cast, monkeypatch):
    def unlocked(campaign):
        return Campaign.objects.select_related("organisation").get(pk=campaign.pk)

    monkeypatch.setattr(handing, "locked_campaign", unlocked)
    assert two_ticks(cast, monkeypatch) == []
    assert Visit.objects.count() == 2
