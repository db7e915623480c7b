"""Two who nominate for the last place at once, and two who award: one place, one honour each. Two connections on
PostgreSQL, with a negative control.
"""

from threading import Event as Signal

import pytest
from django.core.exceptions import ValidationError

from awards.models import Honour, Nominee, Selection
from awards.selecting import awarding, nominating
from tests.awards.selections import commend, opened, posted, put
from tests.duties.test_races import together
from tests.world import Cast, account

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db):
    return Cast()


def two_for_the_last_place(cast, monkeypatch) -> list[BaseException]:
    """The first has found a place and not committed when the second asks for it."""
    clerk, secretary = account(cast.clerk), account(cast.secretary)
    selection = opened(cast)
    reached, go_on = Signal(), Signal()
    check = nominating._check_places

    def paused(title, nominator, subject, refused):
        check(title, nominator, subject, refused)
        if subject == cast.li:
            reached.set()
            go_on.wait(60)

    monkeypatch.setattr(nominating, "_check_places", paused)
    return together(
        lambda: put(selection, cast.li, cast.branch, by=secretary),
        lambda: put(selection, cast.zhao, cast.branch, by=clerk), reached, go_on,
    )  # fmt: skip


def unlocked(selection, *stages):
    return Selection.objects.select_related("organisation").get(pk=selection.pk)


def test_the_last_place_is_taken_once_and_the_second_is_told_by_whom(cast, monkeypatch):
    (refused,) = two_for_the_last_place(cast, monkeypatch)
    assert isinstance(refused, ValidationError)
    assert "已推荐 1 个：李建国" in refused.message_dict["subject"][0]
    assert Nominee.objects.count() == 1


def test_without_the_lock_of_the_selection_the_last_place_is_taken_twice(cast, monkeypatch):
    monkeypatch.setattr(nominating, "at_stage", unlocked)
    assert two_for_the_last_place(cast, monkeypatch) == []
    assert Nominee.objects.count() == 2


def test_of_two_awards_the_second_waits_and_makes_nothing(cast, monkeypatch):
    selection = posted(cast)
    reached, go_on = Signal(), Signal()
    make = awarding._honour

    def paused(**more):
        honour = make(**more)
        if not reached.is_set():
            reached.set()
            go_on.wait(60)
        return honour

    monkeypatch.setattr(awarding, "_honour", paused)
    (refused,) = together(
        lambda: commend(selection, cast.committee_secretary), lambda: commend(selection, cast.committee_secretary),
        reached, go_on,
    )  # fmt: skip
    assert "没有再办一次" in refused.messages[0]
    assert Honour.objects.count() == 4
