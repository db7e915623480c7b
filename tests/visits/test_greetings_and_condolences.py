"""Greetings on political birthdays, and condolences with the families of the dead. Today is 2026-11-23."""

from datetime import date

import pytest
from django.db import transaction

from base.facts import Fact, facts_changed, facts_will_change
from duties.engine.models import Record, State
from members.enums import EventKind, Precision
from members.services import register_event
from tests.duties.acts import duty
from tests.duties.reading import plain
from tests.visits.filling import fill_visit
from tests.world import account, member, person
from visits.models import Visit
from visits.visiting import birthday_words

TODAY = date(2026, 11, 23)
GREET, CONDOLE = "/greetings/new/", "/condolences/new/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def secretary(world, sign_in):
    return sign_in(account(world.secretary))


@pytest.fixture
def party(world):
    """The world with a member whose political birthday is in four days."""
    world.ma = member("马胜利", world.branch, joined=date(1996, 11, 27), full=date(1997, 11, 27))
    with transaction.atomic():
        facts_will_change()
        facts_changed(Fact.MEMBERSHIP, since=world.ma.joined_on, people=[world.ma.pk])
    return world


def test_from_the_duty_a_greeting_is_two_clicks(party, secretary):
    owed = duty("political-birthday", party.ma)
    address = f"{GREET}?duty={owed.rule_id}:{owed.key}"
    page = secretary.get(address).content.decode()
    assert "11 月 27 日是马胜利入党 30 周年。" in page
    assert page.count(" checked") == 1, "who greeted is known; by what means is the one choice left"
    saved = secretary.post(GREET, fill_visit(secretary, party.ma, GREET), follow=True).content.decode()
    assert "对马胜利的祝贺已登记，办结 1 件应办。" in saved
    assert "贺卡" in saved
    assert "政治生日" in saved
    assert duty("political-birthday", party.ma).state == State.DONE
    assert Record.objects.get().action == "greeting"


def test_before_the_means_are_chosen_the_panel_says_what_will_close(party, secretary):
    sent = fill_visit(secretary, party.ma, GREET, how="", preview="1")
    body = secretary.post(GREET, sent, headers={"hx-request": "true"}).content.decode()
    assert "政治生日" in body
    assert not Record.objects.exists()


@pytest.mark.parametrize("given", [{"how": ""}, {"how": "home"}])
def test_a_greeting_says_by_what_means(party, secretary, given):
    refused = secretary.post(GREET, fill_visit(secretary, party.ma, GREET, text="向您致敬", **given))
    assert refused.status_code == 422
    assert "请选怎样祝贺。" in refused.content.decode()
    assert "向您致敬" in refused.content.decode()


def test_a_greeting_is_entered_once(party, secretary):
    sent = fill_visit(secretary, party.ma, GREET)
    assert secretary.post(GREET, sent).url == secretary.post(GREET, sent).url
    refused = secretary.post(GREET, fill_visit(secretary, party.ma, GREET, how="phone"))
    assert "对马胜利的祝贺已登记过，没有再记一条。" in refused.content.decode()
    assert Visit.objects.count() == 1


def test_the_words_of_a_greeting_stay_with_those_concerned(party, secretary, sign_in):
    secretary.post(GREET, fill_visit(secretary, party.ma, GREET, text="金丝雀致敬"))
    address = f"/visits/{Visit.objects.get().pk}/"
    assert "金丝雀致敬" in secretary.get(address).content.decode()
    assert "金丝雀致敬" not in secretary.get("/visits/").content.decode()
    assert "金丝雀致敬" not in sign_in(account(party.clerk)).get(address).content.decode()


@pytest.mark.parametrize(
    ("joined", "precision", "near", "words"),
    [
        (date(1996, 11, 27), Precision.DAY, TODAY, "11 月 27 日是马胜利入党 30 周年"),
        (date(1996, 11, 1), Precision.MONTH, TODAY, "11 月是马胜利入党 30 周年"),
        (date(1996, 1, 3), Precision.DAY, date(2026, 12, 28), "1 月 3 日是马胜利入党 31 周年"),
        (date(2004, 2, 29), Precision.DAY, date(2026, 2, 20), "2 月 28 日是马胜利入党 22 周年"),
        (date(2026, 10, 1), Precision.DAY, TODAY, "马胜利刚入党"),
        (date(1996, 1, 1), Precision.YEAR, TODAY, "马胜利的入党日期不全，核对后再说周年"),
        (None, Precision.DAY, TODAY, "马胜利的入党日期不全，核对后再说周年"),
    ],
)
def test_the_birthday_is_said_as_exactly_as_it_is_known(joined, precision, near, words):
    assert birthday_words(person("马胜利", joined=joined, joined_precision=precision), near) == words


