"""Old members: the survey, who is paid the subsidy, its tier and standard, and the page that keeps the standards."""

from datetime import date

import pytest
from django.urls import reverse

from base.dates import FAR
from base.models import AuditRow
from care.amounts import amounts_at, set_amount, withdraw_amount
from care.entries import Given, amend_entry, open_entry
from care.models import Entry, SubsidyAmount
from care.registers import REGISTERS
from care.registers.elderly import GRADE, RURAL, TOWN_WITH, TOWN_WITHOUT
from care.subsidy import Tier, amount_on
from members.enums import Precision
from tests.care.test_entries import kinds, refusal
from tests.members.office import once_key
from tests.world import account, member

TODAY = date(2026, 11, 23)
SINCE = date(2026, 3, 2)
ELDERLY = REGISTERS["elderly"]
PAGE = reverse("subsidy_amounts")


@pytest.fixture
def old(cast):
    """Somebody who joined in 1948."""
    return member("田长庚", cast.branch, born=date(1929, 4, 1), joined=date(1948, 5, 4), full=date(1948, 11, 4))


def opened(person, **more) -> Entry:
    given = Given({"care": "能自理", **more})
    return open_entry(by=None, register=ELDERLY, person=person, since=SINCE, given=given, today=TODAY)


def standard(cast, *, tier=Tier.THIRD, fen=72_000, since=date(2026, 1, 1), at=None, basis="文件"):
    return set_amount(
        by=None, organisation=at or cast.committee, tier=tier, since=since, fen=fen, basis=basis, today=TODAY
    )


def page_of(sign_in, cast, entry) -> str:
    return sign_in(account(cast.secretary)).get(reverse("entry", args=[entry.pk])).text


@pytest.mark.parametrize(("benefits", "grade"), [(RURAL, GRADE), (TOWN_WITHOUT, GRADE), (TOWN_WITH, ""), ("", "")])
def test_who_is_paid_follows_from_joining_and_benefits(old, benefits, grade):
    opened(old, benefits=benefits)
    assert kinds(old) == {("elderly", grade, SINCE, FAR)}


def test_who_joined_later_is_an_old_member_without_the_subsidy(cast):
    opened(cast.zhao)
    assert kinds(cast.zhao) == {("elderly", "", SINCE, FAR)}
    said = refusal(lambda: opened(cast.sun, benefits=RURAL))["benefits"][0]
    assert "不在新中国成立前" in said


def test_benefits_found_out_later_change_the_grade_from_that_day(old):
    entry = opened(old)
    given = Given({"benefits": TOWN_WITHOUT})
    amend_entry(by=None, entry=entry, given=given, on=date(2026, 7, 1), version=1, today=TODAY)
    assert kinds(old) == {("elderly", "", SINCE, date(2026, 7, 1)), ("elderly", GRADE, date(2026, 7, 1), FAR)}


def test_the_page_shows_tier_and_standard_in_force(cast, old, sign_in):
    standard(cast)
    standard(cast, fen=80_000, since=date(2027, 1, 1))
    said = page_of(sign_in, cast, opened(old, benefits=RURAL))
    assert "1945年9月3日至1949年9月30日入党" in said
    assert "每月 720.00 元" in said


def test_without_a_standard_or_an_exact_day_the_page_says_what_to_do(cast, old, sign_in):
    entry = opened(old, benefits=RURAL)
    browser = sign_in(account(cast.secretary))
    page = reverse("entry", args=[entry.pk])
    assert "没有现行标准" in browser.get(page).text
    old.joined_on, old.joined_precision = date(1945, 1, 1), Precision.YEAR
    old.save()
    assert "请查档案后补到日" in browser.get(page).text


def test_the_nearest_organisation_s_standards_hold(cast):
    standard(cast)
    assert amount_on(amounts_at(cast.branch.path), Tier.THIRD, TODAY) == 72_000
    standard(cast, fen=75_000, at=cast.general)
    assert amount_on(amounts_at(cast.branch.path), Tier.THIRD, TODAY) == 75_000
    assert amount_on(amounts_at(cast.direct.path), Tier.THIRD, TODAY) == 72_000
    assert amount_on(amounts_at(cast.branch.path), Tier.THIRD, date(2025, 12, 31)) is None
    assert amounts_at(cast.other_branch.path) == []


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [({"fen": 0}, "fen", "大于零"), ({"basis": " "}, "basis", "请写依据"), ({}, "since", "已有标准")],
)
def test_a_standard_that_cannot_be_gets_a_sentence(cast, more, field, words):
    standard(cast)
    assert words in refusal(lambda: standard(cast, **more))[field][0]
    assert SubsidyAmount.objects.count() == 1


def test_a_clerk_enters_a_standard_once_and_takes_back_a_wrong_one(cast, sign_in):
    clerk = sign_in(account(cast.clerk))
    key = once_key(clerk.get(PAGE), "set")
    sent = {
        "act": "set",
        "once": key,
        "tier": "third",
        "since": "2026-01-01",
        "fen": "720",
        "basis": "云水党〔2026〕3号",
    }
    for _click in range(2):
        said = clerk.post(PAGE, sent, follow=True)
    [row] = SubsidyAmount.objects.all()
    assert (row.organisation, row.fen) == (cast.committee, 72_000)
    assert "现行" in said.text
    assert AuditRow.objects.filter(subject=f"subsidy_amount:{row.pk}").count() == 1
    assert clerk.post(PAGE, {"act": "set", "tier": "third", "since": "2026-02-01", "fen": "很多"}).status_code == 422
    said = clerk.post(PAGE, {"act": "withdraw", "amount": row.pk, "reason": "填错档"}, follow=True)
    assert "已撤销" in said.text
    assert not SubsidyAmount.objects.exists()


def test_a_standard_from_above_is_not_a_branch_s_to_take_back(cast, sign_in):
    row = standard(cast)
    secretary = sign_in(account(cast.secretary))
    said = secretary.get(PAGE).text
    assert "现在用的是云河水文局党委的标准" in said
    assert "撤销填错的" not in said
    assert "刚被别人撤销" in str(
        refusal(lambda: withdraw_amount(by=None, amount=row.pk, organisation=cast.branch, reason="不要"))
    )
    commissioner = sign_in(account(cast.commissioner))
    assert commissioner.get(PAGE).status_code == 403


def test_a_secretary_enters_the_survey(cast, old, sign_in):
    secretary, new = sign_in(account(cast.secretary)), reverse("entry_new")
    sent = {
        "register": "elderly", "member": old.pk, "since": "2026-03-02", "living": "独居", "care": "部分失能",
        "study_home": "on", "services": ["送学上门", "助餐助浴"], "gives": ["讲党课"], "visits": "4", "benefits": RURAL,
    }  # fmt: skip
    assert "每年走访几次请填 0 到 52 的整数" in secretary.post(new, sent | {"visits": "天天"}).text
    assert "送学上门、助餐助浴" in secretary.post(new, sent, follow=True).text
    listed = secretary.get(reverse("register", args=["elderly"])).text
    assert "送学上门、助餐助浴" in listed
    assert PAGE in listed
