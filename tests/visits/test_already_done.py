"""Talks held before a policy was adopted, entered in one grid: all or none, settled once. Today is 2026-11-23."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse

from base import facts
from base.audit import Act
from base.models import AuditRow
from duties.engine.models import Duty, Record, State
from duties.policy.adoption import adopt
from duties.policy.models import Adoption
from members.enums import OrganisationKind, Role, Standing
from tests.conftest import NOW
from tests.duties.acts import move, once_in, sweep_on, take_post, talk
from tests.duties.pack import load_rules
from tests.duties.reading import body, plain
from tests.duties.rules import a_rule
from tests.world import account, member, organisation, post
from visits.already import TEXT
from visits.models import Talk

TODAY = date(2026, 11, 23)


@pytest.fixture
def adoption(cast) -> Adoption:
    """Adopted today from the beginning of the year on: a talk a year, a talk a month, and what no talk closes."""
    policy = load_rules(["talk-yearly", "talk-monthly-may", "report-half", "visit-half"], "p0")
    monthly = policy.rules.get(code="talk-monthly-may")
    monthly.spec["responsible"]["at"] = []
    monthly.save()
    adoption = adopt(by=None, organisation=cast.committee, policy=policy, since=date(2026, 1, 1), today=TODAY)
    sweep_on(TODAY)
    return adoption


@pytest.fixture
def secretary(cast, sign_in):
    return sign_in(account(cast.secretary, "wang"))


@pytest.fixture
def cell(adoption):
    rules = {rule.code: rule.pk for rule in adoption.policy.rules.all()}
    return lambda someone, code="talk-yearly": f"on_{someone.pk}_{rules[code]}"


def page(adoption) -> str:
    return reverse("already_done", args=[adoption.pk])


def send(browser, adoption, here, **days):
    shown = browser.get(page(adoption), {"organisation": here.pk})
    talker = re.search(r'<option value="(\d+)" selected', body(shown))[1]
    sent = {"once": once_in(shown), "organisation": here.pk, "talker": talker, **days}
    return browser.post(page(adoption), sent), sent


def test_the_grid_has_who_can_be_talked_with_and_what_one_talk_closes(cast, adoption, secretary, cell):
    shown = body(secretary.get(page(adoption)))
    for someone in (cast.li, cast.zhao, cast.commissioner):
        assert f'name="{cell(someone)}"' in shown
        assert f'name="{cell(someone, "talk-monthly-may")}"' in shown
    assert cast.sun.name not in shown
    assert f'name="{cell(cast.secretary)}"' not in shown
    for code in ("report-half", "visit-half"):
        assert code not in shown
    assert 'min="2026-01-01" max="2026-11-22"' in shown
    assert "有一格不对就都不保存" in shown


def test_one_sending_enters_a_talk_for_each_day_and_closes_what_was_owed(cast, adoption, secretary, cell):
    sent = {
        cell(cast.li): "2026-03-12",
        cell(cast.zhao): "2026-05-04",
        cell(cast.zhao, "talk-monthly-may"): "2026-11-03",
    }
    response, _ = send(secretary, adoption, cast.branch, **sent)
    shown = plain(body(secretary.get(response.url)))
    assert "补录了 3 次谈话，办结 5 件应办。" in shown
    assert "补录" in shown
    talks = Talk.objects.select_related("record").order_by("record__on")
    assert [(each.record.member_id, str(each.record.on), each.text, each.subject) for each in talks] == [
        (cast.li.pk, "2026-03-12", TEXT, Talk.Subject.YEARLY), (cast.zhao.pk, "2026-05-04", TEXT, Talk.Subject.YEARLY),
        (cast.zhao.pk, "2026-11-03", TEXT, Talk.Subject.REGULAR),
    ]  # fmt: skip
    assert all(each.record.late for each in talks)
    assert {each.record.entered_by for each in talks} == {cast.secretary}
    done = Duty.objects.filter(state=State.DONE, period__in=("2026", "2026-11"))
    assert set(done.values_list("member", "rule__code", "closed_on")) == {
        (cast.li.pk, "talk-yearly", date(2026, 3, 12)), (cast.zhao.pk, "talk-yearly", date(2026, 5, 4)),
        (cast.zhao.pk, "talk-monthly-may", date(2026, 11, 3)),
    }  # fmt: skip
    again = plain(body(secretary.get(page(adoption))))
    assert "已办结 03-12" in again


def test_one_day_in_two_cells_of_a_member_is_one_talk(cast, adoption, secretary, cell):
    sent = {cell(cast.li): "2026-11-03", cell(cast.li, "talk-monthly-may"): "2026-11-03"}
    response, _ = send(secretary, adoption, cast.branch, **sent)
    assert "补录了 1 次谈话，办结 2 件应办。" in body(secretary.get(response.url))
    assert Talk.objects.count() == 1


def test_the_engine_settles_once_and_each_talk_has_its_audit_row(cast, adoption, secretary, cell, monkeypatch):
    told = []
    monkeypatch.setattr(facts, "_listeners", [lambda kind, **what: told.append((kind, what["people"]))])
    days = {cell(each): "2026-03-12" for each in (cast.li, cast.zhao, cast.commissioner)}
    send(secretary, adoption, cast.branch, **days)
    assert [(kind, len(people)) for kind, people in told] == [(facts.Fact.RECORD, 4)]
    written = AuditRow.objects.filter(act=Act.WRITE).values_list("subject", flat=True)
    assert set(written) == {f"record:{pk}" for pk in Record.objects.values_list("pk", flat=True)}
    assert len(written) == 3


def test_a_double_click_enters_once(cast, adoption, secretary, cell):
    response, sent = send(secretary, adoption, cast.branch, **{cell(cast.li): "2026-03-12"})
    again = secretary.post(page(adoption), sent)
    assert again.url == response.url
    assert Talk.objects.count() == 1


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-11-23", "不在今天以前"), ("2026-12-01", "不在今天以前"), ("2025-12-31", "从 2026-01-01 起算"),
        ("三月", "日期写法不对"), ("2026-02-01", "都没有任职"), ("2026-03-01", "组织关系不在河源第一党支部"),
    ],
)  # fmt: skip
def test_a_day_that_cannot_be_comes_back_beside_its_cell(cast, adoption, sign_in, cell, *, day, said):
    """Nothing is saved. She took office on 10 February; Li came on 1 April."""
    move(cast.li, cast.sibling, on=date(2026, 1, 5))
    move(cast.li, cast.branch, on=date(2026, 4, 1))
    new = member("许静", cast.branch)
    cast.secretary.posts.update(until=date(2026, 2, 10))
    take_post(new, cast.branch, since=date(2026, 2, 10))
    sweep_on(TODAY)
    browser = sign_in(account(new, "xu"))
    response, _ = send(browser, adoption, cast.branch, **{cell(cast.li): day, cell(cast.zhao): "2026-05-04"})
    shown = body(response)
    assert response.status_code == 422
    field = cell(cast.li)
    assert re.search(rf'id="id_{field}_error">.*?{said}', shown)
    assert f'id="id_{cell(cast.zhao)}_error"' not in shown
    assert 'value="2026-05-04"' in shown
    assert f'value="{day}"' in shown
    assert not Talk.objects.exists()


def test_nothing_typed_is_said(cast, adoption, secretary):
    response, _ = send(secretary, adoption, cast.branch)
    assert response.status_code == 422
    assert "还没有填日期" in body(response)


def test_a_talk_that_stands_already_comes_back_beside_its_cell(cast, adoption, secretary, cell):
    """The commissioner's talk closed nothing, so its cell is still there."""
    sent = {cell(cast.li): "2026-03-12", "talker": cast.commissioner.pk}
    send(secretary, adoption, cast.branch, **sent)
    response, _ = send(secretary, adoption, cast.branch, **sent, **{cell(cast.zhao): "2026-03-13"})
    assert response.status_code == 422
    assert re.search(rf'id="id_{cell(cast.li)}_error">.*?已登记过', body(response))
    assert Talk.objects.count() == 1


