"""Drafts: what was typed comes back to whoever typed it, and to nobody else, until it is saved or a day is over."""

from datetime import timedelta

import pytest
import time_machine
from django import forms
from django.db import connection
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from base import drafts
from base.drafts import drafted
from base.models import Draft
from base.once import OnceField, new_key, once, submitted
from tests.world import account

pytestmark = pytest.mark.django_db
URL = "/drafts/"
SECRET = "家里老人摔了，睡不好。"


class Talk(forms.Form):
    once = OnceField()
    member = forms.IntegerField(widget=forms.HiddenInput)
    text = forms.CharField(widget=forms.Textarea)
    means = forms.ChoiceField(choices=[("face", "面谈"), ("phone", "电话")], widget=forms.RadioSelect)
    others = forms.MultipleChoiceField(choices=[("1", "张"), ("2", "李")], widget=forms.CheckboxSelectMultiple)
    on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    scan = forms.FileField(required=False)


@pytest.fixture
def me(cast):
    return account(cast.secretary)


@pytest.fixture
def browser(me, sign_in):
    return sign_in(me)


def typed(**more):
    return {"draft": "talk:m5", "once": "key", "text": SECRET, "means": "phone", "others": ["1", "2"], **more}


def opened(owner, key="talk:m5", data=None) -> Talk:
    form = Talk(data, initial={"once": "fresh", "member": 5, "text": "", "means": "face"})
    return drafted(form, account=owner.pk, key=key, now=timezone.now())


def test_what_was_typed_stands_in_the_form_again(me, browser):
    assert browser.post(URL, typed(on="2026-11-2", member="9", csrfmiddlewaretoken="x")).status_code == 204
    form = opened(me)
    assert form.draft.when == "10:00"
    assert form["text"].value() == SECRET
    assert form["means"].value() == "phone"
    assert form["others"].value() == ["1", "2"]
    assert 'value="2026-11-2"' in str(form["on"])  # half a date too
    assert (form["once"].value(), form["member"].value()) == ("fresh", 5)  # what is hidden is the page's own


def test_what_was_unticked_stays_so(me, browser):
    browser.post(URL, {"draft": "talk:m5", "text": SECRET})
    form = opened(me)
    assert form["others"].value() == []
    assert form["means"].value() == "face"


def test_a_later_draft_takes_the_earlier_ones_place(me, browser):
    browser.post(URL, typed())
    browser.post(URL, typed(text="又补了一句。"))
    assert opened(me)["text"].value() == "又补了一句。"
    assert Draft.objects.count() == 1


def test_a_draft_is_its_accounts_and_its_forms(cast, me, browser):
    browser.post(URL, typed())
    assert opened(account(cast.commissioner))["text"].value() == ""
    assert opened(me, key="talk:m6").draft.when == ""


def test_a_sent_form_keeps_what_was_sent(me, browser):
    browser.post(URL, typed())
    form = opened(me, data={"text": "改过的"})
    assert (form["text"].value(), form.draft.when) == ("改过的", "")


def test_nothing_typed_shows_in_the_database(me, browser):
    browser.post(URL, typed())
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM base_draft")
        (row,) = cursor.fetchone()
    assert row.startswith("dev$")


def test_a_draft_lives_for_a_day(me, browser):
    browser.post(URL, typed())
    with time_machine.travel(timezone.now() + timedelta(hours=16), tick=False):
        assert opened(me).draft.when == "昨天 10:00"
    with time_machine.travel(timezone.now() + timedelta(days=1), tick=False):
        assert opened(me).draft.when == ""
        assert drafts.tidy(now=timezone.now()) == 1
    assert not Draft.objects.exists()


def carried_out(me, form):
    request = RequestFactory().post("/talks/new/")
    request.user = me
    request._messages = type("Messages", (), {"add": lambda *_: None})()
    return submitted(request, form, lambda: "/talks/1/")


def complete(key):
    return {"once": key, "member": "5", "text": SECRET, "means": "face", "others": ["1"], "on": "2026-11-20"}


def test_a_saved_form_has_no_draft_and_a_refused_one_keeps_it(me, browser):
    browser.post(URL, typed())
    refused = opened(me, data={**complete(new_key()), "on": ""})
    assert carried_out(me, refused) is None
    assert Draft.objects.exists()
    assert carried_out(me, opened(me, data=complete("a-key"))) == "/talks/1/"
    assert not Draft.objects.exists()


def test_the_draft_of_another_account_outlives_ones_own_saving(cast, me, browser, sign_in):
    other = account(cast.commissioner)
    sign_in(other).post(URL, typed())
    carried_out(me, opened(me, data=complete("a-key")))
    assert opened(other)["text"].value() == SECRET


def test_what_arrives_after_its_form_was_saved_is_not_kept(me, browser):
    once("a-key", lambda: "/talks/1/")
    assert browser.post(URL, typed(once="a-key")).status_code == 204
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"draft": ""}, {"draft": "../x"}, {"draft": "a" * 81}, {"draft": "talk:m5\n"}, {"text": "长" * 60_001}]
)
def test_what_is_no_draft_of_a_form_is_refused(browser, wrong):
    assert browser.post(URL, typed() | wrong).status_code == 404
    assert not Draft.objects.exists()


def test_the_longest_text_of_a_form_fits(me, browser):
    assert browser.post(URL, typed(text="长" * 22_000)).status_code == 204
    assert len(opened(me)["text"].value()) == 22_000


def test_only_whoever_is_signed_in_keeps_drafts_and_only_by_sending(client, browser):
    assert client.post(URL, typed()).status_code == 302
    assert browser.get(URL).status_code == 405
    assert not Draft.objects.exists()


def test_whoever_does_not_want_it_opens_the_form_empty(me, browser):
    browser.post(URL, typed())
    back = browser.post(reverse("draft_drop"), {"draft": "talk:m5", "next": "/talks/new/?member=5"})
    assert back.headers["Location"] == "/talks/new/?member=5"
    assert opened(me).draft.when == ""


@pytest.mark.parametrize(
    "elsewhere",
    ["//evil.example/", "https://evil.example/", "javascript:alert(1)", "", "/\\evil", "nan", "9999-12-31", "🙂"],
)
def test_nobody_is_led_elsewhere(browser, elsewhere):
    assert browser.post(reverse("draft_drop"), {"draft": "a", "next": elsewhere}).headers["Location"] == "/"


def test_dropping_touches_only_ones_own(cast, me, browser, sign_in):
    browser.post(URL, typed())
    sign_in(account(cast.commissioner)).post(reverse("draft_drop"), {"draft": "talk:m5"})
    assert opened(me).draft.when == "10:00"
