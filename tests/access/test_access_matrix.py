"""Every URL pattern, as everyone, about everything: exactly as the policy's table says."""

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import cycle

import pytest
from django.urls import reverse

from members.enums import Capability, Role
from tests.access.browsing import Address, Browser, addresses, contents, patterns, plain
from tests.access.policy import Line, Who, expected, grid, lines
from tests.access.town import COLUMNS, NEAR, TWINS

pytestmark = pytest.mark.anywhere

LINES = lines()


def unlisted(table: Sequence[Line] = LINES) -> set[str]:
    """Pages without a line, and lines without a page."""
    return {name for name, _pattern in patterns()} ^ {line.page for line in table}


def without_column(roles: Iterable[str] = Role) -> set[str]:
    """Roles that no column holds or that the grid does not know."""
    held = {role for column in COLUMNS.values() for role, _place in column.posts}
    return set(roles) - (held & set(grid()))


def test_the_policy_lists_every_page_and_no_other():
    assert unlisted() == set()


def test_every_role_has_a_column_and_every_capability_a_role():
    assert without_column() == set()
    assert {capability.name for capability in Capability} == set().union(*grid().values())


TURNS = {key: number for number, key in enumerate(COLUMNS)}


def questions(town, key: str, method: str, *, htmx: bool, table: Sequence[Line] = LINES) -> Iterator[Address]:
    """What a column is asked by a method, see :func:`telling`. A page that takes no such method is asked once; for a
    fragment each page is asked by a third of the columns.
    """
    who, way = Who(key, town), TURNS[key] + 2 * (method == "POST") + htmx
    for number, line in enumerate(table):
        if htmx and table is LINES and (number + TURNS[key]) % 3:
            continue
        found = addresses(line, town, key)
        if method in line.methods:
            answers = [(each, expected(who, line, each.thing, method)) for each in found]
            yield from telling(answers, number + way, fragment=htmx, twin=key in TWINS)
        elif not htmx:
            yield found[0]


FOUND_OF_EACH = 6
"""Things that a column finds by one line and is asked about, in turns; with all columns and ways, each of them is."""


def telling(answers: list[tuple[Address, str]], turn: int, *, fragment: bool, twin: bool) -> list[Address]:
    """Of what a line could be asked about, each with the answer due: what tells something new.

    What a column does not find near by is asked for thing by thing; of what it does not find elsewhere, one thing of
    each place, and of what it finds, :data:`FOUND_OF_EACH` of each line. A page that refuses whatever it is asked
    about, a fragment and a twin are asked about one thing for each answer, but a fragment about all it shows near by.
    Where one thing stands for several, it is another one from line to line, column to column and way to way.
    """
    due = {answer for _each, answer in answers}
    alike = len(due) == 1 and due != {"ok"}
    groups: dict[tuple, list[Address]] = defaultdict(list)
    for number, (each, answer) in enumerate(answers):
        place = each.thing.place if each.thing else ""
        near = each.thing is None or each.thing.label in NEAR
        if alike or twin or (fragment and not (near and answer == "ok")):
            groups[answer,].append(each)
        else:
            found = number % FOUND_OF_EACH if answer == "ok" else number
            groups[(answer, place) if answer == "404" and not near else (answer, found)].append(each)
    return [group[turn % len(group)] for group in groups.values()]


def others(town, key: str) -> Iterator[tuple[str, Address]]:
    """HEAD of pages, and in turn the methods that none takes: each page is asked so by a fourth of the columns."""
    refused = cycle(("PUT", "PATCH", "DELETE"))
    for number, line in enumerate({line.page: line for line in LINES}.values()):
        if (number + TURNS[key]) % 4 == 0:
            for method in ("HEAD", next(refused)):
                yield method, addresses(line, town, key)[0]


