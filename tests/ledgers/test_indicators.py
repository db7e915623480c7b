"""督查指标: figures as a count of the duties finds them, what each opens, who may know what, and what it costs."""

from collections import Counter
from datetime import date

import pytest

from duties.engine.counts import recount
from duties.engine.models import Action, Duty, State
from duties.engine.records import withdraw_record
from duties.policy.models import Force, Rule
from ledgers.curves import drawn
from ledgers.indicators import ALL, FIGURES, KINDS, Asked, Span, kind_of
from members.models import Account
from tests.duties.acts import adopt_pack, duty, sweep_on
from tests.ledgers.rows import event, talk
from tests.world import account

TODAY = date(2026, 11, 23)
pytestmark = pytest.mark.django_db


@pytest.fixture
def lived(cast):
    """Under the policy: one talked with, one overdue talk about an event, the rest to be talked with yet."""
    adopt_pack(cast.committee, whole=True)
    event(cast.zhao, "setback", date(2026, 10, 1))
    sweep_on(TODAY)
    talk(cast.li, cast.branch, [cast.secretary])
    return cast


def known(person):
    return Account.objects.filter(person=person).first() or account(person)


def asked(person, year=2026):
    return Asked(known(person), Span(year, TODAY))


def told(person, organisation, kind=ALL, year=2026) -> Counter:
    (figures,) = asked(person, year).figures([organisation])
    return figures.of(kind)


def test_every_figure_is_the_number_of_the_rows_behind_it(lived):
    reader = asked(lived.committee_secretary)
    places = [lived.committee, lived.general, lived.branch, lived.sibling]
    seen = Counter()
    for figures in reader.figures(places):
        for kind in (*KINDS, ALL):
            for figure in FIGURES:
                rows = reader.rows_behind(figures.organisation, kind, figure).count()
                assert figures.of(kind)[figure] == rows, (figures.organisation, kind, figure)
                seen[figure] += rows
    assert all(seen[figure] for figure in ("due", "done", "late"))


def test_the_figures_are_what_counting_by_hand_finds(lived):
    own = [
        each for each in Duty.objects.select_related("rule")
        if each.path.startswith(lived.branch.path) and each.rule.force != Force.MAY and not each.silent
        and ("2026" in each.period or (each.closed_on or each.due_on).year == 2026)
    ]  # fmt: skip
    found = told(lived.committee_secretary, lived.branch)
    assert found["done"] == sum(each.state == State.DONE for each in own) == 1
    assert found["due"] == sum(each.state in (State.DONE, State.OPEN) for each in own)
    assert found["late"] == sum(each.state == State.OPEN and each.due_on < TODAY for each in own) > 0


def test_a_fact_moves_its_figure_at_once_and_back(lived):
    before = told(lived.committee_secretary, lived.committee, "talks")
    entered = talk(lived.commissioner, lived.branch, [lived.secretary])
    after = told(lived.committee_secretary, lived.committee, "talks")
    assert (after["done"], after["due"]) == (before["done"] + 1, before["due"])
    withdraw_record(by=None, record=entered.record, reason="记错了人", today=TODAY)
    assert told(lived.committee_secretary, lived.committee, "talks") == before


def test_the_same_point_of_last_year_knows_the_month_of_the_doing(lived):
    rule = duty("yearly-talk", lived.li).rule
    days = {lived.li: date(2025, 3, 3), lived.commissioner: date(2025, 11, 30), lived.zhao: date(2025, 12, 1)}
    for person, on in days.items():
        Duty.objects.create(rule=rule, period="2025", key=f"m{person.pk}:2025", organisation=lived.branch,
                            path=lived.branch.path, member=person, opens_on=date(2025, 1, 1),
                            counts_from=date(2025, 1, 1), due_on=date(2025, 12, 31), state=State.DONE,
                            closed_on=on)  # fmt: skip
    recount(rule)
    reader = asked(lived.committee_secretary)
    assert told(lived.committee_secretary, lived.branch, "talks")["before"] == 2
    assert reader.rows_behind(lived.branch, "talks", "before").count() == 2
    assert told(lived.committee_secretary, lived.branch, "talks", 2025)["done"] == 3
    months = reader.months(lived.committee)["talks"]
    assert [months[date(2025, 2, 28)], months[date(2025, 3, 31)], months[date(2025, 12, 31)]] == [0, 1, 3]
    assert months[date(2026, 11, 30)] == told(lived.committee_secretary, lived.committee, "talks")["done"]


