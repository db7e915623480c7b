"""Each act leaves exactly one audit row, on whichever page it is done; sensitive values leave no trace anywhere."""

import logging
import re
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.urls import get_resolver, reverse

from base import audit
from base.audit import Act, unread
from base.models import AuditRow
from duties.views import member as member_page
from members.enums import EventKind, Role
from members.models import Event
from tests.duties.acts import once_in, talk
from tests.visits.filling import fill
from tests.world import PASSWORD, account, person, post
from visits.models import Talk

ID, PHONE, ADDRESS = "410102198005010021", "13912345678", "云河市河东区解放路18号院3号楼"
SAID, WISHED, NOTED = "谈到父亲病重后的打算", "盼望调回原单位", "确诊后在省医院住院"
CANARIES = (ID, PHONE, ADDRESS, SAID, WISHED, NOTED)


@pytest.fixture
def people(cast):
    cast.li.id_number, cast.li.phone, cast.li.address = ID, PHONE, ADDRESS
    cast.li.save()
    return cast


@pytest.fixture
def secretary(people, sign_in):
    return sign_in(account(people.secretary, "wang"))


class Watch:
    """The rows that an act leaves."""

    def __enter__(self):
        self.before = set(AuditRow.objects.values_list("pk", flat=True))
        return self

    def __exit__(self, *failed):
        self.rows = list(AuditRow.objects.exclude(pk__in=self.before).order_by("pk"))

    @property
    def said(self) -> list[tuple]:
        return [(row.act, row.subject, row.allowed) for row in self.rows]


# 一次行为，一条记录


def enter(client, username="wang", password=PASSWORD):
    return client.post(reverse("sign_in"), {"username": username, "password": password})


def test_signing_in_and_out_and_each_failed_try(people, client):
    wang = account(people.secretary, "wang")
    with Watch() as seen:
        enter(client)
        client.post(reverse("sign_out"))
        enter(client, password="wrong")
        enter(client, username="nobody")
    subject = f"account:{wang.pk}"
    assert seen.said == [
        (Act.SIGN_IN, subject, True), (Act.SIGN_OUT, subject, True), (Act.SIGN_IN, subject, False),
        (Act.SIGN_IN, "account:0", False),
    ]  # fmt: skip


def test_a_try_at_a_locked_account_is_written_as_such(people, client):
    account(people.secretary, "wang")
    with Watch() as seen:
        for _ in range(5):
            enter(client, password="wrong")
        enter(client)
    assert [row.allowed for row in seen.rows] == [False] * 6
    assert [row.detail for row in seen.rows] == [{}] * 4 + [{"locked": True}] * 2


def test_signing_out_empties_the_browsers_cache(secretary):
    assert secretary.post(reverse("sign_out"))["Clear-Site-Data"] == '"cache", "storage"'


def test_a_sealed_value_shown(people, secretary):
    url = reverse("member_reveal", args=[people.li.pk])
    with Watch() as seen:
        secretary.get(url, {"field": "phone"})
        secretary.post(url, {"field": "phone", "reason": "联系本人"})
    assert seen.said == [(Act.REVEAL, f"person:{people.li.pk}", True)]


@pytest.mark.parametrize(
    ("url", "subject"),
    [
        ("/members/", "members"),
        ("/members/search/", "members"),
        ("/duties/", "duties"),
        ("/talks/", "talks"),
        ("/visits/", "visits"),
    ],
)
def test_a_search_is_kept_without_its_words(people, secretary, url, subject):
    with Watch() as seen:
        assert secretary.get(url, {"q": "李建国"}).status_code == 200
        secretary.get(url)
    assert seen.said == [(Act.SEARCH, subject, True)]
    assert seen.rows[0].detail == {"found": seen.rows[0].detail["found"], **unread("李建国")}
    assert "李建国" not in str(seen.rows[0].detail)


def test_a_search_for_a_person_to_give_a_post_or_a_tie_to(people, secretary, sign_in):
    clerk = sign_in(account(people.clerk))
    with Watch() as seen:
        clerk.get(reverse("post_new"), {"name": "李建国"})
        secretary.get(reverse("tie_new", args=[people.li.pk]), {"name": "张伟"})
        secretary.post(reverse("tie_new", args=[people.li.pk]), {"name": "张伟"})
    assert seen.said == [(Act.SEARCH, "people", True)] * 2


