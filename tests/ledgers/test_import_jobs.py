"""A large ledger is checked and written by jobs; the reader sees the pages of a small one. Today is 2026-11-23."""

import io
import re
from dataclasses import replace

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models import TextField
from django.db.models.functions import Cast
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from base import job_files, jobs
from base.models import AuditRow, Job
from duties.engine.models import Record
from ledgers.jobs import LEDGER_WRITE
from members.enums import Role
from members.models import Post
from tests import world
from tests.ledgers.rows import in_force
from tests.ledgers.taking import everything, exported, sheet_of
from tests.ledgers.test_taking import STUDY, TALK, VISIT
from visits.models import Talk

State = Job.State
URL = reverse("ledger_import", args=["talks"])
TEXTS = ("上午谈的", "下午谈的", "晚上谈的")
ROWS = [TALK | {"谈话内容": text} for text in TEXTS] + [TALK | {"谈话对象": "查无此人"}]
"""Three that are taken, one that is not."""


@pytest.fixture(autouse=True)
def folders(settings, tmp_path, monkeypatch):
    settings.UPLOADS, settings.JOBS = tmp_path / "uploads", tmp_path / "jobs"
    monkeypatch.setattr("ledgers.views.ledgers.LARGE", 3)
    monkeypatch.setattr("ledgers.taking.TOLD_EVERY", 1)


@pytest.fixture
def secretary(cast):
    return world.account(cast.secretary)


@pytest.fixture
def client(secretary, sign_in):
    return sign_in(secretary)


def upload(client, *rows, once="k", code="talks", data=None):
    file = SimpleUploadedFile("旧台账.xlsx", data or sheet_of(code, *(rows or ROWS)))
    return client.post(reverse("ledger_import", args=[code]), {"file": file, "once": once})


def led_to(client, answer) -> str:
    """Run what waits; returns where the page of the job leads then."""
    jobs.run_waiting()
    return client.get(answer.headers["Location"]).headers["Location"]


def checked(client, *rows, **more) -> str:
    return led_to(client, upload(client, *rows, **more))


def write(client, where, once="w"):
    return client.post(where.partition("?")[0], {"upload": token_of(where), "once": once})


def token_of(where: str) -> str:
    return re.search(r"upload=([0-9]+-[0-9a-f]{48})", where)[1]


def words(response) -> list[str]:
    """The words of the page's main part."""
    assert response.status_code == 200
    shown = re.search(r"<main.*?</main>", response.content.decode(), re.DOTALL)[0]
    return re.sub(r"<[^>]*>|\s+", " ", shown).split()


def texts() -> list[str]:
    return sorted(talk.text for talk in Talk.objects.order_by("pk"))


# The pages of a small ledger


def test_as_many_rows_as_a_page_takes_in_by_itself_are_no_job(client):
    assert "upload=" in upload(client, *ROWS[:3]).headers["Location"]
    assert not Job.objects.exists()
    assert upload(client, *ROWS).headers["Location"] == f"/jobs/{Job.objects.get().pk}/"


@pytest.mark.parametrize("tab", ["", "refused", "created", "updated", "unchanged", "warnings", "repaired", "other"])
def test_each_list_reads_as_that_of_a_small_ledger(client, monkeypatch, tab):
    new = TALK | {"时间": "2026年11月17日", "方式": None, "谈话内容": ""}
    rows = [*ROWS, new, TALK | {"时间": "2031-01-01", "公民身份证号": "12"}]
    write(client, checked(client, TALK, *ROWS), once="before")
    jobs.run_waiting()
    where = checked(client, *rows, once="again")
    large = words(client.get(where, {"upload": token_of(where), "tab": tab}))
    monkeypatch.setattr("ledgers.views.ledgers.LARGE", 10**6)
    small = words(client.get(upload(client, *rows).headers["Location"] + f"&tab={tab}"))
    assert large == small
    assert ("这一栏是空的" in small) == (tab == "updated")


