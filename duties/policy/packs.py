"""Reading policy packs: one TOML file a document, validated whole, written to policy, clauses and rules.

Those of the product lie in ``packs/`` and are named by their code; an office brings its own as a file of any name.
"""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction
from django.db.models import Q

from base.dates import DAWN
from base.facts import Fact, facts_changed, facts_will_change
from base.tomlfiles import Shelf
from duties.policy.adoption import rebuild_reach
from duties.policy.models import Clause, Force, Policy, Rule
from duties.policy.schema import Pack, RuleSpec
from duties.policy.strength import asks_less
from members.enums import SANCTIONS, EventKind

FOLDER = Path(__file__).parent / "packs"
_FORCES = {label: value for value, label in Force.choices}


class PackRefused(Exception):
    """A pack that cannot be used; the text is a sentence with file, place and fault."""


SHELF = Shelf(
    FOLDER, Pack, head="policy", noun="制度包", places={"rule": "规则", "clause": "条款"}, refused=PackRefused
)
pack_codes, parse_pack, read_pack, read_file = SHELF.codes, SHELF.parse, SHELF.read, SHELF.read_file


def shipped_packs() -> tuple[dict[str, Pack], dict[str, str]]:
    """The packs of the product by their code, and of those that do not fit the sentences."""
    packs, refused = {}, {}
    for code in pack_codes():
        try:
            packs[code] = read_pack(code)
        except PackRefused as error:
            refused[code] = str(error)
    return packs, refused


def rules_of(packs: Iterable[Pack]) -> dict[str, RuleSpec]:
    """The rules of packs by the name others give them: ``policy/rule``."""
    return {f"{pack.policy.code}/{rule.code}": rule for pack in packs for rule in pack.rules}


def loaded_rules(beside: Pack | None = None) -> dict[str, RuleSpec]:
    """The rules in the database, likewise; ``beside`` a pack only those whose place it takes or that take its place."""
    rules = Rule.objects.select_related("policy").order_by("pk")
    if beside:
        wanted = Q(replaces__startswith=f"{beside.policy.code}/")
        for policy, _, code in (rule.replaces.partition("/") for rule in beside.rules if rule.replaces):
            wanted |= Q(policy__code=policy, code=code)
        rules = rules.filter(wanted)
    return {str(rule): rule.parsed for rule in rules}


def replacing_faults(pack: Pack, known: dict[str, RuleSpec], elsewhere: Container[str] = frozenset()) -> Iterator[str]:
    """What is wrong with the rules of ``pack`` that take another's place, and with those that take theirs: a lower body
    may add, never subtract, whichever of the two was there first.

    :param known: the rules to compare with, by their names (:func:`rules_of`).
    :param elsewhere: names of rules that exist besides, with which nothing can be compared yet.
    """
    own = rules_of([pack])
    every = known | own
    for name, rule in every.items():
        old = every.get(rule.replaces)
        if rule.replaces is None or not {name, rule.replaces} & set(own):
            continue
        if old is None and rule.replaces not in elsewhere:
            yield f"规则 {name} 要代替 {rule.replaces}，但没有这条规则。请核对“制度编号/规则编号”。"
        elif old and (fault := asks_less(rule, old)):
            yield f"规则 {name} 要代替 {rule.replaces}，但要求比它低：{fault}。下级可以加码，不能减。"


def _check_replacing(pack: Pack, besides: Sequence[Pack]) -> None:
    known, elsewhere = loaded_rules(beside=pack), set(rules_of(besides))
    if any(rule.replaces and rule.replaces not in known for rule in pack.rules):
        elsewhere |= set(rules_of(shipped_packs()[0].values()))
    if faults := list(replacing_faults(pack, known, elsewhere)):
        raise PackRefused(f"制度包 {pack.policy.code} 不合格：" + "".join(faults))


@dataclass
class Loaded:
    """What loading a pack changed: codes of rules. ``left`` names rules of the database that the pack has no more:
    they stay, with their duties, until their adoption ends.
    """

    policy: Policy
    fresh: bool = False
    reworded: bool = False
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    @property
    def anything(self) -> bool:
        return bool(self.fresh or self.reworded or self.added or self.changed)


