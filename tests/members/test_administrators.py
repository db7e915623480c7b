"""三员: who grants, who opens accounts, who reads the audit; one person one post; nobody of them sees business."""

import itertools
import threading
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connections, transaction
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from base.dates import FAR
from members.appointments import begin_post, correct_post
from members.enums import ADMINISTRATORS, CAPABILITIES, SYSTEM_ROLES, Capability, Role
from members.models import Account, Person, Post
from members.posts import import_posts, read_posts
from tests.duties.acts import adopt_pack, sweep_on
from tests.members.office import administrator, said
from tests.members.sheets import id_number, workbook
from tests.members.test_posts_import import HEADINGS, NOW
from tests.world import PASSWORD, account, organisation, person, post

TODAY = date(2026, 11, 23)
NEW = reverse("post_new")
EVERY_PAIR = list(itertools.product(ADMINISTRATORS, Role))


@pytest.fixture
def security(cast):
    return administrator(cast, Role.SECURITY_ADMINISTRATOR, "卫国安")


def grant(browser, someone, role, once="grant", at=None, **more):
    sent = {
        "act": "begin", "name": someone.name, "person": someone.pk, "role": role, "since": "2026-11-23", "once": once,
        "organisation": at.pk if at else "", **more,
    }  # fmt: skip
    return browser.post(NEW, sent)


# One person, one post: every way in


@pytest.mark.parametrize(("held", "more"), EVERY_PAIR)
def test_beside_an_administrators_post_none_begins_whatever_it_is(cast, held, more):
    post(cast.li, cast.committee, held)
    with pytest.raises(ValidationError, match="三员各由专人担任"):
        begin_post(by=None, person=cast.li, organisation=cast.branch, role=more, since=TODAY, today=TODAY)


@pytest.mark.parametrize(("new", "held"), EVERY_PAIR)
def test_beside_any_post_no_administrators_post_begins(cast, new, held):
    post(cast.li, cast.branch, held)
    with pytest.raises(ValidationError, match="三员各由专人担任"):
        begin_post(by=None, person=cast.li, organisation=cast.committee, role=new, since=TODAY, today=TODAY)


def test_one_after_the_other_is_no_clash(cast):
    post(cast.li, cast.branch, Role.SECRETARY, until=TODAY)
    begun = begin_post(
        by=None, person=cast.li, organisation=cast.committee, role=Role.AUDITOR, since=TODAY, today=TODAY
    )
    with pytest.raises(ValidationError, match="三员各由专人担任"):
        correct_post(by=None, post=begun, since=TODAY - timedelta(days=1), last=None, today=TODAY)


def bring(*rows, by=None):
    sheet = read_posts(workbook(rows, headings=HEADINGS))
    return import_posts(by=by, sheet=sheet, today=TODAY, now=NOW)


def test_a_sheet_does_not_pass_by_either(cast):
    rows = [("01", None, "李建国", None, role, "2026-01-01", None) for role in ("安全审计员", "书记", "系统管理员")]
    done = bring(*rows, ("010102", None, "孙德福", None, "组织委员", "2026-01-01", None))
    assert [(f.row, f.code) for f in done.report.findings] == [(3, "clashing_post"), (4, "clashing_post")]
    assert list(Post.objects.filter(person=cast.li).values_list("role", flat=True)) == ["auditor"]


@pytest.mark.parametrize("role", SYSTEM_ROLES)
def test_the_department_writes_no_system_post_from_a_sheet_and_leaves_those_there_alone(cast, role):
    by = account(cast.clerk)
    done = bring(("01", None, "李建国", None, role.label, "2026-01-01", None), by=by)
    assert [f.code for f in done.report.findings] == ["system_role"]
    held = post(cast.zhao, cast.committee, role, since=date(2026, 1, 1))
    row = ("01", None, "赵秀兰", None, role.label, "2026-01-01")
    assert bring((*row, None), by=by).report.counts()["unchanged"] == 1
    assert [f.code for f in bring((*row, "2026-10-31"), by=by).report.findings] == ["system_role"]
    held.refresh_from_db()
    assert (held.until, Post.objects.filter(person=cast.li).count()) == (FAR, 0)


def test_a_clerk_writes_no_post_of_their_own_from_a_sheet_and_invites_nobody(cast):
    by = account(cast.clerk)
    done = bring(
        ("0102", None, "林清", None, "书记", "2026-01-01", None),
        ("0102", None, "李建国", None, "委员", "2026-01-01", None), by=by,
    )  # fmt: skip
    assert [f.code for f in done.report.findings] == ["own_post"]
    assert (done.report.created, done.invitations) == (1, [])


