"""迎检包: what lies in it, that its figures follow the facts, that nothing in it is for others, and how it is made."""

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from zipfile import ZipFile

import openpyxl
import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from base import job_files, jobs
from base.models import AuditRow, Job
from base.once import new_key
from duties.board.words import CARE
from duties.engine.models import Action
from duties.engine.records import enter_record
from duties.policy.models import Force
from ledgers.bundle import making
from ledgers.bundle.archive import MANIFEST
from ledgers.bundle.asked import LEFT, NARROWED, Asked, asked_again
from ledgers.bundle.clauses import matrix_sheet, policy_list, rule_sheet
from ledgers.bundle.gaps import gap_sheet, gaps
from ledgers.bundle.papers import sections
from ledgers.bundle.verifying import Origin, verify
from ledgers.declarations import LEDGERS
from members.enums import Role
from members.models import Person
from tests.duties.acts import adopt_pack, sweep_on
from tests.fund.office import Office
from tests.ledgers.rows import event, talk
from tests.world import person, post

TODAY = date(2026, 11, 23)
FIRST = date(2026, 1, 1)
State = Job.State
ID = "410105197001011234"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.JOBS = tmp_path / "jobs"


@pytest.fixture
def lived(cast):
    """One overdue talk about a setback, the rest of the year to be done yet."""
    adopt_pack(cast.committee, whole=True)
    event(cast.zhao, "setback", date(2026, 10, 1))
    sweep_on(TODAY)
    return cast


def asked_by(someone, organisation, first=FIRST, last=TODAY) -> Asked:
    return Asked(Office.by(someone), organisation, first, last, timezone.now())


def ask(asked: Asked) -> Job:
    return jobs.ask(
        account=asked.account.pk, kind="bundle", title=asked.title, parameters=asked.parameters, now=timezone.now()
    )  # fmt: skip


def made(asked: Asked) -> bytes:
    job = ask(asked)
    jobs.run_waiting()
    job.refresh_from_db()
    assert (job.state, job.error) == (State.DONE, "")
    return b"".join(jobs.fetch(job))


def cells(archive: ZipFile, name: str) -> list[list]:
    page = openpyxl.load_workbook(BytesIO(archive.read(name))).active
    return [list(row) for row in page.iter_rows(min_row=3, values_only=True)]


def words_of(archive: ZipFile) -> str:
    """Every text of every sheet."""
    found = []
    for name in archive.namelist():
        inner = ZipFile(BytesIO(archive.read(name))) if name.endswith(".xlsx") else None
        parts = [inner.read(part).decode() for part in inner.namelist()] if inner else [archive.read(name).decode()]
        found += [name, *parts]
    return "\n".join(found)


# What lies in it