def test_the_further_pages_of_a_search_are_the_same_search(people, secretary):
    with Watch() as seen:
        for url in ("/members/", "/duties/", "/talks/"):
            secretary.get(url, {"q": "李", "after": "x"})
    assert seen.said == []


def test_equal_words_have_equal_digests_and_others_do_not():
    assert unread("李建国") == unread("李建国")
    assert unread("李建国")["digest"] != unread("李建军")["digest"]
    assert unread(ID)["digest"] not in person_index(ID)


def person_index(number: str) -> str:
    return audit.blind_index(number)


def test_an_export(people, secretary):
    asked = {"organisation": people.branch.pk, "first": "2026-01-01", "last": "2026-11-23"}
    with Watch() as seen:
        b"".join(secretary.post(reverse("ledger_export", args=["talks"]), asked).streaming_content)
    assert seen.said == [(Act.EXPORT, f"organisation:{people.branch.pk}", True)]


def test_a_page_that_is_printed(people, secretary):
    with Watch() as seen:
        shown = secretary.get(reverse("member", args=[people.li.pk]))
        assert f'data-printed="{reverse("printed")}"' in shown.content.decode()
        assert secretary.post(reverse("printed"), {"path": f"/members/{people.li.pk}/"}).status_code == 204
    assert seen.said == [(Act.PRINT, f"member:{people.li.pk}", True)]


@pytest.mark.parametrize("path", ["", "x", "/no/such/", f"/members/{ID}/x/", "//evil.example/"])
def test_only_a_page_of_ours_is_printed(secretary, path):
    with Watch() as seen:
        assert secretary.post(reverse("printed"), {"path": path}).status_code == 400
    assert seen.said == []


def test_reading_what_was_said_in_a_talk(people, secretary, sign_in):
    secretary.post("/talks/new/", fill(secretary, people.li, text=SAID))
    found = Talk.objects.get()
    with Watch() as seen:
        assert SAID in secretary.get(reverse("talk", args=[found.pk])).content.decode()
        assert SAID not in sign_in(account(people.clerk)).get(reverse("talk", args=[found.pk])).content.decode()
    assert seen.said == [(Act.READ, f"record:{found.record_id}", True)]


def test_entering_and_taking_back(people, secretary):
    with Watch() as seen:
        sent = fill(secretary, people.li)
        secretary.post("/talks/new/", sent)
        secretary.post("/talks/new/", sent)
        found = Talk.objects.get()
        page = secretary.get(reverse("talk_withdraw", args=[found.pk]))
        for _ in range(2):
            secretary.post(reverse("talk_withdraw", args=[found.pk]), {"once": once_in(page), "reason": "试验"})
    record = f"record:{found.record_id}"
    assert seen.said == [(Act.WRITE, record, True), (Act.WITHDRAW, record, True)]


def test_trying_out_what_a_form_would_do_is_no_act(people, secretary):
    with Watch() as seen:
        secretary.post("/talks/new/", fill(secretary, people.li, preview="1"))
    assert seen.said == []


# 拒绝


def test_an_object_out_of_scope_and_one_that_is_not_there(people, secretary):
    with Watch() as seen:
        for pk in (people.sun.pk, 999_999):
            assert secretary.get(reverse("member", args=[pk])).status_code == 404
            assert secretary.post(reverse("member_reveal", args=[pk]), {"field": "phone"}).status_code == 404
    assert seen.said == [
        (Act.DENY, f"{page}:{pk}", False) for pk in (people.sun.pk, 999_999) for page in ("member", "member_reveal")
    ]
    assert {row.detail["status"] for row in seen.rows} == {404}


