"""Ties and categories entered by hand: begun, ended, taken back; what a death does; who may know of what."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from base.dates import FAR
from base.facts import Fact
from base.models import AuditRow
from members import bonds, services
from members.bonds import (
    begin_category,
    begin_tie,
    category_words,
    end_category,
    end_tie,
    withdraw_category,
    withdraw_tie,
)
from members.enums import SENSITIVE_CATEGORIES, CategoryKind, EventKind, Role, Standing, TieKind
from members.models import Category, Membership, Tie
from members.services import register_event, withdraw_event
from tests.members.office import once_key, said
from tests.world import account, member, person, post

TODAY = date(2026, 11, 23)
SINCE = date(2026, 11, 1)


@pytest.fixture
def facts(monkeypatch):
    """What the engine is told."""
    told = []
    for module in (bonds, services):
        monkeypatch.setattr(
            module, "facts_changed", lambda kind, **more: told.append((kind, more["since"], more["people"]))
        )
    return told


@pytest.fixture
def secretary(cast, sign_in):
    return sign_in(account(cast.secretary))


@pytest.fixture
def deputy(cast, sign_in):
    """May record, and may not know of what is sensitive."""
    someone = member("何静", cast.branch)
    post(someone, cast.branch, Role.DEPUTY_SECRETARY)
    return sign_in(account(someone))


def tie_in(cast, kind=TieKind.CONTACT, *, to=None, since=SINCE, last=None, member=None):
    return begin_tie(
        person=member or cast.li, kind=kind, to=to or cast.secretary, since=since, last=last, today=TODAY
    )  # fmt: skip


def category_of(cast, kind=CategoryKind.ELDERLY, since=SINCE, last=None, basis="支部会认定", **more):
    return begin_category(person=cast.li, kind=kind, since=since, last=last, basis=basis, today=TODAY, **more)


def page(cast, who=None) -> str:
    return reverse("bonds", args=[(who or cast.li).pk])


def kill(someone, on):
    stay = Membership.objects.get(person=someone, until=FAR)
    stay.until = on
    stay.save()
    Membership.objects.create(
        person=someone, organisation=stay.organisation, standing=Standing.DEAD, since=on, path=stay.path
    )


# Ties


@pytest.mark.parametrize("kind", bonds.BY_HAND)
def test_a_tie_holds_from_its_day_and_both_ends_are_told(cast, facts, kind):
    tie = tie_in(cast, kind)
    assert (tie.person, tie.to, tie.since, tie.until) == (cast.li, cast.secretary, SINCE, FAR)
    assert facts == [(Fact.TIE, SINCE, sorted([cast.li.pk, cast.secretary.pk]))]
    assert AuditRow.objects.get(act=AuditRow.Act.WRITE).detail["kind"] == TieKind(kind).label


@pytest.mark.parametrize(
    ("more", "field", "says"),
    [
        ({"since": date(2026, 11, 24)}, "since", "晚于今天"),
        ({"since": date(1990, 1, 1)}, "since", "没有组织关系"),
        ({"last": date(2026, 10, 31)}, "last", "早于开始"),
    ],
)
def test_days_that_cannot_be_are_refused(cast, facts, more, field, says):
    with pytest.raises(ValidationError) as refused:
        tie_in(cast, **more)
    assert says in refused.value.message_dict[field][0]
    assert facts == []


def test_nobody_is_tied_to_himself_or_twice_to_the_same(cast):
    with pytest.raises(ValidationError, match="不能联系自己"):
        tie_in(cast, to=cast.li)
    tie_in(cast, last=date(2026, 11, 10))
    with pytest.raises(ValidationError, match="不必再登记"):
        tie_in(cast, since=date(2026, 11, 10))
    assert tie_in(cast, since=date(2026, 11, 11)).pk
    assert tie_in(cast, TieKind.PAIRING).pk
    assert tie_in(cast, to=cast.commissioner).pk


@pytest.mark.parametrize("kind", bonds.OF_LEADERS)
def test_a_leaders_tie_wants_a_post_on_its_day(cast, kind):
    with pytest.raises(ValidationError, match="没有任职"):
        tie_in(cast, kind, to=cast.zhao)
    post(cast.zhao, cast.general, Role.DEPUTY_SECRETARY, since=date(2026, 11, 2))
    with pytest.raises(ValidationError, match="没有任职"):
        tie_in(cast, kind, to=cast.zhao)
    assert tie_in(cast, kind, to=cast.zhao, since=date(2026, 11, 2)).pk


def test_a_tie_ends_after_its_last_day_and_only_once(cast, facts):
    tie = tie_in(cast)
    for last, says in ((date(2026, 11, 24), "晚于今天"), (date(2026, 10, 31), "请用“撤销”")):
        with pytest.raises(ValidationError, match=says):
            end_tie(tie=tie, last=last, today=TODAY)
    end_tie(tie=tie, last=date(2026, 11, 20), today=TODAY)
    tie.refresh_from_db()
    assert (tie.until, facts[-1][1]) == (date(2026, 11, 21), date(2026, 11, 21))
    with pytest.raises(ValidationError, match="已于 2026-11-20 结束"):
        end_tie(tie=tie, last=TODAY, today=TODAY)


def test_a_tie_that_never_was_is_taken_back_with_a_reason(cast, facts):
    tie = tie_in(cast)
    with pytest.raises(ValidationError, match="请写为什么撤销"):
        withdraw_tie(tie=tie, reason=" ")
    withdraw_tie(tie=tie, reason="登错了人")
    assert not Tie.objects.exists()
    assert facts[-1] == (Fact.TIE, SINCE, sorted([cast.li.pk, cast.secretary.pk]))
    row = AuditRow.objects.get(act=AuditRow.Act.WITHDRAW)
    assert (row.reason, row.detail["to"]) == ("登错了人", cast.secretary.pk)
    with pytest.raises(ValidationError, match="刚被别人撤销"):
        withdraw_tie(tie=tie, reason="再撤一次")


# Death


def test_a_death_ends_the_ties_of_the_living_in_both_directions_and_taking_it_back_restores_them(cast, facts):
    mine, theirs, other = tie_in(cast), tie_in(cast, to=cast.li, member=cast.zhao), tie_in(cast, member=cast.zhao)
    sender = Tie.objects.create(person=cast.li, kind=TieKind.GRANTOR, to_organisation=cast.committee, since=SINCE)
    over = tie_in(cast, TieKind.PAIRING, last=date(2026, 11, 5))
    facts.clear()
    day = date(2026, 11, 15)
    death = register_event(by=None, person=cast.li, kind=EventKind.DEATH, occurred_on=day, today=TODAY)
    ends = {tie.pk: Tie.objects.get(pk=tie.pk).until for tie in (mine, theirs, other, sender, over)}
    assert ends == {mine.pk: day, theirs.pk: day, other.pk: FAR, sender.pk: FAR, over.pk: date(2026, 11, 6)}
    told = (Fact.TIE, day, sorted([cast.li.pk, cast.zhao.pk, cast.secretary.pk]))
    assert [fact for fact in facts if fact[0] == Fact.TIE] == [told]
    withdraw_event(by=None, event=death, reason="登记错了", today=TODAY)
    assert {Tie.objects.get(pk=tie.pk).until for tie in (mine, theirs)} == {FAR}
    assert [fact for fact in facts if fact[0] == Fact.TIE] == [told, told]


def test_a_death_without_ties_tells_nothing_of_ties(cast, facts):
    register_event(by=None, person=cast.li, kind=EventKind.DEATH, occurred_on=TODAY, today=TODAY)
    assert Fact.TIE not in {fact[0] for fact in facts}


def test_of_the_dead_there_is_only_the_familys_contact_and_the_bereaved_family(cast):
    kill(cast.li, date(2026, 11, 15))
    with pytest.raises(ValidationError, match="联系到那天为止"):
        tie_in(cast)
    assert tie_in(cast, TieKind.PAIRING, last=date(2026, 11, 14)).pk
    with pytest.raises(ValidationError, match="只能给家属定联系人"):
        tie_in(cast, TieKind.PAIRING, since=date(2026, 11, 15))
    assert tie_in(cast, since=date(2026, 11, 15)).pk
    with pytest.raises(ValidationError, match="只能列为因公牺牲家庭"):
        category_of(cast, since=date(2026, 11, 15))
    assert category_of(cast, CategoryKind.BEREAVED, since=date(2026, 11, 15)).pk


def test_the_dead_stand_by_nobody(cast):
    kill(cast.zhao, date(2026, 11, 15))
    with pytest.raises(ValidationError, match="去世，请另选一位"):
        tie_in(cast, to=cast.zhao)
    assert tie_in(cast, to=cast.zhao, last=date(2026, 11, 14)).pk


# Categories


def test_a_category_holds_from_its_day_on_its_basis(cast, facts):
    category = category_of(cast, CategoryKind.HARDSHIP, grade="一档", last=date(2027, 10, 31))
    assert (category.since, category.until, category.grade) == (SINCE, date(2027, 11, 1), "一档")
    assert facts == [(Fact.CATEGORY, SINCE, [cast.li.pk])]
    detail = str(AuditRow.objects.get(act=AuditRow.Act.WRITE).detail)
    assert "hardship" not in detail
    assert "支部会" not in detail


@pytest.mark.parametrize(
    ("more", "field", "says"),
    [
        ({"since": date(2026, 11, 24)}, "since", "晚于今天"),
        ({"last": date(2026, 10, 31)}, "last", "早于开始"),
        ({"basis": " "}, "basis", "请写依据"),
        ({"since": date(1990, 1, 1)}, "since", "没有组织关系"),
    ],
)
def test_a_category_that_cannot_be_is_refused(cast, facts, more, field, says):
    with pytest.raises(ValidationError) as refused:
        category_of(cast, **more)
    assert says in refused.value.message_dict[field][0]
    assert (facts, Category.objects.count()) == ([], 0)


def test_the_same_kind_does_not_hold_twice_and_its_end_moves(cast, facts):
    category = category_of(cast, last=date(2026, 11, 10))
    with pytest.raises(ValidationError, match="日期重叠"):
        category_of(cast, since=date(2026, 11, 10))
    later = category_of(cast, since=date(2026, 11, 20))
    with pytest.raises(ValidationError, match="另有一条同类的"):
        end_category(category=category, last=None)
    with pytest.raises(ValidationError, match="和原来一样"):
        end_category(category=category, last=date(2026, 11, 10))
    with pytest.raises(ValidationError, match="请用“撤销”"):
        end_category(category=category, last=date(2026, 10, 1))
    end_category(category=category, last=date(2026, 11, 15))
    assert facts[-1] == (Fact.CATEGORY, date(2026, 11, 11), [cast.li.pk])
    end_category(category=later, last=date(2027, 5, 31))
    end_category(category=later, last=None)
    later.refresh_from_db()
    assert later.until == FAR


def test_a_category_that_never_was_is_taken_back(cast, facts):
    category = category_of(cast)
    with pytest.raises(ValidationError, match="请写为什么撤销"):
        withdraw_category(category=category, reason="")
    withdraw_category(category=category, reason="认定有误")
    assert (Category.objects.count(), facts[-1][0]) == (0, Fact.CATEGORY)
    with pytest.raises(ValidationError, match="刚被别人撤销"):
        end_category(category=category, last=TODAY)


# The pages


def begin(browser, cast, once="once", **more):
    sent = {"act": "begin", "name": "王海燕", "to": cast.secretary.pk, "kind": "contact", "since": "2026-11-01"}
    return browser.post(reverse("tie_new", args=[cast.li.pk]), {**sent, "once": once, **more})


def test_a_tie_is_entered_ended_and_taken_back_on_pages(cast, secretary):
    form = secretary.get(reverse("tie_new", args=[cast.li.pk]), {"name": "周启明"})
    assert "周启明（机关党支部，河源局党总支书记）" in said(form)
    sent = {
        "name": "周启明",
        "to": cast.general_secretary.pk,
        "kind": "charge",
        "once": once_key(form, "begin"),
    }
    assert begin(secretary, cast, **sent).url == page(cast)
    tie = Tie.objects.get()
    shown = said(secretary.get(page(cast)))
    assert "周启明" in shown
    assert "分管" in shown
    url = reverse("tie", args=[cast.li.pk, tie.pk])
    assert secretary.post(url, {"act": "end", "last": "2026-11-20", "once": "e"}).url == page(cast)
    assert "到 2026-11-20" in said(secretary.get(page(cast)))
    assert 'value="end"' not in said(secretary.get(url))
    assert secretary.post(url, {"act": "withdraw", "reason": "登错了", "once": "w"}).url == page(cast)
    assert not Tie.objects.exists()


def test_only_colleagues_and_those_above_are_found(cast, secretary):
    for name, found in (
        ("赵秀兰", True),
        ("高远", True),
        ("马玉珍", False),
        ("沈岳", False),
        ("陈晓明", False),
        ("李建国", False),
    ):
        shown = said(secretary.get(reverse("tie_new", args=[cast.li.pk]), {"name": name}))
        assert ('value="begin"' in shown) is found, name
    answer = begin(secretary, cast, name="陈晓明", to=cast.sibling_secretary.pk)
    assert (answer.status_code, Tie.objects.count()) == (422, 0)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"kind": ""}, "请选联系关系"),
        ({"kind": "grantor"}, "请选联系关系"),
        ({"kind": "pairing"}, "请选联系关系"),
        ({"since": "2026-11-24"}, "晚于今天"),
        ({"to": ""}, "请选是哪一位"),
        ({"last": "9999-12-31"}, "年份不对"),
    ],
)
def test_a_refused_tie_keeps_what_was_typed(cast, secretary, more, says):
    answer = begin(secretary, cast, **more)
    assert (answer.status_code, says in said(answer)) == (422, True)
    assert "王海燕（" in said(answer)


def test_a_double_click_enters_one(cast, secretary):
    for _ in range(2):
        assert begin(secretary, cast).url == page(cast)
    assert Tie.objects.count() == 1


@pytest.mark.parametrize("kind", sorted(SENSITIVE_CATEGORIES))
def test_a_sensitive_kind_reads_as_care_to_those_who_may_not_know_it(cast, secretary, deputy, kind):
    category = category_of(cast, kind, grade="二档", basis="住院证明")
    shown = said(secretary.get(page(cast)))
    assert CategoryKind(kind).label in shown
    assert "住院证明" in shown
    hidden = said(deputy.get(page(cast)))
    assert "关怀对象" in hidden.split("<main")[1]
    for word in (CategoryKind(kind).label, "二档", "住院证明", "2026-11-01"):
        assert word not in hidden
    assert deputy.get(reverse("category", args=[cast.li.pk, category.pk])).status_code == 404
    assert category_words([category], sensitive=False) == ["关怀对象"]
    assert category_words([category], sensitive=True) == [CategoryKind(kind).label]


def test_a_hidden_category_that_is_over_is_not_hinted_at(cast, deputy):
    category_of(cast, CategoryKind.DISCIPLINED, last=date(2026, 11, 20))
    assert "关怀对象" not in said(deputy.get(page(cast))).split("cols-2")[1]


def test_what_is_not_sensitive_is_ended_by_a_deputy_too(cast, deputy):
    category = category_of(cast, CategoryKind.HONOUREE)
    url = reverse("category", args=[cast.li.pk, category.pk])
    assert deputy.post(url, {"act": "end", "last": "2027-10-31", "once": "e"}).status_code == 302
    assert "到 2027-10-31" in said(deputy.get(page(cast)))
    assert deputy.post(url, {"act": "withdraw", "reason": "登错了", "once": "w"}).status_code == 302


def test_nobody_enters_anything_about_himself_or_reads_his_own_sensitive_kinds(cast, secretary):
    Category.objects.create(person=cast.secretary, kind=CategoryKind.DISCIPLINED, since=SINCE, basis="文件")
    shown = said(secretary.get(page(cast, cast.secretary)))
    assert "处分影响期" not in shown
    assert reverse("tie_new", args=[cast.secretary.pk]) not in shown
    assert secretary.get(reverse("tie_new", args=[cast.secretary.pk])).status_code == 403


def test_readers_read_and_those_elsewhere_find_nothing(cast, secretary, sign_in):
    tie, category = tie_in(cast), category_of(cast)
    urls = [page(cast), reverse("tie_new", args=[cast.li.pk])]
    urls += [reverse("tie", args=[cast.li.pk, tie.pk]), reverse("category", args=[cast.li.pk, category.pk])]
    inspector = person("郑督查")
    post(inspector, cast.committee, Role.INSPECTOR)
    expected = {
        inspector: [200, 404, 404, 404], cast.sibling_secretary: [404] * 4, cast.outsider: [404] * 4,
        cast.zhao: [404] * 4,
    }  # fmt: skip
    for who, codes in expected.items():
        browser = sign_in(account(who))
        assert [browser.get(url).status_code for url in urls] == codes, who
        assert {browser.post(url, {"act": "withdraw", "reason": "x"}).status_code for url in urls[1:]} == {404}
    crossed = reverse("tie", args=[cast.zhao.pk, tie.pk])
    assert secretary.get(crossed).status_code == 404
    assert (Tie.objects.count(), Category.objects.count()) == (1, 1)


def test_pages_ask_the_database_as_often_for_one_as_for_many(cast, secretary, django_assert_max_num_queries):
    for number in range(15):
        tie_in(cast, to=member(f"人{number}", cast.branch))
    category = category_of(cast)
    urls = [page(cast), f"{reverse('tie_new', args=[cast.li.pk])}?name=人1"]
    urls += [reverse("category", args=[cast.li.pk, category.pk])]
    for url in urls:
        secretary.get(url)
        with django_assert_max_num_queries(16):
            assert secretary.get(url).status_code == 200