@pytest.mark.anywhere
def test_the_bundle_of_a_year_holds_all_of_it_and_nothing_that_is_for_others(lived):
    office = Office(lived)
    Person.objects.filter(pk=lived.li.pk).update(id_number=ID)
    row = office.passed(lived.li)
    talk(lived.li, lived.branch, [lived.secretary], wish="盼望有人帮着照看")
    sweep_on(TODAY)
    row.refresh_from_db()
    asked = asked_by(lived.clerk, lived.committee)
    data = made(asked)
    archive = ZipFile(BytesIO(data))
    names = archive.namelist()
    # names: in the order of the registry, in Chinese that unzips well
    titles = [each.title for each in asked.ledgers]
    assert titles == [each.title for each in LEDGERS.values() if not each.sensitive]
    assert [name[6:-5] for name in names if name.startswith("03 ")] == [
        f"{number:02} {title}" for number, title in enumerate(titles, 1)
    ]
    assert {name.split("/")[0] for name in names} == {
        "00 目录.xlsx", "01 制度文件", "02 条款佐证", "03 台账", "04 资金申请", "05 会议研究", "06 公示及结果",
        "16 年度工作汇总.xlsx", "99 缺项清单.xlsx", MANIFEST,
    }  # fmt: skip
    assert all(info.flag_bits & 0x800 for info in archive.infolist())
    assert not any(re.search(r'[\\:*?"<>|]|//', name) or len(name) > 100 for name in names)
    # the table of contents names every file but itself and the list
    listed = [line[1] for line in cells(archive, "00 目录.xlsx") if line[1] and str(line[1]).endswith(".xlsx")]
    assert sorted(listed) == sorted(set(names) - {"00 目录.xlsx", MANIFEST})
    # a ledger is what its reader exports, less the columns that are not for everybody
    talks = next(name for name in names if "谈心谈话台账" in name)
    extract = asked.extract(LEDGERS["talks"])
    assert cells(archive, talks)[0] == ["序号", *(column.heading for column in LEDGERS["talks"].columns)]
    assert cells(archive, talks)[1][2:5] == next(iter(extract.cells()))[2:5]
    deeds = next(name for name in names if "办理记录台账" in name)
    assert "办了什么" not in cells(archive, deeds)[0]
    # the file of the application: what was asked, who decided, how it was shown
    file = "\n".join(
        str(cell) for line in cells(archive, f"04 资金申请/{row.label} 云河水文局党委.xlsx") for cell in line
    )
    for said in (lived.li.name, "云水党纪〔2026〕21号", "同意，核定 2,000.00 元", "公示期满，无异议", "组织部"):
        assert said in file
    meeting = next(name for name in names if name.startswith("05 "))
    assert any(line[0] == row.label and lived.li.name in line for line in cells(archive, meeting))
    notice = "\n".join(
        str(cell) for name in names if name.startswith("06 ") for line in cells(archive, name) for cell in line if cell
    )
    assert "李*国" in notice
    assert lived.li.name not in notice
    # nothing that is for others
    text = words_of(archive)
    for hidden in ("谈了工作和生活", "盼望有人帮着照看", "配偶长期住院", "情况属实", ID, "6217000012345678901"):
        assert hidden not in text
    assert "410***********1234" in text
    # and it is what its list says
    verdict = verify(BytesIO(data))
    assert (verdict.origin, verdict.holds, verdict.files) == (Origin.KNOWN, True, len(names) - 1)
    said = json.loads(archive.read(MANIFEST))
    assert (said["made_by"], said["first"], said["as_of"]) == (lived.clerk.name, "2026-01-01", asked.as_of)
    assert (said["masked"], said["warning"]) == (True, "")


@pytest.mark.anywhere
def test_an_organisation_without_policy_and_rows_has_a_bundle_that_says_so(cast):
    data = made(asked_by(cast.outsider, cast.other_branch))
    archive = ZipFile(BytesIO(data))
    contents = {line[1]: line[4] for line in cells(archive, "00 目录.xlsx")}
    assert contents["01 制度文件/00 制度文件清单.xlsx"] == "这个期间没有采用的制度"
    assert contents["04 资金申请/"] == "期间内没有"
    assert contents["99 缺项清单.xlsx"] == "0 件"
    assert not any(name.startswith("02 ") for name in archive.namelist())
    assert verify(BytesIO(data)).holds


# Its figures follow the facts


def matrix_of(asked: Asked) -> dict[str, list]:
    return {row[2]: row[5:] for each in asked.policies for row in matrix_sheet(asked, each).rows if row[2]}


def missing_of(asked: Asked) -> list[list]:
    return list(gap_sheet(asked, iter).rows)


