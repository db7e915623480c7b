"""Honours as a service: the category and event that follow, the same one twice, revoking, taking back."""

from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import ValidationError

from awards.honours import SOURCE, Granted, grant_honour, revoke_honour, withdraw_honour
from awards.models import Honour, HonourKind, Level
from base.dates import FAR
from duties.engine.models import Duty
from members.bonds import begin_category
from members.enums import CategoryKind, EventKind
from members.models import Category, Event, Tie
from tests.duties.acts import adopt_pack, die, sweep_on

TODAY = date(2026, 11, 23)
pytestmark = pytest.mark.django_db


def grant(
    world, *, on=date(2026, 6, 28), title="优秀共产党员", level=Level.UNIT, kind=HonourKind.PARTY, to=None, **more
):
    given = Granted(kind=kind, title=title, level=level, granted_by="清溪水务集团党委", granted_on=on, **more)
    return grant_honour(by=None, given=given, today=TODAY, person=to or world.li)


def categories(person):
    rows = Category.objects.filter(person=person, kind=CategoryKind.HONOUREE).order_by("grade", "since")
    return [(row.grade, row.since, row.until) for row in rows]


def test_an_honour_opens_its_grades_and_the_event_of_the_day(cast):
    honour = grant(cast, level=Level.PROVINCE)
    assert categories(cast.li) == [("优秀共产党员", date(2026, 6, 28), FAR), ("省部级", date(2026, 6, 28), FAR)]
    event = Event.objects.get(person=cast.li)
    assert (event.kind, event.occurred_on, event.source) == (EventKind.HONOUR, honour.granted_on, SOURCE)


@pytest.mark.parametrize(
    ("kind", "level", "title", "grades"),
    [
        (HonourKind.TEACHER, Level.PROVINCE, "教学名师", {"省部级", "省级教学名师"}),
        (HonourKind.TALENT, Level.NATIONAL, "杰出青年", {"国家级", "国家级人才称号"}),
        (HonourKind.PARTY, Level.BUREAU, "优秀党务工作者", {"厅局级", "优秀党务工作者"}),
        (HonourKind.PARTY, Level.BRANCH, "优秀共产党员", set()),
        (HonourKind.PRAISE, Level.PROVINCE, "通报表扬", set()),
    ],
)
def test_which_grades_follow_from_which_honour(cast, kind, level, title, grades):
    grant(cast, kind=kind, level=level, title=title)
    assert {grade for grade, _since, _until in categories(cast.li)} == grades


def test_a_praise_is_a_praise_among_the_events(cast):
    grant(cast, kind=HonourKind.PRAISE, title="通报表扬")
    assert Event.objects.get(person=cast.li).kind == EventKind.COMMENDATION


def test_the_same_honour_twice_is_refused(cast):
    grant(cast)
    with pytest.raises(ValidationError) as refused:
        grant(cast)
    assert refused.value.message_dict == {"title": ["2026-06-28 的“优秀共产党员”已登记过，没有再记一条。"]}
    assert Honour.objects.count() == 1


def test_spaces_within_and_full_width_letters_make_no_other_honour(cast):
    """Nor do they keep from the grade that the title names."""
    honour = grant(cast, title="优秀 共产党员", level=Level.PROVINCE)
    assert set(honour.grades) == {"省部级", "优秀共产党员"}
    for title in ("优秀共产党员", "优秀　共产党员 "):
        with pytest.raises(ValidationError, match="没有再记一条"):
            grant(cast, title=title, level=Level.PROVINCE)
    grant(cast, title="优秀共产党员", level=Level.UNIT)


def test_an_organisation_is_honoured_from_its_founding_on(cast):
    cast.branch.founded_on = date(2009, 7, 1)
    cast.branch.save()
    given = Granted(HonourKind.PARTY, "先进党支部", Level.UNIT, "局党委", date(2009, 6, 30))
    with pytest.raises(ValidationError, match="授予日期 2009-06-30 早于河源第一党支部成立的 2009-07-01"):
        grant_honour(by=None, given=given, today=TODAY, organisation=cast.branch)
    on_time = replace(given, granted_on=date(2009, 7, 1))
    assert grant_honour(by=None, given=on_time, today=TODAY, organisation=cast.branch)


