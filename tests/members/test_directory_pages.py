"""Organisations and posts to read: what is shown, to whom, with how many queries."""

from datetime import date

import pytest
from django.urls import reverse

from members.directory import page_after
from members.enums import OrganisationKind, Role, Standing
from members.models import Organisation, Post
from members.organisations import import_organisations, read_organisations
from tests.members.sheets import workbook
from tests.world import account, member, organisation, person, post

DAY = date(2026, 11, 23)


def sign_in(client, someone):
    user = account(someone)
    client.force_login(user, backend="members.backends.AccountBackend")
    return user


def text(client, name, *args, **query) -> str:
    page = client.get(reverse(name, args=args), query)
    assert page.status_code == 200
    return page.content.decode()


PAGES = ("organisations", "posts")


@pytest.mark.parametrize("name", PAGES)
def test_whoever_is_not_signed_in_is_sent_to_the_sign_in(cast, client, name):
    assert client.get(reverse(name)).headers["Location"].startswith(reverse("sign_in"))


@pytest.mark.parametrize("name", PAGES)
def test_a_member_without_a_post_is_told_where_to_look(cast, client, name):
    sign_in(client, cast.li)
    answer = client.get(reverse(name))
    assert answer.status_code == 403
    assert "我的" in answer.content.decode()


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_read_only(cast, client, name):
    sign_in(client, cast.clerk)
    assert client.post(reverse(name)).status_code == 405


def test_a_secretary_sees_the_own_branch_and_nothing_else(cast, client):
    sign_in(client, cast.secretary)
    for page in (text(client, "organisations"), text(client, "posts"), text(client, "organisation", cast.branch.pk)):
        assert "河源第一党支部" in page
        for elsewhere in ("河源第二党支部", "河源局党总支", "机关党支部", "外单位", "陈晓明", "周启明"):
            assert elsewhere not in page


@pytest.mark.parametrize("which", ["sibling", "general", "other_branch", "missing"])
def test_an_organisation_outside_looks_like_none(cast, client, which):
    sign_in(client, cast.secretary)
    pk = getattr(cast, which).pk if which != "missing" else 10**9
    assert client.get(reverse("organisation", args=[pk])).status_code == 404


def test_a_member_without_a_post_finds_no_organisation(cast, client):
    sign_in(client, cast.li)
    assert client.get(reverse("organisation", args=[cast.branch.pk])).status_code == 404


def test_the_tree_counts_the_living_of_the_whole_subtree(cast, client):
    member("钱七", cast.branch, standing=Standing.DEAD)
    sign_in(client, cast.clerk)
    page = client.get(reverse("organisations"))
    lines = [(line.organisation.code, line.depth, line.members, line.secretaries) for line in page.context["lines"]]
    assert lines == [
        ("01", 0, 10, ["高远"]),
        ("0101", 1, 6, ["周启明"]),
        ("010101", 2, 4, ["王海燕"]),
        ("010102", 2, 2, ["陈晓明"]),
        ("0102", 1, 4, ["马玉珍"]),
    ]


def test_the_page_of_an_organisation_says_what_is_known(cast, client):
    organisation("01010101", OrganisationKind.GROUP, cast.branch, name="第一党小组")
    sign_in(client, cast.clerk)
    page = text(client, "organisation", cast.general.pk)
    for said in (
        "河源局党总支",
        "党员 6 人",
        "河源第一党支部",
        "河源第二党支部",
        "周启明",
        "云河水文局党委",
        "未单独设定",
    ):
        assert said in page
    assert "第一党小组" not in page


def test_posts_say_who_holds_what_and_who_held_it(cast, client):
    Post.objects.filter(person=cast.sibling_secretary).update(until=date(2026, 7, 1))
    sign_in(client, cast.clerk)
    now, past = text(client, "posts"), text(client, "posts", past="1")
    assert "王海燕" in now
    assert "陈晓明" not in now
    assert "陈晓明" in past
    assert "2026-06-30" in past
    assert "王海燕" not in past


def test_whoever_invites_sees_how_it_stands_with_accounts(cast, client):
    account(cast.secretary)
    sign_in(client, cast.clerk)
    assert "未开通" in text(client, "posts")
    client.logout()
    sign_in(client, cast.general_secretary)
    assert "未开通" not in text(client, "posts")


def test_a_holder_who_is_a_member_elsewhere_is_named_but_not_linked(cast, client):
    post(cast.outsider, cast.branch, Role.ORGANISER)
    sign_in(client, cast.secretary)
    page = text(client, "posts")
    assert "沈岳" in page
    assert reverse("member", args=[cast.outsider.pk]) not in page
    assert reverse("member", args=[cast.secretary.pk]) in page


def test_a_long_list_is_paged_without_losing_or_doubling_a_row(cast):
    for serial in range(7):
        organisation(f"0103{serial}", parent=cast.committee)
    everything = Organisation.objects.order_by("path", "pk")
    seen, after = [], ""
    while True:
        rows, after = page_after(Organisation.objects.all(), "path", after, size=4)
        seen += rows
        if not after:
            break
    assert seen == list(everything)
    assert page_after(Organisation.objects.all(), "path", "x.y")[0][0] == seen[0]


def test_posts_are_paged_by_place_in_the_tree(cast):
    posts = Post.objects.select_related("organisation")
    first, after = page_after(posts, "organisation__path", "", size=3)
    rest, end = page_after(posts, "organisation__path", after, size=100)
    assert [*first, *rest] == list(Post.objects.order_by("organisation__path", "pk"))
    assert end == ""


@pytest.mark.parametrize("name", [*PAGES, "organisation"])
def test_the_number_of_queries_does_not_grow_with_the_rows(cast, client, name, django_assert_max_num_queries):
    sign_in(client, cast.clerk)
    args = [cast.committee.pk] if name == "organisation" else []
    client.get(reverse(name, args=args))
    for number in (1, 50):
        rows = [(f"09{n}", f"支部{n}", "党支部", "01") for n in range(number)]
        sheet = read_organisations(workbook(rows, headings=("党组织编码", "党组织名称", "组织类别", "上级党组织编码")))
        import_organisations(by=None, sheet=sheet, today=DAY)
        post(person(f"人{number}"), Organisation.objects.get(code="090"))
        with django_assert_max_num_queries(18):
            assert client.get(reverse(name, args=args)).status_code == 200
