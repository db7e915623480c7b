"""The calendar: what is planned and done by month and day, within the scope, for a fixed price. Today is 2026-11-23."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from awards.study import record_study
from duties.deeds import record_deed
from duties.engine.answering import arrange
from duties.engine.models import Duty, State
from members.enums import EventKind
from tests.duties.acts import adopt_pack, happen, sweep_on
from tests.world import account, member
from visits.activities import Held, record_activity
from visits.models import Campaign, Candidate
from visits.services import record_talk
from visits.visiting import Seen, record_visit

TODAY = date(2026, 11, 23)
URL = "/calendar/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(cast, sign_in):
    return sign_in(account(cast.secretary))


def talked(cast, whom, on, *, by=None):
    return record_talk(
        by=None, members=[whom], on=on, means="face", subject="other", text="家里都好", talkers=[by or cast.secretary],
        today=TODAY,
    )[0]  # fmt: skip


def days_of(page) -> dict[str, str]:
    """What stands in each day of the month that has anything, by day."""
    body = page.content.decode().partition('<ol class="month')[2].partition("</ol>")[0]
    found = {}
    for day in body.split('<time datetime="')[1:]:
        found[day[:10]] = " ".join(strip_tags(day.partition("</h2>")[2]).split())
    return {day: words for day, words in found.items() if words}


def test_a_month_shows_what_was_done_and_what_is_planned(cast, browser):
    talked(cast, cast.li, date(2026, 11, 5))
    seen = Seen("home", met="member", text="都好")
    record_visit(by=None, action="visit", member=cast.zhao, on=date(2026, 11, 5), people=[cast.secretary], seen=seen,
                 today=TODAY)  # fmt: skip
    record_study(by=None, organisation=cast.branch, members=[cast.li], on=date(2026, 11, 6), title="党章", hours=2,
                 organiser=cast.secretary, today=TODAY)  # fmt: skip
    record_activity(by=None, organisation=cast.branch, on=date(2026, 11, 7), people=[cast.secretary], members=[],
                    held=Held("culture", "登山", present=9), today=TODAY)  # fmt: skip
    record_deed(by=None, action="report", organisation=cast.branch, on=date(2026, 11, 8), people=[cast.secretary],
                note="报了", today=TODAY)  # fmt: skip
    page = browser.get(URL)
    assert days_of(page) == {
        "2026-11-05": "与李建国谈话走访赵秀兰", "2026-11-06": "学习：党章", "2026-11-07": "登山",
        "2026-11-08": "办理 1 件",
    }  # fmt: skip
    body = page.content.decode()
    assert body.count("今天</span>") == 1
    assert 'href="/calendar/?month=2026-10"' in body
    assert 'href="/calendar/?month=2026-12"' in body
    assert days_of(browser.get(f"{URL}?month=2026-10")) == {}
    assert "重阳节" in browser.get(f"{URL}?month=2026-10").content.decode()
    assert "春节" in browser.get(f"{URL}?month=2027-02").content.decode()
    day = browser.get(f"{URL}?day=2026-11-08").content.decode()
    assert "河源第一党支部 报送情况" in day


def test_what_is_arranged_and_what_falls_due_until_it_is_done(cast, sign_in):
    adopt_pack(cast.committee)
    happen(cast.li, EventKind.HONOUR, date(2026, 11, 20))
    sweep_on(TODAY)
    secretary = account(cast.secretary)
    browser = sign_in(secretary)
    duty = Duty.objects.with_sources().get(rule__code="talk-on-honour", member=cast.li)
    arrange(by=secretary, duties=[duty], on=date(2026, 11, 25), person=None, today=TODAY)
    assert days_of(browser.get(URL))["2026-11-25"] == f"李建国 {duty.rule.title}"
    assert days_of(browser.get(f"{URL}?month={duty.due_on:%Y-%m}"))[duty.due_on.isoformat()] == "到期 1 件"
    record_talk(
        by=None, members=[cast.li], on=TODAY, means="face", subject="event", text="祝贺", talkers=[cast.secretary],
        today=TODAY, event=duty.event,
    )  # fmt: skip
    assert Duty.objects.get(pk=duty.pk).state == State.DONE
    assert "2026-11-25" not in days_of(browser.get(URL))


def test_the_last_day_of_a_festival_campaign_stands_in_it_while_it_runs(cast, browser):
    campaign = Campaign.objects.create(
        organisation=cast.committee, occasion="spring", year=2027, day=date(2027, 2, 6), deliver_by=date(2027, 2, 5),
        entered_on=TODAY,
    )  # fmt: skip
    Candidate.objects.create(campaign=campaign, person=cast.li, organisation=cast.branch, path=cast.branch.path)
    assert "2027 年春节走访慰问" in days_of(browser.get(f"{URL}?month=2027-02"))["2027-02-05"]
    Campaign.objects.update(stage=Campaign.Stage.CLOSED)
    assert days_of(browser.get(f"{URL}?month=2027-02")) == {}


def test_what_is_sensitive_reads_as_care_for_whoever_may_not_know(cast, sign_in):
    adopt_pack(cast.committee)
    happen(cast.zhao, EventKind.TENDENCY, date(2026, 11, 20))
    sweep_on(TODAY)
    told = Duty.objects.with_sources().get(rule__code="talk-on-tendency", member=cast.zhao)
    arrange(by=account(cast.secretary, "sec"), duties=[told], on=date(2026, 11, 25), person=None, today=TODAY)
    reader = sign_in(account(cast.commissioner))
    for page in (f"{URL}?month=2026-11", f"{URL}?day=2026-11-25", f"{URL}?day={told.due_on}"):
        body = reader.get(page).content.decode()
        assert "苗头" not in body
        assert told.rule.title not in body
    assert "赵秀兰 关怀事项" in reader.get(f"{URL}?day=2026-11-25").content.decode()


def test_it_is_narrowed_to_the_scope_and_to_an_organisation(cast, sign_in):
    talked(cast, cast.li, date(2026, 11, 5))
    talked(cast, cast.sun, date(2026, 11, 6), by=cast.sibling_secretary)
    clerk, own = sign_in(account(cast.clerk)), sign_in(account(cast.sibling_secretary))
    assert set(days_of(clerk.get(URL))) == {"2026-11-05", "2026-11-06"}
    assert set(days_of(own.get(URL))) == {"2026-11-06"}
    assert set(days_of(clerk.get(f"{URL}?organisation={cast.branch.pk}"))) == {"2026-11-05"}
    assert f"?day=2026-11-05&amp;organisation={cast.branch.pk}" not in clerk.get(URL).content.decode()
    assert own.get(f"{URL}?organisation={cast.branch.pk}").status_code == 404
    assert set(days_of(sign_in(account(cast.li)).get(URL))) == {"2026-11-05"}


def test_withdrawn_records_are_not_in_it(cast, browser):
    talk = talked(cast, cast.li, date(2026, 11, 5))
    talk.record.withdrawn_on = TODAY
    talk.record.save()
    assert days_of(browser.get(URL)) == {}
    assert "这一天没有安排，也没有记录" in browser.get(f"{URL}?day=2026-11-05").content.decode()


def test_fifty_rows_cost_what_one_costs_and_then_only_the_number_is_said(cast, browser):
    adopt_pack(cast.committee)
    sweep_on(TODAY)
    people = [member(f"党员{n}", cast.branch) for n in range(9)]

    def asked(page) -> int:
        with CaptureQueriesContext(connection) as queries:
            browser.get(page)
        return len(queries)

    def more(first, last):
        for n in range(first, last):
            on = date(2026, 11, 1) + timedelta(days=n % 20)
            talked(cast, people[n % 9], on)
            record_activity(by=None, organisation=cast.branch, on=on, people=[cast.secretary], members=[],
                            held=Held("culture", f"第 {n} 次", present=1), today=TODAY)  # fmt: skip

    more(0, 1)
    pages = (f"{URL}?month=2026-11", f"{URL}?day=2026-11-01")
    few = [(asked(page), asked(page))[1] for page in pages]
    more(1, 50)
    assert [asked(page) for page in pages] == few
    assert "谈话 3 次" in days_of(browser.get(pages[0]))["2026-11-01"]
    assert "第 0 次" in browser.get(pages[1]).content.decode()


@pytest.mark.parametrize("asked", ["month=2026-13", "month=昨天", "month=0001-01", "month=99999-01", "month=20261101"])
def test_a_month_that_is_none_shows_this_one(browser, asked):
    assert "2026 年 11 月" in browser.get(f"{URL}?{asked}").content.decode()


def test_a_day_that_is_none_does_not_exist_and_nothing_is_written(browser):
    assert browser.get(f"{URL}?day=2026-02-30").status_code == 404
    assert browser.get(f"{URL}?day=9999-01-01").status_code == 404
    assert browser.post(reverse("calendar")).status_code == 405
    for month in ("1990-01", "2060-12"):
        assert browser.get(f"{URL}?month={month}").status_code == 200
