"""What visits gave meets the books in the record: listed, booked once, reversed when the visit was withdrawn."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from duties.engine.records import withdraw_record
from fund.models import RecordSpending, Voucher
from members.enums import Role
from tests.fund.money import balances, broken
from tests.fund.office import Office
from tests.visits.campaigns import TODAY, decided, handed, make_tasks_duties, populate
from tests.world import account, member, post
from visits.models import Visit
from visits.visiting import Seen, record_visit

pytestmark = pytest.mark.django_db
URL = "/fund/visits/"


@pytest.fixture
def office(cast):
    return Office(cast)


@pytest.fixture
def cashier(office, sign_in):
    return sign_in(office.by(office.cashier))


def page(client) -> str:
    answer = client.get(URL)
    assert answer.status_code == 200
    return answer.content.decode()


def gave(office, who=None, *, by=None, money=50_000, source="dues") -> Visit:
    by = by or office.cast.secretary
    seen = Seen("home", met="member", text="身体很弱", money=money, source=source)
    given = {"member": who or office.cast.li, "people": [by], "seen": seen, "on": TODAY, "today": TODAY}
    return record_visit(by=office.by(by), action="visit", **given)


def once_and_visit(client, visit, **more):
    sent = {"once": f"k{visit.pk}", "visit": visit.pk, "source": "", "minutes": "", **more}
    return client.post(URL, sent, follow=True)


def test_a_visits_money_is_listed_without_what_was_seen_and_booked_once(office, cashier):
    visit = gave(office)
    body = page(cashier)
    for words in ("李建国", office.cast.secretary.name, "500.00", "留存党费", "走访慰问"):
        assert words in body
    assert "身体很弱" not in body
    assert '待记账<span class="n">1</span>' in body
    refused = once_and_visit(cashier, visit)
    assert refused.status_code == 422
    assert "请写定标准的会议纪要号" in refused.content.decode()
    done = once_and_visit(cashier, visit, once="b", minutes="党委会〔2026〕3号")
    assert "已记账，凭证 2026-" in done.content.decode()
    assert "没有再记一次" in once_and_visit(cashier, visit, once="b", minutes="党委会〔2026〕3号").content.decode()
    assert "不在待记账里" in once_and_visit(cashier, visit, once="c", minutes="x").content.decode()
    spending = RecordSpending.objects.get()
    assert (spending.record, spending.reservation.use, spending.voucher.on) == (visit.record, "visit", TODAY)
    assert balances(office.fund) == {"available": 4_950_000, "spent": 50_000}
    assert "没有要记账的" in page(cashier)
    assert broken() == set()


def test_only_the_funds_own_money_is_listed_and_the_general_word_asks_for_its_source(office, cashier):
    for who, source in ((office.cast.zhao, "union"), (office.cast.sun, "own")):
        by = {"by": office.cast.sibling_secretary} if who == office.cast.sun else {}
        gave(office, who, source=source, **by)
    assert "没有要记账的" in page(cashier)
    visit = gave(office, source="fund")
    assert "选款源" in page(cashier)
    assert "款源" in once_and_visit(cashier, visit, minutes="3").content.decode()
    assert "已记账" in once_and_visit(cashier, visit, once="b", minutes="3", source="dues").content.decode()
    poor = gave(office, office.cast.secretary, source="fiscal", by=office.cast.commissioner)
    assert "不够" in once_and_visit(cashier, poor, minutes="3").content.decode()
    assert broken() == set()


def test_a_campaigns_visit_stands_on_the_minutes_of_its_meeting(world, sign_in):
    cast, office = world, Office(world)
    cashier = sign_in(office.by(office.cashier))
    populate(cast)
    make_tasks_duties(cast)
    campaign = decided(cast, office.by(cast.clerk))
    row = handed(campaign, cast.li, office.by(cast.secretary))
    body = page(cashier)
    for words in ("2027 年春节走访慰问", "党委会〔2026〕18号"):
        assert words in body
    assert "已记账" in once_and_visit(cashier, row.visit).content.decode()
    assert RecordSpending.objects.get().minutes == "党委会〔2026〕18号"
    other = handed(campaign, cast.zhao, office.by(cast.secretary))
    Visit.objects.filter(pk=other.visit.pk).update(money=other.fen + 1)
    assert "请写定标准的会议纪要号" in once_and_visit(cashier, other.visit).content.decode()


def test_a_withdrawn_visit_is_reversed_once(office, cashier):
    visit = gave(office)
    once_and_visit(cashier, visit, minutes="3")
    spending = RecordSpending.objects.get()
    assert cashier.post(f"{URL}{spending.pk}/back/", {"once": "x"}).status_code == 404, "the visit stands"
    withdraw_record(by=office.by(office.cast.secretary), record=visit.record, reason="记错人", today=TODAY)
    assert "要冲销的" in page(cashier)
    assert "已红冲" in cashier.post(f"{URL}{spending.pk}/back/", {"once": "y"}, follow=True).content.decode()
    assert cashier.post(f"{URL}{spending.pk}/back/", {"once": "z"}).status_code == 404
    assert balances(office.fund) == {"available": 5_000_000}
    assert Voucher.objects.filter(reverses=spending.voucher).count() == 1
    assert broken() == set()


def test_nobody_books_what_he_was_given_and_who_keeps_no_books_sees_no_list(office, sign_in):
    own = member("吴静芳", office.cast.branch)
    post(own, office.cast.committee, Role.ACCOUNTANT)
    visit = gave(office, own)
    keeper, secretary = sign_in(account(own)), sign_in(office.by(office.cast.secretary))
    assert "没有要记账的" in page(keeper)
    assert "不在待记账里" in once_and_visit(keeper, visit, minutes="3").content.decode()
    assert secretary.get(URL).status_code == 403


def test_the_list_costs_the_same_however_many_are_on_it(office, cashier):
    people = [member(f"党员{n}", office.cast.branch) for n in range(9)]
    gave(office, people[0])
    page(cashier)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            page(cashier)
        return len(seen)

    few = queries()
    for each in people[1:]:
        gave(office, each)
    assert queries() == few
