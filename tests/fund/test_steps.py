"""Stage × action × actor: what the regulation allows happens, and every other cell is refused with a sentence."""

from itertools import product

import pytest

from fund.regulation.files import read_regulation, regulation_codes
from fund.regulation.steps import (
    APPLICANT,
    OVER,
    Actor,
    Move,
    Stage,
    StepRefused,
    Taken,
    check_hands,
    label_of,
    next_step,
    path,
    states,
    table,
)  # fmt: skip
from fund.regulation.words import LEVELS, Hand, StepKind
from members.enums import OrganisationKind, Role

BRANCH, GENERAL, COMMITTEE = LEVELS
DEFAULT = read_regulation("default")
SECRETARY, CLERK = Actor(Role.SECRETARY, BRANCH), Actor(Role.DEPARTMENT_CLERK, COMMITTEE)
HEAD, CASHIER = Actor(Role.DEPARTMENT_HEAD, COMMITTEE), Actor(Role.CASHIER, COMMITTEE)
WITHOUT_GENERAL = (BRANCH, COMMITTEE)
EVERYBODY = [APPLICANT, *(Actor(role, at) for role, at in product(Role, OrganisationKind))]


def walk(*acts, state=Stage.DRAFT, **how):
    for action, actor in acts:
        state = next_step(DEFAULT, state, action, actor, **how)
    return state


def test_a_college_without_general_branch_walks_the_chain_with_five_people():
    passed = [SECRETARY, CLERK, HEAD, CLERK, CASHIER, CASHIER, SECRETARY]
    acts = [(Move.SUBMIT, APPLICANT), *((Move.PASS, actor) for actor in passed)]
    assert walk(*acts, levels=WITHOUT_GENERAL) == Stage.CLOSED
    assert walk(*acts[:2]) == "general-review"
    assert [step.code for step in path(DEFAULT, levels=WITHOUT_GENERAL)] == [
        code for code in DEFAULT.codes if code != "general-review"
    ]


def test_a_committee_is_not_skipped():
    with pytest.raises(StepRefused, match="上面没有办理“组织部复核、集体研究、公示、发放、签收”的党组织"):
        path(DEFAULT, levels=(BRANCH, GENERAL))


def test_urgent_money_is_decided_first_and_shown_afterwards():
    urgent = [step.kind for step in path(DEFAULT, urgent=True)]
    assert urgent.index(StepKind.DECISION) < urgent.index(StepKind.PAYMENT) < urgent.index(StepKind.NOTICE)
    assert next_step(DEFAULT, "decision", Move.PASS, HEAD, urgent=True) == "payment"
    with pytest.raises(StepRefused, match="没有紧急程序"):
        path(read_regulation("hospital"), urgent=True)
    with pytest.raises(StepRefused, match="不走“待总支审核”这一步"):
        next_step(DEFAULT, "general-review", Move.PASS, Actor(Role.SECRETARY, GENERAL), urgent=True)


@pytest.mark.parametrize(
    ("state", "action", "actor", "after"),
    [
        ("branch-review", Move.RETURN, SECRETARY, Stage.RETURNED),
        (Stage.RETURNED, Move.SUBMIT, APPLICANT, "branch-review"),
        ("decision", Move.REFUSE, HEAD, Stage.REFUSED),
        ("notice", Move.OBJECT, CLERK, "notice/objected"),
        ("payment", Move.OBJECT, CLERK, "notice/objected"),
        ("notice/objected", Move.DISMISS, CLERK, "notice"),
        ("notice/objected", Move.REPOST, CLERK, "notice"),
        ("notice/objected", Move.REFUSE, CLERK, Stage.REFUSED),
        ("notice/objected", Move.RETURN, CLERK, Stage.RETURNED),
        ("payment", Move.WITHDRAW, APPLICANT, Stage.WITHDRAWN),
        ("payment", Move.DEATH, CASHIER, Stage.DIED),
        ("receipt", Move.FAIL, CASHIER, "payment"),
    ],
)
def test_what_else_can_happen(state, action, actor, after):
    assert next_step(DEFAULT, state, action, actor) == after


