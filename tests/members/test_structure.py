"""Organisations kept on the page: edited, founded, moved, ended; what is refused, who may, what the rules are told."""

import threading
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections
from django.urls import reverse

from base.dates import DAWN, FAR
from base.facts import Fact
from base.models import AuditRow
from members import structure
from members.enums import OrganisationKind, Role, Standing
from members.models import Lineage, Membership, Organisation, OrganisationParent
from members.organisations import FIELDS
from members.structure import edit_organisation, end_organisation, found_organisation, move_organisation, stamp
from tests.members.office import once_key, said
from tests.world import account, member, organisation, post

TODAY = date(2026, 11, 23)
K = OrganisationKind


@pytest.fixture
def facts(monkeypatch):
    """What the engine is told."""
    told = []
    monkeypatch.setattr(structure, "facts_changed", lambda kind, **more: told.append((kind, more["since"])))
    return told


@pytest.fixture
def clerk(cast, sign_in):
    return sign_in(account(cast.clerk))


def edit_url(here) -> str:
    return reverse("organisation_edit", args=[here.pk])


def given(here, **more) -> dict:
    fields = {name: getattr(here, name) or "" for name in FIELDS}
    return {"act": "edit", "seen": stamp(here), "once": "key", **fields, **more}


def move(browser, here, to, on="2026-11-23", once="move"):
    return browser.post(edit_url(here), {"act": "move", "to": to.pk, "on": on, "once": once})


def end(browser, here, on="2026-11-23", once="end"):
    return browser.post(edit_url(here), {"act": "end", "on": on, "once": once})


# Editing


def test_a_telephone_number_is_written_and_no_rule_runs(cast, clerk, facts):
    answer = clerk.post(edit_url(cast.branch), given(cast.branch, phone="0371-1", term_ends_on="2027-06-30"))
    assert answer.url == reverse("organisation", args=[cast.branch.pk])
    cast.branch.refresh_from_db()
    assert (cast.branch.phone, cast.branch.term_ends_on) == ("0371-1", date(2027, 6, 30))
    assert facts == []
    row = AuditRow.objects.get(act=AuditRow.Act.EDIT)
    assert (row.subject, row.detail) == (f"organisation:{cast.branch.pk}", {"fields": "届满日期、联系电话"})


def test_another_kind_makes_the_rules_run_and_asks_about_the_members_left(cast, clerk, facts):
    answer = clerk.post(edit_url(cast.direct), given(cast.direct, kind="general_branch"), follow=True)
    assert facts == [(Fact.ORGANISATION, DAWN)]
    assert "请把他们转到党支部" in said(answer)


@pytest.mark.parametrize(
    ("which", "kind", "says"),
    [
        ("general", "branch", "不能在党支部之下"),
        ("branch", "nonsense", "请从列表里选类别"),
        ("general", "group", "不能在党小组之下"),
    ],
)
def test_a_kind_that_does_not_fit_is_refused_beside_its_field(cast, clerk, facts, which, kind, says):  # noqa: PLR0917
    here = getattr(cast, which)
    answer = clerk.post(edit_url(here), given(here, kind=kind, phone="0371-9"))
    assert answer.status_code == 422
    assert says in said(answer)
    assert 'value="0371-9"' in said(answer)
    assert (facts, Organisation.objects.get(pk=here.pk).phone) == ([], "")


def test_a_branch_does_not_become_what_cannot_stand_under_its_parent(cast, clerk):
    group = organisation("01010101", K.GROUP, cast.branch, name="第一党小组")
    answer = clerk.post(edit_url(group), given(group, kind="branch"))
    assert "党支部不能在党支部之下" in said(answer)


def test_of_two_who_edit_at_once_the_second_is_told(cast, clerk):
    seen = given(cast.branch, phone="0371-1")
    clerk.post(edit_url(cast.branch), given(cast.branch, phone="0371-2"))
    answer = clerk.post(edit_url(cast.branch), {**seen, "once": "other"})
    assert answer.status_code == 422
    assert "刚被别人改过" in said(answer)
    assert Organisation.objects.get(pk=cast.branch.pk).phone == "0371-2"


