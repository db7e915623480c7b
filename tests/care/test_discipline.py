"""Punishments through the services: the days they write into categories, alone and together, and the way back."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from base.dates import FAR
from care.entries import (
    Given,
    amend_entry,
    close_entry,
    open_entry,
    step_entry,
    unstep_entry,
    withdraw_entry,
)
from care.models import SEVERAL, Entry
from care.registers import REGISTERS
from care.registers.discipline import RESTORING
from duties.engine.models import Duty, Record, State
from members.enums import CategoryKind, EventKind, Standing
from members.models import Category
from members.services import register_event
from tests.duties.acts import adopt_pack, sweep_on
from tests.world import member

TODAY = date(2026, 11, 23)
DISCIPLINE = REGISTERS["discipline"]
FACTS = {"decided_by": "局纪委", "reason": "违反工作纪律"}
ONE_YEAR, TWO_YEARS, AFTER = "留党察看一年", "留党察看两年", "影响期"


def d(text: str) -> date:
    return FAR if text == "…" else date.fromisoformat(text)


def punished(person, grade: str, since: str, **facts) -> Entry:
    given = Given({**FACTS, "decided_on": since, **facts}, grade)
    return open_entry(by=None, register=DISCIPLINE, person=person, since=d(since), given=given, today=TODAY)


def amended(entry: Entry, **facts) -> Entry:
    entry.refresh_from_db()
    return amend_entry(
        by=None, entry=entry, given=Given(facts, entry.grade), on=TODAY, version=entry.version, today=TODAY
    )  # fmt: skip


def stepped(entry: Entry, on: str, *people) -> Entry:
    entry.refresh_from_db()
    code = RESTORING.next(entry).code if RESTORING.next(entry) else ""
    return step_entry(by=None, entry=entry, code=code, on=d(on), people=list(people), note="办妥", today=TODAY)


def restored(entry: Entry, who, on: str) -> Entry:
    for _step in range(5):
        entry = stepped(entry, on, who)
    return entry


def overturned(entry: Entry, last: str) -> Entry:
    return close_entry(by=None, entry=entry, last=d(last), why="撤销处分", note="", today=TODAY)


def rows(person, kind=CategoryKind.DISCIPLINED) -> list[tuple]:
    """Grade, first and last-but-one day of the categories, in order: as ``d`` writes them."""
    found = Category.objects.filter(person=person, kind=kind).order_by("since", "pk")
    return [(row.grade, str(row.since), "…" if row.until == FAR else str(row.until)) for row in found]


def ends(*entries: Entry) -> list[str]:
    found = [Entry.objects.get(pk=entry.pk).until for entry in entries]
    return ["…" if until == FAR else str(until) for until in found]


def refusal(call) -> dict:
    with pytest.raises(ValidationError) as no:
        call()
    return no.value.message_dict if hasattr(no.value, "error_dict") else {"__all__": no.value.messages}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "wanted", "awaiting", "end"),
    [
        (("警告", "2026-03-10", {}), [("警告", "2026-03-10", "2027-03-11")], [], "2027-03-11"),
        (("严重警告", "2026-03-10", {}), [("严重警告", "2026-03-10", "2027-09-11")], [], "2027-09-11"),
        (("严重警告", "2025-08-30", {}), [("严重警告", "2025-08-30", "2027-03-01")], [], "2027-03-01"),
        (("严重警告（代替撤销党内职务）", "2026-03-10", {}),
         [("严重警告（代替撤销党内职务）", "2026-03-10", "2028-03-11")], [], "2028-03-11"),
        (("撤销党内职务", "2024-02-29", {}), [("撤销党内职务", "2024-02-29", "2026-03-01")], [], "2026-03-01"),
        ((ONE_YEAR, "2025-07-01", {}), [(ONE_YEAR, "2025-07-01", "2026-07-02"), (AFTER, "2026-07-02", "2028-07-02")],
         [("", "2026-07-02", "…")], "…"),
        ((TWO_YEARS, "2025-07-01", {}), [(TWO_YEARS, "2025-07-01", "2027-07-02"), (AFTER, "2027-07-02", "2029-07-02")],
         [("", "2027-07-02", "…")], "…"),
        ((ONE_YEAR, "2025-07-01", {"extended_on": "2026-07-01"}),
         [(ONE_YEAR, "2025-07-01", "2027-07-02"), (AFTER, "2027-07-02", "2029-07-02")], [("", "2027-07-02", "…")], "…"),
        (("警告", "2026-03-10", {"ends_on": "2027-03-09", "ends_why": "局纪委核定"}),
         [("警告", "2026-03-10", "2027-03-10")], [], "2027-03-10"),
        (("开除党籍", "2026-03-10", {}), [], [], "2026-03-11"),
    ],
)  # fmt: skip
def test_one_punishment_writes_its_days_into_the_categories(cast, given, wanted, awaiting, end):
    grade, since, facts = given
    entry = punished(cast.li, grade, since, **facts)
    assert rows(cast.li) == wanted
    assert rows(cast.li, CategoryKind.AWAITING_RIGHTS) == awaiting
    assert ends(entry) == [end]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("both", "wanted", "until"),
    [
        ((("警告", "2026-01-10"), ("警告", "2026-07-10")),  # 184 days were left, then a year
         [("警告", "2026-01-10", "2026-07-10"), ("警告", "2026-07-10", "2028-01-11")], ["2027-01-11", "2028-01-11"]),
        ((("警告", "2025-01-10"), ("严重警告", "2026-07-10")),  # the first was over
         [("警告", "2025-01-10", "2026-01-11"), ("严重警告", "2026-07-10", "2028-01-11")],
         ["2026-01-11", "2028-01-11"]),
        (((ONE_YEAR, "2025-01-10"), ("警告", "2025-06-10")),  # counted from the restoration of rights
         [(ONE_YEAR, "2025-01-10", "2026-01-11"), (AFTER, "2026-01-11", "2028-01-11"),
          ("警告", "2028-01-11", "2029-01-11")], ["…", "2029-01-11"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("backwards", [False, True])
def test_a_second_punishment_adds_what_was_left_in_whichever_order_they_are_entered(
    cast, both, wanted, until, backwards
):
    made = [punished(cast.li, *each) for each in (reversed(both) if backwards else both)]
    assert rows(cast.li) == wanted
    assert ends(*(reversed(made) if backwards else made)) == until


@pytest.mark.django_db
def test_the_second_taken_back_the_first_has_its_days_again(cast):
    first = punished(cast.li, "严重警告", "2026-01-10")
    row = Category.objects.get(person=cast.li)
    second = punished(cast.li, "警告", "2026-07-10")
    assert rows(cast.li)[0] == ("严重警告", "2026-01-10", "2026-07-10")
    withdraw_entry(by=None, entry=second, reason="登错了人", today=TODAY)
    assert rows(cast.li) == [("严重警告", "2026-01-10", "2027-07-11")]
    assert Category.objects.get(person=cast.li).pk == row.pk
    withdraw_entry(by=None, entry=first, reason="登错了人", today=TODAY)
    assert rows(cast.li) == []


@pytest.mark.django_db
def test_an_overturned_punishment_ends_on_the_day_before_and_bears_on_no_other(cast):
    first = punished(cast.li, "警告", "2026-01-10")
    second = punished(cast.li, "警告", "2026-07-10")
    overturned(first, "2026-10-08")
    assert rows(cast.li) == [("警告", "2026-01-10", "2026-07-10"), ("警告", "2026-07-10", "2027-07-11")]
    assert ends(first, second) == ["2026-10-09", "2027-07-11"]
    overturned(second, "2026-11-01")
    assert rows(cast.li) == [("警告", "2026-01-10", "2026-07-10"), ("警告", "2026-07-10", "2026-11-02")]
    amended(second, document="纪〔2026〕9 号")
    assert ends(second) == ["2026-11-02"]


@pytest.mark.django_db
def test_an_overturned_term_takes_back_what_was_to_come(cast):
    entry = punished(cast.li, ONE_YEAR, "2026-03-10")
    overturned(entry, "2026-10-08")
    assert rows(cast.li) == [(ONE_YEAR, "2026-03-10", "2026-10-09")]
    assert rows(cast.li, CategoryKind.AWAITING_RIGHTS) == []


@pytest.mark.django_db
def test_rights_come_back_step_by_step_and_the_wait_ends_with_the_approval(cast):
    entry = punished(cast.li, ONE_YEAR, "2025-07-01")
    entry = stepped(entry, "2026-05-20", cast.secretary)
    assert "2026-07-01 才期满" in str(refusal(lambda: stepped(entry, "2026-06-30", cast.secretary)))
    assert RESTORING.next(entry).label == "支部考察、公示"
    for on in ("2026-07-05", "2026-07-12", "2026-07-14"):
        entry = stepped(entry, on, cast.secretary)
    assert rows(cast.li, CategoryKind.AWAITING_RIGHTS) == [("", "2026-07-02", "…")]
    entry = stepped(entry, "2026-08-03")
    assert rows(cast.li, CategoryKind.AWAITING_RIGHTS) == [("", "2026-07-02", "2026-08-03")]
    assert rows(cast.li) == [(ONE_YEAR, "2025-07-01", "2026-07-02"), (AFTER, "2026-07-02", "2028-07-02")]
    assert ends(entry) == ["2028-07-02"]
    entry = stepped(entry, "2026-08-10")
    assert "已经办过" in str(refusal(lambda: stepped(entry, "2026-08-11")))
    assert {step.label: taken["on"] for step, taken in RESTORING.of(entry)}["上一级党委批准"] == "2026-08-03"


@pytest.mark.django_db
def test_a_step_by_mistake_is_taken_back_with_its_record(cast):
    entry = stepped(punished(cast.li, ONE_YEAR, "2025-07-01"), "2026-07-02", cast.secretary)
    assert Record.objects.standing().filter(action="reminder").count() == 1
    unstep_entry(by=None, entry=entry, today=TODAY)
    assert Record.objects.standing().filter(action="reminder").count() == 0
    entry = restored(entry, cast.secretary, "2026-07-03")
    assert rows(cast.li, CategoryKind.AWAITING_RIGHTS) == [("", "2026-07-02", "2026-07-03")]
    unstep_entry(by=None, entry=entry, today=TODAY)
    assert rows(cast.li, CategoryKind.AWAITING_RIGHTS) == [("", "2026-07-02", "…")]
    assert ends(entry) == ["…"]


@pytest.mark.django_db
def test_rights_given_back_on_the_day_of_expiry_are_never_awaited(cast):
    restored(punished(cast.li, ONE_YEAR, "2025-07-01"), cast.secretary, "2026-07-01")
    assert rows(cast.li, CategoryKind.AWAITING_RIGHTS) == []


@pytest.mark.django_db
def test_an_extension_moves_the_end_of_the_same_row(cast):
    entry = punished(cast.li, ONE_YEAR, "2025-07-01")
    row = Category.objects.get(person=cast.li, grade=ONE_YEAR)
    amended(entry, extended_on="2026-06-30")
    row.refresh_from_db()
    assert str(row.until) == "2027-07-02"
    assert rows(cast.li, CategoryKind.AWAITING_RIGHTS) == [("", "2027-07-02", "…")]


@pytest.mark.django_db
def test_two_open_ends_of_one_member_stand_beside_each_other(cast):
    made = [punished(cast.li, ONE_YEAR, "2025-07-01"), punished(cast.li, TWO_YEARS, "2026-01-05")]
    assert ends(*made) == ["…", "…"]
    assert rows(cast.li, CategoryKind.AWAITING_RIGHTS) == [("", "2026-07-02", "2028-01-06"), ("", "2028-01-06", "…")]
    assert {code for code, register in REGISTERS.items() if register.several} == {
        code for code in SEVERAL if code in REGISTERS
    }


@pytest.mark.django_db
def test_what_was_entered_by_hand_makes_room(cast):
    Category.objects.create(person=cast.li, kind="disciplined", since=d("2026-01-01"), basis="会议", source="登记")
    punished(cast.li, "警告", "2026-03-10")
    assert rows(cast.li) == [("", "2026-01-01", "2026-03-10"), ("警告", "2026-03-10", "2027-03-11")]


@pytest.mark.django_db
def test_a_death_ends_it_and_later_rows_are_not_begun_for_the_dead(cast):
    entry = punished(cast.li, ONE_YEAR, "2026-01-05")
    register_event(by=None, person=cast.li, kind=EventKind.DEATH, occurred_on=d("2026-11-02"), today=TODAY)
    assert list(Entry.objects.running(TODAY)) == []
    withdraw_entry(by=None, entry=entry, reason="登错了", today=TODAY)
    assert rows(cast.li) == []
    punished(cast.li, ONE_YEAR, "2026-01-05")
    assert rows(cast.li) == [(ONE_YEAR, "2026-01-05", "2027-01-06")]


@pytest.mark.django_db
def test_the_board_asks_what_the_days_say_and_the_steps_close_it(cast):
    adopt_pack(cast.committee, whole=True)
    watched = punished(cast.li, ONE_YEAR, "2025-12-15")
    waiting = punished(cast.zhao, ONE_YEAR, "2025-11-01")
    sweep_on(TODAY)
    [expiry] = Duty.objects.filter(member=cast.li, rule__code="rights-expiry")
    assert (expiry.due_on, expiry.state) == (d("2026-12-15"), State.OPEN)
    [reminder] = Duty.objects.filter(member=cast.zhao, rule__code="rights-reminder", opens_on__lte=TODAY,
                                     closes_on__gte=TODAY)  # fmt: skip
    assert {each.rule.code for each in Duty.objects.filter(member=cast.zhao, state=State.OPEN)} >= {
        "discipline-contact", "discipline-talks",
    }  # fmt: skip
    for entry in (watched, waiting):
        stepped(entry, "2026-11-20", cast.secretary)
    expiry.refresh_from_db()
    reminder.refresh_from_db()
    assert (expiry.state, reminder.state) == (State.DONE, State.DONE)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        (("最重的", "2026-03-10", {}), "grade", "请从列表里选"),
        (("警告", "2026-12-10", {}), "since", "晚于今天"),
        (("警告", "2026-03-10", {"decided_on": "2026-03-20"}), "decided_on", "处分从决定那天生效"),
        (("警告", "2026-03-10", {"announced_on": "2026-03-01"}), "announced_on", "早于决定日期"),
        (("警告", "2026-03-10", {"announced_on": "2027-03-01"}), "announced_on", "晚于今天"),
        (("警告", "2026-03-10", {"extended_on": "2026-05-01"}), "extended_on", "只有留党察看一年可以延长"),
        ((TWO_YEARS, "2026-03-10", {"extended_on": "2026-05-01"}), "extended_on", "只有留党察看一年可以延长"),
        ((ONE_YEAR, "2026-03-10", {"extended_on": "2026-03-01"}), "extended_on", "早于生效"),
        (("警告", "2026-03-10", {"ends_on": "2027-01-01"}), "ends_why", "请写核定的依据"),
        (("警告", "2026-03-10", {"ends_on": "2026-01-01", "ends_why": "核定"}), "ends_on", "不能早于处分生效日"),
        (("开除党籍", "2026-03-10", {"ends_on": "2027-01-01", "ends_why": "核定"}), "ends_on", "没有影响期"),
    ],
)  # fmt: skip
def test_what_cannot_be_gets_a_sentence(cast, given, field, said):
    grade, since, facts = given
    assert said in str(refusal(lambda: punished(cast.li, grade, since, **facts))[field])
    assert rows(cast.li) == []


@pytest.mark.django_db
def test_the_same_punishment_is_entered_once(cast):
    punished(cast.li, "警告", "2026-03-10")
    assert "已经登记过" in str(refusal(lambda: punished(cast.li, "警告", "2026-03-10"))["since"])


@pytest.mark.django_db
def test_a_probationary_member_reads_what_there_is_instead(cast):
    young = member("预备甲", cast.branch, since=date(2026, 1, 5), standing=Standing.PROBATIONARY)
    said = str(refusal(lambda: punished(young, "警告", "2026-03-10"))["since"])
    assert "延长预备期" in said
    assert "取消预备党员资格" in said


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("call", "field", "said"),
    [
        (lambda e, who: stepped(e, "2026-12-01", who), "on", "到今天之间"),
        (lambda e, who: stepped(stepped(e, "2026-07-05", who), "2026-07-03", who), "on", "要在 2026-07-05"),
        (lambda e, who: stepped(e, "2026-07-05"), "people", "谁办的"),
        (lambda e, who: step_entry(
            by=None, entry=e, code="application", on=d("2026-07-05"), people=[who], note=" ", today=TODAY
        ),
         "note", "请写一句"),
        (lambda e, who: step_entry(
            by=None, entry=e, code="vote", on=d("2026-07-05"), people=[who], note="通过", today=TODAY
        ), "__all__", "还没有轮到"),
        (lambda e, who: amended(restored(e, who, "2026-07-05"), extended_on="2026-06-01"), "extended_on", "不能再延长"),
        (lambda e, who: unstep_entry(by=None, entry=e, today=TODAY), "__all__", "还没有办过"),
    ],
)  # fmt: skip
def test_steps_that_cannot_be_get_a_sentence(cast, call, field, said):
    entry = punished(cast.li, ONE_YEAR, "2025-07-01")
    assert said in str(refusal(lambda: call(entry, cast.secretary))[field])


@pytest.mark.django_db
def test_a_warning_has_no_way_back_to_go(cast):
    entry = punished(cast.li, "警告", "2026-03-10")
    assert RESTORING.of(entry) == []
    assert "已经办过" in str(refusal(lambda: stepped(entry, "2026-07-05", cast.secretary)))


@pytest.mark.django_db
def test_what_is_known_is_sealed_at_rest(cast):
    entry = stepped(punished(cast.li, ONE_YEAR, "2025-07-01"), "2026-07-05", cast.secretary)
    [raw] = Entry.objects.extra(select={"raw": "private"}).values_list("raw", flat=True)
    assert "违反工作纪律" not in raw
    assert "办妥" not in raw
    assert "办妥" not in str(entry.facts)