@pytest.mark.parametrize(
    ("state", "action", "actor", "said"),
    [
        (
            "notice",
            Move.PASS,
            CASHIER,
            "党委的出纳不能办“通过”，现在是“待公示”，由党委的组织部干事、党委的组织部负责人办理",
        ),
        ("notice/objected", Move.PASS, CLERK, "待公示（异议待答复）”，不能通过；可以办的是"),
        ("payment", Move.RETURN, CASHIER, "现在是“待发放”，不能退回；可以办的是：登记异议、撤回、通过、登记去世"),
        ("receipt", Move.WITHDRAW, APPLICANT, "不能撤回"),
        ("branch-review", Move.PASS, Actor(Role.SECRETARY, GENERAL), "党总支的书记不能办"),
        ("branch-review", Move.PASS, APPLICANT, "申请人不能办“通过”"),
        (Stage.REFUSED, Move.SUBMIT, APPLICANT, "这份申请不予帮扶，不能再提交"),
    ],
)
def test_a_refusal_says_where_it_stands_and_who_can(state, action, actor, said):
    with pytest.raises(StepRefused) as refused:
        next_step(DEFAULT, state, action, actor)
    assert said in str(refused.value)


def test_every_cell_of_the_table_is_either_a_step_or_a_sentence():
    for how in ({}, {"levels": WITHOUT_GENERAL}, {"urgent": True}):
        rows = table(DEFAULT, **how)
        known, refused = set(states(DEFAULT)), 0
        assert set(rows.values()) <= known
        # Of those who never act one of each is enough: a refusal looks at no more than the key.
        actors = {actor for _state, _action, actor in rows} | {
            Actor(Role.INSPECTOR, COMMITTEE), Actor(Role.SECRETARY, COMMITTEE), Actor(Role.CASHIER, BRANCH),
        }  # fmt: skip
        for cell in product(known, Move, actors):
            if cell in rows:
                assert next_step(DEFAULT, *cell, **how) == rows[cell]
                continue
            refused += 1
            with pytest.raises(StepRefused, match=r"。$"):
                next_step(DEFAULT, *cell, **how)
        assert refused > 10 * len(rows)


@pytest.mark.parametrize("code", regulation_codes())
def test_no_regulation_pays_undecided_or_unshown_or_lets_outsiders_act(code):
    found = read_regulation(code)
    rows = table(found)
    acting = {actor for _state, _action, actor in rows}
    assert not acting & {actor for actor in EVERYBODY if actor.role in (Role.INSPECTOR, Role.AUDITOR)}
    assert not {state for state, _action, _actor in rows} & set(OVER)
    edges = [(state, then) for (state, _action, _actor), then in rows.items()]
    for gate in (StepKind.REVIEW, StepKind.DECISION, StepKind.NOTICE):
        assert "payment" not in reached(edges, {step.code for step in found.steps if step.kind == gate}), gate
    assert reached(edges) == set(states(found))
    assert all(label_of(found, each) for each in states(found))


def reached(edges, shut=frozenset()):
    """The states one comes to from a draft without going through those that are shut."""
    there = {str(Stage.DRAFT)}
    while more := {then for state, then in edges if state in there and state not in shut} - there:
        there |= more
    return there


# Persons


@pytest.mark.parametrize(
    ("code", "earlier", "said"),
    [
        ("branch-review", Taken("a", Hand.APPLY), "申请人和代填人不能办“支部审核”"),
        ("decision", Taken("a", Hand.APPLY), "申请人和代填人不能办"),
        ("notice", Taken("a", Hand.APPLY), "申请人和代填人不能办"),
        ("receipt", Taken("a", Hand.APPLY), "申请人和代填人不能办"),
        ("payment", Taken("a", Hand.REVIEW, "department-review"), "办过“审核”的人不能再办“发放”"),
        ("payment", Taken("a", Hand.DECIDE, "decision"), "办过“研究决定”的人不能再办“发放”"),
        ("branch-review", Taken("a", Hand.PAY, "payment"), "办过“发放”的人不能再办“支部审核”"),
        ("department-review", Taken("a", Hand.REVIEW, "branch-review"), "由不同的人办理"),
    ],
)
def test_separate_persons_apply_review_decide_and_pay(code, earlier, said):
    with pytest.raises(StepRefused, match=said):
        check_hands(DEFAULT.step(code), "a", [Taken("b", Hand.APPLY), earlier])
    check_hands(DEFAULT.step(code), "c", [Taken("b", Hand.APPLY), earlier])


def test_clerical_work_is_free():
    reviewed = [Taken("a", Hand.APPLY), Taken("b", Hand.REVIEW, "department-review")]
    for code in ("decision", "notice", "return-visit"):
        check_hands(DEFAULT.step(code), "b", reviewed)
    check_hands(DEFAULT.step("payment"), "d", [*reviewed, Taken("d", Hand.PAY, "payment"), Taken("d", None, "receipt")])
