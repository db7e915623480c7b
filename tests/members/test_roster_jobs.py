"""A large roster is checked and written by jobs; the reader sees the pages of a small one."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import TextField
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from base import job_files, jobs
from base.models import AuditRow, Job
from members.models import Membership, Person
from tests.members.sheets import roster_row, workbook
from tests.world import account

pytestmark = pytest.mark.django_db
URL = reverse("roster_import")
State = Job.State


@pytest.fixture(autouse=True)
def folders(settings, tmp_path, monkeypatch):
    settings.UPLOADS, settings.JOBS = tmp_path / "uploads", tmp_path / "jobs"
    monkeypatch.setattr("members.views.roster.LARGE", 10)


@pytest.fixture
def clerk(cast, client):
    user = account(cast.clerk)
    client.force_login(user, backend="members.backends.AccountBackend")
    return user


ROWS = [roster_row(), roster_row("刘洋", 2), roster_row("", 3)]
"""Two that are taken, one that is not."""


def upload(client, *rows, once="k"):
    file = SimpleUploadedFile("党员名册.xlsx", workbook(rows or ROWS))
    return client.post(URL, {"file": file, "once": once})


def page_of(client, answer):
    """Run what waits and go where the job leads; returns that page and its address."""
    jobs.run_waiting()
    where = client.get(answer.headers["Location"]).headers["Location"]
    page = client.get(where)
    assert page.status_code == 200
    return page.content.decode(), where


def write(client, where, **more):
    token = re.search(r"upload=([0-9]+-[0-9a-f]{48})", where)[1]
    return client.post(URL, {"upload": token, "once": "w", "as_of": "2026-11-23", **more})


def _figures(page: str) -> list:
    shown = re.search(r"<main.*?</main>", page, re.DOTALL)[0]
    return re.sub(r"<[^>]*>|\s+", " ", shown).split()


@pytest.mark.parametrize("tab", ["refused", "created", "updated", "absent", "warnings", "repaired", "columns", "other"])
def test_each_list_reads_as_that_of_a_small_roster(clerk, client, monkeypatch, tab):
    rows = [
        *ROWS, roster_row("张明", 4, 加入党组织日期="2015.06"), roster_row("孙德福", 5, 性别="x"),
        roster_row("李静", 6, 联系电话="12"),
    ]  # fmt: skip
    _, where = page_of(client, upload(client, *rows))
    large = client.get(where, {**_query(where), "tab": tab}).content.decode()
    monkeypatch.setattr("members.views.roster.LARGE", 10**6)
    small = client.get(upload(client, *rows, once="s").headers["Location"] + f"&tab={tab}").content.decode()
    assert _figures(large) == _figures(small)


def _query(where: str) -> dict:
    return dict(part.split("=") for part in where.partition("?")[2].split("&"))


def test_it_is_written_by_a_job_and_leads_to_the_result_with_its_refused_rows(clerk, client):
    _, where = page_of(client, upload(client))
    page, where = page_of(client, write(client, where))
    assert "已写入，应办事项已按新名册更新" in page
    assert "没有写入的 1 行" in page
    assert set(Person.objects.filter(name__in=["王强", "刘洋"]).values_list("name", flat=True)) == {"王强", "刘洋"}
    job = Job.objects.get(kind="roster_write")
    assert f'href="/jobs/{job.pk}/file/"' in page
    answer = client.get(f"/jobs/{job.pk}/file/")
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert sheet.max_row == 2
    rows = AuditRow.objects.filter(act="import")
    assert [(row.account, row.detail["created"]) for row in rows] == [(clerk.pk, 2)]


def test_sending_the_roster_twice_makes_one_job_and_writing_twice_writes_once(clerk, client):
    first, second = upload(client), upload(client)
    assert first.headers["Location"] == second.headers["Location"]
    assert Job.objects.count() == 1
    _, where = page_of(client, first)
    answers = [write(client, where), write(client, where)]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert Job.objects.filter(kind="roster_write").count() == 1
    jobs.run_waiting()
    assert Person.objects.filter(name="王强").count() == 1


def test_another_day_is_checked_by_another_job(clerk, client):
    _, where = page_of(client, upload(client))
    page, where = page_of(client, write(client, where, check="1", as_of="2026-10-01"))
    assert 'value="2026-10-01"' in page
    assert "还没有写入任何数据" in page
    assert not Person.objects.filter(name="王强").exists()


def test_a_day_after_today_is_refused_with_a_sentence(clerk, client):
    _, where = page_of(client, upload(client))
    answer = client.post(URL, {**_query(where), "as_of": "2026-12-01", "once": "w"})
    assert "晚于今天" in answer.content.decode()
    assert not Job.objects.filter(kind="roster_write").exists()


def test_what_is_no_roster_fails_with_the_reader_s_sentence(clerk, client):
    file = SimpleUploadedFile("名册.xlsx", workbook([("x", "y")], headings=("甲", "乙")))
    answer = client.post(URL, {"file": file, "once": "other"})
    jobs.run_waiting()
    assert "没有找到表头" in client.get(answer.headers["Location"]).content.decode()


def test_a_newer_upload_takes_the_place_of_one_that_waits(clerk, client):
    first, second = upload(client, once="a"), upload(client, once="b")
    jobs.run_waiting()
    assert "已换成另一份" in client.get(first.headers["Location"]).content.decode()
    assert client.get(second.headers["Location"]).status_code == 302


def test_whoever_may_no_longer_import_when_it_runs_writes_nothing(cast, clerk, client):
    _, where = page_of(client, upload(client))
    answer = write(client, where)
    cast.clerk.posts.update(until=timezone.localdate())
    jobs.run_waiting()
    job = Job.objects.get(kind="roster_write")
    assert (job.state, job.error[:9]) == (State.FAILED, "名册由组织部导入。")
    assert not Person.objects.filter(name="王强").exists()
    assert client.get(answer.headers["Location"]).status_code == 200


def test_an_account_that_was_closed_writes_nothing(clerk, client):
    _, where = page_of(client, upload(client))
    write(client, where)
    clerk.is_active = False
    clerk.save()
    jobs.run_waiting()
    assert Job.objects.get(kind="roster_write").error == "你的账号已停用。"
    assert not Person.objects.filter(name="王强").exists()


def test_cancelled_between_writing_and_commit_it_leaves_nothing(clerk, client, monkeypatch):
    _, where = page_of(client, upload(client))
    write(client, where)
    written = []

    def keep(job, file):
        written.append(Person.objects.filter(name="王强").exists())
        jobs.cancel(Job.objects.get(pk=job.pk), now=timezone.now())
        return 0

    monkeypatch.setattr(job_files, "keep", keep)
    jobs.run_waiting()
    assert written == [True]
    assert Job.objects.get(kind="roster_write").state == State.CANCELLED
    assert not Person.objects.filter(name="王强").exists()
    assert not Membership.objects.filter(person__name="王强").exists()
    assert not AuditRow.objects.filter(act="import").exists()


def test_the_stored_preview_is_sealed_and_nobody_else_s(cast, clerk, client, sign_in):
    _, where = page_of(client, upload(client))
    raw = Job.objects.annotate(raw=Cast("answer", TextField())).values_list("raw", flat=True).get()
    assert raw
    assert "刘洋" not in raw
    assert "\\u5218" not in raw
    other = account(cast.outsider)
    cast.outsider.posts.update(role="department_clerk")
    answer = sign_in(other).get(where)
    assert answer.headers["Location"] == URL


def test_a_large_upload_without_its_job_leads_to_the_list_of_jobs(clerk, client):
    _, where = page_of(client, upload(client))
    query = _query(where)
    for job in ("", "x", "9" * 30, "987654"):
        assert client.get(URL, {**query, "job": job}).headers["Location"] == reverse("jobs")