def test_whoever_talked_must_have_held_a_post_and_talks_with_nobody_alone(cast, adoption, sign_in, cell):
    clerk = sign_in(account(cast.clerk, "lin"))
    shown = body(clerk.get(page(adoption), {"organisation": cast.branch.pk}))
    assert f'<option value="{cast.secretary.pk}" selected' in shown
    response, sent = send(clerk, adoption, cast.branch, **{cell(cast.secretary): "2026-03-12"})
    assert response.status_code == 422
    assert "不能与自己谈话" in body(response)
    response = clerk.post(page(adoption), {**sent, "talker": cast.clerk.pk})
    assert "都没有任职" in body(response)
    sent |= {"talker": cast.general_secretary.pk}
    response = clerk.post(page(adoption), sent)
    assert "补录了 1 次谈话，办结 2 件应办。" in plain(body(clerk.get(response.url)))


def test_a_talk_by_somebody_whose_turn_it_was_not_is_kept_and_said_to_close_nothing(cast, adoption, secretary, cell):
    post(cast.commissioner, cast.branch, Role.DEPUTY_SECRETARY)
    shown = secretary.get(page(adoption))
    sent = {"once": once_in(shown), "organisation": cast.branch.pk, "talker": cast.commissioner.pk}
    response = secretary.post(page(adoption), sent | {cell(cast.li): "2026-03-12"})
    said = body(secretary.get(response.url))
    assert "补录了 1 次谈话，办结 0 件应办。" in said
    assert "有 1 件没有办结" in said


