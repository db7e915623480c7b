"""More than one objection to a row of a notice: each is answered, and none is passed over."""

import pytest

from fund.applying import noticing
from fund.models import Objection
from fund.regulation.steps import Stage
from members.enums import Role
from tests.fund.money import broken, refusal
from tests.fund.office import Office, later
from tests.world import post

pytestmark = pytest.mark.django_db
Outcome = Objection.Outcome


@pytest.fixture
def office(cast):
    return Office(cast)


def objected(office, times: int):
    (row,) = office.decided(office.ready())
    line, by, now = office.posted(row).lines.get(), office.by(office.clerk), later(2)
    given = {"by": by, "line": line, "received_on": now.date(), "contact": "", "text": "与实际不符", "now": now}
    return row, [noticing.object_to(who=f"群众{each}", **given) for each in range(times)]


def answered(office, objection, outcome, day=3):
    words = "已核查。"
    return noticing.answer(
        by=office.by(office.clerk), objection=objection, outcome=outcome, words=words, now=later(day)
    )


@pytest.mark.parametrize(("first", "state"), [(Outcome.UPHELD, Stage.REFUSED), (Outcome.RETURNED, Stage.RETURNED)])
def test_the_rest_is_answered_after_the_first_ended_the_notice(office, first, state):
    row, objections = objected(office, 3)
    answered(office, objections[0], first)
    for other, outcome in zip(objections[1:], (Outcome.DISMISSED, Outcome.UPHELD), strict=True):
        assert answered(office, other, outcome).ends_on is None
    assert office.fresh(row).state == state
    assert not Objection.objects.filter(answered_on=None).exists()
    assert broken() == set()


def test_a_list_is_not_corrected_past_an_objection_that_nobody_answered(office):
    row, (first, second) = objected(office, 2)
    given = {"by": office.by(office.clerk), "objection": first, "outcome": Outcome.CORRECTED, "words": "名单有误"}
    assert "别的异议" in refusal(noticing.answer, now=later(3), **given)["outcome"][0]
    answered(office, second, Outcome.DISMISSED)
    answered(office, first, Outcome.CORRECTED)
    again = office.posted(office.fresh(row), now=later(3))
    noticing.finish_notice(by=office.by(office.clerk), notice=again, result="", now=later(14))
    office.paid(office.fresh(row), now=later(15))
    assert broken() == set()


def test_who_objected_is_not_told_to_whom_it_is_about(office, sign_in):
    row, (objection,) = objected(office, 1)
    post(row.person, office.cast.committee, Role.DEPARTMENT_CLERK)
    page = f"/fund/notices/{objection.line.notice_id}/"
    for person, told in ((office.clerk, True), (row.person, False)):
        client = sign_in(office.by(person))
        shown = client.get(page).content.decode()
        assert ("群众0" in shown, "与实际不符" in shown) == (told, told)
        answer = client.get(f"{page}objections/{objection.pk}/")
        assert answer.status_code == (200 if told else 404)
