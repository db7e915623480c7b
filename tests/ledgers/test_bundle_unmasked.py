"""The whole bundle (全量): for a capability, a typed reason and an audit row; sheets, contents and list say so."""

import json
from io import BytesIO
from zipfile import ZipFile

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from base import jobs
from base.models import AuditRow, Job
from base.writing import AGAIN
from ledgers.bundle.archive import MANIFEST
from ledgers.bundle.asked import LEFT, Asked
from ledgers.bundle.papers import sections
from ledgers.bundle.verifying import Origin, verify
from ledgers.declarations import LEDGERS
from ledgers.extract import Extract
from members.enums import Role
from members.models import Membership
from tests.fund.office import Office
from tests.ledgers.test_bundle import FIRST, TODAY, asked_by, cells, sent, words_of
from tests.ledgers.test_unmasked import ADDRESS, NUMBER, PHONE, REASON
from tests.world import account, join, person, post

pytestmark = pytest.mark.anywhere
State = Job.State
FEW = ("members", "deeds")


@pytest.fixture(autouse=True)
def few(settings, tmp_path, monkeypatch):
    """Of the ledgers only the roster and that of deeds, of which the one masks and the other has a column for some."""
    settings.JOBS = tmp_path / "jobs"
    monkeypatch.setattr(Asked, "ledgers", property(lambda asked: [LEDGERS[code] for code in FEW]))


@pytest.fixture(autouse=True)
def known(cast):
    cast.li.id_number, cast.li.phone, cast.li.address = NUMBER, PHONE, ADDRESS
    cast.li.save()


def url(organisation, **more):
    return reverse("bundle_unmasked", query={"organisation": organisation.pk, **PERIOD, **more})


PERIOD = {"first": "2026-01-01", "last": "2026-11-23"}


def ask(browser, organisation, reason=REASON, once="k", **more):
    return browser.post(url(organisation, **more), {"reason": reason, "once": once})


def test_a_whole_bundle_masks_nothing_and_says_so_wherever_it_is_opened(cast, sign_in):
    browser = sign_in(account(cast.secretary))
    where = ask(browser, cast.branch)["Location"]
    assert REASON not in where
    jobs.run_waiting()
    job = Job.objects.get()
    assert (job.state, job.error) == (State.DONE, "")
    assert REASON not in job.title
    assert "未脱敏" in job.title
    assert job.file_name == "迎检包-河源第一党支部-20260101-20261123-未脱敏.zip"
    data = b"".join(browser.get(reverse("job_file", args=[job.pk])).streaming_content)
    archive = ZipFile(BytesIO(data))
    roster = cells(archive, "03 台账/01 党员名册.xlsx")
    [row] = [line for line in roster if "李建国" in line]
    assert [row[2], row[14], row[15]] == [NUMBER, PHONE, ADDRESS]
    assert roster[-1][0] == (
        "说明：本表含未脱敏的个人信息（身份证号、联系电话、家庭住址），王海燕 2026-11-23 10:00 导出，"
        f"用途：{REASON}。只作这一用途，用后按规定保管或销毁。"
    )
    deeds = cells(archive, "03 台账/02 办理记录台账.xlsx")
    assert "办了什么" in deeds[0]
    assert "未脱敏的个人信息（办了什么）" in deeds[-1][0]
    contents = openpyxl.load_workbook(BytesIO(archive.read("00 目录.xlsx"))).active
    assert "含未脱敏的个人信息" in contents["A2"].value
    assert contents.oddFooter.left.text == "含未脱敏的个人信息"
    foot = "".join(str(line[0]).removeprefix(AGAIN) for line in cells(archive, "00 目录.xlsx")[-2:])
    assert f"用途：{REASON}" in foot
    said = json.loads(archive.read(MANIFEST))
    assert said["masked"] is False
    assert f"王海燕 2026-11-23 10:00 生成，用途：{REASON}" in said["warning"]
    assert verify(BytesIO(data)).origin == Origin.KNOWN
    # the audit names what for, once for each file and for the bundle
    rows = list(AuditRow.objects.filter(act="export", reason=REASON).order_by("pk"))
    assert [row.subject.partition(":")[0] for row in rows] == ["bundle", "organisation", "organisation", "bundle"]
    assert rows[0].detail["unmasked"] is True
    assert rows[1].detail["unmasked"] == "身份证号、联系电话、家庭住址"
    assert {row.actor for row in rows} == {"王海燕"}