def test_a_second_click_edits_nothing_twice(cast, clerk):
    for _ in range(2):
        answer = clerk.post(edit_url(cast.branch), given(cast.branch, phone="0371-1"))
        assert answer.status_code == 302
    assert AuditRow.objects.filter(act=AuditRow.Act.EDIT).count() == 1


def test_a_required_name_is_asked_for(cast, clerk):
    answer = clerk.post(edit_url(cast.branch), given(cast.branch, name=" "))
    assert (answer.status_code, "请填党组织名称" in said(answer)) == (422, True)


# Who


@pytest.mark.parametrize("who", ["secretary", "general_secretary", "committee_secretary", "li", "outsider"])
@pytest.mark.parametrize("page", ["organisation_edit", "organisation_new"])
def test_whoever_does_not_import_finds_no_such_page(cast, sign_in, who, page):
    browser = sign_in(account(getattr(cast, who)))
    url = reverse(page, args=[cast.branch.pk])
    assert browser.get(url).status_code == 404
    assert browser.post(url, given(cast.branch, phone="1")).status_code == 404
    assert Organisation.objects.get(pk=cast.branch.pk).phone == ""


def test_another_committees_organisations_look_like_none(cast, clerk):
    for page in ("organisation_edit", "organisation_new"):
        bodies = set()
        for pk in (cast.other_branch.pk, 10**8):
            answer = clerk.get(reverse(page, args=[pk]))
            assert answer.status_code == 404
            bodies.add(answer.content[-300:])
        assert len(bodies) == 1
    assert clerk.post(edit_url(cast.other_branch), given(cast.other_branch, phone="1")).status_code == 404


def test_nothing_moves_under_another_committee_or_from_it(cast, clerk):
    answer = move(clerk, cast.branch, cast.other)
    assert (answer.status_code, "不在你的范围内" in said(answer)) == (422, True)
    assert move(clerk, cast.other_branch, cast.committee).status_code == 404
    assert "外单位" not in said(clerk.get(edit_url(cast.branch)))


# Moving


def test_a_move_holds_from_its_day_and_carries_members_lineage_and_scope(cast, clerk, facts, sign_in):
    browser = sign_in(account(cast.general_secretary))
    answer = move(clerk, cast.branch, cast.committee, on="2026-11-01")
    assert answer.status_code == 302
    rows = OrganisationParent.objects.filter(organisation=cast.branch).order_by("since")
    day = date(2026, 11, 1)
    assert list(rows.values_list("parent__code", "since", "until")) == [("0101", DAWN, day), ("01", day, FAR)]
    path = Organisation.objects.get(pk=cast.branch.pk).path
    assert len(path) == 10
    assert Membership.objects.get(person=cast.li).path == path
    above = Lineage.objects.filter(organisation=cast.branch, ancestor=cast.general)
    assert list(above.values_list("since", "until")) == [(DAWN, day)]
    assert facts == [(Fact.ORGANISATION, day)]
    assert browser.get(reverse("organisation", args=[cast.branch.pk])).status_code == 404


@pytest.mark.parametrize(
    ("which", "to", "on", "says"),
    [
        ("branch", "general", "2026-11-23", "本来就在"),
        ("branch", "sibling", "2026-11-23", "党支部不能在党支部之下"),
        ("branch", "committee", "2026-11-24", "晚于今天"),
        ("branch", "committee", "", "请填自哪天起"),
        ("branch", "committee", "昨天", "写法不对"),
        ("branch", "committee", "9999-12-31", "年份不对"),
    ],
)
def test_a_move_that_cannot_be_is_refused(cast, clerk, facts, which, to, on, says):  # noqa: PLR0917
    answer = move(clerk, getattr(cast, which), getattr(cast, to), on=on)
    assert (answer.status_code, says in said(answer), facts) == (422, True, [])


