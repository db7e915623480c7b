"""A form sent twice acts once."""

from threading import Barrier, Lock, Thread

import pytest
from django.db import connection, transaction

from base.models import OnceKey
from base.once import new_key, once


@pytest.mark.django_db
def test_the_second_call_finds_the_result_of_the_first():
    acts = []

    def act():
        acts.append(1)
        return f"/talks/{len(acts)}/"

    assert once("a-key", act) == ("/talks/1/", True)
    assert once("a-key", act) == ("/talks/1/", False)
    assert len(acts) == 1


@pytest.mark.django_db
def test_another_key_acts_again():
    assert once(new_key(), lambda: "/talks/1/") == ("/talks/1/", True)
    assert once(new_key(), lambda: "/talks/2/") == ("/talks/2/", True)


@pytest.mark.django_db
def test_a_refused_act_leaves_the_key_free():
    def refused():
        raise ValueError("谈话日期晚于今天。")

    with pytest.raises(ValueError, match="谈话日期"):
        once("a-key", refused)
    assert not OnceKey.objects.exists()
    assert once("a-key", lambda: "/talks/1/") == ("/talks/1/", True)


def test_keys_are_long_and_never_alike():
    keys = {new_key() for _ in range(1000)}
    assert len(keys) == 1000
    assert min(map(len, keys)) >= 32


def race(act):
    """Run ``act`` in two threads that both get past its first half together; what each returned."""
    results, lock = [], Lock()

    def run():
        try:
            result = act()
            with lock:
                results.append(result)
        finally:
            connection.close()

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_two_clicks_at_once_one_acts_and_the_other_finds_its_result():
    acts, ready = [], Barrier(2)

    def click():
        def act():
            acts.append(1)
            with connection.cursor() as cursor:
                cursor.execute("select pg_sleep(0.3)")
            return f"/talks/{len(acts)}/"

        ready.wait()
        return once("a-key", act)

    assert sorted(race(click)) == [("/talks/1/", False), ("/talks/1/", True)]
    assert len(acts) == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_without_the_unique_key_both_clicks_would_act():
    """The race's negative control: looking first and writing afterwards, as one would without ``once``."""
    acts, looked = [], Barrier(2)

    def click():
        with transaction.atomic():
            if not OnceKey.objects.filter(result="/talks/1/").exists():
                looked.wait()
                acts.append(1)
                OnceKey.objects.create(key=new_key(), result="/talks/1/")

    race(click)
    assert len(acts) == 2