def load_pack(code: str) -> Policy:
    """Bring a pack of the product into the database: create or update policy, clauses, rules; unchanged rules keep
    their version. A code that only an office's own pack bears finds that pack as it was loaded from its file.

    :returns: the policy.
    :raises PackRefused: as :func:`read_pack`, or when a rule may not take the place it names.
    """
    own = None if code in pack_codes() else Policy.objects.filter(code=code).first()
    return own or write_pack(read_pack(code)).policy


def load_packs(codes: Sequence[str] | None = None) -> list[Loaded]:
    """Bring packs of the product into the database, all of them unless named. Twice changes nothing.

    :raises PackRefused: as :func:`load_pack`; those before it stay loaded.
    """
    return [write_pack(read_pack(code)) for code in (pack_codes() if codes is None else codes)]


@transaction.atomic
def write_pack(pack: Pack, besides: Sequence[Pack] = ()) -> Loaded:
    """Bring a pack that was read into the database.

    :param besides: packs that come with it, whose rules it may name.
    :raises PackRefused: when a rule may not take the place it names; then nothing of the pack is written.
    """
    facts_will_change(alone=True)
    policy, fresh = Policy.objects.get_or_create(
        code=pack.policy.code, defaults=pack.policy.model_dump(exclude={"code"})
    )
    loaded = Loaded(policy, fresh, reworded=_write_words(policy, pack))
    clauses = {clause.code: clause for clause in policy.clauses.all()}
    known = {rule.code: rule for rule in Rule.objects.filter(policy=policy)}
    loaded.left = sorted(set(known) - {spec.code for spec in pack.rules})
    new, old = [], []
    for position, spec in enumerate(pack.rules):
        rule = known.get(spec.code) or Rule(policy=policy, code=spec.code, version=0)
        stored = spec.model_dump(mode="json", by_alias=True) | {"own_numbers": spec.own_numbers}
        if rule.pk is None or rule.parsed != spec:
            (loaded.added if rule.pk is None else loaded.changed).append(spec.code)
            rule.version += 1
        rule.spec, rule.position, rule.clause = stored, position, clauses[spec.clause]
        rule.title, rule.mechanism, rule.action = spec.title, spec.mechanism, spec.action
        rule.force, rule.sensitive = _FORCES[spec.force], spec.sensitive
        rule.sanction, rule.replaces = _tells_of_sanctions(spec), spec.replaces or ""
        (new if rule.pk is None else old).append(rule)
    Rule.objects.bulk_create(new)
    Rule.objects.bulk_update(old, _OF_RULE)
    _check_replacing(pack, besides)
    if loaded.added or loaded.changed:
        rebuild_reach(policy)
        facts_changed(Fact.ADOPTION, since=DAWN, people=None, organisations=None)
    return loaded


_OF_RULE = (
    "spec", "position", "clause", "title", "mechanism", "action", "force", "sensitive", "sanction", "replaces",
    "version",
)  # fmt: skip


def _tells_of_sanctions(spec: RuleSpec) -> bool:
    return bool(spec.categories & SANCTIONS) or EventKind.PUNISHMENT in getattr(spec.trigger, "events", ())


def _write_words(policy: Policy, pack: Pack) -> bool:
    """Title, issuer and clauses; whether any of them changed."""
    fields, told = pack.policy.model_dump(exclude={"code"}), {"printed", "heading", "gist"}
    changed = [name for name, value in fields.items() if getattr(policy, name) != value]
    if changed:
        for name in changed:
            setattr(policy, name, fields[name])
        policy.save(update_fields=changed)
    known, new = {clause.code: clause for clause in policy.clauses.all()}, []
    for position, spec in enumerate(pack.clauses):
        wanted = {"position": position, "spec": spec.model_dump(mode="json", exclude=told | {"code"})}
        wanted |= spec.model_dump(include=told)
        there = known.get(spec.code)
        if there is None:
            new.append(Clause(policy=policy, code=spec.code, **wanted))
        elif any(getattr(there, name) != value for name, value in wanted.items()):
            Clause.objects.filter(pk=there.pk).update(**wanted)
            changed.append(spec.code)
    return bool(Clause.objects.bulk_create(new) or changed)
