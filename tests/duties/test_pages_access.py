"""Who may see what on the pages: sign-in, scope, masks, sensitive bases, reveals."""

import html
import re
from datetime import date
from urllib.parse import unquote

import pytest
from django.urls import reverse

from base.models import AuditRow
from duties.engine.models import Duty
from duties.policy.models import Rule
from members.enums import EventKind, Role, Standing
from members.middleware import LONGEST, STARTED
from members.models import Event
from tests.duties.acts import adopt_pack, happen, sweep_on
from tests.duties.reading import body, plain
from tests.world import account, member, post

pytestmark = pytest.mark.anywhere

TODAY = date(2026, 11, 23)
ID, PHONE, ADDRESS = "410102198005010021", "13912345678", "云河市河东区解放路18号院3号楼"
ACT = AuditRow.Act


@pytest.fixture
def world(cast):
    adopt_pack(cast.committee)
    cast.li.id_number, cast.li.phone, cast.li.address = ID, PHONE, ADDRESS
    cast.li.save()
    cast.deputy = member("何静", cast.branch)
    post(cast.deputy, cast.branch, Role.DEPUTY_SECRETARY)
    sweep_on(TODAY)
    return cast


@pytest.fixture
def as_(sign_in):
    """``as_(person)`` is a browser in which that person is signed in."""
    browsers = {}

    def browser(person):
        if person.pk not in browsers:
            browsers[person.pk] = sign_in(account(person))
        return browsers[person.pk]

    return browser


def why_url(duty: Duty) -> str:
    return f"{reverse('duty_why')}?duty={duty.rule_id}:{duty.key}"


PAGES = ["desk", "duty_board", "duty_why", "members", "member_search", "record_new", "me"]


@pytest.mark.parametrize("name", PAGES)
def test_strangers_are_sent_to_the_sign_in_page(world, client, name):
    response = client.get(reverse(name))
    assert response.status_code == 302
    assert response.url.startswith(reverse("sign_in"))


def test_strangers_learn_nothing_of_members_clauses_or_unknown_pages(world, client):
    duty = Duty.objects.filter(member=world.li).first()
    urls = [reverse("member", args=[world.li.pk]), reverse("member_reveal", args=[world.li.pk])]
    urls += [reverse("clause", args=[duty.rule.clause_id]), why_url(duty), "/no/such/page/"]
    assert {client.get(url).status_code for url in urls} == {302}


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "fragment"])
def test_the_secretary_of_another_branch_finds_nobody_there(world, as_, headers):
    browser = as_(world.sibling_secretary)
    duty = Duty.objects.filter(member=world.li).first()
    reveal = reverse("member_reveal", args=[world.li.pk])
    for url in (reverse("member", args=[world.li.pk]), why_url(duty), f"{reveal}?field=phone"):
        assert browser.get(url, headers=headers).status_code == 404, url
    assert browser.post(reveal, {"field": "phone", "reason": "联系本人"}, headers=headers).status_code == 404
    for name in ("desk", "duty_board", "members"):
        assert browser.get(reverse(name), {"organisation": world.branch.pk}, headers=headers).status_code == 404
    assert AuditRow.objects.filter(act=ACT.REVEAL).count() == 0


def test_lists_and_searches_hold_only_ones_own_branch(world, as_):
    browser = as_(world.sibling_secretary)
    for url in ("/members/", "/duties/?tab=here", "/members/search/?q=李", "/members/?q=李建"):
        shown = body(browser.get(url))
        assert f"/members/{world.li.pk}/" not in shown, url
    assert f"/members/{world.sun.pk}/" in body(browser.get("/members/"))


def test_out_of_scope_and_not_there_look_alike(world, as_):
    browser = as_(world.sibling_secretary)
    token = re.compile(r"X-CSRFToken[^}]*}")
    pages = {token.sub("", body(browser.get(reverse("member", args=[pk])))) for pk in (world.li.pk, 999_999)}
    assert len(pages) == 1
    assert "没有这一页，或不在你的范围内" in pages.pop()


def test_sealed_values_never_stand_on_a_page(world, as_):
    pages = {"secretary": ["/members/", f"/members/{world.li.pk}/", "/duties/", "/"], "li": ["/me/"]}
    for who, urls in pages.items():
        for url in urls:
            shown = body(as_(getattr(world, who)).get(url))
            assert not [secret for secret in (ID, PHONE, ADDRESS) if secret in shown], url
    assert "410***********0021" in body(as_(world.secretary).get(f"/members/{world.li.pk}/"))
    assert "139****5678" in body(as_(world.secretary).get("/members/"))


