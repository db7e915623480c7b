"""The auditor's page: who sees it, what it lists, and that reading it is written down too."""

from datetime import date, datetime, timedelta
from io import BytesIO, StringIO

import openpyxl
import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, get_resolver, reverse
from django.utils import timezone

from base import audit
from base.append_only import lifts
from base.audit import Act, Origin, origin
from base.audit_seals import anchor_of, last_seal, seal
from base.models import AuditRow
from members.audit_log import HEADINGS, PAGE
from members.enums import Role
from tests.world import account, person, post

URL = "/audit/"


@pytest.fixture
def auditor(cast, sign_in):
    someone = person("苏正")
    post(someone, cast.committee, Role.AUDITOR)
    return sign_in(account(someone))


def write(subject="record:1", act=Act.WRITE, actor="王海燕", **more):
    token = origin.set(Origin(account=7, actor=actor, address="192.0.2.7"))
    try:
        audit.write(act, subject, **more)
    finally:
        origin.reset(token)


def body(response) -> str:
    return response.content.decode()


def listed(response) -> list[str]:
    """The subjects on the page, newest first, without the reading of the page itself."""
    return [line.row.subject for line in response.context["lines"] if line.row.act != Act.READ]


# 谁能看


def everybody_else(cast):
    roles = [role for role in Role if role != Role.AUDITOR]
    for number, role in enumerate(roles):
        someone = person(f"同志{number:02}")
        post(someone, cast.committee, role)
        yield role, account(someone, f"role{number}")
    yield None, account(cast.li)


def test_nobody_but_the_auditor_sees_the_audit(cast, sign_in):
    write(actor="某某某")
    for role, user in everybody_else(cast):
        browser = sign_in(user)
        for response in (browser.get(URL), browser.post(reverse("audit_export"))):
            assert response.status_code == 403, role
            assert "审计记录由安全审计员查看" in body(response)
            assert "某某某" not in body(response)
        assert f'href="{URL}"' not in body(browser.get("/me/")), role
        denied = AuditRow.objects.filter(act=Act.DENY, account=user.pk).order_by("pk")
        assert [row.subject for row in denied] == ["audit", "audit_export"]


def test_strangers_are_sent_to_the_sign_in_page(client, db):
    for response in (client.get(URL), client.post(reverse("audit_export")), client.post(reverse("printed"))):
        assert response.url.startswith(reverse("sign_in"))
    assert not AuditRow.objects.exists()


def addresses():
    """Every page that needs no number, and each that needs one with the number 1."""
    for pattern in get_resolver().url_patterns:
        for each in getattr(pattern, "url_patterns", ()):
            try:
                yield reverse(each.name)
            except NoReverseMatch:
                names = each.pattern.converters
                yield reverse(each.name, kwargs={name: "talks" if name == "code" else 1 for name in names})


def test_the_auditor_sees_nobody_on_any_page(cast, auditor):
    names = [each.name for each in (cast.li, cast.zhao, cast.secretary, cast.sun, cast.clerk)]
    for url in addresses():
        shown = auditor.get(url)
        assert not [name for name in names if not shown.streaming and name in body(shown)], url


def test_the_auditor_finds_the_page_in_rail_and_bar(auditor):
    assert body(auditor.get("/me/")).count(f'href="{URL}"') == 2
    assert body(auditor.get(URL)).count('aria-current="page"') == 2


def test_the_page_is_read_only(auditor):
    assert auditor.post(URL).status_code == 405
    assert 'method="post" action="/audit/export/"' in body(auditor.get(URL))
    assert body(auditor.get(URL)).count('method="post"') == 1


# 列出


def test_rows_are_listed_newest_first_with_everything_they_say(auditor):
    write("person:5", Act.REVEAL, reason="核对名册信息", field="phone")
    write("organisation:3", Act.DENY, allowed=False, status=403, page="ledger_export")
    page = auditor.get(URL)
    shown = body(page)
    assert listed(page) == ["organisation:3", "person:5"]
    for words in (
        "王海燕",
        "192.0.2.7",
        "查看敏感信息",
        "人员 5",
        "核对名册信息",
        "栏目 phone",
        "党组织 3",
        "回应 403",
    ):
        assert words in shown, words


def test_reading_leaves_one_row_that_says_what_was_asked_for_but_no_name(auditor):
    auditor.get(URL, {"act": "reveal", "actor": "王海燕", "first": "2026-11-01"})
    row = AuditRow.objects.get(act=Act.READ)
    assert (row.subject, row.actor, row.allowed) == ("audit", "苏正", True)
    assert {name: row.detail["asked"][name] for name in ("act", "first", "actor_letters")} == {
        "act": "reveal", "first": "2026-11-01", "actor_letters": 3,
    }  # fmt: skip
    assert "王海燕" not in str(row.detail)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"act": "reveal"}, ["person:5"]),
        ({"outcome": "denied"}, ["member:55"]),
        ({"outcome": "allowed"}, ["person:50", "person:5", "record:1"]),
        ({"actor": "海"}, ["record:1"]),
        ({"actor": "%"}, []),
        ({"subject": "person:5"}, ["person:5"]),
        ({"subject": "person"}, ["person:50", "person:5"]),
        ({"first": "2026-11-23"}, ["member:55", "person:50", "person:5", "record:1"]),
        ({"first": "2026-11-24"}, []),
        ({"last": "2026-11-22"}, []),
        ({"first": "2026-11-23", "last": "2026-11-23", "act": "search"}, ["person:50"]),
    ],
)
def test_filters_narrow(auditor, asked, found):
    write("record:1")
    write("person:5", Act.REVEAL, actor="张伟")
    write("person:50", Act.SEARCH, actor="张伟")
    write("member:55", Act.DENY, actor="张伟", allowed=False)
    page = auditor.get(URL, asked)
    assert page.status_code == 200
    assert [each for each in listed(page) if each != "audit"] == found


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"last": "9999-12-31"}, "“到”写成了 9999 年，请核对。"),
        ({"first": "0001-01-01"}, "“从”写成了 1 年，请核对。"),
        ({"first": "昨天"}, "“从”不是日期"),
        ({"first": "2026-11-20", "last": "2026-11-01"}, "两个日期可能填反了"),
        ({"subject": "李建国"}, "“对象”请写成代号或代号加编号"),
        ({"act": "everything"}, "不在可用的选项中"),
    ],
)
def test_a_faulty_filter_lists_nothing_and_says_why(auditor, asked, sentence):
    write()
    page = auditor.get(URL, asked)
    assert page.status_code == 422
    assert sentence in body(page)
    assert page.context["lines"] == []
    assert not AuditRow.objects.filter(act=Act.READ).exists()
    assert auditor.post(reverse("audit_export"), asked).status_code == 422
    assert not AuditRow.objects.filter(act=Act.EXPORT).exists()