def test_an_object_out_of_scope_named_in_the_query_or_in_a_form(people, secretary):
    sent = fill(secretary, people.li) | {"member": people.sun.pk}
    with Watch() as seen:
        secretary.get("/members/", {"organisation": people.sibling.pk})
        secretary.get("/talks/new/", {"member": people.sun.pk})
        secretary.post("/talks/new/", sent)
    assert [(row.subject, row.detail.get("organisation"), row.detail.get("member")) for row in seen.rows] == [
        ("members", str(people.sibling.pk), None),
        ("talk_new", None, str(people.sun.pk)),
        ("talk_new", None, str(people.sun.pk)),
    ]
    assert SAID not in str([row.detail for row in seen.rows])


def test_what_one_may_not_do(people, sign_in):
    post(people.zhao, people.branch, Role.GROUP_LEADER)
    leader = sign_in(account(people.zhao))
    asked = {"organisation": people.branch.pk, "first": "2026-01-01", "last": "2026-11-23"}
    with Watch() as seen:
        assert leader.get(reverse("talk_new")).status_code == 403
        assert leader.post(reverse("member_reveal", args=[people.li.pk]), {"field": "phone"}).status_code == 403
        assert leader.post(reverse("ledger_export", args=["talks"]), asked).status_code == 403
    assert seen.said == [
        (Act.DENY, "talk_new", False), (Act.DENY, f"person:{people.li.pk}", False),
        (Act.DENY, f"organisation:{people.branch.pk}", False),
    ]  # fmt: skip
    assert [row.detail["page"] for row in seen.rows] == ["talk_new", "member_reveal", "ledger_export"]
    assert seen.rows[1].detail["field"] == "phone"


def test_a_form_that_came_from_elsewhere_or_too_late(people):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(account(people.secretary), backend="members.backends.AccountBackend")
    with Watch() as seen:
        assert browser.post("/talks/new/", {"text": SAID, "member": people.li.pk}).status_code == 403
    assert seen.said == [(Act.DENY, "talk_new", False)]
    assert SAID not in str(seen.rows[0].detail)


def test_a_stranger_and_a_wrong_address_leave_nothing(people, secretary, client):
    with Watch() as seen:
        client.get(reverse("member", args=[people.li.pk]))
        client.post("/sign-in/demo/", {"account": 1})
        secretary.get("/no/such/page/")
    assert seen.said == []


def test_a_number_of_somebodys_papers_in_an_address_is_not_kept(secretary):
    with Watch() as seen:
        assert secretary.get(f"/members/{ID}/").status_code == 404
        assert secretary.get(f"/members/{PHONE}/", {"member": PHONE}).status_code == 404
        assert secretary.get(f"/ledgers/{ID}/").status_code == 404
    assert seen.said == [(Act.DENY, "member", False), (Act.DENY, "member", False), (Act.DENY, "ledger", False)]
    assert [row.detail for row in seen.rows] == [
        {"status": 404, "page": page} for page in ("member", "member", "ledger")
    ]


# 敏感内容不外泄


class Broken(Exception):
    """Something of ours that broke over a sensitive value."""


def a_day_of_work(people, browser) -> list:
    """Whatever handles sensitive values, once; gives the answers that show none of them."""
    quiet = [enter(Client(), username=ID, password=PHONE), browser.get(f"/members/{people.li.pk}/")]
    sent = fill(browser, people.li, text=SAID, wish=WISHED)
    quiet += [browser.post("/talks/new/", sent | {"on": "2030-01-01"}), browser.post("/talks/new/", sent)]
    about = {"member": people.li.pk, "kind": EventKind.ILLNESS, "occurred_on": "2026-11-20", "note": NOTED}
    page = browser.get("/events/new/", {"member": people.li.pk})
    quiet.append(browser.post("/events/new/", {**about, "once": once_in(page)}))
    event = Event.objects.get(kind=EventKind.ILLNESS)
    reveal = reverse("member_reveal", args=[people.li.pk])
    for field in ("id_number", "phone", "address", f"note-{event.pk}"):
        quiet.append(browser.get(reveal, {"field": field}))
        browser.post(reveal, {"field": field, "reason": "联系本人"})
    browser.get(reverse("talk", args=[Talk.objects.get().pk]))
    for url in ("/members/", "/members/search/", "/duties/", "/talks/"):
        browser.get(url, {"q": ID})
        browser.get(url, {"q": PHONE})
    quiet += [browser.get(url) for url in ("/", "/members/", "/duties/?tab=here", "/talks/", "/ledgers/talks/", "/me/")]
    asked = {"organisation": people.branch.pk, "first": "2026-01-01", "last": "2026-11-23"}
    browser.post(reverse("ledger_export", args=["talks"]), asked)
    quiet.append(browser.get(f"/members/{people.sun.pk}/"))
    return quiet


