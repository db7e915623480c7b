"""A ledger of more rows than a page answers with is a job, and the same workbook."""

from datetime import date
from io import BytesIO
from urllib.parse import unquote

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from base import job_files, jobs
from base.models import AuditRow, Job
from duties.engine.models import Record
from members.enums import Role
from tests import world
from tests.ledgers.rows import in_force, talk

State = Job.State
URL = reverse("ledger_export", args=["talks"])


@pytest.fixture(autouse=True)
def few(settings, tmp_path, monkeypatch):
    settings.JOBS = tmp_path / "jobs"
    monkeypatch.setattr("ledgers.views.ledgers.AT_ONCE", 2)
    monkeypatch.setattr(jobs, "_EVERY", 1)


@pytest.fixture
def talks(cast):
    in_force(cast.committee)
    for day in (18, 19, 20):
        talk(cast.li, cast.branch, [cast.secretary], on=date(2026, 11, day))


@pytest.fixture
def secretary(cast, talks):
    return world.account(cast.secretary)


@pytest.fixture
def client(secretary, sign_in):
    return sign_in(secretary)


def ask(client, cast, once="k", **more):
    sent = {"organisation": cast.branch.pk, "first": "2026-01-01", "last": "2026-11-23", "once": once, **more}
    return client.post(URL, sent)


def cells(data: bytes) -> list:
    rows = openpyxl.load_workbook(BytesIO(data)).active.iter_rows(values_only=True)
    return [row for row in rows]


def test_the_workbook_of_the_job_is_that_of_the_page(cast, client, monkeypatch):
    answer = ask(client, cast)
    job = Job.objects.get()
    assert answer.headers["Location"] == f"/jobs/{job.pk}/"
    jobs.run_waiting()
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert "谈心谈话" in page
    assert "下载" in page
    large = b"".join(client.get(f"/jobs/{job.pk}/file/").streaming_content)
    monkeypatch.setattr("ledgers.views.ledgers.AT_ONCE", 3)
    small = b"".join(ask(client, cast, once="other").streaming_content)
    assert cells(large) == cells(small)
    assert len(cells(small)) > 6


def test_the_job_keeps_to_the_part_that_was_asked_for(cast, client):
    Record.objects.update(entered_on=date(2026, 12, 31))
    talk(cast.zhao, cast.branch, [cast.secretary])
    ask(client, cast, pick="late")
    jobs.run_waiting()
    file = client.get(f"/jobs/{Job.objects.get().pk}/file/")
    assert "补录" in unquote(file["Content-Disposition"])
    numbers = [row[0] for row in cells(b"".join(file.streaming_content)) if isinstance(row[0], int)]
    assert numbers == [1, 2, 3]


def test_making_it_and_fetching_it_are_audited_for_whoever_asked(cast, client, secretary):
    ask(client, cast)
    jobs.run_waiting()
    job = Job.objects.get()
    client.get(f"/jobs/{job.pk}/file/")
    rows = AuditRow.objects.filter(act="export").order_by("pk")
    assert [(row.account, row.subject) for row in rows] == [
        (secretary.pk, f"organisation:{cast.branch.pk}"),
        (secretary.pk, f"job:{job.pk}"),
    ]
    assert rows[0].detail["rows"] == 3
    assert rows[0].actor == rows[1].actor


def test_a_double_click_makes_one_job(cast, client):
    first, second = ask(client, cast), ask(client, cast)
    assert first.headers["Location"] == second.headers["Location"]
    assert Job.objects.count() == 1


def test_progress_counts_the_rows_and_a_wish_to_stop_is_heard_between_them(cast, client, monkeypatch):
    ask(client, cast)
    seen, tell = [], job_files.tell

    def told(job, said, *, now):
        tell(job, said, now=now)
        seen.append((said.phase, said.done, said.total))
        if said.done == 1:
            jobs.cancel(Job.objects.get(), now=timezone.now())

    monkeypatch.setattr(job_files, "tell", told)
    jobs.run_waiting()
    assert seen[-2:] == [("写入台账", 0, 3), ("写入台账", 1, 3)]
    assert Job.objects.get().state == State.CANCELLED
    assert list(job_files.folder().iterdir()) == []


def test_a_post_that_ended_before_the_run_exports_nothing(cast, client):
    ask(client, cast)
    cast.secretary.posts.update(until=timezone.localdate())
    jobs.run_waiting()
    job = Job.objects.get()
    assert (job.state, job.error) == (State.FAILED, "这个党组织已不在你的范围内，没有导出。")
    assert not AuditRow.objects.filter(act="export").exists()


def test_a_post_that_may_only_read_by_now_exports_nothing(cast, client):
    ask(client, cast)
    cast.secretary.posts.update(role=Role.GROUP_LEADER)
    jobs.run_waiting()
    assert "不能导出" in Job.objects.get().error


def test_a_post_that_ended_after_the_run_fetches_nothing(cast, client):
    ask(client, cast)
    jobs.run_waiting()
    cast.secretary.posts.update(until=timezone.localdate())
    assert client.get(f"/jobs/{Job.objects.get().pk}/file/").status_code == 404
    assert AuditRow.objects.filter(act="export").count() == 1


def test_a_ledger_of_few_rows_is_answered_at_once(cast, client, monkeypatch):
    monkeypatch.setattr("ledgers.views.ledgers.AT_ONCE", 3)
    assert ask(client, cast).streaming
    assert not Job.objects.exists()
