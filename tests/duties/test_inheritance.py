"""What comes from above holds below; a lower body may ask for more, never for less."""

import shutil
from datetime import date

import pytest
from django.db import transaction

from base.dates import FAR, today
from duties.engine.models import Duty
from duties.policy import packs
from duties.policy.adoption import AdoptionRefused, adopt, end_adoption
from duties.policy.models import Adoption, Policy, Reach, Rule
from duties.policy.packs import PackRefused, load_pack
from duties.policy.schema import RuleSpec
from duties.policy.strength import asks_less
from tests.duties.acts import rebuilt, sweep_on, table, talk
from tests.duties.rules import MEMBERS, a_rule

NOW = date(2026, 11, 23)
YEARLY = {"kind": "quota", "times": 1, "per": "year", "counted_per": "member"}


def nearer(organisation, trigger, **more):
    return a_rule(organisation, trigger, code="near", action="talk", replaces="p-far/far", **more)


@pytest.fixture
def far(cast):
    return a_rule(cast.committee, YEARLY, code="far", action="talk")


def states(rule: Rule) -> dict[str, str]:
    return dict(Duty.objects.filter(rule=rule).values_list("key", "state"))


def test_the_nearer_rule_takes_the_place_of_the_farther_one_there_and_only_there(cast, far):
    near = nearer(cast.general, YEARLY | {"times": 2})
    sweep_on(NOW)
    mine, sibling, direct = (f"m{each.pk}:2026" for each in (cast.li, cast.sun, cast.clerk))
    assert {mine, sibling} <= set(states(near))
    assert direct not in states(near)
    assert direct in states(far)
    assert not {mine, sibling} & set(states(far))


def test_of_two_adoptions_at_the_same_organisation_the_one_that_names_the_other_holds(cast, far):
    near = nearer(cast.committee, YEARLY | {"times": 2})
    sweep_on(NOW)
    assert states(far) == {}
    assert states(near)


def test_a_rule_from_farther_up_does_not_take_the_place_of_a_nearer_one(cast):
    far = a_rule(cast.branch, YEARLY, code="far", action="talk")
    near = nearer(cast.committee, YEARLY | {"times": 2})
    sweep_on(NOW)
    key = f"m{cast.li.pk}:2026"
    assert key in states(far)
    assert key in states(near)


def test_without_a_name_both_stand(cast, far):
    other = a_rule(cast.branch, YEARLY | {"times": 2}, code="more", action="talk")
    sweep_on(NOW)
    key = f"m{cast.li.pk}:2026"
    talk(cast.li, cast.secretary, on=date(2026, 5, 5))
    assert (states(far)[key], states(other)[key]) == ("done", "open")


def test_when_the_nearer_adoption_ends_the_farther_rule_is_back(cast, far):
    near = nearer(cast.branch, YEARLY | {"times": 2})
    sweep_on(NOW)
    adoption = Adoption.objects.get(policy=near.policy)
    end_adoption(by=None, adoption=adoption, until=date(2026, 9, 1), today=today())
    sweep_on(NOW)
    key = f"m{cast.li.pk}:2026"
    void = Duty.objects.get(rule=near, key=key)
    assert (void.state, void.reason, void.closed_on) == ("void", "reach", date(2026, 9, 1))
    assert Duty.objects.get(rule=far, key=key).opens_on == date(2026, 9, 1)
    assert set(Reach.objects.filter(rule=far, organisation=cast.branch).values_list("since", "until")) == {
        (date(2026, 9, 1), FAR)
    }
    stands = table()
    assert stands == rebuilt(NOW)


def test_an_adoption_does_not_end_before_it_began(cast, far):
    adoption = Adoption.objects.get(policy=far.policy)
    with pytest.raises(AdoptionRefused, match="停用日期应晚于这一天"):
        end_adoption(by=None, adoption=adoption, until=adoption.since, today=today())


def test_what_is_past_stays_when_an_adoption_ends(cast, far):
    sweep_on(NOW)
    talk(cast.li, cast.secretary, on=date(2026, 5, 5))
    end_adoption(by=None, adoption=Adoption.objects.get(policy=far.policy), until=date(2026, 9, 1), today=today())
    sweep_on(NOW)
    assert states(far)[f"m{cast.li.pk}:2026"] == "done"
    assert states(far)[f"m{cast.zhao.pk}:2026"] == "void"