@pytest.fixture
def talkative(caplog):
    """Every logger at its most talkative; Django's own has a level that is not the root's."""
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, logger="django"):
        yield caplog


def test_sensitive_values_reach_no_log_no_audit_row_and_no_address(people, secretary, talkative, settings):
    """Of the SQL too, at the most talkative level: what is sealed is sealed before it reaches a statement."""
    assert settings.DEBUG is False
    connection.force_debug_cursor = True
    try:
        answers = a_day_of_work(people, secretary)
    finally:
        connection.force_debug_cursor = False
    said = [f"{record.name} {record.getMessage()}" for record in talkative.records]
    assert any(line.startswith("django.db.backends") for line in said), "the statements were not watched"
    searched = re.compile(r"LIKE|axes_accessattempt|members_account")
    watched = [line for line in said if not searched.search(line)]
    assert [line[:200] for line in watched if any(canary in line for canary in CANARIES)] == []
    kept = str(list(AuditRow.objects.order_by("pk").values()))
    assert [canary for canary in CANARIES if canary in kept] == []
    assert not AuditRow.objects.filter(act=Act.SEARCH).exists(), "a number typed as a name is refused, not searched for"
    for answer in answers:
        addresses = [
            answer.get("Location", ""),
            *re.findall(r'(?:href|action|src|hx-\w+)="([^"]*)"', str(answer.content.decode())),
        ]
        assert not [each for each in addresses if any(canary in each for canary in CANARIES)]


def test_without_debug_no_statement_is_logged_at_all(people, secretary, talkative):
    """What is searched for and the name one signs in with stand in statements: these are never logged in production."""
    a_day_of_work(people, secretary)
    said = [f"{record.name} {record.getMessage()}" for record in talkative.records]
    assert not [line for line in said if line.startswith("django.db.backends")]
    assert [line for line in said if any(canary in line for canary in CANARIES)] == []


def pages(people):
    for pattern in get_resolver().url_patterns:
        for each in getattr(pattern, "url_patterns", ()):
            names = each.pattern.converters
            yield (
                each.name,
                reverse(each.name, kwargs={name: "talks" if name == "code" else people.li.pk for name in names}),
            )


def test_no_answer_to_somebody_signed_in_is_kept_by_a_browser(people, secretary):
    seen = set()
    for name, url in pages(people):
        response = secretary.get(url)
        seen.add(response.status_code)
        if name != "sign_out" and not response.headers.get("Location", "").startswith(reverse("sign_in")):
            assert response["Cache-Control"] == "no-store", name
    assert {200, 404, 405} <= seen


@pytest.mark.parametrize("status", [403, 404, 500])
def test_error_pages_say_nothing_of_anybody_or_of_ourselves(people, sign_in, monkeypatch, status):
    post(people.zhao, people.branch, Role.GROUP_LEADER)
    leader = sign_in(account(people.zhao))
    leader.raise_request_exception = False

    def broken(*_args):
        raise Broken(f"{ID} {NOTED}")

    if status == 500:
        monkeypatch.setattr(member_page, "story", broken)
    url = {403: "/talks/new/", 404: f"/members/{people.sun.pk}/", 500: f"/members/{people.li.pk}/"}[status]
    response = leader.get(url)
    shown = response.content.decode()
    assert response.status_code == status
    assert response["Cache-Control"] == "no-store"
    names = (*CANARIES, "李建国", "孙德福", "Traceback", "Broken", "settings", "Django", str(people.sun.pk) + "/")
    assert [word for word in names if word in shown] == []


def test_a_talk_entered_by_a_command_is_the_commands(people):
    with Watch() as seen:
        talk(people.li, people.secretary, on=date(2026, 11, 20))
    assert [(row.act, row.actor, row.account) for row in seen.rows] == [(Act.WRITE, "命令", None)]
    assert person("某人").pk
