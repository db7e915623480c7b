"""Importing organisations and posts on their pages: who may, what is refused, the preview, the write, the result."""

import re
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from base.dates import FAR
from base.models import AuditRow
from members.enums import Role
from members.models import Invitation, Organisation, Post
from tests.members.office import administrator, said
from tests.members.sheets import id_number, roster_row, workbook
from tests.members.test_posts_import import HEADINGS as POST_HEADINGS
from tests.world import account, member, organisation, post

ORGANISATIONS, POSTS = reverse("organisations_import"), reverse("posts_import")
BOTH = (ORGANISATIONS, POSTS)
HEADINGS = {
    ORGANISATIONS: ("党组织编码", "党组织名称", "组织类别", "上级党组织编码", "联系电话", "届满日期"),
    POSTS: POST_HEADINGS,
}  # fmt: skip


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    settings.UPLOADS = tmp_path / "uploads"
    return settings.UPLOADS


@pytest.fixture
def clerk(cast, client):
    """The department's clerk, signed in."""
    client.force_login(account(cast.clerk), backend="members.backends.AccountBackend")
    return client


def upload(browser, url, data, name="表.xlsx"):
    return browser.post(url, {"file": SimpleUploadedFile(name, data)})


def token_of(browser, url, *rows) -> str:
    where = upload(browser, url, workbook(rows, headings=HEADINGS[url])).headers["Location"]
    return re.search(r"upload=([0-9]+-[0-9a-f]{48})", where)[1]


def preview(browser, url, *rows, tab="") -> tuple[str, str]:
    token = token_of(browser, url, *rows)
    page = browser.get(url, {"upload": token, "tab": tab})
    assert page.status_code == 200
    return said(page), token


def write(browser, url, token, once="key", **more):
    return browser.post(url, {"upload": token, "once": once}, **more)


def branch_row(code="010103", name="河源第三党支部", kind="党支部", above="0101", *, phone=None, ends=None):
    return (code, name, kind, above, phone, ends)


def post_row(name="李建国", role="委员", since="2026-01-01", until=None, *, code="010102", number=None):
    return (code, None, name, number, role, since, until)


# Who


@pytest.mark.parametrize("url", BOTH)
def test_only_who_imports_sees_the_page(cast, client, sign_in, url):
    assert client.get(url).headers["Location"].startswith(reverse("sign_in"))
    sheets = workbook([branch_row()], headings=HEADINGS[ORGANISATIONS])
    keepers = [administrator(cast, role) for role in (Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR)]
    for user in (account(cast.secretary), account(cast.committee_secretary), account(cast.li), *keepers):
        browser = sign_in(user)
        for answer in (browser.get(url), upload(browser, url, sheets), write(browser, url, "1-" + "0" * 48)):
            assert (answer.status_code, "由组织部导入" in said(answer)) == (403, True)
    assert not Organisation.objects.filter(code="010103").exists()


@pytest.mark.parametrize("url", BOTH)
def test_what_is_no_such_sheet_is_refused_with_a_sentence_and_not_kept(clerk, uploads, url):
    for data, name, says in (
        (b"", "表.xlsx", "文件是空的"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "表.xlsx", "旧格式的 .xls"),
        (workbook([("x", "y")], headings=("甲", "乙")), "表.xlsx", "没有找到表头"),
    ):
        answer = upload(clerk, url, data, name)
        assert (answer.status_code, says in said(answer)) == (422, True)
    answer = clerk.post(url, {})
    assert (answer.status_code, "请先选文件" in said(answer)) == (422, True)
    assert not uploads.exists()


@pytest.mark.parametrize("url", BOTH)
def test_an_unknown_upload_or_one_of_another_kind_is_asked_for_again(clerk, url):
    other = {ORGANISATIONS: POSTS, POSTS: ORGANISATIONS}[url]
    row = {ORGANISATIONS: branch_row(), POSTS: post_row()}[other]
    for token in ("", "x", "1-" + "0" * 48, token_of(clerk, other, row)):
        for answer in (clerk.get(url, {"upload": token}, follow=True), write(clerk, url, token, follow=True)):
            assert answer.redirect_chain == [(url, 302)]
            assert "请重新上传" in said(answer)


