"""The page of the roster import: who may open it, what it refuses, the preview, the write, the result."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from base.uploads import keep, kept
from members.models import Event, Membership, Person
from tests.members.sheets import roster_row, workbook
from tests.world import account

URL = reverse("roster_import")


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    settings.UPLOADS = tmp_path / "uploads"
    return settings.UPLOADS


@pytest.fixture
def clerk(cast, client):
    """The department's clerk, signed in."""
    user = account(cast.clerk)
    client.force_login(user, backend="members.backends.AccountBackend")
    return user


def upload(client, data: bytes, name="党员名册.xlsx", **more):
    return client.post(URL, {"file": SimpleUploadedFile(name, data)}, **more)


def preview(client, *rows, **query):
    """Upload rows and open their preview; returns the page's text and its token."""
    where = upload(client, workbook(rows)).headers["Location"]
    page = (
        client.get(where, query)
        if not query
        else client.get(f"{where}&{'&'.join(f'{k}={v}' for k, v in query.items())}")
    )
    assert page.status_code == 200
    return page.content.decode(), re.search(r"upload=([0-9]+-[0-9a-f]{48})", where)[1]


def write(client, token, *, once="key", as_of="2026-11-23", **more):
    return client.post(URL, {"upload": token, "once": once, "as_of": as_of}, **more)


# Who


def test_whoever_is_not_signed_in_is_sent_to_the_sign_in(db, client):
    for answer in (client.get(URL), client.post(URL)):
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith(reverse("sign_in"))


def test_a_secretary_is_told_who_imports(cast, client):
    client.force_login(account(cast.secretary), backend="members.backends.AccountBackend")
    for answer in (client.get(URL), upload(client, workbook([roster_row()])), write(client, "1-" + "0" * 48)):
        assert answer.status_code == 403
        assert "名册由组织部导入" in answer.content.decode()


def test_another_account_cannot_open_a_kept_roster(cast, clerk, client):
    _, token = preview(client, roster_row())
    other = account(cast.outsider)
    cast.outsider.posts.update(role="department_clerk")
    client.force_login(other, backend="members.backends.AccountBackend")
    for answer in (client.get(URL, {"upload": token}), write(client, token)):
        assert answer.status_code == 302
        assert answer.headers["Location"] == URL
    forged = f"{other.pk}-{token.split('-')[1]}"
    assert client.get(URL, {"upload": forged}).headers["Location"] == URL
    assert not Person.objects.filter(name="王强").exists()


# Bad input


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (b"", "名册.xlsx", "文件是空的"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "名册.xlsx", "旧格式的 .xls"),
        (b"<html></html>", "名册.xls", "网页"),
        (workbook([("x", "y")], headings=("姓名", "性别")), "名册.xlsx", "缺少这些列：公民身份证号、所在党支部"),
        (workbook([("x", "y")], headings=("甲", "乙")), "名册.xlsx", "没有找到表头"),
    ],
)  # fmt: skip
def test_what_is_no_roster_is_refused_with_a_sentence_and_not_kept(clerk, client, uploads, data, name, says):  # noqa: PLR0917
    answer = upload(client, data, name)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not uploads.exists()


def test_no_file_is_refused_with_a_sentence(clerk, client):
    answer = client.post(URL, {})
    assert answer.status_code == 422
    assert "请先选文件" in answer.content.decode()


def test_a_file_over_the_limit_is_refused(clerk, client, monkeypatch):
    monkeypatch.setattr("members.forms.MAX_BYTES", 10)
    answer = upload(client, workbook([roster_row()]))
    assert answer.status_code == 422
    assert "请分成几份上传" in answer.content.decode()


@pytest.mark.parametrize("token", ["", "x", "../../settings", "1-" + "0" * 48, "9" * 300])
def test_an_unknown_upload_is_asked_for_again(clerk, client, token):
    answer = client.get(URL, {"upload": token}, follow=True)
    assert answer.redirect_chain == [(URL, 302)]
    assert "请重新上传" in answer.content.decode()


def test_a_day_after_today_is_refused_and_nothing_written(clerk, client):
    _, token = preview(client, roster_row())
    for day, says in (("2026-11-24", "晚于今天"), ("昨天", "写法不对"), ("", "请填转接日期")):
        answer = write(client, token, as_of=day)
        assert answer.status_code == 422
        assert says in answer.content.decode()
        if day:
            answer = client.get(URL, {"upload": token, "as_of": day})
            assert (answer.status_code, says in answer.content.decode()) == (422, True)
    assert not Person.objects.filter(name="王强").exists()


# Preview


def test_the_preview_says_what_would_happen_and_writes_nothing(cast, clerk, client):
    text, _ = preview(client, roster_row(), roster_row("李丽", 2, 所在党支部="不存在支部"))
    assert "写入合格的 1 行" in text
    assert "还没有写入任何数据" in text
    assert "“不存在支部”不在你的范围内" in text
    assert "李丽" in text
    assert not Person.objects.filter(name="王强").exists()


