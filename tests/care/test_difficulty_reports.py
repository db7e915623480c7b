"""困难党员半年上报: figures against a hand count, confirmed and merged level by level, returned; and the pages."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from care.entries import Given, amend_entry, close_entry, open_entry, recognise_entry
from care.figures import Half, annual_sentence, counted
from care.models import DifficultyReport, Entry
from care.registers import REGISTERS
from care.reporting import confirm_report, prepare_report, refresh_report, return_report
from duties.engine.models import Record
from duties.engine.records import enter_record
from members.enums import EventKind, OrganisationKind
from members.services import register_event
from tests.world import account, member, organisation

TODAY, AS_OF = date(2026, 11, 23), date(2026, 6, 30)
DIFFICULTY = REGISTERS["difficulty"]
pytestmark = pytest.mark.django_db


def opened(person, grade="一般困难", *, since=date(2026, 2, 1), on=date(2026, 2, 10), **facts) -> Entry:
    given = Given({"causes": ["unemployed"]} | facts, grade)
    entry = open_entry(by=None, register=DIFFICULTY, person=person, since=since, given=given, today=TODAY)
    if on:
        recognise_entry(by=None, entry=entry, on=on, organisation="局党委", grade="", today=TODAY)
    return Entry.objects.select_related("person").get(pk=entry.pk)


def refusal(call) -> str:
    with pytest.raises(ValidationError) as no:
        call()
    return "".join(no.value.messages)


@pytest.fixture
def town(cast):
    """Two in the first branch and one who waits, one in the second; one closed, one dead, one recognised later."""
    first = opened(
        cast.li, "特别困难", causes=["own_illness", "unable"], civil="allowance", civil_until="2026-06-30",
        annual=["urban_allowance", "never_employed", "veteran_benefits"],
    )  # fmt: skip
    amend_entry(
        by=None, entry=first, given=Given({}, "比较困难"), on=date(2026, 9, 1), version=first.version, today=TODAY
    )  # fmt: skip
    opened(cast.zhao, since=date(2025, 9, 1), on=date(2025, 9, 10), civil="borderline", civil_until="2026-06-29")
    opened(member("待认定", cast.branch), on=None)
    opened(member("后认定", cast.branch), on=date(2026, 7, 1))
    gone = opened(member("已退出", cast.branch), on=date(2026, 2, 10))
    close_entry(by=None, entry=gone, last=date(2026, 6, 29), why="已经脱困", note="", today=TODAY)
    dead = member("已去世", cast.branch)
    opened(dead)
    register_event(by=None, person=dead, kind=EventKind.DEATH, occurred_on=date(2026, 5, 4), today=TODAY)
    opened(cast.sun)
    enter_record(
        by=None, organisation=cast.branch, member=cast.li, action="visit", on=date(2026, 6, 30),
        people=[cast.secretary], today=TODAY,
    )  # fmt: skip
    enter_record(
        by=None, organisation=cast.branch, member=cast.zhao, action="visit", on=date(2026, 7, 1),
        people=[cast.secretary], today=TODAY,
    )  # fmt: skip
    return cast


def drawn(cast, place, who=None, as_of=AS_OF) -> DifficultyReport:
    return prepare_report(by=account(who) if who else None, organisation=place, as_of=as_of, today=TODAY)


@pytest.fixture
def confirmed(town):
    """The first branch has confirmed, the second not; its secretary's account."""
    by = account(town.secretary)
    report = prepare_report(by=by, organisation=town.branch, as_of=AS_OF, today=TODAY)
    return confirm_report(by=by, report=report, today=TODAY)


BRANCH = {
    "total": 2, "new": 3, "closed": 1, "died": 1, "aided": 1, "waiting": 2, "degree:特别困难": 1, "degree:一般困难": 1,
    "cause:own_illness": 1, "cause:unable": 1, "cause:unemployed": 1, "civil:allowance": 1, "civil:lapsed": 1,
    "annual:urban_allowance": 1, "annual:never_employed": 1, "annual:veteran_benefits": 1, "veterans": 1,
}  # fmt: skip