@pytest.mark.parametrize("url", BOTH)
def test_another_account_opens_no_kept_sheet(cast, clerk, sign_in, url):
    token = token_of(clerk, url, {ORGANISATIONS: branch_row(), POSTS: post_row()}[url])
    second = member("许二", cast.branch)
    post(second, cast.committee, Role.DEPARTMENT_CLERK)
    browser = sign_in(account(second))
    assert write(browser, url, token).headers["Location"] == url
    assert not Organisation.objects.filter(code="010103").exists()
    assert Post.objects.filter(person=cast.li).count() == 0


# Organisations


def test_the_preview_of_organisations_says_what_is_new_changed_and_refused_and_writes_nothing(cast, clerk):
    rows = (
        branch_row(), branch_row("010101", "河源第一党支部", above="0101", phone="0371-1", ends="2027-06-30"),
        branch_row("0102", "机关党支部", above="0101"), branch_row("0109", "无上级", above="99"),
    )  # fmt: skip
    text, token = preview(clerk, ORGANISATIONS, *rows, tab="created")
    assert "写入合格的 3 行" in text
    assert "还没有写入任何数据" in text
    assert "河源局党总支" in text.split("<tbody>")[1]
    changed = said(clerk.get(ORGANISATIONS, {"upload": token, "tab": "updated"}))
    for word in (
        "联系电话",
        "0371-1",
        "届满日期",
        "2027-06-30",
        "上级党组织",
        "云河水文局党委</del> → <b>河源局党总支",
    ):
        assert word in changed
    refused = said(clerk.get(ORGANISATIONS, {"upload": token, "tab": "refused"}))
    assert "上级党组织编码" not in refused.split("<tbody>")[1] or "不在你的范围内" in refused
    assert 'class="r">5<' in refused
    assert not Organisation.objects.filter(code="010103").exists()
    assert not AuditRow.objects.filter(act=AuditRow.Act.IMPORT).exists()


def test_the_write_takes_the_acceptable_rows_once_and_the_result_names_the_others(cast, clerk):
    _, token = preview(clerk, ORGANISATIONS, branch_row(), branch_row("0104", "错的", "支队"))
    first, second = write(clerk, ORGANISATIONS, token), write(clerk, ORGANISATIONS, token)
    assert first.url == second.url
    assert Organisation.objects.get(code="010103").path.startswith(cast.general.path)
    text = said(clerk.get(first.url))
    assert "没有写入的 1 行" in text
    assert "“支队”不在名单里" in text
    assert re.search(r'class="figure">1</span><div class="small muted">新增', text)
    assert AuditRow.objects.filter(act=AuditRow.Act.IMPORT).count() == 1
    text, _ = preview(clerk, ORGANISATIONS, branch_row())
    assert "没有要写入的行" in text


def test_a_preview_cannot_pass_for_a_result(clerk):
    token = token_of(clerk, ORGANISATIONS, branch_row())
    assert "还没有写入任何数据" in said(clerk.get(ORGANISATIONS, {"upload": token, "done": "1"}))


def test_another_committees_organisations_are_not_touched_and_not_told_of(cast, clerk):
    rows = (
        branch_row("0201", "外单位党支部", above="02", phone="1"), branch_row("0201", "抢来的支部", above="01"),
        branch_row("0205", "塞进去的", above="02"), branch_row("010101", "河源第一党支部", above="02"),
        branch_row("9999", "没有的", above="98"), branch_row("03", "自立的", "党委", None),
    )  # fmt: skip
    text, token = preview(clerk, ORGANISATIONS, *rows, tab="refused")
    assert "没有要写入的行" in text
    sentences = set(re.findall(r'<td class="w">([^<]+)</td>', text))
    assert sentences == {
        "这个党组织或它的上级不在你的范围内，请联系上级组织部。",
        "编码 0201 与第 2 行重复，以先出现的一行为准。",
    }
    write(clerk, ORGANISATIONS, token)
    assert Organisation.objects.get(code="0201").path.startswith(cast.other.path)
    assert Organisation.objects.count() == 7


def test_what_ended_is_not_changed_or_built_upon(cast, clerk):
    organisation("0105", parent=cast.committee, name="旧支部")
    Organisation.objects.filter(code="0105").update(until=date(2026, 6, 1))
    rows = (branch_row("0105", "旧支部", above="01", phone="1"), branch_row("010501", "小组", "党小组", "0105"))
    text, _ = preview(clerk, ORGANISATIONS, *rows, tab="refused")
    assert text.count("已于 2026-06-01 撤销") == 2


