"""The three checks of a campaign, each able to fail; who sees which names and why; prior aid; counts of queries."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from base.money import Source
from duties.engine.models import Action
from ledgers.campaigns import CAMPAIGNS
from ledgers.ledger import Reader as LedgerReader
from tests.duties.acts import die, end_post, move
from tests.visits.campaigns import (
    TODAY,
    belongs,
    decided,
    drafted,
    handed,
    make_tasks_duties,
    of,
    planned,
)
from tests.world import account, member
from visits.campaigns.checks import checks
from visits.campaigns.names import add_by_hand
from visits.campaigns.permits import may_hand_over, may_run
from visits.campaigns.reading import Reader, aid_words, by_branch, counted, figures, page_of, steps
from visits.campaigns.sums import assign, budget_lines
from visits.models import Campaign, Candidate
from visits.visiting import Seen, record_visit

pytestmark = pytest.mark.django_db


def found(campaign) -> dict[str, int]:
    """What is wrong, by code, where something is."""
    return {each.code: each.count for check in checks(campaign, TODAY) for each in check.findings if each.count}


def visited(cast, whom, on, occasion="", money=50000):
    seen = Seen(how="home", occasion=occasion, met="member", money=money, source=Source.DUES, text="看望")
    return record_visit(
        by=None, action=Action.VISIT, member=whom, on=on, people=[cast.committee_secretary], seen=seen, today=TODAY
    )


# 不漏 不重 不错


def test_a_fresh_plan_lacks_visitors_alone_and_says_so(peopled, clerk):
    missed, doubled, wrong = checks(planned(peopled, clerk), TODAY)
    assert (missed.ok, missed.label, missed.words) == (True, "不漏", "规则提名的人都列入了，或写明了为什么不列入")
    assert (doubled.ok, doubled.words) == (True, "没有人重复慰问")
    assert (wrong.ok, wrong.words) == (False, "4 人没有走访人")


def test_not_missed_fails_for_whom_a_rule_names_and_the_list_does_not_have(peopled, clerk):
    campaign = planned(peopled, clerk)
    belongs(peopled.direct_secretary)
    missed = checks(campaign, TODAY)[0]
    assert missed.words == "1 人被规则提名却不在名单里，请重新摸底"
    assert list(missed.findings[0].rows) == [peopled.direct_secretary]
    drafted(peopled, clerk)
    assert checks(campaign, TODAY)[0].ok
    Candidate.objects.filter(campaign=campaign, person=peopled.li).update(out=Candidate.Out.STRUCK)
    assert found(campaign)["silent"] == 1


def test_not_doubled_fails_for_other_lists_and_for_aid_given_already(peopled, clerk):
    campaign = planned(peopled, clerk)
    other = Campaign.objects.create(
        organisation=peopled.other, occasion="spring", year=2027, day=campaign.day, deliver_by=campaign.deliver_by,
        entered_on=TODAY,
    )  # fmt: skip
    Candidate.objects.create(campaign=other, person=peopled.li, organisation=peopled.branch, path=peopled.branch.path)
    assert found(campaign)["elsewhere"] == 1
    assert "aided" not in found(campaign)
    visited(peopled, peopled.sun, date(2026, 11, 20), "spring")
    assert found(campaign)["aided"] == 1


def test_not_misplaced_fails_for_the_dead_the_moved_the_unrecognised_sums_and_visitors(peopled, clerk):
    campaign = planned(peopled, clerk)
    everybody = list(campaign.candidates.listed())
    assign(by=clerk, candidates=everybody, visitor=peopled.general_secretary, today=TODAY)
    assert found(campaign) == {}
    end_post(peopled.general_secretary, peopled.general, TODAY)
    assert found(campaign) == {"post": 4}
    assign(by=clerk, candidates=everybody, visitor=peopled.committee_secretary, today=TODAY)
    assign(by=clerk, candidates=[of(campaign, peopled.li)], fen=90000, source=Source.DUES, today=TODAY)
    add_by_hand(by=clerk, campaign=campaign, person=peopled.general_secretary, reason="确有困难", today=TODAY)
    die(peopled.zhao, date(2026, 11, 22))
    move(peopled.sun, peopled.branch, date(2026, 11, 22))
    assert found(campaign) == {"sum": 1, "unrecognised": 1, "nothing": 1, "visitor": 1, "dead": 1, "moved": 1}
    Candidate.objects.filter(person=peopled.li).update(drafted=0 + campaign.drafts)
    Campaign.objects.filter(pk=campaign.pk).update(drafts=5)
    campaign.refresh_from_db()
    assert found(campaign)["unnamed"] == 4


# Who sees what


def test_a_branch_sees_its_own_names_and_runs_nothing(peopled, clerk):
    campaign = drafted(peopled, clerk)
    secretary, outsider = account(peopled.secretary), account(peopled.outsider)
    mine = Candidate.objects.visible_to(secretary).of(campaign)
    assert set(mine.values_list("person__name", flat=True)) == {"李建国", "赵秀兰", "张伟"}
    assert list(Campaign.objects.visible_to(secretary)) == [campaign]
    assert not Campaign.objects.visible_to(outsider).exists()
    assert not Candidate.objects.visible_to(outsider).exists()
    assert not Candidate.objects.visible_to(account(peopled.sun)).exists(), "nobody sees that he is on the list"
    assert (may_run(clerk, peopled.committee), may_run(secretary, peopled.committee)) == (True, False)
    li = of(campaign, peopled.li)
    assert may_hand_over(secretary, li)
    assert not may_hand_over(account(peopled.li), li)


def test_a_visitor_sees_those_he_is_to_visit_and_ticks_them_off(peopled, clerk):
    campaign = drafted(peopled, clerk)
    assign(by=clerk, candidates=[of(campaign, peopled.li)], visitor=peopled.sun, today=TODAY)
    visitor = account(peopled.sun)
    assert [each.person for each in Candidate.objects.visible_to(visitor)] == [peopled.li]
    assert may_hand_over(visitor, of(campaign, peopled.li))
    assert not may_hand_over(visitor, of(campaign, peopled.zhao))


def test_reasons_name_rule_and_clause_and_hide_what_tells_of_health(peopled, clerk):
    campaign = drafted(peopled, clerk)
    (row,) = Reader(clerk, campaign).attach([of(campaign, peopled.zhao)])
    assert row.said.tags == ("生活困难", "功勋荣誉")
    assert [each.title for each in row.said.why] == ["春节走访生活困难党员", "春节走访功勋荣誉获得者"]
    assert all(each.clause and each.policy for each in row.said.why)
    rules = Reader(clerk, campaign).rules.values()
    (hardship,) = [rule for rule in rules if rule.code == "hardship-spring"]
    type(hardship).objects.filter(pk=hardship.pk).update(sensitive=True)
    commissioner = account(peopled.commissioner)  # may record there, and may not know
    (row,) = Reader(commissioner, campaign).attach([of(campaign, peopled.zhao)])
    assert row.said.tags == ("关怀对象", "功勋荣誉")
    assert row.said.why[0].rule is None


def test_prior_aid_is_that_of_two_years_without_this_campaign(peopled, clerk):
    visited(peopled, peopled.li, date(2026, 2, 10), "spring", 80000)
    visited(peopled, peopled.li, date(2026, 8, 1), money=50000)
    visited(peopled, peopled.li, date(2024, 9, 1), money=999900)
    visited(peopled, peopled.sun, date(2026, 2, 10), "spring", 30000)
    rows, after = page_of(drafted(peopled, clerk).candidates.all(), "", day=TODAY)
    said = {row.person.name: aid_words(row) for row in rows}
    assert said["李建国"] == "2026-08-01 500.00 元；两年共 2 次 1,300.00 元"
    assert (said["孙德福"], said["赵秀兰"], after) == ("2026 春节 300.00 元", "无", "")


# Reading


def test_a_list_asks_as_often_for_fifty_names_as_for_one(peopled, clerk):
    campaign = planned(peopled, clerk)

    def queries():
        with CaptureQueriesContext(
            connection,
        ) as asked:
            rows, _ = page_of(Candidate.objects.visible_to(clerk).of(campaign), "", day=TODAY)
            Reader(clerk, campaign).attach(rows)
            [aid_words(row) for row in rows], by_branch(campaign.candidates.all()), budget_lines(campaign)
            figures(campaign), steps(campaign), list(counted(Campaign.objects.visible_to(clerk)))
        return len(asked)

    queries()  # what is kept for the process
    few = queries()
    for n in range(9):
        belongs(member(f"党员{n}", peopled.sibling))
    drafted(peopled, clerk)
    assert queries() == few
    assert few < 20


def test_pages_follow_the_tree_and_miss_nobody(peopled, clerk, monkeypatch):
    monkeypatch.setattr("visits.campaigns.reading.PAGE", 2)
    campaign, found, after = drafted(peopled, clerk), [], ""
    while True:
        rows, after = page_of(campaign.candidates.all(), after, day=TODAY)
        found += rows
        if not after:
            break
    assert len(found) == campaign.candidates.count() == len({row.pk for row in found})
    assert [row.path for row in found] == sorted(row.path for row in found)


def test_the_ledger_prints_every_name_with_what_became_of_it(peopled, clerk):
    make_tasks_duties(peopled)
    campaign = decided(peopled, clerk)
    handed(campaign, peopled.sun, clerk, receiver="substitute", substitute="孙强", relation="长子")
    reader = LedgerReader(clerk, TODAY)
    asked = CAMPAIGNS.rows(reader, peopled.committee, date(2027, 1, 1), date(2027, 12, 31))
    headings = [each.text for each in CAMPAIGNS.headings]
    rows = {row[3]: dict(zip(headings, row, strict=True)) for _each, row in CAMPAIGNS.table(asked, reader)}
    assert rows["孙德福"]["领取人"] == "孙强（长子）代领"
    assert (rows["孙德福"]["情况"], rows["李建国"]["情况"]) == ("已发放", "待发放")
    assert rows["周启明"]["情况"] == "未列入：未认定"
    assert rows["赵秀兰"]["慰问类别"] == "生活困难、功勋荣誉"
    assert (str(rows["赵秀兰"]["金额(元)"]), rows["赵秀兰"]["慰问品"]) == ("1200", "米、油")