def swept(browser: Browser, method: str, *, htmx: bool, table: Sequence[Line] = LINES) -> tuple[dict, dict]:
    """Ask everything by the method: (what was not as expected, the texts of what was not found)."""
    wrong, lost = {}, defaultdict(dict)
    for address in questions(browser.town, browser.key, method, htmx=htmx, table=table):
        answer = browser.ask(method, address.url, address.body, htmx=htmx)
        right = expected(browser.who, address.line, address.thing, method)
        if answer.kind != right:
            wrong[f"{method} {address}"] = f"{answer.kind}, not {right}"
        if answer.kind == "404":
            lost[plain(answer)][f"{method} {address}"] = address.url
    return wrong, lost


WAYS = [(method, htmx) for method in ("GET", "POST") for htmx in (False, True)]


def test_a_twin_may_what_its_other_may():
    """And stands where the other stands."""
    granted = grid()
    for key, other in TWINS.items():
        mine, its = COLUMNS[key], COLUMNS[other]
        may = [{at: granted[role] for role, at in column.posts if granted[role]} for column in (mine, its)]
        assert (mine.home, may[0]) == (its.home, may[1])


def test_how_large_the_matrix_is(town):
    """Printed with ``pytest -s``; docs/access.md says when it was last measured."""
    asked = {key: sum(len([*questions(town, key, way, htmx=htmx)]) for way, htmx in WAYS) for key in COLUMNS}
    asked = {key: count + len([*others(town, key)]) for key, count in asked.items()}
    places = {thing.place for thing in town.things if thing.place}
    pages, forms = len(patterns()), len({line.page for line in LINES if "POST" in line.methods})
    size = (
        f"{pages} patterns ({forms} take forms), {len(LINES)} lines, {len(COLUMNS)} columns, {len(town.things)} objects"
    )
    sys.stdout.write(f"\n{size} in {len(places)} places, {len(town.tokens)} tokens, {sum(asked.values())} requests\n")
    assert min(asked.values()) > 2 * pages
    assert pages == len({name for name, _pattern in patterns()}), "two patterns of one name are one line of the policy"


@pytest.mark.parametrize(("method", "htmx"), WAYS, ids=["GET", "GET-fragment", "POST", "POST-fragment"])
@pytest.mark.parametrize("key", COLUMNS)
def test_everybody_finds_what_the_policy_says(town, key, method, htmx):
    """What is out of reach looks like what is not there, and reading changes nothing."""
    browser, before = Browser(town, key), contents() if method == "GET" else {}
    wrong, lost = swept(browser, method, htmx=htmx)
    assert wrong == {}
    assert browser.leaks == {}
    assert browser.words == {}
    assert len(lost) <= 1, [next(iter(each.items())) for each in lost.values()]
    after = contents() if method == "GET" else {}  # what is sent is undone one by one
    assert {table for table in before if before[table] != after[table]} == set()


@pytest.mark.parametrize("key", COLUMNS)
def test_the_rail_counts_for_everybody(town, key, with_counts):
    browser = Browser(town, key)
    assert browser.ask("GET", reverse("me" if COLUMNS[key].signed_in else "sign_in")).kind == "ok"
    assert browser.leaks == {}


@pytest.mark.parametrize("key", COLUMNS)
def test_other_methods(town, key):
    """HEAD is answered as GET is; there is nothing to put, patch or delete."""
    browser, wrong = Browser(town, key), {}
    for method, address in others(town, key):
        right = expected(browser.who, address.line, address.thing, method)
        answer = browser.ask(method, address.url)
        if answer.kind != right:
            wrong[f"{method} {address}"] = f"{answer.kind}, not {right}"
    assert wrong == {}


@pytest.mark.parametrize("key", ["anonymous", "member", "secretary", "department_clerk", "security_administrator"])
def test_nothing_is_sent_from_elsewhere(town, key):
    """Without the token against forged forms every page refuses, whether it takes forms or not (G7)."""
    browser, fragment = Browser(town, key), cycle((False, True))
    taken = {}
    for address in {line.page: addresses(line, town, key)[0] for line in LINES}.values():
        answer = browser.ask("POST", address.url, address.body, strict=True, htmx=next(fragment))
        if answer.kind != "403":
            taken[str(address)] = answer.kind
    assert taken == {}
    assert browser.leaks == {}
