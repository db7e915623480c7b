"""Two who tick the same name off at once, and a decision taken back beside a tick: one visit, one sum, and none that
nobody decided. Two connections on PostgreSQL, each race with a negative control.
"""

from threading import Event as Signal

import pytest
from django.core.exceptions import ValidationError

from duties.engine.sweep import sweep
from tests.conftest import NOW
from tests.duties.acts import adopt_pack
from tests.duties.test_races import together
from tests.visits.campaigns import decided, handed, make_tasks_duties, populate
from tests.world import Cast, account
from visits.campaigns import handing, running
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


def beside_a_tick(cast, monkeypatch, act) -> list[BaseException]:
    """The secretary's tick has written its visit and not committed when the clerk acts on the same campaign."""
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
        lambda: handed(campaign, cast.sun, secretary), lambda: act(campaign, clerk), reached, go_on
    )  # fmt: skip


def two_ticks(cast, monkeypatch) -> list[BaseException]:
    return beside_a_tick(
        cast, monkeypatch,
        lambda campaign, clerk: handed(campaign, cast.sun, clerk, means="transfer", text="已转账"),
    )  # fmt: skip


def a_step_back(cast, monkeypatch) -> list[BaseException]:
    return beside_a_tick(
        cast, monkeypatch,
        lambda campaign, clerk: running.step_back(by=clerk, campaign=campaign, reason="登错了", today=TODAY),
    )  # fmt: skip


def unlocked(campaign):
    return Campaign.objects.select_related("organisation").get(pk=campaign.pk)


def test_of_two_ticks_the_second_waits_and_is_told(cast, monkeypatch):
    (refused,) = two_ticks(cast, monkeypatch)
    assert isinstance(refused, ValidationError)
    assert "没有再发一次" in refused.messages[0]
    assert Visit.objects.count() == 1


def test_without_the_lock_of_the_campaign_the_sum_is_handed_over_twice(cast, monkeypatch):
    monkeypatch.setattr(handing, "locked_campaign", unlocked)
    assert two_ticks(cast, monkeypatch) == []
    assert Visit.objects.count() == 2


def test_a_decision_is_not_taken_back_beside_a_tick(cast, monkeypatch):
    (refused,) = a_step_back(cast, monkeypatch)
    assert isinstance(refused, ValidationError)
    assert "孙德福的已经登记发放" in refused.messages[0]
    assert Campaign.objects.get().stage == "handing"


def test_without_the_lock_nobody_is_told_and_the_two_stand_in_each_others_way(cast, monkeypatch):
    """Both go through, or the database ends one of them for a deadlock."""
    monkeypatch.setattr(running, "locked_campaign", unlocked)
    assert not [each for each in a_step_back(cast, monkeypatch) if isinstance(each, ValidationError)]