@pytest.mark.parametrize(("one", "two"), list(itertools.product(ADMINISTRATORS, repeat=2)))
def test_the_database_itself_holds_one_administrators_post_for_a_person(cast, one, two):
    post(cast.li, cast.committee, one)
    with pytest.raises(IntegrityError), transaction.atomic():
        post(cast.li, cast.other, two)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("roles", [(Role.AUDITOR, Role.SYSTEM_ADMINISTRATOR), (Role.AUDITOR, Role.SECRETARY)])
def test_of_two_grants_at_once_one_is_refused(transactional_db, roles):
    org = organisation("1")
    someone = person("李建国")
    post(someone, org, Role.CASHIER, until=date(2021, 1, 1))
    start, refused = threading.Barrier(2), []

    def go(role):
        try:
            start.wait(5)
            begin_post(by=None, person=someone, organisation=org, role=role, since=TODAY, today=TODAY)
        except ValidationError as error:
            refused.append(str(error))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go, args=(role,)) for role in roles]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(refused) == 1


# Granting


@pytest.mark.parametrize("role", SYSTEM_ROLES)
def test_the_security_administrator_grants_and_takes_away_system_posts(cast, security, sign_in, role):
    browser = sign_in(security)
    assert grant(browser, cast.li, role, at=cast.committee).url == reverse("grants")
    held = Post.objects.get(person=cast.li)
    assert "李建国" in said(browser.get(reverse("grants")))
    if role in ADMINISTRATORS:
        post(cast.zhao, cast.committee, role)
    sent = {"act": "withdraw", "reason": "登错了", "once": "w"}
    assert browser.post(reverse("post", args=[held.pk]), sent).status_code == 302
    assert not Post.objects.filter(person=cast.li).exists()


@pytest.mark.parametrize("role", [role for role in Role if role not in SYSTEM_ROLES])
def test_the_security_administrator_grants_no_party_post(cast, security, sign_in, role):
    browser = sign_in(security)
    assert "这个职务不由你办理" in said(grant(browser, cast.li, role, at=cast.branch))
    held = Post.objects.get(person=cast.secretary)
    assert browser.get(reverse("post", args=[held.pk])).status_code == 404
    assert "王海燕" not in said(browser.get(reverse("grants")))


def test_granted_access_holds_on_the_next_request_and_is_gone_on_the_one_after_its_end(cast, security, sign_in):
    admin, browser = sign_in(security), sign_in(account(cast.li))
    assert browser.get(reverse("accounts")).status_code == 403
    grant(admin, cast.li, "system_administrator", at=cast.committee, since="2026-11-01")
    assert browser.get(reverse("accounts")).status_code == 200
    administrator(cast, Role.SYSTEM_ADMINISTRATOR, "接任者")
    held = Post.objects.get(person=cast.li)
    admin.post(reverse("post", args=[held.pk]), {"act": "end", "last": "2026-11-22", "once": "e"})
    assert browser.get(reverse("accounts")).status_code == 403


def test_somebody_outside_the_roster_is_entered_with_the_grant_and_only_there(cast, security, sign_in):
    browser = sign_in(security)
    page = browser.get(NEW, {"name": "巡察员甲"})
    assert "巡察员甲，不在名册里，新登记" in said(page)
    sent = {"act": "begin", "name": "巡察员甲", "person": "new", "role": "inspector", "organisation": cast.committee.pk}
    sent |= {"since": "2026-11-23", "last": "2026-12-05", "once": "k"}
    for _ in range(2):
        assert browser.post(NEW, sent).status_code == 302
    someone = Person.objects.get(name="巡察员甲")
    assert Post.objects.get(person=someone).until == date(2026, 12, 6)
    clerk = sign_in(account(cast.clerk))
    assert clerk.post(NEW, {**sent, "name": "某某", "role": "secretary", "once": "m"}).status_code == 422
    assert not Person.objects.filter(name="某某").exists()


def test_a_refused_grant_leaves_no_person_behind(cast, security, sign_in):
    sent = {"act": "begin", "name": "某某", "person": "new", "role": "inspector", "organisation": cast.committee.pk}
    answer = sign_in(security).post(NEW, {**sent, "since": "2026-11-24", "once": "k"})
    assert (answer.status_code, Person.objects.filter(name="某某").exists()) == (422, False)


