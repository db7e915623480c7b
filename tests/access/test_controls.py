"""The faults these tests are for, put in on purpose: each of them has to be found."""

import pytest
from django.db.models import Q
from django.http import HttpResponseNotFound

from base.models import OnceKey
from duties.board import roster
from members.enums import CAPABILITIES, Capability, Role
from members.models import Membership
from tests.access.browsing import Browser, contents
from tests.access.policy import lines
from tests.access.test_access_matrix import LINES, swept, unlisted, without_column
from visits.models import OfRecordQuerySet
from visits.views.talks import talk_new

pytestmark = pytest.mark.anywhere


def asked(town, key: str, *pages: str, method: str = "GET", htmx: bool = False) -> tuple[Browser, dict, dict]:
    """One column at a few pages: the browser, what was not as expected, the texts of what was not found."""
    browser = Browser(town, key)
    return browser, *swept(browser, method, htmx=htmx, table=[line for line in LINES if line.page in pages])


def test_without_a_fault_nothing_is_found(town):
    for pages in (("talk", "member", "talks"), ("talk_new", "duty_board", "desk")):
        browser, wrong, lost = asked(town, "secretary", *pages)
        assert (wrong, browser.leaks, browser.words, len(lost) <= 1) == ({}, {}, {}, True)


def test_a_page_that_forgets_the_scope(town, monkeypatch):
    monkeypatch.setattr(OfRecordQuerySet, "scoped", lambda self, scope, capability: Q())
    browser, wrong, _lost = asked(town, "outsider", "talk")
    assert wrong["GET talk /talk branch"] == "ok, not 404"
    assert browser.leaks


def test_a_fragment_that_tells_a_name(town, monkeypatch):
    search = roster.search
    monkeypatch.setattr(roster, "search", lambda people, name: search(Membership.objects.on("2026-11-23"), name))
    browser = Browser(town, "secretary")
    browser.ask("GET", "/members/search/?q=人", htmx=True)
    assert browser.leaks


def test_an_inspector_who_may_write(town, monkeypatch):
    monkeypatch.setitem(CAPABILITIES, Role.INSPECTOR, CAPABILITIES[Role.INSPECTOR] | {Capability.RECORD})
    _browser, wrong, _lost = asked(town, "inspector", "talk_new", method="POST")
    assert wrong["POST talk_new -"] == "ok, not 403"


@pytest.mark.parametrize("page", ["talk", "audit_export", "*"])
def test_a_page_that_nobody_listed(page):
    assert unlisted([line for line in LINES if line.page != page]) == {page}


def test_a_line_whose_page_is_gone():
    more = lines("heading\ngone | GET | - | - | - | -")
    assert unlisted([*LINES, *more]) == {"gone"}


def test_a_role_that_nobody_listed():
    assert without_column([*Role, "treasurer"]) == {"treasurer"}


def test_reading_that_writes(town, monkeypatch):
    def writes(*args):
        OnceKey.objects.create(key="x")
        return []

    before = contents()
    monkeypatch.setattr("duties.views.desk.board.below_with_overdue", writes)
    asked(town, "secretary", "desk")
    assert contents()["base_oncekey"] != before["base_oncekey"]


def test_a_refusal_that_tells_hidden_from_missing(town, monkeypatch):
    def not_found(request, exception):
        there = Membership.objects.filter(person=request.resolver_match.kwargs.get("pk")).exists()
        return HttpResponseNotFound("在别的党组织" if there else "没有")

    monkeypatch.setattr("config.views.not_found", not_found)
    _browser, wrong, lost = asked(town, "secretary", "member")
    assert (wrong, len(lost)) == ({}, 2)


def test_words_shown_to_an_upper_level(town, monkeypatch):
    monkeypatch.setattr("visits.views.talks.may_read_talk", lambda account, record: True)
    browser, wrong, _lost = asked(town, "general_secretary", "talk")
    assert wrong == {}
    assert {browser.town.tokens[token].kind for token in browser.leaks} == {"told"}


def test_a_sensitive_matter_called_by_its_name(town, monkeypatch):
    monkeypatch.setattr("duties.board.words.sees_basis", lambda *args: True)
    browser, _wrong, _lost = asked(town, "deputy_secretary", "duty_board")
    assert "苗头性" in browser.words


def test_a_page_without_its_guard_against_forged_forms(town, monkeypatch):
    monkeypatch.setattr(talk_new, "csrf_exempt", True, raising=False)
    assert Browser(town, "secretary").ask("POST", "/talks/new/", strict=True).kind == "ok"
