"""Every list with every filter and every page of it, every picker, workbook and refusal: no token out of reach.

What each page of one object says is read in test_access_matrix.py, by the same :class:`Browser`.
"""

import json
import re
from datetime import date
from functools import cache
from html import unescape
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from base import drafts, jobs
from base.models import Draft, Job
from base.uploads import keep
from duties.policy.models import Rule
from ledgers.bundle.asked import Asked
from members.enums import SENSITIVE_CATEGORIES
from tests.access.browsing import Browser
from tests.access.policy import CONSTANT, lines
from tests.access.town import COLUMNS, MISSING, TWINS, waived
from tests.members.sheets import roster_row, workbook

pytestmark = pytest.mark.anywhere

LISTS = {line.page for line in lines() if line.about == "-" and "GET" in line.methods} - {"*", "duty_why"}
FORMS = {line.page for line in lines() if "POST" in line.methods}
"""Their choices are no filters."""

LINK = re.compile(r'(?:href|hx-get|action)="([^"#]*)')
SELECT = re.compile(r'<select[^>]*name="(\w+)".*?</select>', re.DOTALL)
OPTION = re.compile(r'<option value="([^"]+)"')

READERS = [key for key, column in COLUMNS.items() if column.signed_in and key not in TWINS]


@pytest.fixture
def short_pages(monkeypatch):
    """So few rows to a page that every list of the town has a second one."""
    for module in (
        "duties.board.lists",
        "duties.board.roster",
        "visits.lists",
        "care.lists",
        "awards.views.study",
        "awards.birthdays",
        "awards.views.ceremonies",
        "awards.views.hours",
        "awards.views.assessments",
        "awards.views.allowances",
        "awards.views.plans",
        "members.audit_log",
        "duties.views.deeds",
        "visits.views.activities",
        "ledgers.views.openness",
        "fund.reading",
    ):
        monkeypatch.setattr(f"{module}.PAGE", 12)


TURNS = {key: number for number, key in enumerate(READERS)}


def offered(url: str, text: str, turn: int) -> set[str]:
    """What a page leads to: its links, and its filters with every third of their choices, in turns: with all columns
    each choice is made several times.
    """
    here = urlsplit(url).path
    found = {link if link.startswith("/") else here + link for link in map(unescape, LINK.findall(text))}
    for select in SELECT.finditer(text):
        name = select[1]
        if name == "month":  # the same list twelve times
            continue
        found |= {f"{here}?{urlencode({name: value})}" for value in OPTION.findall(select[0])[turn % 3 :: 3]}
    return found


@cache
def goes_on(url: str) -> bool:
    """Whether the address is one of a list, so that following it ends."""
    try:
        name = resolve(urlsplit(url).path).url_name
    except Resolver404:
        return False
    query = dict(parse_qsl(urlsplit(url).query))
    if name in FORMS or {"month", "year"} & set(query):  # the calendar goes on for ever
        return False
    further = {"after", "tab"} & set(query)
    return name in LISTS and len(query) <= (2 if further else 1)


def walked(browser: Browser, starts: set[str], most: int = 1_200) -> set[str]:
    """Follow everything that lists offer; the addresses asked."""
    asked, waiting = set(), sorted(starts)
    while waiting and len(asked) < most:
        url = waiting.pop(0)
        asked.add(url)
        answer = browser.ask("GET", url)
        if answer.kind == "ok" and not answer.response.get("Content-Disposition"):
            said = offered(url, answer.response.content.decode(), TURNS[browser.key])
            fresh = {each for each in said if goes_on(each)}
            waiting += sorted(fresh - asked - set(waiting))
    assert len(asked) < most, "the lists of the town lead on and on"
    return asked


@pytest.mark.parametrize("key", READERS)
def test_lists_filters_and_pickers_hold_only_what_is_in_reach(town, key, short_pages):
    waived(town, "member")
    browser = Browser(town, key)
    starts = {reverse(page, kwargs=CONSTANT.get(page, {}).get("path", {})) for page in LISTS}
    starts |= {f"{reverse('member_search')}?q=人&for={form}" for form in ("", "talk_new", "visit_new")}
    starts |= {f"{reverse(page)}?q=QZ" for page in ("members", "duty_board", "talks", "visits", "accounts")}
    asked = walked(browser, starts)
    assert browser.leaks == {}
    assert browser.words == {}
    owned = [someone for place in ("branch", "sibling") for someone in (f"{place}.plain", f"{place}.helper")]
    expected = {town.people[each].name[1:] for each in owned if browser.who.may("VIEW", each.partition(".")[0])}
    assert expected <= browser.seen
    assert not expected or any("after=" in url for url in asked)


@pytest.mark.parametrize("key", ["secretary", "inspector"])
def test_a_bundle_holds_only_what_is_in_reach(town, key, settings, tmp_path):
    settings.JOBS = tmp_path / "jobs"
    browser, reader = Browser(town, key), town.accounts[key]
    asked = Asked(reader, reader.scope.home, date(2025, 1, 1), date(2026, 11, 23), timezone.now())
    job = jobs.ask(
        account=reader.pk, kind="bundle", title=asked.title, parameters=asked.parameters, now=timezone.now()
    )  # fmt: skip
    jobs.run_waiting()
    browser.read("bundle", b"".join(jobs.fetch(Job.objects.get(pk=job.pk))))
    assert browser.leaks == {}
    assert browser.words == {}
    assert town.people["branch.plain"].name[1:] in browser.seen


