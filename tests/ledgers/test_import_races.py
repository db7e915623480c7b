"""Two people bring the same ledger at once, on PostgreSQL: every row exists once. With its negative controls."""

from threading import Event as Signal
from threading import Lock

import pytest
from django.utils import timezone

from base import jobs
from base.models import AuditRow, Job
from base.uploads import keep
from ledgers.declarations import LEDGERS
from ledgers.jobs import taking_parameters
from members.models import Person
from tests import world
from tests.duties.test_races import together
from tests.ledgers.rows import in_force
from tests.ledgers.taking import sheet_of
from tests.ledgers.test_taking import TALK
from tests.world import Cast
from visits.models import Talk
from visits.services import record_talk

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
TEXTS = ["上午谈的", "下午谈的", "晚上谈的"]


@pytest.fixture
def two(transactional_db, settings, tmp_path):
    """Two people who record for the branch have each asked for the same sheet to be written."""
    settings.UPLOADS, settings.JOBS = tmp_path / "uploads", tmp_path / "jobs"
    cast, now = Cast(), timezone.now()
    in_force(cast.committee)
    data = sheet_of("talks", *[TALK | {"谈话内容": text} for text in TEXTS])
    for account in (world.account(cast.secretary), world.account(cast.general_secretary)):
        token = keep(owner=account.pk, filename="旧台账.xlsx", data=data, now=now)
        parameters = taking_parameters(LEDGERS["talks"], token, account)
        jobs.ask(account=account.pk, kind="ledger_write", title="写入台账", parameters=parameters, now=now)


@pytest.fixture
def without_the_engines_lock(monkeypatch):
    monkeypatch.setattr("base.facts._before", [])


@pytest.fixture
def without_the_members_lock(monkeypatch):
    pick = Person.objects.order_by("pk").filter
    monkeypatch.setattr("visits.services.locked", lambda members: list(pick(pk__in=[each.pk for each in members])))


def counts_of_both(monkeypatch) -> list[tuple]:
    """Both jobs run; the second begins while the first has entered its first row and committed none.

    Returns new, known and refused rows of each, in the order in which they ended.
    """
    reached, go_on, first = Signal(), Signal(), Lock()

    def paused(**given):
        record_talk(**given)
        if first.acquire(blocking=False):
            reached.set()
            go_on.wait(60)

    monkeypatch.setattr("ledgers.entries.record_talk", paused)
    assert together(lambda: jobs.run_waiting(1), lambda: jobs.run_waiting(1), reached, go_on) == []
    assert list(Job.objects.values_list("state", flat=True)) == [Job.State.DONE] * 2
    details = AuditRow.objects.filter(act="import").order_by("pk").values_list("detail", flat=True)
    return [(each["created"], each["unchanged"], each["refused"]) for each in details]


def texts() -> list[str]:
    return sorted(talk.text for talk in Talk.objects.order_by("pk"))


def test_the_second_waits_for_the_first_and_knows_its_rows(two, monkeypatch):
    assert counts_of_both(monkeypatch) == [(3, 0, 0), (0, 3, 0)]
    assert texts() == sorted(TEXTS)


def test_without_the_engines_lock_the_rows_are_refused_and_not_known(two, without_the_engines_lock, monkeypatch):
    """The first control: the lock on the member keeps each row from being there twice, with a worse answer."""
    assert counts_of_both(monkeypatch) == [(3, 0, 0), (0, 0, 3)]
    assert texts() == sorted(TEXTS)


def test_without_either_lock_rows_are_there_twice(two, without_the_engines_lock, without_the_members_lock, monkeypatch):
    """The second control: what the two locks are for."""
    counts_of_both(monkeypatch)
    assert len(texts()) > len(TEXTS)