def test_without_a_reason_all_is_masked_and_nothing_says_otherwise(cast, sign_in):
    browser = sign_in(account(cast.secretary))
    browser.post(reverse("bundle_make"), sent(cast, reason=REASON))
    jobs.run_waiting()
    job = Job.objects.get()
    archive = ZipFile(BytesIO(b"".join(jobs.fetch(job))))
    text = words_of(archive)
    assert "410***********2239" in text
    assert not [secret for secret in (NUMBER, PHONE, ADDRESS, REASON, "未脱敏") if secret in text + job.file_name]


def test_the_form_of_an_application_opens_the_number_of_whom_its_reader_may_reveal(cast):
    office = Office(cast)
    office.submitted(cast.li)

    def form(reason: str) -> str:
        asked = Asked(office.by(office.head), cast.committee, FIRST, TODAY, timezone.now(), reason)
        [made] = sections(asked)[0].each(asked)
        return str(made.paper)

    assert NUMBER in form(REASON)
    assert f"用途：{REASON}" in form(REASON)
    assert "6217000012345678901" not in form(REASON)
    assert NUMBER not in form("")
    assert "用途" not in form("")
    Membership.objects.filter(person=cast.li).update(until=TODAY)
    join(cast.li, cast.other_branch, since=TODAY)
    assert NUMBER not in form(REASON), "he stands elsewhere by now"


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [("", "请写明用途，一句话也可以。"), ("看看", "用途写得太短"), ("长" * 101, "最多 100 个")],
)
def test_without_a_reason_nothing_is_asked_for_and_what_was_chosen_stays(cast, sign_in, reason, sentence):
    answer = ask(sign_in(account(cast.secretary)), cast.branch, reason=reason)
    body = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in body
    assert "first=2026-01-01" in body
    assert not Job.objects.exists()


def test_a_reason_in_the_address_counts_for_nothing_and_a_wrong_period_is_said(cast, sign_in):
    browser = sign_in(account(cast.secretary))
    assert browser.get(url(cast.branch, reason=REASON)).status_code == 200
    answer = ask(browser, cast.branch, first="2026-11-24")
    assert answer.status_code == 422
    assert "两个日期可能填反了" in answer.content.decode()
    assert not Job.objects.exists()


def test_who_may_not_see_such_values_is_not_offered_it_and_is_refused(cast, sign_in):
    someone = person("郑督查")
    post(someone, cast.committee, Role.INSPECTOR)
    browser = sign_in(account(someone))
    assert "不脱敏" not in browser.get(reverse("bundle")).content.decode()
    for answer in (browser.get(url(cast.committee)), ask(browser, cast.committee)):
        assert answer.status_code == 403
        assert "请导出脱敏的" in answer.content.decode()
    assert AuditRow.objects.filter(act="deny", allowed=False).count() == 2
    assert not Job.objects.exists()
    secretary = sign_in(account(cast.secretary))
    assert url(cast.branch).replace("&", "&amp;") in secretary.get(reverse("bundle")).content.decode()
    assert secretary.get(url(cast.sibling)).status_code == 404


def test_a_capability_lost_before_the_run_is_refused_in_the_job_with_a_sentence(cast, sign_in):
    browser = sign_in(account(cast.secretary))
    ask(browser, cast.branch, once="a")
    ask(browser, cast.branch, reason="按省厅另一份通知报送", once="b")
    assert Job.objects.count() == 2, "another reason is another bundle"
    jobs.run_waiting(1)
    first, second = Job.objects.order_by("pk")
    cast.secretary.posts.update(role=Role.INSPECTOR)
    jobs.run_waiting()
    second.refresh_from_db()
    assert second.state == State.FAILED
    assert "要有书记或组织部的岗位" in second.error
    assert browser.get(reverse("job_file", args=[first.pk])).status_code == 404
    cast.secretary.posts.update(until=TODAY)
    assert jobs.retry(second, now=timezone.now())
    jobs.run_waiting()
    second.refresh_from_db()
    assert (second.state, second.error) == (State.FAILED, LEFT)
    assert AuditRow.objects.filter(act="export", reason="按省厅另一份通知报送").count() == 0


def test_a_ledger_lies_in_it_as_in_its_askers_own_unmasked_export(cast):
    asked = asked_by(cast.secretary, cast.branch)
    whole = Asked(asked.account, asked.organisation, asked.first, asked.last, asked.at, REASON)
    for ledger in (LEDGERS[code] for code in FEW):
        own = Extract(ledger, asked.account, asked.organisation, asked.first, asked.last, asked.at, reason=REASON)
        assert list(whole.extract(ledger).cells()) == list(own.cells())
