"""A branch invites its members: who is offered, one code, all on paper, taking it back. Today is 2026-11-23."""

import re
from datetime import date

import pytest
from django.urls import reverse

from base.audit import Act
from base.models import AuditRow
from members.enums import Role
from members.invitations import usable
from members.models import Account, Invitation, Membership, Person
from tests.duties.acts import once_in
from tests.members.test_invitations import NOW, accept
from tests.world import account, post

SLIPS, ALL = reverse("slips"), reverse("slips_all")
CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")
pytestmark = pytest.mark.django_db


@pytest.fixture
def secretary(cast, sign_in):
    return sign_in(account(cast.secretary))


def said(answer) -> str:
    return answer.content.decode()


def invited(client, someone, once="k"):
    return client.post(reverse("slip", args=[someone.pk]), {"once": once}, follow=True)


def test_the_list_offers_members_without_account_or_post(cast, secretary):
    account(cast.zhao)
    lines = {line.member.person: line for line in secretary.get(SLIPS).context["lines"]}
    assert set(lines) == {cast.commissioner, cast.li, cast.zhao}
    assert {who for who, line in lines.items() if line.may_invite} == {cast.li}
    assert lines[cast.commissioner].state == "有岗位，由系统管理员邀请"
    assert lines[cast.zhao].state == "已开通"


def test_one_code_is_shown_once_on_a_second_click_the_same_and_audited(cast, secretary):
    codes = [CODE.findall(said(invited(secretary, cast.li))) for _ in range(2)]
    assert codes[0] == codes[1]
    assert len(codes[0]) == 1
    assert AuditRow.objects.filter(act=Act.INVITE, subject=f"person:{cast.li.pk}").count() == 1
    assert not CODE.search(said(secretary.get(SLIPS)))
    opened = accept(codes[0][0])
    assert opened.person == cast.li
    assert "这个码已经用过或作废了" not in said(secretary.get(SLIPS))
    assert invited(secretary, cast.li).status_code == 404, "who has an account is invited no more"


def test_the_whole_branch_gets_slips_and_the_same_ones_again(cast, secretary):
    form = secretary.get(SLIPS)
    assert "邀请还没有码的 2 人" in said(form)
    sent = {"once": once_in(form), "organisation": cast.branch.pk}
    sheet, again = (said(secretary.post(ALL, sent)) for _ in range(2))
    codes = CODE.findall(sheet)
    assert len(codes) == len(set(codes)) == 2
    assert "李建国同志" in sheet
    assert CODE.findall(again) == codes
    assert AuditRow.objects.filter(act=Act.INVITE).count() == 2
    other = secretary.post(ALL, sent | {"once": "another"}, follow=True)
    assert "没有要邀请的" in said(other)
    assert {accept(code, username=f"user.{place}").person for place, code in enumerate(codes)} == {cast.li, cast.zhao}
    assert CODE.findall(said(secretary.post(ALL, sent, follow=True))) == []


def test_a_code_taken_back_is_not_on_the_sheet_again(cast, secretary):
    sent = {"once": "sheet", "organisation": cast.branch.pk}
    secretary.post(ALL, sent)
    assert "邀请码已作废。" in said(secretary.post(reverse("slip_revoke", args=[cast.li.pk]), follow=True))
    assert "没有还能用的邀请码。" in said(secretary.post(reverse("slip_revoke", args=[cast.li.pk]), follow=True))
    again = said(secretary.post(ALL, sent))
    assert "赵秀兰同志" in again
    assert "李建国同志" not in again
    assert usable(NOW).get().person == cast.zhao
    assert AuditRow.objects.filter(act=Act.WITHDRAW, subject=f"person:{cast.li.pk}").count() == 1


@pytest.mark.parametrize("role", [Role.COMMISSIONER, Role.CASHIER])
def test_nobody_with_a_post_now_or_to_come_is_invited_by_the_branch(cast, secretary, role):
    """Whoever printed the code could else open an account above his own."""
    post(cast.li, cast.committee, role, since=date(2026, 12, 1))
    assert invited(secretary, cast.li).status_code == 404
    secretary.post(ALL, {"once": "k", "organisation": cast.branch.pk})
    assert [each.person for each in Invitation.objects.all()] == [cast.zhao]


@pytest.mark.parametrize("who", ["sibling_secretary", "outsider"])
def test_other_branches_invite_nobody_here(cast, sign_in, who):
    other = sign_in(account(getattr(cast, who)))
    assert other.get(SLIPS, {"organisation": cast.branch.pk}).status_code == 404
    assert other.post(ALL, {"organisation": cast.branch.pk}).status_code == 404
    assert invited(other, cast.li).status_code == 404
    assert other.post(reverse("slip_revoke", args=[cast.li.pk])).status_code == 404
    assert not Invitation.objects.exists()


def test_a_member_invites_nobody_and_the_department_chooses_the_branch_first(cast, sign_in):
    assert sign_in(account(cast.li)).get(SLIPS).status_code == 403
    clerk = sign_in(account(cast.clerk))
    assert f"?organisation={cast.branch.pk}" in said(clerk.get(SLIPS))
    assert "李建国" in said(clerk.get(SLIPS, {"organisation": cast.branch.pk}))


def test_who_opened_an_account_has_his_own_pages_and_nothing_else(cast, secretary, sign_in):
    opened = accept(CODE.search(said(invited(secretary, cast.li)))[0])
    himself = sign_in(opened)
    assert himself.get("/").status_code == 200
    assert "李建国同志，您好" in said(himself.get("/me/"))
    for url in ("/members/", "/ledgers/", "/events/new/", "/deeds/new/", SLIPS, "/accounts/", "/audit/", "/posts/"):
        assert himself.get(url).status_code == 403, url
    assert himself.get(f"/members/{cast.zhao.pk}/").status_code == 404


def test_the_list_costs_the_same_for_one_and_fifty(cast, secretary, django_assert_max_num_queries):
    secretary.get(SLIPS)
    with django_assert_max_num_queries(30) as first:
        secretary.get(SLIPS)
    people = Person.objects.bulk_create(Person(name=f"范{number}") for number in range(50))
    Membership.objects.bulk_create(
        Membership(
            person=each, organisation=cast.branch, standing="full", since=date(2020, 1, 1), path=cast.branch.path
        )
        for each in people
    )
    with django_assert_max_num_queries(len(first)):
        assert len(secretary.get(SLIPS).context["lines"]) == 53
    assert Account.objects.count() == 1
