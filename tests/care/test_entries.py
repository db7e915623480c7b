"""Entries of the registers: opened, changed, recognised, reviewed, ended, taken back, and what follows from each."""

from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import ValidationError

from base.dates import FAR
from base.models import AuditRow
from care.entries import Given, amend_entry, close_entry, open_entry, recognise_entry, review_entry, withdraw_entry
from care.models import Change, Entry
from care.registers import REGISTERS
from duties.engine.models import Record
from members.enums import CategoryKind, EventKind
from members.models import Category
from members.services import register_event

TODAY = date(2026, 11, 23)
SINCE = date(2026, 3, 2)
DIFFICULTY, ILLNESS = REGISTERS["difficulty"], REGISTERS["illness"]
POOR = Given({"causes": ["unemployed"], "needs": "就业", "own_income": 91500}, "一般困难")


def opened(person, register=DIFFICULTY, since=SINCE, given=POOR, **more):
    return open_entry(by=None, register=register, person=person, since=since, given=given, today=TODAY, **more)


def recognised(entry, on=date(2026, 4, 1), grade=""):
    return recognise_entry(by=None, entry=entry, on=on, organisation="局党委", grade=grade, today=TODAY)


def closed(entry, last=TODAY, why="其他"):
    return close_entry(by=None, entry=entry, last=last, why=why, note="", today=TODAY)


def reviewed(entry, who, on):
    return review_entry(by=None, entry=entry, on=on, people=[who], note="上门", today=TODAY)


def kinds(person) -> set[tuple]:
    rows = Category.objects.filter(person=person).order_by("since", "pk")
    return {(row.kind, row.grade, row.since, row.until) for row in rows}


def refusal(call) -> dict:
    with pytest.raises(ValidationError) as no:
        call()
    return no.value.message_dict if hasattr(no.value, "error_dict") else {"__all__": no.value.messages}


@pytest.mark.django_db
def test_private_facts_are_sealed_at_rest_and_apart(cast):
    entry = opened(cast.li)
    assert entry.facts == {"causes": ["unemployed"]}
    assert entry.private == {"needs": "就业", "own_income": 91500}
    assert Entry.objects.get(pk=entry.pk).private == {"needs": "就业", "own_income": 91500}
    [raw] = Entry.objects.extra(select={"raw": "private"}).values_list("raw", flat=True)
    assert "91500" not in raw
    assert "就业" not in raw


@pytest.mark.django_db
def test_what_is_not_recognised_is_not_counted(cast):
    entry = opened(cast.li)
    assert kinds(cast.li) == set()
    recognised(entry, grade="特别困难")
    since = date(2026, 4, 1)
    assert kinds(cast.li) == {("hardship", "特别困难", since, FAR), ("laid_off", "", since, FAR)}
    assert "没有再认定" in str(refusal(lambda: recognised(entry)))


@pytest.mark.django_db
def test_another_degree_begins_on_its_day_and_what_was_stays(cast):
    entry = recognised(opened(cast.li))
    amend_entry(
        by=None, entry=entry, given=Given({"causes": ["own_illness"]}, "特别困难"), on=date(2026, 9, 1),
        version=entry.version, today=TODAY,
    )  # fmt: skip
    first, second = date(2026, 4, 1), date(2026, 9, 1)
    assert kinds(cast.li) == {
        ("hardship", "一般困难", first, second), ("hardship", "特别困难", second, FAR), ("laid_off", "", first, second),
    }  # fmt: skip
    entry.refresh_from_db()
    assert entry.private["needs"] == "就业"
    said = entry.changes.get(what=Change.What.AMENDED).words
    assert said == "等次由一般困难改为特别困难、致困原因"


@pytest.mark.django_db
def test_somebody_elses_change_in_between_is_not_overwritten(cast):
    entry = opened(cast.li)
    given = Given({"causes": ["other"]}, "一般困难")
    amend_entry(by=None, entry=entry, given=given, on=TODAY, version=1, today=TODAY)
    late = Given({"causes": ["unemployed"]}, "一般困难")
    assert "刚被别人改过" in str(
        refusal(lambda: amend_entry(by=None, entry=entry, given=late, on=TODAY, version=1, today=TODAY))
    )


@pytest.mark.django_db
def test_an_end_takes_the_categories_along_and_the_entry_stays(cast):
    entry = recognised(opened(cast.li))
    close_entry(by=None, entry=entry, last=date(2026, 10, 31), why="已经脱困", note="就业", today=TODAY)
    since, until = date(2026, 4, 1), date(2026, 11, 1)
    assert kinds(cast.li) == {("hardship", "一般困难", since, until), ("laid_off", "", since, until)}
    assert list(Entry.objects.running(TODAY)) == []
    again = recognised(opened(cast.li, since=date(2026, 11, 10)), on=date(2026, 11, 12))
    assert ("hardship", "一般困难", date(2026, 11, 12), FAR) in kinds(cast.li)
    assert Entry.objects.standing().filter(person=cast.li).count() == 2
    assert again.pk != entry.pk


