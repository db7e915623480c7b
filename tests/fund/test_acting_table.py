"""The table of a regulation is what the services do: state × action × role, of three of them, by real accounts."""

from dataclasses import dataclass

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from fund.applying.steps import take_step
from fund.models import Application
from fund.regulation.files import read_regulation
from fund.regulation.steps import APPLICANT, OVER, Actor, Move, states, table
from fund.regulation.words import StepKind
from members.enums import OrganisationKind, Role
from tests.duties.acts import die
from tests.fund.money import NOW
from tests.fund.office import Office
from tests.world import member, post

pytestmark = pytest.mark.django_db
K = OrganisationKind


@dataclass
class Undone(Exception):
    """Takes back what was tried."""

    after: str


def tried(office, row, move, by, *, kind) -> str | None:
    """The state after a move, taken back at once; ``None`` if it is refused."""
    try:
        with transaction.atomic():
            taken = take_step(by=by, application=row, move=move, now=NOW, serial=row.serial, through=kind)
            raise Undone(taken.after)
    except Undone as done:
        return done.after
    except (PermissionDenied, ValidationError):
        return None


def actors(office, regulation) -> dict[Actor, object]:
    """Somebody for each role at each level that the regulation names, somebody of a role it does not, the applicant."""
    cast = office.cast
    places = {K.BRANCH: cast.branch, K.GENERAL_BRANCH: cast.general, K.COMMITTEE: cast.committee}
    named = {Actor(role, step.at) for step in regulation.steps for role in step.by}
    found = {APPLICANT: cast.li}
    for who in sorted({*named, Actor(Role.GROUP_LEADER, K.BRANCH), Actor(Role.AUDITOR, K.COMMITTEE)}):
        found[who] = member(f"甲{len(found)}", cast.direct)
        post(found[who], places[who.at], who.role)
    return found


@pytest.mark.parametrize("code", ["default", "hospital", "sichuan-arts-science-2020"])
def test_every_cell_is_done_or_refused_as_the_table_says(cast, code):
    """Payments and receipts are refused here: they come through services of their own, which know who pays."""
    office, regulation = Office(cast, code), read_regulation(code)
    cells, people = table(regulation), actors(office, regulation)
    row = office.drafted(asking=office.asking(kind=regulation.classes[0].code))
    kinds = {step.code: step.kind for step in regulation.steps}
    accounts = {who: office.by(person) for who, person in people.items()}
    moves = [move for move in Move if move not in (Move.DEATH, Move.FAIL)]
    done, wrong = 0, {}
    for state in states(regulation):
        Application.objects.filter(pk=row.pk).update(state=state)
        row.refresh_from_db()
        kind = kinds.get(state.partition("/")[0])
        through = kind if kind in (StepKind.DECISION, StepKind.NOTICE) else None
        for who, account in accounts.items():
            for move in moves:
                wanted = cells.get((state, move, who))
                if kind in (StepKind.PAYMENT, StepKind.RECEIPT) and move != Move.WITHDRAW:
                    wanted = None
                got = tried(office, row, move, account, kind=through)
                done += got is not None
                if got != wanted:
                    wrong[state, move.value, who.label] = (got, wanted)
    assert wrong == {}
    assert done > len(regulation.steps)


def test_what_is_over_stays_over(cast):
    office = Office(cast)
    row = office.submitted()
    for state in OVER:
        Application.objects.filter(pk=row.pk).update(state=state)
        row.refresh_from_db()
        for person in (cast.li, cast.secretary, office.clerk):
            assert {tried(office, row, move, office.by(person), kind=None) for move in Move} == {None}


def test_a_death_ends_whatever_was_not_paid(cast):
    office = Office(cast)
    row, regulation = office.submitted(), read_regulation("default")
    die(cast.li, NOW.date())
    for state, move, who in table(regulation):
        if move != Move.DEATH or who.role not in (Role.SECRETARY, Role.DEPARTMENT_CLERK) or state.startswith("@"):
            continue
        Application.objects.filter(pk=row.pk).update(state=state)
        row.refresh_from_db()
        able = {K.BRANCH: cast.secretary, K.GENERAL_BRANCH: cast.general_secretary, K.COMMITTEE: office.clerk}[who.at]
        able = cast.committee_secretary if who == Actor(Role.SECRETARY, K.COMMITTEE) else able
        assert tried(office, row, Move.DEATH, office.by(able), kind=None) == "@died", state
