"""What the morning digest and the weekly review say: the board's own numbers, no names, nothing to or of the dead."""

import json
import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from duties.engine.models import Duty
from duties.notices import digest, review
from members.enums import EventKind, OrganisationKind, Role
from members.models import Person
from tests.duties.acts import die, happen, sweep_on, take_post, talk
from tests.duties.rules import a_rule
from tests.world import account, member, organisation, post

TODAY = date(2026, 11, 23)


@pytest.fixture
def busy(world):
    """The cast under policy, with something late, something soon, something sensitive, and a birthday today."""
    member("孔生日", world.branch, joined=date(2001, 11, 23))
    happen(world.li, EventKind.HONOUR, date(2026, 10, 20))  # due 11-04: 19 days late
    happen(world.sun, EventKind.HONOUR, date(2026, 10, 30))  # due 11-14: 9 days late
    happen(world.zhao, EventKind.ILLNESS, date(2026, 11, 22))
    happen(world.li, EventKind.TENDENCY, date(2026, 11, 22))
    sweep_on(TODAY)
    return world


def told(cast_member) -> dict:
    return digest.contents(TODAY)[cast_member.pk]


def test_numbers_by_group_and_kind_of_matter(busy):
    groups = told(busy.secretary)["groups"]
    assert [(item["what"], item["n"]) for item in groups["late"]["items"]] == [("获得表彰后谈话", 1)]
    assert {item["what"]: item["n"] for item in groups["soon"]["items"]}["关怀事项"] == 2
    assert ("年度谈心谈话", "年度谈话") in {(item["what"], item["sort"]) for item in groups["later"]["items"]}
    assert told(busy.secretary)["gone"] == 89


def test_what_is_sensitive_is_named_nowhere(busy):
    text = json.dumps(digest.contents(TODAY), ensure_ascii=False)
    for word in ("重病", "苗头", "处分", "受处理", "病危"):
        assert word not in text
    for name in Person.objects.order_by("pk").values_list("name", flat=True):
        assert name not in text


def test_birthdays_of_the_month_and_of_the_day(busy):
    assert told(busy.secretary)["birthdays"] == [
        {"organisation": busy.branch.pk, "place": "河源第一党支部", "month": 11, "n": 2, "today": 1}
    ]


def test_the_29th_of_february_is_kept_on_the_28th(cast):
    member("闰年", cast.branch, joined=date(2004, 2, 29))
    for day, n in ((date(2027, 2, 28), 1), (date(2028, 2, 28), 0), (date(2028, 2, 29), 1)):
        (each,) = digest.birthdays(day, None)[cast.secretary.pk]
        assert each["today"] == n


def test_what_is_overdue_for_long_is_told_to_the_next_secretary_and_then_to_the_department(busy):
    below = {person: told["below"] for person, told in digest.contents(TODAY).items() if told["below"]}
    branch = {"organisation": busy.branch.pk, "place": "河源第一党支部", "n": 1}
    sibling = {"organisation": busy.sibling.pk, "place": "河源第二党支部", "n": 1}
    assert below == {
        busy.general_secretary.pk: [branch | {"days": 7}, sibling | {"days": 7}],
        busy.clerk.pk: [branch | {"days": 15}],
    }


def test_a_vacant_level_is_skipped(busy):
    busy.general_secretary.posts.update(until=TODAY)
    below = told(busy.committee_secretary)["below"]
    assert [(each["organisation"], each["days"]) for each in below] == [(busy.branch.pk, 7), (busy.sibling.pk, 7)]


def test_day_seven_is_not_yet_more_than_seven_days(busy):
    for days, n in ((7, 0), (8, 1)):
        day = date(2026, 11, 14).toordinal() + days
        told = digest.escalations(date.fromordinal(day), {busy.general_secretary.pk})
        assert sum(each["place"] == "河源第二党支部" for each in told.get(busy.general_secretary.pk, [])) == n


def test_of_some_people_it_says_the_same(busy):
    whole = digest.contents(TODAY)
    for person in Person.objects.order_by("pk").values_list("pk", flat=True):
        assert digest.contents(TODAY, {person}) == {pk: each for pk, each in whole.items() if pk == person}


def test_who_owes_nothing_is_told_nothing(cast):
    a_rule(cast.committee, {"kind": "quota", "times": 1, "per": "year", "counted_per": "member"}, code="yearly")
    sweep_on(TODAY)
    assert digest.contents(TODAY) == {}, "a visit due in December is no matter of today"