def test_above_one_branch_there_is_a_choice_and_other_branches_are_not_found(cast, adoption, sign_in, secretary, cell):
    clerk = sign_in(account(cast.clerk, "lin"))
    choice = body(clerk.get(page(adoption)))
    for branch in (cast.branch, cast.sibling, cast.direct):
        assert f"?organisation={branch.pk}" in choice
    assert cast.other_branch.label not in choice
    for here in (cast.sibling.pk, cast.general.pk, cast.other_branch.pk, 999_999, "x"):
        assert secretary.get(page(adoption), {"organisation": here}).status_code == 404
        assert secretary.post(page(adoption), {"organisation": here}).status_code == 404
    below = adopt(
        by=None, organisation=cast.sibling, policy=load_rules(["study-hours"], "p1"), since=TODAY, today=TODAY
    )
    assert secretary.get(page(below)).status_code == 404
    assert sign_in(account(cast.outsider)).get(page(adoption)).status_code == 404
    assert "没有可以补录的" in body(sign_in(account(cast.sibling_secretary)).get(page(below)))


def test_who_does_not_record_is_told_so(cast, adoption, sign_in):
    assert sign_in(account(cast.li)).get(page(adoption)).status_code == 403


def test_what_is_sensitive_stands_in_no_grid(cast, adoption, secretary):
    adoption.policy.rules.filter(code="talk-monthly-may").update(sensitive=True)
    shown = body(secretary.get(page(adoption)))
    assert "talk-monthly-may" not in shown
    assert "talk-yearly" in shown


def test_members_without_number_cost_no_query_each(cast, adoption, secretary, django_assert_max_num_queries):
    for n in range(20):
        member(f"新人{n}", cast.branch)
    sweep_on(TODAY)
    with django_assert_max_num_queries(26):
        secretary.get(page(adoption))


# The line on the workbench


def offered(browser) -> bool:
    return "补录已经谈过的" in body(browser.get("/"))


def test_the_workbench_offers_it_to_the_secretary_until_it_is_used(cast, adoption, secretary, sign_in, cell):
    assert offered(secretary)
    assert not offered(sign_in(account(cast.clerk, "lin")))
    talk(cast.li, cast.secretary, on=TODAY)
    assert offered(secretary)
    send(secretary, adoption, cast.branch, **{cell(cast.zhao): "2026-03-12"})
    assert not offered(secretary)
    assert offered(sign_in(account(cast.sibling_secretary)))


def test_the_workbench_offers_it_for_talks_of_a_semester_too(cast, sign_in):
    semester = {"kind": "quota", "times": 1, "per": "semester", "counted_per": "member"}
    a_rule(cast.sibling, semester | {"semesters": [["09-01", "01-20"]]}, action="talk")
    sweep_on(TODAY)
    assert offered(sign_in(account(cast.sibling_secretary, "chen")))


def test_the_workbench_offers_it_for_sixty_days(cast, adoption, secretary, sign_in):
    later = account(cast.sibling_secretary, "chen")
    for days, there in ((37, True), (60, False)):
        with time_machine.travel(NOW + timedelta(days=days), tick=False):
            sweep_on(TODAY + timedelta(days=days))
            assert offered(sign_in(later)) is (there and TODAY + timedelta(days=days) < date(2027, 1, 1))


def test_the_workbench_offers_nothing_where_all_were_talked_with_or_the_adoption_is_old(cast, adoption, secretary):
    for someone in (cast.li, cast.zhao, cast.commissioner):
        talk(someone, cast.secretary, on=TODAY)
    talk(cast.secretary, cast.general_secretary, on=TODAY)
    assert not offered(secretary)


def test_an_adoption_entered_before_that_was_kept_offers_nothing(cast, adoption, secretary):
    Adoption.objects.update(entered_on=None)
    assert not offered(secretary)


def test_a_party_group_is_a_branch_of_its_own(cast, adoption, secretary, cell):
    group = organisation("01010101", OrganisationKind.GROUP, cast.branch, name="第一小组")
    ahead = member("钱进", group, standing=Standing.PROBATIONARY)
    adopt(by=None, organisation=cast.branch, policy=load_rules(["study-hours"], "p2"), since=TODAY, today=TODAY)
    assert secretary.get(page(adoption)).status_code == 200
    assert "先选是哪个支部的党员" in body(secretary.get(page(adoption)))
    assert ahead.name not in body(secretary.get(page(adoption), {"organisation": cast.branch.pk}))
