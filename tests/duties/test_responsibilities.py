"""责任分工: who sets it, what holds where, what is refused, and that nothing typed or set by others is lost."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from base.dates import FAR
from base.models import AuditRow
from duties.policy.adoption import adopt
from duties.policy.models import Policy, Responsibility
from duties.policy.units import NOBODY, Units, amiss, digest, in_force, named, own_units, set_units, typed_before
from members.enums import Role
from tests.duties.acts import once_in
from tests.duties.reading import body
from tests.world import account, member, post

TODAY = date(2026, 11, 23)


@pytest.fixture
def policy(world) -> Policy:
    return Policy.objects.get()


@pytest.fixture
def clauses(policy) -> list:
    return list(policy.clauses.order_by("position", "pk"))


@pytest.fixture
def clerk(world, sign_in):
    return sign_in(account(world.clerk, "lin"))


def put(organisation, policy, told, *, seen=None):
    seen = digest(own_units(policy, organisation)) if seen is None else seen
    return set_units(by=None, policy=policy, organisation=organisation, told=told, seen=seen, today=TODAY)


def edit(policy, organisation) -> str:
    return f"{reverse('policy_units_edit', args=[policy.pk])}?organisation={organisation.pk}"


@pytest.mark.anywhere
def test_units_are_read_from_a_line_each_once():
    assert named(" 工会、 人事处，工会;离退休处  一科 ") == ("工会", "人事处", "离退休处 一科")
    assert named("、，") == ()


@pytest.mark.anywhere
@pytest.mark.parametrize(
    ("units", "field"),
    [
        (Units("", ("工会",)), "lead"),
        (Units("组" * 61), "lead"),
        (Units("组织部、工会"), "lead"),
        (Units("组织部", ("会" * 61,)), "assist"),
        (Units("组织部", ("组织部",)), "assist"),
        (Units("组织部", tuple(f"{n} 科" for n in range(13))), "assist"),
    ],
)
def test_units_that_cannot_be_are_refused_at_their_field(units, field):
    assert list(amiss(units)) == [field]
    assert amiss(Units("组" * 60, ("会" * 60,))) == amiss(NOBODY) == {}


def test_the_nearest_organisation_upward_holds_clause_by_clause(world, policy, clauses):
    first, second = clauses[:2]
    put(world.committee, policy, {first.pk: Units("党委组织部", ("工会",)), second.pk: Units("党委办公室")})
    adopt(by=None, organisation=world.branch, policy=policy, since=TODAY, today=TODAY)
    put(world.branch, policy, {first.pk: Units("支委会")})
    leads = {place: {pk: row.lead for pk, row in in_force(policy, place.path, TODAY).items()}
             for place in (world.branch, world.sibling)}  # fmt: skip
    assert leads[world.branch] == {first.pk: "支委会", second.pk: "党委办公室"}
    assert leads[world.sibling] == {first.pk: "党委组织部", second.pk: "党委办公室"}
    assert typed_before(world.branch.path) == sorted(["党委组织部", "工会", "党委办公室", "支委会"])
    assert "支委会" not in typed_before(world.sibling.path)
    assert in_force(policy, world.branch.path, FAR) == {}, "of who follows the policy no longer nothing holds"


def test_what_stood_before_stands_in_the_audit_and_only_what_changed(world, policy, clauses):
    first, second = clauses[:2]
    assert put(world.committee, policy, {first.pk: Units("党委组织部"), second.pk: NOBODY}) == 1
    assert put(world.committee, policy, {first.pk: Units("党委组织部")}) == 0
    assert put(world.committee, policy, {first.pk: Units("工会", ("人事处",))}) == 1
    assert put(world.committee, policy, {first.pk: NOBODY}) == 1
    assert not Responsibility.objects.exists()
    said = [row.detail["units"] for row in AuditRow.objects.filter(detail__has_key="units").order_by("pk")]
    assert said == [
        [f"{first.code}：未定 → 党委组织部"], [f"{first.code}：党委组织部 → 工会；人事处"],
        [f"{first.code}：工会；人事处 → 未定"],
    ]  # fmt: skip


def test_only_who_adopted_sets_and_never_over_what_he_did_not_see(world, policy, clauses):
    told = {clauses[0].pk: Units("支委会")}
    with pytest.raises(ValidationError, match="自己没有采用"):
        put(world.branch, policy, told)
    seen = digest({})
    put(world.committee, policy, {clauses[1].pk: Units("工会")})
    with pytest.raises(ValidationError, match="刚被别的同志改过"):
        put(world.committee, policy, told, seen=seen)
    assert own_units(policy, world.committee) == {clauses[1].pk: Units("工会")}


def test_the_form_sets_the_table_and_the_policy_says_it_to_everybody(world, policy, clauses, clerk, sign_in):
    where, first = edit(policy, world.committee), clauses[0]
    page = clerk.get(where)
    given = {"once": once_in(page), "seen": page.context["seen"], f"lead_{first.pk}": "党委组织部",
             f"assist_{first.pk}": "党委办公室，工会"}  # fmt: skip
    assert clerk.post(where, given).status_code == 302
    assert own_units(policy, world.committee) == {first.pk: Units("党委组织部", ("党委办公室", "工会"))}
    assert '<option value="工会">' in body(clerk.get(where))
    reader = sign_in(account(member("何静", world.branch)))
    for page in (reverse("policy", args=[policy.pk]), reverse("policy_units", args=[policy.pk])):
        shown = body(reader.get(page))
        assert "党委组织部" in shown, page
        assert "党委办公室、工会" in shown, page
    assert (
        reader.get(reverse("policy_units", args=[policy.pk]) + f"?organisation={world.sibling.pk}").status_code == 404
    )
    assert reader.get(where).status_code == 403


def test_things_of_one_item_are_told_apart_by_their_place(policy, clauses, clerk):
    shown = body(clerk.get(reverse("policy_units", args=[policy.pk])))
    printed = [each.printed for each in clauses]
    again = next(each for each in printed if printed.count(each) > 1)
    assert [f"{again}（{n}）" in shown for n in range(1, printed.count(again) + 2)] == [True] * printed.count(again) + [
        False
    ]
    once = next(each for each in printed if printed.count(each) == 1)
    assert f">{once}<" in shown


def test_a_refused_form_loses_nothing_and_a_stale_one_saves_the_second_time(world, policy, clauses, clerk):
    where, (first, second) = edit(policy, world.committee), clauses[:2]
    page = clerk.get(where)
    given = {"seen": page.context["seen"], f"assist_{first.pk}": "工会"}
    refused = clerk.post(where, {**given, "once": once_in(page)})
    assert refused.status_code == 422
    assert "请也写牵头单位" in body(refused)
    assert 'value="工会"' in body(refused)
    put(world.committee, policy, {second.pk: Units("人事处")})
    given[f"lead_{first.pk}"] = "组织部"
    stale = clerk.post(where, {**given, "once": once_in(refused)})
    assert stale.status_code == 422
    assert "刚被别的同志改过" in body(stale)
    assert 'value="组织部"' in body(stale)
    assert "现在：人事处" in body(stale)
    given |= {"seen": stale.context["seen"], f"lead_{second.pk}": "人事处"}
    assert clerk.post(where, {**given, "once": once_in(stale)}).status_code == 302
    assert set(own_units(policy, world.committee).values()) == {Units("组织部", ("工会",)), Units("人事处")}


def test_who_decides_for_a_place_that_did_not_adopt_is_told_so(world, policy, clerk, sign_in):
    page = body(clerk.get(edit(policy, world.branch)))
    assert "自己没有采用这项制度" in page
    assert '<button class="btn btn-primary' not in page.partition("自己没有采用")[2]
    deputy = member("何静", world.branch)
    post(deputy, world.branch, Role.DEPUTY_SECRETARY)
    assert sign_in(account(deputy)).get(edit(policy, world.committee)).status_code == 403


def test_pages_ask_as_much_for_many_clauses_as_for_few(world, policy, clauses, clerk, django_assert_max_num_queries):
    put(world.committee, policy, {each.pk: Units("党委组织部", ("工会",)) for each in clauses})
    for where in (reverse("policy_units", args=[policy.pk]), edit(policy, world.committee)):
        clerk.get(where)
        with django_assert_max_num_queries(26):
            clerk.get(where)
