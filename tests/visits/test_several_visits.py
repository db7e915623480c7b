"""One trip to several households: a line for each, one record each, all or nothing. Today is 2026-11-23, a Monday."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from duties.engine.models import Record, State
from members.enums import EventKind, Role, TieKind
from members.models import Tie
from tests.duties.acts import die, duty, happen, move
from tests.visits.filling import fill_trip, fill_visit
from tests.world import account, member, post
from visits.models import Visit

NEW, ONE = "/visits/several/", "/visits/new/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def secretary(world, sign_in):
    return sign_in(account(world.secretary))


def test_each_ticked_household_is_its_own_visit_with_its_own_money_and_gift(world, secretary):
    ill = happen(world.li, EventKind.ILLNESS, date(2026, 11, 20))
    li, zhao = world.li.pk, world.zhao.pk
    sent = fill_trip(
        secretary, world.branch, (world.li, "术后恢复"), (world.zhao, "腿脚不便"), source="dues",
        people=[world.secretary.pk, world.commissioner.pk],
        **{
            f"money_{li}": "500", f"gift_{zhao}": "米、油", f"gift_value_{zhao}": "120.5", f"wish_{zhao}": "缺人送饭",
            f"met_{zhao}": "both",
        },
    )  # fmt: skip
    assert "身患严重疾病（第6项）" in secretary.get(NEW).content.decode()
    panel = secretary.post(NEW, sent | {"preview": "1"}, headers={"hx-request": "true"}).content.decode()
    assert "重病走访" in panel
    page = secretary.post(NEW, sent, follow=True).content.decode()
    assert "2 户走访已登记，办结 1 件应办。" in page
    visits = {visit.record.member_id: visit for visit in Visit.objects.select_related("record")}
    assert (visits[li].money_words, visits[li].text, visits[li].record.event) == (
        "500.00 元，留存党费", "术后恢复", ill,
    )  # fmt: skip
    other = visits[zhao]
    assert (other.money, other.source, other.gift, other.gift_value) == (None, "", "米、油", 12_050)
    assert (other.met, other.wish, other.record.event) == ("both", "缺人送饭", None)
    assert [other.record.actors.count(), visits[li].record.actors.count()] == [2, 2]
    assert duty("visit-on-illness", world.li, f"e{ill.pk}").state == State.DONE
    again = secretary.post(NEW, sent)
    assert again.url == "/visits/"
    assert Record.objects.count() == 2


@pytest.mark.parametrize(
    ("given", "sentence", "at"),
    [
        ({"text_zhao": " "}, "请写看到什么、需要什么，一句话也可以。", "text_zhao"),
        ({"money_zhao": "300"}, "写了慰问金 300.00 元，请选这笔钱从哪里来。", "source"),
        ({"gift_value_zhao": "30"}, "写了慰问品的价值，请写是什么", "gift_zhao"),
        ({"tick_zhao": ""}, "写了内容但没有勾选赵秀兰。", "text_zhao"),
        ({"people": "zhao"}, "赵秀兰不能看望自己", "text_zhao"),
        ({"on": "2026-12-03"}, "走访日期 2026-12-03 晚于今天", "text_zhao"),
        ({"how": "card"}, "请选在哪里。", "how"),
        ({"people": []}, "请勾选是谁。", "people"),
    ],
)
def test_all_or_nothing_with_the_error_beside_its_line(world, secretary, given, sentence, at):
    post(world.zhao, world.branch, Role.COMMISSIONER)
    number = str(world.zhao.pk)
    given = {name.replace("zhao", number): [number] if value == "zhao" else value for name, value in given.items()}
    sent = fill_trip(secretary, world.branch, (world.li, "术后恢复"), (world.zhao, "腿脚不便"), **given)
    refused = secretary.post(NEW, sent)
    body = refused.content.decode()
    assert refused.status_code == 422
    assert sentence in body
    assert f'id="id_{at.replace("zhao", number)}' in body
    assert "术后恢复" in body
    assert not Record.objects.exists()


def test_nobody_ticked_the_same_again_and_another_branch_are_told(world, secretary):
    refused = secretary.post(NEW, fill_trip(secretary, world.branch))
    assert "还没有勾选走访过的党员。" in refused.content.decode()
    secretary.post(ONE, fill_visit(secretary, world.zhao, text="腿脚不便"))
    sent = fill_trip(secretary, world.branch, (world.li, "术后恢复"), (world.zhao, "腿脚不便"))
    assert "对赵秀兰的走访已登记过，没有再记一条。" in secretary.post(NEW, sent).content.decode()
    assert Record.objects.count() == 1
    move(world.sun, world.branch, date(2026, 11, 16))
    sent = fill_trip(secretary, world.branch, (world.sun, "都好"), on="2026-11-15")
    assert "那次走访由当时所在支部登记" in secretary.post(NEW, sent).content.decode()
    assert secretary.get(NEW, {"organisation": world.general.pk}).status_code == 404


def test_the_dead_and_oneself_have_no_line_and_the_page_asks_as_little_for_many(world, secretary):
    die(world.zhao, date(2026, 11, 10))
    page = secretary.get(NEW).content.decode()
    assert f"tick_{world.li.pk}" in page
    assert f"tick_{world.zhao.pk}" not in page
    assert f"tick_{world.secretary.pk}" not in page
    with CaptureQueriesContext(connection) as few:
        secretary.get(NEW)
    for number in range(20):
        member(f"范文{number}", world.branch)
    with CaptureQueriesContext(connection) as many:
        secretary.get(NEW)
    assert len(few) == len(many)


# People who held no post that day


def test_a_visit_of_people_without_a_post_is_asked_about_and_kept(world, secretary):
    ill = happen(world.li, EventKind.ILLNESS, date(2026, 11, 18))
    before = fill_visit(secretary, world.li, on="2019-12-30", wish="缺人送饭")
    refused = secretary.post(ONE, before)
    body = refused.content.decode()
    assert refused.status_code == 422
    assert "2019-12-30 那天王海燕没有登记任职，也不是联系人，这次只留档，办结不了应办。" in body
    assert "缺人送饭" in body
    assert not Record.objects.exists()
    assert secretary.post(ONE, before | {"anyway": "on"}).status_code == 302
    panel = {"preview": "1", "reason": f"event:{ill.pk}", "text": "又去了一次"}
    assert "不会办结任何应办" in secretary.post(ONE, before | panel).content.decode()
    trip = fill_trip(secretary, world.branch, (world.li, "都好"), on="2019-12-30")
    assert "没有登记任职" in secretary.post(NEW, trip).content.decode()
    assert secretary.post(NEW, trip | {"anyway": "on"}).status_code == 302


def test_who_goes_along_needs_no_post_and_neither_does_who_stands_by_the_member(world, secretary):
    assert secretary.post(ONE, fill_visit(secretary, world.li, others=[world.zhao.pk])).status_code == 302
    Tie.objects.create(person=world.li, kind=TieKind.CONTACT, to=world.secretary, since=date(2019, 1, 1))
    assert secretary.post(ONE, fill_visit(secretary, world.li, on="2019-12-30")).status_code == 302


def test_money_given_twice_on_a_day_is_asked_about_in_both_forms(world, secretary):
    paid = {"money": "500", "source": "dues"}
    assert secretary.post(ONE, fill_visit(secretary, world.li, text="家里都好", **paid)).status_code == 302
    assert secretary.post(ONE, fill_visit(secretary, world.li, text="又看了一次")).status_code == 302
    again = fill_visit(secretary, world.li, text="家里都好啊", **paid)
    trip = fill_trip(secretary, world.branch, (world.li, "路过"), source="dues", **{f"money_{world.li.pk}": "500"})
    for where, sent in ((ONE, again), (NEW, trip)):
        refused = secretary.post(where, sent)
        assert refused.status_code == 422
        assert "已经登记过给李建国的慰问金。" in refused.content.decode()
    assert Visit.objects.count() == 2
    assert secretary.post(ONE, again | {"anyway": "on"}).status_code == 302
