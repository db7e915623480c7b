"""Dates known only to the month or the year: kept as they are known, shown so, never put above what is known better."""

from datetime import date

import pytest
from django.urls import reverse

from base.dates import DAWN
from base.facts import Fact
from members.enums import Precision
from members.models import Person
from members.roster import apply
from members.roster.apply import import_roster, read_roster
from tests.members.sheets import HEADINGS, id_number, roster_row, workbook
from tests.world import account

TODAY = date(2026, 11, 23)
D, M, Y = Precision.DAY, Precision.MONTH, Precision.YEAR


def bring(*rows, headings=HEADINGS):
    sheet = read_roster(workbook(rows, headings=headings))
    return import_roster(by=None, sheet=sheet, as_of=TODAY, today=TODAY)


def joined(name="王强") -> tuple:
    someone = Person.objects.get(name=name)
    return someone.joined_on, someone.joined_precision


@pytest.mark.parametrize(
    ("written", "day", "precision", "code"),
    [
        ("2005-06-10", date(2005, 6, 10), D, None),
        ("2005.06", date(2005, 6, 1), M, "month_only"),
        ("2005年6月", date(2005, 6, 1), M, "month_only"),
        ("2005", date(2005, 1, 1), Y, "year_only"),
        (2005, date(2005, 1, 1), Y, "year_only"),
    ],
)
def test_a_date_is_kept_as_exactly_as_it_is_written(cast, written, day, precision, code):
    plan = bring(roster_row(加入党组织日期=written))
    assert joined() == (day, precision)
    assert [f.code for f in plan.findings] == ([code] if code else [])
    assert Person.objects.get(name="王强").full_precision == D


@pytest.mark.parametrize(
    ("known", "written", "stays"),
    [
        ("2005-06-10", "2005.06", (date(2005, 6, 10), D)),
        ("2005-06-10", "2005", (date(2005, 6, 10), D)),
        ("2005.06", "2005", (date(2005, 6, 1), M)),
        ("2005.06", "2005-06-10", (date(2005, 6, 10), D)),
        ("2005.06", "2005-06-01", (date(2005, 6, 1), D)),
        ("2005", "2005.06", (date(2005, 6, 1), M)),
        ("2005", "2005.01", (date(2005, 1, 1), M)),
        ("2005-06-10", "2005.05", (date(2005, 5, 1), M)),
        ("2005.06", "2004", (date(2004, 1, 1), Y)),
    ],
)
def test_what_is_known_better_is_not_written_over_by_less(cast, known, written, stays):
    bring(roster_row(加入党组织日期=known))
    plan = bring(roster_row(加入党组织日期=written))
    assert joined() == stays
    again = bring(roster_row(加入党组织日期=written))
    assert again.report().counts()["unchanged"] == 1
    assert plan.report().counts()["updated"] == (stays != DAYS[known])


DAYS = {"2005-06-10": (date(2005, 6, 10), D), "2005.06": (date(2005, 6, 1), M), "2005": (date(2005, 1, 1), Y)}


def test_a_change_shows_each_date_as_it_is_known(cast):
    bring(roster_row(加入党组织日期="2005.06"))
    plan = bring(roster_row(加入党组织日期="2005-06-10"))
    assert [(change.label, change.old, change.new) for change in plan.rows[0].changes] == [
        ("入党日期", "2005年6月", "2005-06-10")
    ]


def test_knowing_the_same_day_more_exactly_is_told_to_the_engine(cast, monkeypatch):
    bring(roster_row(加入党组织日期="2005.06"))
    told = []
    monkeypatch.setattr(apply, "facts_changed", lambda kind, *, since, people: told.append((kind, since, len(people))))
    bring(roster_row(加入党组织日期="2005-06-01"))
    assert told == [(Fact.PERSON, DAWN, 1)]


@pytest.mark.parametrize(
    ("born", "kept", "code"),
    [
        ("1980.05", (date(1980, 5, 1), D), "month_only"),
        ("1980", (date(1980, 5, 1), D), "year_only"),
        ("1980.06", (date(1980, 6, 1), M), "birth_conflict"),
        ("1979", (date(1979, 1, 1), Y), "birth_conflict"),
    ],
)
def test_a_month_of_birth_is_completed_by_the_identity_number(cast, born, kept, code):
    plan = bring([*roster_row(), born], headings=(*HEADINGS, "出生日期"))
    someone = Person.objects.get(name="王强")
    assert (someone.birth_on, someone.birth_precision) == kept
    assert plan.findings[-1].code == code
    assert plan.findings[-1].level == ("warning" if code == "birth_conflict" else "repaired")


@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        ("2005-06-20", "2005.06", False),
        ("2005-06-20", "2005", False),
        ("2005.06", "2006.07", False),
        ("2005-06-20", "2005.05", True),
        ("2005.06", "2005-05-31", True),
        ("2005", "2004.12", True),
    ],
)
def test_only_what_cannot_be_is_refused_of_a_month_or_year(cast, first, second, refused):
    plan = bring(roster_row(加入党组织日期=first, 转为正式党员日期=second))
    assert [f.code for f in plan.findings if f.level == "error"] == (["full_before_join"] if refused else [])
    assert "unusual_probation" not in [f.code for f in plan.findings]


@pytest.mark.parametrize(
    ("written", "code"), [("1998.05", None), ("1998.04", "minor_join"), ("1998", None), ("1997", "minor_join")]
)
def test_eighteen_is_judged_by_the_last_day_it_may_have_been(cast, written, code):
    plan = bring(roster_row(加入党组织日期=written, 转为正式党员日期="2000-06-10"))
    assert [f.code for f in plan.findings if f.column == "加入党组织日期"][1:] == ([code] if code else [])


def test_the_running_month_is_no_future(cast):
    row = {"人员类别": "预备党员", "转为正式党员日期": None}
    assert bring(roster_row(加入党组织日期="2026.11", **row)).refused == []
    assert [f.code for f in bring(roster_row("李丽", 2, 加入党组织日期="2026.12", **row)).findings][-1] == "future_join"


def test_pages_show_the_month_and_no_day(cast, sign_in):
    bring(roster_row(加入党组织日期="2005.06", 转为正式党员日期="2006"))
    someone = Person.objects.get(name="王强")
    page = sign_in(account(cast.clerk)).get(reverse("member", args=[someone.pk])).content.decode()
    assert "<dt>入党</dt><dd>2005年6月</dd>" in page
    assert "<dt>转正</dt><dd>2006年</dd>" in page
    assert "6 月<span" in page
    assert "2005-06-01" not in page
    listed = sign_in(account(cast.secretary)).get(reverse("members")).content.decode()
    assert "2005年6月" in listed


@pytest.mark.parametrize("name", ["䶮㛃", "李𬱖", "买买提·艾力", "阿卜杜拉•麦麦提", "葛\U000e0100强"])
def test_rare_names_and_interpuncts_are_kept_whole(cast, name):
    plan = bring(roster_row(name))
    assert (Person.objects.holding(id_number(1)).get().name, plan.findings) == (name, [])


@pytest.mark.parametrize("mark", ["\u200b", "\u00a0", "　", "\u202e", "\u2067", "\ufeff"])
def test_unseen_characters_go_and_it_is_said(cast, mark):
    plan = bring(roster_row(f"王{mark}强", 联系电话=f"138{mark}00000001"))
    someone = Person.objects.holding(id_number(1)).get()
    assert (someone.name, someone.phone) == ("王强", "13800000001")
    assert ("姓名", "spaces_in_name") in [(f.column, f.code) for f in plan.findings]
