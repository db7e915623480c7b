"""Posts kept on the page: begun, ended, corrected, taken back; access that follows on the next request."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from base.dates import FAR
from base.facts import Fact
from base.models import AuditRow
from members import appointments
from members.appointments import begin_post, end_post, withdraw_post
from members.enums import SYSTEM_ROLES, EventKind, Role, Standing
from members.models import Event, Organisation, Person, Post
from tests.members.office import administrator, once_key, said
from tests.world import account, join, member, person, post

TODAY = date(2026, 11, 23)
NEW = reverse("post_new")


@pytest.fixture
def facts(monkeypatch):
    """What the engine is told."""
    told = []
    monkeypatch.setattr(appointments, "facts_changed", lambda kind, **more: told.append((kind, more)))
    return told


@pytest.fixture
def clerk(cast, sign_in):
    return sign_in(account(cast.clerk))


def begin(browser, someone, org, role="group_leader", once="begin", **more):
    sent = {
        "act": "begin", "name": someone.name, "person": someone.pk, "organisation": org.pk, "role": role,
        "since": "2026-11-23", "once": once, **more,
    }  # fmt: skip
    return browser.post(NEW, sent)


def act(browser, found, name, once="once", **more):
    return browser.post(reverse("post", args=[found.pk]), {"act": name, "once": once, **more})


def posts_of(someone) -> list[tuple]:
    found = Post.objects.filter(person=someone).order_by("since", "pk")
    return list(found.values_list("organisation__code", "role", "since", "until"))


# Beginning


def test_a_post_begins_and_gives_its_access_on_the_next_request(cast, clerk, sign_in, facts):
    browser = sign_in(account(cast.li))
    page = reverse("organisation", args=[cast.sibling.pk])
    assert browser.get(page).status_code == 404
    assert begin(clerk, cast.li, cast.sibling, "secretary").url == reverse("posts")
    assert posts_of(cast.li) == [("010102", "secretary", TODAY, FAR)]
    assert browser.get(page).status_code == 200
    assert facts == [(Fact.POST, {"since": TODAY, "people": [cast.li.pk], "organisations": [cast.sibling.pk]})]
    row = AuditRow.objects.filter(subject__startswith="post:").get()
    assert row.detail["role"] == "书记"
    assert "李建国" not in str(row.detail)


def test_the_person_is_found_by_the_whole_name_and_only_in_scope(cast, clerk):
    member("李建国", cast.other_branch)
    page = clerk.get(NEW, {"name": "李建国", "organisation": cast.branch.pk})
    assert "李建国（河源第一党支部）" in said(page)
    assert "外单位" not in said(page)
    assert f'value="{cast.branch.pk}" selected' in said(page)
    post(member("调走的", cast.other_branch), cast.branch, until=TODAY)
    for name in ("沈岳", "调走的", "李建", "不存在", "李%"):
        page = said(clerk.get(NEW, {"name": name}))
        assert "没有叫" in page
        assert 'value="begin"' not in page


def test_twins_are_told_apart_by_the_month_of_birth(cast, clerk):
    member("李建国", cast.branch, born=date(1991, 2, 3))
    page = said(clerk.get(NEW, {"name": "李建国"}))
    assert "1991-02 生" in page
    assert "1980-05 生" in page


def test_somebody_elsewhere_cannot_be_smuggled_in(cast, clerk):
    answer = begin(clerk, cast.outsider, cast.branch)
    assert (answer.status_code, "不在查到的名单里" in said(answer)) == (422, True)
    assert "不在你的范围内" in said(begin(clerk, cast.li, cast.other_branch))
    assert [row for row in posts_of(cast.outsider) if row[0] != "0201"] == []


@pytest.mark.parametrize("role", SYSTEM_ROLES)
def test_the_department_cannot_grant_a_system_post(cast, clerk, role):
    answer = begin(clerk, cast.li, cast.branch, role)
    assert (answer.status_code, "这个职务不由你办理" in said(answer)) == (422, True)
    with pytest.raises(PermissionDenied, match="安全保密管理员"):
        begin_post(
            by=clerk_account(cast), person=cast.li, organisation=cast.branch, role=role, since=TODAY, today=TODAY
        )
    assert posts_of(cast.li) == []


def clerk_account(cast):
    return cast.clerk.account


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"since": "2026-11-24"}, "晚于今天"),
        ({"since": ""}, "请填任职日期"),
        ({"since": "x"}, "任职日期写法不对"),
        ({"last": "2026-11-22"}, "早于任职日期"),
        ({"last": "9999-12-31"}, "年份不对"),
        ({"since": "1990-01-01"}, "才入党"),
        ({"role": ""}, "请选职务"),
        ({"organisation": ""}, "请选党组织"),
        ({"person": ""}, "请选是哪一位"),
    ],
)
def test_a_wrong_entry_is_refused_with_a_sentence_and_nothing_typed_is_lost(cast, clerk, facts, more, says):
    answer = begin(clerk, cast.li, cast.branch, **more)
    assert (answer.status_code, says in said(answer)) == (422, True)
    assert "李建国（河源第一党支部）" in said(answer)
    assert (posts_of(cast.li), facts) == ([], [])


def test_the_same_post_is_not_held_twice_at_once(cast, clerk):
    begin(clerk, cast.li, cast.branch, since="2026-01-01", last="2026-06-30", once="one")
    overlapping = begin(clerk, cast.li, cast.branch, since="2026-06-30", once="two")
    assert "日期重叠" in said(overlapping)
    assert begin(clerk, cast.li, cast.branch, since="2026-07-01", once="three").status_code == 302
    assert len(posts_of(cast.li)) == 2


def test_a_double_click_begins_one(cast, clerk):
    assert begin(clerk, cast.li, cast.branch).url == begin(clerk, cast.li, cast.branch).url
    assert len(posts_of(cast.li)) == 1


def test_the_dead_the_leaving_and_the_stopped_are_refused_by_name(cast, clerk):
    stay = cast.li.memberships.get()
    Event.objects.create(person=cast.li, kind=EventKind.TRANSFER_OUT, occurred_on=TODAY, entered_on=TODAY)
    assert "已于 2026-11-23 登记转出" in said(begin(clerk, cast.li, cast.branch, once="a"))
    stay.standing = Standing.SUSPENDED
    stay.save()
    assert "停止党籍" in said(begin(clerk, cast.li, cast.branch, once="b"))
    stay.standing = Standing.DEAD
    stay.save()
    assert "没有叫" in said(clerk.get(NEW, {"name": "李建国"}))
    with pytest.raises(ValidationError, match="去世，不能任职"):
        begin_post(by=None, person=cast.li, organisation=cast.branch, role=Role.ORGANISER, since=TODAY, today=TODAY)


def test_a_party_post_wants_a_member_and_a_system_post_does_not(cast, clerk, sign_in):
    someone = person("郑会计")
    join(someone, cast.branch, since=date(2010, 1, 1), until=date(2020, 1, 1))
    post(someone, cast.branch, until=date(2021, 1, 1))
    assert "现在没有组织关系" in said(begin(clerk, someone, cast.branch))
    security = sign_in(administrator(cast, Role.SECURITY_ADMINISTRATOR))
    assert begin(security, someone, cast.committee, "accountant").url == reverse("grants")


def test_no_post_is_begun_in_an_organisation_that_ended(cast, clerk):
    Organisation.objects.filter(pk=cast.branch.pk).update(until=TODAY)
    assert "请从列表里选" in said(begin(clerk, cast.li, cast.branch))
    cast.branch.refresh_from_db()
    with pytest.raises(ValidationError, match="撤销"):
        begin_post(by=None, person=cast.li, organisation=cast.branch, role=Role.ORGANISER, since=TODAY, today=TODAY)


# Ending, correcting, taking back


def test_an_ended_post_shuts_the_door_on_the_next_request(cast, clerk, sign_in, facts):
    browser = sign_in(account(cast.sibling_secretary))
    held = Post.objects.get(person=cast.sibling_secretary)
    page = reverse("organisation", args=[cast.sibling.pk])
    assert browser.get(page).status_code == 200
    form = clerk.get(reverse("post", args=[held.pk]))
    assert 'value="2026-11-22"' in said(form)
    answer = act(clerk, held, "end", last="2026-11-22", once=once_key(form, "end"))
    assert answer.url == reverse("posts")
    assert browser.get(page).status_code == 404
    assert browser.get(reverse("organisations")).status_code == 403
    assert facts[0][1]["since"] == TODAY


def test_a_post_that_ends_today_is_held_to_the_night(cast, clerk, sign_in):
    browser = sign_in(account(cast.sibling_secretary))
    act(clerk, Post.objects.get(person=cast.sibling_secretary), "end", last="2026-11-23")
    assert browser.get(reverse("organisations")).status_code == 200
    assert posts_of(cast.sibling_secretary)[0][3] == TODAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("last", "says"),
    [("2019-12-31", "请用“撤销”"), ("", "请填最后一天任职"), ("x", "写法不对"), ("0001-01-01", "年份不对")],
)
def test_an_end_that_cannot_be_is_refused(cast, clerk, last, says):
    held = Post.objects.get(person=cast.sibling_secretary)
    answer = act(clerk, held, "end", last=last)
    assert (answer.status_code, says in said(answer)) == (422, True)
    assert posts_of(cast.sibling_secretary)[0][3] == FAR


def test_what_has_ended_is_corrected_and_not_ended_again(cast, clerk):
    held = Post.objects.get(person=cast.sibling_secretary)
    act(clerk, held, "end", last="2026-10-31", once="a")
    page = said(clerk.get(reverse("post", args=[held.pk])))
    assert 'value="end"' not in page
    with pytest.raises(ValidationError, match="已于 2026-10-31 免去"):
        end_post(by=None, post=held, last=date(2026, 11, 1), today=TODAY)


def test_wrong_days_are_corrected_and_the_rules_hear_from_the_first_that_differs(cast, clerk, facts):
    held = Post.objects.get(person=cast.sibling_secretary)
    act(clerk, held, "correct", since="2021-03-01", last="")
    assert posts_of(cast.sibling_secretary) == [("010102", "secretary", date(2021, 3, 1), FAR)]
    assert facts[0][1]["since"] == date(2020, 1, 1)
    answer = act(clerk, held, "correct", since="2021-03-01", last="", once="again")
    assert "日期和原来一样" in said(answer)
    revived = act(clerk, held, "correct", since="2021-03-01", last="2026-06-30", once="third")
    assert (revived.status_code, facts[-1][1]["since"]) == (302, date(2026, 7, 1))


def test_a_correction_does_not_run_into_another_term(cast, clerk):
    first = post(cast.li, cast.branch, Role.ORGANISER, since=date(2026, 1, 1), until=date(2026, 7, 1))
    post(cast.li, cast.branch, Role.ORGANISER, since=date(2026, 7, 1))
    assert "日期重叠" in said(act(clerk, first, "correct", since="2026-01-01", last="2026-07-01"))


def test_a_post_that_never_was_is_taken_back_with_a_reason_and_the_audit_keeps_it(cast, clerk, facts):
    held = post(cast.li, cast.branch, Role.ORGANISER, since=TODAY)
    assert "请写为什么撤销" in said(act(clerk, held, "withdraw", reason=" "))
    answer = act(clerk, held, "withdraw", reason="登错了人", once="two")
    assert (answer.status_code, posts_of(cast.li)) == (302, [])
    row = AuditRow.objects.get(act=AuditRow.Act.WITHDRAW)
    assert (row.subject, row.reason, row.detail["person"]) == (f"post:{held.pk}", "登错了人", cast.li.pk)
    assert facts[0][1]["since"] == TODAY
    with pytest.raises(ValidationError, match="刚被别人撤销"):
        withdraw_post(by=None, post=held, reason="再撤一次")


# Who


def test_nobody_keeps_their_own_posts(cast, clerk):
    answer = begin(clerk, cast.clerk, cast.direct)
    assert (answer.status_code, "自己的任职由别人办理" in said(answer)) == (403, True)
    held = post(cast.clerk, cast.direct, Role.COMMISSIONER)
    page = said(clerk.get(reverse("post", args=[held.pk])))
    assert "这是你自己的任职" in page
    assert "<form" not in page.split("<main")[1].split("</main>")[0]
    for name, more in (
        ("end", {"last": "2026-11-22"}),
        ("correct", {"since": "2021-01-01"}),
        ("withdraw", {"reason": "x"}),
    ):
        assert act(clerk, held, name, once=name, **more).status_code == 403
    assert posts_of(cast.clerk)[-1][3] == FAR


@pytest.mark.parametrize("who", ["secretary", "general_secretary", "li", "outsider"])
def test_whoever_keeps_no_posts_is_refused(cast, sign_in, who):
    browser = sign_in(account(getattr(cast, who)))
    assert browser.get(NEW).status_code == 403
    assert begin(browser, cast.zhao, cast.branch).status_code == 403
    held = Post.objects.get(person=cast.sibling_secretary)
    assert browser.get(reverse("post", args=[held.pk])).status_code == 404
    assert act(browser, held, "end", last="2026-11-22").status_code == 404
    assert posts_of(cast.sibling_secretary)[0][3] == FAR


def test_another_committees_posts_and_system_posts_look_like_none(cast, clerk):
    inspector = post(cast.zhao, cast.committee, Role.INSPECTOR)
    outside = Post.objects.get(person=cast.outsider)
    for held in (inspector, outside):
        assert clerk.get(reverse("post", args=[held.pk])).status_code == 404
        assert act(clerk, held, "end", last="2026-11-22").status_code == 404
    page = said(clerk.get(reverse("posts")))
    assert "检查组" in page
    assert reverse("post", args=[inspector.pk]) not in page
    assert Person.objects.filter(posts__until__lt=FAR).count() == 0


def test_the_form_asks_the_database_as_often_whoever_is_there(cast, clerk, django_assert_max_num_queries):
    for _ in range(15):
        member("李建国", cast.branch)
    held = Post.objects.get(person=cast.sibling_secretary)
    for url in (f"{NEW}?name=李建国", reverse("post", args=[held.pk])):
        clerk.get(url)
        with django_assert_max_num_queries(17):
            assert clerk.get(url).status_code == 200