def test_a_record_entered_changes_the_row_of_its_clause_and_takes_the_gap_off_the_list(lived):
    def now() -> Asked:
        return asked_by(lived.clerk, lived.committee)

    (late,) = (each for each in missing_of(now()) if each[3] == "赵秀兰")
    title = late[2]
    assert late[1:] == [
        "河源第一党支部", title, "赵秀兰", date(2026, 10, 8), "逾期 46 天", "豫水组〔2020〕55号 第6项", "王海燕",
        "走访慰问记录（走访慰问台账）",
    ]  # fmt: skip
    assert matrix_of(now())[title] == [1, 0, 0, 0, 1, "缺 1 件"]
    before = gaps(now()).count()
    enter_record(
        by=None, organisation=lived.branch, member=lived.zhao, action=Action.VISIT, on=TODAY, people=[lived.secretary],
        today=TODAY, event=lived.zhao.events.get(),
    )  # fmt: skip
    assert matrix_of(now())[title] == [1, 1, 1, 0, 0, "齐"]
    assert gaps(now()).count() == before - 1
    assert not any(each[3] == "赵秀兰" for each in missing_of(now()))


def test_what_may_be_done_is_never_a_gap_and_each_gap_of_the_matrix_is_on_the_list(lived):
    asked = asked_by(lived.clerk, lived.committee)
    listed = list(gaps(asked))
    assert listed
    assert Force.MAY not in {each.rule.force for each in listed}
    assert sum(line.figures.gap for policy in asked.policies for line in policy.clauses) == len(listed)


def test_policies_say_who_adopted_them_and_whom_their_rules_bind(lived):
    asked = asked_by(lived.secretary, lived.branch)
    (row,) = policy_list(asked).rows
    assert (row[2], row[5], row[6]) == ("豫水组〔2020〕55号", "上级", date(2026, 1, 1))
    (policy,) = asked.policies
    rules = list(rule_sheet(asked, policy).rows)
    assert {each[8] for each in rules if each[2]} == {"本组织"}
    assert len([each for each in rules if each[2]]) == sum(len(line.rules) for line in policy.clauses)
    (row,) = policy_list(asked_by(lived.clerk, lived.committee)).rows
    assert row[5] == "云河水文局党委"


# Who may have it


def inspector(cast):
    someone = person("郑督查")
    post(someone, cast.committee, Role.INSPECTOR)
    return someone


def test_of_sensitive_rules_and_ledgers_an_inspector_gets_nothing(lived):
    event(lived.li, "punishment", date(2026, 9, 1))
    sweep_on(TODAY)
    asked, all_of_it = asked_by(inspector(lived), lived.committee), asked_by(lived.clerk, lived.committee)
    assert len(missing_of(all_of_it)) > len(missing_of(asked))
    assert not any(each.rule.sensitive for each in asked.told)
    assert any(row[-1] == "限有权限的同志" for row in matrix_of(asked).values())
    codes = {each.code for each in asked.ledgers}
    assert codes == {code for code, ledger in LEDGERS.items() if not ledger.sensitive}
    assert (codes, []) == ({each.code for each in all_of_it.ledgers}, asked.withheld)


def test_what_is_handed_on_tells_nothing_sensitive_which_its_asker_may_know(lived):
    event(lived.li, "punishment", date(2026, 9, 1))
    sweep_on(TODAY)
    asked = asked_by(lived.clerk, lived.committee)
    whole = replace(asked, reason="巡察组要求")
    sensitive = [code for code, ledger in LEDGERS.items() if ledger.sensitive]
    assert [each.code for each in asked.withheld] == sensitive
    assert not {each.code for each in asked.ledgers} & set(sensitive)
    assert {each.code for each in whole.ledgers} == set(LEDGERS)
    of_li = ({line[2] for line in missing_of(each) if line[3] == lived.li.name} for each in (asked, whole))
    handed, kept = of_li
    assert CARE in handed
    assert CARE not in kept
    assert any("处分" in words or "处理" in words for words in kept)
    contents = cells(ZipFile(BytesIO(made(asked))), "00 目录.xlsx")
    assert [line[1] for line in contents if line[4] == "不在这一份里"] == [
        f"（{LEDGERS[code].title}）" for code in sensitive
    ]