@pytest.mark.parametrize("key", READERS)
def test_whole_names_find_only_those_in_reach(town, key):
    """Whoever types somebody's whole name reads it again, and nothing more unless they are within."""
    browser, near = Browser(town, key), town.people["branch.plain"].pk
    for place in ("sibling", "other_branch"):
        someone = town.people[f"{place}.plain"].name
        for url in (reverse("tie_new", args=[near]), reverse("post_new"), reverse("account_invitations")):
            found = f"{someone}（" in browser.ask("GET", f"{url}?{urlencode({'name': someone})}").text
            reaches = ("VIEW", "ACCOUNTS", "GRANT")
            assert not found or any(browser.who.may(capability, place) for capability in reaches), url
    typed = {town.people[f"{place}.plain"].name[1:] for place in ("sibling", "other_branch")}
    assert set(browser.leaks) <= typed


def test_a_roster_says_nothing_of_what_others_know(town):
    """Uploaded elsewhere with the identity numbers of this tree: neither preview nor refused workbook tells of it."""
    browser, account = Browser(town, "other_clerk"), town.accounts["other_clerk"]
    here = town.places["other_branch"].name
    known = [town.people[key].id_number for key in ("branch.plain", "sibling.helper")]
    rows = [roster_row(f"某{serial}", 7, 公民身份证号=number, 所在党支部=here) for serial, number in enumerate(known)]
    rows += [roster_row("某", 9, 所在党支部=town.places["branch"].name), ["无名", "41", "", here, "", "", "", ""]]
    given = {town.places["branch"].name.removeprefix("组织"), *(number[-4:] for number in known)}
    token = keep(owner=account.pk, filename="名册.xlsx", data=workbook(rows), now=timezone.now())
    for method, page in (("GET", "roster_import"), ("POST", "roster_refused")):
        answer = browser.ask(method, f"{reverse(page)}?upload={token}", {"upload": token})
        assert answer.kind == "ok"
        assert set(browser.leaks) <= given, "only what was uploaded comes back"
    assert answer.response.headers["Content-Type"].endswith("sheet")


def test_uploads_of_others_look_like_none(town):
    owner = town.accounts["department_clerk"].pk
    token = keep(owner=owner, filename="名册.xlsx", data=workbook([roster_row()]), now=timezone.now())
    other, own = Browser(town, "department_head"), Browser(town, "department_clerk")
    url = reverse("roster_import")
    assert own.ask("GET", f"{url}?upload={token}").response.status_code == 200
    for method in ("GET", "POST"):
        for page in ("roster_import", "roster_refused", "organisations_import", "posts_import"):
            answers = [
                other.ask(method, f"{reverse(page)}?upload={each}", {"upload": each})
                for each in (token, f"{owner}-{'0' * 48}")
            ]
            told = {(answer.response.status_code, answer.response.get("Location")) for answer in answers}
            assert len(told) == 1, page


def test_a_draft_is_for_its_writer_alone(town):
    about, now = town.people["branch.plain"].pk, timezone.now()
    drafts.save(account=town.accounts["deputy_secretary"].pk, key=f"talk:m{about}", sent=Typed(text="刚写的"), now=now)
    url = f"{reverse('talk_new')}?member={about}"
    assert "刚写的" in Browser(town, "deputy_secretary").ask("GET", url).text
    secretary, kept = Browser(town, "secretary"), Draft.objects.count()
    assert "刚写的" not in secretary.ask("GET", url).text
    secretary.handler.get_response(secretary.request("POST", reverse("draft_drop"), {"draft": f"talk:m{about}"}))
    assert Draft.objects.count() == kept


class Typed(dict):
    """What a browser sends while somebody types."""

    def lists(self):
        return [(name, [value]) for name, value in self.items()]


def test_a_rule_about_a_sensitive_category_is_sensitive(town):
    """Its title would name the category to whoever may look at duties."""
    telling = {
        rule.code for rule in Rule.objects.order_by("pk")
        if not rule.sensitive and any(f'"{kind.value}"' in json.dumps(rule.spec) for kind in SENSITIVE_CATEGORIES)
    }  # fmt: skip
    assert telling == set()


def test_what_breaks_tells_nothing(town, monkeypatch):
    someone = town.people["sibling.plain"].name

    def broken(*args, **kwargs):
        raise RuntimeError(someone)

    monkeypatch.setattr("duties.views.members.roster.page_of", broken)
    browser = Browser(town, "secretary")
    assert browser.ask("GET", reverse("members")).kind == "500"
    assert browser.leaks == {}


def test_revealing_opens_one_value_to_whoever_may(town):
    """The form that asks why is the only way to a sealed value, and it opens no other's."""
    near = town.people["branch.plain"]
    url, given = reverse("member_reveal", args=[near.pk]), {"field": "address", "reason": "联系本人"}
    for key, kind in (("secretary", "ok"), ("deputy_secretary", "403"), ("contact", "404"), ("auditor", "404")):
        browser = Browser(town, key)
        answer = browser.ask("POST", url, given)
        assert answer.kind == kind
        assert (near.address in answer.text) == (kind == "ok")
        assert set(browser.leaks) == ({near.address.removeprefix("云河市河东区")} if kind == "ok" else set())
    assert Browser(town, "secretary").ask("POST", url, given | {"field": f"note-{MISSING}"}).kind == "404"
