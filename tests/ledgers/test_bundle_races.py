"""Two who ask for the same bundle at once, on one account: one job comes. With its negative control, on PostgreSQL."""

from threading import Event as Signal

import pytest
from django.test import Client
from django.urls import reverse

from base import views
from base.models import Job
from ledgers.views import bundle
from tests.duties.acts import adopt_pack
from tests.duties.test_races import together
from tests.ledgers.test_bundle import asked_by, sent
from tests.world import Cast

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def asked(transactional_db, settings, tmp_path):
    settings.JOBS = tmp_path / "jobs"
    cast = Cast()
    adopt_pack(cast.committee)
    return cast, asked_by(cast.secretary, cast.branch).account


def where_both_went(asked, monkeypatch) -> list[str]:
    """The second form comes while the first has seen that no such job runs, and has asked for none yet."""
    cast, account = asked
    reached, go_on, found = Signal(), Signal(), []
    looked = views._unfinished

    def paused(*given):
        same = looked(*given)
        if not reached.is_set():
            reached.set()
            go_on.wait(60)
        return same

    def ask():
        client = Client()
        client.force_login(account, backend="members.backends.AccountBackend")
        found.append(client.post(reverse("bundle_make"), sent(cast)).headers["Location"])

    monkeypatch.setattr(views, "_unfinished", paused)
    assert together(ask, ask, reached, go_on) == []
    return found


def test_of_two_who_ask_at_the_same_moment_one_job_comes(asked, monkeypatch):
    first, second = where_both_went(asked, monkeypatch)
    assert first == second
    assert Job.objects.count() == 1


def test_without_the_lock_of_the_account_the_same_is_made_twice(asked, monkeypatch):
    """The negative control: both look before either has asked."""
    monkeypatch.setattr(bundle, "in_turn", lambda asked: asked.parameters)
    first, second = where_both_went(asked, monkeypatch)
    assert first != second
    assert Job.objects.count() == 2