def test_who_does_not_export_makes_none_and_what_is_out_of_reach_does_not_exist(lived, sign_in):
    reader = sign_in(Office.by(lived.commissioner))
    assert reader.get(reverse("bundle")).status_code == 403
    assert reader.post(reverse("bundle_make"), {"once": "k"}).status_code == 403
    client = sign_in(Office.by(lived.secretary))
    assert client.get(reverse("bundle"), {"organisation": lived.sibling.pk}).status_code == 404
    assert client.post(reverse("bundle_make"), {"organisation": lived.sibling.pk}).status_code == 404
    assert not Job.objects.exists()


def sent(cast, **more) -> dict:
    return {"organisation": cast.branch.pk, "first": "2026-01-01", "last": "2026-11-23", "once": new_key(), **more}


@pytest.mark.parametrize(
    ("period", "said"),
    [
        ({"first": "2026-06-01", "last": "2026-01-01"}, "两个日期可能填反了"),
        ({"first": "2023-12-31", "last": "2026-01-01"}, "跨了 4 个年份，一份迎检包最多 3 个"),
        ({"first": "0001-01-01"}, "一份迎检包最多 3 个"),
        ({"first": "9999-01-01", "last": "9999-12-31"}, "“从”9999-01-01 不在"),
        ({"last": "昨天"}, "不是日期"),
    ],
)
def test_a_period_that_cannot_be_is_refused_with_a_sentence(lived, sign_in, period, said):
    client = sign_in(Office.by(lived.secretary))
    for answer in (client.get(reverse("bundle"), period), client.post(reverse("bundle_make"), sent(lived, **period))):
        assert answer.status_code == 422
        assert said in answer.content.decode()
    assert not Job.objects.exists()


# How it is made


