"""条款佐证: figures of each clause, each held against a count by hand; what a figure opens; who may know what."""

from datetime import date

import pytest

from duties.engine.models import Duty, State
from duties.policy.models import Force, Rule
from ledgers.evidence import evidence
from ledgers.ledger import Reader
from tests.duties.acts import adopt_pack, duty, sweep_on
from tests.ledgers.rows import event, talk
from tests.world import account

TODAY = date(2026, 11, 23)
FIRST = date(2026, 1, 1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def lived(cast):
    """Under the policy: one talked with, one overdue talk about an event, the rest to be talked with yet."""
    adopt_pack(cast.committee, whole=True)
    event(cast.zhao, "setback", date(2026, 10, 1))
    sweep_on(TODAY)
    talk(cast.li, cast.branch, [cast.secretary])
    sweep_on(TODAY)
    return cast


def lines(cast, organisation=None, by=None, first=FIRST, last=TODAY):
    reader = Reader(by and account(by), TODAY)
    return {
        each.rule.code: each.figures
        for policy in evidence(reader, organisation or cast.committee, first, last)
        for clause in policy.clauses for each in clause.rules
    }  # fmt: skip


def test_every_figure_is_what_a_count_by_hand_finds(lived):
    found = lines(lived)
    assert found
    for code, figures in found.items():
        rule = Rule.objects.exclude(policy__code="working-rules").get(code=code)
        own = [each for each in Duty.objects.filter(rule=rule)]
        due = [
            each for each in own if each.state in (State.DONE, State.OPEN)
            and (FIRST <= each.due_on <= TODAY or (each.state == State.DONE and FIRST <= each.closed_on <= TODAY))
        ]  # fmt: skip
        gap = [
            each for each in own
            if each.state == State.OPEN and each.due_on < TODAY and rule.force != Force.MAY and not each.silent
        ]  # fmt: skip
        assert figures.due == len(due), code
        assert figures.done == sum(each.state == State.DONE for each in due), code
        assert figures.gap == len(gap), code
    assert any(figures.gap for figures in found.values())


def test_what_is_done_and_what_is_missing(lived):
    year = lines(lived, last=date(2026, 12, 31))["yearly-talk"]
    assert (year.done, year.gap) == (1, 0)
    assert year.due == year.done + year.running
    ahead = lines(lived)["yearly-talk"]
    assert (ahead.due, ahead.done) == (1, 1), "due on the last day of the year; only what is done belongs to less"
    assert lines(lived, last=date(2026, 10, 31))["yearly-talk"].due == 0


def test_an_optional_act_is_never_a_gap(lived):
    codes = set(Rule.objects.filter(force=Force.MAY).values_list("code", flat=True))
    missed = Duty.objects.filter(rule__force=Force.MAY, due_on__lt=TODAY).exclude(state=State.DONE)
    assert missed.exists()
    assert all(figures.gap == 0 for code, figures in lines(lived).items() if code in codes)


@pytest.mark.parametrize("first", [FIRST, date(2026, 11, 1), date(2026, 11, 23)])
def test_what_is_due_is_done_running_or_missing(lived, first):
    found = lines(lived, first=first)
    assert Duty.objects.filter(state=State.LAPSED, due_on__range=(FIRST, TODAY)).exists(), "no mere 可以 is due"
    assert any(figures.gap for figures in found.values())
    for code, figures in found.items():
        assert figures.due == figures.done + figures.running + figures.gap, code


def test_another_organisation_counts_nothing_of_ours(lived):
    assert not any(figures.done for figures in lines(lived, organisation=lived.sibling).values())


def test_of_a_sensitive_rule_no_figure_is_told_to_others(lived):
    hidden = set(Rule.objects.filter(sensitive=True).values_list("code", flat=True))
    told = lines(lived, organisation=lived.branch, by=lived.commissioner)
    assert hidden & set(told)
    assert all((figures is None) == (code in hidden) for code, figures in told.items())
    seen = lines(lived, organisation=lived.branch, by=lived.secretary)
    assert all(figures is not None for figures in seen.values())


def test_the_page_shows_the_matrix_and_each_figure_opens_its_rows(lived, sign_in):
    client = sign_in(account(lived.secretary))
    page = client.get("/evidence/", {"last": "2026-12-31"}).content.decode()
    assert "豫水组〔2020〕55号" in page
    found = duty("yearly-talk", lived.li)
    url = f"/evidence/{found.rule_id}/done/"
    assert url in page
    rows = client.get(url, {"last": "2026-12-31"}).content.decode()
    assert lived.li.name in rows
    assert lived.zhao.name not in rows
    assert "1 件" in rows


def test_what_is_out_of_scope_or_not_a_figure_does_not_exist(lived, sign_in):
    client = sign_in(account(lived.secretary))
    rule = Rule.objects.get(code="yearly-talk")
    assert client.get("/evidence/", {"organisation": lived.sibling.pk}).status_code == 404
    assert client.get(f"/evidence/{rule.pk}/done/", {"organisation": lived.sibling.pk}).status_code == 404
    assert client.get(f"/evidence/{rule.pk}/score/").status_code == 404
    hidden = Rule.objects.filter(sensitive=True).first()
    assert sign_in(account(lived.commissioner)).get(f"/evidence/{hidden.pk}/gap/").status_code == 404
    assert client.get(f"/evidence/{hidden.pk}/gap/").status_code == 200


def test_a_period_that_ends_before_it_begins_is_refused(lived, sign_in):
    client = sign_in(account(lived.secretary))
    answer = client.get("/evidence/", {"first": "2026-06-01", "last": "2026-01-01"})
    assert answer.status_code == 422
    assert "两个日期可能填反了" in answer.content.decode()


def test_the_matrix_asks_as_much_for_many_duties_as_for_few(lived, sign_in, django_assert_max_num_queries):
    client = sign_in(account(lived.secretary))
    client.get("/evidence/")
    with django_assert_max_num_queries(32):
        client.get("/evidence/")