def test_the_figures_are_those_of_a_hand_count_on_the_day(town):
    assert dict(counted(town.branch, AS_OF)[town.branch.pk]) == BRANCH


def test_they_are_counted_in_one_query_however_many_there_are(town, django_assert_num_queries):
    people = [member(f"困难{n}", town.branch) for n in range(50)]
    Entry.objects.bulk_create(
        Entry(
            register="difficulty", person=each, since=date(2026, 5, 1), recognised_on=date(2026, 5, 1),
            grade="一般困难", entered_on=TODAY,
        )
        for each in people
    )  # fmt: skip
    with django_assert_num_queries(1):
        assert counted(town.branch, AS_OF)[town.branch.pk]["total"] == 52


def test_the_annual_sentence_is_generated():
    assert annual_sentence(BRANCH) == (
        "共有生活困难党员 2 名，其中享受城镇最低生活保障费的 1 名；建国前入党没有工作老党员 1 名，其中享受优抚的 1 名。"
    )


def test_confirming_records_the_report_on_the_day_of_its_figures(confirmed, town):
    record = Record.objects.get(action="report")
    assert (record.organisation, record.on, record.member) == (town.branch, AS_OF, None)
    assert confirmed.record == record
    assert confirmed.figures == BRANCH
    assert "已于 2026-11-23 确认上报" in refusal(
        lambda: confirm_report(by=account(town.commissioner), report=confirmed, today=TODAY)
    )
    assert Record.objects.filter(action="report").count() == 1


def test_each_level_merges_what_those_below_confirmed_and_says_who_has_not(confirmed, town):
    by = account(town.general_secretary)
    report = prepare_report(by=by, organisation=town.general, as_of=AS_OF, today=TODAY)
    assert report.figures["total"] == 2
    report = confirm_report(by=by, report=report, today=TODAY)
    assert report.missing == [town.sibling.label]
    again = drawn(town, town.committee)
    assert again.figures["total"] == 2
    said = refusal(lambda: return_report(by=by, report=confirmed, reason="核对", today=TODAY))
    assert "请先退回河源局党总支的那一张" in said


def test_what_was_confirmed_stays_when_the_register_goes_on(confirmed, town):
    opened(member("补登记", town.branch), since=date(2026, 6, 1), on=date(2026, 6, 2))
    confirmed.refresh_from_db()
    assert confirmed.figures["total"] == 2
    assert counted(town.branch, AS_OF)[town.branch.pk]["total"] == 3


def test_returned_its_record_goes_and_it_is_drawn_up_anew_before_it_is_confirmed(confirmed, town):
    by = account(town.clerk)
    assert "请写为什么退回" in refusal(lambda: return_report(by=by, report=confirmed, reason=" ", today=TODAY))
    back = return_report(by=by, report=confirmed, reason="民政类别漏填", today=TODAY)
    assert (back.state, back.record, back.returned_reason) == ("returned", None, "民政类别漏填")
    assert not Record.objects.standing().filter(action="report").exists()
    assert "重新计算" in refusal(lambda: confirm_report(by=by, report=back, today=TODAY))
    back = refresh_report(by=by, report=back, as_of=AS_OF, today=TODAY)
    assert confirm_report(by=by, report=back, today=TODAY).state == "confirmed"


