"""Who may see what on the pages: sign-in, scope, masks, sensitive bases, reveals."""

import re
from datetime import date

import pytest
from django.urls import reverse

from base.models import AuditRow
from duties.engine.models import Duty
from members.enums import EventKind, Role
from members.models import Event
from tests.duties.acts import adopt_pack, happen, sweep_on
from tests.duties.reading import body
from tests.world import account, member, post

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
    return f"{reverse('duty_why')}?rule={duty.rule_id}&key={duty.key}"


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
    pages += [f"/members/{world.li.pk}/", why_url(duty)]
    for url in pages:
        shown = body(browser.get(url))
        assert not [word for word in SENSITIVE_WORDS if word in shown], url
    assert "关怀事项" in body(browser.get("/duties/?tab=here"))
    assert "李建国" in body(browser.get("/duties/?tab=here&rule=care"))
    assert "李建国" not in body(browser.get(f"/duties/?tab=here&rule={duty.rule_id}"))
    why = body(browser.get(why_url(duty), headers={"HX-Request": "true"}))
    assert "clauses" not in why
    assert "第6项" not in why


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


def test_what_breaks_says_a_number_and_nothing_else(world, as_, monkeypatch):
    browser = as_(world.secretary)
    browser.raise_request_exception = False

    def broken(*args, **kwargs):
        raise RuntimeError("秘密的细节")

    monkeypatch.setattr("duties.views.members.roster.counts", broken)
    response = browser.get("/members/")
    assert response.status_code == 500
    assert "秘密的细节" not in body(response)
    assert re.search(r"[0-9a-f]{8}", body(response))
