"""Accounts kept by the system administrator: closed, opened, reset, unlocked, invited; sessions that end at once."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from base.models import AuditRow
from members.accounts import disable_account, enable_account, reset_account, unlock_account
from members.enums import Role
from members.invitations import DEAD_RESET, code_for, digest
from members.models import Account, Invitation
from tests.members.office import administrator, once_key, said
from tests.world import PASSWORD, account, join, member, person, post

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
LIST, INVITATIONS, RESET = reverse("accounts"), reverse("account_invitations"), reverse("password_reset")
NEW_PASSWORD = "Yun-jiang-77-ke"


@pytest.fixture
def keeper(cast):
    """The system administrator of the committee."""
    return administrator(cast, Role.SYSTEM_ADMINISTRATOR, "余管账")


@pytest.fixture
def browser(keeper, sign_in):
    return sign_in(keeper)


@pytest.fixture
def wang(cast):
    return account(cast.secretary, "wang")


def enter(client, username="wang", password=PASSWORD, **more):
    return client.post(reverse("sign_in"), {"username": username, "password": password}, **more)


def act(browser, found, name, once="once"):
    return browser.post(reverse("account", args=[found.pk]), {"act": name, "once": once})


def code_on(answer) -> str:
    return re.search(r'class="figure[^"]*">([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})<', said(answer))[1]


def set_password(client, code, password=NEW_PASSWORD, again=None):
    return client.post(RESET, {"code": code, "password": password, "again": again or password})


# The list


def test_the_list_names_holders_posts_and_states_and_nothing_of_members(cast, browser, wang, client):
    cast.secretary.phone = "13912345678"
    cast.secretary.save()
    enter(client)
    page = said(browser.get(LIST))
    for word in ("王海燕", "wang", "河源第一党支部书记", "2026-11-23 10:00", "已启用"):
        assert word in page
    for word in ("139", "1980", "李建国", reverse("member", args=[cast.secretary.pk])):
        assert word not in page
    assert "王海燕" in said(browser.get(LIST, {"q": "海燕"}))
    assert "没有找到" in said(browser.get(LIST, {"q": "%"}))
    assert browser.get(LIST, {"q": "\0"}).status_code == 200


def test_accounts_outside_or_of_somebody_above_look_like_none(cast, wang, sign_in):
    below = administrator(cast, Role.SYSTEM_ADMINISTRATOR, "总支管账", at=cast.general)
    browser = sign_in(below)
    above = account(cast.committee_secretary)
    join(person("兼任者"), cast.branch, since=NOW.date())
    both = member("两头任职", cast.branch)
    post(both, cast.branch, Role.ORGANISER)
    post(both, cast.committee, Role.DEPUTY_SECRETARY)
    moved = member("调走的", cast.other_branch)
    post(moved, cast.branch, Role.ORGANISER, until=NOW.date())
    hidden = [above, account(both), account(moved), account(cast.outsider)]
    page = said(browser.get(LIST))
    assert "王海燕" in page
    for each in hidden:
        assert each.person.name not in page
        assert browser.get(reverse("account", args=[each.pk])).status_code == 404
        assert act(browser, each, "disable").status_code == 404
        assert act(browser, each, "reset").status_code == 404
    assert browser.get(reverse("account", args=[10**8])).status_code == 404
    assert Account.objects.filter(is_active=False).count() == 0


def test_who_left_and_holds_nothing_any_more_is_still_kept_where_the_last_post_was(cast, browser):
    inspector = person("郑督查")
    post(inspector, cast.committee, Role.INSPECTOR, until=NOW.date())
    found = account(inspector)
    assert browser.get(reverse("account", args=[found.pk])).status_code == 200


@pytest.mark.parametrize("who", ["secretary", "clerk", "li"])
@pytest.mark.parametrize("page", [LIST, INVITATIONS])
def test_nobody_else_keeps_accounts(cast, sign_in, wang, who, page):
    someone = getattr(cast, who)
    browser = sign_in(getattr(someone, "account", None) or account(someone))
    assert browser.get(page).status_code == 403
    assert act(browser, wang, "disable").status_code == 403
    assert browser.post(reverse("account_invite", args=[cast.zhao.pk])).status_code == 403
    assert Account.objects.get(pk=wang.pk).is_active


def test_the_list_asks_the_database_as_often_for_one_as_for_many(cast, browser, wang, django_assert_max_num_queries):
    for number in range(30):
        someone = member(f"人{number}", cast.branch)
        post(someone, cast.branch, Role.COMMISSIONER)
        if number % 2:
            account(someone)
    for url in (LIST, INVITATIONS, reverse("account", args=[wang.pk])):
        browser.get(url)
        with django_assert_max_num_queries(11):
            assert browser.get(url).status_code == 200


def test_a_long_list_goes_on(cast, browser, monkeypatch):
    for number in range(105):
        account(member(f"人{number:03}", cast.branch), f"u{number:03}")
    first = browser.get(LIST)
    after = re.search(r"after=([\d.]+)", said(first))[1]
    rest = said(browser.get(LIST, {"after": after}))
    assert "u104" in rest
    assert "u010" not in rest


# Closing and opening


def test_a_closed_account_is_out_on_the_next_request_and_stays_out_when_opened_again(cast, browser, wang, client):
    enter(client)
    assert client.get("/me/").status_code == 200
    form = browser.get(reverse("account", args=[wang.pk]))
    answer = browser.post(
        reverse("account", args=[wang.pk]), {"act": "disable", "once": once_key(form, "disable")}, follow=True
    )
    assert "已停用" in said(answer)
    assert client.get("/me/").url.startswith(reverse("sign_in"))
    assert enter(client).status_code == 422
    act(browser, wang, "enable", "two")
    assert client.get("/me/").url.startswith(reverse("sign_in"))
    assert enter(client).status_code == 302
    assert client.get("/me/").status_code == 200
    kinds = AuditRow.objects.filter(act=AuditRow.Act.EDIT, subject=f"account:{wang.pk}").order_by("pk")
    assert [row.detail["what"] for row in kinds] == ["停用", "启用"]


def test_an_old_session_does_not_come_back_to_life_with_the_account(cast, keeper, wang, client):
    enter(client)
    key = client.session.session_key
    disable_account(by=keeper, account=wang)
    enable_account(by=keeper, account=wang)
    assert client.get("/me/").status_code == 302
    assert not Session.objects.filter(session_key=key).exists()


def test_closing_twice_changes_nothing_twice(cast, browser, wang):
    for once in ("a", "a", "b"):
        assert act(browser, wang, "disable", once).status_code == 302
    assert AuditRow.objects.filter(act=AuditRow.Act.EDIT).count() == 1
    assert Account.objects.get(pk=wang.pk).sessions == 1
    assert "这一步刚才已经办好" in said(browser.get(reverse("account", args=[wang.pk])))


def test_nobody_keeps_his_own_account(cast, browser, keeper):
    page = said(browser.get(reverse("account", args=[keeper.pk])))
    assert "由另一位系统管理员办理" in page
    assert 'name="act"' not in page
    for name in ("disable", "enable", "reset", "unlock"):
        assert act(browser, keeper, name, name).status_code == 403
    for service in (disable_account, enable_account, unlock_account):
        with pytest.raises(PermissionDenied):
            service(by=keeper, account=keeper)
    with pytest.raises(PermissionDenied):
        reset_account(by=keeper, account=keeper, code="x", now=NOW)
    assert Account.objects.get(pk=keeper.pk).has_usable_password()


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDITOR])
def test_another_system_administrator_closes_the_account_of_one_of_the_three(cast, browser, sign_in, role):
    other = administrator(cast, role, "另一位")
    for by in (Role.SECURITY_ADMINISTRATOR, Role.AUDITOR):
        assert act(sign_in(administrator(cast, by, by.label)), other, "disable").status_code == 403
    assert act(browser, other, "disable").status_code == 302
    assert not Account.objects.get(pk=other.pk).is_active


# Reset


def test_a_reset_kills_password_and_sessions_at_once_and_its_code_sets_a_new_one(cast, browser, wang, client):
    enter(client)
    code = code_on(act(browser, wang, "reset"))
    assert client.get("/me/").status_code == 302
    assert enter(client).status_code == 422
    assert "还没有密码" in said(browser.get(LIST))
    assert set_password(client, code.lower().replace("-", " ")).url == f"{RESET}?done=1"
    assert enter(client, password=NEW_PASSWORD).status_code == 302
    assert enter(client).status_code in {302, 422}
    assert Account.objects.get(pk=wang.pk).username == "wang"


def test_the_old_password_is_dead_for_good(cast, browser, wang, client):
    code = code_on(act(browser, wang, "reset"))
    set_password(client, code)
    assert enter(client).status_code == 422


def test_a_second_click_shows_the_same_code_and_a_used_one_is_not_shown_again(cast, browser, wang, client):
    first, second = code_on(act(browser, wang, "reset")), code_on(act(browser, wang, "reset"))
    assert first == second
    assert Invitation.objects.count() == 1
    assert first.replace("-", "") not in str(Invitation.objects.values().get())
    set_password(client, first)
    again = browser.post(reverse("account", args=[wang.pk]), {"act": "reset", "once": "once"}, follow=True)
    assert "已经用过或作废" in said(again)
    assert Account.objects.get(pk=wang.pk).has_usable_password()


def test_a_code_without_a_key_is_no_known_code(cast, browser, wang):
    codes = {code_on(act(browser, wang, "reset", once="")) for _ in range(3)}
    assert len(codes) == 3
    assert code_for("", f"reset:{wang.person_id}") not in codes


def test_a_code_works_once_for_a_day_and_the_next_reset_ends_it(cast, browser, wang, client):
    first = code_on(act(browser, wang, "reset", "one"))
    second = code_on(act(browser, wang, "reset", "two"))
    assert DEAD_RESET in said(set_password(client, first))
    with time_machine.travel(NOW + timedelta(days=1)):
        assert DEAD_RESET in said(set_password(client, second))
    assert set_password(client, second).status_code == 302
    assert DEAD_RESET in said(set_password(client, second, "Another-word-9x"))


def test_a_code_of_a_reset_opens_no_account_and_an_invitation_resets_none(cast, browser, wang, client):
    code = code_on(act(browser, wang, "reset"))
    opening = {"code": code, "username": "another", "password": NEW_PASSWORD, "again": NEW_PASSWORD}
    assert client.post(reverse("invitation"), opening).status_code == 422
    Invitation.objects.create(person=cast.li, code_digest=digest("AAAA-BBBB-CCCC"), expires_at=NOW + timedelta(days=1))
    assert DEAD_RESET in said(set_password(client, "AAAA-BBBB-CCCC"))


def test_no_code_resets_a_closed_account_or_one_whose_password_stands(cast, keeper, browser, wang, client):
    code = code_on(act(browser, wang, "reset"))
    disable_account(by=keeper, account=wang)
    assert DEAD_RESET in said(set_password(client, code))
    enable_account(by=keeper, account=wang)
    wang.refresh_from_db()
    wang.set_password(PASSWORD)
    wang.save()
    assert DEAD_RESET in said(set_password(client, code))


def test_the_page_of_a_new_password_says_what_is_wrong_and_gives_no_password_back(cast, browser, wang, client):
    code = code_on(act(browser, wang, "reset"))
    answer = set_password(client, code, "short")
    assert (answer.status_code, "密码太短" in said(answer)) == (422, True)
    assert "两次输入的密码不一样" in said(set_password(client, code, again="Different-1"))
    assert "请输重置码" in said(set_password(client, ""))
    assert "Different-1" not in said(set_password(client, code, again="Different-1"))
    assert client.get(RESET)["Cache-Control"].startswith("max-age=0")


def test_a_reset_frees_from_the_lock_too(cast, browser, wang, client):
    for _ in range(5):
        enter(client, password="wrong")
    code = code_on(act(browser, wang, "reset"))
    set_password(client, code)
    assert enter(client, password=NEW_PASSWORD).status_code == 302


# Locks


def test_unlocking_forgets_the_wrong_passwords_of_this_account_alone(cast, browser, wang, client):
    account(cast.li, "li")
    for name in ("wang", "li"):
        for _ in range(5):
            enter(client, name, "wrong")
    page = said(browser.get(LIST))
    assert page.count("已锁") == 2
    assert "1 个地址因密码错得太多被锁" in said(browser.get(reverse("account", args=[wang.pk])))
    assert enter(client).status_code == 429
    assert act(browser, wang, "unlock").status_code == 302
    assert enter(client, "li").status_code == 429
    assert enter(client).status_code == 302
    assert AuditRow.objects.get(act=AuditRow.Act.EDIT).detail == {"what": "解锁", "addresses": 1}


def test_four_wrong_passwords_and_those_of_an_hour_ago_are_no_lock(cast, browser, wang, client):
    for _ in range(4):
        enter(client, password="wrong")
    assert "已锁" not in said(browser.get(LIST))
    enter(client, password="wrong")
    assert "已锁" in said(browser.get(LIST))
    with time_machine.travel(NOW + timedelta(minutes=16)):
        assert "已锁" not in said(browser.get(LIST))


# Inviting


def invite(browser, someone, once="once", **more):
    return browser.post(reverse("account_invite", args=[someone.pk]), {"once": once}, **more)


def test_holders_without_an_account_are_listed_and_invited_with_a_code_shown_once(cast, browser, wang, client):
    page = said(browser.get(INVITATIONS))
    assert "陈晓明" in page
    for word in ("王海燕", "李建国", "沈岳"):
        assert word not in page
    code = code_on(invite(browser, cast.sibling_secretary))
    assert code == code_on(invite(browser, cast.sibling_secretary))
    assert "码到 11-30 10:00 有效" in said(browser.get(INVITATIONS))
    again = code_on(invite(browser, cast.sibling_secretary, once="two"))
    form = {"username": "chen", "password": NEW_PASSWORD, "again": NEW_PASSWORD}
    assert client.post(reverse("invitation"), {"code": code, **form}).status_code == 422
    assert client.post(reverse("invitation"), {"code": again, **form}).status_code == 302
    assert AuditRow.objects.filter(act=AuditRow.Act.INVITE).count() == 2


def test_a_member_without_a_post_is_invited_by_the_whole_name(cast, browser):
    assert "李建国（河源第一党支部）" in said(browser.get(INVITATIONS, {"name": "李建国"}))
    for name in ("李建", "沈岳"):
        assert "没有找到" in said(browser.get(INVITATIONS, {"name": name}))
    assert invite(browser, cast.li).status_code == 200


def test_one_page_invites_one_after_the_other(cast, browser):
    codes = {code_on(invite(browser, someone)) for someone in (cast.sibling_secretary, cast.direct_secretary)}
    assert len(codes) == 2
    assert Invitation.objects.count() == 2


def test_nobody_outside_above_or_with_an_account_is_invited(cast, wang, sign_in):
    browser = sign_in(administrator(cast, Role.SYSTEM_ADMINISTRATOR, at=cast.general))
    post(cast.sun, cast.committee, Role.DEPUTY_SECRETARY)
    for someone in (cast.outsider, cast.committee_secretary, cast.sun, cast.secretary):
        assert invite(browser, someone).status_code == 404
    assert browser.get(reverse("account_invite", args=[cast.li.pk])).status_code == 405
    assert Invitation.objects.count() == 0