@pytest.mark.anywhere
def test_every_rule_and_action_has_one_column():
    known = {kind_of(Rule(action=action, mechanism="M14", spec={"trigger": {"kind": kind}}))
             for action in Action for kind in ("event", "quota")}  # fmt: skip
    assert known | {"fund"} == set(KINDS)
    assert kind_of(Rule(action="handling", mechanism="M46", spec={"trigger": {"kind": "event"}})) == "fund"


def test_of_what_one_may_not_know_nothing_is_counted(lived):
    event(lived.li, "tendency", date(2026, 10, 1))
    sensitive = Duty.objects.filter(rule__sensitive=True, member=lived.li)
    assert sensitive.exists()
    secretary, commissioner = (
        told(person, lived.branch, "occasions")["due"] for person in (lived.secretary, lived.commissioner)
    )
    assert secretary > commissioner
    rows = asked(lived.commissioner).rows_behind(lived.branch, ALL, "due")
    assert not rows.filter(rule__sensitive=True).exists()


def test_what_is_sensitive_about_oneself_is_in_no_figure(lived):
    before = told(lived.committee_secretary, lived.branch), told(lived.secretary, lived.branch)
    event(lived.secretary, "tendency", date(2026, 10, 1))
    added = Duty.objects.filter(rule__sensitive=True, member=lived.secretary, state=State.OPEN).exclude(
        rule__force=Force.MAY
    )
    assert added.exists()
    after = told(lived.committee_secretary, lived.branch), told(lived.secretary, lived.branch)
    assert after[0]["due"] == before[0]["due"] + added.count()
    assert after[1] == before[1]
    assert not asked(lived.secretary).rows_behind(lived.branch, ALL, "due").filter(pk__in=added).exists()


def test_the_page_puts_sisters_side_by_side_in_the_order_of_their_codes(lived, sign_in):
    client = sign_in(known(lived.committee_secretary))
    body = client.get("/indicators/", {"organisation": lived.branch.pk, "beside": "sisters"}).content.decode()
    assert lived.sibling.label in body
    rows = client.get("/indicators/", {"organisation": lived.general.pk}).context["rows"]
    codes = [row.organisation.code for row in rows[1:]]
    assert codes == sorted(codes)
    assert len(codes) > 1


def test_each_figure_of_the_page_opens_its_rows(lived, sign_in):
    client = sign_in(known(lived.secretary))
    body = client.get("/indicators/").content.decode()
    url = f"/indicators/talks/done/?organisation={lived.branch.pk}&amp;year=2026"
    assert url in body
    page = client.get(url.replace("&amp;", "&")).content.decode()
    assert lived.li.name in page
    assert lived.zhao.name not in page
    assert "1 件" in page
    late = client.get("/indicators/all/late/").content.decode()
    assert lived.zhao.name in late


def test_what_is_out_of_scope_garbled_or_no_figure(lived, sign_in):
    client = sign_in(known(lived.secretary))
    assert client.get("/indicators/", {"organisation": lived.sibling.pk}).status_code == 404
    assert client.get("/indicators/talks/due/", {"organisation": lived.sibling.pk}).status_code == 404
    assert client.get("/indicators/talks/score/").status_code == 404
    assert client.get("/indicators/rank/due/").status_code == 404
    for garbled in ({"year": "二〇二六"}, {"year": "1066"}, {"organisation": "ⅷ"}, {"after": "\0~"}):
        assert client.get("/indicators/", garbled).status_code == 200, garbled
    assert lived.sibling.label not in client.get("/indicators/", {"beside": "sisters"}).content.decode()


def test_the_page_asks_as_much_for_a_committee_as_for_a_branch(lived, sign_in, django_assert_max_num_queries):
    client = sign_in(known(lived.committee_secretary))
    for organisation in (lived.branch, lived.committee):
        client.get("/indicators/", {"organisation": organisation.pk})
        with django_assert_max_num_queries(38):
            client.get("/indicators/", {"organisation": organisation.pk})
    with django_assert_max_num_queries(38):
        client.get("/indicators/talks/due/")


@pytest.mark.anywhere
def test_a_curve_ends_where_the_year_stands():
    curve = drawn("谈心谈话", [1, 4], [2] * 12, 10)
    assert curve.this.split()[-1] == f"{curve.now},12.0"
    assert curve.last.split()[-1].startswith("420.0,")
    assert curve.table[1:3] == [(2, 4, 2), (3, None, 2)]
    assert [label for _, label in curve.axis] == [0, 1, 2, 3, 4]
