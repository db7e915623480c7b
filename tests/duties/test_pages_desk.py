"""The workbench, the member list, one member's page: what they say and how much they ask of the database."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.enums import EventKind, Role, Standing
from tests.duties.acts import adopt_pack, die, duty, happen, sweep_on, talk
from tests.duties.reading import body, enrol, plain
from tests.world import account, member, post
from visits.services import record_talk

TODAY = date(2026, 11, 23)
MOST = 21
"""Queries of a list page, whatever it lists: half of them the frame's and the session's.

Of the board's, four ask whether anything was handed on, what of the page was, what was arranged, and who could go.
"""


@pytest.fixture
def secretary(world, sign_in):
    return sign_in(account(world.secretary, "wang"))


@pytest.fixture
def clerk(world, sign_in):
    return sign_in(account(world.clerk, "lin"))


def statements(browser, url) -> list[str]:
    """The statements of a page in a session that is already warm, without transaction marks."""
    browser.get(url)
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert browser.get(url).status_code == 200
    return [each["sql"] for each in caught.captured_queries if not each["sql"].startswith(("SAVEPOINT", "RELEASE"))]


LISTS = ["/duties/", "/duties/?tab=here", "/duties/?tab=done", "/duties/?tab=closed", "/members/", "/members/?q=员"]


@pytest.mark.parametrize("url", LISTS)
@pytest.mark.parametrize("role", ["secretary", "clerk"])
def test_lists_ask_as_little_for_fifty_rows_as_for_one(world, request, role, url):
    browser = request.getfixturevalue(role)
    talk(world.li, world.secretary, on=date(2026, 11, 2))
    die(world.zhao, date(2026, 11, 20))
    few = len(statements(browser, url))
    for someone in enrol([f"党员{number}" for number in range(60)], world.branch, sex="女")[:30]:
        happen(someone, EventKind.HONOUR, date(2026, 11, 12))
        talk(someone, world.secretary, on=date(2026, 11, 16))
    many = len(statements(browser, url))
    assert many <= MOST, url
    assert many <= few + 1, "only the kinds of rows may add a query, never their number"


@pytest.mark.parametrize("url", ["/", *LISTS, "/me/", "/records/new/", "/members/search/?q=李"])
def test_looking_writes_nothing_but_the_audit_of_a_search(world, secretary, url):
    writes = [each for each in statements(secretary, url) if not each.lstrip("( ").upper().startswith("SELECT")]
    audited = [each for each in writes if each.startswith('INSERT INTO "base_auditrow"')]
    assert writes == audited
    assert len(audited) == ("q=" in url)


def test_the_desk_opens_with_the_counts_and_the_most_urgent(world, secretary):
    happen(world.li, EventKind.ABSENCE, date(2026, 11, 9))
    happen(world.zhao, EventKind.HONOUR, date(2026, 11, 15))
    page = plain(body(secretary.get("/")))
    assert "1 件逾期 ， 1 件 7 天内到期 。最急的是李建国的组织生活或党费提醒谈话，逾期 7 天。" in page
    assert body(secretary.get("/")).count("btn-primary") == 1


def test_an_empty_desk_teaches_what_makes_rows_appear(world, secretary):
    page = plain(body(secretary.get("/")))
    assert "没有逾期，7 天内也没有到期的事。" in page
    assert "登记一笔事由" in page or "现在就记一笔事由" in page


def test_coverage_stands_beside_the_share_of_the_year(world, secretary):
    talk(world.li, world.secretary, on=date(2026, 3, 2))
    page = plain(body(secretary.get("/")))
    assert "1 / 3 人已谈 33.3%" in page
    assert "今年已过的时间（89.6%）" in page
    assert re.search(r"还没谈： ?张伟 ?、 ?赵秀兰", page)


def test_coverage_counts_only_this_year(cast, sign_in):
    adopt_pack(cast.committee, date(2025, 1, 1))
    sweep_on(TODAY)
    talk(cast.li, cast.secretary, on=date(2025, 3, 2))
    assert "0 / 3 人已谈" in plain(body(sign_in(account(cast.secretary)).get("/")))


def test_numbers_of_the_desk_open_their_lists(world, secretary):
    talk(world.li, world.secretary, on=date(2026, 3, 2))
    happen(world.zhao, EventKind.ABSENCE, date(2026, 11, 9))
    page = body(secretary.get("/"))
    links = {link.replace("&amp;", "&").split("#")[0] for link in re.findall(r'class="num[^"]*" href="([^"]+)"', page)}
    assert len(links) >= 3
    assert {secretary.get(link).status_code for link in links} == {200}
    done = next(link for link in links if "tab=done" in link)
    assert "李建国" in body(secretary.get(done))


def test_birthdays_of_the_month_say_how_far_they_are(world, secretary):
    enrol(["马玉兰"], world.branch, joined=date(1968, 11, 27), full=date(1969, 11, 27))
    talk(world.commissioner, world.secretary, on=date(2026, 11, 5))
    page = plain(body(secretary.get("/")))
    assert "11 月政治生日 2 人" in page
    assert re.search(r"11-06 周五 +张伟 +2009-11-06 +17 +周年 +已办 11-05", page)
    assert re.search(r"11-27 周五 +马玉兰 +1968-11-27 +58 +周年 +待办", page)


def test_missing_dates_are_counted_and_listed(world, secretary):
    member("缺日子", world.branch, joined=date(1994, 7, 1), full=None)
    member("无预备期", world.branch, joined=date(1972, 7, 1), full=None)
    member("预备的", world.branch, joined=date(2026, 4, 1), full=None, standing=Standing.PROBATIONARY)
    assert "1 名党员缺转正日期" in plain(body(secretary.get("/")))
    page = body(secretary.get("/members/?missing=full_on"))
    assert "缺日子" in page
    assert "无预备期" not in page
    assert "预备的" not in page


def test_the_department_sees_the_subtree_and_what_stands_below_in_tree_order(world, clerk):
    happen(world.sun, EventKind.ABSENCE, date(2026, 11, 2))
    happen(world.li, EventKind.ABSENCE, date(2026, 11, 9))
    page = plain(body(clerk.get("/")))
    assert "2 件逾期" in page
    assert re.search(r"河源局党总支 +2", page)
    below = body(clerk.get("/", {"organisation": world.general.pk}))
    assert re.search(r"河源第一党支部 +1 +河源第二党支部 +1", plain(below))
    assert f"organisation={world.branch.pk}" in below


def test_the_desk_of_another_organisation_speaks_of_that_one_only(world, clerk):
    happen(world.sun, EventKind.ABSENCE, date(2026, 11, 2))
    page = plain(body(clerk.get("/", {"organisation": world.branch.pk})))
    assert "没有逾期" in page
    assert "孙德福" not in page


def test_the_rail_counts_what_asks_for_an_act(world, secretary):
    happen(world.li, EventKind.ABSENCE, date(2026, 11, 9))
    happen(world.secretary, EventKind.ABSENCE, date(2026, 11, 9))
    page = body(secretary.get("/"))
    assert re.search(r'应办事项<span class="n late">1<', page)
    assert re.search(r'党员<span class="n">4<', page)


def test_import_is_offered_to_the_department_alone(world, secretary, clerk):
    assert reverse("roster_import") not in body(secretary.get("/"))
    assert reverse("roster_import") in body(clerk.get("/"))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=李", {"李建国"}),
        ("q=建", {"李建国"}),
        ("standing=dead", {"赵秀兰"}),
        ("month=11", {"张伟"}),
        ("q=", {"王海燕", "张伟", "李建国"}),
        ("standing=nonsense", {"王海燕", "张伟", "李建国"}),
    ],
)
def test_the_member_list_is_narrowed(world, secretary, query, found):
    die(world.zhao, date(2026, 11, 20))
    page = body(secretary.get(f"/members/?{query}"))
    assert set(re.findall(r"<b>([^<]+)</b></a></td>", page)) == found


def test_a_search_without_a_hit_says_so_without_saying_where(world, secretary):
    page = plain(body(secretary.get("/members/?q=孙德福")))
    assert "没有找到“孙德福”" in page
    assert "河源第二党支部" not in page


def test_the_member_list_walks_through_everybody_once(world, clerk):
    people = [member(f"成员{number:03}", world.branch) for number in range(110)]
    seen, url = [], "/members/?q=成员"
    while url:
        page = body(clerk.get(url))
        seen += re.findall(r"<b>(成员\d{3})</b>", page)
        found = re.search(r'href="(\?[^"]*after=[^"]*)"', page)
        url = "/members/" + found[1].replace("&amp;", "&") if found else ""
    assert sorted(seen) == [someone.name for someone in people]


def test_a_members_row_shows_last_talk_and_open_duties(world, secretary):
    talk(world.li, world.secretary, on=date(2026, 3, 2))
    happen(world.li, EventKind.ABSENCE, date(2026, 11, 9))
    row = next(r for r in re.findall(r"<tr>.*?</tr>", body(secretary.get("/members/")), re.DOTALL) if "李建国" in r)
    assert re.search(r"今年谈话 +03-02", plain(row))
    assert re.search(r"应办 +1 +，其中逾期 1", plain(row))


def test_the_search_behind_pickers_finds_eight_and_leads_back(world, secretary):
    for number in range(12):
        member(f"李同名{number}", world.branch)
    fragment = body(
        secretary.get(reverse("member_search"), {"q": "李", "for": "talk_new"}, headers={"HX-Request": "true"})
    )
    assert fragment.count("<li>") == 8
    assert f'href="{reverse("talk_new")}?member={world.li.pk}"' in fragment
    assert "<html" not in fragment
    assert "46 岁 · 河源第一党支部" in fragment
    other = body(secretary.get(reverse("member_search"), {"q": "李建国", "for": "sign_out"}))
    assert f'href="{reverse("member", args=[world.li.pk])}"' in other


def test_the_search_behind_pickers_leaves_out_the_dead_and_those_one_may_only_see(world, secretary, sign_in):
    die(world.zhao, date(2026, 11, 20))
    assert "没有找到" in body(secretary.get("/members/search/?q=赵"))
    leader = member("胡杰", world.branch)
    post(leader, world.branch, Role.GROUP_LEADER)
    assert "没有找到" in body(sign_in(account(leader)).get("/members/search/?q=李"))


def test_the_time_line_runs_from_new_to_old_with_what_each_opened_and_closed(world, secretary):
    talk(world.li, world.secretary, on=date(2026, 3, 2), entered=date(2026, 3, 9))
    happen(world.li, EventKind.ABSENCE, date(2026, 11, 9))
    page = plain(body(secretary.get(reverse("member", args=[world.li.pk]))))
    assert page.index("无故不参加组织生活") < page.index("谈心谈话 王海燕")
    assert "应办：组织生活或党费提醒谈话，11-16 到期，逾期 7 天" in page
    assert "办结：年度谈心谈话" in page
    assert "补录 03-09" in page
    only = plain(body(secretary.get(reverse("member", args=[world.li.pk]) + "?show=rec")))
    assert "事由 无故" not in only


def test_withdrawn_records_leave_the_time_line(world, secretary):
    record = talk(world.li, world.secretary, on=date(2026, 3, 2))
    record.withdrawn_on = TODAY
    record.save()
    assert "还没有记过什么" in body(secretary.get(reverse("member", args=[world.li.pk])))


def test_a_long_time_line_is_one_link_long(world, secretary):
    for number in range(50):
        talk(world.li, world.secretary, on=date(2026, 1 + number % 10, 1 + number // 10))
    url = reverse("member", args=[world.li.pk])
    page = body(secretary.get(url))
    assert page.count('<li class="rec">') == 40
    assert "更早的 10 条" in page
    assert body(secretary.get(f"{url}?all=1")).count('<li class="rec">') == 50
    assert duty("yearly-talk", world.li).state == "done"


def test_large_type_is_remembered_by_the_account_and_by_the_sign_in_page(world, secretary, sign_in):
    assert secretary.get(reverse("large_type")).status_code == 405
    secretary.post(reverse("large_type"))
    elsewhere = sign_in(world.secretary.account)
    assert 'class="large-type"' in body(elsewhere.get("/"))
    secretary.post(reverse("sign_out"))
    assert 'class="large-type"' in body(secretary.get(reverse("sign_in")))
    elsewhere.post(reverse("large_type"))
    assert 'class="large-type"' not in body(elsewhere.get("/"))


def test_who_has_no_post_begins_with_large_type(world, secretary, sign_in):
    member = sign_in(account(world.li))
    assert 'class="large-type"' in body(member.get("/me/"))
    member.post(reverse("large_type"))
    assert 'class="large-type"' not in body(member.get("/me/"))
    assert 'class="large-type"' not in body(secretary.get("/"))


def test_a_talk_on_the_time_line_leads_to_its_page(world, secretary):
    (talked,) = record_talk(
        by=None, members=[world.li], on=date(2026, 11, 2), means="face", subject="yearly", text="谈了近况",
        talkers=[world.secretary], today=TODAY,
    )  # fmt: skip
    page = body(secretary.get(reverse("member", args=[world.li.pk])))
    assert f'href="{reverse("talk", args=[talked.pk])}"' in page
    assert "谈了近况" not in page