def test_the_preview_lists_changes_with_old_and_new_masked(cast, clerk, client):
    _, token = preview(client, roster_row())
    write(client, token)
    text, _ = preview(client, roster_row(联系电话="13911112222", 所在党支部="河源第二党支部"), tab="updated")
    for said in (
        "138****0001",
        "139****2222",
        "河源第一党支部",
        "河源第二党支部",
        "转接，自 2026-11-23",
        "其中转接 1 人",
    ):
        assert said in text
    assert "13911112222" not in text


def test_the_preview_masks_the_number_it_complains_about(cast, clerk, client):
    bad = roster_row()[1][:17] + "*"
    text, _ = preview(client, roster_row(公民身份证号=bad))
    assert bad not in text
    assert "410***********" in text


def test_every_list_of_the_preview_can_be_opened(cast, clerk, client):
    rows = (roster_row(), roster_row("李丽", 2, 性别="男"), roster_row("赵 六", 3, 联系电话="138"))
    for tab in ("refused", "warnings", "updated", "created", "repaired", "columns", "nonsense"):
        text, _ = preview(client, *rows, tab=tab)
        assert "写入合格的 2 行" in text


def test_without_anything_to_write_the_button_says_why(cast, clerk, client):
    text, _ = preview(client, roster_row(人员类别="?"))
    assert "没有要写入的行" in text
    assert "disabled" in text


def test_the_preview_asks_the_database_as_often_for_one_row_as_for_fifty(
    cast, clerk, client, django_assert_max_num_queries
):
    for number in (1, 50):
        where = upload(client, workbook([roster_row(f"人{n}", n) for n in range(1, number + 1)])).headers["Location"]
        with django_assert_max_num_queries(19):
            client.get(where)


# Writing


def test_the_write_takes_the_acceptable_rows_and_the_result_names_the_others(cast, clerk, client):
    _, token = preview(client, roster_row(), roster_row("李丽", 2, 性别="男"))
    answer = write(client, token, follow=True)
    text = answer.content.decode()
    assert Person.objects.filter(name="王强").exists()
    assert not Person.objects.filter(name="李丽").exists()
    assert "没有写入的 1 行" in text
    assert "身份证号表示女" in text
    assert re.search(r'class="figure">1</span><div class="small muted">新增', text)


def test_a_preview_cannot_pass_for_a_result(cast, clerk, client):
    _, token = preview(client, roster_row())
    text = client.get(URL, {"upload": token, "done": "1"}).content.decode()
    assert "还没有写入任何数据" in text
    assert "已写入" not in text


def test_a_double_click_writes_once(cast, clerk, client):
    _, token = preview(client, roster_row())
    first, second = write(client, token), write(client, token)
    assert first.headers["Location"] == second.headers["Location"]
    assert Membership.objects.filter(person__name="王强").count() == 1


def test_the_day_of_the_preview_dates_the_transfers(cast, clerk, client):
    _, token = preview(client, roster_row())
    write(client, token, once="first")
    text, token = preview(client, roster_row(所在党支部="河源第二党支部"), as_of="2026-11-01")
    assert 'name="as_of" value="2026-11-01"' in text
    write(client, token, once="second", as_of="2026-11-01")
    assert Event.objects.get().occurred_on == date(2026, 11, 1)


def test_a_clerk_cannot_write_what_lies_outside(cast, clerk, client):
    text, token = preview(client, roster_row(所在党支部="外单位党支部"))
    assert "没有要写入的行" in text
    write(client, token)
    assert not Person.objects.filter(name="王强").exists()


# The kept file


def test_a_kept_file_is_sealed_and_private(clerk, client, uploads):
    data = workbook([roster_row()])
    _, token = preview(client, roster_row())
    body = (uploads / token).read_bytes()
    assert body.startswith(b"dev$")
    assert data[:40] not in body
    assert (uploads / token).stat().st_mode & 0o777 == 0o600
    assert uploads.stat().st_mode & 0o777 == 0o700


def test_the_next_upload_takes_the_place_of_the_one_before(clerk, client, uploads):
    _, first = preview(client, roster_row())
    _, second = preview(client, roster_row())
    assert [path.name for path in uploads.iterdir()] == [second]
    assert client.get(URL, {"upload": first}).status_code == 302


def test_a_kept_file_is_gone_after_a_day(clerk, client, uploads):
    _, token = preview(client, roster_row())
    later = timezone.now() + timedelta(days=1, seconds=1)
    assert kept(token, owner=clerk.pk, now=later) is None
    assert kept(token, owner=clerk.pk, now=later - timedelta(seconds=2)).filename == "党员名册.xlsx"
    with time_machine.travel(later + timedelta(days=365 * 30), tick=False):
        keep(owner=clerk.pk + 1, filename="x", data=b"x", now=timezone.now())
    assert not (uploads / token).exists()


def test_a_changed_file_on_the_disk_opens_no_more(clerk, client, uploads):
    _, token = preview(client, roster_row())
    body = (uploads / token).read_text()
    (uploads / token).write_text(body[:-8] + "AAAAAAA=")
    assert kept(token, owner=clerk.pk, now=timezone.now()) is None