SPEC = {
    "code": "r", "title": "r", "clause": "1", "mechanism": "M15", "force": "应当", "action": "talk",
    "responsible": {"role": "secretary"}, "target": [MEMBERS, {"condition": "category", "kind": "elderly"}],
    "trigger": {"kind": "quota", "times": 2, "per": "year", "counted_per": "member"}, "set_by": {"times": "clause"},
}  # fmt: skip
FESTIVAL = {
    "kind": "occasion", "occasion": "spring", "opens_days_before": 30, "due_days_before": 1, "closes_days_after": 0,
}  # fmt: skip
WINDOW = ("opens_days_before", "due_days_before", "closes_days_after")
OCCASION = SPEC | {"trigger": FESTIVAL, "set_by": dict.fromkeys(WINDOW, "clause")}


def test_the_same_rule_asks_as_much():
    assert asks_less(RuleSpec.model_validate(SPEC), RuleSpec.model_validate(SPEC)) == ""


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"trigger": SPEC["trigger"] | {"times": 1}}, "次数"),
        ({"trigger": SPEC["trigger"] | {"per": "quarter"}}, "周期"),
        ({"force": "一般应"}, "约束力"),
        ({"or_by": ["visit"]}, "办法"),
        ({"collective_counts": True}, "集体"),
        ({"target": [MEMBERS | {"standings": ["full"]}, SPEC["target"][1]]}, "对象"),
        ({"target": [MEMBERS, {"condition": "category", "kind": "elderly", "grades": ["一"]}]}, "对象"),
        ({"target": [*SPEC["target"], {"condition": "tie", "kind": "contact"}]}, "对象"),
    ],
)
def test_whatever_asks_less_is_named(change, words):
    assert words in asks_less(RuleSpec.model_validate(SPEC | change), RuleSpec.model_validate(SPEC))


def test_asking_more_is_no_less():
    more = SPEC | {"trigger": SPEC["trigger"] | {"times": 3}, "target": [MEMBERS]}
    assert asks_less(RuleSpec.model_validate(more), RuleSpec.model_validate(SPEC)) == ""


@pytest.mark.parametrize(
    ("change", "words"),
    [({"closes_days_after": 5}, "期限"), ({"due_days_before": 0}, "次数"), ({"coverage": "selected"}, "普遍")],
)
def test_a_festival_may_not_be_loosened(change, words):
    looser = OCCASION | {"trigger": FESTIVAL | change}
    assert words in asks_less(RuleSpec.model_validate(looser), RuleSpec.model_validate(OCCASION))


NEAR_PACK = """
[policy]
code = "near"
title = "本单位办法"
number = "试〔2026〕1号"
issuer = "试验党委"

[[clause]]
code = "1"
printed = "第1条"
heading = "谈心"
gist = "谈心。"

[[rule]]
code = "yearly-talk"
title = "年度谈心谈话"
clause = "1"
mechanism = "M15"
force = "{force}"
action = "talk"
replaces = "henan-water-2020/yearly-talk"
responsible = {{ role = "secretary" }}
target = [{{ condition = "standing", standings = ["full", "probationary"] }}]
trigger = {{ kind = "quota", times = 2, per = "year", counted_per = "member" }}
set_by = {{ times = "organisation" }}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of packs with those of the product in it."""
    for path in packs.FOLDER.glob("*.toml"):
        shutil.copy(path, tmp_path)
    monkeypatch.setattr(packs.SHELF, "folder", tmp_path)
    return tmp_path


@pytest.mark.parametrize("order", [("near", "henan-water-2020"), ("henan-water-2020", "near")])
def test_a_pack_that_subtracts_is_refused_whichever_comes_first(db, folder, order):
    (folder / "near.toml").write_text(NEAR_PACK.format(force="可以"), encoding="utf-8")
    load_pack(order[0])
    with pytest.raises(PackRefused, match="约束力更弱"), transaction.atomic():
        load_pack(order[1])
    assert Policy.objects.count() == 1


def test_a_pack_that_adds_is_taken(cast, folder):
    (folder / "near.toml").write_text(NEAR_PACK.format(force="应当"), encoding="utf-8")
    henan, near = load_pack("henan-water-2020"), load_pack("near")
    adopt(by=None, organisation=cast.committee, policy=henan, since=date(2026, 1, 1), today=today())
    adopt(by=None, organisation=cast.branch, policy=near, since=date(2026, 1, 1), today=today())
    sweep_on(NOW)
    talks = Duty.objects.filter(member=cast.li, rule__code="yearly-talk")
    assert [duty.rule.policy.code for duty in talks] == ["near"]
