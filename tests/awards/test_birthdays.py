"""The birthdays of a month in the browser: whose, what was done, what is to do. Today is 2026-11-23."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from awards.birthdays import birthdays, greetings, of_month, unknown
from awards.ceremonies import Held, record_ceremony
from duties.engine.models import Action, Record, State
from duties.engine.records import enter_record
from members.enums import Standing
from members.models import Membership
from tests.duties.acts import adopt_pack, die, duty, sweep_on
from tests.duties.rules import a_rule
from tests.world import account, member
from visits.models import Visit

TODAY = date(2026, 11, 23)
pytestmark = pytest.mark.django_db


@pytest.fixture
def world(cast):
    adopt_pack(cast.committee)
    return cast


@pytest.fixture
def secretary(world, sign_in):
    return sign_in(account(world.secretary))


def greet(cast, someone, on, *, action="greeting"):
    return enter_record(
        by=None, organisation=cast.branch, member=someone, action=action, on=on, people=[cast.secretary], today=TODAY
    )


def names(first, stays=None) -> list[str]:
    found = of_month(Membership.objects.on(TODAY) if stays is None else stays, first)
    return [stay.person.name for stay in found.order_by("slot", "path", "pk")]


@pytest.mark.parametrize(
    ("more", "listed"),
    [
        ({"joined": date(2009, 11, 6)}, True),
        ({"joined": date(2009, 10, 31)}, False),
        ({"joined": date(2009, 12, 1)}, False),
        ({"joined": date(2025, 11, 20), "full": None, "standing": Standing.PROBATIONARY}, True),
        ({"joined": date(2026, 11, 20), "full": None, "standing": Standing.PROBATIONARY}, True),
        ({"joined": date(2009, 11, 1), "joined_precision": "month"}, True),
        ({"joined": date(2009, 11, 1), "joined_precision": "year"}, False),
        ({"joined": date(2009, 11, 6), "standing": Standing.SUSPENDED}, False),
        ({"joined": date(2009, 11, 6), "standing": Standing.LOST}, False),
        ({"joined": date(2009, 11, 6), "standing": Standing.DEAD}, False),
        ({"joined": date(2009, 11, 6), "until": date(2026, 11, 1)}, False),
    ],
)
def test_whose_political_birthday_falls_in_a_month(cast, more, listed):
    member("某人", cast.branch, **more)
    assert ("某人" in names(date(2026, 11, 1))) is listed


def test_a_month_not_come_to_yet_has_nobody_who_had_not_joined(cast):
    member("某人", cast.branch, joined=date(2026, 11, 20), full=None, standing=Standing.PROBATIONARY)
    assert "某人" not in names(date(2025, 11, 1))


def test_29_february_is_kept_on_the_28th_in_common_years(cast):
    member("闰日", cast.branch, joined=date(2008, 2, 29))
    reader = account(cast.secretary)
    for year, on in ((2026, date(2026, 2, 28)), (2028, date(2028, 2, 29))):
        assert "闰日" in names(date(year, 2, 1))
        stays = list(Membership.objects.filter(person__name="闰日").select_related("person", "organisation"))
        (found,) = birthdays(stays, year, reader, TODAY)
        assert (found.on, found.years) == (on, year - 2008)


def test_a_month_tells_those_of_the_month_first_and_counts_the_unknown_apart(world, secretary):
    member("何月", world.branch, joined=date(2001, 11, 1), joined_precision="month")
    member("何年", world.branch, joined=date(2001, 1, 1), joined_precision="year")
    member("何时", world.branch, joined=None, full=None)
    member("整十", world.branch, joined=date(2016, 11, 28))
    page = secretary.get("/birthdays/").content.decode()
    assert "2026 年 11 月政治生日" in page
    assert page.index("何月") < page.index("张伟") < page.index("整十")
    assert "不知哪天" in page
    assert "<b>10 周年</b>" in page
    assert "17 周年" in page
    assert "何年" not in page
    assert '日期不全<span class="n">2</span>' in page
    apart = secretary.get("/birthdays/", {"tab": "unknown"}).content.decode()
    assert "只知道 2001 年入党" in apart
    assert "没有入党日期" in apart
    assert unknown(Membership.objects.on(TODAY)).count() == 2
    assert "孙德福" not in secretary.get("/birthdays/", {"month": "2026-06"}).content.decode(), "of another branch"


@pytest.mark.parametrize("month", ["", "2026-13", "abc", "0001-01", "9999-01"])
def test_a_month_nobody_could_mean_is_this_one(world, secretary, month):
    assert "2026 年 11 月政治生日" in secretary.get("/birthdays/", {"month": month}).content.decode()


def test_what_was_done_and_what_is_to_do(world, secretary):
    kept = member("办过", world.branch, joined=date(2001, 11, 20))
    member("还有", world.branch, joined=date(2001, 11, 26))
    told = member("谈过", world.branch, joined=date(2001, 11, 21))
    sweep_on(TODAY)
    greet(world, kept, date(2026, 11, 20))
    greet(world, told, date(2026, 11, 20), action="talk")
    page = secretary.get("/birthdays/").content.decode()
    assert "11-20 祝贺，王海燕" in page
    assert "11-20 谈话，王海燕" in page
    assert "还有 3 天" in page
    assert page.count(">登记祝贺</a>") == 2, (
        "of who joined on the 6th the duty is past, and of who has still to be greeted"
    )
    die(kept, date(2026, 11, 22))
    assert "办过" not in secretary.get("/birthdays/").content.decode()


def test_a_greeting_belongs_to_the_birthday_it_is_nearest_to(cast):
    on = date(2026, 12, 28)
    for day, year in ((date(2026, 12, 20), 2026), (date(2027, 1, 3), 2026), (date(2026, 7, 1), 2026)):
        record = Record.objects.create(
            organisation=cast.branch, path=cast.branch.path, member=cast.li, action=Action.GREETING, on=day,
            entered_on=TODAY,
        )  # fmt: skip
        found = {y: greetings(Record.objects.all(), {cast.li.pk: on.replace(year=y)}) for y in (2025, 2026, 2027)}
        assert [y for y, each in found.items() if each] == [year], day
        record.delete()


def test_the_secretary_is_greeted_from_above_and_greets_nobody_in_his_own_name(world, secretary):
    world.secretary.joined_on = date(2005, 11, 25)
    world.secretary.save()
    sweep_on(TODAY)
    assert "周启明" in secretary.get("/birthdays/").content.decode()
    page = secretary.get(f"/birthdays/{world.secretary.pk}/2026/").content.decode()
    assert "河源局党总支" in page, "who signs"
    assert "记作短信" not in page
    free = secretary.get(f"/birthdays/{world.secretary.pk}/2025/").content.decode()
    assert "书记本人的，由上级党组织祝贺" in free


def test_from_the_words_one_tap_records_that_they_were_sent(world, secretary):
    someone = member("孔明", world.branch, joined=date(2001, 11, 24))
    sweep_on(TODAY)
    page = secretary.get(f"/birthdays/{someone.pk}/2026/")
    text = page.context["text"]
    assert text.startswith("孔明同志：\n值此您入党 25 周年之际")
    assert page.content.decode().count('name="how"') == 3
    sent = {
        "once": page.context["once"], "member": someone.pk, "on": "2026-11-23", "people": page.context["me"],
        "text": text, "how": "message",
    }  # fmt: skip
    for _again in range(2):
        assert secretary.post("/greetings/new/", sent).status_code == 302
    visit = Visit.objects.get()
    assert (visit.how, visit.record.action, visit.text) == ("message", "greeting", text)
    assert duty("political-birthday", someone).state == State.DONE
    assert "11-23 短信，王海燕" in secretary.get(f"/birthdays/{someone.pk}/2026/").content.decode()


def test_of_the_dead_the_suspended_and_the_unknown_there_is_no_birthday(world, secretary):
    for more, sentence in (
        ({"standing": Standing.SUSPENDED}, "停止党籍，不祝贺生日"),
        ({"standing": Standing.DEAD}, "去世，不祝贺生日"),
        ({"joined_precision": "year"}, "入党日期不全"),
    ):
        someone = member("某人", world.branch, **more)
        answer = secretary.get(f"/birthdays/{someone.pk}/2026/")
        assert answer.status_code == 403
        assert sentence in answer.content.decode()
    for pk, year in ((world.sun.pk, 2026), (world.li.pk, 1990), (world.li.pk, 2050)):
        assert secretary.get(f"/birthdays/{pk}/{year}/").status_code == 404
    assert secretary.get(f"/birthdays/{world.li.pk}/2026/", {"kind": "natural"}).status_code == 404


def test_cards_are_printed_one_a_page(world, secretary):
    member("孔明", world.branch, joined=date(2001, 11, 24))
    page = secretary.get("/birthdays/cards/", {"month": "2026-11"}).content.decode()
    assert page.count("card-a5 sheet") == 2
    assert "张伟同志：" in page
    one = secretary.get("/birthdays/cards/", {"member": world.li.pk, "year": "2026"}).content.decode()
    assert one.count("card-a5 sheet") == 1
    assert '<p class="end">2026 年 7 月 1 日</p>' in one
    assert '<p class="end">河源第一党支部</p>' in one
    assert secretary.get("/birthdays/cards/", {"member": world.sun.pk}).status_code == 404


def test_birthdays_in_the_common_sense_are_told_only_where_a_policy_asks(world, secretary):
    assert secretary.get("/birthdays/", {"tab": "natural"}).status_code == 404
    world.li.birth_on = date(1955, 11, 25)
    world.li.save()
    trigger = {"kind": "date", "fact": "birth_on", "every": "year", "opens_days_before": 7, "closes_days_after": 0}
    a_rule(world.general, trigger, action="greeting", mechanism="M10")
    sweep_on(TODAY)
    page = secretary.get("/birthdays/", {"tab": "natural"}).content.decode()
    assert "11-25 周三" in page
    assert "还有 2 天" in page
    assert "1955" not in page
    card = secretary.get(f"/birthdays/{world.li.pk}/2026/", {"kind": "natural"}).content.decode()
    assert "祝您生日快乐" in card
    assert "1955" not in card
    cards = secretary.get("/birthdays/cards/", {"month": "2026-11", "tab": "natural"}).content.decode()
    assert "生日贺卡" in cards
    record = greet(world, world.li, date(2026, 11, 23))
    days = {world.li.pk: date(2026, 7, 1)}
    assert greetings(Record.objects.all(), days) == {world.li.pk: record}
    rule = record.closed_duties.get().rule_id
    assert greetings(Record.objects.all(), days, but=[rule]) == {}, "it was for the other birthday"


def test_a_page_asks_as_often_for_fifty_as_for_one(world, secretary):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            assert secretary.get("/birthdays/").status_code == 200
        return len(queries)

    member("孔零", world.branch, joined=date(2001, 11, 24))
    greet(world, world.commissioner, date(2026, 11, 6))
    sweep_on(TODAY)
    asked()
    one = asked()
    for number in range(60):
        someone = member(f"孔{number}", world.branch, joined=date(2001, 11, 1 + number % 28))
        if number % 2:
            greet(world, someone, date(2026, 11, 10))
    sweep_on(TODAY)
    assert asked() <= one
    first = secretary.get("/birthdays/")
    assert len(first.context["rows"]) == 50
    rest = secretary.get("/birthdays/", {"after": first.context["after"]})
    assert len(rest.context["rows"]) == 12
    both = [each.stay.pk for each in (*first.context["rows"], *rest.context["rows"])]
    assert len(set(both)) == 62


def test_of_very_many_members_an_organisation_is_chosen_first(world, sign_in, monkeypatch):
    clerk = sign_in(account(world.clerk))
    monkeypatch.setattr("awards.views.birthdays.MOST", 5)
    assert "先在上面选一个党组织" in clerk.get("/birthdays/").content.decode()
    assert "张伟" in clerk.get("/birthdays/", {"organisation": world.branch.pk}).content.decode()


def test_who_looks_at_no_members_looks_at_no_birthdays(world, sign_in):
    plain = sign_in(account(world.li))
    for url in ("/birthdays/", "/birthdays/cards/", "/birthdays/texts/", f"/birthdays/{world.li.pk}/2026/"):
        assert plain.get(url).status_code == 403


def test_a_birthday_kept_together_is_told_with_the_ways(world, secretary):
    record_ceremony(
        by=None, organisation=world.branch, on=date(2026, 7, 1), people=[world.secretary], members=[world.li],
        held=Held("birthday", "会议室", "王海燕", ("oath", "forum")), today=TODAY,
    )  # fmt: skip
    page = secretary.get("/birthdays/", {"month": "2026-07"}).content.decode()
    assert "07-01 集体（重温誓词、座谈），王海燕" in page
