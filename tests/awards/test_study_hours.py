"""Study hours of a year, sign-in sheets, rotation training. Today is 2026-11-23, a Monday."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from awards.hours import branches_of, hours_of, members_of, own_hours
from awards.models import StudySession
from awards.roll import Found, from_sheet, pieces, read_roll
from awards.study import record_study, record_training, take_back_study
from base.limits import SheetRefused
from duties.engine.answering import waive
from duties.engine.models import Action, Duty, Record, State
from duties.policy.adjusting import adjust
from duties.policy.models import Rule
from members.enums import Role
from members.models import Account
from tests.duties.acts import adopt_pack, duty, move, once_in, sweep_on
from tests.members.sheets import workbook
from tests.world import account, member, person, post

TODAY = date(2026, 11, 23)
HOURS, ROLL = "/studies/hours/", "/studies/roll/"
NUMBER = "410102197001010013"
pytestmark = pytest.mark.django_db


@pytest.fixture
def world(cast):
    """The cast under the whole policy, its study hours included."""
    adopt_pack(cast.committee, whole=True)
    sweep_on(TODAY)
    return cast


@pytest.fixture
def secretary(world, sign_in):
    return sign_in(account(world.secretary))


@pytest.fixture
def clerk(world, sign_in):
    return sign_in(account(world.clerk))


def studied(world, *members, hours="2", on=date(2026, 11, 20), title="党章第一章", organisation=None):
    return record_study(
        by=None, organisation=organisation or world.branch, members=list(members), on=on, title=title,
        hours=Decimal(hours), organiser=world.secretary, today=TODAY,
    )  # fmt: skip


def year_of(world, someone, year=2026):
    rows = hours_of(list(members_of(year, world.branch, TODAY)), year)
    return next(row for row in rows if row.person == someone)


# Hours of a year


def test_hours_gap_and_sessions_follow_the_member(world):
    studied(world, world.sun, hours="10", organisation=world.sibling)
    move(world.sun, world.branch, date(2026, 11, 21))
    studied(world, world.sun, world.li, hours="2.5", on=date(2026, 11, 22), title="第二课")
    studied(world, world.li, hours="4", on=date(2025, 12, 31), title="去年")
    sun, li = year_of(world, world.sun), year_of(world, world.li)
    assert (sun.done, sun.sessions, sun.asked, sun.gap) == (Decimal("12.5"), 2, 32, Decimal("19.5"))
    assert (li.done, li.sessions, li.gap) == (Decimal("2.5"), 1, Decimal("29.5"))
    assert own_hours(world.li, 2026).gap == Decimal("29.5")
    assert own_hours(world.li, 2025).done == 4
    assert own_hours(world.li, 2024) is None


def test_what_is_asked_is_what_the_organisation_set_and_nothing_where_no_policy_is_followed(cast):
    studied(cast, cast.li)
    assert (year_of(cast, cast.li).asked, year_of(cast, cast.li).gap) == (None, 0)
    adopt_pack(cast.committee, whole=True)
    rule = Rule.objects.get(code="study-hours")
    told = {"numbers": {"sum": 40}, "since": date(2026, 1, 1), "basis": "总支决定"}
    adjust(by=None, rule=rule, organisation=cast.general, **told, today=TODAY)
    sweep_on(TODAY)
    assert (year_of(cast, cast.li).asked, year_of(cast, cast.li).gap) == (40, 38)


def test_a_waived_member_is_short_of_nothing(world):
    owed = duty("study-hours", world.li)
    waive(by=None, duties=[owed], reason="长期住院", today=TODAY)
    row = year_of(world, world.li)
    assert (row.freed, row.gap, row.asked) == ("免办", 0, 32)


def test_a_branch_counts_who_has_the_hours(world):
    studied(world, world.li, world.zhao, hours="24", on=date(2026, 3, 1))
    studied(world, world.li, hours="8", on=date(2026, 6, 1))
    [line, other] = branches_of([world.branch, world.sibling], 2026, TODAY)
    assert (line.members, line.asked, line.full, line.short, line.sessions) == (4, 4, 1, 3, 2)
    assert (other.members, other.full, other.sessions) == (2, 0, 0)


def test_the_page_lists_members_of_a_branch_and_branches_of_a_committee(world, secretary, sign_in):
    studied(world, world.li, hours="30")
    page = secretary.get(HOURS).text
    assert "河源第一党支部" in page
    assert "30 学时" in page
    assert "还差 2" in page
    other = sign_in(account(world.clerk)).get(HOURS).text
    assert f"?organisation={world.branch.pk}&amp;year=2026" in other
    assert "机关党支部" in other
    assert "外单位" not in other


def test_the_page_of_another_year_and_of_another_branch(world, secretary):
    studied(world, world.li, hours="30", on=date(2025, 3, 1))
    assert "30 学时" in secretary.get(HOURS, {"year": "2025"}).text
    assert "没有要求" in secretary.get(HOURS, {"year": "2025"}).text
    assert "30 学时" not in secretary.get(HOURS, {"year": "2031"}).text
    assert secretary.get(HOURS, {"organisation": world.sibling.pk}).status_code == 404
    assert secretary.get(HOURS, {"after": "乱~写", "year": "二"}).status_code == 200


def test_a_member_sees_his_own_on_his_page(world, sign_in):
    studied(world, world.li, hours="2.5")
    browser = sign_in(account(world.li))
    for address in ("/me/", HOURS):
        assert "要求 32 学时，还差 29.5。" in browser.get(address).text
    assert "赵秀兰" not in browser.get(HOURS).text


def test_fifty_members_cost_as_many_queries_as_four_and_go_on(world, secretary):
    def cost(**query) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert secretary.get(HOURS, query).status_code == 200
        return len(queries)

    secretary.get(HOURS)
    few = cost()
    for n in range(55):
        member(f"同志{n:02}", world.branch)
    assert cost() == few <= 16
    first = secretary.get(HOURS).context
    assert len(first["lines"]) == 50
    rest = secretary.get(HOURS, {"after": first["after"]}).context
    assert len(rest["lines"]) == 9
    assert not {line.person.pk for line in first["lines"]} & {line.person.pk for line in rest["lines"]}


def test_the_branches_of_a_committee_cost_the_same_however_many(world, clerk):
    clerk.get(HOURS)
    with CaptureQueriesContext(connection) as queries:
        clerk.get(HOURS)
    studied(world, world.li, world.zhao)
    with CaptureQueriesContext(connection) as more:
        clerk.get(HOURS)
    assert len(more) == len(queries) <= 18


# Sign-in sheets


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("李建国\n赵秀兰", [("李建国", ""), ("赵秀兰", "")]),
        ("李建国、赵秀兰，张 伟；", [("李建国", ""), ("赵秀兰", ""), ("张伟", "")]),
        ("李建国 赵秀兰", [("李建国", ""), ("赵秀兰", "")]),
        (f"李建国 {NUMBER}\n{NUMBER[:-1]}x", [("李建国", NUMBER), ("", NUMBER[:-1] + "X")]),
        (" \n、，", []),
    ],
)
def test_names_are_taken_apart(text, found):
    assert pieces(text) == found


def test_each_line_is_one_member_or_says_why_not(world):
    twin = member("李建国", world.branch, born=date(1991, 2, 3))
    world.zhao.id_number = NUMBER
    world.zhao.save()
    text = f"李建国\n{NUMBER}\n张伟 {NUMBER}\n孙德福\n王海燕\n张伟\n张伟"
    kept = dict(account=account(world.secretary), here=world.branch, on=TODAY, text=text)
    lines = read_roll(**kept, picked=set())
    assert [line.found for line in lines] == [
        Found.SEVERAL, Found.SURE, Found.OTHER_NAME, Found.NOBODY, Found.ONESELF, Found.SURE, Found.TWICE,
    ]  # fmt: skip
    assert lines[1].person == world.zhao
    assert {pk for pk, _ in lines[0].choices} == {world.li.pk, twin.pk}
    assert read_roll(**kept, picked={twin.pk})[0].person == twin
    assert NUMBER not in "".join(line.text for line in lines)


def fill(client, here, **more) -> dict:
    page = client.get(ROLL, {"organisation": here.pk})
    assert page.status_code == 200
    return {
        "once": once_in(page), "organisation": here.pk, "on": "2026-11-20", "title": "专题学习", "hours": "3",
        "organiser": page.wsgi_request.user.person_id, "names": "李建国\n赵秀兰", **more,
    }  # fmt: skip


def test_names_are_looked_at_before_they_are_saved(world, secretary):
    seen = secretary.post(ROLL, fill(secretary, world.branch, check="1"))
    assert seen.status_code == 200
    assert "对上 2 人，共 2 行" in seen.text
    assert not Record.objects.exists()
    sent = fill(secretary, world.branch)
    assert "已登记 2 人各 3 学时" in secretary.post(ROLL, sent, follow=True).text
    assert secretary.post(ROLL, sent).url == f"/studies/{StudySession.objects.get().pk}/"
    assert Record.objects.count() == 2


def test_who_is_not_found_is_left_out_only_by_a_tick(world, secretary):
    member("李建国", world.branch, born=date(1991, 2, 3))
    sent = fill(secretary, world.branch, names="李建国\n赵秀兰\n查无此人")
    refused = secretary.post(ROLL, sent)
    assert refused.status_code == 422
    assert "有 2 行没有对上" in refused.text
    assert "1991-02 生" in refused.text
    assert not Record.objects.exists()
    picked = secretary.post(ROLL, sent | {"pick": [world.li.pk]})
    assert "有 1 行没有对上" in picked.text
    secretary.post(ROLL, sent | {"pick": [world.li.pk], "leave": "on"})
    assert set(Record.objects.values_list("member", flat=True)) == {world.li.pk, world.zhao.pk}


def test_a_sheet_is_read_and_shown_first(world, secretary):
    data = workbook([[1, "李建国"], [2, "赵秀兰"]], headings=["序号", "姓名"])
    file = SimpleUploadedFile("签到.xlsx", data)
    seen = secretary.post(ROLL, fill(secretary, world.branch, names="张伟", sheet=file))
    assert seen.status_code == 200
    assert "对上 3 人，共 3 行" in seen.text
    assert "张伟\n李建国\n赵秀兰" in seen.text
    assert not Record.objects.exists()
    bad = SimpleUploadedFile("签到.xlsx", b"no sheet")
    assert secretary.post(ROLL, fill(secretary, world.branch, sheet=bad)).status_code == 422


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"names": " "}, "请粘贴签到的人的姓名"),
        ({"names": "查无此人", "leave": "on"}, "没有一个人对得上"),
        ({"on": "2026-12-03"}, "晚于今天"),
        ({"on": "昨天"}, "学习日期写法不对"),
        ({"hours": "0"}, "学时请填 0.5 到 80"),
        ({"hours": "30"}, "一天最多 24 学时"),
        ({"title": ""}, "请写学了什么"),
        ({"organiser": "x"}, "请选谁组织的"),
        ({"pick": ["x", "99999999999999999999999"]}, ""),
    ],
)
def test_wrong_input_gets_a_sentence_and_loses_nothing(world, secretary, given, words):
    answer = secretary.post(ROLL, fill(secretary, world.branch, **given))
    if words:
        assert answer.status_code == 422
        assert words in answer.text
        assert given.get("names", "李建国").strip() in answer.text
        assert not Record.objects.exists()
    else:
        assert answer.status_code == 302


def test_out_of_reach_does_not_exist_and_an_inspector_enters_nothing(world, secretary, sign_in):
    assert secretary.get(ROLL, {"organisation": world.sibling.pk}).status_code == 404
    inspector = person("督查员")
    post(inspector, world.committee, Role.INSPECTOR)
    assert sign_in(account(inspector)).get(ROLL).status_code == 403


# Rotation training


def test_a_training_counts_as_study_of_everybody_and_closes_what_the_committee_owes(world, clerk):
    owed = Duty.objects.get(rule__code="rotation-training", organisation=world.committee, period="2026")
    assert owed.state == State.OPEN
    sent = fill(
        clerk, world.committee, days="3", on="2026-11-16", hours="24", names="王海燕、陈晓明", title="支部书记轮训",
        organiser=world.committee_secretary.pk,
    )  # fmt: skip
    page = clerk.post(ROLL, sent, follow=True).text
    assert "集中轮训 3 天" in page
    owed.refresh_from_db()
    assert owed.state == State.DONE
    session = StudySession.objects.get()
    assert (session.days, session.training.on, session.training.action) == (3, date(2026, 11, 18), Action.TRAINING)
    places = Record.objects.filter(action=Action.STUDY).values_list("member", "organisation")
    assert set(places) == {(world.secretary.pk, world.branch.pk), (world.sibling_secretary.pk, world.sibling.pk)}
    assert own_hours(world.secretary, 2026).done == 24


def test_taking_back_the_last_of_a_training_takes_back_the_training(world):
    session = record_training(
        by=None, organisation=world.committee, members=[world.secretary, world.sun], on=date(2026, 11, 16), days=2,
        title="轮训", hours=Decimal(16), organiser=world.committee_secretary, today=TODAY,
    )  # fmt: skip
    first, second = (Record.objects.get(action=Action.STUDY, member=each) for each in (world.secretary, world.sun))
    take_back_study(by=None, records=[first], reason="没去", today=TODAY)
    session.training.refresh_from_db()
    assert session.training.withdrawn_on is None
    take_back_study(by=None, records=[second], reason="没办", today=TODAY)
    session.training.refresh_from_db()
    assert session.training.withdrawn_on == TODAY
    assert Duty.objects.get(rule__code="rotation-training", organisation=world.committee, period="2026").state == "open"


def test_the_deed_of_a_training_is_taken_back_with_the_hours(world, clerk):
    """On the page of the training: alone it would leave hours of a training that was none."""
    session = record_training(
        by=Account.objects.get(person=world.clerk), organisation=world.committee, members=[world.secretary], days=2,
        on=date(2026, 11, 16), title="轮训", hours=Decimal(16), organiser=world.committee_secretary, today=TODAY,
    )  # fmt: skip
    address = reverse("deed_withdraw", args=[session.training.deed.pk])
    page = clerk.post(address, {"once": "x", "reason": "没办"}, follow=True)
    assert page.redirect_chain == [(reverse("study_withdraw", args=[session.pk]), 302)]
    assert "要一起撤回" in page.text
    session.training.refresh_from_db()
    assert session.training.withdrawn_on is None
    sent = {"once": once_in(page), "reason": "没办"}
    assert clerk.post(page.redirect_chain[0][0], sent).status_code == 302
    session.training.refresh_from_db()
    assert session.training.withdrawn_on == TODAY
    assert own_hours(world.secretary, 2026).done == 0


def test_a_sign_in_sheet_with_two_running_numbers_is_read(world):
    """Sheets that were put together from two have them; two columns of names are refused as before."""
    sheet = "序号,姓名,序号\n1,王海燕,甲1\n2,李建国,甲2\n".encode()
    assert from_sheet(sheet) == "王海燕\n李建国"
    with pytest.raises(SheetRefused, match="“姓名”出现了不止一次"):
        from_sheet("序号,姓名,序号,姓名\n1,王海燕,2,李建国\n".encode())


def test_a_training_still_running_is_refused(world, clerk):
    refused = clerk.post(ROLL, fill(clerk, world.committee, days="30", on="2026-11-20", hours="16", names="王海燕"))
    assert refused.status_code == 422
    assert "结束以后再登记" in refused.text
    assert not StudySession.objects.exists()
    assert reverse("study_roll") == ROLL
