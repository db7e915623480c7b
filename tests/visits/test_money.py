"""Money and gifts of visits: what is refused with a sentence, and what becomes of the words of before."""

from importlib import import_module
from types import SimpleNamespace

import pytest

from tests.visits.filling import fill_visit
from tests.world import account
from visits.models import Visit

NEW = "/visits/new/"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"money": "500"}, "写了慰问金 500.00 元，请选这笔钱从哪里来。"),
        ({"money": "500", "source": "moon"}, "请从列表里选从哪里出。"),
        ({"money": "五百", "source": "dues"}, "金额请写成 1200 或 1200.50 这样，单位是元。"),
        ({"money": "0", "source": "dues"}, "慰问金写的是 0，没有给钱的请空着。"),
        ({"money": "", "source": "dues"}, "选了从哪里出，没有写慰问金。"),
        ({"gift_value": "200"}, "写了慰问品的价值，请写是什么"),
    ],
)
def test_a_sum_that_says_too_little_gets_a_sentence_and_loses_nothing(world, sign_in, given, sentence):
    secretary = sign_in(account(world.secretary))
    refused = secretary.post(NEW, fill_visit(secretary, world.li, wish="缺人送饭", **given))
    body = refused.content.decode()
    assert refused.status_code == 422
    assert sentence in body
    assert "缺人送饭" in body
    assert not Visit.objects.exists()


@pytest.mark.django_db
def test_money_its_source_and_the_gift_are_kept_and_shown(world, sign_in):
    secretary = sign_in(account(world.secretary))
    given = {"money": "1,200.50元", "source": "union", "gift": "米、油各一份", "gift_value": "86.5"}
    page = secretary.post(NEW, fill_visit(secretary, world.li, **given), follow=True).content.decode()
    assert "1,200.50 元，工会经费" in page
    assert "米、油各一份，价值 86.50 元" in page
    visit = Visit.objects.get()
    assert (visit.money, visit.source, visit.gift_value) == (120_050, "union", 8_650)


WORDS = {
    "500 元，留存党费": (50_000, "dues", "牛奶"),
    "800": (80_000, "", "牛奶"),
    "500 元，局工会": (50_000, "", "牛奶；慰问金原来写的是：500 元，局工会"),
    "两条被子": (None, "", "牛奶；慰问金原来写的是：两条被子"),
}
"""What was written before, and what is kept of it."""


class _Rows(list):
    """Rows of before, asked for as the migration asks."""

    def exclude(self, **_):
        return self

    def only(self, *_):
        return self


def test_words_of_before_become_sums_and_nothing_is_lost():
    migration = import_module("visits.migrations.0004_visits")
    rows = _Rows(SimpleNamespace(money_said=said, gift="牛奶", save=lambda **_: None) for said in WORDS)
    apps = SimpleNamespace(get_model=lambda *_: SimpleNamespace(objects=rows))
    migration.read_words(apps, None)
    assert [(each.money, each.source, each.gift) for each in rows] == list(WORDS.values())