def test_a_new_kind_over_what_stands_below_is_refused_and_members_left_are_asked_about(cast, clerk):
    text, token = preview(clerk, ORGANISATIONS, branch_row("0101", "河源局", "党支部", "01"), tab="refused")
    assert "不能在这一类之下" in text
    text, _ = preview(clerk, ORGANISATIONS, branch_row("0102", "机关党总支", "党总支", "01"), tab="warnings")
    assert "请把他们转到党支部" in text
    assert token


# Posts


def test_the_preview_of_posts_says_what_begins_ends_and_is_refused(cast, clerk):
    rows = (
        post_row(), post_row("陈晓明", "书记", "2020-01-01", "2026-10-31"), post_row("查无此人"),
        post_row("孙德福", "出纳", code="01"), post_row("林清", "委员", code="0102"),
    )  # fmt: skip
    text, token = preview(clerk, POSTS, *rows, tab="created")
    assert "河源第二党支部委员" in text
    assert "2026-10-31" in said(clerk.get(POSTS, {"upload": token, "tab": "updated"}))
    refused = said(clerk.get(POSTS, {"upload": token, "tab": "refused"}))
    for word in ("名册里没有这个人", "“出纳”是系统岗位", "自己的任职由别人办理"):
        assert word in refused
    assert Post.objects.filter(person=cast.li).count() == 0


def test_posts_are_written_once_ended_ones_shut_the_door_and_nobody_is_invited(cast, clerk, sign_in):
    browser = sign_in(account(cast.sibling_secretary))
    _, token = preview(clerk, POSTS, post_row(), post_row("陈晓明", "书记", "2020-01-01", "2026-10-31"))
    first, second = write(clerk, POSTS, token), write(clerk, POSTS, token)
    assert first.url == second.url
    assert Post.objects.get(person=cast.li).until == FAR
    assert browser.get(reverse("organisations")).status_code == 403
    assert "表里的行全部写入了" in said(clerk.get(first.url))
    assert Invitation.objects.count() == 0


def test_another_committees_posts_and_people_are_not_touched_and_not_told_of(cast, clerk):
    hidden = member("钱七", cast.other_branch, id_number=id_number(3))
    rows = (
        post_row("沈岳", "书记", "2020-01-01", "2026-10-31", code="0201"), post_row("沈岳", code="010102"),
        post_row("钱七", number=id_number(3)), post_row("钱七", number=id_number(5)), post_row(code="9999"),
    )  # fmt: skip
    text, token = preview(clerk, POSTS, *rows, tab="refused")
    assert "没有要写入的行" in text
    sentences = re.findall(r'<td class="w">([^<]+)</td>', text)
    assert sentences[2] == sentences[3]
    assert sentences[0].replace("0201", "9999") == sentences[4]
    assert id_number(3) not in text
    write(clerk, POSTS, token)
    assert Post.objects.get(person=cast.outsider).until == FAR
    assert not Post.objects.filter(person=hidden).exists()


def test_every_list_of_a_preview_opens(cast, clerk):
    for tab in ("refused", "warnings", "updated", "created", "repaired", "nonsense"):
        for url, row in ((ORGANISATIONS, branch_row()), (POSTS, post_row(since="2026年1月1日"))):
            assert "写入合格的 1 行" in preview(clerk, url, row, tab=tab)[0]


def test_a_roster_is_no_sheet_of_posts_for_lack_of_columns(clerk):
    assert "缺少这些列" in said(upload(clerk, POSTS, workbook([roster_row()])))


@pytest.mark.parametrize("url", BOTH)
def test_a_preview_asks_the_database_as_often_for_one_row_as_for_fifty(cast, clerk, url, django_assert_max_num_queries):
    for number in range(50):
        member(f"人{number}", cast.branch)
    rows = {
        ORGANISATIONS: [branch_row(f"09{n}", f"支部{n}") for n in range(50)],
        POSTS: [post_row(f"人{n}") for n in range(50)],
    }[url]  # fmt: skip
    for some in (rows[:1], rows):
        token = token_of(clerk, url, *some)
        with django_assert_max_num_queries(19):
            assert f"写入合格的 {len(some)} 行" in said(clerk.get(url, {"upload": token}))