def test_revealing_asks_why_shows_the_value_once_and_is_written_down(world, as_):
    browser, url = as_(world.secretary), reverse("member_reveal", args=[world.li.pk])
    asked = browser.get(url, {"field": "id_number"})
    assert "为什么要看" in body(asked)
    assert ID not in body(asked)
    assert AuditRow.objects.filter(act=ACT.REVEAL).count() == 0
    shown = browser.post(url, {"field": "id_number", "reason": "核对名册信息"}, headers={"HX-Request": "true"})
    assert ID in body(shown)
    assert shown["Cache-Control"] == "no-store"
    row = AuditRow.objects.get(act=ACT.REVEAL)
    assert (row.subject, row.reason, row.detail) == (f"person:{world.li.pk}", "核对名册信息", {"field": "id_number"})
    assert row.actor == "王海燕"
    assert ID not in body(browser.get(url, {"field": "id_number", "masked": "1"}, headers={"HX-Request": "true"}))


@pytest.mark.parametrize("given", [{}, {"reason": "other"}, {"reason": "好奇"}, {"reason": "other", "other": "  "}])
def test_without_a_reason_nothing_is_revealed(world, as_, given):
    response = as_(world.secretary).post(
        reverse("member_reveal", args=[world.li.pk]), {"field": "phone", **given}, headers={"HX-Request": "true"}
    )
    assert response.status_code == 422
    assert PHONE not in body(response)
    assert not AuditRow.objects.filter(act=ACT.REVEAL).exists()


def test_without_javascript_the_value_has_a_page_of_its_own(world, as_):
    url = reverse("member_reveal", args=[world.li.pk])
    response = as_(world.secretary).post(url, {"field": "address", "reason": "other", "other": "送慰问品"})
    assert ADDRESS in body(response)
    assert response["Cache-Control"] == "no-store"
    assert AuditRow.objects.get(act=ACT.REVEAL).reason == "送慰问品"


def test_in_scope_but_not_allowed_to_reveal_is_refused_with_a_sentence_and_written_down(world, as_):
    browser, url = as_(world.deputy), reverse("member_reveal", args=[world.li.pk])
    assert url not in body(browser.get(reverse("member", args=[world.li.pk])))
    response = browser.post(url, {"field": "phone", "reason": "联系本人"})
    assert response.status_code == 403
    assert "查看敏感信息要有书记或组织部的岗位" in body(response)
    assert PHONE not in body(response)
    assert AuditRow.objects.get(act=ACT.DENY).allowed is False


@pytest.mark.parametrize("field", ["", "name", "id_index", "note-", "note-999", "landline", "__class__"])
def test_only_sealed_fields_that_hold_something_can_be_asked_for(world, as_, field):
    url = reverse("member_reveal", args=[world.li.pk])
    assert as_(world.secretary).get(url, {"field": field}).status_code == 404


def test_the_note_of_an_event_is_sealed_and_revealed_like_the_rest(world, as_):
    event = happen(world.li, EventKind.HONOUR, date(2026, 11, 20))
    Event.objects.filter(pk=event.pk).update(note="省级先进")
    browser, url = as_(world.secretary), reverse("member_reveal", args=[world.li.pk])
    page = body(browser.get(reverse("member", args=[world.li.pk])))
    assert "省级先进" not in page
    assert f"field=note-{event.pk}" in page
    shown = browser.post(url, {"field": f"note-{event.pk}", "reason": "填报表册"})
    assert "省级先进" in body(shown)
    assert AuditRow.objects.get(act=ACT.REVEAL).subject == f"event:{event.pk}"


def test_an_event_of_somebody_else_is_not_revealed_through_this_member(world, as_):
    event = happen(world.sun, EventKind.HONOUR, date(2026, 11, 20))
    Event.objects.filter(pk=event.pk).update(note="省级先进")
    url = reverse("member_reveal", args=[world.li.pk])
    assert as_(world.secretary).get(url, {"field": f"note-{event.pk}"}).status_code == 404


SENSITIVE_WORDS = ("苗头性", "有苗头性倾向性问题")