def test_what_cannot_be_reported_gets_a_sentence(confirmed, town):
    group = organisation("01010101", OrganisationKind.GROUP, town.branch)
    refused = {
        "还没到": lambda: drawn(town, town.sibling, as_of=date(2026, 12, 31)),
        "2026 年上半年已经填过一张": lambda: drawn(town, town.branch, as_of=date(2026, 3, 31)),
        "不单独上报": lambda: drawn(town, group),
        "要改请先由上级退回": lambda: refresh_report(by=None, report=confirmed, as_of=AS_OF, today=TODAY),
    }
    for words, call in refused.items():
        assert words in refusal(call)
    draft = drawn(town, town.sibling)
    late = date(2026, 7, 1)
    assert "不在2026 年上半年里" in refusal(lambda: refresh_report(by=None, report=draft, as_of=late, today=TODAY))
    assert "不用退回" in refusal(lambda: return_report(by=None, report=draft, reason="核对", today=TODAY))


@pytest.mark.parametrize("code", ["", "2026", "2026-H3", "26-H1", "２０２６-H1", "2026-H1 "])
def test_a_half_year_that_is_none_is_not_read(code):
    with pytest.raises(ValueError, match="no half-year"):
        Half.read(code)


def test_the_half_years_are_known_by_their_days():
    assert [Half.of(date(2026, month, 1)).code for month in (6, 7)] == ["2026-H1", "2026-H2"]
    assert (Half.read("2026-H2").first, Half.read("2026-H2").words) == (date(2026, 7, 1), "2026 年下半年")


def test_a_secretary_draws_it_up_and_confirms_and_a_superior_returns_it(town, sign_in):
    secretary, clerk = sign_in(account(town.secretary)), sign_in(account(town.clerk))
    new = f"{reverse('difficulty_report_new')}?organisation={town.branch.pk}"
    assert "还没到" in secretary.post(new, {"as_of": "2026-12-31"}).text
    said = secretary.post(new, {"as_of": "2026-06-30"}, follow=True)
    page = said.redirect_chain[-1][0]
    assert "另有 2 名上级没有认定，没有计入" in said.text
    assert "李建国" not in said.text
    assert "退回重报" not in said.text
    for _click in range(2):
        secretary.post(page, {"act": "confirm"})
    assert Record.objects.filter(action="report").count() == 1
    opened(member("补登记", town.branch), since=date(2026, 6, 1), on=date(2026, 6, 2))
    said = clerk.get(page).text
    assert "+1" in said
    listed = clerk.get(reverse("difficulty_reports"), {"organisation": town.general.pk, "half": "2026-H1"}).text
    assert "没有填" in listed
    assert "已确认上报" in listed
    assert "已退回河源第一党支部" in clerk.post(page, {"act": "return", "reason": "民政类别漏填"}, follow=True).text
    assert "已退回：民政类别漏填" in secretary.get(page).text


def test_who_does_not_record_there_sees_and_does_nothing_and_outsiders_see_nothing(confirmed, town, sign_in):
    page = reverse("difficulty_report", args=[confirmed.pk])
    assert sign_in(account(town.sibling_secretary)).get(page).status_code == 404
    assert sign_in(account(town.outsider)).get(page).status_code == 404
    secretary = sign_in(account(town.commissioner))
    assert "退回重报" not in secretary.get(page).text
    secretary.post(page, {"act": "return", "reason": "自己退"})
    confirmed.refresh_from_db()
    assert confirmed.state == "confirmed"


def test_the_pages_cost_the_same_for_one_below_and_fifty(confirmed, town, sign_in):
    browser = sign_in(account(town.clerk))
    report = drawn(town, town.general)
    pages = [reverse("difficulty_reports") + f"?organisation={town.general.pk}&half=2026-H1",
             reverse("difficulty_report", args=[report.pk])]  # fmt: skip

    def cost() -> list[int]:
        found = []
        for page in pages:
            with CaptureQueriesContext(connection) as asked:
                assert browser.get(page).status_code == 200
            found.append(len(asked))
        return found

    cost()
    once = cost()
    for n in range(50):
        place = organisation(f"0101{n + 50}", parent=town.general) if n < 3 else None
        DifficultyReport.objects.create(
            organisation=place or town.branch, half=f"{1950 + n}-H1", as_of=AS_OF, prepared_on=TODAY
        )
    assert cost() == once