def test_nobody_grants_to_himself_or_outside_his_subtree(cast, security, sign_in):
    browser = sign_in(security)
    own = Post.objects.get(person=security.person)
    assert grant(browser, security.person, "auditor", at=cast.committee).status_code == 403
    for act, more in (("end", {"last": "2026-11-22"}), ("withdraw", {"reason": "x"})):
        assert browser.post(reverse("post", args=[own.pk]), {"act": act, "once": act, **more}).status_code == 403
    assert "不在你的范围内" in said(grant(browser, cast.li, "cashier", at=cast.other))
    outside = post(cast.outsider, cast.other, Role.CASHIER)
    assert browser.get(reverse("post", args=[outside.pk])).status_code == 404
    assert Post.objects.get(pk=own.pk).until == FAR


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMINISTRATOR, Role.AUDITOR])
def test_the_last_of_a_kind_is_not_taken_away(cast, security, sign_in, role):
    browser = sign_in(security)
    only = administrator(cast, role, "唯一者").person.posts.get()
    url = reverse("post", args=[only.pk])
    for act, more in (
        ("end", {"last": "2026-11-22"}), ("withdraw", {"reason": "x"}),
        ("correct", {"since": "2020-01-01", "last": "2026-11-20"}),
    ):  # fmt: skip
        answer = browser.post(url, {"act": act, "once": act, **more})
        assert (answer.status_code, "最后一名" in said(answer)) == (422, True), act
    administrator(cast, role, "接任者")
    assert browser.post(url, {"act": "end", "last": "2026-11-22", "once": "now"}).status_code == 302


# What they see


def addresses(cast) -> list[str]:
    """Every address of the product that can be built, with the numbers of rows that are none of an administrator's."""
    numbers = [cast.branch.pk, cast.li.pk, Post.objects.get(person=cast.secretary).pk]
    urls = []

    def walk(patterns):
        for each in patterns:
            if isinstance(each, URLResolver):
                walk(each.url_patterns)
            elif isinstance(each, URLPattern) and each.name:
                kinds = {name: type(way).__name__ for name, way in each.pattern.converters.items()}
                if set(kinds.values()) <= {"IntConverter"}:
                    urls.extend(reverse(each.name, kwargs=dict.fromkeys(kinds, number)) for number in numbers)

    walk(get_resolver().url_patterns)
    return sorted(set(urls))


@pytest.mark.parametrize("role", ADMINISTRATORS)
def test_no_page_shows_an_administrator_a_member_or_a_duty(cast, sign_in, role):
    adopt_pack(cast.committee)
    sweep_on(TODAY)
    browser = sign_in(administrator(cast, role))
    secrets = ["李建国", "赵秀兰", "孙德福", "2026 年每名党员", "130000"]
    asked = addresses(cast)
    assert len(asked) > 40
    shown = []
    for url in asked:
        for query in ("", "?q=李&tab=here", f"?member={cast.li.pk}", f"?organisation={cast.branch.pk}"):
            answer = browser.get(url + query)
            text = b"".join(answer.streaming_content if answer.streaming else [answer.content]).decode(errors="ignore")
            shown += [(url + query, word) for word in secrets if word in text]
    assert shown == []


@pytest.mark.parametrize("role", ADMINISTRATORS)
def test_an_administrator_has_one_capability_and_no_view(role):
    assert len(CAPABILITIES[role]) == 1
    assert not CAPABILITIES[role] & {Capability.VIEW, Capability.RECORD, Capability.EXPORT, Capability.IMPORT}


@pytest.mark.parametrize(
    ("role", "page"),
    [(Role.SYSTEM_ADMINISTRATOR, "accounts"), (Role.SECURITY_ADMINISTRATOR, "grants"), (Role.AUDITOR, "audit")],
)
def test_each_begins_on_a_page_of_their_own_and_the_desk_does_not_break(cast, client, role, page):
    administrator(cast, role, username="keeper")
    answer = client.post(reverse("sign_in"), {"username": "keeper", "password": PASSWORD})
    assert answer.url == reverse(page)
    assert client.get(reverse("sign_in")).url == reverse(page)
    assert client.get(reverse(page)).status_code == 200
    home = client.get(reverse("desk"), follow=True)
    assert home.status_code == 200
    assert f'href="{reverse(page)}"' in said(home)
    others = {"accounts", "grants", "audit"} - {page}
    assert {client.get(reverse(other)).status_code for other in others} == {403}


def test_whoever_holds_no_such_post_is_told_whose_it_is(cast, sign_in):
    for someone in (cast.secretary, cast.clerk, cast.li):
        browser = sign_in(account(someone))
        for page, keeper in (
            ("accounts", "系统管理员"),
            ("account_invitations", "系统管理员"),
            ("grants", "安全保密管理员"),
        ):
            answer = browser.get(reverse(page))
            assert (answer.status_code, keeper in said(answer)) == (403, True)


def test_the_list_of_grants_asks_the_database_as_often_for_one_as_for_many(
    cast, security, sign_in, django_assert_max_num_queries
):
    browser = sign_in(security)
    for number in range(20):
        post(person(f"人{number}", id_number=id_number(number)), cast.committee, Role.CASHIER)
    browser.get(reverse("grants"))
    with django_assert_max_num_queries(11):
        assert said(browser.get(reverse("grants"))).count("出纳") >= 20
    assert Account.objects.count() == 1