@pytest.mark.django_db
def test_what_was_ended_by_hand_is_not_opened_again_by_a_later_change(cast, monkeypatch):
    monkeypatch.setitem(REGISTERS, "illness", replace(ILLNESS, ends=lambda entry: date(2027, 1, 1)))
    entry = opened(cast.li, REGISTERS["illness"], given=Given({"state": "住院"}))
    assert entry.until == date(2027, 1, 2)
    entry = closed(entry, last=date(2026, 10, 31))
    given = Given({"state": "恢复中"})
    entry = amend_entry(by=None, entry=entry, given=given, on=SINCE, version=entry.version, today=TODAY)
    assert entry.until == date(2026, 11, 1)


@pytest.mark.django_db
def test_taken_back_it_leaves_no_category_and_an_audit_row(cast):
    entry = recognised(opened(cast.li))
    withdraw_entry(by=None, entry=entry, reason="登错了人", today=TODAY)
    assert kinds(cast.li) == set()
    assert AuditRow.objects.filter(subject=f"entry:{entry.pk}", act=AuditRow.Act.WITHDRAW).count() == 1
    assert "不能再办" in str(refusal(lambda: withdraw_entry(by=None, entry=entry, reason="又一次", today=TODAY)))


@pytest.mark.django_db
def test_a_review_is_a_record_and_sets_the_next_day(cast):
    entry = recognised(opened(cast.li))
    review_entry(by=None, entry=entry, on=date(2026, 9, 1), people=[cast.secretary], note="上门", today=TODAY)
    assert Entry.objects.get(pk=entry.pk).review_on == date(2027, 2, 28)
    assert Record.objects.get(action="review").member == cast.li


@pytest.mark.django_db
def test_a_category_written_by_hand_before_is_taken_over(cast):
    Category.objects.create(person=cast.li, kind=CategoryKind.HARDSHIP, since=date(2026, 1, 1), source="登记")
    recognised(opened(cast.li))
    since = date(2026, 4, 1)
    assert ("hardship", "", date(2026, 1, 1), since) in kinds(cast.li)
    assert ("hardship", "一般困难", since, FAR) in kinds(cast.li)


@pytest.mark.django_db
def test_a_death_ends_entries_about_the_living_and_taking_it_back_revives_them(cast):
    entry = opened(cast.li, ILLNESS, given=Given({"state": "住院"}))
    assert [each.pk for each in Entry.objects.running(TODAY)] == [entry.pk]
    register_event(by=None, person=cast.li, kind=EventKind.DEATH, occurred_on=date(2026, 11, 20), today=TODAY)
    assert list(Entry.objects.running(TODAY)) == []
    assert [each.pk for each in Entry.objects.running(date(2026, 11, 19))] == [entry.pk]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("call", "field", "words"),
    [
        (lambda cast: opened(cast.li, since=date(2026, 12, 1)), "since", "晚于今天"),
        (lambda cast: opened(cast.li, since=date(1990, 1, 1)), "since", "没有组织关系"),
        (lambda cast: opened(cast.li, given=Given({}, "很困难")), "grade", "请从列表里选等次"),
        (lambda cast: (opened(cast.li), opened(cast.li)), "since", "自 2026-03-02 起已在困难党员台账里"),
        (lambda cast: opened(cast.li, given=Given({}, "一般困难", date(2026, 1, 1))), "review_on", "早于登记的"),
        (lambda cast: recognised(opened(cast.li), on=date(2026, 3, 1)), "on", "认定日期要在"),
        (lambda cast: closed(opened(cast.li), last=date(2026, 3, 1)), "last", "最后一天要在"),
        (lambda cast: closed(opened(cast.li), why="不想帮了"), "why", "请选为什么退出"),
        (lambda cast: reviewed(opened(cast.li), cast.secretary, on=date(2026, 3, 1)), "on", "早于登记的"),
        (lambda cast: withdraw_entry(by=None, entry=opened(cast.li), reason=" ", today=TODAY), "reason",
         "请写为什么撤销"),
    ],
)  # fmt: skip
def test_what_cannot_be_gets_a_sentence(cast, call, field, words):
    found = refusal(lambda: call(cast))
    assert words in "".join(found[field])


@pytest.mark.django_db
def test_the_dead_stand_in_no_register_of_the_living(cast):
    register_event(by=None, person=cast.li, kind=EventKind.DEATH, occurred_on=date(2026, 2, 20), today=TODAY)
    assert "去世" in str(refusal(lambda: opened(cast.li)))