def test_asked_twice_at_once_the_one_that_is_made_is_shown(lived, sign_in):
    client = sign_in(Office.by(lived.secretary))
    first, second = (client.post(reverse("bundle_make"), sent(lived)) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert "没有再做一份" in client.get(second.headers["Location"]).content.decode()
    assert Job.objects.count() == 1
    other = client.post(reverse("bundle_make"), sent(lived, first="2026-02-01"))
    assert other.headers["Location"] != first.headers["Location"]
    Job.objects.update(state=State.FAILED)
    assert client.post(reverse("bundle_make"), sent(lived)).headers["Location"] != first.headers["Location"]


def test_a_post_that_ended_before_the_run_makes_nothing(lived):
    job = ask(asked_by(lived.secretary, lived.branch))
    lived.secretary.posts.update(until=TODAY)
    jobs.run_waiting()
    job.refresh_from_db()
    assert (job.state, job.error) == (State.FAILED, LEFT)
    assert not AuditRow.objects.filter(act="export").exists()


def only_few(monkeypatch):
    """A bundle without the ledgers, for tests of how it is made."""

    def none(made) -> dict[str, str]:
        made.progress("03 台账")
        return dict.fromkeys(LEDGERS, "")

    monkeypatch.setattr(making, "_ledgers", none)


def test_it_is_fetched_by_whoever_asked_while_he_may_still_have_all_of_it(lived, sign_in, monkeypatch):
    only_few(monkeypatch)
    asker = Office.by(lived.clerk)
    client = sign_in(asker)
    client.post(reverse("bundle_make"), sent(lived, organisation=lived.committee.pk))
    jobs.run_waiting()
    job = Job.objects.get()
    url = reverse("job_file", args=[job.pk])
    page = client.get(reverse("bundle")).content.decode()
    assert "迎检包-云河水文局党委-20260101-20261123.zip" in page
    assert client.get(url).status_code == 200
    assert sign_in(Office.by(lived.committee_secretary)).get(url).status_code == 404
    rows = AuditRow.objects.filter(act="export").order_by("pk")
    assert [row.subject.partition(":")[0] for row in rows] == ["bundle", "bundle", "job"]
    assert {row.account for row in rows} == {asker.pk}
    # he inspects now: he sees the place, and not everything that lies in the file
    lived.clerk.posts.update(role=Role.INSPECTOR)
    assert client.get(url).status_code == 404
    with pytest.raises(PermissionDenied, match=NARROWED):
        asked_again(Office.by(lived.clerk), jobs.parameters_of(job), None)
    lived.clerk.posts.update(until=TODAY)
    assert client.get(url).status_code == 404


def test_a_worker_killed_half_way_leaves_no_file_and_another_one_makes_it_whole(lived, sign_in, monkeypatch):
    only_few(monkeypatch)
    client = sign_in(Office.by(lived.clerk))
    job = ask(asked_by(lived.clerk, lived.committee))
    contents = making._contents

    def killed(_made):
        raise SystemExit

    monkeypatch.setattr(making, "_contents", killed)
    with pytest.raises(SystemExit):
        jobs.run_waiting()
    job.refresh_from_db()
    assert (job.state, job.file_name) == (State.RUNNING, "")
    assert client.get(reverse("job_file", args=[job.pk])).status_code == 404
    assert not [each for each in job_files.folder().iterdir() if each.suffix == ".result"]
    monkeypatch.setattr(making, "_contents", contents)
    with time_machine.travel(timezone.now() + jobs.LEASE + timedelta(seconds=1), tick=False):
        assert jobs.run_waiting() == 1
        job.refresh_from_db()
        assert (job.state, job.attempts) == (State.DONE, 2)
        assert verify(BytesIO(b"".join(jobs.fetch(job)))).origin == Origin.KNOWN


def test_a_wish_to_stop_is_heard_between_files_and_among_rows(lived, monkeypatch):
    only_few(monkeypatch)
    job = ask(asked_by(lived.clerk, lived.committee))
    tell, seen = job_files.tell, []

    def told(job, said, *, now):
        tell(job, said, now=now)
        seen.append((said.phase, said.done))
        if said.phase == "99 缺项清单":
            jobs.cancel(Job.objects.get(), now=timezone.now())

    monkeypatch.setattr(job_files, "tell", told)
    jobs.run_waiting()
    job.refresh_from_db()
    assert job.state == State.CANCELLED
    assert seen[-1][0] == "99 缺项清单"
    assert list(job_files.folder().iterdir()) == []


# How much it asks


def queries(act) -> int:
    with CaptureQueriesContext(connection) as asked:
        act()
    return len(asked)


@pytest.mark.anywhere
def test_forms_and_gaps_ask_as_much_for_many_as_for_one(lived):
    office = Office(lived)

    def forms() -> int:
        return sum(1 for section in sections(asked_by(office.head, lived.committee)) for _ in section.each(
            asked_by(office.head, lived.committee)
        ))  # fmt: skip

    def listed() -> int:
        return len(missing_of(asked_by(office.head, lived.committee)))

    office.passed(lived.li)
    forms()
    few, gaps_few, asked_few = queries(forms), listed(), queries(listed)
    rows = office.decided(
        *(office.ready(each) for each in (lived.zhao, lived.commissioner)), minutes="云水党纪〔2026〕22号"
    )  # fmt: skip
    office.posted(*rows)
    for someone in (lived.li, lived.commissioner):
        event(someone, "setback", date(2026, 10, 2))
    assert forms() == 3 + 2 + 2
    assert queries(forms) == few
    assert listed() > gaps_few
    assert queries(listed) == asked_few


def test_the_page_asks_as_much_whatever_it_counts(lived, sign_in, django_assert_max_num_queries):
    client = sign_in(Office.by(lived.clerk))
    client.get(reverse("bundle"))
    with django_assert_max_num_queries(60):
        page = client.get(reverse("bundle")).content.decode()
    assert "赵秀兰" in page
    assert "豫水组〔2020〕55号" in page
    alone = client.get(reverse("bundle"), {"gaps": "1"}).content.decode()
    assert "谈心谈话和走访" in alone
    assert "文体活动" in page
    assert "文体活动" not in alone
