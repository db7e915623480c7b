"""The pages of jobs: one's own alone, asking again by themselves until the end, working without JavaScript."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from base import job_files, jobs
from base.jobs import Kind, Result
from base.models import AuditRow, Job, OnceKey
from members.enums import Role
from members.models import Post
from tests.world import account, person, post

pytestmark = pytest.mark.django_db
State = Job.State
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.JOBS = tmp_path / "jobs"
    return settings.JOBS


@pytest.fixture
def owner(cast):
    return account(cast.clerk)


@pytest.fixture
def client(owner, sign_in) -> Client:
    return sign_in(owner)


def write(work):
    work.file.write(b"abc")
    return Result(file_name="谈心谈话_第一党支部.xlsx")


@pytest.fixture(autouse=True)
def kind(monkeypatch):
    monkeypatch.setitem(jobs._kinds, "write", Kind("write", "导出一份", write, lambda account, parameters: None))


def ask(owner, code="write") -> Job:
    return jobs.ask(account=owner.pk, kind=code, title="导出谈心谈话", parameters={}, now=timezone.now())


def url(job, page="") -> str:
    return f"/jobs/{job.pk}/{page}"


def text(answer) -> str:
    return answer.content.decode()


def test_a_waiting_job_asks_again_by_itself_and_offers_a_refresh_without_javascript(owner, client):
    job = ask(owner)
    page = text(client.get(url(job)))
    assert "排队中" in page
    assert f'hx-get="{url(job)}" hx-trigger="every 2s"' in page
    assert f'<a href="{url(job)}">刷新看进度</a>' in page
    fragment = client.get(url(job), headers=HTMX)
    assert text(fragment).startswith("<section") or "<!doctype" not in text(fragment)
    assert fragment.headers["Cache-Control"] == "no-store"


def test_a_running_job_shows_how_far_it_is(owner, client):
    ask(owner)
    job = jobs.claim(now=timezone.now())
    job_files.tell(job, job_files.Told("写入台账", 500, 2000), now=timezone.now())
    page = text(client.get(url(job), headers=HTMX))
    assert '<progress class="job-bar" max="100" value="25" aria-label="进度">' in page
    assert "写入台账 · 500 / 2000 · 25%" in page
    assert "every 2s" in page


def test_a_finished_job_asks_no_more_and_gives_its_file_with_an_audit_row(owner, client):
    job = ask(owner)
    jobs.run_waiting()
    page = text(client.get(url(job), headers=HTMX))
    assert "hx-get" not in page
    assert "谈心谈话_第一党支部.xlsx" in page
    answer = client.get(url(job, "file/"))
    assert b"".join(answer.streaming_content) == b"abc"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Length"] == "3"
    assert "attachment; filename*=utf-8''" in answer.headers["Content-Disposition"]
    row = AuditRow.objects.get(act="export")
    assert (row.account, row.subject, row.detail) == (owner.pk, f"job:{job.pk}", {"job": "write", "bytes": 3})


def test_a_job_with_a_page_of_its_own_leads_there_with_and_without_htmx(owner, client, monkeypatch):
    monkeypatch.setitem(
        jobs._kinds, "write", Kind("write", "导出一份", lambda work: Result(where="/roster/"), lambda *_: None)
    )
    job = ask(owner)
    jobs.run_waiting()
    assert client.get(url(job)).headers["Location"] == "/roster/"
    assert client.get(url(job), headers=HTMX).headers["HX-Redirect"] == "/roster/"
    assert 'href="/roster/"' in text(client.get(url(job), {"stay": 1}))


@pytest.mark.parametrize("page", ["", "file/", "cancel/", "retry/"])
def test_the_job_of_another_account_does_not_exist(owner, client, cast, sign_in, page):
    job = ask(owner)
    jobs.run_waiting()
    stranger = sign_in(account(cast.committee_secretary))
    act = "post" if page in ("cancel/", "retry/") else "get"
    assert getattr(stranger, act)(url(job, page)).status_code == 404
    assert getattr(client, act)(url(job, page)).status_code in (200, 302)
    assert "导出谈心谈话" not in text(stranger.get("/jobs/"))


@pytest.mark.parametrize("page", ["", "file/", "cancel/", "retry/"])
def test_a_job_is_gone_after_its_day(owner, client, page):
    job = ask(owner)
    jobs.run_waiting()
    act = "post" if page in ("cancel/", "retry/") else "get"
    with time_machine.travel(timezone.now() + timedelta(days=1), tick=False):
        again = Client()
        again.force_login(owner, backend="members.backends.AccountBackend")
        assert getattr(again, act)(url(job, page)).status_code == 404
        assert "导出谈心谈话" not in text(again.get("/jobs/"))


def test_a_file_whose_right_has_ended_is_not_found(owner, client, monkeypatch):
    job = ask(owner)
    jobs.run_waiting()

    def refuse(account, parameters):
        raise PermissionDenied("不能了。")

    monkeypatch.setitem(jobs._kinds, "write", Kind("write", "导出一份", write, refuse))
    assert client.get(url(job, "file/")).status_code == 404
    assert not AuditRow.objects.filter(act="export").exists()


def test_a_file_that_was_lost_and_a_job_without_one_are_not_found(owner, client, folder):
    waiting = ask(owner)
    assert client.get(url(waiting, "file/")).status_code == 404
    jobs.run_waiting()
    next(folder.iterdir()).unlink()
    assert client.get(url(waiting, "file/")).status_code == 404


def test_a_job_is_cancelled_and_tried_again_by_its_buttons(owner, client):
    job = ask(owner)
    page = text(client.post(url(job, "cancel/"), follow=True))
    assert "已取消" in page
    assert "hx-get" not in page
    page = text(client.post(url(job, "retry/"), follow=True))
    assert "排队中" in page
    jobs.run_waiting()
    assert "已经结束" in text(client.post(url(job, "cancel/"), follow=True))
    client.post(url(job, "retry/"))
    assert Job.objects.get().state == State.DONE


@pytest.mark.parametrize("page", ["cancel/", "retry/"])
def test_acts_are_posts_with_a_token(owner, page, client):
    job = ask(owner)
    assert client.get(url(job, page)).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(owner, backend="members.backends.AccountBackend")
    assert strict.post(url(job, page)).status_code == 403
    assert Job.objects.get().state == State.WAITING


def test_looking_writes_nothing(owner, client):
    job = ask(owner)
    client.get("/jobs/")
    before = list(Job.objects.values()), AuditRow.objects.count(), OnceKey.objects.count()
    client.get(url(job))
    client.get(url(job), headers=HTMX)
    client.get("/jobs/")
    assert (list(Job.objects.values()), AuditRow.objects.count(), OnceKey.objects.count()) == before


def cost(client) -> int:
    with CaptureQueriesContext(connection) as seen:
        client.get("/jobs/")
    return len(seen)


def test_the_list_costs_the_same_however_many_there_are(owner, client):
    ask(owner)
    client.get("/jobs/")
    one = cost(client)
    for _ in range(2):
        ask(owner)
    assert cost(client) == one


def test_the_list_says_of_each_job_how_it_stands(owner, client):
    assert "没有任务" in text(client.get("/jobs/"))
    job = ask(owner)
    jobs.run_waiting()
    page = text(client.get("/jobs/"))
    assert f'href="/jobs/{job.pk}/?stay=1"' in page
    assert "已完成" in page


# The rebuild that the page offers


@pytest.fixture
def administrator(cast, sign_in):
    someone = person("周系统")
    post(someone, cast.committee, Role.SYSTEM_ADMINISTRATOR)
    return sign_in(account(someone))


def test_the_system_administrator_alone_may_have_all_duties_checked_anew(world, client, administrator):
    assert "重新核对全部应办" not in text(client.get("/jobs/"))
    assert client.post("/jobs/new/recheck/", {"once": "k"}).status_code == 403
    key = re.search(r'name="once" value="([^"]+)"', text(administrator.get("/jobs/")))[1]
    answers = [administrator.post("/jobs/new/recheck/", {"once": key}) for _ in range(2)]
    job = Job.objects.get()
    assert [answer.headers["Location"] for answer in answers] == [url(job)] * 2
    jobs.run_waiting()
    assert "新增 0 件，办结 0 件，作废 0 件" in text(administrator.get(url(job)))


def test_an_administrator_whose_post_ended_meanwhile_gets_a_sentence(world, administrator):
    administrator.post("/jobs/new/recheck/", {"once": "k"})
    job = Job.objects.get()
    Post.objects.filter(role=Role.SYSTEM_ADMINISTRATOR).update(until=timezone.localdate())
    jobs.run_waiting()
    job.refresh_from_db()
    assert (job.state, job.error) == (State.FAILED, "全部应办由系统管理员重新核对。")


@pytest.mark.parametrize("code", ["write", "ledger_export", "nothing"])
def test_what_the_page_does_not_offer_cannot_be_asked_for_there(administrator, code):
    assert administrator.post(f"/jobs/new/{code}/", {"once": "k"}).status_code == 404
    assert not Job.objects.exists()


def test_a_full_queue_is_answered_with_a_sentence(world, administrator, monkeypatch):
    for number in range(4):
        answer = administrator.post("/jobs/new/recheck/", {"once": f"k{number}"}, follow=True)
    assert "你已有 3 个任务没有做完" in text(answer)
    assert Job.objects.count() == 3