def test_a_sensitive_duty_reads_as_care_to_those_who_may_not_see_its_basis(world, as_):
    happen(world.li, EventKind.TENDENCY, date(2026, 11, 20))
    duty = Duty.objects.get(rule__code="talk-on-tendency")
    browser = as_(world.deputy)
    pages = ["/", "/duties/?tab=here", f"/duties/?tab=here&rule={duty.rule_id}", "/duties/?tab=here&rule=care"]
    pages += [f"/members/{world.li.pk}/", hidden_why(browser)]
    for url in pages:
        shown = body(browser.get(url))
        assert not [word for word in SENSITIVE_WORDS if word in shown], url
    assert "关怀事项" in body(browser.get("/duties/?tab=here"))
    assert "李建国" in body(browser.get("/duties/?tab=here&rule=care"))
    assert "李建国" not in body(browser.get(f"/duties/?tab=here&rule={duty.rule_id}"))
    why = body(browser.get(hidden_why(browser), headers={"HX-Request": "true"}))
    assert "关怀事项" in body(browser.get(hidden_why(browser)))
    assert "clauses" not in why
    assert "第6项" not in why


def hidden_why(browser) -> str:
    """The address under 说明 of the one hidden duty on the board."""
    rows = re.findall(r"<tr>.*?</tr>", body(browser.get("/duties/?tab=here")), re.DOTALL)
    (link,) = (re.search(r'href="(/duties/why/[^"]+)"', row)[1] for row in rows if "关怀事项" in row)
    return html.unescape(link)


def test_no_link_tells_the_rule_of_a_hidden_duty_and_no_guess_finds_it(world, as_):
    happen(world.li, EventKind.TENDENCY, date(2026, 11, 20))
    duty = Duty.objects.get(rule__code="talk-on-tendency")
    commissioner, other = as_(world.commissioner), as_(world.deputy)
    ledger = reverse("ledger", args=["duties"])
    inspector = member("郑督查", world.branch)
    post(inspector, world.branch, Role.INSPECTOR)
    pages = {"/": other, "/duties/?tab=here": other, f"/members/{world.li.pk}/": other, ledger: as_(inspector)}
    for url, browser in pages.items():
        shown = html.unescape(unquote(body(browser.get(url))))
        assert "关怀事项" in shown, url
        assert f"{duty.rule_id}:{duty.key}" not in shown, url
        assert f"rule={duty.rule_id}" not in shown, url
    for name in ("duty_why", "talk_new"):
        guesses = {f"{reverse(name)}?duty={rule}:{duty.key}" for rule in Rule.objects.values_list("pk", flat=True)}
        assert {commissioner.get(url).status_code for url in guesses} == {404}
    link = hidden_why(commissioner)
    assert commissioner.get(link).status_code == 200
    form = commissioner.get(link.replace(reverse("duty_why"), reverse("talk_new")))
    assert "李建国" in body(form)
    assert other.get(link).status_code == 404


def test_the_secretary_sees_the_basis_of_a_sensitive_duty(world, as_):
    happen(world.li, EventKind.TENDENCY, date(2026, 11, 20))
    duty = Duty.objects.get(rule__code="talk-on-tendency")
    shown = body(as_(world.secretary).get("/duties/"))
    assert "苗头性问题提醒谈话" in shown
    assert "11-20 “有苗头性倾向性问题”（11-23 登记），3 天内谈话" in shown
    assert "第6项" in body(as_(world.secretary).get(why_url(duty)))


def test_nobody_sees_the_basis_of_a_sensitive_matter_about_themselves(world, as_):
    happen(world.secretary, EventKind.TENDENCY, date(2026, 11, 20))
    browser = as_(world.secretary)
    for url in ("/duties/?tab=here", f"/members/{world.secretary.pk}/"):
        shown = body(browser.get(url))
        assert "关怀事项" in shown, url
        assert not [word for word in SENSITIVE_WORDS if word in shown], url
    assert "苗头性问题提醒谈话" in body(as_(world.general_secretary).get("/duties/"))


def test_a_member_without_a_post_sees_only_themselves(world, as_):
    browser = as_(world.li)
    home = body(browser.get("/"))
    assert "我的资料" in home
    assert "410***********0021" in home
    assert "/duties/" not in home
    assert browser.get(f"/members/{world.li.pk}/").url == reverse("me")
    assert browser.get(f"/members/{world.secretary.pk}/").status_code == 404
    assert "没有待办的事" in body(browser.get("/duties/"))


def test_pages_of_signed_in_people_are_kept_by_nobody(world, as_, client):
    for url in ("/", "/members/", "/no/such/page/"):
        assert as_(world.secretary).get(url)["Cache-Control"] == "no-store", url
    response = client.get(reverse("sign_in"))
    assert "camera=()" in response["Permissions-Policy"]
    assert "script-src" not in response["Content-Security-Policy"]
    assert "default-src 'self'" in response["Content-Security-Policy"]