def test_an_organisation_is_not_put_below_itself(cast, clerk):
    assert "请从列表里选" in said(move(clerk, cast.general, cast.branch))
    for below in (cast.general, cast.branch):
        with pytest.raises(ValidationError, match="它自己或它的下级"):
            move_organisation(organisation=cast.general, to=below, on=TODAY, today=TODAY)


def test_a_move_is_not_dated_before_the_parent_it_has(cast, clerk):
    move(clerk, cast.branch, cast.committee, on="2026-11-10", once="one")
    answer = move(clerk, cast.branch, cast.general, on="2026-11-09", once="two")
    assert "自 2026-11-10 起才在现在的上级之下" in said(answer)


def test_eight_levels_are_the_most(cast):
    above = cast.committee
    for level in range(7):
        above = organisation(f"d{level}", K.GENERAL_BRANCH, above)
    fields = dict.fromkeys(("short_name", "unit_name", "phone"), "") | dict.fromkeys(("founded_on", "term_ends_on"))
    with pytest.raises(ValidationError, match="最多 8 级"):
        found_organisation(parent=above, code="d8", given={"name": "第九级", "kind": K.BRANCH, **fields}, today=TODAY)
    with pytest.raises(ValidationError, match="最多 8 级"):
        move_organisation(organisation=cast.general, to=above, on=TODAY, today=TODAY)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_two_moves_that_would_make_a_circle_one_is_refused(transactional_db):
    top = organisation("1", K.COMMITTEE)
    one, two = (organisation(f"1{n}", K.GENERAL_BRANCH, top) for n in "ab")
    start, refused = threading.Barrier(2), []

    def go(here, to):
        try:
            start.wait(5)
            move_organisation(organisation=here, to=to, on=TODAY, today=TODAY)
        except ValidationError as error:
            refused.append(error.message_dict)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go, args=pair) for pair in ((one, two), (two, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(refused) == 1
    assert connection.vendor == "postgresql"
    assert Lineage.objects.filter(distance__gte=1, until=FAR).count() == 3


# Founding


def new(browser, above, once="new", **more):
    fields = {"code": "010103", "name": "河源第三党支部", "kind": "branch", "once": once, **more}
    return browser.post(reverse("organisation_new", args=[above.pk]), fields)


def test_a_new_organisation_stands_below_from_its_founding(cast, clerk, facts):
    answer = new(clerk, cast.general, founded_on="2026-09-01")
    here = Organisation.objects.get(code="010103")
    assert answer.url == reverse("organisation", args=[here.pk])
    assert (here.since, here.path[:10], len(here.path)) == (date(2026, 9, 1), cast.general.path, 15)
    assert Lineage.objects.get(organisation=here, ancestor=cast.committee).since == date(2026, 9, 1)
    assert facts == [(Fact.ORGANISATION, date(2026, 9, 1))]


@pytest.mark.parametrize(
    ("above", "more", "says"),
    [
        ("general", {"code": "010101"}, "编码 010101 已经用过"),
        ("general", {"code": "0201"}, "编码 0201 已经用过"),
        ("general", {"code": ""}, "请填党组织编码"),
        ("branch", {}, "党支部不能在党支部之下"),
        ("general", {"founded_on": "2026-11-24"}, "晚于今天"),
        ("general", {"name": "x" * 121}, "最多 120 个"),
    ],
)
def test_a_new_organisation_that_cannot_be_is_refused(cast, clerk, facts, above, more, says):  # noqa: PLR0917
    before = Organisation.objects.count()
    answer = new(clerk, getattr(cast, above), **more)
    assert (answer.status_code, says in said(answer)) == (422, True)
    assert (Organisation.objects.count(), facts) == (before, [])


def test_a_second_click_founds_one(cast, clerk):
    first, second = new(clerk, cast.general), new(clerk, cast.general)
    assert first.url == second.url
    assert Organisation.objects.filter(code="010103").count() == 1


# Ending


def test_an_empty_organisation_ends_and_comes_back(cast, clerk, facts):
    here = organisation("010103", parent=cast.general, name="空支部")
    end(clerk, here, on="2026-11-20")
    here.refresh_from_db()
    assert (here.until, facts) == (date(2026, 11, 20), [(Fact.ORGANISATION, date(2026, 11, 20))])
    assert "已撤销" in said(clerk.get(reverse("organisations")))
    page = clerk.get(edit_url(here))
    assert 'value="edit"' not in said(page)
    clerk.post(edit_url(here), {"act": "reopen", "once": once_key(page, "reopen")})
    here.refresh_from_db()
    assert here.until == FAR


@pytest.mark.parametrize(
    ("which", "says"), [("branch", "4 名党员"), ("branch", "2 项任职"), ("general", "2 个下级党组织")]
)
def test_what_is_not_empty_does_not_end(cast, clerk, facts, which, says):
    answer = end(clerk, getattr(cast, which))
    assert (answer.status_code, says in said(answer), facts) == (422, True, [])


def test_members_who_left_by_that_day_and_the_dead_hold_nothing_up(cast, clerk):
    here = organisation("010103", parent=cast.general, name="旧支部")
    gone = member("钱七", here, until=date(2026, 11, 1))
    member("吴九", here, standing=Standing.DEAD)
    held = post(gone, here, Role.SECRETARY, until=date(2026, 11, 1))
    assert end(clerk, here, on="2026-10-31", once="early").status_code == 422
    assert held.until == date(2026, 11, 1)
    assert end(clerk, here, on="2026-11-01").status_code == 302


def test_an_organisation_ends_neither_tomorrow_nor_before_it_began(cast):
    here = organisation("010103", parent=cast.general)
    Organisation.objects.filter(pk=here.pk).update(since=date(2026, 5, 1))
    for day, says in ((date(2026, 11, 24), "晚于今天"), (date(2026, 5, 1), "应晚于这一天")):
        with pytest.raises(ValidationError, match=says):
            end_organisation(organisation=here, on=day, today=TODAY)


def test_nothing_is_put_below_what_ended(cast, clerk):
    here = organisation("010103", K.GENERAL_BRANCH, cast.committee, name="旧总支")
    end(clerk, here)
    assert clerk.get(reverse("organisation_new", args=[here.pk])).status_code == 404
    assert "请从列表里选" in said(move(clerk, cast.branch, here))
    with pytest.raises(ValidationError, match="撤销，不能再改"):
        move_organisation(organisation=cast.branch, to=here, on=TODAY, today=TODAY)


def test_pages_ask_the_database_as_often_whatever_the_tree(cast, clerk, django_assert_max_num_queries):
    for number in range(12):
        organisation(f"0104{number}", parent=cast.committee)
    for url in (edit_url(cast.branch), reverse("organisation_new", args=[cast.general.pk])):
        clerk.get(url)
        with django_assert_max_num_queries(15):
            assert clerk.get(url).status_code == 200


def test_a_move_into_the_past_makes_no_circle_there(cast):
    upper = organisation("c2", OrganisationKind.COMMITTEE, cast.committee)
    lower = organisation("c3", OrganisationKind.COMMITTEE, upper)
    today, parted = date(2026, 11, 23), date(2026, 6, 1)
    move_organisation(organisation=lower, to=cast.committee, on=parted, today=today)
    upper, lower = (Organisation.objects.get(pk=each.pk) for each in (upper, lower))
    with pytest.raises(ValidationError, match="划转日期不能早于 2026-06-01"):
        move_organisation(organisation=upper, to=lower, on=date(2026, 3, 1), today=today)
    move_organisation(organisation=upper, to=lower, on=parted, today=today)
    assert Lineage.objects.get(organisation=upper, ancestor=lower).since == parted


def test_an_organisation_was_not_founded_in_days_to_come(cast):
    given = {name: getattr(cast.branch, name) for name in FIELDS} | {"founded_on": date(2027, 5, 5)}
    with pytest.raises(ValidationError, match="晚于今天"):
        edit_organisation(organisation=cast.branch, given=given, seen=stamp(cast.branch), today=date(2026, 11, 23))
