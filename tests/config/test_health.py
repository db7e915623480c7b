"""The health page, ``/healthz``, the timetable and the command ``tick``."""

import json
from datetime import date, datetime, time, timedelta
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone

from base import clock
from base.append_only import guards, lifts
from base.clock import Every
from base.models import AuditRow, AuditSeal, ClockRun, Heartbeat, OnceKey
from config import health, tasks
from config.celery import Nudger, app
from config.ticking import Ticker, tick
from config.timetable import TIMETABLE
from duties.engine.models import SweptRule
from duties.notices.models import Kind, Message, Notice
from members.enums import Role
from tests.conftest import NOW
from tests.duties.acts import adopt_pack, once_in
from tests.fund.money import funded, unguarded
from tests.world import account, member, post

TODAY = date(2026, 11, 23)
CHINA = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def administrator(cast):
    someone = member("系统员", cast.direct)
    post(someone, cast.committee, Role.SYSTEM_ADMINISTRATOR)
    return account(someone)


@pytest.fixture
def office(cast):
    adopt_pack(cast.committee)
    for someone in (cast.secretary, cast.general_secretary):
        account(someone)
    return cast


def test_the_first_tick_does_the_whole_timetable(office):
    done = tick("tick", timezone.now())
    assert set(done) == set(TIMETABLE), "10:00 on a Monday: the review too"
    assert SweptRule.objects.filter(on=TODAY).exists()
    assert Message.objects.filter(kind=Kind.DIGEST).count() == 2
    assert Message.objects.filter(kind=Kind.REVIEW).count() == 1
    assert AuditSeal.objects.exists()
    assert AuditRow.objects.filter(act="verify").exists()
    assert tick("tick", timezone.now()) == []
    assert Message.objects.count() == 3


def test_a_morning_after_three_days_off(office):
    tick("tick", timezone.now())
    with time_machine.travel(datetime(2026, 11, 26, 8, 0, tzinfo=CHINA), tick=False):
        tick("tick", timezone.now())
    assert SweptRule.objects.filter(on=date(2026, 11, 26)).exists()
    days = set(Notice.objects.filter(kind=Kind.DIGEST).order_by("pk").values_list("day", flat=True))
    assert days == {TODAY, date(2026, 11, 26)}, "nobody is told late how things stood"


def test_at_midnight_in_china_the_sweep_is_of_the_new_day(office):
    tick("tick", timezone.now())
    for moment, day in (("15:59:59", 23), ("16:02:00", 24)):
        with time_machine.travel(f"2026-11-23T{moment}+00:00", tick=False):
            tick("tick", timezone.now())
            assert set(SweptRule.objects.order_by("pk").values_list("on", flat=True)) == {date(2026, 11, day)}


def test_a_clock_put_back_a_day_changes_nothing(office):
    tick("tick", timezone.now())
    before = set(Message.objects.order_by("pk").values_list("pk", flat=True))
    with time_machine.travel(NOW - timedelta(days=1), tick=False):
        tick("tick", timezone.now())
        assert set(SweptRule.objects.order_by("pk").values_list("on", flat=True)) == {TODAY}
    tick("tick", timezone.now())
    assert set(Message.objects.filter(day=TODAY).order_by("pk").values_list("pk", flat=True)) == before


def test_a_tick_says_when_beat_has_been_silent(office, capsys):
    call_command("tick", "--json")
    assert json.loads(capsys.readouterr().out)["beat_is_late"] is False, "without Celery nobody waits for it"
    clock.beat("beat", NOW - timedelta(minutes=16))
    with pytest.raises(SystemExit) as ended:
        call_command("tick")
    assert ended.value.code == 2
    assert "16 分钟没有动静" in capsys.readouterr().out


def test_every_line_of_the_timetable_holds_together():
    assert list(TIMETABLE) == [entry.name for entry in TIMETABLE.values()]
    for entry in TIMETABLE.values():
        assert entry.lease <= timedelta(minutes=30)
        if not isinstance(entry.when, Every):
            assert entry.when.newest(NOW).begins.timetz().replace(tzinfo=None) == entry.when.at < time(23)


