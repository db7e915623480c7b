"""Reading policy packs: one TOML file a document, validated whole, written to policy, clauses and rules."""

import tomllib
from pathlib import Path

from django.db import transaction
from pydantic import ValidationError

from base.dates import DAWN
from base.facts import Fact, facts_changed
from duties.policy.adoption import rebuild_reach
from duties.policy.models import Clause, Force, Policy, Rule
from duties.policy.schema import Pack
from duties.policy.strength import asks_less

FOLDER = Path(__file__).parent / "packs"
_FAULTS = {
    "missing": "缺这一项",
    "extra_forbidden": "没有这一项，可能是写错了名字",
    "literal_error": "只能是 {expected}",
    "enum": "只能是 {expected}",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "int_type": "要写整数",
    "int_parsing": "要写整数",
    "string_type": "要写文字",
    "bool_type": "只能是 true 或 false",
    "union_tag_invalid": "不认识的种类 {tag}，只能是 {expected_tags}",
    "union_tag_not_found": "没有说明种类",
    "string_pattern_mismatch": "写法不对，应符合 {pattern}",
    "too_short": "至少要有 {min_length} 项",
    "value_error": "{msg}",
}
_FORCES = {label: value for value, label in Force.choices}


class PackRefused(Exception):
    """A pack that cannot be used; the text is a sentence with file, place and fault."""


def pack_codes() -> list[str]:
    """The codes of all packs that come with the product."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def parse_pack(text: str, name: str) -> Pack:
    """Validate the text of a pack.

    :param text: TOML.
    :param name: the file's name, for the sentence.
    :raises PackRefused: naming file, rule and fault.
    """
    try:
        raw = tomllib.loads(text)
        return Pack.model_validate(raw)
    except tomllib.TOMLDecodeError as error:
        raise PackRefused(f"制度包 {name} 不是合格的 TOML 文件：{error}。") from error
    except ValidationError as error:
        raise PackRefused(
            f"制度包 {name} 不合格：" + "；".join(_sentence(fault, raw) for fault in error.errors())
        ) from error


def _sentence(fault, raw) -> str:
    where = [str(part) for part in fault["loc"]]
    if len(where) > 1 and where[0] == "rule":
        where[:2] = [f"规则 {raw['rule'][int(where[1])].get('code', where[1])}"]
    said = _FAULTS.get(fault["type"], "{msg}").format(
        msg=fault["msg"].removeprefix("Value error, "), **fault.get("ctx", {})
    )
    return f"{' / '.join(where) or '全文'}：{said}"


def read_pack(code: str) -> Pack:
    """The pack named ``code``. Raises :class:`PackRefused` when there is none or it is faulty."""
    path = FOLDER / f"{code}.toml"
    if code not in pack_codes():
        raise PackRefused(f"没有名为 {code} 的制度包。现有：{'、'.join(pack_codes())}。")
    pack = parse_pack(path.read_text(encoding="utf-8"), path.name)
    if pack.policy.code != code:
        raise PackRefused(f"制度包 {path.name} 里的编号 {pack.policy.code} 与文件名不一致。")
    return pack


def _check_replacing(policy: Policy) -> None:
    """A rule may take another's place only if it asks at least as much, whichever of the two was loaded first."""
    for rule in Rule.objects.exclude(replaces="").select_related("policy").order_by("pk"):
        for old in rule.replaced().select_related("policy"):
            fault = asks_less(rule.parsed, old.parsed)
            if fault and policy in (rule.policy, old.policy):
                raise PackRefused(f"规则 {rule} 要代替 {old}，但要求比它低：{fault}。下级可以加码，不能减。")


@transaction.atomic
def load_pack(code: str) -> Policy:
    """Bring the pack into the database: create or update policy, clauses, rules; unchanged rules keep their version.

    :returns: the policy.
    :raises PackRefused: as :func:`read_pack`.
    """
    pack = read_pack(code)
    fields = pack.policy.model_dump(exclude={"code"})
    policy, _ = Policy.objects.update_or_create(code=code, defaults=fields)
    clauses = {}
    for position, clause in enumerate(pack.clauses):
        defaults = {**clause.model_dump(exclude={"code"}), "position": position}
        clauses[clause.code], _ = Clause.objects.update_or_create(policy=policy, code=clause.code, defaults=defaults)
    known = {rule.code: rule for rule in Rule.objects.filter(policy=policy)}
    changed = added = False
    for position, spec in enumerate(pack.rules):
        rule = known.get(spec.code) or Rule(policy=policy, code=spec.code, version=0)
        stored = spec.model_dump(mode="json", by_alias=True) | {"own_numbers": spec.own_numbers}
        if rule.spec != stored:
            changed, added = changed or rule.pk is not None, added or rule.pk is None
            rule.version += 1
        rule.spec, rule.position, rule.clause = stored, position, clauses[spec.clause]
        rule.title, rule.mechanism, rule.action = spec.title, spec.mechanism, spec.action
        rule.force, rule.sensitive = _FORCES[spec.force], spec.sensitive
        rule.replaces = spec.replaces or ""
        rule.save()
    _check_replacing(policy)
    if added or changed:
        rebuild_reach(policy)
    if changed or added:
        facts_changed(Fact.ADOPTION, since=DAWN, people=None, organisations=None)
    return policy