@pytest.mark.parametrize(("row", "name"), [(TALK, "谈话对象"), (VISIT, "走访对象"), (STUDY, "党员")])
def test_a_job_enters_rows_of_each_ledger_under_the_name_of_whoever_asked(cast, client, secretary, row, name):
    in_force(cast.committee)
    code = {"谈话对象": "talks", "走访对象": "visits", "党员": "study"}[name]
    members = [world.member(f"党员{number}", cast.branch).name for number in range(3)]
    where = checked(client, *[row | {name: each} for each in (*members, "查无此人")], code=code)
    client.get(led_to(client, write(client, where)))
    entered = Record.objects.order_by("member__pk").values_list("member__name", "entered_by")
    assert list(entered) == [(each, secretary.person_id) for each in members]
    [act] = AuditRow.objects.filter(act="import")
    assert (act.account, act.actor) == (secretary.pk, AuditRow.objects.filter(subject__startswith="job:")[0].actor)
    assert act.detail == {"ledger": code, "created": 3, "updated": 0, "unchanged": 0, "refused": 1}


def test_the_result_reads_as_that_of_a_small_ledger(cast, client, monkeypatch, sign_in):
    large = words(client.get(led_to(client, write(client, checked(client)))))
    Talk.objects.all().delete()
    Record.objects.update(withdrawn_on=timezone.localdate(), withdrawn_reason="再来")
    monkeypatch.setattr("ledgers.views.ledgers.LARGE", 10**6)
    small = words(client.get(write(client, upload(client).headers["Location"], once="s").headers["Location"]))
    assert large == small
    assert "没有写入的" in small


@pytest.mark.parametrize("written", [False, True])
def test_the_refused_rows_come_back_as_from_a_small_ledger(client, monkeypatch, written):
    where = checked(client)
    where = led_to(client, write(client, where)) if written else where
    job = Job.objects.get(kind="ledger_write" if written else "ledger_check")
    assert job.file_name == "谈心谈话台账退回-2026-11-23.xlsx"
    answer = client.post(URL, {"upload": token_of(where), "refused": "1"})
    assert answer.headers["Location"] == f"/jobs/{job.pk}/file/"
    large = _marked(client.get(answer.headers["Location"]))
    monkeypatch.setattr("ledgers.views.ledgers.LARGE", 10**6)
    token = token_of(upload(client).headers["Location"])
    assert large == _marked(client.post(URL, {"upload": token, "refused": "1"}))
    assert any("查无此人" in str(cell) for cell, _comment in large)
    told = ["ledger", *(["ledger"] if written else []), f"job:{job.pk}", "ledger"]
    assert list(AuditRow.objects.filter(act="export").order_by("pk").values_list("subject", flat=True)) == told


def _marked(answer) -> list[tuple]:
    """The cells of a returned sheet with what is said of them."""
    page = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    return [(cell.value, cell.comment and cell.comment.text) for row in page.iter_rows() for cell in row]


def test_the_ledger_of_duties_is_compared_by_a_job_and_nothing_is_written(cast, client):
    in_force(cast.committee)
    data = exported("duties", None, cast.branch)
    where = checked(client, code="duties", data=data)
    assert "没有要写入的行：有错的退回，其余和现有的一样" in words(client.get(where))
    before = everything()
    write(client, where)
    jobs.run_waiting()
    after = everything()
    assert {name for name in before if before[name] != after[name]} <= {"base.Job"}


def test_what_is_no_such_ledger_is_refused_at_once(client):
    answer = upload(client, data=sheet_of("study", *[{"学习日期": "2026-11-01"}] * 5))
    assert answer.status_code == 422
    assert not Job.objects.exists()


# Once


def test_sending_the_form_twice_makes_one_job_and_writing_twice_writes_once(client):
    first, second = upload(client), upload(client)
    assert first.headers["Location"] == second.headers["Location"]
    where = led_to(client, first)
    answers = [write(client, where), write(client, where)]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert sorted(Job.objects.values_list("kind", flat=True)) == ["ledger_check", "ledger_write"]
    jobs.run_waiting()
    assert texts() == sorted(TEXTS)


def test_the_first_page_carries_a_fresh_key_also_when_it_comes_back(client):
    pages = [client.get(URL), client.get(URL), upload(client, data=b"x")]
    keys = {re.search(r'name="once" value="([^"]+)"', page.content.decode())[1] for page in pages}
    assert len(keys) == 3


def test_a_second_job_for_the_same_sheet_knows_the_rows_and_writes_none(client):
    where = checked(client)
    answers = [write(client, where, once) for once in ("a", "b")]
    pages = [led_to(client, answer) for answer in answers]
    assert Job.objects.filter(kind="ledger_write", state=State.DONE).count() == 2
    assert texts() == sorted(TEXTS)
    assert new_and_known() == [(3, 0), (0, 3)]
    assert len({*pages}) == 2