def test_revoked_it_stays_to_be_read_and_its_grades_end(cast):
    grant(cast, on=date(2026, 3, 1), level=Level.COUNTY)
    second = grant(cast, level=Level.PROVINCE)
    revoke_honour(by=None, honour=second, on=date(2026, 9, 1), reason="豫组〔2026〕9号", today=TODAY)
    assert categories(cast.li) == [
        ("优秀共产党员", date(2026, 3, 1), FAR), ("县处级", date(2026, 3, 1), FAR),
        ("省部级", date(2026, 6, 28), date(2026, 9, 1)),
    ]  # fmt: skip
    with pytest.raises(ValidationError):
        revoke_honour(by=None, honour=second, on=date(2026, 9, 1), reason="again", today=TODAY)


def test_taken_back_nothing_of_it_is_left(cast):
    first = grant(cast, on=date(2026, 3, 1))
    second = grant(cast)
    withdraw_honour(by=None, honour=first, reason="填错了人", today=TODAY)
    assert {since for _grade, since, _until in categories(cast.li)} == {date(2026, 6, 28)}
    assert list(Event.objects.standing().values_list("occurred_on", flat=True)) == [second.granted_on]
    withdraw_honour(by=None, honour=second, reason="填错了人", today=TODAY)
    assert categories(cast.li) == []


def test_what_was_entered_by_hand_in_the_same_grade_makes_room(cast):
    for grade in ("本单位", "厅级以上"):
        begin_category(
            person=cast.li, kind=CategoryKind.HONOUREE, grade=grade, since=date(2026, 1, 1), basis="文件", today=TODAY
        )
    grant(cast)
    assert [row[:2] for row in categories(cast.li)] == [
        ("优秀共产党员", date(2026, 6, 28)), ("厅级以上", date(2026, 1, 1)), ("本单位", date(2026, 6, 28)),
    ]  # fmt: skip


def test_an_honour_of_before_the_roster_counts_from_the_first_known_day(cast):
    grant(cast, on=date(1998, 7, 1), kind=HonourKind.WORK, title="劳动模范", level=Level.NATIONAL)
    [(grade, since, until)] = categories(cast.li)
    assert (grade, until) == ("国家级", FAR)
    assert since == cast.li.memberships.order_by("since").first().since


def test_the_dead_are_not_granted_what_came_after(cast):
    die(cast.li, date(2026, 5, 1))
    with pytest.raises(ValidationError, match="请注明“追授”"):
        grant(cast)
    grant(cast, on=date(2026, 4, 1))
    assert ("优秀共产党员", date(2026, 4, 1), FAR) in categories(cast.li)


def test_who_granted_it_is_tied_once(cast):
    for on in (date(2026, 3, 1), date(2026, 6, 28)):
        grant(cast, on=on, grantor=cast.committee)
    assert Tie.objects.filter(person=cast.li, to_organisation=cast.committee).count() == 1


def test_two_grades_that_a_rule_names_owe_what_one_does(cast):
    """The rule names both grades; whoever holds both is owed each visit once, and a second sweep changes nothing."""
    adopt_pack(cast.committee, whole=True)
    grant(cast, level=Level.PROVINCE, on=date(2026, 3, 1), title="劳动模范")
    sweep_on(TODAY)
    one = owed(cast)
    assert "honouree-july" in {code for code, *_ in one}
    grant(cast, level=Level.BUREAU, on=date(2026, 3, 1), title="先进工作者")
    sweep_on(TODAY)
    assert owed(cast) == one
    sweep_on(TODAY)
    assert owed(cast) == one


def owed(cast) -> list[tuple]:
    rows = Duty.objects.filter(member=cast.li, rule__code__startswith="honouree")
    return sorted(rows.values_list("rule__code", "key", "state", "opens_on", "due_on"))
