"""The time line of a member: when categories of care and ties began and ended, and to whom. Today is 2026-11-23."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from base.dates import DAWN, FAR
from duties.board.timeline import story
from duties.engine.models import Duty
from members.enums import CategoryKind, TieKind
from members.models import Category, Tie
from tests.duties.acts import adopt_pack, sweep_on
from tests.duties.reading import body, plain
from tests.world import account

TODAY = date(2026, 11, 23)
pytestmark = pytest.mark.django_db


def told(person, reader) -> list[tuple]:
    """What the time line tells the reader about categories and ties, newest first."""
    entries = story(reader, person, person.memberships.get().path, TODAY, died_on=None).entries
    return [(str(entry.on), entry.label, entry.text) for entry in entries if entry.kind == "bond"]


def belongs(person, kind, since, until=FAR, grade=""):
    Category.objects.create(person=person, kind=kind, since=since, until=until, grade=grade)


def test_a_category_begins_changes_its_grade_and_ends(cast):
    changed = date(2026, 6, 1)
    belongs(cast.li, CategoryKind.HARDSHIP, date(2026, 1, 5), changed, "三级")
    belongs(cast.li, CategoryKind.HARDSHIP, changed, date(2026, 10, 1), "二级")
    belongs(cast.li, CategoryKind.ELDERLY, DAWN)
    belongs(cast.li, CategoryKind.ELDERLY, date(2026, 11, 24))
    kind = CategoryKind.HARDSHIP.label
    assert told(cast.li, account(cast.secretary)) == [
        ("2026-09-30", "调出", f"{kind}（二级）"),
        ("2026-06-01", "等次调整", f"{kind}：三级改为二级"),
        ("2026-01-05", "列入", f"{kind}（三级）"),
    ]


def test_a_sensitive_category_has_its_name_for_those_alone_who_may_know_of_it(cast):
    belongs(cast.li, CategoryKind.SERIOUS_ILLNESS, date(2026, 1, 5), date(2026, 7, 5), "二档")
    named, hidden = CategoryKind.SERIOUS_ILLNESS.label, "关怀对象"
    assert told(cast.li, account(cast.secretary)) == [
        ("2026-07-04", "调出", f"{named}（二档）"), ("2026-01-05", "列入", f"{named}（二档）"),
    ]  # fmt: skip
    for other in (account(cast.commissioner), account(cast.li)):
        assert told(cast.li, other) == [("2026-07-04", "调出", hidden), ("2026-01-05", "列入", hidden)]


def test_a_sanction_that_is_over_is_told_by_the_committees_own_alone(cast):
    belongs(cast.li, CategoryKind.DISCIPLINED, date(2026, 1, 5), date(2026, 7, 5), "警告")
    for other in (account(cast.secretary), account(cast.commissioner), account(cast.li)):
        assert told(cast.li, other) == []
    named = CategoryKind.DISCIPLINED.label
    assert told(cast.li, account(cast.clerk)) == [
        ("2026-07-04", "调出", f"{named}（警告）"), ("2026-01-05", "列入", f"{named}（警告）"),
    ]  # fmt: skip


def test_grades_of_a_sensitive_category_are_told_no_more_than_its_name(cast):
    belongs(cast.li, CategoryKind.DISCIPLINED, date(2026, 1, 5), date(2026, 7, 5), "警告")
    belongs(cast.li, CategoryKind.DISCIPLINED, date(2026, 7, 5), FAR, "严重警告")
    assert told(cast.li, account(cast.commissioner)) == [("2026-01-05", "列入", "关怀对象")]


def test_ties_begin_and_end(cast):
    Tie.objects.create(
        person=cast.li, kind=TieKind.PAIRING, to=cast.zhao, since=date(2026, 3, 1), until=date(2026, 9, 1)
    )
    Tie.objects.create(person=cast.li, kind=TieKind.SENDER, to_organisation=cast.sibling, since=date(2026, 4, 1))
    assert told(cast.li, account(cast.secretary)) == [
        ("2026-08-31", "结对结束", "赵秀兰"),
        ("2026-04-01", "派出单位", "河源第二党支部"),
        ("2026-03-01", "结对", "赵秀兰"),
    ]


def test_the_page_can_be_narrowed_to_them_and_costs_the_same_for_fifty(cast, sign_in):
    browser, page = sign_in(account(cast.secretary)), f"/members/{cast.li.pk}/?show=bond"

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            browser.get(page)
        return len(queries)

    for _ in range(2):
        belongs(cast.li, CategoryKind.HARDSHIP, date(2026, 1, 5), date(2026, 2, 5), "三级")
        Tie.objects.create(person=cast.li, kind=TieKind.PAIRING, to=cast.zhao, since=date(2026, 3, 1))
        asked()
    few = asked()
    shown = plain(body(browser.get(page)))
    assert f"列入 {CategoryKind.HARDSHIP.label}（三级）" in shown
    assert "结对 赵秀兰" in shown
    for model in (Category, Tie):
        row = model.objects.first()
        model.objects.bulk_create(
            model(**{field.attname: getattr(row, field.attname) for field in row._meta.fields if field.name != "id"})
            for _ in range(50)
        )
    assert asked() == few


def test_duties_that_a_past_sanction_made_are_told_by_the_committees_own_alone(cast):
    adopt_pack(cast.committee, whole=True)
    belongs(cast.li, CategoryKind.DISCIPLINED, date(2026, 1, 5), date(2026, 7, 5), "警告")
    sweep_on(TODAY)
    Duty.objects.filter(member=cast.li, rule__code="discipline-talks").update(state="void", closed_on=TODAY)
    assert Duty.objects.filter(member=cast.li, state="void").exists()

    def ends(reader) -> list[str]:
        path = cast.li.memberships.get().path
        return [each.text for each in story(reader, cast.li, path, TODAY, died_on=None).entries if each.kind == "end"]

    assert ends(account(cast.secretary)) == []
    assert "定期回访" in "".join(ends(account(cast.clerk)))