def new_and_known() -> list[tuple]:
    """Of each import that was written: how many rows were new, how many known."""
    details = AuditRow.objects.filter(act="import").order_by("pk").values_list("detail", flat=True)
    return [(each["created"], each["unchanged"]) for each in details]


def die(job, file):
    """The worker ends as a process does that is killed: what it wrote is not committed, the job stays its own."""
    assert Talk.objects.count() == 3
    raise SystemExit


def test_a_worker_that_dies_before_the_commit_leaves_nothing_and_the_next_one_writes_once(client, monkeypatch):
    write(client, checked(client))
    with monkeypatch.context() as patch:
        patch.setattr(job_files, "keep", die)
        with pytest.raises(SystemExit):
            jobs.run_waiting()
    job = Job.objects.get(kind="ledger_write")
    assert (job.state, job.attempts, Talk.objects.count()) == (State.RUNNING, 1, 0)
    assert jobs.run_waiting() == 0
    with time_machine.travel(timezone.now() + 2 * jobs.LEASE, tick=False):
        assert jobs.run_waiting() == 1
        assert jobs.run_waiting() == 0
    job.refresh_from_db()
    assert (job.state, job.attempts, texts()) == (State.DONE, 2, sorted(TEXTS))
    assert AuditRow.objects.filter(act="import").count() == 1


def test_even_a_run_that_had_committed_before_it_died_is_not_written_twice(client, monkeypatch):
    """Were the job's end not in the transaction of its rows, the next run would know each of them."""
    write(client, checked(client))
    monkeypatch.setitem(jobs._kinds, "ledger_write", replace(LEDGER_WRITE, whole=False))
    with monkeypatch.context() as patch:
        patch.setattr(job_files, "keep", die)
        with pytest.raises(SystemExit):
            jobs.run_waiting()
    before = everything()
    assert texts() == sorted(TEXTS)
    with time_machine.travel(timezone.now() + 2 * jobs.LEASE, tick=False):
        jobs.run_waiting()
    assert Job.objects.get(kind="ledger_write").state == State.DONE
    assert new_and_known() == [(3, 0), (0, 3)]
    after = everything()
    assert {name for name in before if before[name] != after[name]} == {"base.Job"}


def test_a_job_that_failed_is_tried_again_and_writes_once(client, monkeypatch):
    where = checked(client)
    page = write(client, where).headers["Location"]
    with monkeypatch.context() as patch:
        patch.setattr(job_files, "keep", lambda job, file: 1 / 0)
        jobs.run_waiting()
    assert (Job.objects.get(kind="ledger_write").state, Talk.objects.count()) == (State.FAILED, 0)
    assert "写入合格的" in words(client.get(where))
    client.post(f"{page}retry/")
    jobs.run_waiting()
    assert texts() == sorted(TEXTS)


# Progress and an end before the end


def steps(monkeypatch, wish_at=None) -> list[tuple]:
    """What the run tells; at ``wish_at`` whoever asked asks to stop."""
    seen, tell = [], job_files.tell

    def told(job, said, *, now):
        tell(job, said, now=now)
        seen.append((said.phase, said.done, said.total))
        if seen[-1] == wish_at:
            jobs.cancel(Job.objects.get(pk=job.pk), now=timezone.now())

    monkeypatch.setattr(job_files, "tell", told)
    return seen


def test_progress_names_each_step_and_counts_what_is_entered(client, monkeypatch):
    seen = steps(monkeypatch)
    where = checked(client)
    assert [phase for phase, _done, _total in seen] == ["开始", "读取台账", "检查 4 行", "整理结果"]
    seen.clear()
    led_to(client, write(client, where))
    assert seen == [
        ("开始", 0, 0), ("读取台账", 0, 0), ("逐行比对", 0, 0), ("登记", 0, 3), ("登记", 1, 3), ("登记", 2, 3),
        ("更新应办事项", 0, 0), ("整理结果", 0, 0),
    ]  # fmt: skip


