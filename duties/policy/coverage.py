"""What of each document the product carries out, and by what: the reference ``docs/coverage.md``, and its faults.

Made from the packs (clause → mechanism → rule) and from :mod:`duties.policy.answers` (registry, record, workflow,
principle). Pure: what stands in the repository is told by a :class:`Ground`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from duties.policy.answers import ANSWERS, KIND_LABELS, MECHANISMS, Answer
from duties.policy.schema import ClauseSpec, Pack, RuleSpec

BOARD = "duty_board"
"""The page of a rule whose action has no form of its own; all duties stand there."""
_NONE = "–"
_HEAD = """# What of each document is carried out, and by what

Made by `manage.py coverage_reference` from the packs in `duties/policy/packs/` and from `duties/policy/answers.py`;
not to be edited. `make check` fails when it is stale, when a page or a test it names is not there, when a principle is
claimed where something is to be done, and when a rule is named by no scenario test.

A clause (条款) asks for mechanisms: kinds of work, M01 to M56, that return in every document. Each is answered by a
rule (规则) that makes duties, a registry (台账), a record (记录), a workflow (流程), or is a principle (原则) that asks
for nothing one could enter. Pages are URL names; that of a rule is the form its act is entered with, while its duties
stand on `duty_board`. What a later issue brings, and what nothing answers, stands at the end.
"""


@dataclass(frozen=True)
class Ground:
    """What stands in the repository.

    ``has_page``: whether a URL name resolves; ``has_test``: whether a test file is there; ``scenarios``: by code of a
    pack the text of its scenario test; ``forms``: by action the URL name of its form.
    """

    has_page: Callable[[str], bool]
    has_test: Callable[[str], bool]
    scenarios: Mapping[str, str]
    forms: Mapping[str, str]

    def test_of(self, pack: Pack, rule: RuleSpec) -> str:
        """The scenario test that names the rule; empty if none does."""
        text = self.scenarios.get(pack.policy.code, "")
        return scenario_file(pack.policy.code) if f'"{rule.code}"' in text or f"'{rule.code}'" in text else ""


@dataclass(frozen=True)
class Line:
    """One clause, one mechanism it asks for, and all that answers it."""

    pack: Pack
    clause: ClauseSpec
    mechanism: str
    rules: tuple[RuleSpec, ...]
    answers: tuple[str, ...]

    @property
    def place(self) -> str:
        return f"{self.pack.policy.code} {self.clause.printed}"

    @property
    def known(self) -> dict[str, Answer]:
        return {name: ANSWERS[name] for name in self.answers if name in ANSWERS}

    @property
    def standing(self) -> bool:
        """Whether something that is there answers it, or that will be, with its issue."""
        return bool(self.rules) or any(stands(answer) or answer.issue for answer in self.known.values())


def scenario_file(policy: str) -> str:
    """Where the scenario test of a pack lies."""
    return f"tests/duties/scenarios/test_{policy.replace('-', '_')}.py"


def stands(answer: Answer) -> bool:
    """Whether the answer is there today: a principle, or something with a page."""
    return answer.kind == "principle" or (bool(answer.page) and answer.issue is None)


def lines(packs: Sequence[Pack]) -> list[Line]:
    """Every clause × mechanism, in the order of the documents. A clause that lists no mechanisms asks for those of
    its rules.
    """
    found = []
    for pack in packs:
        for clause in pack.clauses:
            rules = [rule for rule in pack.rules if rule.clause == clause.code]
            for code in clause.mechanisms or sorted({rule.mechanism for rule in rules}):
                own = tuple(rule for rule in rules if rule.mechanism == code)
                found.append(Line(pack, clause, code, own, tuple(clause.answers.get(code, ()))))
    return found


def doubts(pack: Pack) -> Iterator[str]:
    """What a reader of the pack should look at: the sentences of ``check_pack``; none of them refuses the pack."""
    for line in lines([pack]):
        place, name = f"条款 {line.clause.code}", f"机制 {line.mechanism}"
        if line.mechanism not in MECHANISMS:
            yield f"{place} 写了{name}，没有这个机制，只有 M01 到 M56"
        elif unknown := [each for each in line.answers if each not in ANSWERS]:
            yield f"{place} 的{name} 写了 {'、'.join(unknown)}，answers 里没有这个名字"
        elif not line.standing:
            yield f"{place} 的{name}（{MECHANISMS[line.mechanism][0]}）没有规则，也没有写由什么落实"
        if _wrongly_a_principle(line):
            yield f"{place} 的{name} 有事要做，不能只当作原则"
    for clause in pack.clauses:
        if not clause.mechanisms and not any(rule.clause == clause.code for rule in pack.rules):
            yield f"条款 {clause.code} 没有写机制，也没有规则"


def _wrongly_a_principle(line: Line) -> bool:
    kinds = MECHANISMS.get(line.mechanism, ("", "POL"))[1]
    return "POL" not in kinds.split() and any(each.kind == "principle" for each in line.known.values())


def faults(packs: Sequence[Pack], ground: Ground) -> Iterator[str]:
    """What ``coverage_reference --check`` fails on, besides a stale file."""
    for name, answer in ANSWERS.items():
        if answer.page and not ground.has_page(answer.page):
            yield f"answer {name}: its page {answer.page} is not a URL name"
        if answer.test and not ground.has_test(answer.test):
            yield f"answer {name}: its test {answer.test} is not there"
    for line in lines(packs):
        place = f"{line.place} {line.mechanism}"
        if line.mechanism not in MECHANISMS:
            yield f"{place}: no such mechanism"
        for name in line.answers:
            if name not in ANSWERS:
                yield f"{place}: no answer is named {name}"
        if _wrongly_a_principle(line):
            yield f"{place}: a principle is claimed where something is to be done ({MECHANISMS[line.mechanism][1]})"
    yield from _untried(packs, ground)


def _untried(packs: Sequence[Pack], ground: Ground) -> Iterator[str]:
    for pack in packs:
        if rules := [rule.code for rule in pack.rules if not ground.test_of(pack, rule)]:
            yield f"{pack.policy.code}: named by no scenario test: {', '.join(rules)}"


# The document ---------------------------------------------------------------------------------------------------------


def document(packs: Sequence[Pack], ground: Ground) -> str:
    """The text of ``docs/coverage.md``."""
    found = lines(packs)
    parts = [_HEAD, _mechanisms(found, ground)]
    parts += [_of_pack(pack, [line for line in found if line.pack is pack], ground) for pack in packs]
    parts += [*_coming(found), _open(packs, found, ground)]
    return "\n".join(parts)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    shown = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in shown) + "\n"


def _cell(parts) -> str:
    """Several things in one cell, each once, one below the other."""
    return "<br>".join(dict.fromkeys(part for part in parts if part)) or _NONE


def _code(name: str) -> str:
    return f"`{name}`" if name else ""


def _file(path: str) -> str:
    return f"[{path.rpartition('/')[2]}](../{path})" if path else ""


def _pages(rules: Sequence[RuleSpec], answers: Sequence[Answer], ground: Ground) -> str:
    of_rules = [ground.forms.get(rule.action, BOARD) for rule in rules]
    return _cell(_code(page) for page in (*of_rules, *(answer.page for answer in answers)))


def _kinds(rules: Sequence[RuleSpec], answers: Sequence[Answer]) -> str:
    served = {"rule"} if rules else set()
    served |= {answer.kind for answer in answers}
    return "、".join(label for kind, label in KIND_LABELS.items() if kind in served) or _NONE


def _said(name: str) -> str:
    """An answer in words; one that does not exist is told by its name, one to come by its issue."""
    answer = ANSWERS.get(name)
    if answer is None:
        return f"`{name}` (unknown)"
    return f"{answer.title} (issue {answer.issue})" if answer.issue else answer.title


def _mechanisms(found: Sequence[Line], ground: Ground) -> str:
    rows = []
    for code, (title, _kinds_of) in MECHANISMS.items():
        mine = [line for line in found if line.mechanism == code]
        named = list(dict.fromkeys(name for line in mine for name in line.answers))
        answers = [ANSWERS[name] for name in named if name in ANSWERS]
        rules = [rule for line in mine for rule in line.rules]
        by: dict[str, list[str]] = {}
        for line in mine:
            by.setdefault(line.pack.policy.code, []).extend(_code(rule.code) for rule in line.rules)
        told = [f"{policy}: {', '.join(codes)}" for policy, codes in by.items() if codes]
        tests = [ground.test_of(line.pack, rule) for line in mine for rule in line.rules]
        tests += [answer.test for answer in answers]
        rows.append([
            code, title, _kinds(rules, answers), _cell((*told, *map(_said, named))), _pages(rules, answers, ground),
            _cell(map(_file, tests)),
        ])  # fmt: skip
    heads = ("code", "mechanism", "kind", "served by", "page", "test")
    return f"## Mechanisms\n\n{_table(heads, rows)}"


def _of_pack(pack: Pack, found: Sequence[Line], ground: Ground) -> str:
    policy, rows = pack.policy, []
    for clause in pack.clauses:
        mine = [line for line in found if line.clause is clause]
        said = f"{clause.printed} {clause.heading}"
        rows += [[said, *_of_line(line, ground)] for line in mine] or [[said, _NONE, *PURPOSE, _NONE, _NONE]]
    number = f" {policy.number}" if policy.number else ""
    heads = ("clause", "mechanism", "kind", "answered by", "page", "test")
    return f"## {policy.title}{number}\n\n`{policy.code}`, {policy.issuer}\n\n{_table(heads, rows)}"


PURPOSE = (KIND_LABELS["principle"], "purpose, scope or coming into force: asks for nothing")
"""What is said of a clause without a mechanism."""


def _of_line(line: Line, ground: Ground) -> list[str]:
    title = MECHANISMS.get(line.mechanism, ("?",))[0]
    answers = list(line.known.values())
    rules = [f"{_code(rule.code)} {rule.title}（{rule.force}）" for rule in line.rules]
    tests = [ground.test_of(line.pack, rule) for rule in line.rules] + [answer.test for answer in answers]
    return [
        f"{line.mechanism} {title}", _kinds(line.rules, answers), _cell((*rules, *map(_said, line.answers))),
        _pages(line.rules, answers, ground), _cell(map(_file, tests)),
    ]  # fmt: skip


def _coming(found: Sequence[Line]) -> Iterator[str]:
    """What a later issue brings, and which clauses wait for it."""
    issues = sorted({answer.issue for answer in ANSWERS.values() if answer.issue})
    for issue in issues:
        rows = []
        for name, answer in ANSWERS.items():
            waiting = [line for line in found if name in line.answers]
            if answer.issue == issue and waiting:
                places = _cell(f"{line.place}: {line.mechanism}" for line in waiting)
                rows.append([answer.title, KIND_LABELS[answer.kind], places])
        if rows:
            yield f"## Comes with issue {issue}\n\n{_table(('what', 'kind', 'asked by'), rows)}"


def _open(packs: Sequence[Pack], found: Sequence[Line], ground: Ground) -> str:
    """What nothing answers yet, with no issue that would."""
    said = [
        f"{line.place}: {line.mechanism} {MECHANISMS.get(line.mechanism, ('no such mechanism',))[0]}"
        for line in found
        if not line.standing
    ]
    said += [f"{line.place}: {line.mechanism}, `{name}` is not there" for line in found for name in _gone(line)]
    named = {line.mechanism for line in found}
    said += [f"{code} {title}: asked by no clause" for code, (title, _) in MECHANISMS.items() if code not in named]
    said += _untried(packs, ground)
    return "## Open\n\n" + ("\n".join(f"- {each}" for each in said) or "Nothing.") + "\n"


def _gone(line: Line) -> list[str]:
    """Answers that do not exist and name no issue."""
    return [
        name for name in line.answers
        if name not in ANSWERS or not (stands(ANSWERS[name]) or ANSWERS[name].issue)
    ]  # fmt: skip
