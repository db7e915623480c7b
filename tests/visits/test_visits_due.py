"""Whom periodic rules ask to be visited, and the family of who was sent away. Today is 2026-11-23, a Monday."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from base.facts import Fact, facts_changed
from duties.engine.models import Duty, State
from members.enums import CategoryKind, TieKind
from members.models import Category, Tie
from tests.duties.acts import sweep_on
from tests.visits.filling import fill_visit
from tests.world import account, member
from visits.models import Visit

TODAY = date(2026, 11, 23)
DUE, NEW = "/visits/due/", "/visits/new/"
pytestmark = pytest.mark.django_db


def belongs(someone, kind, since=date(2026, 1, 5)):
    Category.objects.create(person=someone, kind=kind, since=since)
    facts_changed(Fact.CATEGORY, since=since, people=[someone.pk])


@pytest.fixture
def secretary(world, sign_in):
    return sign_in(account(world.secretary))


def test_the_aged_are_listed_with_the_last_visit_until_they_were_visited(world, secretary, sign_in):
    for each in (world.zhao, world.li):
        belongs(each, CategoryKind.ELDERLY)
    sweep_on(TODAY)
    secretary.post(NEW, fill_visit(secretary, world.zhao, on="2026-05-06"))
    body = secretary.get(DUE).content.decode()
    assert body.count("看望老党员") >= 2
    assert "05-06" in body
    assert "没有记录" in body
    assert "登记走访" in body
    owed = Duty.objects.open().get(rule__code="elderly-visits", member=world.zhao, due_on__gte=TODAY)
    secretary.post(NEW, fill_visit(secretary, world.zhao, text="又去了"), follow=True)
    owed.refresh_from_db()
    assert owed.state == State.DONE
    left = secretary.get(DUE).content.decode()
    assert "赵秀兰" not in left
    assert "李建国" in left
    assert "李建国" not in secretary.get(DUE, {"q": "赵"}).content.decode()
    assert "李建国" not in sign_in(account(world.sibling_secretary)).get(DUE).content.decode()


def test_the_page_asks_as_little_for_fifty(world, secretary):
    belongs(world.zhao, CategoryKind.ELDERLY)
    sweep_on(TODAY)
    secretary.get(DUE)
    with CaptureQueriesContext(connection) as few:
        assert secretary.get(DUE).status_code == 200
    for number in range(51):
        Category.objects.create(
            person=member(f"范文{number}", world.branch), kind=CategoryKind.ELDERLY, since=date(2026, 1, 5)
        )
    facts_changed(Fact.CATEGORY, since=date(2026, 1, 5), people=list(Category.objects.values_list("person", flat=True)))
    with CaptureQueriesContext(connection) as many:
        page = secretary.get(DUE)
    assert len(many) <= len(few) + 1
    assert page.context["after"]
    assert secretary.get(DUE, {"after": page.context["after"]}).context["rows"]


def test_the_family_of_who_was_sent_away_is_visited_for_the_sender(world, secretary):
    belongs(world.li, CategoryKind.POSTED)
    Tie.objects.create(person=world.li, kind=TieKind.SENDER, to=world.secretary, since=date(2026, 1, 5))
    sweep_on(TODAY)
    page = secretary.get(NEW, {"member": world.li.pk, "met": "family"})
    form = page.context["form"]
    assert form["met"].value() == Visit.Met.FAMILY
    assert "派出单位关心在外党员" in dict(form.fields["reason"].choices)["usual"]
    sent = fill_visit(secretary, world.li, met="family", met_name="母亲")
    assert "办结 1 件应办" in secretary.post(NEW, sent, follow=True).content.decode()
