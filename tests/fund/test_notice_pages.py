"""Notices on their pages and outside sign-in: what anybody reads, until when, and what becomes of objections."""

import html
import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from base.arranging import set_arrangement
from base.models import AuditRow
from fund.applying import filing, noticing
from fund.applying.showing import papers_on
from fund.applying.steps import end_of_the_dead
from fund.models import NoticeLine, Objection, PublicNotice
from fund.regulation.steps import Stage
from tests.duties.acts import die, once_in
from tests.fund.money import NOW, refusal
from tests.fund.office import ACCOUNT, Office
from tests.world import account, member

pytestmark = pytest.mark.django_db
LAST = date(2026, 11, 30)
NEW = "/fund/notices/new/"
PAPER = {
    "title": "关于拟帮扶对象的公示",
    "words": "个人申请、支部审核、党委会研究。",
    "phone": "0371-60000000",
    "office": "组织部",
}


def moment(day: date, hour=0, minute=0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def office(cast):
    return Office(cast)


@pytest.fixture
def clerk(office, sign_in):
    return sign_in(office.by(office.clerk))


def said(answer) -> str:
    return html.unescape(answer.content.decode())


def text(answer) -> str:
    """What a reader reads: the words alone."""
    body = re.sub(r"<head>.*?</head>", " ", said(answer), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def send(client, url, **data):
    return client.post(url, {"once": once_in(client.get(url)), **data})


def hung(office, *people):
    """A notice of these people's applications."""
    rows = office.decided(*(office.ready(who) for who in people))
    return office.posted(*rows), rows


# Posting


def test_a_list_is_posted_from_the_page_with_its_last_day_said_before(office, clerk):
    rows = office.decided(office.ready(), office.ready(office.cast.zhao))
    page = said(clerk.get("/fund/notices/"))
    assert "2 件，4,000.00 元 · 5 个工作日，今天张贴公示到 11-30" in page
    page = text(clerk.get(NEW))
    assert "从次日起算 5 个工作日， 2026-11-30 24:00 止" in page
    assert "党委会 2026 年 11 月 23 日集体研究" in page
    assert send(clerk, NEW, rows=[], **PAPER).status_code == 422
    for name in ("title", "phone", "office"):
        refused = send(clerk, NEW, rows=[rows[0].pk], **(PAPER | {name: " "}))
        assert refused.status_code == 422
        assert "0371-60000000" in said(refused) or name == "phone"
    assert send(clerk, NEW, rows=[rows[0].pk], **PAPER).status_code == 302
    notice = PublicNotice.objects.get()
    assert (notice.ends_on, notice.lines.count()) == (LAST, 1)
    page = said(clerk.get("/fund/notices/"))
    assert "1 件，2,000.00 元" in page
    assert "公示中" in page
    assert said(clerk.get(NEW)).count("0371-60000000") == 1, "filled in from the last one"


def test_the_words_name_no_step_that_was_not_taken(office, clerk):
    office.decided(office.ready())
    assert "经个人申请、支部审核、总支审核、组织部复核、党委会" in text(clerk.get(NEW))
    direct = office.submitted(member("方志明", office.cast.direct))
    direct = office.reviewed(office.reviewed(direct, office.cast.direct_secretary), office.clerk)
    office.decided(direct, minutes="云水党纪〔2026〕22号")
    said_of_both = text(clerk.get(NEW))
    assert "经个人申请、支部审核、组织部复核、党委会" in said_of_both, "no general branch is above 机关党支部"


def test_a_second_click_posts_nothing_twice(office, clerk):
    (row,) = office.decided(office.ready())
    data = {"once": once_in(clerk.get(NEW)), "rows": [row.pk], **PAPER}
    assert clerk.post(NEW, data).url == clerk.post(NEW, data).url
    assert PublicNotice.objects.count() == 1
    assert clerk.get(NEW).status_code == 404, "nothing waits any more"


def test_what_does_not_wait_is_posted_by_nobody(office, clerk, sign_in):
    waiting, early = office.decided(office.ready())[0], office.ready(office.cast.zhao)
    answer = send(clerk, NEW, rows=[waiting.pk, early.pk], **PAPER)
    assert answer.status_code == 422
    assert not PublicNotice.objects.exists()
    secretary = sign_in(office.by(office.cast.secretary))
    assert secretary.get(NEW).status_code == 404
    assert sign_in(office.by(office.cast.li)).get("/fund/notices/").status_code == 403


def test_a_branch_posts_its_own_notice_first(cast, sign_in):
    office = Office(cast, "seven-articles")
    standard = office.fund.regulations.get().parsed.standards[0]
    row = office.submitted(asking=office.asking(standard.fen, standard.of, grade=standard.grade))
    row = office.reviewed(row, cast.secretary, fen=standard.fen)
    assert row.state == "branch-notice"
    secretary = sign_in(office.by(cast.secretary))
    assert "3 个工作日" in text(secretary.get("/fund/notices/"))
    assert send(secretary, NEW, rows=[row.pk], **PAPER).status_code == 302
    notice = PublicNotice.objects.get()
    assert (notice.organisation, notice.ends_on) == (cast.branch, date(2026, 11, 26))
    assert secretary.get(f"/fund/notices/{notice.pk}/").status_code == 200
    assert sign_in(office.by(cast.sibling_secretary)).get(f"/fund/notices/{notice.pk}/").status_code == 404


def test_namesakes_of_one_branch_are_told_apart_without_digits_of_numbers(office):
    twin = member("李建国", office.cast.branch, id_number="410102198005010026")
    notice, _rows = hung(office, office.cast.li, twin, office.cast.zhao)
    assert list(notice.lines.order_by("number").values_list("name", flat=True)) == ["李*国（1）", "李*国（2）", "赵*兰"]


# What anybody reads

SECRETS = ("配偶长期住院", "李建国", "6217", "建设银行", "2026-001", "林清", "宋岩", "罗岚", "410102", "138")


def test_outside_sign_in_nothing_is_read_but_the_paper(office, client):
    li = office.cast.li
    li.id_number, li.phone = "410102198005010018", "13800001111"
    li.save()
    notice, _rows = hung(office, li)
    line = notice.lines.get()
    noticing.object_to(
        by=office.by(office.clerk), line=line, received_on=NOW.date(), who="举报的人", contact="", text="他家有车",
        now=NOW,
    )  # fmt: skip
    page = client.get(f"/notices/{notice.token}/")
    allowed = (
        *PAPER.values(), "李*国", "生活困难党员", "2,000.00", "河源第一党支部", "云河水文局党委",
        "2026 年 11 月 24 日至 11 月 30 日，5 个工作日", "2026 年 11 月 23 日", "11-30 24:00 止",
    )  # fmt: skip
    rest = text(page)
    for words in sorted(allowed, key=len, reverse=True):
        assert words in rest
        rest = rest.replace(words, "")
    for secret in (*SECRETS, "举报的人", "他家有车", "异议待答复"):
        assert secret not in said(page), secret
        assert secret not in said(client.get("/notices/")), secret
    assert not re.findall(r"\d{3,}", rest), rest
    assert page["Cache-Control"] == "no-store"
    assert "noindex" in page["X-Robots-Tag"]
    assert 'content="noindex,nofollow"' in said(page)
    assert "/notices/" in said(client.get("/sign-in/"))
    assert ACCOUNT.number not in said(page)


@pytest.mark.parametrize(("at", "status"), [((LAST, 23, 59), 200), ((LAST + timedelta(days=1), 0, 0), 404)])
def test_it_is_gone_at_midnight_of_its_last_day_and_the_snapshot_stays(office, client, sign_in, at, status):
    notice, _rows = hung(office, office.cast.li)
    with time_machine.travel(moment(*at), tick=False):
        assert client.get(f"/notices/{notice.token}/").status_code == status
        assert ("关于拟帮扶对象" in said(client.get("/notices/"))) == (status == 200)
        inside = sign_in(office.by(office.clerk)).get(f"/fund/notices/{notice.pk}/")
        assert "李*国" in said(inside)


def test_it_is_finished_from_the_page_on_the_day_after_and_not_before(office, sign_in):
    notice, (row,) = hung(office, office.cast.li)
    url = f"/fund/notices/{notice.pk}/"
    with time_machine.travel(moment(LAST, 23, 59), tick=False):
        early = sign_in(office.by(office.clerk))
        page = early.get(url)
        assert "登记公示结果" not in said(page)
        refused = early.post(f"{url}finish/", {"once": "x" * 30, "result": "好"})
        assert refused.status_code == 422
        assert "公示 11-30 24:00 才期满，12-01 起可以登记结果" in said(refused)
    with time_machine.travel(moment(LAST + timedelta(days=1)), tick=False):
        late = sign_in(office.by(office.clerk))
        given = {"once": once_in(late.get(url)), "result": "期满无异议"}
        assert late.post(f"{url}finish/", given).status_code == 302
        assert "<h2>公示期满</h2>" not in said(late.get(url))
        assert office.fresh(row).state == "payment"
        proof = text(late.get(f"{url}result/"))
        assert "公示期间没有收到异议" in proof
        assert "下列 1 人公示通过" in proof
    assert AuditRow.objects.filter(act="print", subject=f"notice:{notice.pk}").exists()


def test_who_left_is_not_shown_any_more(office, client):
    people = (office.cast.li, office.cast.zhao, office.cast.secretary)
    notice, (first, second, third) = hung(office, *people)
    url = f"/notices/{notice.token}/"
    assert all(name in said(client.get(url)) for name in ("李*国", "赵*兰", "王*燕"))
    filing.withdraw(by=office.by(office.cast.li), application=first, serial=first.serial, reason="好转", now=NOW)
    assert "李*国" not in said(client.get(url))
    told = noticing.object_to(
        by=office.by(office.clerk), line=notice.lines.get(application=second), received_on=NOW.date(), who="匿名",
        contact="", text="有车", now=NOW,
    )  # fmt: skip
    assert "赵*兰" in said(client.get(url)), "an objection alone takes nobody off"
    upheld = Objection.Outcome.UPHELD
    noticing.answer(by=office.by(office.clerk), objection=told, outcome=upheld, words="属实", now=NOW)
    assert "赵*兰" not in said(client.get(url))
    die(office.cast.secretary, NOW.date())
    end_of_the_dead(now=NOW)
    assert client.get(url).status_code == 404, "nobody is left on it"
    assert NoticeLine.objects.filter(notice=notice).count() == 3
    assert office.fresh(third).state == Stage.DIED


# Objections on the page


def test_an_objection_is_entered_and_answered_and_its_row_stays_longer(office, clerk, client, sign_in):
    notice, (first, _second) = hung(office, office.cast.li, office.cast.zhao)
    line = notice.lines.get(application=first)
    new = f"/fund/notices/{notice.pk}/lines/{line.pk}/objections/new/"
    empty = send(clerk, new, received_on="2026-11-23", by="", text="")
    assert empty.status_code == 422
    assert "请写反映了什么" in said(empty)
    assert "收到日期要在" in said(send(clerk, new, received_on="2026-11-22", by="匿名", text="有车"))
    with time_machine.travel(moment(date(2026, 11, 26), 9), tick=False):
        clerk = sign_in(office.by(office.clerk))
        assert send(clerk, new, received_on="2026-11-26", by="王某", contact="139", text="家里有车").status_code == 302
        page = said(clerk.get(f"/fund/notices/{notice.pk}/"))
        assert all(words in page for words in ("家里有车", "王某", "待书面答复"))
    told = Objection.objects.get()
    reply = f"/fund/notices/{notice.pk}/objections/{told.pk}/"
    with time_machine.travel(moment(date(2026, 11, 27), 9), tick=False):
        clerk = sign_in(office.by(office.clerk))
        assert send(clerk, reply, outcome="", answer="").status_code == 422
        assert send(clerk, reply, outcome="dismissed", answer="经查不实").status_code == 302
        assert "已答复" in said(clerk.get(reply))
    told.refresh_from_db()
    assert told.ends_on == date(2026, 12, 2), "26, 27 and 30 were left; 30, 1 and 2 follow the answer"
    with time_machine.travel(moment(date(2026, 12, 1), 9), tick=False):
        page = text(client.get(f"/notices/{notice.token}/"))
        assert "李*国" in page
        assert "公示到 12 月 2 日" in page
        assert "赵*兰" not in page, "her days are over"
    with time_machine.travel(moment(date(2026, 12, 3)), tick=False):
        assert client.get(f"/notices/{notice.token}/").status_code == 404


def test_what_was_objected_is_read_by_those_alone_who_handle_it(office, sign_in):
    notice, _rows = hung(office, office.cast.li)
    told = noticing.object_to(
        by=office.by(office.clerk), line=notice.lines.get(), received_on=NOW.date(), who="王某", contact="139",
        text="家里有车", now=NOW,
    )  # fmt: skip
    cashier = sign_in(office.by(office.cashier))
    page = said(cashier.get(f"/fund/notices/{notice.pk}/"))
    assert "待书面答复" in page
    assert not any(words in page for words in ("家里有车", "王某", "李建国", "写书面答复"))
    assert cashier.post(f"/fund/notices/{notice.pk}/finish/", {"result": ""}).status_code == 403
    assert cashier.get(f"/fund/notices/{notice.pk}/lines/{told.line_id}/objections/new/").status_code == 403
    assert cashier.get(f"/fund/notices/{notice.pk}/objections/{told.pk}/").status_code == 404
    outsider = sign_in(account(office.cast.outsider))
    assert outsider.get(f"/fund/notices/{notice.pk}/").status_code == 404


def test_a_wrong_list_comes_down_at_once_and_its_days_begin_anew(office, clerk, client, sign_in):
    notice, rows = hung(office, office.cast.li, office.cast.zhao)
    told = noticing.object_to(
        by=office.by(office.clerk), line=notice.lines.first(), received_on=NOW.date(), who="组织部自查", contact="",
        text="类别写错", now=NOW,
    )  # fmt: skip
    send(clerk, f"/fund/notices/{notice.pk}/objections/{told.pk}/", outcome="corrected", answer="已更正")
    assert client.get(f"/notices/{notice.token}/").status_code == 404
    with time_machine.travel(moment(date(2026, 11, 25), 9), tick=False):
        clerk = sign_in(office.by(office.clerk))
        assert send(clerk, NEW, rows=[row.pk for row in rows], **PAPER).status_code == 302
    again = PublicNotice.objects.order_by("pk").last()
    assert (again.corrects, again.ends_on) == (notice, date(2026, 12, 2)), "the days begin anew"
    assert "更正后的名单" in said(clerk.get(f"/fund/notices/{notice.pk}/"))
    assert "撤下的那份" in said(clerk.get(f"/fund/notices/{again.pk}/"))
    assert "撤下更正" in said(clerk.get("/fund/notices/"))


# Working days


def test_a_year_nobody_entered_is_said_and_can_be_entered(office, sign_in):
    rows = office.decided(office.ready())
    with time_machine.travel(moment(date(2026, 12, 28), 9), tick=False):
        clerk = sign_in(office.by(office.clerk))
        page = text(clerk.get("/fund/notices/"))
        assert "2027 年的放假调休安排还没有录入" in page
        refused = send(clerk, NEW, rows=[rows[0].pk], **PAPER)
        assert refused.status_code == 422
        assert "还算不出公示哪天期满" in said(refused)
        days = "/working-days/"
        wrong = send(clerk, days, year="2027", off="1-1 2-30", worked="", basis="国办发明电")
        assert wrong.status_code == 422
        assert "没有“2-30”这一天" in said(wrong)
        assert "本来就上班" in said(send(clerk, days, year="2027", off="1-1", worked="1-4", basis="国办"))
        assert (
            send(clerk, days, year="2027", off="1月1日、2-5至2-11", worked="1-31 2-20", basis="国办").status_code == 302
        )
        page = text(clerk.get(days))
        assert "01-01 02-05 02-08" in page, "Saturdays and Sundays are left out"
        assert "还没有录入" not in page
        assert send(clerk, NEW, rows=[rows[0].pk], **PAPER).status_code == 302
    assert PublicNotice.objects.get().ends_on == date(2027, 1, 5), "29, 30, 31, 4 and 5"


def test_the_warning_begins_in_december(office, sign_in):
    for day, told in ((date(2026, 11, 30), False), (date(2026, 12, 1), True)):
        with time_machine.travel(moment(day, 9), tick=False):
            assert ("还没有录入" in text(sign_in(office.by(office.clerk)).get("/fund/notices/"))) == told
    assert sign_in(office.by(office.cast.secretary)).get("/working-days/").status_code == 403


@pytest.mark.parametrize(
    ("year", "off", "worked", "field"),
    [(1999, "", "", "year"), (2027, "", "", "off"), (2027, "2027-01-01", "2027-01-04", "worked")],
)
def test_an_arrangement_that_cannot_be_is_refused(office, year, off, worked, field):
    days = [[date.fromisoformat(each) for each in text_.split()] for text_ in (off, worked)]
    more = {"year": year, "off": days[0], "worked": days[1], "basis": "国办", "today": NOW.date()}
    assert field in refusal(set_arrangement, by=office.by(office.clerk), **more)


# Queries


def test_lists_and_papers_ask_as_little_of_many_rows_as_of_few(office, clerk, client):
    rows = office.decided(*(office.ready(who) for who in (office.cast.li, office.cast.zhao, office.cast.secretary)))
    urls = ["/fund/notices/", NEW]

    def asked(*extra) -> list[int]:
        counts = []
        for browser, url in [*((clerk, each) for each in urls), *extra]:
            with CaptureQueriesContext(connection) as seen:
                assert browser.get(url).status_code == 200
            counts.append(len(seen))
        return counts

    asked()
    three = asked()
    office.posted(*rows[:2])
    assert asked()[1] <= three[1]
    notice = PublicNotice.objects.get()
    pages = [(clerk, f"/fund/notices/{notice.pk}/"), (client, f"/notices/{notice.token}/"), (client, "/notices/")]
    asked(*pages)
    two = asked(*pages)[2:]
    line = notice.lines.first()
    for number in range(10, 30):
        who = member(f"人{number}", office.cast.branch)
        row = type(rows[0]).objects.get(pk=rows[0].pk)
        row.pk, row.person, row.number, row.waiting = None, who, number, None
        row.save()
        line.pk, line.application, line.number, line.name = None, row, number, f"人{number}"
        line.save()
    assert asked(*pages)[2:] == two
    assert [len(each.rows) for each in papers_on(NOW.date())] == [22]