def test_a_lost_form_token_is_explained(world, sign_in):
    browser = sign_in(account(world.secretary, "wang"))
    browser.handler.enforce_csrf_checks = True
    response = browser.post(reverse("member_reveal", args=[world.li.pk]), {"field": "phone", "reason": "联系本人"})
    assert response.status_code == 403
    assert "这一页打开太久了" in body(response)


WRITTEN = {
    "text": "谈了近况<b>",
    "wish": "想换岗",
    "reason": "event:7",
    "member": "3",
    "password": "不给看",
    "username": "wang",
}


@pytest.mark.parametrize("signed_in", [True, False])
def test_a_refused_form_gives_back_what_was_written_and_nothing_else(world, sign_in, client, signed_in):
    browser = sign_in(account(world.secretary, "wang")) if signed_in else client
    browser.handler.enforce_csrf_checks = True
    response = browser.post(reverse("talk_new"), WRITTEN)
    page = body(response)
    assert response.status_code == 403
    assert response["Cache-Control"] == "no-store"
    assert re.findall(r"<textarea[^>]*readonly>([^<]*)</textarea>", page) == ["谈了近况&lt;b&gt;", "想换岗"]
    assert "不给看" not in page
    assert ("重新登录填一次" in page) is not signed_in


def test_a_form_sent_after_the_longest_session_gives_back_what_was_written(world, sign_in):
    browser = sign_in(account(world.secretary, "wang"))
    browser.get("/me/")
    browser.handler.enforce_csrf_checks = True
    session = browser.session
    session[STARTED] -= LONGEST
    session.save()
    response = browser.post(reverse("talk_new"), WRITTEN)
    assert response.status_code == 403
    assert "想换岗" in body(response)
    assert browser.get("/me/").url.startswith(reverse("sign_in"))


def test_those_who_may_not_record_or_look_are_told_so(world, as_):
    leader = member("胡杰", world.branch)
    post(leader, world.branch, Role.GROUP_LEADER)
    for who, name, said in (
        (leader, "record_new", "登记事由和记录由"),
        (world.li, "record_new", "登记事由和记录由"),
        (world.li, "members", "党员名册由有查阅职责的同志查看"),
    ):
        response = as_(who).get(reverse(name))
        assert response.status_code == 403
        assert said in body(response)
    assert as_(leader).get(reverse("members")).status_code == 200
    assert as_(world.secretary).get(reverse("record_new")).status_code == 200


@pytest.mark.parametrize(("joined", "full"), [(date(2023, 4, 1), None), (date(2024, 4, 1), date(2025, 4, 1))])
def test_on_probation_no_years_count_whichever_days_are_known(world, as_, joined, full):
    someone = member("许诺", world.branch, joined=joined, full=full, standing=Standing.PROBATIONARY)
    for browser, url in ((as_(world.secretary), f"/members/{someone.pk}/"), (as_(someone), "/me/")):
        shown = plain(body(browser.get(url)))
        assert "党龄 — 预备期不计党龄" in shown, url
        assert "待核" not in shown, url


def test_a_secretary_is_called_by_what_they_lead(world, as_):
    called = {
        world.secretary: "支部书记", world.general_secretary: "总支书记", world.committee_secretary: "党委书记",
        world.deputy: "支部副书记", world.clerk: "组织部干事", world.li: "党员",
    }  # fmt: skip
    for who, title in called.items():
        assert f"{who.name} · {title} " in plain(body(as_(who).get("/me/")))


def test_what_was_done_is_said_aloud_and_a_revealed_value_can_hold_the_focus(world, as_):
    browser = as_(world.secretary)
    assert '<div role="status">' in body(browser.get("/"))
    url = reverse("member_reveal", args=[world.li.pk])
    shown = browser.post(url, {"field": "phone", "reason": "联系本人"}, headers={"HX-Request": "true"})
    assert '<span class="mask" tabindex="-1"' in body(shown)


def test_what_breaks_says_a_number_and_nothing_else(world, as_, monkeypatch):
    browser = as_(world.secretary)
    browser.raise_request_exception = False

    def broken(*args, **kwargs):
        raise RuntimeError("秘密的细节")

    monkeypatch.setattr("duties.views.members.roster.page_of", broken)
    response = browser.get("/members/")
    assert response.status_code == 500
    assert "秘密的细节" not in body(response)
    assert re.search(r"[0-9a-f]{8}", body(response))