def died(someone, on=date(2026, 11, 21)):
    return register_event(by=None, person=someone, kind=EventKind.DEATH, occurred_on=on, today=TODAY)


def test_nobody_greets_the_dead(world, secretary):
    died(world.zhao)
    answer = secretary.get(GREET, {"member": world.zhao.pk})
    assert answer.status_code == 403
    assert "赵秀兰已于 2026-11-21 去世，不再登记祝贺。" in answer.content.decode()
    sent = {"member": world.zhao.pk, "on": "2026-11-23", "people": [world.secretary.pk], "how": "card"}
    assert secretary.post(GREET, sent).status_code == 403
    assert not Record.objects.exists()


def test_from_a_death_the_condolence_closes_its_duty(world, secretary):
    event = died(world.zhao)
    owed = duty("condolence", world.zhao, f"e{event.pk}")
    page = plain(secretary.get(f"{CONDOLE}?duty={owed.rule_id}:{owed.key}").content.decode())
    assert "去世的同志 赵秀兰 2026-11-21 去世" in page
    assert "见到哪几位亲属" in page
    assert "岁" not in page
    given = {"wish": "丧事从简", "promised": "联系殡仪馆", "money": "1000", "source": "dues", "how": "funeral"}
    saved = secretary.post(CONDOLE, fill_visit(secretary, world.zhao, CONDOLE, **given), follow=True).content.decode()
    assert "对赵秀兰的吊唁已登记，办结 1 件应办。" in saved
    assert all(
        words in saved for words in ("家属：长子赵强", "丧事从简", "联系殡仪馆", "1,000.00 元，留存党费", "告别仪式")
    )
    visit = Visit.objects.get()
    assert (visit.record.event, visit.record.organisation, visit.met) == (event, world.branch, "family")
    assert duty("condolence", world.zhao, f"e{event.pk}").state == State.DONE


def test_there_is_no_condolence_for_the_living(world, secretary):
    died(world.zhao)
    page = secretary.get(CONDOLE, {"member": world.li.pk}).content.decode()
    assert "李建国没有登记去世，不能登记吊唁。" in page
    assert f"{CONDOLE}?member={world.zhao.pk}" in page
    sent = {"member": world.li.pk, "on": "2026-11-23", "people": [world.secretary.pk], "how": "home", "met_name": "子"}
    assert "不能登记吊唁" in secretary.post(CONDOLE, sent).content.decode()
    assert not Record.objects.exists()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"met_name": " "}, "请写见到哪几位亲属"),
        ({"on": "2026-11-20"}, "赵秀兰在 2026-11-20 没有登记去世。"),
        ({"on": "2026-12-01"}, "吊唁日期 2026-12-01 晚于今天"),
        ({"how": "card"}, "请选在哪里。"),
    ],
)
def test_wrong_condolences_get_a_sentence(world, secretary, given, sentence):
    died(world.zhao)
    refused = secretary.post(CONDOLE, fill_visit(secretary, world.zhao, CONDOLE, wish="从简", **given))
    assert refused.status_code == 422
    assert sentence in refused.content.decode()
    assert "从简" in refused.content.decode()
    assert not Record.objects.exists()


def test_the_dead_of_another_branch_are_not_listed(world, sign_in):
    died(world.zhao)
    other = sign_in(account(world.sibling_secretary))
    assert "赵秀兰" not in other.get(CONDOLE).content.decode()
    assert other.get(CONDOLE, {"member": world.zhao.pk}).status_code == 404


def test_the_page_of_the_dead_offers_condolence_and_a_visit_to_the_family(world, secretary):
    died(world.zhao)
    page = secretary.get(f"/members/{world.zhao.pk}/").content.decode()
    assert f"{CONDOLE}?member={world.zhao.pk}" in page
    assert "登记谈话" not in page
    assert "登记祝贺" not in page
