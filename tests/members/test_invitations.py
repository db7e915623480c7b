"""Invitations: shown once, used once, for seven days; what the page says to a wrong one."""

import threading
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import connections
from django.urls import reverse

from members.invitations import (
    ALPHABET,
    DEAD_CODE,
    EXPIRED,
    LEFT,
    REVOKED,
    USED,
    accept_invitation,
    invite,
    issue_invitation,
    new_code,
    revoke_invitation,
)
from members.models import Account, Invitation
from tests.duties.acts import die, move
from tests.world import PASSWORD, account, person

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def issue(person, now=NOW) -> str:
    return issue_invitation(by=None, person=person, now=now)


def accept(code, *, username="li.jianguo", password=PASSWORD, now=NOW) -> Account:
    return accept_invitation(code=code, username=username, password=password, now=now)


def refused(code, **more) -> dict:
    with pytest.raises(ValidationError) as refusal:
        accept(code, **more)
    return refusal.value.message_dict


def test_a_code_opens_the_account_of_its_person(cast):
    opened = accept(issue(cast.li))
    assert (opened.person, opened.username, opened.is_active) == (cast.li, "li.jianguo", True)
    assert Account.objects.get(pk=opened.pk).check_password(PASSWORD)
    assert Invitation.objects.get().used_at == NOW


def test_only_the_digest_is_kept(cast):
    code = issue(cast.li)
    kept = Invitation.objects.values().get()
    plain = code.replace("-", "")
    assert plain not in str(kept)
    assert len(kept["code_digest"]) == 64


def test_a_code_can_be_read_aloud():
    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200
    assert {len(code) for code in codes} == {14}
    assert set("".join(codes)) <= set(ALPHABET) | {"-"}
    assert not set(ALPHABET) & set("01ILOU")


@pytest.mark.parametrize("change", [str.lower, lambda code: code.replace("-", " "), lambda code: f" {code}\u3000"])
def test_how_it_is_typed_does_not_matter(cast, change):
    assert accept(change(issue(cast.li))).person == cast.li


def test_a_code_works_once(cast):
    code = issue(cast.li)
    accept(code)
    assert refused(code, username="another") == {"code": [USED]}
    assert Account.objects.count() == 1


def test_a_code_works_for_seven_days(cast):
    code = issue(cast.li)
    assert refused(code, now=NOW + timedelta(days=7)) == {"code": [EXPIRED]}
    assert accept(code, now=NOW + timedelta(days=7, seconds=-1)).person == cast.li


def test_a_new_code_ends_the_one_before(cast):
    first, second = issue(cast.li), issue(cast.li)
    assert refused(first) == {"code": [REVOKED]}
    assert accept(second).person == cast.li


def test_whoever_has_an_account_is_not_invited(cast):
    account(cast.li)
    assert invite(by=None, people=[cast.li], now=NOW) == []
    with pytest.raises(ValidationError, match="已有账号"):
        issue(cast.li)


def test_a_code_sent_before_the_account_was_opened_otherwise_is_dead(cast):
    code = issue(cast.li)
    account(cast.li)
    assert refused(code) == {"code": [USED]}


def test_a_revoked_code_says_so_and_a_code_of_nobody_says_nothing(cast):
    code = issue(cast.li)
    assert revoke_invitation(by=None, person=cast.li, now=NOW)
    assert not revoke_invitation(by=None, person=cast.li, now=NOW)
    assert refused(code) == {"code": [REVOKED]}
    assert refused(new_code()) == {"code": [DEAD_CODE]}


@pytest.mark.parametrize("gone", ["died", "left"])
def test_who_died_or_left_since_opens_no_account(cast, gone):
    code = issue(cast.li)
    if gone == "died":
        die(cast.li, date(2026, 11, 22))
    else:
        move(cast.li, None, date(2026, 11, 22))
    assert refused(code) == {"code": [LEFT]}
    assert not Account.objects.exists()


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("Kq7-vm", "密码太短，至少要 10 位，请加长。"),
        ("7140396258141", "密码全是数字，容易被猜到，请加上字母或符号。"),
        ("li.jianguo1", "密码和账号名太像，容易被猜到，请换一个。"),
        ("password123", "这个密码用的人太多，容易被猜到，请换一个。"),
    ],
)
def test_a_weak_password_is_refused_in_our_own_words(cast, password, sentence):
    assert refused(issue(cast.li), password=password) == {"password": [sentence]}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"username": "x"}, "username"),
        ({"username": "有 空格"}, "username"),
        ({"username": "长" * 31}, "username"),
        ({"password": "short"}, "password"),
        ({"password": "1234567890123"}, "password"),
        ({"password": "li.jianguo1"}, "password"),
        ({"password": "password123"}, "password"),
    ],
)
def test_a_wrong_name_or_password_costs_no_code(cast, given, field):
    code = issue(cast.li)
    assert set(refused(code, **given)) == {field}
    assert accept(code).person == cast.li


def test_a_name_is_taken_whatever_its_case(cast):
    account(cast.sun, "Li.JianGuo")
    assert set(refused(issue(cast.li))) == {"username"}


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_time_one_opens_the_account(transactional_db):
    """Both read the invitation as unused; the row's lock lets one of them use it."""
    from_here = threading.Barrier(2)
    someone = person("李建国")
    code = issue(someone)
    results = []

    def take(name):
        try:
            from_here.wait(5)
            results.append(accept(code, username=name).username)
        except ValidationError as refusal:
            results.append(refusal.message_dict)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=take, args=(name,)) for name in ("first.one", "second.one")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert {"code": [USED]} in results
    assert Account.objects.filter(person=someone).count() == 1


# The page


def test_the_page_needs_no_account_and_opens_one(cast, client):
    page = client.get(reverse("invitation"))
    assert page.status_code == 200
    given = {"code": issue(cast.li), "username": "li.jianguo", "password": PASSWORD, "again": PASSWORD}
    done = client.post(reverse("invitation"), given, follow=True)
    assert done.redirect_chain[0][1] == 302
    assert "账号已开通" in done.content.decode()
    assert Account.objects.get(person=cast.li).username == "li.jianguo"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"code": "AAAA-BBBB-CCCC"}, DEAD_CODE),
        ({"again": "Another-2026"}, "两次输入的密码不一样"),
        ({"username": ""}, "请起一个账号名"),
        ({"username": "长" * 61}, "写了 61 个字，最多 60 个，请写短一些。"),
        ({"code": "AAAA\x00"}, "里面夹着看不见的空字符"),
        ({"password": "short", "again": "short"}, "密码"),
    ],
)
def test_the_page_says_what_is_wrong_and_keeps_what_was_typed(cast, client, given, says):
    form = {"code": issue(cast.li), "username": "li.jianguo", "password": PASSWORD, "again": PASSWORD, **given}
    page = client.post(reverse("invitation"), form)
    body = page.content.decode()
    assert page.status_code == 422
    assert says in body
    assert form["username"] in body
    assert PASSWORD not in body
    assert not Account.objects.exists()
