"""The board: whose duty it is, in which group, in which words, a page at a time."""

import re
from datetime import date

import pytest
import time_machine
from django.urls import reverse

from duties.board.lists import RESPONSIBLE
from duties.board.words import describe, when, with_words
from duties.engine.models import Duty, State
from duties.policy.packs import pack_codes, read_pack
from members.enums import EventKind, Role
from tests.duties.acts import adopt_pack, die, duty, happen, move, sweep_on, talk, waive
from tests.duties.reading import body, enrol
from tests.world import account, member, person, post

TODAY = date(2026, 11, 23)


@pytest.fixture
def secretary(world, sign_in):
    return sign_in(account(world.secretary, "wang"))


def rows(page: str) -> list[str]:
    """The text of each duty row, in order."""
    cells = re.findall(r"<tr>\s*<td class=\"nowrap when\">.*?</tr>", page, re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", cell)).strip() for cell in cells]


def groups(page: str) -> list[str]:
    return re.findall(r'<tr class="grp"[^>]*><td[^>]*><span[^>]*>([^<]+)</span>', page)


def line_of(duty_row: Duty, viewer):
    (line,) = describe(with_words(Duty.objects.filter(pk=duty_row.pk)), account(viewer), TODAY)
    return line


def test_groups_stand_in_the_order_of_urgency(world, secretary):
    happen(world.li, EventKind.ABSENCE, date(2026, 11, 9))
    happen(world.zhao, EventKind.HONOUR, date(2026, 11, 15))
    page = body(secretary.get("/duties/"))
    assert groups(page) == ["逾期 1 件", "7 天内 1 件", "以后 3 件"]
    assert rows(page)[0].startswith("逾期 7 天 11-16 到期 李建国 组织生活或党费提醒谈话")
    assert rows(page)[1].startswith("还有 7 天 11-30 到期 赵秀兰 获得表彰后谈话")


def test_a_talk_missed_last_year_is_called_missed_and_not_overdue(cast, sign_in):
    adopt_pack(cast.committee, date(2025, 1, 1))
    sweep_on(TODAY)
    browser = sign_in(account(cast.secretary))
    page = body(browser.get("/duties/?q=李建国"))
    assert groups(page) == ["以后 1 件", "已错过，当时没办 1 件"]
    assert rows(page)[1].startswith("已错过 2025-12-31 到期 李建国 年度谈心谈话")
    desk = body(browser.get("/"))
    assert "没有逾期" in desk


def test_an_optional_birthday_stays_a_week_and_is_never_overdue(world, secretary):
    with time_machine.travel("2026-11-10T02:00Z"):
        sweep_on(date(2026, 11, 10))
        page = body(secretary.get("/duties/?tab=here"))
        assert "已过 4 天" in page
        assert "张伟" in page
        assert "逾期" not in page
    page = body(secretary.get("/duties/?tab=here"))
    assert "2009-11-06 入党" not in page


def test_mine_are_those_of_the_nearest_holder(world, secretary, sign_in):
    mine = rows(body(secretary.get("/duties/?tab=mine")))
    assert {name for name in ("王海燕", "张伟", "李建国", "赵秀兰") if any(f"到期 {name} " in row for row in mine)} == {
        "张伟", "李建国", "赵秀兰",
    }  # fmt: skip
    above = rows(body(sign_in(account(world.general_secretary)).get("/duties/?tab=mine")))
    assert [row for row in above if "到期 王海燕 " in row]
    assert not [row for row in above if "到期 李建国 " in row]


def test_nobody_is_offered_a_form_to_talk_with_themselves(world):
    assert line_of(duty("yearly-talk", world.li), world.secretary).form == "talk_new"


def test_own_duties_and_those_only_seen_have_no_button(world):
    assert line_of(duty("yearly-talk", world.secretary), world.secretary).form == ""
    leader = member("胡杰", world.branch)
    post(leader, world.branch, Role.GROUP_LEADER)
    assert line_of(duty("yearly-talk", world.li), leader).form == ""


@pytest.mark.parametrize(
    ("due", "said", "tone"),
    [
        (date(2026, 11, 22), "逾期 1 天", "late"),
        (date(2026, 11, 23), "今天", "soon"),
        (date(2026, 11, 30), "还有 7 天", "soon"),
        (date(2026, 12, 1), "还有 8 天", ""),
    ],
)
def test_how_far_away_a_due_day_is(world, due, said, tone):
    happen(world.li, EventKind.HONOUR, date(2026, 11, 20))
    row = duty("talk-on-honour", world.li, f"e{world.li.events.get().pk}")
    row.due_on = due
    assert when(row, TODAY) == (said, tone)


def test_sentences_say_the_fact_and_the_number(world):
    event = happen(world.li, EventKind.HONOUR, TODAY)
    line = line_of(duty("talk-on-honour", world.li, f"e{event.pk}"), world.secretary)
    assert (line.why, line.own) == ("11-23 登记“获得功勋荣誉表彰”，15 天内谈话", True)
    assert line_of(duty("yearly-talk", world.zhao), world.direct_secretary).why == "2026 年每名党员至少谈一次"
    birthday = line_of(duty("political-birthday", world.commissioner), world.clerk)
    assert birthday.why.startswith("2009-11-06 入党，17 周年")
    assert str(line.clause) == "豫水组〔2020〕55号 第6项"


def test_a_done_duty_says_when_who_and_whether_it_was_entered_late(world, secretary):
    talk(world.li, world.secretary, on=date(2026, 11, 16), entered=date(2026, 11, 19))
    page = body(secretary.get("/duties/?tab=done"))
    assert rows(page) == [
        "已办结 11-16 李建国 年度谈心谈话 11-16 谈话，王海燕 补录 11-19 豫水组〔2020〕55号 第6项 王海燕 说明"
    ]
    assert "到期 李建国" not in "".join(rows(body(secretary.get("/duties/"))))


def test_waived_and_void_duties_say_why(world, secretary):
    waive(duty("yearly-talk", world.li))
    die(world.zhao, date(2026, 11, 20))
    page = rows(body(secretary.get("/duties/?tab=closed")))
    assert any("免办" in row and "李建国" in row and "试验" in row for row in page)
    assert any("作废" in row and "赵秀兰" in row and "人员类别变了" in row for row in page)


def test_what_was_owed_to_the_living_is_not_asked_for_the_dead(cast, sign_in):
    adopt_pack(cast.committee, date(2025, 1, 1))
    sweep_on(TODAY)
    die(cast.zhao, date(2026, 10, 1))
    browser = sign_in(account(cast.secretary))
    assert "赵秀兰" not in "".join(rows(body(browser.get("/duties/?tab=here"))))
    page = body(browser.get(reverse("member", args=[cast.zhao.pk])))
    assert "赵秀兰同志已于 2026 年 10 月 1 日去世" in page
    assert "没有待办的事" in page
    assert "登记谈话" not in page


def test_filters_narrow_and_keep_their_counts(world, secretary):
    happen(world.li, EventKind.HONOUR, date(2026, 11, 15))
    rule = duty("yearly-talk", world.li).rule_id
    assert len(rows(body(secretary.get("/duties/?q=李")))) == 2
    assert len(rows(body(secretary.get(f"/duties/?q=李&rule={rule}")))) == 1
    assert len(rows(body(secretary.get("/duties/?due=7")))) == 1
    page = body(secretary.get("/duties/?q=没有这人"))
    assert "没有符合条件的应办事项" in page


@pytest.mark.parametrize(
    "query",
    [
        "tab=nonsense",
        "rule=x",
        "due=1e9",
        "organisation=abc",
        "after=zzz",
        "after=~~",
        "q=%00",
        f"after=1~2026-11-23~{10**30}",
    ],
)
def test_faulty_filters_fall_away(world, secretary, query):
    assert len(rows(body(secretary.get(f"/duties/?{query}")))) == 3


@pytest.mark.parametrize("url", [f"/members/{10**30}/", f"/?organisation={10**30}", f"/clauses/{10**30}/"])
def test_numbers_no_database_holds_are_not_found(world, secretary, url):
    assert secretary.get(url).status_code == 404


def test_a_search_for_what_no_name_holds_finds_nobody(world, secretary):
    assert secretary.get("/members/search/?q=%00").status_code == 200
    assert secretary.get(f"/members/?after=00001~{10**30}").status_code == 200


@pytest.mark.parametrize("tab", ["mine", "done"])
def test_pages_walk_through_every_row_once(world, secretary, tab):
    people = enrol([f"成员{number:03}" for number in range(120)], world.branch)
    if tab == "done":
        for number, someone in enumerate(people):
            talk(someone, world.secretary, on=date(2026, 1 + number % 3, 5))
    seen, url = [], f"/duties/?tab={tab}&q=成员"
    while url:
        page = body(secretary.get(url))
        seen += re.findall(r"成员\d{3}(?=</b>)", page)
        found = re.search(r'href="(\?[^"]*after=[^"]*)"', page)
        url = "/duties/" + found[1].replace("&amp;", "&") if found else ""
    assert sorted(seen) == [someone.name for someone in people]


def test_the_fragment_is_what_the_page_includes(world, secretary):
    url = f"{reverse('duty_why')}?duty={duty('yearly-talk', world.li).rule_id}:m{world.li.pk}:2026"
    fragment = body(secretary.get(url, headers={"HX-Request": "true"})).strip()
    assert fragment.startswith('<div class="why3">')
    assert fragment in body(secretary.get(url))


def test_why_names_clause_computation_and_end(world, secretary):
    event = happen(world.li, EventKind.ABSENCE, date(2026, 11, 9))
    rule = Duty.objects.get(event=event).rule_id
    page = body(secretary.get(f"/duties/why/?duty={rule}:m{world.li.pk}:e{event.pk}"))
    for said in (
        "事由：2026-11-09 无故不参加组织生活",
        "事由后 7 天内，2026-11-16 到期",
        "自定",
        "现在是王海燕",
        "即办结",
    ):
        assert said in page, said


@pytest.mark.parametrize(
    "named",
    ["", "1", "x:y", "1:m1:1999", "1:%00", f"{10**30}:m1:2026", "$", "x$AAAA", "demo$%C3%A9", f"{'9' * 5000}:m1"],
)
def test_a_duty_nobody_has_is_not_explained(world, secretary, named):
    assert secretary.get(f"/duties/why/?duty={named}").status_code == 404


def test_the_clause_page_reads_its_rules(world, secretary):
    page = body(secretary.get(reverse("clause", args=[duty("yearly-talk", world.li).rule.clause_id])))
    for said in ("第6项", "登记“无故不参加组织生活”或“不正常交纳党费”", "7 天内谈话", "自定", "每名党员至少谈一次"):
        assert said in page, said


def test_a_member_who_left_takes_the_duty_along(world, secretary, sign_in):
    move(world.li, world.direct, date(2026, 11, 10))
    assert "李建国" not in "".join(rows(body(secretary.get("/duties/?tab=here"))))
    elsewhere = rows(body(sign_in(account(world.direct_secretary)).get("/duties/")))
    assert [row for row in elsewhere if "到期 李建国 年度谈心谈话" in row]
    assert duty("yearly-talk", world.li).state == State.OPEN


def test_a_person_without_membership_is_nobodys_page(world, secretary):
    assert secretary.get(reverse("member", args=[person("路人").pk])).status_code == 404


def test_the_rail_knows_every_role_that_a_pack_makes_responsible():
    named = {rule.responsible.role for code in pack_codes() for rule in read_pack(code).rules}
    assert named <= RESPONSIBLE