def test_beat_nudges_every_entry_at_least_once_a_minute_but_three():
    schedule = app.conf.beat_schedule
    assert set(schedule) == set(TIMETABLE)
    assert {name for name, line in schedule.items() if line["schedule"] > 60} == {"seal_audit", "seal_books", "fold"}
    assert all(line["options"]["expires"] <= line["schedule"] for line in schedule.values())
    assert all(line["args"] == [name] for name, line in schedule.items()), "only a name passes through Redis"


def test_the_settings_are_those_that_lose_nothing():
    conf = app.conf
    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert conf.worker_prefetch_multiplier == 1
    assert conf.task_ignore_result
    assert conf.result_backend is None
    assert conf.accept_content == ["json"]
    assert conf.broker_transport_options["visibility_timeout"] == conf.visibility_timeout > 2 * conf.task_time_limit
    assert tasks.LONG["time_limit"] < conf.visibility_timeout
    assert str(conf.timezone) == "Asia/Shanghai"


def test_a_task_says_who_lives(office):
    tasks.run_entry("sweep", by_beat=True)
    assert set(Heartbeat.objects.order_by("pk").values_list("engine", flat=True)) == {"worker", "beat"}
    assert ClockRun.objects.get(entry="sweep").finished_at


def test_where_redis_is_down_a_nudge_is_tried_once_in_a_while(monkeypatch):
    tried = []

    def refused(*args, **options):
        tried.append(args)
        raise OSError

    monkeypatch.setattr(app, "send_task", refused)
    nudge = Nudger()
    nudge("jobs")
    nudge("jobs")
    assert len(tried) == 1


def test_production_is_told_that_it_lacks_redis(settings):
    def warned():
        return [each.id for each in run_checks(include_deployment_checks=True) if each.id == "config.W001"]

    assert warned() == ["config.W001"]
    settings.REDIS_URL = "redis://127.0.0.1/0"
    assert warned() == []


# /healthz


def test_a_stranger_learns_whether_it_runs_and_nothing_else(db, client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content, answer["Cache-Control"]) == (200, b"ok\n", "no-store")
    assert not answer.cookies


def test_it_is_not_ready_while_the_clock_is_silent(db, client):
    assert client.get("/healthz?ready").status_code == 503
    clock.beat("worker", NOW)
    assert client.get("/healthz?ready").status_code == 200
    Heartbeat.objects.update(at=NOW - timedelta(minutes=16))
    assert client.get("/healthz?ready").status_code == 503
    assert client.get("/healthz").status_code == 200, "restarting the pages would not wind the clock up"


def test_it_says_when_the_database_is_down(db, client, monkeypatch):
    def down(*args, **kwargs):
        raise OperationalError

    monkeypatch.setattr("django.db.models.query.QuerySet.update", down)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (503, b"not ok\n")


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_it_says_when_the_database_cannot_be_written(client):
    from_now_on = health.connection.cursor()
    from_now_on.execute("SET default_transaction_read_only = on")
    try:
        assert client.get("/healthz").status_code == 503
    finally:
        from_now_on.execute("SET default_transaction_read_only = off")
    assert client.get("/healthz").status_code == 200


# The page


def test_the_system_administrator_sees_how_it_stands(office, administrator, sign_in):
    tick("tick", timezone.now())
    clock.beat("beat", NOW - timedelta(minutes=20))
    page = sign_in(administrator).get("/health/").content.decode()
    assert "没有动静" in page
    assert "巡检到 2026-11-23" in page
    assert "没有配置" in page
    assert "该做没做" not in page
    for name in ("王海燕", "李建国"):
        assert name not in page