@pytest.mark.parametrize("wish_at", [("登记", 2, 3), ("更新应办事项", 0, 0), ("整理结果", 0, 0)])
def test_cancelled_while_it_writes_it_leaves_nothing(client, monkeypatch, wish_at):
    where = checked(client)
    before = everything()
    seen = steps(monkeypatch, wish_at)
    write(client, where)
    jobs.run_waiting()
    assert seen[-1] == wish_at
    assert Job.objects.get(kind="ledger_write").state == State.CANCELLED
    after = everything()
    assert {name for name in before if before[name] != after[name]} == {"base.Job"}
    assert not AuditRow.objects.filter(act="import").exists()
    assert "写入合格的" in words(client.get(where))


def test_a_wish_that_the_work_hears_before_the_database_does_is_no_wish_too_late(client, monkeypatch):
    """On SQLite the work holds the only writer: the wish on the disk ends it before the wish is in the row."""
    page = write(client, checked(client)).headers["Location"]
    job, wish = jobs.claim(now=timezone.now()), job_files.wish_stop

    def heard(stopped):
        wish(stopped)
        jobs.run(job)

    monkeypatch.setattr(job_files, "wish_stop", heard)
    answer = client.post(f"{page}cancel/", follow=True)
    assert "已取消，没有写入任何内容，也没有留下文件。" in words(answer)
    assert "没有可取消的" not in answer.content.decode()
    assert [row.detail for row in AuditRow.objects.filter(act="withdraw")] == [{"job": "ledger_write"}]
    assert "没有可取消的" in client.post(f"{page}cancel/", follow=True).content.decode()


# Whose it is


def test_whoever_may_no_longer_record_when_it_runs_writes_nothing(cast, client):
    where = checked(client)
    page = write(client, where).headers["Location"]
    cast.secretary.posts.update(until=timezone.localdate())
    jobs.run_waiting()
    job = Job.objects.get(kind="ledger_write")
    assert (job.state, job.error[:13]) == (State.FAILED, "台账由登记记录的同志导入：")
    assert not Talk.objects.exists()
    assert client.get(page).status_code == 200
    assert client.get(where).status_code == 403


def test_what_is_out_of_its_scope_by_the_time_it_runs_is_refused(cast, client):
    where = checked(client)
    write(client, where)
    cast.secretary.posts.update(organisation=cast.sibling.pk)
    jobs.run_waiting()
    assert not Talk.objects.exists()
    assert Job.objects.get(kind="ledger_write").error == "你的范围在上传以后变了，请重新上传。"


def test_an_account_that_was_closed_writes_nothing(client, secretary):
    write(client, checked(client))
    secretary.is_active = False
    secretary.save()
    jobs.run_waiting()
    assert Job.objects.get(kind="ledger_write").error == "你的账号已停用。"
    assert not Talk.objects.exists()


def test_the_refused_rows_stay_shut_for_whoever_may_not_record_any_more(cast, client):
    checked(client)
    job = Job.objects.get()
    cast.secretary.posts.update(role=Role.INSPECTOR)
    assert client.get(f"/jobs/{job.pk}/file/").status_code == 404


def test_a_preview_is_nobody_else_s_and_no_other_ledger_s(cast, client, sign_in):
    where = checked(client)
    other = sign_in(world.account(cast.clerk))
    assert "请重新上传" in other.get(where, follow=True).content.decode()
    assert other.post(URL, {"upload": token_of(where), "once": "w"}).headers["Location"] == URL
    client.post(reverse("ledger_import", args=["visits"]), {"upload": token_of(where), "once": "w"})
    assert Job.objects.get().kind == "ledger_check"


def test_nothing_of_anybody_lies_open_in_the_row(client):
    led_to(client, write(client, checked(client, *ROWS, TALK | {"公民身份证号": "410000198005010073"})))
    texts = {name: Cast(name, TextField()) for name in ("title", "parameters", "answer", "where", "file_name")}
    for row in Job.objects.annotate(**{f"raw_{name}": raw for name, raw in texts.items()}).order_by("pk"):
        raw = "".join(getattr(row, f"raw_{name}") for name in texts)
        for secret in ("李建国", "王海燕", "旧台账", "上午谈的", "410000198005010073", "\\u674e"):
            assert secret not in raw
        assert jobs.parameters_of(row).keys() == {"ledger", "upload", "within"}
        assert "410000198005010073" not in row.answer


# What is not there


