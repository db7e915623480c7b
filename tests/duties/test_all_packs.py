"""All policies of the product at once: every rule runs on this engine, and what is run twice changes nothing."""

from datetime import date

import pytest

from duties.engine.models import Duty
from duties.engine.sweep import sweep
from duties.policy.adjusting import adjust
from duties.policy.adoption import adopt
from duties.policy.models import Rule
from duties.policy.packs import load_pack, pack_codes
from members.bonds import begin_tie
from members.enums import CategoryKind, EventKind, TieKind
from members.models import Category
from tests.duties.acts import die, happen, rebuilt, table, talk

TODAY = date(2026, 11, 23)


@pytest.fixture
def everything(cast):
    for code in ["working-rules", *pack_codes()]:
        if not Rule.objects.filter(policy__code=code).exists():
            policy = load_pack(code)
            adopt(by=None, organisation=cast.committee, policy=policy, since=date(2026, 1, 1), today=TODAY)
    for place in (cast.committee, cast.general):
        for rule in Rule.objects.filter(spec__proposal=True):
            adjust(by=None, organisation=place, rule=rule, numbers={}, since=date(2026, 1, 1), today=TODAY)
    for kind in EventKind:
        if kind != EventKind.DEATH:
            happen(cast.li, kind, date(2026, 11, 16))
    for kind in CategoryKind:
        Category.objects.create(person=cast.zhao, kind=kind, since=date(2026, 5, 1), basis="试验")
    for kind in (TieKind.CONTACT, TieKind.LEADER_CONTACT, TieKind.PAIRING):
        begin_tie(person=cast.zhao, to=cast.commissioner, kind=kind, since=date(2026, 5, 1), today=TODAY)
    Category.objects.create(person=cast.sun, kind=CategoryKind.BEREAVED, since=date(2026, 11, 10), basis="试验")
    die(cast.sun, date(2026, 11, 10))
    happen(cast.sun, EventKind.DEATH, date(2026, 11, 10))
    return cast


def test_every_policy_runs_and_is_a_function_of_the_facts(everything):
    sweep(on=TODAY, today=TODAY)
    talk(everything.li, everything.secretary, on=date(2026, 11, 20))
    happen(everything.sun, EventKind.ILLNESS, date(2026, 11, 22))
    for on in (TODAY, date(2027, 2, 6), date(2027, 7, 2)):
        sweep(on=on, today=TODAY, ahead=True)
    lived = table()
    assert rebuilt(date(2027, 7, 2)) == lived
    with_duties = set(Duty.objects.values_list("rule", flat=True))
    assert len(with_duties) > 240, Rule.objects.exclude(pk__in=with_duties).count()