def test_a_missed_time_and_a_failure_show(office, administrator, sign_in):
    ClockRun.objects.create(entry="digest", slot="2026-11-23", claims=1, started_at=NOW, error="OperationalError")
    browser = sign_in(administrator)
    page = browser.get("/health/").content.decode()
    assert page.count("该做没做") == 8
    assert "OperationalError" in page
    with time_machine.travel(NOW + timedelta(hours=20), tick=False):
        page = sign_in(administrator).get("/health/").content.decode()
    assert page.count("该做没做") == 6, "this morning's digest was due before there was a clock, and has expired"


def test_what_the_nightly_checks_found_is_not_silent(office, administrator, sign_in, caplog):
    browser = sign_in(administrator)
    funded(office.committee, 100_000)
    tick("tick", timezone.now())
    assert "没有通过" not in browser.get("/health/").content.decode()
    with unguarded("UPDATE fund_bookaccount SET balance = balance + 1 WHERE kind = 'available'"):
        pass
    statements = [*lifts(connection.vendor, "base_auditrow"), "UPDATE base_auditrow SET actor = '别人'"]
    with connection.cursor() as cursor:
        for statement in statements + guards(connection.vendor, "base_auditrow"):
            cursor.execute(statement)
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        assert {"check_books", "verify_audit"} <= set(tick("tick", timezone.now())), "found wrong, and done"
        page = sign_in(administrator).get("/health/").content.decode()
    assert "没有通过：I2、I4 不成立" in page
    assert "请运行 verify_audit" in page
    assert "1,000.0" not in page
    assert [
        each for each in ("check_books", "verify_audit") if f"{each} found something wrong" not in caplog.text
    ] == []


def test_dead_letters_are_listed_and_sent_again_once(office, administrator, sign_in):
    Notice.objects.create(
        recipient=office.secretary, kind=Kind.DIGEST, day=TODAY, state=Notice.State.DEAD, tries=8, error="ValueError",
        not_before=NOW, enqueued_at=NOW, ended_at=NOW,
    )  # fmt: skip
    browser = sign_in(administrator)
    page = browser.get("/health/")
    assert "ValueError" in page.content.decode()
    assert "王海燕" not in page.content.decode()
    for _ in range(2):
        answer = browser.post("/health/retry/", {"once": once_in(page)}, follow=True)
    assert "没有发不出去的消息" in answer.content.decode()
    assert Notice.objects.get().state == Notice.State.PENDING
    assert AuditRow.objects.filter(subject="outbox").count() == 1
    assert OnceKey.objects.count() == 1


@pytest.mark.parametrize("who", ["secretary", "clerk"])
def test_nobody_else_sees_it(office, sign_in, who):
    someone = getattr(office, who)
    browser = sign_in(someone.account if hasattr(someone, "account") else account(someone))
    assert browser.get("/health/").status_code == 403
    assert browser.post("/health/retry/").status_code == 403


def test_the_page_costs_a_fixed_number_of_queries(office, administrator, sign_in, django_assert_max_num_queries):
    tick("tick", timezone.now())
    for number in range(30):
        ClockRun.objects.create(entry="sweep", slot=f"2026-10-{number:02d}", finished_at=NOW)
    browser = sign_in(administrator)
    with django_assert_max_num_queries(22):
        browser.get("/health/")


# The demo's thread


def test_the_demos_thread_turns_the_clock_and_ends_with_its_process(office, monkeypatch):
    monkeypatch.setattr(clock, "_senders", [])
    monkeypatch.setattr("config.ticking.close_old_connections", lambda: None)
    ticker = Ticker()
    assert isinstance(ticker, Thread)
    assert ticker.daemon
    ticker.once()
    assert Heartbeat.objects.get().engine == "demo"
    assert Message.objects.exists()
    clock._senders[0]("outbox")
    assert ticker.woken.is_set()
    ticker.once()
    assert ClockRun.objects.get(entry="outbox").claims == 2, "asked for: at once"


def test_a_round_that_fails_is_not_the_last(monkeypatch, db):
    monkeypatch.setattr(clock, "_senders", [])
    monkeypatch.setattr("config.ticking.close_old_connections", lambda: None)
    monkeypatch.setattr("config.ticking.tick", lambda *args: 1 / 0)
    Ticker().once()
