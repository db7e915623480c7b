"""The board: whose duty it is, in which group, in which words, a page at a time."""

import re
from datetime import date

import pytest
import time_machine
from django.urls import reverse

from duties.board.groups import owes, responsible_roles, rules_for
from duties.board.words import describe, when, with_words
from duties.engine.models import Duty, State
from duties.policy.models import Clause, Policy, Rule
from members.enums import EventKind, Role
from members.models import Account, Post
from tests.duties.acts import adopt_pack, die, duty, happen, move, sweep_on, talk, waive
from tests.duties.reading import body, enrol
from tests.duties.rules import a_rule
from tests.world import account, member, person, post

TODAY = date(2026, 11, 23)


@pytest.fixture
def secretary(world, sign_in):
    return sign_in(account(world.secretary, "wang"))


def rows(page: str) -> list[str]:
    """The text of each duty row, in order."""
    cells = re.findall(r"<tr>(?:\s*<td class=\"tick\">[^\n]*)?\s*<td class=\"nowrap when\">.*?</tr>", page, re.DOTALL)
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
        assert not [row for row in rows(page) if "逾期" in row]
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
    line = line_of(duty("yearly-talk", world.li), world.secretary)
    assert (line.url.partition("?")[0], line.label) == ("/talks/new/", "登记谈话")


def test_own_duties_and_those_only_seen_have_no_button(world):
    assert line_of(duty("yearly-talk", world.secretary), world.secretary).url == ""
    leader = member("胡杰", world.branch)
    post(leader, world.branch, Role.GROUP_LEADER)
    assert line_of(duty("yearly-talk", world.li), leader).url == ""


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
    (line,) = rows(body(secretary.get("/duties/?q=李")))
    assert "同时办结 2 件" in line
    assert len(rows(body(secretary.get(f"/duties/?q=李&rule={rule}")))) == 1
    assert len(rows(body(secretary.get("/duties/?due=7")))) == 1
    page = body(secretary.get("/duties/?q=没有这人"))
    assert "没有符合条件的应办事项" in page


def test_rules_of_two_policies_that_are_called_the_same_are_told_apart(world, secretary):
    other = a_rule(world.branch, {"kind": "quota", "times": 1, "per": "half", "counted_per": "member"}, code="other")
    Rule.objects.filter(pk=other.pk).update(title=duty("yearly-talk", world.li).rule.title)
    sweep_on(TODAY)
    page = body(secretary.get("/duties/"))
    options = re.findall(r"<option[^>]*>(年度谈心谈话[^<]*)</option>", page)
    assert sorted(options) == [f"年度谈心谈话（{name}）" for name in (other.policy.number, "豫水组〔2020〕55号")]


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


def test_the_rail_knows_every_role_that_an_adopted_policy_makes_responsible(world):
    named = {rule.parsed.responsible.role for rule in Rule.objects.order_by("pk")}
    assert responsible_roles(account(world.secretary)) == named
    assert not owes(account(world.clerk))
    Rule.objects.filter(code="yearly-talk").update(
        spec=Rule.objects.get(code="yearly-talk").spec | {"responsible": {"role": "department_clerk"}}
    )
    assert owes(Account.objects.get(person=world.clerk))
    Rule.objects.filter(code="yearly-talk").update(
        spec=Rule.objects.get(code="yearly-talk").spec
        | {"responsible": {"role": "department_head", "instead": ["department_clerk"]}}
    )
    assert owes(Account.objects.get(person=world.clerk))


def test_policies_adopted_nowhere_are_not_read(world):
    known = rules_for(account(world.secretary))
    spare = Policy.objects.create(code="spare", title="没有采用的制度", issuer="某局")
    clause = Clause.objects.create(policy=spare, code="1", printed="第1条", heading="谈心", gist="谈心", position=1)
    one = Rule.objects.order_by("pk").first()
    Rule.objects.create(policy=spare, clause=clause, code="x", title="谈", action="talk", force="must", spec=one.spec)
    assert known
    assert rules_for(account(world.sun)).keys() == known.keys()


@pytest.mark.parametrize("bound", ["duties.board.asked.OWN", "duties.engine.responsible.PLACES"])
def test_who_stands_in_for_nearly_all_heads_has_no_list_of_his_own_but_all(cast, sign_in, monkeypatch, bound):
    adopt_pack(cast.committee)
    sweep_on(TODAY)
    Post.objects.exclude(person=cast.committee_secretary).delete()
    browser = sign_in(account(cast.committee_secretary))
    owned = browser.get("/duties/")
    assert "我负责的<" in body(owned)
    assert [n for tab, _label, n in owned.context["tabs"] if tab in {"mine", "here"}] == [9, 10]
    monkeypatch.setattr(bound, 3)
    for url in ("/duties/", "/duties/?tab=mine"):
        page = browser.get(url)
        assert page.context["tab"] == "here"
        assert len(rows(body(page))) == 10
        assert "我负责的<" not in body(page)
        assert "不再单列“我负责的”" in body(page)
    desk = browser.get("/")
    assert "不再单列“我负责的”" in body(desk)
    assert desk.context["urgent"].live_count == 10


@pytest.mark.parametrize("name", ["", "&q=李建国"])
def test_what_has_ended_is_not_asked_by_its_due_day(world, secretary, name):
    happen(world.li, EventKind.ABSENCE, date(2026, 11, 9))
    talk(world.li, world.secretary, on=date(2026, 11, 20))
    for tab in ("done", "closed"):
        whole, asked = (secretary.get(f"/duties/?tab={tab}{name}{due}") for due in ("", "&due=7"))
        assert rows(body(asked)) == rows(body(whole))
        assert asked.context["count"] == whole.context["count"] == len(rows(body(whole)))
    assert secretary.get(f"/duties/?tab=done{name}&due=7").context["count"] > 0


def test_each_group_has_a_name_of_its_own_to_be_led_to(cast, sign_in):
    adopt_pack(cast.committee, date(2025, 1, 1))
    sweep_on(TODAY)
    page = body(sign_in(account(cast.secretary)).get("/duties/"))
    assert re.findall(r'<tr class="grp" id="(\w+)"', page) == ["later", "missed"]