def test_a_newer_upload_takes_the_place_of_one_that_waits(client):
    first, second = upload(client, once="a"), upload(client, once="b")
    jobs.run_waiting()
    assert "已换成另一份" in client.get(first.headers["Location"]).content.decode()
    assert client.get(second.headers["Location"]).status_code == 302


def test_what_was_written_is_shown_also_when_another_file_came_meanwhile(client):
    where = led_to(client, write(client, checked(client)))
    checked(client, once="next")
    assert {"旧台账.xlsx", "已写入，应办事项已按新的谈心谈话台账更新"} <= set(words(client.get(where)))


def test_a_large_upload_that_no_job_has_checked_leads_to_the_list_of_jobs(client, monkeypatch):
    token = token_of(upload(client, *ROWS[:3]).headers["Location"])
    monkeypatch.setattr("ledgers.views.ledgers.LARGE", 2)
    for answer in (client.get(URL, {"upload": token}), client.post(URL, {"upload": token, "once": "w"})):
        assert answer.headers["Location"] == reverse("jobs")
    assert not Talk.objects.exists()


# How much it asks


def test_the_page_of_a_preview_asks_as_often_for_many_jobs_and_rows_as_for_few(client):
    first = checked(client)
    asked = [_queries(client, first)]
    for number in range(5):
        last = checked(client, *[TALK | {"谈话内容": f"第 {row} 次"} for row in range(20)], once=f"k{number}")
    asked += [_queries(client, first), _queries(client, last)]
    assert asked == asked[:1] * 3


def _queries(client, where) -> int:
    client.get(where)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(where).status_code == 200
    return len(captured)


def test_each_talk_is_entered_in_fourteen_statements(client):
    """Six questions, one of them for the digest, four rows written, a savepoint of the service and one of its record;
    locks are not counted.
    """
    asked = []
    for year, rows in ((2025, 5), (2024, 25)):
        where = checked(client, *[TALK | {"时间": f"{year}-03-{1 + row}"} for row in range(rows)], once=f"k{rows}")
        write(client, where, once=f"w{rows}")
        with CaptureQueriesContext(connection) as captured:
            jobs.run_waiting()
        asked.append(sum("advisory" not in query["sql"] for query in captured))
    assert Talk.objects.count() == 30
    assert (asked[1] - asked[0]) / 20 <= 14


def test_a_refused_upload_leaves_the_sheet_of_a_job_that_waits(client, monkeypatch):
    monkeypatch.setattr("base.jobs.UNFINISHED_AT_MOST", 1)
    first = upload(client)
    refused = upload(client, TALK, TALK, TALK, TALK | {"谈话内容": "别的"}, once="another")
    assert refused.headers["Location"] == reverse("jobs")
    where = led_to(client, first)
    assert "查无此人" in words(client.get(where))


def test_what_was_stored_is_not_shown_to_whoever_has_another_scope_now(client, cast):
    where = checked(client)
    answer = write(client, where)
    job = Job.objects.get(kind="ledger_check")
    Post.objects.filter(person=cast.secretary).update(organisation=cast.sibling)
    page = client.get(where)
    assert page.status_code == 302
    assert "查无此人" not in client.get(page.headers["Location"]).content.decode()
    assert client.get(reverse("job_file", args=[job.pk])).status_code == 404
    jobs.run_waiting()
    assert "你的范围在上传以后变了" in client.get(answer.headers["Location"]).content.decode()
    assert not Talk.objects.exists()


def test_each_of_two_writes_says_what_it_wrote(client):
    where = checked(client)
    asked = [write(client, where, once) for once in ("one", "two")]
    shown = [" ".join(words(client.get(led_to(client, answer)))) for answer in asked]
    assert [int(re.search(r"([0-9]+) 新增", page)[1]) for page in shown] == [3, 0]


def test_without_refused_rows_none_come_back(client):
    where = checked(client, *[TALK | {"谈话内容": text} for text in (*TEXTS, "夜里谈的")])
    answer = client.post(URL, {"upload": token_of(where), "refused": "1"}, follow=True)
    assert "没有要退回的行" in answer.content.decode()


@pytest.mark.parametrize("key", ["\0", "a\0b"])
def test_a_key_that_no_database_holds_is_none(client, key):
    assert upload(client, once=key).status_code == 302