def test_pages_walk_through_every_row_once(auditor):
    for number in range(2 * PAGE + 7):
        write(f"record:{number}")
    seen, after = [], ""
    for _ in range(3):
        page = auditor.get(URL, {"subject": "record", "after": after} if after else {"subject": "record"})
        seen += listed(page)
        after = page.context["after"]
    assert after == ""
    assert seen == [f"record:{number}" for number in reversed(range(2 * PAGE + 7))]


@pytest.mark.parametrize("after", ["x", "-1", "9" * 40, "１", ""])
def test_a_faulty_cursor_gives_the_first_page_or_an_empty_one(auditor, after):
    write()
    assert auditor.get(URL, {"after": after}).status_code == 200


def test_fifty_thousand_rows_cost_no_more_queries_than_one(auditor):
    asked = {"first": "2026-01-01", "actor": "海", "outcome": "allowed", "after": 10**8}
    auditor.get(URL)
    costs = []
    for rows in (1, 50_000):
        AuditRow.objects.bulk_create(
            (AuditRow(actor="王海燕", act="write", subject=f"record:{n}") for n in range(rows)), batch_size=5000
        )
        with CaptureQueriesContext(connection) as queries:
            assert auditor.get(URL, asked).status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1]
    assert costs[0] <= 11


# 封存与核验


def test_the_page_says_what_is_sealed_and_how_the_last_verification_went(auditor):
    assert "还没有封存过" in body(auditor.get(URL))
    assert "还没有核验过" in body(auditor.get(URL))
    write("record:1")
    seal(now=timezone.now())
    write("record:2")
    page = auditor.get(URL)
    assert {line.row.subject: line.sealed for line in page.context["lines"]}["record:1"] is True
    assert {line.row.subject: line.sealed for line in page.context["lines"]}["record:2"] is False
    assert "到第 1 号封条，2026-11-23 10:00 封存；还有 2 条未封存" in body(page)
    assert anchor_of(last_seal()) in body(page)
    call_command("verify_audit", stdout=StringIO())
    assert "通过" in body(auditor.get(URL))


def test_the_page_says_where_the_audit_broke(auditor):
    write("record:1")
    seal(now=timezone.now())
    with connection.cursor() as cursor:
        for statement in lifts(connection.vendor, "base_auditrow"):
            cursor.execute(statement)
        cursor.execute("UPDATE base_auditrow SET actor = '别人'")
    with pytest.raises(SystemExit):
        call_command("verify_audit", stdout=StringIO())
    shown = body(auditor.get(URL))
    assert "没有通过，1 处对不上" in shown
    assert f">row:{AuditRow.objects.get(subject='record:1').pk}</span>" in shown


# 导出


def test_the_export_holds_the_filtered_rows_oldest_first_and_leaves_its_row(auditor):
    write("record:1", reason="=1+1")
    write("person:5", Act.REVEAL)
    write("record:2")
    response = auditor.post(reverse("audit_export"), {"subject": "record", "actor": "海"})
    assert response["Cache-Control"] == "no-store"
    sheet = openpyxl.load_workbook(BytesIO(b"".join(response.streaming_content))).active
    rows = list(sheet.values)
    assert list(rows[2]) == [heading.text for heading in HEADINGS]
    assert [row[6] for row in rows[3:5]] == ["record:1", "record:2"]
    assert rows[3][8] == "=1+1"
    assert rows[5][1] == "2 条"
    row = AuditRow.objects.get(act=Act.EXPORT)
    assert (row.subject, row.detail["rows"], row.detail["asked"]["subject"]) == ("audit", 2, "record")
    assert "海" not in str(row.detail)


def test_days_are_days_in_china(auditor):
    with connection.cursor() as cursor:
        for statement in lifts(connection.vendor, "base_auditrow"):
            cursor.execute(statement)
    for subject, at in (("record:1", "2026-11-20T23:59:59"), ("record:2", "2026-11-21T00:00:00")):
        write(subject)
        AuditRow.objects.filter(subject=subject).update(at=timezone.make_aware(datetime.fromisoformat(at)))
    day = date(2026, 11, 20)
    assert listed(auditor.get(URL, {"first": day, "last": day})) == ["record:1"]
    assert listed(auditor.get(URL, {"first": day + timedelta(days=1)})) == ["record:2"]