def test_the_dead_are_not_spoken_of_as_living(busy):
    before = told(busy.secretary)["groups"]["late"]["n"]
    die(busy.li, date(2026, 11, 22))
    groups = told(busy.secretary)["groups"]
    assert groups.get("late", {"n": 0})["n"] == before - 1
    assert ("吊唁慰问亲属" in json.dumps(groups, ensure_ascii=False)) == Duty.objects.open().filter(
        rule__code="condolence"
    ).exists()


def test_the_dead_and_those_without_an_account_are_told_nothing(busy):
    account(busy.secretary)
    account(busy.sibling_secretary)
    closed = account(busy.general_secretary)
    closed.is_active = False
    closed.save()
    assert set(digest.recipients(TODAY).values_list("person", flat=True)) == {
        busy.secretary.pk, busy.sibling_secretary.pk,
    }  # fmt: skip
    die(busy.secretary, date(2026, 11, 22))
    assert set(digest.recipients(TODAY).values_list("person", flat=True)) == {busy.sibling_secretary.pk}


def test_the_queries_do_not_grow_with_the_people(busy):
    with CaptureQueriesContext(connection) as few:
        digest.contents(TODAY)
        review.contents(TODAY)
    for number in range(6):
        branch = organisation(f"01013{number}", parent=busy.general)
        post(member(f"书记{number}", branch), branch)
    with CaptureQueriesContext(connection) as many:
        digest.contents(TODAY)
        review.contents(TODAY)
    assert len(many) == len(few) <= 30


def section(page: str, anchor: str) -> int:
    """How many rows a section of the board says it has, on all pages."""
    found = re.search(rf'id="{anchor}"><td[^>]*><span[^>]*>[^<]*?(\d+) 件</span>', page)
    return int(found[1]) if found else 0


@pytest.mark.parametrize("who", ["secretary", "general_secretary", "committee_secretary", "sibling_secretary"])
def test_each_number_opens_a_list_of_as_many(busy, sign_in, who):
    browser, content = sign_in(account(getattr(busy, who))), told(getattr(busy, who))
    anchors = {"late": ("late", ""), "soon": ("soon", "&due=7"), "later": ("later", "")}
    for name, group in content["groups"].items():
        anchor, due = anchors[name]
        if name != "later":
            assert section(browser.get(f"/duties/?tab=mine{due}").content.decode(), anchor) == group["n"]
        for item in group["items"]:
            if "rule" in item:
                page = browser.get(f"/duties/?tab=mine&rule={item['rule']}{due}").content.decode()
                assert section(page, anchor) == item["n"], item
    for each in content["below"]:
        page = browser.get(f"/duties/?tab=here&organisation={each['organisation']}&due=-{each['days'] + 1}")
        assert section(page.content.decode(), "late") == each["n"]
    for each in content["birthdays"]:
        assert f"{each['n']} 人" in browser.get(f"/?organisation={each['organisation']}").content.decode()


def test_the_weekly_review_says_how_those_below_stand(busy):
    talk(busy.li, busy.secretary, on=date(2026, 11, 20))
    content = review.contents(TODAY)
    assert set(content) == {busy.general_secretary.pk, busy.committee_secretary.pk, busy.clerk.pk}
    (place,) = content[busy.general_secretary.pk]["places"]
    rows = {row["place"]: row for row in place["rows"]}
    branch = rows["河源第一党支部"]
    assert (branch["late"], branch["done"], branch["total"]) == (0, 1, 4), "the talk closed the late one too"
    assert rows["河源第二党支部"]["late"] == 1
    (place,) = content[busy.clerk.pk]["places"]
    assert {row["place"]: row["late"] for row in place["rows"]} == {"河源局党总支": 1, "机关党支部": 0}
    text = json.dumps(content, ensure_ascii=False)
    assert not [name for name in Person.objects.order_by("pk").values_list("name", flat=True) if name in text]


def test_the_review_opens_lists_of_as_many(busy, sign_in):
    browser = sign_in(account(busy.clerk))
    (place,) = review.contents(TODAY)[busy.clerk.pk]["places"]
    for row in place["rows"]:
        page = browser.get(f"/duties/?tab=here&organisation={row['organisation']}").content.decode()
        assert section(page, "late") == row["late"]


def test_a_branch_has_nobody_below(busy):
    group = organisation("01010101", OrganisationKind.GROUP, busy.branch)
    take_post(busy.li, group, Role.GROUP_LEADER, since=date(2026, 1, 1))
    assert busy.secretary.pk not in review.contents(TODAY)
