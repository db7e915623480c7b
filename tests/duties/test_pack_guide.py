"""docs/packs.md: its examples make a pack that loads, show all the schema can say, and list every word."""

import re

import pytest
from django.conf import settings

from base.calendar import Occasion
from duties.engine.models import Action
from duties.policy.coverage import doubts
from duties.policy.packs import PackRefused, load_pack, parse_pack, write_pack
from duties.policy.schema import Condition, Responsible, RuleSpec, Trigger
from members.enums import ADMINISTRATORS, CategoryKind, EventKind, OrganisationKind, Role, Standing, TieKind

GUIDE = (settings.BASE_DIR / "docs" / "packs.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```toml\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
WHOLE = "\n".join(BLOCKS)
HEAD = "\n".join(block for block in BLOCKS if "[[rule]]" not in block)
WORDS = (CategoryKind, EventKind, OrganisationKind, Standing, TieKind, Occasion, Action)


def union(kinds, name):
    """The words by which the parts of a discriminated union are told apart."""
    return {part.model_fields[name].annotation.__args__[0] for part in kinds.__args__[0].__args__}


@pytest.mark.parametrize("block", [block for block in BLOCKS if "[[rule]]" in block])
def test_each_block_of_rules_stands_by_itself(block):
    assert parse_pack(HEAD + block, "packs.md").rules


def test_the_blocks_together_are_a_pack_that_loads_without_a_doubt(db):
    pack = parse_pack(WHOLE, "packs.md")
    assert list(doubts(pack)) == []
    load_pack("henan-water-2020")
    assert len(write_pack(pack).added) == len(pack.rules) == WHOLE.count("[[rule]]")


def test_the_examples_show_every_trigger_and_every_condition():
    rules = parse_pack(WHOLE, "packs.md").rules
    assert {rule.trigger.kind for rule in rules} == union(Trigger, "kind")
    assert {condition.condition for rule in rules for condition in rule.target} == union(Condition, "condition")


def test_the_examples_show_every_part_of_a_rule_and_every_way_to_be_responsible():
    rules = parse_pack(WHOLE, "packs.md").rules
    assert {name for rule in rules for name in rule.model_fields_set} == set(RuleSpec.model_fields)
    assert {name for rule in rules for name in rule.responsible.model_fields_set} == set(Responsible.model_fields)
    asked = {(rule.trigger.kind, name) for rule in rules for name in rule.trigger.model_fields_set}
    every = {
        (part.model_fields["kind"].annotation.__args__[0], name)
        for part in Trigger.__args__[0].__args__
        for name in part.model_fields
    }
    assert every - asked == {("event", "counted_per")}  # told in a sentence: few offices will have it
    quotas = [rule.trigger for rule in rules if rule.trigger.kind == "quota"]
    assert {trigger.counted_per for trigger in quotas} == {"member", "actor", "pair", "organisation"}


def test_the_guide_lists_every_word_with_its_chinese():
    words = [word for each in WORDS for word in each] + [role for role in Role if role not in ADMINISTRATORS]
    assert [word for word in words if f"`{word.value}` {word.label}" not in GUIDE] == []


def test_the_sentence_the_guide_quotes_is_the_one_a_reader_gets():
    wrong = WHOLE.replace('events = ["hired", "transfer_in"], within_days = 10', 'events = ["hired"], within_days = -1')
    with pytest.raises(PackRefused) as refused:
        parse_pack(wrong, "x")
    said = re.search(r"^    (规则 newcomer-talk .*)$", GUIDE, re.MULTILINE).group(1)
    assert said in str(refused.value)
