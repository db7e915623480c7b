"""困难党员: income a head, what lapsed, stages, the plan with its tasks, and the three outcomes of a review."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from care.entries import Given, amend_entry, close_entry, open_entry, recognise_entry, review_entry, source_of
from care.models import Entry
from care.registers import REGISTERS
from care.registers.difficulty import OUT, income_of
from care.stages import stages_of
from duties.engine.models import Duty, Record
from duties.policy.adoption import adopt
from duties.policy.packs import load_pack
from duties.tasks import TaskState, assign_task, tasks_of
from members.enums import EventKind
from members.models import Event
from tests.duties.acts import sweep_on
from tests.members.office import once_key
from tests.world import account

TODAY = date(2026, 11, 23)
SINCE, RECOGNISED = date(2026, 3, 2), date(2026, 5, 25)
DIFFICULTY = REGISTERS["difficulty"]
FAMILY = [
    {"name": "吴春梅", "relation": "spouse", "born": "1973-02", "health": "serious", "work": "无业", "income": 0},
    {"name": "张伟", "relation": "son", "born": "2006-05", "health": "healthy", "work": "", "income": 0},
    {"name": "李桂兰", "relation": "mother", "born": "1944", "health": "", "work": "", "income": 46000},
]  # fmt: skip
FACTS = {
    "causes": ["family_illness", "unskilled"], "main_cause": "family_illness", "civil": "borderline",
    "civil_until": "2026-10-31", "own_income": 320000, "family": FAMILY, "detail": "配偶透析", "benefits": [],
}  # fmt: skip
pytestmark = pytest.mark.django_db


@pytest.fixture
def ruled(cast):
    """The cast under the working rules."""
    adopt(by=None, organisation=cast.committee, policy=load_pack("working-rules"), since=date(2026, 1, 1), today=TODAY)
    return cast


@pytest.fixture
def secretary(cast, sign_in):
    return sign_in(account(cast.secretary))


def opened(cast, *, recognised: bool = True, on: date = RECOGNISED, **facts) -> Entry:
    given = Given(FACTS | facts, "比较困难")
    entry = open_entry(by=None, register=DIFFICULTY, person=cast.li, since=SINCE, given=given, today=TODAY)
    if recognised:
        recognise_entry(by=None, entry=entry, on=on, organisation="局党委", grade="", today=TODAY)
    return Entry.objects.select_related("person").get(pk=entry.pk)


def owed(person) -> list[tuple]:
    rows = Duty.objects.filter(member=person, rule__code="hardship-review").order_by("due_on")
    return [(duty.due_on, str(duty.state)) for duty in rows]


def review(cast) -> None:
    entry = Entry.objects.select_related("person").get(person=cast.li)
    review_entry(by=None, entry=entry, on=TODAY, people=[cast.secretary], note="上门", today=TODAY)


# What is worked out


@pytest.mark.parametrize(
    ("own", "others", "each"),
    [
        (320000, (0, 0, 46000), 91500),
        (100, (0, 0), 33),
        (200, (0, 0), 67),
        (1, (0,), 1),
        (0, (), 0),
        (None, (0,), None),
        (100, (None,), None),
    ],
)
def test_income_a_head_is_in_whole_fen_and_unknown_while_somebodys_is(own, others, each):
    assert income_of({"own_income": own, "family": [{"income": one} for one in others]}).each == each


def test_the_page_shows_the_sum_what_lapsed_and_who_has_a_relatives_name(cast, secretary):
    page = secretary.get(reverse("entry", args=[opened(cast).pk])).text
    assert "915.00 元（本人 3200.00 ＋ 家庭成员 460.00 ＝ 3660.00，÷ 4 人）" in page
    assert "低保边缘家庭（已于 2026-10-31 到期）" in page
    assert "张伟。如果是同一人" in page
    assert "家庭成员重病、劳动技能不强" in page


def test_what_has_not_lapsed_is_not_said_to_and_an_income_not_known_is_said(cast, secretary):
    entry = opened(cast, civil_until="2026-11-23", family=[FAMILY[0] | {"income": None}])
    page = secretary.get(reverse("entry", args=[entry.pk])).text
    assert "到期）" not in page
    assert "2 口人里有 1 人没有填月收入" in page


def test_income_and_relatives_are_for_those_who_care_alone(cast, sign_in):
    page = sign_in(account(cast.commissioner)).get(reverse("entry", args=[opened(cast).pk])).text
    assert "915.00" not in page
    assert "李桂兰" not in page
    assert "低保边缘家庭（已于" in page


@pytest.mark.parametrize(
    ("facts", "field", "words"),
    [
        ({"main_cause": "disaster"}, "main_cause", "没有在致困原因里勾选"),
        ({"civil": ""}, "civil_until", "请选民政认定类别"),
        ({"benefits": [{"kind": "medical", "since": "2026-05-01", "last": "2026-04-01"}]}, "benefits", "早于起"),
    ],
)
def test_facts_that_contradict_each_other_are_refused(cast, facts, field, words):
    with pytest.raises(ValidationError) as no:
        opened(cast, **facts)
    assert words in "".join(no.value.message_dict[field])


# Stages


def stages(entry) -> list[tuple]:
    changes = list(entry.changes.select_related("by").order_by("-pk"))
    return [(each.title, each.state) for each in stages_of(DIFFICULTY, entry, changes, 2, TODAY)]


def test_the_stages_say_how_far_an_entry_has_come(cast):
    entry = opened(cast, recognised=False)
    assert stages(entry) == [
        ("支部登记", "past"), ("组织认定", "now"), ("帮扶中", ""), ("复核", ""), ("脱困", ""),
    ]  # fmt: skip
    entry = recognise_entry(by=None, entry=entry, on=RECOGNISED, organisation="局党委", grade="", today=TODAY)
    assert [each for each in stages(entry) if each[1] == "now"] == [("帮扶中", "now"), ("复核", "now")]
    ended = close_entry(by=None, entry=entry, last=TODAY.replace(day=22), why=OUT, note="", today=TODAY)
    assert stages(ended) == [
        ("支部登记", "past"), ("组织认定", "past"), ("帮扶中", "past"), ("复核", ""), ("脱困", "past"),
    ]  # fmt: skip


# The plan


def test_a_task_given_from_the_entry_stands_in_its_plan_and_is_a_duty(ruled, secretary):
    entry = opened(ruled)
    page = reverse("entry_task", args=[entry.pk])
    sent = {"member": ruled.li.pk, "what": "协调助学贷款", "to": ruled.commissioner.pk, "due_on": "2026-12-20"}
    key = once_key(secretary.get(page))
    for _click in range(2):
        said = secretary.post(page, sent | {"once": key}, follow=True)
    assert said.redirect_chain[-1][0] == reverse("entry", args=[entry.pk])
    [task] = tasks_of(source_of(entry), today=TODAY)
    assert (task.state, task.event.addressee, task.event.duties.count()) == (TaskState.OPEN, ruled.commissioner, 1)
    assert "协调助学贷款" in secretary.get(reverse("entry", args=[entry.pk])).text


def test_without_a_policy_a_task_is_refused_in_a_sentence_and_nothing_is_lost(cast, secretary):
    entry = opened(cast)
    sent = {"member": cast.li.pk, "what": "协调助学贷款", "to": cast.commissioner.pk, "due_on": "2026-12-20"}
    said = secretary.post(reverse("entry_task", args=[entry.pk]), sent)
    assert said.status_code == 422
    assert "还没有采用制度" in said.text
    assert "协调助学贷款" in said.text
    assert not Event.objects.filter(kind=EventKind.TASK).exists()


# Reviews


def test_each_who_is_recognised_is_to_be_reviewed_every_half_year(ruled):
    opened(ruled)
    sweep_on(TODAY)
    first, second = date(2026, 11, 20), date(2027, 5, 19)
    assert owed(ruled.li) == [(first, "open"), (second, "open")]
    review(ruled)
    # A missed interval stays a gap, as with every quota; the late review is that of the next one.
    assert owed(ruled.li) == [(first, "open"), (second, "done")]


def test_an_end_with_somebody_who_looked_is_the_review_too(ruled):
    entry = opened(ruled, on=date(2026, 6, 10))
    sweep_on(TODAY)
    due = date(2026, 12, 6)
    assert owed(ruled.li) == [(due, "open")]
    looked = {"note": "配偶就业", "people": [ruled.secretary]}
    close_entry(by=None, entry=entry, last=TODAY, why=OUT, today=TODAY, **looked)
    assert owed(ruled.li) == [(due, "done")]
    assert Record.objects.get(action="review").on == TODAY


def test_who_waits_for_recognition_is_not_to_be_reviewed(ruled):
    opened(ruled, recognised=False)
    sweep_on(TODAY)
    assert owed(ruled.li) == []


def test_found_changed_is_edited_and_counts_as_the_review(ruled, secretary):
    entry = opened(ruled)
    edit = reverse("entry_edit", args=[entry.pk])
    page = secretary.get(edit, {"review": "1"})
    assert "怎么了解的" in page.text
    assert "下次复核" not in page.text
    sent = {
        "once": once_key(page), "version": entry.version, "on": "2026-11-22", "grade": "特别困难",
        "causes": ["family_illness"], "main_cause": "family_illness", "family-rows": "0", "benefits-rows": "0",
        "looked": "", "lookers": [ruled.secretary.pk],
    }  # fmt: skip
    refused = secretary.post(f"{edit}?review=1", sent)
    assert refused.status_code == 422
    assert "请写怎么了解的" in refused.text
    said = secretary.post(f"{edit}?review=1", sent | {"looked": "11-22 上门"}, follow=True)
    assert "算一次复核，下次 2027-05-21" in said.text
    entry.refresh_from_db()
    assert (entry.grade, entry.review_on) == ("特别困难", date(2027, 5, 21))
    assert Record.objects.get(action="review").on == date(2026, 11, 22)


def test_a_review_that_is_refused_changes_nothing_either(ruled, secretary):
    entry = opened(ruled)
    sent = {
        "version": entry.version, "on": "2026-11-24", "grade": "特别困难", "causes": ["other"], "family-rows": "0",
        "benefits-rows": "0", "looked": "上门", "lookers": [ruled.secretary.pk],
    }  # fmt: skip
    said = secretary.post(f"{reverse('entry_edit', args=[entry.pk])}?review=1", sent)
    assert "变化的日期要在" in said.text
    entry.refresh_from_db()
    assert (entry.grade, Record.objects.filter(action="review").count()) == ("比较困难", 0)


def test_a_review_before_the_entry_began_is_refused_on_its_form(cast, secretary):
    entry = opened(cast)
    act = reverse("entry_act", args=[entry.pk])
    sent = {"act": "review", "on": "2026-03-01", "note": "上门", "people": [cast.secretary.pk]}
    said = secretary.post(act, sent)
    assert said.status_code == 422
    assert "早于登记的 2026-03-02" in said.text


def test_ones_own_branch_does_not_recognise(cast, secretary):
    entry = opened(cast, recognised=False)
    sent = {"act": "recognise", "on": "2026-11-05", "organisation": "支部", "grade": "比较困难"}
    secretary.post(reverse("entry_act", args=[entry.pk]), sent)
    entry.refresh_from_db()
    assert entry.recognised_on is None


def test_the_page_costs_the_same_for_one_task_and_fifty(ruled, secretary):
    entry = opened(ruled)
    amend_entry(
        by=None, entry=entry, given=Given({}, "特别困难"), on=TODAY, version=entry.version, today=TODAY
    )  # fmt: skip

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert secretary.get(reverse("entry", args=[entry.pk])).status_code == 200
        return len(asked)

    assign_task(
        by=None, member=ruled.li, what="协调", to=ruled.commissioner, due_on=TODAY, source=source_of(entry), today=TODAY
    )  # fmt: skip
    cost()
    once = cost()
    Event.objects.bulk_create(
        Event(
            person=ruled.li, kind=EventKind.TASK, occurred_on=TODAY, entered_on=TODAY, addressee=ruled.commissioner,
            due_on=TODAY, note=f"第 {n} 件", source=source_of(entry),
        )
        for n in range(50)
    )  # fmt: skip
    assert cost() == once
